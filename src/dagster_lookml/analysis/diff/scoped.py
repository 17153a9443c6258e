"""Queries of an explore with the alias of its base view before each field that is named without one: both mean the same."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from dagster_lookml.semantic.objects import Explore, FilterTerm, Lookup, NativeColumn, NativeQuery, Query, Reference, View
from dagster_lookml.semantic.quoting import explore_id


def sources_of(view: View, lookup: Lookup) -> Iterator[Explore]:
    """The explore that a native derived table is a query of, in each model that has it (R5.14)."""
    query = view.native_query
    found = (lookup.explores.get(explore_id(model, query.explore)) for model in view.models) if query is not None else ()
    return (one for one in found if one is not None)


def source_of(view: View, lookup: Lookup) -> Explore | None:
    """The explore that a native derived table is a query of, in the first model that has it."""
    return next(sources_of(view, lookup), None)


def scoped_view(view: View, lookup: Lookup) -> View:
    """A view whose native derived table names every field with its alias (R5.6).

    Args:
        view: of any kind.
        lookup: finds the explore.
    """
    table, explore = view.derived_table, source_of(view, lookup)
    if explore is None or table is None or table.explore_source is None:
        return view
    query = _native(table.explore_source, explore.base_alias)
    return msgspec.structs.replace(view, derived_table=msgspec.structs.replace(table, explore_source=query))


def scoped_explore(explore: Explore) -> Explore:
    """An explore whose filters and aggregate tables name every field with its alias (R5.20, R6.14).

    Args:
        explore: compiled.
    """
    alias = explore.base_alias
    tables = tuple(
        msgspec.structs.replace(table, query=_asked(table.query, alias)) if table.query is not None else table
        for table in explore.aggregate_tables
    )
    filters = tuple(_term(term, alias) for term in explore.filters)
    return msgspec.structs.replace(explore, filters=filters, aggregate_tables=tables)


def _native(query: NativeQuery, alias: str) -> NativeQuery:
    own = {column.name for column in query.columns}
    return msgspec.structs.replace(
        query,
        columns=tuple(_column(one, alias) for one in query.columns),
        filters=tuple(_term(one, alias) for one in query.filters),
        bind_filters=tuple((source, _reference(target, alias)) for source, target in query.bind_filters),
        sorts=tuple(one if one.name in own else _reference(one, alias) for one in query.sorts),
    )


def _asked(query: Query, alias: str) -> Query:
    return msgspec.structs.replace(
        query,
        fields=tuple(_reference(one, alias) for one in query.fields),
        filters=tuple(_term(one, alias) for one in query.filters),
        sorts=tuple(_reference(one, alias) for one in query.sorts),
    )


def _column(column: NativeColumn, alias: str) -> NativeColumn:
    if column.sql is not None:
        return column
    return msgspec.structs.replace(column, field=_name(column.field or column.name, alias))


def _reference(one: Reference, alias: str) -> Reference:
    return msgspec.structs.replace(one, name=_name(one.name, alias))


def _term(term: FilterTerm, alias: str) -> FilterTerm:
    return msgspec.structs.replace(term, field=_name(term.field, alias))


def _name(name: str, alias: str) -> str:
    return name if "." in name or "{" in name else f"{alias}.{name}"
