"""A graph as a mermaid flowchart."""

from __future__ import annotations

import re
from typing import Final

from dagster_lookml.lineage.graph import EdgeKind, Graph, Node
from dagster_lookml.outputs.lineage_text import called
from dagster_lookml.outputs.plain_text import one_line

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
_DASHED: Final[frozenset[EdgeKind]] = frozenset(
    (
        "joins_on_demand", "trigger", "filter", "listen", "sort", "join_condition", "row_filter",
        "liquid", "shown", "asked", "required",
    )
)  # fmt: skip
_ACTIVE: Final = re.compile(r"[^\w ./-]|(?<![^\W_])_|_(?![^\W_])|^-")
"""All but what no mermaid makes anything of: besides quotes it reads directives, icons, formulas and Markdown in labels."""


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
            lines.append(f"  {numbers[edge.source]} {arrow(edge.kind, edge.exact)} {numbers[edge.target]}")
    return "\n".join(lines) + "\n"


def _shape(node: Node) -> str:
    return shape(node.kind, called(node) if node.kind in ("table", "column", "field") else f"{node.kind} {node.label}")


def shape(kind: str, text: str, longest: int | None = None) -> str:
    """What stands behind the id of a node: brackets, whose form says what it is, with what is written in it.

    Args:
        kind: of a node, or of anything else, which is a rectangle.
        text: from anywhere, since it stays text.
        longest: how many of its characters are shown.

    >>> shape("view", 'the "best"'), shape("table", "shop.orders")
    ('["the #34;best#34;"]', '[("shop.orders")]')
    """
    opening, closing = _SHAPES.get(kind, ("[", "]"))
    label = _ACTIVE.sub(lambda found: f"#{ord(found.group())};", one_line(text, longest))
    return f'{opening}"{label}"{closing}'


def arrow(kind: EdgeKind, exact: bool = True) -> str:
    """A line with a head, which is dashed where data flows only at times or as far as is known."""
    return "-.->" if kind in _DASHED or not exact else "-->"
