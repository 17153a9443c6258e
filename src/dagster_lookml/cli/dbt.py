"""What dbt's artifacts add to a lineage."""

from __future__ import annotations

from functools import wraps
from typing import Any

import click
import msgspec

from dagster_lookml.cli.arguments import not_empty
from dagster_lookml.cli.repository import Command, Repository
from dagster_lookml.cli.telling import remark
from dagster_lookml.source.dbt import DbtProject
from dagster_lookml.workspace import Workspace
from dagster_lookml.workspace.answer import TracedProject


def dbt_options(command: Command) -> Command:
    """The options that tell what dbt knows."""
    for option in (
        click.option(
            "--dbt-catalog",
            metavar="FILE",
            callback=not_empty,
            help="dbt's catalog.json, for the columns of tables; needs --dbt-manifest.",
        ),
        click.option(
            "--dbt-manifest",
            metavar="FILE",
            callback=not_empty,
            help="dbt's manifest.json, to go on to the models behind the tables.",
        ),
    ):
        command = option(command)
    return command


class DbtComparison(msgspec.Struct, frozen=True):
    """Two states of a dbt project, by the files that it wrote.

    Attributes:
        base: its manifest before.
        head: its manifest after.
        base_catalog: its catalog before, or None.
        head_catalog: its catalog after, or None.
    """

    base: str
    head: str
    base_catalog: str | None
    head_catalog: str | None

    def projects(self, repository: Repository) -> tuple[DbtProject, DbtProject]:
        """What the files say, before and after.

        Raises:
            DbtError: one cannot be read, or is not what it should be.
        """

        def read(manifest: str, catalog: str | None) -> DbtProject:
            return _read(repository, manifest, catalog)

        return read(self.base, self.base_catalog), read(self.head, self.head_catalog)


_COMPARED = {
    "dbt_base": "--dbt-base",
    "dbt_head": "--dbt-head",
    "dbt_base_catalog": "--dbt-base-catalog",
    "dbt_head_catalog": "--dbt-head-catalog",
}


def dbt_comparison_options(command: Command) -> Command:
    """The options that name two states of a dbt project; the command gets them as ``dbt``: a `DbtComparison`, or None."""

    @wraps(command)
    def gathered(*arguments: Any, **options: Any) -> Any:
        return command(*arguments, dbt=_comparison(*(options.pop(name) for name in _COMPARED)), **options)

    with_options: Command = gathered
    for option in (
        click.option(
            "--dbt-head-catalog", metavar="FILE", callback=not_empty, help="dbt's catalog.json of the change, for all columns."
        ),
        click.option(
            "--dbt-base-catalog", metavar="FILE", callback=not_empty, help="dbt's catalog.json before; needs --dbt-head-catalog."
        ),
        click.option("--dbt-head", metavar="FILE", callback=not_empty, help="dbt's manifest.json with the change."),
        click.option("--dbt-base", metavar="FILE", callback=not_empty, help="dbt's manifest.json before; needs --dbt-head."),
    ):
        with_options = option(with_options)
    return with_options


def _comparison(base: str | None, head: str | None, base_catalog: str | None, head_catalog: str | None) -> DbtComparison | None:
    given = dict(zip(_COMPARED.values(), (base, head, base_catalog, head_catalog), strict=True))
    for one, other in (("--dbt-base", "--dbt-head"), ("--dbt-base-catalog", "--dbt-head-catalog")):
        if (given[one] is None) != (given[other] is None):
            missing, present = (one, other) if given[one] is None else (other, one)
            raise click.UsageError(f"{present} needs {missing} FILE: two states are compared")
    if base is None or head is None:
        if base_catalog is not None:
            raise click.UsageError("--dbt-base-catalog and --dbt-head-catalog need --dbt-base FILE and --dbt-head FILE")
        return None
    return DbtComparison(base, head, base_catalog, head_catalog)


def dbt_project(repository: Repository, manifest: str | None, catalog: str | None) -> DbtProject | None:
    """What dbt's artifacts say, where they are given.

    Args:
        repository: as the options describe it.
        manifest: path of dbt's manifest.json.
        catalog: path of dbt's catalog.json.
    """
    if catalog is not None and manifest is None:
        raise click.UsageError("--dbt-catalog needs --dbt-manifest FILE")
    return _read(repository, manifest, catalog) if manifest is not None else None


def _read(repository: Repository, manifest: str, catalog: str | None) -> DbtProject:
    from dagster_lookml.source.dbt import KNOWN_VERSIONS, read_dbt

    start = repository.start
    project = read_dbt(start / manifest, start / catalog if catalog is not None else None)
    if project.version is not None and project.version not in KNOWN_VERSIONS:
        known = f"v{KNOWN_VERSIONS[0]} to v{KNOWN_VERSIONS[-2]} and v{KNOWN_VERSIONS[-1]}"
        remark(f"{manifest} is a manifest of version {project.version}; known are {known}, and what others hold may be missed")
    return project


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
    dbt = dbt_project(repository, manifest, catalog)
    with repository.progress() as progress:
        return workspace.lineage(ref or repository.ref, dbt, progress)
