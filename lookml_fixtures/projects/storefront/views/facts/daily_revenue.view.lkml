include: "/explores/order_items.explore"

# Revenue by day and country, for the trend explore and for planning.
view: daily_revenue {
  derived_table: {
    datagroup_trigger: nightly_etl
    explore_source: order_items {
      column: sold_date {
        field: order_items.sold_date
      }
      column: country {
        field: users.country
      }
      column: revenue {
        field: order_items.total_revenue
      }
      column: order_count {
        field: orders.count
      }
      derived_column: revenue_7d {
        sql: SUM(revenue) OVER (PARTITION BY country ORDER BY sold_date ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) ;;
      }
      filters: [order_items.sold_date: "before today", orders.status: "-cancelled"]
    }
  }

  dimension: day_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(CAST(${sold_date} AS STRING), '-', ${country}) ;;
  }

  dimension_group: sold {
    type: time
    timeframes: [date, week, month, quarter]
    datatype: date
    convert_tz: no
    sql: ${TABLE}.sold_date ;;
  }

  dimension: country {
    type: string
    map_layer_name: countries
  }

  dimension: revenue_7d {
    label: "Revenue of the Last 7 Days"
    type: number
    value_format_name: usd
  }

  measure: total_revenue {
    type: sum
    value_format_name: usd_compact
    sql: ${TABLE}.revenue ;;
  }

  measure: total_orders {
    type: sum
    sql: ${TABLE}.order_count ;;
  }

  measure: best_7_days {
    type: max
    value_format_name: usd_compact
    sql: ${revenue_7d} ;;
  }
}
