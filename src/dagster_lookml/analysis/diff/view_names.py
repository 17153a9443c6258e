"""Whether anything still calls a view by the name that it had."""

from __future__ import annotations

from dagster_lookml.analysis.diff.state import State
from dagster_lookml.semantic.objects import View


def is_called_no_more(old: View, new: View, base: State, head: State) -> bool:
    """Whether a view had a use here, and every use of it has followed its new name.

    People and tiles know its fields by the aliases of explores (R6.2), whose changes are told of by themselves. A PDT is known by
    the name of its view (R5.13); and what nothing here uses may be there for a project that imports this one.

    Args:
        old: the view in the base.
        new: it in the head, under another name.
        base: the state before.
        head: the state after.
    """
    if old.is_pdt or new.is_pdt or old.name in head.called_views:
        return False
    return old.id in base.reach.seats or old.name in base.called_views
