"""``dagster-lookml pdt list``."""

from __future__ import annotations

import click

from dagster_lookml.cli.formats import text_or_json
from dagster_lookml.cli.pdt.selection import planned, selection_options
from dagster_lookml.cli.repository import Repository, repository_options
from dagster_lookml.cli.telling import tell


@click.command("list")
@selection_options
@text_or_json
@repository_options
def list_command(
    repository: Repository, arguments: tuple[str, ...], form: str, exclude: tuple[str, ...], base: str | None
) -> None:
    """List the persistent derived tables of REPO (default: here), one for each model that builds it.

    SELECTOR chooses some, as in dbt. A PDT is MODEL/VIEW, pdt:MODEL/VIEW or the VIEW alone, with * for anything; +PDT is with all
    PDTs that it reads, PDT+ with all that read it, 2+PDT no further than two. There are model:, connection:, path:, tag:, view:,
    datagroup:, persistence:, table:NAME+ (what reads a table) and, with --base, state:new, state:changed and state:modified.
    Several selectors add up, and a comma inside one means both.

    \b
    dagster-lookml pdt list                                  # all of them
    dagster-lookml pdt list datagroup:nightly                # what a datagroup triggers
    dagster-lookml pdt list persistence:persist_for,model:sales
    dagster-lookml pdt list table:*.orders+ --json           # what reads a table, through other PDTs too
    dagster-lookml pdt list --base origin/main state:new     # what this branch adds

    Nothing is asked of Looker, whose API can tell neither which PDTs there are nor which derived tables are persistent.
    """  # noqa: D301 - click wants the control character itself
    from dagster_lookml.outputs.contract import encode
    from dagster_lookml.outputs.pdt_json import plan_json
    from dagster_lookml.outputs.pdt_text import list_text

    part, _, changes = planned(repository, arguments, exclude, base)
    if form == "json":
        click.echo(encode(plan_json(part, changes)), nl=False)
    else:
        tell(list_text(part))
