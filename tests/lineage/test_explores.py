"""What explores read: views under aliases, always or on demand, and the fields in their conditions (R6, R14.5)."""

from __future__ import annotations

import pytest

from dagster_lookml.lineage.answer import ProjectLineage
from tests.lineage import tables
from tests.tracing import columns, edges, gaps, traced


def views(found: ProjectLineage, explore: str) -> list[str]:
    """The views that an explore reads, and how."""
    return [one for one in edges(found, f"explore:m/{explore}") if one.startswith("view:")]


def conditions(found: ProjectLineage, explore: str) -> list[str]:
    """The fields and columns in the conditions of an explore, and how it reads them."""
    return [one for one in edges(found, f"explore:m/{explore}") if one.startswith(("field:", "column:"))]


# -- aliases -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R6.1")
@pytest.mark.parametrize(
    ("explore", "alias"),
    [
        ("explore: orders {}", "orders"),
        ("explore: e { from: orders }", "e"),
        ("explore: e { view_name: orders }", "orders"),
        ("explore: e { from: orders view_name: w }", "w"),
    ],
)
def test_the_base_view_and_its_alias(explore: str, alias: str) -> None:
    name = explore.split()[1]
    found = traced(
        f"""
        view: orders {{ sql_table_name: s.orders ;; dimension: id {{}} }}
        view: extra {{ sql_table_name: s.extra ;; dimension: id {{}} dimension: base_id {{ sql: ${{{alias}.id}} ;; }} }}
        {explore}
        explore: +{name} {{ join: extra {{ sql_on: ${{{alias}.id}} = ${{extra.id}} ;; }} }}
        """
    )

    assert views(found, name) == ["view:extra joins_on_demand", "view:orders joins_always"]
    assert conditions(found, name) == ["field:extra.id join_condition", "field:orders.id join_condition"]
    assert edges(found, "field:extra.base_id") == ["field:orders.id reads"]
    assert tables(found) == ["s.extra", "s.orders"]


@pytest.mark.rule("R6.2")
def test_a_join_from_another_view_reads_that_view() -> None:
    found = traced(
        """
        view: orders { sql_table_name: s.orders ;; dimension: uid {} dimension: buyer_name { sql: ${buyer.name} ;; } }
        view: users { sql_table_name: s.users ;; dimension: id {} dimension: name {} }
        explore: orders { join: buyer { from: users sql_on: ${orders.uid} = ${buyer.id} ;; } }
        """
    )

    assert views(found, "orders") == ["view:orders joins_always", "view:users joins_on_demand"]
    assert edges(found, "field:orders.buyer_name") == ["field:users.name reads"]
    assert tables(found) == ["s.orders", "s.users"]


@pytest.mark.rule("R6.10")
@pytest.mark.rule("R6.17")
def test_views_that_are_not_there_leave_the_explore_and_the_rest_of_it() -> None:
    found = traced(
        """
        view: orders { sql_table_name: s.orders ;; dimension: id {} dimension: x { sql: ${gone.y} ;; } }
        explore: template { extension: required view_name: nothing }
        explore: orders { join: gone { sql_on: ${orders.id} = ${gone.id} ;; } }
        explore: lost {}
        """
    )

    assert "explore:m/lost" in found.lineage.graph.nodes
    assert edges(found, "explore:m/lost") == []
    assert views(found, "orders") == ["view:orders joins_always"]
    assert conditions(found, "orders") == ["field:orders.id join_condition"]
    assert gaps(found, "field:orders.x") == ["unknown-view gone.y"]


# -- always or on demand -----------------------------------------------------------------------------------------------

