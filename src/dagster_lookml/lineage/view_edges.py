"""What views read: tables, other views, columns in their conditions, and what triggers them (R14.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dagster_lookml.lineage.edges import Collector
from dagster_lookml.lineage.lacking import lacking_columns
from dagster_lookml.lineage.put_out import settled_names, starred_tables
from dagster_lookml.lineage.resolving import Resolver
from dagster_lookml.lineage.result import LackingColumn, ViewStatus
from dagster_lookml.lineage.rows import InferredRows, NoRows, TableRows, inner_rows
from dagster_lookml.lineage.script_rows import ScriptRows
from dagster_lookml.lineage.seats import Seat, incomplete, missing
from dagster_lookml.lineage.trace import Gap, Trace, gap, of_variants, union
from dagster_lookml.lineage.tracing import Tracer
from dagster_lookml.lineage.triggers import trigger_texts
from dagster_lookml.lineage.view_rows import Part, parts
from dagster_lookml.lineage.worlds import World
from dagster_lookml.lineage.written import asked_fields, asks_where_used, default_path, table_texts
from dagster_lookml.semantic.dashboards import expression_fields
from dagster_lookml.semantic.objects import AnalyticModel, Explore, NativeQuery, Reference, View
from dagster_lookml.semantic.quoting import explore_id
from dagster_lookml.source import Span
from dagster_lookml.sql.reading import plain_column
from dagster_lookml.sql.statement import TableRead


class ViewEdges:
    """Adds the edges of views.

    Args:
        tracer: of the project.
        collector: what they are added to.
    """

    def __init__(self, tracer: Tracer, collector: Collector) -> None:
        self._tracer = tracer
        self._collector = collector
        self.statuses: dict[str, ViewStatus] = {}
        self._own_table = {seat.view.id for seat in self._seats_with_own_table()}

    def _seats_with_own_table(self) -> Iterator[Seat]:
        for explore in self._tracer.project.explores:
            for seat in self._tracer.seating.seats(explore).values():
                if self._tracer.seating.reads_own_table(seat):
                    yield seat

    def add(self, view: View) -> None:
        """Add what one view reads, in every world that it stands in."""
        gaps: list[Gap] = []
        tables: set[str] = set()
        for world in self._worlds(view):
            found = self._of_world(view, world)
            gaps += found.gaps
            tables |= found.tables
        for parent in view.extends:
            other = self._tracer.lookup.view(view.models[0] if view.models else "", parent)
            if other is not None:
                self._collector.edge(other.id, view.id, "extends", view.span)
        if view.included and not self._tracer.tables.is_template(view):
            has_table = (
                view.derived_table is not None
                or view.analytic_model is not None
                or view.sql_table_name is not None
                or (view.kind == "table" and uses_own_table(view))
            )
            outputs = settled_names(self._tracer, view, self._worlds(view)) if view.derived_table is not None else None
            starred = dict.fromkeys(one for world in self._worlds(view) for one in self._starred(view, world))
            self.statuses[view.id] = ViewStatus(
                has_table,
                tuple(sorted(tables)),
                tuple(dict.fromkeys(gaps)),
                outputs,
                tuple(starred),
                self._lacking(view) if not gaps else (),
            )

    def _lacking(self, view: View) -> tuple[LackingColumn, ...]:
        """The columns that its SQL names in vain in every world that it stands in."""
        if not view.complete or view.derived_table is None or len(view.derived_table.sources) != 1 or asks_where_used(view):
            return ()
        every: list[dict[LackingColumn, None]] = []
        for world in self._worlds(view):
            rows = inner_rows(self._tracer.tables.rows(view, world))
            found = lacking_columns(self._tracer, world, rows) if isinstance(rows, ScriptRows) else ()
            every.append(dict.fromkeys(found))
        return tuple(one for one in every[0] if all(one in others for others in every[1:])) if every else ()

    def _starred(self, view: View, world: World) -> Iterator[tuple[str, Span]]:
        """Tables that a persistent derived table keeps all of; what the statements themselves make is no such table."""
        rows = inner_rows(self._tracer.tables.rows(view, world)) if view.is_pdt else None
        for part, _ in rows.resolvers if isinstance(rows, ScriptRows) else ():
            target = part.statement.target
            for read in starred_tables(part.statement) if target is None or target.kind == "built" else ():
                if isinstance(rows, ScriptRows) and not rows.is_temporary(read) and not self._lists_columns(read, world):
                    yield read.written, part.span(read.line)

    def _lists_columns(self, read: TableRead, world: World) -> bool:
        """Tell whether a table is that of a view whose own SQL names its columns."""
        other = self._tracer.lookup.view(world.name, read.parts[0]) if read.kind == "view" else None
        return other is not None and self._tracer.tables.rows(other, world).names is not None

    def _worlds(self, view: View) -> Iterator[World]:
        seen: set[str] = set()
        for name in view.models or ("",):
            world = self._tracer.worlds[name]
            context = self._tracer.tables.context(view, world)
            if context not in seen:
                seen.add(context)
                yield world

    def _of_world(self, view: View, world: World) -> Trace:
        derived = view.derived_table
        found: list[Trace] = []
        self._triggers(view, world)
        if view.analytic_model is not None and view.analytic_model.explore is not None:
            found.append(self._modelled(view, world, view.analytic_model, view.analytic_model.explore))
        elif derived is not None and derived.explore_source is not None:
            found.append(self._native(view, world, derived.explore_source))
        elif view.sql_table_name is not None and self._tracer.tables.is_unnesting(view, world):
            return Trace()
        elif asks_where_used(view) and self._tracer.seating.is_used(view):
            seats = [seat for seat in self._tracer.seating.seats_of(view) if seat.world.name == world.name]
            found += [self._statements(view, world, seat) for seat in seats if self._tracer.seating.reads_own_table(seat)]
        elif table_texts(view):
            found.append(self._statements(view, world))
        elif not view.complete:
            found.append(gap(incomplete(world), view.id))
        elif view.kind == "table" and uses_own_table(view) and self._is_read(view):
            rows = self._tracer.tables.rows(view, world)
            table = inner_rows(rows)
            if isinstance(table, TableRows):
                exact = not isinstance(rows, InferredRows)
                self._collector.edge(self._collector.table(table.table), view.id, "reads", view.span, exact=exact)
                found.append(Trace(tables=table.tables))
        return union(found)

    def _is_read(self, view: View) -> bool:
        """A default table counts unless every use of the view brings another one (R4.5)."""
        return view.id in self._own_table or not self._tracer.seating.is_used(view)

    def _statements(self, view: View, world: World, used: Seat | None = None) -> Trace:
        rows = inner_rows(self._tracer.tables.rows(view, world, used.use if used is not None else None))
        found = list(self._tracer.tables.table_parts(view, world, used))
        reads = list(self._tracer.tables.named(view, world, used))
        traces = [Trace(gaps=frozenset(self._faults(view, world)))]
        traces += [self._table(view, world, part, read, conditions) for part, read, conditions in _conditions(reads)]
        if isinstance(rows, ScriptRows):
            self._filters(view, rows.resolvers)
        elif any(part.statement.selects[part.statement.result].sources for part in found if _is_select(part)):
            seat = used or Seat(None, view.name, view, NoRows("circular", view.id), world)
            self._filters(view, [(part, self._tracer.fields.resolver(seat, part, deep=False)) for part in found])
        return union(traces)

    def _faults(self, view: View, world: World) -> Iterator[Gap]:
        for text, form in table_texts(view):
            read = self._tracer.tables.read(text, form, view, world)
            if read.fault is not None:
                yield Gap("unread-sql", read.fault)

    def _table(self, view: View, world: World, part: Part, read: TableRead, conditions: tuple[str, ...]) -> Trace:
        """One table that a statement names."""
        span = part.span(read.line)
        if read.kind in ("table", "model"):
            table = self._collector.table(world.table_id(read.parts))
            self._collector.edge(table, view.id, "reads", span, conditions)
            return Trace(tables=frozenset((table,)))
        if read.kind != "view":
            return Trace()
        other = self._tracer.lookup.view(world.name, read.parts[0])
        if other is None:
            reason = missing(world)
            return Trace(gaps=frozenset((Gap(reason, read.parts[0]),)))
        self._collector.edge(other.id, view.id, "derives", span, conditions)
        return Trace(tables=self._tracer.tables.rows(other, world).tables)

    def _filters(self, view: View, resolvers: Iterable[tuple[Part, Resolver]]) -> None:
        """Columns that decide which rows there are, without being put out."""
        by_text: dict[int, dict[int, list[tuple[Part, Resolver]]]] = {}
        for part, resolver in resolvers:
            by_text.setdefault(id(part.text), {}).setdefault(part.variant, []).append((part, resolver))
        for variants in by_text.values():
            places = _Places()
            found = [
                (group[0][0].conditions, union(_filter(part, resolver, places) for part, resolver in group))
                for group in variants.values()
            ]
            trace = of_variants(found)
            for origin in trace.columns:
                self._collector.trace(Trace(frozenset((origin,))), view.id, "row_filter", places.of[origin[:2]])
            for field in trace.fields:
                self._collector.trace(Trace(fields=frozenset((field,))), view.id, "row_filter", places.of[field[:2]])

    def _triggers(self, view: View, world: World) -> None:
        """Tables that tell when a PDT is built anew; no data comes from them (R5.15, R11.2)."""
        persistence = view.derived_table.persistence if view.derived_table is not None else None
        if persistence is None:
            return
        texts = trigger_texts(persistence, world)
        reads = [
            (part, read)
            for part in parts((text, self._tracer.tables.read(text, "query", view, world)) for text in texts)
            for read in part.statement.tables
        ]
        for part, read, conditions in _conditions(reads):
            self._trigger(view, world, read, part.span(read.line), conditions)

    def _trigger(self, view: View, world: World, read: TableRead, span: Span, conditions: tuple[str, ...]) -> None:
        if read.kind == "table":
            table = self._collector.table(world.table_id(read.parts))
            self._collector.edge(table, view.id, "trigger", span, conditions)
        elif read.kind == "view":
            other = self._tracer.lookup.view(world.name, read.parts[0])
            if other is not None:
                self._collector.edge(other.id, view.id, "trigger", span, conditions)

    # -- native derived tables -----------------------------------------------------------------------------------------

    def _native(self, view: View, world: World, query: NativeQuery) -> Trace:
        """R5.10: the views of the fields that it takes, and of whatever joins those need."""
        tracer = self._tracer
        explore = tracer.lookup.explores.get(f"explore:{world.name}/{query.explore}")
        if explore is None:
            reason = missing(world)
            return Trace(gaps=frozenset((Gap(reason, f"explore {query.explore}"),)))
        seats = tracer.seating.seats(explore)
        names = asked_fields(query, explore)
        aliases = tracer.needs(explore).aliases(names)
        traces = [Trace(gaps=tracer.fields.field_of_explore(explore, *_split(name)).gaps) for name in names]
        for alias in sorted(aliases):
            seat = seats.get(alias)
            if seat is None or seat.view.id == view.id:
                continue
            self._collector.edge(seat.view.id, view.id, "derives", query.span)
            traces.append(Trace(tables=seat.rows.tables))
        self._native_filters(view, explore, query, aliases)
        return union(traces)

    def _modelled(self, view: View, world: World, model: AnalyticModel, source: Reference) -> Trace:
        """The views of the explore that an analytic model is made from."""
        if explore_id(world.name, source.name) not in self._tracer.lookup.explores:
            return gap(missing(world), f"explore {source.name}")
        seats = [seat for seat in self._tracer.tables.modelled_seats(model, world) if seat.view.id != view.id]
        for seat in seats:
            self._collector.edge(seat.view.id, view.id, "derives", source.span)
        return union(Trace(tables=seat.rows.tables) for seat in seats)

    def _native_filters(self, view: View, explore: Explore, query: NativeQuery, aliases: frozenset[str]) -> None:
        """Fields that decide which rows a native derived table has."""
        tracer = self._tracer
        for term in query.filters:
            if term.parameter == "filters":
                name = term.field if "." in term.field else f"{explore.base_alias}.{term.field}"
                self._collector.trace(tracer.fields.field_of_explore(explore, *_split(name)), view.id, "row_filter", term.span)
        for text in query.expressions:
            for written in expression_fields(text.value):
                name = written if "." in written else f"{explore.base_alias}.{written}"
                self._collector.trace(tracer.fields.field_of_explore(explore, *_split(name)), view.id, "row_filter", text.span)
        for source, target in query.bind_filters:  # it filters only where somebody sets the filter that is bound (R5.8)
            name = target.name if "." in target.name else f"{explore.base_alias}.{target.name}"
            trace = tracer.fields.field_of_explore(explore, *_split(name)).under((f"{source.name} is filtered",))
            self._collector.trace(trace, view.id, "row_filter", target.span)
        for read in tracer.conditions.always_read(explore):
            self._collector.trace(read.trace, view.id, "row_filter", read.span)
        for alias in sorted(aliases):
            for read in tracer.conditions.join_reads(explore, alias):
                self._collector.trace(read.trace, view.id, "row_filter", read.span)


class _Places:
    """The first place of everything that is read."""

    def __init__(self) -> None:
        self.of: dict[tuple[object, ...], Span] = {}

    def note(self, read: tuple[object, ...], span: Span) -> None:
        """Note a place of what the first two values of a read name."""
        known = self.of.get(read[:2])
        if known is None or span.line < known.line:
            self.of[read[:2]] = span


def _filter(part: Part, resolver: Resolver, places: _Places) -> Trace:
    """What decides the rows of one statement."""
    statement = part.statement
    put_out = {origin.column for origin in resolver.everything(statement.result).columns} if statement.result >= 0 else set()
    found: list[Trace] = []
    for select in statement.selects:
        for use in select.reads:
            trace = resolver.use(use)
            kept = Trace(frozenset(one for one in trace.columns if one.column not in put_out), trace.fields)
            for one in (*kept.columns, *kept.fields):
                places.note(one, part.span(use.line))
            found.append(kept)
    return union(found)


def _is_select(part: Part) -> bool:
    return part.statement.result >= 0


def _conditions(reads: Sequence[tuple[Part, TableRead]]) -> Iterator[tuple[Part, TableRead, tuple[str, ...]]]:
    """The tables that some texts name, with their conditions: none for what every variant of a text names."""
    variants: dict[tuple[int, str, tuple[str, ...]], set[int]] = {}
    for part, read in reads:
        variants.setdefault((id(part.text), read.kind, read.parts), set()).add(part.variant)
    for part, read in reads:
        always = len(variants[id(part.text), read.kind, read.parts]) == part.variants
        yield part, read, () if always else part.conditions


def _split(name: str) -> tuple[str, str]:
    alias, _, field = name.rpartition(".")
    return alias, field


def uses_own_table(view: View) -> bool:
    """Tell whether any field of a view reads a column of the view's own table; a view of parameters alone needs no table."""
    for field in view.fields:
        if not field.sql and default_path(field) is not None:
            return True
        if any(plain_column(text.value) is not None or "${TABLE}" in text.value for text in field.sql):
            return True
    return False
