"""``# lookml: ignore[rule] reason``: comments that say which findings somebody has looked at and wants to hear no more of."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from dagster_lookml.syntax.dashboards import DashboardTree
from dagster_lookml.syntax.nodes import BlockNode, Item, ListNode, Node, PairNode

_COMMENT: Final = re.compile(
    r"\#[ \t]*lookml:[ \t]*ignore\b[ \t]*(?:\[(?P<rules>[^\]\n]*)\])?[ \t]*[:-]?[ \t]*(?P<reason>[^\n]*)", re.IGNORECASE
)
_IN_SQL: Final = re.compile(
    r"""'(?:[^'\\]++|\\.)*+' | "(?:[^"\\]++|\\.)*+" | `[^`]*+` | (?P<comment>--[^\n]*+ | \#(?![->])[^\n]*+ | /\*.*?\*/)""",
    re.VERBOSE | re.DOTALL,
)
"""Literals, quoted names and comments of SQL. ``#`` is one in LookML everywhere; ``#>`` and ``#-`` are operators of Postgres."""
_SKIPPED: Final = re.compile(r"(?:[ \t]*(?:\#[^\n]*)?\n)*")
_LEAD: Final = re.compile(r"[ \t]*")


class IgnoreComment(msgspec.Struct, frozen=True):
    """One such comment.

    Attributes:
        rules: as they are named in it.
        reason: what follows; may be empty.
        start: offset of its ``#``.
        first: offset from which on findings are ignored.
        last: offset up to which they are, itself included.
    """

    rules: tuple[str, ...]
    reason: str
    start: int
    first: int
    last: int


def lookml_ignores(text: str, nodes: tuple[Node, ...]) -> Iterator[IgnoreComment]:
    r"""The comments of a LookML file.

    One that stands behind something holds for its line. One that stands alone holds for the parameter or block that follows,
    to the end of it; within SQL, where nothing but text follows, for the next line.

    Args:
        text: of the file.
        nodes: its tree.

    >>> from dagster_lookml.syntax.reading import read_lookml
    >>> text = "# lookml: ignore[unused-view] kept for the audit\nview: v {\n}\n"
    >>> [(one.rules, one.reason, one.last) for one in lookml_ignores(text, read_lookml(text).nodes)]
    [(('unused-view',), 'kept for the audit', 60)]
    """
    comments = list(_COMMENT.finditer(text))
    if comments:
        ends = dict(_ends(nodes))
        texts = sorted(_texts(nodes))
        yield from _ignores(text, comments, texts, lambda start: ends.get(start, _line_end(text, start)))


def yaml_ignores(text: str, tree: DashboardTree) -> Iterator[IgnoreComment]:
    """The comments of a dashboard file; one that stands alone holds for the entry that follows, with all that is indented below.

    Args:
        text: of the file.
        tree: its tree.
    """
    yield from _ignores(text, list(_COMMENT.finditer(text)), sorted(tree.texts), lambda start: _indented_end(text, start))


def _ignores(
    text: str, comments: list[re.Match[str]], texts: list[tuple[int, int]], end_of: Callable[[int], int]
) -> Iterator[IgnoreComment]:
    """The comments among what looks like one: `texts`, in order, are values, in which ``#`` begins none."""
    for found in comments:
        before = bisect_right(texts, (found.start(), len(text)))
        if before and found.start() < texts[before - 1][1]:
            continue
        rules = tuple(name for name in re.split(r"[,\s]+", found["rules"] or "") if name)
        line = text.rfind("\n", 0, found.start()) + 1
        if text[line : found.start()].strip():
            first, last = line, _line_end(text, found.start())
        else:
            behind = _SKIPPED.match(text, _line_end(text, found.start()) + 1)
            first = behind.end() if behind is not None else len(text)
            lead = _LEAD.match(text, first)
            last = end_of(lead.end() if lead is not None else first)
        yield IgnoreComment(rules, found["reason"].strip(), found.start(), min(first, len(text)), min(last, len(text)))


def _texts(nodes: tuple[Node | Item, ...]) -> Iterator[tuple[int, int]]:
    """Where values stand that hold a ``#`` which begins no comment: all of a quoted value or of HTML, and the literals of SQL."""
    for node in nodes:
        if isinstance(node, BlockNode):
            yield from _texts(node.children)
        elif isinstance(node, ListNode):
            yield from _texts(node.items)
        elif "#" in node.value and isinstance(node, PairNode) and node.style == "expression" and node.key.startswith("sql"):
            literals = (found for found in _IN_SQL.finditer(node.value) if not found["comment"])
            yield from ((node.start + found.start(), node.start + found.end()) for found in literals)
        elif "#" in node.value:
            yield node.start, node.end


def _ends(nodes: tuple[Node, ...]) -> Iterator[tuple[int, int]]:
    """Where each parameter and block begins and ends."""
    for node in nodes:
        yield node.key_start, node.end
        if isinstance(node, BlockNode):
            yield from _ends(node.children)


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def _indented_end(text: str, start: int) -> int:
    """The end of the last line that is indented deeper than the one on which something begins."""
    indent = start - (text.rfind("\n", 0, start) + 1)
    end = _line_end(text, start)
    while end < len(text):
        following = _line_end(text, end + 1)
        line = text[end + 1 : following]
        if line.strip() and len(line) - len(line.lstrip(" \t")) <= indent:
            break
        end = following
    return end
