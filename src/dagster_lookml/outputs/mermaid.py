"""A graph as a mermaid flowchart."""

from __future__ import annotations

from typing import Final

from dagster_lookml.lineage.graph import Graph, Node

_SHAPES: Final = {
    "table": ("[(", ")]"),
    "column": ("[/", "/]"),
    "view": ("[", "]"),
    "field": ("([", "])"),
    "explore": ("{{", "}}"),
    "dashboard": ("[[", "]]"),
    "tile": (">", "]"),
    "dbt": ("(", ")"),
}
_DASHED: Final = frozenset({"joins_on_demand", "trigger", "filter", "listen", "sort", "join_condition", "row_filter"})


def mermaid_text(graph: Graph) -> str:
    """A graph as the text of a mermaid flowchart, from the warehouse on the left to what people look at on the right.

    Args:
        graph: what was selected.

    >>> from dagster_lookml.lineage.graph import Edge, Node
    >>> nodes = {"table:t": Node("table:t", "table", "t"), "view:v": Node("view:v", "view", "v")}
    >>> print(mermaid_text(Graph(nodes, [Edge("table:t", "view:v", "reads")])), end="")
    flowchart LR
      n0[("t")]
      n1["view v"]
      n0 --> n1
    """
    numbers = {identity: f"n{number}" for number, identity in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    lines += [f"  {numbers[node.id]}{_shape(node)}" for node in graph.nodes.values()]
    seen: set[tuple[str, str]] = set()
    for edge in graph.edges:
        if (edge.source, edge.target) not in seen:
            seen.add((edge.source, edge.target))
            arrow = "-.->" if edge.kind in _DASHED or not edge.exact else "-->"
            lines.append(f"  {numbers[edge.source]} {arrow} {numbers[edge.target]}")
    return "\n".join(lines) + "\n"


def _shape(node: Node) -> str:
    opening, closing = _SHAPES[node.kind]
    label = node.label if node.kind in ("table", "column", "field") else f"{node.kind} {node.label}"
    escaped = label.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;").replace("\n", " ")
    return f'{opening}"{escaped}"{closing}'
