"""A project in which refinements stand for the views and explores that only an absent import declares.

The compiled project keeps them apart, since they are no views and explores. Who compares two states, or asks what a change is
felt by, has to follow what they say all the same: by the names, as Looker does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from dagster_lookml.lineage.dashboard_edges import mentioned_fields
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import (
    Dashboard,
    DashboardFilter,
    Element,
    Explore,
    Field,
    Join,
    Lookup,
    Model,
    Project,
    TileQuery,
    View,
)
from dagster_lookml.semantic.quoting import explore_id
from dagster_lookml.source import Span

_Child = TypeVar("_Child", View, Explore)


def with_refinements(project: Project) -> Project:
    """The project with its refined views and explores among the others, and what names them referring to them.

    What extends one has what it says (R7.15): a view its fields, an explore its joins, SQL and filters.

    Args:
        project: compiled.

    Returns:
        The same project if there are none.
    """
    if not project.refined_views and not project.refined_explores:
        return project
    return _Linking(project).linked()


def models_of(one: View | Explore) -> tuple[str, ...]:
    """The models that see a view, or whose an explore is."""
    return one.models if isinstance(one, View) else (one.model,)


def projects_without(one: View | Explore, models: Mapping[str, Model]) -> str:
    """The projects that may declare what is only refined here, in words.

    Args:
        one: of the refined views or explores.
        models: of the project, by name.
    """
    names = sorted({name for model in models_of(one) for name in models[model].missing_projects})
    if len(names) == 1:
        return f"in the project {names[0]}, which is not here"
    return f"in one of the projects {', '.join(names[:-1])} and {names[-1]}, which are not here"


def only_refined(one: View | Explore, models: Mapping[str, Model]) -> str:
    """Says that refinements are all that is here of a view or explore.

    Args:
        one: of the refined views or explores.
        models: of the project, by name.
    """
    kind = "view" if isinstance(one, View) else "explore"
    places = ", ".join(f"{origin.span.file}:{origin.span.line}" for origin in one.origins)
    return f"only refinements of the {kind} {one.name} are here ({places}); its base is {projects_without(one, models)}"


class _Linking:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.lookup = Lookup(project)
        self.views = {(model, view.name): view for view in project.refined_views for model in view.models}
        self.explores = {(one.model, one.name): one for one in project.refined_explores}
        self.of_model: dict[str, tuple[dict[str, str], list[str]]] = {}
        for (model, name), view in self.views.items():
            self.of_model.setdefault(model, ({}, []))[0][name] = view.id
        for (model, _), one in self.explores.items():
            self.of_model.setdefault(model, ({}, []))[1].append(one.id)

    def linked(self) -> Project:
        project = self.project
        views = (*(self._view(one) for one in project.views), *project.refined_views)
        explores = (self._explore(one) for one in (*project.explores, *project.refined_explores))
        return msgspec.structs.replace(
            project,
            models=tuple(self._model(one) for one in project.models),
            views=tuple(sorted(views, key=lambda one: one.id)),
            explores=tuple(sorted(explores, key=lambda one: one.id)),
            dashboards=tuple(self._dashboard(one) for one in project.dashboards),
            refined_views=(),
            refined_explores=(),
        )

    def _model(self, model: Model) -> Model:
        views, explores = self.of_model.get(model.name, ({}, []))
        return msgspec.structs.replace(model, views={**model.views, **views}, explores=(*model.explores, *explores))

    # -- views that extend refined ones --------------------------------------------------------------------------------

    def _view(self, view: View) -> View:
        if view.complete or not view.models:
            return view
        inherited: dict[str, Field] = {}
        for part in self._parents(view, self._view_of(view.models[0])):
            inherited |= {field.own_name: field for field in part.fields}
        own = {field.own_name for field in view.fields}
        more = tuple(field for name, field in inherited.items() if name not in own)
        return msgspec.structs.replace(view, fields=(*more, *view.fields)) if more else view

    def _view_of(self, model: str) -> Callable[[str], View | None]:
        return lambda name: self.lookup.view(model, name) or self.views.get((model, name))

    @staticmethod
    def _parents(child: _Child, find: Callable[[str], _Child | None]) -> Iterator[_Child]:
        """The refined views or explores that one extends, at any distance."""
        seen: set[str] = set()
        waiting = list(child.extends)
        while waiting:
            name = waiting.pop()
            parent = find(name) if name not in seen else None
            seen.add(name)
            if parent is not None:
                waiting += parent.extends
                if parent.written is not None:
                    yield parent

    # -- explores that extend refined ones -----------------------------------------------------------------------------

    def _with_parents(self, explore: Explore) -> Explore:
        if explore.complete:
            return explore
        for parent in self._parents(explore, self._explore_of(explore.model)):
            joins, texts = {one.name for one in explore.joins}, {one.parameter for one in explore.sql}
            explore = msgspec.structs.replace(
                explore,
                joins=(*explore.joins, *(one for one in parent.joins if one.name not in joins)),
                sql=(*explore.sql, *(one for one in parent.sql if one.parameter not in texts)),
                filters=explore.filters or parent.filters,
            )
        return explore

    def _explore_of(self, model: str) -> Callable[[str], Explore | None]:
        return lambda name: self.lookup.explores.get(explore_id(model, name)) or self.explores.get((model, name))

    # -- what names them -----------------------------------------------------------------------------------------------

    def _explore(self, explore: Explore) -> Explore:
        explore = self._with_parents(explore)
        joins = tuple(self._join(one, explore.model) for one in explore.joins)
        base = explore.base_view or self._view_id(explore.model, explore.base_view_name)
        return msgspec.structs.replace(explore, base_view=base, joins=joins)

    def _join(self, join: Join, model: str) -> Join:
        return join if join.view is not None else msgspec.structs.replace(join, view=self._view_id(model, join.view_name))

    def _view_id(self, model: str, name: str) -> str | None:
        found = self.views.get((model, name))
        return found.id if found is not None else None

    def _dashboard(self, dashboard: Dashboard) -> Dashboard:
        elements = tuple(self._element(one, dashboard.model) for one in dashboard.elements)
        filters = tuple(self._filter(one, dashboard.model) for one in dashboard.filters)
        return msgspec.structs.replace(dashboard, elements=elements, filters=filters)

    def _element(self, element: Element, model: str | None) -> Element:
        queries = tuple(self._query(one, model) for one in element.queries)
        return msgspec.structs.replace(element, queries=queries) if queries != element.queries else element

    def _query(self, query: TileQuery, model: str | None) -> TileQuery:
        if query.explore is not None:
            return query
        return msgspec.structs.replace(query, explore=self._explore_id(query.model or model or "", query.explore_name))

    def _filter(self, one: DashboardFilter, model: str | None) -> DashboardFilter:
        if one.explore is not None or one.written is None:
            return one
        written, _, name = one.written.rpartition("/")
        return msgspec.structs.replace(one, explore=self._explore_id(written or model or "", name))

    def _explore_id(self, model: str, name: str) -> str | None:
        found = self.explores.get((model, name))
        return found.id if found is not None else None


def with_named_explores(project: Project) -> Project:
    """The project with the explores that tiles ask of absent imports, and with the joins of such imports that tiles name.

    Nothing is known of them but the names: an alias is the name of its view (R6.2).

    Args:
        project: as `with_refinements` gives it.
    """
    lookup = Lookup(project)
    names = _Names(lookup)
    elements = tuple(_with_stand_ins(one, names) for one in project.dashboards)
    explores = (*(names.with_joins(one) for one in project.explores), *names.stand_ins())
    return msgspec.structs.replace(project, dashboards=elements, explores=tuple(sorted(explores, key=lambda one: one.id)))


def _with_stand_ins(dashboard: Dashboard, names: _Names) -> Dashboard:
    elements = tuple(
        msgspec.structs.replace(one, queries=tuple(names.noted(query, dashboard.model) for query in one.queries))
        for one in dashboard.elements
    )
    return msgspec.structs.replace(dashboard, elements=elements)


class _Names:
    """The aliases that queries of tiles name, by the explores that they ask."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._found: dict[tuple[str, str], dict[str, Span]] = {}
        self._spans: dict[tuple[str, str], Span] = {}

    def noted(self, query: TileQuery, model: str | None) -> TileQuery:
        """Note what a query names.

        Args:
            query: of a tile.
            model: of its dashboard.

        Returns:
            The query, asking a stand-in if it asks an explore that is not here.
        """
        of = self._lookup.models.get(query.model or model or "")
        if of is None or not of.missing_projects:
            return query
        key = of.name, query.explore_name
        self._spans.setdefault(key, query.span)
        found = self._found.setdefault(key, {})
        for _, name, span in mentioned_fields(query):
            alias, dot, _ = name.rpartition(".")
            if dot:
                found.setdefault(alias, span)
        return query if query.explore is not None else msgspec.structs.replace(query, explore=explore_id(*key))

    def with_joins(self, explore: Explore) -> Explore:
        """An explore with the joins that only an absent import can have declared."""
        found = self._found.get((explore.model, explore.name), {})
        if explore.complete or not found:
            return explore
        known = aliases(explore)
        more = self._joins(explore.model, {alias: span for alias, span in found.items() if alias not in known})
        return msgspec.structs.replace(explore, joins=(*explore.joins, *more))

    def stand_ins(self) -> Iterator[Explore]:
        """The explores that are not here."""
        known = {(one.model, one.name) for one in self._lookup.explores.values()}
        for (model, name), found in self._found.items():
            if (model, name) not in known:
                joins = self._joins(model, {alias: span for alias, span in found.items() if alias != name})
                base = self._lookup.models[model].views.get(name)
                yield Explore(
                    id=explore_id(model, name), model=model, name=name, base_alias=name, base_view_name=name, base_view=base,
                    span=self._spans[model, name], complete=False, joins=tuple(joins),
                )  # fmt: skip

    def _joins(self, model: str, found: Mapping[str, Span]) -> Iterable[Join]:
        views = self._lookup.models[model].views
        return [Join(name=alias, view_name=alias, view=views.get(alias), span=span) for alias, span in found.items()]
