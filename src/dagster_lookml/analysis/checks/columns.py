"""Columns that are not put out by the derived table that a field reads, and those that several tables may have (R5.6, R14.2)."""

from __future__ import annotations

from collections.abc import Container
from functools import cached_property

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.missing_columns import (
    MissingColumn,
    columns_in_gaps,
    mention,
    missing_columns,
    on_line,
    put_out,
    table_texts,
)
from dagster_lookml.diagnostics import Diagnostic, Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.lineage.result import Lineage
from dagster_lookml.rules import RULES
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Field, Text, View
from dagster_lookml.semantic.references import place
from dagster_lookml.source import Span


def check_columns(names: Names, findings: Findings, lineage: Lineage, asked: Container[str] = RULES) -> None:
    """Check the columns of every field.

    Args:
        names: of the project.
        findings: that are added to.
        lineage: of the project, with what could not be told of each field.
        asked: the rules that somebody wants to hear of.
    """
    check = _ColumnCheck(names, findings, lineage)
    for view in names.project.views:
        check.lacking(view)
    for one in missing_columns(names.project.views, lineage):
        check.missing(one)
    if "ambiguous-column" in asked:
        for view, field, column in columns_in_gaps(names.project.views, lineage.fields, "ambiguous-column"):
            check.ambiguous(view, field, column)
    check.report()


class _ColumnCheck:
    def __init__(self, names: Names, findings: Findings, lineage: Lineage) -> None:
        self.names = names
        self.findings = findings
        self.lineage = lineage
        self.found: dict[tuple[str, str], Diagnostic] = {}

    @cached_property
    def offered(self) -> frozenset[tuple[str, str]]:
        """The fields that users can pick in some explore: the id of the view, and the name."""
        return frozenset(
            (view.id, name)
            for explore in self.names.project.explores
            if not explore.extension_required
            for alias, view in self.names.aliased(explore).items()
            if view is not None
            for name in self.names.available(explore)[alias]
        )

    def lacking(self, view: View) -> None:
        """The columns that the SQL of a derived table names in vain: each query of the view fails (R5.3, R5.15)."""
        status = self.lineage.views.get(view.id)
        for one in status.lacking if status is not None else ():
            message = f"the SQL of `{view.name}` reads the column `{one.name}`, which `{one.table}` does not have"
            severity = Severity.ERROR if view.id in self.queried else Severity.WARNING
            self.note("unknown-column", message, view, one.span, one.name, on_line(view, one.name, one.span), "", severity)

    @cached_property
    def queried(self) -> frozenset[str]:
        """The ids of the views that some explore uses."""
        return frozenset(identity for identity, _ in self.offered)

    def missing(self, one: MissingColumn) -> None:
        """A field that names a column itself, or one that needs it somewhere on its way down."""
        view, field, column = one.view, one.field, one.column
        where = f"the derived table of `{view.name}`" if one.is_own else "a derived table that it reads"
        message = f"`{view.name}.{field.name}` reads the column `{column}`, which {where} does not put out"
        if one.is_own and not one.is_named and one.text is not None:
            message = f"`{view.name}.{field.name}` needs the column `{column}`, which nothing that `{view.name}` reads puts out"
        severity = Severity.ERROR if one.is_sure and self.is_offered(view, field) else Severity.WARNING
        hint = suggestion(column, [other for other in put_out(view, self.lineage) if other != column])
        self.note("unknown-column", message, view, field.span, column, (one.text, one.offset), hint, severity)

    def ambiguous(self, view: View, field: Field, column: str) -> None:
        """A column of the field's own SQL or of its derived table that has no table before it."""
        texts = (*field.sql, *table_texts(view))
        at = mention(texts, column, is_bare=True)
        if at[0] is None:
            at = mention(texts, column)
        message = f"several tables may have the column `{column}`, which `{view.name}.{field.name}` needs"
        self.note("ambiguous-column", message, view, field.span, column, at, "", Severity.INFO)

    def note(
        self,
        rule: str,
        message: str,
        view: View,
        line: Span,
        column: str,
        at: tuple[Text | None, int],
        hint: str,
        severity: Severity,
    ) -> None:
        """Keep one finding for each place and column, the worst, though several views may inherit the field."""
        text, offset = at
        span, length = (place(text, offset), len(column)) if text is not None else (line, 1)
        findings = Findings()
        findings.add(rule, message, span, object=view.id, hint=hint, length=length, severity=severity)
        [found] = findings.diagnostics
        known = self.found.setdefault((str(span), column), found)
        if found.severity.rank < known.severity.rank:
            self.found[str(span), column] = found

    def report(self) -> None:
        """Say what was kept."""
        self.findings.diagnostics += self.found.values()

    def is_offered(self, view: View, field: Field) -> bool:
        """Tell whether somebody can pick a field."""
        return any((view.id, name) in self.offered for name in field.names)
