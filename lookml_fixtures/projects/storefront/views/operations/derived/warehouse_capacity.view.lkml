include: "inventory_snapshot.view"

# sql_create, because planning wants the table clustered the way it reads it.
view: warehouse_capacity {
  derived_table: {
    datagroup_trigger: hourly_stock
    sql_create:
      CREATE OR REPLACE TABLE ${SQL_TABLE_NAME}
      CLUSTER BY warehouse_id AS
      SELECT
        w.id AS warehouse_id,
        w.capacity_units AS capacity_units,
        COALESCE(SUM(s.units_on_hand), 0) AS units_on_hand
      FROM ${warehouses.SQL_TABLE_NAME} AS w
      LEFT JOIN ${inventory_snapshot.SQL_TABLE_NAME} AS s ON s.warehouse_id = w.id
      GROUP BY w.id, w.capacity_units ;;
  }

  dimension: warehouse_id {
    primary_key: yes
    hidden: yes
    type: number
    sql: ${TABLE}.warehouse_id ;;
  }

  dimension: utilization {
    description: "Share of the capacity that is in use"
    type: number
    value_format_name: percent_1
    sql: SAFE_DIVIDE(${TABLE}.units_on_hand, ${TABLE}.capacity_units) ;;
  }

  measure: free_units {
    type: sum
    sql: ${TABLE}.capacity_units - ${TABLE}.units_on_hand ;;
  }

  measure: highest_utilization {
    type: max
    value_format_name: percent_1
    sql: ${utilization} ;;
  }
}
