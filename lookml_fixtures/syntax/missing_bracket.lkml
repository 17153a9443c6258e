view: orders {
  drill_fields: [id, status
  dimension: id {}
  dimension: status { suggestions: ["a", "b" }
}
