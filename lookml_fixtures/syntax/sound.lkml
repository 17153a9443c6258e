# Every kind of parameter, sound.
include: "/views/*.view"
view: orders {
  sql_table_name: shop.orders ;;
  label: "Order #"  # a hash in a string is text
  drill_fields: [id, users.name, detail*,]
  set: detail { fields: [id, -secret] }
  dimension: 28_day_total { type: number sql: ${TABLE}."28 day" ;; }
  dimension: note { sql: case when ${TABLE}.n = '#1' then 'a' end ;; hidden: yes }
  measure: done { type: count filters: [status: "done", users.state: "-NULL"] }
  measure: old { type: count filters: { field: status value: "done" } }
  dimension: linked { link: { label: "Say \"hi\"" url: "/a?b={{ value }}" } }
}
explore: orders
explore: +orders { hidden: no }
