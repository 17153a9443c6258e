"""SQL and Liquid that cannot be read, and persistent tables that take whatever a table has."""

from __future__ import annotations

from collections.abc import Container

from dagster_lookml.analysis.checks.columns import check_columns
from dagster_lookml.analysis.checks.kept_tables import check_kept_tables
from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.traced import Traced
from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.analysis.checks.views import table_sql
from dagster_lookml.diagnostics import Severity
from dagster_lookml.lineage.result import Lineage
from dagster_lookml.lineage.written import table_texts
from dagster_lookml.rules import RULES
from dagster_lookml.semantic.constants import CONSTANT
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import View
from dagster_lookml.semantic.references import place
from dagster_lookml.source import Span
from dagster_lookml.sql.liquid_faults import is_broken


def check_sql(names: Names, findings: Findings, traced: Traced, asked: Container[str] = RULES) -> None:
    """Check the SQL of a project.

    Args:
        names: of the project.
        findings: that are added to.
        traced: its lineage.
        asked: the rules that somebody wants to hear of.
    """
    uses = Uses(names)
    _check_readable(uses, findings, traced)
    if "star-in-pdt" in asked:
        for view in names.project.views:
            if view.is_pdt:
                _check_stars(findings, view, traced.lineage)
    if "unknown-key-column" in asked or "unnamed-column" in asked:
        check_kept_tables(uses, findings, traced)
    reasons = traced.coverage.fields.reasons  # counted beforehand; the columns themselves are in what is large
    if ("unknown-column" in asked and ("missing-column" in reasons or traced.coverage.lacking)) or (
        "ambiguous-column" in asked and "ambiguous-column" in reasons
    ):
        check_columns(names, findings, traced.lineage, asked)


def _check_readable(uses: Uses, findings: Findings, traced: Traced) -> None:
    status = traced.coverage.sql
    queried = _queried(uses) if status.liquid else frozenset[str]()
    for one in status.liquid:
        message = f"the Liquid of this `{one.parameter}` cannot be read: {one.reason}"
        severity = Severity.ERROR if one.owner in queried and is_broken(one.reason) else Severity.WARNING
        findings.add("unreadable-liquid", message, one.span, object=one.owner, severity=severity)
    malformed = {str(one.span) for one in status.liquid}
    if status.unread:
        malformed |= _with_undefined_constants(uses.names)
    for one in status.unread:
        if str(one.span) not in malformed:
            message = f"this `{one.parameter}` cannot be read: {one.reason}"
            findings.add("unreadable-sql", message, one.span, object=one.owner)


def _queried(uses: Uses) -> frozenset[str]:
    """The ids of what users can query: explores, and the views that these have."""
    views = (view.id for view in uses.names.project.views if uses.of(view))
    return frozenset((*views, *(one.id for one in uses.names.project.explores if not one.extension_required)))


def _with_undefined_constants(names: Names) -> set[str]:
    """The places of SQL in which a constant stayed as it is: that is told of, and no database would read it (R9.6)."""
    if not any(one.rule == "undefined-constant" for one in names.project.diagnostics):
        return set()
    texts = [text for view in names.project.views for text in table_sql(view)]
    for explore in names.project.explores:
        texts += [*explore.sql, *(text for join in explore.joins for text in join.sql)]
    return {str(text.span) for text in texts if CONSTANT.search(text.value)}


def _check_stars(findings: Findings, view: View, lineage: Lineage) -> None:
    """A persistent table of which another one decides what is in it."""
    status = lineage.views.get(view.id)
    for table, line in status.starred if status is not None else ():
        message = f"the persistent table of `{view.name}` takes every column of `{table}`"
        span, length = _name_in(view, table, line)
        findings.add("star-in-pdt", message, span, object=view.id, length=length)


def _name_in(view: View, table: str, line: Span) -> tuple[Span, int]:
    """Where a table's name stands on a line of the SQL of a derived table; the whole line where it cannot be told."""
    name = table.rpartition(".")[2].lower() if not table.startswith("$") else table.lower()
    for text, _ in table_texts(view):
        lines = text.value.split("\n")
        number = line.line - text.span.line
        if text.span.file == line.file and 0 <= number < len(lines):
            at = lines[number].lower().find(name)
            if at >= 0:
                return place(text, sum(len(one) + 1 for one in lines[:number]) + at), len(name)
    return line, 1
