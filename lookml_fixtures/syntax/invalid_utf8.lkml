view: orders {
  label: "café"
  dimension: id {}
}
