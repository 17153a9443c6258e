# Filters and tiles that every sales dashboard starts from.
- dashboard: kpi_base
  title: KPI Base
  extension: required
  layout: newspaper
  preferred_viewer: dashboards-next

  filters:
  - name: Date
    title: Date
    type: date_filter
    default_value: 90 days
    allow_multiple_values: true
    required: false
  - name: Country
    title: Country
    type: field_filter
    default_value: ''
    allow_multiple_values: true
    required: false
    ui_config:
      type: tag_list
      display: popover
    model: ecommerce
    explore: order_items
    field: users.country

  elements:
  - name: about
    type: text
    title_text: Sales
    body_text: Amounts in US dollars, test orders excluded. Refreshed every morning.
    row: 0
    col: 0
    width: 24
    height: 2
  - name: revenue
    title: Revenue
    model: ecommerce
    explore: order_items
    type: single_value
    fields: [order_items.total_revenue]
    listen:
      Date: order_items.sold_date
      Country: users.country
    row: 2
    col: 0
    width: 6
    height: 5
  - name: revenue_by_channel
    title: Weekly Revenue by Channel
    explore: order_items
    type: looker_area
    fields: [order_items.sold_week, orders.channel, order_items.total_revenue]
    pivots: [orders.channel]
    fill_fields: [order_items.sold_week]
    sorts: [orders.channel, order_items.sold_week desc]
    limit: 500
    stacking: normal
    show_legend: true
    listen:
      Date: order_items.sold_date
      Country: users.country
    row: 2
    col: 6
    width: 18
    height: 8
  - name: top_products
    title: Top Products
    explore: order_items
    type: looker_grid
    fields: [products.name, brand_rank.ranked_brand, order_items.units_sold, order_items.total_revenue]
    sorts: [order_items.total_revenue desc 0]
    limit: 15
    dynamic_fields:
    - table_calculation: share_of_revenue
      label: Share of Revenue
      expression: ${order_items.total_revenue} / sum(${order_items.total_revenue})
      value_format_name: percent_1
    listen:
      Date: order_items.sold_date
      Country: users.country
    row: 10
    col: 0
    width: 24
    height: 8
