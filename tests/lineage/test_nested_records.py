"""Nested records: views whose rows are the elements of an array, and no table anywhere (R6.8, R6.20)."""

from __future__ import annotations

import pytest

from tests.lineage import speaking, tables
from tests.tracing import columns, edges, gaps, traced

ORDERS = """
    view: orders {
      sql_table_name: d.orders ;;
      dimension: id { primary_key: yes }
      dimension: items { hidden: yes sql: ${TABLE}.items ;; }
    }
    view: items {
      dimension: sku {}
      dimension: qty { sql: ${TABLE}.quantity ;; }
      dimension: city { sql: ${TABLE}.address.city ;; }
      measure: total { type: sum sql: ${qty} ;; }
    }
"""


@pytest.mark.rule("R6.8")
@pytest.mark.parametrize(
    "join",
    [
        "sql: LEFT JOIN UNNEST(${orders.items}) AS items ;;",
        "sql: LEFT JOIN UNNEST(${orders.items}) items ;;",
        "sql: left join unnest(${orders.items}) as items ;; relationship: one_to_many",
        "sql: INNER JOIN UNNEST(${orders.items}) AS items ;;",
        "sql: CROSS JOIN UNNEST(${orders.items}) AS items ;;",
        "sql: , UNNEST(${orders.items}) AS items ;;",
        "sql: LEFT JOIN UNNEST(${orders.items}) AS items WITH OFFSET AS pos ;;",
        "sql: LEFT JOIN UNNEST([${orders.items}]) AS items ;;",
        "sql: LEFT JOIN UNNEST(${orders.items}) AS items ON items.sku IS NOT NULL ;;",
        "sql_table_name: UNNEST(${orders.items}) ;; type: cross",
    ],
)
def test_the_fields_of_a_nested_view_are_below_the_column_that_is_unnested(join: str) -> None:
    found = traced(f"{ORDERS} explore: orders {{ join: items {{ {join} }} }}", config=speaking("bigquery"))

    assert tables(found) == ["d.orders"]
    assert edges(found, "view:items") == ["view:orders nested"]
    assert {name: columns(found, f"field:items.{name}") for name in ("sku", "qty", "city", "total")} == {
        "sku": ["d.orders.items.sku"],
        "qty": ["d.orders.items.quantity"],
        "city": ["d.orders.items.address.city"],
        "total": ["d.orders.items.quantity"],
    }


@pytest.mark.rule("R6.8")
@pytest.mark.rule("R14.5")
@pytest.mark.parametrize(
    "join",
    [
        "sql: LEFT JOIN UNNEST(${orders.items}) AS items ;;",
        pytest.param(
            "sql_table_name: UNNEST(${orders.items}) ;; type: cross",
        ),
    ],
)
def test_the_join_of_a_nested_view_reads_the_field_that_it_unnests(join: str) -> None:
    found = traced(f"{ORDERS} explore: orders {{ join: items {{ {join} }} }}", config=speaking("bigquery"))

    assert edges(found, "explore:m/orders") == [
        "field:orders.items join_condition",
        "view:items joins_on_demand",
        "view:orders joins_always",
    ]


@pytest.mark.rule("R6.8")
@pytest.mark.rule("R4.30")
def test_an_array_may_be_named_without_a_reference() -> None:
    found = traced(
        f"{ORDERS} explore: orders {{ join: items {{ sql: LEFT JOIN UNNEST(orders.items) AS items ;; }} }}",
        config=speaking("bigquery"),
    )

    assert tables(found) == ["d.orders"]
    assert columns(found, "field:items.sku") == ["d.orders.items.sku"]
    assert edges(found, "field:items.sku") == ["column:d.orders.items.sku reads inferred"]
    assert edges(found, "view:items") == ["view:orders nested"]


