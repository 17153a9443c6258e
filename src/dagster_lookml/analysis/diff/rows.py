"""Who feels that a whole query gives other rows, or fails: each that reads them, whichever fields it shows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from dagster_lookml.analysis.diff.needs import names_in, names_in_native
from dagster_lookml.analysis.diff.reaching import Way, felt_by, taking, tiles_of, told
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import ENDS, OF_TEXT, Affected, Cut, Seat
from dagster_lookml.lineage.graph import Edge, Node
from dagster_lookml.lineage.ids import tile_id
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import Explore


class Rows:
    """Finds who reads the table of a view, and what fails with a field.

    Args:
        state: in which.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._of_views: dict[str, tuple[Affected, ...]] = {}

    def failing(self, ids: Iterable[str], cut: Cut | None = None) -> tuple[Affected, ...]:
        """What feels that fields cannot be queried any more.

        With any field that it takes the query of a native derived table fails as a whole (R5.6), and so does what reads it.

        Args:
            ids: of the fields.
            cut: as for `felt_by`.
        """
        ids = tuple(ids)
        found = {one.node.id: one for one in felt_by(self._state, ids, cut)}
        for table, way in taking(self._state, ids, cut).items():
            for one in self.felt_by(table):
                found.setdefault(one.node.id, Affected(one.node, (*way, *one.path)))
        return tuple(found.values())

    def of_join(self, explore: Explore, join: str) -> tuple[Affected, ...]:
        """The tiles that need a join, and what feels the native derived tables that do.

        Args:
            explore: whose join.
            join: its name.
        """
        needs = self._state.needs(explore)
        fields = self._state.lookup.names_by_view.get(aliases(explore).get(join) or "", {})
        own = frozenset(f"{join}.{name}" for name in fields)
        tiles = tiles_of(self._state, explore, lambda query: join in needs.aliases(names_in(query)), own)
        tables = self._state.reach.native_tables.get(explore.id, ())
        native = [view.id for view, query in tables if join in needs.aliases(names_in_native(query))]
        further = (one for view in native for one in self.felt_by(view))
        return tuple({one.node.id: one for one in (*further, *tiles)}.values())

    def felt_by(self, view: str) -> tuple[Affected, ...]:
        """Dashboards, tiles, explores and PDTs that feel that the rows of a view are others.

        The base view of an explore is part of each of its queries, and a joined one of those that need the join (R6.13).

        Args:
            view: its id.
        """
        if view not in self._of_views:
            self._of_views[view] = self._felt_by(view)
        return self._of_views[view]

    def _felt_by(self, view: str) -> tuple[Affected, ...]:
        nodes = self._state.reach.graph.nodes
        itself = told(self._state, Affected(nodes[view], ())) if view in nodes else ()  # a PDT is built anew
        found = {one.node.id: one for one in (*itself, *felt_by(self._state, (view,)))}
        for identity, way in self._reading(view):
            for one in (*self._of_tiles(identity, way), *(told(self._state, Affected(self._node(identity), way)) if way else ())):
                found.setdefault(one.node.id, one)
        return tuple(found[one] for one in sorted(found))

    def _reading(self, view: str) -> Iterator[tuple[str, Way]]:
        """A view and those that are made of its rows, each with a shortest way to it."""
        nodes = self._state.reach.graph.nodes
        ways: dict[str, Way] = {view: ()} if view in nodes else {}
        waiting = deque(ways)
        while waiting:
            identity = waiting.popleft()
            yield identity, ways[identity]
            for other, path in (*self._made_of(identity, ways[identity]), *self._native_tables(identity)):
                if other not in ways and other in nodes:
                    ways[other] = (*ways[identity], *path)
                    waiting.append(other)

    def _made_of(self, view: str, way: Way) -> Iterator[tuple[str, Way]]:
        """The views that read the table of a view, and those that extend it, where nothing but text is on the way to it."""
        is_text = not way or way[-1].kind in OF_TEXT
        for edge in self._state.reach.graph.readers.get(view, ()):
            if edge.target in self._state.lookup.views and edge.kind not in ENDS and (is_text or edge.kind not in OF_TEXT):
                yield edge.target, (edge,)

    def _of_tiles(self, view: str, way: Way) -> Iterator[Affected]:
        nodes = self._state.reach.graph.nodes
        for seat, joined in self._joined(view):
            for dashboard, element, query in self._state.reach.queries.get(seat.explore.id, ()):
                tile = nodes.get(tile_id(dashboard.id, element))
                if tile is None or not self._reads(seat, names_in(query)):
                    continue
                path = (*way, joined, Edge(seat.explore.id, tile.id, "tile", query.span))
                yield Affected(tile, path)
                yield Affected(nodes[dashboard.id], (*path, Edge(tile.id, dashboard.id, "contains", element.span)))

    def _native_tables(self, view: str) -> Iterator[tuple[str, Way]]:
        """The native derived tables whose query reads the table of a view."""
        for seat, joined in self._joined(view):
            for other, query in self._state.reach.native_tables.get(seat.explore.id, ()):
                if self._reads(seat, names_in_native(query)):
                    yield other.id, (joined, Edge(seat.explore.id, other.id, "derives", query.span))

    def _joined(self, view: str) -> Iterator[tuple[Seat, Edge]]:
        for seat in self._state.reach.seats.get(view, ()):
            is_base = seat.alias == seat.explore.base_alias
            yield seat, Edge(view, seat.explore.id, "joins_always" if is_base else "joins_on_demand", seat.span)

    def _reads(self, seat: Seat, names: frozenset[str]) -> bool:
        return seat.alias == seat.explore.base_alias or seat.alias in self._state.needs(seat.explore).aliases(names)

    def _node(self, identity: str) -> Node:
        return self._state.reach.graph.nodes[identity]
