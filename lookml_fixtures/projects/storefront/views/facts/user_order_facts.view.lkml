include: "order_totals.view"

view: user_order_facts {
  label: "Customer Lifetime"

  derived_table: {
    datagroup_trigger: nightly_etl
    sql:
      SELECT
        t.user_id,
        MIN(t.ordered_on) AS first_order_on,
        MAX(t.ordered_on) AS latest_order_on,
        COUNT(*) AS lifetime_orders,
        SUM(t.revenue) AS lifetime_revenue
      FROM ${order_totals.SQL_TABLE_NAME} AS t
      WHERE t.status NOT IN ('cancelled', 'returned')
      GROUP BY t.user_id ;;
  }

  dimension: user_id {
    primary_key: yes
    hidden: yes
    type: number
    sql: ${TABLE}.user_id ;;
  }

  dimension_group: first_order {
    type: time
    timeframes: [date, month, year]
    datatype: date
    convert_tz: no
    sql: ${TABLE}.first_order_on ;;
  }

  dimension_group: latest_order {
    type: time
    timeframes: [date, month]
    datatype: date
    convert_tz: no
    sql: ${TABLE}.latest_order_on ;;
  }

  dimension: lifetime_orders {
    type: number
  }

  dimension: lifetime_revenue {
    type: number
    value_format_name: usd
  }

  dimension: is_repeat_customer {
    type: yesno
    sql: ${lifetime_orders} > 1 ;;
  }

  measure: average_lifetime_revenue {
    type: average
    value_format_name: usd
    sql: ${lifetime_revenue} ;;
  }

  measure: repeat_customers {
    type: count
    filters: [is_repeat_customer: "yes"]
  }
}
