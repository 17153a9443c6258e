"""Which warehouse tables a view stands for, and how these are called (R4.1-R4.5)."""

from __future__ import annotations

import pytest

from dagster_lookml.config import Config, Connection
from tests.lineage import speaking, tables
from tests.tracing import columns, edges, gaps, traced

# -- what is written ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.1")
def test_a_view_without_a_table_is_the_table_of_its_name() -> None:
    found = traced("view: orders { dimension: id {} } explore: orders {}")

    assert edges(found, "view:orders") == ["table:orders reads"]
    assert columns(found, "field:orders.id") == ["orders.id"]


@pytest.mark.rule("R4.1")
@pytest.mark.rule("R14.6")
def test_a_view_of_parameters_alone_stands_for_no_table() -> None:
    found = traced("view: knobs { parameter: p { type: string } filter: f { type: date } } explore: knobs {}")

    assert edges(found, "view:knobs") == []
    assert tables(found) == []


@pytest.mark.rule("R4.4")
@pytest.mark.parametrize(
    ("written", "dialect", "expected"),
    [
        ("s.t AS x", "", ["s.t"]),
        ("s.t x", "redshift", ["s.t"]),
        ("s.\n   t", "", ["s.t"]),
        ("s.t WITH (NOLOCK)", "tsql", ["s.t"]),
        ("(SELECT a, b FROM s.t)", "", ["s.t"]),
        ("(SELECT a, b FROM s.t) AS sub", "", ["s.t"]),
        ("(WITH x AS (SELECT a FROM s.t) SELECT a FROM x)", "", ["s.t"]),
        ("s.a JOIN s.b ON a.id = b.id", "", ["s.a", "s.b"]),
        ("`p.d.t`", "bigquery", ["p.d.t"]),
        ("`p`.`d`.`t`", "bigquery", ["p.d.t"]),
        ("`p.d`.t", "bigquery", ["p.d.t"]),
        ("my-project.d.t", "bigquery", ["my-project.d.t"]),
        ("[p:d.t]", "bigquery", ["p.d.t"]),
        ("`p.d.events_*`", "bigquery", ["p.d.events_*"]),
        ("ML.PREDICT(MODEL d.m, TABLE s.t)", "bigquery", ["d.m", "s.t"]),
        ("ML.PREDICT(MODEL `p.d.m`, (SELECT * FROM s.t))", "bigquery", ["p.d.m", "s.t"]),
        ("`p.d.INFORMATION_SCHEMA.JOBS`", "bigquery", ["p.d.INFORMATION_SCHEMA.JOBS"]),
        ("p.d.INFORMATION_SCHEMA.COLUMNS", "bigquery", ["p.d.INFORMATION_SCHEMA.COLUMNS"]),
        ("`region-us`.INFORMATION_SCHEMA.JOBS", "bigquery", ["region-us.INFORMATION_SCHEMA.JOBS"]),
        ("db.information_schema.tables", "snowflake", ["db.information_schema.tables"]),
    ],
)
def test_the_tables_that_stand_behind_from_are_read(written: str, dialect: str, expected: list[str]) -> None:
    found = traced(f"view: v {{ sql_table_name: {written} ;; dimension: a {{}} }}", config=speaking(dialect))

    assert [edge for edge in edges(found, "view:v") if edge.startswith("table:")] == [f"table:{one} reads" for one in expected]


@pytest.mark.rule("R4.4")
def test_a_column_of_a_renamed_table_is_a_column_of_the_table() -> None:
    found = traced("view: v { sql_table_name: s.t AS x ;; dimension: a {} }")

    assert columns(found, "field:v.a") == ["s.t.a"]


@pytest.mark.rule("R4.4")
def test_a_column_of_a_select_in_brackets_is_what_it_puts_out() -> None:
    found = traced("view: v { sql_table_name: (SELECT u.nm AS who FROM s.u) ;; dimension: who {} dimension: nm {} }")

    assert columns(found, "field:v.who") == ["s.u.nm"]
    assert columns(found, "field:v.nm") == []


@pytest.mark.rule("R4.4")
def test_what_a_model_predicts_over_passes_through() -> None:
    found = traced(
        "view: v { sql_table_name: ML.PREDICT(MODEL d.m, (SELECT uid AS user_id FROM d.t)) ;; dimension: user_id {} }",
        config=speaking("bigquery"),
    )

    assert columns(found, "field:v.user_id") == ["d.t.uid"]


@pytest.mark.rule("R4.26")
def test_a_view_may_stand_for_the_table_of_another_view() -> None:
    found = traced(
        """
        view: base { sql_table_name: s.t ;; dimension: id {} }
        view: v { sql_table_name: ${base.SQL_TABLE_NAME} ;; dimension: name { sql: ${TABLE}.nm ;; } }
        """
    )

    assert edges(found, "view:v") == ["view:base derives"]
    assert columns(found, "field:v.name") == ["s.t.nm"]


