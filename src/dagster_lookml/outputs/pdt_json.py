"""The answers of ``pdt list`` and ``pdt plan`` as plain data (schema_version 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_lookml.outputs.contract import SCHEMA_VERSION, Json
from dagster_lookml.pdt.planning.plan import Plan
from dagster_lookml.pdt.planning.planned import PlannedAggregateTable, PlannedPdt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dagster_lookml.diagnostics import Diagnostic
    from dagster_lookml.pdt.planning.changed import Changes, Rebuild


def plan_json(plan: Plan, changes: Changes | None = None) -> Json:
    """A plan, or a part of one.

    Args:
        plan: with what was selected.
        changes: since the ref that it is compared with; None if it is compared with none.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "pdts": [_pdt(one, plan) for one in sorted(plan.pdts, key=lambda one: one.id)],
        "aggregate_tables": [_aggregate_table(one) for one in plan.aggregate_tables],
        "cycles": [list(cycle) for cycle in plan.cycles],
        "invented_models": list(plan.invented_models),
        "errors": plan.obstacles.errors,
        "changes": _changes(changes) if changes is not None else None,
    }


def _changes(changes: Changes) -> Json:
    return {
        **_remade(changes.rebuilds, changes.dropped),
        "aggregate_tables": _remade(changes.aggregate_rebuilds, changes.aggregate_dropped),
    }


def _remade(rebuilds: Iterable[Rebuild], dropped: Iterable[str]) -> dict[str, Json]:
    return {
        "rebuilt": [{"id": one.id, "new": one.new, "itself": one.itself, "because": list(one.because)} for one in rebuilds],
        "dropped": list(dropped),
    }


def _pdt(one: PlannedPdt, plan: Plan) -> Json:
    return {
        **_built(one),
        "view": one.view,
        "position": one.position,
        "triggered_by": list(one.triggered_by),
        "trigger_tables": list(one.trigger_tables),
        "refusal": plan.refusal(one.model, one.view),
        "findings": [_finding(found) for found in plan.obstacles.findings(one)],
    }


def _finding(found: Diagnostic) -> Json:
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "hint": found.hint,
        "file": found.file,
        "line": found.line,
        "column": found.column,
    }


def _aggregate_table(one: PlannedAggregateTable) -> Json:
    return {**_built(one), "explore": one.explore, "name": one.name}


def _built(one: PlannedPdt | PlannedAggregateTable) -> dict[str, Json]:
    return {
        "id": one.id,
        "model": one.model,
        "connection": one.connection,
        "persistence": {"kind": one.persistence.kind, "value": one.persistence.value},
        "incremental": one.incremental,
        "upstream": list(one.upstream),
        "tables": list(one.tables),
        "file": one.span.file,
        "line": one.span.line,
        "regenerated": one.regeneration.reason,
        "regenerated_known": one.regeneration.verdict != "unknown",
    }
