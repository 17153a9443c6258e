"""What decides about something without being data of it: what Liquid names, what is sorted by, what a query must have.

R10.3-R10.8, R14.9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from dagster_lookml.lineage.dashboard_edges import mentioned_fields
from dagster_lookml.lineage.edges import Collector
from dagster_lookml.lineage.graph import EdgeKind
from dagster_lookml.lineage.tracing import Tracer
from dagster_lookml.lineage.written import asked_fields, needed_fields, shown_texts, table_texts
from dagster_lookml.semantic.objects import Dashboard, Explore, Field, Text, View
from dagster_lookml.semantic.quoting import explore_id
from dagster_lookml.semantic.references import place
from dagster_lookml.source import Span
from dagster_lookml.sql.liquid_names import VALUES, Named, liquid_names, live_names
from dagster_lookml.sql.texts import has_liquid

_SET: Final = frozenset({"filter", "parameter"})
"""Fields that are nothing but what somebody sets them to."""
_SQL: Final = "_sql"
"""``{{ v.f._sql }}`` puts the SQL of a field into that of another, which reads it as by ``${v.f}`` then."""


class LiquidEdges:
    """Adds the edges from what Liquid names, and from what else a field needs in a query.

    Args:
        tracer: of the project.
        collector: what they are added to.
    """

    def __init__(self, tracer: Tracer, collector: Collector) -> None:
        self._tracer = tracer
        self._collector = collector
        self._meant: dict[tuple[str, str], tuple[_Meant, ...]] = {}
        self._of_explore: dict[str, tuple[_Named, ...]] = {}

    # -- views and their fields ----------------------------------------------------------------------------------------

    def add_view(self, view: View) -> None:
        """Add what decides about the table and the fields of a view."""
        for text, _ in table_texts(view):
            for named in live_names(text.value, self._tracer.environment):
                self._add(view, view.id, "liquid", named.scope, named.name, place(text, named.start), named.asked)
        self._add_native(view)
        for field in view.fields:
            for kind, span, scope, name, asked in self._needed(field):
                self._add(view, self._collector.field(view.id, field), kind, scope, name, span, asked)

    def _add_native(self, view: View) -> None:
        """R5.8: a native derived table is a query too, and a filter may be bound to one of its fields."""
        query = view.native_query
        if query is None:
            return
        for source, _ in query.bind_filters:
            scope, _, name = source.name.rpartition(".")
            self._add(view, view.id, "liquid", scope or None, name, source.span, "_is_filtered")
        for model in view.models:
            explore = self._tracer.lookup.explores.get(explore_id(model, query.explore))
            if explore is not None:
                self._add_query(explore, asked_fields(query, explore), view.id)

    def _needed(self, field: Field) -> Iterator[tuple[EdgeKind, Span, str | None, str, str]]:
        for text in field.sql:
            if has_liquid(text.value):
                for one in live_names(text.value, self._tracer.environment):
                    if one.asked != _SQL:
                        yield "liquid", place(text, one.start), one.scope, one.name, one.asked
        for text in shown_texts(field):
            for one in liquid_names(text.value):
                yield "shown", place(text, one.start), one.scope, one.name, one.asked
        for kind, span, scope, name in needed_fields(field):
            yield kind, span, scope, name, ""

    def _add(self, view: View, reader: str, kind: EdgeKind, scope: str | None, name: str, span: Span, asked: str) -> None:
        for other, exact in self._views(view, scope):
            field = self._tracer.fields.field(other, name)
            source = self._collector.field(other.id, field) if field is not None else reader
            if field is not None and source != reader:
                self._collector.edge(source, reader, _kind(kind, field, asked), span, exact=exact)

    def _views(self, view: View, scope: str | None) -> tuple[_Meant, ...]:
        """The views that a scope means in a view, in any of its seats."""
        if scope is None:
            return (_Meant(view, True),)
        key = (view.id, scope)
        if key not in self._meant:
            self._meant[key] = self._looked_up(view, scope)
        return self._meant[key]

    def _looked_up(self, view: View, scope: str) -> tuple[_Meant, ...]:
        found: dict[str, _Meant] = {}
        for seat in self._tracer.seating.seats_of(view):
            target, exact = self._tracer.fields.target(seat, scope)
            if target is not None and (exact or target.view.id not in found):
                found[target.view.id] = _Meant(target.view, exact)
        if not found:  # another table may read this one, in an explore of its own
            views = (self._tracer.lookup.view(model, scope) for model in view.models)
            found = {one.id: _Meant(one, False) for one in views if one is not None}
        return tuple(found.values())

    # -- explores and what asks them -----------------------------------------------------------------------------------

    def add_explore(self, explore: Explore) -> None:
        """Add what decides about the conditions and joins of an explore."""
        for one in self._names(explore):
            self._collector.edge(one.field, explore.id, one.kind, one.span)

    def _add_query(self, explore: Explore, names: Iterable[str], reader: str) -> None:
        """Add what decides about the rows of a query.

        Args:
            explore: that is asked.
            names: of the fields, as ``alias.field``; of a tile with those that are shown with them.
            reader: id of the tile or the view that the query is of.
        """
        found = self._names(explore)
        if not found:
            return
        aliases = self._tracer.needs(explore).aliases(names)
        for one in found:
            if one.kind == "liquid" and (one.join is None or one.join in aliases):
                self._collector.edge(one.field, reader, one.kind, one.span)

    def add_dashboard(self, dashboard: Dashboard) -> None:
        """Add what decides about the rows of each tile."""
        for element in dashboard.elements:
            for query in element.queries:
                if query.explore is not None:
                    names = [name for _, name, _ in mentioned_fields(query) if "." in name]
                    explore = self._tracer.lookup.explores[query.explore]
                    self._add_query(explore, self._tracer.needs(explore).shown(names), self._collector.tile(dashboard, element))

    def _names(self, explore: Explore) -> tuple[_Named, ...]:
        found = self._of_explore.get(explore.id)
        if found is None:
            found = self._of_explore[explore.id] = tuple(self._named(explore))
        return found

    def _named(self, explore: Explore) -> Iterator[_Named]:
        for join, text in _explore_texts(explore):
            for named in live_names(text.value, self._tracer.environment) if has_liquid(text.value) else ():
                found = self._field_of(explore, join, named)
                if found is not None and named.asked != _SQL:
                    view, field = found
                    identity = self._collector.field(view.id, field)
                    yield _Named(join, identity, _kind("liquid", field, named.asked), place(text, named.start))

    def _field_of(self, explore: Explore, join: str | None, named: Named) -> tuple[View, Field] | None:
        seat = self._tracer.seating.seats(explore).get(named.scope or join or explore.base_alias)
        field = self._tracer.fields.field(seat.view, named.name) if seat is not None else None
        return (seat.view, field) if seat is not None and field is not None else None


class _Meant(NamedTuple):
    """A view that a scope means, and whether that is sure."""

    view: View
    exact: bool


class _Named(NamedTuple):
    """A field that the SQL of an explore names in Liquid; of a join the alias."""

    join: str | None
    field: str
    kind: EdgeKind
    span: Span


def _kind(kind: EdgeKind, field: Field, asked: str) -> EdgeKind:
    """Of any other field than a filter or parameter Liquid may take the value; else only the query is asked about."""
    return kind if not asked or field.kind in _SET or asked in VALUES else "asked"


def _explore_texts(explore: Explore) -> Iterator[tuple[str | None, Text]]:
    """Every SQL parameter of an explore, and those of its joins with their aliases."""
    for text in (*explore.sql, *((explore.sql_table_name,) if explore.sql_table_name is not None else ())):
        yield None, text
    for join in explore.joins:
        for text in (*join.sql, *((join.sql_table_name,) if join.sql_table_name is not None else ())):
            yield join.name, text
