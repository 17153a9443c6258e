"""Who feels a change, as a list in Markdown: dashboards with their tiles, explores and PDTs, each with its shortest way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from dagster_lookml.analysis.impact import Affected
from dagster_lookml.lineage.graph import Edge
from dagster_lookml.outputs.lineage_text import VERBS, place, plain
from dagster_lookml.outputs.markdown_text import code, escaped

_LONGEST: Final = 120
_HOPS: Final = 10
_ROOM: Final = 6_000
"""Bytes of one list: names of any length must leave room for other changes."""


class _Line(NamedTuple):
    """A line, and of how many of those that feel the change it tells: none if it is only there for the lines below it."""

    text: str
    tells: int = 1


def impact_tree(affected: Sequence[Affected], most: int) -> list[str]:
    """Lines of a nested list.

    Args:
        affected: dashboards, tiles, explores and PDTs.
        most: how many of them are told; the last line says how many others there are.
    """
    lines: list[str] = []
    told, room = 0, _ROOM
    for line in _lines(affected):
        room -= len(line.text.encode())
        if told + line.tells > most or room < 0:
            break
        lines.append(line.text)
        told += line.tells
    left = len(affected) - told
    return [*lines, f"- and {left:,} more"] if left else lines


def _lines(affected: Sequence[Affected]) -> Iterator[_Line]:
    tiles: dict[str, list[Affected]] = {}
    for one in affected:
        if one.node.kind == "tile":
            tiles.setdefault(one.node.whole or "", []).append(one)
    for one in affected:
        if one.node.kind == "dashboard":
            own = tiles.pop(one.node.id, [])
            yield _Line(_told("dashboard", one, is_told_below=bool(own)))
            yield from (_Line("  " + _told("tile", tile)) for tile in own)
    for dashboard, own in tiles.items():
        yield _Line(f"- {code(plain(dashboard), _LONGEST)}", 0)
        yield from (_Line("  " + _told("tile", tile)) for tile in own)
    for one in affected:
        if one.node.kind not in ("dashboard", "tile"):
            yield _Line(_told("PDT" if one.node.id.startswith("pdt:") else one.node.kind, one))


def _told(noun: str, one: Affected, *, is_told_below: bool = False) -> str:
    name = f"- {noun} <b>{escaped(one.node.label, _LONGEST)}</b>"
    if not one.path:
        return f"{name}, changed itself"
    if is_told_below and one.path[-1].kind == "contains":
        return name
    return f"{name}, from {' → '.join(_way(one, noun))}"


def _way(one: Affected, noun: str) -> Iterator[str]:
    """What a way starts from, and then its hops, of which those in the middle of a long way are left out."""
    yield code(plain(one.path[0].source), _LONGEST)
    hops = [_hop(edge, f"this {noun}" if edge.target == one.node.id else "") for edge in one.path]
    if len(hops) > _HOPS:
        half = _HOPS // 2
        hops[half:-half] = [f"… {len(hops) - 2 * half:,} more steps …"]
    yield from hops


def _hop(edge: Edge, end: str) -> str:
    words = [VERBS[edge.kind], end or code(plain(edge.target), _LONGEST)]
    if edge.condition:
        words.append(f"if {code(edge.condition, _LONGEST)}")
    if not edge.exact:
        words.append("(inferred)")
    if edge.span is not None:
        words.append(f"({code(place(edge.span), _LONGEST)})")
    return " ".join(words)
