"""``dagster-lookml sandbox``."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
from math import isfinite
from secrets import token_hex
from typing import TYPE_CHECKING, Final

import click

from dagster_lookml.cli.dbt import traced_project
from dagster_lookml.cli.formats import text_or_json
from dagster_lookml.cli.repository import Repository, repository_options

if TYPE_CHECKING:  # a server is nothing to load for --help
    from dagster_lookml.pdt.planning.plan import Plan
    from dagster_lookml.pdt.sandbox import Credentials, Sandbox, SandboxPdt

_SECRET: Final = "LOOKERSDK_CLIENT_SECRET"


class _SaysWhatItAssumes(click.Command):
    """Its help ends with the assumptions."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from dagster_lookml.pdt.sandbox import ASSUMPTIONS, DISCLAIMER

        with formatter.section("Assumptions"):
            formatter.write_text(DISCLAIMER)
            formatter.write_dl(ASSUMPTIONS)


@click.command("sandbox", cls=_SaysWhatItAssumes)
@click.argument("path", required=False, metavar="[REPO]")
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Of 127.0.0.1. Default: one that is free.")
@click.option(
    "--seconds", type=click.FloatRange(min=0), default=5.0, show_default=True, help="How long a build of one PDT takes."
)
@click.option("--builders", type=click.IntRange(min=1), metavar="N", help="Builds at the same time. Default: any number.")
@click.option("--script", metavar="FILE", help="What goes wrong, as TOML: [[faults]], [[builds]], [random].")
@click.option("--client-id", metavar="ID", help=f"Accept this one only, with the secret in ${_SECRET}. Default: any.")
@click.option("--log/--no-log", default=None, help="Tell every request on stderr. Default: where that is a terminal.")
@text_or_json
@repository_options
def sandbox_command(
    repository: Repository,
    path: str | None,
    port: int,
    seconds: float,
    builders: int | None,
    script: str | None,
    client_id: str | None,
    log: bool | None,
    form: str,
) -> None:
    """Play the PDT endpoints of a Looker that has REPO (default: here), to try a deployment on.

    It listens on 127.0.0.1, starts, watches and stops builds of the PDTs of REPO, and builds nothing. The address that it
    prints is a page that shows what goes on. Ctrl-C ends it.

    \b
    dagster-lookml sandbox path/to/lookml --port 19999 --seconds 2
    dagster-lookml sandbox path/to/lookml --script faults.toml

    \b
    # faults.toml: the second to fourth check fail, one table fails, one start is lost
    [[faults]]
    operation = "check"                # login, logout, versions, start, check, stop, graph
    nth = "2-4"                        # 1, [1, 3], "all", "2-"
    action = {do = "respond", status = 503, body = "html"}
    [[faults]]
    operation = "start"
    pdt = "sales/orders*"
    action = {do = "drop"}             # respond, alter, reset, drop, hang, drip, revoke
    [[builds]]
    pdt = "sales/totals"
    seconds = 30
    outcome = "error"                  # complete, error, killed, stuck
    """  # noqa: D301 - click wants the control character itself
    from pathlib import Path

    if not isfinite(seconds):
        raise click.UsageError('--seconds is a number of seconds; a build that never ends is `outcome = "stuck"` in a script')
    from dagster_lookml.pdt.planning.plan import make_plan
    from dagster_lookml.pdt.sandbox import Sandbox, load_script, request_line

    credentials = _credentials(client_id)
    faults = load_script(repository.start / Path(script)) if script is not None else None
    workspace = repository.open(path)
    traced = traced_project(repository, workspace, None, None)
    pdts = sandbox_pdts(make_plan(traced.project, traced.builds, workspace.config.rules))
    gc.enable()  # what compiles ends soon, and this does not
    says = sys.stderr.isatty() if log is None else log
    try:
        sandbox = Sandbox(
            pdts,
            script=faults,
            seconds=seconds,
            builders=builders,
            credentials=credentials,
            port=port,
            life=token_hex(2),
            log=(lambda request: click.echo(request_line(request), err=True)) if says else None,
        )
    except OSError as error:
        raise click.ClickException(f"port {port} of 127.0.0.1: {error.strerror or error}") from error
    _serve(sandbox, _greeting(sandbox, traced.project.name, pdts, client_id, is_json=form == "json"))


def sandbox_pdts(plan: Plan) -> list[SandboxPdt]:
    """The derived tables of a project as the sandbox knows them, those too that are not persistent, as it refuses these.

    Args:
        plan: of the project.
    """
    from dagster_lookml.pdt.sandbox import SandboxPdt

    keys = {pdt.id: (pdt.model, pdt.view) for pdt in plan.pdts}
    found = {
        (pdt.model, pdt.view): SandboxPdt(pdt.model, pdt.view, tuple(keys[one] for one in pdt.upstream)) for pdt in plan.pdts
    }
    for model in plan.lookup.project.models:
        for name, identity in model.views.items():
            if plan.lookup.views[identity].derived_table is not None:
                found.setdefault((model.name, name), SandboxPdt(model.name, name, persistent=False))
    return list(found.values())


def _credentials(client_id: str | None) -> Credentials | None:
    from dagster_lookml.pdt.sandbox import Credentials

    if client_id is None:
        return None
    secret = os.environ.get(_SECRET)
    if not client_id or not secret:
        raise click.UsageError(f"--client-id needs the secret that goes with it in ${_SECRET}")
    return Credentials(client_id, secret)


def _greeting(sandbox: Sandbox, project: str, pdts: list[SandboxPdt], client_id: str | None, *, is_json: bool) -> str:
    from dagster_lookml.outputs.text import count
    from dagster_lookml.pdt.sandbox import DISCLAIMER

    persistent = sum(pdt.persistent for pdt in pdts)
    if is_json:
        return json.dumps({"url": sandbox.url, "pid": os.getpid(), "project": project, "pdts": persistent})
    key = f"LOOKERSDK_CLIENT_ID={client_id or 'any'} {_SECRET}={'...' if client_id else 'any'}"
    return "\n".join(
        (
            f"Looker sandbox with {count(persistent, 'PDT')} of {project}: {sandbox.url}",
            DISCLAIMER,
            "Where your deployment runs:",
            f"  export LOOKERSDK_BASE_URL={sandbox.url}",
            f"  export {key}",
            "Ctrl-C ends it.",
        )
    )


def _serve(sandbox: Sandbox, greeting: str) -> None:
    """Serve until somebody interrupts or ends the process."""
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    with sandbox:
        click.echo(greeting)
        sys.stdout.flush()
        done.wait()
