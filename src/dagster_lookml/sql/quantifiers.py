"""Operands that stand for many values: ``ANY``, ``SOME`` and ``ALL``.

A comparison with one is none of two values: NOT (a = ANY (b)) is ``a <> ALL (b)``; and it stands on the right side only.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

_NAMES: Final = frozenset({"any", "some", "all"})
_MATCHES: Final = (exp.Like, exp.ILike, exp.RegexpLike, exp.RegexpILike, exp.SimilarTo, exp.Glob)
"""What may have NOT in it as well as before it."""


def compares_many(node: exp.Expr) -> bool:
    """A comparison with every value of a list, array or subquery, or with any of them.

    >>> from sqlglot import parse_one
    >>> [compares_many(parse_one(sql)) for sql in ("a = ANY (b)", "a LIKE ALL ('x', 'y')", "a = SOME (b)", "a = f(b)")]
    [True, True, True, False]
    """
    return any(_is_many(node.args.get(key)) for key in ("this", "expression"))


def has_unclear_not(statement: exp.Expr) -> bool:
    """Whether NOT stands in such a comparison or before it is not said by the trees of all dialects, and may mean two things.

    >>> from sqlglot import parse_one
    >>> [has_unclear_not(parse_one(sql)) for sql in ("NOT a LIKE ANY ('x', 'y')", "NOT a LIKE b")]
    [True, False]
    """
    return any(isinstance(one.this, _MATCHES) and compares_many(one.this) for one in statement.find_all(exp.Not))


def _is_many(node: object) -> bool:
    while isinstance(node, exp.Paren | exp.Escape):
        node = node.this
    is_named = isinstance(node, exp.Anonymous) and isinstance(node.this, str) and node.this.lower() in _NAMES
    return is_named or isinstance(node, exp.Any | exp.All)