# -- ids ---------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.3")
@pytest.mark.parametrize(
    ("written", "dialect", "expected"),
    [
        ("SHOP.Orders", "snowflake", "shop.orders"),
        ('"SHOP"."ORDERS"', "snowflake", "shop.orders"),
        ('"Shop"."Orders"', "snowflake", "Shop.Orders"),
        ("SHOP.Orders", "postgres", "shop.orders"),
        ('shop."Orders"', "postgres", "shop.Orders"),
        ("SHOP.Orders", "redshift", "shop.orders"),
        ('"Shop"."Orders"', "redshift", "shop.orders"),
        ("Shop.Orders", "bigquery", "Shop.Orders"),
        ("`Shop.Orders`", "bigquery", "Shop.Orders"),
        ("main.Shop.Orders", "databricks", "main.shop.orders"),
        ("`main`.`Shop`.`Orders`", "databricks", "main.shop.orders"),
        ('"awsdatacatalog"."Shop"."orders"', "presto", "awsdatacatalog.shop.orders"),
        ("[dbo].[Orders]", "tsql", "dbo.orders"),
        ("[Shop].[dbo].[Orders]", "tsql", "shop.dbo.orders"),
        ("Shop.Orders", "", "shop.orders"),
        ('"my shop".orders', "snowflake", "my%20shop.orders"),
        ("`p.d.t$20240101`", "bigquery", "p.d.t$20240101"),
    ],
)
def test_a_table_is_named_as_its_dialect_tells_names_apart(written: str, dialect: str, expected: str) -> None:
    found = traced(f"view: v {{ sql_table_name: {written} ;; dimension: a {{}} }}", config=speaking(dialect))

    assert edges(found, "view:v") == [f"table:{expected} reads"]


@pytest.mark.rule("R4.3")
def test_two_ways_of_writing_a_name_are_one_table() -> None:
    found = traced(
        """
        view: a { sql_table_name: Shop.ORDERS ;; dimension: id {} }
        view: b { derived_table: { sql: SELECT o.ID AS id FROM shop.Orders AS o ;; } dimension: id {} }
        view: c { sql_table_name: "SHOP"."ORDERS" ;; dimension: id { sql: ${TABLE}."ID" ;; } }
        """,
        config=speaking("snowflake"),
    )

    assert tables(found) == ["shop.orders"]
    assert [columns(found, f"field:{view}.id") for view in "abc"] == [["shop.orders.id"]] * 3


@pytest.mark.rule("R3.2")
@pytest.mark.rule("R4.3")
@pytest.mark.parametrize(
    ("written", "expected"),
    [("", "db.sc.v"), ("orders", "db.sc.orders"), ("raw.orders", "db.raw.orders"), ("other.raw.orders", "other.raw.orders")],
)
def test_the_connection_completes_what_is_not_written(written: str, expected: str) -> None:
    table = f"sql_table_name: {written} ;;" if written else ""
    found = traced(
        f"view: v {{ {table} dimension: id {{}} }} explore: v {{}}", config=speaking("snowflake", database="db", schema="sc")
    )

    assert edges(found, "view:v") == [f"table:{expected} reads"]
    assert columns(found, "field:v.id") == [f"{expected}.id"]


@pytest.mark.rule("R4.3")
@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        pytest.param(
            "snowflake",
            "analytics.public.orders",
        ),
        ("bigquery", "ANALYTICS.PUBLIC.orders"),
    ],
)
def test_what_the_connection_puts_before_a_table_is_spelled_like_the_rest(dialect: str, expected: str) -> None:
    found = traced(
        """
        view: short { sql_table_name: orders ;; dimension: id {} }
        view: long { sql_table_name: ANALYTICS.PUBLIC.orders ;; dimension: id {} }
        """,
        config=speaking(dialect, database="ANALYTICS", schema="PUBLIC"),
    )

    assert tables(found) == [expected]


@pytest.mark.rule("R3.2")
def test_four_parts_stay_four_parts() -> None:
    found = traced(
        "view: v { sql_table_name: server.db.dbo.orders ;; dimension: id {} }",
        config=speaking("tsql", database="x", schema="y"),
    )

    assert edges(found, "view:v") == ["table:server.db.dbo.orders reads"]


@pytest.mark.rule("R3.2")
def test_a_view_of_two_connections_reads_a_table_of_each() -> None:
    found = traced(
        {
            "eu.model.lkml": 'connection: "eu" include: "orders.view" explore: orders {}',
            "us.model.lkml": 'connection: "us" include: "orders.view" explore: orders {}',
            "orders.view.lkml": "view: orders { dimension: id {} }",
        },
        config=Config(connections={"eu": Connection(schema="shop_eu"), "us": Connection(schema="shop_us")}),
    )

    assert edges(found, "view:orders") == ["table:shop_eu.orders reads", "table:shop_us.orders reads"]
    assert columns(found, "field:orders.id") == ["shop_eu.orders.id", "shop_us.orders.id"]


def test_a_column_with_a_space_has_an_id_like_every_other() -> None:
    found = traced(
        'view: v { sql_table_name: s.t ;; dimension: first { sql: ${TABLE}."First Name" ;; } }', config=speaking("snowflake")
    )

    assert columns(found, "field:v.first") == ["s.t.first%20name"]


