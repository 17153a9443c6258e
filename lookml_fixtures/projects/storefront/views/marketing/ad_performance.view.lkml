# Daily figures per campaign, or per keyword if a keyword field is in the query.
# The keyword table is fifty times larger.
view: ad_performance {
  sql_table_name:
    {% if ad_performance.keyword._in_query or ad_performance.match_type._in_query %}
      MARKETING.ADS.KEYWORD_PERFORMANCE
    {% else %}
      MARKETING.ADS.CAMPAIGN_PERFORMANCE
    {% endif %} ;;

  dimension: row_id {
    primary_key: yes
    hidden: yes
    type: string
    sql: ${TABLE}."ROW_ID" ;;
  }

  dimension: campaign_id {
    hidden: yes
    type: string
    sql: ${TABLE}."CAMPAIGN_ID" ;;
  }

  dimension: keyword {
    group_label: "Keyword"
    type: string
    sql: ${TABLE}."KEYWORD" ;;
  }

  dimension: match_type {
    group_label: "Keyword"
    type: string
    sql: ${TABLE}."MATCH_TYPE" ;;
  }

  dimension: device {
    type: string
    sql: ${TABLE}."DEVICE" ;;
  }

  dimension_group: report {
    type: time
    timeframes: [date, week, month, quarter]
    datatype: date
    convert_tz: no
    sql: ${TABLE}."REPORT_DATE" ;;
  }

  measure: impressions {
    type: sum
    sql: ${TABLE}."IMPRESSIONS" ;;
  }

  measure: clicks {
    type: sum
    sql: ${TABLE}."CLICKS" ;;
  }

  measure: spend {
    type: sum
    value_format_name: usd_compact
    sql: ${TABLE}."COST_MICROS" / 1000000 ;;
  }

  measure: click_through_rate {
    label: "CTR"
    type: number
    value_format_name: percent_2
    sql: ${clicks} / NULLIF(${impressions}, 0) ;;
  }

  measure: cost_per_click {
    label: "CPC"
    type: number
    value_format_name: usd
    sql: ${spend} / NULLIF(${clicks}, 0) ;;
  }
}
