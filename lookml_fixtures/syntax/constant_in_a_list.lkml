view: orders {
  drill_fields: [@{FIELDS}, id]
}
