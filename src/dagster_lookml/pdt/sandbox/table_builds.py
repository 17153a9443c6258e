"""Builds of tables over time: each waits for its upstream ones, then for a builder, then runs, then is over."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import Literal

from dagster_lookml.pdt.sandbox.script import BuildScript
from dagster_lookml.pdt.sandbox.timeline import Timeline

Word = Literal["added", "pending", "running", "complete", "error", "killed"]
"""The states of a build, as the wire has them."""


class TableBuild:
    """One build of one table, whoever waits for it.

    Attributes:
        name: of the table, ``model/view``.
        fate: how it goes.
        fails: it is one of those that end as an error, whatever its fate says otherwise.
        seconds: that it takes.
        wanted_by: the ids that wait for it; it is given up when there is none any more.
        began, ended: times of the clock; None before.
        outcome: the state that it ended in.
        message: of an error.
    """

    def __init__(self, name: str, fate: BuildScript, seconds: float, *, fails: bool) -> None:
        self.name = name
        self.fate = fate
        self.fails = fails
        self.seconds = seconds
        self.wanted_by: set[str] = set()
        self.began: float | None = None
        self.ended: float | None = None
        self.outcome: Word | None = None
        self.message: str | None = None
        self._readers: list[TableBuild] = []
        self._missing = 0

    @property
    def is_open(self) -> bool:
        """It waits or runs."""
        return self.ended is None

    @property
    def state(self) -> Word:
        """Where it stands."""
        return self.outcome or ("pending" if self.began is None else "running")

    def wait_for(self, upstream: TableBuild) -> None:
        """Begin no sooner than another build is complete."""
        upstream._readers = [*(one for one in upstream._readers if one.is_open), self]
        self._missing += 1


class Builders:
    """Runs builds, some at a time.

    Args:
        timeline: on which they run.
        limit: how many run at the same time; None for any number.
    """

    def __init__(self, timeline: Timeline, limit: int | None = None) -> None:
        self._timeline = timeline
        self._limit = limit
        self._ready: deque[TableBuild] = deque()
        self._running = 0

    def add(self, build: TableBuild, at: float) -> None:
        """Take a build on; it runs as soon as nothing holds it up."""
        if not build._missing:
            self._ready.append(build)
        self._begin(at)

    def kill(self, build: TableBuild, at: float) -> None:
        """End a build before its time."""
        self._end(build, at, "killed", None)

    def fail(self, build: TableBuild, at: float, message: str) -> None:
        """End a build that cannot be made."""
        self._end(build, at, "error", message)

    def _begin(self, at: float) -> None:
        while self._ready and (self._limit is None or self._running < self._limit):
            build = self._ready.popleft()
            if build.is_open:
                build.began = at
                self._running += 1
                if build.fails or build.fate.outcome != "stuck":
                    self._timeline.plan(at + build.seconds, partial(self._finish, build))

    def _finish(self, build: TableBuild, at: float) -> None:
        if build.fails or build.fate.outcome == "error":
            self._end(build, at, "error", build.fate.message)
        elif build.fate.outcome != "stuck":
            self._end(build, at, build.fate.outcome, None)

    def _end(self, build: TableBuild, at: float, outcome: Word, message: str | None) -> None:
        """End a build, and with it those that wait for it where it is not complete."""
        ending: list[tuple[TableBuild, Word, str | None]] = [(build, outcome, message)]
        while ending:
            one, state, reason = ending.pop()
            if not one.is_open:
                continue
            one.ended, one.outcome, one.message = at, state, reason
            self._running -= one.began is not None
            if state == "complete":
                self._release(one)
            else:
                why = f"upstream {one.name} ended as {state}" + (
                    f": {reason}" if reason and not reason.startswith("upstream") else ""
                )
                ending.extend((reader, "error", why) for reader in one._readers)
            one._readers = []  # so that one that is remembered does not hold all that came after it
        self._begin(at)

    def _release(self, build: TableBuild) -> None:
        for reader in build._readers:
            reader._missing -= 1
            if not reader._missing and reader.is_open:
                self._ready.append(reader)
