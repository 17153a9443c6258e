"""What can differ in a field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from dagster_lookml.analysis.diff.aspect import (
    COUNTED_ONCE,
    EVERY_TIMEFRAME,
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
from dagster_lookml.analysis.diff.white_space import folded
from dagster_lookml.analysis.diff.written import as_written
from dagster_lookml.semantic.objects import Field, Text

_MEANINGS: Final = {
    "dimension": "how it is filtered, sorted and grouped by",
    "dimension_group": "how its times are cut off",
    "measure": "how it is aggregated",
    "filter": "what can be filtered by",
    "parameter": "what its value is put in as",
}


GENERATING: Final = {"time": "timeframes", "duration": "intervals", "custom_calendar": "custom_timeframes"}
"""The parameter that lists the fields of a dimension group, by the group's type (R4.7, R4.12)."""


def field_aspects(field: Field) -> Aspects:
    """Everything that decides what a field is; its name does not.

    Args:
        field: of any kind.
    """
    return as_written(by_property(_aspects(field)), field.written)


def _aspects(field: Field) -> Iterable[Aspect]:
    span = field.span
    yield Aspect(name="kind", items=(field.kind,), nature="numbers", span=span, meaning="whether it is grouped by or aggregated")
    yield Aspect(name="type", items=(field.type,), nature="numbers", span=span, meaning=_MEANINGS[field.kind])
    if field.kind == "dimension_group":
        more = (EVERY_TIMEFRAME,) if field.every_timeframe else ()
        yield Aspect(name=GENERATING.get(field.type, "timeframes"), items=(*field.generated, *more), nature="names", span=span)
    yield from plain("hidden", "yes" if field.hidden else "no", "metadata", span)
    yield from plain("primary_key", "yes" if field.primary_key else "no", "numbers", span, COUNTED_ONCE)
    yield from sql_texts(_numbered(_with_default(field)))
    yield from filter_terms(field.filters)
    yield from _texts(field)
    yield from references(field.references, "numbers")
    if field.allowed_values:
        yield Aspect(name="allowed_value", items=field.allowed_values, nature="names", span=span)
    if field.alias:
        yield Aspect(name="alias", items=field.alias, nature="names", span=span)
    if field.tags:
        yield Aspect(name="tags", items=field.tags, nature="metadata", span=span)
    yield from grants(field.access_grants)
    yield from properties(field.properties, span, METADATA)


def _with_default(field: Field) -> Iterable[Text]:
    """The SQL, with what Looker takes where a dimension has none (R4.23): its column may be written or not."""
    if (
        field.kind in ("dimension", "dimension_group")
        and not any(_is_value(text) for text in field.sql)
        and not field.expressions
    ):
        yield Text("sql", f"${{TABLE}}.{field.name}", field.span)
    yield from field.sql


def _numbered(texts: Iterable[Text]) -> Iterable[Text]:
    """The conditions of a ``case`` in their order, of which the first that holds counts (R4.33)."""
    number = 0
    for text in texts:
        if text.parameter == "case.when.sql":
            number += 1
            text = msgspec.structs.replace(text, parameter=f"case.when.sql {number}")
        yield text


def _is_value(text: Text) -> bool:
    return text.parameter in ("sql", "sql_start", "sql_end", "sql_latitude", "sql_longitude") or text.parameter.startswith("case")


def _texts(field: Field) -> Iterable[Aspect]:
    """Looker expressions, and templates that people see."""
    for text in field.expressions:
        yield Aspect(name=text.parameter, items=(folded(text.value),), nature="numbers", span=text.span)
    for text in field.templates:
        yield Aspect(name=text.parameter, items=(text.value,), nature="metadata", span=text.span)
