include: "/views/date_calendar.view"

# One row for each of the thirteen four-week periods of a fiscal year.
view: fiscal_periods {
  derived_table: {
    sql:
      SELECT
        d.fiscal_year,
        d.fiscal_quarter,
        d.fiscal_period,
        MIN(d.calendar_date) AS period_start,
        MAX(d.calendar_date) AS period_end,
        COUNT(*) AS days_in_period
      FROM ${date_calendar.SQL_TABLE_NAME} AS d
      GROUP BY 1, 2, 3 ;;
  }

  dimension: period_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(CAST(${fiscal_year} AS STRING), '-', CAST(${fiscal_period} AS STRING)) ;;
  }

  dimension: fiscal_year {
    type: number
    value_format_name: id
    sql: ${TABLE}.fiscal_year ;;
  }

  dimension: fiscal_quarter {
    type: number
    sql: ${TABLE}.fiscal_quarter ;;
  }

  dimension: fiscal_period {
    type: number
    sql: ${TABLE}.fiscal_period ;;
  }

  dimension: period_label {
    type: string
    order_by_field: period_key
    sql: CONCAT('P', CAST(${fiscal_period} AS STRING)) ;;
  }

  dimension: period_start {
    type: date
    datatype: date
    convert_tz: no
    sql: ${TABLE}.period_start ;;
  }

  dimension: period_end {
    type: date
    datatype: date
    convert_tz: no
    sql: ${TABLE}.period_end ;;
  }

  dimension: days_in_period {
    type: number
    sql: ${TABLE}.days_in_period ;;
  }

  measure: period_count {
    label: "Number of Periods"
    type: count
  }
}
