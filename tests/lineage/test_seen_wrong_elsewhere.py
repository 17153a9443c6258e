"""What other tools were seen to get wrong with lineage, each with the right result; the letters are their kinds.

S files and scope, E extends and refinements, T tables, D derived tables, L Liquid and constants, X explores, N findings. What is
shown elsewhere in these tests is not repeated here.
"""

from __future__ import annotations

import json
from collections import Counter

import pytest

from dagster_lookml.analysis.impact import impact
from dagster_lookml.config import Config, Connection
from dagster_lookml.lineage.answer import ProjectLineage, trace_project
from dagster_lookml.lineage.coverage import coverage
from dagster_lookml.lineage.selectors import Selection
from dagster_lookml.outputs.contract import encode
from dagster_lookml.outputs.lineage_json import lineage_json
from dagster_lookml.outputs.lineage_text import coverage_text
from dagster_lookml.semantic.compile import compile_with_blocks
from dagster_lookml.semantic.objects import Lookup
from dagster_lookml.semantic.packing import pack_project
from dagster_lookml.semantic.sources import PlainParser
from dagster_lookml.source import MemoryTree, SourceFile
from dagster_lookml.syntax.reading import LookMLTree
from tests.lineage import rows_from, speaking, tables
from tests.tracing import columns, data, edges, gaps, traced

C = 'connection: "c"\n'


def affected(found: ProjectLineage, *source: str) -> set[str]:
    return {one.node.id for one in impact(found.lineage.graph, Lookup(found.project), source).affected}


def views_of(found: ProjectLineage, explore: str) -> list[str]:
    return [one for one in edges(found, explore) if one.startswith("view:")]


def test_views_may_stand_in_any_file() -> None:
    """S4."""
    found = traced(
        {
            "m.model.lkml": C + 'include: "e.explore" include: "x.lkml" view: a { sql_table_name: s.a ;; dimension: id {} }',
            "e.explore.lkml": """view: b { sql_table_name: s.b ;; dimension: id {} }
            explore: b { join: a { sql_on: ${a.id} = ${b.id} ;; } join: d { sql_on: ${d.id} = ${b.id} ;; } }""",
            "x.lkml": "view: d { derived_table: { sql: SELECT q.k AS id FROM ${b.SQL_TABLE_NAME} AS q ;; } dimension: id {} }",
        }
    )
    assert [edges(found, f"view:{x}") for x in "abd"] == [["table:s.a reads"], ["table:s.b reads"], ["view:b derives"]]
    assert [columns(found, f"field:{x}.id") for x in "abd"] == [["s.a.id"], ["s.b.id"], ["s.b.k"]]
    assert views_of(found, "explore:m/b") == ["view:a joins_on_demand", "view:b joins_always", "view:d joins_on_demand"]


SNOW = Config(connections={"snow": Connection(dialect="snowflake", database="DB", schema="SC")})


@pytest.mark.parametrize(
    "files",
    [
        {"manifest.lkml": 'constant: C { value: "snow" }', "m.model.lkml": 'connection: "@{C}" include: "v.view"'},
        {"m.model.lkml": 'include: "conn.lkml" include: "v.view"', "conn.lkml": 'connection: "snow"'},
    ],
)
def test_the_connection_decides_the_dialect_wherever_it_is_written(files: dict[str, str]) -> None:
    """S8."""
    found = traced({**files, "v.view.lkml": "view: v { sql_table_name: T ;; dimension: id {} }"}, config=SNOW)
    assert edges(found, "view:v") == ["table:db.sc.t reads"]
    assert columns(found, "field:v.id") == ["db.sc.t.id"]


def test_a_child_of_a_derived_table_is_a_table_of_its_own() -> None:
    """E3."""
    found = traced("""
        view: p { derived_table: { sql: SELECT o.nm AS who FROM s.o ;; persist_for: "1 hour" } dimension: who {} }
        view: c { extends: [p] }
        view: reader { derived_table: { sql: SELECT x.who FROM ${c.SQL_TABLE_NAME} AS x ;; } dimension: who {} }""")
    assert edges(found, "view:c") == ["table:s.o reads", "view:p extends"]
    assert edges(found, "view:reader") == ["view:c derives"]
    assert columns(found, "field:reader.who") == ["s.o.nm"]


