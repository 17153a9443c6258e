"""SQL and Liquid that cannot be read, and persistent tables that take whatever a table has."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

from dagster_lookml.analysis.checks.columns import check_columns
from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.traced import Traced
from dagster_lookml.analysis.checks.views import table_sql
from dagster_lookml.rules import RULES
from dagster_lookml.semantic.constants import CONSTANT
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import View
from dagster_lookml.semantic.references import place

_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_STAR: Final = re.compile(r"\bselect\s+(?:distinct\s+)?(?:[\w\"`]+\s*\.\s*)?\*\s*,?[^()]*?\bfrom\s+([^\s(),;]+)", re.IGNORECASE)
_NAMED_QUERY: Final = re.compile(r"([\w\"`]+)\s+as\s*\(", re.IGNORECASE)


def check_sql(names: Names, findings: Findings, traced: Traced, asked: Container[str] = RULES) -> None:
    """Check the SQL of a project.

    Args:
        names: of the project.
        findings: that are added to.
        traced: its lineage.
        asked: the rules that somebody wants to hear of.
    """
    _check_readable(names, findings, traced)
    if "star-in-pdt" in asked:
        for view in names.project.views:
            _check_stars(findings, view)
    reasons = traced.coverage.fields.reasons  # counted beforehand; the columns themselves are in what is large
    if ("unknown-column" in asked and "missing-column" in reasons) or (
        "ambiguous-column" in asked and "ambiguous-column" in reasons
    ):
        check_columns(names, findings, traced.lineage, asked)


def _check_readable(names: Names, findings: Findings, traced: Traced) -> None:
    status = traced.coverage.sql
    for one in status.liquid:
        message = f"the Liquid of this `{one.parameter}` cannot be read: {one.reason}"
        findings.add("unreadable-liquid", message, one.span, object=one.owner)
    malformed = {str(one.span) for one in status.liquid}
    if status.unread:
        malformed |= _with_undefined_constants(names)
    for one in status.unread:
        if str(one.span) not in malformed:
            message = f"this `{one.parameter}` cannot be read: {one.reason}"
            findings.add("unreadable-sql", message, one.span, object=one.owner)


def _with_undefined_constants(names: Names) -> set[str]:
    """The places of SQL in which a constant stayed as it is: that is told of, and no database would read it (R9.6)."""
    if not any(one.rule == "undefined-constant" for one in names.project.diagnostics):
        return set()
    texts = [text for view in names.project.views for text in table_sql(view)]
    for explore in names.project.explores:
        texts += [*explore.sql, *(text for join in explore.joins for text in join.sql)]
    return {str(text.span) for text in texts if CONSTANT.search(text.value)}


def _check_stars(findings: Findings, view: View) -> None:
    """``SELECT * FROM`` something that is no named query of the same statement."""
    if not view.is_pdt or view.derived_table is None:
        return
    for text in (view.derived_table.sql, *view.derived_table.statements):
        if text is None:
            continue
        sql = _COMMENT.sub(lambda found: " " * len(found.group()), text.value)  # every place stays
        named = {one.strip('"`').lower() for one in _NAMED_QUERY.findall(sql)}
        for found in _STAR.finditer(sql):
            table = found.group(1)
            if table.strip('"`').lower() not in named:
                message = f"the persistent table of `{view.name}` takes every column of `{table}`"
                findings.add("star-in-pdt", message, place(text, found.start()), object=view.id, length=len("select"))
