view: orders {
  sql_table_name: shop.orders ;;

  dimension: id { primary_key: yes }

  dimension: user_id {
    sql: ${TABLE}.user_id
    type: number
  }

  dimension_group: created {
    type: time
    timeframes: [date, week]
    sql: ${TABLE}.created_at ;;
  }

  measure: count { type: count }
}
