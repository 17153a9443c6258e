"""What is reached from the explores of a project: views, other explores; and which views share their fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.views import table_sql
from dagster_lookml.semantic.objects import Explore, Model, View
from dagster_lookml.semantic.quoting import explore_id
from dagster_lookml.semantic.references import sql_references

_LINK: Final = re.compile(r"/explore/[^/\s\"']+/([A-Za-z_]\w*)|/embed/explore/[^/\s\"']+/([A-Za-z_]\w*)")


def used_views(names: Names) -> tuple[set[str], dict[str, set[str]]]:
    """The views that explores reach, and what reads or extends each view.

    Args:
        names: of the project.

    Returns:
        Ids of the views that an explore starts from or joins, and of those that these read or extend at any distance; and for
        each view id the names of the views that read or extend it.
    """
    needs = _needs(names)
    waiting = [identity for explore in names.project.explores for identity in _of_explore(names, explore)]
    waiting += [identity for model in names.project.models for identity in _of_model(model)]
    used: set[str] = set()
    while waiting:
        identity = waiting.pop()
        if identity not in used:
            used.add(identity)
            waiting += needs[identity]
    return used, {view: {names.views[reader].name for reader in readers} for view, readers in _inverted(needs).items()}


class Reading:
    """The explores that read the table of a view: those that have it, and all that is made from it at any distance.

    Args:
        names: of the project.
    """

    def __init__(self, names: Names) -> None:
        self._names = names

    def of(self, view: View) -> tuple[Explore, ...]:
        """The explores whose queries may read the table of a view; one that must be extended has no queries (R6.17)."""
        seen, waiting = {view.id}, [view.id]
        while waiting:
            more = [one for one in self._readers.get(waiting.pop(), ()) if one not in seen]
            seen.update(more)
            waiting += more
        return tuple({one.id: one for identity in sorted(seen) for one in self._explores.get(identity, ())}.values())

    @cached_property
    def _readers(self) -> Mapping[str, list[str]]:
        return _inverted(_needs(self._names))

    @cached_property
    def _explores(self) -> Mapping[str, list[Explore]]:
        found: dict[str, list[Explore]] = {}
        for explore in self._names.project.explores:
            for view in _of_explore(self._names, explore) if not explore.extension_required else ():
                found.setdefault(view, []).append(explore)
        return found


def _needs(names: Names) -> dict[str, set[str]]:
    """For each view the ids of those without which it is not whole."""
    return {
        view.id: {other for model in view.models for other in _needed(names, view, names.models[model])}
        for view in names.project.views
    }


def _inverted(needs: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """For each view the ids of those that are not whole without it."""
    found: dict[str, list[str]] = {}
    for reader, needed in needs.items():
        for other in needed:
            found.setdefault(other, []).append(reader)
    return found


def _needed(names: Names, view: View, model: Model) -> Iterator[str]:
    """What a view reads the table of, extends, or takes columns from by way of an explore."""
    found = [*view.extends]
    found += [field.calendar.name for field in view.fields if field.calendar is not None]
    found += [one.view for text in table_sql(view) for one in sql_references(text.value) if one.is_table and one.view]
    yield from (model.views[name] for name in found if name in model.views and model.views[name] != view.id)
    for source in _sources(view):
        explore = names.explores.get(explore_id(model.name, source))
        if explore is None:
            continue
        yield from (other.id for other in names.aliased(explore).values() if other is not None and other.id != view.id)


def _sources(view: View) -> Iterator[str]:
    """The explores that a view's own rows are made from."""
    if view.native_query is not None:
        yield view.native_query.explore
    if view.analytic_model is not None and view.analytic_model.explore is not None:
        yield view.analytic_model.explore.name


def _of_explore(names: Names, explore: Explore) -> Iterator[str]:
    yield from (view.id for view in names.aliased(explore).values() if view is not None)
    texts = [*explore.sql, *(text for join in explore.joins for text in join.sql)]
    texts += [one for one in (explore.sql_table_name, *(join.sql_table_name for join in explore.joins)) if one is not None]
    views = names.models[explore.model].views
    for text in texts:
        yield from (views[one.view] for one in sql_references(text.value) if one.is_table and one.view and one.view in views)


def _of_model(model: Model) -> Iterator[str]:
    """What the triggers of datagroups name, though they should not (R11.2)."""
    for group in model.datagroups:
        for one in sql_references(group.sql_trigger.value if group.sql_trigger is not None else ""):
            if one.is_table and one.view and one.view in model.views:
                yield model.views[one.view]


def used_explores(names: Names) -> set[str]:
    """The ids of the explores that something in the project names."""
    found: set[str] = set()
    for view in names.project.views:
        suggesting = [one.name for field in view.fields for one in field.references if one.parameter == "suggest_explore"]
        for model in view.models:
            found.update(explore_id(model, name) for name in _sources(view))
            found.update(explore_id(model, name) for name in suggesting)
    for model_of in names.project.models:
        found.update(explore_id(model_of.name, test.query.explore) for test in model_of.tests if test.query is not None)
    for explore in names.project.explores:
        found.update(explore_id(explore.model, parent) for parent in explore.extends)
    for dashboard in names.project.dashboards:
        found.update(one.explore for one in dashboard.filters if one.explore is not None)
        found.update(query.explore for one in dashboard.elements for query in one.queries if query.explore is not None)
    return found


def linked_explores(names: Names) -> set[str]:
    """The names of the explores that links of fields and dashboards lead to."""
    texts = [text.value for view in names.project.views for field in view.fields for text in field.templates]
    texts += [value for one in names.project.dashboards for element in one.elements for _, value in element.properties]
    return {first or second for text in texts if "/explore/" in text for first, second in _LINK.findall(text)}


class Families:
    """Views that share fields by extending each other, and the names under which these are used.

    Args:
        names: of the project.
    """

    def __init__(self, names: Names) -> None:
        self._head: dict[str, str] = {view.name: view.name for view in names.project.views}
        for view in names.project.views:
            for parent in view.extends:
                if parent in self._head:
                    self._head[self._find(view.name)] = self._find(parent)
        self._scopes: dict[str, set[str]] = {}
        self._shown: set[tuple[str, str]] = set()
        self._queried: set[str] = set()
        for view in names.project.views:
            head = self._find(view.name)
            self._scopes.setdefault(head, set()).add(view.name)
            self._shown.update((head, field.name) for field in view.fields if not field.hidden)
        for explore in names.project.explores:
            for alias, used in names.aliased(explore).items():
                if used is not None:
                    self._scopes[self._find(used.name)].add(alias)
                    self._queried.add(self._find(used.name))

    def _find(self, name: str) -> str:
        while self._head[name] != name:
            name = self._head[name]
        return name

    def scopes(self, view: View) -> set[str]:
        """The names of a view and its relatives, and every alias of theirs."""
        return self._scopes[self._find(view.name)]

    def is_shown(self, view: View, field: str) -> bool:
        """Tell whether a field is visible in the view or a relative."""
        return (self._find(view.name), field) in self._shown

    def is_queried(self, view: View) -> bool:
        """Tell whether an explore has the view or a relative."""
        return self._find(view.name) in self._queried
