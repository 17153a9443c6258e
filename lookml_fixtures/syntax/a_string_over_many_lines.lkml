view: orders {
  description: "One
    type: of string
    that is sound }"
  dimension: id {}
}
