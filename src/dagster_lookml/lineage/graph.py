"""The lineage graph: nodes, edges with their places, and the ways between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, Literal

import msgspec

from dagster_lookml.source import Span

NodeKind = Literal["table", "column", "view", "field", "explore", "dashboard", "tile", "dbt"]
EdgeKind = Literal[
    "reads", "joins_always", "joins_on_demand", "derives", "nested", "extends", "trigger", "tile", "filter", "listen", "sort",
    "join_condition", "row_filter", "liquid", "shown", "asked", "required", "contains", "offers", "caches",
]  # fmt: skip
"""How something is read.

By ``liquid`` a parameter or a filter decides what the SQL of the reader is. What is ``shown`` stands in the html, links and
labels of the reader. Of what is ``asked`` for, Liquid only wants to know whether the query has it, or what it is filtered by. A
``required`` field is in every query that has the reader, and one by which another is ordered is a ``sort`` of it.

The last three are no edges of the graph and only hops of a way: a table contains its columns, a view its fields, a model its
explores, a dashboard is what its tiles are; an explore offers fields of its views; and a datagroup caches answers of an explore.
"""
_DATA_FREE: Final = frozenset({"liquid", "shown", "asked", "required", "sort"})
"""Edges that no data goes over, so that a circle with one of them is none."""
KINDS: Final[tuple[NodeKind, ...]] = ("dbt", "table", "column", "view", "field", "explore", "dashboard", "tile")
"""Every kind of node, roughly from the warehouse to what people look at."""


class Node(msgspec.Struct, frozen=True, gc=False):
    """Something that is read, reads, or both.

    Attributes:
        id: with its kind before the colon.
        label: for people; of a table the name as it is written.
        span: where it is declared; None for what no file declares.
        whole: id of what it is a part of: the table of a column, the view of a field, the dashboard of a tile.
    """

    id: str
    kind: NodeKind
    label: str
    span: Span | None = None
    whole: str | None = None


class Edge(msgspec.Struct, frozen=True, gc=False):
    """One thing reads another.

    Attributes:
        source: id of what is read.
        target: id of the reader.
        kind: how it is read.
        span: where that is written.
        condition: under which it is; None for always.
        exact: it follows from the LookML and SQL alone; otherwise inferred.
    """

    source: str
    target: str
    kind: EdgeKind
    span: Span | None = None
    condition: str | None = None
    exact: bool = True


class Graph:
    """Nodes and edges in a fixed order, and the ways through them.

    Args:
        nodes: by id.
        edges: in any order; of two that differ in their place only, the first in order of places is kept.
    """

    def __init__(self, nodes: Mapping[str, Node], edges: Iterable[Edge]) -> None:
        self.nodes: dict[str, Node] = dict(sorted(nodes.items()))
        self.edges: tuple[Edge, ...] = tuple(_distinct(edges))

    @classmethod
    def ordered(cls, nodes: dict[str, Node], edges: tuple[Edge, ...]) -> Graph:
        """A graph whose nodes and edges are in order already, as those of another graph are."""
        graph = cls({}, ())
        graph.nodes, graph.edges = nodes, edges
        return graph

    @cached_property
    def _hops(self) -> tuple[Edge, ...]:
        """The edges, and the hops between parts and wholes, in the direction in which a change spreads."""
        parts = (
            Edge(node.id, node.whole, "contains", node.span)
            if node.kind == "tile"
            else Edge(node.whole, node.id, "contains", node.span)
            for node in self.nodes.values()
            if node.whole is not None
        )
        return (*self.edges, *parts)

    @cached_property
    def readers(self) -> dict[str, list[Edge]]:
        """The hops that leave each node, towards what a change of it changes."""
        found: dict[str, list[Edge]] = {}
        for edge in self._hops:
            found.setdefault(edge.source, []).append(edge)
        return found

    @cached_property
    def sources(self) -> dict[str, list[Edge]]:
        """The hops that arrive at each node, from what a change of it comes from."""
        found: dict[str, list[Edge]] = {}
        for edge in self._hops:
            found.setdefault(edge.target, []).append(edge)
        return found

    def downstream(self, start: Iterable[str], steps: int | None = None) -> dict[str, int]:
        """Everything that reads something, and in how many steps at least.

        Args:
            start: ids; each is in the answer with 0.
            steps: no further than that; None for any distance.

        >>> graph = Graph({}, [Edge("table:t", "view:v", "reads"), Edge("view:v", "explore:m/e", "joins_always")])
        >>> graph.downstream(["table:t"])
        {'table:t': 0, 'view:v': 1, 'explore:m/e': 2}
        """
        return _reached(start, lambda node: (edge.target for edge in self.readers.get(node, ())), steps)

    def upstream(self, start: Iterable[str], steps: int | None = None) -> dict[str, int]:
        """Everything that something reads, and in how many steps at least; arguments as for `downstream`."""
        return _reached(start, lambda node: (edge.source for edge in self.sources.get(node, ())), steps)

    def part(self, ids: Iterable[str]) -> Graph:
        """The nodes with these ids, and the edges between them."""
        wanted = frozenset(ids)
        kept = {identity: node for identity, node in self.nodes.items() if identity in wanted}
        return Graph.ordered(kept, tuple(edge for edge in self.edges if edge.source in kept and edge.target in kept))

    def circles(self) -> tuple[tuple[str, ...], ...]:
        """The nodes on each circle, one circle for each group of nodes that reach each other; sorted.

        >>> Graph({}, [Edge("view:a", "view:b", "derives"), Edge("view:b", "view:a", "derives")]).circles()
        (('view:a', 'view:b', 'view:a'),)
        """
        inner = {edge.source for edge in self.edges} & {edge.target for edge in self.edges}
        edges: dict[str, list[Edge]] = {}
        for edge in self.edges:
            if edge.kind in _DATA_FREE:
                continue
            if edge.source in inner and edge.target in inner:  # most edges go from a column that nothing leads to
                edges.setdefault(edge.source, []).append(edge)
        following = {node: [edge.target for edge in of_node] for node, of_node in edges.items()}
        found = [self._circle(group, edges) for group in strongly_connected(following) if len(group) > 1]
        found += [(edge.source, edge.source) for edge in self.edges if edge.source == edge.target]
        return tuple(sorted(set(found)))

    @staticmethod
    def _circle(group: frozenset[str], edges: Mapping[str, list[Edge]]) -> tuple[str, ...]:
        """The shortest way from the first node of a group back to itself."""
        start = min(group)
        before: dict[str, str] = {}
        row = [start]
        while start not in before:
            following: list[str] = []
            for node in row:
                for edge in edges.get(node, ()):
                    if edge.target in group and edge.target not in before and edge.target != node:
                        before[edge.target] = node
                        following.append(edge.target)
            row = following
        way = [start]
        while len(way) == 1 or way[-1] != start:
            way.append(before[way[-1]])
        return tuple(reversed(way))


def _distinct(edges: Iterable[Edge]) -> Iterator[Edge]:
    """Edges sorted, each pair and kind once: unconditional before conditional, exact before inferred, then by place."""
    last: tuple[str, str, str] | None = None
    for edge in sorted(edges, key=_order):
        key = (edge.source, edge.target, edge.kind)
        if key != last:
            last = key
            yield edge


def _order(edge: Edge) -> tuple[str, str, str, bool, bool, str, int, int, str]:
    span = edge.span
    place = (span.file, span.line, span.column) if span is not None else ("", 0, 0)
    return (edge.source, edge.target, edge.kind, edge.condition is not None, not edge.exact, *place, edge.condition or "")


def _reached(start: Iterable[str], following: Callable[[str], Iterable[str]], steps: int | None) -> dict[str, int]:
    found = dict.fromkeys(start, 0)
    row = list(found)
    distance = 0
    while row and (steps is None or distance < steps):
        distance += 1
        after: list[str] = []
        for node in row:
            for other in following(node):
                if other not in found:
                    found[other] = distance
                    after.append(other)
        row = after
    return found


def strongly_connected(following: Mapping[str, Iterable[str]]) -> Iterator[frozenset[str]]:
    """The groups of nodes that reach each other, each behind those that it leads to.

    Tarjan's algorithm, without recursion: a chain of derived tables may be long.

    Args:
        following: the nodes that each node leads to.

    >>> [sorted(group) for group in strongly_connected({"a": ["b"], "b": ["c", "d"], "c": ["b"]})]
    [['d'], ['b', 'c'], ['a']]
    """
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    for root in sorted(following):
        if root in number:
            continue
        work = [(root, iter(following[root]))]
        number[root] = lowest[root] = len(number)
        path.append(root)
        on_path.add(root)
        while work:
            node, others = work[-1]
            for other in others:
                if other not in number:
                    number[other] = lowest[other] = len(number)
                    path.append(other)
                    on_path.add(other)
                    work.append((other, iter(following.get(other, ()))))
                    break
                if other in on_path:
                    lowest[node] = min(lowest[node], number[other])
            else:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[node])
                if lowest[node] == number[node]:
                    group = {path.pop()}
                    while node not in group:
                        group.add(path.pop())
                    on_path -= group
                    yield frozenset(group)
