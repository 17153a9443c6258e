"""Fields to columns: every view in every seat that it has in an explore, and every field there (R14.2, R14.3).

A seat is a view under an alias in an explore, with the rows it has there. ``${users.id}`` means the field of whatever view sits
under ``users`` in the same explore (R4.25), so the same field may read different columns in different explores.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from dagster_lookml.config import Config
from dagster_lookml.lineage.graph import EdgeKind
from dagster_lookml.lineage.resolving import Resolver, ScopeRows, inner_rows
from dagster_lookml.lineage.rows import InferredRows, NoRows, Rows, TableRows
from dagster_lookml.lineage.tables import KnownColumns, joined_tables, named_columns
from dagster_lookml.lineage.trace import NOTHING, FieldOrigin, Trace, gap, of_variants, union
from dagster_lookml.lineage.view_rows import NativeRows, Part, ScriptRows, one_of, parts, table_rows
from dagster_lookml.lineage.worlds import World, worlds
from dagster_lookml.semantic.dashboards import expression_fields
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.fields import is_generated_by
from dagster_lookml.semantic.objects import Explore, Field, Join, Lookup, Project, Text, View
from dagster_lookml.semantic.quoting import explore_id
from dagster_lookml.semantic.references import live_references
from dagster_lookml.source import Span
from dagster_lookml.sql.dialects import table_part
from dagster_lookml.sql.reading import Form, own_columns, plain_column
from dagster_lookml.sql.statement import BASE, UNQUALIFIED, ColumnUse, ElementSource, FieldUse, Output, TableRead, uses_in
from dagster_lookml.sql.texts import ReadText, SqlTexts, has_liquid

_SURROUNDINGS: Final = re.compile(r"\b_(?:explore|view|model)\._name\b")
_NO_SQL: Final = frozenset({"filter", "parameter"})
_NAMING: Final = frozenset({"list_field", "based_on", "based_on_time", "start_location_field", "end_location_field"})
_COUNTS: Final = frozenset({"count", "list", "period_over_period"})
"""Measures that have no SQL of their own, not even by default (R4.23)."""


class Seat(NamedTuple):
    """A view where it is used.

    Attributes:
        explore: that it is used in; None for a view on its own.
        alias: its name there.
        view: the view.
        rows: what its columns are.
        world: of the model.
    """

    explore: Explore | None
    alias: str
    view: View
    rows: Rows
    world: World


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


class Tracer:
    """Answers where fields and views of a project come from; everything is traced once.

    Args:
        project: compiled.
        config: its configuration.
        texts: reads SQL.
        columns: what is known of the columns of tables.
    """

    def __init__(self, project: Project, config: Config, texts: SqlTexts, columns: KnownColumns) -> None:
        self.project = project
        self.lookup = Lookup(project)
        self.worlds: Mapping[str, World] = worlds(project, config, self.lookup, texts.reader)
        self.texts = texts
        self.columns = columns
        self._tables: dict[str, TableRows] = {}
        self._view_rows: dict[tuple[str, str], Rows] = {}
        self._seats: dict[str, dict[str, Seat]] = {}
        self._deep: dict[tuple[str, str, str], Trace] = {}
        self._users: dict[str, list[Seat]] = {}
        self._declared: dict[str, dict[str, Field]] = {}
        self._queried: set[str] = set()
        self._extended: set[str] = set()
        self._clause_aliases: dict[str, dict[str, Rows]] = {}
        self._always: dict[str, list[Read]] = {}
        self._joins: dict[tuple[str, str], list[Read]] = {}

    def learn(self) -> None:
        """Note every column that the project names surely, before anything is traced, so that no order matters."""
        for view in self.project.views:
            world = self.world_of(view)
            for part in self.table_parts(view, world):
                for table, column in named_columns(part.statement, world.table_id):
                    self.columns.learn(table, column)
                for tables, names in joined_tables(part.statement, world.table_id):
                    self.columns.see(tables, names)
                named = (read.parts[0] for read in part.statement.tables if read.kind == "view")
                self._queried.update(other.id for name in named if (other := self.lookup.view(world.name, name)) is not None)
        for explore in self.project.explores:
            self._queried.update(identity for identity in aliases(explore).values() if identity is not None)
        for view in self.project.views:
            self._extended.update(self._parents(view))
        for view in self.project.views:
            rows = inner_rows(self.rows(view, self.world_of(view))) if view.derived_table is None else None
            if isinstance(rows, TableRows) and (view.sql_table_name is not None or view.id in self._queried):
                self.columns.describe(rows.table, plain_columns(view))

    def _parents(self, view: View) -> Iterator[str]:
        for name in view.extends:
            parent = self.lookup.view(view.models[0] if view.models else "", name)
            if parent is not None:
                yield parent.id

    def is_template(self, view: View) -> bool:
        """Tell whether a view exists to be extended: it says so, or it has no table and nothing but other views uses it."""
        has_table = view.sql_table_name is not None or view.derived_table is not None
        return view.kind == "abstract" or (not has_table and view.id in self._extended and view.id not in self._queried)

    # -- rows ----------------------------------------------------------------------------------------------------------

    def table_rows(self, table: str) -> Rows:
        """The rows of a warehouse table."""
        rows = self._tables.get(table)
        if rows is None:
            rows = self._tables[table] = TableRows(table, self.columns)
        return rows

    def world_of(self, view: View) -> World:
        """The world of the first model that sees a view."""
        return self.worlds[view.models[0] if view.models else ""]

    def context(self, view: View, world: World) -> str:
        """What the rows of a view depend on beside the view: its connection, or the whole model where it names other objects."""
        derived = view.derived_table
        written = view.sql_table_name.value if view.sql_table_name is not None else ""
        if derived is not None and derived.explore_source is not None:
            return f"model {world.name}"
        if derived is not None:
            written += "".join(text.value for text in (derived.sql, *derived.statements) if text is not None)
        is_local = "SQL_TABLE_NAME" in written or has_liquid(written)
        return f"model {world.name}" if is_local else f"connection {world.connection_name}"

    def rows(self, view: View, world: World, used: tuple[Explore, str] | None = None) -> Rows:
        """The rows of a view by its own table, as one model sees it.

        Args:
            view: the view.
            world: of the model.
            used: the explore and the alias under which it is used, where its SQL asks for them.
        """
        asks = used is not None and self.asks(view)
        key = (view.id, f"{used[0].id} {used[1]}" if used is not None and asks else self.context(view, world))
        rows = self._view_rows.get(key)
        if rows is None:
            self._view_rows[key] = NoRows("circular", view.id)
            try:
                rows = self._rows(view, world, used if asks else None)
            except BaseException:
                del self._view_rows[key]
                raise
            self._view_rows[key] = rows
        return rows

    @staticmethod
    def asks(view: View) -> bool:
        """Tell whether the SQL of a view's table asks where it is used (R10.11)."""
        return any(asks_for_surroundings(text.value) for text, _ in table_texts(view))

    def _rows(self, view: View, world: World, used: tuple[Explore, str] | None) -> Rows:
        derived = view.derived_table
        circular = NoRows("circular", view.id)
        seat = Seat(used[0] if used else None, used[1] if used else view.name, view, circular, world)
        if derived is not None and derived.explore_source is not None:
            return self._native_rows(view, world)
        if derived is not None:
            found = list(self.table_parts(view, world, seat))
            if not found:
                return NoRows("unread-sql", view.id)
            return ScriptRows(found, self.finder(seat), self.field_finder(seat, deep=True))
        if view.sql_table_name is not None:
            return table_rows(list(self.table_parts(view, world, seat)), self.finder(seat), self.field_finder(seat, deep=True))
        if not view.complete:  # the table may be that of a parent which is not here
            return NoRows(missing(world), view.id)
        if view.kind == "nested" or self.is_template(view):  # a template has no table: its children have theirs (R7.5)
            return NoRows("no-table", view.id)
        rows = self.table_rows(world.table_id((table_part(view.name, quoted=False, dialect=world.dialect.name),)))
        return rows if view.id in self._queried else InferredRows(rows)

    def table_parts(self, view: View, world: World, seat: Seat | None = None) -> Iterator[Part]:
        """The statements of a view's ``sql_table_name`` or derived table."""
        return parts([(text, self.read(text, form, view, world, seat)) for text, form in table_texts(view)])

    def read(self, text: Text, form: Form, view: View | None, world: World, seat: Seat | None = None) -> ReadText:
        """Read an SQL parameter of a view, or of an explore."""
        sql = text.value
        known = world.known(view)
        if has_liquid(sql) and asks_for_surroundings(sql) and seat is not None and seat.explore is not None:
            known = world.known(view, seat.explore.name, seat.alias)
        return self.texts.read(sql, form, world.dialect.name, known)

    def _native_rows(self, view: View, world: World) -> Rows:
        assert view.derived_table is not None
        query = view.derived_table.explore_source
        assert query is not None
        explore = self.lookup.explores.get(explore_id(world.name, query.explore))
        if explore is None:
            return NoRows(missing(world), f"explore {query.explore}")

        def field(alias: str, name: str) -> Trace:
            return self.field_of_explore(explore, alias or explore.base_alias, name)

        def derived(rows: NativeRows, text: Text) -> Trace:
            own = Seat(None, view.name, view, rows, world)
            return union(
                self.resolver(own, part, deep=False).column(part.statement.result, ())
                for part in parts([(text, self.read(text, "field", view, world))])
            )

        return NativeRows(query, field, derived)

    # -- seats ---------------------------------------------------------------------------------------------------------

    def seats(self, explore: Explore) -> dict[str, Seat]:
        """Every view of an explore under its alias."""
        found = self._seats.get(explore.id)
        if found is None:
            found = self._seats[explore.id] = {}
            self._fill_seats(explore, found)
        return found

    def _fill_seats(self, explore: Explore, found: dict[str, Seat]) -> None:
        world = self.worlds[explore.model]
        views = self.lookup.views
        if explore.base_view is not None:
            view = views[explore.base_view]
            late = _LateRows(lambda view=view: self._base_rows(explore, view, world))
            found[explore.base_alias] = Seat(explore, explore.base_alias, view, late, world)
        for join in explore.joins:
            if join.view is not None and join.name not in found:
                view = views[join.view]
                rows = _LateRows(lambda join=join, view=view: self._join_rows(explore, join, view, world))
                found[join.name] = Seat(explore, join.name, view, rows, world)

    def _base_rows(self, explore: Explore, view: View, world: World) -> Rows:
        if explore.sql_table_name is None:
            return self.rows(view, world, (explore, explore.base_alias))
        return self._override(explore, explore.sql_table_name, view, world)

    def _join_rows(self, explore: Explore, join: Join, view: View, world: World) -> Rows:
        if join.sql_table_name is not None:
            return self._override(explore, join.sql_table_name, view, world)
        clause = next((text for text in join.sql if text.parameter == "sql"), None)
        if clause is None:
            own = view.sql_table_name
            unnests = own is not None and self.is_unnesting(view, world)
            used = (explore, join.name)
            return self._override(explore, own, view, world) if own is not None and unnests else self.rows(view, world, used)
        if not clause.value.strip():
            return NoRows("no-table", view.id)
        rows = self._clause_rows(explore, join, clause, view, world)
        return rows if rows is not None else self.rows(view, world)

    def is_unnesting(self, view: View, world: World) -> bool:
        """Tell whether a view's ``sql_table_name`` unnests a column of whatever stands before it in an explore."""
        if view.sql_table_name is None or "(" not in view.sql_table_name.value:
            return False
        selects = (
            part.statement.selects[part.statement.result] for part in self.table_parts(view, world) if part.statement.result >= 0
        )
        return any(isinstance(source, ElementSource) for select in selects for source in select.sources)

    def unnested_texts(self, explore: Explore, join: Join) -> list[Text]:
        """The ``sql_table_name`` of a join, or of its view, if it unnests a column of the explore."""
        view = self.lookup.views.get(join.view or "")
        own = view.sql_table_name if view is not None and join.join_sql is None else None
        text = join.sql_table_name or own
        if text is None or view is None or "(" not in text.value:
            return []
        found = parts([(text, self.read(text, "table", view, self.worlds[explore.model]))])
        selects = (part.statement.selects[part.statement.result] for part in found if part.statement.result >= 0)
        return [text] if any(isinstance(source, ElementSource) for select in selects for source in select.sources) else []

    def _override(self, explore: Explore, text: Text, view: View, world: World) -> Rows:
        """A table that holds for this use of the view only (R4.5)."""
        seat = self._outside(explore, view, world)
        found = list(parts([(text, self.read(text, "table", view, world))]))
        variants: list[tuple[tuple[str, ...], Rows]] = []
        for part in found:
            resolver = self.resolver(seat, part, deep=True)
            [first, *more] = part.statement.selects[part.statement.result].sources or (None,)
            whole = first is not None and not more
            variants.append(
                (
                    part.conditions,
                    resolver.source(part.statement.result, 0) if whole else ScopeRows(resolver, part.statement.result),
                )
            )
        return one_of(variants)

    def _clause_rows(self, explore: Explore, join: Join, clause: Text, view: View, world: World) -> Rows | None:
        """The rows under a join's alias where its ``sql`` replaces the JOIN clause (R6.8); None if it names no such alias."""
        seat = self._outside(explore, view, world)
        variants: list[tuple[tuple[str, ...], Rows]] = []
        for part in parts([(clause, self.read(clause, "join", view, world))]):
            sources = part.statement.selects[part.statement.result].sources
            resolver = self.resolver(seat, part, deep=True)
            aliases = [source.alias for source in sources]
            wanted = next((name for name in (join.name.lower(), view.name.lower()) if name in aliases[1:]), None)
            at = aliases.index(wanted) if wanted is not None else 1
            if at < len(sources):
                variants.append((part.conditions, resolver.source(part.statement.result, at)))
        return one_of(variants) if variants else None

    def clause_aliases(self, explore: Explore) -> dict[str, Rows]:
        """The aliases that SQL in place of JOIN clauses declares beside those of the joins (R6.8)."""
        found = self._clause_aliases.get(explore.id)
        if found is None:
            found = self._clause_aliases[explore.id] = {}
            for join in explore.joins:
                clause = next((text for text in join.sql if text.parameter == "sql" and text.value.strip()), None)
                seat = self._explore_seat(explore) if clause is not None else None
                if clause is not None and seat is not None:
                    self._add_clause_aliases(seat, clause, found)
        return found

    def _add_clause_aliases(self, seat: Seat, clause: Text, found: dict[str, Rows]) -> None:
        for part in parts([(clause, self.read(clause, "join", seat.view, seat.world))]):
            resolver = self.resolver(seat, part, deep=True)
            for at, source in enumerate(part.statement.selects[part.statement.result].sources):
                if at and source.alias:
                    found.setdefault(source.alias, resolver.source(part.statement.result, at))

    def seats_of(self, view: View) -> list[Seat]:
        """Every seat of a view, in the order of explores; for one that no explore uses, the view on its own in every world."""
        if not self._users:
            for explore in self.project.explores:
                for seat in self.seats(explore).values():
                    self._users.setdefault(seat.view.id, []).append(seat)
        return self._users.get(view.id) or [
            Seat(None, view.name, view, self.rows(view, self.worlds[name]), self.worlds[name]) for name in view.models or ("",)
        ]

    def is_used(self, view: View) -> bool:
        """Tell whether some explore uses a view."""
        return self.seats_of(view)[0].explore is not None

    @staticmethod
    def reads_own_table(seat: Seat) -> bool:
        """Tell whether a seat's rows are those of the view's own table, and not of another that the explore or join gives it."""
        explore = seat.explore
        if explore is None:
            return True
        if seat.alias == explore.base_alias:
            return explore.sql_table_name is None
        join = next(join for join in explore.joins if join.name == seat.alias)
        return join.sql_table_name is None and join.join_sql is None

    def _outside(self, explore: Explore, view: View, world: World) -> Seat:
        """A seat for SQL of the explore itself, that has no ``${TABLE}``."""
        return Seat(explore, "", view, NoRows("unknown-view", "${TABLE}"), world)

    # -- finding -------------------------------------------------------------------------------------------------------

    def resolver(self, seat: Seat, part: Part, *, deep: bool) -> Resolver:
        """A statement that stands in a seat."""

        def alias(name: str, is_alone: bool) -> Rows | None:
            if is_alone and not seat.alias:  # in SQL of an explore a bare name is a column
                return None
            if name == seat.alias.lower() or (seat.explore is None and name == seat.view.name.lower()):
                return seat.rows
            if seat.explore is None:
                return None
            other = self.seats(seat.explore).get(name)
            return other.rows if other is not None else self.clause_aliases(seat.explore).get(name)

        base = self.seats(seat.explore).get(seat.explore.base_alias) if seat.explore is not None and not seat.alias else None
        outer = base.rows if base is not None else None
        return Resolver(part.statement, self.finder(seat), self.field_finder(seat, deep=deep), alias, outer)

    def finder(self, seat: Seat):  # type: ignore[no-untyped-def]
        """How tables are found for SQL in a seat."""

        def find(read: TableRead) -> Rows:
            if read.kind == "own":
                return seat.rows
            if read.kind == "view":
                view = self.lookup.view(seat.world.name, read.parts[0])
                if view is not None:
                    return self.rows(view, seat.world)
                return NoRows("missing-import" if seat.world.lacks_imports else "unknown-view", read.parts[0])
            if read.kind == "built":
                return NoRows("circular", read.written)
            if read.parts == (BASE,):
                return JoinedRows(list(self.seats(seat.explore).values()) if seat.explore is not None else [])
            return self.table_rows(seat.world.table_id(read.parts))

        return find

    def field_finder(self, seat: Seat, *, deep: bool):  # type: ignore[no-untyped-def]
        """How fields are found for SQL in a seat.

        Args:
            seat: where the SQL stands.
            deep: go on down to the warehouse; otherwise the field itself is the answer.
        """

        def find(use: FieldUse) -> Trace:
            return self.field_trace(seat, use.view, use.field, deep=deep)

        return find

    def field_trace(self, seat: Seat, alias: str | None, name: str, *, deep: bool = False) -> Trace:
        """What a reference to a field in a seat means."""
        target, exact = self.target(seat, alias)
        if target is None:
            written = f"{alias}.{name}"
            incomplete = seat.world.lacks_imports and (seat.explore is None or self.may_be_imported(seat.explore, alias or ""))
            return gap("missing-import" if incomplete else "unknown-view", written)
        field = self.field(target.view, name)
        if field is None:
            complete = target.view.complete
            return gap("unknown-field" if complete else "missing-import", f"{target.view.name}.{name}")
        if not deep:
            return Trace(fields=frozenset((FieldOrigin(target.view.id, field.name, exact),)))
        trace = self.deep_field(target, field)
        return trace if exact else trace.inferred()

    def target(self, seat: Seat, alias: str | None) -> tuple[Seat | None, bool]:
        """The seat that a scoped reference means, and whether that is sure."""
        if alias is None or alias == seat.alias:
            return seat, True
        if seat.explore is not None:
            other = self.seats(seat.explore).get(alias)
            if other is not None:
                return other, True
            return (seat, False) if alias == seat.view.name else (None, False)
        if alias == seat.view.name:
            return seat, True
        view = self.lookup.view(seat.world.name, alias)
        return (Seat(None, alias, view, self.rows(view, seat.world), seat.world), False) if view is not None else (None, False)

    def field(self, view: View, name: str) -> Field | None:
        """The field that a name means, also a timeframe that its group does not list (R4.9)."""
        found = self.lookup.names_by_view[view.id].get(name)
        if found is not None:
            return found
        for field in view.fields:
            if is_generated_by(field, name) or (field.name == name and field.kind == "dimension_group"):
                return field
        return next((field for field in view.fields if any(old.rpartition(".")[2] == name for old in field.alias)), None)

    def declared(self, view: str) -> Mapping[str, Field]:
        """The fields of a view by their declared names; the view by its id."""
        found = self._declared.get(view)
        if found is None:
            found = self._declared[view] = {field.name: field for field in self.lookup.views[view].fields}
        return found

    # -- fields --------------------------------------------------------------------------------------------------------

    def reads(self, seat: Seat, field: Field, *, deep: bool = False) -> Iterator[Read]:
        """What each parameter of a field reads: columns and other fields; with `deep` the columns that those read."""
        for text in field.sql:
            yield Read("reads", text.span, self.text_trace(seat, text, deep=deep))
        if not field.sql:
            path = default_path(field)
            if not seat.view.complete and (path is not None or (field.type == "count" and not seat.view.primary_key)):
                yield Read("reads", field.span, gap(missing(seat.world), f"{seat.view.name}.{field.name}"))
            elif path is not None:
                yield Read("reads", field.span, seat.rows.column(path))
            elif field.kind == "measure" and field.type == "count":  # it counts by the primary key (R4.18)
                for key in seat.view.primary_key:
                    name = key.names[0] if key.names else key.name
                    yield Read("reads", field.span, self.field_trace(seat, None, name, deep=deep))
        for kind, span, scope, name in named_fields(field):
            yield Read(kind, span, self.field_trace(seat, scope, name, deep=deep))

    def field_of_explore(self, explore: Explore, alias: str, name: str, *, deep: bool = False) -> Trace:
        """A field that is named from outside an explore: by a native derived table, a query or a tile."""
        seat = self.seats(explore).get(alias)
        if seat is not None:
            return self.field_trace(seat, None, name, deep=deep)
        incomplete = self.worlds[explore.model].lacks_imports and self.may_be_imported(explore, alias)
        return gap("missing-import" if incomplete else "unknown-view", f"{alias}.{name}")

    @staticmethod
    def may_be_imported(explore: Explore, alias: str) -> bool:
        """Tell whether an alias that sits on no view here may sit on one of an absent import."""
        return not explore.complete or alias == explore.base_alias or any(join.name == alias for join in explore.joins)

    def deep_field(self, seat: Seat, field: Field) -> Trace:
        """The columns that a field reads, through whatever fields."""
        key = (seat.explore.id if seat.explore is not None else seat.world.name, seat.alias, f"{seat.view.id}.{field.name}")
        trace = self._deep.get(key)
        if trace is None:
            self._deep[key] = gap("circular", f"{seat.view.name}.{field.name}")
            trace = self._deep[key] = union(read.trace for read in self.reads(seat, field, deep=True))
        return trace

    def text_trace(self, seat: Seat, text: Text, *, deep: bool) -> Trace:
        """What one SQL parameter in a seat reads."""
        path = plain_column(text.value)
        if path is not None:
            return seat.rows.column(path)
        if not text.value.strip():
            return NOTHING
        read = self.read(text, "field", seat.view, seat.world, seat)
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
            self.field_trace(seat, one.view, one.name, deep=deep) for one in live_references(text.value) if not one.is_table
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
        seats = self.seats(explore)
        some = next(iter(seats.values()), None)
        if some is None:
            return frozenset()
        named = self._scopes_in(text, form, self._outside(explore, some.view, some.world))
        return frozenset(named & seats.keys()) or frozenset((explore.base_alias,))

    def _scopes_in(self, text: Text, form: Form, seat: Seat) -> set[str]:
        found: set[str] = set()
        for part in parts([(text, self.read(text, form, seat.view, seat.world, seat))]):
            for use in uses_in(part.statement):
                if isinstance(use, FieldUse) and use.view is not None:
                    found.add(use.view)
                elif isinstance(use, ColumnUse) and use.source == UNQUALIFIED and len(use.path) > 1:
                    found.add(use.path[0])
        return found

    # -- conditions of explores ----------------------------------------------------------------------------------------

    def always_read(self, explore: Explore) -> list[Read]:
        """What decides which rows an explore has, in every query: its own conditions and access filters (R6.14)."""
        found = self._always.get(explore.id)
        if found is None:
            found = self._always[explore.id] = list(self._always_read(explore))
        return found

    def _always_read(self, explore: Explore) -> Iterator[Read]:
        seat = self._explore_seat(explore)
        if seat is None:
            return
        for text in explore.sql:
            if text.parameter != "sql_preamble":
                yield Read("row_filter", text.span, self.text_trace(seat, text, deep=False))
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
        seat = self._explore_seat(explore)
        if seat is None:
            return
        for text in self.unnested_texts(explore, join):
            yield self._unnesting(seat, text, "table")
        for text in join.sql:
            if text.parameter != "sql":
                yield Read("join_condition", text.span, self.text_trace(seat, text, deep=False))
                continue
            yield self._unnesting(seat, text, "join")
        if join.foreign_key is not None:
            yield Read("join_condition", join.foreign_key.span, self._named(explore, join.foreign_key.name))
            joined = self.seats(explore).get(join.name)
            for key in joined.view.primary_key if joined is not None else ():
                yield Read(
                    "join_condition",
                    join.foreign_key.span,
                    self._named(explore, f"{join.name}.{key.names[0] if key.names else key.name}"),
                )

    def _unnesting(self, seat: Seat, text: Text, form: Form) -> Read:
        """What SQL in the place of a JOIN clause reads: its conditions, and what it unnests."""
        traces: list[tuple[tuple[str, ...], Trace]] = []
        for part in parts([(text, self.read(text, form, seat.view, seat.world))]):
            resolver = self.resolver(seat, part, deep=False)
            sources = part.statement.selects[part.statement.result].sources
            elements = union(resolver.uses(source.uses) for source in sources if isinstance(source, ElementSource))
            traces.append((part.conditions, union((resolver.read_by(part.statement.result), elements))))
        return Read("join_condition", text.span, of_variants(traces))

    def _explore_seat(self, explore: Explore) -> Seat | None:
        seats = self.seats(explore)
        some = seats.get(explore.base_alias) or next(iter(seats.values()), None)
        return self._outside(explore, some.view, some.world) if some is not None else None

    def _named(self, explore: Explore, name: str) -> Trace:
        alias, _, field = name.rpartition(".")
        return self.field_of_explore(explore, alias or explore.base_alias, field)


