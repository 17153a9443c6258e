"""Objects of the base with the names that their fields have in the head, so that a name which only followed is no change."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from functools import cached_property
from typing import Final

import msgspec

from dagster_lookml.analysis.diff.fields import field_aspects
from dagster_lookml.analysis.diff.following import Called, Names, Scope, followed, in_text
from dagster_lookml.analysis.diff.matching import Pair
from dagster_lookml.analysis.diff.renames import renamed_fields, same_but_named, timeframe
from dagster_lookml.analysis.diff.scoped import source_of
from dagster_lookml.analysis.diff.white_space import folded
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import (
    Dashboard,
    Element,
    Explore,
    Field,
    Join,
    Lookup,
    NativeQuery,
    Reference,
    TileQuery,
    View,
)

_NUMBERED: Final = re.compile(r"q(\d{1,4})_(\w+)")
_UNNAMED: Final = "~"
"""In place of a name that says nothing."""


class RenamedViews:
    """The views, and the fields of views, that have other names.

    Args:
        pairs: which view is which.

    Attributes:
        fields: the names of fields by their view's id in the base.
        fields_by_view_name: likewise by its name.
        names: of views, by their ids in the base.
        tables: of views, by their names in the base.
    """

    def __init__(self, pairs: Iterable[Pair[View]]) -> None:
        self.fields: dict[str, Names] = {}
        self.fields_by_view_name: dict[str, Names] = {}
        self.names: dict[str, str] = {}
        self.tables: dict[str, str] = {}
        for old, new, _, _ in pairs:
            if old is None or new is None:
                continue
            if names := renamed_names(old, new):
                self.fields[old.id] = self.fields_by_view_name[old.name] = names
            if old.name != new.name:
                self.names[old.id] = self.tables[old.name] = new.name

    def __bool__(self) -> bool:
        return bool(self.fields or self.names)

    def explore(self, explore: Explore, renamed: Names | None = None) -> Explore:
        """An explore of the base that names views and their fields as the head does.

        Args:
            explore: it.
            renamed: the new names of its aliases.
        """
        found = followed(explore, self.scope(explore, renamed or {}))
        joins = tuple(
            msgspec.structs.replace(
                join,
                view_name=self.names.get(join.view or "", join.view_name),
                required_joins=_joins_named(old.required_joins, renamed or {}),
            )
            for join, old in zip(found.joins, explore.joins, strict=True)
        )
        base = self.names.get(explore.base_view or "", explore.base_view_name)
        always = _joins_named(explore.always_join, renamed or {})
        return msgspec.structs.replace(found, joins=joins, base_view_name=base, always_join=always)

    def scope(self, explore: Explore, renamed: Names) -> Scope:
        """What names mean in an explore of the base."""
        by_alias = {alias: self.fields.get(view or "", {}) for alias, view in aliases(explore).items()}

        def called(alias: str | None) -> Called:
            names = by_alias.get(explore.base_alias if alias is None else alias, {})
            return Called(renamed.get(alias, alias) if alias is not None else None, names)

        return Scope(called, self.tables)


def _joins_named(references: Iterable[Reference], renamed: Names) -> tuple[Reference, ...]:
    """References to joins, and not to fields."""
    return tuple(msgspec.structs.replace(one, name=renamed.get(one.name, one.name)) for one in references)


class Renaming:
    """What was renamed, and objects that follow.

    Args:
        base: the objects before.
        views: those that have other names, or fields that do.
        pairs: which explore is which.
    """

    def __init__(self, base: Lookup, views: RenamedViews, pairs: Iterable[Pair[Explore]]) -> None:
        self._base = base
        self._views = views
        self._aliases: dict[str, Names] = {}
        self._explore_names: dict[str, str] = {}
        for old, new, _, _ in pairs:
            if old is None or new is None:
                continue
            if names := _renamed_aliases(old, new, views):
                self._aliases[old.id] = names
            if old.name != new.name:
                self._explore_names[old.id] = new.name

    def __bool__(self) -> bool:
        return bool(self._views or self._aliases or self._explore_names)

    def view(self, view: View) -> View:
        """A view of the base whose SQL and lists name everything as the head does."""
        if not self:
            return view
        found, table = followed(view, self._scope_of_view(view)), view.derived_table
        extends = tuple(self._views.tables.get(name, name) for name in view.extends)
        found = msgspec.structs.replace(found, extends=extends)
        if table is None or table.explore_source is None or found.derived_table is None:
            return found
        native = msgspec.structs.replace(found.derived_table, explore_source=self._native(view, table.explore_source))
        return msgspec.structs.replace(found, derived_table=native)

    def _scope_of_view(self, view: View) -> Scope:
        """What a view's own SQL names: itself, and whatever stands beside it in its explores under one name (R6.2)."""
        own = self._views.fields.get(view.id, {})
        beside = self._explores.get(view.id, ())

        def called(alias: str | None) -> Called:
            if alias is None or alias == view.name:
                return Called(self._views.names.get(view.id, alias) if alias is not None else None, own)
            meant = {(by_alias[alias], renamed.get(alias, alias)) for by_alias, renamed in beside if alias in by_alias}
            if not meant:
                return Called(alias, self._views.fields_by_view_name.get(alias, {}))
            if len(meant) > 1:
                return Called(alias, {})
            identity, new = meant.pop()
            return Called(new, self._views.fields.get(identity or "", {}))

        return Scope(called, self._views.tables)

    @cached_property
    def _explores(self) -> dict[str, list[tuple[dict[str, str | None], Names]]]:
        """The views behind the aliases of each explore that a view is in, and its new aliases, by the view's id."""
        found: dict[str, list[tuple[dict[str, str | None], Names]]] = {}
        for explore in self._base.explores.values():
            by_alias, renamed = aliases(explore), self.aliases(explore)
            for view in {view for view in by_alias.values() if view is not None}:
                found.setdefault(view, []).append((by_alias, renamed))
        return found

    def _native(self, view: View, query: NativeQuery) -> NativeQuery:
        """The query of a native derived table names fields as its explore does (R5.6)."""
        explore = source_of(view, self._base)
        if explore is None:
            return query
        found = followed(query, self._views.scope(explore, self.aliases(explore)))
        return msgspec.structs.replace(found, explore=self._explore_names.get(explore.id, query.explore))

    def aliases(self, explore: Explore) -> Names:
        """The new aliases of an explore of the base by its old ones: of its base view, and of joins."""
        return self._aliases.get(explore.id, {})

    def explore(self, explore: Explore) -> Explore:
        """An explore of the base likewise; its joins still have the names that they had."""
        return self._views.explore(explore, self.aliases(explore)) if self else explore

    def dashboard(self, dashboard: Dashboard) -> Dashboard:
        """A dashboard of the base likewise."""
        if not self:
            return dashboard
        return msgspec.structs.replace(dashboard, elements=tuple(self._element(one) for one in dashboard.elements))

    def _element(self, element: Element) -> Element:
        scope = self._scope_of_result(element.queries)
        properties = tuple((key, in_text(value, scope)) for key, value in element.properties)
        return msgspec.structs.replace(element, queries=tuple(map(self._query, element.queries)), properties=properties)

    def _scope_of_result(self, queries: Sequence[TileQuery]) -> Scope:
        """What the calculations and display options of a tile name: fields of its queries, some by a query's number (R12.10)."""
        explores = [self._base.explores.get(query.explore or "") for query in queries]
        scopes = [self._views.scope(explore, self.aliases(explore)) if explore is not None else None for explore in explores]

        def called(alias: str | None) -> Called:
            found = _NUMBERED.fullmatch(alias or "")
            numbered = scopes[int(found[1])] if found is not None and 0 < int(found[1]) < len(scopes) else None
            if found is not None and numbered is not None:
                now = numbered.called(found[2])
                return Called(f"q{found[1]}_{now.alias}", now.names)
            known = (scope.called(alias) for scope in scopes if scope is not None)
            return next((now for now in known if now.names or now.alias != alias), Called(alias, {}))

        return Scope(called, {})

    def _query(self, query: TileQuery) -> TileQuery:
        explore = self._base.explores.get(query.explore or "")
        if explore is None:
            return query
        scope = self._views.scope(explore, self.aliases(explore))
        properties = tuple((key, in_text(value, scope)) for key, value in query.properties)
        name = self._explore_names.get(explore.id, query.explore_name)
        written = query.written.removesuffix(query.explore_name) + name
        return msgspec.structs.replace(followed(query, scope), properties=properties, written=written)


