# Rank of each brand within the dates the user has filtered on. Joined into the explore it is
# built from; the explore file includes this view, so there is no include here.
view: brand_rank {
  derived_table: {
    explore_source: order_items {
      column: brand {
        field: products.brand
      }
      column: total_revenue {}
      derived_column: revenue_rank {
        sql: RANK() OVER (ORDER BY total_revenue DESC) ;;
      }
      bind_filters: {
        from_field: order_items.sold_date
        to_field: order_items.sold_date
      }
      bind_filters: {
        from_field: users.country
        to_field: users.country
      }
    }
  }

  dimension: brand {
    primary_key: yes
    hidden: yes
    type: string
  }

  dimension: revenue_rank {
    type: number
    description: "1 is the brand with the highest revenue"
  }

  dimension: ranked_brand {
    label: "Top 10 Brand"
    type: string
    order_by_field: revenue_rank
    sql: CASE WHEN ${revenue_rank} <= 10 THEN ${brand} ELSE 'All other brands' END ;;
  }
}
