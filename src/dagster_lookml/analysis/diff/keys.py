"""Who feels that a view has another primary key, or none (R4.18, R6.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from dagster_lookml.analysis.checks.keys import AGGREGATING_ROWS, repeated_aliases
from dagster_lookml.analysis.diff.needs import names_in, names_in_native
from dagster_lookml.analysis.diff.reaching import felt_by
from dagster_lookml.analysis.diff.remaining import through_tiles
from dagster_lookml.analysis.diff.rows import Rows
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import ENDS, Affected
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.semantic.objects import Explore, View
from dagster_lookml.semantic.quoting import explore_id

_COUNTING: Final = frozenset({"count"})


def felt_by_key(state: State, view: View) -> tuple[Affected, ...]:
    """What feels that another key decides which rows of a view are counted once.

    Args:
        state: in which.
        view: whose key it is.
    """
    found: dict[str, Affected] = {}
    for types, seated in ((_COUNTING, True), (AGGREGATING_ROWS - _COUNTING, False)):
        fields = (one for one in view.fields if one.kind == "measure" and one.type in types)
        measures = [field_id(view.id, field.own_name) for field in fields]
        if measures:
            found.update({one.node.id: one for one in _Deciding(state, view, counts=seated).felt_by(measures)})
    found.update({one.node.id: one for one in _matching(state, view) if one.node.id not in found})
    return tuple(through_tiles([found[identity] for identity in sorted(found)], state))


def _matching(state: State, view: View) -> Iterator[Affected]:
    """What needs a join by which a ``foreign_key`` is matched with the key (R6.7)."""
    for seat in state.reach.seats.get(view.id, ()):
        if any(join.name == seat.alias and join.foreign_key is not None for join in seat.explore.joins):
            yield from Rows(state).of_join(seat.explore, seat.alias)


class _Deciding:
    """Tells in which queries the key of a view decides what its measures give.

    That is where a join of the query repeats its rows, and for what counts them also where the view is joined: of a row without a
    match there is no key to count. A query without that join simply aggregates its rows.

    Args:
        state: in which.
        view: whose key it is.
        counts: its measures are those that count rows.
    """

    def __init__(self, state: State, view: View, *, counts: bool) -> None:
        self._state = state
        self._counts = counts
        self._seats: dict[str, list[str]] = {}
        for seat in state.reach.seats.get(view.id, ()):
            self._seats.setdefault(seat.explore.id, []).append(seat.alias)
        self._repeated: dict[tuple[str, frozenset[str]], frozenset[str]] = {}

    def felt_by(self, measures: list[str]) -> Iterator[Affected]:
        """What asks for measures in such queries."""
        yield from self._of_native_tables(measures)
        yield from (one for one in felt_by(self._state, measures) if self._is_decided_in(one))

    def _is_decided_in(self, one: Affected) -> bool:
        """Whether what feels the measures asks them so; a dashboard does so by its tiles."""
        table = next((edge.target for edge in one.path if edge.kind == "derives"), None)
        if table is not None:
            return self._makes(table)
        if one.node.kind == "explore":
            return one.node.id in self._seats and self._decides(one.node.id, None)
        tile = self._state.tiles.get(one.path[-1].source if one.node.kind == "dashboard" and one.path else one.node.id)
        return tile is not None and any(self._decides(query.explore, names_in(query)) for query in tile.queries)

    def _of_native_tables(self, measures: Iterable[str]) -> Iterator[Affected]:
        """What feels the fields of native derived tables that take the measures so, or of what reads those by SQL (R5.6)."""
        for edge in (edge for measure in measures for edge in self._state.reach.graph.readers.get(measure, ())):
            view = self._state.reach.graph.nodes[edge.target].whole
            if edge.kind not in ENDS and view is not None and self._makes(view):
                yield from (Affected(one.node, (edge, *one.path)) for one in felt_by(self._state, (edge.target,)))

    def _makes(self, view: str) -> bool:
        """Whether such a query is what a table is made of."""
        known = self._state.lookup.views.get(view)
        tables = self._state.tables_read.of(known).values() if known is not None else ()
        for one in tables:
            query = one.native_query
            if query is not None:
                names = names_in_native(query)
                if any(self._decides(explore_id(model, query.explore), names) for model in one.models):
                    return True
        return False

    def _decides(self, explore: str | None, names: Iterable[str] | None) -> bool:
        """Whether the key has a say in a query of an explore; of no names in any."""
        found = self._state.lookup.explores.get(explore or "")
        if found is None or found.id not in self._seats:
            return False
        joins = frozenset(join.name for join in found.joins)
        joined = joins if names is None else joins & self._state.needs(found).aliases(names)
        repeated = self._repeated_in(found, joined)
        return any(alias in repeated or (self._counts and alias in joined) for alias in self._seats[found.id])

    def _repeated_in(self, explore: Explore, joined: frozenset[str]) -> frozenset[str]:
        key = explore.id, joined
        if key not in self._repeated:
            joins = tuple(join for join in explore.joins if join.name in joined)
            self._repeated[key] = frozenset(repeated_aliases(msgspec.structs.replace(explore, joins=joins)))
        return self._repeated[key]
