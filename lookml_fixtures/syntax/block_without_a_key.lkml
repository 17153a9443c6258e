view: orders {
  { fields: [id] }
  dimension: id {}
}
