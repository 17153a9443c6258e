project_name: "calendar_block"

constant: CALENDAR_DATASET {
  value: "calendar"
  export: override_optional
}
