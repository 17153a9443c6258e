"""The pretended Looker: derived tables, and builds of them by id. There is no HTTP in it, and time is what a clock says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from graphlib import CycleError
from heapq import nsmallest
from operator import itemgetter
from typing import Final

import msgspec

from dagster_lookml.pdt.sandbox.limits import BUILDS_REMEMBERED
from dagster_lookml.pdt.sandbox.script import Script
from dagster_lookml.pdt.sandbox.table_builds import Builders, TableBuild, Word
from dagster_lookml.pdt.sandbox.tables import Key, SandboxPdt, Table, TableState, cascade, linked_tables
from dagster_lookml.pdt.sandbox.timeline import Timeline

EPHEMERAL: Final = "An error has occurred."
"""All that Looker says of a start of a table that is not persistent (sdk-codegen issue 1107). Its HTTP status is not known."""


class Refused(Exception):  # noqa: N818 - an answer, and no failure of ours
    """Looker answers with an error.

    Attributes:
        status: of HTTP.
        message: of the error.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


class Said(msgspec.Struct, frozen=True):
    """What is said of a build.

    Attributes:
        id: of the build.
        word: its state, or what a script says instead.
        message: of an error.
    """

    id: str
    word: str
    message: str | None = None


class SandboxBuild(msgspec.Struct, frozen=True, kw_only=True):
    """A build as it stands.

    Attributes:
        id: given by its start.
        state: the true one.
        seconds: since its start, or from its start to its end.
        message: of an error.
        source, workspace, force_rebuild: as its start said.
    """

    id: str
    model: str
    view: str
    state: Word
    seconds: float
    message: str | None
    source: str | None
    workspace: str
    force_rebuild: bool


class _Order:
    """What one start asked for."""

    def __init__(self, identity: str, table: Table, at: float, query: dict[str, str]) -> None:
        self.id = identity
        self.table = table
        self.placed = at
        self.query = query
        self.builds: list[TableBuild] = []
        self.killed: float | None = None
        self.checks = 0
        self.stops = 0

    @property
    def target(self) -> TableBuild:
        return self.builds[-1]

    def state(self, now: float) -> Word:
        if self.killed is not None:
            return "killed"
        return "added" if self.target.is_open and now <= self.placed else self.target.state

    @property
    def ended(self) -> float | None:
        return self.target.ended if self.killed is None else self.killed


