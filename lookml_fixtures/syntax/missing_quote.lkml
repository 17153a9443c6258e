view: orders {
  label: "Orders
  description: "All of them"
  dimension: id {}
}
view: users {}
