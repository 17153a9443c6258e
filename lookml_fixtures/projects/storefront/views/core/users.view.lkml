include: "record_base.view"

view: users {
  extends: [record_base]
  sql_table_name: `storefront-prod.shop.users` ;;

  dimension: id {
    label: "Customer ID"
    tags: ["user_id"]
  }

  # The CRM export writes local times without an offset.
  dimension_group: loaded {
    sql: TIMESTAMP(${EXTENDED}, 'Europe/Berlin') ;;
  }

  dimension: first_name {
    hidden: yes
    type: string
  }

  dimension: last_name {
    hidden: yes
    type: string
  }

  dimension: full_name {
    type: string
    sql: CONCAT(${first_name}, ' ', ${last_name}) ;;
  }

  dimension: email {
    type: string
    tags: ["email"]
    required_access_grants: [can_see_pii]
    sql: LOWER(${TABLE}.email) ;;
    link: {
      label: "Write to this customer"
      url: "mailto:{{ value }}"
    }
  }

  dimension: age {
    type: number
    sql: ${TABLE}.age ;;
  }

  dimension: age_tier {
    type: tier
    tiers: [18, 25, 35, 45, 55, 65]
    style: integer
    sql: ${age} ;;
  }

  dimension: country {
    type: string
    map_layer_name: countries
    sql: ${TABLE}.address.country ;;
    drill_fields: [state]
  }

  dimension: state {
    type: string
    sql: ${TABLE}.address.state ;;
  }

  dimension: city {
    type: string
    sql: ${TABLE}.address.city ;;
  }

  dimension: zip {
    type: zipcode
    sql: ${TABLE}.address.zip ;;
  }

  dimension: home {
    label: "Home Location"
    type: location
    sql_latitude: ${TABLE}.address.latitude ;;
    sql_longitude: ${TABLE}.address.longitude ;;
  }

  dimension: is_subscriber {
    label: "Newsletter Subscriber"
    type: yesno
    sql: ${TABLE}.newsletter_opt_in_at IS NOT NULL ;;
  }

  dimension_group: signed_up {
    type: time
    timeframes: [raw, date, month, year]
    sql: ${TABLE}.created_at ;;
  }

  dimension_group: since_signup {
    type: duration
    intervals: [day, month, year]
    sql_start: ${signed_up_raw} ;;
    sql_end: CURRENT_TIMESTAMP() ;;
  }

  measure: average_age {
    type: average
    value_format_name: decimal_1
    sql: ${age} ;;
  }

  measure: subscribers {
    label: "Number of Subscribers"
    type: count
    filters: [is_subscriber: "yes"]
  }

  measure: subscriber_share {
    type: number
    value_format_name: percent_1
    sql: SAFE_DIVIDE(${subscribers}, ${count}) ;;
  }

  set: detail {
    fields: [EXTENDED*, full_name, country]
  }

  # What may be shown to people who handle parcels.
  set: card {
    fields: [id, first_name, last_name, full_name, country, state]
  }

  set: address {
    fields: [city, zip, home]
  }
}
