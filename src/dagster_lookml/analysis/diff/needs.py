"""Which joins of an explore a query needs (R6.13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagster_lookml.semantic.dashboards import expression_fields
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import Explore, Field, Lookup, NativeQuery, TileQuery
from dagster_lookml.semantic.references import live_references


class Needs:
    """Tells what queries of one explore need.

    Args:
        explore: that is queried.
        lookup: finds its views.
    """

    def __init__(self, explore: Explore, lookup: Lookup) -> None:
        self._explore = explore
        self._fields = {alias: lookup.names_by_view.get(view or "", {}) for alias, view in aliases(explore).items()}
        self._of_fields: dict[tuple[str, str], frozenset[str]] = {}
        self._joins = {join.name: frozenset(self._of_join(join.name)) for join in explore.joins}
        self._always = frozenset(self._closed(self._of_every_query()))

    def aliases(self, names: Iterable[str]) -> frozenset[str]:
        """The aliases of the views that a query has to join.

        Args:
            names: the fields that it names, as ``alias.field``.
        """
        found: set[str] = set()
        for name in names:
            alias, _, field = name.rpartition(".")
            found |= self._of_field(alias or self._explore.base_alias, field)
        return frozenset(self._closed(found)) | self._always

    def _closed(self, found: set[str]) -> set[str]:
        while more := {other for alias in found for other in self._joins.get(alias, ())} - found:
            found |= more
        return found

    def _of_every_query(self) -> set[str]:
        explore = self._explore
        found = {one.name for one in explore.always_join}
        for text in explore.sql:
            found |= self._in_sql(text.value, explore.base_alias)
        for one in explore.access_filters:
            alias, _, field = one.field.name.rpartition(".")
            found |= self._of_field(alias or explore.base_alias, field)
        return found

    def _of_join(self, name: str) -> Iterator[str]:
        join = next(one for one in self._explore.joins if one.name == name)
        yield from (one.name for one in join.required_joins)
        for text in join.sql:
            yield from self._in_sql(text.value, name)
        if join.foreign_key is not None:
            alias, _, field = join.foreign_key.name.rpartition(".")
            yield from self._of_field(alias or self._explore.base_alias, field)

    def _of_field(self, alias: str, name: str) -> frozenset[str]:
        """The alias of a field, and those of all fields that its SQL names."""
        key = (alias, name)
        if key not in self._of_fields:
            self._of_fields[key] = frozenset((alias,))  # where fields name each other in a circle
            field = self._fields.get(alias, {}).get(name)
            found = {alias}
            for text in (*field.sql, *field.expressions) if field is not None else ():
                found |= self._in_sql(text.value, alias)
            for term in _filters(field):
                scope, _, rest = term.rpartition(".")
                found |= self._of_field(scope or alias, rest)
            self._of_fields[key] = frozenset(found)
        return self._of_fields[key]

    def _in_sql(self, sql: str, alias: str) -> set[str]:
        found: set[str] = set()
        for reference in live_references(sql):
            if not reference.is_table:
                found |= self._of_field(reference.view or alias, reference.name)
        return found


def _filters(field: Field | None) -> Iterable[str]:
    return (term.field for term in field.filters) if field is not None else ()


def names_in(query: TileQuery) -> frozenset[str]:
    """Every ``alias.field`` that a query of a tile names."""
    references = (*query.fields, *query.sorts, *query.dynamic, *(target for _, target in query.listen))
    expressions = (name for text in query.expressions for name in expression_fields(text.value))
    return frozenset((*(one.name for one in references), *(term.field for term in query.filters), *expressions))


def names_in_native(query: NativeQuery) -> frozenset[str]:
    """Every field that a native derived table takes from its explore; one without an alias is the base view's (R5.6)."""
    columns = (column.field or column.name for column in query.columns if column.sql is None)
    return frozenset((*columns, *(term.field for term in query.filters), *(target.name for target, _ in query.bind_filters)))
