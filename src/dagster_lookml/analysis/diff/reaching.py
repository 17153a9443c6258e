"""What feels a difference: dashboards, tiles, explores and PDTs, each with the shortest way to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator
from typing import Final

from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import Affected, Cut, Impact
from dagster_lookml.lineage.dashboard_edges import mentioned_fields
from dagster_lookml.lineage.graph import Edge, Node
from dagster_lookml.lineage.ids import field_id, pdt_id, tile_id
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import Explore, TileQuery, View

Feels = Callable[[TileQuery], bool]
Way = tuple[Edge, ...]
_TOLD: Final = frozenset(("dashboard", "tile", "explore", "view"))
"""The kinds of what is told to feel something, if it is not a view that is not persistent."""


def felt_by(state: State, ids: Iterable[str], cut: Cut | None = None) -> tuple[Affected, ...]:
    """What feels that something differs.

    Args:
        state: the head, or for what is gone the base.
        ids: of what differs; those of nothing in the graph are left out.
        cut: tells whether nobody feels it over a hop.
    """
    found = state.reach.of(_known(state, ids), _TOLD, state.taken, cut)
    felt = {each.node.id: each for one in found.affected for each in told(state, one)}
    tables = _tables(state, _hops_to_tables(state, found, cut))
    return tuple(felt.values()) + tuple(one for one in tables if one.node.id not in felt)


def taking(state: State, ids: Iterable[str], cut: Cut | None = None) -> dict[str, Way]:
    """The native derived tables that take fields which differ or feel it, by their ids, each with the way to it.

    Args:
        state: as for `felt_by`.
        ids: of the fields.
        cut: likewise.
    """
    found = state.reach.of(_known(state, ids), (), state.taken, cut)
    ways: dict[str, Way] = {}
    for edge, way in _hops_to_tables(state, found, cut):
        ways.setdefault(edge.target, (*way, edge))
    return ways


def _known(state: State, ids: Iterable[str]) -> list[str]:
    return [one for one in ids if one in state.reach.graph.nodes]


def _hops_to_tables(state: State, found: Impact, cut: Cut | None) -> Iterator[tuple[Edge, Way]]:
    """From fields that differ or feel it to the native derived tables that take them, with the ways to those fields."""
    ways = {**{node.id: () for node in found.source}, **{one.node.id: one.path for one in found.affected}}
    for field, way in ways.items():
        yield from ((edge, way) for edge in state.taken.get(field, ()) if cut is None or not cut(edge))


def _tables(state: State, hops: Iterable[tuple[Edge, Way]]) -> Iterator[Affected]:
    """The tables that are built of native derived tables which take some field, and of what is made of those.

    Args:
        state: in which.
        hops: to the native derived tables.
    """
    waiting = deque(hops)
    seen: set[str] = set()
    while waiting:
        edge, way = waiting.popleft()
        if edge.target in seen or edge.target not in state.reach.graph.nodes:
            continue
        seen.add(edge.target)
        table = (*way, edge)
        yield from told(state, Affected(state.reach.graph.nodes[edge.target], table))
        waiting += ((more, table) for more in state.reach.graph.readers.get(edge.target, ()) if more.kind == "derives")


def told(state: State, one: Affected) -> Iterator[Affected]:
    """Something that people or Dagster know: of a persistent view the tables that models build of it."""
    if one.node.kind in ("dashboard", "tile", "explore"):
        yield one
    view = state.lookup.views.get(one.node.id)
    if view is not None and view.is_pdt:
        for model in view.models:
            yield Affected(pdt_node(model, view), one.path)


def pdt_node(model: str, view: View) -> Node:
    """The table that a model builds of a persistent view, as something that can be affected."""
    return Node(pdt_id(model, view.name), "view", f"{model}/{view.name}", view.span)


def building(change: Change, views: Iterable[View], model: str) -> tuple[Affected, ...]:
    """The tables that a model builds of some views when a datagroup says.

    Args:
        change: of the datagroup.
        views: that it triggers.
        model: its name.
    """
    tables = ((pdt_node(model, view), view.derived_table) for view in views)
    spans = ((node, table.persistence.span) for node, table in tables if table is not None and table.persistence is not None)
    return tuple(Affected(node, (Edge(change.id, node.id, "trigger", span),)) for node, span in spans)


def tiles_of(state: State, explore: Explore, feels: Feels, named: Container[str] = ()) -> tuple[Affected, ...]:
    """The tiles of an explore whose query feels something, and their dashboards.

    Args:
        state: that has them.
        explore: whose.
        feels: tells whether a query does.
        named: the ``alias.field`` names by which it does; the way goes through the first of those that it names.
    """
    nodes = state.reach.graph.nodes
    found: dict[str, Affected] = {}
    for dashboard, element, query in state.reach.queries.get(explore.id, ()):
        tile = nodes.get(tile_id(dashboard.id, element))
        if tile is None or not feels(query):
            continue
        way = _by_field(state, explore, query, tile.id, named) or (Edge(explore.id, tile.id, "tile", query.span),)
        found.setdefault(tile.id, Affected(tile, way))
        contains = Edge(tile.id, dashboard.id, "contains", element.span)
        if dashboard.id in nodes:
            found.setdefault(dashboard.id, Affected(nodes[dashboard.id], (*way, contains)))
    return tuple(found[one] for one in sorted(found))


def _by_field(state: State, explore: Explore, query: TileQuery, tile: str, named: Container[str]) -> Way:
    """The way from an explore to a tile through one of some fields, the first by name; none if the tile names none of them."""
    mentioned = sorted((one for one in mentioned_fields(query) if one[1] in named), key=lambda one: one[1])
    views = aliases(explore) if mentioned else {}
    for kind, name, span in mentioned:
        alias, _, own = name.rpartition(".")
        view = views.get(alias) or ""
        field = state.lookup.names_by_view.get(view, {}).get(own)
        identity = field_id(view, field.own_name) if field is not None else ""
        if identity in state.reach.graph.nodes:
            return Edge(explore.id, identity, "contains"), Edge(identity, tile, kind, span)
    return ()
