"""What is wrong in the head and was not in the base: a change is why, or else the fault is one, for the text alone differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from dagster_lookml.analysis.diff.change import BLOCKING, FELT, Change
from dagster_lookml.analysis.diff.reaching import felt_by
from dagster_lookml.analysis.diff.rows import Rows
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.rules import matching
from dagster_lookml.source import Span

_JUDGED: Final = frozenset(
    """circular-field dimension-reads-measure measure-of-measure reference-to-list unknown-access-grant unknown-catalog-column
    unknown-column unknown-datagroup unknown-field unknown-key-column unknown-parent unknown-tile-explore unknown-tile-field
    unknown-view view-not-joined""".split()
)
"""The rules that changes are judged by where they are compared, but for tests, and for what explores name in lists."""
_IN_LISTS: Final = ("test:", "explore:")
_REFERENCES: Final = frozenset(
    """undefined-constant unknown-dashboard-filter unknown-explore unknown-filter-explore unknown-filter-field
    unknown-join""".split()
)
"""Rules that are broken by a change of what refers, or of what is referred to, which is told of as itself."""
_OF_OBJECTS: Final = _JUDGED | _REFERENCES
_OF_TEXT: Final = matching("LM1")
_MENDED: Final = "it is mended"


def judged_by_faults(changes: Iterable[Change], base: State, head: State, rows: Rows) -> Iterator[Change]:
    """The changes, of which those break that bring a fault; a fault that none brings, or takes away, is a change itself.

    Args:
        changes: each with what it means by itself.
        base: the state before.
        head: the state after.
        rows: of the head.
    """
    told = _Told(changes)
    before, after = _faults(base), _faults(head)
    for fault in _new(after, before, _there(head)):
        if told.explains(fault):
            continue
        at = told.nearest(fault) if fault.rule not in _OF_TEXT else None
        if at is not None:
            told.replace(at, _broken(told.changes[at], fault, head, rows))
        elif fault.rule not in _OF_OBJECTS or not (told.is_blocking or told.has_line(fault)):
            told.add(_itself(fault, head, rows))
    yield from told.changes
    for fault in _new(before, after, _there(base)):
        if fault.rule not in _OF_OBJECTS and not told.concerning(fault):
            yield _mended(fault)


class _Told:
    """The changes that are told of, found by what they are about: there may be thousands of them, and as many faults.

    Args:
        changes: to begin with.
    """

    def __init__(self, changes: Iterable[Change]) -> None:
        self.changes: list[Change] = []
        self.is_blocking = False
        self._by_id: dict[str, list[int]] = {}
        self._by_owner: dict[str, list[int]] = {}
        self._by_line: dict[tuple[str, int], list[int]] = {}
        self._by_felt: dict[str, list[int]] = {}
        for one in changes:
            self.add(one)

    def add(self, change: Change) -> None:
        """One more change."""
        at = len(self.changes)
        self.changes.append(change)
        self._by_id.setdefault(change.id, []).append(at)
        name = change.id.partition(":")[2]
        for end in (place for place, letter in enumerate(name) if letter in "/."):
            self._by_owner.setdefault(name[:end], []).append(at)
        if change.span is not None:
            self._by_line.setdefault((change.span.file, change.span.line), []).append(at)
        self._feel(at)

    def replace(self, at: int, change: Change) -> None:
        """The same change, with another verdict."""
        self.changes[at] = change
        self._feel(at)

    def _feel(self, at: int) -> None:
        self.is_blocking |= self.changes[at].verdict in BLOCKING
        for one in self.changes[at].affected:
            self._by_felt.setdefault(one.node.id, []).append(at)

    def has_line(self, fault: Diagnostic) -> bool:
        """Whether a change is of the line of a fault."""
        return (fault.file, fault.line) in self._by_line

    def concerning(self, fault: Diagnostic) -> frozenset[int]:
        """The changes of what a fault is about, of a part of it, or of its line; where others judge, of that itself alone."""
        itself = self._by_id.get(fault.object or "", ())
        if fault.rule in _JUDGED:
            return frozenset(itself)
        parts = self._by_owner.get(fault.object.partition(":")[2], ()) if fault.object is not None else ()
        return frozenset((*itself, *parts, *self._by_line.get((fault.file, fault.line), ())))

    def explains(self, fault: Diagnostic) -> bool:
        """Whether it is told already that a fault breaks something; what is unknown of the thing itself is known now."""
        concerning, felt = self.concerning(fault), self._by_felt.get(fault.object or "", ())
        if any(self.changes[at].verdict == "breaking" for at in (*concerning, *felt)):
            return True
        return any(self.changes[at].verdict in BLOCKING and at not in concerning for at in felt)

    def nearest(self, fault: Diagnostic) -> int | None:
        """Which change of the head brings a fault: in its line, or else one that somebody feels."""

        def distance(at: int) -> tuple[bool, bool, int]:
            one = self.changes[at]
            return one.span is None or one.span.line != fault.line, one.verdict not in FELT, at

        return min((at for at in self.concerning(fault) if self.changes[at].side == "head"), key=distance, default=None)


def _faults(state: State) -> list[Diagnostic]:
    return [one for one in state.errors if one.rule not in _JUDGED or (one.object or "").startswith(_IN_LISTS)]


def _new(faults: Sequence[Diagnostic], others: Sequence[Diagnostic], here: Container[str]) -> Iterator[Diagnostic]:
    """The faults of one state that the other does not have, be it in other words or under another name.

    Args:
        faults: of the one state.
        others: of the other.
        here: the ids of objects, and the files, that the one state has: what the other has beside them was renamed, or moved.
    """
    known = Counter(one.fingerprint for one in others)
    left: list[Diagnostic] = []
    for one in faults:
        if known[one.fingerprint] > 0:
            known[one.fingerprint] -= 1
        else:
            left.append(one)
    gone: list[Diagnostic] = []
    for one in others:
        if known[one.fingerprint] > 0:
            known[one.fingerprint] -= 1
            gone.append(one)
    for one in left:
        same = next((other for other in gone if _is_same(one, other, here)), None)
        if same is not None:
            gone.remove(same)
        else:
            yield one


def _is_same(one: Diagnostic, other: Diagnostic, here: Container[str]) -> bool:
    return one.rule == other.rule and (_about(other) == _about(one) or _about(other) not in here)


def _about(fault: Diagnostic) -> str:
    return fault.object or fault.file


def _there(state: State) -> frozenset[str]:
    """The ids of objects, and the files that say something."""
    project = state.lookup.project
    objects = [(one.id, one.span.file) for ones in (project.views, project.explores, project.dashboards) for one in ones]
    models = (model.file for model in project.models if model.file is not None)
    return frozenset((*models, *(name for one in objects for name in one)))


def _broken(change: Change, fault: Diagnostic, head: State, rows: Rows) -> Change:
    felt = change.affected if change.verdict in FELT else _felt(change.id, head, rows)
    return msgspec.structs.replace(change, verdict="breaking", reason=fault.message, affected=felt)


def _felt(identity: str, head: State, rows: Rows) -> tuple[Affected, ...]:
    return rows.felt_by(identity) if identity in head.lookup.views else felt_by(head, (identity,))


def _itself(fault: Diagnostic, head: State, rows: Rows) -> Change:
    felt = _felt(fault.object, head, rows) if fault.object is not None else ()
    return msgspec.structs.replace(_change(fault), affected=felt)


def _mended(fault: Diagnostic) -> Change:
    return msgspec.structs.replace(_change(fault), side="base", old="yes", new="no", verdict="metadata only", reason=_MENDED)


def _change(fault: Diagnostic) -> Change:
    span = Span(fault.file, fault.line, fault.column)
    identity = fault.object or f"file:{fault.file}"
    return Change(
        id=identity, kind="changed", property=fault.rule, old="no", new="yes",
        verdict="breaking", reason=fault.message, span=span,
    )  # fmt: skip
