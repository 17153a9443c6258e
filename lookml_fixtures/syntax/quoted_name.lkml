view: "orders" {
  dimension: id {}
}
