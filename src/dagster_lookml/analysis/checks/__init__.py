"""What is broken in a compiled project: references to what does not exist, and whatever else the rules name."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from dagster_lookml.analysis.checks.catalog import check_catalog
from dagster_lookml.analysis.checks.circles import check_circles
from dagster_lookml.analysis.checks.dashboards import check_dashboards
from dagster_lookml.analysis.checks.declared import check_declared
from dagster_lookml.analysis.checks.derived_tables import check_derived_tables
from dagster_lookml.analysis.checks.elsewhere import check_elsewhere
from dagster_lookml.analysis.checks.embedded import check_embedded
from dagster_lookml.analysis.checks.explores import check_explores, check_unused_views
from dagster_lookml.analysis.checks.ignoring import without_ignored
from dagster_lookml.analysis.checks.joins import check_joins
from dagster_lookml.analysis.checks.keys import check_keys
from dagster_lookml.analysis.checks.left_out import check_left_out
from dagster_lookml.analysis.checks.liquid import check_liquid
from dagster_lookml.analysis.checks.measures import check_measures
from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.shared import check_shared
from dagster_lookml.analysis.checks.sql import check_sql
from dagster_lookml.analysis.checks.suggested import check_suggested
from dagster_lookml.analysis.checks.traced import Traced
from dagster_lookml.analysis.checks.unaggregated import check_unaggregated
from dagster_lookml.analysis.checks.unused import check_unused
from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.analysis.checks.views import check_views
from dagster_lookml.diagnostics import Diagnostic, in_order
from dagster_lookml.rules import matching
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Project
from dagster_lookml.source.dbt import DbtProject

_OF_USES: Final = (
    check_declared,
    check_measures,
    check_derived_tables,
    check_circles,
    check_liquid,
    check_joins,
    check_keys,
    check_left_out,
    check_elsewhere,
    check_suggested,
    check_embedded,
)
"""Checks that ask where views are used."""


def check(
    project: Project, traced: Traced | None = None, asked: Container[str] = matching("default"), dbt: DbtProject | None = None
) -> tuple[Diagnostic, ...]:
    """Everything that is wrong in a project and that no comment ignores.

    Args:
        project: compiled.
        traced: its lineage; without it nothing is said of what SQL reads.
        asked: the names of the rules that somebody wants to hear of. What costs much is looked at only if it is among them;
            findings of other rules may be in the answer all the same.
        dbt: what dbt's artifacts say, to compare the columns of tables with; only beside `traced`.
    """
    names, findings = Names(project), Findings()
    check_views(names, findings)
    check_explores(names, findings)
    check_unused_views(names, findings)
    check_shared(names, findings)
    uses = Uses(names)
    for look in _OF_USES:
        look(uses, findings)
    if "unaggregated-measure" in asked:
        check_unaggregated(uses, findings)
    check_dashboards(names, findings, asked)
    check_unused(names, findings, asked)
    if traced is not None:
        check_sql(names, findings, traced, asked)
    if traced is not None and dbt is not None:
        check_catalog(findings, traced.graph, dbt, asked)
    return in_order(without_ignored((*project.diagnostics, *findings.diagnostics), project.ignores, asked))
