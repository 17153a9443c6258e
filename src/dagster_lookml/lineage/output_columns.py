"""The columns that a persistent derived table has in the warehouse, and what each is made of."""

from __future__ import annotations

from collections.abc import Iterator

from dagster_lookml.lineage.ids import field_id
from dagster_lookml.lineage.result import OutputColumn
from dagster_lookml.lineage.trace import Trace
from dagster_lookml.lineage.tracing import Tracer
from dagster_lookml.semantic.objects import View


def output_columns(tracer: Tracer) -> Iterator[tuple[str, tuple[OutputColumn, ...]]]:
    """The columns of each persistent derived table whose columns are known, by the id of its view.

    A view that several models build differently is described as the first of them builds it.

    Args:
        tracer: of the project.
    """
    for view in tracer.project.views:
        if view.derived_table is not None and view.derived_table.persistence is not None:
            columns = tuple(_columns(tracer, view))
            if columns:
                yield view.id, columns


def _columns(tracer: Tracer, view: View) -> Iterator[OutputColumn]:
    rows = tracer.tables.rows(view, tracer.tables.world_of(view))
    for name in rows.names or ():
        try:
            trace = rows.column((name,))
        except RecursionError:
            trace = Trace()
        reads = {(origin.column, origin.table, ".".join(origin.path)) for origin in trace.columns}
        for one in trace.fields:
            field = tracer.fields.declared(one.view)[one.field].own_name
            reads.add((field_id(one.view, field), one.view, field))
        exact = all(origin.exact for origin in trace.columns) and all(one.exact for one in trace.fields)
        yield OutputColumn(name, tuple(sorted(reads)), exact)
