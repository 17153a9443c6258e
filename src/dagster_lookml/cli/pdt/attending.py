"""``pdt status``, ``pdt wait`` and ``pdt stop``: builds that were started before, by their ids or names."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from dagster_lookml.cli.formats import text_or_json
from dagster_lookml.cli.pdt.session import Connection, Session, connection_options, interruptible, timeout_option, warn
from dagster_lookml.errors import BuildRequestError, CallError

if TYPE_CHECKING:
    from dagster_lookml.pdt.building.events import BuildResult, StartedBuild
    from dagster_lookml.pdt.building.patience import Patience

_QUIET = click.option("--quiet", "-q", is_flag=True, help="Show nothing while it works.")


@click.command("status")
@click.argument("names", nargs=-1, metavar="[ID|NAME]...")
@click.option("--all", "everything", is_flag=True, help="Also list builds that have ended.")
@text_or_json
@connection_options
def status_command(connection: Connection, names: tuple[str, ...], everything: bool, form: str) -> None:
    """Ask Looker how builds are; without a name, list those that were started from here and have not been seen to end.

    NAME is MODEL/VIEW, or the VIEW alone: its latest build is meant. ID is Looker's, also of a build that was started elsewhere.
    The list needs no credentials, and says what was last seen; ids are kept in the user's state directory for thirty days, and
    $DAGSTER_LOOKML_STATE_DIR names another place.

    Exit codes: 0 Looker said how each is, 1 it does not know one, 3 it does not permit it, 4 it cannot be reached.

    \b
    dagster-lookml pdt status
    dagster-lookml pdt status sales/order_totals
    """  # noqa: D301 - click wants the control character itself
    from dagster_lookml.outputs.builds import known_builds_json, known_builds_text
    from dagster_lookml.outputs.contract import encode
    from dagster_lookml.pdt.building.journal import known_builds

    is_json = form == "json"
    if names:
        sys.exit(_look(connection, names, is_json=is_json))
    known = [one for one in known_builds(connection.journal_directory) if everything or one.may_be_running]
    if is_json:
        click.echo(encode(known_builds_json(known)), nl=False)
    elif known or everything:
        click.echo(known_builds_text(known), nl=False)
    else:
        click.echo("no build that was started from here is known to be running; --all lists those that have ended")


@click.command("wait")
@click.argument("names", nargs=-1, required=True, metavar="ID|NAME...")
@timeout_option("Stop waiting, and the build, after so long.")
@click.option("--no-cancel", is_flag=True, help="Leave builds running when interrupted.")
@_QUIET
@text_or_json
@connection_options
def wait_command(
    connection: Connection, names: tuple[str, ...], timeout: float | None, no_cancel: bool, quiet: bool, form: str
) -> None:
    """Watch builds that were started before, until they end.

    ID and NAME are as for `pdt status`. Exit codes are those of `pdt build`. An interrupt stops the builds, unless --no-cancel.
    """
    from dagster_lookml.pdt.building.patience import Patience

    patience = Patience(build_timeout=timeout)
    sys.exit(_attend(connection, names, patience, quiet=quiet, is_json=form == "json", cancel=not no_cancel))


@click.command("stop")
@click.argument("names", nargs=-1, required=True, metavar="ID|NAME...")
@_QUIET
@text_or_json
@connection_options
def stop_command(connection: Connection, names: tuple[str, ...], quiet: bool, form: str) -> None:
    """Stop builds that were started before, and see that they have stopped.

    ID and NAME are as for `pdt status`. The table that Looker built before stays, and is what queries go on reading. Exit codes:
    0 none of them runs any more, 3 Looker does not permit it, 4 that could not be made sure.
    """
    from dagster_lookml.pdt.building.patience import Patience

    sys.exit(_attend(connection, names, Patience(), quiet=quiet, is_json=form == "json", stop=True))


def _look(connection: Connection, names: tuple[str, ...], *, is_json: bool) -> int:
    """Say how builds are, and write down what is new; the exit code."""
    from dagster_lookml.outputs.builds import builds_json, builds_text
    from dagster_lookml.outputs.contract import encode
    from dagster_lookml.pdt.building.clock import SystemClock
    from dagster_lookml.pdt.building.exit_codes import exit_code_of, gravest
    from dagster_lookml.pdt.building.looking import look

    codes = []
    seen = []
    with connection.open(quiet=True) as session:
        builds = {one.build_id: one for one in [_found(session, name) for name in names]}
        for one in builds.values():
            pdt = one.request.pdt if one.request is not None else None
            try:
                result = look(session.client, pdt, one.build_id, SystemClock())
            except CallError as error:
                warn(f"{pdt or one.build_id}: {error}")
                codes.append(exit_code_of(error))
            else:
                seen.append(result)
                _write_down(session, result)
    click.echo(encode(builds_json(seen)) if is_json else builds_text(seen, sums_up=False), nl=False)
    return gravest(codes)


def _write_down(session: Session, seen: BuildResult) -> None:
    """Keep what a look has shown, so that the list of what runs knows it too."""
    from dagster_lookml.pdt.building.clock import SystemClock
    from dagster_lookml.pdt.building.journal import known_builds, news

    known = known_builds(session.journal, session.client.settings.host)
    of_build = next((one for one in known if one.build_id == seen.build_id), None)
    event = news(of_build, seen, SystemClock().today().isoformat(timespec="milliseconds")) if of_build is not None else None
    if event is not None:
        session.tell(event)


def _attend(
    connection: Connection,
    names: tuple[str, ...],
    patience: Patience,
    *,
    quiet: bool,
    is_json: bool,
    stop: bool = False,
    cancel: bool = True,
) -> int:
    """Watch builds until they end, or until they are stopped; the exit code."""
    from dagster_lookml.cli.pdt.ending import watched
    from dagster_lookml.pdt.building.exit_codes import exit_code, stop_exit_code
    from dagster_lookml.pdt.building.runner import Runner

    with interruptible(), connection.open(quiet=quiet) as session:
        builds = [_found(session, name) for name in names]
        runner = Runner(session.client, patience, tell=session.tell, cancel_on_interrupt=cancel)
        code = stop_exit_code if stop else exit_code
        return watched(session, runner, runner.attend(builds, stop=stop), code, is_json=is_json, sums_up=not stop)


def _found(session: Session, name: str) -> StartedBuild:
    """A build by its name, or by its id, which another machine may have started."""
    if not name:
        raise click.UsageError("an empty name was given; is a variable unset?")
    from dagster_lookml.pdt.building.events import StartedBuild
    from dagster_lookml.pdt.building.journal import find_build, known_builds
    from dagster_lookml.pdt.request import build_id

    known = known_builds(session.journal, session.client.settings.host)
    try:
        found = find_build(known, name)
    except BuildRequestError:
        if "/" in name or name.startswith("pdt:") or any(one.pdt.view == name for one in known):
            raise
        warn(f"{name}: no build of that name was started from here, so it is taken for an id")
        return StartedBuild(build_id=build_id(name))
    return found.started
