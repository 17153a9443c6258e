"""How a command that watched builds ends: what it prints, and its exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from typing import Final

import click

from dagster_lookml.cli.pdt.session import Interrupted, Session, warn
from dagster_lookml.outputs.builds import builds_json, builds_text
from dagster_lookml.outputs.contract import encode
from dagster_lookml.pdt.building.events import BuildResult
from dagster_lookml.pdt.building.runner import Results, Runner

_SIGNALLED: Final = 128
_BROKEN_PIPE: Final = _SIGNALLED + 13  # as shells tell of SIGPIPE

ExitCode = Callable[[Iterable[BuildResult]], int]


def watched(
    session: Session,
    runner: Runner,
    builds: Results,
    code: ExitCode,
    *,
    is_json: bool,
    sums_up: bool = True,
) -> int:
    """Watch builds until they end, or until a signal does; print what became of them, and give the exit code.

    Args:
        session: in which they are watched.
        runner: that builds.
        builds: what it yields.
        code: the exit code for what became of them.
        is_json: print JSON.
        sums_up: end the text with how many were built.
    """
    ending: int | None = None
    try:
        with closing(builds):  # what runs is stopped before all else ends
            for _ in builds:
                pass
    except Interrupted as error:
        ending = _SIGNALLED + error.number
    except BrokenPipeError:  # nobody reads any more what is shown, and everything was stopped
        ending = _BROKEN_PIPE
        _let_go_of(sys.stderr.fileno())
    finally:
        session.display.close()
        _report(encode(builds_json(runner.results)) if is_json else builds_text(runner.results, sums_up=sums_up))
    return code(runner.results) if ending is None else ending


def _report(text: str) -> None:
    """Print what became of builds. That nobody reads it, or that it cannot be written, changes nothing of that."""
    try:
        click.echo(text, nl=False)
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go_of(sys.stdout.fileno())
    except OSError as error:
        _let_go_of(sys.stdout.fileno())
        warn(f"what became of the builds cannot be written: {error.strerror}")


def _let_go_of(stream: int) -> None:
    """Write to nowhere from now on, so that what is left in a buffer is no error when the process ends."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream)
        os.close(nowhere)
