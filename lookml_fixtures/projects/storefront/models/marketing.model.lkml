connection: "storefront_snowflake"
label: "Marketing"

include: "/shared/formats.lkml"
include: "/views/marketing/*"
include: "//calendar_block/views/date_calendar.view"
include: "/dashboards/marketing_*.dashboard"

datagroup: ads_refresh {
  description: "Fires after each load of the ad platforms."
  sql_trigger: SELECT MAX(LOADED_AT) FROM MARKETING.META.LOAD_LOG WHERE SOURCE = 'ads' ;;
  max_cache_age: "6 hours"
}

persist_with: ads_refresh
week_start_day: monday

explore: ad_performance {
  label: "Ad Performance"
  description: "Impressions, clicks and spend, as reported by the ad platforms."

  join: campaigns {
    relationship: many_to_one
    sql_on: ${ad_performance.campaign_id} = ${campaigns.campaign_id} ;;
  }

  join: date_calendar {
    relationship: many_to_one
    sql_on: ${ad_performance.report_date} = ${date_calendar.calendar_date} ;;
  }
}

explore: sessions {
  label: "Campaign Sessions"

  join: campaigns {
    relationship: many_to_one
    sql_on: ${sessions.campaign_id} = ${campaigns.campaign_id} ;;
  }
}

explore: attribution {
  label: "Attribution"
  description: "Revenue credited to the sessions, and so to the campaigns, that led to it."

  join: sessions {
    relationship: many_to_one
    sql_on: ${attribution.session_key} = ${sessions.session_key} ;;
  }

  join: campaigns {
    relationship: many_to_one
    sql_on: ${attribution.campaign_id} = ${campaigns.campaign_id} ;;
  }
}
