"""Objects of the base with the names that their fields have in the head, so that a name which only followed is no change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, TypeVar

import msgspec

from dagster_lookml.analysis.diff.fields import field_aspects
from dagster_lookml.analysis.diff.matching import Pair
from dagster_lookml.analysis.diff.renames import renamed_fields, timeframe
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import (
    Dashboard,
    Element,
    Explore,
    Field,
    FilterTerm,
    Lookup,
    NativeColumn,
    NativeQuery,
    Reference,
    Text,
    TileQuery,
    View,
)
from dagster_lookml.semantic.quoting import explore_id

_One = TypeVar("_One", bound=msgspec.Struct)
_SUBSTITUTION: Final = re.compile(r"\$\{\s*(?:(\w+)\.)?(\w+)\s*(?=[:}])")
_NUMBERED: Final = re.compile(r"q(\d{1,4})_(\w+)")
_NAME: Final = re.compile(r"(-?)(?:(\w+)\.)?(\w+)")

Names = Mapping[str, str]
"""New names by old ones."""


class Renaming:
    """The fields that were renamed, and objects that follow.

    Args:
        base: the objects before.
        pairs: which view is which.
    """

    def __init__(self, base: Lookup, pairs: Iterable[Pair[View]]) -> None:
        self._base = base
        self._by_id: dict[str, Names] = {}
        self._by_name: dict[str, Names] = {}
        for pair in pairs:
            names = renamed_names(pair.old, pair.new) if pair.old is not None and pair.new is not None else {}
            if names and pair.old is not None:
                self._by_id[pair.old.id] = self._by_name[pair.old.name] = names

    def view(self, view: View) -> View:
        """A view of the base whose SQL and lists name fields as the head does."""
        if not self._by_name:
            return view
        followed, table = _followed(view, self._scope_of_view(view)), view.derived_table
        if table is None or table.explore_source is None or followed.derived_table is None:
            return followed
        native = msgspec.structs.replace(followed.derived_table, explore_source=self._native(view, table.explore_source))
        return msgspec.structs.replace(followed, derived_table=native)

    def _scope_of_view(self, view: View) -> Callable[[str | None], Names]:
        """What a view's own SQL names: itself, and whatever stands beside it in its explores under one name (R6.2)."""
        own = self._by_id.get(view.id, {})
        beside = self._explores.get(view.id, ())

        def scope(alias: str | None) -> Names:
            if alias is None or alias == view.name:
                return own
            meant = {explore.get(alias) for explore in beside if alias in explore}
            if not meant:
                return self._by_name.get(alias, {})
            return self._by_id.get(meant.pop() or "", {}) if len(meant) == 1 else {}

        return scope

    @cached_property
    def _explores(self) -> dict[str, list[dict[str, str | None]]]:
        """The views behind the aliases of each explore that a view is in, by the view's id."""
        found: dict[str, list[dict[str, str | None]]] = {}
        for explore in self._base.explores.values():
            by_alias = aliases(explore)
            for view in {view for view in by_alias.values() if view is not None}:
                found.setdefault(view, []).append(by_alias)
        return found

    def _native(self, view: View, query: NativeQuery) -> NativeQuery:
        """The query of a native derived table names fields as its explore does (R5.6)."""
        explores = (self._base.explores.get(explore_id(model, query.explore)) for model in view.models)
        explore = next((one for one in explores if one is not None), None)
        return _followed(query, self._scope(explore)) if explore is not None else query

    def explore(self, explore: Explore) -> Explore:
        """An explore of the base likewise."""
        return _followed(explore, self._scope(explore)) if self._by_name else explore

    def dashboard(self, dashboard: Dashboard) -> Dashboard:
        """A dashboard of the base likewise."""
        if not self._by_name:
            return dashboard
        return msgspec.structs.replace(dashboard, elements=tuple(self._element(one) for one in dashboard.elements))

    def _element(self, element: Element) -> Element:
        scope = self._scope_of_result(element.queries)
        properties = tuple((key, _in_text(value, scope)) for key, value in element.properties)
        return msgspec.structs.replace(element, queries=tuple(map(self._query, element.queries)), properties=properties)

    def _scope_of_result(self, queries: Sequence[TileQuery]) -> Callable[[str | None], Names]:
        """What the calculations and display options of a tile name: fields of its queries, some by a query's number (R12.10)."""
        explores = [self._base.explores.get(query.explore or "") for query in queries]
        scopes = [self._scope(explore) if explore is not None else lambda _: {} for explore in explores]

        def scope(alias: str | None) -> Names:
            found = _NUMBERED.fullmatch(alias or "")
            if found is not None and 0 < int(found[1]) < len(scopes):
                return scopes[int(found[1])](found[2])
            return next((names for one in scopes if (names := one(alias))), {})

        return scope

    def _query(self, query: TileQuery) -> TileQuery:
        explore = self._base.explores.get(query.explore or "")
        if explore is None:
            return query
        scope = self._scope(explore)
        properties = tuple((key, _in_text(value, scope)) for key, value in query.properties)
        return msgspec.structs.replace(_followed(query, scope), properties=properties)

    def _scope(self, explore: Explore) -> Callable[[str | None], Names]:
        by_alias = {alias: self._by_id.get(view or "", {}) for alias, view in aliases(explore).items()}
        return lambda alias: by_alias.get(explore.base_alias if alias is None else alias, {})


