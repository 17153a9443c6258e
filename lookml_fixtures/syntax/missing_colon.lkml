view: orders {
  label "Orders"
  dimension: id { type number }
}
