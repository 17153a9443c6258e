"""Columns that the SQL of a derived table names and that what it reads surely does not have: no query of it succeeds (R5.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from dagster_lookml.lineage.put_out import names_of
from dagster_lookml.lineage.result import LackingColumn
from dagster_lookml.lineage.script_rows import ScriptRows
from dagster_lookml.lineage.worlds import World
from dagster_lookml.semantic.objects import View
from dagster_lookml.sql.placeholders import has_unknown
from dagster_lookml.sql.statement import (
    UNQUALIFIED,
    ColumnUse,
    ModelSource,
    Output,
    PivotSource,
    QuerySource,
    QueryUse,
    Select,
    Source,
    Statement,
    TableSource,
    uses_of,
)
from dagster_lookml.sql.texts import has_liquid

if TYPE_CHECKING:
    from dagster_lookml.lineage.resolving import Resolver
    from dagster_lookml.lineage.tracing import Tracer

_CONDITION: Final = re.compile(r"\{%-?\s*condition\b.*?\{%-?\s*endcondition\b.*?%\}", re.DOTALL)


def lacking_columns(tracer: Tracer, world: World, rows: ScriptRows) -> Iterator[LackingColumn]:
    """The columns that the statements of a derived table name in vain, whoever asks and whatever for.

    Nothing is said where Liquid has a say, but for the conditions of templated filters, whose own text is left out.

    Args:
        tracer: of the project.
        world: of the model that sees the view.
        rows: of the view.
    """
    for part, resolver in rows.resolvers:
        if part.variants > 1 or part.statement.result < 0 or not _all_known(tracer, world, part.statement):
            continue
        plain = _CONDITION.sub("", part.text.value)
        if has_liquid(plain):
            continue
        found = _Lacking(resolver)
        for number, select in enumerate(part.statement.selects):
            for use in uses_of(select):
                if isinstance(use, ColumnUse) and (table := found.table(use, number)) is not None and _is_named(plain, use):
                    yield LackingColumn(use.path[0], table, part.span(use.line))


def _all_known(tracer: Tracer, world: World, statement: Statement) -> bool:
    """Whether nothing that is not here can give the views that a statement reads another table."""
    names = [read.parts[0] for read in statement.tables if read.kind == "view"]
    return all((view := tracer.lookup.view(world.name, name)) is not None and _is_known(view) for name in names)


def _is_known(view: View) -> bool:
    return view.complete and (view.derived_table is None or len(view.derived_table.sources) == 1)


def _is_named(sql: str, use: ColumnUse) -> bool:
    """Whether a column stands in a text as a name, and not between quotes that may be those of a string."""
    if has_unknown(use.path[0]):
        return False
    quotes = "\"'" if use.source == UNQUALIFIED else "'"
    return re.search(rf"(?<![\w${quotes}]){re.escape(use.path[0])}(?![\w${quotes}])", sql, re.IGNORECASE) is not None


class _Lacking:
    """Finds the table that does not have a column.

    Args:
        resolver: of the statement.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._selects = resolver.statement.selects

    def table(self, use: ColumnUse, number: int) -> str | None:
        """The table that a column should be of and surely is not, as the statement calls it; None where it may have it.

        Args:
            use: of the column.
            number: of the scope that it stands in.
        """
        if not use.path:
            return None
        name = use.path[0]
        if use.source != UNQUALIFIED:
            source = self._selects[use.select].sources[use.source]
            return source.alias if self._lacks(use.select, use.source, name, number) else None
        if len(use.path) > 1 or self._resolver.is_variable(name) or not self._selects[use.select].sources:
            return None  # what stands before a dot may be a table
        at = use.select
        while at >= 0:
            select = self._selects[at]
            every = range(len(select.sources))
            if _is_alias(select, name) or not all(self._lacks(at, one, name, number) for one in every):
                return None
            at = select.parent
        return "` and `".join(source.alias for source in self._selects[use.select].sources)

    def _lacks(self, number: int, source: int, name: str, within: int) -> bool:
        one = self._selects[number].sources[source]
        rows = self._resolver.source(number, source)
        if rows.has(name) is not False:
            return False
        names = names_of(rows)
        return names is not None and "" not in names and name not in names and self._is_telling(one, within)

    def _is_telling(self, source: Source, within: int) -> bool:
        """A view's table, or a query that does not hold the place where it is read: that may be a table of the same name."""
        if isinstance(source, TableSource):
            return self._resolver.statement.tables[source.table].kind == "view" and not source.names
        return isinstance(source, QuerySource) and within not in self._below(source.select)

    def _below(self, number: int) -> frozenset[int]:
        """A scope and all that it is made of."""
        waiting, seen = [number], set[int]()
        while waiting:
            at = waiting.pop()
            if at >= 0 and at not in seen:
                seen.add(at)
                waiting += _parts_of(self._selects[at])
        return frozenset(seen)


def _parts_of(select: Select) -> Iterable[int]:
    yield from select.branches
    yield from (one.select for one in select.sources if isinstance(one, QuerySource | PivotSource | ModelSource))
    yield from (use.select for use in uses_of(select) if isinstance(use, QueryUse))


def _is_alias(select: Select, name: str) -> bool:
    """Whether a scope gives the name to something: a table, or an output that is not that very column."""
    if any(source.alias == name for source in select.sources):
        return True
    outputs = (one for one in select.outputs if isinstance(one, Output) and one.name == name)
    return any(not any(isinstance(use, ColumnUse) and use.path == (name,) for use in one.uses) for one in outputs)
