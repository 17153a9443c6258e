"""One build from its start to its end: a state machine that makes one call of the API at each step.

It never waits: `due` says when it wants to take its next step, and whoever runs builds waits for whichever is due first.
"""

from __future__ import annotations

from typing import Final

from dagster_lookml.errors import CallError
from dagster_lookml.pdt.building.events import BuildResult, StartedBuild
from dagster_lookml.pdt.building.patience import NEVER_SENT, is_ambiguous, is_transient
from dagster_lookml.pdt.building.progress import BuildContext, Progress
from dagster_lookml.pdt.building.signals import signals_held
from dagster_lookml.pdt.building.status import BuildState
from dagster_lookml.pdt.building.stopping import Stop
from dagster_lookml.pdt.looker.client import Answer
from dagster_lookml.pdt.request import BuildRequest, PdtName, is_name

_MAY_RUN: Final = (
    "a build may be running, and since its id is unknown it cannot be watched or stopped from here;"
    " look at Looker's page of PDTs before you start it again"
)


class Build:
    """A build that is asked for, watched, and stopped where that must be.

    Args:
        request: what is built; None where only the id of the build is known.
        context: what it has in common with others.
        started: the build, if somebody started it before; None to start one.
    """

    def __init__(self, request: BuildRequest | None, context: BuildContext, started: StartedBuild | None = None) -> None:
        self._request = request
        self._context = context
        self._progress = Progress(request.pdt if request is not None else None, context, started)
        self._stopping: Stop | None = None
        self._start_is_out = self._may_run = False
        self._lost = 0

    @property
    def pdt(self) -> PdtName | None:
        """What is built; None where only the id of the build is known."""
        return self._progress.pdt

    @property
    def due(self) -> float:
        """When it wants to take its next step, on the clock."""
        return self._progress.due

    @property
    def result(self) -> BuildResult | None:
        """What has become of it; None until it is over."""
        return self._progress.result

    def step(self) -> None:
        """Make the call that is due."""
        if self.result is not None:
            return
        if self._stopping is not None:
            self._stopping.step()
        elif self._takes_too_long():
            return
        elif self._progress.build_id is None:
            self._start()
        else:
            self._watch()

    def give_up(self, verdict: BuildState, reason: str) -> None:
        """Have it stopped, and call it something unless it ends otherwise before (PDT-R9).

        Args:
            verdict: what it ends as.
            reason: why.
        """
        if self._stopping is not None or self.result is not None:
            return
        if self._progress.build_id is None:
            self._end_without_id(verdict, f"{reason} before it was started", reason)
            return
        source = self._request.source if self._request is not None else ""
        self._stopping = Stop(self._progress, self._context.client, source, verdict, reason)

    def leave(self, reason: str) -> None:
        """Watch it no more, and let Looker go on building."""
        progress = self._progress
        if self.result is not None:
            return
        if progress.build_id is None:
            self._end_without_id(BuildState.SKIPPED, reason, reason)
        else:
            progress.end(progress.state, f"{reason}; it goes on in Looker: dagster-lookml pdt wait {progress.build_id}")

    def unfinished(self, message: str) -> BuildResult:
        """What is known of it now, if nothing more is done.

        Args:
            message: why.
        """
        return self._progress.unfinished(message, False if self._stopping is not None else None)

    def _end_without_id(self, verdict: BuildState, message: str, reason: str) -> None:
        if self._start_is_out or self._may_run:
            self._progress.end(BuildState.START_AMBIGUOUS, f"{reason} while the start was sent: {_MAY_RUN}")
        else:
            self._progress.end(verdict, message)

    def _takes_too_long(self) -> bool:
        """Give up if it has taken longer than it may, be it started or not (PDT-R5)."""
        until = self._progress.build_until
        if until is None or self._progress.now < until:
            return False
        self.give_up(BuildState.TIMED_OUT, f"it took longer than {self._context.patience.build_timeout:g} s")
        return True

    # -- starting ------------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        assert self._request is not None
        progress, client = self._progress, self._context.client
        failed: CallError | None = None
        progress.starts += 1
        progress.tell("starting")  # before it is sent, so that whoever finds no id later knows that there may be a build
        with signals_held(self._context.held):  # an id that arrives while a signal does is not lost
            self._start_is_out = True
            repeated = client.repeated
            try:
                answer = client.start(self._request)
            except CallError as error:
                failed = error
            else:
                self._started(answer)
            finally:
                progress.starts += client.repeated - repeated
            self._start_is_out = False
        if failed is not None:
            self._start_failed(failed)

    def _started(self, answer: Answer) -> None:
        progress = self._progress
        progress.made_good()
        progress.heard(answer.text)
        if not is_name(answer.build_id):
            said = progress.said() or "nothing else"
            progress.end(
                BuildState.START_AMBIGUOUS,
                f"Looker accepted the start and gave no id, so that it cannot be watched or stopped; it said: {said}",
            )
            return
        progress.build_id = answer.build_id
        progress.state = BuildState.QUEUED
        progress.due = progress.now  # PDT-R4: look at once
        progress.tell("started")

    def _start_failed(self, error: CallError) -> None:
        progress = self._progress
        progress.error = error
        if error.operation == "login" or error.failure in NEVER_SENT:
            progress.starts -= 1
        self._may_run = self._may_run or is_ambiguous(error)  # also if a start that is sent again fails otherwise
        if self._context.patience.may_start_again(error) and progress.may_try_again(error):
            return
        if self._may_run:
            progress.end(BuildState.START_AMBIGUOUS, f"{error}: {_MAY_RUN}")
        else:
            progress.end(BuildState.START_FAILED, str(error))

    # -- watching ------------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        progress = self._progress
        try:
            answer = self._context.client.check(progress.known_id)
        except CallError as error:
            self._check_failed(error)
            return
        progress.polls += 1
        progress.made_good()
        progress.heard(answer.text)
        if progress.status.state is None:
            self._not_understood()
        else:
            progress.understood_until = None
            self._be(progress.status.state)
        if self._stopping is None and self.result is None:
            progress.wait(progress.poll_wait(progress.polls - 1))

    def _be(self, state: BuildState) -> None:
        progress = self._progress
        if state.has_ended:
            told = "it was killed, and not from here" if state is BuildState.CANCELLED else ""
            progress.end(state, progress.status.message or told)
        elif state is not progress.state:
            progress.state = state
            progress.tell("state")

    def _not_understood(self) -> None:
        """A status that nobody understands may be a passing one, as ``expired`` is known to be; for a while (PDT-R2)."""
        progress, grace = self._progress, self._context.patience.unknown_grace
        if progress.understood_until is None:
            progress.understood_until = progress.now + grace
            progress.tell("state", f"Looker said something that is not understood: {progress.said() or 'nothing'}")
        if progress.now >= progress.understood_until:
            said = progress.said() or "no status"
            self.give_up(BuildState.UNKNOWN, f"for {grace:.0f} s Looker said nothing that is understood: {said}")

    def _check_failed(self, error: CallError) -> None:
        progress = self._progress
        progress.error = error
        if is_transient(error):
            if not progress.may_try_again(error):
                self.give_up(BuildState.UNREACHABLE, f"Looker stopped answering: {error}")
            return
        is_unknown = error.operation == "check" and error.status == 404
        if is_unknown and not progress.polls and self._lost + 1 < self._context.patience.lost_checks:
            self._lost += 1  # a new build may not be known everywhere yet
            progress.try_again(error, progress.poll_wait(self._lost - 1))
            return
        self.give_up(BuildState.LOST, f"it cannot be watched any more: {error}")
