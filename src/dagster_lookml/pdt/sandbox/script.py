"""What goes wrong, and when: faults of calls and fates of builds, as data."""

from __future__ import annotations

import random
import re
from fnmatch import fnmatchcase
from typing import Annotated, Final, Literal

import msgspec

from dagster_lookml.pdt.sandbox.actions import Action, Alter, Reset, Respond, Seconds
from dagster_lookml.pdt.sandbox.contract import Operation

_RANGE: Final = re.compile(r"([1-9][0-9]*)-([1-9][0-9]*)?")

Nth = Annotated[int, msgspec.Meta(ge=1)]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happens to some calls of an operation.

    Args:
        operation: of which calls.
        action: what happens.
        nth: which of the calls that fit `operation` and `pdt`, the first being 1: a number, several, ``"all"``, from-to as
            ``"2-5"``, or ``"2-"`` for all from there on.
        pdt: only calls about these PDTs: a glob over ``model/view``. A call about an id is one about the id's PDT.
        per_pdt: count the calls about each PDT by themselves.

    >>> Fault("check", Respond(503), nth="2-3").strikes(3)
    True
    """

    operation: Operation
    action: Action
    nth: Nth | tuple[Nth, ...] | str = 1
    pdt: str | None = None
    per_pdt: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.nth, str) and self.nth != "all" and not _RANGE.fullmatch(self.nth):
            raise ValueError(f'nth is {self.nth!r}; write a number, a list of numbers, "all", "2-5" or "2-"')
        if isinstance(self.nth, str) and (found := _RANGE.fullmatch(self.nth)) and found[2] and int(found[2]) < int(found[1]):
            raise ValueError(f"nth is {self.nth!r}, which ends before it begins")

    def fits(self, operation: Operation, pdt: str | None) -> bool:
        """Tell whether a call is one that this fault counts."""
        return operation == self.operation and (self.pdt is None or (pdt is not None and fnmatchcase(pdt, self.pdt)))

    def strikes(self, number: int) -> bool:
        """Tell whether it happens to the call of this number."""
        if isinstance(self.nth, int):
            return number == self.nth
        if isinstance(self.nth, tuple):
            return number in self.nth
        if (found := _RANGE.fullmatch(self.nth)) is None:
            return True
        first, last = found.groups()
        return int(first) <= number and (last is None or number <= int(last))


class BuildScript(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How builds of some PDTs go.

    Attributes:
        pdt: a glob over ``model/view``. Of several scripts that fit a PDT the first counts.
        seconds: from when it begins to run until its end; None for what the sandbox says of all.
        outcome: how it ends; ``killed`` by somebody else; ``stuck`` never ends by itself.
        message: of an ``error``.
        words: what the first checks of each id say instead of the truth. Of a ``stuck`` build the last one is said for ever.
            After a stop took effect only the truth is said.
        stop_latency: seconds from a stop until it takes effect.
        stops_ignored: that many stops of an id have no effect.
        fails_first: that many builds of the table end as ``error``, whatever `outcome` is.
    """

    pdt: str = "*"
    seconds: Seconds | None = None
    outcome: Literal["complete", "error", "killed", "stuck"] = "complete"
    message: str = "SQL error: permission denied for schema looker_scratch"
    words: tuple[str, ...] = ()
    stop_latency: Seconds = 0.0
    stops_ignored: Annotated[int, msgspec.Meta(ge=0)] = 0
    fails_first: Annotated[int, msgspec.Meta(ge=0)] = 0


class RandomFaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Faults that pass by themselves, drawn anew for every call, and alike for the same seed, operation and number of call.

    A start is only ever told 429, which is never followed by a build; everything else may as well have started one.

    Attributes:
        seed: another one gives other faults.
        rate: the share of calls that something happens to, from 0 to 1.
    """

    seed: int
    rate: Annotated[float, msgspec.Meta(ge=0, le=1)]

    def action(self, operation: Operation, number: int) -> Action | None:
        """What happens to a call; None for most.

        Args:
            operation: of the call.
            number: of the call among those of its operation, from 1.
        """
        drawn = random.Random(f"{self.seed} {operation} {number}")  # noqa: S311 - to be repeated, not to be secret
        menu = _PASSING.get(operation, ())
        return drawn.choice(menu) if menu and drawn.random() < self.rate else None


_TOO_MANY: Final[tuple[Action, ...]] = (Respond(429), Respond(429, retry_after=0))
_BROKEN: Final[tuple[Action, ...]] = (
    Respond(500, body="html"),
    Respond(502, body="html"),
    Respond(503, body="empty"),
    Respond(504),
    Reset(),
)
_GARBLED: Final[tuple[Action, ...]] = (Alter(body="html"), Alter(body="empty"), Alter(body="truncated"))
_PASSING: Final[dict[Operation, tuple[Action, ...]]] = {
    "login": (*_TOO_MANY, *_BROKEN),
    "start": _TOO_MANY,
    "check": (*_TOO_MANY, *_BROKEN, *_GARBLED),
    "stop": (*_TOO_MANY, *_BROKEN, *_GARBLED),
}


def random_faults(seed: int, rate: float) -> RandomFaults:
    """Faults that pass by themselves, for a load test.

    >>> faults = random_faults(seed=1, rate=0.5)
    >>> [faults.action("start", number) for number in (1, 2)] == [faults.action("start", number) for number in (1, 2)]
    True
    """
    return RandomFaults(seed=seed, rate=rate)


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that goes wrong.

    Attributes:
        faults: of several that strike the same call the first happens; all of them count it.
        builds: of several that fit a PDT the first counts.
        random: for calls that no fault strikes.
    """

    faults: tuple[Fault, ...] = ()
    builds: tuple[BuildScript, ...] = ()
    random: RandomFaults | None = None

    def fate(self, pdt: str) -> BuildScript:
        """How builds of a PDT go, by its ``model/view``."""
        return next((one for one in self.builds if fnmatchcase(pdt, one.pdt)), BuildScript())
