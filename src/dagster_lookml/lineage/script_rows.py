"""The rows of a derived table that statements make, one after the other (R5.4): ``sql``, ``sql_create``, ``create_process``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from dagster_lookml.lineage.questions import Questions
from dagster_lookml.lineage.resolving import FieldFinder, Resolver, TableFinder
from dagster_lookml.lineage.rows import CIRCULAR_ROWS, InferredRows, Rows, UnseenRows
from dagster_lookml.lineage.source_rows import ScopeRows
from dagster_lookml.lineage.trace import Trace, gap
from dagster_lookml.lineage.view_rows import Part, one_of
from dagster_lookml.sql.statement import Statement, TableRead


class _Given(NamedTuple):
    """What one statement puts into a table."""

    part: Part
    resolver: Resolver


class _Content(NamedTuple):
    """What is in a table: under which names, where it lists them, and from which statements."""

    listed: tuple[str, ...] = ()
    given: tuple[_Given, ...] = ()

    def then(self, part: Part, resolver: Resolver) -> _Content:
        """What is in it after one more statement; one that Liquid may leave out makes nothing anew."""
        statement = part.statement
        listed, given = ((), ()) if statement.anew and part.variants == 1 else self
        more = (_Given(part, resolver),) if statement.result >= 0 else ()
        return _Content(listed or statement.columns, (*given, *more))

    def rows(self) -> Rows:
        """Its rows, those of each statement by their own names or by those of the table."""
        told = (one.resolver.scope_names(one.part.statement.result) for one in self.given)
        first = next((names for names in told if names is not None), None)
        return one_of(
            [
                (part.conditions, _named_rows(part, resolver, self.listed or (first if _adds(part.statement) else None)))
                for part, resolver in self.given
            ]
        )


_BUILT: Final = ("",)
"""The name of the table that is built, which is no name of a table."""


class ScriptRows:
    """The rows that statements make together: the last query, or what is in the table that is built at the end (R5.4).

    A table that an earlier statement makes is no table of the warehouse for a later one. What is made anew holds nothing of what
    it held before.

    Args:
        found: the statements in order.
        questions: that are asked at the moment.
        table: gives the rows of tables.
        field: gives the traces of fields.
    """

    def __init__(self, found: Sequence[Part], questions: Questions, table: TableFinder, field: FieldFinder) -> None:
        self._table = table
        self._questions = questions
        self._rows: dict[None, Rows] = {}
        self._contents: dict[tuple[str, ...], _Content] = {}
        self.resolvers: list[tuple[Part, Resolver]] = []
        queries: list[_Given] = []
        last = _Content()
        variables: frozenset[str] = frozenset()
        for part in found:
            variables |= frozenset(part.statement.variables)
            resolver = Resolver(part.statement, questions, partial(self._find, dict(self._contents)), field, variables=variables)
            self.resolvers.append((part, resolver))
            target = part.statement.target
            if target is not None:
                name = _name(target)
                self._contents[name] = self._contents.get(name, _Content()).then(part, resolver)
                last = self._contents[name] if self._contents[name].given else last
            elif part.statement.result >= 0:
                queries.append(_Given(part, resolver))
        self._built = self._contents.get(_BUILT, _Content())
        if not self._built.given:
            self._built = _Content((), tuple(one for one in queries if one.part.text is queries[-1].part.text))
        self._other = last if not self._built.given else None

    @property
    def results(self) -> Rows:
        """The rows themselves, as the statements give them."""
        return self._questions.answer(self._rows, None, self._find_results, CIRCULAR_ROWS)

    def _find_results(self) -> Rows:
        # where the table that Looker asks for is not made, that which is made last is most likely meant
        return self._built.rows() if self._other is None else InferredRows(self._other.rows())

    def _find(self, before: Mapping[tuple[str, ...], _Content], read: TableRead) -> Rows:
        """The rows of a table for a statement, from what is in it by then."""
        name = _name(read)
        for contents in (before, self._contents) if read.kind != "view" else ():
            if name in contents and contents[name].given:
                return contents[name].rows()
        return self.results if read.kind == "built" else self._table(read)

    def is_temporary(self, read: TableRead) -> bool:
        """Tell whether a table is made by the statements themselves."""
        return read.parts in self._contents or read.kind == "built"

    def column(self, path: tuple[str, ...]) -> Trace:
        return self.results.column(path)

    def has(self, name: str) -> bool | None:
        return self.results.has(name)

    def likely(self, name: str) -> bool:
        return self.results.likely(name)

    def share(self, name: str) -> tuple[int, int]:
        return self.results.share(name)

    def unlikely(self, name: str) -> bool:
        return self.results.unlikely(name)

    @property
    def names(self) -> tuple[str, ...] | None:
        return self._built.listed or self.results.names

    @property
    def tables(self) -> frozenset[str]:
        return self.results.tables


def _name(table: TableRead) -> tuple[str, ...]:
    return _BUILT if table.kind == "built" else table.parts


def _adds(statement: Statement) -> bool:
    """Tell whether a statement adds rows to a table that is there, which has the names of its columns (R5.4)."""
    return statement.target is not None and not statement.anew


def _named_rows(part: Part, resolver: Resolver, names: tuple[str, ...] | None) -> Rows:
    """The rows of one statement; an INSERT that lists no columns goes by their position in the table."""
    own = resolver.scope_names(part.statement.result)
    if names is None or own is None or len(own) != len(names) or set(own) <= set(names):
        return ScopeRows(resolver, part.statement.result)
    return _PositionRows(resolver, part.statement.result, names)


class _PositionRows(UnseenRows):
    """The outputs of a scope under the names of the table that they go into."""

    def __init__(self, resolver: Resolver, select: int, names: tuple[str, ...]) -> None:
        self._resolver = resolver
        self._select = select
        self.names: tuple[str, ...] | None = names

    @property
    def tables(self) -> frozenset[str]:
        return self._resolver.scope_tables(self._select)

    def column(self, path: tuple[str, ...]) -> Trace:
        if not path:
            return self._resolver.column(self._select, ())
        if self.names is None or path[0] not in self.names:
            return gap("missing-column", path[0], self.tables)
        return self._resolver.at(self._select, self.names.index(path[0]), path[1:])

    def has(self, name: str) -> bool | None:
        return self.names is not None and name in self.names

    def likely(self, name: str) -> bool:
        return bool(self.has(name))
