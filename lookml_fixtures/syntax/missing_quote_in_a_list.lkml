view: orders {
  dimension: status { suggestions: ["new, "done"] }
  dimension: id {}
}