class JoinedRows:
    """What an explore has joined before a clause of its own: any of its views, most likely the base.

    Args:
        seats: of the explore, the base first.
    """

    names: tuple[str, ...] | None = None
    tables: frozenset[str] = frozenset()

    def __init__(self, seats: list[Seat]) -> None:
        self._seats = seats

    def column(self, path: tuple[str, ...]) -> Trace:
        if not path or not self._seats:
            return gap("whole-row", "the explore")
        known = [seat for seat in self._seats[1:] if seat.rows.has(path[0])]
        seat = known[0] if known and not self._seats[0].rows.has(path[0]) else self._seats[0]
        return seat.rows.column(path).inferred()

    def has(self, name: str) -> bool | None:
        return True if self._seats and self._seats[0].rows.has(name) else None

    def likely(self, name: str) -> bool:
        return bool(self._seats) and self._seats[0].rows.likely(name)

    def share(self, _name: str) -> tuple[int, int]:
        return 0, 0

    def unlikely(self, _name: str) -> bool:
        return False


class _LateRows:
    """Rows that are made when somebody asks: explores may be circles that nobody walks (R5.9)."""

    def __init__(self, make) -> None:  # type: ignore[no-untyped-def]
        self._make = make
        self._made: Rows | None = None

    @property
    def rows(self) -> Rows:
        if self._made is None:
            self._made = NoRows("circular", "")  # stays only while it is made
            self._made = self._make()
        return self._made

    def column(self, path: tuple[str, ...]) -> Trace:
        return self.rows.column(path)

    def has(self, name: str) -> bool | None:
        return self.rows.has(name)

    def likely(self, name: str) -> bool:
        return self.rows.likely(name)

    def share(self, name: str) -> tuple[int, int]:
        return self.rows.share(name)

    def unlikely(self, name: str) -> bool:
        return self.rows.unlikely(name)

    @property
    def names(self) -> tuple[str, ...] | None:
        return self.rows.names

    @property
    def tables(self) -> frozenset[str]:
        return self.rows.tables


