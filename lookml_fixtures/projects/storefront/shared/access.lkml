access_grant: can_see_margin {
  user_attribute: department
  allowed_values: ["finance", "merchandising", "executive"]
}

access_grant: can_see_pii {
  user_attribute: pii_access
  allowed_values: ["yes"]
}
