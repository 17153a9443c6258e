"""Derived tables that cannot be made, or not be kept, as they are written (R5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.diagnostics import Severity
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import DerivedTable, Explore, Text, View
from dagster_lookml.semantic.quoting import explore_id
from dagster_lookml.semantic.references import live_references, place

_ASKED: Final = re.compile(r"\{%-?\s*(?:condition|parameter|date_start|date_end)\b|\._parameter_value\b|\b_filters\s*\[")
"""Liquid that puts into SQL what a user asks for (R10.3, R10.5)."""
_CONDITION: Final = re.compile(r"\{%-?\s*condition\b.*?\{%-?\s*endcondition\b", re.DOTALL)
_LENGTH: Final = len("derived_table")
_SCHEDULED: Final = frozenset({"datagroup_trigger", "sql_trigger_value", "interval_trigger", "materialized_view"})


def check_derived_tables(uses: Uses, findings: Findings) -> None:
    """Check the derived table of every view."""
    told: dict[str, list[DerivedTable]] = {}
    for view in uses.views:
        table = view.derived_table
        if table is None:
            continue
        _check_bound(uses, findings, view, table)
        inherited = told.setdefault(str(table.span), [])
        if table not in inherited:
            inherited.append(table)
            _check_source(findings, view, table, is_used=bool(uses.of(view)))
            _check_binding(findings, view, table)
            _check_persistence(findings, view, table)
            _check_increment(uses.names, findings, view, table)
            _check_fields(findings, view, table)


def _check_source(findings: Findings, view: View, table: DerivedTable, *, is_used: bool) -> None:
    """A derived table is made in exactly one of four ways (R5.1)."""
    given = table.sources
    severity = None if is_used else Severity.WARNING
    if not given:
        message = f"the derived table of `{view.name}` says nothing of what it is made from"
        hint = "give it sql or an explore_source"
        findings.add(
            "derived-table-without-source", message, table.span, object=view.id, hint=hint, length=_LENGTH, severity=severity
        )
    elif len(given) > 1:
        message = f"the derived table of `{view.name}` has both {given[0]} and {given[1]}"
        if view.extends or view.refined_by:  # nobody says what becomes of the parent's source (R7.12)
            severity = Severity.WARNING
        findings.add("two-sources", message, table.span, object=view.id, length=_LENGTH, severity=severity)


def _check_binding(findings: Findings, view: View, table: DerivedTable) -> None:
    """Filters that a user's query hands on leave no one table to keep, and are handed on in one way (R5.8, R5.9)."""
    query = table.explore_source
    if query is None or not (query.bind_filters or query.bind_all_filters):
        return
    kind = "bind_all_filters" if query.bind_all_filters else "bind_filters"
    if query.bind_filters and query.bind_all_filters:
        message = f"the derived table of `{view.name}` has bind_filters and bind_all_filters"
        length = len(f"explore_source: {query.explore}")
        findings.add("two-bindings", message, query.span, object=view.id, length=length)
    if table.persistence is not None:
        message = f"the derived table of `{view.name}` has {kind} and cannot be kept, but has {table.persistence.kind}"
        length = len(table.persistence.value)
        findings.add("bound-and-persistent", message, table.persistence.span, object=view.id, length=length)


def _check_bound(uses: Uses, findings: Findings, view: View, table: DerivedTable) -> None:
    """Where the filters come from: the explore itself, or fields of the explores that the table is joined to (R5.8, R5.9)."""
    query = table.explore_source
    found = uses.of(view)
    if query is None or not found or not all(use.explore.complete for use in found):
        return
    for use in found if query.bind_all_filters else ():
        if query.explore not in _with_parents(uses, use.explore):
            message = f"`{view.name}` binds all filters of the explore `{query.explore}`, and is used in `{use.explore.name}`"
            hint = f"join it to `{query.explore}`, or name the filters in bind_filters"
            length = len(f"explore_source: {query.explore}")
            findings.add("bound-elsewhere", message, query.span, object=view.id, hint=hint, length=length)
            break
    for source, _ in query.bind_filters:
        alias, _, name = source.name.rpartition(".")
        others = [uses.aliased(use.explore).get(alias or use.alias) for use in found]
        if not any(other is not None and uses.names.has_field(other, name) for other in others):
            message = f"`{view.name}` binds a filter to `{source.name}`, which no explore with it has"
            length, warning = len(source.name), Severity.WARNING
            findings.add("unknown-field", message, source.span, object=view.id, length=length, severity=warning)


def _with_parents(uses: Uses, explore: Explore) -> set[str]:
    """The names of an explore and of all that it extends."""
    found = {explore.name: explore}
    waiting = [explore]
    while waiting:
        parents = (uses.names.explores.get(explore_id(explore.model, name)) for name in waiting.pop().extends)
        more = [one for one in parents if one is not None and one.name not in found]
        found.update((one.name, one) for one in more)
        waiting += more
    return set(found)


def _check_persistence(findings: Findings, view: View, table: DerivedTable) -> None:
    if table.process is not None and table.persistence is None:
        message = f"the derived table of `{view.name}` is made by {table.process} and is not persistent"
        hint = "give it a datagroup_trigger or another trigger"
        findings.add("process-not-persistent", message, table.span, object=view.id, hint=hint, length=_LENGTH)
    for text in _texts(table) if table.persistence is not None else ():
        found = _ASKED.search(text.value)
        if found is not None:
            message = f"the derived table of `{view.name}` is kept, and its SQL asks for what a user chooses"
            span = place(text, found.start())
            findings.add("templated-pdt", message, span, object=view.id, length=len(found.group().rstrip()))
            return


def _check_increment(names: Names, findings: Findings, view: View, table: DerivedTable) -> None:
    """R5.12: an increment needs a table that a trigger builds anew, and a dimension to add rows by."""
    key = dict(table.properties).get("increment_key", "").strip()
    if not table.incremental or "{" in key:
        return
    if table.persistence is None or table.persistence.kind not in _SCHEDULED:
        reason = "is not persistent" if table.persistence is None else f"has {table.persistence.kind}, which is no trigger"
    elif table.process is not None:
        reason = f"is made by {table.process}"
    elif table.sql is not None and not names.has_field(view, key.rpartition(".")[2]):
        message = f"the increment_key of `{view.name}` is `{key}`, and there is no such dimension"
        hint = names.group_hint(view, key.rpartition(".")[2])
        findings.add("unknown-increment-key", message, table.span, object=view.id, hint=hint, length=_LENGTH)
        return
    else:
        return
    message = f"the derived table of `{view.name}` has an increment_key and {reason}"
    findings.add("unusable-increment-key", message, table.span, object=view.id, length=_LENGTH)


def _check_fields(findings: Findings, view: View, table: DerivedTable) -> None:
    """R5.2: fields may stand in the SQL of a derived table inside ``{% condition %}`` only."""
    for text in _texts(table):
        inside = [found.span() for found in _CONDITION.finditer(text.value)]
        for reference in live_references(text.value):
            if reference.is_table or any(start <= reference.start < end for start, end in inside):
                continue
            message = f"the SQL of the derived table of `{view.name}` names the field `{reference.written}`"
            length = reference.end - reference.start
            span = place(text, reference.start)
            findings.add("field-in-derived-table", message, span, object=view.id, length=length)


def _texts(table: DerivedTable) -> Iterator[Text]:
    if table.sql is not None:
        yield table.sql
    yield from table.statements
