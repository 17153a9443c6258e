include: "//calendar_block/views/fiscal_periods.view"

view: retail_fiscal_periods {
  extends: [fiscal_periods]
  label: "Retail Calendar"

  dimension: period_label {
    label: "Retail Period"
    sql: CONCAT('FY', CAST(${fiscal_year} AS STRING), ' ', ${EXTENDED}) ;;
  }

  dimension: is_peak_season {
    description: "The eight weeks before Christmas"
    type: yesno
    sql: ${fiscal_period} IN (10, 11) ;;
  }

  measure: last_period_end {
    type: date
    sql: MAX(${period_end}) ;;
  }
}
