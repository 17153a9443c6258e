"""What refinements say that have no base here: the parameters that they write, and not the defaults of LookML."""

from __future__ import annotations

from typing import Final

from dagster_lookml.analysis.diff.aspect import Aspects

_DEFAULTS: Final = {
    "custom_timeframes": ("custom_timeframes",),
    "hidden": ("hidden",),
    "intervals": ("intervals",),
    "primary_key": ("primary_key",),
    "relationship": ("relationship",),
    "sql": ("sql",),
    "sql_table_name": ("sql_table_name",),
    "timeframes": ("timeframes",),
    "type": ("type",),
    "view": ("from", "view_name"),
    "view_name": ("view_name",),
}
"""Aspects that have a value where nobody writes one, each with the parameters that give it another."""


def as_written(aspects: Aspects, written: tuple[str, ...] | None) -> Aspects:
    """The aspects of something without those that its base may decide.

    Args:
        aspects: with the defaults of LookML.
        written: the keys of its parameters; None for what is known whole, whose defaults hold.
    """
    if written is None:
        return aspects
    return {name: one for name, one in aspects.items() if name not in _DEFAULTS or set(_DEFAULTS[name]) & set(written)}
