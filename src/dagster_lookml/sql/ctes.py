"""Common table expressions: what they are called means nothing, as long as the name means nothing else in the statement.

Imported when two texts differ in more than white space.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from sqlglot import exp

from dagster_lookml.sql.marks import MARK

_DIALECTS: Final = frozenset(
    "bigquery snowflake redshift postgres mysql trino presto athena databricks spark duckdb sqlite".split()
)
"""Dialects in which no output is called after the table that it comes from."""
_NUMBERED: Final = "lkml_cte_"
_QUERIES: Final = (exp.Select, exp.SetOperation)
_MARKS: Final = re.compile(rf"{MARK}\d+z")
_WORD: Final = re.compile(r"[\w$]+")


class _Place(NamedTuple):
    """Where a node of a statement stands.

    Attributes:
        cte: the number of the CTE in whose query it is; how many there are where it is in the query behind WITH, and -1 outside.
        select: the SELECT that is next around it; None where there is none.
    """

    cte: int
    select: exp.Select | None


class Ctes:
    """The CTEs of a text with one WITH, which stands before all of its query; none of any other text.

    Args:
        statements: of the text, parsed.

    Attributes:
        names: of the CTEs, in order.
    """

    def __init__(self, statements: Sequence[exp.Expr]) -> None:
        self._statement = statements[0] if len(statements) == 1 else None
        statement = self._statement
        self._query = statement.expression if isinstance(statement, exp.Create) else statement
        self._ctes = _of_query(self._query)
        self.names = tuple(cte.alias for cte in self._ctes)

    def numbered(self, sql: str, dialect: str, tables: Collection[str]) -> str | None:
        """The text with numbers in place of the names of its CTEs; None where a name may mean something else too.

        Args:
            sql: the text; no comment and no string may have such a name in it.
            dialect: its name.
            tables: marks that stand for tables; any other may stand for a text that has such a name.

        >>> from sqlglot import parse
        >>> sql = "WITH a AS (SELECT 1 AS x) SELECT a.x FROM a"
        >>> Ctes(parse(sql)).numbered(sql, "sqlite", ())
        'WITH lkml_cte_1z AS (SELECT 1 AS x) SELECT lkml_cte_1z.x FROM lkml_cte_1z'
        >>> sql = "WITH a AS (SELECT * FROM a) SELECT a.x FROM a"
        >>> Ctes(parse(sql)).numbered(sql, "sqlite", ()) is None
        True
        """
        if dialect not in _DIALECTS or _NUMBERED in sql or not set(_MARKS.findall(sql)) <= set(tables):
            return None
        if not self.names or len({name.lower() for name in self.names}) < len(self.names) or not self._is_only_with:
            return None
        words = Counter(_WORD.findall(sql.lower()))
        if not all(self._means_nothing_else(number, words) for number in range(len(self.names))):
            return None
        numbers = {name: f"{_NUMBERED}{number}z" for number, name in enumerate(self.names, 1)}
        return _WORD.sub(lambda word: numbers.get(word.group(), word.group()), sql)

    @property
    def _is_only_with(self) -> bool:
        return self._statement is not None and sum(1 for _ in self._statement.find_all(exp.With)) == 1

    def _means_nothing_else(self, number: int, words: Counter[str]) -> bool:
        """Wherever its name is written it is the CTE's, or that of the rows that are read from it behind it."""
        name = self.names[number]
        named = self._identifiers.get(name.lower(), ())
        if not all(one.name == name and not one.args.get("quoted") and self._is_of(one, number) for one in named):
            return False
        return words[name.lower()] == len(named)

    def _is_of(self, name: exp.Identifier, number: int) -> bool:
        place = name.parent
        if isinstance(place, exp.TableAlias):
            return place.parent is self._ctes[number] and place.this is name
        if self._places[id(name)].cte <= number:  # there it is a table of the database
            return False
        if isinstance(place, exp.Table):
            return place.this is name and not place.db and isinstance(place.parent, exp.From | exp.Join)
        return isinstance(place, exp.Column) and place.args.get("table") is name and not place.db and self._is_read_beside(place)

    def _is_read_beside(self, column: exp.Column) -> bool:
        """The SELECT that a column stands in reads the CTE itself; otherwise it may be a part of another one's column."""
        select = self._places[id(column)].select
        return select is not None and (id(select), column.table) in self._read

    @cached_property
    def _places(self) -> dict[int, _Place]:
        """Where each node stands, by its identity."""
        found: dict[int, _Place] = {}
        numbers = {id(cte.this): number for number, cte in enumerate(self._ctes)}
        for node in self._statement.bfs() if self._statement is not None else ():
            parent = node.parent
            around = found[id(parent)] if parent is not None and id(parent) in found else _Place(-1, None)
            cte = len(self._ctes) if node is self._query else numbers.get(id(node), around.cte)
            found[id(node)] = _Place(cte, parent if isinstance(parent, exp.Select) else around.select)
        return found

    @cached_property
    def _identifiers(self) -> dict[str, list[exp.Identifier]]:
        """All identifiers of the statement, by their names in small letters."""
        found: dict[str, list[exp.Identifier]] = {}
        for one in self._statement.find_all(exp.Identifier) if self._statement is not None else ():
            found.setdefault(one.name.lower(), []).append(one)
        return found

    @cached_property
    def _read(self) -> set[tuple[int, str]]:
        """The names of tables that have no alias, each with the identity of the SELECT that reads it."""
        tables = self._statement.find_all(exp.Table) if self._statement is not None else ()
        return {(id(self._places[id(one)].select), one.name) for one in tables if not one.alias}


def _of_query(query: exp.Expr | None) -> list[exp.CTE]:
    """The CTEs of a query, unless they may be recursive."""
    found = query.args.get("with_") if isinstance(query, _QUERIES) else None
    if found is None or found.recursive:
        return []
    return [one for one in found.expressions if isinstance(one, exp.CTE)]
