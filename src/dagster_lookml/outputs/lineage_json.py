"""The answers of ``lineage`` and ``impact`` as plain data (schema_version 1)."""

from __future__ import annotations

from collections.abc import Iterable

from dagster_lookml.analysis.impact import Affected, Impact
from dagster_lookml.lineage.coverage import Coverage
from dagster_lookml.lineage.graph import Edge, Graph, Node
from dagster_lookml.lineage.result import UnreadSql
from dagster_lookml.outputs.contract import SCHEMA_VERSION, Json


def lineage_json(graph: Graph, coverage: Coverage, circles: Iterable[tuple[str, ...]]) -> Json:
    """The answer of ``lineage``.

    Args:
        graph: what was selected.
        coverage: of the whole project.
        circles: ids on each circle of the whole project, the first one again at the end.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "nodes": [_node(node) for node in graph.nodes.values()],
        "edges": [_edge(edge) for edge in graph.edges],
        "circles": [list(circle) for circle in circles],
        "coverage": coverage_json(coverage),
    }


def coverage_json(coverage: Coverage) -> Json:
    """How far a lineage goes: fields first, then views, then the SQL that could not be read."""
    sql, fields, views = coverage.sql, coverage.fields, coverage.views
    return {
        "fields": fields.fields,
        "traced_to_column": fields.traced_to_column,
        "inferred": fields.inferred,
        "traced_to_table": fields.traced_to_table,
        "no_column": fields.no_column,
        "unknown": fields.unknown,
        "reasons": fields.reasons,
        "views": {
            "views": views.views,
            "traced_to_table": views.traced_to_table,
            "no_table": views.no_table,
            "unknown": views.unknown,
            "reasons": views.reasons,
        },
        "sql": {
            "parameters": sql.parameters,
            "read": sql.parameters - len(sql.unread),
            "unread": [_unread(one) for one in sql.unread],
        },
    }


def _unread(one: UnreadSql) -> Json:
    return {
        "object": one.owner,
        "parameter": one.parameter,
        "file": one.span.file,
        "line": one.span.line,
        "reason": one.reason,
    }


def impact_json(impact: Impact, coverage: Coverage, removed: Impact | None = None) -> Json:
    """The answer of ``impact``.

    Args:
        impact: of what is there.
        coverage: of the whole project, as what could not be traced may be affected too.
        removed: at the ref that it is compared with, of what is there no more; None if nothing is compared or gone.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "source": [node.id for node in impact.source],
        "affected": [affected_json(one) for one in impact.affected],
        "removed": {
            "source": [node.id for node in removed.source],
            "affected": [affected_json(one) for one in removed.affected],
        }
        if removed is not None
        else None,
        "untraced": {"fields": coverage.fields.untraced, "views": coverage.views.unknown},
    }


def affected_json(one: Affected) -> Json:
    """Something that is affected, with the hops of its shortest way."""
    return {"id": one.node.id, "kind": one.node.kind, "path": [_hop(edge) for edge in one.path]}


def _node(node: Node) -> Json:
    return {
        "id": node.id,
        "kind": node.kind,
        "label": node.label,
        "file": node.span.file if node.span is not None else None,
        "line": node.span.line if node.span is not None else None,
    }


def _hop(edge: Edge) -> dict[str, Json]:
    return {
        "from": edge.source,
        "to": edge.target,
        "kind": edge.kind,
        "file": edge.span.file if edge.span is not None else None,
        "line": edge.span.line if edge.span is not None else None,
    }


def _edge(edge: Edge) -> Json:
    return {**_hop(edge), "condition": edge.condition, "confidence": "exact" if edge.exact else "inferred"}
