"""Which fields an explore offers: sets, and the ``fields`` of joins and of the explore itself (R4.37-R4.40)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from dagster_lookml.semantic.objects import Explore, Field, Reference, View

ALL_FIELDS: Final = "ALL_FIELDS*"
MAX_SETS: Final = 50
"""Sets inside sets; a set that holds itself adds nothing the second time."""


def aliases(explore: Explore) -> dict[str, str | None]:
    """The view id behind each alias of an explore, base first; None where the model does not have the view (R6.1, R6.2)."""
    found: dict[str, str | None] = {explore.base_alias: explore.base_view}
    for join in explore.joins:
        found.setdefault(join.name, join.view)
    return found


def available_fields(
    explore: Explore, views: Mapping[str, View], names: Mapping[str, Mapping[str, Field]]
) -> dict[str, frozenset[str]]:
    """The names that a user can pick, by alias.

    Args:
        explore: whose fields are asked for.
        views: by id.
        names: for each view id, every name of its fields.

    Returns:
        For every alias whose view is known, the names that are left after the joins' lists and then the explore's own.
    """
    chosen: dict[str, frozenset[str]] = {}
    joins = {join.name: join for join in explore.joins}
    for alias, view_id in aliases(explore).items():
        if view_id is None:
            continue
        chosen[alias] = frozenset(names[view_id])
        join = joins.get(alias)
        if join is not None and join.fields is not None and alias != explore.base_alias:
            chosen[alias] &= _join_list(join.fields, alias, views[view_id], names[view_id])
    if explore.fields is None:
        return chosen
    return _explore_list(explore.fields, chosen, {alias: view for alias, view in aliases(explore).items() if view}, views, names)


def _join_list(entries: Sequence[Reference], alias: str, view: View, names: Mapping[str, Field]) -> frozenset[str]:
    """R4.39: entries belong to the joined view, scoped or not."""
    chosen: set[str] = set()
    for entry in entries:
        name = entry.name.removeprefix("-").removeprefix(f"{alias}.").removeprefix(f"{view.name}.")
        found = expand_entry(name, view, names)
        if entry.name.startswith("-"):
            chosen -= found
        else:
            chosen |= found
    return frozenset(chosen)


def _explore_list(
    entries: Sequence[Reference],
    offered: Mapping[str, frozenset[str]],
    view_ids: Mapping[str, str],
    views: Mapping[str, View],
    names: Mapping[str, Mapping[str, Field]],
) -> dict[str, frozenset[str]]:
    """R4.38: every entry is scoped, ``ALL_FIELDS*`` is all that the joins' lists left."""
    only_exclusions = all(entry.name.startswith("-") for entry in entries)
    chosen = {alias: set(fields) if only_exclusions else set() for alias, fields in offered.items()}
    for entry in entries:
        excluded = entry.name.startswith("-")
        name = entry.name.removeprefix("-")
        if name == ALL_FIELDS:
            found = {alias: set(fields) for alias, fields in offered.items()}
        else:
            alias, _, rest = name.partition(".")
            if not rest and name.endswith("*"):
                alias, rest = name[:-1], ALL_FIELDS
            if alias not in offered:
                continue
            view_id = view_ids[alias]
            found = {alias: expand_entry(rest, views[view_id], names[view_id]) & offered[alias]}
        for alias, fields in found.items():
            chosen[alias] = chosen[alias] - fields if excluded else chosen[alias] | fields
    return {alias: frozenset(fields) for alias, fields in chosen.items()}


def expand_entry(name: str, view: View, names: Mapping[str, Field], depth: int = 0) -> set[str]:
    """The fields that one entry of a field list means: a field, a set (``detail*``), or all fields of the view.

    Args:
        name: without its alias and without a leading ``-``.
        view: whose sets are meant.
        names: every name of the view's fields.
        depth: of sets inside sets, so far.
    """
    if not name.endswith("*"):
        return {name} if name in names else set()
    if name == ALL_FIELDS or name == f"{view.name}*":
        return set(names)
    if depth > MAX_SETS:
        return set()
    chosen: set[str] = set()
    for field_set in view.sets:
        if field_set.name == name[:-1]:
            for entry in field_set.fields:
                inner = entry.name.removeprefix("-").removeprefix(f"{view.name}.")
                found = expand_entry(inner, view, names, depth + 1)
                chosen = chosen - found if entry.name.startswith("-") else chosen | found
    return chosen
