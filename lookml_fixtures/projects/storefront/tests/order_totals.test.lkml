# The whole customer chain hangs on this: one row per order.
test: order_totals_has_one_row_per_order {
  explore_source: order_totals {
    column: order_id {
      field: order_totals.order_id
    }
    column: count {
      field: order_totals.count
    }
    sorts: [order_totals.count: desc]
    limit: 1
  }

  assert: order_id_is_unique {
    expression: ${order_totals.count} = 1 ;;
  }
}
