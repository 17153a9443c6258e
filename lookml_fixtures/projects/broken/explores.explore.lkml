explore: orders {
  join: users {
    relationship: many_to_one
    sql_on: ${users.id} = ${orders.user} ;;
  }
}
