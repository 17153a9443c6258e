"""The rows of every view by its own table (R4.1-R4.5, R5): a warehouse table, a derived table, or none."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from dagster_lookml.lineage.rows import CIRCULAR_ROWS, InferredRows, ModelledRows, NoRows, Rows, TableRows, inner_rows
from dagster_lookml.lineage.script_rows import ScriptRows
from dagster_lookml.lineage.seats import Seat, incomplete, missing
from dagster_lookml.lineage.tables import joined_tables, lacking_tables, named_columns
from dagster_lookml.lineage.trace import Trace, union
from dagster_lookml.lineage.view_rows import NativeRows, Part, parts, table_rows
from dagster_lookml.lineage.worlds import World
from dagster_lookml.lineage.written import (
    asked_fields,
    asks_for_surroundings,
    asks_where_used,
    modelled_fields,
    plain_columns,
    table_texts,
)
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import AnalyticModel, Explore, Text, View
from dagster_lookml.semantic.quoting import explore_id
from dagster_lookml.sql.dialects import table_part
from dagster_lookml.sql.reading import Form
from dagster_lookml.sql.statement import ElementSource, TableRead
from dagster_lookml.sql.texts import ReadText, has_liquid

if TYPE_CHECKING:
    from dagster_lookml.lineage.tracing import Tracer


class ViewTables:
    """What each view reads; each is made once.

    Args:
        tracer: of the project.

    Attributes:
        written: the names of warehouse tables as they stand in the SQL, by id.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self.written: dict[str, str] = {}
        self._tables: dict[str, TableRows] = {}
        self._view_rows: dict[tuple[str, str], Rows] = {}
        self._queried: set[str] = set()
        self._extended: set[str] = set()
        self._modelled: dict[tuple[str, str], frozenset[str]] = {}

    def table_rows(self, table: str, written: str) -> Rows:
        """The rows of a warehouse table.

        Args:
            table: its id.
            written: its name as it stands in the SQL; of several ways to write it the first in order is kept.
        """
        self.written[table] = min(written, self.written.get(table, written))
        rows = self._tables.get(table)
        if rows is None:
            rows = self._tables[table] = TableRows(table, self._tracer.columns)
        return rows

    def world_of(self, view: View) -> World:
        """The world of the first model that sees a view."""
        return self._tracer.worlds[view.models[0] if view.models else ""]

    def context(self, view: View, world: World) -> str:
        """What the rows of a view depend on beside the view: its connection, or the whole model where it names other objects."""
        derived = view.derived_table
        written = view.sql_table_name.value if view.sql_table_name is not None else ""
        if (derived is not None and derived.explore_source is not None) or view.analytic_model is not None:
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
        asks = used is not None and asks_where_used(view)
        key = (view.id, f"{used[0].id} {used[1]}" if used is not None and asks else self.context(view, world))
        find = partial(self._rows, view, world, used if asks else None)
        return self._tracer.questions.answer(self._view_rows, key, find, CIRCULAR_ROWS)

    def _rows(self, view: View, world: World, used: tuple[Explore, str] | None) -> Rows:
        derived = view.derived_table
        seat = _seat(view, world, used)
        if view.analytic_model is not None:
            return ModelledRows(view.id, partial(self._modelled_tables, view, view.analytic_model, world))
        if derived is not None and derived.explore_source is not None:
            return self._native_rows(view, world)
        if derived is not None:
            found = list(self.table_parts(view, world, seat))
            if not found:
                return NoRows("unread-sql", view.id)
            return ScriptRows(
                found, self._tracer.questions, self._tracer.fields.finder(seat), self._tracer.fields.field_finder(seat, deep=True)
            )
        if view.sql_table_name is not None:
            return table_rows(
                list(self.table_parts(view, world, seat)),
                self._tracer.questions,
                self._tracer.fields.finder(seat),
                self._tracer.fields.field_finder(seat, deep=True),
            )
        if not view.complete:  # the table may be that of a parent which is not here
            return NoRows(incomplete(world), view.id)
        if view.kind == "nested" or self.is_template(view):  # a template has no table: its children have theirs (R7.5)
            return NoRows("no-table", view.id)
        rows = self.table_rows(world.table_id((table_part(view.name, quoted=False, dialect=world.dialect.name),)), view.name)
        return rows if view.id in self._queried else InferredRows(rows)

    def table_parts(self, view: View, world: World, seat: Seat | None = None) -> Iterator[Part]:
        """The statements of a view's ``sql_table_name`` or derived table."""
        return parts([(text, self.read(text, form, view, world, seat)) for text, form in table_texts(view)])

    def named(self, view: View, world: World, seat: Seat | None = None) -> Iterator[tuple[Part, TableRead]]:
        """The tables that these statements name, without those that an earlier one of them makes."""
        rows = inner_rows(self.rows(view, world, seat.use if seat is not None else None))
        for part in self.table_parts(view, world, seat):
            for read in part.statement.tables:
                if not (isinstance(rows, ScriptRows) and rows.is_temporary(read)):
                    yield part, read

    def read(self, text: Text, form: Form, view: View | None, world: World, seat: Seat | None = None) -> ReadText:
        """Read an SQL parameter of a view, or of an explore."""
        sql = text.value
        known = world.known(view)
        if has_liquid(sql) and asks_for_surroundings(sql) and seat is not None and seat.explore is not None:
            known = world.known(view, seat.explore.name, seat.alias)
        return self._tracer.texts.read(sql, form, world.dialect.name, known)

    def _native_rows(self, view: View, world: World) -> Rows:
        assert view.derived_table is not None
        query = view.derived_table.explore_source
        assert query is not None
        explore = self._tracer.lookup.explores.get(explore_id(world.name, query.explore))
        if explore is None:
            return NoRows(missing(world), f"explore {query.explore}")

        def field(alias: str, name: str) -> Trace:
            return self._tracer.fields.field_of_explore(explore, alias or explore.base_alias, name)

        def derived(rows: NativeRows, text: Text) -> Trace:
            own = Seat(None, view.name, view, rows, world)
            return union(
                self._tracer.fields.resolver(own, part, deep=False).column(part.statement.result, ())
                for part in parts([(text, self.read(text, "field", view, world))])
            )

        def below() -> frozenset[str]:
            seats = self._tracer.seating.seats(explore)
            aliases = self._tracer.needs(explore).aliases(asked_fields(query, explore))
            return frozenset[str]().union(*(seats[alias].rows.tables for alias in aliases if alias in seats))

        return NativeRows(query, self._tracer.questions, field, derived, below)

    def _modelled_tables(self, view: View, model: AnalyticModel, world: World) -> frozenset[str]:
        """The tables that a derived analytic model is made from."""

        def find() -> frozenset[str]:
            rows = [seat.rows for seat in self.modelled_seats(model, world)]
            rows += [self._tracer.fields.finder(_seat(view, world))(read) for _, read in self.named(view, world)]
            return frozenset[str]().union(*(one.tables for one in rows))

        return self._tracer.questions.answer(self._modelled, (view.id, world.name), find, again=frozenset())

    def modelled_seats(self, model: AnalyticModel, world: World) -> list[Seat]:
        """The views of the explore that a derived analytic model is made from, with what their joins need (R6.13)."""
        name = model.explore.name if model.explore is not None else ""
        explore = self._tracer.lookup.explores.get(explore_id(world.name, name))
        if explore is None:
            return []
        seats = self._tracer.seating.seats(explore)
        aliases = self._tracer.needs(explore).aliases(modelled_fields(model, explore))
        return [seats[alias] for alias in sorted(aliases) if alias in seats]

    def is_unnesting(self, view: View, world: World) -> bool:
        """Tell whether a view's ``sql_table_name`` unnests a column of whatever stands before it in an explore."""
        if view.sql_table_name is None or "(" not in view.sql_table_name.value:
            return False
        selects = (
            part.statement.selects[part.statement.result] for part in self.table_parts(view, world) if part.statement.result >= 0
        )
        return any(isinstance(source, ElementSource) for select in selects for source in select.sources)

    def is_template(self, view: View) -> bool:
        """Tell whether a view exists to be extended: it says so, or it has no table and nothing but other views uses it."""
        has_table = any(one is not None for one in (view.sql_table_name, view.derived_table, view.analytic_model))
        return view.kind == "abstract" or (not has_table and view.id in self._extended and view.id not in self._queried)

    def _parents(self, view: View) -> Iterator[str]:
        for name in view.extends:
            parent = self._tracer.lookup.view(view.models[0] if view.models else "", name)
            if parent is not None:
                yield parent.id

    def learn(self) -> None:
        """Note every column that the project names surely, before anything is traced, so that no order matters."""
        for view in self._tracer.project.views:
            world = self.world_of(view)
            for part in self.table_parts(view, world):
                for table, column in named_columns(part.statement, world.table_id):
                    self._tracer.columns.learn(table, column)
                for table, column in lacking_tables(part.statement, world.table_id):
                    self._tracer.columns.lack(table, column)
                for tables, names in joined_tables(part.statement, world.table_id):
                    self._tracer.columns.see(tables, names)
                named = (read.parts[0] for read in part.statement.tables if read.kind == "view")
                self._queried.update(
                    other.id for name in named if (other := self._tracer.lookup.view(world.name, name)) is not None
                )
        for explore in self._tracer.project.explores:
            self._queried.update(identity for identity in aliases(explore).values() if identity is not None)
        for view in self._tracer.project.views:
            self._extended.update(self._parents(view))
        for view in self._tracer.project.views:
            rows = inner_rows(self.rows(view, self.world_of(view))) if view.derived_table is None else None
            if isinstance(rows, TableRows) and (view.sql_table_name is not None or view.id in self._queried):
                self._tracer.columns.describe(rows.table, plain_columns(view))


def _seat(view: View, world: World, used: tuple[Explore, str] | None = None) -> Seat:
    """Where the SQL of a view's own table stands: whoever asks for its columns there goes in a circle."""
    return Seat(used[0] if used else None, used[1] if used else view.name, view, NoRows("circular", view.id), world)
