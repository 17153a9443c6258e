"""Lineage and impact as JSON, trees, mermaid and DOT: everything that is in the graph, and nothing that breaks the format."""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from dagster_lookml.analysis.impact import impact
from dagster_lookml.cache import NoStore
from dagster_lookml.lineage.answer import ProjectLineage
from dagster_lookml.lineage.coverage import coverage
from dagster_lookml.lineage.graph import KINDS, Edge, Graph, Node
from dagster_lookml.outputs.contract import encode
from dagster_lookml.outputs.dot import dot_text
from dagster_lookml.outputs.lineage_json import impact_json, lineage_json
from dagster_lookml.outputs.lineage_text import coverage_text, impact_text, tree_text
from dagster_lookml.outputs.mermaid import mermaid_text
from dagster_lookml.semantic.objects import Lookup
from dagster_lookml.source import Span
from dagster_lookml.workspace import Workspace
from tests.building import MODEL
from tests.corpora import FIXTURES
from tests.lineage import speaking
from tests.tracing import traced

STOREFRONT = FIXTURES / "projects" / "storefront"
EDGE_KINDS = {
    "reads", "joins_always", "joins_on_demand", "derives", "nested", "extends", "trigger", "tile", "filter", "listen", "sort",
    "join_condition", "row_filter", "liquid", "shown", "asked", "required",
}  # fmt: skip
"""Of the contract, section 4 of the design."""
SHOP = {
    "m.model.lkml": MODEL + "explore: orders { join: users { sql_on: ${orders.user_id} = ${users.id} ;; } }\n",
    "v.view.lkml": """view: orders {
  sql_table_name: shop.orders ;;
  dimension: user_id {}
  dimension: status { sql: {% if p._parameter_value == 'a' %} ${TABLE}.a {% else %} ${TABLE}.b {% endif %} ;; }
  measure: one { type: number sql: 1 ;; }
  measure: odd { type: number sql: ${nothing.here} ;; }
}
view: users { sql_table_name: shop.users ;; dimension: id {} }
""",
    "d.dashboard.lookml": """- dashboard: d
  title: The "KPIs" <b>
  elements:
  - {name: t, explore: orders, fields: [orders.status, users.id]}
""",
}


def schema(command: str) -> Any:
    return json.loads((files("dagster_lookml") / "schemas" / f"{command}.schema.json").read_text("utf-8"))


def lineage_data(found: ProjectLineage, *, columns: bool = True) -> Any:
    graph = found.lineage.graph if columns else found.lineage.tables
    return json.loads(encode(lineage_json(graph, coverage(found.lineage), found.lineage.graph.circles())))


def impact_of(found: ProjectLineage, *source: str) -> Any:
    return json.loads(encode(impact_json(impact(found.lineage.graph, Lookup(found.project), source), coverage(found.lineage))))


def impact_lines(found: ProjectLineage, *source: str) -> list[str]:
    """The text for people, each run of spaces as one."""
    text = impact_text(impact(found.lineage.graph, Lookup(found.project), source), coverage(found.lineage))
    return [re.sub(r"\s+", " ", line.strip()) for line in text.splitlines()]


def graph(*edges: tuple[str, str], labels: dict[str, str] | None = None) -> Graph:
    ids = {identity for pair in edges for identity in pair} | set(labels or {})
    nodes = {one: Node(one, one.partition(":")[0], (labels or {}).get(one, one.partition(":")[2])) for one in ids}  # type: ignore[arg-type]
    return Graph(nodes, [Edge(source, target, "reads") for source, target in edges])


# -- JSON --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [True, False])
def test_lineage_keeps_to_the_contract(columns: bool) -> None:
    data = lineage_data(traced(SHOP), columns=columns)

    jsonschema.validate(data, schema("lineage"))
    assert {one["kind"] for one in data["nodes"]} <= set(KINDS)
    assert {one["kind"] for one in data["edges"]} <= EDGE_KINDS
    ids = [one["id"] for one in data["nodes"]]
    assert ids == sorted(set(ids))
    assert all(one["id"].startswith(f"{one['kind']}:") for one in data["nodes"])
    pairs = [(one["from"], one["to"], one["kind"]) for one in data["edges"]]
    assert pairs == sorted(set(pairs))
    assert {end for one in data["edges"] for end in (one["from"], one["to"])} <= set(ids)


