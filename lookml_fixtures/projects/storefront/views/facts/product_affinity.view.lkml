include: "product_daily_sales.view"
include: "/views/core/order_items.view"

# Products bought together. Needs several statements, hence create_process.
view: product_affinity {
  label: "Bought Together"

  derived_table: {
    datagroup_trigger: nightly_etl
    create_process: {
      sql_step:
        CREATE OR REPLACE TABLE ${SQL_TABLE_NAME} AS
        SELECT
          a.product_id AS product_id,
          b.product_id AS paired_product_id,
          COUNT(DISTINCT a.order_id) AS orders_together,
          CAST(NULL AS FLOAT64) AS pair_rate
        FROM ${order_items.SQL_TABLE_NAME} AS a
        JOIN ${order_items.SQL_TABLE_NAME} AS b
          ON b.order_id = a.order_id AND b.product_id <> a.product_id
        GROUP BY a.product_id, b.product_id ;;
      sql_step:
        UPDATE ${SQL_TABLE_NAME} AS p
        SET pair_rate = SAFE_DIVIDE(p.orders_together, s.units)
        FROM (
          SELECT product_id, SUM(units) AS units
          FROM ${product_daily_sales.SQL_TABLE_NAME}
          GROUP BY product_id
        ) AS s
        WHERE s.product_id = p.product_id ;;
      sql_step:
        DELETE FROM ${SQL_TABLE_NAME} WHERE orders_together < 5 ;;
    }
  }

  dimension: pair_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(CAST(${product_id} AS STRING), '-', CAST(${paired_product_id} AS STRING)) ;;
  }

  dimension: product_id {
    hidden: yes
    type: number
    sql: ${TABLE}.product_id ;;
  }

  dimension: paired_product_id {
    hidden: yes
    type: number
    sql: ${TABLE}.paired_product_id ;;
  }

  dimension: pair_rate {
    description: "Orders with both products, per unit sold of the first"
    type: number
    value_format_name: percent_2
    sql: ${TABLE}.pair_rate ;;
  }

  measure: orders_together {
    type: sum
    sql: ${TABLE}.orders_together ;;
  }
}
