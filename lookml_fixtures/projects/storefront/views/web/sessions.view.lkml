# Sessions as exported by the web tracker: one table a day, hits nested in the row.
# The marketing model has a different view of the same name, on the ad platform's sessions.
view: sessions {
  label: "Web Sessions"
  sql_table_name: `@{GCP_PROJECT}.web.sessions_*` ;;

  filter: session_window {
    description: "Which days to read. Keep it short: a year of sessions is 4 TB."
    type: date
    default_value: "14 days"
  }

  dimension: session_id {
    primary_key: yes
    type: string
    sql: ${TABLE}.session_id ;;
  }

  dimension: shard {
    hidden: yes
    type: string
    sql: ${TABLE}._TABLE_SUFFIX ;;
  }

  dimension: visitor_id {
    type: string
    sql: ${TABLE}.visitor_id ;;
  }

  dimension: user_id {
    hidden: yes
    type: number
    sql: SAFE_CAST(${TABLE}.user_id AS INT64) ;;
  }

  dimension: device_category {
    group_label: "Device"
    type: string
    sql: ${TABLE}.device.category ;;
  }

  dimension: browser {
    group_label: "Device"
    type: string
    sql: ${TABLE}.device.browser ;;
  }

  dimension: medium {
    group_label: "Traffic Source"
    type: string
    sql: COALESCE(${TABLE}.traffic_source.medium, '(none)') ;;
  }

  dimension_group: started {
    type: time
    timeframes: [raw, time, hour_of_day, date, week]
    sql: ${TABLE}.started_at ;;
  }

  dimension: hits {
    hidden: yes
    sql: ${TABLE}.hits ;;
  }

  dimension: is_bounce {
    description: "The visitor left after the first page"
    type: yesno
    sql: ARRAY_LENGTH(${hits}) = 1 ;;
  }

  measure: count {
    type: count
    drill_fields: [session_id, started_time, device_category, medium]
  }

  measure: visitors {
    type: count_distinct
    sql: ${visitor_id} ;;
  }

  measure: bounces {
    hidden: yes
    type: count
    filters: [is_bounce: "yes"]
  }

  measure: bounce_rate {
    type: number
    value_format_name: percent_1
    sql: SAFE_DIVIDE(${bounces}, ${count}) ;;
  }
}
