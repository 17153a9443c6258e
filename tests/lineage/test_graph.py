"""The graph by itself: what is up and down, how far, by which steps, and in which order everything stands."""

from __future__ import annotations

import itertools

import pytest

from dagster_lookml.lineage.graph import KINDS, Edge, EdgeKind, Graph, Node, NodeKind
from dagster_lookml.source import Span

CHAIN = (("table:t", "view:a"), ("view:a", "view:b"), ("view:b", "explore:m/e"), ("explore:m/e", "dashboard:m/d"))


def node(identity: str, whole: str | None = None, span: Span | None = None) -> Node:
    kind, _, name = identity.partition(":")
    kinds: dict[str, NodeKind] = {one: one for one in KINDS}
    return Node(identity, kinds[kind], name, span, whole)


def edge(source: str, target: str, kind: EdgeKind = "reads", **keys: object) -> Edge:
    return Edge(source, target, kind, **keys)  # type: ignore[arg-type]


def graph(*edges: Edge | tuple[str, str], nodes: tuple[Node, ...] = ()) -> Graph:
    """A graph of edges, with the nodes that they have, and others."""
    made = [one if isinstance(one, Edge) else edge(*one) for one in edges]
    ids = {identity for one in made for identity in (one.source, one.target)}
    return Graph({**{identity: node(identity) for identity in ids}, **{one.id: one for one in nodes}}, made)


# -- order -------------------------------------------------------------------------------------------------------------


def test_nodes_and_edges_stand_in_the_same_order_however_they_were_gathered() -> None:
    edges = [edge(*pair) for pair in CHAIN]
    nodes = {identity: node(identity) for pair in CHAIN for identity in pair}
    first = Graph(nodes, edges)

    for shuffled in itertools.permutations(edges):
        other = Graph(dict(reversed(nodes.items())), shuffled)
        assert list(other.nodes) == list(first.nodes) == sorted(nodes)
        assert other.edges == first.edges == tuple(sorted(edges, key=lambda one: (one.source, one.target)))


def test_edges_that_differ_in_their_place_alone_are_one_edge_at_the_first_place() -> None:
    places = [Span("b.lkml", 1, 1), Span("a.lkml", 9, 1), Span("a.lkml", 2, 7), Span("a.lkml", 2, 3)]
    for some in itertools.permutations(places):
        [kept] = graph(*(edge("table:t", "view:v", span=span) for span in some)).edges
        assert str(kept.span) == "a.lkml:2:3"


def test_edges_of_different_kinds_are_different_edges() -> None:
    found = graph(edge("view:a", "view:b", "extends"), edge("view:a", "view:b", "derives"), edge("view:a", "view:b", "derives"))

    assert [one.kind for one in found.edges] == ["derives", "extends"]


def test_an_edge_that_always_holds_is_kept_before_one_under_a_condition() -> None:
    for edges in itertools.permutations(
        [
            edge("table:t", "view:v", span=Span("a", 1, 1), condition="dev"),
            edge("table:t", "view:v", span=Span("b", 5, 1), exact=False),
            edge("table:t", "view:v", span=Span("c", 9, 1)),
        ]
    ):
        [kept] = graph(*edges).edges
        assert (kept.condition, kept.exact, str(kept.span)) == (None, True, "c:9:1")


# -- up and down -------------------------------------------------------------------------------------------------------


def test_how_far_is_counted_in_steps() -> None:
    found = graph(*CHAIN)

    assert found.downstream(["view:a"]) == {"view:a": 0, "view:b": 1, "explore:m/e": 2, "dashboard:m/d": 3}
    assert found.upstream(["view:b"]) == {"view:b": 0, "view:a": 1, "table:t": 2}
    assert found.downstream(["view:a"], 1) == {"view:a": 0, "view:b": 1}
    assert found.upstream(["explore:m/e"], 2) == {"explore:m/e": 0, "view:b": 1, "view:a": 2}
    assert found.downstream(["view:a"], 0) == {"view:a": 0}


def test_the_shortest_way_counts() -> None:
    found = graph(*CHAIN, ("table:t", "explore:m/e"))

    assert found.downstream(["table:t"])["explore:m/e"] == 1
    assert found.downstream(["table:t"])["dashboard:m/d"] == 2


def test_of_several_starts_the_nearest_counts() -> None:
    found = graph(*CHAIN)

    assert found.downstream(["table:t", "view:b"]) == {
        "table:t": 0, "view:b": 0, "view:a": 1, "explore:m/e": 1, "dashboard:m/d": 2,
    }  # fmt: skip


