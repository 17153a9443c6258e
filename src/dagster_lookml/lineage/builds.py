"""What every table that Looker builds is made from, as each model builds it (R2.24, R5.15, R5.20).

Edges of the graph belong to a view whichever model sees it; a PDT is a table of one model, whose names may mean other views, and
whose connection may have other tables, than those of the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from dagster_lookml.lineage.graph import strongly_connected
from dagster_lookml.lineage.result import Build
from dagster_lookml.lineage.seats import Seat
from dagster_lookml.lineage.tracing import Tracer
from dagster_lookml.lineage.triggers import trigger_texts
from dagster_lookml.lineage.view_rows import parts
from dagster_lookml.lineage.worlds import World
from dagster_lookml.lineage.written import aggregated_fields, asked_fields, asks_where_used, table_texts
from dagster_lookml.semantic.objects import AggregateTable, Explore, Persistence, Text, View
from dagster_lookml.semantic.quoting import explore_id
from dagster_lookml.semantic.references import sql_references
from dagster_lookml.sql.reading import Form
from dagster_lookml.sql.statement import BASE, TableRead
from dagster_lookml.sql.texts import ReadText


class _Kept(NamedTuple):
    """What is read in the warehouse: PDTs and tables, and the temporary and plain views between, with what these read."""

    pdts: tuple[str, ...]
    tables: tuple[str, ...]
    through: Mapping[str, frozenset[str]]

    def circles(self) -> tuple[tuple[str, ...], ...]:
        """The views between that read each other, or themselves: a query that is put into itself has no end."""
        between = {one: reads & self.through.keys() for one, reads in self.through.items()}
        groups = (tuple(sorted(group)) for group in strongly_connected(between))
        return tuple(sorted(group for group in groups if len(group) > 1 or group[0] in between[group[0]]))


class Builds:
    """Finds what is built, and from what.

    Args:
        tracer: of the project.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._reads: dict[tuple[str, str], frozenset[str]] = {}

    def found(self) -> Iterator[Build]:
        """Every PDT of every model, and every aggregate table that is kept."""
        for model in self._tracer.project.models:
            world = self._tracer.worlds[model.name]
            for _, identity in sorted(model.views.items()):
                view = self._tracer.lookup.views[identity]
                if view.is_pdt:
                    assert view.derived_table is not None
                    yield self._build(view.id, "", self._reads_of(view, world), view.derived_table.persistence, view, world)
        for explore in self._tracer.project.explores:
            for table in explore.aggregate_tables:
                if table.name and table.persistence is not None and not explore.extension_required:
                    world = self._tracer.worlds[explore.model]
                    yield self._build(explore.id, table.name, self._aggregated(explore, table), table.persistence, None, world)

    def _build(
        self,
        owner: str,
        name: str,
        reads: Iterable[str],
        persistence: Persistence | None,
        view: View | None,
        world: World,
    ) -> Build:
        assert persistence is not None
        triggers = {one for text in trigger_texts(persistence, world) for one in self._named_in(text, "query", view, world)}
        data, trigger = self._kept(reads, world), self._kept(triggers, world)
        return Build(
            model=world.name,
            owner=owner,
            name=name,
            pdts=data.pdts,
            tables=data.tables,
            trigger_pdts=trigger.pdts,
            trigger_tables=trigger.tables,
            through=tuple(sorted(data.through)),
            circles=data.circles(),
        )

    def _kept(self, start: Iterable[str], world: World) -> _Kept:
        """What some views and tables are in the warehouse."""
        pdts: set[str] = set()
        tables: set[str] = set()
        through: dict[str, frozenset[str]] = {}
        waiting = list(start)
        seen = set(waiting)
        while waiting:
            one = waiting.pop()
            view = self._tracer.lookup.views.get(one)
            if view is None:
                tables.add(one)
            elif view.is_pdt:
                pdts.add(one)
            else:
                through[one] = self._reads_of(view, world)
                waiting += through[one] - seen
                seen |= through[one]
        return _Kept(tuple(sorted(pdts)), tuple(sorted(tables)), through)

    # -- views ---------------------------------------------------------------------------------------------------------

    def _reads_of(self, view: View, world: World) -> frozenset[str]:
        """Ids of the views and tables that a view's own table is made from."""
        key = (view.id, self._tracer.tables.context(view, world))
        found = self._reads.get(key)
        if found is None:
            found = self._reads[key] = frozenset(self._read_by(view, world))
        return found

    def _read_by(self, view: View, world: World) -> Iterator[str]:
        derived = view.derived_table
        if derived is not None and derived.explore_source is not None:
            explore = self._tracer.lookup.explores.get(explore_id(world.name, derived.explore_source.explore))
            if explore is not None:
                yield from self._queried(explore, asked_fields(derived.explore_source, explore), view)
        elif view.analytic_model is None and table_texts(view):
            for seat in self._seats(view, world):
                for text, form in table_texts(view):
                    yield from self._referred(self._tracer.tables.read(text, form, view, world, seat), world)
                for _, read in self._tracer.tables.named(view, world, seat):
                    yield from self._meant(read, world)
        else:
            yield from self._tracer.tables.rows(view, world).tables

    def _seats(self, view: View, world: World) -> list[Seat] | list[None]:
        """Where a view is used, if its SQL asks for that."""
        seating = self._tracer.seating
        if not asks_where_used(view) or not seating.is_used(view):
            return [None]
        return [one for one in seating.seats_of(view) if one.world.name == world.name and seating.reads_own_table(one)]

    def _referred(self, read: ReadText, world: World) -> Iterator[str]:
        """The views that SQL names which cannot be read: Looker needs no grammar to find ``${view.SQL_TABLE_NAME}``."""
        for one in read.variants:
            for reference in sql_references(one.variant.text) if one.reading.fault is not None else ():
                other = self._tracer.lookup.view(world.name, reference.view) if reference.is_table and reference.view else None
                if other is not None:
                    yield other.id

    def _meant(self, read: TableRead, world: World) -> Iterator[str]:
        if read.kind in ("table", "model") and read.parts != (BASE,):
            yield world.table_id(read.parts)
        elif read.kind == "view":
            other = self._tracer.lookup.view(world.name, read.parts[0])
            if other is not None:
                yield other.id

    # -- queries of explores -------------------------------------------------------------------------------------------

    def _aggregated(self, explore: Explore, table: AggregateTable) -> set[str]:
        names = aggregated_fields(table.query, explore) if table.query is not None else []
        return set(self._queried(explore, names, None))

    def _queried(self, explore: Explore, names: list[str], reader: View | None) -> Iterator[str]:
        """What a query of an explore reads (R5.10): the views of its fields, what joins those, and queries inside its SQL.

        Args:
            explore: the explore.
            names: the fields, as ``alias.field``.
            reader: the native derived table, which its own source may join (R5.9); None for an aggregate table.
        """
        world = self._tracer.worlds[explore.model]
        needs, seats = self._tracer.needs(explore), self._tracer.seating.seats(explore)
        aliases = needs.aliases(names)
        for alias in sorted(aliases & seats.keys()):
            seat = seats[alias]
            if reader is None or seat.view.id != reader.id:
                yield from self._seated(seat, world)
        texts: list[tuple[Text, Form, View | None]] = [
            (text, "query" if text.parameter == "sql_preamble" else "field", None) for text in explore.sql
        ]
        texts += [
            (text, "field", None)
            for join in explore.joins
            if join.name in aliases
            for text in join.sql
            if text.parameter != "sql"
        ]
        for alias, name in needs.fields(names):
            view = seats[alias].view if alias in seats else None
            field = self._tracer.fields.field(view, name) if view is not None else None
            texts += [(text, "field", view) for text in field.sql] if field is not None else ()
        for text, form, view in texts:
            yield from self._inside(text, form, view, world)

    def _seated(self, seat: Seat, world: World) -> Iterator[str]:
        """What stands for a view where it is used."""
        explore = seat.explore
        if explore is None or self._tracer.seating.reads_own_table(seat):
            yield seat.view.id
            return
        join = next((join for join in explore.joins if join.name == seat.alias), None)
        text = join.sql_table_name if join is not None else explore.sql_table_name
        if text is not None:
            yield from self._named_in(text, "table", seat.view, world)
        for clause in join.sql if join is not None else ():
            if clause.parameter == "sql":
                yield from self._named_in(clause, "join", seat.view, world)

    def _inside(self, text: Text, form: Form, view: View | None, world: World) -> Iterator[str]:
        """What queries inside an expression read; most have none."""
        if "SQL_TABLE_NAME" in text.value or "select" in text.value.lower():
            yield from self._named_in(text, form, view, world)

    def _named_in(self, text: Text, form: Form, view: View | None, world: World) -> Iterator[str]:
        found = self._tracer.tables.read(text, form, view, world)
        yield from self._referred(found, world)
        for part in parts([(text, found)]):
            for read in part.statement.tables:
                yield from self._meant(read, world)
