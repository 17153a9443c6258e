# No table: parameters, and fields put together from other views of the explore.
# Join it with an empty sql, in explores that have order_items and products.
view: display_controls {
  label: "Report Controls"

  parameter: period {
    type: unquoted
    default_value: "week"
    allowed_value: {
      label: "Day"
      value: "day"
    }
    allowed_value: {
      label: "Week"
      value: "week"
    }
    allowed_value: {
      label: "Month"
      value: "month"
    }
  }

  filter: compare_brand {
    type: string
    suggest_explore: catalog
    suggest_dimension: product.brand
  }

  dimension: reporting_period {
    label_from_parameter: period
    type: string
    sql:
      {% if display_controls.period._parameter_value == 'day' %} CAST(${order_items.sold_date} AS STRING)
      {% elsif display_controls.period._parameter_value == 'month' %} ${order_items.sold_month}
      {% else %} CAST(${order_items.sold_week} AS STRING)
      {% endif %} ;;
  }

  dimension: brand_comparison {
    description: "The brands chosen in Compare Brand against all the others"
    type: string
    sql:
      CASE
        WHEN {% condition display_controls.compare_brand %} ${products.brand} {% endcondition %} THEN ${products.brand}
        ELSE 'All other brands'
      END ;;
  }
}
