include: "/views/core/orders.view"

# Shipping promise per channel. Only operations works with it.
view: +orders {
  dimension: promised_hours {
    group_label: "SLA"
    type: number
    sql: CASE WHEN ${channel} = 'marketplace' THEN 24 ELSE 48 END ;;
  }

  dimension: is_sla_breach {
    label: "SLA Breach"
    group_label: "SLA"
    type: yesno
    sql: ${hours_to_ship} > ${promised_hours} ;;
  }

  dimension: order_total_tier {
    tiers: [100, 500]
  }

  measure: sla_breaches {
    label: "Number of SLA Breaches"
    type: count
    filters: [is_sla_breach: "yes"]
    drill_fields: [detail*]
  }
}
