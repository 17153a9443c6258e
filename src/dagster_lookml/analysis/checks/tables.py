"""What the table of one view names and one model does not have: views, its explore, fields of that, its datagroup (R5)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.shared import check_trigger
from dagster_lookml.analysis.checks.views import check_native_query, check_tables
from dagster_lookml.diagnostics import Diagnostic, Severity, in_order
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Model, Text, View


def check_table(names: Names, model: Model, view: View) -> tuple[Diagnostic, ...]:
    """What is wrong in the definition of a view's table, as one model sees it.

    What a model with an absent import does not have may be there: that is a warning, and says so. Of a datagroup that may be
    there nothing is said.

    Args:
        names: of the project.
        model: that sees the view.
        view: with a derived table, or a plain one.
    """
    surely = _found(names, model, view)
    if not model.missing_projects:
        return in_order((*surely, *_of_trigger(model, view)))
    complete = msgspec.structs.replace(model, missing_projects=())
    absent = ", ".join(model.missing_projects)
    maybe = [
        msgspec.structs.replace(one, severity=Severity.WARNING, hint=f"it may be in {absent}, which is not here")
        for one in _found(names, complete, view)
        if one not in surely
    ]
    return in_order((*surely, *maybe))


def _found(names: Names, model: Model, view: View) -> tuple[Diagnostic, ...]:
    findings = Findings()
    for text in definition_texts(view):
        check_tables(names, findings, view, text, [model])
    derived = view.derived_table
    if derived is not None and derived.explore_source is not None:
        check_native_query(names, findings, [model], derived.explore_source, view.id)
    return in_order(findings.diagnostics)


def _of_trigger(model: Model, view: View) -> list[Diagnostic]:
    findings = Findings()
    if view.derived_table is not None and view.is_pdt:
        check_trigger(findings, model, view.derived_table.persistence, view.id)
    return findings.diagnostics


def definition_texts(view: View) -> Iterator[Text]:
    """The SQL that says what a view's table is, and when it is built anew."""
    derived = view.derived_table
    if view.analytic_model is not None:
        yield from view.analytic_model.texts
    if derived is None:
        if view.sql_table_name is not None:
            yield view.sql_table_name
        return
    if derived.sql is not None:
        yield derived.sql
    yield from derived.statements
    if derived.persistence is not None and derived.persistence.kind == "sql_trigger_value":
        yield Text(derived.persistence.kind, derived.persistence.value, derived.persistence.span)
