"""Exceptions: the question could not be asked at all. What is found wrong in LookML is never one; see `diagnostics`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches
from itertools import islice
from typing import Final, Literal

MANY_NAMES: Final = 300
"""Names that are compared with a misspelt one, at most."""
_COMPARED: Final = 10
"""Near names of which the best are told."""


class DagsterLookMLError(Exception):
    """The root of every exception that this package raises on purpose.

    The types and their attributes are a promise; their texts are not.
    """


class SourceError(DagsterLookMLError):
    """A directory or repository could not be read.

    Attributes:
        path: what was to be read.
        reason: why it could not be.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class NoLookMLError(SourceError):
    """There is no LookML where some was expected.

    Attributes:
        branches: branches of the repository that do hold LookML.
    """

    def __init__(self, path: str, branches: Sequence[str] = ()) -> None:
        super().__init__(path, "no LookML found")
        self.branches = tuple(branches)

    def __str__(self) -> str:
        text = f"no LookML found in {self.path}: there is no .lkml and no .dashboard.lookml file"
        if self.branches:
            text += f"\nthese branches have some: {', '.join(self.branches)}\ntry --ref {self.branches[0]}"
        return text


class GitError(SourceError):
    """A git ref could not be read.

    Attributes:
        ref: the ref as it was asked for.
        near: refs of the repository that look like it.
    """

    def __init__(self, path: str, ref: str, reason: str, near: Sequence[str] = ()) -> None:
        super().__init__(path, reason)
        self.ref = ref
        self.near = tuple(near)

    def __str__(self) -> str:
        return f"{self.path}: ref {self.ref!r}: {self.reason}" + did_you_mean(self.near)


class NoCommitError(GitError):
    """A git ref could not be read because the repository has no commit yet."""

    def __init__(self, path: str, ref: str) -> None:
        super().__init__(path, ref, "the repository has no commit yet")


class ConfigError(DagsterLookMLError):
    """The configuration is not what it should be.

    Attributes:
        file: the file that holds it.
        key: the key concerned, with dots; empty if the whole file is meant.
        reason: what is wrong with it.
        near: keys that exist and look like it.
    """

    def __init__(self, file: str, key: str, reason: str, near: Sequence[str] = ()) -> None:
        super().__init__(file, key, reason)
        self.file = file
        self.key = key
        self.reason = reason
        self.near = tuple(near)

    def __str__(self) -> str:
        where = f"{self.file}: {self.key}" if self.key else self.file
        return f"{where}: {self.reason}" + did_you_mean(self.near)


class DbtError(DagsterLookMLError):
    """A file is not the dbt artifact that it should be.

    Attributes:
        file: that was to be read.
        reason: what is wrong with it, and what to do.
    """

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(file, reason)
        self.file = file
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


class SelectorError(DagsterLookMLError):
    """A selector names nothing, or more than one thing where one was asked for.

    Attributes:
        selector: as it was written.
        reason: what is wrong with it.
        near: ids that look like it, or among which it does not decide.
    """

    def __init__(self, selector: str, reason: str, near: Sequence[str] = ()) -> None:
        super().__init__(selector, reason)
        self.selector = selector
        self.reason = reason
        self.near = tuple(near)

    def __str__(self) -> str:
        return f"{self.selector}: {self.reason}" + did_you_mean(self.near)


class StateError(DagsterLookMLError):
    """The state of a component cannot be used.

    Attributes:
        origin: the file or storage that holds it.
        reason: what is wrong with it.
    """

    def __init__(self, origin: str, reason: str) -> None:
        super().__init__(origin, reason)
        self.origin = origin
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}; run `dg utils refresh-defs-state` where the LookML repository is"


class SettingsError(DagsterLookMLError):
    """What is needed to talk to Looker is missing or wrong.

    Attributes:
        origin: where it was read: the name of an environment variable, a file, or an argument.
        reason: what is wrong with it, and what to do; never a secret.
    """

    def __init__(self, origin: str, reason: str) -> None:
        super().__init__(origin, reason)
        self.origin = origin
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}"


class BuildRequestError(DagsterLookMLError):
    """What is to be built, watched or stopped cannot be.

    Attributes:
        name: of the PDT or build, as it was asked for.
        reason: why not, and what to do.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


CallFailure = Literal["unsent", "misconfigured", "untrusted", "unanswered", "unreadable", "status", "credentials"]
"""How a call of the Looker API failed: the request was not sent (refused, unknown host, no connection in time); not sent because
a bundle of certificates or a proxy that this machine is set to use is none; not sent because the server's certificate is not
trusted; sent, and no whole answer came; an answer came that is none of the API's; the API
answered with an error; the API did not accept the credentials, or what they may do."""


class CallError(DagsterLookMLError):
    """A call of the Looker API failed.

    Attributes:
        operation: ``login``, ``start``, ``check``, ``stop``, ``logout`` or ``versions``.
        failure: how.
        reason: what the server or the network said, shortened, without secrets.
        status: of the HTTP response, where there was one.
        retry_after: seconds that the server asked to wait.
    """

    def __init__(
        self, operation: str, failure: CallFailure, reason: str, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(operation, failure, reason, status, retry_after)
        self.operation = operation
        self.failure = failure
        self.reason = reason
        self.status = status
        self.retry_after = retry_after

    def __str__(self) -> str:
        answered = f"HTTP {self.status}: " if self.status is not None else ""
        return f"{self.operation}: {answered}{self.reason}"


class TableKeyError(DagsterLookMLError):
    """It cannot be told which asset a table is.

    Attributes:
        table: its name.
        reason: why not, and what to do.
    """

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(table, reason)
        self.table = table
        self.reason = reason

    def __str__(self) -> str:
        return f"table {self.table}: {self.reason}"


def near_names(name: str, names: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Names that someone may have meant, best first.

    Args:
        name: what was written.
        names: what exists.
        limit: how many to return at most.

    >>> near_names("order", ["orders", "users"])
    ('orders',)
    >>> near_names("step__2x", ["step_2_x", "step_3_x", "step_4_x"], limit=1)
    ('step_2_x',)
    """
    near = get_close_matches(name, _candidates(name, sorted(names)), n=_COMPARED, cutoff=0.7)
    return tuple(sorted(near, key=lambda one: _unlikeness(name, one))[:limit])


def _unlikeness(written: str, name: str) -> tuple[float, int]:
    """The less, the more alike; of names that are alike those made of the same letters, somehow transposed, come first."""
    return -SequenceMatcher(None, name, written).ratio(), (Counter(written) - Counter(name)).total()


def _candidates(name: str, names: list[str]) -> list[str]:
    """Of very many names those that may look like one: comparing each takes long, and nobody misspells the whole word."""
    if len(names) <= MANY_NAMES or not name:
        return names
    alike = (one for one in names if abs(len(one) - len(name)) <= 2 and (one[:2] == name[:2] or one[-2:] == name[-2:]))
    return list(islice(alike, MANY_NAMES))


def did_you_mean(near: Sequence[str]) -> str:
    """The half sentence that offers names.

    >>> did_you_mean(["orders", "order_items"])
    '; did you mean orders or order_items?'
    """
    return f"; did you mean {' or '.join(near)}?" if near else ""


def suggestion(name: str, names: Iterable[str]) -> str:
    """The hint that offers names which look like one that does not exist; empty if none does.

    >>> suggestion("order", ["orders", "users"])
    'did you mean orders?'
    """
    return did_you_mean(near_names(name, names)).removeprefix("; ")
