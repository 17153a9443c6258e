"""Which PDTs a change makes Looker build anew, and which changes make no difference (R5.10, R5.12, R5.19)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dagster_lookml.pdt.planning.changed import Changes, changes, rebuilt
from tests.building import compiled
from tests.pdt.projects import KEPT, NIGHTLY, pdt

SQL = (
    pdt("top", "SELECT id FROM ${between.SQL_TABLE_NAME}", "datagroup_trigger: nightly")
    + pdt("between", "SELECT id FROM ${low.SQL_TABLE_NAME} JOIN ${plain.SQL_TABLE_NAME} USING (id)", "")
    + pdt("low", "SELECT id FROM raw.t WHERE x = '@{what}'", 'persist_for: "2 hours" indexes: ["id"]')
    + pdt("alone", "SELECT id FROM raw.u", 'persist_for: "3 hours"')
    + 'view: plain { sql_table_name: raw.plain ;; dimension: id {} dimension: other { label: "Other" } }\n'
)
FILES = {
    "manifest.lkml": 'project_name: "shop"\nconstant: what { value: "this" }\n',
    "m.model.lkml": 'connection: "w"\ninclude: "/*.view.lkml"\n' + NIGHTLY,
    "all.view.lkml": SQL,
}


def changed(files: Mapping[str, str], name: str, old: str, new: str) -> Changes:
    """What follows from another text in one file."""
    assert old in files[name], f"{old!r} is not in {name}"
    return changes(compiled(files), compiled({**files, name: files[name].replace(old, new)}))


def told(found: Changes) -> list[str]:
    """Each PDT that is built anew, with the reason."""
    return [
        " ".join((one.id.removeprefix("pdt:m/"), *["new"] * one.new, *["itself"] * one.itself, *one.because))
        for one in found.rebuilds
    ]


def test_nothing_follows_from_nothing() -> None:
    assert changes(compiled(FILES), compiled(FILES)) == Changes(rebuilds=(), dropped=())


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        # what it is itself
        ("all.view.lkml", "raw.u", "raw.v", ["alone itself"]),
        ("all.view.lkml", 'persist_for: "3 hours"', "materialized_view: yes", ["alone itself"]),
        ("all.view.lkml", 'persist_for: "3 hours"', 'persist_for: "3 hours" sortkeys: ["id"]', ["alone itself"]),
        ("all.view.lkml", "datagroup_trigger: nightly", 'datagroup_trigger: nightly increment_key: "id"', ["top itself"]),
        ("m.model.lkml", '"w"', '"v"', ["alone itself", "low itself", "top itself"]),
        # what its SQL is made of
        ("all.view.lkml", "FROM raw.t", "FROM raw.s", ["low itself", "top view:between"]),
        ("manifest.lkml", '"this"', '"that"', ["low itself", "top view:between"]),
        ("all.view.lkml", "raw.plain ;;", "raw.painted ;;", ["top view:between"]),
        ("all.view.lkml", "USING (id)", "ON true", ["top view:between"]),
        ("all.view.lkml", 'indexes: ["id"]', 'indexes: ["x"]', ["low itself", "top view:between"]),
        ("all.view.lkml", 'persist_for: "2 hours" indexes: ["id"]', "", ["top view:between"]),
        # what makes no difference to a table
        # nor what triggers it
        ("all.view.lkml", "2 hours", "5 hours", []),
        ("all.view.lkml", 'persist_for: "3 hours"', "sql_trigger_value: SELECT 1 ;;", []),
        ("all.view.lkml", "datagroup_trigger: nightly", 'interval_trigger: "1 hour"', []),
        ("all.view.lkml", "datagroup_trigger: nightly", "datagroup_trigger: other", []),
        ("all.view.lkml", '"Other"', '"Another"', []),
        ("all.view.lkml", "dimension: other", "dimension: renamed", []),
        ("all.view.lkml", "view: alone", "# a comment\n\n\nview: alone", []),
        ("m.model.lkml", "etl.runs", "etl.others", []),
    ],
)
@pytest.mark.rule("R5.12")
def test_a_change_of_sql_or_of_how_it_is_built(file: str, old: str, new: str, expected: list[str]) -> None:
    assert told(changed(FILES, file, old, new)) == expected


def test_new_and_dropped_ones() -> None:
    found = changed(FILES, "all.view.lkml", "view: alone", "view: lonely")

    assert told(found) == ["lonely new"]
    assert found.dropped == ("pdt:m/alone",)
    assert found.states == {
        "new": frozenset({"pdt:m/lonely"}),
        "changed": frozenset(),
        "modified": frozenset({"pdt:m/lonely"}),
    }


def test_a_derived_table_that_becomes_persistent_is_new() -> None:
    persistent = "view: between { derived_table: { " + KEPT
    found = changed(FILES, "all.view.lkml", "view: between { derived_table: {", persistent)

    assert told(found) == ["between new", "top pdt:m/between"]


def test_where_a_view_stands_and_what_its_id_is_make_no_difference() -> None:
    moved = {**{name: text for name, text in FILES.items() if name != "all.view.lkml"}, "moved.view.lkml": SQL}
    moved["elsewhere/alone.view.lkml"] = pdt("alone", "SELECT 1 AS id")  # so that ids name the model

    assert rebuilt(compiled(FILES), compiled(moved)) == frozenset()


# -- native derived tables ---------------------------------------------------------------------------------------------

NATIVE = {
    "m.model.lkml": """
