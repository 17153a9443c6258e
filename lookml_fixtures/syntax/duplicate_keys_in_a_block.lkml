view: orders {
  dimension: id { hidden: yes type: number hidden: no }
  dimension: status { sql: a ;; sql: b ;; }
}
view: users {}
