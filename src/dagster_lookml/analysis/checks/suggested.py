"""Fields of other views from which the values of a filter are suggested, where their explore does not have the view (R4.32)."""

from __future__ import annotations

from collections.abc import Iterator

from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Explore, Field, Reference, View
from dagster_lookml.semantic.quoting import explore_id

_PARAMETER = "suggest_dimension"


def check_suggested(uses: Uses, findings: Findings) -> None:
    """Check that an explore from which suggestions come has the view of their field.

    That is the explore of ``suggest_explore``, or else the one in which the field is
    (https://cloud.google.com/looker/docs/reference/param-field-suggest-dimension). What any child of a view has is no fault.
    """
    lacking: dict[str, tuple[View, Field, Reference, list[Explore]] | None] = {}
    for view in uses.views:
        for field, reference, explores in _suggesting(uses, view):
            key = str(reference.span)
            if any(reference.name.rpartition(".")[0] in uses.aliased(one) for one in explores):
                lacking[key] = None
            else:
                lacking.setdefault(key, (view, field, reference, explores))
    for view, field, reference, explores in filter(None, lacking.values()):
        scope = reference.name.rpartition(".")[0]
        start = f"`{view.name}.{field.name}` takes suggestions from `{reference.name}`"
        message = f"{start}, and the explore `{explores[0].name}` does not have the view `{scope}`"
        hint, length = suggestion(scope, uses.aliased(explores[0])), len(reference.name)
        severity = Severity.WARNING
        findings.add("view-not-joined", message, reference.span, object=view.id, hint=hint, length=length, severity=severity)


def _suggesting(uses: Uses, view: View) -> Iterator[tuple[Field, Reference, list[Explore]]]:
    """Each field of another view that suggests the values of a field, with the explores that are asked for them."""
    for field in view.fields:
        named = {one.parameter: one for one in field.references if one.parameter in (_PARAMETER, "suggest_explore")}
        reference = named.get(_PARAMETER)
        scope = reference.name.rpartition(".")[0] if reference is not None else ""
        source = named.get("suggest_explore")
        if reference is None or not scope or "{" in reference.name or (source is None and scope == view.name):
            continue
        explores = _explores(uses, view, source)
        if explores and all(one.complete for one in explores):
            yield field, reference, explores


def _explores(uses: Uses, view: View, source: Reference | None) -> list[Explore]:
    """The explores that have a view, or the one of a name in their models; it may be hidden, or one that must be extended."""
    own = [use.explore for use in uses.of(view)]
    if source is None:
        return own
    found = (uses.names.explores.get(explore_id(model, source.name)) for model in sorted({one.model for one in own}))
    return [one for one in found if one is not None]
