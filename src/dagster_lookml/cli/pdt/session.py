"""What the commands that talk to Looker have in common: options, a session, and how they end."""

from __future__ import annotations

import gc
import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from dagster_lookml.cli.pdt.display import Display
from dagster_lookml.errors import CallError
from dagster_lookml.pdt.building.events import BuildEvent, Listener
from dagster_lookml.pdt.building.journal import Journal, journal_directory
from dagster_lookml.pdt.building.patience import Patience
from dagster_lookml.pdt.building.signals import INTERRUPTING

if TYPE_CHECKING:
    from dagster_lookml.pdt.looker.client import LookerClient

Command = Callable[..., Any]

OLDEST_RELEASE: Final = (22, 2)
"""Of Looker, in which builds of PDTs can be started through the API."""


class Interrupted(KeyboardInterrupt):
    """A signal asked to end.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Session(msgspec.Struct, frozen=True):
    """A session with a Looker instance.

    Attributes:
        client: calls it.
        tell: told of what happens; it shows and keeps that.
        display: what shows it; to be closed before the answer is printed.
        journal: the directory where started builds are kept.
    """

    client: LookerClient
    tell: Listener
    display: Display
    journal: Path

    def warn_if_too_old(self) -> None:
        """Ask for Looker's release, and say so if it cannot build PDTs through its API (PDT-R21)."""
        try:
            release = self.client.release()
        except CallError as error:
            warn(f"Looker's release is not known: {error}")
            return
        numbers = [int(part) for part in release.split(".")[:2] if part.isdigit()]
        oldest = ".".join(map(str, OLDEST_RELEASE))
        if len(numbers) == 2 and tuple(numbers) < OLDEST_RELEASE:
            warn(f"this is Looker {release}, and building PDTs through the API needs {oldest}")


class Connection(msgspec.Struct, frozen=True):
    """What the options say of the session.

    Attributes:
        ini: the file with credentials; None for ``looker.ini`` if there is one.
        section: of that file.
        record: the file to write Looker's answers to.
        journal: the directory where started builds are kept; None for the user's own.
    """

    ini: str | None
    section: str | None
    record: str | None
    journal: str | None

    @property
    def journal_directory(self) -> Path:
        """Where started builds are kept."""
        return Path(self.journal) if self.journal else journal_directory()

    @contextmanager
    def open(self, *, quiet: bool) -> Iterator[Session]:
        """A session, logged out of at the end.

        Args:
            quiet: show nothing while it works.

        Raises:
            SettingsError: the settings are not complete, or wrong.
        """
        from dagster_lookml.pdt.looker.client import LookerClient
        from dagster_lookml.pdt.looker.recording import Recording
        from dagster_lookml.pdt.looker.settings import looker_settings

        settings = looker_settings(ini=Path(self.ini) if self.ini else None, section=self.section)
        if not settings.verify_ssl:
            warn("the certificate of the server is not checked (verify_ssl)")
        gc.enable()  # compiling ends soon, and watching builds may take hours
        with ExitStack() as ended:
            recording = Recording(Path(self.record), warn) if self.record else None
            if recording is not None:
                ended.callback(recording.close)
            client = ended.enter_context(LookerClient(settings, recording))
            journal = Journal(self.journal_directory, settings.host, warn)
            ended.callback(journal.close)
            display = ended.enter_context(Display(quiet=quiet))

            def tell(event: BuildEvent) -> None:
                journal(event)  # first: what is shown may fail, as on a closed pipe
                display(event)

            yield Session(client, tell, display, self.journal_directory)


def connection_options(command: Command) -> Command:
    """Add the options of a session; the command gets them as its argument ``connection``."""

    @wraps(command)
    def gathered(**options: Any) -> Any:
        return command(connection=Connection(*(options.pop(name) for name in Connection.__struct_fields__)), **options)

    with_options: Command = gathered
    for option in (
        click.option("--ini", metavar="FILE", help="Credentials as Looker's SDK keeps them; the environment is stronger."),
        click.option("--ini-section", "section", metavar="NAME", help="The section of that file; by default its first."),
        click.option("--record", metavar="FILE", help="Append what Looker answers to FILE, without secrets."),
        click.option("--journal", metavar="DIR", help="Keep the ids of builds in DIR, instead of in the user's own place."),
    ):
        with_options = option(with_options)
    return with_options


def say_that_it_waits() -> None:
    """Say why an interrupt does nothing yet. The handler of a signal calls it, so it writes past all that Python buffers."""
    os.write(
        2, b"dagster-lookml: waiting for Looker's answer to a start, so that its id is not lost; interrupt again not to wait\n"
    )


def warn(text: str) -> None:
    """Say on stderr what is worth knowing."""
    click.echo(f"dagster-lookml: {text}", err=True)


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP raise `Interrupted` here, each time that they come; but nohup has its way.

    SIGINT is heard also where it was ignored, as shells have it for what they run in the background: who sends it means it.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Interrupted(number)

    always = (signal.SIGINT, signal.SIGTERM)
    heard = [number for number in INTERRUPTING if number in always or signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def timeout_option(says: str) -> Callable[[Command], Command]:
    """Add ``--timeout``; the command gets it in seconds, or None for as long as it takes.

    Args:
        says: what comes of it, for its help.
    """
    default = shown_duration(Patience().build_timeout)
    return click.option("--timeout", callback=duration, metavar="TIME", default=default, show_default=True, help=says)


def duration(context: click.Context, option: click.Parameter, value: str) -> float | None:
    """The seconds of an option such as ``90``, ``90s``, ``30m``, ``4h`` or ``none``.

    Raises:
        BadParameter: it is no length of time.
    """
    text = value.strip().lower()
    if text == "none":
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", text)
    if found is None or float(found[1]) == 0:
        raise click.BadParameter(f"{value!r} is no length of time; write 90s, 30m, 4h or none", context, option)
    return float(found[1]) * _UNITS[found[2]]


def shown_duration(seconds: float | None) -> str:
    """A length of time as `duration` reads it.

    >>> shown_duration(14400.0), shown_duration(5400.0), shown_duration(1.5), shown_duration(None)
    ('4h', '90m', '1.5s', 'none')
    """
    if seconds is None:
        return "none"
    unit = next((one for one in ("h", "m") if seconds % _UNITS[one] == 0), "s")
    return f"{seconds / _UNITS[unit]:.15g}{unit}"
