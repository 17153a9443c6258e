include: "/views/core/users.view"
include: "/views/core/orders.view"
include: "/views/facts/user_order_facts.view"
include: "/views/facts/user_segments.view"
include: "/views/web/cart_activity.view"

explore: customers {
  from: users
  group_label: "Sales"
  description: "One row per customer, whether or not they have bought anything."
  always_join: [user_order_facts]

  # Country teams see their own customers only.
  access_filter: {
    field: customers.country
    user_attribute: allowed_countries
  }

  join: user_order_facts {
    relationship: one_to_one
    sql_on: ${customers.id} = ${user_order_facts.user_id} ;;
  }

  join: user_segments {
    relationship: one_to_one
    sql_on: ${customers.id} = ${user_segments.user_id} ;;
  }

  join: cart_activity {
    view_label: "Carts"
    relationship: one_to_one
    sql_on: ${customers.id} = ${cart_activity.user_id} ;;
  }

  join: orders {
    relationship: one_to_many
    sql_on: ${customers.id} = ${orders.user_id} ;;
    sql_where: ${orders.status} <> 'test' ;;
  }
}
