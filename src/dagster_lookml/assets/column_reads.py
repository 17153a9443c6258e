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
        self._sources: dict[str, list[str]] = defaultdict(list)
        for edge in graph.edges:
            if edge.kind in _VALUES and edge.target.startswith("field:"):
                self._sources[edge.target].append(edge.source)

    def of_field(self, view: str, field: str) -> tuple[ColumnRead, ...]:
        """What a field is made of; through fields of its own view to what those are made of.

        Args:
            view: id of its view.
            field: its own name.
        """
        start = field_id(view, field)
        if start not in self._sources:
            return ()
        return self._read(self._ends(start, view))

    def of_pdt(self, view: str) -> Iterator[tuple[str, tuple[ColumnRead, ...]]]:
        """The columns that a PDT has in the warehouse, and what they are made of: columns of the warehouse.

        Args:
            view: id of its view.
        """
        for output in self._outputs.get(view, ()):
            ends = {end for read in output.reads for end in self._ends(read)}
            yield output.name, self._read(end for end in ends if end.startswith("column:"))

    def _ends(self, start: str, view: str | None = None) -> set[str]:
        """What a field or column comes to.

        Args:
            start: its id.
            view: id of the view whose fields are gone through; those of every view if None.
        """
        ends: set[str] = set()
        seen = {start}
        waiting = [start]
        while waiting:
            one = waiting.pop()
            is_inside = one == start or (one.startswith("field:") and view in (None, self._graph.nodes[one].whole))
            if not is_inside or one.startswith("column:"):
                ends.add(one)
                continue
            for source in self._sources.get(one, ()):
                if source not in seen:
                    seen.add(source)
                    waiting.append(source)
        return ends

    def _read(self, nodes: Iterable[str]) -> tuple[ColumnRead, ...]:
        found: set[tuple[str, str]] = set()
        for identity in nodes:
            node = self._graph.nodes.get(identity)
            if node is not None and node.whole is not None:
                rest = identity.partition(":")[2]
                prefix = node.whole.partition(":")[2] + "."
                found.add((node.whole, unquote(rest.removeprefix(prefix))))
        return tuple(ColumnRead(of, name) for of, name in sorted(found))