class Looker:
    """Builds derived tables, or says that it does.

    Args:
        pdts: that it knows.
        script: how builds go.
        clock: the time in seconds.
        seconds: that a build takes where the script does not say.
        builders: how many builds run at the same time; None for any number.
        life: stands in the ids of builds, if it is not empty.
        remembered: so many builds that have ended are known, the last ones. Those that have not are all known.

    Raises:
        ValueError: a table is given twice, or reads one that is not given.

    >>> from dagster_lookml.pdt.sandbox.clock import SteppedClock
    >>> clock = SteppedClock()
    >>> looker = Looker([SandboxPdt("sales", "orders")], clock=clock)
    >>> build = looker.start("sales", "orders", {})
    >>> clock.advance(5)
    >>> build.word, looker.check(build.id).word
    ('added', 'complete')
    """

    def __init__(
        self,
        pdts: Iterable[SandboxPdt],
        *,
        clock: Callable[[], float],
        script: Script | None = None,
        seconds: float = 5.0,
        builders: int | None = None,
        life: str = "",
        remembered: int = BUILDS_REMEMBERED,
    ) -> None:
        self._id = f"build-{life}-" if life else "build-"
        self._tables = linked_tables(pdts)
        self._clock = clock
        self._script = script or Script()
        self._seconds = seconds
        self._timeline = Timeline()
        self._builders = Builders(self._timeline, builders)
        self._orders: dict[str, _Order] = {}
        self._remembered = remembered
        self.starts: Counter[Key] = Counter()

    # -- what the API offers -------------------------------------------------------------------------------------------

    def start(self, model: str, view: str, query: dict[str, str]) -> Said:
        """Build a table, and what it reads and is missing.

        Args:
            model: of the table.
            view: of the table.
            query: the parameters of the call.

        Raises:
            Refused: there is no such table, or it is not persistent.
        """
        now = self._now()
        table = self._persistent_table(model, view)
        self._forget()
        self.starts[table.pdt.key] += 1
        order = _Order(f"{self._id}{self.starts.total()}", table, now, query)
        self._orders[order.id] = order
        force = query.get("force_rebuild") == "true"
        try:
            tables = cascade(table, lambda one: force or not one.built or one.current is not None)
        except CycleError as error:
            names = " -> ".join(one.name for one in error.args[1])
            self._fail(order, f"these tables read each other in a circle: {names}")
        else:
            order.builds = [self._build(one, order, now) for one in tables]
        return Said(order.id, "added")

    def check(self, identity: str) -> Said:
        """Say how a build stands, or what the script says instead.

        Raises:
            Refused: there is no such build.
        """
        now = self._now()
        order = self._order(identity)
        order.checks += 1
        words = order.target.fate.words
        if order.killed is None and len(words) >= order.checks:
            return Said(identity, words[order.checks - 1])
        if order.killed is None and words and order.target.is_open and order.target.fate.outcome == "stuck":
            return Said(identity, words[-1])
        return self._said(order, now)

    def stop(self, identity: str) -> Said:
        """Give a build up; one that is over stays as it is.

        Raises:
            Refused: there is no such build.
        """
        now = self._now()
        order = self._order(identity)
        order.stops += 1
        fate = order.target.fate
        if order.ended is None and order.stops > fate.stops_ignored:
            self._timeline.plan(now + fate.stop_latency, partial(self._give_up, order))
            self._timeline.advance(now)
        return self._said(order, now)

    # -- what the sandbox tells ----------------------------------------------------------------------------------------

    def pdt_of(self, identity: str) -> str | None:
        """The ``model/view`` that an id is about; None if there is no such id."""
        return self._orders[identity].table.name if identity in self._orders else None

    def tables(self) -> tuple[TableState, ...]:
        """All tables as they stand, by model and view."""
        self._now()
        return tuple(self._tables[key].state() for key in sorted(self._tables))

    def builds(self) -> tuple[SandboxBuild, ...]:
        """All builds as they stand, in the order of their starts."""
        now = self._now()
        return tuple(_as_it_stands(order, now) for order in self._orders.values())

    # -- inside --------------------------------------------------------------------------------------------------------

    def _now(self) -> float:
        now = self._clock()
        self._timeline.advance(now)
        return now

    def _forget(self) -> None:
        """Let go of the builds that ended first, where more have ended than are remembered."""
        if len(self._orders) <= self._remembered:
            return
        ended = [(order.ended, order.id) for order in self._orders.values() if order.ended is not None]
        for _, identity in nsmallest(len(ended) - self._remembered, ended, key=itemgetter(0)):
            del self._orders[identity]

    def _persistent_table(self, model: str, view: str) -> Table:
        table = self._tables.get((model, view))
        if table is None:
            raise Refused(404, "Not found")
        if not table.pdt.persistent:
            raise Refused(400, EPHEMERAL)
        return table

    def _order(self, identity: str) -> _Order:
        if identity not in self._orders:
            raise Refused(404, "Not found")
        return self._orders[identity]

    def _new_build(self, table: Table) -> TableBuild:
        fate = self._script.fate(table.name)
        seconds = self._seconds if fate.seconds is None else fate.seconds
        return TableBuild(table.name, fate, seconds, fails=table.begun < fate.fails_first)

    def _build(self, table: Table, order: _Order, now: float) -> TableBuild:
        """The build of a table that an order waits for: one that is under way, or a new one."""
        build = table.current
        if build is not None:
            table.overlaps += 1
        else:
            build = self._new_build(table)
            table.add(build)
            for one in table.upstream:
                if one.current is not None:
                    build.wait_for(one.current)
            self._builders.add(build, now)
        build.wanted_by.add(order.id)
        return build

    def _fail(self, order: _Order, message: str) -> None:
        build = self._new_build(order.table)
        order.table.add(build)
        order.builds = [build]
        self._builders.fail(build, order.placed, message)

    def _give_up(self, order: _Order, at: float) -> None:
        """Let a stop take effect. What another id waits for goes on."""
        if order.ended is not None:
            return
        order.killed = at
        for build in reversed(order.builds):
            build.wanted_by.discard(order.id)
            if not build.wanted_by and build.is_open:
                self._builders.kill(build, at)

    def _said(self, order: _Order, now: float) -> Said:
        state = order.state(now)
        return Said(order.id, state, order.target.message or "" if state == "error" else None)


def _as_it_stands(order: _Order, now: float) -> SandboxBuild:
    state = order.state(now)
    ended = order.ended
    return SandboxBuild(
        id=order.id,
        model=order.table.pdt.model,
        view=order.table.pdt.view,
        state=state,
        seconds=(now if ended is None else ended) - order.placed,
        message=order.target.message if state == "error" else None,
        source=order.query.get("source"),
        workspace=order.query.get("workspace", "production"),
        force_rebuild=order.query.get("force_rebuild") == "true",
    )
