# Refresh policies of the BigQuery models. The Snowflake model declares its own.

datagroup: nightly_etl {
  label: "Nightly ETL"
  description: "Fires when the nightly load of the shop database has finished."
  sql_trigger: SELECT MAX(finished_at) FROM `@{GCP_PROJECT}.meta.etl_runs` WHERE pipeline = 'shop' ;;
  max_cache_age: "24 hours"
}

datagroup: hourly_stock {
  label: "Hourly stock"
  description: "Stock levels arrive from the warehouses every hour."
  interval_trigger: "1 hour"
  max_cache_age: "1 hour"
}