# -- models ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R2.19")
def test_two_models_may_have_two_views_of_one_name() -> None:
    found = traced(
        {
            "a.model.lkml": 'connection: "c" include: "a/orders.view" explore: orders {}',
            "b.model.lkml": 'connection: "c" include: "b/orders.view" explore: orders {}',
            "a/orders.view.lkml": "view: orders { sql_table_name: x.orders ;; dimension: id {} }",
            "b/orders.view.lkml": "view: orders { sql_table_name: y.orders ;; dimension: id { sql: ${TABLE}.key ;; } }",
        }
    )

    assert edges(found, "view:a/orders") == ["table:x.orders reads"]
    assert edges(found, "view:b/orders") == ["table:y.orders reads"]
    assert edges(found, "explore:a/orders") == ["view:a/orders joins_always"]
    assert edges(found, "explore:b/orders") == ["view:b/orders joins_always"]
    assert columns(found, "field:a/orders.id") == ["x.orders.id"]
    assert columns(found, "field:b/orders.id") == ["y.orders.key"]


@pytest.mark.rule("R2.19")
@pytest.mark.rule("R4.26")
def test_the_table_of_a_view_is_looked_up_in_the_model_that_asks() -> None:
    derived = "view: v { derived_table: { sql: SELECT o.id FROM ${orders.SQL_TABLE_NAME} AS o ;; } dimension: id {} }"
    found = traced(
        {
            "a.model.lkml": 'connection: "c" include: "a/orders.view" include: "v.view"',
            "b.model.lkml": 'connection: "c" include: "b/orders.view" include: "v.view"',
            "a/orders.view.lkml": "view: orders { sql_table_name: x.orders ;; dimension: id {} }",
            "b/orders.view.lkml": "view: orders { sql_table_name: y.orders ;; dimension: id {} }",
            "v.view.lkml": derived,
        }
    )

    assert edges(found, "view:v") == ["view:a/orders derives", "view:b/orders derives"]
    assert columns(found, "field:v.id") == ["x.orders.id", "y.orders.id"]


@pytest.mark.rule("R2.18")
def test_a_view_that_no_model_includes_is_traced_by_itself() -> None:
    found = traced(
        {
            "m.model.lkml": 'connection: "c"',
            "lost.view.lkml": "view: lost { sql_table_name: s.t ;; dimension: id {} }",
        }
    )

    assert edges(found, "view:lost") == ["table:s.t reads"]
    assert "view:lost" not in found.lineage.views


@pytest.mark.rule("R4.4")
def test_a_condition_of_a_select_in_brackets_decides_the_rows() -> None:
    found = traced("view: v { sql_table_name: (SELECT a FROM s.t WHERE deleted = 0) ;; dimension: a {} }")

    assert edges(found, "view:v") == ["column:s.t.deleted row_filter", "table:s.t reads"]


# -- analytic models ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.3")
def test_a_view_of_an_analytic_model_reads_that_model_and_no_table_of_its_own_name() -> None:
    found = traced("view: v { sql_analytic_model_name: p.d.g ;; dimension: id {} } explore: v {}")

    assert edges(found, "view:v") == ["table:p.d.g reads"]
    assert columns(found, "field:v.id") == ["p.d.g.id"]


@pytest.mark.rule("R4.5")
def test_an_explore_of_an_analytic_model_reads_that_one_and_not_the_one_of_its_view() -> None:
    found = traced("view: v { sql_analytic_model_name: d.g ;; dimension: id {} } explore: v { sql_analytic_model_name: d.h ;; }")

    assert columns(found, "field:v.id") == ["d.h.id"]


def test_a_derived_analytic_model_reads_the_tables_of_its_sql_and_more_cannot_be_told() -> None:
    found = traced("view: v { derived_analytic_model: { sql: SELECT a AS id FROM s.t ;; } dimension: id {} } explore: v {}")

    assert edges(found, "view:v") == ["table:s.t reads"]
    assert columns(found, "field:v.id") == []
    assert gaps(found, "field:v.id") == ["analytic-model view:v"]


def test_a_derived_analytic_model_whose_sql_cannot_be_read_is_a_gap_and_no_table() -> None:
    found = traced("view: v { derived_analytic_model: { sql: NODE TABLES (s.t ;; } dimension: id {} } explore: v {}")

    assert tables(found) == []
    assert [gap.reason for gap in found.lineage.views["view:v"].gaps] == ["unread-sql"]


@pytest.mark.rule("R5.10")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [("", ["view:items derives", "view:orders derives"]), ("fields: [orders.id]", ["view:orders derives"])],
)
def test_a_derived_analytic_model_reads_the_views_of_the_explore_that_it_is_made_from(fields: str, expected: list[str]) -> None:
    found = traced(
        f"""
        view: v {{ derived_analytic_model: {{ model_source: orders {{ {fields} }} }} dimension: id {{}} }}
        view: orders {{ dimension: id {{}} }}
        view: items {{ dimension: id {{}} }}
        explore: orders {{ join: items {{ sql_on: ${{items.id}} = ${{orders.id}} ;; }} }}
        explore: v {{}}
        """
    )

    assert edges(found, "view:v") == expected
    assert gaps(found, "field:v.id") == ["analytic-model view:v"]
