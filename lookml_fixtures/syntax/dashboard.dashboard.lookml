- dashboard: sales
  title: Sales
  filters:
  - {name: Date, type: field_filter, explore: orders, field: orders.created_date}
  elements:
  - name: total
    explore: orders
    fields: [orders.total]
    listen: {Date: orders.created_date}
- dashboard: returns