@pytest.mark.rule("R6.8")
@pytest.mark.parametrize("base", ["explore: Lost {", "explore: users { join: Lost {}"], ids=["base", "join"])
def test_an_array_of_a_view_that_is_not_there_is_no_column_that_is_missing(base: str) -> None:
    found = traced(
        f"""
        view: users {{ sql_table_name: d.users ;; dimension: id {{}} }}
        view: items {{ dimension: item {{ sql: ${{TABLE}} ;; }} }}
        {base} join: items {{ sql_table_name: UNNEST(lost.items) ;; sql_on: TRUE ;; relationship: one_to_many }} }}
        """
    )

    assert gaps(found, "field:items.item") == ["unknown-view lost"]


@pytest.mark.rule("R6.8")
def test_an_array_in_an_array() -> None:
    found = traced(
        f"""
        {ORDERS}
        view: +items {{ dimension: discounts {{ hidden: yes }} }}
        view: discounts {{ dimension: code {{}} dimension: parts {{}} }}
        view: parts {{ dimension: name {{}} }}
        explore: orders {{
          join: items {{ sql: LEFT JOIN UNNEST(${{orders.items}}) AS items ;; }}
          join: discounts {{ sql: LEFT JOIN UNNEST(${{items.discounts}}) AS discounts ;; required_joins: [items] }}
          join: parts {{ sql: LEFT JOIN UNNEST(${{discounts.parts}}) AS parts ;; required_joins: [discounts] }}
        }}
        """,
        config=speaking("bigquery"),
    )

    assert tables(found) == ["d.orders"]
    assert [edges(found, f"view:{name}") for name in ("items", "discounts", "parts")] == [
        ["view:orders nested"],
        ["view:items nested"],
        ["view:discounts nested"],
    ]
    assert columns(found, "field:discounts.code") == ["d.orders.items.discounts.code"]
    assert columns(found, "field:parts.name") == ["d.orders.items.discounts.parts.name"]


@pytest.mark.rule("R6.8")
def test_the_elements_of_an_array_of_values() -> None:
    found = traced(
        """
        view: orders { sql_table_name: d.orders ;; dimension: tags {} }
        view: tag { dimension: name { sql: ${TABLE} ;; } measure: all { type: count_distinct sql: ${name} ;; } }
        explore: orders { join: tag { sql: LEFT JOIN UNNEST(${orders.tags}) AS tag ;; } }
        """,
        config=speaking("bigquery"),
    )

    assert tables(found) == ["d.orders"]
    assert columns(found, "field:tag.name") == ["d.orders.tags"]
    assert columns(found, "field:tag.all") == ["d.orders.tags"]


@pytest.mark.rule("R6.8")
@pytest.mark.rule("R4.30")
def test_the_alias_of_an_array_of_values_alone_is_the_element() -> None:
    found = traced(
        """
        view: orders { sql_table_name: d.orders ;; dimension: tags {} }
        view: tag { dimension: name { sql: tag ;; } dimension: shout { sql: upper(tag) ;; } }
        explore: orders { join: tag { sql: LEFT JOIN UNNEST(${orders.tags}) AS tag ;; } }
        """,
        config=speaking("bigquery"),
    )

    assert columns(found, "field:tag.name") == ["d.orders.tags"]
    assert columns(found, "field:tag.shout") == ["d.orders.tags"]


@pytest.mark.rule("R6.8")
@pytest.mark.rule("R6.2")
def test_a_nested_view_may_be_joined_under_another_name() -> None:
    found = traced(
        f"""{ORDERS} explore: orders {{
          join: line {{ from: items sql: LEFT JOIN UNNEST(${{orders.items}}) AS line ;; }}
        }}""",
        config=speaking("bigquery"),
    )

    assert tables(found) == ["d.orders"]
    assert columns(found, "field:items.sku") == ["d.orders.items.sku"]


