"""What an SQL text with Liquid in it may become: enumerated, not evaluated (R10.10-R10.17).

A condition on something unknown is a branch and not a guess. Variants are made one after the other, each fixing every condition
once, so that equal conditions agree within a variant; and each prefers branches that no variant before it took. So every branch
is taken at least once, in about as many variants as the widest branching has branches, and not in their product.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import BooleanExpression, FilteredExpression, Path
from liquid.builtin.expressions.logical import (
    EqExpression,
    LogicalAndExpression,
    LogicalNotExpression,
    LogicalOrExpression,
    NeExpression,
)
from liquid.builtin.expressions.primitive import Literal
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.case_tag import CaseNode, MultiExpressionBlockNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from dagster_lookml.sql.liquid import LookerNode, looker_liquid
from dagster_lookml.sql.placeholders import unknown, unknown_name

LONGEST_VALUE: Final = 5_000_000
"""Characters of a value that Liquid makes; `append` of a value to itself doubles it each time."""
_LONGEST_NUMBER: Final = 4096  # bits; Python writes none of more than 4,300 digits
MAX_VARIANTS: Final = 64
"""Variants of one text; a text with more branches than that keeps those it has, and says so."""
COMBINATIONS: Final = 24
"""Up to so many combinations of branches all are made, so that choices which meet in one name meet in every way."""
DATE: Final = "CAST('2000-01-01' AS TIMESTAMP)"
"""What stands for ``{% date_start f %}`` and ``{% date_end f %}`` (R10.13)."""
DAY: Final = "2000-01-01"
"""What stands for them inside quotes."""

_PARAMETER_VALUE: Final = "._parameter_value"
_FIELD_SQL: Final = "._sql"
_TAG: Final = re.compile(r"\{%.*?%\}|\{%[^\n]*", re.DOTALL)
_OUTPUT: Final = re.compile(r"\{\{([^{}]*(?:(?:\}(?!\})|\{(?!\{))[^{}]*)*)\}\}")


class Parameter(msgspec.Struct, frozen=True):
    """What a ``parameter`` field may be set to (R10.12).

    Attributes:
        values: its allowed values.
        default: its ``default_value``, used where there are no allowed values.
        quoted: its type is ``string``, so its value stands in quotes.
        unquoted: its type is ``unquoted``, so its value may be the name of a column or table.
    """

    values: tuple[str, ...] = ()
    default: str | None = None
    quoted: bool = False
    unquoted: bool = False


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about the world a template is used in.

    Attributes:
        parameters: by name, scoped and unscoped.
        values: of paths such as ``_model._name`` and ``_user_attributes.country``.
    """

    parameters: Mapping[str, Parameter] = {}
    values: Mapping[str, str] = {}


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
    try:
        nodes = looker_liquid().from_string(text).nodes
    except LiquidError as error:
        return Expansion((Variant(_stripped(text)),), complete=False, fault=str(error).splitlines()[0])
    return _expand(text, nodes, known or Known(), combinations)


def _stripped(text: str) -> str:
    """A text whose Liquid cannot be read, without its tags (R10.17); its lines stay where they are."""
    text = _OUTPUT.sub(lambda found: unknown(found.group(1).strip()), text)
    return _TAG.sub(lambda found: "\n" * found.group().count("\n"), text)


def _expand(text: str, nodes: Sequence[Node], known: Known, combinations: int) -> Expansion:
    every = frozenset(branch for node in nodes for branch in _branches(node, known))
    assigned = frozenset(name for node in nodes for name in _assigned(node))
    variants: dict[str, Variant] = {}

    def add(walk: _Walk, pieces: Sequence[_Piece]) -> None:
        written = _joined(pieces)
        same = variants.get(written)
        conditions = tuple(one for one in walk.conditions if same is None or one in same.conditions)
        variants[written] = Variant(written, conditions, _lines(text, pieces))

    complete = _take_every_branch(nodes, known, every, assigned, add, variants)
    for walk, pieces in _every_way(nodes, known, assigned, combinations):
        add(walk, pieces)
    return Expansion(tuple(variants.values()), complete)


