"""Joins that do not say what joins them, or say it twice; aggregate tables that say too little (R5.20, R6)."""

from __future__ import annotations

from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Explore, Join


def check_joins(uses: Uses, findings: Findings) -> None:
    """Check the joins and the aggregate tables of every explore."""
    for explore in uses.explores:
        for join in explore.joins:
            _check_condition(uses, findings, explore, join)
        _check_aggregate_tables(findings, explore)


def _check_condition(uses: Uses, findings: Findings, explore: Explore, join: Join) -> None:
    """R6.6-R6.8: one condition, unless the join needs none or its ``sql`` is the whole clause."""
    given = [text.parameter for text in join.sql if text.parameter in ("sql_on", "sql_foreign_key") and text.value]
    given += ["foreign_key"] if join.foreign_key is not None else []
    if len(given) > 1:
        message = f"the join `{join.name}` has both {given[0]} and {given[1]}"
        findings.add("two-join-conditions", message, join.span, object=explore.id, length=len(f"join: {join.name}"))
    elif not given and join.join_sql is None and join.type != "cross" and not _is_for_asking(uses, join):
        message = f"the join `{join.name}` of the explore `{explore.name}` has no sql_on and no foreign_key"
        hint = "if every row belongs to every other, say `type: cross`"
        length = len(f"join: {join.name}")
        findings.add("join-without-condition", message, join.span, object=explore.id, hint=hint, length=length)


def _is_for_asking(uses: Uses, join: Join) -> bool:
    """Tell whether a join brings filters and parameters alone, so that no query has its table (R6.20)."""
    view = uses.names.views[join.view] if join.view is not None else None
    if view is None or not view.fields or view.derived_table is not None or view.sql_table_name is not None:
        return False
    return view.complete and join.sql_table_name is None and all(one.kind in ("filter", "parameter") for one in view.fields)


def _check_aggregate_tables(findings: Findings, explore: Explore) -> None:
    for table in explore.aggregate_tables:
        missing = "query" if table.query is None else "trigger in its materialization" if table.persistence is None else ""
        if missing:
            message = f"the aggregate table `{table.name}` of the explore `{explore.name}` has no {missing}"
            length = len(f"aggregate_table: {table.name}")
            findings.add("incomplete-aggregate-table", message, table.span, object=explore.id, length=length)