@pytest.mark.rule("R6.8")
def test_a_nested_view_of_two_parents_reads_a_column_of_each() -> None:
    found = traced(
        f"""
        {ORDERS}
        view: carts {{ sql_table_name: d.carts ;; dimension: items {{ sql: ${{TABLE}}.lines ;; }} }}
        explore: orders {{ join: items {{ sql: LEFT JOIN UNNEST(${{orders.items}}) AS items ;; }} }}
        explore: carts {{ join: items {{ sql: LEFT JOIN UNNEST(${{carts.items}}) AS items ;; }} }}
        """,
        config=speaking("bigquery"),
    )

    assert edges(found, "view:items") == ["view:carts nested", "view:orders nested"]
    assert columns(found, "field:items.sku") == ["d.carts.lines.sku", "d.orders.items.sku"]


@pytest.mark.rule("R6.8")
def test_an_array_of_a_derived_table_is_followed_to_its_column() -> None:
    found = traced(
        """
        view: v { derived_table: { sql: SELECT e.id, e.payload.lines AS items FROM d.events AS e ;; } dimension: items {} }
        view: items { dimension: sku {} }
        explore: v { join: items { sql: LEFT JOIN UNNEST(${v.items}) AS items ;; } }
        """,
        config=speaking("bigquery"),
    )

    assert columns(found, "field:items.sku") == ["d.events.payload.lines.sku"]


@pytest.mark.rule("R6.8")
def test_an_array_that_is_made_of_several_columns() -> None:
    found = traced(
        """
        view: t { sql_table_name: d.t ;; dimension: csv {} }
        view: word { dimension: text { sql: word ;; } }
        explore: t { join: word { sql: LEFT JOIN UNNEST(SPLIT(${t.csv}, ',')) AS word ;; } }
        """,
        config=speaking("bigquery"),
    )

    assert tables(found) == ["d.t"]
    assert columns(found, "field:word.text") == ["d.t.csv"]


@pytest.mark.rule("R6.8")
@pytest.mark.parametrize(
    "join",
    [
        "sql: , LATERAL FLATTEN(input => ${orders.items}) items ;;",
        "sql: , LATERAL FLATTEN(INPUT => ${orders.items}, OUTER => true) AS items ;;",
        "sql: LEFT JOIN LATERAL FLATTEN(input => ${orders.items}) items ;;",
        "sql: , TABLE(FLATTEN(${orders.items})) items ;;",
    ],
)
def test_flatten(join: str) -> None:
    found = traced(
        f"""
        view: orders {{ sql_table_name: s.orders ;; dimension: items {{}} }}
        view: items {{
          dimension: sku {{ sql: ${{TABLE}}.value:sku::string ;; }}
          dimension: whole {{ sql: ${{TABLE}}.value ;; }}
        }}
        explore: orders {{ join: items {{ {join} }} }}
        """,
        config=speaking("snowflake"),
    )

    assert tables(found) == ["s.orders"]
    assert edges(found, "view:items") == ["view:orders nested"]
    assert columns(found, "field:items.whole") == ["s.orders.items"]
    assert columns(found, "field:items.sku")[0].startswith("s.orders.items")


@pytest.mark.rule("R6.8")
def test_a_view_whose_own_table_is_an_array_of_another() -> None:
    found = traced(
        """
        view: orders { sql_table_name: d.orders ;; dimension: items {} }
        view: items { sql_table_name: UNNEST(${orders.items}) ;; dimension: sku {} }
        explore: orders { join: items { type: cross relationship: one_to_many } }
        """,
        config=speaking("bigquery"),
    )

    assert tables(found) == ["d.orders"]
    assert columns(found, "field:items.sku") == ["d.orders.items.sku"]
    assert edges(found, "view:items") == ["view:orders nested"]


