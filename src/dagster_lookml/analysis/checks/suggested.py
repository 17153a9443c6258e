"""Where the suggestions of a filter come from: an explore that its model has, and a field that is there (R4.32, V05)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dagster_lookml.analysis.checks.lacking import lacking
from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Explore, Field, Reference, View
from dagster_lookml.semantic.quoting import explore_id


class _Source(NamedTuple):
    """What the suggestions of a field are taken from.

    Attributes:
        view: that has the field.
        field: whose values are suggested.
        dimension: what its ``suggest_dimension`` names; None without, and where Liquid makes the name.
        explore: what its ``suggest_explore`` names.
    """

    view: View
    field: Field
    dimension: Reference | None
    explore: Reference | None


def check_suggested(uses: Uses, findings: Findings) -> None:
    """Check where every field takes its suggestions from; a wrong name leaves it without them, and breaks no query."""
    sources = [source for view in uses.views for source in _sources(view)]
    _check_explores(uses, findings, sources)
    _check_views(uses, findings, sources)
    _check_fields(uses, findings, sources)


def _sources(view: View) -> Iterator[_Source]:
    for field in view.fields:
        named = {one.parameter: one for one in field.references}
        dimension, explore = named.get("suggest_dimension"), named.get("suggest_explore")
        if dimension is not None and "{" in dimension.name:
            dimension = None
        if dimension is not None or explore is not None:
            yield _Source(view, field, dimension, explore)


def _check_explores(uses: Uses, findings: Findings, sources: Sequence[_Source]) -> None:
    """Check that each model that shows a field has the explore from which its suggestions come."""
    models = uses.names.models
    found: dict[tuple[str, str], tuple[_Source, Reference, set[str], set[str]]] = {}
    for source in sources:
        if source.explore is not None:
            key = (str(source.explore.span), source.explore.name)
            _, _, showing, having = found.setdefault(key, (source, source.explore, set(), set()))
            showing.update(uses.models(source.view))
            having.update(source.view.models)
    for source, explore, showing, having in found.values():
        without = [one for one in sorted(showing) if explore_id(one, explore.name) not in uses.names.explores]
        told = [models[one] for one in without if not models[one].missing_projects]
        for one in lacking(told, [models[name] for name in having]):
            hint = suggestion(explore.name, [uses.names.explores[each].name for each in one.model.explores])
            subject = f"explore `{explore.name}` to take suggestions from"
            findings.add(
                "unknown-explore", f"{one.has_no} {subject}", explore.span,
                object=source.view.id, hint=hint, length=len(explore.name), severity=Severity.WARNING,
                also=one.ids, subject=subject,
            )  # fmt: skip


def _check_views(uses: Uses, findings: Findings, sources: Sequence[_Source]) -> None:
    """Check that an explore from which suggestions come has the view of their field.

    That is the explore of ``suggest_explore``, or else the one in which the field is
    (https://cloud.google.com/looker/docs/reference/param-field-suggest-dimension). What any child of a view has is no fault.
    """
    found: dict[str, tuple[_Source, Reference, Explore] | None] = {}
    for source in sources:
        scope = source.dimension.name.rpartition(".")[0] if source.dimension is not None else ""
        if source.dimension is None or not scope or (source.explore is None and scope == source.view.name):
            continue
        explores = _explores(uses, source)
        if explores and all(one.complete for one in explores):
            key = str(source.dimension.span)
            if any(scope in uses.aliased(one) for one in explores):
                found[key] = None
            else:
                found.setdefault(key, (source, source.dimension, explores[0]))
    for source, dimension, explore in filter(None, found.values()):
        scope = dimension.name.rpartition(".")[0]
        message = f"{_takes(source)} `{dimension.name}`, and the explore `{explore.name}` does not have the view `{scope}`"
        hint = suggestion(scope, uses.aliased(explore))
        _report(findings, "view-not-joined", message, source.view, dimension, hint)


def _check_fields(uses: Uses, findings: Findings, sources: Sequence[_Source]) -> None:
    """Check that the view of a suggested field has the field."""
    told: set[tuple[str, str]] = set()  # what several views inherit is told of once
    for source in sources:
        if source.dimension is None:
            continue
        key = (str(source.dimension.span), source.dimension.name)
        scope, _, name = source.dimension.name.rpartition(".")
        views = list(_views(uses, source, scope)) if key not in told else []
        if views and not any(one is None or uses.names.has_field(one, name) for one in views):
            told.add(key)
            message = f"{_takes(source)} the field `{name}`{f' of `{scope}`' if scope else ''}, which does not exist"
            hint = uses.names.group_hint(views[0], name) if views[0] is not None else ""
            _report(findings, "unknown-field", message, source.view, source.dimension, hint)


def _takes(source: _Source) -> str:
    return f"`{source.view.name}.{source.field.name}` takes suggestions from"


def _report(findings: Findings, rule: str, message: str, view: View, dimension: Reference, hint: str) -> None:
    length, severity = len(dimension.name), Severity.WARNING
    findings.add(rule, message, dimension.span, object=view.id, hint=hint, length=length, severity=severity)


def _explores(uses: Uses, source: _Source) -> list[Explore]:
    """The explores that have the field's view, or in their models the named one, which may be hidden or one to be extended."""
    if source.explore is None:
        return [use.explore for use in uses.of(source.view)]
    found = (uses.names.explores.get(explore_id(model, source.explore.name)) for model in sorted(uses.models(source.view)))
    return [one for one in found if one is not None]


def _views(uses: Uses, source: _Source, scope: str) -> Iterator[View | None]:
    """The views that the dimension may belong to, None for one that is not known; nothing where a model lacks the explore."""
    explores, models = _explores(uses, source), uses.models(source.view)
    if source.explore is not None and (not models or len(explores) < len(models)):
        return
    for one in explores:
        if not one.complete:
            yield None
        yield uses.aliased(one).get(scope or one.base_alias)
    if not scope or scope == source.view.name:
        yield source.view
