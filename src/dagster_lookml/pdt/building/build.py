"""One build from its start to its end: a state machine that makes one call of the API at each step.

It never waits: `due` says when it wants to take its next step, and whoever runs builds waits for whichever is due first.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final, Literal

import msgspec

from dagster_lookml.errors import CallError
from dagster_lookml.pdt.building.clock import Clock
from dagster_lookml.pdt.building.events import BuildEvent, BuildResult, EventKind, Listener
from dagster_lookml.pdt.building.patience import Patience, is_ambiguous, is_transient
from dagster_lookml.pdt.building.signals import signals_held
from dagster_lookml.pdt.building.status import BuildState, Status, parse_status
from dagster_lookml.pdt.looker.client import Answer, LookerClient
from dagster_lookml.pdt.looker.secrecy import shortened
from dagster_lookml.pdt.request import BuildRequest, is_name

Phase = Literal["starting", "watching", "stopping", "confirming", "over"]
"""What the next step does: send the start; look; send a stop; look whether it has stopped; nothing."""

_STOP_AGAIN: Final = 4  # looks at a build that was told to stop and goes on, until it is told again
_LONGEST_TEXT: Final = 500
_MAY_RUN: Final = (
    "a build may be running, and since its id is unknown it cannot be watched or stopped from here;"
    " look at Looker's page of PDTs before you start it again"
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


class Build:
    """A build that is asked for, watched, and stopped where that must be.

    Args:
        request: what is built; None where only the id of the build is known.
        around: what it has in common with others.
        build_id: of a build that somebody started before; None to start one.
    """

    def __init__(self, request: BuildRequest | None, around: BuildContext, build_id: str | None = None) -> None:
        self.pdt = request.pdt if request is not None else None
        self._request = request
        self.phase: Phase = "starting" if build_id is None else "watching"
        self.due = around.clock.now()
        self.state = BuildState.WAITING if build_id is None else BuildState.QUEUED
        self.result: BuildResult | None = None
        self._around = around
        self._build_id = build_id
        self._start_is_out = self._may_run = False
        self._begun = self.due
        self._begun_at = around.clock.today().isoformat(timespec="milliseconds")
        self._status = Status(None)
        self._unknown_since: float | None = None
        self._failures = 0
        self._failing_since = 0.0
        self._starts = self._polls = self._retries = self._lost = self._looks = 0
        # What it ends as unless Looker says that it ended by itself, and why.
        self._verdict = BuildState.UNKNOWN
        self._reason = ""
        self._error: CallError | None = None
        self._stop_until: float | None = None

    @property
    def build_id(self) -> str | None:
        """Looker's id; None as long as there is none."""
        return self._build_id

    def step(self) -> None:
        """Make the call that is due."""
        match self.phase:
            case "starting":
                self._start()
            case "watching":
                self._watch()
            case "stopping":
                self._stop()
            case "confirming":
                self._confirm()
            case "over":
                pass

    def give_up(self, verdict: BuildState, reason: str) -> None:
        """Have it stopped, and call it something unless it ends otherwise before (PDT-R9).

        Args:
            verdict: what it ends as.
            reason: why.
        """
        if self.phase in ("stopping", "confirming", "over"):
            return
        self._verdict, self._reason = verdict, reason
        if self._build_id is None:
            self._end_without_id(verdict, f"{reason} before it was started", reason)
            return
        self.phase = "stopping"
        self.due = self._now
        self._stop_until = self.due + self._patience.stop_seconds
        self._tell("stopping", reason)

    def leave(self, reason: str) -> None:
        """Watch it no more, and let Looker go on building."""
        if self.phase == "over":
            return
        if self._build_id is None:
            self._end_without_id(BuildState.SKIPPED, reason, reason)
        else:
            self._end(self.state, f"{reason}; it goes on in Looker: dagster-lookml pdt wait {self._build_id}")

    def _end_without_id(self, verdict: BuildState, message: str, reason: str) -> None:
        if self._start_is_out or self._may_run:
            self._end(BuildState.START_AMBIGUOUS, f"{reason} while the start was sent: {_MAY_RUN}")
        else:
            self._end(verdict, message)

    # -- starting ------------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        assert self._request is not None
        if self._takes_too_long():
            return
        failed: CallError | None = None
        self._starts += 1
        self._tell("starting")  # before it is sent, so that whoever finds no id later knows that there may be a build
        with signals_held(self._around.held):  # an id that arrives while a signal does is not lost
            self._start_is_out = True
            repeated = self._around.client.repeated
            try:
                answer = self._around.client.start(self._request)
            except CallError as error:
                failed = error
            else:
                self._started(answer)
            finally:
                self._starts += self._around.client.repeated - repeated
            self._start_is_out = False
        if failed is not None:
            self._start_failed(failed)

    def _started(self, answer: Answer) -> None:
        self._failures, self._error = 0, None
        self._note(parse_status(answer.text))
        if not is_name(answer.build_id):
            said = self._said() or "nothing else"
            self._end(
                BuildState.START_AMBIGUOUS,
                f"Looker accepted the start and gave no id, so that it cannot be watched or stopped; it said: {said}",
            )
            return
        self._build_id = answer.build_id
        self.state = BuildState.QUEUED
        self.phase = "watching"
        self.due = self._now  # PDT-R4: look at once
        self._tell("started")

    def _start_failed(self, error: CallError) -> None:
        self._error = error
        if error.operation == "login" or error.failure in ("unsent", "untrusted"):
            self._starts -= 1  # it was not sent
        self._may_run = self._may_run or is_ambiguous(error)  # also if a start that is sent again fails otherwise
        if self._patience.may_start_again(error) and self._may_try_again(error):
            return
        if self._may_run:
            self._end(BuildState.START_AMBIGUOUS, f"{error}: {_MAY_RUN}")
        else:
            self._end(BuildState.START_FAILED, str(error))

    # -- watching ------------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        if self._takes_too_long():
            return
        try:
            answer = self._around.client.check(self._known_id)
        except CallError as error:
            self._check_failed(error)
            return
        self._polls += 1
        self._failures, self._error = 0, None
        self._note(parse_status(answer.text))
        if self._status.state is None:
            self._not_understood()
        else:
            self._unknown_since = None
            self._be(self._status.state)
        if self.phase == "watching":
            self._wait(self._patience.poll_wait(self._polls - 1, self._around.random))

    def _takes_too_long(self) -> bool:
        """Give up if it has taken longer than it may, be it started or not (PDT-R5)."""
        limit = self._patience.build_timeout
        if limit is None or self._now < self._begun + limit:
            return False
        self.give_up(BuildState.TIMED_OUT, f"it took longer than {limit:g} s")
        return True

    def _not_understood(self) -> None:
        """A status that nobody understands may be a passing one, as ``expired`` is known to be; for a while (PDT-R2)."""
        now = self._now
        if self._unknown_since is None:
            self._unknown_since = now
            self._tell("state", f"Looker said something that is not understood: {self._said() or 'nothing'}")
        if now - self._unknown_since >= self._patience.unknown_grace:
            said = self._said() or "no status"
            self.give_up(
                BuildState.UNKNOWN, f"for {now - self._unknown_since:.0f} s Looker said nothing that is understood: {said}"
            )

    def _check_failed(self, error: CallError) -> None:
        self._error = error
        if is_transient(error):
            if not self._may_try_again(error):
                self.give_up(BuildState.UNREACHABLE, f"Looker stopped answering: {error}")
            return
        is_unknown = error.operation == "check" and error.status == 404
        if is_unknown and not self._polls and self._lost + 1 < self._patience.lost_checks:
            self._lost += 1  # a new build may not be known everywhere yet
            self._try_again(error, self._patience.poll_wait(self._lost - 1, self._around.random))
            return
        self.give_up(BuildState.LOST, f"it cannot be watched any more: {error}")

    # -- stopping ------------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        try:
            answer = self._around.client.stop(
                self._known_id, self._request.source if self._request is not None else "", self._patience.stop_call_seconds
            )
        except CallError as error:
            if is_transient(error) and self._has_time_to_stop():
                self._try_again(error, min(2.0, self._patience.poll_wait(0, self._around.random)))
                return
            self._error = error
            self._reason = f"{self._reason}; {error}"
            self.phase = "confirming"
            self._looks = -1  # one look, to see whether it has ended by itself
        else:
            self._note(parse_status(answer.text))
            self.phase = "confirming"
            self._looks = 0
        self.due = self._now
        if self._status.state is not None and self._status.state.has_ended:
            self._conclude()

    def _confirm(self) -> None:
        """Look whether it has stopped, for as long as that may take."""
        try:
            answer = self._around.client.check(self._known_id, self._patience.stop_call_seconds)
        except CallError as error:
            self._error = error
            if error.operation == "check" and error.status == 404:
                self._end(BuildState.LOST, f"{self._reason}; Looker knows no such build: {error}", stopped=False)
                return
            if not is_transient(error):
                self._conclude(f"; {error}")
                return
            self._retries += 1
        else:
            self._polls += 1
            self._note(parse_status(answer.text))
        state = self._status.state
        if (state is not None and state.has_ended) or self._looks < 0 or not self._has_time_to_stop():
            self._conclude()
            return
        self._looks += 1
        if self._looks % _STOP_AGAIN == 0:
            self.phase = "stopping"
        self._wait(min(3.0, 0.5 * 1.5**self._looks))

    def _has_time_to_stop(self) -> bool:
        return self._stop_until is None or self._now < self._stop_until

    def _conclude(self, more: str = "") -> None:
        """It has ended, or nothing more can be done."""
        state = self._status.state
        if state is BuildState.SUCCEEDED:
            self._end(state, f"it was complete before it could be stopped ({self._reason})")
        elif state is BuildState.FAILED:
            self._end(state, self._status.message or self._reason, stopped=True)
        elif state is BuildState.CANCELLED:
            self._end(self._verdict, self._reason, stopped=True)
        else:
            told = f"it is not confirmed that it has stopped: dagster-lookml pdt stop {self._build_id}"
            self._end(self._verdict, f"{self._reason}{more}; {told}", stopped=False)

    # -- what all of them do -------------------------------------------------------------------------------------------

    @property
    def _now(self) -> float:
        return self._around.clock.now()

    @property
    def _patience(self) -> Patience:
        return self._around.patience

    @property
    def _known_id(self) -> str:
        assert self._build_id is not None
        return self._build_id

    def _wait(self, seconds: float) -> None:
        """Take the next step after a while, or as soon as there is no time left."""
        self.due = self._now + seconds
        timeout, unknown = self._patience.build_timeout, self._unknown_since
        limits = (
            self._stop_until,
            self._begun + timeout if timeout is not None else None,
            unknown + self._patience.unknown_grace if unknown is not None else None,
        )
        ahead = [limit for limit in limits if limit is not None and limit > self._now]
        self.due = min((self.due, *ahead))

    def _may_try_again(self, error: CallError) -> bool:
        """Try again, unless too many calls in a row have failed (PDT-R6)."""
        if self._failures == 0:
            self._failing_since = self._now
        self._failures += 1
        is_spent = (
            self._failures >= self._patience.failed_calls or self._now - self._failing_since >= self._patience.failed_seconds
        )
        if not is_spent:
            self._try_again(error, self._patience.retry_wait(self._failures, error, self._around.random))
        return not is_spent

    def _try_again(self, error: CallError, seconds: float) -> None:
        self._retries += 1
        self._wait(seconds)
        self._tell("retry", f"{error}; again in {max(0.0, self.due - self._now):.1f} s")

    def _note(self, status: Status) -> None:
        """Remember what was said: a status without a word leaves the word that there was."""
        redact = self._around.client.redact
        word = redact(status.word) if status.word is not None else self._status.word
        text = redact(status.text) if status.text is not None else self._status.text
        self._status = Status(status.state, word, redact(status.message), text)

    def _said(self) -> str:
        return shortened(self._status.text or "", _LONGEST_TEXT)

    def _be(self, state: BuildState) -> None:
        if state.has_ended:
            told = {BuildState.CANCELLED: "it was killed, and not from here"}.get(state, "")
            self._end(state, self._status.message or told)
        elif state is not self.state:
            self.state = state
            self._tell("state")

    def as_it_is(self, message: str) -> BuildResult:
        """What is known of it now, if nothing more is done.

        Args:
            message: why.
        """
        return self._result(self.state, message, False if self._stop_until is not None else None)

    def _end(self, state: BuildState, message: str, stopped: bool | None = None) -> None:
        self.phase = "over"
        self.state = state
        self.result = self._result(state, message, stopped)
        self._tell("ended", message)

    def _result(self, state: BuildState, message: str, stopped: bool | None) -> BuildResult:
        error = self._error if state in _DECIDED_BY_A_CALL or stopped is False else None
        return BuildResult(
            pdt=self.pdt,
            build_id=self._build_id,
            state=state,
            raw_status=self._status.word,
            message=message,
            started_at=self._begun_at if self._starts or self._build_id else None,
            duration_s=round(self._now - self._begun, 3),
            starts=self._starts,
            polls=self._polls,
            retries=self._retries,
            stopped=stopped,
            failure=error.failure if error is not None else None,
            status=error.status if error is not None else None,
            operation=error.operation if error is not None else None,
        )

    def _tell(self, kind: EventKind, message: str = "") -> None:
        self._around.tell(
            BuildEvent(
                kind=kind,
                pdt=self.pdt,
                at=self._around.clock.today().isoformat(timespec="milliseconds"),
                build_id=self._build_id or "",
                state=self.state,
                word=self._status.word,
                message=message,
                seconds=round(self._now - self._begun, 3),
            )
        )


_DECIDED_BY_A_CALL: Final = frozenset(
    (BuildState.START_FAILED, BuildState.START_AMBIGUOUS, BuildState.LOST, BuildState.UNREACHABLE)
)
