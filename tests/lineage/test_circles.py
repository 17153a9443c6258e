"""Circles are said and end; long chains are no trouble (R5.15)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dagster_lookml.lineage.answer import ProjectLineage
from tests.lineage import speaking
from tests.tracing import columns, data, edges, gaps, traced

DEEP = 300


@pytest.mark.rule("R5.15")
def test_derived_tables_in_a_circle() -> None:
    found = traced(
        """
        view: a {
          derived_table: { sql: SELECT c.id, t.x FROM ${c.SQL_TABLE_NAME} c JOIN s.t t ON t.id = c.id ;; }
          dimension: id {} dimension: x {}
        }
        view: b { derived_table: { sql: SELECT a.id FROM ${a.SQL_TABLE_NAME} a ;; } dimension: id {} }
        view: c { derived_table: { sql: SELECT b.id FROM ${b.SQL_TABLE_NAME} b ;; } dimension: id {} }
        view: after { derived_table: { sql: SELECT a.id, a.x FROM ${a.SQL_TABLE_NAME} a ;; } dimension: id {} dimension: x {} }
        """
    )

    assert found.lineage.graph.circles() == (("view:a", "view:b", "view:c", "view:a"),)
    assert edges(found, "view:after") == ["view:a derives"]
    assert columns(found, "field:after.x") == ["s.t.x"]


@pytest.mark.rule("R5.15")
def test_a_column_that_comes_out_of_a_circle_is_unknown() -> None:
    found = traced(
        """
        view: a { derived_table: { sql: SELECT b.id FROM ${b.SQL_TABLE_NAME} b ;; } dimension: id {} }
        view: b { derived_table: { sql: SELECT a.id FROM ${a.SQL_TABLE_NAME} a ;; } dimension: id {} }
        view: after { derived_table: { sql: SELECT a.id FROM ${a.SQL_TABLE_NAME} a ;; } dimension: id {} }
        """
    )

    for view in ("a", "b", "after"):
        assert columns(found, f"field:{view}.id") == []
        assert [gap.split()[0] for gap in gaps(found, f"field:{view}.id")] == ["circular"]


@pytest.mark.rule("R5.15")
def test_a_derived_table_of_itself() -> None:
    found = traced("view: a { derived_table: { sql: SELECT x.id FROM ${a.SQL_TABLE_NAME} AS x ;; } dimension: id {} }")

    assert found.lineage.graph.circles() == (("view:a", "view:a"),)
    assert [gap.split()[0] for gap in gaps(found, "field:a.id")] == ["circular"]


@pytest.mark.rule("R5.15")
def test_tables_of_each_other() -> None:
    found = traced(
        """
        view: a { sql_table_name: ${b.SQL_TABLE_NAME} ;; dimension: id {} }
        view: b { sql_table_name: ${a.SQL_TABLE_NAME} ;; dimension: id {} }
        """
    )

    assert found.lineage.graph.circles() == (("view:a", "view:b", "view:a"),)
    assert columns(found, "field:a.id") == []


@pytest.mark.rule("R5.15")
def test_native_tables_of_each_other() -> None:
    found = traced(
        """
        view: a { derived_table: { explore_source: b { column: id {} } } dimension: id {} }
        view: b { derived_table: { explore_source: a { column: id {} } } dimension: id {} }
        explore: a {}
        explore: b {}
        """
    )

    assert ("view:a", "view:b", "view:a") in found.lineage.graph.circles()
    assert columns(found, "field:a.id") == []


def test_a_field_of_itself_and_fields_of_each_other() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;;
          dimension: own { sql: ${own} + ${TABLE}.x ;; }
          dimension: a { sql: ${b} + ${TABLE}.a ;; }
          dimension: b { sql: ${a} + ${TABLE}.b ;; }
        }
        """
    )

    assert found.lineage.graph.circles() == (("field:v.a", "field:v.b", "field:v.a"), ("field:v.own", "field:v.own"))
    assert columns(found, "field:v.own") == ["s.t.x"]
    assert columns(found, "field:v.a") == ["s.t.a", "s.t.b"]


def test_a_chain_of_fields() -> None:
    chain = "".join(f"dimension: d{number} {{ sql: ${{d{number - 1}}} + 1 ;; }}" for number in range(1, DEEP))
    found = traced(f"view: v {{ sql_table_name: s.t ;; dimension: d0 {{}} {chain} }} explore: v {{}}")

    assert columns(found, f"field:v.d{DEEP - 1}") == ["s.t.d0"]
    assert found.lineage.graph.circles() == ()


