"""What can differ in a dashboard, its filters and its tiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from dagster_lookml.analysis.diff.aspect import INHERITED, Aspect, Aspects, by_property, filter_terms, plain, properties
from dagster_lookml.semantic.objects import Dashboard, DashboardFilter, Element, TileQuery

_QUERY_KEYS: Final = frozenset(
    """column_limit dynamic_fields fill_fields filter_expression join_fields limit pivots query_timezone row_total sorts
    source_queries subtotals total""".split()
)
"""Parameters of an element that belong to its query; all others say what it looks like."""
_DASHBOARD_NUMBERS: Final = {"query_timezone": "in which time zone times are cut off and filtered"}
_FILTER_NUMBERS: Final = frozenset({"default_value"})


def dashboard_aspects(dashboard: Dashboard) -> Aspects:
    """What a dashboard is, beside its name, its filters and its tiles.

    Args:
        dashboard: compiled.
    """
    return by_property(_of_dashboard(dashboard))


def _of_dashboard(dashboard: Dashboard) -> Iterable[Aspect]:
    yield from plain("title", dashboard.title, "metadata", dashboard.span)
    if dashboard.extension_required:
        meaning = "it has to be extended now, and nobody can open it as it is"
        yield Aspect(name="extension", items=("required",), nature="breaking", span=dashboard.span, meaning=meaning)
    if dashboard.extends:
        yield Aspect(name="extends", items=dashboard.extends, nature="metadata", span=dashboard.span, meaning=INHERITED)
    for key, value in dashboard.properties:
        meaning = _DASHBOARD_NUMBERS.get(key, "")
        yield Aspect(name=key, items=(value,), nature="numbers" if meaning else "metadata", span=dashboard.span, meaning=meaning)


def filter_aspects(one: DashboardFilter) -> Aspects:
    """What a filter of a dashboard is, beside its name.

    Args:
        one: the filter.
    """
    return by_property(_of_filter(one))


def _of_filter(one: DashboardFilter) -> Iterable[Aspect]:
    yield from plain("title", one.title, "metadata", one.span)
    yield from plain("type", one.type, "numbers", one.span, "how its value is read")
    yield from plain("explore", one.written, "metadata", one.span)  # where its suggestions come from
    if one.field is not None:
        yield Aspect(name="field", items=(one.field.name,), nature="metadata", span=one.field.span)
    if one.listens_to:
        items = tuple(each.name for each in one.listens_to)
        yield Aspect(name="listens_to_filters", items=items, nature="metadata", span=one.listens_to[0].span)
    for key, value in one.properties:
        numbers = key in _FILTER_NUMBERS
        meaning = "what everybody sees who sets nothing" if numbers else ""
        yield Aspect(name=key, items=(value,), nature="numbers" if numbers else "metadata", span=one.span, meaning=meaning)


def tile_aspects(element: Element) -> Aspects:
    """What a tile is, beside its name.

    Args:
        element: of a dashboard.
    """
    return by_property(_of_tile(element))


def _of_tile(element: Element) -> Iterator[Aspect]:
    yield from plain("title", element.title, "metadata", element.span)
    yield from plain("type", element.type, "metadata", element.span)
    for number, query in enumerate(element.queries):
        yield from _of_query(query, f"merged_queries[{number}]." if len(element.queries) > 1 else "")
    numbers = [one for one in element.properties if one[0] in _QUERY_KEYS]
    yield from properties(numbers, element.span, frozenset())
    for key, value in element.properties:
        if key not in _QUERY_KEYS:
            yield Aspect(name=key, items=(value,), nature="metadata", span=element.span)


def _of_query(query: TileQuery, prefix: str) -> Iterator[Aspect]:
    span = query.span
    yield Aspect(name=f"{prefix}explore", items=(query.written,), nature="numbers", span=span, meaning="what the tile asks")
    if query.fields:
        names = tuple(one.name for one in query.fields)
        yield Aspect(
            name=f"{prefix}fields", items=names, nature="numbers", span=query.fields[0].span, meaning="what the tile shows"
        )
    yield from filter_terms(query.filters, prefix)
    if query.listen:
        items = tuple(sorted(f"{source.name}: {target.name}" for source, target in query.listen))
        place = query.listen[0][0].span
        yield Aspect(name=f"{prefix}listen", items=items, nature="numbers", span=place, meaning="which filters reach it")
    for key, value in query.properties:
        yield Aspect(name=prefix + key, items=(value,), nature="numbers", span=span)
