"""What a view names and the model does not have: tables of other views, explores, drill fields, sets (R5, R13 V04-V10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dagster_lookml.analysis.checks.elsewhere import NAMING
from dagster_lookml.analysis.checks.explores import scoped_fields
from dagster_lookml.analysis.checks.lacking import lacking, view_hint
from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.fields import CUSTOM_TIMEFRAMES, DEFAULT_INTERVALS, DEFAULT_TIMEFRAMES, TIMEFRAME
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Explore, Field, Model, NativeQuery, Reference, Test, Text, View
from dagster_lookml.semantic.quoting import explore_id
from dagster_lookml.semantic.references import live_references, place, says_nothing

_FIELD_SQL: Final = frozenset({"sql", "sql_end", "sql_latitude", "sql_longitude", "sql_start"})
"""The SQL that a query contains as it is."""


def check_views(names: Names, findings: Findings) -> None:
    """Check every view in every model that sees it; each finding is said once."""
    for view in names.project.views:
        models = [names.models[name] for name in view.models]
        for text in table_sql(view):
            check_tables(names, findings, view, text, models)
        if view.native_query is not None:
            check_native_query(names, findings, models, view.native_query, view.id)
        if view.analytic_model is not None and view.analytic_model.explore is not None:
            _check_source(names, findings, models, view.analytic_model.explore, view.id)
        if view.included:
            _check_timeframes(findings, view)
            _check_fields(findings, view)
            _check_drill_fields(names, findings, view)
            _check_names(names, findings, view)
            _check_calendars(names, findings, view)
    for model in names.project.models:
        for test in model.tests:
            if test.query is not None:
                _check_test(names, findings, model, test, test.query)


def rows_sql(view: View) -> Iterator[Text]:
    """Every SQL text that says what a view's rows are; one that another goes before is checked all the same."""
    if view.sql_table_name is not None:
        yield view.sql_table_name
    if view.analytic_model is not None:
        yield from view.analytic_model.texts
    if view.derived_table is not None:
        if view.derived_table.sql is not None:
            yield view.derived_table.sql
        yield from view.derived_table.statements


def table_sql(view: View) -> Iterator[Text]:
    """Every SQL text of a view in which ``${v.SQL_TABLE_NAME}`` may stand (R4.26)."""
    yield from rows_sql(view)
    if view.derived_table is not None:
        persistence = view.derived_table.persistence
        if persistence is not None and persistence.kind == "sql_trigger_value":
            yield Text(persistence.kind, persistence.value, persistence.span)
    for field in view.fields:
        yield from field.sql


def check_tables(names: Names, findings: Findings, view: View, text: Text, models: Sequence[Model]) -> None:
    """Check that models have the views whose tables some SQL of a view names (R4.26)."""
    for reference in live_references(text.value):
        if reference.is_table and reference.view is not None:
            what = f"`{view.name}` reads the table of the view `{reference.view}`"
            span, length = place(text, reference.start), reference.end - reference.start
            _check_view(names, findings, models, Reference(text.parameter, reference.view, span), what, view.id, length)


def _check_view(
    names: Names, findings: Findings, models: Sequence[Model], named: Reference, what: str, identity: str, length: int
) -> None:
    """Check that models have a view."""
    without = [model for model in models if named.name not in model.views and not model.missing_projects]
    for one in lacking(without, models):
        hint = view_hint(names, one.model, named.name)
        message = f"{what}, {one.without}"
        findings.add("unknown-view", message, named.span, object=identity, hint=hint, length=length, also=one.ids, subject=what)


def check_native_query(names: Names, findings: Findings, models: Sequence[Model], query: NativeQuery, identity: str) -> None:
    """Check a native derived table or a test in its models: its explore, and the fields that it takes from it (R5.5, R5.6)."""
    _check_source(names, findings, models, Reference("explore_source", query.explore, query.span), identity)
    for model in models:
        explore = names.explores.get(explore_id(model.name, query.explore))
        if explore is not None and explore.complete:
            _check_columns(names, findings, explore, query, identity)


def _check_source(names: Names, findings: Findings, models: Sequence[Model], source: Reference, identity: str) -> None:
    """Check that models have the explore that something is made from."""
    without = [one for one in models if explore_id(one.name, source.name) not in names.explores and not one.missing_projects]
    for one in lacking(without, models):
        hint = suggestion(source.name, [names.explores[explore].name for explore in one.model.explores])
        message, subject = f"{one.has_no} explore `{source.name}`", f"explore `{source.name}`"
        findings.add("unknown-explore", message, source.span, object=identity, hint=hint, also=one.ids, subject=subject)


def _check_columns(names: Names, findings: Findings, explore: Explore, query: NativeQuery, identity: str) -> None:
    fields = [Reference("column", column.field or column.name, column.span) for column in query.columns if column.sql is None]
    fields += [Reference(term.parameter, term.field, term.span) for term in query.filters]
    fields += [target for _, target in query.bind_filters]
    columns = {column.name for column in query.columns}
    fields += [reference for reference in query.sorts if reference.name not in columns]
    fields += scoped_fields(query.expressions)
    for reference in fields:
        _check_column(names, findings, explore, reference, identity)


def _check_test(names: Names, findings: Findings, model: Model, test: Test, query: NativeQuery) -> None:
    identity = f"test:{model.name}/{test.name}"
    check_native_query(names, findings, [model], query, identity)
    explore = names.explores.get(explore_id(model.name, query.explore))
    if explore is not None and explore.extension_required:
        message = f"the explore `{explore.name}` must be extended, and cannot be tested itself"
        findings.add("unknown-explore", message, query.span, object=identity)
    elif explore is not None and explore.complete:
        for reference in scoped_fields(test.assertions):
            _check_column(names, findings, explore, reference, identity)