def test_without_columns_there_are_tables_views_explores_and_dashboards() -> None:
    data = lineage_data(traced(SHOP), columns=False)

    assert [(one["from"], one["to"], one["kind"], one["file"], one["line"]) for one in data["edges"]] == [
        ("explore:m/orders", "dashboard:m/d", "tile", "d.dashboard.lookml", 4),
        ("table:shop.orders", "view:orders", "reads", "v.view.lkml", 2),
        ("table:shop.users", "view:users", "reads", "v.view.lkml", 8),
        ("view:orders", "explore:m/orders", "joins_always", "m.model.lkml", 5),
        ("view:users", "explore:m/orders", "joins_on_demand", "m.model.lkml", 5),
    ]
    assert {one["kind"] for one in data["nodes"]} == {"table", "view", "explore", "dashboard"}


def test_nodes_have_their_places_and_tables_have_none() -> None:
    nodes = {one["id"]: one for one in lineage_data(traced(SHOP))["nodes"]}

    assert nodes["field:orders.status"] == {
        "id": "field:orders.status", "kind": "field", "label": "orders.status", "file": "v.view.lkml", "line": 4,
    }  # fmt: skip
    assert nodes["dashboard:m/d"]["label"] == 'The "KPIs" <b>'
    assert nodes["column:shop.orders.a"]["file"] is None
    assert nodes["table:shop.users"]["line"] is None


def test_conditions_and_confidence_are_told() -> None:
    edges = {(one["from"], one["to"]): one for one in lineage_data(traced(SHOP))["edges"]}
    under = edges["column:shop.orders.a", "field:orders.status"]
    always = edges["column:shop.users.id", "field:users.id"]

    assert "p._parameter_value" in under["condition"]
    assert "'a'" in under["condition"]
    assert (always["condition"], always["confidence"]) == (None, "exact")


def test_columns_that_are_inferred_are_told() -> None:
    data = lineage_data(
        traced(
            """
            view: a { sql_table_name: s.a ;; dimension: x {} }
            view: b { sql_table_name: s.b ;; dimension: y {} }
            view: j {
              derived_table: { sql: SELECT x, y FROM s.a JOIN s.b ON a.id = b.id ;; }
              dimension: x {} dimension: y {}
            }
            """
        )
    )
    edges = {(one["from"], one["to"]): one["confidence"] for one in data["edges"]}

    assert edges["column:s.a.x", "field:j.x"] == "inferred"
    assert edges["column:s.a.x", "field:a.x"] == "exact"
    assert data["coverage"]["inferred"] == 2


def test_the_numbers_of_the_coverage_add_up() -> None:
    data = lineage_data(traced(SHOP))["coverage"]

    # Traced: user_id, status, users.id; no column: one; unknown: odd.
    assert (data["fields"], data["traced_to_column"], data["no_column"]) == (5, 3, 1)
    assert data["traced_to_column"] + data["traced_to_table"] + data["no_column"] + data["unknown"] == data["fields"]
    assert sum(data["reasons"].values()) == 1
    assert (data["views"]["views"], data["views"]["traced_to_table"]) == (2, 2)


def test_coverage_and_circles_are_of_the_whole_project() -> None:
    found = traced(SHOP)
    part = found.lineage.graph.part(["table:shop.users"])
    data = lineage_json(part, coverage(found.lineage), (("view:a", "view:b", "view:a"),))

    assert [one["id"] for one in data["nodes"]] == ["table:shop.users"]
    assert data["edges"] == []
    assert data["circles"] == [["view:a", "view:b", "view:a"]]
    assert data["coverage"] == lineage_data(found)["coverage"]


def test_an_empty_graph_keeps_to_the_contract() -> None:
    found = traced("explore: nothing_here {}")

    jsonschema.validate(lineage_data(found), schema("lineage"))
    assert tree_text(Graph({}, ())) == ""


def test_the_label_of_a_table_is_its_written_form() -> None:
    nodes = {
        one["id"]: one for one in lineage_data(traced("view: v { sql_table_name: SHOP.Orders ;; dimension: id {} }"))["nodes"]
    }

    assert nodes["table:shop.orders"]["label"] == "SHOP.Orders"


@pytest.mark.parametrize(
    "source", ["column:shop.orders.a", "table:shop.orders", "view:users", "explore:m/orders", "field:users.id", "tile:m/d/t"]
)
def test_impact_keeps_to_the_contract(source: str) -> None:
    data = impact_of(traced(SHOP), source)

    jsonschema.validate(data, schema("impact"))
    assert data["source"] == [source]
    assert data["affected"] != []
    ids = [one["id"] for one in data["affected"]]
    assert ids == sorted(set(ids))
    for one in data["affected"]:
        assert one["id"].startswith(f"{one['kind']}:")
        assert (one["path"][0]["from"], one["path"][-1]["to"]) == (source, one["id"])


