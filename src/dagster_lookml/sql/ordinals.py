"""``GROUP BY 1``: which output it means, where that is sure to be the same as ``GROUP BY`` of that very column.

It is sure of an output that is a column and nothing more, and whose name no other output has: dialects do not agree whether
GROUP BY looks for a name among outputs or among columns first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from sqlglot import exp

from dagster_lookml.sql.marks import MARK

_BY_NUMBER: Final = frozenset("bigquery snowflake redshift postgres mysql databricks spark duckdb presto trino athena".split())
"""Dialects in which a number in GROUP BY is that of an output."""


def grouped_columns(group: exp.Group, dialect: str) -> Mapping[int, exp.Column]:
    """The columns that numbers in a GROUP BY stand for, by their place in it.

    >>> from sqlglot import parse_one
    >>> select = parse_one("SELECT t.a AS x, b, MAX(c) AS d FROM t GROUP BY 1, b, 3")
    >>> {place: column.sql() for place, column in grouped_columns(select.args["group"], "bigquery").items()}
    {0: 't.a'}
    """
    select = group.parent
    places = {at: int(one.name) for at, one in enumerate(group.expressions) if isinstance(one, exp.Literal) and one.is_int}
    if not places or dialect not in _BY_NUMBER or not isinstance(select, exp.Select) or not _are_counted(select):
        return {}
    names = Counter(one.alias_or_name.lower() for one in select.expressions)
    outputs = {at: select.expressions[number - 1] for at, number in places.items() if 0 < number <= len(select.expressions)}
    found = {at: _column(output, names) for at, output in outputs.items()}
    return {at: column for at, column in found.items() if column is not None}


def _are_counted(select: exp.Select) -> bool:
    """Every output is one column: no star, nothing that becomes several, and nothing that Liquid writes."""
    return not select.args.get("kind") and not any(
        isinstance(one, exp.Columns | exp.Aliases | exp.Explode) or one.is_star or _is_written_by_liquid(one)
        for one in select.expressions
    )


def _is_written_by_liquid(output: exp.Expr) -> bool:
    """A mark outside of strings may stand for more than one output, or for a number."""
    return any(MARK in one.name.lower() for one in output.walk() if not isinstance(one, exp.Literal))


def _column(output: exp.Expr, names: Counter[str]) -> exp.Column | None:
    """The column that an output is, if no other has its name, and none that of the table in which it is looked up."""
    column = output.unalias()
    if not isinstance(column, exp.Column):
        return None
    *tables, name = (part.name.lower() for part in column.parts)
    is_sure = names[name] == (output.alias_or_name.lower() == name) and not any(names[table] for table in tables)
    return column.copy() if is_sure else None