connection: "w"
include: "/*.view.lkml"
explore: orders {
  label: "Orders"
  sql_always_where: ${orders.kept} ;;
  join: users { sql_on: ${orders.user_id} = ${users.id} ;; relationship: many_to_one }
  join: regions { sql_on: ${users.region} = ${regions.id} ;; }
}
""",
    "orders.view.lkml": """
view: orders {
  sql_table_name: raw.orders ;;
  dimension: id { primary_key: yes sql: ${TABLE}.id ;; }
  dimension: user_id { sql: ${TABLE}.user ;; }
  dimension: kept { type: yesno sql: ${TABLE}.kept ;; }
  dimension: other { sql: ${TABLE}.other ;; }
  dimension: price { sql: ${TABLE}.price ;; }
  measure: total { type: sum label: "Total" description: "all" value_format: "0" sql: ${price} * 2 ;; filters: [kept: "yes"] }
}
""",
    "users.view.lkml": (
        "view: users { derived_table: { sql: SELECT id FROM raw.users ;; } dimension: id { sql: ${TABLE}.uid ;; } "
        "dimension: region { sql: ${TABLE}.region ;; } dimension: name { sql: ${TABLE}.name ;; } }\n"
    ),
    "regions.view.lkml": "view: regions { sql_table_name: raw.regions ;; dimension: id {} }\n",
    "facts.view.lkml": f"""
view: facts {{
  derived_table: {{
    {KEPT}
    explore_source: orders {{
      column: name {{ field: users.name }}
      column: total {{}}
      derived_column: twice {{ sql: total * 2 ;; }}
      dev_filters: [orders.id: "1"]
      limit: 10
    }}
  }}
  dimension: name {{}}
}}
""",
}


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("facts.view.lkml", "limit: 10", "limit: 20", "itself"),
        ("facts.view.lkml", "total * 2", "total * 3", "itself"),
        ("facts.view.lkml", "column: total {}", "column: total {} column: other {}", "itself"),
        ("orders.view.lkml", "${price} * 2", "${price} * 3", "field:orders.total"),
        ("orders.view.lkml", "${TABLE}.price", "${TABLE}.cost", "field:orders.price"),
        ("orders.view.lkml", "type: sum", "type: average", "field:orders.total"),
        ("orders.view.lkml", '[kept: "yes"]', '[kept: "no"]', "field:orders.total"),
        ("orders.view.lkml", "${TABLE}.kept", "${TABLE}.holds", "field:orders.kept"),
        ("orders.view.lkml", "primary_key: yes sql: ${TABLE}.id", "primary_key: yes sql: ${TABLE}.key", "field:orders.id"),
        ("orders.view.lkml", "raw.orders", "raw.sales", "view:orders"),
        ("users.view.lkml", "raw.users", "raw.people", "view:users"),
        ("users.view.lkml", "${TABLE}.uid", "${TABLE}.id", "field:users.id"),
        ("m.model.lkml", "relationship: many_to_one", "relationship: one_to_one", "join users of explore:m/orders"),
        ("m.model.lkml", "explore: orders {", "explore: orders { always_join: [users]", "always_join of explore:m/orders"),
        ("m.model.lkml", "where: ${orders.kept}", "where: NOT ${orders.kept}", "sql_always_where of explore:m/orders"),
        ("m.model.lkml", "sql_always_where: ${orders.kept} ;;", "", "sql_always_where of explore:m/orders"),
        # other fields, other joins, other words
        ("users.view.lkml", "${TABLE}.region", "${TABLE}.area", None),
        ("regions.view.lkml", "raw.regions", "raw.areas", None),
        ("m.model.lkml", "${users.region} = ${regions.id}", "${users.id} = ${regions.id}", None),
        ("orders.view.lkml", "${TABLE}.other", "${TABLE}.another", None),
        ("orders.view.lkml", 'label: "Total" description: "all" value_format: "0"', 'description: "every"', None),
        ("orders.view.lkml", "dimension: other", "dimension: more {} dimension: other", None),
        ("m.model.lkml", 'label: "Orders"', 'label: "Sales"', None),
        ("facts.view.lkml", 'dev_filters: [orders.id: "1"]', "", None),
        ("facts.view.lkml", "dimension: name {}", "dimension: called { sql: ${TABLE}.name ;; }", None),
    ],
)
@pytest.mark.rule("R5.10")
@pytest.mark.rule("R5.19")
def test_a_change_of_what_a_native_table_is_made_of(file: str, old: str, new: str, expected: str | None) -> None:
    assert told(changed(NATIVE, file, old, new)) == ([f"facts {expected}"] if expected is not None else [])


MADE = {
    "m.model.lkml": """
