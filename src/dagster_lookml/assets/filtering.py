"""Which structures become assets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import msgspec

from dagster_lookml.assets.state import NOWHERE, ProjectState
from dagster_lookml.assets.structures import Dashboard, Explore, LookMLStructure, Table, View, without_columns
from dagster_lookml.errors import did_you_mean, near_names


class LookerFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Chooses what of a LookML project is loaded; every condition that is given must hold.

    Names may be globs, such as ``sales_*``. Explores that are chosen bring along the views that they read.

    Attributes:
        models: names of models.
        explores: names of explores, with their model before a slash or without it; of dashboards, those that use one of them.
        dashboards: names of dashboards, likewise.
        tags: of explores and views in LookML; of dashboards, those that use such an explore.
        dashboard_folders: folders of the repository, each as a path or as the list of its parts: dashboards in them and below.
        only_fetch_explores_used_in_dashboards: leave out explores, and views, that no chosen dashboard uses.
        include_hidden: load hidden explores, which dashboards may use all the same, and show hidden fields as columns.
        only_included: leave out views and dashboards that no model includes.
        select: a selector of the command line, such as ``+dashboard:sales/kpis`` or ``tag:core+``; exactly what it names.

    Example:
        .. code-block:: python

            LookerFilter(models=["ecommerce"], dashboard_folders=["dashboards"], only_fetch_explores_used_in_dashboards=True)
    """

    models: Sequence[str] | None = None
    explores: Sequence[str] | None = None
    dashboards: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    dashboard_folders: Sequence[str | Sequence[str]] | None = None
    only_fetch_explores_used_in_dashboards: bool = False
    include_hidden: bool = True
    only_included: bool = False
    select: str | None = None

    def __post_init__(self) -> None:
        """Refuse other types: of a single name each letter would be a name, and the text "no" would be a yes."""
        for option in ("models", "explores", "dashboards", "tags", "dashboard_folders"):
            given = getattr(self, option)
            if given is not None and (isinstance(given, str) or not _are_names(given, nested=option == "dashboard_folders")):
                example = given if isinstance(given, str) else "name"
                raise TypeError(f"LookerFilter: {option} is a list of names, as in {option}=[{example!r}]")
        for option in ("only_fetch_explores_used_in_dashboards", "include_hidden", "only_included"):
            if not isinstance(getattr(self, option), bool):
                raise TypeError(f"LookerFilter: {option} is True or False, and not {getattr(self, option)!r}")
        if self.select is not None and not isinstance(self.select, str):
            raise TypeError(f"LookerFilter: select is one selector, as in select='+view:orders', and not {self.select!r}")

    def apply(self, state: ProjectState, selected: frozenset[str] | None = None) -> ProjectState:
        """What the filter leaves of a state.

        Args:
            state: of a project.
            selected: the ids that `select` names; None if nothing is selected.
        """
        chosen = _Chosen(self, state, selected).ids
        kept = tuple(_with_pdts_of(one, chosen) for one in state.structures if one.id in chosen)
        read = {identity for one in kept for identity in (*one.reads, *(one.pdts if isinstance(one, View) else ()))}
        outside = (one for one in (*state.structures, *state.outside) if one.id in read and one.id not in chosen)
        state = msgspec.structs.replace(
            state,
            structures=kept,
            outside=tuple(map(without_columns, outside)),
            findings=tuple(one for one in state.findings if one.structure in chosen or one.structure == NOWHERE),
        )
        return state if self.include_hidden else state.replace(_without_hidden_fields)

    def unmatched(self, state: ProjectState) -> Iterator[str]:
        """What the filter names that the project does not have, each as a line for people.

        Args:
            state: before it is filtered.
        """
        models = {one.model for one in state.explores} | {model for view in state.views for model in view.models}
        models |= {one.model for one in state.dashboards if one.model is not None}
        tags = {tag for one in (*state.views, *state.explores) for tag in one.tags}
        folders = {str(parent) for one in state.dashboards for parent in PurePosixPath(_file(one)).parents}
        yield from _unmatched("models", "model", self.models, models)
        yield from _unmatched("explores", "explore", self.explores, _both_names(state.explores))
        yield from _unmatched("dashboards", "dashboard", self.dashboards, _both_names(state.dashboards))
        yield from _unmatched("tags", "tag", self.tags, tags)
        yield from _unmatched("dashboard_folders", "folder with dashboards", map(_folder, self.dashboard_folders or ()), folders)


