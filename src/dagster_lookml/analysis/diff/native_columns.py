"""Columns that the query of a native derived table has no more, and what that does to its rows (R5.6)."""

from __future__ import annotations

from typing import Literal, NamedTuple

from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.semantic.objects import View


class Dropped(NamedTuple):
    """A column that is gone.

    Attributes:
        name: its name.
        kind: rows were grouped by a dimension; a measure, or what was derived from other columns, only stood beside them; what a
            name is that leads nowhere is not known.
    """

    name: str
    kind: Literal["dimension", "beside", "unknown"]


def dropped(change: Change, view: View, base: State) -> Dropped | None:
    """The column that a change of a view takes away, if it is such a change.

    Args:
        change: of any parameter.
        view: in the base.
        base: the state before.
    """
    word, _, name = change.property.partition(" ")
    query = view.derived_table.explore_source if view.derived_table is not None else None
    if query is None or change.new is not None or change.old is None or word not in ("column", "derived_column"):
        return None
    if word == "derived_column":
        return Dropped(name, "beside")
    _, field = base.asked_fields(view, query).get(change.old, ("", None))
    if field is None:
        return Dropped(name, "unknown")
    return Dropped(name, "beside" if field.kind == "measure" else "dimension")
