"""What a change would be felt by: everything downstream of something, each with its shortest way."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple, get_args

from dagster_lookml.lineage.graph import Edge, Graph, Node, NodeKind
from dagster_lookml.lineage.ids import field_id, is_open, may_mean, tile_id
from dagster_lookml.semantic.field_lists import aliases, available_fields
from dagster_lookml.semantic.objects import Dashboard, Element, Explore, Field, Lookup, NativeQuery, TileQuery, View
from dagster_lookml.semantic.quoting import explore_id
from dagster_lookml.source import Span

KINDS: Final = frozenset(get_args(NodeKind))
ENDS: Final = frozenset({"trigger", "asked"})
"""Hops that no data goes over: what they lead to is affected, and nothing behind it."""
_OF_QUERIES: Final = frozenset({"shown", "required", "sort"})
"""Hops to a field that only a query with that field feels, and nothing that its SQL is a part of."""
OF_TEXT: Final = frozenset({"extends"})
"""Hops that a change of the LookML goes over, and a change of the data does not."""

Cut = Callable[[Edge], bool]
"""Tells of a hop whether nothing goes over it, so that no way is made of it."""

_WEAKER: Final = {
    "join_condition": 1, "row_filter": 1, "filter": 1, "liquid": 1, "listen": 2, "required": 2, "shown": 2, "sort": 3, "asked": 4,
}  # fmt: skip
"""Of two ways of one length the stronger is told: a tile that shows a field is also sorted by it."""


class Affected(NamedTuple):
    """Something that a change is felt by.

    Attributes:
        node: it.
        path: the hops of the shortest way to it, from one of the sources.
    """

    node: Node
    path: tuple[Edge, ...]


class Impact(NamedTuple):
    """The answer to what reads something.

    Attributes:
        source: the nodes that were asked about.
        affected: everything downstream, sorted by id.
    """

    source: tuple[Node, ...]
    affected: tuple[Affected, ...]


def impact(graph: Graph, lookup: Lookup, source: Iterable[str]) -> Impact:
    """Find everything that a change of something is felt by.

    Args:
        graph: with columns.
        lookup: the objects of the project.
        source: ids of what changes.
    """
    return Reach(graph, lookup).of(source)


def with_parts(graph: Graph, ids: Iterable[str]) -> list[str]:
    """What changes together with something.

    That is for a column the struct fields below it and the structs that it is a part of; for a table those that may mean it, as
    ``events_*`` means ``events_20240101`` too.
    """
    chosen = list(ids)
    above = [one for identity in chosen for one in _structs(graph, graph.nodes[identity])]
    columns = {(graph.nodes[identity].whole, f"{identity}.") for identity in chosen if identity.startswith("column:")}
    starts = tuple(start for _, start in columns)
    below = [
        node.id
        for node in (graph.nodes.values() if starts else ())
        if node.id.startswith(starts) and any(node.whole == table and node.id.startswith(one) for table, one in columns)
    ]
    named = [node for node in map(graph.nodes.__getitem__, chosen) if node.kind in ("table", "column")]
    tables = [node.id for node in (graph.nodes.values() if named else ()) if node.kind == "table" and is_open(node.id)]
    wider = [one for node in named for one in _wider(graph, node, tables)]
    return list(dict.fromkeys((*chosen, *below, *above, *wider)))


def _wider(graph: Graph, node: Node, tables: Iterable[str]) -> Iterator[str]:
    """Of some tables those that may mean a table, and their column for one of its columns."""
    table = node.id if node.kind == "table" else node.whole or ""
    name = node.id.partition(":")[2].removeprefix(table.removeprefix("table:"))
    for other in tables:
        identity = f"{node.kind}:{other.removeprefix('table:')}{name}"
        if identity in graph.nodes and may_mean(other, table):
            yield identity


def _structs(graph: Graph, node: Node) -> Iterator[str]:
    """The columns that a column is a struct field of."""
    if node.kind != "column" or node.whole is None:
        return
    table = f"column:{node.whole.removeprefix('table:')}"
    identity = node.id.rpartition(".")[0]
    while len(identity) > len(table):
        if identity in graph.nodes:
            yield identity
        identity = identity.rpartition(".")[0]


class Seat(NamedTuple):
    """A view in an explore.

    Attributes:
        explore: it.
        alias: of the view there.
        offered: the names of its fields that can be picked there.
        span: where the explore or its join is written.
    """

    explore: Explore
    alias: str
    offered: frozenset[str]
    span: Span


class Asked(NamedTuple):
    """A query of a tile."""

    dashboard: Dashboard
    element: Element
    query: TileQuery


class Reach:
    """What changes of a project are felt by. It answers many questions, and keeps what all of them need.

    Args:
        graph: with columns.
        lookup: the objects of the project.
    """

    def __init__(self, graph: Graph, lookup: Lookup) -> None:
        self.graph = graph
        self.lookup = lookup
        self._fields: dict[str, dict[str, Field]] = {}
        self._inheriting: dict[str, frozenset[str]] = {}

    def of(
        self,
        source: Iterable[str],
        kinds: Container[str] = KINDS,
        also: Container[str] = (),
        cut: Cut | None = None,
    ) -> Impact:
        """Find everything that a change of something is felt by.

        Args:
            source: ids of what changes.
            kinds: of the nodes that are told of; a way is made for no others.
            also: the ids of others that are told of.
            cut: tells whether nothing goes over a hop.
        """
        start = sorted(set(source))
        ways = _Ways(self, with_parts(self.graph, start), cut)
        nodes = self.graph.nodes
        reached = sorted(one for one in ways.before.keys() - set(ways.start) if nodes[one].kind in kinds or one in also)
        return Impact(
            tuple(nodes[identity] for identity in start),
            tuple(Affected(nodes[identity], ways.to(identity)) for identity in reached),
        )

    def inheriting(self, identity: str) -> frozenset[str]:
        """The ids of what extends a view, or of the fields that inherit something of one, through any number of views.

        What they feel by that is felt by whatever they extend too.

        Args:
            identity: of the view or field.
        """
        if identity not in self._inheriting:
            found = {identity}
            waiting = [identity]
            while waiting:
                more = [edge.target for edge in self._extended_by(waiting.pop()) if edge.target not in found]
                found.update(more)
                waiting += more
            self._inheriting[identity] = frozenset(found)
        return self._inheriting[identity]

    def _extended_by(self, identity: str) -> Iterator[Edge]:
        node = self.graph.nodes.get(identity)
        if node is not None and node.kind == "field":
            return self.inherited(node)
        return (edge for edge in self.graph.readers.get(identity, ()) if edge.kind in OF_TEXT)

    def inherited(self, node: Node) -> Iterator[Edge]:
        """The same field of views that extend its view, where they leave something of it as it is (R7.6)."""
        field = self.field(node)
        for edge in self.graph.readers.get(node.whole or "", ()) if field is not None else ():
            own = self._field(edge.target, node.label) if edge.kind in OF_TEXT else None
            if own is not None and field is not None and _places(own) & _places(field):
                yield Edge(node.id, field_id(edge.target, own.own_name), "extends", edge.span)

    def field(self, node: Node) -> Field | None:
        """The field that a node is."""
        return self._field(node.whole or "", node.label)

    def _field(self, view: str, label: str) -> Field | None:
        if view not in self._fields and view in self.lookup.views:
            self._fields[view] = {field.own_name: field for field in self.lookup.views[view].fields}
        return self._fields.get(view, {}).get(label.rpartition(".")[2])

    @cached_property
    def seats(self) -> Mapping[str, Sequence[Seat]]:
        """Where a view stands in explores that can be queried, by its id."""
        found: dict[str, list[Seat]] = {}
        for explore in self.lookup.project.explores:
            if explore.extension_required:
                continue
            available = available_fields(explore, self.lookup.views, self.lookup.names_by_view)
            spans = {join.name: join.span for join in explore.joins}
            for alias, view in aliases(explore).items():
                if view is not None:
                    seat = Seat(explore, alias, available.get(alias, frozenset()), spans.get(alias, explore.span))
                    found.setdefault(view, []).append(seat)
        return found

    @cached_property
    def queries(self) -> Mapping[str, Sequence[Asked]]:
        """The queries of tiles that ask an explore, by its id."""
        found: dict[str, list[Asked]] = {}
        for dashboard in self.lookup.project.dashboards:
            for element in dashboard.elements:
                for query in element.queries:
                    if query.explore is not None:
                        found.setdefault(query.explore, []).append(Asked(dashboard, element, query))
        return found

    @cached_property
    def native_tables(self) -> Mapping[str, Sequence[tuple[View, NativeQuery]]]:
        """The views whose rows are those of a query of an explore, by its id (R5.10)."""
        found: dict[str, list[tuple[View, NativeQuery]]] = {}
        for view in self.lookup.project.views:
            query = view.native_query
            if query is None:
                continue
            for model in view.models:
                found.setdefault(explore_id(model, query.explore), []).append((view, query))
        return found


class _Ways:
    """A search in breadth, so that the first way to something is a shortest one."""

    def __init__(self, reach: Reach, start: list[str], cut: Cut | None) -> None:
        self.reach = reach
        self.cut = cut
        self.graph = reach.graph
        self.lookup = reach.lookup
        self.start = start
        self.before: dict[str, Edge | None] = dict.fromkeys(start)
        self._ended: dict[str, Edge] = {}
        self._search()

    def _search(self) -> None:
        row = list(self.start)
        while row:
            following: list[str] = []
            hops = [edge for identity in row for edge in self._hops(identity) if self.cut is None or not self.cut(edge)]
            for edge in sorted(hops, key=lambda edge: (_WEAKER.get(edge.kind, 0), not edge.exact)):
                if edge.kind in ENDS:
                    self._ended.setdefault(edge.target, edge)
                elif edge.kind in _OF_QUERIES and edge.target.startswith("field:"):
                    self._end_at_tiles(edge)
                elif edge.target not in self.before:
                    self.before[edge.target] = edge
                    following.append(edge.target)
            row = following
        for identity, edge in self._ended.items():  # what data reaches too is reached by data
            self.before.setdefault(identity, edge)

    def _end_at_tiles(self, edge: Edge) -> None:
        """A field, the tiles that show it, and their dashboards."""
        self._ended.setdefault(edge.target, edge)
        for to_tile in self.graph.readers.get(edge.target, ()):
            if to_tile.kind == "tile":
                self._ended.setdefault(to_tile.target, to_tile)
                for to_dashboard in self.graph.readers.get(to_tile.target, ()):
                    self._ended.setdefault(to_dashboard.target, to_dashboard)

    def to(self, identity: str) -> tuple[Edge, ...]:
        path: list[Edge] = []
        edge = self.before[identity]
        while edge is not None:
            path.append(edge)
            edge = self.before[edge.source]
        return tuple(reversed(path))

    def _hops(self, identity: str) -> Iterator[Edge]:
        node = self.graph.nodes.get(identity)
        if node is None or node.kind == "dashboard":
            return
        arrived = self.before[identity]
        if node.kind == "explore":  # its tiles are reached by the fields that they show, and not all of them by all fields
            if arrived is None:
                yield from self._tiles(node)
                yield from self._native_tables(node)
                yield from self.graph.readers.get(identity, ())
            return
        for edge in self.graph.readers.get(identity, ()):
            explore = self.lookup.explores.get(edge.target)
            if explore is not None and explore.extension_required:  # nobody sees it but by its children (R6.17)
                continue
            if arrived is None or arrived.kind in OF_TEXT or edge.kind not in OF_TEXT:
                yield edge
        if node.kind == "field":
            yield from self._offers(node)
            if arrived is None or arrived.kind in OF_TEXT:
                yield from self.reach.inherited(node)

    def _tiles(self, node: Node) -> Iterator[Edge]:
        for dashboard, element, query in self.reach.queries.get(node.id, ()):
            identity = tile_id(dashboard.id, element)
            if identity in self.graph.nodes:
                yield Edge(node.id, identity, "tile", query.span)

    def _native_tables(self, node: Node) -> Iterator[Edge]:
        for view, query in self.reach.native_tables.get(node.id, ()):
            yield Edge(node.id, view.id, "derives", query.span)

    def _offers(self, node: Node) -> Iterator[Edge]:
        """The explores in which a user can pick a field."""
        field = self.reach.field(node)
        names = {node.label.rpartition(".")[2], *(field.names if field is not None else ())}
        for seat in self.reach.seats.get(node.whole or "", ()):
            if names & seat.offered:
                yield Edge(node.id, seat.explore.id, "offers", seat.span)


def _places(field: Field) -> set[tuple[str, int, int]]:
    """Where a field and its SQL are written."""
    spans = (field.span, *(text.span for text in field.sql))
    return {(span.file, span.line, span.column) for span in spans}
