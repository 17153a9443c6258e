"""One look at a build, which changes nothing."""

from __future__ import annotations

from typing import Final

from dagster_lookml.errors import CallError
from dagster_lookml.pdt.building.clock import Clock
from dagster_lookml.pdt.building.events import BuildResult
from dagster_lookml.pdt.building.patience import is_transient
from dagster_lookml.pdt.building.status import BuildState, parse_status
from dagster_lookml.pdt.looker.client import Answer, LookerClient
from dagster_lookml.pdt.request import PdtName

_TRIES: Final = 3
_SECONDS_BETWEEN: Final = 1.0


def look(client: LookerClient, pdt: PdtName | None, build: str, clock: Clock) -> BuildResult:
    """Ask how a build is.

    Args:
        client: calls the API.
        pdt: what it builds, if that is known.
        build: its id.
        clock: waits between tries.

    Raises:
        CallError: Looker did not say; a call that fails in passing is made three times.
    """
    status = parse_status(_answer(client, build, clock).text)
    state = status.state or BuildState.UNKNOWN
    message = status.message or (client.redact(status.text or "no status") if status.state is None else "")
    return BuildResult(pdt=pdt, build_id=build, state=state, raw_status=status.word, message=message, polls=1)


def _answer(client: LookerClient, build: str, clock: Clock) -> Answer:
    for _ in range(_TRIES - 1):
        try:
            return client.check(build)
        except CallError as error:
            if not is_transient(error):
                raise
        clock.wait(_SECONDS_BETWEEN)
    return client.check(build)