ABUW = """
    view: a { sql_table_name: s.a ;; dimension: id {} dimension: u {} }
    view: b { sql_table_name: s.b ;; dimension: id {} }
    view: u { sql_table_name: s.u ;; dimension: id {} dimension: alt {} }
    view: w { sql_table_name: s.w ;; dimension: id {} }
"""


def test_what_a_child_explore_says_itself_wins() -> None:
    """E5."""
    found = traced(
        ABUW
        + """
        explore: base { view_name: a sql_always_where: ${a.id} > 1 ;; always_join: [u] join: u { sql_on: ${a.u} = ${u.id} ;; } }
        explore: e { extends: [base] from: b sql_always_where: ${a.id} < 1 ;;
          join: w { sql_on: ${a.id} = ${w.id} ;; } join: u { sql_on: ${a.id} = ${u.alt} ;; } }"""
    )
    assert edges(found, "explore:m/e") == [
        "field:b.id join_condition",
        "field:b.id row_filter",
        "field:u.alt join_condition",
        "field:w.id join_condition",
        "view:b joins_always",
        "view:u joins_always",
        "view:w joins_on_demand",
    ]
    assert edges(found, "explore:m/base") == [
        "field:a.id row_filter",
        "field:a.u join_condition",
        "field:u.id join_condition",
        "view:a joins_always",
        "view:u joins_always",
    ]


@pytest.mark.parametrize(("listed", "offered"), [("a", "a"), ("b", "b"), ("EXTENDED*, b", "ab")])
def test_a_refined_set_decides_what_is_offered(listed: str, offered: str) -> None:
    """E6."""
    found = traced(f"""
        view: v {{ sql_table_name: s.t ;; dimension: a {{}} dimension: b {{}} set: some {{ fields: [a] }} }}
        view: +v {{ set: some {{ fields: [{listed}] }} }}
        explore: e {{ from: v fields: [e.some*] }}""")
    assert [one for one in "ab" if "explore:m/e" in affected(found, f"column:s.t.{one}")] == list(offered)


@pytest.mark.parametrize("written", ["[x]", "x"])
def test_a_refinement_that_extends_keeps_joins_and_parents(written: str) -> None:
    """E7."""
    found = traced(
        ABUW
        + f"""
        explore: lower {{ extension: required join: w {{ sql_on: ${{a.id}} = ${{w.id}} ;; }} }}
        explore: x {{ extension: required join: u {{ sql_on: ${{a.u}} = ${{u.id}} ;; }} }}
        explore: a {{ extends: [lower] join: b {{ sql_on: ${{a.id}} = ${{b.id}} ;; }} }}
        explore: +a {{ extends: {written} }}"""
    )
    assert views_of(found, "explore:m/a") == [
        "view:a joins_always",
        "view:b joins_on_demand",
        "view:u joins_on_demand",
        "view:w joins_on_demand",
    ]


@pytest.mark.parametrize("source", ["TABLE s.t", "(SELECT * FROM s.t)"])
def test_rows_go_through_a_prediction(source: str) -> None:
    """T1."""
    found = traced(
        f"view: v {{ sql_table_name: ML.PREDICT(MODEL d.m, {source}) ;; dimension: user_id {{}} }}", config=speaking("bigquery")
    )
    assert edges(found, "view:v") == ["table:d.m reads", "table:s.t reads"]
    assert columns(found, "field:v.user_id") == ["s.t.user_id"]


def test_what_is_predicted_comes_from_the_model() -> None:
    """T1."""
    found = traced(
        "view: v { sql_table_name: ML.PREDICT(MODEL d.m, TABLE s.t) ;; dimension: predicted_label {} }",
        config=speaking("bigquery"),
    )
    assert columns(found, "field:v.predicted_label") == ["d.m.predicted_label"]


def test_one_table_of_a_wildcard_is_felt_by_its_readers() -> None:
    """T1."""
    found = traced(
        """
        view: v { sql_table_name: `p.d.events_*` ;; dimension: a {} }
        view: w { sql_table_name: `p.d.events_20240101` ;; dimension: a {} }""",
        config=speaking("bigquery"),
    )
    assert "field:v.a" in affected(found, "table:p.d.events_20240101")


