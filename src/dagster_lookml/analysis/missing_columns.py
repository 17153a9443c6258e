"""Columns that fields read and that derived tables do not put out (R5.6, R14.2): what they are, and where they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from dagster_lookml.lineage.ids import field_id
from dagster_lookml.lineage.result import FieldStatus
from dagster_lookml.semantic.objects import Field, Text, View


class MissingColumn(NamedTuple):
    """A column that a field reads and that is not put out.

    Attributes:
        view: whose field it is.
        field: that reads it, or needs it somewhere on its way down.
        column: its name.
        text: the SQL that names it; None where none does, as where the field has no SQL.
        offset: where in the text.
        is_own: the derived table of the view itself should put it out; otherwise one further down.
    """

    view: View
    field: Field
    column: str
    text: Text | None
    offset: int
    is_own: bool

    @property
    def is_sure(self) -> bool:
        """Whoever asks for the field gets an error; no Liquid decides what is read or put out."""
        return self.is_own and not has_liquid((*self.field.sql, *table_texts(self.view)))


def missing_columns(views: Iterable[View], statuses: Mapping[str, FieldStatus]) -> Iterator[MissingColumn]:
    """Every column that a field of some views reads in vain.

    Args:
        views: whose fields are looked at.
        statuses: what is known of each field, by its id.
    """
    return (_missing(*one) for one in columns_in_gaps(views, statuses, "missing-column"))


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


def _missing(view: View, field: Field, column: str) -> MissingColumn:
    text, offset = mention(field.sql, column)
    is_own = (text is not None or not field.sql) and view.derived_table is not None
    if text is None and field.sql:
        text, offset = mention(table_texts(view), column)
    return MissingColumn(view, field, column, text, offset, is_own)


def table_texts(view: View) -> tuple[Text, ...]:
    """The SQL of a view's derived table."""
    table = view.derived_table
    return tuple(one for one in (table.sql, *table.statements) if one is not None) if table is not None else ()


def has_liquid(texts: Iterable[Text]) -> bool:
    """Tell whether Liquid decides anything in some SQL."""
    return any("{%" in text.value or "{{" in text.value for text in texts)


def mention(texts: Iterable[Text], column: str) -> tuple[Text | None, int]:
    """The first text that names a column, and where in it; None and 0 where none does."""
    pattern = re.compile(rf"(?<![\w$]){re.escape(column)}(?![\w$])", re.IGNORECASE)
    for text in texts:
        found = pattern.search(text.value)
        if found is not None:
            return text, found.start()
    return None, 0
