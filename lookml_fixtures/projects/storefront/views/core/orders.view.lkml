include: "record_base.view"

view: orders {
  extends: [record_base]
  sql_table_name: `@{SHOP}.orders` ;;

  dimension: id {
    label: "Order ID"
    link: {
      label: "Open in the shop admin"
      url: "https://admin.storefront.example/orders/{{ value }}"
      icon_url: "https://admin.storefront.example/favicon.ico"
    }
  }

  dimension: user_id {
    hidden: yes
    type: number
  }

  dimension: status {
    type: string
    description: "Status in the shop: pending, paid, shipped, delivered, returned, cancelled"
    sql: ${TABLE}.status ;;
  }

  dimension: status_group {
    description: "Open, completed or lost; for overview tiles"
    case: {
      when: {
        sql: ${status} IN ('pending', 'paid', 'shipped') ;;
        label: "Open"
      }
      when: {
        sql: ${status} = 'delivered' ;;
        label: "Completed"
      }
      when: {
        sql: ${status} IN ('returned', 'cancelled') ;;
        label: "Lost"
      }
      else: "Unknown"
    }
  }

  # Called sales_channel until the marketplace launch; saved content still uses that name.
  dimension: channel {
    type: string
    alias: [sales_channel]
    sql: ${TABLE}.channel ;;
  }

  dimension: is_gift {
    type: yesno
    sql: ${TABLE}.gift_message IS NOT NULL ;;
  }

  dimension: order_total {
    type: number
    value_format_name: usd
    sql: ${TABLE}.total_amount ;;
  }

  dimension: order_total_tier {
    type: tier
    tiers: [25, 50, 100, 250, 500]
    style: integer
    value_format_name: usd_0
    sql: ${order_total} ;;
  }

  dimension_group: created {
    type: time
    timeframes: [raw, time, date, day_of_week, week, month, quarter, fiscal_quarter, year]
    sql: ${TABLE}.created_at ;;
  }

  dimension_group: shipped {
    type: time
    sql: ${TABLE}.shipped_at ;;
  }

  dimension_group: delivered {
    type: time
    timeframes: [raw, date, week]
    sql: ${TABLE}.delivered_at ;;
  }

  dimension_group: to_ship {
    description: "Time from checkout to hand-over to the carrier"
    type: duration
    intervals: [hour, day]
    sql_start: ${created_raw} ;;
    sql_end: ${shipped_raw} ;;
  }

  parameter: date_basis {
    description: "Which date the Reporting dates follow"
    type: unquoted
    default_value: "created_at"
    allowed_value: {
      label: "Order date"
      value: "created_at"
    }
    allowed_value: {
      label: "Shipping date"
      value: "shipped_at"
    }
    allowed_value: {
      label: "Delivery date"
      value: "delivered_at"
    }
  }

  dimension_group: reporting {
    description: "Follows the Date Basis parameter"
    type: time
    timeframes: [date, week, month]
    sql: ${TABLE}.{% parameter orders.date_basis %} ;;
  }

  measure: customers {
    label: "Number of Customers"
    type: count_distinct
    sql: ${user_id} ;;
  }

  measure: cancelled_orders {
    type: count
    filters: [status: "cancelled"]
    drill_fields: [detail*]
  }

  measure: total_order_value {
    type: sum
    value_format_name: usd_compact
    sql: ${order_total} ;;
  }

  measure: average_order_value {
    description: "Order value divided by orders"
    type: number
    value_format_name: usd
    sql: SAFE_DIVIDE(${total_order_value}, ${count}) ;;
  }

  measure: share_of_orders {
    type: percent_of_total
    sql: ${count} ;;
  }

  measure: latest_order {
    type: date
    sql: MAX(${created_raw}) ;;
  }

  measure: orders_last_year {
    description: "Number of orders in the same period of the previous year"
    type: period_over_period
    based_on: orders.count
    based_on_time: orders.created_year
    period: year
    kind: previous
  }

  set: detail {
    fields: [EXTENDED*, status, channel, created_date, order_total]
  }
}
