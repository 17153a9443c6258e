# Repeated record sessions.hits; has no table of its own.
view: session_hits {
  dimension: hit_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(${sessions.session_id}, '-', CAST(${hit_number} AS STRING)) ;;
  }

  dimension: hit_number {
    type: number
    sql: ${TABLE}.hit_number ;;
  }

  dimension: hit_type {
    description: "page, add_to_cart, checkout or purchase"
    type: string
    sql: ${TABLE}.type ;;
  }

  dimension: page_path {
    type: string
    sql: REGEXP_REPLACE(${TABLE}.page.path, r'\?.*$', '') ;;
  }

  dimension: items {
    hidden: yes
    sql: ${TABLE}.items ;;
  }

  measure: hit_count {
    label: "Number of Hits"
    type: count
  }

  measure: page_views {
    type: count
    filters: [hit_type: "page"]
  }

  measure: purchasing_sessions {
    type: count_distinct
    sql: ${sessions.session_id} ;;
    filters: [hit_type: "purchase"]
  }
}
