"""What is left of what feels a difference: tiles that go without what is gone, or give a value of their own, feel nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import Field, TileQuery


def still_feeling(
    found: Iterable[Affected], base: State, head: State, names: frozenset[str], *, are_some: bool = False
) -> tuple[Affected, ...]:
    """Of what used something in the base that is gone: what is still there, and has not been changed to go without.

    Args:
        found: what felt it in the base.
        base: the state before.
        head: the state after.
        names: the names, without aliases, of the fields that are gone.
        are_some: a dimension group is still there, of which `names` are only some.
    """
    naming = base.naming(names)
    without = {identity for identity in naming if _goes_without(identity, base, head, names)}
    kept = [one for one in found if _is_there(head, one.node.id) and one.node.id not in without]
    if are_some:
        kept = [one for one in kept if one.node.id in naming or len(one.path) > 1 or one.node.kind != "tile"]
    return tuple(through_tiles(kept, base))


def through_tiles(kept: Sequence[Affected], state: State) -> Iterator[Affected]:
    """What is left, where some tiles are left out: a dashboard whose shortest way went through one of those may have another.

    Args:
        kept: without those tiles.
        state: in which.
    """
    tiles = {one.node.id: one for one in kept if one.node.kind == "tile"}
    ways: dict[str, Affected] = {}
    for tile in tiles.values():
        for edge in state.reach.graph.readers.get(tile.node.id, ()):
            if edge.kind == "contains":
                ways.setdefault(edge.target, Affected(state.reach.graph.nodes[edge.target], (*tile.path, edge)))
    for one in kept:
        if one.node.kind != "dashboard" or one.path[-1].kind != "contains" or one.path[-1].source in tiles:
            ways.pop(one.node.id, None)
            yield one
        elif one.node.id in ways:
            yield ways.pop(one.node.id)


def without_values(found: Iterable[Affected], state: State, view: str, parameter: Field) -> tuple[Affected, ...]:
    """Of what feels a parameter: what feels its default too, and does not give it a value of its own.

    Args:
        found: what feels the parameter.
        state: in which.
        view: the id of its view.
        parameter: it.
    """
    names = (parameter.name, *parameter.old_names)

    def is_given(query: TileQuery) -> bool:
        explore = state.lookup.explores.get(query.explore or "")
        views = aliases(explore) if explore is not None else {}
        listened = {field.name for _, field in query.listen}
        given = (one.field for one in query.filters if one.value.strip() and one.field not in listened)
        return any(views.get(alias) == view and own in names for alias, _, own in (name.rpartition(".") for name in given))

    tiles = state.naming(names)
    given = {one for one in tiles if state.tiles[one].queries and all(map(is_given, state.tiles[one].queries))}
    return tuple(through_tiles([one for one in found if one.node.id not in given], state))


def _is_there(state: State, identity: str) -> bool:
    return identity in (state.pdts if identity.startswith("pdt:") else state.reach.graph.nodes)


def _goes_without(tile: str, base: State, head: State, names: frozenset[str]) -> bool:
    """Whether a tile that named some fields in the base is another in the head, and names none of them."""
    now = head.tiles.get(tile)
    return now is not None and now.queries != base.tiles[tile].queries and tile not in head.naming(names)
