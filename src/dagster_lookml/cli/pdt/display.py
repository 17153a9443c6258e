"""What is shown while builds are watched: on a terminal one line for each that runs, elsewhere one line for each event."""

from __future__ import annotations

import sys
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Final

import click

from dagster_lookml.pdt.building.events import BuildEvent
from dagster_lookml.pdt.building.status import BuildState

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

_COLORS: Final = {
    BuildState.SUCCEEDED: "green",
    BuildState.SKIPPED: "yellow",
    BuildState.RUNNING: "cyan",
    BuildState.QUEUED: "cyan",
    BuildState.WAITING: "cyan",
}


class Display:
    """Shows events on stderr.

    Args:
        quiet: show none.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._live: Live | None = None
        self._running: dict[str, tuple[BuildEvent, float]] = {}
        self._ended = 0
        self._succeeded = 0

    def __enter__(self) -> Display:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live

            self._live = Live(
                console=Console(stderr=True),
                get_renderable=self._table,
                refresh_per_second=4,
                transient=True,
                redirect_stdout=False,  # that is for the answer, which may go elsewhere
            )
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Take away the lines of what runs. What else is printed on the terminal is to come after this."""
        if self._live is not None:
            self._live.stop()

    def __call__(self, event: BuildEvent) -> None:
        """Show an event."""
        if self._quiet:
            return
        if self._live is None:
            click.echo(event_line(event), err=True)
            return
        name = _name(event)
        if event.kind == "ended":
            self._running.pop(name, None)
            self._ended += 1
            self._succeeded += event.state is BuildState.SUCCEEDED
            self._live.console.print(_ended_line(event), highlight=False, soft_wrap=True)
        else:
            self._running[name] = (event, monotonic() - event.seconds)
            if event.kind == "started":
                self._live.console.print(_started_line(event), highlight=False, soft_wrap=True)

    def _table(self) -> Table:
        from rich.markup import escape
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        for name, (event, begun) in tuple(self._running.items()):  # a thread of rich asks for this
            state = event.state if event.kind != "stopping" else "stopping"
            color = _COLORS.get(event.state, "red")
            said = event.message if event.kind in ("retry", "stopping") else ""
            elapsed = _elapsed(monotonic() - begun)
            colored, dimmed = f"[{color}]{state}[/{color}]", f"[dim]{escape(said[:60])}[/dim]"
            table.add_row(escape(name), colored, elapsed, escape(event.build_id), dimmed)
        if self._ended:
            table.add_row(f"[dim]{self._succeeded} of {self._ended} built[/dim]")
        return table


def event_line(event: BuildEvent) -> str:
    """An event as one line, for logs: time, what, which, and the rest as ``key=value``.

    >>> from dagster_lookml.pdt.request import PdtName
    >>> at = "2026-01-01T12:00:00.000+00:00"
    >>> event_line(BuildEvent(kind="started", pdt=PdtName("sales", "orders"), at=at, build_id="42", state=BuildState.QUEUED))
    '2026-01-01T12:00:00.000+00:00 started sales/orders state=QUEUED id=42 seconds=0.0'
    """
    facts = {"state": event.state, "id": event.build_id, "status": event.word, "seconds": event.seconds, "message": event.message}
    written = (f"{key}={_quoted(str(value))}" for key, value in facts.items() if value not in ("", None))
    return " ".join((event.at, event.kind, _name(event), *written))


def _started_line(event: BuildEvent) -> str:
    from rich.markup import escape

    return f"[dim]{escape(_name(event))} started, id {escape(event.build_id)}[/dim]"


def _ended_line(event: BuildEvent) -> str:
    from rich.markup import escape

    color = _COLORS.get(event.state, "red")
    message = f"  {escape(event.message)}" if event.message else ""
    return f"[{color}]{event.state:<15}[/{color}] {escape(_name(event))}  {_elapsed(event.seconds)}{message}"


def _name(event: BuildEvent) -> str:
    return str(event.pdt) if event.pdt is not None else event.build_id


def _quoted(text: str) -> str:
    """A value that stays one word of its line."""
    if text and not any(character in text for character in ' "\n\r='):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")
    return f'"{escaped}"'


def _elapsed(seconds: float) -> str:
    """A length of time as people read it.

    >>> _elapsed(4.24), _elapsed(75), _elapsed(7325)
    ('4.2 s', '1:15', '2:02:05')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
