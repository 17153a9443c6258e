"""How far fields and views were traced."""

from __future__ import annotations

import msgspec

from dagster_lookml.lineage.trace import Gap


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


class ViewStatus(msgspec.Struct, frozen=True, gc=False):
    """What is known of one view.

    Attributes:
        has_table: it reads a table at all, and is no template, no nested record and no mere list of fields.
        tables: ids of the warehouse tables that it reads, itself or through other views.
        gaps: what could not be told.
        statements: how many SQL texts make its table, each variant counted.
        unread: how many of them could not be read.
    """

    has_table: bool
    tables: tuple[str, ...]
    gaps: tuple[Gap, ...]
