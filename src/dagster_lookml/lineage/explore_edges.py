"""What explores read: their views, always or on demand, and the fields in their conditions (R14.5)."""

from __future__ import annotations

from dagster_lookml.lineage.edges import Collector
from dagster_lookml.lineage.graph import EdgeKind
from dagster_lookml.lineage.rows import ElementRows, Rows, VariantRows, inner_rows
from dagster_lookml.lineage.seats import Seat
from dagster_lookml.lineage.tracing import Tracer
from dagster_lookml.lineage.view_rows import parts
from dagster_lookml.semantic.objects import Explore, Text
from dagster_lookml.sql.reading import Form
from dagster_lookml.sql.statement import BASE


class ExploreEdges:
    """Adds the edges of explores.

    Args:
        tracer: of the project.
        collector: what they are added to.
    """

    def __init__(self, tracer: Tracer, collector: Collector) -> None:
        self._tracer = tracer
        self._collector = collector

    def add(self, explore: Explore) -> None:
        """Add what one explore reads."""
        always = self._tracer.needs(explore).always
        if explore.base_view is not None:
            self._collector.edge(explore.base_view, explore.id, "joins_always", explore.span)
        if explore.sql_table_name is not None:
            self._tables(explore, explore.sql_table_name, "table")
        for join in explore.joins:
            if join.view is not None:
                kind: EdgeKind = "joins_always" if join.name in always else "joins_on_demand"
                self._collector.edge(join.view, explore.id, kind, join.span)
            if join.sql_table_name is not None:
                self._tables(explore, join.sql_table_name, "table")
            for text in join.sql:
                if text.parameter == "sql" and text.value.strip():
                    self._tables(explore, text, "join")
            self._nested(explore, join.name)
        self._calendars(explore)
        for text in explore.sql:
            self._tables(explore, text, "query" if text.parameter == "sql_preamble" else "field")
        self._conditions(explore)

    def _nested(self, explore: Explore, alias: str) -> None:
        """A join that unnests a column of another alias: that one's view holds the rows of this one (R6.8)."""
        seats = self._tracer.seating.seats(explore)
        seat = seats.get(alias)
        join = next(join for join in explore.joins if join.name == alias)
        if seat is None or not isinstance(_one_of(seat), ElementRows):
            return
        clauses = [text for text in join.sql if text.parameter == "sql"]
        for text in (*self._tracer.seating.unnested_texts(explore, join), *clauses):
            form: Form = "table" if text.parameter == "sql_table_name" else "join"
            for other in sorted(self._tracer.fields.aliases_of(explore, text, form)):
                parent = seats.get(other)
                if parent is not None and other != alias and parent.view.id != seat.view.id:
                    self._collector.edge(parent.view.id, seat.view.id, "nested", text.span)

    def _calendars(self, explore: Explore) -> None:
        """Looker joins the calendar of a dimension group where somebody picks one of its timeframes."""
        for seat in self._tracer.seating.seats(explore).values():
            for field in seat.view.fields:
                calendar = field.calendar
                view = self._tracer.lookup.view(explore.model, calendar.name) if calendar is not None else None
                if calendar is not None and view is not None and self._tracer.seating.offers(seat, field):
                    self._collector.edge(view.id, explore.id, "joins_on_demand", calendar.span)

    def _tables(self, explore: Explore, text: Text, form: Form) -> None:
        """Tables that an explore's own SQL names, whatever views it has."""
        world = self._tracer.worlds[explore.model]
        for part in parts([(text, self._tracer.tables.read(text, form, None, world))]):
            for read in part.statement.tables:
                span = part.span(read.line)
                if read.kind == "table" and read.parts != (BASE,):
                    table = self._collector.table(world.table_id(read.parts))
                    self._collector.edge(table, explore.id, "reads", span, part.conditions)
                elif read.kind == "view":
                    view = self._tracer.lookup.view(world.name, read.parts[0])
                    if view is not None:
                        kind: EdgeKind = "joins_always" if text.parameter.startswith("sql_always") else "joins_on_demand"
                        self._collector.edge(view.id, explore.id, kind, span, part.conditions)

    def _conditions(self, explore: Explore) -> None:
        for read in self._tracer.conditions.always_read(explore):
            self._collector.trace(read.trace, explore.id, "row_filter", read.span)
        for join in explore.joins:
            for read in self._tracer.conditions.join_reads(explore, join.name):
                self._collector.trace(read.trace, explore.id, "join_condition", read.span)


def _one_of(seat: Seat) -> Rows | None:
    """The rows of a seat, or one of its variants."""
    rows = inner_rows(seat.rows)
    return inner_rows(rows.variants[0][1]) if isinstance(rows, VariantRows) and rows.variants else rows
