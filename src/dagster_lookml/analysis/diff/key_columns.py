"""Columns by which a PDT is sorted, divided or indexed, and that it does not put out: it cannot be built (R5.12)."""

from __future__ import annotations

import msgspec

from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.diff.views import PHYSICAL
from dagster_lookml.analysis.listing import listed
from dagster_lookml.semantic.objects import View


def judged_by_key_columns(change: Change, base: State, head: State, old: View, new: View) -> Change:
    """A change of a table, or of what it is kept by, that breaks if a column is named which the table does not put out.

    Args:
        change: of a view.
        base: the state before.
        head: the state after.
        old: the view in the base.
        new: it in the head.
    """
    is_key = change.property in PHYSICAL
    if not new.is_pdt or not (is_key or change.property.startswith("derived_table.")):
        return change
    had = base.unknown_keys(old)
    lacking = {name: key for name, key in head.unknown_keys(new).items() if name not in had}
    found = {name: key for name, key in lacking.items() if key == change.property or not is_key}
    if not found:
        return change
    columns = f"the column {listed(list(found))}" if len(found) == 1 else f"the columns {listed(list(found))}"
    reason = f"{listed(sorted(set(found.values())))} names {columns}, which its table does not put out"
    return msgspec.structs.replace(change, verdict="breaking", reason=reason)
