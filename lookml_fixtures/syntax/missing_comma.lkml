view: orders {
  drill_fields: [id status, total]
  measure: n { filters: [status: "a" total: "1"] }
}
