"""What a derived table puts out, and of which tables it takes whatever they have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dagster_lookml.lineage.rows import Rows, VariantRows, inner_rows
from dagster_lookml.lineage.script_rows import ScriptRows
from dagster_lookml.lineage.worlds import World
from dagster_lookml.lineage.written import asks_where_used, table_texts
from dagster_lookml.semantic.objects import View
from dagster_lookml.sql.placeholders import has_unknown
from dagster_lookml.sql.statement import (
    UNQUALIFIED,
    PivotSource,
    QuerySource,
    Select,
    Source,
    Star,
    Statement,
    TableRead,
    TableSource,
)

if TYPE_CHECKING:
    from dagster_lookml.lineage.tracing import Tracer


def settled_names(tracer: Tracer, view: View, worlds: Iterable[World]) -> tuple[str, ...] | None:
    """The columns of a derived table, where they are known and the same whatever Liquid decides; None otherwise.

    Args:
        tracer: of the project.
        view: with a derived table.
        worlds: in which it means different things.
    """
    found: set[tuple[str, ...] | None] = set()
    for world in worlds:
        reads = [tracer.tables.read(text, form, view, world) for text, form in table_texts(view)]
        is_read = all(read.fault is None and read.liquid_fault is None for read in reads)
        found.add(names_of(tracer.tables.rows(view, world)) if is_read else None)
    return found.pop() if len(found) == 1 and not asks_where_used(view) else None


def names_of(rows: Rows | None) -> tuple[str, ...] | None:
    """The columns of some rows, where they are known and the same whatever Liquid decides; None otherwise."""
    rows = inner_rows(rows)
    if isinstance(rows, ScriptRows):
        rows = inner_rows(rows.results)
    if isinstance(rows, VariantRows):
        variants = {frozenset(names) if (names := names_of(one)) is not None else None for _, one in rows.variants}
        if len(variants) > 1:
            return None
    names = rows.names if rows is not None else None
    return None if names is None or any(map(has_unknown, names)) else names


def starred_tables(statement: Statement) -> Iterator[TableRead]:
    """The tables of which a statement puts out every column by ``*``, whatever these are.

    Args:
        statement: read.
    """
    waiting, seen = [statement.result], {-1}
    while waiting:
        number = waiting.pop()
        if number in seen:
            continue
        seen.add(number)
        select = statement.selects[number]
        waiting += select.branches
        for source in _starred(select):
            if isinstance(source, TableSource):
                yield statement.tables[source.table]
            elif isinstance(source, QuerySource | PivotSource):
                waiting.append(source.select)


def _starred(select: Select) -> Iterator[Source]:
    for star in select.outputs:
        if isinstance(star, Star) and star.column is None:
            yield from select.sources if star.source == UNQUALIFIED else (select.sources[star.source],)
