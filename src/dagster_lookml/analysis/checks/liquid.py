"""Liquid that names what is not there, or is nested in itself (R10.3-R10.8, R13 V09)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.reached import Reading
from dagster_lookml.analysis.checks.uses import Aliased, Uses
from dagster_lookml.analysis.checks.views import rows_sql
from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Explore, Field, Text, View
from dagster_lookml.semantic.references import place
from dagster_lookml.sql.liquid_faults import is_broken, template_fault
from dagster_lookml.sql.liquid_names import Named, inside_of, liquid_names, liquid_tags, without_strings

_BLOCK: Final = re.compile(r"\{%-?\s*((?:end)?(?:if|unless|case|for|capture|comment))\b.*?%\}", re.DOTALL)
"""Where a branch, or text that may never be put out, begins and ends."""


def check_liquid(uses: Uses, findings: Findings) -> None:
    """Check every template of views and explores."""
    for view in uses.names.project.views:
        if view.included:
            for text in (*_field_texts(view), *rows_sql(view)):
                _check_nesting(findings, text, view.id)
    for explore in uses.names.project.explores:
        for text in _explore_texts(explore):
            _check_nesting(findings, text, explore.id)
    _check_templates(uses.names, findings)
    told: set[str] = set()
    reading = Reading(uses.names)
    for view in uses.views:
        _ViewCheck(uses, findings, view, told, reading).run()
    for explore in uses.explores:
        for text in _explore_texts(explore):
            _check_explore(uses, findings, explore, text)


def _check_templates(names: Names, findings: Findings) -> None:
    """The Liquid of ``html``, links and actions breaks what is shown, and not the query (R10.1)."""
    seen: set[int] = set()  # a field that several views inherit is one object
    for view in names.project.views:
        for text in (text for field in view.fields for text in field.templates) if view.included else ():
            fault = template_fault(text.value) if id(text) not in seen else None
            seen.add(id(text))
            if fault is not None and is_broken(fault):
                message = f"the Liquid of this `{text.parameter}` cannot be read: {fault}"
                findings.add("unreadable-liquid", message, text.span, object=view.id)


def _check_nesting(findings: Findings, text: Text, identity: str) -> None:
    """R10.6: in Liquid a field is written without ``${}``, and a value without ``{{}}``; inside quotes both are plain text."""
    for found in liquid_tags(text.value):
        inside = without_strings(inside_of(found))
        nested = "{{" if found.group("tag") is not None and "{{" in inside else "${" if "${" in inside else ""
        if nested:
            message = f"`{nested} {'}' * len(nested.strip('$'))}` stands inside Liquid"
            hint = "in Liquid a field is named by view and field alone"
            length = len(found.group().partition("\n")[0])
            severity = Severity.WARNING if nested == "${" else None
            span = place(text, found.start())
            findings.add("nested-liquid", message, span, object=identity, hint=hint, length=length, severity=severity)


class _ViewCheck:
    """What the Liquid of one view names, in all explores that have the view: a fault is what none of them has."""

    def __init__(self, uses: Uses, findings: Findings, view: View, told: set[str], reading: Reading) -> None:
        self.uses = uses
        self.names: Names = uses.names
        self.findings = findings
        self.view = view
        self.told = told  # places of templates that several views inherit
        self.reading = reading

    @cached_property
    def _in_its_models(self) -> Aliased | None:
        found = [self.uses.of_model(model) for model in self.view.models]
        if None in found:
            return None
        aliases = {alias for one in found if one is not None for alias in one}
        return {alias: tuple(view for one in found if one is not None for view in one.get(alias, ())) for alias in aliases}

    @cached_property
    def _where_its_table_is_read(self) -> Aliased | None:
        return self.uses.aliases(self.reading.of(self.view))

    def run(self) -> None:
        beside = self.uses.beside(self.view)
        for field in self.view.fields if self.uses.of(self.view) else ():
            for text in (*field.sql, *field.templates):
                for one in liquid_names(text.value):
                    self.check(text, one, beside, is_sql=text in field.sql and self.is_offered(field))
        for text in rows_sql(self.view):
            for one in liquid_names(text.value):
                if self.is_read(one):
                    self.check(text, one, self._in_its_models, is_sql=True)
                    self.check(text, one, self._where_its_table_is_read, is_sql=True)

    def is_read(self, one: Named) -> bool:
        """Tell whether a query reads the view's table; where another one alone does, nobody says what the view's own name is."""
        return bool(self.uses.of(self.view) or (one.scope != self.view.name and self.reading.of(self.view)))

    def is_offered(self, field: Field) -> bool:
        """Tell whether users can pick a field in some explore."""
        available = (self.names.available(use.explore)[use.alias] for use in self.uses.of(self.view))
        return any(not names.isdisjoint(field.names) for names in available)

    def check(self, text: Text, one: Named, aliases: Aliased | None, *, is_sql: bool) -> None:
        if aliases is None:
            return  # not all joins are known
        if one.scope is None:
            is_view = not one.is_tag and one.name in aliases  # `users._in_query` asks for a view
            if not is_view and not self.names.has_field(self.view, one.name):
                self.report_bare(text, one, aliases, is_sql=is_sql)
            return
        found = aliases.get(one.scope, ())
        if not found:
            self.report(text, one, "a view that no explore with it has", suggestion(one.scope, aliases))
        elif all(view is not None and not self.names.has_field(view, one.name) for view in found):
            view = next(view for view in found if view is not None)
            hint = self.names.group_hint(view, one.name)
            self.report(text, one, f"a field that `{one.scope}` does not have", hint, is_sql=is_sql)

    def report_bare(self, text: Text, one: Named, aliases: Aliased, *, is_sql: bool) -> None:
        if not one.is_tag and one.name in self.names.declaring:
            self.report(text, one, "a view that no explore with it has", suggestion(one.name, aliases))
        else:
            hint = self.names.group_hint(self.view, one.name)
            self.report(text, one, f"a field that `{self.view.name}` does not have", hint, is_sql=is_sql)

    def report(self, text: Text, one: Named, what: str, hint: str, *, is_sql: bool = False) -> None:
        where = str(place(text, one.start))
        if where not in self.told:
            self.told.add(where)
            message = f"the Liquid of `{self.view.name}` names `{one.written}`, {what}"
            _report(self.findings, text, one, message, hint, self.view.id, is_sure=is_sql and _is_always_read(text.value, one))


def _check_explore(uses: Uses, findings: Findings, explore: Explore, text: Text) -> None:
    aliased: Mapping[str, View | None] = uses.aliased(explore)
    for one in liquid_names(text.value):
        if one.scope is None:
            continue
        if one.scope not in aliased:
            message = f"the Liquid of `{explore.name}` names `{one.written}`, a view that it does not have"
            _report(findings, text, one, message, suggestion(one.scope, aliased), explore.id)
            continue
        view = aliased[one.scope]
        if view is not None and not uses.names.has_field(view, one.name):
            message = f"the Liquid of `{explore.name}` names `{one.written}`, a field that `{one.scope}` does not have"
            hint = uses.names.group_hint(view, one.name)
            _report(findings, text, one, message, hint, explore.id, is_sure=_is_always_read(text.value, one))


def _is_always_read(template: str, one: Named) -> bool:
    """Tell whether a template cannot do without a name: it stands in one of Looker's own tags, and in no branch."""
    if not one.is_tag:
        return False
    before = [found.group(1) for found in _BLOCK.finditer(template, 0, one.start)]
    return sum(-1 if name.startswith("end") else 1 for name in before) == 0


def _report(findings: Findings, text: Text, one: Named, message: str, hint: str, identity: str, *, is_sure: bool = False) -> None:
    span, severity = place(text, one.start), Severity.ERROR if is_sure else Severity.WARNING
    findings.add(
        "unknown-liquid-reference", message, span, object=identity, hint=hint, length=len(one.written), severity=severity
    )


def _field_texts(view: View) -> Iterator[Text]:
    for field in view.fields:
        yield from field.sql
        yield from field.templates


def _explore_texts(explore: Explore) -> Iterator[Text]:
    yield from explore.sql
    for join in explore.joins:
        yield from join.sql
    tables = (explore.sql_table_name, *(join.sql_table_name for join in explore.joins))
    yield from (one for one in tables if one is not None)