def _every_way(nodes: Sequence[Node], known: Known, assigned: frozenset[str], most: int) -> list[tuple[_Walk, Sequence[_Piece]]]:
    """Every way through a template, in the order of its choices; none if there are more than so many."""
    found: list[tuple[_Walk, Sequence[_Piece]]] = []
    scripts: list[tuple[int, ...]] = [()]
    while scripts:
        if len(found) + len(scripts) > most:
            return []
        walk = _Walk(known, set(), assigned, 0, scripts.pop())
        found.append((walk, walk.pieces(nodes)))
        scripts += walk.others()
    return found


def _take_every_branch(
    nodes: Sequence[Node],
    known: Known,
    every: frozenset[tuple[int, int]],
    assigned: frozenset[str],
    add: Callable[[_Walk, Sequence[_Piece]], None],
    variants: Mapping[str, Variant],
) -> bool:
    """Make variants until every branch is in one; tells whether that could be done."""
    widest = max((number + 1 for _, number in every), default=0)
    taken: set[tuple[int, int]] = set()
    turn = 0
    while len(variants) < MAX_VARIANTS:
        walk = _Walk(known, taken, assigned, turn)
        pieces = walk.pieces(nodes)
        if variants and walk.fresh <= taken:
            if taken >= every or turn == widest:  # what is left needs conditions that contradict each other
                return True
            turn += 1  # other choices may lead to what is left
            continue
        taken |= walk.fresh
        add(walk, pieces)
        if taken >= every:
            return True
    return False


class _Piece(NamedTuple):
    """Text of a variant, and the offset in the template that it comes from; `is_made` if it does not stand there as it is."""

    text: str
    start: int
    is_made: bool = False


