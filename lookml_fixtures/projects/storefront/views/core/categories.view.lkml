# Lives in the default dataset of the connection, under the same name.
view: categories {
  dimension: id {
    primary_key: yes
    hidden: yes
    type: number
    sql: ${TABLE}.id ;;
  }

  dimension: parent_id {
    hidden: yes
    type: number
    sql: ${TABLE}.parent_id ;;
  }

  dimension: name {
    label: "Category"
    type: string
  }

  dimension: target_margin {
    type: number
    value_format_name: percent_0
    sql: ${TABLE}.target_margin_pct / 100 ;;
  }

  measure: count {
    label: "Number of Categories"
    type: count
    drill_fields: [name, target_margin]
  }
}
