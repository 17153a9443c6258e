# Each logistics partner sees the parcels it handles, in a dataset of its own.
view: shipments {
  sql_table_name: `@{GCP_PROJECT}.{{ _user_attributes['logistics_dataset'] }}.shipments` ;;

  dimension: id {
    primary_key: yes
    label: "Shipment ID"
    type: number
    value_format_name: id
    sql: ${TABLE}.id ;;
  }

  dimension: order_id {
    hidden: yes
    type: number
  }

  dimension: warehouse_id {
    hidden: yes
    type: number
  }

  dimension: carrier {
    type: string
    sql: UPPER(${TABLE}.carrier_code) ;;
  }

  dimension: service_level {
    description: "standard, express or pickup"
    type: string
    sql: ${TABLE}.service_level ;;
  }

  dimension: tracking_number {
    type: string
    sql: ${TABLE}.tracking_number ;;
    link: {
      label: "Track"
      url: "https://track.storefront.example/{{ value }}"
    }
  }

  dimension_group: dispatched {
    type: time
    timeframes: [raw, time, date, week, month]
    sql: ${TABLE}.dispatched_at ;;
  }

  dimension_group: promised {
    type: time
    timeframes: [raw, date]
    sql: ${TABLE}.promised_at ;;
  }

  dimension_group: delivered {
    type: time
    timeframes: [raw, date, week]
    sql: ${TABLE}.delivered_at ;;
  }

  dimension_group: in_transit {
    type: duration
    intervals: [hour, day]
    sql_start: ${dispatched_raw} ;;
    sql_end: ${delivered_raw} ;;
  }

  dimension: is_late {
    description: "Delivered after the promised time, or not delivered and the promise has passed"
    type: yesno
    sql: COALESCE(${delivered_raw}, CURRENT_TIMESTAMP()) > ${promised_raw} ;;
  }

  measure: count {
    label: "Number of Shipments"
    type: count
    drill_fields: [detail*]
  }

  measure: late_count {
    label: "Number of Late Shipments"
    type: count
    filters: [is_late: "yes"]
    drill_fields: [detail*]
  }

  measure: on_time_rate {
    type: number
    value_format_name: percent_1
    sql: 1 - SAFE_DIVIDE(${late_count}, ${count}) ;;
  }

  measure: p90_hours_in_transit {
    label: "90th Percentile Time in Transit"
    type: percentile
    percentile: 90
    value_format_name: hours_1
    sql: ${hours_in_transit} ;;
  }

  measure: total_cost {
    type: sum
    value_format_name: usd_compact
    sql: ${TABLE}.cost ;;
  }

  set: detail {
    fields: [id, carrier, service_level, tracking_number, dispatched_date, delivered_date]
  }
}
