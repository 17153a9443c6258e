"""What is known of one build so far: what Looker said, what was sent, and when the next call is due."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

import msgspec

from dagster_lookml.errors import CallError
from dagster_lookml.pdt.building.clock import Clock
from dagster_lookml.pdt.building.events import BuildEvent, BuildResult, EventKind, Listener, StartedBuild
from dagster_lookml.pdt.building.patience import Patience
from dagster_lookml.pdt.building.status import BuildState, Status, parse_status
from dagster_lookml.pdt.looker.client import LookerClient
from dagster_lookml.pdt.looker.secrecy import shortened
from dagster_lookml.pdt.request import PdtName

_LONGEST_TEXT: Final = 500
_DECIDED_BY_A_CALL: Final = frozenset(
    (BuildState.START_FAILED, BuildState.START_AMBIGUOUS, BuildState.LOST, BuildState.UNREACHABLE)
)


class BuildContext(msgspec.Struct, frozen=True):
    """What builds have in common.

    Attributes:
        client: calls the API.
        patience: how long is waited for what.
        clock: tells the time.
        random: for jitter.
        tell: is told what happens.
        held: called when a signal has to wait for the answer to a start; see `signals_held`.
    """

    client: LookerClient
    patience: Patience
    clock: Clock
    random: Random
    tell: Listener
    held: Callable[[], None] = lambda: None


class Progress:
    """What is known of one build so far.

    Args:
        pdt: that is built; None where only the id of the build is known.
        context: what it has in common with others.
        started: the build, if somebody started it before.

    Attributes:
        build_id: Looker's id; None as long as there is none.
        state: that it is in.
        status: what Looker said last.
        due: when the next call is to be made, on the clock.
        result: what has become of it; None until it is over.
        error: how the last call failed that nothing has made good.
        starts: starts that were sent.
        polls: checks that were answered.
        retries: calls that failed and were made again.
        build_until: when it has taken too long; None if it may take as long as it does.
        understood_until: when Looker has to have said something that is understood; None while it does.
        stopped_until: when it has to have stopped; None if it was not told to.
    """

    def __init__(self, pdt: PdtName | None, context: BuildContext, started: StartedBuild | None = None) -> None:
        self.pdt = pdt
        self._context = context
        self.build_id = started.build_id if started is not None else None
        self.state = BuildState.WAITING if started is None else BuildState.QUEUED
        self.status = Status(None)
        self.due = self._begun = context.clock.now()
        self._started_at = started.started_at if started is not None else self._today()
        self.result: BuildResult | None = None
        self.error: CallError | None = None
        self.starts = self.polls = self.retries = 0
        self._failures = 0
        self._failing_since = 0.0
        timeout = self.patience.build_timeout
        self.build_until = self._begun + timeout if timeout is not None else None
        self.understood_until: float | None = None
        self.stopped_until: float | None = None

    @property
    def now(self) -> float:
        """Seconds on the clock."""
        return self._context.clock.now()

    @property
    def patience(self) -> Patience:
        """How long is waited for what."""
        return self._context.patience

    @property
    def known_id(self) -> str:
        """Looker's id of a build that has one."""
        assert self.build_id is not None
        return self.build_id

    @property
    def has_ended(self) -> bool:
        """Looker said last that it has ended."""
        return self.status.state is not None and self.status.state.has_ended

    # -- what Looker said ----------------------------------------------------------------------------------------------

    def made_good(self) -> None:
        """A call was answered, so that those that failed before it count no more."""
        self._failures, self.error = 0, None

    def heard(self, text: str | None) -> None:
        """Remember what an answer said: one without a word leaves the word that there was."""
        redact = self._context.client.redact
        status = parse_status(text)
        word = redact(status.word) if status.word is not None else self.status.word
        whole = redact(status.text) if status.text is not None else self.status.text
        self.status = Status(status.state, word, redact(status.message), whole)

    def said(self) -> str:
        """What Looker said last, as it said it, shortened."""
        return shortened(self.status.text or "", _LONGEST_TEXT)

    # -- when the next call is due -------------------------------------------------------------------------------------

    def poll_wait(self, polls: int) -> float:
        """Seconds to wait before the next look, after so many."""
        return self.patience.poll_wait(polls, self._context.random)

    def wait(self, seconds: float) -> None:
        """Make the next call after a while, or as soon as there is no time left."""
        now = self.now
        limits = (self.stopped_until, self.build_until, self.understood_until)
        self.due = min((now + seconds, *(limit for limit in limits if limit is not None and limit > now)))

    def may_try_again(self, error: CallError) -> bool:
        """Make the call again that failed, unless too many in a row have (PDT-R6)."""
        if self._failures == 0:
            self._failing_since = self.now
        self._failures += 1
        is_spent = self._failures >= self.patience.failed_calls or self.now - self._failing_since >= self.patience.failed_seconds
        if not is_spent:
            self.try_again(error, self.patience.retry_wait(self._failures, error, self._context.random))
        return not is_spent

    def try_again(self, error: CallError, seconds: float) -> None:
        """Make the call again that failed, after a while."""
        self.retries += 1
        self.wait(seconds)
        self.tell("retry", f"{error}; again in {max(0.0, self.due - self.now):.1f} s")

    # -- what is told --------------------------------------------------------------------------------------------------

    def tell(self, kind: EventKind, message: str = "", *, may_run: bool = False) -> None:
        """Tell what happens."""
        self._context.tell(
            BuildEvent(
                kind=kind,
                pdt=self.pdt,
                at=self._today(),
                build_id=self.build_id or "",
                state=self.state,
                word=self.status.word,
                message=message,
                seconds=self._seconds(),
                may_run=may_run,
            )
        )

    def end(self, state: BuildState, message: str, stopped: bool | None = None, *, is_unknown: bool = False) -> None:
        """Nothing more happens.

        Args:
            state: what it ended as.
            message: why.
            stopped: whether its end is confirmed; None if it was not told to stop.
            is_unknown: Looker knows no such build.
        """
        self.state = state
        self.result = self.unfinished(message, stopped)
        self.tell("ended", message, may_run=stopped is False and not is_unknown)

    def unfinished(self, message: str, stopped: bool | None) -> BuildResult:
        """What is known of it now, if nothing more is done."""
        error = self.error if self.state in _DECIDED_BY_A_CALL or stopped is False else None
        return BuildResult(
            pdt=self.pdt,
            build_id=self.build_id,
            state=self.state,
            raw_status=self.status.word,
            message=message,
            started_at=self._started_at if self.starts or self.build_id else None,
            duration_s=self._seconds(),
            starts=self.starts,
            polls=self.polls,
            retries=self.retries,
            stopped=stopped,
            failure=error.failure if error is not None else None,
            status=error.status if error is not None else None,
            operation=error.operation if error is not None else None,
        )

    def _seconds(self) -> float:
        return round(self.now - self._begun, 3)

    def _today(self) -> str:
        return self._context.clock.today().isoformat(timespec="milliseconds")