connection: "w"
week_start_day: monday
include: "/*.view.lkml"
explore: orders {
  join: users { sql_on: ${orders.user_id} = ${users.id} ;; }
  join: shops { sql_on: ${orders.shop_id} = ${shops.id} ;; }
}
""",
    "orders.view.lkml": """
view: orders {
  sql_table_name: {% if orders.source._parameter_value == "new" %} raw.orders_2 {% else %} raw.orders {% endif %} ;;
  parameter: source { type: unquoted default_value: "old" }
  parameter: unit { type: unquoted default_value: "cents" label: "Unit" }
  parameter: unused { type: unquoted default_value: "none" }
  dimension: user_id {}
  dimension: shop_id {}
  dimension_group: made { type: time sql: ${TABLE}.made ;; }
  dimension: price { sql: ${TABLE}.{% parameter unit %} ;; }
  dimension: shown { sql: {% if true %}{{ users.name._sql }}{% endif %} ;; }
}
""",
    "users.view.lkml": "view: users { dimension: id {} dimension: name { sql: ${TABLE}.n ;; } dimension: age {} }\n",
    "shops.view.lkml": "view: shops { dimension: id {} dimension: city {} }\n",
}


def native(query: str) -> dict[str, str]:
    """A project with one native PDT of a query."""
    return {**MADE, "facts.view.lkml": f"view: facts {{ derived_table: {{ {KEPT} explore_source: orders {{ {query} }} }} }}\n"}


BOTH = "column: name { field: users.name } column: city { field: shops.city }"
BY_AGE = "column: shop_id {} expression_custom_filter: ${users.age} > 3 ;;"
BY_AGE_LAST = "column: shop_id {} sorts: [users.age: desc] limit: 9"
LAST_WEEK = 'column: price {} filters: [orders.made_date: "last week"]'
OF_A = 'column: price {} filters: [users.name: "A"]'
FISCAL = "fiscal_month_offset: 3 week_start"
JOINS = [line for line in MADE["m.model.lkml"].splitlines() if "join:" in line]


@pytest.mark.parametrize(
    ("query", "file", "old", "new", "expected"),
    [
        # a filter that is an expression, and sorts
        (BY_AGE, "users.view.lkml", "dimension: age {}", "dimension: age { sql: ${TABLE}.years ;; }", "field:users.age"),
        (BY_AGE, "m.model.lkml", "= ${users.id}", "= ${users.id} + 1", "join users of explore:m/orders"),
        (BY_AGE, "facts.view.lkml", "> 3", "> 4", "itself"),
        ("column: shop_id {} sorts: [shop_id: desc] limit: 9", "facts.view.lkml", "desc", "asc", "itself"),
        (BY_AGE_LAST, "users.view.lkml", "age {}", "age { sql: ${TABLE}.years ;; }", "field:users.age"),
        # the order of joins that are needed
        (BOTH, "m.model.lkml", "\n".join(JOINS), "\n".join(reversed(JOINS)), "the order of joins of explore:m/orders"),
        ("column: name { field: users.name }", "m.model.lkml", "\n".join(JOINS), "\n".join(reversed(JOINS)), None),
        # settings of the model and of the explore
        ("column: made_week {}", "m.model.lkml", "monday", "sunday", "week_start_day of model:m"),
        (LAST_WEEK, "m.model.lkml", "monday", "sunday", "week_start_day of model:m"),
        ("column: made_date {}", "m.model.lkml", "monday", "sunday", None),
        ("column: made_week {}", "m.model.lkml", "week_start_day: monday", "", None),
        ("column: made_fiscal_year {}", "m.model.lkml", "week_start", FISCAL, "fiscal_month_offset of model:m"),
        ("column: made_year {}", "m.model.lkml", "week_start", FISCAL, None),
        (OF_A, "m.model.lkml", "week_start", "case_sensitive: no week_start", "case_sensitive of model:m"),
        (OF_A, "m.model.lkml", "orders {", "orders { case_sensitive: no", "case_sensitive of explore:m/orders"),
        ("column: price {}", "m.model.lkml", "week_start", "case_sensitive: no week_start", None),
        # the value of a parameter
        ("column: price {}", "orders.view.lkml", '"cents"', '"euros"', "default_value of field:orders.unit"),
        ("column: price {}", "orders.view.lkml", '"old"', '"new"', "default_value of field:orders.source"),
        ('column: price {} filters: [orders.unit: "euros"]', "orders.view.lkml", '"cents"', '"euros"', None),
        ('column: price {} filters: [orders.source: "new"]', "orders.view.lkml", '"old"', '"new"', None),
        ("column: price {}", "orders.view.lkml", '"none"', '"some"', None),
        ("column: price {}", "orders.view.lkml", '"Unit"', '"Of money"', None),
        ("column: shop_id {}", "orders.view.lkml", '"cents"', '"euros"', None),
        # the SQL of a field, by Liquid
        ("column: shown {}", "users.view.lkml", "${TABLE}.n ", "${TABLE}.called ", "field:users.name"),
    ],
)
@pytest.mark.rule("R5.8")
@pytest.mark.rule("R3.7")
@pytest.mark.rule("R10.5")
@pytest.mark.rule("R10.12")
def test_a_change_of_what_the_sql_of_a_native_table_depends_on(
    query: str, file: str, old: str, new: str, expected: str | None
) -> None:
    assert told(changed(native(query), file, old, new)) == ([f"facts {expected}"] if expected is not None else [])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("-- if dev -- LIMIT 10", "-- if dev -- LIMIT 20", []),
        ("-- if dev -- LIMIT 10", "", []),
        ("-- if prod -- WHERE x = 1", "-- if prod -- WHERE x = 2", ["a itself"]),
        ("-- if prod -- WHERE x = 1", "", ["a itself"]),
    ],
)
@pytest.mark.rule("R5.19")
def test_lines_that_count_in_development_alone_make_no_table(old: str, new: str, expected: list[str]) -> None:
    files = {
        "m.model.lkml": 'connection: "w"\ninclude: "/*.view.lkml"\n',
        "a.view.lkml": pdt("a", "SELECT id FROM raw.t\n-- if prod -- WHERE x = 1\n-- if dev -- LIMIT 10\n"),
    }
    assert told(changed(files, "a.view.lkml", old, new)) == expected


@pytest.mark.rule("R10.12")
def test_a_parameter_counts_in_sql_that_is_read_whoever_reads_it() -> None:
    files = {
        "m.model.lkml": 'connection: "w"\ninclude: "/*.view.lkml"\n',
        "a.view.lkml": pdt("a", "SELECT id FROM ${between.SQL_TABLE_NAME}")
        + pdt("between", "SELECT id FROM raw.{% parameter s.p %}", "")
        + 'view: s { parameter: p { type: unquoted default_value: "x" } }\n',
    }
    assert told(changed(files, "a.view.lkml", '"x"', '"y"')) == ["a default_value of field:s.p"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('persist_for: "1 hour"', "", ([], ("pdt:m/a",))),
        ("", 'persist_for: "1 hour"', (["a new"], ())),
        ("materialized_view: yes", 'persist_for: "1 hour"', (["a itself"], ())),
        ("materialized_view: yes", "materialized_view: no", ([], ("pdt:m/a",))),
    ],
)
@pytest.mark.rule("R5.11")
def test_a_change_between_kinds_of_persistence(before: str, after: str, expected: tuple[list[str], tuple[str, ...]]) -> None:
    found = changes(compiled(pdt("a", "SELECT 1 AS id", before)), compiled(pdt("a", "SELECT 1 AS id", after)))

    assert (told(found), found.dropped) == expected


def test_an_explore_that_was_not_there_is_the_reason_itself() -> None:
    before = native("column: price {}")
    before["m.model.lkml"] = before["m.model.lkml"].replace("explore: orders", "explore: purchases")

    assert told(changed(before, "m.model.lkml", "explore: purchases", "explore: orders")) == ["facts explore:m/orders"]


AGGREGATED = {
    **MADE,
    "m.model.lkml": MADE["m.model.lkml"]
    + NIGHTLY
    + """
