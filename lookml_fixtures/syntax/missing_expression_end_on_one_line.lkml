view: orders {
  dimension: id { sql: ${TABLE}.id }
  dimension: status { sql: ${TABLE}.status ;; }
}