def test_impact_has_the_file_and_line_of_every_hop() -> None:
    [tile] = [one for one in impact_of(traced(SHOP), "column:shop.orders.b")["affected"] if one["id"] == "tile:m/d/t"]

    assert tile == {
        "id": "tile:m/d/t",
        "kind": "tile",
        "path": [
            {"from": "column:shop.orders.b", "to": "field:orders.status", "kind": "reads", "file": "v.view.lkml", "line": 4},
            {"from": "field:orders.status", "to": "tile:m/d/t", "kind": "tile", "file": "d.dashboard.lookml", "line": 4},
        ],
    }


def test_impact_on_nothing_keeps_to_the_contract() -> None:
    data = impact_of(traced(SHOP), "dashboard:m/d")

    jsonschema.validate(data, schema("impact"))
    assert data == {
        "schema_version": 1,
        "source": ["dashboard:m/d"],
        "affected": [],
        "removed": None,
        "untraced": {"fields": 1, "views": 0},  # orders.broken
    }


def test_the_demo_project_keeps_to_the_contract() -> None:
    workspace = Workspace(STOREFRONT, store=NoStore())
    found = workspace.lineage()
    data = json.loads(encode(lineage_json(found.graph, found.coverage, found.circles)))

    jsonschema.validate(data, schema("lineage"))
    assert {one["kind"] for one in data["edges"]} <= EDGE_KINDS
    tables = [identity for identity, node in found.graph.nodes.items() if node.kind == "table"]
    affected = impact(found.graph, Lookup(found.project), tables)
    jsonschema.validate(json.loads(encode(impact_json(affected, found.coverage, affected))), schema("impact"))


# -- trees -------------------------------------------------------------------------------------------------------------


def lines_of(graph: Graph) -> list[str]:
    return [line.rstrip() for line in tree_text(graph).splitlines()]


def test_what_people_look_at_is_the_root_and_what_it_reads_stands_below() -> None:
    assert lines_of(
        graph(("table:t", "view:a"), ("view:a", "explore:m/e"), ("view:b", "explore:m/e"), ("explore:m/e", "dashboard:m/d"))
    ) == [
        "dashboard:m/d",
        "└─ explore:m/e",
        "   ├─ view:a",
        "   │  └─ table:t",
        "   └─ view:b",
    ]


def test_roots_stand_from_dashboards_to_tables() -> None:
    alone = {f"{kind}:x": "x" for kind in KINDS}

    assert lines_of(graph(labels=alone)) == [
        "dashboard:x", "tile:x", "explore:x", "view:x", "field:x", "table:x", "column:x", "dbt:x",
    ]  # fmt: skip


def test_what_was_shown_before_is_not_shown_again() -> None:
    found = lines_of(
        graph(
            ("table:t", "view:a"), ("view:a", "view:b"), ("view:a", "view:c"), ("view:b", "explore:m/e"),
            ("view:c", "explore:m/e"), ("view:a", "explore:m/e"), ("table:t", "view:c"),
        )
    )  # fmt: skip

    assert found == [
        "explore:m/e",
        "├─ view:a",
        "│  └─ table:t",
        "├─ view:b",
        "│  └─ view:a  …",
        "└─ view:c",
        "   ├─ table:t",
        "   └─ view:a  …",
    ]


def test_a_wide_and_deep_lattice_is_as_long_as_its_edges() -> None:
    """Each of 12 rows of 8 reads all of the row below: 8 ** 12 ways, and 8 trees of 704 edges together."""
    pairs = [(f"view:v{row}_{left}", f"view:v{row + 1}_{right}") for row in range(11) for left in range(8) for right in range(8)]
    found = lines_of(graph(*pairs))
    expanded = Counter(line.split()[-1] for line in found if not line.endswith("…") and "v0_" not in line)

    assert len(found) == 8 + len(pairs)
    assert set(expanded.values()) == {1}


def test_a_very_wide_and_a_very_long_tree() -> None:
    wide = lines_of(graph(*((f"table:t{number:04}", "view:v") for number in range(3000))))
    long = lines_of(graph(*((f"view:v{number:04}", f"view:v{number + 1:04}") for number in range(1500))))

    assert len(wide) == 3001
    assert wide[-1] == "└─ table:t2999"
    assert len(long) == 1501
    assert long[-1].endswith("view:v0000")


