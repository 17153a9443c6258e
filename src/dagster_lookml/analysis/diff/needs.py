"""Which joins of an explore a query needs (R6.13)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from dagster_lookml.semantic.dashboards import expression_fields
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import Explore, Join, Lookup, NativeQuery, TileQuery
from dagster_lookml.semantic.references import live_references

_QUERIED: Final = frozenset(
    """based_on based_on_time end_location_field list_field order_by_field required_fields start_location_field""".split()
)
"""Parameters of a field that bring other fields into every query that has it."""
_LIQUID: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_VALUE: Final = re.compile(
    r"""(?<![\w.\[])(?:([A-Za-z]\w*)\.)?([A-Za-z]\w*)\.
        (?:_value|_rendered_value|_linked_value|_filterable_value|_link|_sql)\b""",
    re.VERBOSE,
)


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
        self._joins = {join.name: frozenset(self._of_join(join)) for join in explore.joins}
        self._always = frozenset(self._closed(self._of_every_query()))

    def aliases(self, names: Iterable[str]) -> frozenset[str]:
        """The aliases of the views that a query has to join.

        Args:
            names: the fields that it names, as ``alias.field``.
        """
        found: set[str] = set()
        for name in names:
            found |= self._of_field(*_scoped(name, self._explore.base_alias))
        return frozenset(self._closed(found)) | self._always

    def _closed(self, found: set[str]) -> set[str]:
        waiting = list(found)
        while waiting:
            more = self._joins.get(waiting.pop(), frozenset()) - found
            found |= more
            waiting += more
        return found

    def _of_every_query(self) -> set[str]:
        explore = self._explore
        found = {one.name for one in explore.always_join}
        for text in explore.sql:
            found |= self._aliases_in(text.value, explore.base_alias)
        filtered = (term.field for term in explore.filters if not term.parameter.endswith("unless"))
        for name in (*filtered, *(one.field.name for one in explore.access_filters)):
            found |= self._of_field(*_scoped(name, explore.base_alias))
        return found

    def _of_join(self, join: Join) -> Iterator[str]:
        yield from (one.name for one in join.required_joins)
        for text in join.sql:
            yield from self._aliases_in(text.value, join.name)
        if join.foreign_key is not None:
            yield from self._of_field(*_scoped(join.foreign_key.name, self._explore.base_alias))

    def _of_field(self, alias: str, name: str) -> frozenset[str]:
        """The alias of a field, and those of all fields that its SQL names; without recursion: a chain of fields may be long."""
        waiting = [(alias, name)]
        named: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
        while waiting:
            key = waiting[-1]
            if key not in self._of_fields:
                self._of_fields[key] = frozenset(key[:1])  # where fields name each other in a circle
                named[key] = tuple(dict.fromkeys(self._named(*key)))
                waiting += [one for one in named[key] if one not in self._of_fields]
                continue
            waiting.pop()
            others = named.pop(key, ())
            self._of_fields[key] = self._of_fields[key].union(*(self._of_fields[one] for one in others))
        return self._of_fields[alias, name]

    def _named(self, alias: str, name: str) -> Iterator[tuple[str, str]]:
        """The fields that a field names, each with its alias."""
        field = self._fields.get(alias, {}).get(name)
        if field is None:
            return
        for text in (*field.sql, *field.expressions, *field.templates):
            yield from _in_text(text.value, alias)
        for _, value in field.properties:
            yield from _in_liquid(value, alias)
        queried = (one.name for one in field.references if one.parameter in _QUERIED)
        for name in (*(term.field for term in field.filters), *queried):
            yield _scoped(name, alias)

    def _aliases_in(self, sql: str, alias: str) -> set[str]:
        return {other for one in _in_text(sql, alias) for other in self._of_field(*one)}


def _in_text(text: str, alias: str) -> Iterator[tuple[str, str]]:
    """The fields that SQL or a template reads, each with its alias."""
    yield from ((one.view or alias, one.name) for one in live_references(text) if not one.is_table)
    yield from _in_liquid(text, alias)


def _in_liquid(text: str, alias: str) -> Iterator[tuple[str, str]]:
    """The fields whose values Liquid reads; to ask whether one is in the query brings none into it (R10.5)."""
    if "._" in text:
        for found in _LIQUID.findall(text):
            yield from ((scope or alias, name) for scope, name in _VALUE.findall(found))


def _scoped(name: str, alias: str) -> tuple[str, str]:
    scope, _, field = name.rpartition(".")
    return scope or alias, field


def names_in(query: TileQuery) -> frozenset[str]:
    """Every ``alias.field`` that a query of a tile names."""
    references = (*query.fields, *query.sorts, *query.dynamic, *(target for _, target in query.listen))
    expressions = (name for text in query.expressions for name in expression_fields(text.value))
    return frozenset((*(one.name for one in references), *(term.field for term in query.filters), *expressions))


def names_in_native(query: NativeQuery) -> frozenset[str]:
    """Every field that a native derived table takes from its explore; one without an alias is the base view's (R5.6)."""
    columns = (column.field or column.name for column in query.columns if column.sql is None)
    filtered = (*(term.field for term in query.filters), *(target.name for _, target in query.bind_filters))
    own = {column.name for column in query.columns}
    sorted_by = (one.name for one in query.sorts if one.name not in own)
    named = (name for text in query.expressions for name in expression_fields(text.value))
    return frozenset((*columns, *filtered, *sorted_by, *named))
