"""A graph and a project as bytes: whatever was put in comes out, places too."""

from __future__ import annotations

import msgspec
import pytest

from dagster_lookml.cache import NoStore
from dagster_lookml.lineage.graph import Edge, Graph, Node
from dagster_lookml.lineage.packing import pack_graph, unpack_graph
from dagster_lookml.semantic.packing import pack_project, unpack_project
from dagster_lookml.source import Span
from dagster_lookml.workspace import Workspace
from tests.corpora import FIXTURES
from tests.tracing import traced

STOREFRONT = FIXTURES / "projects" / "storefront"


def plain(graph: Graph) -> object:
    """A graph as plain data: spans, which are all equal, become places that are not."""
    return msgspec.to_builtins((list(graph.nodes.items()), graph.edges))


def round_trip(graph: Graph) -> Graph:
    return unpack_graph(pack_graph(graph))


def test_an_empty_graph() -> None:
    found = round_trip(Graph({}, ()))

    assert (found.nodes, found.edges) == ({}, ())


def test_every_attribute_survives() -> None:
    nodes = {
        "table:t": Node("table:t", "table", "T"),
        "column:t.c": Node("column:t.c", "column", "T.c", None, "table:t"),
        "view:v": Node("view:v", "view", 'a "v"\n', Span("a b.view.lkml", 3, 5)),
        "field:v.f": Node("field:v.f", "field", "v.f", Span("a b.view.lkml", 4, 9), "view:v"),
        "dashboard:m/d": Node("dashboard:m/d", "dashboard", "Größe \U0001f600", Span("d.dashboard.lookml", 1, 1)),
    }
    edges = [
        Edge("table:t", "view:v", "reads", Span("a b.view.lkml", 3, 1)),
        Edge("column:t.c", "field:v.f", "reads", Span("other.view.lkml", 70_000, 300), "p is 'a' or not q", exact=False),
        Edge("column:t.c", "view:v", "row_filter", None, "p is 'a' or not q"),
        Edge("view:v", "dashboard:m/d", "filter", None, "another"),
    ]
    graph = Graph(nodes, edges)

    assert plain(round_trip(graph)) == plain(graph)
    assert [str(one.span) for one in round_trip(graph).edges] == [str(one.span) for one in graph.edges]


def test_packing_is_the_same_twice_and_after_a_round_trip() -> None:
    graph = traced(
        """
        view: a { sql_table_name: s.t ;; dimension: x { sql: {% if p == 'a' %} ${TABLE}.x {% else %} ${TABLE}.y {% endif %} ;; } }
        explore: a {}
        """
    ).lineage.graph

    assert pack_graph(graph) == pack_graph(graph) == pack_graph(round_trip(graph))


def test_ways_can_be_gone_in_what_comes_out() -> None:
    graph = traced("view: a { sql_table_name: s.t ;; dimension: x { sql: ${TABLE}.x ;; } } explore: a {}").lineage.graph
    found = round_trip(graph)

    for identity in graph.nodes:
        assert found.downstream([identity]) == graph.downstream([identity])
        assert found.upstream([identity]) == graph.upstream([identity])


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x90", b"nonsense", b"\x9d" + b"\x90" * 3, b"\x91\xa1a"])
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        unpack_graph(content)


def test_cut_bytes_are_refused() -> None:
    content = pack_graph(traced("view: a { sql_table_name: s.t ;; dimension: x {} } explore: a {}").lineage.graph)
    for size in range(len(content)):
        with pytest.raises(msgspec.DecodeError):
            unpack_graph(content[:size])


def test_the_demo_project_and_its_graph_survive() -> None:
    workspace = Workspace(STOREFRONT, store=NoStore())
    project, graph = workspace.project(), workspace.lineage().graph
    again = unpack_project(pack_project(project))

    assert again == project
    assert msgspec.to_builtins(again) == msgspec.to_builtins(project)
    assert len(graph.edges) > 500
    assert plain(round_trip(graph)) == plain(graph)
