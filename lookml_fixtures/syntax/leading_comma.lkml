view: orders {
  dimension_group: created { type: time timeframes: [, date, week] }
}
