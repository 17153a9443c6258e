"""A real repository in a few lines of numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dagster_lookml.analysis.checks import check
from dagster_lookml.lineage.answer import ProjectLineage
from dagster_lookml.lineage.coverage import coverage
from dagster_lookml.rules import RULES
from dagster_lookml.semantic.objects import Project


def summary_lines(project: Project) -> Iterator[str]:
    """What a project holds and what every rule finds in it, a fact a line."""
    yield f"files: {project.files}"
    for one in project.imports:
        yield f"import {one.name}: {'found' if one.path else 'not here'}, {one.uses} includes"
    yield f"models: {len(project.models)}"
    yield f"views: {len(project.views)}"
    yield f"views in no model: {sum(not view.included for view in project.views)}"
    yield from _counts("view kind", (view.kind for view in project.views))
    yield f"persistent views: {sum(1 for view in project.views if view.derived_table and view.derived_table.persistence)}"
    yield f"refined views: {sum(bool(view.refined_by) for view in project.views)}"
    yield f"explores: {len(project.explores)}"
    yield f"joins: {sum(len(explore.joins) for explore in project.explores)}"
    yield f"fields that users can pick: {sum(explore.field_count for explore in project.explores)}"
    yield f"fields: {sum(len(view.fields) for view in project.views)}"
    yield from _counts("field kind", (field.kind for view in project.views for field in view.fields))
    yield f"dashboards: {len(project.dashboards)}"
    yield f"elements: {sum(len(dashboard.elements) for dashboard in project.dashboards)}"
    yield f"queries of elements: {sum(len(element.queries) for one in project.dashboards for element in one.elements)}"
    yield from _counts("found", (f"{found.severity.value} {found.rule}" for found in check(project, asked=RULES)))


def lineage_lines(traced: ProjectLineage) -> Iterator[str]:
    """How far the lineage of a project goes, a fact a line."""
    lineage = traced.lineage
    found = coverage(lineage)
    for connection, dialect in traced.dialects.items():
        yield f"dialect of {connection or 'no connection'}: {dialect.shown}"
    yield f"SQL parameters: {found.sql.parameters}"
    yield f"SQL parameters read: {found.sql.parameters - len(found.sql.unread)}"
    for one in found.sql.unread:
        yield f"unread: {one.span.file}:{one.span.line} {one.parameter} of {one.owner}: {one.reason}"
    yield f"views traced to tables: {found.views.traced_to_table}"
    yield f"views without a table: {found.views.no_table}"
    yield f"views with something unknown: {found.views.unknown}"
    yield from (f"views with {reason}: {number}" for reason, number in found.views.reasons.items())
    yield f"fields with SQL: {found.fields.fields}"
    yield f"fields that read no column: {found.fields.no_column}"
    yield f"fields traced to columns: {found.fields.traced_to_column}, {found.fields.inferred} of them inferred"
    yield f"fields traced to tables: {found.fields.traced_to_table}"
    yield f"fields unknown: {found.fields.unknown}"
    yield from (f"fields with {reason}: {number}" for reason, number in found.fields.reasons.items())
    yield from _counts("node", (node.kind for node in lineage.graph.nodes.values()))
    yield from _counts("edge", (edge.kind for edge in lineage.graph.edges))
    yield f"edges inferred: {sum(not edge.exact for edge in lineage.graph.edges)}"
    yield from (f"circle: {' -> '.join(circle)}" for circle in lineage.graph.circles())


def _counts(what: str, things: Iterator[str]) -> Iterator[str]:
    for thing, number in sorted(Counter(things).items()):
        yield f"{what} {thing}: {number}"
