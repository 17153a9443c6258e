"""The answer of ``diff`` as workflow commands of GitHub Actions, which become annotations in a pull request."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from dagster_lookml.analysis.diff.change import BLOCKING, FELT, Change, Diff, Verdict
from dagster_lookml.outputs.annotations import Annotation, commands
from dagster_lookml.outputs.diff_text import command, felt, summary, told
from dagster_lookml.outputs.lineage_text import place

_TITLES: Final[dict[Verdict, str]] = {
    "breaking": "this breaks something",
    "unknown": "this may break something",
    "numbers may change": "numbers may change",
}


def diff_github(diff: Diff, *, files: Collection[str] = (), everything: str = "") -> str:
    """The changes that break something or may change numbers as workflow commands, and never more than GitHub shows.

    What is gone has a place in the base only, where GitHub shows nothing. Its annotation is one of the file as a whole, if the
    head still has that, and says the place in words.

    Args:
        diff: with the refs that were compared.
        files: the paths of the head.
        everything: where all changes are to be seen, for the last command; empty for the command that lists them.

    Returns:
        Lines, each a command, and last how many changes there are in plain words.
    """
    annotations = [_annotation(one, files) for one in diff.changes if one.verdict in FELT]
    lines = commands(annotations, "change", everything or f"{command(diff)} lists them all")
    return "".join(f"{line}\n" for line in (*lines, summary(diff) if diff.changes else "nothing differs"))


def _annotation(one: Change, files: Collection[str]) -> Annotation:
    span = one.span
    is_here = span is not None and (one.side == "head" or span.file in files)
    has_line = span is not None and one.side == "head"
    return Annotation(
        level="error" if one.verdict in BLOCKING else "warning",
        title=_TITLES[one.verdict],
        message=_message(one),
        kind=f"({one.verdict})",
        file=span.file if span is not None and is_here else "",
        line=span.line if span is not None and has_line else 0,
    )


def _message(one: Change) -> str:
    parts = [f"{told(one)}: {one.reason}"]
    if one.affected:
        parts.append(f"felt by {felt(one.affected)}")
    if one.side == "base" and one.span is not None:
        parts.append(f"it was at {place(one.span)}")
    return "; ".join(parts)