@pytest.mark.rule("R6.8")
def test_what_is_unnested_in_a_chain_is_below_what_was_unnested_before() -> None:
    """A bare name in the second UNNEST is a field of the elements of the first, and no column of the base table."""
    found = traced(
        """
        view: events { sql_table_name: d.events ;; dimension: id {} dimension: details { hidden: yes } }
        view: details { dimension: quantity {} dimension: product_id { sql: product.id ;; } }
        explore: events {
          join: details {
            sql: LEFT JOIN UNNEST(${events.details}) AS details LEFT JOIN UNNEST([product]) AS product ;;
            relationship: one_to_many
          }
        }
        """,
        config=speaking("bigquery"),
    )

    assert edges(found, "explore:m/events") == [
        "field:events.details join_condition", "view:details joins_on_demand", "view:events joins_always"
    ]  # fmt: skip
    assert columns(found, "field:details.product_id") == ["d.events.details.product.id"]


def test_sql_of_a_field_may_unnest_itself() -> None:
    found = traced(
        """
        view: v {
          sql_table_name: d.t ;;
          dimension: page { sql: (SELECT value.string_value FROM UNNEST(${TABLE}.event_params) WHERE key = 'page') ;; }
        }
        """,
        config=speaking("bigquery"),
    )

    assert tables(found) == ["d.t"]
    assert columns(found, "field:v.page") == ["d.t.event_params.key", "d.t.event_params.value.string_value"]


@pytest.mark.rule("R6.8")
def test_a_nested_view_that_no_explore_unnests_invents_no_table() -> None:
    found = traced(
        f"""
        {ORDERS}
        view: lonely {{ dimension: x {{}} }}
        explore: orders {{ join: items {{ sql: LEFT JOIN UNNEST(${{orders.items}}) AS items ;; }} }}
        explore: +orders {{ join: lonely {{ sql: LEFT JOIN UNNEST(${{orders.gone}}) AS lonely ;; }} }}
        """,
        config=speaking("bigquery"),
    )

    assert tables(found) == ["d.orders"]
    assert columns(found, "field:lonely.x") == []
    assert gaps(found, "field:lonely.x") == ["unknown-field orders.gone"]


@pytest.mark.rule("R6.20")
def test_a_join_without_any_table_is_a_list_of_fields() -> None:
    found = traced(
        """
        view: orders { sql_table_name: s.orders ;; dimension: id {} dimension: net {} }
        view: knobs { parameter: p { type: string } dimension: margin { sql: ${orders.net} * 2 ;; } }
        explore: orders { join: knobs { sql: ;; relationship: one_to_one } }
        """
    )

    assert tables(found) == ["s.orders"]
    assert edges(found, "view:knobs") == []
    assert edges(found, "field:knobs.margin") == ["field:orders.net reads"]
    assert columns(found, "field:knobs.margin") == ["s.orders.net"]


@pytest.mark.rule("R6.20")
def test_a_column_of_a_join_without_a_table_is_said_to_have_none() -> None:
    found = traced(
        """
        view: orders { sql_table_name: s.orders ;; dimension: id {} }
        view: knobs { dimension: x {} }
        explore: orders { join: knobs { sql: ;; } }
        """
    )

    assert tables(found) == ["s.orders"]
    assert [gap.split()[0] for gap in gaps(found, "field:knobs.x")] == ["no-table"]


@pytest.mark.rule("R6.8")
def test_the_table_of_a_view_in_place_of_a_join() -> None:
    found = traced(
        """
        view: orders { sql_table_name: s.orders ;; dimension: id {} }
        view: days { sql_table_name: s.days ;; dimension: day { sql: ${TABLE}.d ;; } }
        explore: orders { join: days { sql: , ${days.SQL_TABLE_NAME} as days ;; } }
        """
    )

    assert edges(found, "view:days") == ["table:s.days reads"]
    assert edges(found, "explore:m/orders") == ["view:days joins_on_demand", "view:orders joins_always"]
    assert columns(found, "field:days.day") == ["s.days.d"]


