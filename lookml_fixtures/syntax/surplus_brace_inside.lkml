view: orders {
  dimension: id {}
  }
  dimension: status {}
}
view: users {}
