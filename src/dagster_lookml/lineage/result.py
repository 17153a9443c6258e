"""What tracing gives: the graph, and how far each field and view was traced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from dagster_lookml.lineage.graph import Graph
from dagster_lookml.lineage.trace import Gap
from dagster_lookml.source import Span

_TABLE_LEVEL: Final = frozenset({"table", "view", "explore", "dashboard", "dbt"})


class FieldStatus(msgspec.Struct, frozen=True, gc=False):
    """What is known of one field with SQL.

    Attributes:
        reads_columns: it reads some column itself.
        exact: all of these for sure.
        fields: ids of the fields that it reads.
        tables: ids of tables that it reads in a way that tells no column.
        gaps: what could not be told.
    """

    reads_columns: bool
    exact: bool
    fields: tuple[str, ...]
    tables: tuple[str, ...]
    gaps: tuple[Gap, ...]


class LackingColumn(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A column that the SQL of a derived table names, and that what it reads does not have.

    Attributes:
        name: of the column.
        table: the alias of the table that should have it; of several any, with "` and `" between them.
        span: the line that names it.
    """

    name: str
    table: str
    span: Span


class ViewStatus(msgspec.Struct, frozen=True, gc=False):
    """What is known of one view.

    Attributes:
        has_table: it reads a table at all, and is no template, no nested record and no mere list of fields.
        tables: ids of the warehouse tables that it reads, itself or through other views.
        gaps: what could not be told.
        outputs: the columns of its derived table, where they are known and the same whatever Liquid decides; else None.
        starred: the tables of which its derived table keeps every column, whatever these are: as written, and the line.
        lacking: the columns that the SQL of its derived table names in vain, whatever Liquid decides: no query of it succeeds.
    """

    has_table: bool
    tables: tuple[str, ...]
    gaps: tuple[Gap, ...]
    outputs: tuple[str, ...] | None = None
    starred: tuple[tuple[str, Span], ...] = ()
    lacking: tuple[LackingColumn, ...] = ()


class OutputColumn(msgspec.Struct, frozen=True, gc=False):
    """A column that a persistent derived table has in the warehouse.

    Attributes:
        name: as the table has it.
        reads: the columns, and in a native derived table the fields, that it is made of: the id of each, the id of its table or
            view, and its name there.
        exact: all of these for sure.
    """

    name: str
    reads: tuple[tuple[str, str, str], ...]
    exact: bool


class Build(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One table that Looker builds for one model.

    Attributes:
        model: its name.
        owner: id of the persistent view, or of the explore that has the aggregate table.
        name: of the aggregate table; empty for a view.
        pdts: ids of the persistent views whose tables it reads, itself or through temporary ones; sorted, as all of these.
        tables: ids of the warehouse tables that it reads in the same way.
        trigger_pdts: ids of the persistent views whose tables the SQL of its trigger reads.
        trigger_tables: ids of the warehouse tables that this SQL reads.
        through: ids of the temporary and plain views between it and these.
        circles: the groups of those among them that read each other, or one that reads itself: nothing can be built of these.
    """

    model: str
    owner: str
    name: str
    pdts: tuple[str, ...]
    tables: tuple[str, ...]
    trigger_pdts: tuple[str, ...]
    trigger_tables: tuple[str, ...]
    through: tuple[str, ...] = ()
    circles: tuple[tuple[str, ...], ...] = ()


class UnreadSql(msgspec.Struct, frozen=True, gc=False):
    """An SQL parameter that could not be read, whole or in one variant.

    Attributes:
        owner: id of the view or explore that it belongs to.
        parameter: its name.
        span: where it stands.
        reason: what stopped the reading.
    """

    owner: str
    parameter: str
    span: Span
    reason: str


class SqlStatus(msgspec.Struct, frozen=True):
    """How much of the SQL could be read.

    Attributes:
        parameters: how many SQL parameters there are that are not empty.
        unread: those that could not be read.
        liquid: those whose Liquid is wrong, so that it was looked through in place of being followed.
    """

    parameters: int
    unread: tuple[UnreadSql, ...]
    liquid: tuple[UnreadSql, ...] = ()


class Lineage(msgspec.Struct, frozen=True):
    """The lineage of a project.

    Attributes:
        graph: with columns, fields and tiles.
        fields: how far each field with SQL of an included view was traced, by id.
        views: how far each included view was.
        sql: how much of the SQL could be read.
        outputs: the columns of persistent derived tables, by the id of their views, where they are known.
        builds: what each table that Looker builds is made from, in each model.
    """

    graph: Graph
    fields: Mapping[str, FieldStatus]
    views: Mapping[str, ViewStatus]
    sql: SqlStatus
    outputs: Mapping[str, tuple[OutputColumn, ...]]
    builds: tuple[Build, ...]

    @property
    def tables(self) -> Graph:
        """The graph of tables, views, explores and dashboards, without what these are made of."""
        return self.graph.part(identity for identity, node in self.graph.nodes.items() if node.kind in _TABLE_LEVEL)
