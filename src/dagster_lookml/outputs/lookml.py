"""Compiled LookML, printed through lkml, with the place that each parameter comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import lkml
from lkml.keys import EXPR_BLOCK_KEYS, PLURAL_KEYS, QUOTED_LITERAL_KEYS, pluralize

from dagster_lookml.semantic.merge import Block, Member, Part, SplicedList
from dagster_lookml.source import Span
from dagster_lookml.syntax.nodes import BlockNode, Node, PairNode
from dagster_lookml.syntax.reading import read_lookml

_ALWAYS_QUOTED: Final = frozenset(QUOTED_LITERAL_KEYS)


class ShownLine(NamedTuple):
    """One line of compiled LookML.

    Attributes:
        text: without its line feed.
        origin: where the parameter that begins on it was written, if one begins.
    """

    text: str
    origin: Span | None


def lookml_lines(block: Block, only: tuple[str, str] | None = None) -> tuple[ShownLine, ...]:
    """The LookML of a merged block, line by line.

    Args:
        block: a view or an explore.
        only: key and name of the one block inside it that is wanted, such as ``("measure", "total")``.
    """
    if only is not None:
        inner = next(one for one in block.blocks(only[0]) if one.name == only[1])
        block = Block(block.key, block.name, (inner,), block.file, block.start)
    text = lkml.dump({pluralize(block.key): [_as_dict(block)]}) or ""
    origins: dict[int, Span] = {}
    nodes = read_lookml(text).nodes
    if nodes and isinstance(nodes[0], BlockNode):
        origins[nodes[0].key_start] = block.span
        _collect(nodes[0].children, block, origins)
    lines: list[ShownLine] = []
    at = 0
    for line in text.split("\n"):
        places = [span for start, span in origins.items() if at <= start < at + len(line) + 1]
        lines.append(ShownLine(line, places[0] if places else None))
        at += len(line) + 1
    return tuple(lines)


def _collect(nodes: tuple[Node, ...], block: Block, origins: dict[int, Span]) -> None:
    """Walk what was printed and what it was printed from side by side: within one key the order is the same."""
    members = {key: iter(_shown(block, key)) for key in {member.key for member in block.members}}
    for node in nodes:
        member = next(members.get(node.key, iter(())), None)
        if member is None:
            continue
        origins[node.key_start] = member.span
        if isinstance(node, BlockNode) and isinstance(member, Block):
            _collect(node.children, member, origins)


def _shown(block: Block, key: str) -> list[Member]:
    """The members of a key that are printed: all of a repeatable one, else the last."""
    members = list(block.all(key))
    return members if key in PLURAL_KEYS else members[-1:]


def _as_dict(block: Block) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key in dict.fromkeys(member.key for member in block.members):
        values = [_value(member) for member in _shown(block, key)]
        result[pluralize(key) if key in PLURAL_KEYS else key] = values if key in PLURAL_KEYS else values[-1]
    if block.name is not None:
        result["name"] = block.name
    return result


def _value(member: Member) -> Any:
    if isinstance(member, Block):
        return _as_dict(member)
    if isinstance(member, Part) and isinstance(member.node, PairNode):
        return _pair(member.node, member.file.expand(member.node.value))
    return [_entry(member, entry.key, entry.text) for entry in member.entries]


def _entry(member: Part | SplicedList, key: str | None, text: str) -> Any:
    if key is not None:
        return {key: text}
    return text if text.replace("_", "").isalnum() or member.key in _ALWAYS_QUOTED or _is_word(text) else f'"{text}"'


def _is_word(text: str) -> bool:
    return bool(text) and not any(character in ' \t\n"#;:{}[],' for character in text)


def _pair(node: PairNode, value: str) -> str:
    """The value as lkml must be given it, so that what it prints means the same: it quotes by key, not by what was written."""
    if node.style == "quoted" and node.key not in _ALWAYS_QUOTED:
        return f'"{value}"'
    if node.style == "expression" and node.key not in EXPR_BLOCK_KEYS:
        return f"{value} ;;"
    return value


def lookml_text(lines: tuple[ShownLine, ...]) -> str:
    """Compiled LookML with the places in a column to its left."""
    width = max((len(_place(line.origin)) for line in lines), default=0)
    return "".join(f"{_place(line.origin).ljust(width)} | {line.text}".rstrip() + "\n" for line in lines)


def _place(span: Span | None) -> str:
    return f"{span.file}:{span.line}" if span else ""


def origins_json(lines: tuple[ShownLine, ...]) -> Iterator[dict[str, Any]]:
    """The places as data: line of the text (1-based), file and line."""
    for number, line in enumerate(lines, 1):
        if line.origin is not None:
            yield {"line": number, "file": line.origin.file, "source_line": line.origin.line}
