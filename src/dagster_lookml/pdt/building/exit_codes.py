"""The exit code that tells scripts what became of builds (PDT-R20)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dagster_lookml.errors import CallError
from dagster_lookml.pdt.building.events import BuildResult
from dagster_lookml.pdt.building.patience import NEVER_SENT, is_out_of_reach, is_transient
from dagster_lookml.pdt.building.status import BuildState

ALL_BUILT: Final = 0
BUILD_FAILED: Final = 1
COULD_NOT_RUN: Final = 2
NOT_PERMITTED: Final = 3
UNREACHABLE: Final = 4
TIMED_OUT: Final = 5

_GRAVEST_FIRST: Final = (NOT_PERMITTED, UNREACHABLE, TIMED_OUT, BUILD_FAILED, ALL_BUILT)


def exit_code(results: Iterable[BuildResult]) -> int:
    """The exit code of a command that builds.

    It is 0 if all is built, 1 if Looker failed at something, 3 if it does not let us, 4 if it cannot be reached or nobody knows
    whether it started something, 5 if something took too long. Of several, the first in the order 3, 4, 5, 1.

    Args:
        results: what became of each build.

    >>> exit_code([BuildResult(pdt=None, build_id="7", state=BuildState.SUCCEEDED)])
    0
    """
    return gravest(map(_code, results))


def gravest(codes: Iterable[int]) -> int:
    """Of several exit codes the one to end with; 0 if there are none."""
    found = set(codes)
    return next((code for code in _GRAVEST_FIRST if code in found), ALL_BUILT)


def _code(result: BuildResult) -> int:
    match result.state:
        case BuildState.SUCCEEDED:
            return ALL_BUILT
        case BuildState.TIMED_OUT:
            return TIMED_OUT
        case BuildState.START_AMBIGUOUS | BuildState.UNREACHABLE:
            return UNREACHABLE
        case BuildState.START_FAILED | BuildState.LOST if result.failure == "credentials":
            return NOT_PERMITTED
        case BuildState.START_FAILED if is_out_of_reach(result):
            return UNREACHABLE
        case _:
            return BUILD_FAILED


def stop_exit_code(results: Iterable[BuildResult]) -> int:
    """The exit code of a command that stops builds: 0 if none runs any more, 3 if Looker does not let us, 4 if nobody knows.

    Args:
        results: what became of each build.
    """
    unsure = [result for result in results if result.stopped is False]
    if any(result.failure == "credentials" for result in unsure):
        return NOT_PERMITTED
    return UNREACHABLE if unsure else ALL_BUILT


def exit_code_of(error: CallError) -> int:
    """The exit code of a single call that failed.

    Args:
        error: how it failed.
    """
    if error.failure == "credentials":
        return NOT_PERMITTED
    return UNREACHABLE if is_transient(error) or error.failure in NEVER_SENT else BUILD_FAILED