@pytest.mark.parametrize(
    ("array", "reading"),
    [("orders.items", "column:d.orders.items join_condition inferred"), ("${orders.items}", "field:orders.items join_condition")],
)
def test_an_array_in_place_of_a_table_is_so_for_this_join_only(array: str, reading: str) -> None:
    """T3."""
    found = traced(
        f"""
        view: orders {{ sql_table_name: d.orders ;; dimension: id {{}} dimension: items {{}} }}
        view: j {{ sql_table_name: d.j ;; dimension: id {{}} dimension: sku {{}} }}
        explore: orders {{ join: j {{ sql_table_name: UNNEST({array}) ;; type: cross }} }}
        explore: j {{}}""",
        config=speaking("bigquery"),
    )
    assert tables(found) == ["d.j", "d.orders"]
    assert edges(found, "explore:m/orders") == [reading, "view:j joins_on_demand", "view:orders joins_always"]
    assert edges(found, "explore:m/j") == ["view:j joins_always"]
    assert columns(found, "field:j.sku") == ["d.j.sku", "d.orders.items.sku"]
    assert edges(found, "view:j") == ["table:d.j reads", "view:orders nested"]


FIRST, LAST = "AS SELECT old AS id, a AS gone FROM s.first", "AS SELECT uid AS id FROM s.last"
MAKE = "CREATE TABLE ${SQL_TABLE_NAME} "
REMAKE = "CREATE OR REPLACE TABLE ${SQL_TABLE_NAME} "


def process(*steps: str) -> ProjectLineage:
    written = " ".join(f"sql_step: {one} ;;" for one in steps)
    return traced(
        f'view: v {{ derived_table: {{ create_process: {{ {written} }} persist_for: "1 hour" }}'
        " dimension: id {} dimension: gone {} }",
        config=speaking("bigquery"),
    )


@pytest.mark.parametrize(
    "steps",
    [
        (REMAKE + FIRST, REMAKE + LAST),
        (MAKE + FIRST, "DROP TABLE ${SQL_TABLE_NAME}", MAKE + LAST),
        (REMAKE + FIRST, "CREATE TABLE scratch.n " + LAST, REMAKE + "AS SELECT n.id FROM scratch.n AS n"),
    ],
)
def test_the_last_create_gives_the_columns(steps: tuple[str, ...]) -> None:
    """D3."""
    found = process(*steps)
    assert rows_from(found, "view:v") == ["table:s.first reads", "table:s.last reads"]
    assert columns(found, "field:v.id") == ["s.last.uid"]
    assert columns(found, "field:v.gone") == []
    assert gaps(found, "field:v.gone") == ["missing-column gone"]


def test_a_table_may_be_made_anew_of_itself() -> None:
    """D3."""
    found = process(REMAKE + FIRST, REMAKE + "AS SELECT x.id FROM ${SQL_TABLE_NAME} AS x WHERE x.id > 1")
    assert columns(found, "field:v.id") == ["s.first.old"]
    assert gaps(found, "field:v.id") == []


def test_what_is_made_last_is_meant_where_the_built_table_is_not_made() -> None:
    """D3."""
    found = process(
        "CREATE TABLE scratch.stage AS SELECT k AS id FROM s.mid", "CREATE TABLE scratch.v AS SELECT x.id FROM scratch.stage AS x"
    )
    assert rows_from(found, "view:v") == ["table:s.mid reads"]
    assert columns(found, "field:v.id") == ["s.mid.k"]


def test_a_field_without_its_view_decides_the_table() -> None:
    """L1."""
    found = traced(
        "view: v { sql_table_name: {% if f._in_query %} a.b.c {% else %} a.b.d {% endif %} ;; dimension: f {} } explore: v {}"
    )
    assert data(found, "view:v") == ["table:a.b.c reads if f._in_query", "table:a.b.d reads if not f._in_query"]
    assert data(found, "field:v.f") == ["column:a.b.c.f reads if f._in_query", "column:a.b.d.f reads if not f._in_query"]


TENANT = "view: v { sql_table_name: {{ _user_attributes['ds'] }}.t ;; dimension: id {} } explore: v {} "


