view: orders {
  label: "Orders";
  dimension: id { type: number; }
}
view: users {}
