view: date_calendar {
  label: "Calendar"
  sql_table_name: @{CALENDAR_DATASET}.dim_date ;;

  dimension: calendar_date {
    primary_key: yes
    type: date
    datatype: date
    convert_tz: no
    sql: ${TABLE}.calendar_date ;;
  }

  dimension: day_of_week {
    type: number
    description: "1 is Monday"
    sql: ${TABLE}.day_of_week ;;
  }

  dimension: day_name {
    type: string
    order_by_field: day_of_week
  }

  dimension: is_weekend {
    type: yesno
    sql: ${day_of_week} IN (6, 7) ;;
  }

  dimension: holiday_name {
    type: string
  }

  dimension: is_holiday {
    type: yesno
    sql: ${holiday_name} IS NOT NULL ;;
  }

  measure: day_count {
    label: "Number of Days"
    type: count
    drill_fields: [calendar_date, day_name, holiday_name]
  }
}
