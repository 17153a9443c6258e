"""Laws that hold of the lineage of every project, tried on generated ones and on SQL that is none."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_lookml.lineage.answer import ProjectLineage, trace_project
from dagster_lookml.lineage.coverage import coverage
from dagster_lookml.lineage.graph import Graph
from dagster_lookml.lineage.packing import pack_graph, unpack_graph
from dagster_lookml.semantic.packing import pack_project, unpack_project
from tests.building import MODEL, compiled
from tests.corpora import FIXTURES, ROOT
from tests.tracing import columns, traced, untold

STOREFRONT = FIXTURES / "projects" / "storefront"
COLUMNS = ("c0", "c1", "c2", "c3")
quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


# -- projects ----------------------------------------------------------------------------------------------------------


class Definition(NamedTuple):
    """One top-level definition, and the file that it stands in; those of one name keep their order."""

    name: str
    file: str
    text: str


class Made(NamedTuple):
    """A generated project: its definitions in order, and its dashboards."""

    definitions: tuple[Definition, ...]
    dashboards: str

    def files(self) -> dict[str, str]:
        found = {"m.model.lkml": MODEL + 'include: "/r.view.lkml"\n'}
        for one in self.definitions:
            found[one.file] = found.get(one.file, "") + one.text + "\n"
        return {**found, "d.dashboard.lookml": self.dashboards}


@st.composite
def tables(draw: st.DrawFn, number: int, circular: bool, count: int) -> str:
    """What the rows of the view ``v<number>`` come from; never of itself, and of later views only where circles may be."""
    others = [other for other in range(count if circular else number) if other != number]
    table = f"s.t{draw(st.integers(0, 4))}"
    kinds = ["named", "named", "default", "literal", "filtered", "union", "liquid"]
    kind = draw(st.sampled_from(kinds + (["derived", "derived", "joined", "with", "of a name", "native"] if others else [])))
    other = f"v{draw(st.sampled_from(others))}" if others else "v0"
    source = draw(st.sampled_from([table, f"${{{other}.SQL_TABLE_NAME}}"])) if others else table
    listed = ", ".join(f"a.{column}" for column in COLUMNS)
    texts = {
        "named": f"sql_table_name: {table} ;;",
        "default": "",
        "of a name": f"sql_table_name: ${{{other}.SQL_TABLE_NAME}} ;;",
        "literal": f"derived_table: {{ sql: SELECT {listed} FROM {table} AS a ;; persist_for: \"1 hour\" }}",
        "filtered": f"derived_table: {{ sql: SELECT {listed} FROM {source} AS a WHERE a.c9 = 1 ;; }}",
        "derived": f"derived_table: {{ sql: SELECT a.* FROM ${{{other}.SQL_TABLE_NAME}} AS a ;; }}",
        "joined": (
            f"derived_table: {{ sql: SELECT a.c0, b.c1, a.c2 + b.c2 AS c2, 1 AS c3\n"
            f"  FROM ${{{other}.SQL_TABLE_NAME}} AS a JOIN {table} AS b ON a.c0 = b.c0 ;; }}"
        ),
        "union": (
            f"derived_table: {{ sql: SELECT {listed} FROM {source} AS a\n"
            f"  UNION ALL SELECT {listed} FROM {table} AS a ;; sql_trigger_value: SELECT MAX(x.at) FROM s.log AS x ;; }}"
        ),
        "with": (
            f"derived_table: {{ sql: WITH w AS (SELECT {listed} FROM {source} AS a)\n"
            "  SELECT w.c0, w.c1, w.c2, w.c3 FROM w ;; }"
        ),
        "liquid": (
            f"derived_table: {{ sql: SELECT {listed} FROM {{% if p._parameter_value == 'x' %}} {table}\n"
            f"  {{% elsif q._in_query %}} s.t5 {{% else %}} {source} {{% endif %}} AS a ;; }}"
        ),
        "native": (
            f"derived_table: {{ explore_source: e_{other} {{\n"
            "  column: c0 {} column: c1 { field: c1 } derived_column: c2 { sql: c0 + c1 ;; } } }"
        ),
    }  # fmt: skip
    return texts[kind]


@st.composite
def fields(draw: st.DrawFn, number: int, count: int) -> str:
    """The fields of a view; each of the four dimensions may read those before it, its column, or another view."""
    found: list[str] = []
    for at, name in enumerate(COLUMNS):
        before = [f"${{{one}}}" for one in COLUMNS[:at]]
        other = f"${{v{draw(st.integers(0, count - 1))}.c0}}"
        sql = draw(
            st.sampled_from(
                [
                    "",
                    "",
                    f"${{TABLE}}.{name}",
                    name,
                    "1",
                    f"COALESCE(${{TABLE}}.{name}, 0)",
                    f"CASE WHEN ${{TABLE}}.{name} > 1 THEN 'x' END",
                    f"{{% if p._parameter_value == 'y' %}} ${{TABLE}}.c8 {{% else %}} ${{TABLE}}.{name} {{% endif %}}",
                    f"${{TABLE}}.{name} + {other}",
                    "${nothing.here}",
                    *(f"{one} + ${{TABLE}}.{name}" for one in before),
                    *before,
                ]
            )
        )
        key = " primary_key: yes" if at == 0 and draw(st.booleans()) else ""
        found.append(f"  dimension: {name} {{{f' sql: {sql} ;;' if sql else ''}{key} }}")
    found.append("  dimension_group: g { type: time timeframes: [date, week] sql: ${TABLE}.at ;; }")
    found.append("  measure: n { type: count }")
    measured = draw(st.sampled_from(["${c0}", "${c3}", "${TABLE}.c7"]))
    found.append(f'  measure: m {{ type: sum sql: {measured} ;; filters: [c1: "x"] }}')
    return "\n".join(draw(st.permutations(found))) if number % 2 else "\n".join(found)


@st.composite
def projects(draw: st.DrawFn, *, circular: bool = False) -> Made:
    count = draw(st.integers(2, 5))
    shared = draw(st.booleans())
    found: list[Definition] = []
    for number in range(count):
        file = f"f{number % 2 if shared else number}.view.lkml"
        parent = draw(st.sampled_from([None, None, *range(number)]))
        extends = f"  extends: [v{parent}]\n" if parent is not None else ""
        table = draw(tables(number, circular, count))
        body = extends + (f"  {table}\n" if table and (parent is None or draw(st.booleans())) else "")
        body += draw(fields(number, count)) if parent is None else "  dimension: own { sql: ${TABLE}.own + ${c1} ;; }"
        found.append(Definition(f"v{number}", file, f"view: v{number} {{\n{body}\n}}"))
        found.append(Definition(f"e_v{number}", "m.model.lkml", f"explore: e_v{number} {{ from: v{number} }}"))
    for number in range(draw(st.integers(0, 2))):
        refined = draw(st.integers(0, count - 1))
        text = f"view: +v{refined} {{ dimension: r{number} {{ sql: ${{TABLE}}.r{number} ;; }} }}"
        found.append(Definition(f"+v{refined}", "r.view.lkml", text))
    tiles: list[str] = []
    for number in range(draw(st.integers(1, 2))):
        base, joined = draw(st.integers(0, count - 1)), draw(st.integers(0, count - 1))
        where = draw(
            st.sampled_from(["", f"sql_always_where: ${{e{number}.c2}} > 1 ;;", 'always_filter: { filters: [j.c3: "x"] }'])
        )
        on = draw(st.sampled_from(["sql_on: ${e%d.c0} = ${j.c0} ;;" % number, "foreign_key: c0", "type: cross"]))  # noqa: UP031
        text = f"explore: e{number} {{ from: v{base} {where} join: j {{ from: v{joined} {on} }} }}"
        found.append(Definition(f"e{number}", "m.model.lkml", text))
        for field in draw(
            st.lists(st.sampled_from([f"e{number}.c1", f"e{number}.m", "j.c0", "j.g_date"]), min_size=1, max_size=2)
        ):
            tiles.append(f"  - {{name: t{len(tiles)}, explore: e{number}, fields: [{field}]}}\n")
    return Made(tuple(found), "- dashboard: d\n  title: D\n  elements:\n" + "".join(tiles))


def of(files: dict[str, str]) -> ProjectLineage:
    return traced(files)


def told(found: ProjectLineage) -> tuple[Any, ...]:
    """All that a lineage says, to be compared: nodes in their order, edges, how far fields and views go, dialects."""
    lineage = found.lineage
    return list(lineage.graph.nodes.values()), lineage.graph.edges, lineage.fields, lineage.views, found.dialects


def with_places(graph: Graph) -> Any:
    """A graph as plain data, in which places, that are all equal otherwise, are not."""
    return msgspec.to_builtins((list(graph.nodes.values()), graph.edges))


# -- ways --------------------------------------------------------------------------------------------------------------


@given(projects(circular=True))
@quickly
def test_what_is_downstream_of_something_has_it_upstream(made: Made) -> None:
    graph = of(made.files()).lineage.graph
    down = {one: graph.downstream([one]) for one in graph.nodes}
    up = {one: graph.upstream([one]) for one in graph.nodes}

    for one in graph.nodes:
        assert down[one] == {other: up[other][one] for other in graph.nodes if one in up[other]}
        assert down[one].keys() <= graph.nodes.keys()
        assert graph.downstream([one], 1).keys() == {one, *(edge.target for edge in graph.readers.get(one, ()))}


@given(projects(circular=True))
@quickly
def test_every_edge_is_between_nodes_that_are_there_and_each_is_once(made: Made) -> None:
    graph = of(made.files()).lineage.graph
    keys = [(edge.source, edge.target, edge.kind) for edge in graph.edges]

    assert keys == sorted(set(keys))
    assert {end for edge in graph.edges for end in (edge.source, edge.target)} <= graph.nodes.keys()
    assert all(node.whole in graph.nodes for node in graph.nodes.values() if node.whole is not None)
    assert list(graph.nodes) == sorted(graph.nodes)


@given(projects())
@quickly
def test_without_circles_in_the_text_there_are_none_in_the_graph_but_between_fields(made: Made) -> None:
    circles = of(made.files()).lineage.graph.circles()

    assert [circle for circle in circles if not all(one.startswith("field:") for one in circle)] == []


# -- order, additions, names -------------------------------------------------------------------------------------------


@given(projects(circular=True), st.randoms(use_true_random=False))
@quickly
def test_the_order_of_files_and_of_definitions_changes_nothing(made: Made, chance: random.Random) -> None:
    definitions = list(made.definitions)
    chance.shuffle(definitions)
    named: dict[str, Iterator[Definition]] = {
        one.name: iter([other for other in made.definitions if other.name == one.name]) for one in definitions
    }
    moved = Made(tuple(next(named[one.name]) for one in definitions), made.dashboards)
    files = list(moved.files().items())
    chance.shuffle(files)

    assert told(of(dict(files))) == told(of(made.files()))


@given(projects(circular=True))
@quickly
def test_what_nobody_names_changes_nothing_else(made: Made) -> None:
    more = {
        "zz.view.lkml": """
            view: zz { sql_table_name: zs.zt ;; dimension: c0 {} dimension: c1 { sql: ${TABLE}.c1 ;; } measure: n { type: count } }
            view: zy { derived_table: { sql: SELECT a.c0 FROM ${zz.SQL_TABLE_NAME} AS a ;; } dimension: c0 {} }
            explore: zz { join: zy { sql_on: ${zz.c0} = ${zy.c0} ;; } }
        """,  # noqa: E501
        "zz.dashboard.lookml": "- dashboard: zz\n  elements:\n  - {name: t, explore: zz, fields: [zz.c0]}\n",
    }
    before, after = of(made.files()).lineage, of({**made.files(), **more}).lineage
    is_new = re.compile(r"\w+:(?:m/)?z[a-z]\b")
    kept = [identity for identity in after.graph.nodes if not is_new.match(identity)]

    assert kept == list(before.graph.nodes)
    assert after.graph.part(kept).edges == before.graph.edges
    assert {one: status for one, status in after.fields.items() if not is_new.match(one)} == before.fields
    assert {one: status for one, status in after.views.items() if not is_new.match(one)} == before.views
    assert not any(
        is_new.match(edge.source) != is_new.match(edge.target) for edge in after.graph.edges if is_new.match(edge.source) is None
    )


@pytest.mark.parametrize("name", ["a", "z"])
def test_the_names_of_views_in_a_circle_change_nothing(name: str) -> None:
    """What enters the circle anywhere comes out of every view of it."""
    found = traced(
        f"""
        view: {name} {{ derived_table: {{ sql: SELECT m.x FROM ${{m.SQL_TABLE_NAME}} AS m ;; }} dimension: x {{}} }}
        view: m {{
          derived_table: {{ sql: SELECT o.x + t.x AS x FROM ${{{name}.SQL_TABLE_NAME}} AS o JOIN s.t AS t ON o.id = t.id ;; }}
          dimension: x {{}}
        }}
        """
    )

    assert columns(found, f"field:{name}.x") == ["s.t.x"]
    assert columns(found, "field:m.x") == ["s.t.x"]


@given(projects(circular=True), st.integers(0, 4))
@quickly
def test_a_view_that_is_renamed_everywhere_is_renamed_and_nothing_else(made: Made, number: int) -> None:
    name = re.compile(rf"\bv{number}\b")
    renamed = {path: name.sub("w_new", text) for path, text in made.files().items()}
    before, after = of(made.files()).lineage, of(renamed).lineage

    def mapped(value: Any) -> Any:
        return json.loads(name.sub("w_new", json.dumps(value)))

    def by_key(graph: Graph) -> tuple[Any, Any]:
        nodes = sorted(msgspec.to_builtins(list(graph.nodes.values())), key=lambda one: one["id"])
        edges = msgspec.to_builtins([msgspec.structs.replace(edge, span=None) for edge in graph.edges])
        return [{**one, "span": None} for one in nodes], edges

    nodes, edges = mapped(by_key(before.graph))
    order = ("source", "target", "kind")
    assert sorted(nodes, key=lambda one: one["id"]) == by_key(after.graph)[0]
    assert sorted(edges, key=lambda one: [one[key] for key in order]) == by_key(after.graph)[1]
    assert coverage(before).fields == coverage(after).fields
    assert coverage(before).views == coverage(after).views


@given(projects(circular=True))
@quickly
def test_places_and_spaces_change_places_only(made: Made) -> None:
    moved = {path: "# moved\n\n" + text.replace("\n  dimension", "\n\n\t  dimension") for path, text in made.files().items()}

    assert told(of(moved)) == told(of(made.files()))


# -- what is there -----------------------------------------------------------------------------------------------------


@given(projects(circular=True))
@quickly
def test_no_table_is_read_that_nothing_names(made: Made) -> None:
    """Of every branch of Liquid too: the tables are those of the text, and of views without one their names (R4.5)."""
    files = made.files()
    found = {one.removeprefix("table:") for one, node in of(files).lineage.graph.nodes.items() if node.kind == "table"}
    named = set(re.findall(r"\bs\.\w+", "".join(files.values())))

    assert found <= named | {one.name for one in made.definitions if one.name.startswith("v")}


@given(
    st.lists(
        st.sampled_from(["s.t1", "s.t2", "${other.SQL_TABLE_NAME}", "s.t3 AS x JOIN s.t4", "(SELECT 1 AS id)"]),
        min_size=1,
        max_size=5,
    ),
    st.booleans(),
)
@quickly
def test_liquid_adds_the_tables_of_its_branches_and_no_other(branches: list[str], has_else: bool) -> None:
    """Each branch of one `if`: all of their tables, each under a condition unless every branch has it."""
    first, *rest = branches
    chain = f"{{% if p._parameter_value == 'a0' %}} {first}" + "".join(
        f" {{% elsif p._parameter_value == 'a{number}' %}} {text}" for number, text in enumerate(rest, 1)
    )
    chain += " {% else %} s.last" if has_else else ""
    found = traced(
        f"""
        view: other {{ sql_table_name: s.other ;; dimension: id {{}} }}
        view: v {{ derived_table: {{ sql: SELECT 1 AS id FROM {chain} {{% endif %}} ;; }} dimension: id {{}} }}
        """
    )
    sources = {edge.source for edge in found.lineage.graph.edges if edge.target == "view:v" and edge.kind in ("reads", "derives")}
    named = {f"table:{one}" for text in (*branches, "s.last" if has_else else "") for one in re.findall(r"s\.\w+", text)}
    named |= {"view:other"} if "${other.SQL_TABLE_NAME}" in branches else set()

    assert sources == named


@given(projects(circular=True))
@quickly
def test_every_field_with_sql_has_a_status_and_the_numbers_add_up(made: Made) -> None:
    found = of(made.files())
    numbers = coverage(found.lineage)
    included = {
        f"field:{view.id.removeprefix('view:')}.{field.name}"
        for view in found.project.views
        for field in view.fields
        if view.included and view.kind != "abstract"
    }

    assert set(found.lineage.fields) == included
    fields, views = numbers.fields, numbers.views
    assert fields.fields == len(included)
    assert fields.traced_to_column + fields.traced_to_table + fields.no_column + fields.unknown == fields.fields
    assert views.traced_to_table + views.no_table + views.unknown == views.views
    assert all(
        status.reads_columns or not status.gaps or status.fields or status.tables
        for status in found.lineage.fields.values()
        if not status.gaps
    )


@given(projects(circular=True))
@quickly
def test_a_field_that_is_traced_reads_columns_of_known_tables(made: Made) -> None:
    graph = of(made.files()).lineage.graph
    tables = {one for one, node in graph.nodes.items() if node.kind == "table"}

    for identity, node in graph.nodes.items():
        if node.kind == "column":
            assert node.whole in tables
            assert identity.startswith(f"column:{str(node.whole).removeprefix('table:')}.")
        if node.kind == "field":
            assert node.whole is not None
            assert identity.startswith(f"field:{node.whole.removeprefix('view:')}.")


# -- bytes -------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(projects(circular=True))
@quickly
def test_graphs_and_projects_survive_being_packed(made: Made) -> None:
    project = compiled(made.files())
    graph = trace_project(project).lineage.graph

    assert with_places(unpack_graph(pack_graph(graph))) == with_places(graph)
    assert unpack_project(pack_project(project)) == project
    assert msgspec.to_builtins(unpack_project(pack_project(project))) == msgspec.to_builtins(project)
    assert told(trace_project(unpack_project(pack_project(project)))) == told(trace_project(project))


def test_the_answer_does_not_depend_on_hashes() -> None:
    answers = set()
    for seed in ("1", "4242"):
        done = subprocess.run(
            [sys.executable, "-m", "dagster_lookml", "lineage", str(STOREFRONT), "--columns", "--json", "--no-cache"],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            timeout=120,
        )
        answers.add(done.stdout)

    assert len(answers) == 1


# -- SQL that is none --------------------------------------------------------------------------------------------------

EVERYWHERE = """
view: named { sql_table_name: SQL ;; dimension: id {} }
view: derived { derived_table: { sql: SQL ;; sql_trigger_value: SQL ;; } dimension: id {} dimension: other {} }
view: created { derived_table: { sql_create: SQL ;; persist_for: "1 hour" } dimension: id {} }
view: processed { derived_table: { create_process: { sql_step: SQL ;; sql_step: SQL ;; } persist_for: "1 hour" } dimension: id {} }
view: native { derived_table: { explore_source: e { column: id {} derived_column: x { sql: SQL ;; } } } dimension: x {} }
view: fields { sql_table_name: s.t ;;
  dimension: a { sql: SQL ;; }
  dimension: place { type: location sql_latitude: SQL ;; sql_longitude: SQL ;; }
  dimension: cases { case: { when: { sql: SQL ;; label: "x" } else: "y" } }
  dimension_group: d { type: duration intervals: [day] sql_start: SQL ;; sql_end: SQL ;; }
  measure: m { type: sum_distinct sql: SQL ;; sql_distinct_key: SQL ;; }
}
datagroup: group { sql_trigger: SQL ;; }
view: grouped { derived_table: { sql: SELECT id FROM s.t ;; datagroup_trigger: group } dimension: id {} }
explore: e { from: fields sql_always_where: SQL ;; sql_always_having: SQL ;; sql_preamble: SQL ;;
  join: on { from: derived sql_on: SQL ;; sql_where: SQL ;; }
  join: raw { from: named sql: SQL ;; }
  join: table { from: named sql_table_name: SQL ;; sql_on: ${e.a} = ${table.id} ;; }
}
explore: sound {}
view: sound { sql_table_name: s.sound ;; dimension: id { sql: ${TABLE}.id ;; } }
"""  # noqa: E501
PIECES = (
    "SELECT", "FROM", "WHERE", "JOIN", "LEFT JOIN", "ON", "UNION ALL", "WITH x AS (", "(", ")", "(SELECT 1)", ",", ".", "*", "a.b",  # noqa: E501
    "s.t", "${TABLE}", "${TABLE}.x", "${a}", "${e.a}", "${derived.SQL_TABLE_NAME}", "${", "}", "@{c}", "{% if x %}", "{% else %}",
    "{% endif %}", "{% elsif y == 'a' %}", "{{ x }}", "{{", "{%", "%}", "{% assign z = 'b' %}", "{% for i in y %}", "{% raw %}",
    "{% condition e.a %} x {% endcondition %}", "{% parameter p %}", "'", '"', "`", "''", "--", "-- x\n", "/*", "*/", "#", ";", "\\",  # noqa: E501
    "\n", "\t", "::int", "INTERVAL '1' DAY", "CASE WHEN 1 THEN 2 END", "CASE", "EXTRACT(", "OVER (PARTITION BY x)", "[", "]",
    "ARRAY<STRUCT<", ">", "$1", "?", "%s", ":x", "LATERAL FLATTEN(input => a.b)", "UNNEST(a.b) AS c", "CROSS JOIN", "é", "\x00",
    "\U0001f600", "\ufeff", "1e999", "0x", "= ", "<>", "||", "AS", "NULL", "-- if prod -- x\n", "-- if dev -- y\n",
    "CREATE TABLE x AS", "INSERT INTO x", "EXPLAIN", "VALUES (1)", "QUALIFY 1", "PIVOT (", "{# c #}", "{% liquid",
    "{% case x %}{% when 1 %}",
)  # fmt: skip


def everywhere(sql: str) -> str:
    return EVERYWHERE.replace("SQL ;;", sql.replace(";;", "; ;") + " ;;")


@pytest.mark.parametrize("column", ["b", "a.b"])
def test_a_join_of_unnested_rows_that_names_nothing_else_is_told(column: str) -> None:
    found = traced(
        f"view: v {{ dimension: id {{}} }} explore: e {{ from: v join: j {{ from: v sql_table_name: UNNEST({column}) ;; }} }}"
    )

    assert "field:v.id" in found.lineage.fields


@pytest.mark.parametrize("sql", [";EXPLAIN", "; EXPLAIN"])
def test_a_table_of_an_explore_that_is_no_query_is_told(sql: str) -> None:
    found = traced(f"view: v {{ dimension: id {{}} }} explore: e {{ from: v sql_table_name: {sql} ;; }}")

    assert "field:v.id" in found.lineage.fields


@pytest.mark.parametrize(
    "table",
    [
        "derived_table: { sql: SELECT {{ x }} AS id FROM s.t ;; }",
        "derived_table: { sql: SELECT {{ _user_attributes['tenant'] }} AS id, t.b FROM s.t AS t ;; }",
        "sql_table_name: SELECT {{ x }} ;;",
    ],
)
def test_a_column_that_liquid_puts_out_whole_is_told(table: str) -> None:
    found = traced(f"view: v {{ {table} dimension: id {{}} }}")

    assert found.lineage.fields["field:v.id"].gaps != ()


def test_a_join_that_is_no_query_is_told() -> None:
    found = traced("view: v { dimension: id {} } explore: e { from: v join: j { from: v sql: ;EXPLAIN ;; } }")

    assert "field:v.id" in found.lineage.fields


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map(" ".join))
@settings(quickly, max_examples=100)
def test_pieces_of_sql_and_liquid_in_any_order_are_told(sql: str) -> None:
    assert untold(traced(everywhere(sql))) == []


@given(st.text(max_size=60))
@settings(quickly, max_examples=50)
def test_any_text_for_sql_is_told(sql: str) -> None:
    assert untold(traced(everywhere(sql))) == []


@pytest.mark.slow
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), min_size=1, max_size=30).map("".join))
@settings(quickly, max_examples=2000)
def test_pieces_of_sql_and_liquid_are_told_for_long(sql: str) -> None:
    assert untold(traced(everywhere(sql))) == []


DOUBLED = [
    "{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 60,
    "{% assign a = 'xxxxxxxxxx' %}" + "{% capture a %}{{ a }}{{ a }}{% endcapture %}" * 60,
    "{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | replace: 'x', a %}" * 60,
    "{% assign a = 10 %}" + "{% assign a = a | times: a %}" * 20,
]
"""Liquid that makes a value twice as long, again and again."""
ODD = [
    ";CREATE TABLE x AS",
    ";DROP TABLE x",
    "t; drop table users; --",
    "{% if x %} s.t {% endif",
    "{{ '1e400' | ceil }}",
    "{{ 'x' | at_least: 1 }}",
    "SELECT * FROM s.t WHERE (" * 3,
    "x" * 3000,
    *(f"{text} SELECT 1 AS id FROM s.t" for text in DOUBLED),
]


@pytest.mark.parametrize("sql", [*PIECES, *ODD])
def test_one_piece_alone_is_told(sql: str) -> None:
    assert untold(traced(everywhere(sql))) == []


def test_what_is_sound_is_traced_beside_what_is_not() -> None:
    found = traced(everywhere("SELECT ((( FROM {% if x %} '"))
    edges = [edge for edge in found.lineage.graph.edges if edge.target == "field:sound.id"]

    assert [(edge.source, edge.kind, edge.condition, edge.exact) for edge in edges] == [
        ("column:s.sound.id", "reads", None, True)
    ]


_TRACE = """
import json, sys
from dagster_lookml.lineage.answer import trace_project
from dagster_lookml.lineage.coverage import coverage
from dagster_lookml.semantic.compile import compile_project
from dagster_lookml.source import MemoryTree
found = trace_project(compile_project(MemoryTree({"m.model.lkml": sys.stdin.read()}, "p")))
fields = coverage(found.lineage).fields
assert fields.fields == len(found.lineage.fields) > 0
print(any(edge.target == "field:sound.id" for edge in found.lineage.graph.edges))
"""
LONG = 100_000
HEAVY = {
    "round brackets": "SELECT " + "(" * 1000 + "1" + ")" * 1000 + " AS id FROM s.t",
    "brackets of functions": "SELECT " + "f(" * 1000 + "a" + ")" * 1000 + " AS id FROM s.t",
    "brackets that never close": "(" * 1000,
    "brackets that never open": ")" * 1000,
    "square brackets": "SELECT a" + "[" * 1000 + "1" + "]" * 1000 + " FROM s.t",
    "subqueries": "SELECT id FROM " + "(SELECT id FROM " * 1000 + "s.t" + ") AS x" * 1000,
    "cases": "CASE WHEN a THEN " * 1000 + "1" + " END" * 1000,
    "conditions": "{% if a %} x " * 1000 + "{% endif %}" * 1000,
    "conditions that never end": "{% if a %} x " * 1000,
    "many conditions": "SELECT 1 AS id " + "".join(f"{{% if a{number} %}} + {number} {{% endif %}}" for number in range(1000)) + " FROM s.t",  # noqa: E501
    "many branches": "SELECT id FROM {% if a == '0' %} s.t0 " + "".join(f"{{% elsif a == '{number}' %}} s.t{number} " for number in range(1, 1000)) + "{% endif %}",  # noqa: E501
    "the same condition again": "SELECT id FROM {% if a %} s.t " + "{% elsif b %} s.u " * 1000 + "{% endif %}",
    "joins without a condition": "SELECT 1 AS id FROM s.t " + "JOIN s.u " * 100,
    "sorting again": "{% assign a = 'a' %}" + "{% assign a = a | append: a %}" * 17 + "{% assign a = a | split: '' %}" + "{% assign a = a | sort %}" * 100,  # noqa: E501
    "not": "SELECT " + "NOT " * 1000 + "a AS id FROM s.t",
    "minus": "SELECT " + "- " * 1000 + "1 AS id FROM s.t",
    "a long sum": "SELECT " + " + ".join(["a"] * (LONG // 4)) + " AS id FROM s.t",
    "many columns": "SELECT " + ", ".join(f"c{number}" for number in range(LONG // 7)) + " FROM s.t",
    "a union": " UNION ALL ".join(["SELECT id FROM s.t"] * (LONG // 29)),
    "joins": "SELECT a.id FROM s.t AS a " + " ".join(f"JOIN s.t{number} AS a{number} ON a{number}.id = a.id" for number in range(500)),  # noqa: E501
    "with": "WITH x0 AS (SELECT id FROM s.t)" + "".join(f", x{number} AS (SELECT id FROM x{number - 1})" for number in range(1, 500)) + " SELECT id FROM x499",  # noqa: E501
    "one word": "x" * LONG,
    "spaces": "SELECT" + " " * LONG + "id FROM s.t",
    "a literal": "SELECT '" + "x" * LONG + "' AS id FROM s.t",
    "a literal that never ends": "SELECT '" + "x " * (LONG // 2),
    "quotes": "'" * LONG,
    "comments": "/* " * (LONG // 3),
    "lines of comments": "-- x\n" * (LONG // 5),
    "dots": "a." * (LONG // 2) + "b",
    "references": "${a} " * (LONG // 5),
    "references that never end": "${" * (LONG // 2),
    "braces": "{{ " * (LONG // 3),
    "percents": "{% " * (LONG // 3),
    "commas": "," * LONG,
    "stars": "SELECT " + "* " * (LONG // 2) + "FROM s.t",
    "semicolons": "SELECT 1; " * (LONG // 10),
}  # fmt: skip


def traced_apart(sql: str, seconds: float) -> tuple[int, str, str]:
    """Trace SQL everywhere in a process of its own: what overflows the stack of C ends the process, and what hangs is ended.

    Returns:
        Its exit code, what it printed (whether the sound field was traced), and the end of its complaint.
    """
    done = subprocess.run(
        [sys.executable, "-c", _TRACE],
        input='connection: "c"\n' + everywhere(sql),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=seconds,
    )
    return done.returncode, done.stdout, done.stderr[-2000:]


OFTEN = {
    "round brackets", "brackets that never close", "subqueries", "cases", "conditions", "a union", "one word", "a literal", "quotes",  # noqa: E501
    "references",
}  # fmt: skip
"""Those that are tried whenever tests are run."""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(OFTEN))
def test_large_and_deep_sql_neither_raises_nor_hangs(name: str) -> None:
    assert traced_apart(HEAVY[name], 120) == (0, "True\n", "")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(HEAVY.keys() - OFTEN))
def test_more_large_and_deep_sql_neither_raises_nor_hangs(name: str) -> None:
    assert traced_apart(HEAVY[name], 120) == (0, "True\n", "")
