"""What it means that one aspect of an object differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from dagster_lookml.analysis.diff.aspect import EVERY_TIMEFRAME, Aspect
from dagster_lookml.analysis.diff.change import Verdict
from dagster_lookml.analysis.listing import listed
from dagster_lookml.semantic.constants import CONSTANT
from dagster_lookml.sql.equivalence import Comparison
from dagster_lookml.sql.reading import Form

CompareSql = Callable[[str, str, Form], Comparison]
"""Compares two SQL texts in the dialect of whoever has them."""

_LOST: Final = {"allowed_values": "users with {} lose access"}
_GAINED: Final = {"allowed_values": "users with {} get access", "alias": "{} leads here too, from what people saved"}
"""What is said of names in some parameters; in others they are fields, or values that are picked."""


class Judgement(NamedTuple):
    """What one difference means.

    Attributes:
        property: what differs.
        old: the aspect in the base; None where it has none.
        new: likewise in the head.
    """

    property: str
    old: Aspect | None
    new: Aspect | None
    verdict: Verdict
    reason: str


def judged(old: Mapping[str, Aspect], new: Mapping[str, Aspect], compare: CompareSql) -> Iterator[Judgement]:
    """The differences between two states of an object.

    Args:
        old: its aspects in the base.
        new: its aspects in the head.
        compare: compares their SQL.
    """
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if before is not None and after is not None and before.items == after.items:
            continue
        found = _judge(before, after, compare)
        if found is not None:
            yield Judgement(name, before, after, *found)


def _judge(old: Aspect | None, new: Aspect | None, compare: CompareSql) -> tuple[Verdict, str] | None:
    one = new or old
    assert one is not None
    if one.nature != "metadata" and (lost := sorted(_constants(new) - _constants(old))):
        noun = "constant" if len(lost) == 1 else "constants"
        return "breaking", f"it names the {noun} {listed(lost)}, to which no manifest gives a value"
    match one.nature:
        case "sql":
            return _sql(old, new, compare)
        case "names":
            return _names(old, new)
        case "grants":
            return _grants(old, new)
        case "metadata":
            return "metadata only", one.meaning or "people see it, and no number depends on it"
        case "breaking" if new is None:
            return "metadata only", "what it forbade is allowed again"
        case "breaking":
            return "breaking", one.meaning
        case "numbers":
            said = f"it decides {one.meaning}" if one.meaning else "the same question may get another answer"
            return "numbers may change", said


def _constants(aspect: Aspect | None) -> set[str]:
    """The constants that a text still names when all that have a value are replaced by it (R9.6)."""
    return set(CONSTANT.findall(f"{aspect.name} {aspect.text}")) if aspect is not None else set()


def _sql(old: Aspect | None, new: Aspect | None, compare: CompareSql) -> tuple[Verdict, str]:
    if old is None or new is None:
        return "numbers may change", "the SQL is new" if old is None else "the SQL is gone"
    found = compare(old.text, new.text, new.form)
    match found.sameness:
        case "same" | "equivalent":
            return "equivalent", found.reason
        case "unknown":
            return "unknown", found.reason
        case "different":
            return "numbers may change", found.reason


def _names(old: Aspect | None, new: Aspect | None) -> tuple[Verdict, str] | None:
    before = frozenset(old.items if old is not None else ())
    after = frozenset(new.items if new is not None else ())
    one = new or old
    assert one is not None
    if lost := sorted(before - after - {EVERY_TIMEFRAME}):
        return "breaking", _LOST[one.name].format(listed(lost)) if one.name in _LOST else gone(lost)
    if EVERY_TIMEFRAME in before - after:
        return "metadata only", "only the listed timeframes are left, and nothing here names another"
    if gained := sorted(after - before - {EVERY_TIMEFRAME}):
        return "metadata only", _GAINED.get(one.name, "{} can be picked too").format(listed(gained))
    if EVERY_TIMEFRAME in after - before:
        return "metadata only", "every other timeframe can be used too"
    return None  # their order says nothing


def gone(names: list[str]) -> str:
    """Why names that are no more break.

    >>> gone(["a", "b"])
    '`a`, `b` are gone, and whatever uses them breaks'
    """
    are, them = ("is", "it") if len(names) == 1 else ("are", "them")
    return f"{listed(names)} {are} gone, and whatever uses {them} breaks"


def _grants(old: Aspect | None, new: Aspect | None) -> tuple[Verdict, str] | None:
    before = frozenset(old.items if old is not None else ())
    after = frozenset(new.items if new is not None else ())
    if needed := sorted(after - before):
        return "breaking", f"it breaks for whoever lacks {listed(needed)}"
    if dropped := sorted(before - after):
        return "metadata only", f"more people see it: {listed(dropped)} is needed no more"
    return None
