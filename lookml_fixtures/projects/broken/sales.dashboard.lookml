- dashboard: sales
  elements:
  - name: orders_by_date
    type: looker_line
    explore: orders
    fields: [orders.count, orders.created]
