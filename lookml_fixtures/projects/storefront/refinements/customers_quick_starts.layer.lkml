include: "/explores/customers.explore"

explore: +customers {
  label: "Customers"
  fields: [ALL_FIELDS*, -customers.audit*, -orders.audit*]

  query: best_countries {
    description: "Where subscribers spend most over their lifetime"
    dimensions: [customers.country]
    measures: [customers.count, user_order_facts.average_lifetime_revenue]
    filters: [customers.is_subscriber: "yes"]
    sorts: [user_order_facts.average_lifetime_revenue: desc]
    limit: 20
  }
}
