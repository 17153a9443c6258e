"""What may come from a project that is not here."""

from __future__ import annotations

from typing import Final

import msgspec

from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.refined import models_of
from dagster_lookml.semantic.objects import Explore, Lookup, View

_ABSENT: Final = "what it was inherited from may be in a project that is not here"


def may_inherit_more(one: View | Explore, lookup: Lookup) -> bool:
    """Whether a view or explore may have more than is known: a parent is missing, and an absent project may hold it.

    What no include names gives nothing: a parent that is missing there does not exist (R2.18, R7.16).

    Args:
        one: compiled.
        lookup: finds its models.
    """
    return not one.complete and any(lookup.models[name].missing_projects for name in models_of(one))


def perhaps_inherited(change: Change) -> Change:
    """The change that a part of a view or explore is gone which it may still inherit."""
    return msgspec.structs.replace(change, verdict="unknown", reason=_ABSENT)
