"""What can differ in a view, beside its fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dagster_lookml.analysis.diff.aspect import (
    AGE,
    INHERITED,
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
from dagster_lookml.analysis.diff.white_space import folded
from dagster_lookml.analysis.diff.written import as_written
from dagster_lookml.semantic.objects import AnalyticModel, DerivedTable, NativeQuery, Persistence, Text, View

PHYSICAL: Final = frozenset(
    """cluster_keys distribution distribution_style indexes partition_keys publish_as_db_view sortkeys table_compression
    table_format""".split()
)
"""Build options: how fast a table is, and not what is in it (R5.12)."""

_QUICK: Final = "it makes the table quick, and changes nothing in it"
_BUILT_ANEW: Final = "the table is built anew, with the same rows in it"


def view_aspects(view: View) -> Aspects:
    """Everything that decides what a view is; neither its name nor its fields do.

    Args:
        view: as a model sees it.
    """
    return as_written(by_property(_aspects(view)), view.written)


def _aspects(view: View) -> Iterable[Aspect]:
    if view.kind == "abstract":
        meaning = "it has to be extended now, and nothing can use it as it is"
        yield Aspect(name="extension", items=("required",), nature="breaking", span=view.span, meaning=meaning)
    if view.analytic_model is not None:
        yield from _analytic(view.analytic_model)
    elif view.derived_table is None:
        table = view.sql_table_name or Text("sql_table_name", view.name, view.span)  # R4.1
        yield from sql_texts((table,), "table")
    else:
        yield from _derived(view.derived_table)
    if view.extends:
        yield Aspect(name="extends", items=view.extends, nature="metadata", span=view.span, meaning=INHERITED)
    yield from grants(view.access_grants)
    if view.drill_fields:
        yield from references(view.drill_fields, "metadata")
    for text in view.calendar:
        name = f"calendar_definition.{text.parameter}"
        meaning = "which columns of the calendar its timeframes are"
        yield Aspect(name=name, items=(text.value,), nature="numbers", span=text.span, meaning=meaning)
    for one in view.sets:
        items = tuple(reference.name for reference in one.fields)
        meaning = "what an explore offers by it is a change of its own, and no number depends on it"
        yield Aspect(name=f"set {one.name}", items=items, nature="metadata", span=one.span, meaning=meaning)
    if view.tags:
        yield Aspect(name="tags", items=view.tags, nature="metadata", span=view.span)
    yield from properties(view.properties, view.span)


def _analytic(model: AnalyticModel) -> Iterable[Aspect]:
    for number, text in enumerate(model.texts, 1):
        name = f"derived_analytic_model.{text.parameter}" + (f" {number}" if len(model.texts) > 1 else "")
        yield from sql_texts((Text(name, text.value, text.span),), "query")
    if model.explore is not None:
        meaning = "what it is made of"
        yield Aspect(name="model_source", items=(model.explore.name,), nature="numbers", span=model.span, meaning=meaning)
    yield from references(model.fields, "numbers", "model_source.")
    yield from properties(model.properties, model.span)


def _derived(derived: DerivedTable) -> Iterable[Aspect]:
    if derived.sql is not None:
        yield from sql_texts((Text("derived_table.sql", derived.sql.value, derived.sql.span),), "query")
    for number, text in enumerate(derived.statements, 1):
        yield from sql_texts((Text(f"derived_table.{text.parameter} {number}", text.value, text.span),), "query")
    if derived.explore_source is not None:
        yield from native_aspects(derived.explore_source)
    if derived.persistence is not None:
        yield persistence_aspect(derived.persistence)
    yield from plain("incremental", "yes" if derived.incremental else None, "numbers", derived.span, "which rows are built anew")
    for key, value in derived.properties:
        if key in PHYSICAL:
            yield from plain(key, value, "metadata", derived.span, _QUICK if derived.persistence is None else _BUILT_ANEW)
        else:
            yield from properties(((key, value),), derived.span)


def persistence_aspect(persistence: Persistence) -> Aspect:
    """When a table is built."""
    value = f"{persistence.kind}: {folded(persistence.value)}"
    return Aspect(name="persistence", items=(value,), nature="numbers", span=persistence.span, meaning=AGE)


def native_aspects(query: NativeQuery) -> Iterable[Aspect]:
    """Everything that decides which rows a query of an explore gives.

    Args:
        query: of a native derived table, or of a data test.
    """
    yield Aspect(
        name="explore_source", items=(query.explore,), nature="numbers", span=query.span, meaning="what its rows are made of"
    )
    for column in query.columns:
        if column.sql is not None:
            yield from sql_texts((Text(f"derived_column {column.name}", column.sql.value, column.sql.span),))
        else:
            name = f"column {column.name}"
            yield Aspect(name=name, items=(column.field or column.name,), nature="numbers", span=column.span)
    yield from filter_terms(query.filters, "explore_source.")
    bound = tuple(sorted(f"{to.name}: {source.name}" for to, source in query.bind_filters))
    bound = (*bound, "all") if query.bind_all_filters else bound
    if bound:
        yield Aspect(
            name="bind_filters",
            items=bound,
            nature="numbers",
            span=query.span,
            meaning="which filters of users reach its rows",
        )
    if query.sorts:
        items = tuple(f"{one.name} {way}".strip() for one, way in zip(query.sorts, query.directions, strict=False))
        yield Aspect(name="sorts", items=items, nature="numbers", span=query.sorts[0].span, meaning="which rows a limit keeps")
    for text in query.expressions:
        yield Aspect(name=text.parameter, items=(folded(text.value),), nature="numbers", span=text.span)
    yield from properties(query.properties, query.span)
