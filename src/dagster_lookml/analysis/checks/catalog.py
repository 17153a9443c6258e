"""Columns and tables that dbt's artifacts say are not there."""

from __future__ import annotations

from collections.abc import Container, Iterator
from functools import cached_property
from typing import Final
from urllib.parse import unquote

from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.lineage.dbt import DbtTables
from dagster_lookml.lineage.graph import Edge, Graph, Node
from dagster_lookml.lineage.ids import table_parts
from dagster_lookml.rules import RULES
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.source.dbt import DbtProject

_PSEUDO_COLUMNS: Final = frozenset(
    """_partitiontime _partitiondate _partition_load_time _table_suffix _file_name rowid rownum level ctid oid xmin xmax tableoid
    current_date current_timestamp current_time sysdate systimestamp localtime localtimestamp current_user user""".split()
)
"""What databases let a query name as if it was a column."""


def check_catalog(findings: Findings, graph: Graph, dbt: DbtProject, asked: Container[str] = RULES) -> None:
    """Check the tables and columns of the warehouse against what dbt says.

    Args:
        findings: that are added to.
        graph: of the project, down to columns.
        dbt: read from a manifest, and a catalog if there is one.
        asked: the rules that somebody wants to hear of.
    """
    check = _CatalogCheck(findings, graph, DbtTables(dbt))
    for node in graph.nodes.values():
        if node.kind == "column" and node.whole is not None:
            check.column(node, node.whole)
        elif node.kind == "table" and "unknown-catalog-table" in asked:
            check.table(node)


class _CatalogCheck:
    def __init__(self, findings: Findings, graph: Graph, tables: DbtTables) -> None:
        self.findings = findings
        self.graph = graph
        self.tables = tables

    @cached_property
    def readers(self) -> dict[str, list[Edge]]:
        """The edges that leave each node and are written somewhere."""
        found: dict[str, list[Edge]] = {}
        for edge in self.graph.edges:
            if edge.span is not None:
                found.setdefault(edge.source, []).append(edge)
        return found

    @cached_property
    def schemas(self) -> dict[str, list[str]]:
        """The tables that dbt makes or reads, by schema."""
        found: dict[str, list[str]] = {}
        for relation in self.tables.project.relations:
            if len(relation.parts) > 1:
                found.setdefault(relation.parts[-2].lower(), []).append(relation.parts[-1])
        return found

    def column(self, node: Node, table: str) -> None:
        """Check one column of one table."""
        relation = self.tables.relation(table)
        name = _column(node.id, table)
        if relation is None or not relation.columns or name in _PSEUDO_COLUMNS or name.startswith("metadata$"):
            return
        known = {one.lower().partition(".")[0] for one in relation.columns}
        if name in known:
            return
        rule = "unknown-catalog-column" if relation.columns_complete else "undocumented-column"
        source = "dbt's catalog" if relation.columns_complete else "dbt's manifest"
        hint = suggestion(name, known)
        for edge, reader in self.written(node.id):
            message = f"{reader} reads the column `{name}` of {_shown(table)}, which {source} does not have"
            unsure = not edge.exact or edge.condition is not None
            severity = Severity.WARNING if unsure and relation.columns_complete else None
            assert edge.span is not None
            self.findings.add(rule, message, edge.span, object=edge.target, hint=hint, severity=severity)

    def table(self, node: Node) -> None:
        """Check one table of a schema that dbt makes tables in."""
        parts = table_parts(node.id)
        if any(mark in node.id for mark in "{*") or len(parts) < 2 or self.tables.relations(node.id):
            return
        known = self.schemas.get(parts[-2].lower())
        for edge, reader in self.written(node.id) if known else ():
            message = f"{reader} reads {_shown(node.id)}, which dbt does not know, though it knows others in `{parts[-2]}`"
            assert edge.span is not None
            hint = suggestion(parts[-1], known or ())
            self.findings.add("unknown-catalog-table", message, edge.span, object=edge.target, hint=hint)

    def written(self, source: str) -> Iterator[tuple[Edge, str]]:
        """What reads a node itself, by field and view, each place once."""
        seen: set[str] = set()
        for edge in self.readers.get(source, ()):
            node = self.graph.nodes[edge.target]
            if node.kind in ("field", "view", "explore") and str(edge.span) not in seen:
                seen.add(str(edge.span))
                yield edge, f"the explore `{node.label}`" if node.kind == "explore" else f"`{node.label}`"


def _column(identity: str, table: str) -> str:
    """The name of a column, without the struct fields below it."""
    path = identity.removeprefix(f"column:{table.removeprefix('table:')}.")
    return unquote(path.partition(".")[0]).lower()


def _shown(table: str) -> str:
    return "`" + ".".join(table_parts(table)) + "`"
