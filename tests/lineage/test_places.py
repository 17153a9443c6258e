"""Where each edge is written: file and line (design 2)."""

from __future__ import annotations

import pytest

from tests.lineage import place, speaking
from tests.tracing import traced

FILES = {
    "m.model.lkml": """\
connection: "c"
include: "views/*.view"

explore: v {
  join: u {
    sql_on:
      ${v.id} = ${u.id} ;;
  }
}
""",
    "views/u.view.lkml": """\
view: u {
  sql_table_name:
    s.users ;;
  dimension: id {}
  dimension: name {
    sql: upper(
      ${TABLE}.nm) ;;
  }
}
""",
    "views/v.view.lkml": """\
view: v {
  derived_table: {
    sql:
      {% if v.id._in_query %}
      {% assign x = 1 %}
      {% endif %}
      SELECT o.id
      FROM s.orders AS o
      {% if v.id._in_query %}
      JOIN s.items AS i
        ON i.order_id = o.id
      {% endif %}
      JOIN ${u.SQL_TABLE_NAME} AS u ON u.id = o.id
    ;;
  }
  dimension: id {}
}
""",
}


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("table:s.users", "view:u", "views/u.view.lkml:3"),
        ("table:s.orders", "view:v", "views/v.view.lkml:8"),
        ("table:s.items", "view:v", "views/v.view.lkml:10"),
        ("view:u", "view:v", "views/v.view.lkml:13"),
        ("column:s.items.order_id", "view:v", "views/v.view.lkml:11"),
        ("view:u", "explore:m/v", "m.model.lkml:5"),
        ("view:v", "explore:m/v", "m.model.lkml:4"),
    ],
)
def test_an_edge_stands_on_its_line(source: str, target: str, expected: str) -> None:
    assert place(traced(FILES), source, target) == expected


@pytest.mark.parametrize(
    ("source", "target", "file", "lines"),
    [
        ("column:s.users.nm", "field:u.name", "views/u.view.lkml", range(5, 8)),
        ("column:s.users.id", "field:u.id", "views/u.view.lkml", range(4, 5)),
        ("field:u.id", "explore:m/v", "m.model.lkml", range(6, 8)),
    ],
)
def test_an_edge_of_a_field_stands_in_its_parameter(source: str, target: str, file: str, lines: range) -> None:
    found, line = place(traced(FILES), source, target).split(":")

    assert found == file
    assert int(line) in lines


def test_an_edge_of_an_inherited_parameter_stands_where_that_is_written() -> None:
    found = traced(
        {
            "m.model.lkml": 'connection: "c"\ninclude: "*.view"\n',
            "a.view.lkml": "\n\nview: a {\n  sql_table_name: s.t ;;\n  dimension: x { sql: ${TABLE}.y ;; }\n}\n",
            "b.view.lkml": "view: b {\n  extends: [a]\n}\n",
        }
    )

    assert place(found, "table:s.t", "view:b") == "a.view.lkml:4"
    assert place(found, "column:s.t.y", "field:b.x") == "a.view.lkml:5"
    assert place(found, "view:a", "view:b").startswith("b.view.lkml:")


def test_an_edge_in_a_subquery_of_a_condition_stands_on_its_line() -> None:
    found = traced(
        {
            "m.model.lkml": 'connection: "c"\ninclude: "*.view"\n',
            "v.view.lkml": (
                "view: v {\n  derived_table: { sql:\n    SELECT id\n    FROM s.t\n    WHERE id IN (\n"
                "      SELECT u.tid\n      FROM s.u AS u\n    )\n  ;; }\n  dimension: id {}\n}\n"
            ),
        }
    )

    assert place(found, "table:s.u", "view:v") == "v.view.lkml:7"
    assert place(found, "column:s.u.tid", "view:v") in ("v.view.lkml:5", "v.view.lkml:6")


def test_edges_of_dashboards_stand_in_the_dashboard() -> None:
    found = traced(
        {
            "m.model.lkml": 'connection: "c" include: "*.dashboard" view: v { dimension: id {} } explore: v {}',
            "d.dashboard.lookml": (
                "- dashboard: d\n  elements:\n  - name: t\n    explore: v\n    fields: [v.id]\n    sorts: [v.id desc]\n"
            ),
        }
    )

    tile = {edge.kind: edge.span for edge in found.lineage.graph.edges if edge.target == "tile:m/d/t"}
    assert [(kind, span.file, span.line) for kind, span in tile.items() if span is not None] == [
        ("sort", "d.dashboard.lookml", 6),
        ("tile", "d.dashboard.lookml", 5),
    ]


def test_windows_line_ends_count_like_others() -> None:
    files = {name: text.replace("\n", "\r\n") for name, text in FILES.items()}

    assert place(traced(files), "table:s.items", "view:v") == "views/v.view.lkml:10"


@pytest.mark.parametrize("call", ["ml.evaluate(\n MODEL m.n,\n (SELECT a FROM s.t))", "ML.WEIGHTS (\n MODEL m.n\n )\n, s.t"])
def test_what_stands_behind_a_call_of_machine_learning_keeps_its_line(call: str) -> None:
    text = f"view: v {{\n derived_table: {{ sql: SELECT *\n FROM {call} ;; }}\n dimension: a {{}}\n}}"
    found = traced(text, config=speaking("bigquery"))
    first = found.project.views[0].span.line
    edges = [edge for edge in found.lineage.graph.edges if (edge.target, edge.kind) == ("view:v", "reads")]

    assert {edge.source: edge.span.line for edge in edges if edge.span is not None} == {
        f"table:{name}": number for number, line in enumerate(text.split("\n"), first) for name in ("m.n", "s.t") if name in line
    }
