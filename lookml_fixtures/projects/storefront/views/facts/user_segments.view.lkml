include: "user_order_facts.view"
include: "/views/core/users.view"

view: user_segments {
  label: "Customer Segment"

  derived_table: {
    datagroup_trigger: nightly_etl
    sql:
      WITH ranked AS (
        SELECT
          f.user_id,
          u.address.country AS country,
          f.lifetime_orders,
          NTILE(10) OVER (PARTITION BY u.address.country ORDER BY f.lifetime_revenue DESC) AS revenue_decile
        FROM ${user_order_facts.SQL_TABLE_NAME} AS f
        JOIN ${users.SQL_TABLE_NAME} AS u ON u.id = f.user_id
      )
      SELECT
        user_id,
        country,
        revenue_decile,
        CASE
          WHEN revenue_decile = 1 THEN 'Champion'
          WHEN lifetime_orders > 1 THEN 'Regular'
          ELSE 'One-time'
        END AS segment
      FROM ranked ;;
  }

  dimension: user_id {
    primary_key: yes
    hidden: yes
    type: number
    sql: ${TABLE}.user_id ;;
  }

  dimension: segment {
    description: "Champion: top ten percent of the country by revenue. Regular: more than one order."
    type: string
    sql: ${TABLE}.segment ;;
  }

  dimension: revenue_decile {
    description: "1 is the best tenth of the customer's country"
    type: number
    sql: ${TABLE}.revenue_decile ;;
  }

  measure: champions {
    label: "Number of Champions"
    type: count
    filters: [segment: "Champion"]
  }
}
