"""What is broken in a compiled project: references to what does not exist."""

from __future__ import annotations

from dagster_lookml.analysis.checks.dashboards import check_dashboards
from dagster_lookml.analysis.checks.explores import check_explores, check_unused_views
from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.shared import check_shared
from dagster_lookml.analysis.checks.views import check_views
from dagster_lookml.diagnostics import Diagnostic, in_order
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Project


def check(project: Project) -> tuple[Diagnostic, ...]:
    """Everything that is wrong in a project: what compiling found, and every reference that leads nowhere.

    Args:
        project: compiled.
    """
    names, findings = Names(project), Findings()
    check_views(names, findings)
    check_explores(names, findings)
    check_unused_views(names, findings)
    check_shared(names, findings)
    check_dashboards(names, findings)
    return in_order((*project.diagnostics, *findings.diagnostics))
