"""What fields read: columns and other fields, in every seat that their view has (R14.2, R14.3)."""

from __future__ import annotations

from collections.abc import Iterator

from dagster_lookml.lineage.edges import Collector
from dagster_lookml.lineage.field_tracing import Read
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.lineage.resolving import inner_rows
from dagster_lookml.lineage.result import FieldStatus
from dagster_lookml.lineage.rows import Rows
from dagster_lookml.lineage.seats import Seat
from dagster_lookml.lineage.trace import Trace, gap
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
        plain = list({id(rows_of(seat)): seat for seat in seats}.values())
        counted = view.included and not self._tracer.tables.is_template(view)
        for field in view.fields:
            identity = self._collector.field(view.id, field)
            if not field.sql and field.kind in _NO_LINEAGE:
                continue
            status = self._field(field, identity, plain if is_plain(field) else self._telling(field, seats))
            if counted:
                yield identity, status

    def _telling(self, field: Field, seats: list[Seat]) -> list[Seat]:
        """Of all seats those in which a field may read different things."""
        scopes = self._tracer.fields.scopes_of(field, seats[0])
        if scopes is None:
            return seats
        kept: dict[object, Seat] = {}
        for seat in seats:
            others = self._tracer.seating.seats(seat.explore) if seat.explore is not None else {}
            around = tuple((scope, id(rows_of(others[scope])) if scope in others else 0) for scope in scopes)
            kept.setdefault((id(rows_of(seat)), seat.explore is None, around), seat)
        return list(kept.values())

    def _reads(self, seat: Seat, field: Field) -> list[Read]:
        try:
            return list(self._tracer.fields.reads(seat, field))
        except RecursionError:
            return [Read("reads", field.span, _too_deep(seat.view, field))]

    def _field(self, field: Field, identity: str, seats: list[Seat]) -> FieldStatus:
        traces: list[Trace] = []
        for seat in seats:
            for read in self._reads(seat, field):
                self._collector.trace(read.trace, identity, read.kind, read.span)
                traces.append(read.trace)
        columns = [origin for trace in traces for origin in trace.columns]
        fields = {field_id(one.view, one.field) for trace in traces for one in trace.fields}
        return FieldStatus(
            bool(columns),
            all(origin.exact for origin in columns),
            tuple(sorted(fields)),
            tuple(sorted({table for trace in traces for table in trace.tables})),
            tuple(sorted({gap for trace in traces for gap in trace.gaps})),
        )


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
