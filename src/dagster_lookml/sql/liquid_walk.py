"""One way through a Liquid template: every branching is decided once, and what is rendered knows its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.case_tag import CaseNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode

from dagster_lookml.sql.liquid import LookerNode
from dagster_lookml.sql.liquid_branches import alternatives, branches, parameter_of
from dagster_lookml.sql.liquid_decisions import Decisions
from dagster_lookml.sql.liquid_values import LONGEST_VALUE, PARAMETER_VALUE, Known, Parameter, quoted, shown
from dagster_lookml.sql.placeholders import unknown, unknown_name

DATE: Final = "CAST('2000-01-01' AS TIMESTAMP)"
"""What stands for ``{% date_start f %}`` and ``{% date_end f %}`` (R10.13)."""
DAY: Final = "2000-01-01"
"""What stands for them inside quotes."""


class Piece(NamedTuple):
    """Text of a variant, and the offset in the template that it comes from; `is_made` if it does not stand there as it is."""

    text: str
    start: int
    is_made: bool = False


def joined(pieces: Sequence[Piece]) -> str:
    """The text of pieces."""
    return "".join(piece.text for piece in pieces)


class Walk:
    """One way through a template, and the text that it makes.

    Args:
        known: what is known from the start.
        taken: branches that other ways took, and that are not preferred here.
        assigned: the variables that the template sets anywhere.
        turn: shifts which branch is preferred where all were taken.
        script: the first choices, by their number among those that could be made.
    """

    def __init__(
        self,
        known: Known,
        taken: set[tuple[int, int]],
        assigned: frozenset[str],
        turn: int,
        script: tuple[int, ...] = (),
    ) -> None:
        self.script = script
        self.trail: list[tuple[int, int]] = []
        self.known = known
        self.taken = taken
        self.turn = turn
        self.fresh: set[tuple[int, int]] = set()
        self.decisions = Decisions(known, assigned)

    def pieces(self, nodes: Sequence[Node]) -> list[Piece]:
        found: list[Piece] = []
        for node in nodes:
            made = self.node(node, found[-1].text if found else "")
            found += [piece for piece in made if piece.text]
        return found

    def node(self, node: Node, before: str) -> list[Piece]:
        """What a node renders; `before` is what stands right before it."""
        start = node.token.start_index
        if isinstance(node, ContentNode):
            return [Piece(node.text, start)]
        if isinstance(node, BlockNode):
            return self.pieces(node.nodes)
        if isinstance(node, ForNode):
            return self.pieces(node.block.nodes)  # once: every table and column of the body is read
        if isinstance(node, IfNode | UnlessNode | CaseNode):
            return self.branch(node, before)
        if isinstance(node, LookerNode) and node.block is not None:
            return [
                Piece("(", start),
                *(self.pieces(node.block.nodes) or [Piece("TRUE", start)]),
                Piece(" IS NOT NULL)", start),
            ]
        return [Piece(self.rendered(node, before), start, is_made=True)]

    def rendered(self, node: Node, before: str) -> str:
        """The text of a node that has no nodes inside which render themselves."""
        parameter = parameter_of(node)
        if parameter is not None:
            return self.parameter(parameter, node.token.start_index)
        if isinstance(node, OutputNode):
            return shown(self.decisions.value(node.expression))
        if isinstance(node, LookerNode):
            return DAY if before.endswith("'") else DATE
        if isinstance(node, AssignNode):
            self.decisions.local[str(node.name)] = self.decisions.value(node.expression)
        elif isinstance(node, CaptureNode):
            self.decisions.local[str(node.name)] = joined(self.pieces(node.block.nodes))[:LONGEST_VALUE]
        return ""  # a comment too

    def parameter(self, name: str, start: int) -> str:
        path = f"{name}{PARAMETER_VALUE}"
        parameter = self.known.parameters.get(name, Parameter())
        excluded = self.decisions.excluded.get(path, ())
        numbers = [number for number, value in enumerate(parameter.values) if value not in excluded]
        if path not in self.decisions.chosen and numbers:
            number = self.scripted(numbers)
            if number is None:
                number = next((one for one in numbers if (start, one) not in self.taken), numbers[0])
            self.trail.append((numbers.index(number), len(numbers)))
            self.decisions.chosen[path] = parameter.values[number]
            if len(parameter.values) > 1:
                self.decisions.conditions.append(f"{path} == {parameter.values[number]!r}")
        if path in self.decisions.chosen:
            if self.decisions.chosen[path] in parameter.values:
                self.fresh.add((start, parameter.values.index(self.decisions.chosen[path])))
            return quoted(self.decisions.chosen[path], parameter)
        if parameter.default:  # an empty default is no value at all
            return quoted(parameter.default, parameter)
        return unknown_name(name) if parameter.unquoted else quoted(unknown(name), parameter)

    # -- choices -------------------------------------------------------------------------------------------------------

    def branch(self, node: Node, before: str) -> list[Piece]:
        """Take one branch of an if, unless or case: one that nobody took yet, of those that agree with what is decided."""
        branching = alternatives(node)
        start = node.token.start_index
        possible = self.decisions.possible(branching, node)
        if not possible:
            return []
        number = self.scripted(possible)
        if number is None:
            number = min(
                possible,
                key=lambda one: (not self.is_open(start, one, branching[one][1]), (one + self.turn) % len(branching)),
            )
        self.decisions.take(branching, node, number)
        self.trail.append((possible.index(number), len(possible)))
        self.fresh.add((start, number))
        return self.node(branching[number][1], before)

    def is_open(self, start: int, number: int, block: Node) -> bool:
        if (start, number) not in self.taken:
            return True
        return any(branch not in self.taken for branch in branches(block, self.known))

    def scripted(self, possible: Sequence[int]) -> int | None:
        """What the script says about the choice that comes up now."""
        at = len(self.trail)
        return possible[min(self.script[at], len(possible) - 1)] if at < len(self.script) else None

    def others(self) -> list[tuple[int, ...]]:
        """The scripts of the ways that differ from this one in a choice behind its own script; the nearest comes last."""
        choices = [choice for choice, _ in self.trail]
        return [
            (*choices[:at], choice)
            for at in range(len(self.script), len(self.trail))
            for choice in reversed(range(self.trail[at][1]))
            if choice != self.trail[at][0]
        ]
