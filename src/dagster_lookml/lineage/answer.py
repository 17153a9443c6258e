"""A compiled project to its lineage: the passes, in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dagster_lookml.config import Config
from dagster_lookml.lineage.build import build_lineage
from dagster_lookml.lineage.dbt import DbtTables
from dagster_lookml.lineage.depth import deeply
from dagster_lookml.lineage.parameters import statements
from dagster_lookml.lineage.result import Lineage
from dagster_lookml.lineage.tables import KnownColumns
from dagster_lookml.lineage.tracing import Tracer
from dagster_lookml.lineage.worlds import dialects
from dagster_lookml.progress import Progress
from dagster_lookml.semantic.collecting import collection_paused
from dagster_lookml.semantic.objects import Project
from dagster_lookml.source.dbt import DbtProject
from dagster_lookml.sql.dialects import Dialect
from dagster_lookml.sql.texts import SqlTexts, StatementReader


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
    project: Project,
    config: Config | None = None,
    dbt: DbtProject | None = None,
    progress: Progress | None = None,
    reader: StatementReader | None = None,
) -> ProjectLineage:
    """Trace a project down to the columns of the warehouse. Nothing in the SQL makes this raise.

    Args:
        project: compiled.
        config: what the repository does not say; the default one if None.
        dbt: what a dbt manifest says.
        progress: told how far it is.
        reader: reads single statements; plainly if None.
    """
    config = config or Config()
    tables = DbtTables(dbt) if dbt is not None else None
    columns = KnownColumns(tables.columns if tables is not None else None)

    def trace() -> tuple[Tracer, Lineage]:
        tracer = Tracer(project, config, SqlTexts(config.environment, reader), columns)
        tracer.texts.reader.fetch(statements(tracer))
        tracer.tables.learn()
        return tracer, build_lineage(tracer, tables, progress)

    with collection_paused():
        tracer, lineage = deeply(trace)
    return ProjectLineage(project, lineage, dialects(tracer.worlds.values()))
