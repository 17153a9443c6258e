named_value_format: usd_compact {
  value_format: "[>=1000000]$0.00,,\"M\";[>=1000]$0.0,\"K\";$0.00"
}

named_value_format: hours_1 {
  value_format: "0.0 \"h\""
}
