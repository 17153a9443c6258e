"""A compiled project to its lineage: the passes, in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dagster_lookml.config import Config
from dagster_lookml.lineage.build import Lineage, Progress, build_lineage
from dagster_lookml.lineage.dbt import DbtTables
from dagster_lookml.lineage.tables import KnownColumns
from dagster_lookml.lineage.tracing import Tracer
from dagster_lookml.semantic.objects import Project
from dagster_lookml.source.dbt import DbtProject
from dagster_lookml.sql.dialects import Dialect
from dagster_lookml.sql.texts import SqlTexts


class ProjectLineage(NamedTuple):
    """A project with its lineage.

    Attributes:
        project: compiled.
        lineage: the graph, and how far it goes.
        dialects: by the name of the connection.
    """

    project: Project
    lineage: Lineage
    dialects: Mapping[str, Dialect]


def trace_project(
    project: Project, config: Config | None = None, dbt: DbtProject | None = None, progress: Progress | None = None
) -> ProjectLineage:
    """Trace a project down to the columns of the warehouse. Nothing in the SQL makes this raise.

    Args:
        project: compiled.
        config: what the repository does not say; the default one if None.
        dbt: what a dbt manifest says.
        progress: told how far it is.
    """
    config = config or Config()
    tables = DbtTables(dbt) if dbt is not None else None
    columns = KnownColumns(tables.columns if tables is not None else None)
    tracer = Tracer(project, config, SqlTexts(config.environment), columns)
    lineage = build_lineage(tracer, tables, progress)
    dialects = {world.connection_name: world.dialect for world in tracer.worlds.values() if world.model is not None}
    return ProjectLineage(project, lineage, dict(sorted(dialects.items())))
