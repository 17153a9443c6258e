"""Text from a repository in Markdown: it stays text, and the whole stays within what a comment may hold.

Whoever writes LookML also writes what stands in a comment on it. So a name may not become a heading, a table cell, a picture, a
link, a mention that notifies somebody, or HTML. Everything is written as HTML entities, since those, other than backslashes,
mean the same in Markdown, in a table and inside HTML such as ``<summary>``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from dagster_lookml.outputs.plain_text import one_line

COMMENT_LIMIT: Final = 65_000
"""Bytes of a comment. GitHub takes 65,536 characters; what is left is for what a workflow puts around it."""
SUMMARY_LIMIT: Final = 500_000
"""Bytes of a summary. GitHub drops all summaries of a step that have more than 1 MiB together."""

_ACTIVE: Final = r"""[&<>"'`*\[\]~|\\$^]|(?<![^\W_])_|_(?![^\W_])|\A(?:[#+:=-]|\d+(?=[.)]))"""
"""What Markdown reads as more than text, and what begins a heading, a list or a rule if it stands first.

An underscore between letters is text, and names are full of them.
"""
_IN_TEXT: Final = re.compile(_ACTIVE)
_IN_CODE: Final = re.compile(_ACTIVE + r"|[@:#!%]|(?<=www)\.", re.IGNORECASE)
_QUOTED: Final = re.compile("`([^`]+)`|“([^”]+)”")
_REFERENCES: Final = re.compile(r"(?<=[@#!~%&$^])(?=\w)|(?<=:)(?=//)|(?<=:)(?=[\w+-]+:)|(?<=www)(?=\.)", re.IGNORECASE)
"""Inside a mention, the number of an issue, a link or the name of an emoji: GitHub and GitLab look for those in the HTML."""
_NOTHING: Final = "\u200b"
"""A blank without width."""


class Section(msgspec.Struct, frozen=True):
    """A part of a comment that may be cut between its lines.

    Attributes:
        head: what stands before the lines, such as the head of a table.
        lines: each says one thing; a section without any is there as a whole or not at all, and counts as one.
        tail: what stands after the lines that are there, such as the end of ``<details>``.
    """

    head: str
    lines: Sequence[str] = ()
    tail: str = ""


def escaped(text: str, longest: int | None = None) -> str:
    """Text in one line that reads as it is, in Markdown, a table cell or HTML, and refers to nobody and nothing.

    Args:
        text: from anywhere.
        longest: how many of its characters are shown.

    Returns:
        Markdown. Names, numbers and links that a forge would make something of hold a blank without width.

    >>> escaped("a|b <img> order_items"), escaped("- 1_000")
    ('a&#124;b &#60;img&#62; order_items', '&#45; 1_000')
    >>> escaped("@everyone") == "@\u200beveryone"
    True
    """
    return _plain(one_line(text, longest))


def code(text: str, longest: int | None = None) -> str:
    """Text in one line in the letters of a program, for names and paths; what is copied from there is the text itself.

    Args:
        text: from anywhere.
        longest: how many of its characters are shown.

    >>> code("a`b|c@d")
    '<code>a&#96;b&#124;c&#64;d</code>'
    """
    return _program(one_line(text, longest))


def prose(text: str, longest: int | None = None) -> str:
    """A message in one line, in which what stands between backticks is a name: `code`, and the rest is `escaped`.

    Args:
        text: whose names may hold anything, even backticks; SQL with backticks of its own stands in “” instead.
        longest: how many of its characters are shown.

    >>> prose("`orders.a|b` refers to *nothing*")
    '<code>orders.a&#124;b</code> refers to &#42;nothing&#42;'
    >>> prose("“a AS `b`” differs")
    '<code>a AS &#96;b&#96;</code> differs'
    """
    line = one_line(text, longest)
    told, end = "", 0
    for found in _QUOTED.finditer(line):
        told += _plain(line[end : found.start()]) + _program(found[1] or found[2])
        end = found.end()
    return told + _plain(line[end:])


def mark(command: str) -> str:
    r"""The line that a comment begins with and nobody sees: by it a workflow finds its own comment, to write it anew.

    Args:
        command: whose answer the comment is.

    >>> mark("check")
    '<!-- dagster-lookml check -->\n'
    """
    return f"<!-- dagster-lookml {command} -->\n"


def limited(sections: Iterable[Section], limit: int, more: Callable[[int], str]) -> str:
    r"""As many lines of sections as fit, from the first on, and how many do not.

    Args:
        sections: Markdown; a blank line comes between them.
        limit: the most bytes that the answer may have in UTF-8, and so the most characters too.
        more: says how many lines are left out; it gets their number.

    >>> limited([Section("Two:", ["- a", "- b"]), Section("", ["- c"])], 25, lambda number: f"and {number} more")
    'Two:\n- a\n\nand 2 more\n'
    """
    parts = list(sections)
    left = sum(max(len(one.lines), 1) for one in parts)
    room = limit - _size(more(left)) - 1
    blocks: list[str] = []
    for section in parts:
        cut = _cut(section, room)
        if cut is None:
            break
        blocks.append("\n".join(text for text in (cut.head, *cut.lines, cut.tail) if text))
        room -= _size(blocks[-1]) + 2
        left -= max(len(cut.lines), 1)
        if len(cut.lines) < len(section.lines):
            break
    return "\n\n".join((*blocks, more(left)) if left else blocks) + "\n"


def _cut(section: Section, room: int) -> Section | None:
    """A section with as many lines as there is room for; None if it has lines and not one of them fits, or no room itself."""
    room -= _size(section.head) + _size(section.tail) + 4
    kept: list[str] = []
    for line in section.lines:
        room -= _size(line) + 1
        if room < 0:
            break
        kept.append(line)
    return Section(section.head, kept, section.tail) if kept or (room >= 0 and not section.lines) else None


def _size(text: str) -> int:
    return len(text.encode())


def _plain(line: str) -> str:
    return _IN_TEXT.sub(_entities, _REFERENCES.sub(_NOTHING, line))


def _program(line: str) -> str:
    return f"<code>{_IN_CODE.sub(_entities, line)}</code>"


def _entities(found: re.Match[str]) -> str:
    return "".join(f"&#{ord(character)};" for character in found.group())
