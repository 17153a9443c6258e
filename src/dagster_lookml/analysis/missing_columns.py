"""Columns that fields read and that derived tables do not put out (R5.6, R14.2): what they are, and where they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from dagster_lookml.lineage.ids import field_id
from dagster_lookml.lineage.result import FieldStatus, Lineage
from dagster_lookml.semantic.objects import Field, Text, View
from dagster_lookml.source import Span
from dagster_lookml.sql.texts import has_liquid


class MissingColumn(NamedTuple):
    """A column that a field reads and that is not put out.

    Attributes:
        view: whose field it is.
        field: that reads it, or needs it somewhere on its way down.
        column: its name.
        text: the SQL that names it; None where none does, as where the field has no SQL.
        offset: where in the text.
        is_own: the derived table of the view itself should put it out; otherwise one further down.
        is_named: the field names it itself; otherwise the SQL that its column is made from needs it.
        is_settled: Liquid has no say in what is put out.
    """

    view: View
    field: Field
    column: str
    text: Text | None
    offset: int
    is_own: bool
    is_named: bool
    is_settled: bool

    @property
    def is_sure(self) -> bool:
        """Whoever asks for the field gets an error; no Liquid decides what is read or put out."""
        return self.is_own and self.is_settled and not any(has_liquid(text.value) for text in self.field.sql)


def missing_columns(views: Iterable[View], lineage: Lineage) -> Iterator[MissingColumn]:
    """Every column that a field of some views reads in vain.

    Of a table that has two sources nobody knows which one counts, so nothing is said of its columns.

    Args:
        views: whose fields are looked at.
        lineage: what is known of each.
    """
    known = (view for view in views if view.derived_table is None or len(view.derived_table.sources) < 2)
    return (_missing(*one, lineage) for one in columns_in_gaps(known, lineage.fields, "missing-column"))


def columns_in_gaps(views: Iterable[View], statuses: Mapping[str, FieldStatus], reason: str) -> Iterator[tuple[View, Field, str]]:
    """The columns that could not be traced for one reason, each with the field that needs it and its view.

    Args:
        views: whose fields are looked at.
        statuses: what is known of each field, by its id.
        reason: one of `lineage.trace.REASONS` that is about columns.
    """
    for view in views:
        for field in view.fields:
            status = statuses.get(field_id(view.id, field.own_name))
            for gap in status.gaps if status is not None else ():
                if gap.reason == reason:
                    yield view, field, gap.subject


def _missing(view: View, field: Field, column: str, lineage: Lineage) -> MissingColumn:
    text, offset = mention(field.sql, column)
    is_own = (text is not None or not field.sql) and view.derived_table is not None
    is_put_out = column in put_out(view, lineage)
    is_named = not is_put_out and (text is not None or (not field.sql and column == field.name.lower()))
    if not is_named and (text is None or is_put_out):
        below, at = mention(table_texts(view), column)
        text, offset = (below, at) if below is not None else (text, offset)
    is_settled = not any(has_liquid(text.value) for text in table_texts(view)) or (
        is_named and _settled(view, lineage) is not None
    )
    return MissingColumn(view, field, column, text, offset, is_own, is_named, is_settled)


def put_out(view: View, lineage: Lineage) -> list[str]:
    """The columns that a derived table surely has, as far as they are listed.

    Args:
        view: whose table it is.
        lineage: what is known of it.
    """
    query = view.native_query
    if query is not None:
        return [column.name for column in query.columns]
    return [*(_settled(view, lineage) or (column.name for column in lineage.outputs.get(view.id, ())))]


def _settled(view: View, lineage: Lineage) -> tuple[str, ...] | None:
    """The columns of a derived table that are the same whatever Liquid decides."""
    status = lineage.views.get(view.id)
    return status.outputs if status is not None else None


def table_texts(view: View) -> tuple[Text, ...]:
    """The SQL of a view's derived table, and of the columns that a native one derives."""
    table = view.derived_table
    if table is None:
        return ()
    derived = (column.sql for column in table.explore_source.columns) if table.explore_source is not None else ()
    return tuple(one for one in (table.sql, *table.statements, *derived) if one is not None)


def mention(texts: Iterable[Text], column: str, *, is_bare: bool = False) -> tuple[Text | None, int]:
    """The first text that names a column, and where in it; None and 0 where none does.

    Args:
        texts: that are looked through.
        column: its name.
        is_bare: only where no table stands before it.
    """
    pattern = re.compile(rf"(?<![\w${'.' if is_bare else ''}]){re.escape(column)}(?![\w$])", re.IGNORECASE)
    for text in texts:
        found = pattern.search(text.value)
        if found is not None:
            return text, found.start()
    return None, 0


def on_line(view: View, column: str, line: Span) -> tuple[Text | None, int]:
    """Where the SQL of a view's derived table names a column on a line; None and 0 where it cannot be told.

    Args:
        view: whose table it is.
        column: its name.
        line: of the file.
    """
    for text in table_texts(view):
        lines = text.value.split("\n")
        number = line.line - text.span.line
        if text.span.file == line.file and 0 <= number < len(lines):
            found, at = mention((Text(text.parameter, lines[number], line),), column)
            if found is not None:
                return text, sum(len(one) + 1 for one in lines[:number]) + at
    return None, 0
