"""What a change touches as a mermaid flowchart: from what differs, over the shortest ways, to what feels it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.outputs.lineage_text import plain
from dagster_lookml.outputs.mermaid import arrow, shape

_NODES: Final = 40
_LINES: Final = 300
"""Mermaid draws nothing of a graph with more than 500."""
_LONGEST: Final = 60
_FIRST: Final = ("dashboard", "view", "explore", "tile")
"""Of what feels a change what is drawn first; a PDT has the kind of its view."""
_CLASSES: Final = (
    "  classDef changed fill:#fff3bf,stroke:#b08800,color:#1f2328",
    "  classDef felt fill:#ffdce0,stroke:#cf222e,color:#1f2328",
)

_Way = dict[tuple[str, str], str]
"""Arrows by the ids that they lead from and to."""


class Drawing(NamedTuple):
    """A flowchart.

    Attributes:
        text: mermaid's; empty where nothing feels a change.
        left_out: how many objects there would be besides those that are drawn.
    """

    text: str
    left_out: int


def diff_graph(changes: Sequence[Change]) -> Drawing:
    """Draw what feels some changes, as much of each as of the others.

    Args:
        changes: the most important first.
    """
    felt = [one for one in changes if one.affected]
    drawn: dict[str, None] = {}
    lines: _Way = {}
    everything: set[str] = set()
    for ids, way in _in_turn(felt):
        everything |= ids
        if len(drawn.keys() | ids) <= _NODES and len(lines) + len(way) <= _LINES:
            drawn |= dict.fromkeys(sorted(ids - drawn.keys()))
            lines = way | lines
    if not drawn:
        return Drawing("", 0)
    return Drawing(_text(list(drawn), lines, felt), len(everything - drawn.keys()))


def _in_turn(changes: Iterable[Change]) -> Iterator[tuple[set[str], _Way]]:
    """The ways, first one of each change: of a change that much feels not all is drawn before the others."""
    ways = ([_way(change, one) for one in sorted(change.affected, key=_rank)] for change in changes)
    for row in zip_longest(*ways):
        for found in row:
            if found is not None:
                yield found


def _rank(one: Affected) -> int:
    return _FIRST.index(one.node.kind) if one.node.kind in _FIRST else len(_FIRST)


def _way(change: Change, one: Affected) -> tuple[set[str], _Way]:
    """The ids on a way from what differs to what feels it, and its steps: a PDT is behind its view, a dashboard behind a tile."""
    start, end = (one.path[0].source, one.path[-1].target) if one.path else (change.id, change.id)
    steps = {(change.id, start): "-.->"}
    steps |= {(edge.source, edge.target): arrow(edge.kind, edge.exact) for edge in one.path}
    steps |= {(end, one.node.id): "-->"}
    if one.node.kind == "tile" and one.node.whole is not None:
        steps |= {(one.node.id, one.node.whole): "-->"}
    ids = {identity for step in steps for identity in step}
    return ids, {step: line for step, line in steps.items() if step[0] != step[1]}


def _text(ids: Sequence[str], lines: _Way, changes: Sequence[Change]) -> str:
    numbers = {identity: f"n{number}" for number, identity in enumerate(ids)}
    labels = {one.node.id: _label(one) for change in changes for one in change.affected if one.node.id in numbers}
    changed = {one.id: one.kind for one in changes}
    labels |= {identity: f"{kind} {plain(identity)}" for identity, kind in changed.items() if kind != "changed"}
    text = ["flowchart LR"]
    for identity, number in numbers.items():
        text.append(f"  {number}{shape(identity.partition(':')[0], labels.get(identity) or plain(identity), _LONGEST)}")
    text += [f"  {numbers[source]} {line} {numbers[target]}" for (source, target), line in lines.items()]
    marked = [number for identity, number in numbers.items() if identity in changed]
    felt = [number for one, number in numbers.items() if one.startswith("dashboard:") and one not in changed]
    text += [*_CLASSES, f"  class {','.join(marked)} changed", *([f"  class {','.join(felt)} felt"] if felt else [])]
    return "\n".join(text) + "\n"


def _label(one: Affected) -> str:
    noun = "PDT" if one.node.id.startswith("pdt:") else one.node.kind
    return f"{noun} {one.node.label}"