def _check_column(names: Names, findings: Findings, explore: Explore, reference: Reference, identity: str) -> None:
    alias, _, name = reference.name.rpartition(".")
    aliased = names.aliased(explore)
    alias = alias or explore.base_alias
    if alias not in aliased:
        message = f"the explore `{explore.name}` has no view `{alias}`"
        hint = suggestion(alias, aliased)
        findings.add("view-not-joined", message, reference.span, object=identity, hint=hint)
        return
    view = aliased[alias]
    if view is not None and not names.has_field(view, name):
        message = f"there is no field `{name}` in the view `{alias}` of the explore `{explore.name}`"
        findings.add("unknown-field", message, reference.span, object=identity, hint=names.group_hint(view, name))
    elif view is not None and names.is_left_out(explore, alias, view, name):  # the query of the explore has no such field
        message = f"the explore `{explore.name}` leaves out the field `{alias}.{name}`"
        findings.add("field-excluded", message, reference.span, object=identity, severity=Severity.ERROR)


def _check_fields(findings: Findings, view: View) -> None:
    keys = view.primary_key
    for field in keys[1:]:
        message = f"`{view.name}` has two primary keys: `{keys[0].name}` and `{field.name}`"
        findings.add("duplicate-primary-key", message, field.span, object=view.id, hint=f"the first stands at {keys[0].span}")
    for field in view.fields:
        for text in field.sql:
            if text.parameter in _FIELD_SQL and says_nothing(text.value):
                what = "nothing but a comment" if text.value else "empty"
                message = f"the {text.parameter} of `{view.name}.{field.name}` is {what}"
                findings.add("empty-sql", message, text.span, object=view.id)


def _check_timeframes(findings: Findings, view: View) -> None:
    for field in view.fields:
        if field.kind != "dimension_group" or field.every_timeframe:
            continue
        for name in field.generated:
            if field.type == "duration":
                interval = name.removesuffix(f"s_{field.name}")
                if interval not in DEFAULT_INTERVALS:
                    _report_timeframe(findings, view, field, f"interval `{interval}`", suggestion(interval, DEFAULT_INTERVALS))
            elif field.type == "custom_calendar":
                custom = name.removeprefix(f"{field.name}_")
                if custom not in CUSTOM_TIMEFRAMES:
                    _report_timeframe(findings, view, field, f"timeframe `{custom}`", suggestion(custom, CUSTOM_TIMEFRAMES))
            elif name != field.name and not TIMEFRAME.fullmatch(timeframe := name.removeprefix(field.name + "_")):
                _report_timeframe(findings, view, field, f"timeframe `{timeframe}`", suggestion(timeframe, DEFAULT_TIMEFRAMES))


def _report_timeframe(findings: Findings, view: View, field: Field, what: str, hint: str) -> None:
    message = f"`{view.name}.{field.name}` lists the {what}, which Looker does not have"
    length = len(f"dimension_group: {field.name}")
    findings.add("unknown-timeframe", message, field.span, object=view.id, hint=hint, length=length)


def _check_drill_fields(names: Names, findings: Findings, view: View) -> None:
    """Drill fields of the view itself; those of other views are absent where the view is not joined, and no fault (R4.41)."""
    if not view.complete or view.kind == "abstract":
        return
    sets = {one.name for one in view.sets}
    for reference in _drill_fields(view):
        name = reference.name.removeprefix("-")
        scope, _, rest = name.rpartition(".")
        if scope not in ("", view.name):
            continue
        known = rest[:-1] in sets or rest == f"{view.name}*" if rest.endswith("*") else names.has_field(view, rest)
        if not known and rest != "ALL_FIELDS*":
            message = f"there is no {'set' if rest.endswith('*') else 'field'} `{rest}` in `{view.name}` to drill into"
            hint = names.group_hint(view, rest) if not rest.endswith("*") else ""
            findings.add("unknown-drill-field", message, reference.span, object=view.id, hint=hint, length=len(name))


def _check_names(names: Names, findings: Findings, view: View) -> None:
    """Fields that fields name outside of SQL (R4.32), and those that a set holds (R4.37), where they are the view's own."""
    if not view.complete or view.kind == "abstract":
        return
    mentioned = [one for field in view.fields for one in field.references if one.parameter in NAMING]
    for reference in (*mentioned, *(entry for field_set in view.sets for entry in field_set.fields)):
        scope, _, name = reference.name.removeprefix("-").rpartition(".")
        if scope not in ("", view.name) or name.endswith("*") or names.has_field(view, name):
            continue
        message = f"`{reference.parameter}` of `{view.name}` names the field `{name}`, which does not exist"
        hint = names.group_hint(view, name)
        severity = Severity.WARNING if reference.parameter == "fields" else None
        findings.add("unknown-field", message, reference.span, object=view.id, hint=hint, length=len(name), severity=severity)


def _check_calendars(names: Names, findings: Findings, view: View) -> None:
    """The custom calendar that a group is cut off by is a view of the same model."""
    models = [names.models[name] for name in view.models]
    for calendar in (field.calendar for field in view.fields if field.calendar is not None):
        what = f"`{view.name}` is based on the calendar `{calendar.name}`, a view"
        _check_view(names, findings, models, calendar, what, view.id, len(calendar.name))


def _drill_fields(view: View) -> Iterator[Reference]:
    yield from view.drill_fields
    fields: tuple[Field, ...] = view.fields
    for field in fields:
        yield from (reference for reference in field.references if reference.parameter == "drill_fields")
