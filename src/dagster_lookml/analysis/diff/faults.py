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
    found = list(changes)
    before, after = _faults(base), _faults(head)
    for fault in _new(after, before, _there(head)):
        if any(_explains(one, fault) for one in found):
            continue
        at = _nearest(found, fault) if fault.rule not in _OF_TEXT else None
        if at is not None:
            found[at] = _broken(found[at], fault, head, rows)
        elif not _is_told(found, fault):
            found.append(_itself(fault, head, rows))
    yield from found
    for fault in _new(before, after, _there(base)):
        if fault.rule not in _OF_OBJECTS and not any(_concerns(one, fault) for one in found):
            yield _mended(fault)


def _is_told(changes: Sequence[Change], fault: Diagnostic) -> bool:
    """Whether a reference leads nowhere for a change that is told of as itself."""
    return fault.rule in _OF_OBJECTS and any(one.verdict in BLOCKING or _is_in_line(one, fault) for one in changes)


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
    gone = [one for one in others if known[one.fingerprint] > 0]
    for one in left:
        same = [other for other in gone if other.rule == one.rule and (_about(other) == _about(one) or _about(other) not in here)]
        if same:
            gone.remove(same[0])
        else:
            yield one


def _about(fault: Diagnostic) -> str:
    return fault.object or fault.file


def _there(state: State) -> frozenset[str]:
    """The ids of objects, and the files that say something."""
    project = state.lookup.project
    objects = [(one.id, one.span.file) for ones in (project.views, project.explores, project.dashboards) for one in ones]
    models = (model.file for model in project.models if model.file is not None)
    return frozenset((*models, *(name for one in objects for name in one)))


def _concerns(change: Change, fault: Diagnostic) -> bool:
    """Whether a change is of what a fault is about, of a part of it, or of its line; where others judge, of that itself alone."""
    if fault.rule in _JUDGED or change.id == fault.object:
        return change.id == fault.object
    name = fault.object.partition(":")[2] if fault.object is not None else ""
    is_part = bool(name) and change.id.partition(":")[2].startswith((f"{name}/", f"{name}."))
    return is_part or _is_in_line(change, fault)


def _explains(change: Change, fault: Diagnostic) -> bool:
    """Whether it is told already that a fault breaks something; what is unknown of the thing itself is known now."""
    if change.verdict == "breaking":
        return _concerns(change, fault) or _is_felt(change, fault)
    return change.verdict in BLOCKING and _is_felt(change, fault) and not _concerns(change, fault)


def _is_in_line(change: Change, fault: Diagnostic) -> bool:
    return change.span is not None and (change.span.file, change.span.line) == (fault.file, fault.line)


def _is_felt(change: Change, fault: Diagnostic) -> bool:
    return any(one.node.id == fault.object for one in change.affected)


def _nearest(changes: Sequence[Change], fault: Diagnostic) -> int | None:
    """Which change of the head brings a fault: in its line, or else one that somebody feels."""

    def distance(at: int) -> tuple[bool, bool, int]:
        one = changes[at]
        return one.span is None or one.span.line != fault.line, one.verdict not in FELT, at

    brought = (at for at, one in enumerate(changes) if one.side == "head" and _concerns(one, fault))
    return min(brought, key=distance, default=None)


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
