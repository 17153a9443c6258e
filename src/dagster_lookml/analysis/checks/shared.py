"""What objects share by name within a model: datagroups and access grants (R11.3, R13.2)."""

from __future__ import annotations

from collections.abc import Iterator

from dagster_lookml.analysis.checks.lacking import Lacking, lacking
from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Model, Persistence, Reference, View


def check_shared(names: Names, findings: Findings) -> None:
    """Check every model that lacks no imported project; one that does may have from there what it names."""
    unknown = _Unknown(names)
    for model in names.project.models:
        if model.missing_projects:
            continue
        datagroups = {one.name for one in model.datagroups}
        never_triggers = {one.name for one in model.datagroups if not one.sql_trigger and not one.interval_trigger}
        for reference, identity in datagroup_references(names, model):
            if reference.name not in datagroups:
                unknown.add("unknown-datagroup", model, reference, identity)
            elif reference.parameter == "datagroup_trigger" and reference.name in never_triggers:
                message = f"the datagroup `{reference.name}` has no trigger, so it never rebuilds this table"  # R5.17
                hint = "give it a sql_trigger or an interval_trigger"
                length = len(reference.name)
                findings.add("datagroup-without-trigger", message, reference.span, object=identity, hint=hint, length=length)
        grants = {one.name for one in model.access_grants}
        for reference, identity in grant_references(names, model):
            if reference.name not in grants:
                unknown.add("unknown-access-grant", model, reference, identity)
    unknown.report(findings)


class _Unknown:
    """Names that some models do not have, each with those models."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._found: dict[tuple[str, str, str, str], tuple[Reference, list[Model]]] = {}

    def add(self, rule: str, model: Model, reference: Reference, identity: str) -> None:
        """Note that a model does not have what an object of it names."""
        key = (rule, reference.name, str(reference.span), identity)
        self._found.setdefault(key, (reference, []))[1].append(model)

    def report(self, findings: Findings) -> None:
        """Say each once for every model that lacks it, or for all of them."""
        for (rule, *_, identity), (reference, models) in self._found.items():
            view = self._names.views.get(identity)
            seeing = [self._names.models[name] for name in view.models] if view is not None else models[:1]
            for one in lacking(models, seeing):
                _report(findings, rule, one, reference, identity)


def check_trigger(findings: Findings, model: Model, persistence: Persistence | None, identity: str) -> None:
    """Check that a model has the datagroup of a table that it keeps."""
    datagroups = {one.name for one in model.datagroups}
    for reference, _ in _trigger(persistence, identity):
        if reference.name not in datagroups:
            [one] = lacking([model], [model])
            _report(findings, "unknown-datagroup", one, reference, identity)


def _report(findings: Findings, rule: str, one: Lacking, reference: Reference, identity: str) -> None:
    is_datagroup = rule == "unknown-datagroup"
    known = [has.name for has in (one.model.datagroups if is_datagroup else one.model.access_grants)]
    hint = suggestion(reference.name, known)
    subject = f"{'datagroup' if is_datagroup else 'access grant'} `{reference.name}`"
    findings.add(
        rule, f"{one.has_no} {subject}", reference.span,
        object=identity, hint=hint, length=len(reference.name), also=one.ids, subject=subject,
    )  # fmt: skip


def _views(names: Names, model: Model) -> Iterator[View]:
    return (names.views[identity] for identity in model.views.values())


def datagroup_references(names: Names, model: Model) -> Iterator[tuple[Reference, str]]:
    """Every mention of a datagroup in a model, with the id of what mentions it."""
    if model.persist_with is not None:
        yield model.persist_with, f"model:{model.name}"
    for view in _views(names, model):
        if view.derived_table is not None:
            yield from _trigger(view.derived_table.persistence, view.id)
    for explore in (names.explores[identity] for identity in model.explores):
        if explore.persist_with is not None:
            yield explore.persist_with, explore.id
        for table in explore.aggregate_tables:
            yield from _trigger(table.persistence, explore.id)


def _trigger(persistence: Persistence | None, identity: str) -> Iterator[tuple[Reference, str]]:
    if persistence is not None and persistence.kind == "datagroup_trigger":
        yield Reference("datagroup_trigger", persistence.value, persistence.span), identity


def grant_references(names: Names, model: Model) -> Iterator[tuple[Reference, str]]:
    """Every mention of an access grant in a model, with the id of what mentions it."""
    for view in _views(names, model):
        yield from ((reference, view.id) for reference in view.access_grants)
        yield from ((reference, view.id) for field in view.fields for reference in field.access_grants)
    for explore in (names.explores[identity] for identity in model.explores):
        yield from ((reference, explore.id) for reference in explore.access_grants)
        yield from ((reference, explore.id) for join in explore.joins for reference in join.access_grants)
