"""Tiles and dashboard filters that name what their explore, or their dashboard, does not have (R12, R13 V05 and V22)."""

from __future__ import annotations

from collections.abc import Iterator

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.dashboards import expression_fields
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Dashboard, Element, Explore, Reference, TileQuery, View
from dagster_lookml.source import Span


def check_dashboards(names: Names, findings: Findings) -> None:
    """Check every dashboard that a model includes; one that must be extended is checked through its children (R12.17)."""
    for dashboard in names.project.dashboards:
        if dashboard.model is not None and not dashboard.extension_required and not dashboard.missing_parents:
            _DashboardCheck(names, findings, dashboard).run()


class _DashboardCheck:
    def __init__(self, names: Names, findings: Findings, dashboard: Dashboard) -> None:
        self.names = names
        self.findings = findings
        self.dashboard = dashboard

    def run(self) -> None:
        filters = {one.name for one in self.dashboard.filters}
        for element in self.dashboard.elements:
            self.check_repeated(element)
            for query in element.queries:
                self.check_listen(query, filters)
                explore = self.explore(query.explore, query.model, query.explore_name, query.span)
                if explore is not None:
                    self.check_query(query, explore)
        for one in self.dashboard.filters:
            for other in one.listens_to:
                if other.name not in filters:
                    message = f"the dashboard `{self.dashboard.name}` has no filter `{other.name}` to listen to"
                    hint = suggestion(other.name, filters)
                    self.findings.add(
                        "unknown-dashboard-filter",
                        message,
                        other.span,
                        object=self.dashboard.id,
                        hint=hint,
                        length=len(other.name),
                        severity=Severity.WARNING,
                    )
            if one.written is None:
                continue
            model, _, name = one.written.rpartition("/")
            explore = self.explore(one.explore, model or None, name, one.span)
            if explore is not None and one.field is not None:
                self.check_field(one.field.name, one.field.span, explore)

    def report(self, rule: str, message: str, span: Span, hint: str = "", length: int = 1) -> None:
        self.findings.add(rule, message, span, object=self.dashboard.id, hint=hint, length=length)

    def check_repeated(self, element: Element) -> None:
        if element.written_name is not None and element.name != element.written_name and "~" in element.name:
            message = f"two elements of `{self.dashboard.name}` are called `{element.written_name}`"
            self.report("duplicate-element", message, element.span)

    def explore(self, identity: str | None, model: str | None, name: str, span: Span) -> Explore | None:
        """The explore that is meant; None where it is unknown, which is a fault only if its model is here whole (R12.5)."""
        if identity is not None:
            return self.names.explores[identity]
        found = self.names.models.get(model or self.dashboard.model or "")
        if found is not None and not found.missing_projects:
            explores = [self.names.explores[one].name for one in found.explores]
            hint = suggestion(name, explores)
            message = f"the model `{found.name}` has no explore `{name}`"
            self.report("unknown-tile-explore", message, span, hint, len(name))
        return None

    def check_listen(self, query: TileQuery, filters: set[str]) -> None:
        for source, _ in query.listen:
            if source.name not in filters:
                message = f"the dashboard `{self.dashboard.name}` has no filter `{source.name}` to listen to"
                hint = suggestion(source.name, filters)
                self.report("unknown-dashboard-filter", message, source.span, hint, len(source.name))

    def check_query(self, query: TileQuery, explore: Explore) -> None:
        for reference in _queried(query):
            self.check_field(reference.name, reference.span, explore)
        for reference in _mentioned(query):
            self.check_field(reference.name, reference.span, explore, "unknown-tile-reference")

    def check_field(self, name: str, span: Span, explore: Explore, rule: str = "unknown-tile-field") -> None:
        """One ``alias.field`` of a tile against what its explore offers; a name without a dot is the tile's own (R12.6)."""
        if "." not in name:
            return
        if not explore.complete or "{" in name:
            return
        alias, _, field = name.partition(".")
        aliased = self.names.aliased(explore)
        if alias not in aliased:
            message = f"the explore `{explore.name}` has no view `{alias}`"
            hint = suggestion(alias, aliased)
            self.report(rule, message, span, hint, len(name))
            return
        view = aliased[alias]
        if view is None:
            return
        if not self.names.has_field(view, field):
            message = f"there is no field `{field}` in the view `{alias}` of the explore `{explore.name}`"
            self.report(rule, message, span, self.names.group_hint(view, field), len(name))
        elif self.is_left_out(view, alias, field, explore):
            message = f"the explore `{explore.name}` leaves out the field `{name}`"
            self.report("field-excluded", message, span, length=len(name))

    def is_left_out(self, view: View, alias: str, field: str, explore: Explore) -> bool:
        """R4.40: the field exists, and the explore's or the join's ``fields`` do not offer it."""
        return field in self.names.names_by_view[view.id] and field not in self.names.available(explore)[alias]


def _queried(query: TileQuery) -> Iterator[Reference]:
    """What the query of a tile cannot do without."""
    yield from query.fields
    yield from (Reference("filters", term.field, term.span) for term in query.filters)
    yield from (target for _, target in query.listen)


def _mentioned(query: TileQuery) -> Iterator[Reference]:
    """What Looker leaves out where it does not exist: sorts, and what calculations are made of."""
    yield from query.sorts
    yield from query.dynamic
    for expression in query.expressions:
        yield from (Reference(expression.parameter, name, expression.span) for name in expression_fields(expression.value))
