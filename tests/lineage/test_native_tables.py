"""Native derived tables, column by column, through the fields of their explore (R5.5-R5.10)."""

from __future__ import annotations

import pytest

from tests.lineage import filtered_by, rows_from
from tests.tracing import columns, edges, gaps, traced

SHOP = """
    view: orders {
      sql_table_name: s.orders ;;
      dimension: id { primary_key: yes }
      dimension: user_id {}
      dimension: state { sql: ${TABLE}.status ;; }
      dimension_group: created { type: time timeframes: [date, month] sql: ${TABLE}.created_at ;; }
      measure: count { type: count }
      measure: total { type: sum sql: ${TABLE}.amount ;; }
    }
    view: users { sql_table_name: s.users ;; dimension: id { primary_key: yes } dimension: city { sql: ${TABLE}.town ;; } }
    view: shops { sql_table_name: s.shops ;; dimension: id {} }
    explore: orders {
      join: users { sql_on: ${orders.user_id} = ${users.id} ;; }
      join: shops { sql_on: ${orders.id} = ${shops.id} ;; }
    }
"""


@pytest.mark.rule("R5.6")
def test_every_column_comes_from_its_own_field() -> None:
    found = traced(
        SHOP
        + """
        view: v {
          derived_table: { explore_source: orders {
            column: state {}
            column: place { field: users.city }
            column: day { field: orders.created_date }
            column: sum { field: total }
            column: n { field: orders.count }
          } }
          dimension: state {} dimension: place {} dimension: day {} dimension: n {}
          measure: all { type: sum sql: ${TABLE}.sum ;; }
        }
        """
    )

    assert {name: columns(found, f"field:v.{name}") for name in ("state", "place", "day", "all", "n")} == {
        "state": ["s.orders.status"],
        "place": ["s.users.town"],
        "day": ["s.orders.created_at"],
        "all": ["s.orders.amount"],
        "n": ["s.orders.id"],
    }


@pytest.mark.rule("R5.10")
@pytest.mark.rule("R6.13")
def test_only_the_views_of_joins_that_are_needed_are_read() -> None:
    found = traced(
        SHOP
        + """
        view: near { derived_table: { explore_source: orders { column: id {} } } dimension: id {} }
        view: far { derived_table: { explore_source: orders { column: city { field: users.city } } } dimension: city {} }
        """
    )

    assert rows_from(found, "view:near") == ["view:orders derives"]
    assert rows_from(found, "view:far") == ["view:orders derives", "view:users derives"]
    assert filtered_by(found, "view:near") == []
    assert filtered_by(found, "view:far") == ["field:orders.user_id", "field:users.id"]


@pytest.mark.rule("R5.6")
@pytest.mark.rule("R6.5")
def test_a_column_without_a_view_belongs_to_the_base_alias() -> None:
    found = traced(
        """
        view: people { sql_table_name: s.people ;; dimension: name { sql: ${TABLE}.nm ;; } dimension: boss_id {} }
        explore: staff { from: people join: boss { from: people sql_on: ${staff.boss_id} = ${boss.name} ;; } }
        view: v {
          derived_table: { explore_source: staff {
            column: name {} column: boss { field: boss.name } column: lost { field: people.name }
          } }
          dimension: name {} dimension: boss {} dimension: lost {}
        }
        """
    )

    assert columns(found, "field:v.name") == ["s.people.nm"]
    assert columns(found, "field:v.boss") == ["s.people.nm"]
    assert columns(found, "field:v.lost") == []
    assert gaps(found, "field:v.lost") == ["unknown-view people.name"]


@pytest.mark.rule("R5.7")
def test_a_derived_column_reads_other_columns_of_the_table() -> None:
    found = traced(
        SHOP
        + """
        view: v {
          derived_table: { explore_source: orders {
            column: user_id {}
            column: total {}
            column: at { field: orders.created_date }
            derived_column: place { sql: RANK() OVER (PARTITION BY user_id ORDER BY total) ;; }
            derived_column: later { sql: place + 1 ;; }
            derived_column: fixed { sql: 1 ;; }
          } }
          dimension: place {} dimension: later {} dimension: fixed {}
        }
        """
    )

    assert columns(found, "field:v.place") == ["s.orders.amount", "s.orders.user_id"]
    assert columns(found, "field:v.later") == ["s.orders.amount", "s.orders.user_id"]
    assert columns(found, "field:v.fixed") == []
    assert [gaps(found, f"field:v.{name}") for name in ("place", "later", "fixed")] == [[], [], []]


@pytest.mark.rule("R5.8")
@pytest.mark.rule("R5.19")
def test_filters_decide_its_rows_and_bring_their_joins_and_development_filters_do_not() -> None:
    found = traced(
        SHOP
        + """
        view: v {
          derived_table: { explore_source: orders {
            column: id {}
            filters: [users.city: "Rome", state: "paid"]
            dev_filters: [shops.id: "1"]
          } }
          dimension: id {}
        }
        """
    )

    assert rows_from(found, "view:v") == ["view:orders derives", "view:users derives"]
    assert filtered_by(found, "view:v") == ["field:orders.state", "field:orders.user_id", "field:users.city", "field:users.id"]