def test_the_place_stands_behind_and_long_lines_do_not_push_it_away() -> None:
    nodes = {
        "view:a": Node("view:a", "view", "a", Span("v.view.lkml", 3, 1)),
        "table:" + "t" * 300: Node("table:" + "t" * 300, "table", "t"),
        "table:s": Node("table:s", "table", "s"),
    }
    edges = [
        Edge("table:" + "t" * 300, "view:a", "reads", Span("v.view.lkml", 5, 7)),
        Edge("table:s", "view:a", "reads", Span("v.view.lkml", 4, 7)),
    ]
    first, second, third = tree_text(Graph(nodes, edges)).splitlines()

    assert first.endswith("v.view.lkml:3")
    assert second.endswith("v.view.lkml:4")
    assert third.endswith("v.view.lkml:5")
    assert first.startswith("view:a ")
    assert len(first) <= 120


def test_notes_say_how_something_is_read() -> None:
    nodes = {one: Node(one, one.partition(":")[0], one) for one in ("table:t", "view:a", "view:b", "explore:m/e")}  # type: ignore[arg-type]
    text = tree_text(
        Graph(
            nodes,
            [
                Edge("table:t", "view:a", "reads", condition="p is 'x'"),
                Edge("table:t", "view:b", "trigger", exact=False),
                Edge("view:a", "explore:m/e", "joins_always"),
                Edge("view:b", "explore:m/e", "joins_on_demand"),
            ],
        )
    )

    assert [line.rstrip() for line in text.splitlines()] == [
        "explore:m/e",
        "├─ view:a  (always joined)",
        "│  └─ table:t  (if p is 'x')",
        "└─ view:b  (joined on demand)",
        "   └─ table:t  (trigger, inferred)",
    ]


def test_circles_end_with_what_was_shown() -> None:
    assert lines_of(graph(("view:a", "view:b"), ("view:b", "view:a"))) == ["view:a", "└─ view:b", "   └─ view:a  …"]
    assert lines_of(graph(("view:a", "view:a"))) == ["view:a", "└─ view:a  …"]


def test_what_a_circle_reads_stands_below_it() -> None:
    assert lines_of(graph(("view:a", "view:b"), ("view:b", "view:a"), ("table:t", "view:a"))) == [
        "view:a",
        "├─ table:t",
        "└─ view:b",
        "   └─ view:a  …",
    ]


def test_every_node_and_every_edge_is_in_the_tree() -> None:
    found = traced(SHOP).lineage.graph
    shown = Counter(re.split(r"[ (]", line.lstrip("│├└─ "))[0] for line in tree_text(found).splitlines())

    assert set(shown) == set(found.nodes)
    roots = set(found.nodes) - {one.source for one in found.edges}
    assert sum(shown.values()) == len(roots) + len({(one.source, one.target) for one in found.edges})


def test_the_text_of_the_coverage_names_reasons_dialects_and_circles() -> None:
    found = traced(SHOP, config=speaking("bigquery"))
    text = coverage_text(coverage(found.lineage), (("view:a", "view:b", "view:a"),), found.dialects)

    assert "5 with SQL: 3 traced to their columns (0 of them inferred)" in text
    assert "unknown-view, 1 field:" in text
    assert "warehouse: bigquery" in text
    assert "view:a -> view:b -> view:a" in text


# -- impact for people -------------------------------------------------------------------------------------------------


def test_impact_is_told_by_dashboard_explore_and_view() -> None:
    lines = impact_lines(traced(SHOP), "column:shop.orders.b")

    assert lines[0] == "A change of the column shop.orders.b is felt by 1 dashboard, 1 tile, 1 explore, 1 view and 1 field."
    assert 'DASHBOARD "The "KPIs" <b>" dashboard:m/d d.dashboard.lookml:1' in lines
    at = lines.index('tile "t"')
    assert lines[at + 1] == "column shop.orders.b"
    assert lines[at + 2].startswith("is read by field orders.status if ")
    assert lines[at + 2].endswith("v.view.lkml:4")
    assert lines[at + 3] == "is shown in this tile d.dashboard.lookml:4"
    assert "EXPLORE m/orders m.model.lkml:5" in lines
    assert "VIEW orders" in lines


def test_impact_on_nothing_says_so() -> None:
    whole = traced("view: v { sql_table_name: s.t ;; dimension: a {} }")

    assert impact_lines(whole, "field:v.a") == ["Nothing in this project reads the field v.a."]


def test_impact_says_what_it_may_have_missed() -> None:
    """In `SHOP` one field refers to a view that is not there."""
    assert impact_lines(traced(SHOP), "dashboard:m/d")[-1] == (
        "That may not be all: 1 field and 0 views of the project could not be traced whole; lineage says why."
    )