def _renamed_aliases(old: Explore, new: Explore, views: RenamedViews) -> Names:
    """The new aliases of an explore by its old ones."""
    found: dict[str, str] = {}
    if old.base_alias != new.base_alias and views.names.get(old.base_view or "", old.base_view_name) == new.base_view_name:
        found[old.base_alias] = new.base_alias
    if {join.name for join in old.joins} == {join.name for join in new.joins}:
        return found
    before = {join.name: join for join in views.explore(old, found).joins}
    after = {join.name: join for join in new.joins}
    gone = {name: _join_key(join) for name, join in before.items() if name not in after}
    fresh = {name: _join_key(join) for name, join in after.items() if name not in before}
    return {**same_but_named(gone, fresh), **found}


def _join_key(join: Join) -> Hashable:
    """What makes a join the one that it is, beside its name."""
    texts = tuple((text.parameter, folded(text.value)) for text in under(join, _UNNAMED).sql)
    return join.view_name, join.type, join.relationship, texts, join.foreign_key


def under(join: Join, name: str) -> Join:
    """A join whose own SQL and list of fields call it by another name.

    Args:
        join: it.
        name: the other name.
    """
    return followed(join, Scope(lambda alias: Called(name if alias == join.name else alias, {}), {}))


def unnamed(view: View) -> View:
    """A view whose SQL and lists do not tell what it is called."""
    own = Scope(lambda alias: Called(_UNNAMED if alias == view.name else alias, {}), {view.name: _UNNAMED})
    return followed(view, own)


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
