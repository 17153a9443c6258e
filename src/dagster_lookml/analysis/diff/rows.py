"""Who feels that a view has other rows, or none: every query that reads its table, whichever fields it shows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from dagster_lookml.analysis.diff.needs import Needs, names_in, names_in_native
from dagster_lookml.analysis.diff.reaching import felt_by, queries_of, told
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.lineage.graph import Edge, Node
from dagster_lookml.lineage.ids import tile_id
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import Explore
from dagster_lookml.source import Span

Way = tuple[Edge, ...]


class Rows:
    """Finds who reads the table of a view.

    Args:
        state: in which.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._needs: dict[str, Needs] = {}

    def felt_by(self, view: str) -> tuple[Affected, ...]:
        """Dashboards, tiles, explores and PDTs that feel that the rows of a view are others.

        The base view of an explore is part of each of its queries, and a joined one of those that need the join (R6.13).

        Args:
            view: its id.
        """
        nodes = self._state.reach.graph.nodes
        itself = told(self._state, Affected(nodes[view], ())) if view in nodes else ()  # a PDT is built anew
        found = {one.node.id: one for one in (*itself, *felt_by(self._state, (view,)))}
        for identity, way in self._reading(view):
            for one in (*self._of_tiles(identity, way), *(told(self._state, Affected(self._node(identity), way)) if way else ())):
                found.setdefault(one.node.id, one)
        return tuple(found[one] for one in sorted(found))

    def _reading(self, view: str) -> Iterator[tuple[str, Way]]:
        """A view and those that are made of its rows, each with the way to it."""
        nodes = self._state.reach.graph.nodes
        ways: dict[str, Way] = {view: ()} if view in nodes else {}
        waiting = list(ways)
        while waiting:
            identity = waiting.pop()
            yield identity, ways[identity]
            made = self._state.reach.of((identity,)).affected
            following = [(one.node.id, one.path) for one in made if one.node.kind == "view"]
            for other, path in (*following, *self._native_tables(identity)):
                if other not in ways and other in nodes:
                    ways[other] = (*ways[identity], *path)
                    waiting.append(other)

    def _of_tiles(self, view: str, way: Way) -> Iterator[Affected]:
        nodes = self._state.reach.graph.nodes
        for explore, alias, span in self._seats.get(view, ()):
            joined = Edge(view, explore.id, "joins_always" if alias == explore.base_alias else "joins_on_demand", span)
            for dashboard, element, query in queries_of(self._state, explore):
                tile = nodes.get(tile_id(dashboard.id, element))
                if tile is None or not self._reads(explore, alias, names_in(query)):
                    continue
                path = (*way, joined, Edge(explore.id, tile.id, "tile", query.span))
                yield Affected(tile, path)
                yield Affected(nodes[dashboard.id], (*path, Edge(tile.id, dashboard.id, "contains", element.span)))

    def _native_tables(self, view: str) -> Iterator[tuple[str, Way]]:
        """The native derived tables whose query reads the table of a view."""
        for explore, alias, span in self._seats.get(view, ()):
            joined = Edge(view, explore.id, "joins_always" if alias == explore.base_alias else "joins_on_demand", span)
            for other in self._state.lookup.project.views:
                query = other.derived_table.explore_source if other.derived_table is not None else None
                if query is None or query.explore != explore.name or explore.model not in other.models:
                    continue
                if self._reads(explore, alias, names_in_native(query)):
                    yield other.id, (joined, Edge(explore.id, other.id, "derives", query.span))

    def _reads(self, explore: Explore, alias: str, names: frozenset[str]) -> bool:
        if alias == explore.base_alias:
            return True
        if explore.id not in self._needs:
            self._needs[explore.id] = Needs(explore, self._state.lookup)
        return alias in self._needs[explore.id].aliases(names)

    def _node(self, identity: str) -> Node:
        return self._state.reach.graph.nodes[identity]

    @cached_property
    def _seats(self) -> dict[str, list[tuple[Explore, str, Span]]]:
        """The explores that a view is in, with its alias there and where that is written."""
        found: dict[str, list[tuple[Explore, str, Span]]] = {}
        for explore in self._state.lookup.project.explores:
            spans = {join.name: join.span for join in explore.joins}
            for alias, view in aliases(explore).items():
                if view is not None and not explore.extension_required:
                    found.setdefault(view, []).append((explore, alias, spans.get(alias, explore.span)))
        return found
