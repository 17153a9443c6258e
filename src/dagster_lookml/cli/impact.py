"""``dagster-lookml impact``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dagster_lookml.cli.arguments import repository_and_selectors
from dagster_lookml.cli.dbt import dbt_options, traced_project
from dagster_lookml.cli.formats import text_or_json
from dagster_lookml.cli.repository import Repository, repository_options
from dagster_lookml.cli.telling import tell

if TYPE_CHECKING:
    from dagster_lookml.analysis.impact import Impact


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
    from dagster_lookml.analysis.state import changed_in_fields_alone, removed
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
    traced = traced_project(repository, workspace, dbt_manifest, dbt_catalog)
    lookup = Lookup(traced.project)
    states = workspace.states(base, repository.ref) if base is not None else None
    start = Selection(traced.graph, lookup, states).select(selectors)
    gone: Impact | None = None
    if base is not None and "state:modified" in selectors:
        start -= changed_in_fields_alone(workspace.project(base), traced.project)
        if ids := removed(workspace.project(base), traced.project):
            before = traced_project(repository, workspace, dbt_manifest, dbt_catalog, base)
            gone = impact(before.graph, Lookup(before.project), ids & before.graph.nodes.keys())
    found = impact(traced.graph, lookup, start)
    if form == "json":
        click.echo(encode(impact_json(found, traced.coverage, gone)), nl=False)
    else:
        tell(impact_text(found, traced.coverage, gone, base or ""))
