include: "//calendar_block/views/date_calendar.view"

# What the shop adds to the company calendar.
view: +date_calendar {
  label: "Shop Calendar"

  dimension: calendar_date {
    label: "Date"
  }

  dimension: is_sale_event {
    description: "Summer sale, Black Week, Boxing Day sale"
    type: yesno
    sql: ${TABLE}.sale_event IS NOT NULL ;;
  }

  dimension: day_type {
    type: string
    sql:
      CASE
        WHEN ${is_sale_event} THEN 'Sale event'
        WHEN ${is_holiday} OR ${is_weekend} THEN 'Weekend or holiday'
        ELSE 'Working day'
      END ;;
  }
}