def test_many_sources_are_not_all_named() -> None:
    found = traced(
        "view: v { sql_table_name: s.t ;; " + " ".join(f"dimension: d{number} {{}}" for number in range(9)) + " } explore: v {}"
    )
    lines = impact_lines(found, *(f"column:s.t.d{number}" for number in range(9)))

    assert "the column s.t.d4 and 4 more is felt by" in lines[0]
    assert "s.t.d5" not in lines[0]


# -- mermaid -----------------------------------------------------------------------------------------------------------

ODD_LABELS = [
    'say "hi"',
    "a<b>&c</b>",
    "two\nlines",
    "# 35;",
    "back\\slash",
    "a]b)c}d",
    "Größe \U0001f600",
    "end;",
    "%% x",
    "a --> b",
    "",
]


@pytest.mark.parametrize("label", ODD_LABELS)
def test_mermaid_keeps_labels_inside_their_quotes(label: str) -> None:
    lines = mermaid_text(graph(("table:t", "tile:m/d/x"), labels={"tile:m/d/x": label, "table:t": label})).splitlines()

    assert lines[0] == "flowchart LR"
    assert len(lines) == 4
    for line in lines[1:3]:
        inner = re.fullmatch(r'  n\d(?:\[\(|>)"([^"<>\n]*)"\)?\]', line)
        assert inner is not None, line
        unescaped = re.sub(r"#(\d+);", lambda entity: chr(int(entity[1])), inner[1])
        assert unescaped in (label.replace("\n", " "), ("tile " + label.replace("\n", " ")).strip())
        assert re.fullmatch(r"[\w ./-]*", re.sub(r"#\d+;", "", inner[1]))
    assert lines[3] == "  n0 --> n1"


def test_mermaid_has_every_kind_of_node_and_every_pair_once() -> None:
    pairs = [(f"{kind}:x", "dashboard:y") for kind in KINDS]
    nodes = {one: Node(one, one.partition(":")[0], one) for pair in pairs for one in pair}  # type: ignore[arg-type]
    edges = [edge for source, target in pairs for edge in (Edge(source, target, "reads"), Edge(source, target, "filter"))]
    lines = mermaid_text(Graph(nodes, edges)).splitlines()
    arrows = [line for line in lines if "->" in line]

    assert len(arrows) == len(set(arrows)) == len(pairs)
    assert len(lines) == 1 + len(nodes) + len(pairs)


def test_mermaid_dashes_what_is_only_on_demand_or_inferred() -> None:
    nodes = {one: Node(one, "view", one) for one in ("view:a", "view:b", "view:c")}
    lines = mermaid_text(
        Graph(nodes, [Edge("view:a", "view:b", "joins_on_demand"), Edge("view:a", "view:c", "reads", exact=False)])
    ).splitlines()

    assert lines[-2:] == ["  n0 -.-> n1", "  n0 -.-> n2"]


def test_mermaid_of_circles_and_of_nothing() -> None:
    assert mermaid_text(Graph({}, ())) == "flowchart LR\n"
    assert mermaid_text(graph(("view:a", "view:b"), ("view:b", "view:a"))).splitlines()[-2:] == ["  n0 --> n1", "  n1 --> n0"]


# -- DOT ---------------------------------------------------------------------------------------------------------------

_DOT_STRING = r'"((?:[^"\\\n]|\\.)*)"'


@pytest.mark.parametrize("label", ODD_LABELS)
def test_dot_keeps_labels_inside_their_quotes(label: str) -> None:
    lines = dot_text(graph(("table:t", "tile:m/d/x"), labels={"tile:m/d/x": label})).splitlines()

    assert (lines[0], lines[-1]) == ("digraph lineage {", "}")
    found = re.fullmatch(rf"  {_DOT_STRING} \[label={_DOT_STRING}, shape=\w+\];", lines[3])
    assert found is not None, lines[3]
    assert found[1] == "tile:m/d/x"
    assert re.sub(r"\\(.)", r"\1", found[2]) == label.replace("\n", " ")
    assert re.fullmatch(rf"  {_DOT_STRING} -> {_DOT_STRING} \[label={_DOT_STRING}\];", lines[4])


def test_dot_has_every_node_and_edge_of_a_project() -> None:
    found = traced(SHOP).lineage.graph
    lines = dot_text(found).splitlines()

    assert sum(" -> " in line for line in lines) == len(found.edges)
    assert sum("shape=" in line for line in lines) == len(found.nodes)
    [under] = [line for line in lines if '"column:shop.orders.a" -> ' in line]
    assert "style=dashed" in under


def test_texts_are_the_same_twice() -> None:
    first, second = traced(SHOP).lineage.graph, traced(dict(reversed(SHOP.items()))).lineage.graph

    for text in (tree_text, mermaid_text, dot_text):
        assert text(first) == text(second)