def test_circles_end() -> None:
    found = graph(("view:a", "view:b"), ("view:b", "view:c"), ("view:c", "view:a"), ("view:c", "view:d"))

    assert found.downstream(["view:a"]) == {"view:a": 0, "view:b": 1, "view:c": 2, "view:d": 3}
    assert found.upstream(["view:a"]) == {"view:a": 0, "view:c": 1, "view:b": 2}


def test_parts_follow_their_wholes_and_tiles_their_dashboards_the_other_way() -> None:
    """A change of a table is one of its columns, of a view one of its fields; a change of a tile is one of its dashboard."""
    found = graph(
        ("column:t.c", "field:v.f"),
        ("field:v.f", "tile:m/d/x"),
        nodes=(
            node("table:t"),
            node("column:t.c", "table:t"),
            node("view:v"),
            node("field:v.f", "view:v"),
            node("field:v.other", "view:v"),
            node("dashboard:m/d"),
            node("tile:m/d/x", "dashboard:m/d"),
        ),
    )

    assert found.downstream(["table:t"]) == {
        "table:t": 0, "column:t.c": 1, "field:v.f": 2, "tile:m/d/x": 3, "dashboard:m/d": 4,
    }  # fmt: skip
    assert set(found.downstream(["view:v"])) == {"view:v", "field:v.f", "field:v.other", "tile:m/d/x", "dashboard:m/d"}
    assert set(found.upstream(["dashboard:m/d"])) == {
        "dashboard:m/d", "tile:m/d/x", "field:v.f", "view:v", "column:t.c", "table:t",
    }  # fmt: skip
    assert {one.kind for one in found.edges} == {"reads"}


def test_each_way_up_is_a_way_down() -> None:
    """On every graph of four nodes with any of some edges."""
    ids = ["view:a", "view:b", "view:c", "view:d"]
    pairs = list(itertools.permutations(ids, 2))
    for chosen in itertools.combinations(pairs, 4):
        found = graph(*chosen, nodes=tuple(map(node, ids)))
        down = {one: found.downstream([one]) for one in ids}
        up = {one: found.upstream([one]) for one in ids}
        for one, other in pairs:
            assert down[one].get(other) == up[other].get(one)


def test_what_is_not_in_the_graph_is_reached_from_itself_alone() -> None:
    assert graph(*CHAIN).downstream(["view:none"]) == {"view:none": 0}


def test_a_part_has_the_edges_between_its_nodes() -> None:
    part = graph(*CHAIN).part(["table:t", "view:a", "explore:m/e", "view:none"])

    assert list(part.nodes) == ["explore:m/e", "table:t", "view:a"]
    assert [(one.source, one.target) for one in part.edges] == [("table:t", "view:a")]


# -- circles -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ("ab bc", []),
        ("ab ba", ["aba"]),
        ("aa", ["aa"]),
        ("ab bc ca", ["abca"]),
        ("bc cb ab", ["bcb"]),
        ("ab ba cd dc", ["aba", "cdc"]),
        ("ab ba bc cd dc", ["aba", "cdc"]),
        ("ab bc ca ba", ["aba"]),  # one for each group, the shortest from its first
        ("ab bc cd de eb", ["bcdeb"]),
        ("aa ab ba", ["aa", "aba"]),
        ("bb ab ba", ["aba", "bb"]),
    ],
)
def test_circles_are_said_once_for_each_group(edges: str, expected: list[str]) -> None:
    found = graph(*((f"view:{pair[0]}", f"view:{pair[1]}") for pair in edges.split()))

    assert ["".join(one.removeprefix("view:") for one in circle) for circle in found.circles()] == expected


def test_parts_and_wholes_make_no_circle() -> None:
    """A derived table whose own field decides its rows would be one; that a view has fields is none."""
    found = graph(
        ("table:t", "view:v"), ("column:t.c", "field:v.f"), ("column:t.c", "view:v"),
        nodes=(node("column:t.c", "table:t"), node("field:v.f", "view:v")),
    )  # fmt: skip

    assert found.circles() == ()


def test_long_chains_and_wide_groups_are_no_trouble() -> None:
    count = 5_000
    ring = [(f"view:v{at:05}", f"view:v{(at + 1) % count:05}") for at in range(count)]
    found = graph(*ring)

    assert len(found.downstream(["view:v00000"])) == count
    [circle] = found.circles()
    assert len(circle) == count + 1
    assert graph(*ring[:-1]).circles() == ()
