view: orders {
  dimension: id {}

view: users {
  dimension: id {}
}
