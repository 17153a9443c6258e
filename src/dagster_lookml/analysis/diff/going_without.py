"""What named a field that is gone, and is still there and names it no more: it breaks by nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.diff.words import Words, taken_by
from dagster_lookml.analysis.impact import OF_TEXT
from dagster_lookml.lineage.graph import Edge
from dagster_lookml.semantic.fields import is_generated_by
from dagster_lookml.semantic.objects import View
from dagster_lookml.semantic.quoting import explore_id

_OF_EXPLORES: Final = frozenset({"join_condition", "row_filter"})
"""Hops to an explore by what it says itself, and to its tiles."""


class GoingWithout:
    """Tells which readers of a field go without it.

    Args:
        base: the state before, which has the field.
        head: the state after.
        field: its id.
        names: those of its names that are gone.
        are_some: it has others, by which it may have been named too.
    """

    def __init__(self, base: State, head: State, field: str, names: frozenset[str], *, are_some: bool) -> None:
        self._base = base
        self._head = head
        self._ids = base.reach.inheriting(field)
        node = base.reach.graph.nodes.get(field)
        self._field = base.reach.field(node) if node is not None else None
        self._names = names
        self._are_some = are_some

    def cuts(self, edge: Edge) -> bool:
        """Whether a hop of the base leads to what named the field there and does not do so in the head."""
        if edge.source not in self._ids:
            return edge in self._base.taken.get(edge.source, ()) and not self._still_takes(edge)
        if edge.kind in OF_TEXT:
            return False
        if edge in self._base.taken.get(edge.source, ()):
            return not self._is_taken(self._head.lookup.views.get(edge.target))
        before_and_after = list(self._read_by(edge))
        if not self._are_some and not any(self._is_in(before) for before, _ in before_and_after):
            return False  # it is read without being named, as a primary key is counted by (R4.18)
        return bool(before_and_after) and not any(after is None or self._is_in(after) for _, after in before_and_after)

    def _still_takes(self, edge: Edge) -> bool:
        return any(one.target == edge.target for one in self._head.taken.get(edge.source, ()))

    def _is_taken(self, view: View | None) -> bool:
        return view is not None and self._is_in(taken_by(view))

    def _is_in(self, words: Words) -> bool:
        if not self._names.isdisjoint(words):
            return True
        field = self._field
        return field is not None and field.every_timeframe and any(is_generated_by(field, word) for word in words)

    def _read_by(self, edge: Edge) -> Iterator[tuple[Words, Words | None]]:
        """The words of everything by which a hop may come about, before and after; None for what is gone itself."""
        node = self._base.reach.graph.nodes[edge.target]
        if node.kind == "field":
            field = self._base.reach.field(node)
            now = self._head.reach.graph.nodes.get(edge.target)
            other = self._head.reach.field(now) if now is not None else None
            if field is not None:
                after = self._head.saying.field(edge.target, other) if other is not None else None
                yield self._base.saying.field(edge.target, field), after
        view = self._base.lookup.views.get((node.whole or "") if node.kind == "field" else node.id)
        if view is not None:
            yield from self._of_table(view)
        elif node.kind == "explore" and edge.kind in _OF_EXPLORES:
            yield from self._of_explores((node.id,))
        elif node.kind == "tile" and edge.kind in _OF_EXPLORES:
            yield from self._of_explores(query.explore or "" for query in self._base.tiles[node.id].queries)

    def _of_table(self, view: View) -> Iterator[tuple[Words, Words | None]]:
        """The words of a table and of those that its SQL reads: by a native one of those it may be made of a field (R5.10)."""
        now = self._head.lookup.views.get(view.id)
        left = self._head.tables_read.of(now) if now is not None else {}
        for identity, table in self._base.tables_read.of(view).items():
            before = self._base.saying.rows(identity)
            if before is not None:
                is_read = identity in left or identity == view.id
                yield before, self._head.saying.rows(identity) if is_read else frozenset()
            if table.native_query is not None:
                source = table.native_query.explore
                yield from self._of_explores(explore_id(model, source) for model in table.models)

    def _of_explores(self, ids: Iterable[str]) -> Iterator[tuple[Words, Words | None]]:
        for identity in ids:
            before, after = (state.saying.explore(identity) for state in (self._base, self._head))
            if before is not None and after is not None:
                yield before, after
