view: orders {
  dimension: id {
    primary_key: yes
  dimension: status {}
}
view: users {}
