# Sessions that came in through a tagged link, as the ad platform counts them.
view: sessions {
  label: "Campaign Sessions"
  sql_table_name: WEB.SESSIONS ;;

  dimension: session_key {
    primary_key: yes
    type: string
    sql: ${TABLE}."SESSION_KEY" ;;
  }

  dimension: visitor_key {
    hidden: yes
    type: string
    sql: ${TABLE}."VISITOR_KEY" ;;
  }

  dimension: campaign_id {
    hidden: yes
    type: string
    sql: ${TABLE}."UTM_ID" ;;
  }

  dimension: source_medium {
    type: string
    sql: ${TABLE}."UTM_SOURCE" || ' / ' || ${TABLE}."UTM_MEDIUM" ;;
  }

  dimension: has_converted {
    type: yesno
    sql: ${TABLE}."CONVERTED_AT" IS NOT NULL ;;
  }

  dimension_group: started {
    type: time
    timeframes: [raw, date, week, month]
    sql: ${TABLE}."STARTED_AT" ;;
  }

  measure: count {
    label: "Number of Sessions"
    type: count
    drill_fields: [session_key, source_medium, started_date]
  }

  measure: visitors {
    type: count_distinct
    sql: ${visitor_key} ;;
  }

  measure: converted_sessions {
    type: count
    filters: [has_converted: "yes"]
  }

  measure: conversion_rate {
    type: number
    value_format_name: percent_2
    sql: ${converted_sessions} / NULLIF(${count}, 0) ;;
  }
}
