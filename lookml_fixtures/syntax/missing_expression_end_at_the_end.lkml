view: users {}
view: orders {
  sql_table_name: shop.orders
  dimension: id {}
}
