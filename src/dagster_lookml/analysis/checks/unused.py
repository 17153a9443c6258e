"""What nothing in a project uses, with what was looked at. Nothing is said of what a missing import may use."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from typing import Final

from dagster_lookml.analysis.checks.mentions import Mentions
from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.reached import Families, linked_explores, used_explores, used_views
from dagster_lookml.analysis.checks.shared import datagroup_references, grant_references
from dagster_lookml.rules import RULES, Severity
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Dashboard, Explore, Field, Model, View
from dagster_lookml.source import Span

_OF_MENTIONS: Final = ("unused-field", "unused-set", "unused-filter-field", "unused-join")
_SWITCHES: Final = ("parameter", "filter")


def check_unused(names: Names, findings: Findings, asked: Container[str] = RULES) -> None:
    """Look for what nothing uses, as far as somebody asks for it.

    Args:
        names: of the project.
        findings: that are added to.
        asked: the rules that somebody wants to hear of.
    """
    if any(RULES[one.rule].code.startswith("LM1") and one.severity is Severity.ERROR for one in names.project.diagnostics):
        return  # what could not be read may use anything
    checks: dict[str, Callable[[Names, Findings], None]] = {
        "unused-view": _check_views,
        "unused-explore": _check_explores,
        "unused-datagroup": _check_datagroups,
        "unused-access-grant": _check_grants,
        "unused-named-format": _check_formats,
        "unused-dashboard-filter": _check_dashboard_filters,
    }
    for rule, check in checks.items():
        if rule in asked:
            check(names, findings)
    if any(rule in asked for rule in _OF_MENTIONS):
        _MentionCheck(names, findings).run()


def _is_own(span: Span) -> bool:
    """Tell whether a place is in the project itself and not in one that it imports."""
    return not span.file.startswith(("../", "/", "imported_projects/"))


def _whole_models(names: Names) -> list[Model]:
    """The models of which everything is here."""
    return [model for model in names.project.models if not model.missing_projects]


def _is_known(names: Names, model: Model) -> bool:
    """Tell whether everything of a model is known; what a missing parent has may use anything."""
    explores = (names.explores[identity] for identity in model.explores)
    views = (names.views[identity] for identity in model.views.values())
    return not model.missing_projects and all(one.complete for one in explores) and all(one.complete for one in views)


# -- views and explores ------------------------------------------------------------------------------------------------


def _check_views(names: Names, findings: Findings) -> None:
    if not any(not one.extension_required for one in names.project.explores):
        return  # it is made to be imported
    used, readers = used_views(names)
    known = {model.name for model in names.project.models if _is_known(names, model)}
    for view in names.project.views:
        if view.id in used or not view.models or not known.issuperset(view.models) or not _is_own(view.span):
            continue
        reading = sorted(readers.get(view.id, ()))
        if reading:
            shown = ", ".join(f"`{one}`" for one in reading)
            message = f"nothing uses the view `{view.name}`: only {shown}, which nothing uses either"
        else:
            message = f"nothing uses the view `{view.name}`: no explore joins it, no derived table reads it, no view extends it"
        findings.add("unused-view", message, view.span, object=view.id)


def _check_explores(names: Names, findings: Findings) -> None:
    used = used_explores(names)
    linked = linked_explores(names)
    for model in _whole_models(names):
        for explore in (names.explores[identity] for identity in model.explores):
            if explore.id in used or explore.name in linked or not _is_own(explore.span):
                continue
            if explore.extension_required:
                message = f"no explore extends `{explore.name}`, which must be extended"
            elif explore.hidden:
                looked_at = "no dashboard, derived table, test, suggestion or link names it, and no explore extends it"
                message = f"nothing uses the hidden explore `{explore.name}`: {looked_at}"
            else:
                continue
            findings.add("unused-explore", message, explore.span, object=explore.id)


# -- what models share -------------------------------------------------------------------------------------------------


def _check_datagroups(names: Names, findings: Findings) -> None:
    used = {reference.name for model in names.project.models for reference, _ in datagroup_references(names, model)}
    for model in _whole_models(names):
        for one in model.datagroups:
            if one.name not in used and _is_own(one.span):
                message = f"nothing persists with the datagroup `{one.name}`, and no table is built by it"
                findings.add("unused-datagroup", message, one.span, object=f"model:{model.name}")


def _check_grants(names: Names, findings: Findings) -> None:
    used = {reference.name for model in names.project.models for reference, _ in grant_references(names, model)}
    for model in _whole_models(names):
        for one in model.access_grants:
            if one.name not in used and _is_own(one.span):
                message = f"no explore, join, view or field requires the access grant `{one.name}`"
                findings.add("unused-access-grant", message, one.span, object=f"model:{model.name}")


def _check_formats(names: Names, findings: Findings) -> None:
    used = {
        value for view in names.project.views for field in view.fields for key, value in field.properties if "value_format" in key
    }
    shown = "\n".join(_options(names.project.dashboards))
    for model in _whole_models(names):
        for one in model.named_formats:
            if one.name not in used and one.name not in shown and _is_own(one.span):
                message = f"no field and no dashboard uses the format `{one.name}`"
                findings.add("unused-named-format", message, one.span, object=f"model:{model.name}")


def _options(dashboards: Iterable[Dashboard]) -> Iterator[str]:
    """Whatever dashboards say that may name a format."""
    for dashboard in dashboards:
        for element in dashboard.elements:
            yield from (value for _, value in element.properties)
            yield from (value for query in element.queries for _, value in query.properties)


def _check_dashboard_filters(names: Names, findings: Findings) -> None:
    for dashboard in names.project.dashboards:
        if dashboard.model is None or dashboard.extension_required or dashboard.missing_parents:
            continue
        heard = {source.name for element in dashboard.elements for query in element.queries for source, _ in query.listen}
        heard |= {other.name for one in dashboard.filters for other in one.listens_to}
        told = "\n".join(value for element in dashboard.elements for key, value in element.properties)
        for one in dashboard.filters:
            if one.name not in heard and one.name not in told:
                message = f"no tile of `{dashboard.name}` listens to its filter `{one.name}`"
                findings.add("unused-dashboard-filter", message, one.span, object=dashboard.id)


# -- fields, sets and joins --------------------------------------------------------------------------------------------


class _MentionCheck:
    """What is used by being mentioned."""

    def __init__(self, names: Names, findings: Findings) -> None:
        self.names = names
        self.findings = findings
        self.mentions = Mentions(names)
        self.families = Families(names)
        self.seen: set[str] = set()

    def run(self) -> None:
        for view in sorted(self.names.project.views, key=lambda one: len(one.extends)):  # parents declare what children inherit
            if view.included and view.complete and not self.lacks_imports(view) and self.families.is_queried(view):
                for field in view.fields:
                    self.check_field(view, field)
                self.check_sets(view)
        for model in _whole_models(self.names):
            for explore in (self.names.explores[identity] for identity in model.explores):
                if explore.complete and not explore.extension_required:
                    self.check_joins(explore)

    def lacks_imports(self, view: View) -> bool:
        return any(self.names.models[name].missing_projects for name in view.models)

    def is_new(self, span: Span) -> bool:
        """Tell whether something at a place was not looked at before, and is the project's own."""
        if str(span) in self.seen or not _is_own(span):
            return False
        self.seen.add(str(span))
        return True

    def is_among(self, mentions: set[tuple[str, str]], view: View, names: Iterable[str]) -> bool:
        return any((scope, name) in mentions for scope in self.families.scopes(view) for name in names)

    def check_field(self, view: View, field: Field) -> None:
        spoken = {field.name, *field.names, *field.old_names}
        if field.kind in _SWITCHES and not field.sql:
            if not self.is_among(self.mentions.read, view, spoken) and self.is_new(field.span):
                message = f"no SQL or Liquid reads the {field.kind} `{view.name}.{field.name}`, so setting it changes nothing"
                self.findings.add("unused-filter-field", message, field.span, object=view.id)
            return
        if not field.hidden or field.primary_key or self.families.is_shown(view, field.name):
            return
        if not self.is_among(self.mentions.all, view, spoken) and self.is_new(field.span):
            looked_at = "no SQL, Liquid, list of fields, link or dashboard"
            message = f"nothing names the hidden {field.kind} `{view.name}.{field.name}`: {looked_at}"
            self.findings.add("unused-field", message, field.span, object=view.id)

    def check_sets(self, view: View) -> None:
        for one in view.sets:
            if not self.is_among(self.mentions.all, view, (f"{one.name}*",)) and self.is_new(one.span):
                message = f"no explore, join, drill field or other set names the set `{one.name}` of `{view.name}`"
                self.findings.add("unused-set", message, one.span, object=view.id)

    def check_joins(self, explore: Explore) -> None:
        """A join of which nothing is offered, and whose alias nothing mentions but its own condition."""
        required = {one.name for join in explore.joins for one in join.required_joins} | {one.name for one in explore.always_join}
        for join in explore.joins:
            view = self.names.aliased(explore)[join.name]
            offered = self.names.available(explore).get(join.name)
            if view is None or not view.complete or offered is None or offered or join.name in required or not _is_own(join.span):
                continue
            if not self.is_named(explore, join.name):
                message = f"the join `{join.name}` of `{explore.name}` offers no field, and nothing names it"
                self.findings.add("unused-join", message, join.span, object=explore.id)

    def is_named(self, explore: Explore, alias: str) -> bool:
        """Tell whether anything but the join's own condition needs it; names in raw SQL count."""
        others = [text.value for text in explore.sql]
        others += [text.value for join in explore.joins if join.name != alias for text in join.sql]
        for view in self.names.aliased(explore).values():
            others += [text.value for field in view.fields for text in field.sql] if view is not None else []
        if any(alias in text for text in others):
            return True
        named = (term.field for term in explore.filters)
        return any(name.startswith(f"{alias}.") for name in (*named, *(one.field.name for one in explore.access_filters)))
