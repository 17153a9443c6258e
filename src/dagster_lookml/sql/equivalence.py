"""Whether two SQL texts mean the same: texts that differ in what no database looks at are told from those that differ.

An error to one side is harmless: that two texts which mean the same are called different. There is none to the other side as far
as that can be had: what is not known to mean the same is different, or unknown where it cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from dagster_lookml.sql.environment import Environment, in_environment
from dagster_lookml.sql.liquid_form import (
    Template,
    UnfollowedLiquidError,
    UnreadLiquidError,
    World,
    flat,
    template,
    worlds,
)
from dagster_lookml.sql.liquid_values import Known
from dagster_lookml.sql.marks import Marks
from dagster_lookml.sql.reading import Form

if TYPE_CHECKING:
    from dagster_lookml.sql.comparing import Comparing, Finding

MAX_WORLDS: Final = 256
"""Worlds of two texts that are compared."""
MAX_COMPARED: Final = 300_000
"""Characters after which no more worlds are compared."""

Sameness = Literal["same", "equivalent", "different", "unknown"]
"""Written alike; written differently and meaning the same; meaning something else, as far as is known, or not readable before
and readable now; unreadable."""


class Comparison(msgspec.Struct, frozen=True):
    """How alike two texts are.

    Attributes:
        sameness: see `Sameness`.
        reason: one line for people: what differs, or why that is not known.
    """

    sameness: Sameness
    reason: str


def compare_sql(
    old: str, new: str, form: Form, dialect: str, known: Known | None = None, environment: Environment = "prod"
) -> Comparison:
    """Compare two texts of an SQL parameter; never raises.

    Args:
        old: constants expanded; Liquid and ``${}`` as written.
        new: likewise.
        form: what both are; conditions such as those of ``sql_on`` are a ``field``.
        dialect: name of the dialect; empty for standard SQL.
        known: values of Liquid's paths that are known. What a parameter may be set to is not looked at, for it may change too.
        environment: which lines count.

    >>> compare_sql("${TABLE}.a = 1 AND ${b}", "${ b } and ${TABLE}.a = 1", "field", "bigquery")
    Comparison(sameness='equivalent', reason='the order of AND or OR conditions differs')
    >>> compare_sql("${a} - ${b}", "${b} - ${a}", "field", "").sameness
    'different'
    """
    if old == new:
        return Comparison("same", "the text is the same")
    ours, theirs = (in_environment(text, environment) for text in (old, new))
    if ours == theirs:
        return Comparison("equivalent", f"what differs does not count in {environment}")
    if not ours.strip() and not theirs.strip():
        return Comparison("equivalent", "both are empty")
    try:
        return _compared(ours, theirs, form, dialect, known or Known())
    except UnreadLiquidError as error:
        return Comparison("unknown", f"the Liquid cannot be read: {error}")
    except RecursionError:
        return Comparison("unknown", "the SQL cannot be read: nested too deep")
    except Exception as error:  # sqlglot's trees hold what it likes; one text is no reason to stop
        return Comparison("unknown", f"the SQL cannot be compared: {type(error).__name__}: {error}".splitlines()[0])


def _compared(old: str, new: str, form: Form, dialect: str, known: Known) -> Comparison:
    from dagster_lookml.sql.comparing import Comparing

    comparing = Comparing(form, dialect, Marks())
    try:
        return _both(old, new, known, comparing)
    except UnreadLiquidError as error:
        return _new_alone(new, known, comparing, f"the Liquid before could not be read: {error}")


def _new_alone(new: str, known: Known, comparing: Comparing, reason: str) -> Comparison:
    """What it means that the Liquid of a text could not be read, where that of the new one can; else that is raised again."""
    try:
        every = _texts(template(new, comparing.marks), known)
    except UnfollowedLiquidError:
        return Comparison("different", reason)
    fault = next(filter(None, map(comparing.fault, every)), "")
    return (
        Comparison("unknown", f"the SQL cannot be read: {comparing.marks.shown(fault)}")
        if fault
        else Comparison("different", reason)
    )


def _texts(read: Template, known: Known) -> Iterator[str]:
    """What a template may become, each text once, as far as there is time."""
    texts = (world.new for world in islice(worlds(read, read, known.values), MAX_WORLDS))
    length = 0
    for text in dict.fromkeys(texts):
        yield text
        length += len(text)
        if length > MAX_COMPARED:
            return


def _both(old: str, new: str, known: Known, comparing: Comparing) -> Comparison:
    marks = comparing.marks
    finding = comparing.flat(flat(old, marks), flat(new, marks))
    if finding is not None:
        return Comparison("equivalent", "; ".join(finding.reasons))
    try:
        ours, theirs = template(old, marks), template(new, marks)
    except UnfollowedLiquidError as error:
        return Comparison("different", f"the texts differ, and {error}")
    if (ours.assigns or theirs.assigns) and ours.tags != theirs.tags:
        return Comparison("different", "the tags of Liquid differ, and one of them sets a variable")
    return _in_every_world(ours, theirs, known, comparing)


def _in_every_world(old: Template, new: Template, known: Known, comparing: Comparing) -> Comparison:
    reasons: dict[str, None] = {}
    unknown: str | None = None
    mended: str | None = None
    every = worlds(old, new, known.values)
    for world, finding in _findings(every, comparing):
        if finding.sameness == "different":
            return Comparison("different", _where(world, finding))
        if finding.sameness == "unknown":
            unknown = unknown or _where(world, finding)
        elif finding.sameness == "mended":
            mended = mended or _where(world, finding)
        else:
            reasons.update(dict.fromkeys(finding.reasons))
    if mended is not None and unknown is None:
        return Comparison("different", mended)
    if unknown is not None or next(every, None) is not None:
        return Comparison("unknown", unknown or "the Liquid has too many branches to compare all that it may become")
    return Comparison("equivalent", "; ".join(reasons) or "only the way in which the Liquid is written differs")


def _findings(every: Iterator[World], comparing: Comparing) -> Iterator[tuple[World, Finding]]:
    """Each pair of texts once, as far as there is time."""
    seen: set[tuple[str, str]] = set()
    length = 0
    for world in islice(every, MAX_WORLDS):
        pair = (world.old, world.new)
        if pair in seen:
            continue
        seen.add(pair)
        yield world, comparing.texts(*pair)
        length += len(world.old) + len(world.new)
        if length > MAX_COMPARED:
            return


def _where(world: World, finding: Finding) -> str:
    reason = ", ".join(finding.reasons)
    return f"{reason}, where {' and '.join(world.conditions[:3])}" if world.conditions else reason
