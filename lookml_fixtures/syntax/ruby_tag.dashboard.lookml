- dashboard: sales
  elements:
  - name: total
    series_colors: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
      orders.total: "#ff0000"
    explore: orders
