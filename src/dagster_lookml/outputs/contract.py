"""The JSON that every command promises (schema_version 1): objects to plain data, in a fixed order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from dagster_lookml.diagnostics import Diagnostic, Severity
from dagster_lookml.lineage.worlds import connection_name
from dagster_lookml.semantic.objects import (
    Dashboard,
    Element,
    Explore,
    Field,
    Model,
    Project,
    TileQuery,
    View,
)
from dagster_lookml.sql.dialects import Dialect

SCHEMA_VERSION: Final = 1

Json = Any
"""Plain data: dicts, lists, strings, numbers, booleans and None. The one border where types end."""


def encode(data: Json) -> str:
    """JSON text of plain data, indented, with a line feed at its end."""
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"


def compile_json(project: Project, dialects: Mapping[str, Dialect]) -> Json:
    """The answer of ``compile``.

    Args:
        project: compiled.
        dialects: by the name of the connection.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "project": {
            "name": project.name,
            "files": project.files,
            "imports": [{"name": one.name, "path": one.path, "resolved": one.path is not None} for one in project.imports],
        },
        "models": [_model(one, dialects) for one in project.models],
        "views": [_view(one) for one in project.views],
        "explores": [_explore(one) for one in project.explores],
        "dashboards": [_dashboard(one) for one in project.dashboards],
        "diagnostics": diagnostics_json(project.diagnostics),
    }


def check_json(diagnostics: Iterable[Diagnostic], known: int | None = None) -> Json:
    """The answer of ``check``.

    Args:
        diagnostics: in order.
        known: how many more there are that the base has too; None where nothing is compared.
    """
    listed = list(diagnostics)
    found = {"schema_version": SCHEMA_VERSION, "diagnostics": diagnostics_json(listed), "counts": counts(listed)}
    return found if known is None else found | {"known": known}


def counts(diagnostics: Iterable[Diagnostic]) -> dict[str, int]:
    """How many findings there are of each severity, and in all."""
    found = Counter(diagnostic.severity for diagnostic in diagnostics)
    return {**{severity.value: found[severity] for severity in Severity}, "total": found.total()}


def diagnostics_json(diagnostics: Iterable[Diagnostic]) -> list[Json]:
    """Findings in the form that every answer uses."""
    return [
        {
            "code": one.code,
            "rule": one.rule,
            "severity": one.severity.value,
            "message": f"{one.message}; {one.hint}" if one.hint else one.message,
            "file": one.file,
            "line": one.line,
            "column": one.column,
            "object": one.object,
            "fingerprint": one.fingerprint,
        }
        for one in diagnostics
    ]


def _model(model: Model, dialects: Mapping[str, Dialect]) -> Json:
    connection = model.connection.value if model.connection else None
    dialect = dialects[connection_name(model)]
    return {
        "name": model.name,
        "file": model.file,
        "connection": connection,
        "dialect": dialect.name or None,
        "dialect_source": dialect.source,
        "explores": sorted(model.explores),
        "views": sorted(set(model.views.values())),
        "dashboards": sorted(model.dashboards),
    }


def _view(view: View) -> Json:
    derived, table = view.derived_table, view.sql_table_name
    persistence = derived.persistence if derived else None
    return {
        "id": view.id,
        "name": view.name,
        "models": list(view.models),
        "included": view.included,
        "file": view.span.file,
        "line": view.span.line,
        "kind": view.kind,
        "sql_table_name": table.value if table is not None and table.parameter == "sql_table_name" else None,
        "persistence": {"kind": persistence.kind, "value": persistence.value} if persistence else None,
        "incremental": derived.incremental if derived else False,
        "extends": list(view.extends),
        "refined_by": [{"file": one.span.file, "line": one.span.line} for one in view.refined_by],
        "fields": [_field(one) for one in view.fields],
    }


def _field(field: Field) -> Json:
    return {
        "name": field.name,
        "kind": field.kind,
        "type": field.type,
        "hidden": field.hidden,
        "file": field.span.file,
        "line": field.span.line,
        "generated": list(field.generated),
    }


def _explore(explore: Explore) -> Json:
    return {
        "id": explore.id,
        "model": explore.model,
        "name": explore.name,
        "base_view": {"id": explore.base_view, "written": explore.base_view_name},
        "alias": explore.base_alias,
        "hidden": explore.hidden,
        "extension_required": explore.extension_required,
        "file": explore.span.file,
        "line": explore.span.line,
        "joins": [
            {
                "name": join.name,
                "view": {"id": join.view, "written": join.view_name},
                "type": join.type,
                "relationship": join.relationship,
            }
            for join in explore.joins
        ],
        "fields": explore.field_count,
    }


def _dashboard(dashboard: Dashboard) -> Json:
    return {
        "id": dashboard.id,
        "model": dashboard.model,
        "included": dashboard.included,
        "name": dashboard.name,
        "title": dashboard.title,
        "file": dashboard.span.file,
        "line": dashboard.span.line,
        "filters": [
            {"name": one.name, "explore": one.explore, "field": one.field.name if one.field else None}
            for one in dashboard.filters
        ],
        "elements": [_element(one) for one in dashboard.elements],
    }


def _element(element: Element) -> Json:
    return {
        "name": element.name,
        "title": element.title,
        "type": element.type,
        "queries": [_query(one) for one in element.queries],
    }


def _query(query: TileQuery) -> Mapping[str, Json]:
    return {"explore": query.explore, "written": query.written, "fields": [field.name for field in query.fields]}
