"""What one way through a Liquid template decided so far, and what follows from it for the conditions that come up."""

from __future__ import annotations

from collections.abc import Sequence

from liquid.ast import Node
from liquid.builtin.expressions import BooleanExpression, FilteredExpression, Path
from liquid.builtin.expressions.logical import (
    EqExpression,
    LogicalAndExpression,
    LogicalNotExpression,
    LogicalOrExpression,
    NeExpression,
)
from liquid.builtin.expressions.primitive import Literal
from liquid.builtin.tags.case_tag import CaseNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.expression import Expression

from dagster_lookml.sql.liquid_branches import Alternative
from dagster_lookml.sql.liquid_values import PARAMETER_VALUE, Known, Unknown, Value, bare, filtered, path_of


class Decisions:
    """Conditions are decided as they come up, and stay decided.

    Args:
        known: what is known from the start.
        assigned: the variables that the template sets anywhere.

    Attributes:
        chosen: paths that were given a value.
        excluded: values that paths were said not to have.
        local: variables that the template set so far.
        conditions: what was decided, as it is told.
    """

    def __init__(self, known: Known, assigned: frozenset[str]) -> None:
        self.known = known
        self.assigned = assigned
        self.decided: dict[str, bool] = {}
        self.chosen: dict[str, str] = {}
        self.excluded: dict[str, set[str]] = {}
        self.local: dict[str, Value] = {}
        self.conditions: list[str] = []

    # -- branches ------------------------------------------------------------------------------------------------------

    def possible(self, alternatives: Sequence[Alternative], node: Node) -> list[int]:
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

    def take(self, alternatives: Sequence[Alternative], node: Node, number: int) -> None:
        """Decide that no branch before one is taken and that one is."""
        for earlier in range(number):
            self.assume(alternatives[earlier][0], node, earlier, False)
        self.assume(alternatives[number][0], node, number, True)

    # -- conditions ----------------------------------------------------------------------------------------------------

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
            return _not(_or([_not(self.holds(one)) for one in _terms(condition)]))
        if isinstance(condition, LogicalOrExpression):
            return _or([self.holds(one) for one in _terms(condition)])
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
            return None if isinstance(value, Unknown) else value not in (None, False)
        return None

    def fix(self, condition: Expression, truth: bool) -> None:
        if self.holds(condition) is not None:
            return
        if isinstance(condition, BooleanExpression):
            self.fix(condition.expression, truth)
        elif isinstance(condition, LogicalNotExpression):
            self.fix(condition.right, not truth)
        elif isinstance(condition, LogicalAndExpression | LogicalOrExpression):
            all_of_them = truth is isinstance(condition, LogicalAndExpression)
            for one in _terms(condition):
                self.fix(one, truth)
                if not all_of_them and self.holds(one) is truth:
                    break
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
        if isinstance(theirs, Unknown):
            ours, theirs = theirs, ours
        if not isinstance(ours, Unknown):
            return bare(ours) == bare(theirs)
        if isinstance(theirs, Unknown):
            return self.decided.get(f"{left} == {right}")
        return self.may_be(ours.path, bare(theirs))

    def may_be(self, path: str, value: str) -> bool | None:
        """Tell whether an unknown has a value, by what was excluded and by what a parameter may be at all (R10.12)."""
        excluded = self.excluded.get(path, set())
        if value in excluded:
            return False
        parameter = self.known.parameters.get(path.removesuffix(PARAMETER_VALUE)) if path.endswith(PARAMETER_VALUE) else None
        if parameter is None or not parameter.values:
            return None
        left = [one for one in parameter.values if one not in excluded]
        if value not in left:
            return False
        return True if len(left) == 1 else None

    def assume_equal(self, left: Expression, right: Expression, truth: bool) -> None:
        ours, theirs = self.value(left), self.value(right)
        if isinstance(theirs, Unknown):
            ours, theirs = theirs, ours
        if self.equal(left, right) is not None or not isinstance(ours, Unknown):
            return
        if isinstance(theirs, Unknown):
            self.note(f"{left} == {right}", truth)
        elif truth:
            self.chosen[ours.path] = bare(theirs)
            self.conditions.append(f"{ours.path} == {bare(theirs)!r}")
        else:
            self.excluded.setdefault(ours.path, set()).add(bare(theirs))
            self.conditions.append(f"not {ours.path} == {bare(theirs)!r}")

    # -- values --------------------------------------------------------------------------------------------------------

    def value(self, expression: Expression) -> Value:
        if isinstance(expression, FilteredExpression):
            value = self.value(expression.left)
            for one in expression.filters or ():
                value = filtered(value, one.name, [self.value(argument.value) for argument in one.args])
            return value
        if isinstance(expression, Literal):
            return expression.value
        if isinstance(expression, Path):
            path = path_of(expression)
            if path in self.local:
                local = self.local[path]
                return self.chosen.get(local.path, local) if isinstance(local, Unknown) else local
            if path in self.assigned:
                return None  # a variable that was set on another way only
            return self.known.values.get(path) or self.chosen.get(path) or Unknown(path)
        return Unknown(str(expression))


def _terms(condition: LogicalAndExpression | LogicalOrExpression) -> list[Expression]:
    """The terms of ``a and b and c``, which is nested to the right."""
    terms: list[Expression] = []
    rest: Expression = condition
    while isinstance(rest, LogicalAndExpression | LogicalOrExpression) and type(rest) is type(condition):
        terms.append(rest.left)
        rest = rest.right
    return [*terms, rest]


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _or(truths: Sequence[bool | None]) -> bool | None:
    if any(truth is True for truth in truths):
        return True
    return None if any(truth is None for truth in truths) else False
