"""Which queries of an explore one of its aggregate tables can answer (R5.20)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagster_lookml.lineage.written import aggregated_fields
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import AggregateTable, Explore, Field, Lookup
from dagster_lookml.semantic.references import live_references


class Aggregated:
    """Tells whether an aggregate table has all that a query names.

    It has what can be made of its own fields too: a timeframe of another one, and a measure of other measures.

    Args:
        table: the aggregate table.
        explore: that has it.
        lookup: finds its views.
    """

    def __init__(self, table: AggregateTable, explore: Explore, lookup: Lookup) -> None:
        self._views = {alias: lookup.names_by_view.get(view or "", {}) for alias, view in aliases(explore).items()}
        self._base = explore.base_alias
        names = aggregated_fields(table.query, explore) if table.query is not None else []
        self._has = {self._field(name) for name in names}

    def answers(self, names: Iterable[str]) -> bool:
        """Whether it may answer a query.

        Args:
            names: that the query names, as ``alias.field``; one that is no field of the explore is made of those that are.
        """
        return all(map(self._is_had, {found for name in names if (found := self._field(name))[1] is not None}))

    def _is_had(self, asked: tuple[str, str | None]) -> bool:
        waiting, seen = [asked], {asked}
        while waiting:
            one = waiting.pop()
            if one in self._has:
                continue
            made_of = list(self._made_of(*one))
            if not made_of:
                return False
            waiting += [other for other in made_of if other not in seen]
            seen.update(made_of)
        return True

    def _made_of(self, alias: str, own: str | None) -> Iterator[tuple[str, str | None]]:
        """The fields that a measure of other measures names."""
        field = self._views[alias].get(own or "")
        if field is not None and field.kind == "measure" and field.type == "number":
            for text in field.sql:
                yield from (self._field(f"{one.view or alias}.{one.name}") for one in live_references(text.value))

    def _field(self, name: str) -> tuple[str, str | None]:
        """The alias and the own name of a field, which all timeframes of a dimension group have; None of what is no field."""
        alias, _, written = name.rpartition(".")
        alias = alias or self._base
        field: Field | None = self._views.get(alias, {}).get(written)
        return alias, field.own_name if field is not None else None
