view: products {
  sql_table_name: catalog.products ;;

  dimension: id {
    primary_key: yes
    label: "Product ID"
    type: number
    value_format_name: id
    sql: ${TABLE}.id ;;
  }

  dimension: sku {
    label: "SKU"
    type: string
  }

  dimension: name {
    type: string
    sql: TRIM(${TABLE}.name) ;;
    link: {
      label: "Product page"
      url: "https://www.storefront.example/search?q={{ value | url_encode }}"
    }
  }

  dimension: image {
    type: string
    sql: ${TABLE}.image_url ;;
    html: <img src="{{ value }}" width="80" alt="product" /> ;;
  }

  dimension: brand {
    type: string
    sql: COALESCE(${TABLE}.brand, 'No brand') ;;
    drill_fields: [name, sku]
  }

  dimension: department {
    type: string
    sql: ${TABLE}.department ;;
  }

  dimension: category_id {
    hidden: yes
    type: number
    sql: ${TABLE}.category_id ;;
  }

  dimension: list_price {
    type: number
    value_format_name: usd
    sql: ${TABLE}.list_price ;;
  }

  dimension: price_band {
    case: {
      when: {
        sql: ${list_price} < 20 ;;
        label: "Entry"
      }
      when: {
        sql: ${list_price} < 80 ;;
        label: "Mid"
      }
      else: "Premium"
    }
  }

  dimension: is_active {
    type: yesno
    sql: ${TABLE}.discontinued_on IS NULL ;;
  }

  measure: count {
    type: count
    drill_fields: [id, sku, name, brand, list_price]
  }

  measure: brand_count {
    type: count_distinct
    sql: ${brand} ;;
  }

  measure: brands {
    label: "List of Brands"
    type: list
    list_field: brand
  }

  measure: average_list_price {
    type: average
    value_format_name: usd
    sql: ${list_price} ;;
  }
}
