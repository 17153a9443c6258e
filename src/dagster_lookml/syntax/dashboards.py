"""Dashboard files: YAML to a small tree with positions, tolerant of what real exports hold (R12.1).

Nothing is constructed from a tag: a node keeps its text, and what a tag such as ``!ruby/hash:X`` would make is never looked at.
The tree is built from libyaml's events and not by PyYAML's composer, which recurses in C and dies on deep nesting.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

import msgspec
import yaml

from dagster_lookml.source.problems import Problem

MAX_DEPTH: Final = 50
"""Nesting of YAML; dashboards need eight."""
MAX_NODES: Final = 2_000_000
"""Nodes of one file, aliases counted as often as they are used."""

_LOADER: Final[type[yaml.SafeLoader]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TOP_ITEM: Final = re.compile(r"^-(?=[ \t\n]|\Z)", re.MULTILINE)
_TAB_INDENT: Final = re.compile(r"^( *\t[ \t]*)(?=\S)", re.MULTILINE)


class Scalar(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=0):
    """A single value, as text; None for YAML's null. `start` is the offset of its first character."""

    value: str | None
    start: int


class Sequence(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=1):
    """A YAML list."""

    items: tuple[Scalar | Sequence | Mapping, ...]
    start: int


class Mapping(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=2):
    """A YAML map; of a key that stands twice the last counts."""

    pairs: tuple[tuple[Scalar, Scalar | Sequence | Mapping], ...]
    start: int

    def get(self, key: str) -> YamlNode | None:
        """The value of a key, or None."""
        for name, value in reversed(self.pairs):
            if name.value == key:
                return value
        return None

    def key(self, key: str) -> Scalar | None:
        """The key itself, for its position."""
        for name, _ in reversed(self.pairs):
            if name.value == key:
                return name
        return None


YamlNode = Scalar | Sequence | Mapping

_HELP: Final = {
    "mapping values are not allowed in this context": "; a value that holds `: ` needs quotes, or this line is indented too far",
    "found character that cannot start any token": "; a value that begins with this character needs quotes",
}
"""What to do about faults that YAML names in words of its own."""


class DashboardTree(msgspec.Struct, frozen=True, array_like=True):
    """What one dashboard file says, and what is wrong with its text.

    Attributes:
        items: the maps of its top list.
        problems: what is wrong.
        texts: where values stand that hold a ``#``, which begins no comment there: offsets of their start and end.
    """

    items: tuple[Mapping, ...]
    problems: tuple[Problem, ...]
    texts: tuple[tuple[int, int], ...] = ()


def read_dashboards(text: str) -> DashboardTree:
    """Read one dashboard file; never raises on what it finds.

    Args:
        text: the whole file, with line feeds only.

    Returns:
        The dashboards that could be read. Where the file as a whole is not YAML, each ``- dashboard:`` is tried alone.

    >>> read_dashboards("- dashboard: sales").items[0].get("dashboard")
    Scalar(value='sales', start=13)
    """
    problems: list[Problem] = []
    inserted: list[int] = []
    if found := _TAB_INDENT.search(text):
        problems.append(Problem("tab-indent", "a tab indents this line; YAML allows only spaces", found.start(), found.end()))
        text, inserted = _widen_tabs(text)
    roots: list[YamlNode] = []
    texts: list[tuple[int, int]] = []
    try:
        roots += _trees(text, 0, inserted, problems, texts)
    except _NotYaml as fault:
        starts = [found.start() for found in _TOP_ITEM.finditer(text)]
        if len(starts) < 2:
            problems.append(fault.problem)
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True) if len(starts) > 1 else ():
            try:
                roots += _trees(text[start:end], start, inserted, problems, texts)
            except _NotYaml as part_fault:
                problems.append(part_fault.problem)
    return DashboardTree(tuple(_dashboards(roots, problems)), tuple(problems), tuple(texts))


def read_yaml(text: str) -> tuple[YamlNode, ...]:
    """Read any YAML, or JSON, in the same way; nothing where it is neither.

    >>> read_yaml('[1, "a"]')[0].items[1].value
    'a'
    """
    try:
        return tuple(_trees(text, 0, [], [], []))
    except _NotYaml:
        return ()


class _NotYaml(Exception):  # noqa: N818 - it never leaves this module, and names what the text is
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def _widen_tabs(text: str) -> tuple[str, list[int]]:
    """Make two spaces of each tab in an indentation; also return the offsets of the spaces that were not there."""
    inserted: list[int] = []

    def widen(indent: re.Match[str]) -> str:
        for at, character in enumerate(indent.group(), indent.start() + len(inserted)):
            if character == "\t":
                inserted.append(at + 1)
        return indent.group().replace("\t", "  ")

    return _TAB_INDENT.sub(widen, text), inserted


