"""The answer of ``diff`` as plain data (schema_version 1)."""

from __future__ import annotations

from dagster_lookml.analysis.diff.change import Change, Diff
from dagster_lookml.outputs.contract import SCHEMA_VERSION, Json
from dagster_lookml.outputs.lineage_json import affected_json


def diff_json(diff: Diff) -> Json:
    """The answer of ``diff``.

    Args:
        diff: with the refs that were compared.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "base": diff.base or None,
        "base_commit": diff.base_commit or None,
        "head": diff.head,
        "dbt_base": diff.dbt_base or None,
        "dbt_head": diff.dbt_head or None,
        "missing_imports": list(diff.missing_imports),
        "verdict": diff.verdict,
        "changes": [_change(one) for one in diff.changes],
    }


def _change(one: Change) -> Json:
    return {
        "id": one.id,
        "change": one.kind,
        "property": one.property or None,
        "old": one.old,
        "new": one.new,
        "verdict": one.verdict,
        "reason": one.reason,
        "side": one.side,
        "file": one.span.file if one.span is not None else None,
        "line": one.span.line if one.span is not None else None,
        "models": list(one.models),
        "affected": [affected_json(each) for each in one.affected],
    }
