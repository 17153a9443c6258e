"""A graph in the DOT language of Graphviz."""

from __future__ import annotations

from typing import Final

from dagster_lookml.lineage.graph import Graph
from dagster_lookml.outputs.lineage_text import called

_SHAPES: Final = {
    "table": "cylinder",
    "column": "cds",
    "view": "box",
    "field": "oval",
    "explore": "hexagon",
    "dashboard": "component",
    "tile": "note",
    "dbt": "folder",
}


def dot_text(graph: Graph) -> str:
    """A graph as DOT, from the warehouse on the left to what people look at on the right.

    Args:
        graph: what was selected.

    >>> print(dot_text(Graph({}, [])), end="")
    digraph lineage {
      rankdir=LR;
    }
    """
    lines = ["digraph lineage {", "  rankdir=LR;"]
    lines += [f"  {_quoted(one.id)} [label={_quoted(called(one))}, shape={_SHAPES[one.kind]}];" for one in graph.nodes.values()]
    for edge in graph.edges:
        style = "" if edge.exact and edge.condition is None else ", style=dashed"
        lines.append(f"  {_quoted(edge.source)} -> {_quoted(edge.target)} [label={_quoted(edge.kind)}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