@pytest.mark.rule("R5.10")
def test_what_an_explore_always_asks_decides_the_rows() -> None:
    found = traced(
        """
        view: orders {
          sql_table_name: s.orders ;;
          dimension: id {} dimension: deleted {} dimension: user_id {} dimension: region {}
        }
        view: users { sql_table_name: s.users ;; dimension: id {} }
        explore: orders {
          sql_always_where: ${deleted} = 0 ;;
          access_filter: { field: orders.region user_attribute: region }
          always_join: [users]
          join: users { sql_on: ${orders.user_id} = ${users.id} ;; }
        }
        view: v { derived_table: { explore_source: orders { column: id {} } } dimension: id {} }
        """
    )

    assert rows_from(found, "view:v") == ["view:orders derives", "view:users derives"]
    assert filtered_by(found, "view:v") == [
        "field:orders.deleted",
        "field:orders.region",
        "field:orders.user_id",
        "field:users.id",
    ]
    assert columns(found, "field:v.id") == ["s.orders.id"]


@pytest.mark.rule("R5.9")
def test_a_table_may_be_joined_into_the_explore_that_it_comes_from() -> None:
    found = traced(
        """
        view: flights {
          sql_table_name: s.flights ;;
          dimension: id { primary_key: yes } dimension: maker {}
          measure: count { type: count }
        }
        view: totals {
          derived_table: { explore_source: flights { column: maker {} column: n { field: flights.count } bind_all_filters: yes } }
          dimension: maker { primary_key: yes }
          dimension: n { type: number }
          measure: share { type: number sql: ${flights.count} / ${n} ;; }
        }
        explore: flights { join: totals { sql_on: ${flights.maker} = ${totals.maker} ;; } }
        """
    )

    assert rows_from(found, "view:totals") == ["view:flights derives"]
    assert edges(found, "explore:m/flights") == [
        "field:flights.maker join_condition",
        "field:totals.maker join_condition",
        "view:flights joins_always",
        "view:totals joins_on_demand",
    ]
    assert columns(found, "field:totals.maker") == ["s.flights.maker"]
    assert columns(found, "field:totals.n") == ["s.flights.id"]
    assert columns(found, "field:totals.share") == ["s.flights.id"]
    assert gaps(found, "field:totals.n") == []
    assert found.lineage.graph.circles() == ()


@pytest.mark.rule("R5.9")
def test_a_column_that_comes_from_itself_is_a_circle_and_its_neighbours_are_not() -> None:
    found = traced(
        """
        view: a { sql_table_name: s.a ;; dimension: id {} }
        view: n {
          derived_table: { explore_source: a { column: id {} column: round { field: n.round } } }
          dimension: id {}
          dimension: round {}
        }
        explore: a { join: n { sql_on: ${a.id} = ${n.id} ;; } }
        """
    )

    assert columns(found, "field:n.id") == ["s.a.id"]
    assert gaps(found, "field:n.id") == []
    assert columns(found, "field:n.round") == []
    assert found.lineage.graph.circles() == (("field:n.round", "field:n.round"),)


@pytest.mark.rule("R5.9")
def test_a_table_may_come_from_an_explore_that_joins_a_table_of_the_same_explore() -> None:
    found = traced(
        """
        view: a { sql_table_name: s.a ;; dimension: id {} dimension: x {} }
        view: one {
          derived_table: { explore_source: a { column: id {} column: up { field: a.x } } }
          dimension: id {} dimension: up {}
        }
        view: two {
          derived_table: { explore_source: a { column: id {} column: up { field: one.up } } }
          dimension: id {} dimension: up {}
        }
        explore: a { join: one { sql_on: ${a.id} = ${one.id} ;; } join: two { sql_on: ${a.id} = ${two.id} ;; } }
        """
    )

    assert columns(found, "field:two.up") == ["s.a.x"]
    assert rows_from(found, "view:two") == ["view:a derives", "view:one derives"]
    assert found.lineage.graph.circles() == ()


@pytest.mark.rule("R5.5")
def test_a_table_comes_from_the_explore_of_its_own_model() -> None:
    files = {
        "a.model.lkml": 'connection: "c" include: "v.view" include: "a_orders.lkml"',
        "b.model.lkml": 'connection: "c" include: "v.view" include: "b_orders.lkml"',
        "a_orders.lkml": "view: orders { sql_table_name: x.orders ;; dimension: id {} } explore: orders {}",
        "b_orders.lkml": "view: orders { sql_table_name: y.orders ;; dimension: id { sql: ${TABLE}.k ;; } } explore: orders {}",
        "v.view.lkml": "view: v { derived_table: { explore_source: orders { column: id {} } } dimension: id {} }",
    }
    found = traced(files)

    assert columns(found, "field:v.id") == ["x.orders.id", "y.orders.k"]
    assert rows_from(found, "view:v") == ["view:a/orders derives", "view:b/orders derives"]


