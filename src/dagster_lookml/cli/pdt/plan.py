"""``dagster-lookml pdt plan``."""

from __future__ import annotations

import click

from dagster_lookml.cli.formats import text_or_json
from dagster_lookml.cli.pdt.selection import planned, selection_options
from dagster_lookml.cli.repository import Repository, repository_options
from dagster_lookml.cli.telling import tell


@click.command("plan")
@selection_options
@text_or_json
@repository_options
def plan_command(
    repository: Repository, arguments: tuple[str, ...], form: str, exclude: tuple[str, ...], base: str | None
) -> None:
    """Show in which order the persistent derived tables of REPO (default: here) are built, and what each waits for.

    SELECTOR chooses some: see dagster-lookml pdt list --help. With --base and no SELECTOR it is what a change makes Looker build
    anew, and why: because a PDT is new, or its own definition is another, or that of a table, field or join that it is made of.
    Labels, comments, other fields and the place in the file make no difference.

    \b
    dagster-lookml pdt plan                                  # all of them, in order
    dagster-lookml pdt plan +sales/order_totals              # one, after all that it reads
    dagster-lookml pdt plan table:raw.orders+                # what is stale when a table was loaded
    dagster-lookml pdt plan --base origin/main               # what this branch rebuilds
    dagster-lookml pdt plan --base origin/main --json        # the same for programs

    Nothing is built. What Looker could not build is said as an error: for a circle, or for an error in the LookML. Looker's own
    regenerator goes on building what has a trigger that fires: the end of the text says what.
    """  # noqa: D301 - click wants the control character itself
    from dagster_lookml.outputs.contract import encode
    from dagster_lookml.outputs.pdt_json import plan_json
    from dagster_lookml.outputs.pdt_text import plan_text

    part, whole, changes = planned(repository, arguments, exclude, base, "state:modified")
    if form == "json":
        click.echo(encode(plan_json(part, changes)), nl=False)
    else:
        tell(plan_text(part, whole, changes, base or ""))
