"""Who feels that a column is otherwise: whoever reads its values, and of a derived table whose SQL names it, more than that."""

from __future__ import annotations

from collections.abc import Iterable

from dagster_lookml.analysis.diff.reaching import told
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.lineage.graph import Edge
from dagster_lookml.semantic.objects import View


def felt_of_columns(state: State, ids: Iterable[str], *, gone: bool) -> tuple[Affected, ...]:
    """Dashboards, tiles, explores and PDTs that feel it, sorted by id, each with a shortest way.

    A query that names a column which is not there fails: of a derived table all fields feel that, and not only those that have
    its values. A column of another type is felt by these alone, and by the tables that are built of them.

    Args:
        state: of the LookML.
        ids: of the columns.
        gone: they are there no more.
    """
    return _Feeling(state, gone).of(list(ids))


class _Feeling:
    """One search: from the columns, then from each derived table that fails."""

    def __init__(self, state: State, gone: bool) -> None:
        self._state = state
        self._gone = gone
        self._found: dict[str, Affected] = {}
        self._failing: dict[str, tuple[Edge, ...]] = {}

    def of(self, ids: list[str]) -> tuple[Affected, ...]:
        self._search(ids, ())
        searched: set[str] = set()
        while waiting := self._failing.keys() - searched if self._gone else ():
            view = min(waiting)
            searched.add(view)
            self._search([view], self._failing[view])
        return tuple(self._found[one] for one in sorted(self._found))

    def _search(self, start: list[str], way: tuple[Edge, ...]) -> None:
        for one in self._state.reach.of(start).affected:
            reached = one._replace(path=(*way, *one.path))
            self._tell(reached)
            view = self._derived(one)
            if view is not None and view.id not in self._failing:
                self._failing[view.id] = (*reached.path[:-1], Edge(one.path[-1].source, view.id, "derives", view.span))
                self._tell(Affected(self._state.reach.graph.nodes[view.id], self._failing[view.id]))

    def _derived(self, one: Affected) -> View | None:
        """The derived table that a field is a column of, where its query reads what is otherwise."""
        before = self._state.reach.graph.nodes[one.path[-1].source]
        view = self._state.lookup.views.get(one.node.whole or "") if one.node.kind == "field" else None
        is_first = view is not None and before.id != view.id and before.whole != view.id
        return view if view is not None and is_first and view.derived_table is not None else None

    def _tell(self, reached: Affected) -> None:
        for one in told(self._state, reached):
            known = self._found.get(one.node.id)
            if known is None or len(one.path) < len(known.path):
                self._found[one.node.id] = one
