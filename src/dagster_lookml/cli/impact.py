"""``dagster-lookml impact``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dagster_lookml.cli.arguments import repository_and_selectors
from dagster_lookml.cli.dbt import dbt_options, dbt_project
from dagster_lookml.cli.formats import text_or_json
from dagster_lookml.cli.repository import Repository, repository_options
from dagster_lookml.cli.telling import tell

if TYPE_CHECKING:
    from dagster_lookml.analysis.impact import Impact
    from dagster_lookml.semantic.objects import Lookup

_TOLD = 5
"""Of how many views and explores it is told that they are only refined here."""


@click.command("impact")
@click.argument("arguments", nargs=-1, metavar="[REPO] SELECTOR...")
@text_or_json
@click.option("--base", metavar="REF", help="What state:modified compares with.")
@click.option(
    "--dbt", "dbt_nodes", multiple=True, metavar="NODE", help="A dbt node such as model:shop.orders; needs --dbt-manifest."
)
@dbt_options
@repository_options
def impact_command(
    repository: Repository,
    arguments: tuple[str, ...],
    form: str,
    base: str | None,
    dbt_nodes: tuple[str, ...],
    dbt_manifest: str | None,
    dbt_catalog: str | None,
) -> None:
    """Show what in REPO (default: here) a change of a table, a column or anything else would be felt by.

    Everything that reads it is listed by dashboard, explore and view, each with the shortest way to it and the file and line of
    every step. With --base and no SELECTOR it is what differs from that ref, and what is gone since.

    \b
    dagster-lookml impact column:orders.status              # a column, by its whole name or the end of it
    dagster-lookml impact table:*.orders view:users         # several things at once
    dagster-lookml impact field:orders.total explore:sales/orders
    dagster-lookml impact --base origin/main                # all that this branch changes
    dagster-lookml impact --dbt-manifest target/manifest.json --dbt model:shop.orders
    """  # noqa: D301 - click wants the control character itself
    from dagster_lookml.analysis.impact import impact
    from dagster_lookml.analysis.modified import changed_in_fields_alone, removed
    from dagster_lookml.lineage.selectors import Selection, without_readers
    from dagster_lookml.outputs.contract import encode
    from dagster_lookml.outputs.lineage_json import impact_json
    from dagster_lookml.outputs.lineage_text import impact_text
    from dagster_lookml.semantic.objects import Lookup

    path, selectors = repository_and_selectors(arguments, repository.start)
    if dbt_nodes and dbt_manifest is None:
        raise click.UsageError("--dbt needs --dbt-manifest FILE")
    selectors += [f"dbt:{node.removeprefix('dbt:').replace(':', '.', 1)}" for node in dbt_nodes]
    if not selectors and base is None:
        raise click.UsageError("say what changes, for example column:orders.status or table:*.orders")
    selectors = [without_readers(selector) for selector in selectors] or ["state:modified"]
    workspace = repository.open(path)
    dbt = dbt_project(repository, dbt_manifest, dbt_catalog)
    with repository.progress() as progress:
        coverage = workspace.lineage(repository.ref, dbt, progress).coverage
        project, graph = workspace.named(repository.ref, dbt, progress)
    lookup = Lookup(project)
    states = workspace.states(base, repository.ref) if base is not None else None
    start = Selection(graph, lookup, states).select(selectors)
    gone: Impact | None = None
    if base is not None and "state:modified" in selectors:
        with repository.progress() as progress:
            project_before, graph_before = workspace.named(base, dbt, progress)
        start -= changed_in_fields_alone(project_before, project)
        if ids := removed(project_before, project):
            gone = impact(graph_before, Lookup(project_before), ids & graph_before.nodes.keys())
    found = impact(graph, lookup, start)
    _tell_of_refinements(start, lookup)
    if form == "json":
        click.echo(encode(impact_json(found, coverage, gone)), nl=False)
    else:
        tell(impact_text(found, coverage, gone, base or ""))


def _tell_of_refinements(ids: frozenset[str], lookup: Lookup) -> None:
    """Say that the base of what was asked for is not here, so that more may feel a change."""
    from dagster_lookml.analysis.refined import only_refined

    owners = {f"view:{one.removeprefix('field:').rpartition('.')[0]}" if one.startswith("field:") else one for one in ids}
    found = [lookup.views.get(one) or lookup.explores.get(one) for one in sorted(owners)]
    refined = [one for one in found if one is not None and one.written is not None]
    for one in refined[:_TOLD]:
        click.echo(f"dagster-lookml: {only_refined(one, lookup.models)}", err=True)
    if len(refined) > _TOLD:
        click.echo(f"dagster-lookml: of {len(refined) - _TOLD:,} more only refinements are here", err=True)
