"""How long is waited for what, and how often is tried: every number in one place, and the rules that use them."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from dagster_lookml.errors import CallError, CallFailure
from dagster_lookml.pdt.building.events import BuildResult
from dagster_lookml.pdt.building.status import BuildState

_TRANSIENT_STATUS: Final = frozenset((408, 429, 500, 502, 503, 504))
_PROXY_STATUS: Final = frozenset((408, 502, 503, 504))
NEVER_SENT: Final[tuple[CallFailure, ...]] = ("unsent", "misconfigured", "untrusted")
"""A call that failed like this has not reached Looker."""
_PASSING: Final = frozenset(("unsent", "unanswered", "unreadable"))


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long is waited, in seconds, and how often is tried.

    Attributes:
        build_timeout: one build may take so long from its start on; None for as long as it takes. Looker names builds of over an
            hour as a use case, so it is long (PDT-R5).
        first_poll: between the first two looks at a build.
        poll_growth: each wait is so much longer than the one before.
        longest_poll: between any two looks.
        jitter: each wait is up to this part longer or shorter, so that many runners do not ask at once.
        unknown_grace: a status that nobody understands is given so long to become another (PDT-R2).
        failed_calls: so many calls in a row may fail (PDT-R6).
        failed_seconds: or for so long.
        longest_retry_after: of what a server asks to wait, no more than this is waited.
        lost_checks: so many checks of a new build may say that there is none.
        stop_seconds: for stopping a build and seeing it stopped, all in all (PDT-R9).
        stop_call_seconds: for one call of these.
        retry_503: send a start again after status 503, which some proxies give before they pass anything on, and others after.
        retry_ambiguous_start: send a start again that may have been carried out.
    """

    build_timeout: float | None = 4 * 3600.0
    first_poll: float = 2.0
    poll_growth: float = 1.5
    longest_poll: float = 30.0
    jitter: float = 0.2
    unknown_grace: float = 300.0
    failed_calls: int = 10
    failed_seconds: float = 300.0
    longest_retry_after: float = 60.0
    lost_checks: int = 3
    stop_seconds: float = 30.0
    stop_call_seconds: float = 5.0
    retry_503: bool = False
    retry_ambiguous_start: bool = False

    def poll_wait(self, polls: int, random: Random) -> float:
        """Seconds to wait before the next look at a build, after so many (PDT-R4)."""
        wait = min(self.longest_poll, self.first_poll * self.poll_growth ** min(polls, 50))
        return wait * random.uniform(1 - self.jitter, 1 + self.jitter)

    def retry_wait(self, failures: int, error: CallError, random: Random) -> float:
        """Seconds to wait before a call is made again that failed so many times in a row."""
        if error.retry_after is not None:
            return min(self.longest_retry_after, max(error.retry_after, 0.5) * random.uniform(1, 1 + self.jitter))
        return self.poll_wait(max(0, failures - 1), random)

    def may_start_again(self, error: CallError) -> bool:
        """Whether a start that failed may be sent again: only where it cannot have started a build, or that is accepted (PDT-R7).

        A login that failed has sent no start.
        """
        if error.operation == "login":
            return is_transient(error)
        if error.failure == "unsent" or error.status == 429:
            return True
        if error.status == 503 and self.retry_503:
            return True
        return self.retry_ambiguous_start and is_ambiguous(error)


def is_transient(error: CallError) -> bool:
    """Whether the same call may well succeed a little later (PDT-R6).

    >>> is_transient(CallError("check", "status", "bad gateway", 502)), is_transient(CallError("check", "status", "no", 404))
    (True, False)
    """
    return _may_pass(error.failure, error.status)


def is_transient_failure(result: BuildResult) -> bool:
    """Whether the call that decided what became of a build is one that may well succeed a little later."""
    return result.failure is not None and _may_pass(result.failure, result.status)


def _may_pass(failure: CallFailure, status: int | None) -> bool:
    if status is not None and status >= 300:
        return status in _TRANSIENT_STATUS
    return failure in _PASSING


def is_out_of_reach(result: BuildResult) -> bool:
    """Whether a build was not started because Looker cannot be reached, so that no other start would fare better.

    So it is where nobody could log in or connect, and where Looker went on asking to wait. An error in Looker's own words is
    about what was asked for, also with status 500: it may answer so for one view that it cannot build.
    """
    if result.state is not BuildState.START_FAILED:
        return False
    return result.operation == "login" or result.failure in NEVER_SENT or result.status == 429


def is_ambiguous(error: CallError) -> bool:
    """Whether a start that failed like this may have started a build all the same (PDT-R7).

    So it is where no whole answer came, where it is none of Looker's (a proxy's page, say), and where a proxy says that it got
    none. An error in Looker's own words leaves no doubt, also with status 500: so it may answer for a view that it cannot
    build.

    >>> is_ambiguous(CallError("start", "unanswered", "reset")), is_ambiguous(CallError("start", "status", "no such view", 404))
    (True, False)
    """
    if error.operation != "start":
        return False
    if error.failure == "unanswered" or error.status in _PROXY_STATUS:
        return True
    return error.failure == "unreadable" and (error.status is None or error.status < 300 or error.status >= 500)
