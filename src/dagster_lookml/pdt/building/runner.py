"""Many builds: in the order of what reads what, so many at once, until every one of them has ended.

One thread takes all steps of all builds. So there is one session and one login, nothing to lock, and a signal finds the code that
can stop what runs; a call that hangs holds the others up no longer than its deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from random import Random
from typing import Final

import msgspec

from dagster_lookml.errors import BuildRequestError
from dagster_lookml.pdt.building.build import Build
from dagster_lookml.pdt.building.clock import Clock, SystemClock
from dagster_lookml.pdt.building.events import BuildEvent, BuildResult, Listener, StartedBuild
from dagster_lookml.pdt.building.patience import Patience, is_out_of_reach
from dagster_lookml.pdt.building.progress import BuildContext
from dagster_lookml.pdt.building.signals import signals_held
from dagster_lookml.pdt.building.status import BuildState
from dagster_lookml.pdt.looker.client import LookerClient
from dagster_lookml.pdt.request import BuildRequest, PdtName

DEFAULT_CONCURRENCY: Final = 2
"""Builds at once. Looker builds one at a time on a connection by default, so more would mostly wait there."""

_LONGEST_NAP: Final = 2.0

Results = Generator[BuildResult, None, None]
"""What becomes of builds, when it is known. Closed before its end it has what runs stopped."""


class Runner:
    """Builds PDTs.

    Args:
        client: calls the API.
        patience: how long is waited for what.
        concurrency: builds at once.
        fail_fast: after a failure start no more; what runs goes on.
        cancel_on_interrupt: stop what runs when something interrupts; otherwise leave it to Looker.
        tell: told of each event.
        watch: called at least every two seconds; what it raises interrupts.
        held: called when a signal has to wait for the answer to a start; see `signals_held`.
        clock: tells the time.
        random: for jitter.

    Example:
        .. code-block:: python

            with LookerClient(looker_settings()) as client:
                for result in Runner(client).run([BuildRequest(pdt=PdtName("sales", "order_totals"))], {}):
                    print(result.pdt, result.state)
    """

    def __init__(
        self,
        client: LookerClient,
        patience: Patience | None = None,
        *,
        concurrency: int = DEFAULT_CONCURRENCY,
        fail_fast: bool = False,
        cancel_on_interrupt: bool = True,
        tell: Listener = lambda event: None,
        watch: Callable[[], None] = lambda: None,
        held: Callable[[], None] = lambda: None,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        self._tell = tell
        self._is_ending = False
        chance = random or Random()  # noqa: S311 - for jitter
        self._context = BuildContext(client, patience or Patience(), clock or SystemClock(), chance, self._told, held)
        self._concurrency = max(1, concurrency)
        self._fail_fast = fail_fast
        self._cancel_on_interrupt = cancel_on_interrupt
        self._watch = watch
        self._waiting: dict[PdtName, BuildRequest] = {}
        self._upstream: Mapping[PdtName, frozenset[PdtName]] = {}
        self._running: list[Build] = []
        self._succeeded: set[PdtName] = set()
        self._results: list[BuildResult] = []
        self._no_more: str | None = None

    def run(self, requests: Sequence[BuildRequest], upstream: Mapping[PdtName, frozenset[PdtName]]) -> Results:
        """Build, and yield what becomes of each PDT when it is known; those that others read come first.

        Signals come only while this works, and wait while whoever iterates does.

        Args:
            requests: what to build; the same PDT twice is built once.
            upstream: the PDTs that each reads, directly or not. Those that are not to be built are left to Looker.

        Raises:
            BuildRequestError: PDTs that read each other cannot be built in any order.
            BaseException: whatever interrupted, when all that ran was told to stop and `results` says what became of it.
        """
        wanted = _distinct(requests)
        self._upstream = {pdt: frozenset(upstream.get(pdt, ())) & wanted.keys() - {pdt} for pdt in wanted}
        self._waiting = {pdt: wanted[pdt] for pdt in _in_order(self._upstream)}
        return self._run([])

    def attend(self, builds: Iterable[StartedBuild], *, stop: bool = False) -> Results:
        """Watch builds that were started before, until they end.

        Args:
            builds: each is watched once, however often it is given.
            stop: have them stopped.
        """
        distinct = {one.build_id: one for one in builds}
        return self._run([Build(one.request, self._context, one) for one in distinct.values()], stop=stop)

    @property
    def results(self) -> tuple[BuildResult, ...]:
        """What has become of all so far, also of what an interrupt ended."""
        return tuple(self._results)

    def _run(self, running: list[Build], *, stop: bool = False) -> Results:
        self._running = running
        given = len(self._results)
        try:
            for build in running if stop else ():
                build.give_up(BuildState.CANCELLED, "asked to stop")
            while self._running or self._waiting:
                self._turn()
                while given < len(self._results):
                    given += 1
                    # A signal that comes while whoever iterates works would find nobody who stops what runs. (Dagster sets its
                    # own handlers then; when it ends, it closes this iterator, and what runs is stopped by that.)
                    with signals_held():
                        yield self._results[given - 1]
        except BaseException as interruption:
            self._interrupted(interruption)
            raise

    # -- one turn ------------------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        """Start what may start, wait until something is due, and take one step."""
        with signals_held():  # a PDT that is neither waiting nor running would be lost
            while len(self._running) < self._concurrency and (pdt := self._next()) is not None:
                self._running.append(Build(self._waiting.pop(pdt), self._context))
        if not self._running:
            return
        build = min(self._running, key=lambda one: one.due)
        self._wait_until(build.due)
        self._step(build)

    def _next(self) -> PdtName | None:
        """The first PDT that waits for nothing."""
        return next((pdt for pdt in self._waiting if self._upstream[pdt] <= self._succeeded), None)

    def _step(self, build: Build) -> None:
        build.step()
        if build.result is not None:
            with signals_held():
                self._settle(build, build.result)

    def _settle(self, build: Build, result: BuildResult) -> None:
        self._running.remove(build)
        self._results.append(result)
        if result.state is BuildState.SUCCEEDED:
            if result.pdt is not None:
                self._succeeded.add(result.pdt)
        else:
            self._no_more = self._no_more or self._why_no_more(result)
            self._skip()

    def _why_no_more(self, result: BuildResult) -> str | None:
        """Why nothing more is started after a failure: where every other start would fail likewise, or that was asked for."""
        is_about_one = result.operation != "login" and result.status == 403  # what one model allows, another may
        if result.failure == "credentials" and not is_about_one:
            return f"Looker refuses these credentials: {result.message}"
        if result.state is BuildState.UNREACHABLE or is_out_of_reach(result):
            return f"Looker cannot be reached: {result.message}"
        return f"{result.pdt} ended as {result.state}, and nothing more is started after a failure" if self._fail_fast else None

    def _skip(self) -> None:
        """End what cannot be built any more, because of what failed."""
        bad = {one.pdt: one.state for one in self._results if one.state is not BuildState.SUCCEEDED and one.pdt is not None}
        for pdt in list(self._waiting):
            reason = self._no_more
            because = next((one for one in sorted(self._upstream[pdt]) if one in bad), None)
            if because is not None:
                reason = f"it reads {because}, which ended as {bad[because]}"
            if reason is not None:
                bad[pdt] = BuildState.SKIPPED
                self._skip_one(pdt, reason)

    def _skip_one(self, pdt: PdtName, reason: str) -> None:
        del self._waiting[pdt]
        self._results.append(_skipped(pdt, reason))
        at = self._context.clock.today().isoformat(timespec="milliseconds")
        self._told(BuildEvent(kind="ended", pdt=pdt, at=at, state=BuildState.SKIPPED, message=reason))

    def _told(self, event: BuildEvent) -> None:
        """Tell of an event. Where all is being stopped, a listener that fails keeps nothing from that."""
        try:
            self._tell(event)
        except Exception:
            if not self._is_ending:
                raise

    def _wait_until(self, due: float) -> None:
        self._watch()
        while (left := due - self._context.clock.now()) > 0:
            self._context.clock.wait(min(left, _LONGEST_NAP))
            self._watch()

    # -- interrupts ----------------------------------------------------------------------------------------------------

    def _interrupted(self, interruption: BaseException) -> None:
        """Have everything that runs stopped, or leave it (PDT-R9). What interrupts this too ends it at once."""
        is_plain = isinstance(interruption, GeneratorExit | KeyboardInterrupt)
        words = str(interruption) or ("" if is_plain else type(interruption).__name__)
        reason = f"interrupted: {words}" if words else "interrupted"
        self._is_ending = True
        try:
            for build in self._running:
                if self._cancel_on_interrupt:
                    build.give_up(BuildState.CANCELLED, reason)
                else:
                    build.leave(reason)
            for pdt in list(self._waiting):
                self._skip_one(pdt, reason)
            while stopping := [build for build in self._running if build.result is None]:
                build = min(stopping, key=lambda one: one.due)
                wait = build.due - self._context.clock.now()
                if wait > 0:
                    self._context.clock.wait(wait)
                build.step()
        finally:
            self._results += [build.result or build.unfinished("not stopped: interrupted again") for build in self._running]
            self._results += [_skipped(pdt, reason) for pdt in self._waiting]
            self._running, self._waiting = [], {}


def _skipped(pdt: PdtName, reason: str) -> BuildResult:
    return BuildResult(pdt=pdt, build_id=None, state=BuildState.SKIPPED, message=reason)


def _distinct(requests: Sequence[BuildRequest]) -> dict[PdtName, BuildRequest]:
    """Each PDT once (PDT-R14); what is asked for in several ways is done in the most thorough of them.

    Raises:
        BuildRequestError: it is asked for in two workspaces.
    """
    found: dict[PdtName, BuildRequest] = {}
    for request in requests:
        other = found.setdefault(request.pdt, request)
        if other.workspace != request.workspace:
            raise BuildRequestError(str(request.pdt), "it is asked for in two workspaces; build them one after the other")
        found[request.pdt] = msgspec.structs.replace(
            other,
            force_rebuild=other.force_rebuild or request.force_rebuild,
            force_full_incremental=other.force_full_incremental or request.force_full_incremental,
        )
    return found


def _in_order(upstream: Mapping[PdtName, frozenset[PdtName]]) -> list[PdtName]:
    """PDTs in an order in which each comes after those that it reads.

    Raises:
        BuildRequestError: there is none.
    """
    try:
        return list(TopologicalSorter(upstream).static_order())
    except CycleError as error:
        circle: list[PdtName] = error.args[1]
        names = " -> ".join(map(str, circle))
        raise BuildRequestError(names, "these PDTs read each other, so that none can be built first") from None
