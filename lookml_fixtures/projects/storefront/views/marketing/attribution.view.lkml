include: "sessions.view"

# One row for each session that preceded a conversion.
view: attribution {
  derived_table: {
    persist_for: "12 hours"
    sql:
      WITH touches AS (
        SELECT
          c."CONVERSION_ID" AS conversion_id,
          s."SESSION_KEY" AS session_key,
          s."UTM_ID" AS campaign_id,
          s."STARTED_AT" AS touched_at,
          c."REVENUE" AS revenue,
          ROW_NUMBER() OVER (PARTITION BY c."CONVERSION_ID" ORDER BY s."STARTED_AT") AS from_start,
          ROW_NUMBER() OVER (PARTITION BY c."CONVERSION_ID" ORDER BY s."STARTED_AT" DESC) AS from_end,
          COUNT(*) OVER (PARTITION BY c."CONVERSION_ID") AS touch_count
        FROM ${sessions.SQL_TABLE_NAME} AS s
        JOIN MARKETING.CRM.CONVERSIONS AS c
          ON c."VISITOR_KEY" = s."VISITOR_KEY" AND c."CONVERTED_AT" >= s."STARTED_AT"
      )
      SELECT
        conversion_id,
        session_key,
        campaign_id,
        touched_at,
        IFF(from_start = 1, revenue, 0) AS first_touch_revenue,
        IFF(from_end = 1, revenue, 0) AS last_touch_revenue,
        revenue / touch_count AS linear_revenue
      FROM touches ;;
  }

  parameter: attribution_model {
    type: unquoted
    default_value: "last"
    allowed_value: {
      label: "First touch"
      value: "first"
    }
    allowed_value: {
      label: "Last touch"
      value: "last"
    }
    allowed_value: {
      label: "Linear"
      value: "linear"
    }
  }

  dimension: touch_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: ${conversion_id} || '-' || ${session_key} ;;
  }

  dimension: conversion_id {
    type: string
  }

  dimension: session_key {
    hidden: yes
    type: string
  }

  dimension: campaign_id {
    hidden: yes
    type: string
  }

  dimension_group: touched {
    type: time
    timeframes: [date, week, month]
    sql: ${TABLE}.touched_at ;;
  }

  measure: conversions {
    label: "Number of Conversions"
    type: count_distinct
    sql: ${conversion_id} ;;
  }

  measure: attributed_revenue {
    description: "By the model chosen in Attribution Model"
    type: sum
    value_format_name: usd_compact
    sql:
      {% case attribution.attribution_model._parameter_value %}
        {% when 'first' %} ${TABLE}.first_touch_revenue
        {% when 'linear' %} ${TABLE}.linear_revenue
        {% else %} ${TABLE}.last_touch_revenue
      {% endcase %} ;;
  }
}