def selected(found: ProjectLineage, *selectors: str) -> frozenset[str]:
    return Selection(found.lineage.graph, Lookup(found.project)).select(list(selectors))


def test_the_end_of_a_name_is_enough_below_an_unknown_schema() -> None:
    """L2."""
    assert selected(traced(TENANT), "table:t") == {"table:{ua_ds}.t"}
    assert selected(traced(TENANT), "column:t.id") == {"column:{ua_ds}.t.id"}


def test_a_table_with_an_unknown_schema_may_be_the_one_that_is_asked_for() -> None:
    """L2."""
    assert "view:v" in selected(traced(TENANT), "table:live.t+")


def test_a_table_with_an_unknown_schema_is_felt_where_it_may_be_meant() -> None:
    """L2."""
    found = traced(TENANT + "view: w { sql_table_name: live.t ;; dimension: id {} }")
    assert "field:v.id" in affected(found, "table:live.t")


P = 'parameter: p { type: unquoted allowed_value: { value: "day" } allowed_value: { value: "week" } }'
DAY, WEEK = "if p._parameter_value == 'day'", "if p._parameter_value == 'week'"


def test_a_parameter_names_a_column_of_a_derived_table() -> None:
    """L3."""
    found = traced(f"""view: v {{
        derived_table: {{ sql: SELECT t.{{% parameter p %}} AS bucket, sum(t.n) AS n FROM s.t AS t GROUP BY 1 ;; }}
        {P} dimension: bucket {{}} measure: n {{ type: sum }} }}""")
    assert rows_from(found, "view:v") == ["table:s.t reads"]
    assert edges(found, "field:v.bucket") == [f"column:s.t.day reads {DAY}", f"column:s.t.week reads {WEEK}"]
    assert columns(found, "field:v.n") == ["s.t.n"]


def test_a_parameter_names_a_table_of_a_derived_table() -> None:
    """L3."""
    found = traced(
        f"view: v {{ derived_table: {{ sql: SELECT t.n FROM s.by_{{% parameter p %}} AS t ;; }} {P} measure: n {{ type: sum }} }}"
    )
    assert rows_from(found, "view:v") == [f"table:s.by_day reads {DAY}", f"table:s.by_week reads {WEEK}"]
    assert edges(found, "field:v.n") == [f"column:s.by_day.n reads {DAY}", f"column:s.by_week.n reads {WEEK}"]


def test_constants_are_expanded_in_includes_explores_and_tiles() -> None:
    """L5."""
    found = traced(
        {
            "manifest.lkml": """
            constant: X { value: "orders" } constant: COL { value: "paid" }
            constant: WHERE {
              value: "{% if orders.id._in_query %} ${orders.@{COL}} > 0 {% else %} ${orders.id} > 0 {% endif %}"
            }""",
            "m.model.lkml": C
            + 'include: "/@{X}.view" include: "*.dashboard" '
            + 'explore: e { label: "@{X}" from: @{X} view_name: @{X} sql_always_where: @{WHERE} ;; }',
            "orders.view.lkml": "view: orders { sql_table_name: s.@{X} ;; dimension: id {} dimension: paid {} }",
            "d.dashboard.lookml": '- dashboard: d\n  elements:\n  - {name: t, model: m, explore: e, fields: ["@{X}.id"]}\n',
        }
    )
    always = ["field:orders.id row_filter if not orders.id._in_query", "field:orders.paid row_filter if orders.id._in_query"]
    assert data(found, "view:orders") == ["table:s.orders reads"]
    assert data(found, "explore:m/e") == [*always, "view:orders joins_always"]
    assert data(found, "tile:m/d/t") == sorted([*always, "field:orders.id tile"])


