"""The queries that WITH names: what they are called means nothing, as long as the name means nothing else in the statement.

Imported when two texts differ in more than white space.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from sqlglot import exp

from dagster_lookml.sql.marks import MARK

_DIALECTS: Final = frozenset(
    "bigquery snowflake redshift postgres mysql trino presto athena databricks spark duckdb sqlite".split()
)
"""Dialects in which no output is called after the table that it comes from."""
_NUMBERED: Final = "lkml_step_"
_QUERIES: Final = (exp.Select, exp.SetOperation)
_MARKS: Final = re.compile(rf"{MARK}\d+z")


class Steps(NamedTuple):
    """A text whose queries of WITH have numbers for names.

    Attributes:
        names: that they had, in order.
        sql: the text.
    """

    names: tuple[str, ...]
    sql: str


def numbered(sql: str, statements: Sequence[exp.Expr], dialect: str, tables: Collection[str]) -> Steps | None:
    """A text with numbers in place of the names of its queries of WITH; None where a name may mean something else too.

    Args:
        sql: of one statement; no comment and no string may have such a name in it.
        statements: it, parsed.
        dialect: its name.
        tables: marks that stand for tables; any other may stand for a text that has such a name.

    >>> from sqlglot import parse
    >>> sql = "WITH a AS (SELECT 1 AS x) SELECT a.x FROM a"
    >>> numbered(sql, parse(sql), "sqlite", ()).sql
    'WITH lkml_step_1z AS (SELECT 1 AS x) SELECT lkml_step_1z.x FROM lkml_step_1z'
    >>> sql = "WITH a AS (SELECT * FROM a) SELECT a.x FROM a"
    >>> numbered(sql, parse(sql), "sqlite", ()) is None
    True
    """
    if dialect not in _DIALECTS or len(statements) != 1 or _NUMBERED in sql or not set(_MARKS.findall(sql)) <= set(tables):
        return None
    (statement,) = statements
    steps = _steps(statement)
    names = tuple(step.alias for step in steps)
    if not steps or len({name.lower() for name in names}) < len(names):
        return None
    behind = {id(one) for one in _query(statement).walk()}
    for step in steps:
        behind -= {id(one) for one in step.this.walk()}
        if not _means_nothing_else(step, statement, behind, sql):
            return None
    for number, name in enumerate(names, 1):
        sql = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", f"{_NUMBERED}{number}z", sql)
    return Steps(names, sql)


def _query(statement: exp.Expr) -> exp.Expr:
    return statement.expression if isinstance(statement, exp.Create) else statement


def _steps(statement: exp.Expr) -> list[exp.CTE]:
    """The queries of the only WITH of a statement, if it stands before all of its query."""
    found, query = list(statement.find_all(exp.With)), _query(statement)
    if len(found) != 1 or found[0].recursive or found[0].parent is not query or not isinstance(query, _QUERIES):
        return []
    return [one for one in found[0].expressions if isinstance(one, exp.CTE)]


def _means_nothing_else(step: exp.CTE, statement: exp.Expr, behind: Collection[int], sql: str) -> bool:
    """Wherever its name is written it is the step's, or that of the rows that are read from it behind it."""
    name = step.alias
    named = [one for one in statement.find_all(exp.Identifier) if one.name.lower() == name.lower()]
    if not all(one.name == name and not one.args.get("quoted") and _is_of(one, step, behind) for one in named):
        return False
    return len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", sql, re.IGNORECASE)) == len(named)


def _is_of(name: exp.Identifier, step: exp.CTE, behind: Collection[int]) -> bool:
    place = name.parent
    if isinstance(place, exp.TableAlias):
        return place.parent is step and place.this is name
    if id(name) not in behind:  # there it is a table of the database
        return False
    if isinstance(place, exp.Table):
        return place.this is name and not place.db and isinstance(place.parent, exp.From | exp.Join)
    return isinstance(place, exp.Column) and place.args.get("table") is name and not place.db and _is_read_beside(place)


def _is_read_beside(column: exp.Column) -> bool:
    """The query that a column stands in reads the step itself; otherwise it may be a part of another one's column."""
    query = column.find_ancestor(exp.Select)
    tables = query.find_all(exp.Table) if query is not None else ()
    return any(one.name == column.table and not one.alias and one.find_ancestor(exp.Select) is query for one in tables)
