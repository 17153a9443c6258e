"""``dagster-lookml pdt build``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from dagster_lookml.cli.formats import text_or_json
from dagster_lookml.cli.pdt.selection import planned, repository_and_pdts, selection_options
from dagster_lookml.cli.pdt.session import (
    Connection,
    connection_options,
    interruptible,
    say_that_it_waits,
    timeout_option,
    warn,
)
from dagster_lookml.cli.repository import Repository, repository_options
from dagster_lookml.pdt.building.patience import Patience
from dagster_lookml.pdt.building.runner import DEFAULT_CONCURRENCY, Runner
from dagster_lookml.pdt.request import SOURCE, WORKSPACES, Workspace

if TYPE_CHECKING:
    from dagster_lookml.pdt.planning.plan import Plan


@click.command("build")
@selection_options
@click.option(
    "--concurrency",
    type=click.IntRange(1, 100),
    default=DEFAULT_CONCURRENCY,
    show_default=True,
    metavar="N",
    help="Builds at once.",
)
@timeout_option("Stop a build that takes longer; or none.")
@click.option("--fail-fast", is_flag=True, help="Start nothing more after a failure.")
@click.option("--no-cancel", is_flag=True, help="Leave builds running when interrupted.")
@click.option("--force-rebuild", is_flag=True, help="Have those that read none of the others build anew what they read.")
@click.option("--force-full-incremental", is_flag=True, help="Build incremental PDTs from the beginning.")
@click.option(
    "--workspace", type=click.Choice(WORKSPACES), default="production", show_default=True, help="Which LookML is built."
)
@click.option("--source", default=SOURCE, show_default=True, help="The label that Looker keeps of who asked.")
@click.option("--retry-503", is_flag=True, help="Send a start again after HTTP 503: right where only a proxy gives it.")
@click.option("--retry-ambiguous-start", is_flag=True, help="Send a start again that was not answered: it may build twice.")
@click.option("--check-release", is_flag=True, help="Ask for Looker's release first, and warn if it is too old for this.")
@click.option("--allow-errors", is_flag=True, help="Also ask for PDTs whose LookML has errors: see `pdt plan`.")
@click.option("--dry-run", is_flag=True, help="Show what would be asked for, and ask for nothing.")
@text_or_json
@connection_options
@repository_options
def build_command(
    repository: Repository,
    connection: Connection,
    arguments: tuple[str, ...],
    exclude: tuple[str, ...],
    base: str | None,
    concurrency: int,
    timeout: float | None,
    fail_fast: bool,
    no_cancel: bool,
    force_rebuild: bool,
    force_full_incremental: bool,
    workspace: Workspace,
    source: str,
    retry_503: bool,
    retry_ambiguous_start: bool,
    check_release: bool,
    allow_errors: bool,
    dry_run: bool,
    form: str,
) -> None:
    """Have Looker build persistent derived tables of REPO (default: here), and wait until each of them has ended.

    SELECTOR is as for `pdt list`; without one it is what --base says that a change rebuilds. What a PDT reads is built before it
    if it is selected too, and otherwise left to Looker, which builds what is missing. Where one fails, those that read it are
    skipped, and the others go on. A PDT counts as built when Looker says so, and never before.

    Credentials come from LOOKERSDK_BASE_URL, LOOKERSDK_CLIENT_ID and LOOKERSDK_CLIENT_SECRET, or from a looker.ini; the API user
    needs the permission `develop`, and the connection "PDT API Control". Try it on `dagster-lookml sandbox`.

    \b
    dagster-lookml pdt build sales/order_totals              # one
    dagster-lookml pdt build +sales/order_totals --dry-run   # one, and all that it reads, in order
    dagster-lookml pdt build datagroup:nightly --concurrency 4
    dagster-lookml pdt build --base origin/main              # what this branch changes
    dagster-lookml pdt build "pdt:*"                         # everything

    Ctrl-C stops what runs and waits until that is confirmed; a second one ends at once. The ids of builds are kept on this
    machine: see `pdt status`, `pdt wait`, `pdt stop`.

    \b
    Exit codes: 0 all built, 1 some failed, 2 could not run, 3 not permitted, 4 Looker cannot be reached or a start was not
    answered, 5 took too long, 130 and 143 interrupted, 141 nobody read any more what it said.
    """  # noqa: D301 - click wants the control character itself
    from dagster_lookml.cli.pdt.dry_run import dry_run_json, dry_run_text
    from dagster_lookml.cli.pdt.ending import watched
    from dagster_lookml.outputs.contract import encode
    from dagster_lookml.pdt.building.exit_codes import exit_code
    from dagster_lookml.pdt.building.requesting import build_requests, upstream_names

    if not repository_and_pdts(arguments, repository.start)[1] and base is None:
        raise click.UsageError('say what to build, for example sales/order_totals, datagroup:nightly, or "pdt:*" for everything')
    part, whole, _ = planned(repository, arguments, exclude, base, "state:modified")
    requests = build_requests(
        whole,
        (one.id for one in part.pdts),
        force_rebuild=force_rebuild,
        force_full_incremental=force_full_incremental,
        workspace=workspace,
        source=source,
        allow_errors=allow_errors,
    )
    upstream = upstream_names(whole)
    _warn_of(part)
    if dry_run:
        click.echo(encode(dry_run_json(requests, upstream)) if form == "json" else dry_run_text(requests, upstream), nl=False)
        return
    patience = Patience(
        build_timeout=timeout,
        retry_503=retry_503,
        retry_ambiguous_start=retry_ambiguous_start,
    )
    with interruptible(), connection.open(quiet=repository.quiet) as session:
        if check_release:
            session.warn_if_too_old()
        runner = Runner(
            session.client,
            patience,
            concurrency=concurrency,
            fail_fast=fail_fast,
            cancel_on_interrupt=not no_cancel,
            tell=session.tell,
            held=say_that_it_waits,
        )
        code = watched(session, runner, runner.run(requests, upstream), exit_code, is_json=form == "json")
    sys.exit(code)


def _warn_of(plan: Plan) -> None:
    """What may be built twice, or what nobody knows to work."""
    from dagster_lookml.outputs.text import count

    regenerated = [one for one in plan.pdts if one.regeneration.verdict != "leaves"]
    if regenerated:
        these = f"{len(regenerated):,} of these {count(len(plan.pdts), 'PDT')}" if len(plan.pdts) > 1 else "this PDT"
        fires = "its trigger fires" if len(regenerated) == 1 else "their triggers fire"
        says = "says which" if len(plan.pdts) > 1 else "says why"
        warn(f"Looker's regenerator may build {these} too, when {fires}: `dagster-lookml pdt plan` {says}")
    views = [one.id for one in plan.pdts if one.persistence.kind == "materialized_view"]
    if views:
        warn(f"it is not known whether Looker's API builds materialized views: {', '.join(views)}")
