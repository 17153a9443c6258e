"""What an SQL text with Liquid in it may become: enumerated, not evaluated (R10.10-R10.17).

A condition on something unknown is a branch and not a guess. Variants are made one after the other, each fixing every condition
once, so that equal conditions agree within a variant; and each prefers branches that no variant before it took. So every branch
is taken at least once, in about as many variants as the widest branching has branches, and not in their product.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
from liquid.ast import Node
from liquid.exceptions import LiquidError

from dagster_lookml.sql.liquid import looker_liquid
from dagster_lookml.sql.liquid_branches import assigned_names, branches
from dagster_lookml.sql.liquid_faults import UNENDED
from dagster_lookml.sql.liquid_values import Known
from dagster_lookml.sql.liquid_walk import Piece, Walk, joined
from dagster_lookml.sql.placeholders import unknown

MAX_VARIANTS: Final = 256
"""Variants of one text; a text with more branches than that keeps those it has, and says so."""
COMBINATIONS: Final = 24
"""Up to so many combinations of branches all are made, so that choices which meet in one name meet in every way."""

_OF_TOO_MANY: Final = 64
"""Variants of a text of which not every branch can be followed anyway."""
_LONG_REST: Final = 1000
_TAG: Final = re.compile(r"\{%.*?%\}", re.DOTALL)
_UNENDED_TAG: Final = re.compile(r"\{%[^\n]*")
_OUTPUT: Final = re.compile(r"\{\{([^{}]*(?:(?:\}(?!\})|\{(?!\{))[^{}]*)*)\}\}")


class Variant(msgspec.Struct, frozen=True):
    """One text that a template may become, and the conditions that make it so.

    Attributes:
        text: without Liquid; an unknown output is an identifier made of its name.
        conditions: as written; those that are assumed false begin with ``not``.
        lines: for each line of `text` the line of the template that it comes from, 1-based; empty where they are the same.
    """

    text: str
    conditions: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()

    def line(self, number: int) -> int:
        """The line of the template that a line of `text` comes from; both 1-based."""
        if not self.lines:
            return number
        return self.lines[min(number, len(self.lines)) - 1]


class Expansion(msgspec.Struct, frozen=True):
    """Everything a template may become.

    Attributes:
        variants: the first is the one with every condition true that can be.
        complete: every branch is in some variant.
        fault: what is wrong with the Liquid, or None.
    """

    variants: tuple[Variant, ...]
    complete: bool = True
    fault: str | None = None


def expand(text: str, known: Known | None = None, combinations: int = COMBINATIONS) -> Expansion:
    """Enumerate what a text may become.

    Args:
        text: constants expanded, one environment chosen.
        known: parameters, user attributes and names that are known.
        combinations: up to how many combinations of branches to make them all.

    >>> [variant.text for variant in expand("{% if a._in_query %}x{% else %}y{% endif %}").variants]
    ['x', 'y']
    """
    if "{%" not in text and "{{" not in text:
        return Expansion((Variant(text),))
    if _is_unended(text):
        return Expansion((Variant(_stripped(text)),), complete=False, fault=UNENDED)
    try:
        return _expand(text, looker_liquid().from_string(text).nodes, known or Known(), combinations)
    except LiquidError as error:
        fault = str(error).splitlines()[0]
    except RecursionError:
        fault = "nested too deep"
    except Exception as error:  # python-liquid may raise what Python does; one text is no reason to stop
        fault = f"{type(error).__name__}: {error}"
    return Expansion((Variant(_stripped(text)),), complete=False, fault=fault)


def _stripped(text: str) -> str:
    """A text whose Liquid cannot be read, without its tags (R10.17); its lines stay where they are."""
    text = _OUTPUT.sub(lambda found: unknown(found.group(1).strip()), text)
    end = text.rfind("%}") + 2 if "%}" in text else 0
    return _TAG.sub(lambda found: "\n" * found.group().count("\n"), text[:end]) + _UNENDED_TAG.sub("", text[end:])


def _is_unended(text: str) -> bool:
    """Much stands behind a tag or output that is never ended: python-liquid's lexer would look for its end for hours."""
    starts = (text.find("{%", text.rfind("%}") + 1), text.find("{{", text.rfind("}}") + 1))
    return any(start >= 0 and len(text) - start > _LONG_REST for start in starts)


def _expand(text: str, nodes: Sequence[Node], known: Known, combinations: int) -> Expansion:
    every = frozenset(branch for node in nodes for branch in branches(node, known))
    assigned = frozenset(name for node in nodes for name in assigned_names(node))
    variants: dict[str, Variant] = {}

    def add(walk: Walk, pieces: Sequence[Piece]) -> None:
        written = joined(pieces)
        same = variants.get(written)
        conditions = tuple(one for one in walk.decisions.conditions if same is None or one in same.conditions)
        variants[written] = Variant(written, conditions, _lines(text, pieces))

    complete = _take_every_branch(nodes, known, every, assigned, add, variants)
    for walk, pieces in _every_way(nodes, known, assigned, combinations):
        add(walk, pieces)
    return Expansion(tuple(variants.values()), complete)


def _every_way(nodes: Sequence[Node], known: Known, assigned: frozenset[str], most: int) -> list[tuple[Walk, Sequence[Piece]]]:
    """Every way through a template, in the order of its choices; none if there are more than so many."""
    found: list[tuple[Walk, Sequence[Piece]]] = []
    scripts: list[tuple[int, ...]] = [()]
    while scripts:
        if len(found) + len(scripts) > most:
            return []
        walk = Walk(known, set(), assigned, 0, scripts.pop())
        found.append((walk, walk.pieces(nodes)))
        scripts += walk.others()
    return found


def _take_every_branch(
    nodes: Sequence[Node],
    known: Known,
    every: frozenset[tuple[int, int]],
    assigned: frozenset[str],
    add: Callable[[Walk, Sequence[Piece]], None],
    variants: Mapping[str, Variant],
) -> bool:
    """Make variants until every branch is in one; tells whether that could be done."""
    widest = max((number + 1 for _, number in every), default=0)
    taken: set[tuple[int, int]] = set()
    turn = 0
    most = MAX_VARIANTS if widest <= MAX_VARIANTS else _OF_TOO_MANY
    while len(variants) < most:
        walk = Walk(known, taken, assigned, turn)
        pieces = walk.pieces(nodes)
        if variants and walk.fresh <= taken:
            if taken >= every or turn == widest:  # what is left needs conditions that contradict each other
                return True
            if turn == most:
                return False
            turn += 1  # other choices may lead to what is left
            continue
        taken |= walk.fresh
        add(walk, pieces)
        if taken >= every:
            return True
    return False


def _lines(template: str, pieces: Sequence[Piece]) -> tuple[int, ...]:
    """The line of the template for each line of a variant: where its first visible character stands."""
    lines = [1]
    is_fresh = True
    ends = [found.start() for found in re.finditer("\n", template)]
    for text, start, is_made in pieces:
        line = bisect_left(ends, start) + 1
        for number, part in enumerate(text.split("\n")):
            here = line if is_made else line + number
            if number:
                lines.append(here)
                is_fresh = True
            if is_fresh and part.strip():
                lines[-1] = here
                is_fresh = False
    return tuple(lines)
