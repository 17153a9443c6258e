"""Whether nobody here misses a view, or the name that it had."""

from __future__ import annotations

from typing import Final

from dagster_lookml.analysis.diff.rows import Rows
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.semantic.objects import View

UNUSED: Final = "nothing here uses this view; another project that imports this one may"
_FOLLOWED: Final = "whatever uses it here has followed; people and tiles call its fields by the aliases of explores"
_NO_MORE: Final = "its table is built no more"
_ANEW: Final = "its table is built anew under another name"


def not_missed(old: View, new: View | None, base: State, head: State, rows: Rows) -> str | None:
    """Why nobody here misses a view by the name that it had; None if somebody may.

    A PDT that is published as a view of the warehouse is called there by its name (R5.13), and read by nobody knows whom.

    Args:
        old: the view in the base.
        new: it in the head, under another name; None where it is gone.
        base: the state before.
        head: the state after.
        rows: of the base.
    """
    if old.name in head.called_views or is_published(old):
        return None
    if is_unused(old, base, rows) and not _is_read_still(old, head, rows):
        reason = UNUSED
    elif new is not None and (old.id in base.reach.seats or old.name in base.called_views):
        reason = _FOLLOWED
    else:
        return None
    built = _NO_MORE if new is None else _ANEW
    return f"{reason}; {built}" if old.is_pdt else reason


def is_unused(view: View, state: State, rows: Rows) -> bool:
    """Whether no explore comes to a view in any way (R3.10), though there are explores: without any they are elsewhere.

    Args:
        view: it.
        state: that has it.
        rows: of the state.
    """
    explores = (state.lookup.explores[one] for model in view.models for one in state.lookup.models[model].explores)
    if all(one.extension_required for one in explores):
        return False
    return all(one.node.kind == "view" for one in rows.felt_by(view.id))


def is_published(view: View) -> bool:
    """Whether a PDT is also a view of the warehouse whose name others may know."""
    return view.derived_table is not None and dict(view.derived_table.properties).get("publish_as_db_view") == "yes"


def _is_read_still(view: View, head: State, rows: Rows) -> bool:
    """Whether a PDT that was made of a view is still there."""
    return any(one.node.id in head.pdts for one in rows.felt_by(view.id) if one.path)