FOUR = """
    view: a { sql_table_name: s.a ;; dimension: id {} dimension: deleted {} }
    view: b { sql_table_name: s.b ;; dimension: id {} dimension: c_id {} dimension: via_d { sql: ${d.name} ;; } }
    view: c { sql_table_name: s.c ;; dimension: id {} }
    view: d { sql_table_name: s.d ;; dimension: id {} dimension: name {} }
"""
JOINS = """
    join: b { sql_on: ${a.id} = ${b.id} ;; }
    join: c { sql_on: ${b.c_id} = ${c.id} ;; }
    join: d { sql_on: ${a.id} = ${d.id} ;; }
"""


@pytest.mark.rule("R6.11")
@pytest.mark.rule("R6.12")
@pytest.mark.rule("R6.13")
@pytest.mark.parametrize(
    ("extra", "always"),
    [
        ("", "a"),
        ("always_join: [b]", "ab"),
        ("always_join: [c]", "abc"),
        ("always_join: [d, b]", "abd"),
        ("sql_always_where: ${c.id} > 0 ;;", "abc"),
        ("sql_always_where: ${a.deleted} = 0 ;;", "a"),
        ("sql_always_where: ${b.via_d} = 'x' ;;", "abd"),
        ("sql_always_having: ${d.name} = 'x' ;;", "ad"),
        ("access_filter: { field: c.id user_attribute: u }", "abc"),
    ],
)
def test_a_join_is_always_there_if_every_query_needs_it(extra: str, always: str) -> None:
    found = traced(f"{FOUR} explore: a {{ {extra} {JOINS} }}")

    assert views(found, "a") == [f"view:{one} {'joins_always' if one in always else 'joins_on_demand'}" for one in "abcd"]


@pytest.mark.rule("R6.12")
def test_a_join_that_is_always_there_brings_those_that_it_requires() -> None:
    found = traced(
        f"""{FOUR} explore: a {{
          always_join: [b]
          join: b {{ sql_on: ${{a.id}} = ${{b.id}} ;; required_joins: [d] }}
          join: d {{ sql_on: ${{a.id}} = ${{d.id}} ;; }}
        }}"""
    )

    assert views(found, "a") == ["view:a joins_always", "view:b joins_always", "view:d joins_always"]


# -- conditions --------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R6.14")
@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("sql_always_where: ${deleted} = 0 AND ${a.id} > 1 ;;", ["field:a.deleted row_filter", "field:a.id row_filter"]),
        ("sql_always_where: a.region = 'eu' ;;", ["column:s.a.region row_filter inferred"]),
        ("sql_always_where: ${TABLE}.region = 'eu' ;;", None),
        ("sql_always_having: ${a.id} > 1 ;;", ["field:a.id row_filter"]),
        ("access_filter: { field: a.id user_attribute: u }", ["field:a.id row_filter"]),
        (
            "access_filter: { field: a.id user_attribute: u } access_filter: { field: a.deleted user_attribute: v }",
            ["field:a.deleted row_filter", "field:a.id row_filter"],
        ),
        ('always_filter: { filters: [deleted: "no", a.id: "1"] }', ["field:a.deleted row_filter", "field:a.id row_filter"]),
        ('always_filter: { filters: { field: deleted value: "no" } }', ["field:a.deleted row_filter"]),
        ('conditionally_filter: { filters: [deleted: "no"] unless: [id] }', ["field:a.deleted row_filter"]),
        ("sql_always_where: ${id} IN (SELECT x.id FROM s.vip AS x) ;;", ["column:s.vip.id row_filter", "field:a.id row_filter"]),
        (
            "sql_always_where: {% if a.id._in_query %} ${id} > 1 {% else %} ${deleted} = 0 {% endif %} ;;",
            ["field:a.deleted row_filter if not a.id._in_query", "field:a.id asked", "field:a.id row_filter if a.id._in_query"],
        ),
        (
            "sql_always_where: {% condition a.id %} ${deleted} {% endcondition %} ;;",
            ["field:a.deleted row_filter", "field:a.id asked"],
        ),
    ],
)
def test_what_an_explore_always_asks(extra: str, expected: list[str] | None) -> None:
    found = traced(f"view: a {{ sql_table_name: s.a ;; dimension: id {{}} dimension: deleted {{}} }} explore: a {{ {extra} }}")

    if expected is None:  # ``${TABLE}`` means nothing here; whatever is made of it, the explore keeps its view
        assert views(found, "a") == ["view:a joins_always"]
    else:
        assert conditions(found, "a") == expected


