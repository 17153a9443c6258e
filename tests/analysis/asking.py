"""What one rule says of a small project, lineage included."""

from __future__ import annotations

from collections.abc import Mapping

from dagster_lookml.analysis.checks import check
from dagster_lookml.config import Config
from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.lineage.answer import trace_project
from dagster_lookml.source.dbt import DbtProject
from dagster_lookml.workspace.answer import TracedProject, summary_of
from tests.building import compiled


def findings_of(
    rule: str, files: Mapping[str, str | bytes] | str, *, dbt: DbtProject | None = None, config: Config | None = None
) -> tuple[Diagnostic, ...]:
    """The findings of one rule, which alone is asked for; a bare text is one model ``m`` that holds everything."""
    project = compiled(files, config=config)
    found = trace_project(project, config, dbt)
    traced = TracedProject(summary_of(found, ()), lambda: project, lambda: found.lineage)
    return tuple(one for one in check(project, traced, {rule}, dbt) if one.rule == rule)


def said(
    rule: str, files: Mapping[str, str | bytes] | str, *, dbt: DbtProject | None = None, config: Config | None = None
) -> list[str]:
    """The same for people: ``file:line severity: message``, and behind ``|`` what may help."""
    return [
        f"{one.file}:{one.line} {one.severity.value}: {one.message}" + (f" | {one.hint}" if one.hint else "")
        for one in findings_of(rule, files, dbt=dbt, config=config)
    ]
