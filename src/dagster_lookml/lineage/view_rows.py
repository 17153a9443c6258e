"""What a view reads: its table, its derived table, or what builds it, as rows (R4.1-R4.5, R5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from dagster_lookml.lineage.questions import Questions
from dagster_lookml.lineage.resolving import FieldFinder, Resolver, TableFinder
from dagster_lookml.lineage.rows import NoRows, Rows, UnseenRows, VariantRows
from dagster_lookml.lineage.source_rows import ScopeRows
from dagster_lookml.lineage.trace import CIRCULAR, Trace, gap, union
from dagster_lookml.semantic.objects import NativeQuery, Text
from dagster_lookml.source import Span
from dagster_lookml.sql.statement import Statement, TableSource
from dagster_lookml.sql.texts import ReadText


class Part(NamedTuple):
    """One statement of a view's SQL in one variant.

    Attributes:
        text: the parameter that it stands in.
        variant: its number among the variants of the text.
        variants: how many there are.
        conditions: of the variant.
        statement: read.
        written: gives the line of the text for each line of the statement; both 1-based.
    """

    text: Text
    variant: int
    variants: int
    conditions: tuple[str, ...]
    statement: Statement
    written: Callable[[int], int]

    def span(self, line: int) -> Span:
        """Where a line of the statement stands in its file."""
        return Span(self.text.span.file, self.text.span.line + self.written(line) - 1, 1)


def parts(texts: Iterable[tuple[Text, ReadText]]) -> Iterator[Part]:
    """Every statement of some texts, in order; of each text every variant."""
    for text, read in texts:
        for number, one in enumerate(read.variants):
            for statement in one.reading.statements:
                yield Part(text, number, len(read.variants), one.variant.conditions, statement, one.variant.line)


def table_rows(found: Sequence[Part], questions: Questions, table: TableFinder, field: FieldFinder) -> Rows:
    """The rows of a ``sql_table_name``: what stands behind FROM (R4.4)."""
    variants: list[tuple[tuple[str, ...], Rows]] = []
    for part in found:
        statement = part.statement
        if statement.result < 0:
            continue
        select = statement.selects[statement.result]
        [first, *more] = select.sources or (None,)
        if isinstance(first, TableSource) and not more and not first.names:
            variants.append((part.conditions, table(statement.tables[first.table])))
        else:
            variants.append((part.conditions, ScopeRows(Resolver(statement, questions, table, field), statement.result)))
    return one_of(variants)


def one_of(variants: Sequence[tuple[tuple[str, ...], Rows]]) -> Rows:
    """The rows of a few variants."""
    if not variants:
        return NoRows("unread-sql", "")
    return variants[0][1] if len(variants) == 1 and not variants[0][0] else VariantRows(variants)


class NativeRows(UnseenRows):
    """The rows of a native derived table: a query of an explore (R5.6-R5.10).

    Args:
        query: of the view.
        questions: that are asked at the moment.
        field: the trace of a field of the explore, down to the warehouse; takes alias and name, where an empty alias means
            the base view's.
        derived: the trace of SQL over the columns of this table.
        below: gives the tables of the explore that it needs.
    """

    def __init__(
        self,
        query: NativeQuery,
        questions: Questions,
        field: Callable[[str, str], Trace],
        derived: Callable[[NativeRows, Text], Trace],
        below: Callable[[], frozenset[str]],
    ) -> None:
        self._questions = questions
        self._field = field
        self._derived = derived
        self._below = below
        self._tables: dict[str, frozenset[str]] = {}
        self._columns = {column.name.lower(): column for column in query.columns}
        self._traces: dict[str, Trace] = {}
        self.names: tuple[str, ...] | None = tuple(self._columns)

    def column(self, path: tuple[str, ...]) -> Trace:
        if not path:
            return union(self.column((name,)) for name in self._columns)
        name = path[0]
        if name not in self._columns:
            return gap("missing-column", name, self.tables)
        return self._questions.answer(self._traces, name, partial(self._trace, name), CIRCULAR)

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

    @property
    def tables(self) -> frozenset[str]:
        return self._questions.answer(self._tables, "", self._below, again=frozenset())
