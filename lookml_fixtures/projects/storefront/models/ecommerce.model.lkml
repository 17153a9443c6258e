connection: "@{WAREHOUSE_CONNECTION}"
label: "E-commerce"

include: "/datagroups.lkml"
include: "/shared/*.lkml"
include: "../views/core/*.view.lkml"
include: "../views/web/*"
include: "/views/facts/*.view"
include: "/views/calendar/*.view"
include: "/explores/*.explore"
include: "/refinements/*.layer.lkml"
include: "/tests/*.test.lkml"
include: "/dashboards/kpi_base.dashboard"
include: "/dashboards/executive_overview.dashboard"

persist_with: nightly_etl
week_start_day: monday

# The fiscal year starts in February.
fiscal_month_offset: 1

explore: web_sessions {
  view_name: sessions
  group_label: "Web"
  description: "Visits to the shop. Always limited to a window of days."
  persist_for: "4 hours"

  always_filter: {
    filters: [sessions.session_window: "14 days"]
  }

  sql_always_where:
    ${sessions.shard} >= IFNULL(FORMAT_TIMESTAMP('%Y%m%d', {% date_start sessions.session_window %}), '20150101')
    AND ${sessions.shard} < IFNULL(FORMAT_TIMESTAMP('%Y%m%d', {% date_end sessions.session_window %}), '99991231') ;;

  join: session_hits {
    relationship: one_to_many
    sql: LEFT JOIN UNNEST(${sessions.hits}) AS session_hits ;;
  }

  join: session_hit_items {
    relationship: one_to_many
    required_joins: [session_hits]
    sql: LEFT JOIN UNNEST(${session_hits.items}) AS session_hit_items ;;
  }

  join: products {
    relationship: many_to_one
    sql_on: ${session_hit_items.sku} = ${products.sku} ;;
  }

  join: users {
    view_label: "Customers"
    relationship: many_to_one
    sql_on: ${sessions.user_id} = ${users.id} ;;
  }
}

explore: revenue_trend {
  from: daily_revenue
  group_label: "Sales"
  description: "Daily revenue by country, against the retail calendar."

  join: date_calendar {
    relationship: many_to_one
    sql_on: ${revenue_trend.sold_date} = ${date_calendar.calendar_date} ;;
  }

  join: retail_fiscal_periods {
    relationship: many_to_one
    sql_on: ${revenue_trend.sold_date} BETWEEN ${retail_fiscal_periods.period_start} AND ${retail_fiscal_periods.period_end} ;;
  }
}

# Order items with costs and margins, without addresses.
explore: order_items_finance {
  extends: [order_items]
  view_name: order_items
  label: "Order Items (Finance)"
  group_label: "Finance"
  required_access_grants: [can_see_margin]
  fields: [ALL_FIELDS*, -orders.audit*, -users.audit*, -users.address*]

  join: order_totals {
    view_label: "Orders"
    relationship: many_to_one
    sql_on: ${orders.id} = ${order_totals.order_id} ;;
  }
}

# For the data test only.
explore: order_totals {
  hidden: yes
}
