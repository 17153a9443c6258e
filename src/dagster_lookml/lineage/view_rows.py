"""What a view reads: its table, its derived table, or what builds it, as rows (R4.1-R4.5, R5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from dagster_lookml.lineage.resolving import FieldFinder, Resolver, ScopeRows, TableFinder
from dagster_lookml.lineage.rows import NoRows, Rows, VariantRows
from dagster_lookml.lineage.trace import NOTHING, Trace, gap, union
from dagster_lookml.semantic.objects import NativeQuery, Text
from dagster_lookml.sql.statement import Statement, TableRead, TableSource
from dagster_lookml.sql.texts import ReadText


class Part(NamedTuple):
    """One statement of a view's SQL in one variant.

    Attributes:
        text: the parameter that it stands in.
        line: of the text's file, for each line of the statement.
        conditions: of the variant.
    """

    text: Text
    line: Callable[[int], int]
    conditions: tuple[str, ...]
    statement: Statement


def parts(texts: Sequence[tuple[Text, ReadText]]) -> Iterator[Part]:
    """Every statement of some texts, in order; of each text every variant."""
    for text, read in texts:
        for one in read.variants:
            start = text.span.line

            def line(number: int, start: int = start, variant: Callable[[int], int] = one.variant.line) -> int:
                return start + variant(number) - 1

            for statement in one.reading.statements:
                yield Part(text, line, one.variant.conditions, statement)


def table_rows(found: Sequence[Part], table: TableFinder, field: FieldFinder) -> Rows:
    """The rows of a ``sql_table_name``: what stands behind FROM (R4.4)."""
    variants: list[tuple[tuple[str, ...], Rows]] = []
    for part in found:
        statement = part.statement
        select = statement.selects[statement.result]
        [first, *more] = select.sources or (None,)
        if isinstance(first, TableSource) and not more and not first.names:
            variants.append((part.conditions, table(statement.tables[first.table])))
        else:
            variants.append((part.conditions, ScopeRows(Resolver(statement, table, field), statement.result)))
    return one_of(variants)


def one_of(variants: Sequence[tuple[tuple[str, ...], Rows]]) -> Rows:
    """The rows of a few variants."""
    if not variants:
        return NoRows("unread-sql", "")
    return variants[0][1] if len(variants) == 1 and not variants[0][0] else VariantRows(variants)


class ScriptRows:
    """The rows that statements make together: the last query, or what they put into the table that is built (R5.4).

    A table that an earlier statement makes is no table of the warehouse for a later one.

    Args:
        found: the statements in order.
        table: gives the rows of tables.
        field: gives the traces of fields.
    """

    def __init__(self, found: Sequence[Part], table: TableFinder, field: FieldFinder) -> None:
        self._table = table
        self._made: dict[tuple[str, ...], list[tuple[tuple[str, ...], Rows]]] = {}
        self.resolvers: list[tuple[Part, Resolver]] = []
        results: list[tuple[tuple[str, ...], Rows]] = []
        self._listed: tuple[str, ...] = ()
        for part in found:
            statement = part.statement
            resolver = Resolver(statement, self._find, field)
            self.resolvers.append((part, resolver))
            target = statement.target
            if target is not None and target.kind == "built" and statement.columns and not self._listed:
                self._listed = statement.columns
            if statement.result < 0:
                continue
            rows = ScopeRows(resolver, statement.result)
            if target is None or target.kind == "built":
                results.append((part.conditions, rows))
            else:
                self._made.setdefault(target.parts, []).append((part.conditions, rows))
        built = [one for one, (part, _) in zip(results, self._giving(), strict=True) if part.statement.target is not None]
        self._results = one_of(built or self._last(results))

    def _giving(self) -> list[tuple[Part, Resolver]]:
        """The statements that give rows to whoever reads the view."""
        return [
            (part, resolver)
            for part, resolver in self.resolvers
            if part.statement.result >= 0 and (part.statement.target is None or part.statement.target.kind == "built")
        ]

    def _last(self, results: list[tuple[tuple[str, ...], Rows]]) -> list[tuple[tuple[str, ...], Rows]]:
        """Of several queries without a target the last one counts, in all its variants."""
        giving = self._giving()
        if not giving:
            return []
        last = {id(part.text): part for part, _ in giving}
        final = [part for part, _ in giving if id(part.text) == id(giving[-1][0].text)]
        by_conditions = {part.conditions: at for at, (part, _) in enumerate(giving) if part in final}
        assert last
        return [results[at] for at in by_conditions.values()]

    def _find(self, read: TableRead) -> Rows:
        if read.parts in self._made:
            return one_of(self._made[read.parts])
        return self._results if read.kind == "built" and hasattr(self, "_results") else self._table(read)

    def is_temporary(self, read: TableRead) -> bool:
        """Tell whether a table is made by the statements themselves."""
        return read.parts in self._made or read.kind == "built"

    def column(self, path: tuple[str, ...]) -> Trace:
        return self._results.column(path)

    def has(self, name: str) -> bool | None:
        return self._results.has(name)

    def likely(self, name: str) -> bool:
        return self._results.likely(name)

    def share(self, name: str) -> tuple[int, int]:
        return self._results.share(name)

    @property
    def names(self) -> tuple[str, ...] | None:
        return self._listed or self._results.names

    @property
    def tables(self) -> frozenset[str]:
        return self._results.tables


class NativeRows:
    """The rows of a native derived table: a query of an explore (R5.6-R5.10).

    Args:
        query: of the view.
        field: the trace of a field of the explore, down to the warehouse; takes alias and name, where an empty alias means
            the base view's.
        derived: the trace of SQL over the columns of this table.
    """

    def __init__(
        self,
        query: NativeQuery,
        field: Callable[[str, str], Trace],
        derived: Callable[[NativeRows, Text], Trace],
    ) -> None:
        self._field = field
        self._derived = derived
        self._columns = {column.name.lower(): column for column in query.columns}
        self._traces: dict[str, Trace] = {}
        self.names: tuple[str, ...] | None = tuple(self._columns)

    def column(self, path: tuple[str, ...]) -> Trace:
        if not path:
            return union(self.column((name,)) for name in self._columns)
        name = path[0]
        if name not in self._columns:
            return gap("missing-column", name)
        if name not in self._traces:
            self._traces[name] = gap("circular", name)  # stays only if the way leads back here
            self._traces[name] = self._trace(name)
        return self._traces[name]

    def _trace(self, name: str) -> Trace:
        column = self._columns[name]
        if column.sql is not None:
            return self._derived(self, column.sql)
        alias, _, field = (column.field or column.name).rpartition(".")
        return self._field(alias, field)

    def has(self, name: str) -> bool | None:
        return name in self._columns

    def likely(self, name: str) -> bool:
        return name in self._columns

    def share(self, _name: str) -> tuple[int, int]:
        return 0, 0

    @cached_property
    def tables(self) -> frozenset[str]:
        trace = self.column(()) if self._columns else NOTHING
        return trace.tables | {one.table for one in trace.columns}
