connection: "storefront_bigquery"
label: "Operations"

include: "/datagroups.lkml"
include: "/shared/access.lkml"
include: "/shared/formats.lkml"
include: "/views/operations/**/*.view"
include: "/explores/operations/*.explore.lkml"
include: "/refinements/operations/*.layer.lkml"
include: "/dashboards/fulfillment.dashboard"

persist_with: nightly_etl
week_start_day: monday
fiscal_month_offset: 1
