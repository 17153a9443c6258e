"""Objects to graph: every edge of the lineage, with the place where it is written."""

from __future__ import annotations

from dagster_lookml.lineage.builds import Builds
from dagster_lookml.lineage.dashboard_edges import DashboardEdges
from dagster_lookml.lineage.dbt import DbtTables
from dagster_lookml.lineage.edges import Collector
from dagster_lookml.lineage.explore_edges import ExploreEdges
from dagster_lookml.lineage.field_edges import FieldEdges
from dagster_lookml.lineage.liquid_edges import LiquidEdges
from dagster_lookml.lineage.output_columns import output_columns
from dagster_lookml.lineage.parameters import sql_status
from dagster_lookml.lineage.result import FieldStatus, Lineage
from dagster_lookml.lineage.tracing import Tracer
from dagster_lookml.lineage.view_edges import ViewEdges
from dagster_lookml.progress import Progress


def build_lineage(tracer: Tracer, dbt: DbtTables | None = None, progress: Progress | None = None) -> Lineage:
    """Make the graph of a project, down to columns, fields and tiles.

    Args:
        tracer: of the project.
        dbt: the relations of a dbt project whose tables it reads.
        progress: told how far it is.
    """
    collector = Collector(tracer)
    collector.add_objects()
    views = ViewEdges(tracer, collector)
    for number, view in enumerate(tracer.project.views):
        _tell(progress, "views", number, len(tracer.project.views))
        views.add(view)
    explores = ExploreEdges(tracer, collector)
    for number, explore in enumerate(tracer.project.explores):
        _tell(progress, "explores", number, len(tracer.project.explores))
        explores.add(explore)
    dashboards = DashboardEdges(tracer, collector)
    for dashboard in tracer.project.dashboards:
        dashboards.add(dashboard)
    fields: dict[str, FieldStatus] = {}
    of_fields = FieldEdges(tracer, collector)
    for number, view in enumerate(tracer.project.views):
        _tell(progress, "fields", number, len(tracer.project.views))
        fields.update(of_fields.add(view))
    _add_liquid(tracer, collector)
    if dbt is not None:
        dbt.add(collector)
    return Lineage(
        collector.graph(), fields, views.statuses, sql_status(tracer), dict(output_columns(tracer)), tuple(Builds(tracer).found())
    )


def _add_liquid(tracer: Tracer, collector: Collector) -> None:
    liquid = LiquidEdges(tracer, collector)
    for view in tracer.project.views:
        liquid.add_view(view)
    for explore in tracer.project.explores:
        liquid.add_explore(explore)
    for dashboard in tracer.project.dashboards:
        liquid.add_dashboard(dashboard)


def _tell(progress: Progress | None, what: str, done: int, total: int) -> None:
    if progress is not None:
        progress(what, done, total)
