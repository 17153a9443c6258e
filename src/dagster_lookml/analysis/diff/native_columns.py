"""Columns that the query of a native derived table has more or less, and what that does to its rows (R5.6)."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.diff.needs import names_in_native
from dagster_lookml.analysis.diff.scoped import sources_of
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.lineage.written import table_texts
from dagster_lookml.semantic.objects import View
from dagster_lookml.semantic.references import live_references

BESIDE: Final = "it only stands beside the rows, which are what they were"


class Column(NamedTuple):
    """A column that is new, or gone.

    Attributes:
        name: its name.
        kind: rows are grouped by a dimension; a measure, or what is derived from other columns, only stands beside them; what a
            name is that leads nowhere is not known.
    """

    name: str
    kind: Literal["dimension", "beside", "unknown"]


def dropped(change: Change, view: View, base: State) -> Column | None:
    """The column that a change of a view takes away, if it is such a change.

    Args:
        change: of any parameter.
        view: in the base.
        base: the state before.
    """
    return _column(change.property, change.old, view, base) if change.new is None and change.old is not None else None


def leaves_rows(change: Change, old: View, new: View, base: State, head: State) -> bool:
    """Whether a change of a native derived table gives it a column beside its rows, or takes one that no SQL may read.

    Args:
        change: of any parameter.
        old: the view in the base.
        new: it in the head.
        base: the state before.
        head: the state after.
    """
    column = dropped(change, old, base)
    if column is None and change.old is None and change.new is not None:
        column = _column(change.property, change.new, new, head)
    if column is None or column.kind != "beside" or _joined(old, base) != _joined(new, head) or _keeps_some(new):
        return False
    return change.old is None or not _may_be_read(column.name, new, head)


def _column(parameter: str, value: str, view: View, state: State) -> Column | None:
    word, _, name = parameter.partition(" ")
    query = view.native_query
    if query is None or word not in ("column", "derived_column"):
        return None
    if word == "derived_column":
        return Column(name, "beside")
    _, field = state.asked_fields(view, query).get(value, ("", None))
    if field is None:
        return Column(name, "unknown")
    return Column(name, "beside" if field.kind == "measure" else "dimension")


def _joined(view: View, state: State) -> set[frozenset[str]]:
    """The views that a native derived table joins, in each model: another join may repeat rows, or leave some out (R6.13)."""
    query = view.native_query
    if query is None:
        return set()
    return {state.needs(one).aliases(names_in_native(query)) for one in sources_of(view, state.lookup)}


def _keeps_some(view: View) -> bool:
    """Whether a limit keeps rows in an order that nothing says, which may be that of a measure."""
    query = view.native_query
    return query is not None and not query.sorts and "limit" in dict(query.properties)


def _may_be_read(column: str, view: View, state: State) -> bool:
    """Whether SQL that reads the table of a view has the name of a column in it, or all columns."""
    if view.name not in state.called_views:
        return False
    named = re.compile(rf"\b{re.escape(column)}\b|\*", re.IGNORECASE)
    texts = (text.value for one in state.lookup.project.views for text, _ in table_texts(one))
    reading = (text for text in texts if any(one.is_table and one.view == view.name for one in live_references(text)))
    return any(named.search(text) for text in reading)
