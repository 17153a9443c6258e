"""What a model declares for its objects to share, and gets wrong: formats, access grants, triggers (R11, R13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Field, Model, View
from dagster_lookml.semantic.references import live_references, place

FORMATS: Final = frozenset(
    """decimal_0 decimal_1 decimal_2 decimal_3 decimal_4 percent_0 percent_1 percent_2 percent_3 percent_4 usd_0 usd gbp_0 gbp
    eur_0 eur id""".split()
)
"""The formats that Looker brings along (https://cloud.google.com/looker/docs/reference/param-field-value-format-name)."""


MAP_LAYERS: Final = frozenset("countries uk_postcode_areas us_counties_fips us_states us_zipcode_tabulation_areas".split())
"""The maps that Looker brings along (https://cloud.google.com/looker/docs/reference/param-field-map-layer-name)."""


def check_declared(uses: Uses, findings: Findings) -> None:
    """Check what every model declares, and the formats of the fields that its explores show."""
    seen: set[int] = set()  # a field that several views inherit is told of once
    seen_maps: set[int] = set()
    for model in uses.names.project.models:
        _check_grants(findings, model)
        _check_triggers(findings, model)
        if not model.missing_projects:
            for view, field in _fields(uses, model):
                if id(field) not in seen and _check_format(findings, model, view, field):
                    seen.add(id(field))
                if id(field) not in seen_maps and _check_map(findings, model, view, field):
                    seen_maps.add(id(field))


def _fields(uses: Uses, model: Model) -> Iterator[tuple[View, Field]]:
    for identity in model.views.values():
        view = uses.names.views[identity]
        if model.name in uses.models(view):
            yield from ((view, field) for field in view.fields)


def _check_format(findings: Findings, model: Model, view: View, field: Field) -> bool:
    name = next((value.strip() for key, value in field.properties if key == "value_format_name"), "")
    known = FORMATS | {one.name for one in model.named_formats}
    if not name or "{" in name or name.lower() in FORMATS or name in known:
        return False
    message = f"`{view.name}.{field.name}` has the format `{name}`, which the model `{model.name}` does not have"
    length = len(f"{field.kind}: {field.name}")
    findings.add("unknown-named-format", message, field.span, object=view.id, hint=suggestion(name, known), length=length)
    return True


def _check_map(findings: Findings, model: Model, view: View, field: Field) -> bool:
    name = next((value.strip() for key, value in field.properties if key == "map_layer_name"), "")
    known = MAP_LAYERS.union(model.map_layers)
    if not name or "{" in name or name in known:
        return False
    message = f"`{view.name}.{field.name}` is drawn on the map `{name}`, which the model `{model.name}` does not have"
    length = len(f"{field.kind}: {field.name}")
    findings.add("unknown-map-layer", message, field.span, object=view.id, hint=suggestion(name, known), length=length)
    return True


def _check_grants(findings: Findings, model: Model) -> None:
    for grant in model.access_grants:
        missing = "user_attribute" if not grant.user_attribute else "allowed_values" if not grant.allowed_values else ""
        if missing:
            message = f"the access grant `{grant.name}` has no {missing}"
            length = len(f"access_grant: {grant.name}")
            findings.add("incomplete-access-grant", message, grant.span, object=f"model:{model.name}", length=length)


def _check_triggers(findings: Findings, model: Model) -> None:
    """R11.2: the trigger of a datagroup belongs to no view, and knows no table of one."""
    for datagroup in model.datagroups:
        text = datagroup.sql_trigger
        for reference in live_references(text.value) if text is not None else ():
            assert text is not None
            message = f"the sql_trigger of the datagroup `{datagroup.name}` cannot name `${{{reference.written}}}`"
            findings.add(
                "reference-in-trigger",
                message,
                place(text, reference.start),
                object=f"model:{model.name}",
                hint="write the table's name, or use sql_trigger_value in the derived table",
                length=reference.end - reference.start,
            )
