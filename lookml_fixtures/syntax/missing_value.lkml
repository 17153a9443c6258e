view: orders {
  label:
  dimension: id { type: }
}
