"""What decides which rows an explore and its joins have (R6.7, R6.14)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagster_lookml.lineage.field_tracing import Read
from dagster_lookml.lineage.seats import Seat
from dagster_lookml.lineage.trace import Trace, of_variants, union
from dagster_lookml.lineage.view_rows import parts
from dagster_lookml.semantic.objects import Explore, Join, Text
from dagster_lookml.sql.reading import Form

if TYPE_CHECKING:
    from dagster_lookml.lineage.tracing import Tracer


class Conditions:
    """The conditions of every explore, in general and of each join.

    Args:
        tracer: of the project.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._always: dict[str, list[Read]] = {}
        self._joins: dict[tuple[str, str], list[Read]] = {}

    def always_read(self, explore: Explore) -> list[Read]:
        """What decides which rows an explore has, in every query: its own conditions and access filters (R6.14)."""
        found = self._always.get(explore.id)
        if found is None:
            found = self._always[explore.id] = list(self._always_read(explore))
        return found

    def _always_read(self, explore: Explore) -> Iterator[Read]:
        seat = self._tracer.seating.explore_seat(explore)
        if seat is None:
            return
        for text in explore.sql:
            if text.parameter != "sql_preamble":
                yield Read("row_filter", text.span, self._tracer.fields.text_trace(seat, text, deep=False))
        for one in explore.access_filters:
            yield Read("row_filter", one.field.span, self._named(explore, one.field.name))
        for term in explore.filters:
            if not term.parameter.endswith("unless") and "{" not in term.field:
                yield Read("row_filter", term.span, self._named(explore, term.field))

    def join_reads(self, explore: Explore, alias: str) -> list[Read]:
        """What decides which rows one join brings: its conditions and its foreign key (R6.7)."""
        key = (explore.id, alias)
        found = self._joins.get(key)
        if found is None:
            join = next((join for join in explore.joins if join.name == alias), None)
            found = self._joins[key] = list(self._join_reads(explore, join)) if join is not None else []
        return found

    def _join_reads(self, explore: Explore, join: Join) -> Iterator[Read]:
        seat = self._tracer.seating.explore_seat(explore)
        if seat is None:
            return
        for text in self._tracer.seating.unnested_texts(explore, join):
            yield self._unnesting(seat, text, "table")
        for text in join.sql:
            if text.parameter != "sql":
                yield Read("join_condition", text.span, self._tracer.fields.text_trace(seat, text, deep=False))
                continue
            yield self._unnesting(seat, text, "join")
        if join.foreign_key is not None:
            yield Read("join_condition", join.foreign_key.span, self._named(explore, join.foreign_key.name))
            joined = self._tracer.seating.seats(explore).get(join.name)
            for key in joined.view.primary_key if joined is not None else ():
                yield Read(
                    "join_condition",
                    join.foreign_key.span,
                    self._named(explore, f"{join.name}.{key.names[0] if key.names else key.name}"),
                )

    def _unnesting(self, seat: Seat, text: Text, form: Form) -> Read:
        """What SQL in the place of a JOIN clause reads: its conditions, and what it unnests."""
        traces: list[tuple[tuple[str, ...], Trace]] = []
        for part in parts([(text, self._tracer.tables.read(text, form, seat.view, seat.world))]):
            if part.statement.result < 0:
                continue
            resolver = self._tracer.fields.resolver(seat, part, deep=False)
            found = union((resolver.read_by(part.statement.result), resolver.unnested(part.statement.result)))
            traces.append((part.conditions, found))
        return Read("join_condition", text.span, of_variants(traces))

    def _named(self, explore: Explore, name: str) -> Trace:
        alias, _, field = name.rpartition(".")
        return self._tracer.fields.field_of_explore(explore, alias or explore.base_alias, field)
