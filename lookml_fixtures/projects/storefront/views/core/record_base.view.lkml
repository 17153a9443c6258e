# Every table replicated from the shop database has an id and a load timestamp.
view: record_base {
  extension: required

  dimension: id {
    primary_key: yes
    type: number
    value_format_name: id
    sql: ${TABLE}.id ;;
  }

  dimension_group: loaded {
    group_label: "Audit"
    description: "When the replication job wrote the row"
    type: time
    timeframes: [time, date, week]
    sql: ${TABLE}._loaded_at ;;
  }

  measure: count {
    type: count
    drill_fields: [detail*]
  }

  set: detail {
    fields: [id, loaded_date]
  }

  set: audit {
    fields: [loaded_time, loaded_week]
  }
}
