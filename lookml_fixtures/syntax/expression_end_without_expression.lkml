view: orders {
  label: "Orders" ;;
  dimension: id {}
}
