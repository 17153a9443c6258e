# a note
view: orders {
  dimension: id {
    sql: ${TABLE}.id
      + 1 ;;
  }
}
