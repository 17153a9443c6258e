"""Which joins a query of an explore needs for the fields that it names (R6.11-R6.13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dagster_lookml.lineage.seats import Seat
from dagster_lookml.lineage.view_rows import parts
from dagster_lookml.lineage.written import named_fields, needed_fields, shown_texts
from dagster_lookml.semantic.objects import Explore, Field, Join, Text
from dagster_lookml.sql.liquid_names import VALUES, liquid_names
from dagster_lookml.sql.reading import Form, plain_column
from dagster_lookml.sql.statement import UNQUALIFIED, ColumnUse, FieldUse, Use, uses_in

if TYPE_CHECKING:
    from dagster_lookml.lineage.tracing import Tracer


class Needs:
    """Tells, for one explore, which aliases stand in the query for some fields.

    Args:
        tracer: of the project.
        explore: the explore.
    """

    def __init__(self, tracer: Tracer, explore: Explore) -> None:
        self._tracer = tracer
        self._seats = tracer.seating.seats(explore)
        self._explore = explore
        self._joins = {join.name: join for join in explore.joins}
        self._of_join: dict[str, frozenset[str]] = {}
        self._of_field: dict[tuple[str, str], frozenset[str]] = {}

    @property
    def always(self) -> frozenset[str]:
        """The aliases that every query has: the base, and what ``always_join`` and the conditions of the explore bring."""
        named = {self._explore.base_alias, *(reference.name for reference in self._explore.always_join)}
        for text in self._explore.sql:
            named |= self._aliases_in(text, "field")
        for one in self._explore.access_filters:
            named.add(one.field.name.rpartition(".")[0] or self._explore.base_alias)
        for term in self._explore.filters:
            if not term.parameter.endswith("unless"):
                named.add(term.field.rpartition(".")[0] or self._explore.base_alias)
        return self.closed(named)

    def aliases(self, names: Iterable[str]) -> frozenset[str]:
        """The aliases that a query for some fields needs.

        Args:
            names: as ``alias.field``.
        """
        found: set[str] = set()
        for name in names:
            alias, _, field = name.rpartition(".")
            found |= self.of_field(alias, field)
        return self.closed(found) | self.always

    def shown(self, names: Iterable[str]) -> list[str]:
        """Fields with those that a query of a tile has because it shows these: in their html, by order, or as required.

        Args:
            names: as for `aliases`.
        """
        found: dict[str, None] = {}
        for written in names:
            found[written] = None
            alias, _, name = written.rpartition(".")
            seat = self._seats.get(alias)
            field = self._tracer.fields.field(seat.view, name) if seat is not None else None
            for scope, other in _shown_with(field) if field is not None else ():
                found[f"{scope or alias}.{other}"] = None
        return list(found)

    def fields(self, names: Iterable[str]) -> frozenset[tuple[str, str]]:
        """All fields, each with its alias, whose SQL is in a query for some fields: those, what they name, and what joins name.

        Args:
            names: as for `aliases`.
        """
        aliases = self.aliases(names)
        texts = [text for join in self._explore.joins if join.name in aliases for text in join.sql]
        named = [(alias, field) for alias, _, field in (name.rpartition(".") for name in names)]
        for text in (*self._explore.sql, *texts):
            form: Form = "join" if text.parameter == "sql" else "field"
            uses = (use for use in self._uses(text, form, None) if isinstance(use, FieldUse))
            named += [(use.view or self._explore.base_alias, use.field) for use in uses]
        found = dict.fromkeys(named)
        waiting = list(found)
        while waiting:
            more = [one for one in self._references(*waiting.pop()) if one not in found]
            found.update(dict.fromkeys(more))
            waiting += more
        return frozenset(found)

    def closed(self, aliases: Iterable[str]) -> frozenset[str]:
        """Aliases with all those that their joins need."""
        found: set[str] = set()
        waiting = [alias for alias in aliases if alias == self._explore.base_alias or alias in self._joins]
        while waiting:
            alias = waiting.pop()
            if alias not in found:
                found.add(alias)
                waiting += self.of_join(alias)
        return frozenset(found)

    def of_join(self, alias: str) -> frozenset[str]:
        """The aliases that one join names: in its conditions, its foreign key and its ``required_joins``."""
        if alias not in self._of_join:
            join = self._joins.get(alias)
            self._of_join[alias] = frozenset(self._named_by(join)) if join is not None else frozenset()
        return self._of_join[alias]

    def _named_by(self, join: Join) -> Iterator[str]:
        for text in join.sql:
            yield from self._aliases_in(text, "join" if text.parameter == "sql" else "field")
        for text in self._tracer.seating.unnested_texts(self._explore, join):
            yield from self._aliases_in(text, "table")
        if join.foreign_key is not None:
            yield join.foreign_key.name.rpartition(".")[0] or self._explore.base_alias
        yield from (reference.name for reference in join.required_joins)

    def of_field(self, alias: str, name: str) -> frozenset[str]:
        """The aliases that a field's SQL reaches, its own first, through whatever fields."""
        key = (alias, name)
        if key not in self._of_field:
            found: set[str] = set()
            seen, waiting = {key}, [key]
            while waiting:
                one = waiting.pop()
                if one in self._of_field:
                    found |= self._of_field[one]
                    continue
                found.add(one[0])
                waiting += dict.fromkeys(other for other in self._references(*one) if other not in seen)
                seen.update(waiting)
            self._of_field[key] = frozenset(found)
        return self._of_field[key]

    def _references(self, alias: str, name: str) -> Iterator[tuple[str, str]]:
        """The fields that a field names, each with its alias."""
        seat = self._seats.get(alias)
        field = self._tracer.fields.field(seat.view, name) if seat is not None else None
        if seat is None or field is None:
            return
        for _, _, scope, name in named_fields(field):
            yield scope or seat.alias, name
        for text in field.sql:
            if plain_column(text.value) is None and ("${" in text.value or "._sql" in text.value):  # R10.5
                for use in self._uses(text, "field", seat):
                    if isinstance(use, FieldUse):
                        yield use.view or seat.alias, use.field

    def _aliases_in(self, text: Text, form: Form) -> set[str]:
        found: set[str] = set()
        for use in self._uses(text, form, None):
            if isinstance(use, FieldUse):
                found |= self.of_field(use.view or self._explore.base_alias, use.field)
            elif isinstance(use, ColumnUse) and use.source == UNQUALIFIED and len(use.path) > 1 and use.path[0] in self._seats:
                found.add(use.path[0])
        return found

    def _uses(self, text: Text, form: Form, seat: Seat | None) -> Iterator[Use]:
        world = self._tracer.worlds[self._explore.model]
        read = self._tracer.tables.read(text, form, seat.view if seat is not None else None, world, seat)
        for part in parts([(text, read)]):
            yield from uses_in(part.statement)


def _shown_with(field: Field) -> Iterator[tuple[str | None, str]]:
    """The fields that a query has because it has another: their values are shown, or they are required, or sorted by."""
    for text in shown_texts(field):
        yield from ((one.scope, one.name) for one in liquid_names(text.value) if one.asked in VALUES)
    for _, _, scope, name in needed_fields(field):
        yield scope, name
