# One row per line of an order. Amounts are in US dollars.
view: order_items {
  sql_table_name: @{SHOP_DATASET}.order_items ;;
  drill_fields: [detail*]

  parameter: display_currency {
    type: unquoted
    default_value: "usd"
    allowed_value: {
      label: "US dollar"
      value: "usd"
    }
    allowed_value: {
      label: "Euro"
      value: "eur"
    }
  }

  dimension: order_item_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(CAST(${order_id} AS STRING), '-', CAST(${line_number} AS STRING)) ;;
  }

  dimension: order_id {
    type: number
    value_format_name: id
    sql: ${TABLE}.order_id ;;
  }

  dimension: line_number {
    hidden: yes
    type: number
    sql: ${TABLE}.line_number ;;
  }

  dimension: product_id {
    hidden: yes
    type: number
  }

  dimension: quantity {
    type: number
    sql: ${TABLE}.quantity ;;
  }

  dimension: sale_price {
    description: "Price paid for the line, after discounts"
    type: number
    value_format_name: usd
    sql: ${TABLE}.sale_price ;;
  }

  dimension: sale_price_converted {
    description: "Sale price in the currency chosen with Display Currency"
    type: number
    value_format_name: decimal_2
    sql: ${sale_price} * @{CURRENCY_RATE} ;;
  }

  dimension: unit_cost {
    type: number
    value_format_name: usd
    required_access_grants: [can_see_margin]
    sql: ${TABLE}.unit_cost ;;
  }

  dimension: gross_margin {
    type: number
    value_format_name: usd
    required_access_grants: [can_see_margin]
    sql: ${sale_price} - ${unit_cost} * ${quantity} ;;
    html: @{SIGNED_AMOUNT_HTML} ;;
  }

  dimension_group: sold {
    type: time
    timeframes: [raw, date, week, month, quarter, year]
    sql: ${TABLE}.sold_at ;;
  }

  dimension_group: returned {
    type: time
    timeframes: [raw, date]
    sql: ${TABLE}.returned_at ;;
  }

  dimension: is_returned {
    type: yesno
    sql: ${returned_raw} IS NOT NULL ;;
  }

  measure: line_count {
    label: "Number of Order Lines"
    type: count
  }

  measure: units_sold {
    type: sum
    sql: ${quantity} ;;
  }

  measure: total_revenue {
    description: "Sum of sale prices, returns included"
    type: sum
    value_format_name: usd_compact
    sql: ${sale_price} ;;
  }

  measure: total_revenue_converted {
    label: "Total Revenue in {% if order_items.display_currency._parameter_value == 'eur' %}EUR{% else %}USD{% endif %}"
    type: sum
    value_format_name: decimal_2
    sql: ${sale_price_converted} ;;
  }

  measure: returned_revenue {
    type: sum
    value_format_name: usd_compact
    sql: ${sale_price} ;;
    filters: {
      field: is_returned
      value: "yes"
    }
  }

  measure: web_revenue {
    description: "Revenue of orders placed in the web shop, returns excluded"
    type: sum
    value_format_name: usd_compact
    sql: ${sale_price} ;;
    filters: [orders.channel: "web", is_returned: "no"]
  }

  measure: return_rate {
    type: number
    value_format_name: percent_1
    sql: SAFE_DIVIDE(${returned_revenue}, ${total_revenue}) ;;
  }

  measure: revenue_per_order {
    type: number
    value_format_name: usd
    sql: SAFE_DIVIDE(${total_revenue}, ${orders.count}) ;;
  }

  measure: p90_sale_price {
    label: "90th Percentile Sale Price"
    type: percentile
    percentile: 90
    value_format_name: usd
    sql: ${sale_price} ;;
  }

  # The fee belongs to the order and is repeated on each of its lines.
  measure: total_shipping_fees {
    type: sum_distinct
    value_format_name: usd
    sql_distinct_key: ${order_id} ;;
    sql: ${TABLE}.shipping_fee ;;
  }

  measure: total_gross_margin {
    type: sum
    value_format_name: usd_compact
    required_access_grants: [can_see_margin]
    sql: ${gross_margin} ;;
    html: @{SIGNED_AMOUNT_HTML} ;;
  }

  measure: cumulative_revenue {
    type: running_total
    value_format_name: usd_compact
    sql: ${total_revenue} ;;
  }

  set: detail {
    fields: [order_id, sold_date, products.name, users.full_name, quantity, sale_price]
  }
}
