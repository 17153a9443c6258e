"""A graph as bytes and back, for a cache: msgpack, as tables that name nodes, files and conditions by number."""

from __future__ import annotations

import msgspec

from dagster_lookml.lineage.graph import Edge, EdgeKind, Graph, Node, NodeKind
from dagster_lookml.source import Span

_NONE = -1


class _Packed(msgspec.Struct, array_like=True):
    """Columns of two tables: nodes, and edges between their numbers. A place is three numbers: file, line and column."""

    files: list[str]
    conditions: list[str]
    ids: list[str]
    node_kinds: list[NodeKind]
    labels: list[str]
    node_places: list[int]
    wholes: list[int]
    sources: list[int]
    targets: list[int]
    edge_kinds: list[EdgeKind]
    edge_places: list[int]
    edge_conditions: list[int]
    exact: list[bool]


class _Numbers:
    """Gives every distinct text a number."""

    def __init__(self) -> None:
        self.of: dict[str, int] = {}

    def number(self, text: str | None) -> int:
        return _NONE if text is None else self.of.setdefault(text, len(self.of))


def pack_graph(graph: Graph) -> bytes:
    """Turn a graph into bytes."""
    files, conditions = _Numbers(), _Numbers()
    nodes, edges = list(graph.nodes.values()), graph.edges
    at = {node.id: number for number, node in enumerate(nodes)}
    kept = [edge for edge in edges if edge.source in at and edge.target in at]
    packed = _Packed(
        [],
        [],
        [node.id for node in nodes],
        [node.kind for node in nodes],
        [node.label for node in nodes],
        [number for node in nodes for number in _place(node.span, files)],
        [at.get(node.whole, _NONE) if node.whole is not None else _NONE for node in nodes],
        [at[edge.source] for edge in kept],
        [at[edge.target] for edge in kept],
        [edge.kind for edge in kept],
        [number for edge in kept for number in _place(edge.span, files)],
        [conditions.number(edge.condition) for edge in kept],
        [edge.exact for edge in kept],
    )
    packed.files, packed.conditions = list(files.of), list(conditions.of)
    return msgspec.msgpack.encode(packed)


def _place(span: Span | None, files: _Numbers) -> tuple[int, int, int]:
    return (files.number(span.file), span.line, span.column) if span is not None else (_NONE, 0, 0)


def unpack_graph(content: bytes) -> Graph:
    """Turn the bytes of `pack_graph` into an equal graph.

    Raises:
        msgspec.DecodeError: these are no such bytes.
    """
    packed = msgspec.msgpack.decode(content, type=_Packed)
    ids, files, conditions = packed.ids, packed.files, packed.conditions

    def spans(places: list[int]) -> list[Span | None]:
        numbers = iter(places)
        return [
            Span(files[file], line, column) if file >= 0 else None
            for file, line, column in zip(numbers, numbers, numbers, strict=True)
        ]

    wholes = [ids[number] if number >= 0 else None for number in packed.wholes]
    nodes = map(Node, ids, packed.node_kinds, packed.labels, spans(packed.node_places), wholes)
    texts = [conditions[number] if number >= 0 else None for number in packed.edge_conditions]
    sources, targets = [ids[number] for number in packed.sources], [ids[number] for number in packed.targets]
    edges = map(Edge, sources, targets, packed.edge_kinds, spans(packed.edge_places), texts, packed.exact)
    return Graph.ordered(dict(zip(ids, nodes, strict=True)), tuple(edges))
