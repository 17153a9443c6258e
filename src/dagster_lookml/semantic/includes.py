"""Which files an include means: paths, wildcards and the project they are looked for in (R2.1-R2.13)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

MAX_ALTERNATIVES: Final = 64
_WILDCARD: Final = re.compile(r"[*?\[]")
_BRACES: Final = re.compile(r"\{([^{}]*,[^{}]*)\}")
NEVER_INCLUDED: Final = frozenset({"manifest.lkml", "manifest_lock.lkml"})


class IncludePath(NamedTuple):
    """An include, read: the imported project it names, if it names one, and the pattern from that project's root.

    `pattern` is None where the path climbs out of the project.
    """

    project: str | None
    pattern: str | None


def read_include(written: str, directory: str) -> IncludePath:
    """Read the text of an include.

    Args:
        written: with its constants expanded.
        directory: of the file that holds it, from its project's root; empty for the root.

    >>> read_include("//hub/views/*.view", "models"), read_include("../b.view", "models/x")
    (IncludePath(project='hub', pattern='views/*.view'), IncludePath(project=None, pattern='models/b.view'))
    """
    if written.startswith("//"):
        project, _, rest = written[2:].lstrip("/").partition("/")
        return IncludePath(project, _normal("", rest))
    if written.startswith("/"):
        return IncludePath(None, _normal("", written))
    return IncludePath(None, _normal(directory, written))


def _normal(directory: str, path: str) -> str | None:
    parts: list[str] = []
    for part in f"{directory}/{path}".split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


class PathIndex:
    """The LookML files of one project, ready to be matched.

    Args:
        paths: from the root, sorted.

    >>> PathIndex(["a.view.lkml", "x/b.view.lkml"]).match("*.view"), PathIndex(["x/b.view.lkml"]).match("**/b.view")
    (('a.view.lkml',), ('x/b.view.lkml',))
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = tuple(path for path in paths if path.rpartition("/")[2] not in NEVER_INCLUDED)
        self._exact: dict[str, list[str]] = {}
        for path in self._paths:
            for name in {path, _stem(path)}:
                self._exact.setdefault(name, []).append(path)
        self._matches: dict[str, tuple[str, ...]] = {}

    def match(self, pattern: str) -> tuple[str, ...]:
        """The files that a pattern means, in the order of their paths (R2.12).

        Args:
            pattern: from the root, without a leading ``/``; the last extension may be left out (R2.9).
        """
        if pattern not in self._matches:
            found = tuple(self._exact.get(pattern, ()))
            if not found and _WILDCARD.search(pattern):
                found = self._match_wildcards(pattern)
            if not found and _BRACES.search(pattern):
                found = tuple(sorted({path for one in _alternatives(pattern) for path in self.match(one)}))
            self._matches[pattern] = found
        return self._matches[pattern]

    def _match_wildcards(self, pattern: str) -> tuple[str, ...]:
        literal = pattern[: _WILDCARD.search(pattern).start()]  # type: ignore[union-attr]
        segments = tuple(pattern.split("/"))
        return tuple(path for path in self._paths if path.startswith(literal) and _matches(path, segments))


def _stem(path: str) -> str:
    return path.removesuffix(".lkml").removesuffix(".lookml")


def _alternatives(pattern: str) -> list[str]:
    pieces = [piece.split(",") if number % 2 else [piece] for number, piece in enumerate(_BRACES.split(pattern))]
    total = 1
    for piece in pieces:
        total *= len(piece)
    return ["".join(chosen) for chosen in product(*pieces)] if total <= MAX_ALTERNATIVES else []


def _matches(path: str, segments: tuple[str, ...]) -> bool:
    *folders, name = path.split("/")
    return any(_match_parts((*folders, last), segments) for last in {name, _stem(name)})


def _match_parts(parts: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    """Match segment by segment, keeping every place where the path may stand; ``**`` stands for any number of folders."""
    places = {0}
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == "**":
            places = {len(parts)} if last and min(places) < len(parts) else set(range(min(places), len(parts)))
        else:
            matcher = _segment(segment)
            places = {place + 1 for place in places if place < len(parts) and matcher.match(parts[place])}
        if not places:
            return False
    return len(parts) in places


@lru_cache(maxsize=4096)
def _segment(segment: str) -> re.Pattern[str]:
    """A segment as an expression; ``fnmatch`` makes one that cannot backtrack without bound (R2.7, R2.8)."""
    return re.compile(translate(segment))
