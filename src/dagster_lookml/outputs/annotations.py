"""Annotations of lines in GitHub: workflow commands, and no more of them than GitHub shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec

from dagster_lookml.outputs.plain_text import one_line, visible

Level = Literal["error", "warning", "notice"]

_SHOWN: Final[dict[Level, int]] = {"error": 10, "warning": 10, "notice": 9}
"""GitHub shows ten of each command in a step, and drops the others without a word; the tenth notice tells what is missing."""
_LONGEST: Final = 1_000


class Annotation(msgspec.Struct, frozen=True, kw_only=True):
    """What is said about a place.

    Attributes:
        level: how bad it is.
        title: in a few words.
        message: in a line.
        kind: what others like it have in common, to be put behind "3 more": of too many those of one kind share an annotation.
        file: path from the root; empty for the repository as a whole.
        line: 1-based; 0 for the file as a whole.
        column: 1-based, in characters; 0 for the line as a whole.
        length: in characters.
    """

    level: Level
    title: str
    message: str
    kind: str
    file: str = ""
    line: int = 0
    column: int = 0
    length: int = 0


def commands(annotations: Sequence[Annotation], noun: str, everything: str) -> list[str]:
    """Annotations as workflow commands, the worst first.

    Up to ten of a level have a command each. Of more, those of one kind in one file share the first one's. How many still have
    none, the last command says.

    Args:
        annotations: in order.
        noun: what each of them is about.
        everything: where all of them are to be seen, for the last command.

    >>> found = Annotation(level="error", title="unknown", message="who?", kind="of unknown", file="a,b.lkml", line=2)
    >>> commands([found], "finding", "")
    ['::error file=a%2Cb.lkml,line=2,endLine=2,title=unknown::who?']
    """
    told = [one for level in _SHOWN for one in _told([one for one in annotations if one.level == level], _SHOWN[level])]
    lines = [_command(one) for one in told]
    if missing := len(annotations) - len(told):
        have = f"1 {noun} has" if missing == 1 else f"{missing:,} {noun}s have"
        text = f"{have} no annotation, since GitHub shows ten of a kind; {one_line(everything)}"
        lines.append(f"::notice title=dagster-lookml::{_value(text)}")
    return lines


def _told(found: Sequence[Annotation], most: int) -> Iterator[Annotation]:
    """Those of one level that are shown, which may speak for others."""
    if len(found) <= most:
        yield from (_with_message(one, 0) for one in found)
        return
    groups: dict[tuple[str, str], list[Annotation]] = {}
    for one in found:
        groups.setdefault((one.file, one.kind), []).append(one)
    for group in list(groups.values())[:most]:
        yield _with_message(group[0], len(group) - 1)


def _with_message(one: Annotation, others: int) -> Annotation:
    """An annotation that says how many others of its kind in its file it speaks for."""
    text = one_line(one.message, _LONGEST)
    if others:
        text += f" … and {others:,} more {one.kind} in this {'file' if one.file else 'repository'}"
    return msgspec.structs.replace(one, message=text)


def _command(one: Annotation) -> str:
    properties: dict[str, str | int] = {"file": one.file} if one.file else {}
    if one.file and one.line:
        properties |= {"line": one.line, "endLine": one.line}
        if one.column:
            properties |= {"col": one.column, "endColumn": one.column + max(one.length, 1)}
    properties["title"] = one.title
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{one.level} {written}::{_value(one.message)}"


def _value(text: str) -> str:
    """Escape what a command says, as ``@actions/core`` does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape the value of a property: a colon or a comma would end it."""
    return _value(visible(text)).replace(":", "%3A").replace(",", "%2C")
