"""What asked an explore that is gone, and asks another one now: nobody there misses it."""

from __future__ import annotations

from collections.abc import Iterable

from dagster_lookml.analysis.diff.dangling import NamesOfExplore
from dagster_lookml.analysis.diff.needs import names_in, names_in_native
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.lineage.graph import Edge
from dagster_lookml.semantic.objects import Dashboard, Explore, View
from dagster_lookml.semantic.quoting import explore_id


class AskingAnother:
    """Tells what asks an explore no more, and finds all that it names in another one.

    Args:
        explore: of the base, which is gone.
        base: the state before.
        head: the state after.
    """

    def __init__(self, explore: Explore, base: State, head: State) -> None:
        self._explore = explore
        self._names = NamesOfExplore(explore, base.lookup, offered=False)
        self._head = head

    def cuts(self, edge: Edge) -> bool:
        """Whether a hop of the base leads from the explore to what asks another one in the head."""
        if edge.source != self._explore.id:
            return False
        view = self._head.lookup.views.get(edge.target)
        if view is not None:
            return self._is_of_another(view)
        dashboard = self._head.lookup.dashboards.get(edge.target)
        if dashboard is not None:
            return self._is_of_others(dashboard)
        tile = self._head.tiles.get(edge.target)
        return tile is not None and all(self._answers(query.explore, names_in(query)) for query in tile.queries)

    def _is_of_another(self, view: View) -> bool:
        query = view.native_query
        if query is None:
            return True
        names = names_in_native(query)
        return all(self._answers(explore_id(model, query.explore), names) for model in view.models)

    def _is_of_others(self, dashboard: Dashboard) -> bool:
        """Whether neither the filters nor the tiles of a dashboard ask anything that is not there."""
        tiles = (self._answers(query.explore, names_in(query)) for one in dashboard.elements for query in one.queries)
        named = (
            (one.explore, (one.field.name,)) for one in dashboard.filters if one.written is not None and one.field is not None
        )
        return all(tiles) and all(self._answers(*one) for one in named)

    def _answers(self, explore: str | None, names: Iterable[str]) -> bool:
        """Whether there is an explore that has some fields, but for those that the one which is gone had not either."""
        found = self._head.lookup.explores.get(explore or "")
        if found is None:
            return False
        known = NamesOfExplore(found, self._head.lookup, offered=False)
        scoped = (name.rpartition(".") for name in names)
        return all(known.has(alias or None, own) or not self._names.has(alias or None, own) for alias, _, own in scoped)
