"""What dashboards read: explores; and their tiles: fields, filters, and what the joins between them need (R14.7)."""

from __future__ import annotations

from collections.abc import Iterator

from dagster_lookml.lineage.edges import Collector
from dagster_lookml.lineage.graph import EdgeKind
from dagster_lookml.lineage.tracing import Tracer
from dagster_lookml.semantic.dashboards import CUSTOM_FILTER, expression_fields
from dagster_lookml.semantic.objects import Dashboard, Explore, TileQuery
from dagster_lookml.source import Span


class DashboardEdges:
    """Adds the edges of dashboards and tiles.

    Args:
        tracer: of the project.
        collector: what they are added to.
    """

    def __init__(self, tracer: Tracer, collector: Collector) -> None:
        self._tracer = tracer
        self._collector = collector

    def add(self, dashboard: Dashboard) -> None:
        """Add what one dashboard reads."""
        for one in dashboard.filters:
            if one.explore is None:
                continue
            span = one.field.span if one.field is not None else one.span
            self._collector.edge(one.explore, dashboard.id, "filter", span)
            if one.field is not None:
                explore = self._tracer.lookup.explores[one.explore]
                self._field(explore, one.field.name, dashboard.id, "filter", span)
        for element in dashboard.elements:
            tile = self._collector.tile(dashboard, element)
            for query in element.queries:
                if query.explore is None:
                    continue
                self._collector.edge(query.explore, dashboard.id, "tile", query.span)
                self._query(self._tracer.lookup.explores[query.explore], query, tile)

    def _query(self, explore: Explore, query: TileQuery, tile: str) -> None:
        names: list[str] = []
        for kind, name, span in mentioned_fields(query):
            if "." in name:
                names.append(name)
                self._field(explore, name, tile, kind, span)
        needs = self._tracer.needs(explore)
        for alias in sorted(needs.aliases(needs.shown(names))):
            for read in self._tracer.conditions.join_reads(explore, alias):
                self._collector.trace(read.trace, tile, "join_condition", read.span)
        for read in self._tracer.conditions.always_read(explore):
            self._collector.trace(read.trace, tile, "row_filter", read.span)

    def _field(self, explore: Explore, name: str, target: str, kind: EdgeKind, span: Span) -> None:
        alias, _, field = name.rpartition(".")
        self._collector.trace(self._tracer.fields.field_of_explore(explore, alias, field), target, kind, span)


def mentioned_fields(query: TileQuery) -> Iterator[tuple[EdgeKind, str, Span]]:
    """Every field that a tile's query names: how, its name, and where."""
    for reference in query.fields:
        yield "tile", reference.name, reference.span
    for term in query.filters:
        yield "filter", term.field, term.span
    for _, field in query.listen:
        yield "listen", field.name, field.span
    for reference in query.sorts:
        yield "sort", reference.name, reference.span
    for reference in query.dynamic:
        yield "filter" if reference.parameter == "dynamic_fields.filters" else "tile", reference.name, reference.span
    for expression in query.expressions:
        for name in expression_fields(expression.value):
            yield "filter" if expression.parameter == CUSTOM_FILTER else "tile", name, expression.span