class _Chosen:
    """The ids that a filter chooses in a state."""

    def __init__(self, wanted: LookerFilter, state: ProjectState, selected: frozenset[str] | None) -> None:
        self._wanted = wanted
        self._state = state
        self._is_selected: Callable[[str], bool] = (lambda _: True) if selected is None else selected.__contains__
        explores = {one.id for one in state.explores if self._is_explore(one)}
        dashboards = {one.id for one in state.dashboards if self._is_dashboard(one, explores)}
        used = {read for identity in dashboards for read in state.by_id[identity].reads}
        if wanted.only_fetch_explores_used_in_dashboards:
            explores &= used
        if not wanted.include_hidden:
            explores -= {one.id for one in state.explores if one.hidden} - used
        views = self._views(explores)
        self.ids = explores | dashboards | views | self._pdts(views)
        self.ids |= self._tables(self.ids) if selected is None else {one.id for one in state.tables if one.id in selected}

    def _is_explore(self, explore: Explore) -> bool:
        wanted = self._wanted
        return (
            self._is_selected(explore.id)
            and _matches(wanted.models, explore.model)
            and _matches(wanted.explores, *_names(explore))
            and _matches(wanted.tags, *explore.tags)
        )

    def _is_dashboard(self, dashboard: Dashboard, explores: set[str]) -> bool:
        wanted = self._wanted
        by_explore = wanted.explores is not None or wanted.tags is not None
        return (
            self._is_selected(dashboard.id)
            and (dashboard.model is not None or not wanted.only_included)
            and _matches(wanted.models, *((dashboard.model,) if dashboard.model is not None else ()))
            and _matches(wanted.dashboards, *_names(dashboard))
            and _is_in(wanted.dashboard_folders, _file(dashboard))
            and (not by_explore or not explores.isdisjoint(dashboard.reads))
        )

    def _views(self, explores: set[str]) -> set[str]:
        wanted = self._wanted
        by_explore = wanted.explores is not None or wanted.only_fetch_explores_used_in_dashboards
        found = {
            view.id
            for view in self._state.views
            if _matches(wanted.models, *view.models)
            and (bool(view.models) or not wanted.only_included)
            and not by_explore
            and _matches(wanted.tags, *view.tags)
        }
        waiting = [*found, *explores]
        while waiting:
            for read in self._state.by_id[waiting.pop()].reads:
                if read not in found and isinstance(self._state.by_id.get(read), View):
                    found.add(read)
                    waiting.append(read)
        return {one for one in found if self._is_selected(one)}

    def _pdts(self, views: set[str]) -> set[str]:
        return {one.id for one in self._state.pdts if one.view in views and _matches(self._wanted.models, one.model)}

    def _tables(self, readers: Iterable[str]) -> set[str]:
        reads = {read for one in readers for read in self._state.by_id[one].reads}
        return {one for one in reads if isinstance(self._state.by_id.get(one), Table)}


def _are_names(given: object, *, nested: bool) -> bool:
    if not isinstance(given, Sequence):
        return False
    return all(isinstance(one, str) or (nested and not isinstance(one, str) and _are_names(one, nested=False)) for one in given)


def _matches(patterns: Sequence[str] | None, *names: str) -> bool:
    return patterns is None or any(fnmatchcase(name, pattern) for pattern in patterns for name in names)


def _is_in(folders: Sequence[str | Sequence[str]] | None, file: str) -> bool:
    return folders is None or _matches([*map(_folder, folders)], *map(str, PurePosixPath(file).parents))


def _folder(folder: str | Sequence[str]) -> str:
    return str(PurePosixPath(folder.strip("/")) if isinstance(folder, str) else PurePosixPath(*folder))


def _file(structure: LookMLStructure) -> str:
    return structure.source.place.file if structure.source is not None else ""


def _names(one: Explore | Dashboard) -> tuple[str, ...]:
    return (one.name, f"{one.model}/{one.name}") if one.model is not None else (one.name,)


def _both_names(structures: Iterable[Explore | Dashboard]) -> set[str]:
    return {name for one in structures for name in _names(one)}


def _unmatched(option: str, what: str, patterns: Iterable[str] | None, names: set[str]) -> Iterator[str]:
    for pattern in patterns or ():
        if not any(fnmatchcase(name, pattern) for name in names):
            near = did_you_mean(near_names(pattern, names) or sorted(names - {"."})[:3])
            yield f"looker_filter: {option}: there is no {what} {pattern}{near}"


def _with_pdts_of(structure: LookMLStructure, chosen: set[str]) -> LookMLStructure:
    """A view with the PDTs of those models only that are chosen."""
    if not isinstance(structure, View) or not structure.pdts:
        return structure
    return msgspec.structs.replace(structure, pdts=tuple(one for one in structure.pdts if one in chosen))


def _without_hidden_fields(structure: LookMLStructure) -> LookMLStructure:
    if not isinstance(structure, View):
        return structure
    return msgspec.structs.replace(structure, columns=tuple(column for column in structure.columns if not column.hidden))
