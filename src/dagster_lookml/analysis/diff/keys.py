"""Who feels that a view has another primary key, or none (R4.18, R6.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagster_lookml.analysis.checks.keys import repeated_aliases
from dagster_lookml.analysis.diff.reaching import felt_by
from dagster_lookml.analysis.diff.remaining import through_tiles
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import ENDS, Affected
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.semantic.objects import View
from dagster_lookml.semantic.quoting import explore_id


def felt_by_key(state: State, view: View, ids: Iterable[str] = ()) -> tuple[Affected, ...]:
    """What feels that another key decides which rows of a view are counted once.

    A view's rows are simply counted where it is the base of an explore and no join repeats them: there no key has a say.

    Args:
        state: in which.
        view: whose key it is.
        ids: what else differs by that.
    """
    seats = state.reach.seats.get(view.id, ())
    counted = {seat.explore.id for seat in seats if seat.alias != seat.explore.base_alias}
    counted |= {seat.explore.id for seat in seats if seat.alias in repeated_aliases(seat.explore)}
    measures = [field_id(view.id, field.own_name) for field in view.fields if field.kind == "measure"]
    asking = [one for one in felt_by(state, (*ids, *measures)) if counted.intersection(_asked(one, state))]
    found = {one.node.id: one for one in (*_of_native_tables(measures, counted, state), *asking)}
    return tuple(through_tiles([found[identity] for identity in sorted(found)], state))


def _asked(one: Affected, state: State) -> Iterator[str]:
    """The ids of the explores in which something asks for what is counted; a dashboard does so by its tiles."""
    table = next((edge.target for edge in one.path if edge.kind == "derives"), None)
    if table is not None:
        yield from _sources(table, state)
    elif one.node.kind == "explore":
        yield one.node.id
    else:
        tile = state.tiles.get(one.path[-1].source if one.node.kind == "dashboard" and one.path else one.node.id)
        yield from (query.explore for query in (tile.queries if tile is not None else ()) if query.explore is not None)


def _of_native_tables(measures: Iterable[str], counted: set[str], state: State) -> Iterator[Affected]:
    """What feels the fields of native derived tables that take measures from explores in which the key counts (R5.6)."""
    for edge in (edge for measure in measures for edge in state.reach.graph.readers.get(measure, ())):
        view = state.reach.graph.nodes[edge.target].whole
        if edge.kind not in ENDS and view is not None and counted.intersection(_sources(view, state)):
            yield from (Affected(one.node, (edge, *one.path)) for one in felt_by(state, (edge.target,)))


def _sources(view: str, state: State) -> Iterator[str]:
    """The ids of the explores that a native derived table is a query of."""
    one = state.lookup.views.get(view)
    query = one.derived_table.explore_source if one is not None and one.derived_table is not None else None
    if one is not None and query is not None:
        yield from (explore_id(model, query.explore) for model in one.models)
