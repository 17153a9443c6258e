explore: orders {
  join: users { sql_having: ${users.count} > 1 ;; sql_on: ${a} = ${b} ;; }
}
view: orders {
  measure: n { type: count filter_expression: ${orders.total} > 1 ;; }
}
