include: "/views/core/order_items.view"

# Incremental: every night the last three days are rebuilt, because returns arrive late.
view: product_daily_sales {
  derived_table: {
    datagroup_trigger: nightly_etl
    increment_key: "sold_date"
    increment_offset: 3
    partition_keys: ["sold_on"]
    cluster_keys: ["product_id"]
    sql:
      SELECT
        i.product_id,
        TIMESTAMP_TRUNC(i.sold_at, DAY) AS sold_on,
        SUM(i.quantity) AS units,
        SUM(i.sale_price) AS revenue,
        COUNTIF(i.returned_at IS NOT NULL) AS returned_lines
      FROM ${order_items.SQL_TABLE_NAME} AS i
      WHERE {% incrementcondition %} i.sold_at {% endincrementcondition %}
      GROUP BY 1, 2 ;;
  }

  dimension: product_day {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(CAST(${product_id} AS STRING), '-', CAST(${sold_date} AS STRING)) ;;
  }

  dimension: product_id {
    hidden: yes
    type: number
    sql: ${TABLE}.product_id ;;
  }

  dimension_group: sold {
    type: time
    timeframes: [raw, date, week, month]
    sql: ${TABLE}.sold_on ;;
  }

  measure: units {
    type: sum
    sql: ${TABLE}.units ;;
  }

  measure: revenue {
    type: sum
    value_format_name: usd_compact
  }

  measure: best_day_revenue {
    type: max
    value_format_name: usd
    sql: ${TABLE}.revenue ;;
  }

  measure: returned_lines {
    type: sum
    sql: ${TABLE}.returned_lines ;;
  }
}
