"""What the sandbox remembers of the requests that it got."""

from __future__ import annotations

import msgspec

from dagster_lookml.pdt.sandbox.contract import Operation
from dagster_lookml.pdt.sandbox.instance import SandboxBuild
from dagster_lookml.pdt.sandbox.tables import TableState


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request of the API.

    Attributes:
        operation: that it asked for; None for one that the API does not have.
        method: of HTTP.
        raw_path: with the query, as it stood in the request line; without credentials.
        query: decoded; without credentials.
        model, view: that it is about, by its path or by its id.
        id: of the build; that of a start is the one that it made, even where nobody was told.
        scheme: of the authorization: Bearer or token.
        status: that was sent; None if none was.
        word: the state of the build that was sent, before a script altered the answer.
        fault: the name of what the script did to it.
        at: seconds since the sandbox was opened.
    """

    operation: Operation | None
    method: str
    raw_path: str
    query: dict[str, str]
    model: str | None
    view: str | None
    id: str | None
    scheme: str | None
    status: int | None
    word: str | None
    fault: str | None
    at: float


class Violation(msgspec.Struct, frozen=True):
    """A request that Looker's specification does not have, or something that the sandbox itself did wrong."""

    method: str
    raw_path: str
    reason: str


class SandboxState(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the sandbox tells of itself.

    Attributes:
        sandbox: what it is.
        at: seconds since it was opened.
        requests: the last ones.
        calls: how many there were of each operation.
    """

    sandbox: str
    at: float
    tables: tuple[TableState, ...]
    builds: tuple[SandboxBuild, ...]
    requests: tuple[Request, ...]
    violations: tuple[Violation, ...]
    calls: dict[Operation, int]


def request_line(request: Request) -> str:
    """A request on one line, for people."""
    about = f"{request.model}/{request.view}" if request.model is not None and request.view is not None else ""
    parts = [
        f"{request.at:8.1f}s",
        request.operation or f"{request.method} {request.raw_path}",
        about,
        request.id or "",
        str(request.status or "no answer"),
        request.word or "",
        f"(script: {request.fault})" if request.fault else "",
    ]
    return " ".join(part for part in parts if part)