@pytest.mark.rule("R6.7")
@pytest.mark.parametrize(
    ("join", "expected"),
    [
        ("sql_on: ${a.b_id} = ${b.id} ;;", ["field:a.b_id", "field:b.id"]),
        ("sql_on: ${a.b_id} = ${b.id} AND ${b.kind} = 'x' ;;", ["field:a.b_id", "field:b.id", "field:b.kind"]),
        ("sql_on: ${a.b_id} = ${b.id} ;; sql_where: ${b.kind} = 'x' ;;", ["field:a.b_id", "field:b.id", "field:b.kind"]),
        ("foreign_key: b_id", ["field:a.b_id", "field:b.id"]),
        ("foreign_key: a.b_id", ["field:a.b_id", "field:b.id"]),
        ("type: cross", []),
        ("sql_on: ${a.at_date} = ${b.id} ;;", ["field:a.at", "field:b.id"]),
    ],
)
def test_what_a_join_compares(join: str, expected: list[str]) -> None:
    found = traced(
        f"""
        view: a {{ sql_table_name: s.a ;; dimension: b_id {{}} dimension_group: at {{ type: time timeframes: [date] }} }}
        view: b {{ sql_table_name: s.b ;; dimension: id {{ primary_key: yes }} dimension: kind {{}} }}
        explore: a {{ join: b {{ {join} }} }}
        """
    )

    assert conditions(found, "a") == [f"{one} join_condition" for one in expected]


@pytest.mark.rule("R4.30")
def test_columns_in_a_join_without_references() -> None:
    found = traced(
        """
        view: a { sql_table_name: s.a ;; dimension: id {} }
        view: b { sql_table_name: s.b ;; dimension: id {} }
        explore: a { join: b { sql_on: a.b_id = b.id AND ${a.id} > 1 ;; } }
        """
    )

    assert conditions(found, "a") == [
        "column:s.a.b_id join_condition inferred",
        "column:s.b.id join_condition inferred",
        "field:a.id join_condition",
    ]


@pytest.mark.rule("R6.7")
def test_a_foreign_key_through_another_join() -> None:
    found = traced(
        """
        view: a { sql_table_name: s.a ;; dimension: id {} dimension: b_id {} }
        view: b { sql_table_name: s.b ;; dimension: id { primary_key: yes } dimension: c_id {} }
        view: c { sql_table_name: s.c ;; dimension: key { primary_key: yes } }
        explore: a { join: b { foreign_key: b_id } join: c { foreign_key: b.c_id } }
        """
    )

    assert conditions(found, "a") == [f"field:{one} join_condition" for one in ("a.b_id", "b.c_id", "b.id", "c.key")]


# -- tables for one use ------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.5")
@pytest.mark.rule("R14.6")
def test_the_table_of_an_explore_stands_in_place_of_the_views() -> None:
    found = traced(
        """
        view: orders { dimension: id {} measure: n { type: sum sql: ${TABLE}.x ;; } }
        explore: orders { sql_table_name: s.archive ;; }
        """
    )

    assert tables(found) == ["s.archive"]
    assert edges(found, "explore:m/orders") == ["table:s.archive reads", "view:orders joins_always"]
    assert columns(found, "field:orders.id") == ["s.archive.id"]
    assert columns(found, "field:orders.n") == ["s.archive.x"]