explore: +orders {
  aggregate_table: by_shop {
    query: { dimensions: [shop_id] filters: [users.name: "A"] sorts: [shop_id: desc] }
    materialization: { datagroup_trigger: nightly indexes: ["shop_id"] }
  }
  aggregate_table: by_price { query: { dimensions: [price] } materialization: { persist_for: "1 hour" } }
  aggregate_table: unkept { query: { dimensions: [price] } }
}
""",
}


@pytest.mark.parametrize(
    ("file", "old", "new", "rebuilt", "dropped"),
    [
        ("m.model.lkml", "[shop_id] filters", "[shop_id, price] filters", ["by_shop itself"], []),
        ("m.model.lkml", "shop_id: desc", "shop_id: asc", ["by_shop itself"], []),
        ("m.model.lkml", '"A"', '"B"', ["by_shop itself"], []),
        ("m.model.lkml", 'indexes: ["shop_id"]', "", ["by_shop itself"], []),
        ("m.model.lkml", "datagroup_trigger: nightly", 'persist_for: "2 hours"', [], []),
        ("m.model.lkml", "aggregate_table: by_price", "aggregate_table: by_money", ["by_money new"], ["by_price"]),
        ("users.view.lkml", "${TABLE}.n ", "${TABLE}.called ", ["by_shop field:users.name"], []),
        ("orders.view.lkml", "raw.orders {", "raw.sales {", ["by_price view:orders", "by_shop view:orders"], []),
        ("users.view.lkml", "dimension: age {}", "", [], []),
    ],
)
@pytest.mark.rule("R5.20")
def test_aggregate_tables_are_told_of_too(file: str, old: str, new: str, rebuilt: list[str], dropped: list[str]) -> None:
    found = changed(AGGREGATED, file, old, new)

    assert [
        " ".join((one.id.removeprefix("pdt:m/orders::"), *["new"] * one.new, *["itself"] * one.itself, *one.because))
        for one in found.aggregate_rebuilds
    ] == rebuilt
    assert list(found.aggregate_dropped) == [f"pdt:m/orders::{one}" for one in dropped]
    assert (found.rebuilds, found.dropped) == ((), ())


def test_a_chain_of_thousands_is_followed_to_its_end() -> None:
    count = 3_000
    chain = "".join(pdt(f"v{number}", f"SELECT id FROM ${{v{number - 1}.SQL_TABLE_NAME}}") for number in range(1, count))
    before = compiled(pdt("v0", "SELECT id FROM raw.t") + chain)
    after = compiled(pdt("v0", "SELECT id FROM raw.s") + chain)

    assert len(rebuilt(before, after)) == count


def test_a_circle_of_definitions_ends() -> None:
    circle = pdt("a", "SELECT id FROM ${b.SQL_TABLE_NAME}") + pdt("b", "SELECT id FROM ${a.SQL_TABLE_NAME} WHERE x = 1")
    found = changes(compiled(circle), compiled(circle.replace("x = 1", "x = 2")))

    assert told(found) == ["a pdt:m/b", "b itself pdt:m/a"]
