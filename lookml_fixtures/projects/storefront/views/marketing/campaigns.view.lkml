# The ads loader creates this table with a quoted name; upper case does not find it.
view: campaigns {
  sql_table_name: MARKETING.ADS."Campaigns" ;;

  dimension: campaign_id {
    primary_key: yes
    hidden: yes
    type: string
    sql: ${TABLE}."CAMPAIGN_ID" ;;
  }

  dimension: name {
    label: "Campaign"
    type: string
    sql: ${TABLE}."Campaign Name" ;;
  }

  dimension: channel {
    description: "search, social, display or email"
    type: string
    sql: LOWER(${TABLE}."CHANNEL") ;;
  }

  dimension: is_brand {
    label: "Brand Campaign"
    type: yesno
    sql: ${name} ILIKE '%brand%' ;;
  }

  dimension: daily_budget {
    type: number
    value_format_name: usd
    sql: ${TABLE}."DAILY_BUDGET" ;;
  }

  dimension_group: started {
    type: time
    timeframes: [date, month]
    datatype: date
    convert_tz: no
    sql: ${TABLE}."START_DATE" ;;
  }

  measure: count {
    label: "Number of Campaigns"
    type: count
    drill_fields: [name, channel, daily_budget]
  }
}