def _trees(text: str, offset: int, inserted: list[int], problems: list[Problem], texts: list[tuple[int, int]]) -> list[YamlNode]:
    """Read one YAML stream; `offset` is where it begins in the whole text."""
    builder = _Builder(text, offset, inserted, problems, texts)
    try:
        for event in yaml.parse(text, _LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = builder.place(min(mark.index, len(text)) if mark else 0)
        message = getattr(error, "problem", None) or str(error)
        message += _HELP.get(message, "")
        context = getattr(error, "context", None)
        raise _NotYaml(Problem("yaml-error", f"{context}: {message}" if context else message, at, at + 1)) from error
    return builder.roots


class _Builder:
    """Makes trees of the events of one YAML stream, with offsets into the file."""

    def __init__(
        self, text: str, offset: int, inserted: list[int], problems: list[Problem], texts: list[tuple[int, int]]
    ) -> None:
        self.text = text
        self.texts = texts
        self.offset = offset
        self.inserted = inserted
        self.problems = problems
        self.roots: list[YamlNode] = []
        self.open: list[tuple[yaml.Event, list[YamlNode], int]] = []
        self.anchors: dict[str, tuple[YamlNode, int]] = {}
        self.count = 0

    def place(self, index: int) -> int:
        """Turn libyaml's index into an offset of the file."""
        index += self.offset
        return index - bisect_left(self.inserted, index)

    def start(self, event: yaml.Event) -> int:
        return self.place(event.start_mark.index) if event.start_mark is not None else 0

    def written(self, event: yaml.ScalarEvent) -> tuple[int, int]:
        """Where the text of a value stands; that of a block begins below the line of its ``|``, behind which a comment may be."""
        first, last = (mark.index if mark is not None else 0 for mark in (event.start_mark, event.end_mark))
        if event.style in ("|", ">"):
            first = self.text.find("\n", first, last) + 1
        return self.place(first), self.place(last)

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            if "#" in event.value:
                self.texts.append(self.written(event))
            is_null = event.implicit[0] and event.value in _NULLS
            self.add(Scalar(None if is_null else event.value, self.start(event)), event, self.count)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            start = self.start(event)
            if len(self.open) == MAX_DEPTH:
                raise _NotYaml(Problem("too-deep", f"nested more than {MAX_DEPTH} deep", start, start + 1))
            self.open.append((event, [], self.count))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            opener, nodes, count_before = self.open.pop()
            start = self.start(opener)
            if isinstance(opener, yaml.MappingStartEvent):
                self.add(self.mapping(nodes, start), opener, count_before)
            else:
                self.add(Sequence(tuple(nodes), start), opener, count_before)
        elif isinstance(event, yaml.AliasEvent):
            start = self.start(event)
            node, size = self.anchors.get(event.anchor or "", (Scalar(None, start), 1))
            self.count += size
            self.add(node, None, self.count)

    def add(self, node: YamlNode, event: yaml.Event | None, count_before: int) -> None:
        """Put a finished node where it belongs; nodes are counted, so that aliases cannot multiply without end."""
        self.count += 1
        if self.count > MAX_NODES:
            raise _NotYaml(Problem("too-deep", "aliases make this file too large", node.start, node.start + 1))
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self.anchors[anchor] = (node, self.count - count_before)
        siblings = self.open[-1][1] if self.open else self.roots
        siblings.append(node)

    def mapping(self, nodes: list[YamlNode], start: int) -> Mapping:
        pairs: list[tuple[Scalar, YamlNode]] = []
        seen: set[str | None] = set()
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.problems.append(Problem("yaml-error", "a key must be a single value", key.start, key.start + 1))
                continue
            if key.value == "<<":
                pairs[:0] = value.pairs if isinstance(value, Mapping) else ()
                continue
            if key.value in seen:
                message = f"`{key.value}` stands twice in one map; the last one counts"
                self.problems.append(Problem("duplicate-parameter", message, key.start, key.start + len(key.value or "")))
            seen.add(key.value)
            pairs.append((key, value))
        return Mapping(tuple(pairs), start)


def _dashboards(roots: list[YamlNode], problems: list[Problem]) -> Iterator[Mapping]:
    for root in roots:
        items = root.items if isinstance(root, Sequence) else (root,)
        for item in items:
            if isinstance(item, Mapping) and item.key("dashboard") is not None:
                yield item
            elif not (isinstance(item, Scalar) and not item.value):
                message = f"expected `- dashboard: name`{_instead(item)}"
                problems.append(Problem("not-a-dashboard", message, item.start, item.start + 1))


def _instead(item: YamlNode) -> str:
    """The key that an item begins with, if it is a map."""
    return f", not `{item.pairs[0][0].value}:`" if isinstance(item, Mapping) and item.pairs else ""