def test_a_chain_of_fields_under_a_native_table_and_a_condition() -> None:
    chain = "".join(f"dimension: d{number} {{ sql: ${{d{number - 1}}} + 1 ;; }}" for number in range(1, DEEP))
    found = traced(
        f"""
        view: v {{ sql_table_name: s.t ;; dimension: d0 {{}} {chain} }}
        explore: v {{ sql_always_where: ${{d{DEEP - 1}}} > 1 ;; }}
        view: n {{ derived_table: {{ explore_source: v {{ column: top {{ field: v.d{DEEP - 1} }} }} }} dimension: top {{}} }}
        view: q {{ derived_table: {{ sql: SELECT n.top FROM ${{n.SQL_TABLE_NAME}} AS n ;; }} dimension: top {{}} }}
        """
    )

    assert columns(found, "field:n.top") == ["s.t.d0"]
    assert columns(found, "field:q.top") == ["s.t.d0"]


def chain_of_tables(select: str, *, base_first: bool) -> ProjectLineage:
    """A chain of derived tables, whose names put the base before or behind all others."""
    names = [f"d{number if base_first else DEEP - number:03}" for number in range(DEEP)]
    chain = "".join(
        f"view: {name} {{ derived_table: {{ sql: {select} FROM ${{{below}.SQL_TABLE_NAME}} AS x ;; }} dimension: id {{}} }}"
        for below, name in pairwise(names)
    )
    return traced(
        f"""
        view: {names[0]} {{ derived_table: {{ sql: SELECT t.key AS id FROM s.t AS t ;; }} dimension: id {{}} }} {chain}
        view: top {{ sql_table_name: ${{{names[-1]}.SQL_TABLE_NAME}} ;; dimension: id {{}} }}
        """
    )


@pytest.mark.parametrize(
    ("select", "base_first"),
    [
        ("SELECT x.id AS id", True),
        ("SELECT *", True),
        ("SELECT x.*", True),
        ("SELECT id", True),
        pytest.param("SELECT x.id AS id", False),
        pytest.param("SELECT *", False),
        pytest.param("SELECT id", False),
    ],
)
def test_a_chain_of_derived_tables(select: str, base_first: bool) -> None:
    found = chain_of_tables(select, base_first=base_first)

    assert columns(found, "field:top.id") == ["s.t.key"]


def test_a_chain_of_native_tables() -> None:
    chain = "".join(
        f"""
        explore: d{number - 1} {{}}
        view: d{number} {{ derived_table: {{ explore_source: d{number - 1} {{ column: id {{}} }} }} dimension: id {{}} }}
        """
        for number in range(1, DEEP)
    )
    found = traced(f"view: d0 {{ sql_table_name: s.t ;; dimension: id {{}} }} {chain}")

    assert columns(found, f"field:d{DEEP - 1}.id") == ["s.t.id"]


def test_a_chain_of_nested_records() -> None:
    views = "".join(f"view: d{number} {{ dimension: x {{}} }}" for number in range(1, DEEP))
    joins = "".join(
        f"join: d{number} {{ sql: LEFT JOIN UNNEST(${{d{number - 1}.x}}) AS d{number} ;; }}" for number in range(1, DEEP)
    )
    found = traced(f"view: d0 {{ sql_table_name: s.t ;; dimension: x {{}} }} {views} explore: d0 {{ {joins} }}")

    assert columns(found, f"field:d{DEEP - 1}.x") == ["s.t" + ".x" * DEEP]


def test_a_chain_of_fields_in_the_condition_of_a_derived_table() -> None:
    chain = "".join(f"dimension: d{number} {{ sql: ${{d{number - 1}}} + 1 ;; }}" for number in range(1, DEEP))
    found = traced(
        f"""
        view: v {{ sql_table_name: s.t ;; dimension: d0 {{}} {chain} }}
        view: q {{
          derived_table: {{ sql: SELECT 1 AS a FROM s.u WHERE {{% condition f %}} ${{v.d{DEEP - 1}}} {{% endcondition %}} ;; }}
          filter: f {{ type: string }}
        }}
        """
    )

    assert [one.split()[0] for one in data(found, "view:q")] == ["column:s.t.d0", "table:s.u"]


def test_a_chain_of_parents() -> None:
    chain = "".join(f"view: d{number} {{ extends: [d{number - 1}] }}" for number in range(1, DEEP))
    found = traced(f"view: d0 {{ sql_table_name: s.t ;; dimension: id {{}} }} {chain}")

    assert columns(found, f"field:d{DEEP - 1}.id") == ["s.t.id"]


def test_a_chain_of_joins() -> None:
    views = "".join(f"view: d{number} {{ dimension: id {{}} dimension: next {{}} }}" for number in range(DEEP))
    joins = "".join(f"join: d{number} {{ sql_on: ${{d{number - 1}.next}} = ${{d{number}.id}} ;; }}" for number in range(1, DEEP))
    found = traced(f"{views} explore: d0 {{ always_join: [d{DEEP - 1}] {joins} }}")

    always = [one for one in edges(found, "explore:m/d0") if one.endswith("joins_always")]
    assert len(always) == DEEP