@pytest.mark.rule("R6.8")
def test_the_text_of_a_whole_join_names_its_table() -> None:
    found = traced(
        """
        view: orders { sql_table_name: s.orders ;; dimension: user_id {} }
        view: u { dimension: name {} dimension: city { sql: u.town ;; } }
        explore: orders { join: u { sql: LEFT JOIN s.users AS u ON u.id = ${orders.user_id} AND u.active ;; } }
        """
    )

    assert tables(found) == ["s.orders", "s.users"]
    assert edges(found, "view:u") == []
    assert edges(found, "explore:m/orders") == [
        "column:s.users.active join_condition",
        "column:s.users.id join_condition",
        "field:orders.user_id join_condition",
        "table:s.users reads",
        "view:orders joins_always",
        "view:u joins_on_demand",
    ]
    assert columns(found, "field:u.name") == ["s.users.name"]
    assert columns(found, "field:u.city") == ["s.users.town"]


@pytest.mark.rule("R6.8")
def test_a_subquery_in_place_of_a_join() -> None:
    found = traced(
        """
        view: orders { sql_table_name: s.orders ;; dimension: user_id {} }
        view: u { dimension: name {} }
        explore: orders { join: u { sql: LEFT JOIN (SELECT id, nm AS name FROM s.users) AS u ON u.id = ${orders.user_id} ;; } }
        """
    )

    assert tables(found) == ["s.orders", "s.users"]
    assert columns(found, "field:u.name") == ["s.users.nm"]


def test_a_struct_field_below_something_computed_is_not_one_of_all_that_it_is_made_of() -> None:
    """``event_extra`` goes through for some rows and is made anew for others, in the order of time."""
    found = traced("""
        view: web {
          derived_table: { sql:
            WITH pages AS (
              SELECT CASE WHEN name = 'click' THEN JSON_SET(extra, '$.t', FIRST_VALUE(extra.t) OVER (w)) ELSE extra END AS extra,
                metadata.isp AS isp
              FROM `d.events` WINDOW w AS (ORDER BY at)
            )
            SELECT pages.extra AS extra, pages.isp AS isp FROM pages ;; }
          dimension: label { sql: ${TABLE}.extra.label ;; }
          dimension: isp { sql: ${TABLE}.isp.name ;; }
        }
    """)

    assert columns(found, "field:web.label") == ["d.events.at", "d.events.extra", "d.events.extra.t", "d.events.name"]
    assert columns(found, "field:web.isp") == ["d.events.metadata.isp.name"]


def test_elements_of_an_array_that_is_computed() -> None:
    found = traced("""
        view: web {
          derived_table: { sql:
            WITH made AS (SELECT ARRAY_AGG(STRUCT(a, b)) AS parts FROM `d.t` GROUP BY k)
            SELECT part.a AS a FROM made, UNNEST(parts) AS part ;; }
          dimension: a {}
        }
    """)

    assert columns(found, "field:web.a") == ["d.t.a", "d.t.b"]


def test_a_query_that_goes_down_into_its_own_output_comes_to_an_end() -> None:
    found = traced("""
        view: tree {
          derived_table: { sql:
            WITH RECURSIVE nodes AS (
              SELECT root AS node FROM `d.trees` UNION ALL SELECT nodes.node.child AS node FROM nodes
            ) SELECT node FROM nodes ;; }
          dimension: node {}
        }
    """)

    assert "d.trees.root" in columns(found, "field:tree.node")


def test_the_name_of_the_table_in_place_of_the_alias_is_no_struct() -> None:
    found = traced("""
        view: costs {
          sql_table_name: aws.costs_raw ;;
          measure: total { type: number sql: SUM(costs_raw.amount) ;; }
        }
        explore: costs {}
    """)

    assert edges(found, "field:costs.total") == ["column:aws.costs_raw.amount reads inferred"]


def test_an_array_that_has_the_name_of_its_join() -> None:
    found = traced("""
        view: sessions { sql_table_name: d.sessions ;; dimension: id {} }
        view: hits { dimension: page { sql: ${TABLE}.page.path ;; } }
        explore: sessions { join: hits { sql: LEFT JOIN UNNEST(hits) AS hits ;; relationship: one_to_many } }
    """)

    assert columns(found, "field:hits.page") == ["d.sessions.hits.page.path"]
