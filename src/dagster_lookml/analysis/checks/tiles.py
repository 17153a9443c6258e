"""What the parts of one tile say of each other: pivots, sorts, calculations, merged queries, display options (R12.6-R12.11)."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, Final

from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.dashboards import expression_fields, result_names
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Dashboard, Element, Reference, TileQuery
from dagster_lookml.source import Span

_FIELD: Final = re.compile(r"[A-Za-z]\w*\.[A-Za-z]\w*")
_LISTS: Final = ("hidden_fields", "hidden_series", "column_order", "hidden_points_if_no")
_MAPS: Final = (
    "series_types", "series_colors", "series_labels", "series_point_styles", "series_cell_visualizations", "series_column_widths",
    "series_text_format", "series_value_format",
)  # fmt: skip


def check_tile(findings: Findings, dashboard: Dashboard, query: TileQuery, asked: Container[str], told: frozenset[str]) -> None:
    """Check what one query of a tile names against the fields that it has.

    Args:
        findings: that are added to.
        dashboard: that has the tile.
        query: of the tile.
        asked: the rules that somebody wants to hear of.
        told: the fields with which something worse is wrong than that the query does not have them.
    """
    check = _TileCheck(findings, dashboard, query, told)
    check.check_custom_names()
    if any(one.parameter == "fields" for one in query.fields):  # dimensions and measures are of the old kind, beside pivots
        check.check_pivots()
        check.check_calculations()
        if "sort-not-queried" in asked:
            check.check_sorts()


class _TileCheck:
    def __init__(self, findings: Findings, dashboard: Dashboard, query: TileQuery, told: frozenset[str]) -> None:
        self.findings = findings
        self.dashboard = dashboard
        self.query = query
        self.told = told
        self.items = _dynamic_fields(query.properties)
        self.local = {*query.local_names, *(name for item in self.items for name in _names(item))}

    def report(self, rule: str, message: str, span: Span, hint: str = "", length: int = 1) -> None:
        self.findings.add(rule, message, span, object=self.dashboard.id, hint=hint, length=length)

    def check_custom_names(self) -> None:
        """R12.6: a name without a view is one of the tile's own; one that is switched off is there all the same."""
        for reference in self.own_names():
            name = reference.name
            if "." not in name and "{" not in name and not name.startswith("__") and name not in self.local:
                message = f"the tile defines no custom field or calculation `{name}`"
                self.report("unknown-custom-field", message, reference.span, suggestion(name, self.local), len(name))

    def own_names(self) -> Iterator[Reference]:
        yield from self.query.fields
        yield from self.query.sorts
        yield from (one for one in self.query.dynamic if one.parameter == "dynamic_fields.based_on")
        for text in self.query.expressions:
            yield from (Reference(text.parameter, name, text.span) for name in expression_fields(text.value))

    def check_pivots(self) -> None:
        for one in self.query.fields:
            if one.parameter == "pivots" and one.name not in self.told:
                message = f"the tile pivots by `{one.name}`, which is not among its fields"
                self.report("pivot-not-queried", message, one.span, length=len(one.name))

    def check_sorts(self) -> None:
        queried = {one.name for one in self.query.fields} | self.local | self.told
        for one in self.query.sorts:
            if "." in one.name and one.name not in queried:
                message = f"the tile sorts by `{one.name}`, which is not among its fields"
                self.report("sort-not-queried", message, one.span, length=len(one.name))

    def check_calculations(self) -> None:
        """A table calculation is made of the result; custom fields are part of the query, and reach every field (R12.11)."""
        for expression, message in _outside(self.items, result_names([self.query]) | self.told):
            span = next((text.span for text in self.query.expressions if text.value == expression), self.query.span)
            self.report("calculation-outside-query", message, span)


def _outside(items: Iterable[Mapping[str, Any]], queried: Container[str]) -> Iterator[tuple[str, str]]:
    """The table calculations that name fields which are not queried: the expression, and what to say of it."""
    for item in items:
        name, expression = item.get("table_calculation"), item.get("expression")
        if not isinstance(name, str) or not isinstance(expression, str) or item.get("is_disabled") in ("true", True):
            continue
        for field in expression_fields(expression):
            if "." in field and "{" not in field and field not in queried:
                yield expression, f"the calculation `{name}` needs `{field}`, which is not among the fields of the tile"


def check_merged(findings: Findings, dashboard: Dashboard, element: Element) -> None:
    """Check what merged queries are joined by, a field of each and one of the first; and what is made of them (R12.10)."""
    if len(element.queries) < 2:
        return
    for _, message in _outside(_dynamic_fields(element.properties), result_names(element.queries)):
        findings.add("calculation-outside-query", message, element.span, object=dashboard.id)
    first = {one.name for one in element.queries[0].fields} | set(element.queries[0].local_names)
    for query in element.queries[1:]:
        own = {one.name for one in query.fields} | set(query.local_names)
        for pair in _json(dict(query.properties).get("join_fields"), list):
            for key, fields, whose in (("field_name", own, "its query"), ("source_field_name", first, "the first query")):
                name = pair.get(key) if isinstance(pair, dict) else None
                if isinstance(name, str) and name not in fields:
                    message = f"the tile `{element.name}` merges by `{name}`, which {whose} does not have"
                    findings.add("merged-by-unqueried-field", message, query.span, object=dashboard.id)


def check_options(findings: Findings, dashboard: Dashboard, element: Element) -> None:
    """Check the fields that display options name; series of pivots have other names, of which nothing is said."""
    if not element.queries or not any(one.fields for one in element.queries):
        return
    queried = result_names(element.queries)
    properties = dict(element.properties)
    options = [(key, _json(properties.get(key), list)) for key in _LISTS]
    options += [(key, _json(properties.get(key), dict)) for key in _MAPS]
    for key, names in options:
        stale = [name for name in names if isinstance(name, str) and _FIELD.fullmatch(name) and name not in queried]
        if stale:
            message = f"`{key}` of the tile `{element.name}` names {_listed(stale)}, which the tile does not query"
            findings.add("option-not-queried", message, element.span, object=dashboard.id)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _json(text: str | None, kind: type[list[Any]] | type[dict[str, Any]]) -> Iterable[Any]:
    """An option as it was written, if it is of a kind; otherwise nothing."""
    found: Any = json.loads(text) if text is not None else None
    if not isinstance(found, kind):
        return ()
    items: Iterable[Any] = found
    return items


def _dynamic_fields(properties: Iterable[tuple[str, str]]) -> list[Mapping[str, Any]]:
    """The items of ``dynamic_fields``; in old exports they are JSON in a string (R12.11)."""
    text = dict(properties).get("dynamic_fields")
    found = json.loads(text) if text is not None else None
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            found = None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _names(item: Mapping[str, Any]) -> Iterator[str]:
    return (item[key] for key in ("table_calculation", "measure", "dimension") if isinstance(item.get(key), str))
