"""Fields to what they read, in every seat: columns and other fields (R14.2, R14.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from dagster_lookml.lineage.graph import EdgeKind
from dagster_lookml.lineage.resolving import FieldFinder, Resolver, TableFinder
from dagster_lookml.lineage.rows import NoRows, Rows
from dagster_lookml.lineage.seats import JoinedRows, Seat, incomplete, missing
from dagster_lookml.lineage.trace import CIRCULAR, NOTHING, FieldOrigin, Trace, gap, of_variants, union
from dagster_lookml.lineage.view_rows import Part, parts
from dagster_lookml.lineage.written import asks_for_surroundings, calendar_columns, default_path, named_fields
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.fields import is_generated_by
from dagster_lookml.semantic.objects import Explore, Field, Text, View
from dagster_lookml.semantic.references import live_references
from dagster_lookml.source import Span
from dagster_lookml.sql.reading import Form, own_columns, plain_column
from dagster_lookml.sql.statement import BASE, UNQUALIFIED, ColumnUse, FieldUse, Output, TableRead, uses_in

if TYPE_CHECKING:
    from dagster_lookml.lineage.tracing import Tracer


class Read(NamedTuple):
    """What one parameter reads.

    Attributes:
        kind: how.
        span: of the parameter.
        trace: what.
    """

    kind: EdgeKind
    span: Span
    trace: Trace


class FieldTracing:
    """What fields and the SQL in a seat read; each field is traced to the warehouse once.

    Args:
        tracer: of the project.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._deep: dict[tuple[str, str, str], Trace] = {}
        self._declared: dict[str, dict[str, Field]] = {}

    def resolver(self, seat: Seat, part: Part, *, deep: bool) -> Resolver:
        """A statement that stands in a seat."""

        def alias(name: str, is_alone: bool) -> Rows | None:
            if is_alone and not seat.alias:  # in SQL of an explore a bare name is a column
                return None
            if name == seat.alias.lower() or (seat.explore is None and name == seat.view.name.lower()):
                return seat.rows
            if seat.explore is not None:
                other = self._tracer.seating.seats(seat.explore).get(name)
                rows = other.rows if other is not None else self._tracer.seating.clause_aliases(seat.explore).get(name)
                if rows is not None:
                    return rows
                if not is_alone and _stands_for_nothing(seat.explore, name):
                    return NoRows(missing(seat.world), name)
            # no alias of the query, and hardly a struct: somebody wrote the name of the table itself
            return seat.rows if not is_alone and seat.alias and _is_named(seat.rows, name) else None

        base = (
            self._tracer.seating.seats(seat.explore).get(seat.explore.base_alias)
            if seat.explore is not None and not seat.alias
            else None
        )
        outer = base.rows if base is not None else None
        return Resolver(
            part.statement, self._tracer.questions, self.finder(seat), self.field_finder(seat, deep=deep), alias, outer
        )

    def finder(self, seat: Seat) -> TableFinder:
        """How tables are found for SQL in a seat."""

        def find(read: TableRead) -> Rows:
            if read.kind == "own":
                return seat.rows
            if read.kind == "view":
                view = self._tracer.lookup.view(seat.world.name, read.parts[0])
                if view is not None:
                    return self._tracer.tables.rows(view, seat.world)
                return NoRows("missing-import" if seat.world.lacks_imports else "unknown-view", read.parts[0])
            if read.kind == "built":
                return NoRows("circular", read.written)
            if read.parts == (BASE,):
                return JoinedRows(list(self._tracer.seating.seats(seat.explore).values()) if seat.explore is not None else [])
            return self._tracer.tables.table_rows(seat.world.table_id(read.parts), read.written)

        return find

    def field_finder(self, seat: Seat, *, deep: bool) -> FieldFinder:
        """How fields are found for SQL in a seat.

        Args:
            seat: where the SQL stands.
            deep: go on down to the warehouse; otherwise the field itself is the answer.
        """

        def find(use: FieldUse) -> Trace:
            return self.field_trace(seat, use.view, use.field, deep=deep, in_sql=True)

        return find

    def field_trace(self, seat: Seat, alias: str | None, name: str, *, deep: bool = False, in_sql: bool = False) -> Trace:
        """What a reference to a field in a seat means; in SQL an old name of a field means nothing (R4.43)."""
        target, exact = self.target(seat, alias)
        if target is None:
            written = f"{alias}.{name}"
            may_come = seat.world.lacks_imports and (seat.explore is None or self.may_be_imported(seat.explore, alias or ""))
            return gap("missing-import" if may_come else "unknown-view", written)
        field = self._named(target.view, name) if in_sql else self.field(target.view, name)
        if field is None:
            return gap("unknown-field" if target.view.complete else incomplete(target.world), f"{target.view.name}.{name}")
        if not deep:
            return Trace(fields=frozenset((FieldOrigin(target.view.id, field.own_name, exact),)))
        trace = self.deep_field(target, field)
        return trace if exact else trace.inferred()

    def target(self, seat: Seat, alias: str | None) -> tuple[Seat | None, bool]:
        """The seat that a scoped reference means, and whether that is sure."""
        if alias is None or alias == seat.alias:
            return seat, True
        if seat.explore is not None:
            other = self._tracer.seating.seats(seat.explore).get(alias)
            if other is not None:
                return other, True
            return (seat, False) if alias == seat.view.name else (None, False)
        if alias == seat.view.name:
            return seat, True
        view = self._tracer.lookup.view(seat.world.name, alias)
        return (
            (Seat(None, alias, view, self._tracer.tables.rows(view, seat.world), seat.world), False)
            if view is not None
            else (None, False)
        )

    def field(self, view: View, name: str) -> Field | None:
        """The field that a name means, or meant before the field got another one (R4.43)."""
        renamed = (field for field in view.fields if name in field.old_names)
        return self._named(view, name) or next(renamed, None)

    def _named(self, view: View, name: str) -> Field | None:
        """The field that a name means, also a timeframe that its group does not list (R4.9)."""
        found = self._tracer.lookup.names_by_view[view.id].get(name)
        if found is not None:
            return found
        for field in view.fields:
            if is_generated_by(field, name) or (field.name == name and field.kind == "dimension_group"):
                return field
        return None

    def declared(self, view: str) -> Mapping[str, Field]:
        """The fields of a view by their own names; the view by its id."""
        found = self._declared.get(view)
        if found is None:
            found = self._declared[view] = {field.own_name: field for field in self._tracer.lookup.views[view].fields}
        return found

    def reads(self, seat: Seat, field: Field, *, deep: bool = False) -> Iterator[Read]:
        """What each parameter of a field reads: columns and other fields; with `deep` the columns that those read."""
        for text in field.sql:
            yield Read("reads", text.span, self.text_trace(seat, text, deep=deep))
        if not field.sql:
            path = default_path(field)
            if not seat.view.complete and (path is not None or (field.type == "count" and not seat.view.primary_key)):
                yield Read("reads", field.span, gap(incomplete(seat.world), f"{seat.view.name}.{field.name}"))
            elif path is not None:
                yield Read("reads", field.span, seat.rows.column(path))
            elif field.kind == "measure" and field.type == "count":  # it counts by the primary key (R4.18)
                for key in seat.view.primary_key:
                    name = key.names[0] if key.names else key.name
                    yield Read("reads", field.span, self.field_trace(seat, None, name, deep=deep))
        for kind, span, scope, name in named_fields(field):
            yield Read(kind, span, self.field_trace(seat, scope, name, deep=deep))
        if field.calendar is not None:
            yield Read("reads", field.calendar.span, self._calendar_trace(seat, field, field.calendar.name))

    def _calendar_trace(self, seat: Seat, field: Field, name: str) -> Trace:
        """The columns of a custom calendar by which Looker joins it, and which the timeframes of a group are."""
        view = self._tracer.lookup.view(seat.world.name, name)
        if view is None:
            return gap(missing(seat.world), name)
        rows = self._tracer.tables.rows(view, seat.world)
        return union(rows.column((column.lower(),)) for column in calendar_columns(view, field))

    def field_of_explore(self, explore: Explore, alias: str, name: str, *, deep: bool = False) -> Trace:
        """A field that is named from outside an explore: by a native derived table, a query or a tile."""
        seat = self._tracer.seating.seats(explore).get(alias)
        if seat is not None:
            return self.field_trace(seat, None, name, deep=deep)
        may_come = self._tracer.worlds[explore.model].lacks_imports and self.may_be_imported(explore, alias)
        return gap("missing-import" if may_come else "unknown-view", f"{alias}.{name}")

    @staticmethod
    def may_be_imported(explore: Explore, alias: str) -> bool:
        """Tell whether an alias that sits on no view here may sit on one of an absent import."""
        return not explore.complete or alias == explore.base_alias or any(join.name == alias for join in explore.joins)

    def deep_field(self, seat: Seat, field: Field) -> Trace:
        """The columns that a field reads, through whatever fields."""
        key = (seat.explore.id if seat.explore is not None else seat.world.name, seat.alias, f"{seat.view.id}.{field.own_name}")

        def find() -> Trace:
            return union(read.trace for read in self.reads(seat, field, deep=True))

        return self._tracer.questions.answer(self._deep, key, find, CIRCULAR)

    def text_trace(self, seat: Seat, text: Text, *, deep: bool) -> Trace:
        """What one SQL parameter in a seat reads."""
        path = plain_column(text.value)
        if path is not None:
            return seat.rows.column(path)
        if not text.value.strip():
            return NOTHING
        read = self._tracer.tables.read(text, "field", seat.view, seat.world, seat)
        traces: list[tuple[tuple[str, ...], Trace]] = []
        for part in parts([(text, read)]):
            resolver = self.resolver(seat, part, deep=deep)
            trace = resolver.column(part.statement.result, ()) if part.statement.result >= 0 else NOTHING
            found = union((self._less_surely(part, trace), resolver.uses(part.statement.uses)))
            if part.statement.result >= 0:
                found = union((found, resolver.read_by(part.statement.result)))
            traces.append((part.conditions, found.inferred() if read.liquid_fault else found))
        found = of_variants(traces)
        return found if read.fault is None else union((found, self.unread_trace(seat, text, read.fault, deep=deep)))

    @staticmethod
    def _less_surely(part: Part, trace: Trace) -> Trace:
        """A bare name may also be a column of another view that an explore joins (R14.10)."""
        outputs = part.statement.selects[part.statement.result].outputs if part.statement.result >= 0 else ()
        uses = [use for output in outputs if isinstance(output, Output) for use in output.uses]
        is_bare = any(isinstance(use, ColumnUse) and use.source == UNQUALIFIED for use in uses)
        return trace.inferred() if is_bare else trace

    def unread_trace(self, seat: Seat, text: Text, fault: str, *, deep: bool) -> Trace:
        """What can be seen in a text that cannot be read: what stands in ``${}`` (R14.11)."""
        traces = [
            self.field_trace(seat, one.view, one.name, deep=deep, in_sql=True)
            for one in live_references(text.value)
            if not one.is_table
        ]
        traces += [seat.rows.column(path) for path in own_columns(text.value)]
        return union(traces).inferred() if traces else gap("unread-sql", fault)

    def scopes_of(self, field: Field, seat: Seat) -> frozenset[str] | None:
        """The aliases that a field names, which decide what it reads; None if its text asks for its surroundings itself."""
        if any(asks_for_surroundings(text.value) for text in field.sql):
            return None
        found = {scope for _, _, scope, _ in named_fields(field) if scope is not None}
        for text in field.sql:
            if plain_column(text.value) is None:
                found |= self._scopes_in(text, "field", seat)
        return frozenset(found)

    def aliases_of(self, explore: Explore, text: Text, form: Form) -> frozenset[str]:
        """The aliases of an explore that one of its own SQL parameters names."""
        seats = self._tracer.seating.seats(explore)
        some = next(iter(seats.values()), None)
        if some is None:
            return frozenset()
        named = self._scopes_in(text, form, self._tracer.seating.outside(explore, some.view, some.world))
        return frozenset(named & seats.keys()) or frozenset((explore.base_alias,))

    def _scopes_in(self, text: Text, form: Form, seat: Seat) -> set[str]:
        found: set[str] = set()
        for part in parts([(text, self._tracer.tables.read(text, form, seat.view, seat.world, seat))]):
            for use in uses_in(part.statement):
                if isinstance(use, FieldUse) and use.view is not None:
                    found.add(use.view)
                elif isinstance(use, ColumnUse) and use.source == UNQUALIFIED and len(use.path) > 1:
                    found.add(use.path[0])
        return found


def _is_named(rows: Rows, name: str) -> bool:
    """Tell whether rows are those of a table whose own name, without what leads to it, is this one."""
    return len(rows.tables) == 1 and next(iter(rows.tables)).rpartition(".")[2].removeprefix("table:").lower() == name


def _stands_for_nothing(explore: Explore, name: str) -> bool:
    """Tell whether an explore has an alias whose view does not exist."""
    return any(view is None and alias.lower() == name for alias, view in aliases(explore).items())
