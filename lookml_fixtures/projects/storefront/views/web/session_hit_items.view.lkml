# Products shown or bought in a hit: repeated record items, one level below sessions.hits.
view: session_hit_items {
  label: "Hit Products"

  dimension: item_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(${session_hits.hit_key}, '-', ${sku}) ;;
  }

  dimension: sku {
    label: "SKU"
    type: string
    sql: ${TABLE}.sku ;;
  }

  dimension: quantity {
    type: number
    sql: ${TABLE}.quantity ;;
  }

  measure: units {
    label: "Number of Units"
    type: sum
    sql: ${quantity} ;;
  }
}
