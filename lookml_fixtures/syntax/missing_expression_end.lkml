view: orders {
  dimension: id {
    sql: ${TABLE}.id
    type: number
  }
  dimension: status { sql: ${TABLE}.status ;; }
}
