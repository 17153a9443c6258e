# Carts per customer in a window that the user chooses. Not persisted, because of the window.
view: cart_activity {
  derived_table: {
    sql:
      SELECT
        c.user_id,
        COUNT(*) AS carts,
        COUNTIF(c.status = 'abandoned') AS abandoned_carts,
        SUM(c.subtotal) AS cart_value,
        DATE_DIFF(
          DATE({% date_end cart_activity.activity_window %}),
          DATE({% date_start cart_activity.activity_window %}),
          DAY
        ) AS window_days,
        {% if cart_activity.latest_coupon._in_query %}
          MAX(k.coupon_code)
        {% else %}
          CAST(NULL AS STRING)
        {% endif %} AS latest_coupon
      FROM `@{SHOP}.carts` AS c
      {% if cart_activity.latest_coupon._in_query %}
        -- at most one coupon a cart, so no fan-out
        LEFT JOIN `@{SHOP}.cart_coupons` AS k ON k.cart_id = c.id
      {% endif %}
      WHERE {% condition cart_activity.activity_window %} c.updated_at {% endcondition %}
        AND c.market = '{{ _user_attributes['market'] }}'
        -- if dev -- AND c.updated_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY)
      GROUP BY c.user_id ;;
  }

  filter: activity_window {
    type: date
    default_value: "30 days"
  }

  dimension: user_id {
    primary_key: yes
    hidden: yes
    type: number
    sql: ${TABLE}.user_id ;;
  }

  dimension: carts {
    type: number
  }

  dimension: abandoned_carts {
    type: number
  }

  dimension: latest_coupon {
    description: "Makes the query slower: coupons are read only if this field is used"
    type: string
  }

  dimension: window_days {
    hidden: yes
    type: number
  }

  measure: total_carts {
    type: sum
    sql: ${carts} ;;
  }

  measure: total_abandoned_carts {
    type: sum
    sql: ${abandoned_carts} ;;
  }

  measure: total_cart_value {
    type: sum
    value_format_name: usd_compact
    sql: ${TABLE}.cart_value ;;
  }

  measure: abandonment_rate {
    type: number
    value_format_name: percent_1
    sql: SAFE_DIVIDE(${total_abandoned_carts}, ${total_carts}) ;;
  }

  measure: carts_per_day {
    type: number
    value_format_name: decimal_1
    sql: SAFE_DIVIDE(${total_carts}, MAX(${window_days})) ;;
  }
}
