"""What is found in SQL: text that cannot be read, and columns that are not there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dagster_lookml.source.dbt import DbtProject, DbtRelation
from tests.analysis.asking import findings_of, said

# -- reading -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14.11")
def test_sql_that_cannot_be_read_is_told_once_with_what_stopped_the_reading() -> None:
    found = said(
        "unreadable-sql",
        """
        explore: a {} explore: b {}
        view: a { dimension: x { sql: UPPER(COALESCE(${TABLE}.x, 1) ;; } dimension: y { sql: COALESCE(${TABLE}.y, 1) ;; } }
        view: b { extends: [a] }
        """,
    )

    assert found == ["m.model.lkml:4 warning: this `sql` cannot be read: Expecting ) (line 1 of the SQL)"]


@pytest.mark.rule("R10.10")
def test_every_branch_of_liquid_is_read() -> None:
    field = "dimension: x {{ sql: {{% if a._in_query %}} ${{TABLE}}.x {{% else %}} {} {{% endif %}} ;; }}"

    assert said("unreadable-sql", "explore: v {{}} view: v {{ {} }}".format(field.format("(${TABLE}.y"))) == [
        "m.model.lkml:2 warning: this `sql` cannot be read: Expecting ) (line 1 of the SQL)"
    ]
    assert said("unreadable-sql", "explore: v {{}} view: v {{ {} }}".format(field.format("(${TABLE}.y)"))) == []


@pytest.mark.rule("R10.17")
def test_liquid_that_cannot_be_read_is_told_apart_from_sql() -> None:
    model = "explore: v {} view: v { dimension: x { sql: {% if a._in_query %} ${TABLE}.x {% else %} ${TABLE}.y ;; } }"
    [found] = said("unreadable-liquid", model)

    assert found.startswith("m.model.lkml:2 warning: the Liquid of this `sql` cannot be read: ")
    assert said("unreadable-sql", model) == []
    assert said("unreadable-liquid", model.replace("${TABLE}.y ;;", "${TABLE}.y {% endif %} ;;")) == []


# -- columns of derived tables -----------------------------------------------------------------------------------------


def derived(sql: str, field: str, *, explore: str = "explore: v {}", rule: str = "unknown-column") -> list[str]:
    """What a rule says of one field over one derived table, both in line 2."""
    return said(rule, f"{explore} view: v {{ derived_table: {{ sql: {sql} ;; }} {field} }}")


@pytest.mark.rule("R5.3")
@pytest.mark.parametrize("field", ["dimension: b {}", "dimension: b { sql: ${TABLE}.b ;; }", "measure: b { type: sum }"])
def test_a_field_reads_what_its_derived_table_puts_out(field: str) -> None:
    fault = "`v.b` reads the column `b`, which the derived table of `v` does not put out"

    assert derived("SELECT a, c AS d FROM t", field) == [f"m.model.lkml:2 error: {fault}"]
    assert derived("SELECT a, c AS b FROM t", field) == []
    assert derived("SELECT * FROM t", field) == []
    assert derived("SELECT x.* FROM (SELECT a FROM t) AS x JOIN t AS y ON x.a = y.a", field) == [f"m.model.lkml:2 error: {fault}"]
    assert derived("WITH q AS (SELECT a, B FROM t) SELECT * FROM q", field) == []


@pytest.mark.rule("R5.3")
def test_the_place_of_an_unknown_column_is_where_the_field_names_it() -> None:
    table = "derived_table: { sql: SELECT a FROM t ;; }"
    model = f"explore: v {{}}\nview: v {{\n  {table}\n  dimension: b {{ sql: upper(${{TABLE}}.nope) ;; }}\n}}"
    [found] = findings_of("unknown-column", model)

    assert (found.line, found.column, found.length) == (5, 38, len("nope"))


@pytest.mark.rule("R5.6")
def test_the_columns_of_a_native_table_are_those_that_it_lists() -> None:
    model = """
        explore: orders {} explore: v {}
        view: orders { dimension: user_id {} measure: count { type: count } }
        view: v {
          derived_table: { explore_source: orders { column: user_id {} column: total { field: orders.count } } }
          dimension: user_id {}
          dimension: totals {}
        }
    """

    assert said("unknown-column", model) == [
        (
            "m.model.lkml:8 error: `v.totals` reads the column `totals`, which the derived table of `v` does not put out"
            " | did you mean total?"
        )
    ]


@pytest.mark.rule("R10.10")
def test_where_liquid_decides_what_is_put_out_it_is_a_warning() -> None:
    branches = "SELECT a {% if v.p._parameter_value == 'x' %} , b {% endif %} FROM t"

    assert derived(branches, "parameter: p {} dimension: b {}") == []
    assert derived(branches, "parameter: p {} dimension: c {}") == [
        "m.model.lkml:2 warning: `v.c` reads the column `c`, which the derived table of `v` does not put out"
    ]


@pytest.mark.parametrize("explore", ["", "explore: v { fields: [ALL_FIELDS*, -v.b] }"])
def test_a_field_that_nobody_can_pick_fails_for_nobody(explore: str) -> None:
    others = "explore: w {} view: w { dimension: id {} }"

    assert derived("SELECT a FROM t", "dimension: b {}", explore=explore + others) == [
        "m.model.lkml:2 warning: `v.b` reads the column `b`, which the derived table of `v` does not put out"
    ]


@pytest.mark.rule("R4.26")
def test_a_column_may_be_missing_further_below() -> None:
    model = """
        explore: top {}
        view: base { derived_table: { sql: SELECT a FROM t ;; } }
        view: top {
          derived_table: { sql: SELECT b FROM ${base.SQL_TABLE_NAME} ;; }
          dimension: b {}
        }
    """

    assert said("unknown-column", model) == [
        "m.model.lkml:7 error: `top.b` reads the column `b`, which the derived table of `top` does not put out"
    ]


@pytest.mark.rule("R14.11")
def test_nothing_is_said_of_a_derived_table_that_cannot_be_read() -> None:
    assert derived("SELECT a FROM (t", "dimension: b {}") == []


@pytest.mark.rule("R7.8")
def test_a_field_that_several_views_inherit_is_told_of_once_and_as_bad_as_the_worst() -> None:
    model = """
        explore: child {}
        view: a_parent { derived_table: { sql: SELECT a FROM t ;; } dimension: b {} }
        view: child { extends: [a_parent] }
    """

    assert said("unknown-column", model) == [
        "m.model.lkml:4 error: `child.b` reads the column `b`, which the derived table of `child` does not put out"
    ]


def test_a_column_that_two_tables_may_have_is_said_to_who_asks() -> None:
    rule, fields = "ambiguous-column", "dimension: city {}"

    assert derived("SELECT city FROM o JOIN u ON o.k = u.k", fields, rule=rule) == [
        "m.model.lkml:2 info: several tables may have the column `city`, which `v.city` needs"
    ]
    assert derived("SELECT u.city FROM o JOIN u ON o.k = u.k", fields, rule=rule) == []


# -- persistent tables -------------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.11")
@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("SELECT * FROM shop.orders", "shop.orders"),
        ("select distinct o.* from shop.orders AS o", "shop.orders"),
        ("SELECT *, 1 AS one FROM ${base.SQL_TABLE_NAME}", "${base.SQL_TABLE_NAME}"),
        ("WITH q AS (SELECT a FROM t) SELECT * FROM q", None),
        ("SELECT COUNT(*) AS n FROM t", None),
        ("SELECT a -- SELECT * FROM t\nFROM t", None),
    ],
)
def test_a_persistent_table_that_takes_every_column_is_said_to_who_asks(sql: str, table: str | None) -> None:
    model = "view: base { derived_table: { sql: SELECT 1 AS a ;; } } explore: v {}\nview: v { derived_table: { sql: %s ;; %s } }"
    expected = [f"m.model.lkml:3 info: the persistent table of `v` takes every column of `{table}`"] if table else []

    assert said("star-in-pdt", model % (sql, 'persist_for: "1 hour"')) == expected
    assert said("star-in-pdt", model % (sql, "")) == []


# -- dbt ---------------------------------------------------------------------------------------------------------------


def dbt(*columns: str, complete: bool = True) -> DbtProject:
    """A dbt project with the model ``shop.orders`` and its columns."""
    relation = DbtRelation(
        unique_id="model.shop.orders",
        parts=("db", "shop", "orders"),
        columns=columns,
        columns_complete=complete,
        depends_on=(),
        file=None,
    )
    return DbtProject(adapter="snowflake", relations=(relation,))


def over_orders(rule: str, fields: str, known: DbtProject, table: str = "shop.orders") -> list[str]:
    model = f"explore: orders {{}} view: orders {{ sql_table_name: {table} ;; {fields} }}"
    return said(rule, model, dbt=known)


STATE = "dimension: id {} dimension: state { sql: ${TABLE}.state ;; }"


def test_a_column_that_the_catalog_does_not_have_is_an_error() -> None:
    rule = "unknown-catalog-column"

    assert over_orders(rule, STATE, dbt("ID", "STATUS")) == [
        (
            "m.model.lkml:2 error: `orders.state` reads the column `state` of `shop.orders`, which dbt's catalog does not have"
            " | did you mean status?"
        )
    ]
    assert over_orders(rule, STATE, dbt("ID", "STATE")) == []
    assert over_orders(rule, STATE, dbt("ID", "STATUS"), "shop.other") == []
    assert over_orders(rule, STATE, dbt("ID", "STATUS", complete=False)) == []


def test_a_column_of_a_struct_and_one_that_the_database_has_by_itself_are_known() -> None:
    fields = "dimension: city { sql: ${TABLE}.address.city ;; } dimension: part { sql: ${TABLE}._PARTITIONTIME ;; }"

    assert over_orders("unknown-catalog-column", fields, dbt("address")) == []


def test_a_column_that_only_some_liquid_reads_is_a_warning() -> None:
    field = (
        "parameter: p {} dimension: x { sql: {% if p._parameter_value == 'a' %} ${TABLE}.a {% else %} ${TABLE}.b {% endif %} ;; }"
    )

    assert over_orders("unknown-catalog-column", field, dbt("a")) == [
        "m.model.lkml:2 warning: `orders.x` reads the column `b` of `shop.orders`, which dbt's catalog does not have"
    ]
    assert over_orders("unknown-catalog-column", field, dbt("a", "b")) == []


def test_a_column_that_the_manifest_does_not_list_is_said_to_who_asks() -> None:
    rule = "undocumented-column"

    assert over_orders(rule, STATE, dbt("id", "status", complete=False)) == [
        (
            "m.model.lkml:2 info: `orders.state` reads the column `state` of `shop.orders`, which dbt's manifest does not have"
            " | did you mean status?"
        )
    ]
    assert over_orders(rule, STATE, dbt(complete=False)) == []
    assert over_orders(rule, STATE, dbt("id", "status")) == []


def test_a_table_beside_those_of_dbt_is_said_to_who_asks() -> None:
    rule = "unknown-catalog-table"

    assert over_orders(rule, STATE, dbt("id"), "shop.order") == [
        (
            "m.model.lkml:2 warning: `orders` reads `shop.order`, which dbt does not know, though it knows others in `shop`"
            " | did you mean orders?"
        )
    ]
    assert over_orders(rule, STATE, dbt("id"), "shop.orders") == []
    assert over_orders(rule, STATE, dbt("id"), "raw.order") == []


def test_check_reads_the_artifacts_of_dbt(tmp_path: Path) -> None:
    (tmp_path / "m.model.lkml").write_text(
        f'connection: "c"\nexplore: orders {{}}\nview: orders {{ sql_table_name: shop.orders ;;\n{STATE} }}\n', "utf-8"
    )
    node = {
        "name": "orders",
        "database": "db",
        "schema": "shop",
        "alias": "orders",
        "config": {},
        "depends_on": {},
        "columns": {},
    }
    schema = "https://schemas.getdbt.com/dbt/{}.json"
    manifest = {"metadata": {"dbt_schema_version": schema.format("manifest/v12")}, "nodes": {"model.shop.orders": node}}
    columns = {"columns": {"id": {"index": 1}, "status": {"index": 2}}}
    catalog = {"metadata": {"dbt_schema_version": schema.format("catalog/v1")}, "nodes": {"model.shop.orders": columns}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (tmp_path / "catalog.json").write_text(json.dumps(catalog), "utf-8")
    command = [sys.executable, "-m", "dagster_lookml", "check", "--dbt-manifest", "manifest.json"]

    plain = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    with_catalog = subprocess.run(
        [*command, "--dbt-catalog", "catalog.json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (plain.returncode, plain.stderr) == (0, "")
    assert (with_catalog.returncode, with_catalog.stderr) == (1, "")
    assert "m.model.lkml:4" in with_catalog.stdout
    assert "LM706" in with_catalog.stdout