def test_a_chain_of_common_table_expressions() -> None:
    chain = ", ".join(f"c{number} AS (SELECT * FROM c{number - 1})" for number in range(1, DEEP))
    query = f"WITH c0 AS (SELECT t.key AS id FROM s.t AS t), {chain} SELECT * FROM c{DEEP - 1}"
    found = traced(f"view: v {{ derived_table: {{ sql: {query} ;; }} dimension: id {{}} }}")

    assert columns(found, "field:v.id") == ["s.t.key"]


def test_a_long_union_and_a_long_sum() -> None:
    union = " UNION ALL ".join(f"SELECT a{number} AS a FROM s.t{number}" for number in range(DEEP))
    total = " + ".join(f"${{TABLE}}.c{number}" for number in range(1000))
    found = traced(
        f"""
        view: v {{ derived_table: {{ sql: {union} ;; }} dimension: a {{}} }}
        view: w {{ sql_table_name: s.w ;; dimension: total {{ sql: {total} ;; }} }}
        """
    )

    assert len(columns(found, "field:v.a")) == DEEP
    assert len(columns(found, "field:w.total")) == 1000


def test_stars_of_derived_tables_in_a_circle_end_somewhere() -> None:
    found = traced("""
        view: x { derived_table: { sql: SELECT *, foo FROM ${y.SQL_TABLE_NAME} JOIN s.t ON id = foo ;; } dimension: a {} }
        view: y { derived_table: { sql: SELECT *, bar FROM ${x.SQL_TABLE_NAME} JOIN s.u ON id = bar ;; } dimension: b {} }
        view: sound { sql_table_name: s.sound ;; dimension: c {} }
        explore: sound {}
    """)

    assert {edge.source for edge in found.lineage.graph.edges if edge.target == "view:x"} >= {"view:y", "table:s.t"}
    assert columns(found, "field:sound.c") == ["s.sound.c"]


def test_an_unpivoted_value_is_not_made_of_itself() -> None:
    """The column that is turned has the name of the column that it becomes."""
    sql = "SELECT u.x, u.kind FROM (SELECT * FROM s.t) AS t UNPIVOT (x FOR kind IN (x, y)) AS u"
    found = traced(f"view: v {{ derived_table: {{ sql: {sql} ;; }} dimension: x {{}} }}", config=speaking("snowflake"))

    assert columns(found, "field:v.x") == ["s.t.x", "s.t.y"]


def test_a_pivot_does_not_see_itself() -> None:
    """What it lacks is looked for around it, where it stands itself."""
    sql = "SELECT x FROM (VALUES (1, 2)) AS t (r, d) UNPIVOT (x FOR k IN (x, d)) AS u"
    found = traced(f"view: v {{ derived_table: {{ sql: {sql} ;; }} dimension: x {{}} }}", config=speaking("snowflake"))

    assert gaps(found, "field:v.x") == ["missing-column x"]


@pytest.mark.parametrize("window", ["w AS (PARTITION BY SUM(t.c) OVER w)", "w AS (PARTITION BY SUM(t.c) OVER u), u AS (w)"])
def test_a_window_that_names_itself_ends_somewhere(window: str) -> None:
    sql = f"SELECT SUM(t.a) OVER w AS x FROM s.t AS t WINDOW {window}"
    found = traced(f"view: v {{ derived_table: {{ sql: {sql} ;; }} dimension: x {{}} }}", config=speaking("bigquery"))

    assert columns(found, "field:v.x") == ["s.t.a", "s.t.c"]


def test_a_struct_of_a_table_that_is_made_of_itself_gets_no_deeper() -> None:
    """Each way round asks for a field below the one before."""
    steps = (
        "sql_step: CREATE OR REPLACE TABLE ${SQL_TABLE_NAME} (a INT, b INT) AS SELECT id AS u, x.c FROM s.t AS x ;;"
        " sql_step: CREATE TABLE ${SQL_TABLE_NAME} AS"
        " SELECT b.x, {% if a._in_query %} a {% else %} b {% endif %} AS c FROM ${x.SQL_TABLE_NAME}, q.items ;;"
    )
    found = traced(f"""
        view: x {{ derived_table: {{ create_process: {{ {steps} }} }} dimension: x {{}} dimension: c {{}} }}
        view: sound {{ sql_table_name: s.sound ;; dimension: id {{}} }}
    """)

    assert "field:x.x" in found.lineage.fields
    assert columns(found, "field:sound.id") == ["s.sound.id"]
