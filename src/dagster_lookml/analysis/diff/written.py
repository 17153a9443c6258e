"""What refinements say that have no base here: the parameters that they write, and not the defaults of LookML."""

from __future__ import annotations

from typing import Final

from dagster_lookml.analysis.diff.aspect import METADATA, Aspect, Aspects, Nature

_DEFAULTS: Final = {
    "intervals": ("intervals",),
    "relationship": ("relationship",),
    "sql": ("sql",),
    "sql_table_name": ("sql_table_name",),
    "timeframes": ("timeframes",),
    "type": ("type",),
    "view": ("from", "view_name"),
    "view_name": ("view_name",),
}
"""Aspects that have a value where nobody writes one, each with the parameters that give it another."""
_YES_OR_NO: Final = ("hidden", "primary_key")
"""Parameters whose ``no`` is the default, and says something all the same over a base that says ``yes``."""


def as_written(aspects: Aspects, written: tuple[str, ...] | None) -> Aspects:
    """The aspects of something without those that its base may decide.

    Args:
        aspects: with the defaults of LookML.
        written: the keys of its parameters; None for what is known whole, whose defaults hold.
    """
    if written is None:
        return aspects
    found = {name: one for name, one in aspects.items() if name not in _DEFAULTS or set(_DEFAULTS[name]) & set(written)}
    for name in _YES_OR_NO:
        if name in written and name not in found:
            nature: Nature = "metadata" if name in METADATA else "numbers"
            found[name] = Aspect(name=name, items=("no",), nature=nature)
    return found