@pytest.mark.rule("R4.5")
def test_a_view_with_its_own_table_in_one_explore_and_another_in_the_next_reads_both() -> None:
    found = traced(
        """
        view: orders { sql_table_name: s.orders ;; dimension: id {} }
        view: users { sql_table_name: s.users ;; dimension: id {} }
        explore: orders { join: users { sql_on: ${orders.id} = ${users.id} ;; } }
        explore: archive { view_name: orders sql_table_name: s.archive ;;
          join: users { sql_table_name: s.old_users ;; sql_on: ${orders.id} = ${users.id} ;; } }
        """
    )

    assert columns(found, "field:orders.id") == ["s.archive.id", "s.orders.id"]
    assert columns(found, "field:users.id") == ["s.old_users.id", "s.users.id"]
    assert [one for one in edges(found, "explore:m/archive") if one.startswith("table:")] == [
        "table:s.archive reads",
        "table:s.old_users reads",
    ]
    assert [one for one in edges(found, "explore:m/orders") if one.startswith("table:")] == []


@pytest.mark.rule("R4.5")
def test_the_table_of_a_use_may_depend_on_a_template_or_another_view() -> None:
    found = traced(
        """
        view: orders { dimension: id {} }
        view: copy { sql_table_name: s.copy ;; dimension: id {} }
        explore: orders {
          sql_table_name: {% if orders.id._in_query %} s.small {% else %} s.large {% endif %} ;;
          join: again { from: orders sql_table_name: ${copy.SQL_TABLE_NAME} ;; sql_on: ${orders.id} = ${again.id} ;; }
        }
        """
    )

    assert tables(found) == ["s.copy", "s.large", "s.small"]
    assert edges(found, "field:orders.id") == [
        "column:s.copy.id reads",
        "column:s.large.id reads if not orders.id._in_query",
        "column:s.small.id reads if orders.id._in_query",
    ]


def test_tables_in_the_conditions_of_an_explore_are_read_by_it() -> None:
    found = traced(
        """
        view: a { sql_table_name: s.a ;; dimension: id {} }
        view: vip { sql_table_name: s.vip ;; dimension: id {} }
        explore: a { sql_always_where: ${id} IN (SELECT v.id FROM ${vip.SQL_TABLE_NAME} AS v JOIN s.more AS m ON m.id = v.id) ;; }
        """
    )

    assert [one.split()[0] for one in edges(found, "explore:m/a") if not one.startswith(("field:", "column:"))] == [
        "table:s.more",
        "view:a",
        "view:vip",
    ]
    assert conditions(found, "a") == [
        "column:s.more.id row_filter",
        "column:s.vip.id row_filter",
        "field:a.id row_filter",
    ]


def test_drill_fields_and_links_read_nothing() -> None:
    found = traced(
        """
        view: a { sql_table_name: s.a ;; drill_fields: [owner.name, id]
          dimension: id { html: {{ owner.name._value }} ;; link: { label: "x" url: "/d?{{ a.id._value }}" } }
          measure: n { type: sum sql: ${TABLE}.x ;; drill_fields: [owner.name] }
        }
        explore: a {}
        """
    )

    assert edges(found, "field:a.id") == ["column:s.a.id reads"]
    assert edges(found, "field:a.n") == ["column:s.a.x reads"]
    assert gaps(found, "field:a.n") == []


def test_an_explore_that_leaves_a_field_out_need_not_have_what_it_reads() -> None:
    found = traced("""
        view: tracks {
          sql_table_name: d.tracks ;;
          dimension: id { primary_key: yes }
          dimension: is_new { type: yesno sql: ${users.first} = ${TABLE}.day ;; }
        }
        view: users { sql_table_name: d.users ;; dimension: id {} dimension: first {} }
        view: events { sql_table_name: d.events ;; dimension: track_id {} }
        explore: tracks { join: users { sql_on: ${users.id} = ${tracks.id} ;; } }
        explore: events {
          join: tracks { fields: [] sql_on: ${events.track_id} = ${tracks.id} ;; }
        }
    """)

    assert columns(found, "field:tracks.is_new") == ["d.tracks.day", "d.users.first"]
    assert gaps(found, "field:tracks.is_new") == []
