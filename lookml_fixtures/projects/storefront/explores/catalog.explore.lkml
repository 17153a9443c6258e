include: "/views/core/products.view"
include: "/views/core/categories.view"
include: "/views/facts/product_daily_sales.view"
include: "/views/facts/product_affinity.view"

# Fields are called product.*, one product a row.
explore: catalog {
  from: products
  view_name: product
  group_label: "Merchandising"
  label: "Product Catalog"

  always_filter: {
    filters: [product.is_active: "yes"]
  }

  join: categories {
    relationship: many_to_one
    sql_on: ${product.category_id} = ${categories.id} ;;
  }

  join: product_daily_sales {
    view_label: "Sales"
    relationship: one_to_many
    sql_on: ${product.id} = ${product_daily_sales.product_id} ;;
  }

  join: product_affinity {
    relationship: one_to_many
    sql_on: ${product.id} = ${product_affinity.product_id} ;;
  }

  join: paired_products {
    from: products
    view_label: "Bought Together"
    relationship: many_to_one
    required_joins: [product_affinity]
    sql_on: ${product_affinity.paired_product_id} = ${paired_products.id} ;;
    fields: [id, sku, name, brand]
  }
}
