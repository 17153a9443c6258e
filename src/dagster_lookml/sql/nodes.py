"""Small questions about the nodes of a parsed statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from dagster_lookml.sql.placeholders import is_unknown

QUERIES: Final = (exp.Select, exp.SetOperation, exp.Values)
"""Nodes that put out rows of columns."""
_NO_COLUMNS: Final = frozenset("sysdate systimestamp localtime localtimestamp getdate default".split())
"""Bare words that are functions or values in some dialect, and no columns."""
_DATE_PARTS: Final = frozenset(
    """microsecond millisecond second minute hour day week month quarter year isoweek isoyear dayofweek dayofyear date time
    epoch dow doy ns us ms s mi min hh h dd d dw dy wk ww w qq q mm m mon yy yyyy y microseconds milliseconds seconds minutes
    mins hours hrs hr days weeks months quarters years decade century weekday timestamp weekofyear yearofweek""".split()
)
"""Bare words that say which part of a date a function is about."""
_DATE_FUNCTIONS: Final = frozenset(
    """datediff date_diff dateadd date_add date_sub datesub date_trunc datetrunc datetime_trunc timestamp_trunc time_trunc
    timestamp_diff timestampdiff datetime_diff time_diff timestamp_add timestampadd datetime_add timestamp_sub datetime_sub
    date_part datepart datename last_day extract timediff timeadd ts_or_ds_diff ts_or_ds_add""".split()
)


def name_of(node: exp.Expr) -> str:
    """The name of a node, in lower case; empty if it has none."""
    return node.name.lower() if isinstance(node, exp.Expr) else ""


def alias_of(node: exp.Expr) -> str:
    """The alias that is written after a source; empty if there is none."""
    return node.alias.lower() if node.args.get("alias") else ""


def alias_names(node: exp.Expr) -> tuple[str, ...]:
    """The column names in an alias: ``AS t (a, b)``."""
    alias = node.args.get("alias")
    return tuple(name_of(one) for one in alias.args.get("columns") or ()) if isinstance(alias, exp.TableAlias) else ()


def without_alias(node: exp.Expr) -> exp.Expr:
    """The query in parentheses that an alias names."""
    return node.this if isinstance(node, exp.Subquery) and not node.args.get("with_") else node


def line_of(node: exp.Expr) -> int:
    """The line of a name in the statement, as the tokenizer saw it."""
    inner = node
    while not isinstance(inner, exp.Identifier):
        following = inner.this
        if not isinstance(following, exp.Expr):
            return 1
        inner = following
    line = inner.meta.get("line", 1)
    return int(line)


def declared(tree: exp.Expr) -> Iterator[str]:
    """The variables that a statement declares."""
    if isinstance(tree, exp.Declare):
        for declare in tree.expressions:
            names = declare.this if isinstance(declare.this, list) else [declare.this]
            yield from (name_of(name) for name in names)


def first_line(node: exp.Expr) -> int:
    """The line of the first name in a query."""
    return min((int(one.meta.get("line", 1)) for one in node.find_all(exp.Identifier) if one.meta), default=1)


def is_query(node: exp.Expr) -> bool:
    """A subquery that is a query, and no parenthesised join."""
    while isinstance(node, exp.Subquery | exp.Paren):
        node = node.this
    return isinstance(node, QUERIES)


def is_plain(node: exp.Expr) -> bool:
    """A column and nothing more; its struct fields are the column's."""
    while isinstance(node, exp.Dot | exp.Paren) or (isinstance(node, exp.Array) and len(node.expressions) == 1):
        node = node.expressions[0] if isinstance(node, exp.Array) else node.this
    return isinstance(node, exp.Column)


def is_word(node: exp.Column) -> bool:
    """A bare word that is no column: ``CURRENT_DATE``, the ``day`` of a date function, a value that is not known."""
    if len(node.parts) > 1:
        return False
    name = node.name.lower()
    if is_unknown(name):
        return True
    if node.this.args.get("quoted"):
        return False
    return name in _NO_COLUMNS or (name in _DATE_PARTS and _is_date_part(node))


def _is_date_part(node: exp.Column) -> bool:
    """The first or last argument of a function of dates: ``DATEDIFF(day, a, b)``, ``DATE_TRUNC(a, month)``."""
    function = node.parent
    if not isinstance(function, exp.Func):
        return False
    name = function.name if isinstance(function, exp.Anonymous) else type(function).sql_name()
    if name.lower() not in _DATE_FUNCTIONS:
        return False
    arguments: list[exp.Expr] = list(function.iter_expressions())
    return len(arguments) > 1 and any(one is node for one in (arguments[0], arguments[-1]))


def is_ml(node: exp.Expr, function: exp.Expr) -> bool:
    """``ML.EVALUATE(MODEL m, ...)``, of which sqlglot knows only the more common ones."""
    if type(function).__name__ in ("GenerateEmbedding", "VectorSearch", "MLTranslate", "FeaturesAtTime"):
        return True
    schema = node.args.get("db")
    return isinstance(schema, exp.Identifier) and schema.name.lower() == "ml"


def combined(node: exp.SetOperation) -> list[exp.Expr]:
    """The queries that a chain of set operations combines, in order."""
    found: list[exp.Expr] = []
    stack: list[exp.Expr] = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, exp.SetOperation) and (one is node or not one.args.get("with_")):
            stack += [one.expression, one.this]
        else:
            found.append(one)
    return found
