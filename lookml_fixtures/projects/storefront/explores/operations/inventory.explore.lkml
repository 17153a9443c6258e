include: "/views/operations/inventory_items.view.lkml"
include: "/views/operations/derived/*.view"
include: "../../views/core/products.view"

explore: inventory {
  view_name: inventory_items
  label: "Inventory"
  group_label: "Operations"
  description: "Units in the warehouses and what became of them."
  persist_with: hourly_stock

  join: products {
    relationship: many_to_one
    sql_on: ${inventory_items.product_id} = ${products.id} ;;
  }

  join: warehouses {
    relationship: many_to_one
    sql_on: ${inventory_items.warehouse_id} = ${warehouses.id} ;;
  }

  join: warehouse_capacity {
    view_label: "Warehouses"
    relationship: one_to_one
    required_joins: [warehouses]
    sql_on: ${warehouses.id} = ${warehouse_capacity.warehouse_id} ;;
  }
}