@pytest.mark.rule("R9.7")
@pytest.mark.parametrize(
    ("table", "dialect", "shown"),
    [
        ("@{GONE}.t", "", "{gone}.t"),
        ("@{GONE}.t", "bigquery", "{GONE}.t"),
        ("@{GONE}.t", "snowflake", "{gone}.t"),
        ("@{GONE}", "snowflake", "{gone}"),
        ("@{GONE}.t", "postgres", "{gone}.t"),
        ("`@{GONE}.d.t`", "bigquery", "{GONE}.d.t"),
        ("`@{GONE}`.d.t", "bigquery", "{GONE}.d.t"),
        ('"@{GONE}".t', "redshift", "{gone}.t"),
        ("db.@{GONE}_x.t", "redshift", "db.{gone}_x.t"),
    ],
)
@pytest.mark.parametrize("form", ["sql_table_name: {} ;;", "derived_table: {{ sql: SELECT a.id FROM {} AS a ;; }}"])
def test_a_constant_that_is_not_defined_is_unknown_and_said_so(form: str, table: str, dialect: str, shown: str) -> None:
    """L5: in quotes and without, in every dialect; Snowflake would read ``@{GONE}`` as a stage."""
    found = traced(f"view: v {{ {form.format(table)} dimension: id {{}} }}", config=speaking(dialect))

    assert tables(found) == [shown]
    assert found.lineage.views["view:v"].gaps == (("unread-sql", "the constant GONE is not defined"),)
    assert coverage(found.lineage).views.unknown == 1
    assert [one.reason for one in found.lineage.sql.unread] == ["the constant GONE is not defined"]


def test_an_explore_that_must_be_extended_is_whole_in_its_child() -> None:
    """X4."""
    found = traced("""
        view: orders { sql_table_name: s.orders ;; dimension: u {} } view: users { sql_table_name: s.users ;; dimension: id {} }
        explore: template { extension: required view_name: nothing join: users { sql_on: ${nothing.u} = ${users.id} ;; } }
        explore: child { extends: [template] from: orders }""")
    assert edges(found, "explore:m/child") == [
        "field:orders.u join_condition",
        "field:users.id join_condition",
        "view:orders joins_always",
        "view:users joins_on_demand",
    ]


def test_sql_that_cannot_be_read_is_counted_everywhere() -> None:
    """N3."""
    found = traced("""
        view: bad { derived_table: { sql: SELECT FROM WHERE ((( ;; } dimension: id {} }
        view: v { sql_table_name: s.t ;; dimension: b { sql: a b c d ;; } dimension: ok {} }
        explore: v { sql_always_where: ((( ;; }""")
    numbers = coverage(found.lineage)
    assert edges(found, "view:bad") == []
    assert (numbers.fields.fields, numbers.fields.traced_to_column, numbers.fields.unknown) == (3, 1, 2)
    assert (numbers.fields.reasons, numbers.views.reasons) == ({"unread-sql": 2}, {"unread-sql": 1})
    assert (numbers.views.views, numbers.views.traced_to_table, numbers.views.unknown) == (2, 1, 1)
    data = json.loads(encode(lineage_json(found.lineage.graph, numbers, ())))["coverage"]
    assert [(one["object"], one["parameter"], one["line"]) for one in data["sql"]["unread"]] == [
        ("view:bad", "sql", 3),
        ("view:v", "sql", 4),
        ("explore:m/v", "sql_always_where", 5),
    ]
    text = coverage_text(numbers, (), found.dialects)
    assert "m.model.lkml:3 sql of view:bad" in text


class CountingParser(PlainParser):
    """Counts how often each text is parsed."""

    def __init__(self) -> None:
        self.parsed: Counter[str] = Counter()

    def lookml(self, source: SourceFile) -> LookMLTree:
        self.parsed[source.path] += 1
        return super().lookml(source)


def test_a_file_of_seven_models_is_parsed_once_and_not_kept() -> None:
    """N5."""
    files = {
        f"m{number}.model.lkml": f'connection: "c" include: "v.view" explore: v {{ label: "{number}" }}' for number in range(7)
    }
    view = "view: v { sql_table_name: s.t ;; dimension: id {} }"
    parser = CountingParser()
    found = compile_with_blocks(MemoryTree({**files, "v.view.lkml": view}), parser=parser).project
    longer = compile_with_blocks(MemoryTree({**files, "v.view.lkml": view + "\n" + "# filler\n" * 20_000})).project
    lineage = trace_project(found)
    assert parser.parsed["v.view.lkml"] == 1
    assert [edges(lineage, f"explore:m{number}/v") for number in range(7)] == [["view:v joins_always"]] * 7
    assert len(pack_project(longer)) == len(pack_project(found))
