"""What can differ in an explore and its joins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from dagster_lookml.analysis.diff.aspect import (
    AGE,
    COUNTED_ONCE,
    INHERITED,
    METADATA,
    Aspect,
    Aspects,
    by_property,
    filter_terms,
    grants,
    plain,
    properties,
    references,
    sql_texts,
)
from dagster_lookml.analysis.diff.written import as_written
from dagster_lookml.semantic.objects import AccessFilter, AggregateTable, Explore, Join, Query

_KEPT: Final = "which answers are made of rows that are kept, and how old those are"
AGGREGATE_TABLE: Final = "aggregate_table "
_OWN_METADATA: Final = METADATA | {"query"}


def explore_aspects(explore: Explore) -> Aspects:
    """Everything that decides what an explore is, beside its name, its joins and the fields that it offers.

    Args:
        explore: compiled.
    """
    return as_written(by_property(_aspects(explore)), explore.written)


def _aspects(explore: Explore) -> Iterable[Aspect]:
    span = explore.span
    yield Aspect(
        name="view", items=(explore.base_view_name,), nature="numbers", span=span, meaning="which table its rows come from"
    )
    yield Aspect(name="view_name", items=(explore.base_alias,), nature="names", span=span)
    if explore.extension_required:
        meaning = "it has to be extended now, and nobody can query it as it is"
        yield Aspect(name="extension", items=("required",), nature="breaking", span=span, meaning=meaning)
    yield from plain("hidden", "yes" if explore.hidden else "no", "metadata", span)
    yield from sql_texts(explore.sql)
    if explore.sql_table_name is not None:
        yield from sql_texts((explore.sql_table_name,), "table")
    if explore.extends:
        yield Aspect(name="extends", items=explore.extends, nature="metadata", span=span, meaning=INHERITED)
    if explore.always_join:
        names = tuple(sorted(one.name for one in explore.always_join))
        yield Aspect(
            name="always_join",
            items=names,
            nature="numbers",
            span=explore.always_join[0].span,
            meaning="which joins every query has",
        )
    yield from filter_terms(explore.filters)
    yield from _access_filters(explore)
    yield from _queries(explore)
    yield from grants(explore.access_grants)
    if explore.persist_with is not None:
        yield from references((explore.persist_with,), "numbers", meaning=AGE)
    if explore.tags:
        yield Aspect(name="tags", items=explore.tags, nature="metadata", span=span)
    yield from properties(explore.properties, span, _OWN_METADATA)


def _access_filters(explore: Explore) -> Iterator[Aspect]:
    """Row filters, each by its field: of two on one field a user meets both, in either order (R6.14)."""
    found: dict[str, list[AccessFilter]] = {}
    for one in explore.access_filters:
        found.setdefault(one.field.name, []).append(one)
    for name, ones in found.items():
        items = tuple(sorted(one.user_attribute for one in ones))
        span, meaning = ones[0].field.span, "which rows a user sees"
        yield Aspect(name=f"access_filter[{name}]", items=items, nature="numbers", span=span, meaning=meaning)


def _queries(explore: Explore) -> Iterator[Aspect]:
    """Quick starts, and aggregate tables: a query that one can answer gets the rows of when that was built (R5.20)."""
    for query in explore.queries:
        yield Aspect(name=f"query {query.name or ''}".strip(), items=_told(query), nature="metadata", span=query.span)
    for table in explore.aggregate_tables:
        yield Aspect(
            name=f"{AGGREGATE_TABLE}{table.name}", items=_of_table(table), nature="numbers", span=table.span, meaning=_KEPT
        )


def _of_table(table: AggregateTable) -> tuple[str, ...]:
    materialization = tuple(f"{key}: {value}" for key, value in table.properties)  # what triggers it is one of them
    return (*(_told(table.query) if table.query is not None else ()), *materialization)


def _told(query: Query) -> tuple[str, ...]:
    fields = tuple(one.name for one in query.fields)
    filters = tuple(f"{one.field}: {one.value}" for one in query.filters)
    sorts = tuple(f"{one.name} {way}".strip() for one, way in zip(query.sorts, query.directions, strict=False))
    return (*fields, *filters, *sorts, *(f"{key}: {value}" for key, value in query.properties))


def join_aspects(join: Join) -> Aspects:
    """Everything that decides what a join is, beside its name and the fields that it offers.

    Args:
        join: of an explore.
    """
    return as_written(by_property(_of_join(join)), join.written)


def _of_join(join: Join) -> Iterable[Aspect]:
    span = join.span
    yield Aspect(name="view", items=(join.view_name,), nature="numbers", span=span, meaning="which table is joined")
    yield Aspect(name="type", items=(join.type,), nature="numbers", span=span, meaning="which rows are kept")
    yield Aspect(name="relationship", items=(join.relationship,), nature="numbers", span=span, meaning=COUNTED_ONCE)
    yield from sql_texts(text for text in join.sql if text.parameter != "sql")
    yield from sql_texts((text for text in join.sql if text.parameter == "sql"), "join")
    if join.foreign_key is not None:
        key = join.foreign_key
        yield Aspect(name="foreign_key", items=(key.name,), nature="numbers", span=key.span, meaning="which rows belong together")
    if join.sql_table_name is not None:
        yield from sql_texts((join.sql_table_name,), "table")
    yield from references(join.required_joins, "numbers")
    yield from grants(join.access_grants)
    yield from properties(join.properties, span)
