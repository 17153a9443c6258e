# One row per physical unit.
view: inventory_items {
  sql_table_name:
    -- if prod -- `storefront-prod.logistics.inventory_items`
    -- if dev -- `storefront-dev.logistics.inventory_items_sample`
  ;;

  dimension: id {
    primary_key: yes
    type: number
    value_format_name: id
    sql: ${TABLE}.id ;;
  }

  dimension: product_id {
    hidden: yes
    type: number
    sql: ${TABLE}.product_id ;;
  }

  dimension: warehouse_id {
    hidden: yes
    type: number
    sql: ${TABLE}.warehouse_id ;;
  }

  dimension: cost {
    type: number
    value_format_name: usd
    required_access_grants: [can_see_margin]
    sql: ${TABLE}.cost ;;
  }

  dimension_group: received {
    type: time
    timeframes: [raw, date, week, month]
    sql: ${TABLE}.received_at ;;
  }

  dimension_group: picked {
    description: "When the unit was taken from the shelf for an order"
    type: time
    timeframes: [raw, date]
    sql: ${TABLE}.picked_at ;;
  }

  dimension: is_in_stock {
    type: yesno
    sql: ${picked_raw} IS NULL ;;
  }

  dimension_group: in_stock {
    description: "Up to now for units that are still there"
    type: duration
    intervals: [day, week]
    sql_start: ${received_raw} ;;
    sql_end: COALESCE(${picked_raw}, CURRENT_TIMESTAMP()) ;;
  }

  dimension: stock_age_tier {
    label: "Days in Stock (Tier)"
    type: tier
    tiers: [30, 90, 180, 360]
    style: integer
    sql: ${days_in_stock} ;;
  }

  measure: count {
    label: "Number of Units"
    type: count
    drill_fields: [id, received_date, days_in_stock]
  }

  measure: units_in_stock {
    type: count
    filters: [is_in_stock: "yes"]
  }

  measure: stock_value {
    type: sum
    value_format_name: usd_compact
    required_access_grants: [can_see_margin]
    sql: ${cost} ;;
    filters: [is_in_stock: "yes"]
  }

  measure: average_days_in_stock {
    type: average
    value_format_name: decimal_1
    sql: ${days_in_stock} ;;
  }
}
