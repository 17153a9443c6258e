"""Tables of the warehouse: their ids, and the columns that they are known to have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeGuard

from dagster_lookml.config import Connection
from dagster_lookml.sql.dialects import table_part
from dagster_lookml.sql.statement import UNQUALIFIED, ColumnUse, Output, QuerySource, Select, Statement, TableSource, Use, uses_of

_SAFE: Final = frozenset("_.-{}*$")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.\-{}*$]*")


def table_id(parts: Iterable[str], connection: Connection, dialect: str = "") -> str:
    """The id of a table: its parts, completed by what the connection puts before them.

    Args:
        parts: normalised, database first; parts that nobody knows stand in braces.
        connection: gives the database and schema that are not written.
        dialect: tells names apart by case, or does not.

    >>> table_id(("orders",), Connection(schema="shop"))
    'table:shop.orders'
    """
    named = [part for part in parts if part]
    if len(named) == 1 and connection.schema:
        named.insert(0, table_part(connection.schema, quoted=False, dialect=dialect))
    if len(named) == 2 and connection.database:
        named.insert(0, table_part(connection.database, quoted=False, dialect=dialect))
    return "table:" + ".".join(map(encoded, named))


def encoded(part: str) -> str:
    """Percent-encoded as in every id, but for what names of tables are full of: braces, wildcards and dots."""
    if _PLAIN.fullmatch(part):
        return part
    return "".join(one if one.isascii() and (one.isalnum() or one in _SAFE) else _bytes(one) for one in part)


def _bytes(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogateescape"))


_MANY_COLUMNS: Final = 40
"""Columns that a view has fields for, from which on a column that it lacks is taken not to be there."""


class KnownColumns:
    """What is known of the columns of tables.

    Args:
        complete: gives every column of a table by its id, or None; from a catalog.
    """

    def __init__(self, complete: Callable[[str], tuple[str, ...] | None] | None = None) -> None:
        self._complete = complete
        self._learned: dict[str, set[str]] = {}
        self._scopes: dict[str, int] = {}
        self._described: dict[str, int] = {}
        self._mentions: dict[tuple[str, str], int] = {}
        self._lacking: set[tuple[str, str]] = set()

    def learn(self, table: str, column: str) -> None:
        """Note that something in the project names a column of a table."""
        self._learned.setdefault(table, set()).add(column)

    def describe(self, table: str, columns: Iterable[str]) -> None:
        """Note the columns of a table that one view has fields for."""
        named = frozenset(columns)
        self._learned.setdefault(table, set()).update(named)
        self._described[table] = max(len(named), self._described.get(table, 0))

    def is_well_known(self, table: str) -> bool:
        """Tell whether some view has fields for so many columns of a table that it hardly leaves any out."""
        return self._described.get(table, 0) >= _MANY_COLUMNS

    def lack(self, table: str, column: str) -> None:
        """Note that a query which is right only if a table has no such column stands in the project."""
        self._lacking.add((table, column))

    def lacks(self, table: str, column: str) -> bool:
        """Tell whether some query says that a table has no such column, and nothing says that it has."""
        return (table, column) in self._lacking and column not in self.learned(table)

    def see(self, tables: Iterable[str], names: Iterable[str]) -> None:
        """Note one scope that joins tables and mentions columns without saying of which."""
        named = frozenset(names)
        for table in frozenset(tables):
            self._scopes[table] = self._scopes.get(table, 0) + 1
            for name in named:
                self._mentions[table, name] = self._mentions.get((table, name), 0) + 1

    def share(self, table: str, name: str) -> tuple[int, int]:
        """In how many of the scopes with a table a column is mentioned without its table, and how many those are."""
        return self._mentions.get((table, name), 0), self._scopes.get(table, 0)

    def complete(self, table: str) -> tuple[str, ...] | None:
        """Every column of a table in order, or None if they are not known."""
        return self._complete(table) if self._complete is not None else None

    def learned(self, table: str) -> set[str]:
        """The columns of a table that something names; grows while more is learned."""
        return self._learned.setdefault(table, set())


def named_columns(statement: Statement, table: Callable[[Iterable[str]], str]) -> Iterator[tuple[str, str]]:
    """The columns that a statement surely takes from tables of the warehouse: those that it qualifies, or that have one source.

    Args:
        statement: read.
        table: gives the id of a table by the parts of its name.
    """
    for number, select in enumerate(statement.selects):
        renamed = _renamed(select)
        for use in uses_of(select):
            if not isinstance(use, ColumnUse) or not use.path:
                continue
            sources = statement.selects[use.select].sources
            at = use.source
            if at == UNQUALIFIED:
                if use.select != number or len(sources) != 1 or select.parent >= 0 or len(use.path) > 1:
                    continue
                if use.path[0] in renamed:
                    continue
                at = 0
            source = sources[at]
            if isinstance(source, TableSource) and not source.names and statement.tables[source.table].kind == "table":
                yield table(statement.tables[source.table].parts), use.path[0]


def _renamed(select: Select) -> set[str]:
    """The names that a scope gives to something else than a column of that name, which may be used in it like columns."""
    return {
        output.name
        for output in select.outputs
        if isinstance(output, Output)
        and not any(isinstance(use, ColumnUse) and use.path[-1:] == (output.name,) for use in output.uses)
    }


def joined_tables(statement: Statement, table: Callable[[Iterable[str]], str]) -> Iterator[tuple[list[str], list[str]]]:
    """Each scope that reads several sources: the warehouse tables among them, and the columns it does not qualify."""
    for number, select in enumerate(statement.selects):
        if len(select.sources) < 2:
            continue
        tables = [statement.tables[source.table] for source in select.sources if isinstance(source, TableSource)]
        named = [use.path[0] for use in uses_of(select) if _is_unqualified(use, number)]
        yield [table(one.parts) for one in tables if one.kind == "table"], named


def lacking_tables(statement: Statement, table: Callable[[Iterable[str]], str]) -> Iterator[tuple[str, str]]:
    """The columns that tables of the warehouse cannot have: a name without its table, which a subquery puts out, would mean two.

    Args:
        statement: read.
        table: gives the id of a table by the parts of its name.
    """
    for number, select in enumerate(statement.selects):
        queries = [source.select for source in select.sources if isinstance(source, QuerySource)]
        tables = [statement.tables[source.table] for source in select.sources if isinstance(source, TableSource)]
        if not queries or not tables:
            continue
        put_out = {name for query in queries for name in _sure_names(statement, query)} - _renamed(select) - set(select.shared)
        for use in uses_of(select):
            if _is_unqualified(use, number) and use.path[0] in put_out:
                yield from ((table(one.parts), use.path[0]) for one in tables if one.kind == "table")


def _sure_names(statement: Statement, number: int) -> set[str]:
    select = statement.selects[number]
    while select.branches:
        select = statement.selects[select.branches[0]]
    return {output.name for output in select.outputs if isinstance(output, Output) and output.name}


def _is_unqualified(use: Use, number: int) -> TypeGuard[ColumnUse]:
    return isinstance(use, ColumnUse) and use.source == UNQUALIFIED and use.select == number and bool(use.path)
