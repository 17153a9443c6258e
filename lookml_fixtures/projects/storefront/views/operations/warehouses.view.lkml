view: warehouses {
  sql_table_name: `storefront-prod`.logistics.warehouses ;;

  dimension: id {
    primary_key: yes
    hidden: yes
    type: number
    sql: ${TABLE}.id ;;
  }

  dimension: name {
    label: "Warehouse"
    type: string
    sql: ${TABLE}.name ;;
  }

  dimension: country {
    type: string
    map_layer_name: countries
    sql: ${TABLE}.country_code ;;
  }

  dimension: site {
    type: location
    sql_latitude: ${TABLE}.lat ;;
    sql_longitude: ${TABLE}.lon ;;
  }

  dimension: capacity_units {
    type: number
    sql: ${TABLE}.capacity_units ;;
  }

  dimension_group: opened {
    type: time
    timeframes: [date, year]
    datatype: date
    convert_tz: no
    sql: ${TABLE}.opened_on ;;
  }

  measure: count {
    label: "Number of Warehouses"
    type: count
    drill_fields: [name, country, capacity_units]
  }
}
