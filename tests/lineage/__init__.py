"""What the lineage is: each file one idea, each expectation worked out by hand from the rules of LookML."""

from __future__ import annotations

from dagster_lookml.config import Config, Connection
from dagster_lookml.lineage.answer import ProjectLineage
from tests.tracing import edges


def speaking(dialect: str, *, database: str | None = None, schema: str | None = None) -> Config:
    """A configuration in which the connection of the tests speaks a dialect."""
    return Config(connections={"warehouse": Connection(dialect=dialect, database=database, schema=schema)})


def tables(found: ProjectLineage) -> list[str]:
    """Every table of the graph, without ``table:``, sorted."""
    nodes = found.lineage.graph.nodes.values()
    return sorted(node.id.removeprefix("table:") for node in nodes if node.kind == "table")


def rows_from(found: ProjectLineage, target: str) -> list[str]:
    """The tables and views that the rows of a view come from, and no columns in conditions."""
    return [one for one in edges(found, target) if one.startswith(("table:", "view:"))]


def filtered_by(found: ProjectLineage, target: str) -> list[str]:
    """The columns and fields that decide which rows there are, without the kind of edge."""
    return [one.removesuffix(" row_filter") for one in edges(found, target) if one.split()[1] == "row_filter"]


def place(found: ProjectLineage, source: str, target: str) -> str:
    """Where it is written that one thing reads another, as ``file:line``."""
    [span] = [edge.span for edge in found.lineage.graph.edges if (edge.source, edge.target) == (source, target)]
    assert span is not None
    return f"{span.file}:{span.line}"
