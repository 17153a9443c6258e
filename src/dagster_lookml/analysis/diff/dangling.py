"""References that a change writes and that lead nowhere: such a change breaks, whatever else it does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

import msgspec

from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.diff.elsewhere import may_inherit_more
from dagster_lookml.analysis.diff.needs import names_in_native
from dagster_lookml.analysis.listing import listed
from dagster_lookml.semantic.field_lists import aliases, available_fields
from dagster_lookml.semantic.fields import is_generated_by
from dagster_lookml.semantic.objects import Explore, Lookup, Model, NativeQuery, View
from dagster_lookml.semantic.references import SQL_TABLE_NAME, live_references

_FILTERED: Final = re.compile(r"\[([\w.]+)\]$")
_SERIOUS: Final = ("unknown", "numbers may change", "equivalent")
_AN_ALIAS: Final = "which is an alias: saved content may use it, and SQL may not"
_ALIASES: Final = "which are aliases: saved content may use them, and SQL may not"


class Names(Protocol):
    """What can be referred to somewhere."""

    def has(self, alias: str | None, name: str, *, in_sql: bool = False) -> bool:
        """Whether there is a field; also if that is not known, as where a project is not here.

        Args:
            alias: of its view; None for the view that the reference stands in.
            name: of the field.
            in_sql: in ``${}``, where a name that a field had before means nothing (R4.43).
        """

    def has_table(self, view: str) -> bool:
        """Whether there is a view whose table can be read; also if that is not known."""


class NamesOfView:
    """What the SQL of a view can refer to.

    Args:
        view: it.
        lookup: finds the rest.
    """

    def __init__(self, view: View, lookup: Lookup) -> None:
        self._view = view
        self._lookup = lookup
        self._models = [lookup.models[name] for name in view.models]

    def has(self, alias: str | None, name: str, *, in_sql: bool = False) -> bool:
        """Whether the view, or any view that some explore calls by that name, has a field."""
        if alias is None or alias == self._view.name:
            return _has_field(self._view, name, self._lookup, in_sql=in_sql)
        if not self._models or any(model.missing_projects for model in self._models):
            return True
        found = list(self._called(alias))
        return any(view is None or _has_field(view, name, self._lookup, in_sql=in_sql) for view in found)

    def _called(self, alias: str) -> Iterator[View | None]:
        for model in self._models:
            for identity in model.explores:
                views = aliases(self._lookup.explores[identity])
                if alias in views:
                    yield self._lookup.views.get(views[alias] or "")

    def has_table(self, view: str) -> bool:
        """Whether every model of the view has another one."""
        return all(view in model.views or bool(model.missing_projects) for model in self._models)


class NamesOfExplore:
    """What an explore, its joins and its tiles can refer to.

    Args:
        explore: it.
        lookup: finds its views.
        offered: only fields that it offers, as to tiles; its own SQL may name all (R4.38).
    """

    def __init__(self, explore: Explore, lookup: Lookup, *, offered: bool) -> None:
        self._explore = explore
        self._lookup = lookup
        self._views = aliases(explore)
        self._offered = available_fields(explore, lookup.views, lookup.names_by_view) if offered else None

    def has(self, alias: str | None, name: str, *, in_sql: bool = False) -> bool:
        """Whether a view of the explore has a field."""
        alias = self._explore.base_alias if alias is None else alias
        if may_inherit_more(self._explore, self._lookup):
            return True
        if alias not in self._views:
            return False
        view = self._lookup.views.get(self._views[alias] or "")
        if view is None or may_inherit_more(view, self._lookup):
            return True
        if self._offered is not None and name in self._lookup.names_by_view[view.id]:
            return name in self._offered.get(alias, frozenset())
        return _has_field(view, name, self._lookup, in_sql=in_sql)

    def has_table(self, view: str) -> bool:
        """Whether the model has a view."""
        model = self._lookup.models[self._explore.model]
        return view in model.views or bool(model.missing_projects)


def _has_field(view: View, name: str, lookup: Lookup, *, in_sql: bool) -> bool:
    if may_inherit_more(view, lookup) or name in lookup.names_by_view[view.id]:
        return True
    return any(is_generated_by(field, name) or (name in field.old_names and not in_sql) for field in view.fields)


def judged_by_names(change: Change, names: Names) -> Change:
    """A change that breaks if what it writes leads nowhere.

    Args:
        change: of an SQL parameter or a filter.
        names: what there is where it stands.
    """
    if change.kind != "changed" or change.verdict not in _SERIOUS or change.new is None:
        return change
    old = set(_written(change.old or ""))
    in_sql = "expression" not in change.property  # Looker's are no SQL (R4.31)
    written = (one for one in dict.fromkeys(_written(change.new)) if one not in old)
    missing = [one for one in written if not _is_there(one, names, in_sql=in_sql)]
    filtered = _FILTERED.search(change.property)
    if filtered is not None and change.old is None:
        alias, _, name = filtered.group(1).rpartition(".")
        missing += [] if names.has(alias or None, name) else [filtered.group(1)]
    if missing and all(_is_alias(one, names) for one in missing):
        reason = f"it refers to {listed(missing)}, {_AN_ALIAS if len(missing) == 1 else _ALIASES}"
        return msgspec.structs.replace(change, verdict="breaking", reason=reason)
    return breaking(change, missing)


def _is_alias(written: str, names: Names) -> bool:
    alias, _, name = written.rpartition(".")
    return name != SQL_TABLE_NAME and names.has(alias or None, name)


def _written(sql: str) -> Iterator[str]:
    return (reference.written for reference in live_references(sql))


def judged_by_source(change: Change, old: NativeQuery | None, new: NativeQuery, names: Names) -> Change:
    """A change of a native derived table that breaks if it takes what its explore does not have (R5.6, R5.8).

    Args:
        change: of its query.
        old: the query before; None where it was another table.
        new: the query.
        names: what there is in the explore.
    """
    if change.kind != "changed" or change.verdict not in _SERIOUS or change.new is None:
        return change
    known = names_in_native(old) if old is not None else frozenset()
    said = f"{change.property} {change.new}"
    scoped = ((one, *one.rpartition(".")) for one in sorted(names_in_native(new) - known) if one in said)
    return breaking(change, (one for one, alias, _, name in scoped if not names.has(alias or None, name)))


def judged_by_datagroups(change: Change, named: Iterable[str], models: Iterable[Model]) -> Change:
    """A change that breaks if it names a datagroup that a model does not have (R11.3).

    Args:
        change: of what decides when something is built or asked anew.
        named: the datagroups that it names in the head.
        models: that have the object; one that lacks an imported project may have any datagroup.
    """
    if change.kind != "changed" or change.new is None:
        return change
    known = [{one.name for one in model.datagroups} for model in models if not model.missing_projects]
    return breaking(change, [name for name in named if any(name not in datagroups for datagroups in known)])


def _is_there(written: str, names: Names, *, in_sql: bool) -> bool:
    alias, _, name = written.rpartition(".")
    if name == SQL_TABLE_NAME:
        return not alias or names.has_table(alias)
    return names.has(alias or None, name, in_sql=in_sql)


def perhaps(change: Change, missing: Iterable[str]) -> Change:
    """A change that refers to what is not here and may be in an imported project that is not here either, if it does."""
    found = list(missing)
    if not found or change.verdict == "breaking":
        return change
    reason = f"it refers to {listed(found)}, which may be in a project that is not here"
    return msgspec.structs.replace(change, verdict="unknown", reason=reason)


def breaking(change: Change, missing: Iterable[str]) -> Change:
    """A change that refers to what does not exist, if it does."""
    found = list(missing)
    if not found:
        return change
    do = "does" if len(found) == 1 else "do"
    reason = f"it refers to {listed(found)}, which {do} not exist here"
    return msgspec.structs.replace(change, verdict="breaking", reason=reason)
