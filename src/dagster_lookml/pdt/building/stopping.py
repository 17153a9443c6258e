"""How one build is stopped: told to, and looked at until it has (PDT-R9)."""

from __future__ import annotations

from typing import Final

from dagster_lookml.errors import CallError
from dagster_lookml.pdt.building.patience import is_transient
from dagster_lookml.pdt.building.progress import Progress
from dagster_lookml.pdt.building.status import BuildState
from dagster_lookml.pdt.looker.client import LookerClient

_STOP_AGAIN: Final = 4  # looks at a build that was told to stop and goes on, until it is told again


class Stop:
    """Stops one build: each step is one call.

    Args:
        progress: what is known of the build, which has an id.
        client: calls the API.
        source: the label that Looker keeps of who asked.
        verdict: what the build ends as, unless Looker says that it ended by itself.
        reason: why it is stopped.
    """

    def __init__(self, progress: Progress, client: LookerClient, source: str, verdict: BuildState, reason: str) -> None:
        self._progress = progress
        self._client = client
        self._source = source
        self._verdict = verdict
        self._reason = reason
        self._is_told = self._is_refused = False
        self._looks = 0
        progress.due = progress.now
        progress.stopped_until = progress.due + progress.patience.stop_seconds
        progress.tell("stopping", reason)

    def step(self) -> None:
        """Make the call that is due."""
        if self._is_told:
            self._look()
        else:
            self._tell_it()

    def _tell_it(self) -> None:
        progress = self._progress
        try:
            answer = self._client.stop(progress.known_id, self._source, progress.patience.stop_call_seconds)
        except CallError as error:
            if is_transient(error) and self._has_time():
                progress.try_again(error, min(2.0, progress.poll_wait(0)))
                return
            progress.error = error
            self._reason = f"{self._reason}; {error}"
            self._is_refused = True  # one look, to see whether it has ended by itself
        else:
            progress.heard(answer.text)
            self._looks = 0
        self._is_told = True
        progress.due = progress.now
        if progress.has_ended:
            self._conclude()

    def _look(self) -> None:
        progress = self._progress
        try:
            answer = self._client.check(progress.known_id, progress.patience.stop_call_seconds)
        except CallError as error:
            progress.error = error
            if error.operation == "check" and error.status == 404:
                gone = f"{self._reason}; Looker knows no such build: {error}"
                progress.end(BuildState.LOST, gone, stopped=False, is_unknown=True)
                return
            if not is_transient(error):
                self._conclude(f"; {error}")
                return
            progress.retries += 1
        else:
            progress.polls += 1
            progress.heard(answer.text)
        if progress.has_ended or self._is_refused or not self._has_time():
            self._conclude()
            return
        self._looks += 1
        self._is_told = self._looks % _STOP_AGAIN != 0
        progress.wait(min(3.0, 0.5 * 1.5**self._looks))

    def _has_time(self) -> bool:
        until = self._progress.stopped_until
        return until is None or self._progress.now < until

    def _conclude(self, more: str = "") -> None:
        """It has ended, or nothing more can be done."""
        progress = self._progress
        match progress.status.state:
            case BuildState.SUCCEEDED:
                progress.end(BuildState.SUCCEEDED, f"it was complete before it could be stopped ({self._reason})")
            case BuildState.FAILED:
                said = progress.status.message or "it failed"
                progress.end(BuildState.FAILED, f"{said}; that was when it was being stopped ({self._reason})", stopped=True)
            case BuildState.CANCELLED:
                progress.end(self._verdict, self._reason, stopped=True)
            case _:
                told = f"it is not confirmed that it has stopped: dagster-lookml pdt stop {progress.build_id}"
                progress.end(self._verdict, f"{self._reason}{more}; {told}", stopped=False)
