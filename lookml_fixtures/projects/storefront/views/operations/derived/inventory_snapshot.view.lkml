include: "../inventory_items.view"
include: "../warehouses.view"

# Stock at the end of the night, published for the planning team's notebooks.
view: inventory_snapshot {
  derived_table: {
    sql_trigger_value: SELECT CURRENT_DATE() ;;
    publish_as_db_view: yes
    sql:
      SELECT
        CURRENT_DATE() AS snapshot_on,
        warehouse_id,
        product_id,
        COUNT(*) AS units_on_hand,
        SUM(cost) AS stock_value
      FROM ${inventory_items.SQL_TABLE_NAME}
      WHERE picked_at IS NULL
      GROUP BY warehouse_id, product_id ;;
  }

  dimension: snapshot_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(CAST(${warehouse_id} AS STRING), '-', CAST(${product_id} AS STRING)) ;;
  }

  dimension: snapshot_on {
    label: "Snapshot Date"
    type: date
    datatype: date
    convert_tz: no
  }

  dimension: warehouse_id {
    hidden: yes
    type: number
  }

  dimension: product_id {
    type: number
    value_format_name: id
  }

  measure: units_on_hand {
    type: sum
  }

  measure: stock_value {
    type: sum
    value_format_name: usd_compact
    required_access_grants: [can_see_margin]
  }
}

explore: inventory_snapshot {
  group_label: "Operations"
  description: "Stock by warehouse and product as of last night."

  join: warehouses {
    foreign_key: warehouse_id
  }
}