@pytest.mark.rule("R5.10")
def test_a_table_over_a_table_over_an_explore() -> None:
    found = traced(
        SHOP
        + """
        view: daily {
          derived_table: { explore_source: orders { column: day { field: orders.created_date } column: total {} } }
          dimension: day {}
          measure: top { type: max sql: ${TABLE}.total ;; }
        }
        explore: daily {}
        view: best { derived_table: { explore_source: daily { column: top { field: daily.top } } } dimension: top {} }
        view: sql_over { derived_table: { sql: SELECT b.top AS peak FROM ${best.SQL_TABLE_NAME} AS b ;; } dimension: peak {} }
        """
    )

    assert columns(found, "field:best.top") == ["s.orders.amount"]
    assert columns(found, "field:sql_over.peak") == ["s.orders.amount"]
    assert rows_from(found, "view:sql_over") == ["view:best derives"]


def test_an_explore_that_is_not_there_is_unknown() -> None:
    found = traced(
        "view: v { derived_table: { explore_source: gone { column: id {} } } dimension: id {} } view: w { dimension: a {} }"
    )

    assert edges(found, "view:v") == []
    assert gaps(found, "field:v.id") == ["unknown-view explore gone"]
    assert columns(found, "field:w.a") == ["w.a"]


def test_a_field_over_a_column_that_the_table_does_not_have() -> None:
    found = traced(SHOP + "view: v { derived_table: { explore_source: orders { column: id {} } } dimension: nothing {} }")

    assert gaps(found, "field:v.nothing") == ["missing-column nothing"]


@pytest.mark.rule("R7.15")
@pytest.mark.rule("R5.18")
def test_a_child_of_a_native_table_has_its_columns() -> None:
    found = traced(
        SHOP
        + """
        view: p { derived_table: { explore_source: orders { column: place { field: users.city } } } dimension: place {} }
        view: c { extends: [p] derived_table: { explore_source: orders { column: state {} } } dimension: state {} }
        """
    )

    assert columns(found, "field:c.place") == ["s.users.town"]
    assert columns(found, "field:c.state") == ["s.orders.status"]


@pytest.mark.rule("R5.10")
def test_a_native_table_over_a_native_table_has_the_tables_of_both() -> None:
    found = traced("""
        view: orders { sql_table_name: s.orders ;; dimension: id {} dimension: user_id {} }
        view: users { sql_table_name: s.users ;; dimension: id {} dimension: name {} }
        explore: orders { join: users { sql_on: ${users.id} = ${orders.user_id} ;; } }
        view: one { derived_table: { explore_source: orders { column: name { field: users.name } } } dimension: name {} }
        explore: one {}
        view: two { derived_table: { explore_source: one { column: name {} } } dimension: name {} }
        explore: two {}
        view: three { derived_table: { sql: SELECT t.name FROM ${two.SQL_TABLE_NAME} AS t ;; } dimension: name {} }
        explore: three {}
    """)

    both = ("table:s.orders", "table:s.users")
    assert {name: found.lineage.views[f"view:{name}"].tables for name in ("one", "two", "three")} == {
        "one": both,
        "two": both,
        "three": both,
    }
    assert columns(found, "field:three.name") == ["s.users.name"]


@pytest.mark.rule("R5.10")
def test_native_tables_in_a_circle_have_the_tables_of_all() -> None:
    found = traced("""
        view: base { sql_table_name: s.t ;; dimension: a {} }
        explore: base { join: two { sql_on: ${two.a} = ${base.a} ;; } }
        view: one { derived_table: { explore_source: base { column: a {} column: b { field: two.a } } } dimension: a {} }
        explore: one {}
        view: two { derived_table: { explore_source: one { column: a {} } } dimension: a {} }
    """)

    assert found.lineage.views["view:one"].tables == ("table:s.t",)
    assert found.lineage.views["view:two"].tables == ("table:s.t",)


@pytest.mark.rule("R5.8")
def test_a_bound_filter_decides_the_rows_where_it_is_set() -> None:
    found = traced(
        SHOP
        + """
        view: v {
          derived_table: { explore_source: orders {
            column: state {}
            bind_filters: { from_field: v.place to_field: users.city }
            bind_filters: { from_field: v.day to_field: created_date }
          } }
          filter: place {} filter: day {} dimension: state {}
        }
        """
    )

    assert [one for one in edges(found, "view:v") if " is filtered" in one] == [
        "field:orders.created row_filter if v.day is filtered",
        "field:users.city row_filter if v.place is filtered",
    ]


@pytest.mark.rule("R5.8")
def test_a_filter_that_is_an_expression_decides_the_rows_too() -> None:
    found = traced(
        SHOP
        + """
        view: v {
          derived_table: { explore_source: orders {
            column: state {}
            expression_custom_filter: ${users.city} = "Rome" AND ${id} > 1 ;;
          } }
          dimension: state {}
        }
        """
    )

    assert {"field:users.city row_filter", "field:orders.id row_filter"} <= set(edges(found, "view:v"))
    assert found.lineage.views["view:v"].tables == ("table:s.orders", "table:s.users")
