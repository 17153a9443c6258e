project_name: "storefront"

# Company calendar, maintained by the finance data team. Our copy of its tables
# sits in the "reference" dataset (and in the REFERENCE schema on Snowflake).
local_dependency: {
  project: "calendar_block"

  override_constant: CALENDAR_DATASET {
    value: "reference"
  }
}

constant: WAREHOUSE_CONNECTION {
  value: "storefront_bigquery"
}

constant: GCP_PROJECT {
  value: "storefront-prod"
}

constant: SHOP_DATASET {
  value: "shop"
}

# Fully qualified dataset of the shop database replica.
constant: SHOP {
  value: "@{GCP_PROJECT}.@{SHOP_DATASET}"
}

# Multiplier for amounts stored in US dollars. Finance fixes the rate once a year.
constant: CURRENCY_RATE {
  value: "{% if order_items.display_currency._parameter_value == 'eur' %}0.92{% else %}1.0{% endif %}"
}

# Negative amounts in red.
constant: SIGNED_AMOUNT_HTML {
  value: "<span style='color: {% if value < 0 %}#b3261e{% else %}#1f1f1f{% endif %}'>{{ rendered_value }}</span>"
}
