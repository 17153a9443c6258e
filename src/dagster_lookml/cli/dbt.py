"""What dbt's artifacts add to a lineage."""

from __future__ import annotations

import click

from dagster_lookml.cli.repository import Command, Repository
from dagster_lookml.workspace import Workspace
from dagster_lookml.workspace.answer import TracedProject


def dbt_options(command: Command) -> Command:
    """The options that tell what dbt knows."""
    for option in (
        click.option(
            "--dbt-catalog", metavar="FILE", help="dbt's catalog.json, for the columns of tables; needs --dbt-manifest."
        ),
        click.option("--dbt-manifest", metavar="FILE", help="dbt's manifest.json, to go on to the models behind the tables."),
    ):
        command = option(command)
    return command


def traced_project(
    repository: Repository, workspace: Workspace, manifest: str | None, catalog: str | None, ref: str | None = None
) -> TracedProject:
    """The lineage of a repository, with dbt's models behind its tables where a manifest is given.

    Args:
        repository: as the options describe it.
        workspace: of the repository.
        manifest: path of dbt's manifest.json.
        catalog: path of dbt's catalog.json.
        ref: a branch, tag or commit to read in place of the repository's own.
    """
    from dagster_lookml.source.dbt import read_dbt

    if catalog is not None and manifest is None:
        raise click.UsageError("--dbt-catalog needs --dbt-manifest FILE")
    start = repository.start
    dbt = read_dbt(start / manifest, start / catalog if catalog is not None else None) if manifest is not None else None
    with repository.progress() as progress:
        return workspace.lineage(ref or repository.ref, dbt, progress)
