"""Tiles and dashboard filters that name what their explore, or their dashboard, does not have (R12, R13 V05 and V22)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from typing import Final

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.renamed import alias_hint, field_hint
from dagster_lookml.analysis.checks.restricted import restrictions
from dagster_lookml.analysis.checks.tiles import check_merged, check_options, check_tile
from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.rules import RULES
from dagster_lookml.semantic.dashboards import CUSTOM_FILTER, expression_fields, named_in_result, result_sorts
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Dashboard, DashboardFilter, Element, Explore, Model, Reference, Text, TileQuery, View
from dagster_lookml.source import Span

_FILTER_TYPES: Final = ("field_filter", "date_filter", "number_filter", "string_filter")
_OF_FIELD_FILTERS: Final = ("model", "explore", "field", "dimension")


def check_dashboards(names: Names, findings: Findings, asked: Container[str] = RULES) -> None:
    """Check every dashboard that a model includes; one that must be extended is checked through its children (R12.17).

    Args:
        names: of the project.
        findings: that are added to.
        asked: the rules that somebody wants to hear of.
    """
    whole = [
        one
        for one in names.project.dashboards
        if one.model is not None and not one.extension_required and not one.missing_parents
    ]
    for dashboard in whole:
        _DashboardCheck(names, findings, dashboard, asked).run()
    if "duplicate-dashboard-title" in asked:
        _check_titles(whole, findings)


def _check_titles(dashboards: Iterable[Dashboard], findings: Findings) -> None:
    first: dict[tuple[str | None, str], Dashboard] = {}
    for one in dashboards:
        if one.title:
            other = first.setdefault((one.model, one.title), one)
            if other is not one:
                message = f"the dashboards `{other.name}` and `{one.name}` have one title: {one.title}"
                findings.add("duplicate-dashboard-title", message, one.span, object=one.id, hint=f"the other is at {other.span}")


class _DashboardCheck:
    def __init__(self, names: Names, findings: Findings, dashboard: Dashboard, asked: Container[str]) -> None:
        self.names = names
        self.findings = findings
        self.dashboard = dashboard
        self.asked = asked
        self._aliased: dict[str, dict[str, View | None]] = {}

    def aliased(self, explore: Explore) -> dict[str, View | None]:
        """The view behind each alias of an explore; tiles ask for it many times."""
        if explore.id not in self._aliased:
            self._aliased[explore.id] = self.names.aliased(explore)
        return self._aliased[explore.id]

    def run(self) -> None:
        self.check_filters()
        filters = {one.name for one in self.dashboard.filters}
        for element in self.dashboard.elements:
            self.check_element(element)
            for query in element.queries:
                self.check_listen(query, filters)
                explore = self.explore(query.explore, query.model, query.explore_name, query.span, "unknown-tile-explore")
                told = self.check_query(query, explore) if explore is not None else frozenset()
                check_tile(self.findings, self.dashboard, query, self.asked, told)
            check_merged(self.findings, self.dashboard, element)
            self.check_result_sorts(element)
            if "option-not-queried" in self.asked:
                check_options(self.findings, self.dashboard, element)
            if "restricted-tile" in self.asked:
                self.check_restrictions(element)

    def report(self, rule: str, message: str, span: Span, hint: str = "", length: int = 1) -> None:
        self.findings.add(rule, message, span, object=self.dashboard.id, hint=hint, length=length)

    # -- filters and elements ------------------------------------------------------------------------------------------

    def check_filters(self) -> None:
        filters: dict[str, DashboardFilter] = {}
        for one in self.dashboard.filters:
            if one.name in filters and one.name:
                message = f"two filters of `{self.dashboard.name}` are called `{one.name}`"
                self.report("duplicate-dashboard-filter", message, one.span, f"the first stands at {filters[one.name].span}")
            filters.setdefault(one.name, one)
        for one in self.dashboard.filters:
            self.check_filter_keys(one)
            self.check_filter_field(one)
            self.check_listening_filter(one, filters)

    def check_filter_keys(self, one: DashboardFilter) -> None:
        """V22: which keys a filter may have depends on its type."""
        if one.type not in _FILTER_TYPES:
            message = f"the filter `{one.name}` has " + (f"the type `{one.type}`" if one.type else "no type")
            message += ", which Looker does not have" if one.type else ""
            self.report("unknown-filter-type", message, one.span, f"there are {', '.join(_FILTER_TYPES)}")
        elif one.type != "field_filter":
            keys = [f"`{key}`" for key, _ in one.properties if key in _OF_FIELD_FILTERS]
            if keys:
                message = (
                    f"the filter `{one.name}` has {' and '.join(keys)}, which only a field_filter may have; it is a {one.type}"
                )
                self.report("misplaced-filter-key", message, one.span)
        else:
            missing = [key for key, value in (("explore", one.written), ("field", one.field)) if value is None]
            if missing:
                message = f"the field filter `{one.name}` does not say its {' or its '.join(missing)}"
                self.report("incomplete-field-filter", message, one.span)

    def check_filter_field(self, one: DashboardFilter) -> None:
        if one.written is None:
            return
        model, _, name = one.written.rpartition("/")
        explore = self.explore(one.explore, model or None, name, one.span, "unknown-filter-explore")
        if explore is not None and one.field is not None:
            self.check_scope(one, one.field, explore)
            self.check_field(one.field.name, one.field.span, explore, "unknown-filter-field")

    def check_scope(self, one: DashboardFilter, field: Reference, explore: Explore) -> None:
        """R12.12: the field of a filter has its view before it; there is nothing else of that name as there is in a tile."""
        if one.type != "field_filter" or "." in field.name or "{" in field.name or not field.name:
            return
        views = self.aliased(explore)
        having = [alias for alias, view in views.items() if view is not None and self.names.field(view, field.name) is not None]
        is_known = explore.complete and all(view is not None and view.complete for view in views.values())
        message = f"the filter `{one.name}` names the field `{field.name}` without its view"
        hint = f"write {having[0]}.{field.name}" if having else ""
        severity = Severity.ERROR if is_known and not having else Severity.WARNING
        length = len(field.name)
        self.findings.add(
            "unknown-filter-field", message, field.span, object=self.dashboard.id, hint=hint, length=length, severity=severity
        )

    def check_listening_filter(self, one: DashboardFilter, filters: Iterable[str]) -> None:
        for other in one.listens_to:
            if other.name not in filters:
                message = f"the dashboard `{self.dashboard.name}` has no filter `{other.name}` to listen to"
                self.findings.add(
                    "unknown-dashboard-filter",
                    message,
                    other.span,
                    object=self.dashboard.id,
                    hint=suggestion(other.name, filters),
                    length=len(other.name),
                    severity=Severity.WARNING,
                )

    def check_element(self, element: Element) -> None:
        if element.written_name is None:
            shown = f", `{element.title}`," if element.title else ""
            self.report("unnamed-element", f"an element of `{self.dashboard.name}`{shown} has no name", element.span)
        elif element.name != element.written_name and "~" in element.name:
            message = f"two elements of `{self.dashboard.name}` are called `{element.written_name}`"
            self.report("duplicate-element", message, element.span)
        if element.type is None:
            message = f"the element `{element.name}` of `{self.dashboard.name}` has no type"
            self.report("untyped-element", message, element.span)

    # -- explores and their fields -------------------------------------------------------------------------------------

    def explore(self, identity: str | None, model: str | None, name: str, span: Span, rule: str) -> Explore | None:
        """The explore that is meant; None where it is unknown, which is a fault only if its model is here whole (R12.5)."""
        if identity is not None:
            explore = self.names.explores[identity]
            if explore.extension_required:  # R6.17
                self.report(rule, f"the explore `{name}` must be extended, and cannot be queried itself", span, length=len(name))
            return explore
        found = self.names.models.get(model or self.dashboard.model or "")
        if found is not None and not found.missing_projects and not self.is_unread(found):
            explores = [self.names.explores[one].name for one in found.explores]
            hint = suggestion(name, explores)
            message = f"the model `{found.name}` has no explore `{name}`"
            self.report(rule, message, span, hint, len(name))
        return None

    def is_unread(self, model: Model) -> bool:
        """Tell whether a model stands for a repository without one, and what it has is not known: nothing, or old LookML."""
        skipped = (one.rule == "old-lookml" for one in self.names.project.diagnostics)
        return model.file is None and (not model.explores or any(skipped))

    def check_listen(self, query: TileQuery, filters: set[str]) -> None:
        for source, _ in query.listen:
            if source.name not in filters:
                message = f"the dashboard `{self.dashboard.name}` has no filter `{source.name}` to listen to"
                hint = suggestion(source.name, filters)
                self.report("unknown-dashboard-filter", message, source.span, hint, len(source.name))

    def check_query(self, query: TileQuery, explore: Explore) -> frozenset[str]:
        """Check every field that a query names, and return those with which something is wrong."""
        queried = {reference.name for reference in _queried(query)}
        named = [(reference, "unknown-tile-field") for reference in _queried(query)]
        named += [(one, "unknown-tile-reference") for one in _mentioned(query) if one.name not in queried]  # it is said once
        return frozenset(one.name for one, rule in named if not self.check_field(one.name, one.span, explore, rule))

    def check_result_sorts(self, element: Element) -> None:
        """R12.10: merged queries are sorted by fields of theirs, of which one that is gone is left out as from a query."""
        for name in result_sorts(element):
            queries, field = named_in_result(name, element.queries)
            explores = [self.names.explores.get(query.explore or "") for query in queries]
            if "." in field and "{" not in field and not any(one is None or self.has(one, field) for one in explores):
                message = f"the tile `{element.name}` sorts by `{name}`, which none of its queries has"
                self.report("unknown-tile-reference", message, element.span)

    def has(self, explore: Explore, name: str) -> bool:
        """Tell whether an explore may have one ``alias.field``."""
        alias, _, field = name.partition(".")
        if not explore.complete or alias not in self.aliased(explore):
            return not explore.complete
        view = self.aliased(explore)[alias]
        return view is None or self.names.has_field(view, field)

    def check_field(self, name: str, span: Span, explore: Explore, rule: str) -> bool:
        """Tell whether an explore offers one ``alias.field`` of a tile; a name without a dot is the tile's own (R12.6)."""
        if "." not in name or not explore.complete or "{" in name:
            return True
        alias, _, field = name.partition(".")
        aliased = self.aliased(explore)
        if alias not in aliased:
            message = f"the explore `{explore.name}` has no view `{alias}`"
            self.report(rule, message, span, alias_hint(self.names, explore, alias, field), len(name))
            return False
        view = aliased[alias]
        if view is None:
            return True
        if not self.names.has_field(view, field):
            message = f"there is no field `{field}` in the view `{alias}` of the explore `{explore.name}`"
            self.report(rule, message, span, field_hint(self.names, explore, view, field), len(name))
            return False
        if self.names.is_left_out(explore, alias, view, field):
            message = f"the explore `{explore.name}` leaves out the field `{name}`"
            severity = Severity.WARNING if rule == "unknown-tile-reference" else Severity.ERROR  # a tile cannot do without it
            self.findings.add("field-excluded", message, span, object=self.dashboard.id, length=len(name), severity=severity)
            return False
        if "old-field-name" in self.asked and view.complete and self.names.field(view, field) is None:
            self.check_old_name(view, alias, field, span)
        return True

    def check_old_name(self, view: View, alias: str, field: str, span: Span) -> None:
        """R4.43: a field that was renamed and keeps its old name as an alias."""
        now = self.names.old_names_by_view[view.id][field].old_names[field]
        message = f"`{alias}.{field}` is an old name of the field `{alias}.{now}`"
        self.report("old-field-name", message, span, length=len(alias) + 1 + len(field))

    def check_restrictions(self, element: Element) -> None:
        """R13.2: one finding for each grant that a tile needs, with what needs it."""
        needing: dict[str, list[str]] = defaultdict(list)
        for query in element.queries:
            explore = self.names.explores[query.explore] if query.explore is not None else None
            if explore is not None:
                for grant, what in restrictions(
                    self.names, explore, (one.name for one in (*_queried(query), *_mentioned(query)))
                ):
                    needing[grant].append(what)
        for grant, things in needing.items():
            message = f"the tile `{element.name}` needs {grant}: {', '.join(dict.fromkeys(things))}"
            self.report("restricted-tile", message, element.span)


def _queried(query: TileQuery) -> Iterator[Reference]:
    """What the query of a tile cannot do without."""
    yield from query.fields
    yield from (Reference("filters", term.field, term.span) for term in query.filters)
    yield from (target for _, target in query.listen)
    yield from _expressed(text for text in query.expressions if text.parameter == CUSTOM_FILTER)


def _mentioned(query: TileQuery) -> Iterator[Reference]:
    """What Looker leaves out where it does not exist: sorts, and what calculations are made of."""
    yield from query.sorts
    yield from query.dynamic
    yield from _expressed(text for text in query.expressions if text.parameter != CUSTOM_FILTER)


def _expressed(texts: Iterable[Text]) -> Iterator[Reference]:
    for text in texts:
        yield from (Reference(text.parameter, name, text.span) for name in expression_fields(text.value))
