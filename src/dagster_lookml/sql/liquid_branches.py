"""Where a Liquid template branches: its ifs and cases, and the parameters whose value it shows."""

from __future__ import annotations

from collections.abc import Iterator

from liquid.ast import BlockNode, Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.case_tag import CaseNode, MultiExpressionBlockNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.expression import Expression

from dagster_lookml.sql.liquid import LookerNode
from dagster_lookml.sql.liquid_values import PARAMETER_VALUE, Known, path_of

Alternative = tuple[Expression | None, Node]
"""A branch: its condition, None if it is the else, and what it renders."""


def alternatives(node: Node) -> list[Alternative]:
    """The branches of an if, unless or case: each with its condition, the last with None if it is the else."""
    if isinstance(node, IfNode | UnlessNode):
        ifs: list[Alternative] = [(node.condition, node.consequence)]
        ifs += [(one.expression, one.block) for one in node.alternatives]
        return [*ifs, (None, node.default or BlockNode(node.token, []))]
    if isinstance(node, CaseNode):
        whens = [(one.expression, one.block) for one in node.blocks if isinstance(one, MultiExpressionBlockNode)]
        otherwise = [one for one in node.blocks if isinstance(one, BlockNode)]
        return [*whens, (None, otherwise[0] if otherwise else BlockNode(node.token, []))]
    return []


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, BlockNode):
        yield from node.nodes
    elif isinstance(node, LookerNode | CaptureNode | ForNode):
        if node.block is not None:
            yield node.block
    else:
        yield from (block for _, block in alternatives(node))


def branches(node: Node, known: Known) -> Iterator[tuple[int, int]]:
    """Every branch below a node, named by where its tag stands and its number there."""
    start = node.token.start_index
    parameter = parameter_of(node)
    if parameter is not None:
        yield from ((start, number) for number in range(len(_allowed(parameter, known))))
    for number in range(len(alternatives(node))):
        yield (start, number)
    for child in _children(node):
        yield from branches(child, known)


def assigned_names(node: Node) -> Iterator[str]:
    """The variables that a template sets anywhere."""
    if isinstance(node, AssignNode | CaptureNode):
        yield str(node.name)
    for child in _children(node):
        yield from assigned_names(child)


def parameter_of(node: Node) -> str | None:
    """The parameter whose value a node renders: ``{% parameter p %}`` or ``{{ p._parameter_value }}``."""
    if isinstance(node, LookerNode):
        return node.name if node.tag == "parameter" else None
    if isinstance(node, OutputNode):
        expression = node.expression
        inner = expression.left if isinstance(expression, FilteredExpression) and not expression.filters else expression
        if isinstance(inner, Path):
            path = path_of(inner)
            return path.removesuffix(PARAMETER_VALUE) if path.endswith(PARAMETER_VALUE) else None
    return None


def _allowed(name: str, known: Known) -> tuple[str, ...]:
    parameter = known.parameters.get(name)
    return parameter.values if parameter is not None else ()
