"""Which operators bind tighter than others in every dialect: only there brackets can be told to be redundant.

sqlglot reads ``a = b IS NULL`` and ``a || b + c`` in one way for all dialects, and these do not agree about it.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

Rank = tuple[int, int]
"""From the loosest to the tightest place that an operator has in some dialect."""

_RANKS: Final[dict[type[exp.Expr], Rank]] = {
    exp.Or: (1, 1),
    exp.And: (2, 2),
    exp.Not: (3, 3),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), (4, 4)),
    **dict.fromkeys((exp.Is, exp.In, exp.Between, exp.Like, exp.ILike), (4, 4)),
    **dict.fromkeys((exp.Add, exp.Sub), (5, 5)),
    **dict.fromkeys((exp.Mul, exp.Div, exp.Mod), (6, 6)),
    **dict.fromkeys((exp.DPipe, exp.BitwiseAnd, exp.BitwiseOr), (5, 7)),
    exp.Neg: (8, 8),
}
_CHAINS: Final = ((exp.Or,), (exp.And,), (exp.Add, exp.Sub), (exp.Mul, exp.Div, exp.Mod), (exp.DPipe,))
"""Operators that are read from left to right when they meet."""
_POSTFIX: Final = (exp.Is, exp.In, exp.Between, exp.Like, exp.ILike)
_OPERATORS: Final = (exp.Binary, exp.Unary, exp.Between, exp.In, exp.AtTimeZone, exp.Interval)
_NO_OPERATORS: Final = (exp.Dot, exp.Paren)


def is_operator(node: exp.Expr | None) -> bool:
    """A node that is written between or beside its operands, without brackets of its own."""
    return isinstance(node, _OPERATORS) and not isinstance(node, _NO_OPERATORS)


def is_clear(outer: exp.Expr, inner: exp.Expr) -> bool:
    """In every dialect it is the same of two operators that binds tighter, or both are read from left to right."""
    ours, theirs = _rank(outer), _rank(inner)
    if ours is None or theirs is None:
        return False
    return ours[1] < theirs[0] or theirs[1] < ours[0] or _are_chained(outer, inner)


def is_natural(outer: exp.Expr, inner: exp.Expr) -> bool:
    """In every dialect an operator is an operand of another without brackets.

    >>> from sqlglot import parse_one
    >>> [is_natural(one, one.this) for one in (parse_one("a * b + c"), parse_one("a IS NULL = b"))]
    [True, False]
    """
    ours, theirs = _rank(outer), _rank(inner)
    return ours is not None and theirs is not None and (ours[1] < theirs[0] or _are_chained(outer, inner))


def may_be_made(node: exp.Expr) -> bool:
    """Brackets that sqlglot may have put there, where it takes a comparison for an operand of another.

    >>> from sqlglot import parse_one
    >>> may_be_made(parse_one("a = b IS NULL").expression), may_be_made(parse_one("(a = b) AND c").this)
    (True, False)
    """
    if not isinstance(node, exp.Paren) or not isinstance(node.parent, (*_POSTFIX, exp.Predicate)):
        return False
    inner = node.this.this if isinstance(node.this, exp.Not) else node.this
    return isinstance(inner, exp.Is | exp.NullSafeEQ | exp.NullSafeNEQ | exp.EQ)


def _are_chained(outer: exp.Expr, inner: exp.Expr) -> bool:
    return any(isinstance(outer, chain) and isinstance(inner, chain) for chain in _CHAINS)


def _rank(node: exp.Expr) -> Rank | None:
    if isinstance(node, exp.Not) and isinstance(node.this, _POSTFIX):  # NOT stands before it or in it
        return (3, 4)
    return _RANKS.get(type(node))
