"""What views and fields say of their columns as written, before any SQL is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from dagster_lookml.lineage.graph import EdgeKind
from dagster_lookml.semantic.dashboards import expression_fields
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import AnalyticModel, Explore, Field, NativeQuery, Query, Text, View
from dagster_lookml.source import Span
from dagster_lookml.sql.reading import Form, plain_column
from dagster_lookml.sql.texts import has_liquid

_SURROUNDINGS: Final = re.compile(r"\b_(?:explore|view|model)\._name\b")
_NO_SQL: Final = frozenset({"filter", "parameter"})
_NAMING: Final = frozenset({"list_field", "based_on", "based_on_time", "start_location_field", "end_location_field"})
_NEEDED: Final[Mapping[str, EdgeKind]] = {
    "order_by_field": "sort",
    "required_fields": "required",
    "label_from_parameter": "shown",
}
_LABELS: Final = frozenset({"label", "view_label", "group_label", "group_item_label", "description"})
_COUNTS: Final = frozenset({"count", "list", "period_over_period"})
"""Measures that have no SQL of their own, not even by default (R4.23)."""


def asks_for_surroundings(sql: str) -> bool:
    """Tell whether a text's Liquid asks under which model, explore or alias it is used (R10.11)."""
    return "._name" in sql and _SURROUNDINGS.search(sql) is not None


def asks_where_used(view: View) -> bool:
    """Tell whether the SQL of a view's table asks where it is used (R10.11)."""
    return any(asks_for_surroundings(text.value) for text, _ in table_texts(view))


def table_texts(view: View) -> list[tuple[Text, Form]]:
    """The SQL parameters that say what a view's rows are."""
    derived = view.derived_table
    if view.analytic_model is not None:
        return [(text, "query") for text in view.analytic_model.texts]
    if derived is not None:
        texts = (derived.sql,) if derived.sql is not None else derived.statements
        return [(text, "query") for text in texts]
    return [(view.sql_table_name, "table")] if view.sql_table_name is not None else []


def aggregated_fields(query: Query, explore: Explore) -> list[str]:
    """The fields of its explore that an aggregate table is made of, as ``alias.field`` (R5.20)."""
    names = [*(reference.name for reference in query.fields), *(term.field for term in query.filters)]
    names += [reference.name for reference in query.sorts]
    names += [name for key, text in query.properties if key == "expression_custom_filter" for name in expression_fields(text)]
    return _scoped(names, explore)


def asked_fields(query: NativeQuery, explore: Explore) -> list[str]:
    """The fields of its explore that a native derived table asks for, as ``alias.field`` (R5.6-R5.8)."""
    names = [column.field or column.name for column in query.columns if column.sql is None]
    names += [term.field for term in query.filters if term.parameter == "filters"]
    names += [name for text in query.expressions for name in expression_fields(text.value)]
    columns = {column.name for column in query.columns}
    names += [reference.name for reference in query.sorts if reference.name not in columns]
    return _scoped(names, explore)


def _scoped(names: Iterable[str], explore: Explore) -> list[str]:
    scoped = (name if "." in name else f"{explore.base_alias}.{name}" for name in names)
    return list(dict.fromkeys(scoped))


def default_path(field: Field) -> tuple[str, ...] | None:
    """The column of a field without SQL (R4.23); None for a kind that has none."""
    if field.kind in _NO_SQL or (field.kind == "measure" and field.type in _COUNTS):
        return None
    if any(key.startswith("case.") for key, _ in field.properties) or field.expressions or field.type in ("distance", "location"):
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


def calendar_columns(calendar: View, field: Field) -> Iterator[str]:
    """The columns of a custom calendar that a query for the timeframes of a group takes.

    Args:
        calendar: the view with the ``calendar_definition``.
        field: the group that is based on it.
    """
    timeframes = {name.removeprefix(f"{field.name}_") for name in field.generated}
    for text in calendar.calendar:
        mapping, _, timeframe = text.parameter.rpartition(".")
        if text.parameter == "reference_date" or (mapping.startswith("timeframe_") and timeframe in timeframes):
            yield text.value


def modelled_fields(model: AnalyticModel, explore: Explore) -> list[str]:
    """The fields of its explore that a derived analytic model offers, as ``alias.field``; a whole view stands as ``alias.*``."""
    names = [one.name for one in model.fields if not one.name.startswith("-")]
    if not names or "ALL_FIELDS*" in names:
        names = [f"{alias}.*" for alias in aliases(explore)]
    return _scoped((f"{name[:-1]}.*" if name.endswith("*") and "." not in name else name for name in names), explore)


def needed_fields(field: Field) -> Iterator[tuple[EdgeKind, Span, str | None, str]]:
    """Fields that a query with a field is sorted or grouped by, or labelled with, as from `named_fields`; none is data of it."""
    for reference in field.references:
        if reference.parameter in _NEEDED:
            scope, _, name = reference.name.rpartition(".")
            yield _NEEDED[reference.parameter], reference.span, scope or None, name


def shown_texts(field: Field) -> Iterator[Text]:
    """What people see of a field beside its value, where it may hold Liquid: html, links and labels (R10.1)."""
    yield from field.templates
    for key, value in field.properties:
        if key in _LABELS and has_liquid(value):
            yield Text(key, value, field.span)


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
