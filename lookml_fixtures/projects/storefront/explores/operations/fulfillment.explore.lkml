include: "/views/operations/shipments.view"
include: "/views/operations/warehouses.view"
include: "/views/core/orders.view"
include: "/views/core/users.view"
include: "/views/facts/order_totals.view"

explore: fulfillment {
  view_name: shipments
  group_label: "Operations"
  description: "Every parcel, from the warehouse to the customer's door."

  join: warehouses {
    foreign_key: warehouse_id
  }

  join: orders {
    relationship: many_to_one
    sql_on: ${shipments.order_id} = ${orders.id} ;;
  }

  join: order_totals {
    view_label: "Orders"
    relationship: many_to_one
    sql_on: ${shipments.order_id} = ${order_totals.order_id} ;;
  }

  join: buyer {
    from: users
    relationship: many_to_one
    required_joins: [orders]
    sql_on: ${orders.user_id} = ${buyer.id} ;;
    fields: [buyer.card*]
  }
}
