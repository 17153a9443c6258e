- dashboard: executive_overview
  title: Executive Overview
  description: The Monday meeting in one page.
  extends: kpi_base

  filters:
  - name: Channel
    title: Channel
    type: string_filter
    default_value: ''
    allow_multiple_values: true
    required: false

  elements:
  # Same tile as in the base, with the comparison that the board asks for.
  - name: revenue
    title: Revenue and Returns
    fields: [order_items.total_revenue, order_items.return_rate]

  - name: web_share
    title: Web Revenue Without Gifts
    explore: order_items
    type: looker_column
    fields: [order_items.sold_month, order_items.total_revenue, web_without_gifts]
    fill_fields: [order_items.sold_month]
    sorts: [order_items.sold_month]
    limit: 24
    dynamic_fields:
    - measure: web_without_gifts
      based_on: order_items.web_revenue
      label: Web Revenue Without Gifts
      type: sum
      filters:
        orders.is_gift: 'No'
      value_format_name: usd_compact
    - table_calculation: web_ratio
      label: Web Ratio
      expression: ${web_without_gifts} / ${order_items.total_revenue}
      value_format_name: percent_0
    listen:
      Country: users.country
      Channel: orders.channel
    row: 18
    col: 0
    width: 12
    height: 8

  - name: customers_by_segment
    title: Customers by Segment
    model: ecommerce
    explore: customers
    type: looker_bar
    fields: [user_segments.segment, customers.count, user_order_facts.average_lifetime_revenue]
    filters:
      user_segments.segment: -NULL
    sorts: [customers.count desc]
    listen:
      Country: customers.country
    row: 18
    col: 12
    width: 12
    height: 8

  - name: new_and_returning
    title: New and Returning Customers
    explore: customers
    type: looker_column
    fields: [user_order_facts.first_order_month, customer_kind, customers.count]
    pivots: [customer_kind]
    sorts: [customer_kind, user_order_facts.first_order_month desc]
    limit: 12
    dynamic_fields:
    - dimension: customer_kind
      label: Customer Kind
      expression: if(${user_order_facts.lifetime_orders} > 1, "Returning", "New")
      value_format: null
      value_format_name: null
    listen:
      Date: user_order_facts.first_order_date
    row: 26
    col: 0
    width: 12
    height: 8

  - name: web_funnel
    title: Visits and Purchases
    explore: web_sessions
    type: looker_line
    fields: [sessions.started_date, sessions.count, session_hits.purchasing_sessions]
    sorts: [sessions.started_date desc]
    limit: 90
    dynamic_fields:
    - table_calculation: conversion
      label: Conversion
      expression: ${session_hits.purchasing_sessions} / ${sessions.count}
      value_format_name: percent_2
    hidden_fields: [session_hits.purchasing_sessions]
    listen:
      Date: sessions.session_window
    row: 26
    col: 12
    width: 12
    height: 8