def renamed_names(old: View, new: View) -> dict[str, str]:
    """The names of a view's fields that are others now, those included that dimension groups generate."""
    before = {field.own_name: field for field in old.fields}
    after = {field.own_name: field for field in new.fields}
    found: dict[str, str] = {}
    for name, other in own_names(old, new).items():
        found |= _of_field(before[name], after[other])
    return found


def own_names(old: View, new: View) -> dict[str, str]:
    """The new own name of each field of a view that was renamed, by its old one."""
    before, after = ({field.own_name: field for field in view.fields} for view in (old, new))
    gone = [field for name, field in before.items() if name not in after]
    fresh = [field for name, field in after.items() if name not in before]
    return renamed_fields(gone, fresh, field_aspects) if gone and fresh else {}


def _of_field(old: Field, new: Field) -> dict[str, str]:
    """The names of a field; those that a group generates by what they are, as in another order they are the same (R4.7)."""
    by_kind = {timeframe(new, name): name for name in new.generated}
    found = {name: by_kind[timeframe(old, name)] for name in old.generated if timeframe(old, name) in by_kind}
    return {old.name: new.name, **found}


def _followed(one: _One, scope: Callable[[str | None], Names]) -> _One:
    found: _One = _in(one, scope)
    return found


def _in(value: Any, scope: Callable[[str | None], Names]) -> Any:
    """A value of any attribute with other names in it; what holds no names comes back as it is."""
    if isinstance(value, Text):
        return msgspec.structs.replace(value, value=_in_sql(value.value, scope)) if "${" in value.value else value
    if isinstance(value, Reference):
        return msgspec.structs.replace(value, name=_in_name(value.name, scope))
    if isinstance(value, NativeColumn) and value.field is not None:
        return msgspec.structs.replace(value, field=_in_name(value.field, scope))
    if isinstance(value, FilterTerm):
        return msgspec.structs.replace(value, field=_in_name(value.field, scope))
    if isinstance(value, tuple):
        items = tuple(_in(item, scope) for item in value)
        return items if any(item is not other for item, other in zip(items, value, strict=True)) else value
    if isinstance(value, msgspec.Struct):
        names = {name: getattr(value, name) for name in value.__struct_fields__ if name != "span"}
        new = {name: _in(old, scope) for name, old in names.items()}
        changed = {name: one for name, one in new.items() if one is not names[name]}
        return msgspec.structs.replace(value, **changed) if changed else value
    return value


def _in_sql(text: str, scope: Callable[[str | None], Names]) -> str:
    def other(found: re.Match[str]) -> str:
        alias, name = found.groups()
        new = scope(alias).get(name)
        return found.group() if new is None else f"${{{alias}.{new}" if alias else f"${{{new}"

    return _SUBSTITUTION.sub(other, text)


def _in_name(name: str, scope: Callable[[str | None], Names]) -> str:
    found = _NAME.fullmatch(name)
    if found is None:
        return name
    sign, alias, field = found.groups()
    new = scope(alias).get(field)
    return name if new is None else f"{sign}{alias}.{new}" if alias else f"{sign}{new}"


def _in_text(text: str, scope: Callable[[str | None], Names]) -> str:
    """Any text that names fields with their aliases."""

    def other(found: re.Match[str]) -> str:
        new = scope(found.group(1)).get(found.group(2))
        return found.group() if new is None else f"{found.group(1)}.{new}"

    return re.sub(r"\b(\w+)\.(\w+)\b", other, text)
