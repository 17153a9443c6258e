"""Where two statements differ, in few words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from sqlglot import exp

from dagster_lookml.sql.normal_form import NormalForm
from dagster_lookml.sql.shortening import cut, shortened

_CLAUSES: Final = {
    "with_": "WITH",
    "expressions": "the selected columns",
    "distinct": "DISTINCT",
    "from_": "FROM",
    "joins": "the joins",
    "where": "WHERE",
    "group": "GROUP BY",
    "having": "HAVING",
    "qualify": "QUALIFY",
    "windows": "WINDOW",
    "order": "ORDER BY",
    "limit": "LIMIT",
    "offset": "OFFSET",
}
_LONGEST: Final = 60
_DEEPEST: Final = 40
Pair = tuple[exp.Expr, exp.Expr]


def difference(
    old: Sequence[exp.Expr], new: Sequence[exp.Expr], form: NormalForm, shown: Callable[[str], str] = lambda sql: sql
) -> str:
    """Say where statements differ whose normal forms do.

    Args:
        old: the statements of one text.
        new: those of the other.
        form: makes their normal forms.
        shown: puts what was written in place of what stands for it.

    >>> from sqlglot import parse_one
    >>> difference([parse_one("SELECT a + b")], [parse_one("SELECT a + c")], NormalForm("", (), True))
    '`a + b` became `a + c`'
    """
    if len(old) != len(new):
        return f"{len(old)} statements became {len(new)}"
    pair = next(((ours, theirs) for ours, theirs in zip(old, new, strict=True) if form.of(ours) != form.of(theirs)), None)
    if pair is None:
        return "words of it differ"
    pairs = [pair]
    while len(pairs) < _DEEPEST:
        inner = _only_difference(*pairs[-1], form)
        if inner is None:
            break
        pairs.append(inner)
    return _said(*_telling(pairs, form.dialect), form, shown)


def _telling(pairs: Sequence[Pair], dialect: str) -> Pair:
    """The innermost pair; or what is around it, where that is no longer than what can be shown and says more."""
    *rest, told = pairs
    if rest and isinstance(told[0], exp.Literal | exp.Column | exp.Paren):
        around = rest.pop()
        if max(len(_sql(one, dialect)) for one in around) > _LONGEST or isinstance(around[0], exp.Query):
            return told
        told = around
    return rest[-1] if rest and isinstance(rest[-1][0], exp.Not) else told  # without it the opposite would be said


def _only_difference(old: exp.Expr, new: exp.Expr, form: NormalForm) -> Pair | None:
    """The only parts of two nodes of one kind that differ, if they are nodes."""
    if type(old) is not type(new) or isinstance(old, exp.Column | exp.Table):
        return None
    if isinstance(old, exp.Connector) and isinstance(new, exp.Connector):
        gone, added = _conditions(old, new, form)
        return (gone[0], added[0]) if len(gone) == len(added) == 1 else None
    found: list[tuple[Any, Any]] = [(ours, theirs) for key in _keys(old, new) for ours, theirs in _parts(old, new, key, form)]
    if len(found) != 1:
        return None
    ours, theirs = found[0]
    are_nodes = isinstance(ours, exp.Expr) and isinstance(theirs, exp.Expr)
    return (ours, theirs) if are_nodes and not isinstance(ours, exp.Identifier) else None


def _conditions(old: exp.Connector, new: exp.Connector, form: NormalForm) -> tuple[list[exp.Expr], list[exp.Expr]]:
    """The conditions that only one of two chains has."""
    ours, theirs = ({form.form(one): one for one in form.connected(node)} for node in (old, new))
    gone = [one for written, one in ours.items() if written not in theirs]
    return gone, [one for written, one in theirs.items() if written not in ours]


def _parts(old: exp.Expr, new: exp.Expr, key: str, form: NormalForm) -> Iterator[tuple[Any, Any]]:
    ours, theirs = old.args.get(key), new.args.get(key)
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = zip(ours, theirs, strict=True)
    else:
        pairs = zip((ours,), (theirs,), strict=True)
    yield from ((one, other) for one, other in pairs if form.value(one) != form.value(other))


def _keys(old: exp.Expr, new: exp.Expr) -> list[str]:
    return list(dict.fromkeys((*old.args, *new.args)))


def _said(old: exp.Expr, new: exp.Expr, form: NormalForm, shown: Callable[[str], str]) -> str:
    if isinstance(old, exp.Connector) and isinstance(new, exp.Connector) and type(old) is type(new):
        gone, added = _conditions(old, new, form)
        if len(gone) + len(added) == 1:
            condition = cut(shown(_sql((gone or added)[0], form.dialect)), _LONGEST)
            return f"{_quoted(condition)} {'left' if gone else 'came to'} the conditions"
    written = [shown(_sql(one, form.dialect)) for one in (old, new)]
    if max(map(len, written)) > _LONGEST and isinstance(old, exp.Select) and isinstance(new, exp.Select):
        clauses = [
            _CLAUSES.get(key, key.strip("_").upper())
            for key in _keys(old, new)
            if form.value(old.args.get(key)) != form.value(new.args.get(key))
        ]
        if clauses:
            return f"{' and '.join(clauses[:3])} {'differs' if len(clauses) == 1 and clauses[0].isupper() else 'differ'}"
    ours, theirs = shortened(written[0], written[1], _LONGEST)
    return f"{_quoted(ours)} became {_quoted(theirs)}" if ours != theirs else f"{_quoted(ours)} differs"


def _sql(node: exp.Expr, dialect: str) -> str:
    if isinstance(node, exp.Not) and isinstance(node.this, exp.Is):  # as people write it
        return f"{_sql(node.this.this, dialect)} IS NOT {_sql(node.this.expression, dialect)}"
    try:
        return node.sql(dialect=dialect or None, comments=False)
    except Exception:  # what cannot be written is told by its kind
        return node.key.upper()


def _quoted(sql: str) -> str:
    """SQL between backticks; a name that is written in some keeps its own, and SQL with such names stands in other quotes.

    >>> _quoted("a + b"), _quoted("`p.d.t`"), _quoted("`p.d.t` AS t")
    ('`a + b`', '`p.d.t`', '“`p.d.t` AS t”')
    """
    if "`" not in sql:
        return f"`{sql}`"
    return sql if sql.count("`") == 2 and sql[0] == sql[-1] == "`" else f"“{sql}”"
