include: "/views/core/*.view"
include: "/views/facts/user_order_facts.view"
include: "/views/facts/user_segments.view"
include: "/views/facts/brand_rank.view"
include: "/views/controls/display_controls.view"
include: "//calendar_block/views/date_calendar.view"

explore: order_items {
  group_label: "Sales"
  label: "Order Items"
  description: "Everything we sold, line by line, with the order, the customer and the product."
  fields: [ALL_FIELDS*, -orders.audit*, -users.audit*]
  sql_always_where: ${orders.status} <> 'test' ;;

  # The table goes back to 2015; nobody needs all of it by accident.
  conditionally_filter: {
    filters: [order_items.sold_date: "90 days"]
    unless: [order_items.order_id, users.id]
  }

  join: orders {
    type: inner
    relationship: many_to_one
    sql_on: ${order_items.order_id} = ${orders.id} ;;
  }

  join: users {
    view_label: "Customers"
    relationship: many_to_one
    sql_on: ${orders.user_id} = ${users.id} ;;
  }

  join: user_order_facts {
    relationship: many_to_one
    sql_on: ${orders.user_id} = ${user_order_facts.user_id} ;;
  }

  join: user_segments {
    relationship: many_to_one
    sql_on: ${orders.user_id} = ${user_segments.user_id} ;;
  }

  join: products {
    foreign_key: product_id
  }

  join: categories {
    view_label: "Products"
    relationship: many_to_one
    sql_on: ${products.category_id} = ${categories.id} ;;
  }

  join: parent_categories {
    from: categories
    view_label: "Products"
    relationship: many_to_one
    required_joins: [categories]
    sql_on: ${categories.parent_id} = ${parent_categories.id} ;;
    fields: [parent_categories.id, parent_categories.name]
  }

  join: brand_rank {
    view_label: "Products"
    relationship: many_to_one
    required_joins: [products]
    sql_on: ${products.brand} = ${brand_rank.brand} ;;
  }

  join: date_calendar {
    relationship: many_to_one
    sql_on: ${order_items.sold_date} = ${date_calendar.calendar_date} ;;
  }

  join: display_controls {
    relationship: one_to_one
    sql: ;;
  }

  aggregate_table: daily_channel_rollup {
    query: {
      dimensions: [order_items.sold_date, orders.channel, users.country]
      measures: [order_items.total_revenue, order_items.units_sold]
      filters: [order_items.sold_date: "2 years"]
    }

    materialization: {
      datagroup_trigger: nightly_etl
    }
  }

  query: revenue_by_week {
    description: "Weekly revenue of the last six months, by channel"
    dimensions: [order_items.sold_week, orders.channel]
    pivots: [orders.channel]
    measures: [order_items.total_revenue]
    filters: [order_items.sold_date: "6 months"]
    sorts: [order_items.sold_week: desc]
    limit: 26
  }
}
