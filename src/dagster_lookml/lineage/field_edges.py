"""What fields read: columns and other fields, in every seat that their view has (R14.2, R14.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dagster_lookml.lineage.edges import Collector
from dagster_lookml.lineage.field_tracing import Read
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.lineage.result import FieldStatus
from dagster_lookml.lineage.rows import Rows, inner_rows
from dagster_lookml.lineage.seats import Seat
from dagster_lookml.lineage.trace import Gap, Trace, gap
from dagster_lookml.lineage.tracing import Tracer
from dagster_lookml.lineage.written import default_path
from dagster_lookml.semantic.objects import Field, View
from dagster_lookml.sql.reading import plain_column

_NO_LINEAGE = frozenset({"filter", "parameter"})


class FieldEdges:
    """Adds the edges of fields.

    Args:
        tracer: of the project.
        collector: what they are added to.
    """

    def __init__(self, tracer: Tracer, collector: Collector) -> None:
        self._tracer = tracer
        self._collector = collector

    def add(self, view: View) -> Iterator[tuple[str, FieldStatus]]:
        """Add what the fields of one view read; yields how far each was traced."""
        seats = self._tracer.seating.seats_of(view)
        plain = _grouped(seats, lambda seat: id(rows_of(seat)))
        counted = view.included and not self._tracer.tables.is_template(view)
        for field in view.fields:
            identity = self._collector.field(view.id, field)
            if not field.sql and field.kind in _NO_LINEAGE:
                continue
            status = self._field(field, identity, plain if is_plain(field) else self._telling(field, seats))
            if counted:
                yield identity, status

    def _telling(self, field: Field, seats: list[Seat]) -> list[list[Seat]]:
        """All seats, those in which a field must read the same together."""
        scopes = self._tracer.fields.scopes_of(field, seats[0])
        if scopes is None:
            return [[seat] for seat in seats]

        def surroundings(seat: Seat) -> object:
            others = self._tracer.seating.seats(seat.explore) if seat.explore is not None else {}
            around = tuple((scope, id(rows_of(others[scope])) if scope in others else 0) for scope in scopes)
            return id(rows_of(seat)), seat.explore is None, around

        return _grouped(seats, surroundings)

    def _reads(self, seat: Seat, field: Field) -> list[Read]:
        try:
            return list(self._tracer.fields.reads(seat, field))
        except RecursionError:
            return [Read("reads", field.span, _too_deep(seat.view, field))]

    def _field(self, field: Field, identity: str, groups: list[list[Seat]]) -> FieldStatus:
        found: list[tuple[list[Seat], Trace]] = []
        for group in groups:
            for read in self._reads(group[0], field):
                self._collector.trace(read.trace, identity, read.kind, read.span)
                found.append((group, read.trace))
        traces = [trace for _, trace in found]
        columns = [origin for trace in traces for origin in trace.columns]
        fields = {field_id(one.view, one.field) for trace in traces for one in trace.fields}
        return FieldStatus(
            bool(columns),
            all(origin.exact for origin in columns),
            tuple(sorted(fields)),
            tuple(sorted({table for trace in traces for table in trace.tables})),
            tuple(sorted(self._gaps(field, found))),
        )

    def _gaps(self, field: Field, found: list[tuple[list[Seat], Trace]]) -> set[Gap]:
        """What cannot be told where a user can pick the field; an explore that leaves it out need not have what it reads."""
        gaps = {gap for _, trace in found for gap in trace.gaps}
        if not gaps or len(found) == 1:
            return gaps
        offered = [trace for group, trace in found if any(self._tracer.seating.offers(seat, field) for seat in group)]
        return {gap for trace in offered for gap in trace.gaps} if offered else gaps


def _grouped(seats: list[Seat], sameness: Callable[[Seat], object]) -> list[list[Seat]]:
    groups: dict[object, list[Seat]] = {}
    for seat in seats:
        groups.setdefault(sameness(seat), []).append(seat)
    return list(groups.values())


def _too_deep(view: View, field: Field) -> Trace:
    return gap("too-deep", f"{view.name}.{field.name}")


def is_plain(field: Field) -> bool:
    """A field that is a column of its view's table and nothing more."""
    if field.filters or field.references:
        return False
    if not field.sql:
        return default_path(field) is not None
    return all(plain_column(text.value) is not None for text in field.sql)


def rows_of(seat: Seat) -> Rows | None:
    """The rows themselves, for telling whether two seats have the same."""
    return inner_rows(seat.rows)
