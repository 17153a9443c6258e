"""``dagster-lookml lineage``."""

from __future__ import annotations

import re
import sys
from typing import Final

import click

from dagster_lookml.cli.arguments import repository_and_selectors
from dagster_lookml.cli.dbt import dbt_options, traced_project
from dagster_lookml.cli.formats import format_options
from dagster_lookml.cli.repository import Repository, repository_options
from dagster_lookml.cli.telling import remark, tell

_NEEDS_COLUMNS: Final = re.compile(r"\b(?:column|field|tile):")


@click.command("lineage")
@click.argument("arguments", nargs=-1, metavar="[REPO] [SELECTOR]...")
@format_options("tree", "json", "mermaid", "dot")
@click.option("--exclude", multiple=True, metavar="SELECTOR", help="Leave these out. Repeatable.")
@click.option("--columns", is_flag=True, help="Go down to columns, fields and tiles.")
@click.option("--base", metavar="REF", help="What state:modified compares with.")
@click.option("--min-coverage", type=click.FloatRange(0, 100), metavar="PERCENT", help="Exit with 1 if fewer fields are traced.")
@dbt_options
@repository_options
def lineage_command(
    repository: Repository,
    arguments: tuple[str, ...],
    form: str,
    exclude: tuple[str, ...],
    columns: bool,
    base: str | None,
    min_coverage: float | None,
    dbt_manifest: str | None,
    dbt_catalog: str | None,
) -> None:
    """Show which tables and columns everything in REPO (default: here) reads, down to the warehouse.

    SELECTOR chooses a part, as in dbt. KIND:NAME alone is a thing with all that it reads and all that reads it; +KIND:NAME
    what it reads, KIND:NAME+ what reads it, and a number how far: view:orders+1. KIND is table, column, view, field, explore,
    dashboard, tile or dbt. There are model:, path:, tag:, pdt: and, with --base, state:modified too. Several selectors add up,
    a comma inside one means both, and * stands for anything.

    \b
    dagster-lookml lineage +dashboard:sales/kpis            # the tables of a dashboard
    dagster-lookml lineage table:*.orders+ --columns        # who reads a table, by column, field and tile
    dagster-lookml lineage model:sales --format dot | dot -Tsvg > sales.svg
    dagster-lookml lineage --min-coverage 95                # exit code 1 below

    In the tree each thing stands above what it reads; … after a line means that what is below was shown before.
    """  # noqa: D301 - click wants the control character itself
    from dagster_lookml.lineage.selectors import Selection, with_both_sides
    from dagster_lookml.outputs.contract import encode
    from dagster_lookml.outputs.dot import dot_text
    from dagster_lookml.outputs.lineage_json import lineage_json
    from dagster_lookml.outputs.lineage_text import coverage_text, tree_text
    from dagster_lookml.outputs.mermaid import mermaid_text
    from dagster_lookml.semantic.objects import Lookup

    path, selectors = repository_and_selectors(arguments, repository.start)
    workspace = repository.open(path)
    traced = traced_project(repository, workspace, dbt_manifest, dbt_catalog)
    columns = columns or any(_NEEDS_COLUMNS.search(selector) for selector in (*selectors, *exclude))
    part = traced.graph if columns else traced.tables
    states = workspace.states(base, repository.ref) if base is not None else None
    if selectors or exclude:
        selection = Selection(part, Lookup(traced.project), states)
        part = part.part(selection.select([with_both_sides(selector) for selector in selectors], exclude))
    if form == "json":
        click.echo(encode(lineage_json(part, traced.coverage, traced.circles)), nl=False)
    elif form == "tree":
        tell(tree_text(part) + "\n" + coverage_text(traced.coverage, traced.circles, traced.dialects))
    else:
        click.echo(mermaid_text(part) if form == "mermaid" else dot_text(part), nl=False)
    percent = traced.coverage.fields.percent
    if min_coverage is not None and percent < min_coverage:
        text = f"coverage of the whole project is {percent:.2f} %, and {min_coverage:g} % were asked for"
        remark(text)
        sys.exit(1)
