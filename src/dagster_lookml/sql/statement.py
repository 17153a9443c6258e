"""What one SQL statement says about tables and columns: a small, frozen form of its scopes, that a cache can keep.

It is symbolic: a column that several tables may have, and a ``*`` of a table whose columns nobody here knows, stay open, to be
settled by whoever knows more. Names of columns are in lower case, as no dialect of interest tells columns apart by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

UNQUALIFIED: Final = -1
"""The `ColumnUse.source` of a column that is written without its table."""
OWN: Final = "${TABLE}"
"""The name of the table that ``${TABLE}`` stands for."""
BASE: Final = "lkml_base"
"""Stands for what an explore has joined before, in SQL that replaces a JOIN clause (R6.8)."""
BUILT: Final = "${SQL_TABLE_NAME}"
"""The name of the table that a ``create_process`` builds (R4.27)."""


class ColumnUse(msgspec.Struct, frozen=True, array_like=True, tag=0, gc=False):
    """A mention of a column.

    Attributes:
        select: the scope in which it is looked up first.
        source: number of a source of that scope, or `UNQUALIFIED`.
        path: its name and the struct fields below it; empty for a whole row or a whole element of an array.
        line: 1-based, in the statement.
    """

    select: int
    source: int
    path: tuple[str, ...]
    line: int


class FieldUse(msgspec.Struct, frozen=True, array_like=True, tag=1, gc=False):
    """A mention of a LookML field: ``${field}`` or ``${view.field}``."""

    view: str | None
    field: str
    line: int


class QueryUse(msgspec.Struct, frozen=True, array_like=True, tag=2, gc=False):
    """A subquery inside an expression: what it puts out and what it reads otherwise; `line` is that of its first name."""

    select: int
    line: int = 1


Use = ColumnUse | FieldUse | QueryUse


class TableSource(msgspec.Struct, frozen=True, array_like=True, tag=0, gc=False):
    """A table in FROM: number `table` of the statement; `names` renames its columns in order."""

    alias: str
    table: int
    names: tuple[str, ...] = ()


class QuerySource(msgspec.Struct, frozen=True, array_like=True, tag=1, gc=False):
    """A subquery or CTE in FROM."""

    alias: str
    select: int
    names: tuple[str, ...] = ()


class ElementSource(msgspec.Struct, frozen=True, array_like=True, tag=2, gc=False):
    """The elements of an array: UNNEST, FLATTEN, LATERAL VIEW, or rows that a function makes of its arguments.

    Attributes:
        uses: what the array is made of.
        plain: it is one column and nothing more, so that fields of an element are struct fields below it.
        names: the columns that it has, if they have names of their own; a name there is the element itself.
        closed: it has the columns of `names` and no others.
        counters: columns that count and read nothing.
    """

    alias: str
    uses: tuple[Use, ...]
    plain: bool
    names: tuple[str, ...] = ()
    closed: bool = False
    counters: tuple[str, ...] = ()


class PivotSource(msgspec.Struct, frozen=True, array_like=True, tag=3, gc=False):
    """PIVOT or UNPIVOT of another source of a scope of its own.

    Attributes:
        select: a scope whose only source is what is turned.
        made: columns that come of it, each with what it is made of.
        consumed: columns of the source that are gone.
    """

    alias: str
    select: int
    made: tuple[tuple[str, tuple[Use, ...]], ...]
    consumed: tuple[str, ...]
    names: tuple[str, ...] = ()


class ModelSource(msgspec.Struct, frozen=True, array_like=True, tag=4, gc=False):
    """A machine-learning function such as ``ML.PREDICT(MODEL m, (SELECT ...))``.

    Attributes:
        table: number of the model among the tables; -1 if none is named.
        select: the rows it is applied to, whose columns it passes on; -1 if there are none.
    """

    alias: str
    table: int
    select: int


Source = TableSource | QuerySource | ElementSource | PivotSource | ModelSource


class Output(msgspec.Struct, frozen=True, array_like=True, tag=0, gc=False):
    """A column that a SELECT puts out; `plain` if it is a column and nothing more, so that its struct fields go on."""

    name: str
    uses: tuple[Use, ...]
    plain: bool = False


class Star(msgspec.Struct, frozen=True, array_like=True, tag=1, gc=False):
    """``*``, ``t.*`` or ``t.struct.*``.

    Attributes:
        source: number of the source, or `UNQUALIFIED` for all.
        column: the struct column whose fields are meant, if it is one.
        without: names that are left out.
    """

    source: int
    column: ColumnUse | None = None
    without: tuple[str, ...] = ()


class Select(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One scope: a SELECT, or a set operation over `branches`.

    Attributes:
        parent: the scope around it, for what it may take from there; -1 for none.
        reads: columns that are read and not put out: conditions, joins, grouping, order.
        shared: names in USING, that stand for a column of both sides.
        names: what a CTE or an alias renames the outputs to, in order.
        lateral_aliases: an output may be used by name in those after it.
    """

    parent: int
    sources: tuple[Source, ...] = ()
    outputs: tuple[Output | Star, ...] = ()
    reads: tuple[Use, ...] = ()
    branches: tuple[int, ...] = ()
    shared: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    lateral_aliases: bool = False


TableKind = Literal["table", "view", "own", "built", "model"]


class TableRead(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A table that a statement names.

    Attributes:
        kind: a table of the warehouse; ``${view.SQL_TABLE_NAME}``; ``${TABLE}``; ``${SQL_TABLE_NAME}``; or a model for ML.
        parts: its normalised name, database first; of a view its name alone.
        written: for people.
        line: 1-based, in the statement.
    """

    kind: TableKind
    parts: tuple[str, ...]
    written: str
    line: int


class Statement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One statement.

    Attributes:
        tables: that it reads.
        selects: its scopes.
        result: the scope that gives its rows; -1 if it gives none.
        target: the table that it writes, or does away with.
        uses: fields that it mentions where no expression stands, such as in a name.
        columns: of the table that it writes, where it lists them.
        variables: that it declares, for those behind it.
        anew: nothing that was in the target before is in it afterwards.
    """

    tables: tuple[TableRead, ...] = ()
    selects: tuple[Select, ...] = ()
    result: int = -1
    target: TableRead | None = None
    uses: tuple[Use, ...] = ()
    columns: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    anew: bool = False


def uses_of(select: Select) -> Iterator[Use]:
    """Everything that one scope mentions."""
    for output in select.outputs:
        if isinstance(output, Output):
            yield from output.uses
        elif output.column is not None:
            yield output.column
    yield from select.reads
    for source in select.sources:
        if isinstance(source, ElementSource):
            yield from source.uses


def uses_in(statement: Statement) -> Iterator[Use]:
    """Everything that a statement mentions, in all its scopes."""
    yield from statement.uses
    for select in statement.selects:
        yield from uses_of(select)
