include: "/views/core/users.view"

# Warehouse staff and carriers work with this model: nothing here may identify a customer
# beyond first name and initial. Final, so that no later layer can bring the fields back.
view: +users {
  final: yes

  dimension: full_name {
    label: "Recipient"
    sql: CONCAT(${first_name}, ' ', LEFT(${last_name}, 1), '.') ;;
  }

  dimension: email {
    hidden: yes
  }

  dimension: age {
    hidden: yes
  }

  dimension: age_tier {
    hidden: yes
  }
}
