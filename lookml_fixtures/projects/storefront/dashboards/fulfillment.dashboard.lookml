- dashboard: fulfillment
  title: Fulfillment
  description: For the shift leads. Tiles have no model, they run in the model that includes the dashboard.
  layout: newspaper
  preferred_viewer: dashboards-next
  refresh: 1 hour

  filters:
  - name: Dispatch Date
    title: Dispatch Date
    type: date_filter
    default_value: 28 days
  - name: Warehouse
    title: Warehouse
    type: field_filter
    default_value: ''
    allow_multiple_values: true
    explore: fulfillment
    model: operations
    field: warehouses.name
  - name: Carrier
    title: Carrier
    type: field_filter
    default_value: ''
    allow_multiple_values: true
    explore: fulfillment
    model: operations
    listens_to_filters: [Warehouse]
    field: shipments.carrier

  elements:
  - name: on_time
    title: On-time Rate
    explore: fulfillment
    type: single_value
    fields: [shipments.on_time_rate]
    listen:
      Dispatch Date: shipments.dispatched_date
      Warehouse: warehouses.name
      Carrier: shipments.carrier
    row: 0
    col: 0
    width: 6
    height: 5
  - name: transit_time
    title: Time in Transit
    explore: fulfillment
    type: looker_bar
    fields: [shipments.carrier, shipments.p90_hours_in_transit, shipments.count]
    sorts: [shipments.p90_hours_in_transit desc]
    limit: 10
    listen:
      Dispatch Date: shipments.dispatched_date
      Warehouse: warehouses.name
    row: 0
    col: 6
    width: 9
    height: 5
  - name: late_by_warehouse
    title: Late Shipments
    explore: fulfillment
    type: looker_column
    fields: [warehouses.name, shipments.service_level, shipments.late_count]
    pivots: [shipments.service_level]
    filters:
      shipments.is_late: 'Yes'
    sorts: [shipments.service_level, shipments.late_count desc 0]
    listen:
      Dispatch Date: shipments.dispatched_date
      Carrier: shipments.carrier
    row: 0
    col: 15
    width: 9
    height: 5
  - name: sla_by_channel
    title: SLA Breaches by Channel
    explore: fulfillment
    type: looker_grid
    fields: [orders.channel, orders.sla_breaches, orders.count, order_totals.average_units]
    sorts: [orders.sla_breaches desc]
    dynamic_fields:
    - table_calculation: breach_rate
      label: Breach Rate
      expression: ${orders.sla_breaches} / ${orders.count}
      value_format_name: percent_1
    listen:
      Dispatch Date: shipments.dispatched_date
      Warehouse: warehouses.name
    row: 5
    col: 0
    width: 12
    height: 7
  - name: stock_age
    title: Age of the Stock
    model: operations
    explore: inventory
    type: looker_column
    fields: [inventory_items.stock_age_tier, inventory_items.units_in_stock, warehouse_capacity.highest_utilization]
    filters:
      inventory_items.is_in_stock: 'Yes'
    sorts: [inventory_items.stock_age_tier]
    listen:
      Warehouse: warehouses.name
    row: 5
    col: 12
    width: 12
    height: 7
