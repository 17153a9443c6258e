include: "/views/core/orders.view"
include: "/views/core/order_items.view"

# First step of the customer chain: order_totals > user_order_facts > user_segments.
view: order_totals {
  derived_table: {
    datagroup_trigger: nightly_etl
    partition_keys: ["ordered_on"]
    cluster_keys: ["user_id"]
    sql:
      SELECT
        o.id AS order_id,
        o.user_id,
        o.status,
        DATE(o.created_at) AS ordered_on,
        SUM(i.quantity) AS units,
        SUM(i.sale_price) AS revenue,
        SUM(i.sale_price - i.unit_cost * i.quantity) AS margin
      FROM ${orders.SQL_TABLE_NAME} AS o
      LEFT JOIN ${order_items.SQL_TABLE_NAME} AS i ON i.order_id = o.id
      WHERE o.status <> 'test'
        -- if dev -- AND o.created_at >= TIMESTAMP('2024-01-01')
      GROUP BY 1, 2, 3, 4 ;;
  }

  dimension: order_id {
    primary_key: yes
    type: number
    value_format_name: id
    sql: ${TABLE}.order_id ;;
  }

  dimension: user_id {
    hidden: yes
    type: number
  }

  dimension: status {
    type: string
  }

  dimension_group: ordered {
    type: time
    timeframes: [date, month, year]
    datatype: date
    convert_tz: no
    sql: ${TABLE}.ordered_on ;;
  }

  dimension: units {
    type: number
  }

  dimension: revenue {
    type: number
    value_format_name: usd
  }

  dimension: margin {
    type: number
    value_format_name: usd
    required_access_grants: [can_see_margin]
  }

  measure: count {
    type: count
    drill_fields: [order_id, ordered_date, status, units, revenue]
  }

  measure: average_units {
    type: average
    value_format_name: decimal_1
    sql: ${units} ;;
  }

  measure: median_revenue {
    type: median
    value_format_name: usd
    sql: ${revenue} ;;
  }
}
