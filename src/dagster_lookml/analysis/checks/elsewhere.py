"""Fields of other views that a view names outside of its SQL, where no explore with the view has them (R4.32, R4.37, R4.41)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.uses import Aliased, Uses
from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Reference, View

NAMING: Final = frozenset(
    """based_on based_on_time end_location_field label_from_parameter list_field order_by_field required_fields
    start_location_field""".split()
)
"""Parameters of fields that name other fields, each of which the field needs (R4.32)."""
_LISTING: Final = frozenset({"drill_fields", "fields"})
"""Parameters whose lists Looker leaves out of what an explore does not have (R4.41)."""


class _Fault(NamedTuple):
    rule: str
    message: str
    reference: Reference
    view: View
    hint: str
    severity: Severity | None


def check_elsewhere(uses: Uses, findings: Findings) -> None:
    """Check what every view names of the views that it is joined with; what any of its children has there is no fault."""
    found: dict[tuple[str, str], _Fault | None] = {}
    for view in uses.views:
        beside = uses.beside(view)
        for reference in _references(view) if beside else ():
            key = (str(reference.span), reference.name)
            if beside and (key not in found or found[key] is not None):
                found[key] = _fault(uses.names, view, reference, beside)
    for fault in filter(None, found.values()):
        length, severity = len(fault.reference.name.removeprefix("-")), fault.severity
        span = fault.reference.span
        findings.add(fault.rule, fault.message, span, object=fault.view.id, hint=fault.hint, length=length, severity=severity)


def _references(view: View) -> Iterator[Reference]:
    """Every name with the name of another view before it."""
    listed = [*view.drill_fields, *(entry for one in view.sets for entry in one.fields)]
    named = [one for field in view.fields for one in field.references if one.parameter in NAMING | _LISTING]
    for reference in (*listed, *named):
        scope = reference.name.removeprefix("-").rpartition(".")[0]
        if scope not in ("", view.name) and "{" not in reference.name:
            yield reference


def _fault(names: Names, view: View, reference: Reference, beside: Aliased) -> _Fault | None:
    scope, _, name = reference.name.removeprefix("-").rpartition(".")
    others = beside.get(scope, ())
    if any(other is None or _has(names, other, name) for other in others):
        return None
    is_list = reference.parameter in _LISTING
    named = f"`{reference.parameter}` of `{view.name}` names"
    if not others:
        message = f"{named} `{scope}.{name}`, and no explore with `{view.name}` has `{scope}`"
        rule, severity = ("drill-field-not-joined", None) if is_list else ("view-not-joined", Severity.WARNING)
        return _Fault(rule, message, reference, view, suggestion(scope, beside), severity)
    what = "set" if name.endswith("*") else "field"
    message = f"{named} the {what} `{name}` of `{scope}`, which does not exist"
    hint = names.group_hint(others[0], name) if others[0] is not None and what == "field" else ""
    rule = "unknown-drill-field" if reference.parameter == "drill_fields" else "unknown-field"
    return _Fault(rule, message, reference, view, hint, Severity.WARNING if is_list else None)


def _has(names: Names, view: View, name: str) -> bool:
    if not name.endswith("*"):
        return names.has_field(view, name)
    return not view.complete or name == "ALL_FIELDS*" or any(name == f"{one.name}*" for one in view.sets)
