view: orders {
  dimension: id {}
}
}
view: users {}
