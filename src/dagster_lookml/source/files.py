"""One file: its text, made uniform, and places in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from hashlib import sha1
from itertools import islice
from typing import Final

import msgspec

from dagster_lookml.source.problems import Problem

MAX_PROBLEMS: Final = 100
"""Places of one kind that are reported for one file."""

_ESCAPED_BYTE: Final = re.compile("[\udc80-\udcff]+")


class Span(msgspec.Struct, frozen=True, eq=False, array_like=True, gc=False):
    """A place in a file. All spans are equal, so that moving or reformatting a definition is no change of it.

    Attributes:
        file: path from the root of the repository, with ``/``.
        line: 1-based.
        column: 1-based, in characters.
    """

    file: str
    line: int
    column: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span)

    def __hash__(self) -> int:
        return 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class SourceFile:
    r"""The text of one file, decoded once.

    A byte-order mark is dropped, line ends become line feeds (R15.11), NULs become spaces, and bytes that are not UTF-8 become
    U+FFFD; the last two are reported as problems. Offsets count characters of `text`.

    Args:
        path: from the root of its project, with ``/``.
        content: the bytes.
        shown_as: the path to print, where the project lies inside another tree; `path` if None.

    >>> SourceFile("a.view.lkml", b"view: a {\r\n}").span(10)
    Span(file='a.view.lkml', line=2, column=1)
    """

    def __init__(self, path: str, content: bytes, shown_as: str | None = None) -> None:
        self.path = path
        self.shown_as = printable(path if shown_as is None else shown_as)
        self._content = content

    @cached_property
    def blob_id(self) -> str:
        """The id git gives to a file with this content."""
        return blob_id(self._content)

    @cached_property
    def _decoded(self) -> tuple[str, tuple[Problem, ...]]:
        decoded = decode(self._content)
        if self.blob_id:  # from here on the bytes are needed for nothing more
            self._content = b""
        return decoded

    @property
    def text(self) -> str:
        """The whole file, with line feeds only."""
        return self._decoded[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What had to be replaced in its bytes."""
        return self._decoded[1]

    def __repr__(self) -> str:
        return f"SourceFile({self.shown_as!r})"

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def span(self, offset: int) -> Span:
        """The place of a character.

        Args:
            offset: 0-based index into `text`.
        """
        starts = self._line_starts
        line = bisect_right(starts, offset)
        return Span(self.shown_as, line, offset - starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of a line, without its line feed.

        Args:
            number: 1-based; a number beyond the end gives an empty line.
        """
        starts = self._line_starts
        if not 0 < number <= len(starts):
            return ""
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end]


def printable(path: str) -> str:
    """A path as it can be printed: bytes of a file name that are not UTF-8 become U+FFFD."""
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def blob_id(content: bytes) -> str:
    """The id git gives to a file with this content.

    >>> blob_id(b"")
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def decode(content: bytes) -> tuple[str, tuple[Problem, ...]]:
    """Turn the bytes of a file into text with line feeds only, and say what had to be replaced."""
    problems: list[Problem] = []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("utf-8-sig", "surrogateescape")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        for found in islice(_ESCAPED_BYTE.finditer(text), MAX_PROBLEMS):
            shown = " ".join(f"{ord(character) - 0xDC00:02X}" for character in found.group()[:8])
            problems.append(Problem("invalid-utf8", f"not UTF-8: byte {shown}", found.start(), found.end()))
        if problems:
            text = re.sub("[\udc80-\udcff]", "\ufffd", text)
    if "\0" in text:
        runs = islice(re.finditer("\0+", text), MAX_PROBLEMS)
        problems += [Problem("nul-character", "a NUL character", run.start(), run.end()) for run in runs]
        text = text.replace("\0", " ")
    return text, tuple(problems)
