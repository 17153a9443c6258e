"""Which view sits under which alias of an explore, and with which rows (R6.1-R6.8, R14.2, R14.3)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dagster_lookml.lineage.rows import NoRows, Rows
from dagster_lookml.lineage.seats import LateRows, Seat
from dagster_lookml.lineage.source_rows import ScopeRows
from dagster_lookml.lineage.view_rows import one_of, parts
from dagster_lookml.lineage.worlds import World
from dagster_lookml.semantic.field_lists import available_fields
from dagster_lookml.semantic.objects import Explore, Field, Join, Text, View
from dagster_lookml.sql.statement import ElementSource

if TYPE_CHECKING:
    from dagster_lookml.lineage.tracing import Tracer


class Seating:
    """Every view in every seat that it has in an explore.

    Args:
        tracer: of the project.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._seats: dict[str, dict[str, Seat]] = {}
        self._users: dict[str, list[Seat]] = {}
        self._clause_aliases: dict[str, dict[str, Rows]] = {}
        self._offered: dict[str, dict[str, frozenset[str]]] = {}

    def seats(self, explore: Explore) -> dict[str, Seat]:
        """Every view of an explore under its alias."""
        found = self._seats.get(explore.id)
        if found is None:
            found = self._seats[explore.id] = {}
            self._fill_seats(explore, found)
        return found

    def _fill_seats(self, explore: Explore, found: dict[str, Seat]) -> None:
        world = self._tracer.worlds[explore.model]
        views = self._tracer.lookup.views
        if explore.base_view is not None:
            view = views[explore.base_view]
            late = LateRows(partial(self._base_rows, explore, view, world), self._tracer.questions)
            found[explore.base_alias] = Seat(explore, explore.base_alias, view, late, world)
        for join in explore.joins:
            if join.view is not None and join.name not in found:
                view = views[join.view]
                rows = LateRows(partial(self._join_rows, explore, join, view, world), self._tracer.questions)
                found[join.name] = Seat(explore, join.name, view, rows, world)

    def _base_rows(self, explore: Explore, view: View, world: World) -> Rows:
        if explore.sql_table_name is None:
            return self._tracer.tables.rows(view, world, (explore, explore.base_alias))
        return self._override(explore, explore.sql_table_name, view, world)

    def _join_rows(self, explore: Explore, join: Join, view: View, world: World) -> Rows:
        if join.sql_table_name is not None:
            return self._override(explore, join.sql_table_name, view, world)
        clause = next((text for text in join.sql if text.parameter == "sql"), None)
        if clause is None:
            own = view.sql_table_name
            unnests = own is not None and self._tracer.tables.is_unnesting(view, world)
            used = (explore, join.name)
            return (
                self._override(explore, own, view, world)
                if own is not None and unnests
                else self._tracer.tables.rows(view, world, used)
            )
        if not clause.value.strip():
            return NoRows("no-table", view.id)
        rows = self._clause_rows(explore, join, clause, view, world)
        return rows if rows is not None else self._tracer.tables.rows(view, world)

    def unnested_texts(self, explore: Explore, join: Join) -> list[Text]:
        """The ``sql_table_name`` of a join, or of its view, if it unnests a column of the explore."""
        view = self._tracer.lookup.views.get(join.view or "")
        own = view.sql_table_name if view is not None and join.join_sql is None else None
        text = join.sql_table_name or own
        if text is None or view is None or "(" not in text.value:
            return []
        found = parts([(text, self._tracer.tables.read(text, "table", view, self._tracer.worlds[explore.model]))])
        selects = (part.statement.selects[part.statement.result] for part in found if part.statement.result >= 0)
        return [text] if any(isinstance(source, ElementSource) for select in selects for source in select.sources) else []

    def _override(self, explore: Explore, text: Text, view: View, world: World) -> Rows:
        """A table that holds for this use of the view only (R4.5)."""
        seat = self.outside(explore, view, world)
        found = list(parts([(text, self._tracer.tables.read(text, "table", view, world))]))
        variants: list[tuple[tuple[str, ...], Rows]] = []
        for part in found:
            if part.statement.result < 0:
                continue
            resolver = self._tracer.fields.resolver(seat, part, deep=True)
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
        seat = self.outside(explore, view, world)
        variants: list[tuple[tuple[str, ...], Rows]] = []
        for part in parts([(clause, self._tracer.tables.read(clause, "join", view, world))]):
            if part.statement.result < 0:
                continue
            sources = part.statement.selects[part.statement.result].sources
            resolver = self._tracer.fields.resolver(seat, part, deep=True)
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
                seat = self.explore_seat(explore) if clause is not None else None
                if clause is not None and seat is not None:
                    self._add_clause_aliases(seat, clause, found)
        return found

    def _add_clause_aliases(self, seat: Seat, clause: Text, found: dict[str, Rows]) -> None:
        for part in parts([(clause, self._tracer.tables.read(clause, "join", seat.view, seat.world))]):
            if part.statement.result < 0:
                continue
            resolver = self._tracer.fields.resolver(seat, part, deep=True)
            for at, source in enumerate(part.statement.selects[part.statement.result].sources):
                if at and source.alias:
                    found.setdefault(source.alias, resolver.source(part.statement.result, at))

    def seats_of(self, view: View) -> list[Seat]:
        """Every seat of a view, in the order of explores; for one that no explore uses, the view on its own in every world."""
        if not self._users:
            for explore in self._tracer.project.explores:
                for seat in self.seats(explore).values():
                    self._users.setdefault(seat.view.id, []).append(seat)
        return self._users.get(view.id) or [
            Seat(None, view.name, view, self._tracer.tables.rows(view, self._tracer.worlds[name]), self._tracer.worlds[name])
            for name in view.models or ("",)
        ]

    def offers(self, seat: Seat, field: Field) -> bool:
        """Tell whether a user can pick a field in a seat (R6.17)."""
        explore = seat.explore
        if explore is None:
            return True
        found = self._offered.get(explore.id)
        if found is None:
            lookup = self._tracer.lookup
            found = self._offered[explore.id] = available_fields(explore, lookup.views, lookup.names_by_view)
        return not found.get(seat.alias, frozenset()).isdisjoint((field.name, *field.names))

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

    def outside(self, explore: Explore, view: View, world: World) -> Seat:
        """A seat for SQL of the explore itself, that has no ``${TABLE}``."""
        return Seat(explore, "", view, NoRows("unknown-view", "${TABLE}"), world)

    def explore_seat(self, explore: Explore) -> Seat | None:
        seats = self.seats(explore)
        some = seats.get(explore.base_alias) or next(iter(seats.values()), None)
        return self.outside(explore, some.view, some.world) if some is not None else None
