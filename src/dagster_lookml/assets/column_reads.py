"""The columns that fields and PDTs are made of, each in the table or view that has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from dagster_lookml.assets.structures import ColumnRead
from dagster_lookml.lineage.graph import EdgeKind, Graph
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.lineage.result import OutputColumn

_VALUES: Final[frozenset[EdgeKind]] = frozenset(("reads", "filter"))
"""Edges to a field from what decides its values: what its SQL reads, and what a filtered measure is filtered by."""


class ColumnReads:
    """Answers what columns are made of.

    Args:
        graph: down to columns and fields.
        outputs: the columns of PDTs, by the id of their views.
    """

    def __init__(self, graph: Graph, outputs: Mapping[str, tuple[OutputColumn, ...]]) -> None:
        self._graph = graph
        self._outputs = outputs
        self._sources: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        for edge in graph.edges:
            if edge.kind in _VALUES and edge.target.startswith("field:"):
                self._sources[edge.target].append((edge.source, edge.exact))

    def of_field(self, view: str, field: str) -> tuple[tuple[ColumnRead, ...], bool]:
        """What a field is made of; through fields of its own view to what those are made of.

        Args:
            view: id of its view.
            field: its own name.

        Returns:
            The columns and fields, sorted, and whether all of them follow from the SQL alone.
        """
        start = field_id(view, field)
        if start not in self._sources:
            return (), True
        ends, is_exact = self._ends(start, view)
        return _sorted(map(self._read, ends)), is_exact

    def of_pdt(self, view: str) -> Iterator[tuple[str, tuple[ColumnRead, ...], bool]]:
        """The columns that a PDT has in the warehouse, each with those that it is made of there, as from `of_field`.

        Args:
            view: id of its view.
        """
        for output in self._outputs.get(view, ()):
            reads: list[ColumnRead] = []
            is_exact = output.exact
            for identity, of, name in output.reads:
                if identity.startswith("column:"):
                    reads.append(ColumnRead(of, name))
                else:
                    ends, follows = self._ends(identity)
                    is_exact = is_exact and follows
                    reads += (self._read(end) for end in ends if end.startswith("column:"))
            yield output.name, _sorted(reads), is_exact

    def of_tables(self) -> dict[str, set[str]]:
        """The columns that fields and PDTs read, by the ids of their tables."""
        found: dict[str, set[str]] = defaultdict(set)
        for node in self._graph.nodes.values():
            if node.kind == "column" and node.whole is not None:
                found[node.whole].add(self._read(node.id).name)
        for outputs in self._outputs.values():
            for output in outputs:
                for identity, of, name in output.reads:
                    if identity.startswith("column:"):
                        found[of].add(name)
        return found

    def _ends(self, start: str, view: str | None = None) -> tuple[set[str], bool]:
        """What a field comes to, and whether every step of the way follows from the SQL alone.

        Args:
            start: its id.
            view: id of the view whose fields are gone through; those of every view if None.
        """
        ends: set[str] = set()
        is_exact = True
        seen = {start}
        waiting = [start]
        while waiting:
            one = waiting.pop()
            if one != start and not (one.startswith("field:") and view in (None, self._graph.nodes[one].whole)):
                ends.add(one)
                continue
            for source, exact in self._sources.get(one, ()):
                is_exact = is_exact and exact
                if source not in seen:
                    seen.add(source)
                    waiting.append(source)
        return ends, is_exact

    def _read(self, identity: str) -> ColumnRead:
        """A column or field of the graph, as what has it and its name there."""
        whole = self._graph.nodes[identity].whole or ""
        return ColumnRead(whole, unquote(identity.partition(":")[2].removeprefix(whole.partition(":")[2] + ".")))


def _sorted(reads: Iterable[ColumnRead]) -> tuple[ColumnRead, ...]:
    return tuple(ColumnRead(of, name) for of, name in sorted({(one.of, one.name) for one in reads}))
