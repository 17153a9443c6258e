"""Columns that are not put out by the derived table that a field reads, and those that several tables may have (R5.6, R14.2)."""

from __future__ import annotations

import re
from collections.abc import Container
from functools import cached_property

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.diagnostics import Diagnostic, Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.lineage.result import Lineage
from dagster_lookml.rules import RULES
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Field, Text, View
from dagster_lookml.semantic.references import place


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
        for field in view.fields:
            status = lineage.fields.get(field_id(view.id, field.own_name))
            for gap in status.gaps if status is not None else ():
                if gap.reason == "missing-column":
                    check.missing(view, field, gap.subject)
                elif gap.reason == "ambiguous-column" and "ambiguous-column" in asked:
                    check.ambiguous(view, field, gap.subject)
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

    def missing(self, view: View, field: Field, column: str) -> None:
        """A field that names a column itself, or one that needs it somewhere on its way down."""
        text, at = _mention(field.sql, column)
        is_own = (text is not None or not field.sql) and view.derived_table is not None
        where = f"the derived table of `{view.name}`" if is_own else "a derived table that it reads"
        message = f"`{view.name}.{field.name}` reads the column `{column}`, which {where} does not put out"
        put_out = self.put_out(view)
        is_named = column not in put_out and (text is not None or (not field.sql and column == field.name.lower()))
        below = _mention(_table_texts(view), column) if text is None or column in put_out else (None, 0)
        if not is_named and below[0] is not None:
            text, at = below
            if is_own:
                message = (
                    f"`{view.name}.{field.name}` needs the column `{column}`, which nothing that `{view.name}` reads puts out"
                )
        is_settled = self.is_settled(view) if is_named else not _has_liquid(_table_texts(view))
        is_sure = is_own and self.is_offered(view, field) and not _has_liquid(field.sql) and is_settled
        severity = Severity.ERROR if is_sure else Severity.WARNING
        hint = suggestion(column, [one for one in put_out if one != column])
        self.note("unknown-column", message, view, field, column, (text, at), hint, severity)

    def ambiguous(self, view: View, field: Field, column: str) -> None:
        """A column of the field's own SQL or of its derived table that has no table before it."""
        texts = (*field.sql, *_table_texts(view))
        mention = _mention(texts, column, is_bare=True)
        if mention[0] is None:
            mention = _mention(texts, column)
        message = f"several tables may have the column `{column}`, which `{view.name}.{field.name}` needs"
        self.note("ambiguous-column", message, view, field, column, mention, "", Severity.INFO)

    def note(
        self,
        rule: str,
        message: str,
        view: View,
        field: Field,
        column: str,
        mention: tuple[Text | None, int],
        hint: str,
        severity: Severity,
    ) -> None:
        """Keep one finding for each place and column, the worst, though several views may inherit the field."""
        text, at = mention
        span, length = (place(text, at), len(column)) if text is not None else (field.span, 1)
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

    def is_settled(self, view: View) -> bool:
        """Tell whether Liquid has no say in what a derived table puts out."""
        return not _has_liquid(_table_texts(view)) or self._outputs(view) is not None

    def _outputs(self, view: View) -> tuple[str, ...] | None:
        status = self.lineage.views.get(view.id)
        return status.outputs if status is not None else None

    def put_out(self, view: View) -> list[str]:
        """The columns that a derived table surely has, as far as they are listed."""
        query = view.derived_table.explore_source if view.derived_table is not None else None
        if query is not None:
            return [column.name for column in query.columns]
        return [*(self._outputs(view) or (column.name for column in self.lineage.outputs.get(view.id, ())))]


def _table_texts(view: View) -> tuple[Text, ...]:
    """The SQL of a derived table, and of the columns that a native one derives."""
    table = view.derived_table
    if table is None:
        return ()
    derived = (column.sql for column in table.explore_source.columns) if table.explore_source is not None else ()
    return tuple(one for one in (table.sql, *table.statements, *derived) if one is not None)


def _has_liquid(texts: tuple[Text, ...]) -> bool:
    return any("{%" in text.value or "{{" in text.value for text in texts)


def _mention(texts: tuple[Text, ...], column: str, *, is_bare: bool = False) -> tuple[Text | None, int]:
    """The first text that names a column, and where in it; a bare one has no table before it."""
    pattern = re.compile(rf"(?<![\w${'.' if is_bare else ''}]){re.escape(column)}(?![\w$])", re.IGNORECASE)
    for text in texts:
        found = pattern.search(text.value)
        if found is not None:
            return text, found.start()
    return None, 0
