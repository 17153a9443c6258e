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
    return _Offer(explore, views, names).chosen()


class _Offer:
    """What an explore can offer, and the choice that its lists make."""

    def __init__(self, explore: Explore, views: Mapping[str, View], names: Mapping[str, Mapping[str, Field]]) -> None:
        self.explore = explore
        self.views = {alias: views[view_id] for alias, view_id in aliases(explore).items() if view_id is not None}
        self.names = {alias: names[view.id] for alias, view in self.views.items()}

    def chosen(self) -> dict[str, frozenset[str]]:
        offered = {alias: frozenset(found) for alias, found in self.names.items()}
        for join in self.explore.joins:
            if join.fields is not None and join.name in offered and join.name != self.explore.base_alias:
                offered[join.name] = self.join_list(join.fields, join.name)
        return offered if self.explore.fields is None else self.explore_list(self.explore.fields, offered)

    def join_list(self, entries: Sequence[Reference], alias: str) -> frozenset[str]:
        """R4.39: entries belong to the joined view, scoped or not."""
        chosen: set[str] = set()
        for entry in entries:
            name = entry.name.removeprefix("-").removeprefix(f"{alias}.").removeprefix(f"{self.views[alias].name}.")
            found = {field for scope, field in self.expand(name, alias) if scope == alias}
            chosen = chosen - found if entry.name.startswith("-") else chosen | found
        return frozenset(chosen)

    def explore_list(self, entries: Sequence[Reference], offered: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
        """R4.38: every entry is scoped; ``ALL_FIELDS*`` is all that the joins' lists left."""
        everything = {(alias, field) for alias, fields in offered.items() for field in fields}
        chosen = set(everything) if all(entry.name.startswith("-") for entry in entries) else set()
        for entry in entries:
            name = entry.name.removeprefix("-")
            alias, _, rest = name.partition(".")
            if name == ALL_FIELDS:
                found = everything
            elif not rest and name.endswith("*"):
                found = self.expand(ALL_FIELDS, name[:-1])
            else:
                found = self.expand(rest, alias)
            chosen = chosen - found if entry.name.startswith("-") else chosen | (found & everything)
        return {alias: frozenset(field for scope, field in chosen if scope == alias) for alias in offered}

    def expand(self, name: str, alias: str, depth: int = 0) -> set[tuple[str, str]]:
        """The fields that one entry means, with their aliases: a field, a set (``detail*``), or all fields of a view.

        Args:
            name: without its alias and without a leading ``-``.
            alias: of the view whose sets are meant.
            depth: of sets inside sets, so far.
        """
        if alias not in self.views or depth > MAX_SETS:
            return set()
        view, names = self.views[alias], self.names[alias]
        if not name.endswith("*"):
            return {(alias, name)} if name in names else set()
        if name in (ALL_FIELDS, f"{view.name}*", f"{alias}*"):
            return {(alias, field) for field in names}
        chosen: set[tuple[str, str]] = set()
        for field_set in view.sets:
            if field_set.name == name[:-1]:
                for entry in field_set.fields:
                    scope, _, inner = entry.name.removeprefix("-").rpartition(".")
                    found = self.expand(inner, alias if scope in ("", view.name) else scope, depth + 1)
                    chosen = chosen - found if entry.name.startswith("-") else chosen | found
        return chosen
