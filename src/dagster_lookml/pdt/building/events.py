"""What happens to builds while they are watched, and what has become of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from dagster_lookml.errors import CallFailure
from dagster_lookml.pdt.building.status import BuildState
from dagster_lookml.pdt.request import BuildRequest, PdtName

EventKind = Literal["starting", "started", "state", "retry", "stopping", "ended"]
"""The start is about to be sent; Looker has given an id; it said something new; a call failed and will be made again; a stop is
about to be sent; nothing more will happen."""


class BuildEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a build.

    Attributes:
        kind: what.
        pdt: that is built; None where only the id of the build is known.
        at: when, in ISO 8601.
        build_id: Looker's id; empty as long as there is none.
        state: that it is in now.
        word: Looker's own for it.
        message: in words.
        seconds: since it was asked for.
        may_run: it has ended here, and may go on in Looker: it was told to stop, and nobody saw it stopped.
    """

    kind: EventKind
    pdt: PdtName | None
    at: str
    build_id: str = ""
    state: BuildState = BuildState.WAITING
    word: str | None = None
    message: str = ""
    seconds: float = 0.0
    may_run: bool = False


class StartedBuild(msgspec.Struct, frozen=True, kw_only=True):
    """A build that somebody started before.

    Attributes:
        build_id: Looker's id.
        request: what it was asked for as; None if that is not known.
        started_at: when it was asked for, in ISO 8601; None if that is not known.
    """

    build_id: str
    request: BuildRequest | None = None
    started_at: str | None = None


class BuildResult(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of a build (PDT-R19).

    Attributes:
        pdt: that was to be built; None where only the id of the build is known.
        build_id: Looker's id; None if it was not started, or nobody knows.
        state: the last.
        raw_status: Looker's last word; None if it said none.
        message: Looker's explanation, or ours.
        started_at: when it was asked for, in ISO 8601; None if it was not, or nobody knows.
        duration_s: seconds for which it was watched from here: from the start on where that was sent from here.
        starts: starts that were sent, those included that were sent again.
        polls: checks that were answered.
        retries: calls that failed and were made again.
        stopped: True if a stop was sent and its end is confirmed, False if it is not, None if none was needed.
        failure: how the call failed that decided it, if one did.
        status: of the HTTP response to that call.
        operation: which call that was.
    """

    pdt: PdtName | None
    build_id: str | None
    state: BuildState
    raw_status: str | None = None
    message: str = ""
    started_at: str | None = None
    duration_s: float = 0.0
    starts: int = 0
    polls: int = 0
    retries: int = 0
    stopped: bool | None = None
    failure: CallFailure | None = None
    status: int | None = None
    operation: str | None = None


Listener = Callable[[BuildEvent], None]
"""Told of each event, when it happens."""