def _joined(pieces: Sequence[_Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _lines(template: str, pieces: Sequence[_Piece]) -> tuple[int, ...]:
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


# -- branches ----------------------------------------------------------------------------------------------------------


def _alternatives(node: Node) -> list[tuple[Expression | None, Node]]:
    """The branches of an if, unless or case: each with its condition, the last with None if it is the else."""
    if isinstance(node, IfNode | UnlessNode):
        branches: list[tuple[Expression | None, Node]] = [(node.condition, node.consequence)]
        branches += [(one.expression, one.block) for one in node.alternatives]
        return [*branches, (None, node.default or BlockNode(node.token, []))]
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
        yield from (block for _, block in _alternatives(node))


def _branches(node: Node, known: Known) -> Iterator[tuple[int, int]]:
    """Every branch below a node, named by where its tag stands and its number there."""
    start = node.token.start_index
    parameter = _parameter_of(node)
    if parameter is not None:
        yield from ((start, number) for number in range(len(_allowed(parameter, known))))
    for number in range(len(_alternatives(node))):
        yield (start, number)
    for child in _children(node):
        yield from _branches(child, known)


def _assigned(node: Node) -> Iterator[str]:
    """The variables that a template sets anywhere."""
    if isinstance(node, AssignNode | CaptureNode):
        yield str(node.name)
    for child in _children(node):
        yield from _assigned(child)


def _parameter_of(node: Node) -> str | None:
    """The parameter whose value a node renders: ``{% parameter p %}`` or ``{{ p._parameter_value }}``."""
    if isinstance(node, LookerNode):
        return node.name if node.tag == "parameter" else None
    if isinstance(node, OutputNode):
        expression = node.expression
        inner = expression.left if isinstance(expression, FilteredExpression) and not expression.filters else expression
        if isinstance(inner, Path):
            path = _path(inner)
            return path.removesuffix(_PARAMETER_VALUE) if path.endswith(_PARAMETER_VALUE) else None
    return None


def _path(path: Path) -> str:
    return ".".join(str(part) for part in path.path)


def _allowed(name: str, known: Known) -> tuple[str, ...]:
    parameter = known.parameters.get(name)
    return parameter.values if parameter is not None else ()


# -- one variant -------------------------------------------------------------------------------------------------------


class _Unknown(msgspec.Struct, frozen=True):
    """The value of a path that nothing is known about."""

    path: str


_Value = object


class _Walk:
    """One way through a template: conditions are decided as they come up, and stay decided.

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
        self.decided: dict[str, bool] = {}
        self.chosen: dict[str, str] = {}
        self.excluded: dict[str, set[str]] = {}
        self.local: dict[str, _Value] = {}
        self.assigned = assigned
        self.conditions: list[str] = []

    def pieces(self, nodes: Sequence[Node]) -> list[_Piece]:
        found: list[_Piece] = []
        for node in nodes:
            made = self.node(node, found[-1].text if found else "")
            found += [piece for piece in made if piece.text]
        return found

    def node(self, node: Node, before: str) -> list[_Piece]:
        """What a node renders; `before` is what stands right before it."""
        start = node.token.start_index
        if isinstance(node, ContentNode):
            return [_Piece(node.text, start)]
        if isinstance(node, BlockNode):
            return self.pieces(node.nodes)
        if isinstance(node, ForNode):
            return self.pieces(node.block.nodes)  # once: every table and column of the body is read
        if isinstance(node, IfNode | UnlessNode | CaseNode):
            return self.branch(node, before)
        if isinstance(node, LookerNode) and node.block is not None:
            return [
                _Piece("(", start),
                *(self.pieces(node.block.nodes) or [_Piece("TRUE", start)]),
                _Piece(" IS NOT NULL)", start),
            ]
        return [_Piece(self.rendered(node, before), start, is_made=True)]

    def rendered(self, node: Node, before: str) -> str:
        """The text of a node that has no nodes inside which render themselves."""
        parameter = _parameter_of(node)
        if parameter is not None:
            return self.parameter(parameter, node.token.start_index)
        if isinstance(node, OutputNode):
            return self.shown(self.value(node.expression))
        if isinstance(node, LookerNode):
            return DAY if before.endswith("'") else DATE
        if isinstance(node, AssignNode):
            self.local[str(node.name)] = self.value(node.expression)
        elif isinstance(node, CaptureNode):
            self.local[str(node.name)] = _joined(self.pieces(node.block.nodes))[:LONGEST_VALUE]
        return ""  # a comment too

    def parameter(self, name: str, start: int) -> str:
        path = f"{name}{_PARAMETER_VALUE}"
        parameter = self.known.parameters.get(name, Parameter())
        values = [value for value in parameter.values if value not in self.excluded.get(path, ())]
        if path not in self.chosen and values:
            numbers = [parameter.values.index(value) for value in values]
            number = self.scripted(numbers)
            if number is None:
                number = next((one for one in numbers if (start, one) not in self.taken), numbers[0])
            self.trail.append((numbers.index(number), len(numbers)))
            self.chosen[path] = parameter.values[number]
            if len(parameter.values) > 1:
                self.conditions.append(f"{path} == {parameter.values[number]!r}")
        if path in self.chosen:
            if self.chosen[path] in parameter.values:
                self.fresh.add((start, parameter.values.index(self.chosen[path])))
            return _quoted(self.chosen[path], parameter)
        if parameter.default:  # an empty default is no value at all
            return _quoted(parameter.default, parameter)
        return unknown_name(name) if parameter.unquoted else _quoted(unknown(name), parameter)

    # -- branching -----------------------------------------------------------------------------------------------------

    def branch(self, node: Node, before: str) -> list[_Piece]:
        """Take one branch of an if, unless or case: one that nobody took yet, of those that agree with what is decided."""
        alternatives = _alternatives(node)
        start = node.token.start_index
        count = len(alternatives)
        possible = self.possible(alternatives, node)
        if not possible:
            return []
        number = self.scripted(possible)
        if number is None:
            number = min(
                possible,
                key=lambda one: (not self.is_open(start, one, alternatives[one][1]), (one + self.turn) % count),
            )
        self.take(alternatives, node, number)
        self.trail.append((possible.index(number), len(possible)))
        self.fresh.add((start, number))
        return self.node(alternatives[number][1], before)

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

    def possible(self, alternatives: Sequence[tuple[Expression | None, Node]], node: Node) -> list[int]:
        """The branches that can be taken, deciding nothing: one after the other, each where none before it is taken."""
        before = (self.decided, self.chosen, self.excluded, self.conditions)
        self.decided, self.chosen, self.conditions = dict(self.decided), dict(self.chosen), list(self.conditions)
        self.excluded = {path: set(one) for path, one in self.excluded.items()}
        found: list[int] = []
        for number, (condition, _) in enumerate(alternatives):
            truth = self.truth(condition, node, number)
            if truth is not False:
                found.append(number)
            if truth is True:
                break
            self.assume(condition, node, number, False)
        self.decided, self.chosen, self.excluded, self.conditions = before
        return found

    def take(self, alternatives: Sequence[tuple[Expression | None, Node]], node: Node, number: int) -> None:
        """Decide that no branch before one is taken and that one is."""
        for earlier in range(number):
            self.assume(alternatives[earlier][0], node, earlier, False)
        self.assume(alternatives[number][0], node, number, True)

    def is_open(self, start: int, number: int, block: Node) -> bool:
        if (start, number) not in self.taken:
            return True
        return any(branch not in self.taken for branch in _branches(block, self.known))

    def truth(self, condition: Expression | None, node: Node, number: int) -> bool | None:
        """What is known of a condition: true, false, or nothing."""
        if condition is None:
            return True
        if isinstance(node, CaseNode):
            return _or([self.equal(node.expression, one) for one in condition.children()])
        truth = self.holds(condition)
        return _not(truth) if isinstance(node, UnlessNode) and number == 0 else truth

    def assume(self, condition: Expression | None, node: Node, number: int, truth: bool) -> None:
        """Fix a condition for the rest of this variant."""
        if condition is None:
            return
        if isinstance(node, CaseNode):
            options = list(condition.children())
            for option in options[:1] if truth else options:
                self.assume_equal(node.expression, option, truth)
        else:
            self.fix(condition, not truth if isinstance(node, UnlessNode) and number == 0 else truth)

    def holds(self, condition: Expression) -> bool | None:
        if isinstance(condition, BooleanExpression):
            return self.holds(condition.expression)
        if isinstance(condition, LogicalAndExpression):
            return _not(_or([_not(self.holds(condition.left)), _not(self.holds(condition.right))]))
        if isinstance(condition, LogicalOrExpression):
            return _or([self.holds(condition.left), self.holds(condition.right)])
        if isinstance(condition, LogicalNotExpression):
            return _not(self.holds(condition.right))
        if isinstance(condition, EqExpression):
            return self.equal(condition.left, condition.right)
        if isinstance(condition, NeExpression):
            return _not(self.equal(condition.left, condition.right))
        if str(condition) in self.decided:
            return self.decided[str(condition)]
        if isinstance(condition, Path | Literal):
            value = self.value(condition)
            return None if isinstance(value, _Unknown) else value not in (None, False)
        return None

    def fix(self, condition: Expression, truth: bool) -> None:
        if self.holds(condition) is not None:
            return
        if isinstance(condition, BooleanExpression):
            self.fix(condition.expression, truth)
        elif isinstance(condition, LogicalNotExpression):
            self.fix(condition.right, not truth)
        elif isinstance(condition, LogicalAndExpression | LogicalOrExpression):
            both = truth is isinstance(condition, LogicalAndExpression)
            self.fix(condition.left, truth)
            if both or self.holds(condition) is None:
                self.fix(condition.right, truth)
        elif isinstance(condition, EqExpression):
            self.assume_equal(condition.left, condition.right, truth)
        elif isinstance(condition, NeExpression):
            self.assume_equal(condition.left, condition.right, not truth)
        else:
            self.note(str(condition), truth)

    def note(self, condition: str, truth: bool) -> None:
        self.decided[condition] = truth
        self.conditions.append(condition if truth else f"not {condition}")

    def equal(self, left: Expression, right: Expression) -> bool | None:
        ours, theirs = self.value(left), self.value(right)
        if isinstance(theirs, _Unknown):
            ours, theirs = theirs, ours
        if not isinstance(ours, _Unknown):
            return _bare(ours) == _bare(theirs)
        if isinstance(theirs, _Unknown):
            return self.decided.get(f"{left} == {right}")
        return self.may_be(ours.path, _bare(theirs))

    def may_be(self, path: str, value: str) -> bool | None:
        """Tell whether an unknown has a value, by what was excluded and by what a parameter may be at all (R10.12)."""
        excluded = self.excluded.get(path, set())
        if value in excluded:
            return False
        parameter = self.known.parameters.get(path.removesuffix(_PARAMETER_VALUE)) if path.endswith(_PARAMETER_VALUE) else None
        if parameter is None or not parameter.values:
            return None
        left = [one for one in parameter.values if one not in excluded]
        if value not in left:
            return False
        return True if len(left) == 1 else None

    def assume_equal(self, left: Expression, right: Expression, truth: bool) -> None:
        ours, theirs = self.value(left), self.value(right)
        if isinstance(theirs, _Unknown):
            ours, theirs = theirs, ours
        if self.equal(left, right) is not None or not isinstance(ours, _Unknown):
            return
        if isinstance(theirs, _Unknown):
            self.note(f"{left} == {right}", truth)
        elif truth:
            self.chosen[ours.path] = _bare(theirs)
            self.conditions.append(f"{ours.path} == {_bare(theirs)!r}")
        else:
            self.excluded.setdefault(ours.path, set()).add(_bare(theirs))
            self.conditions.append(f"not {ours.path} == {_bare(theirs)!r}")

    # -- values --------------------------------------------------------------------------------------------------------

    def value(self, expression: Expression) -> _Value:
        if isinstance(expression, FilteredExpression):
            value = self.value(expression.left)
            for one in expression.filters or ():
                value = _filtered(value, one.name, [self.value(argument.value) for argument in one.args])
            return value
        if isinstance(expression, Literal):
            return expression.value
        if isinstance(expression, Path):
            path = _path(expression)
            if path in self.local:
                local = self.local[path]
                return self.chosen.get(local.path, local) if isinstance(local, _Unknown) else local
            if path in self.assigned:
                return None  # a variable that was set on another way only
            return self.known.values.get(path) or self.chosen.get(path) or _Unknown(path)
        return _Unknown(str(expression))

    def shown(self, value: _Value) -> str:
        if not isinstance(value, _Unknown):
            return "" if value is None else str(value)
        if value.path.endswith(_FIELD_SQL):  # {{ v.f._sql }} renders the SQL of the field (R10.5)
            return f"${{{value.path.removesuffix(_FIELD_SQL)}}}"
        return unknown(value.path)


def _quoted(value: str, parameter: Parameter) -> str:
    return f"'{value}'" if parameter.quoted else value


def _bare(value: _Value) -> str:
    """A value without the quotes that Looker puts around strings (R10.7)."""
    text = "" if value is None else str(value)
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] == "'" else text


def _filtered(value: _Value, name: str, arguments: Sequence[_Value]) -> _Value:
    """A filter applied by python-liquid, where everything is known; what is unknown can still be appended to (R10.9).

    A filter that does not exist, or cannot be applied, changes nothing; nor does one that makes a text longer than any SQL.
    """
    length = len(_written(value))
    for argument in arguments:
        length *= max(len(_written(argument)), 1) if name.startswith("replace") else 1
        length += len(_written(argument))
    if length > LONGEST_VALUE:
        return value
    if name in ("append", "prepend") and len(arguments) == 1:
        first, second = (value, arguments[0]) if name == "append" else (arguments[0], value)
        return f"{_written(first)}{_written(second)}"
    if isinstance(value, _Unknown) or any(isinstance(one, _Unknown) for one in arguments):
        return value
    liquid = looker_liquid()
    function = liquid.filters.get(name)
    needs = {"environment": liquid} if getattr(function, "with_environment", False) else {}
    try:
        found: _Value = function(value, *arguments, **needs) if function is not None else value
        return value if isinstance(found, int) and found.bit_length() > _LONGEST_NUMBER else found
    except (LiquidError, TypeError, ValueError, ArithmeticError):  # `'1e400' | ceil` overflows, `'x' | at_least: 1` is no number
        return value


def _written(value: _Value) -> str:
    if isinstance(value, _Unknown):
        return unknown(value.path)
    return "" if value is None else str(value)


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _or(truths: Sequence[bool | None]) -> bool | None:
    if any(truth is True for truth in truths):
        return True
    return None if any(truth is None for truth in truths) else False
