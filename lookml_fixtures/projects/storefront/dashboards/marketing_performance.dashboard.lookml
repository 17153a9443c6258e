- dashboard: marketing_performance
  title: Marketing Performance
  layout: newspaper
  preferred_viewer: dashboards-next
  crossfilter_enabled: true

  filters:
  - name: Period
    title: Period
    type: date_filter
    default_value: 13 weeks
  - name: Campaign
    title: Campaign
    type: field_filter
    default_value: ''
    allow_multiple_values: true
    model: marketing
    explore: ad_performance
    field: campaigns.name

  elements:
  - name: spend
    title: Spend
    model: marketing
    explore: ad_performance
    type: single_value
    fields: [ad_performance.spend]
    listen:
      Period: ad_performance.report_date
      Campaign: campaigns.name
    row: 0
    col: 0
    width: 6
    height: 6
  # Spend comes from the ad platforms (Snowflake), revenue from the shop (BigQuery).
  - name: spend_and_revenue
    title: Spend and Shop Revenue
    merged_queries:
    - model: marketing
      explore: ad_performance
      type: table
      fields: [ad_performance.report_week, ad_performance.spend]
      fill_fields: [ad_performance.report_week]
      sorts: [ad_performance.report_week desc]
      limit: 500
    - model: ecommerce
      explore: order_items
      type: table
      fields: [order_items.sold_week, order_items.web_revenue]
      filters:
        orders.status: -cancelled
      sorts: [order_items.sold_week desc]
      limit: 500
      join_fields:
      - field_name: order_items.sold_week
        source_field_name: ad_performance.report_week
    type: looker_line
    dynamic_fields:
    - table_calculation: return_on_ad_spend
      label: Return on Ad Spend
      expression: ${order_items.web_revenue} / ${ad_performance.spend}
      value_format_name: decimal_1
    listen:
    - Period: ad_performance.report_date
      Campaign: campaigns.name
    - Period: order_items.sold_date
    row: 0
    col: 6
    width: 18
    height: 6
  - name: campaigns
    title: Campaigns
    model: marketing
    explore: ad_performance
    type: looker_grid
    fields: [campaigns.name, campaigns.channel, ad_performance.impressions, ad_performance.clicks, ad_performance.click_through_rate,
      ad_performance.cost_per_click]
    sorts: [ad_performance.clicks desc]
    limit: 50
    listen:
      Period: ad_performance.report_date
      Campaign: campaigns.name
    row: 6
    col: 0
    width: 24
    height: 8
  - name: attributed_revenue
    title: Attributed Revenue (Linear)
    explore: attribution
    type: looker_bar
    fields: [campaigns.name, attribution.attributed_revenue, attribution.conversions]
    filters:
      attribution.attribution_model: linear
    sorts: [attribution.attributed_revenue desc]
    limit: 10
    listen:
      Period: attribution.touched_date
      Campaign: campaigns.name
    row: 14
    col: 0
    width: 12
    height: 8
  - name: weekend_effect
    title: Clicks on Weekends
    explore: ad_performance
    type: looker_column
    fields: [ad_performance.report_month, date_calendar.is_weekend, ad_performance.clicks]
    pivots: [date_calendar.is_weekend]
    sorts: [date_calendar.is_weekend, ad_performance.report_month desc]
    listen:
      Period: ad_performance.report_date
    row: 14
    col: 12
    width: 12
    height: 8
