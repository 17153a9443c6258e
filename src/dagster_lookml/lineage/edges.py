"""Nodes and edges while they are gathered: ids, labels, places and conditions in one place."""

from __future__ import annotations

from typing import NamedTuple

from dagster_lookml.lineage.graph import Edge, EdgeKind, Graph, Node, NodeKind
from dagster_lookml.lineage.ids import field_id, tile_id
from dagster_lookml.lineage.trace import Origin, Trace, simplified
from dagster_lookml.lineage.tracing import Tracer
from dagster_lookml.semantic.objects import Dashboard, Element, Field
from dagster_lookml.source import Span

_MAX_CONDITION = 400


class Collector:
    """Gathers the nodes and edges of one graph.

    Args:
        tracer: of the project.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._nodes: dict[str, Node] = {}
        self._ways: dict[tuple[str, str, EdgeKind], tuple[_Way, ...]] = {}

    def add_objects(self) -> None:
        """The views, explores and dashboards of the project, whether anything reads them or not."""
        project = self._tracer.project
        for view in project.views:
            self._nodes[view.id] = Node(view.id, "view", view.name, view.span)
        for explore in project.explores:
            self._nodes[explore.id] = Node(explore.id, "explore", explore.name, explore.span)
        for dashboard in project.dashboards:
            self._nodes[dashboard.id] = Node(dashboard.id, "dashboard", dashboard.title or dashboard.name, dashboard.span)

    def field(self, view: str, field: Field) -> str:
        """Add a field; returns its id."""
        identity = field_id(view, field.own_name)
        if identity not in self._nodes:
            self._nodes[identity] = Node(identity, "field", f"{self._nodes[view].label}.{field.own_name}", field.span, view)
        return identity

    def tile(self, dashboard: Dashboard, element: Element) -> str:
        """Add a tile; returns its id."""
        identity = tile_id(dashboard.id, element)
        label = element.title or element.written_name or element.name
        self._nodes.setdefault(identity, Node(identity, "tile", label, element.span, dashboard.id))
        return identity

    def table(self, identity: str) -> str:
        """Add a table of the warehouse."""
        if identity not in self._nodes:
            self._nodes[identity] = Node(
                identity, "table", self._tracer.tables.written.get(identity, identity.removeprefix("table:"))
            )
        return identity

    def column(self, origin: Origin) -> str:
        """Add a column and its table; returns the column's id."""
        identity = origin.column
        if identity not in self._nodes:
            label = f"{self._nodes[self.table(origin.table)].label}.{'.'.join(origin.path)}"
            self._nodes[identity] = Node(identity, "column", label, None, origin.table)
        return identity

    def node(self, identity: str, kind: NodeKind, label: str, span: Span | None = None) -> str:
        """Add any node, once."""
        self._nodes.setdefault(identity, Node(identity, kind, label, span))
        return identity

    def edge(
        self,
        source: str,
        target: str,
        kind: EdgeKind,
        span: Span | None,
        conditions: tuple[str, ...] = (),
        exact: bool = True,
    ) -> None:
        """Add an edge; of several alike, each way to it counts."""
        key = (source, target, kind)
        way = _Way(frozenset(conditions), exact, span)
        known = self._ways.get(key)
        if known is None:
            self._ways[key] = (way,)
            return
        same = next((one for one in known if one.conditions == way.conditions), None)
        if same is None:
            self._ways[key] = (*known, way)
        elif way.rank < same.rank:
            self._ways[key] = (*(one for one in known if one is not same), way)

    def trace(self, trace: Trace, target: str, kind: EdgeKind, span: Span | None) -> None:
        """Add an edge from every column and field that was read."""
        for origin in trace.columns:
            self.edge(self.column(origin), target, kind, span, origin.conditions, origin.exact)
        for one in trace.fields:
            field = self._tracer.fields.declared(one.view)[one.field]
            self.edge(self.field(one.view, field), target, kind, span, one.conditions, one.exact)

    def tables(self) -> list[str]:
        """The ids of the tables so far, sorted."""
        return sorted(identity for identity, node in self._nodes.items() if node.kind == "table")

    def graph(self) -> Graph:
        """Everything that was gathered."""
        return Graph(self._nodes, (_edge(*key, ways) for key, ways in self._ways.items()))


class _Way(NamedTuple):
    """A set of conditions under which an edge is there, whether it is exact then, and where it is written."""

    conditions: frozenset[str]
    exact: bool
    span: Span | None

    @property
    def rank(self) -> tuple[bool, tuple[str, int, int]]:
        """Of two alike the lower counts: the exact one, then the first."""
        return not self.exact, _place(self.span)


def _edge(source: str, target: str, kind: EdgeKind, ways: tuple[_Way, ...]) -> Edge:
    """One edge of all the ways to it: without a condition if one of them needs none."""
    if len(ways) == 1:
        [only] = ways
        return Edge(source, target, kind, only.span, _shown(sorted(only.conditions)) if only.conditions else None, only.exact)
    simplest = simplified(frozenset(way.conditions for way in ways))
    exact = any(way.exact for way in ways)
    span = min((way.span for way in ways), key=_place)
    if frozenset() in simplest:
        exact = next((way.exact for way in ways if not way.conditions), exact)
        return Edge(source, target, kind, span, None, exact)
    shown = " or ".join(_shown(sorted(way)) for way in sorted(simplest, key=lambda way: (len(way), sorted(way))))
    return Edge(source, target, kind, span, _cut(shown), exact)


def _shown(conditions: list[str]) -> str:
    return _cut(" and ".join(conditions))


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_CONDITION else text[: _MAX_CONDITION - 2].rsplit(" ", 1)[0] + " …"


def _place(span: Span | None) -> tuple[str, int, int]:
    return (span.file, span.line, span.column) if span is not None else ("", 0, 0)