def missing(world: World) -> str:
    """Why something that is not here is not: in an absent import, or nowhere."""
    return "missing-import" if world.lacks_imports else "unknown-view"


def asks_for_surroundings(sql: str) -> bool:
    """Tell whether a text's Liquid asks under which model, explore or alias it is used (R10.11)."""
    return "._name" in sql and _SURROUNDINGS.search(sql) is not None


def table_texts(view: View) -> list[tuple[Text, Form]]:
    """The SQL parameters that say what a view's rows are."""
    derived = view.derived_table
    if derived is not None:
        texts = (derived.sql,) if derived.sql is not None else derived.statements
        return [(text, "query") for text in texts]
    return [(view.sql_table_name, "table")] if view.sql_table_name is not None else []


def default_path(field: Field) -> tuple[str, ...] | None:
    """The column of a field without SQL (R4.23); None for a kind that has none."""
    if field.kind in _NO_SQL or (field.kind == "measure" and field.type in _COUNTS):
        return None
    if any(key == "case" for key, _ in field.properties) or field.expressions or field.type in ("distance", "location"):
        return None
    return (field.name.lower(),)


def plain_columns(view: View) -> Iterator[str]:
    """The columns of its table that a view's fields are, without any SQL around them."""
    for field in view.fields:
        for text in field.sql:
            path = plain_column(text.value)
            if path is not None:
                yield path[0]
        path = default_path(field) if not field.sql else None
        if path is not None:
            yield path[0]


def named_fields(field: Field) -> Iterator[tuple[EdgeKind, Span, str | None, str]]:
    """Fields that a field reads by name, outside SQL (R4.19, R4.21, R14.3): how, where, alias or None for its own, and name."""
    for reference in field.references:
        if reference.parameter in _NAMING:
            scope, _, name = reference.name.rpartition(".")
            yield "reads", reference.span, scope or None, name
    for text in field.expressions:
        for written in expression_fields(text.value):
            scope, _, name = written.rpartition(".")
            yield "reads", text.span, scope or None, name
    for term in field.filters:
        scope, _, name = term.field.rpartition(".")
        if name and "{" not in term.field:
            yield "filter", term.span, scope or None, name
