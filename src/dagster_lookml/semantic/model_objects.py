"""Models: the connection, and what their explores share: datagroups, access grants, formats, tests (R3, R11, R13)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

from dagster_lookml.semantic.fields import text_of
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.merge import Block
from dagster_lookml.semantic.objects import (
    AccessGrant,
    Dashboard,
    Datagroup,
    Explore,
    Model,
    NamedFormat,
    Reference,
    Test,
    Text,
)
from dagster_lookml.semantic.scope import Scope
from dagster_lookml.semantic.sources import ParsedFile
from dagster_lookml.semantic.views import native_query
from dagster_lookml.syntax.nodes import PairNode

_MODEL_PROPERTIES: Final = frozenset({"label", "case_sensitive", "fiscal_month_offset", "week_start_day", "persist_for"})

_Made = TypeVar("_Made")


def model(
    scope: Scope,
    file: ParsedFile | None,
    views: Mapping[str, str],
    explores: Iterable[Explore],
    dashboards: Iterable[Dashboard],
    findings: Findings,
    *,
    shared: bool,
) -> Model:
    """Make a model of its scope.

    Args:
        scope: what the model sees.
        file: the model file; None for the model that stands for a repo without one.
        views: ids of its views by name.
        explores: of the whole project.
        dashboards: of the whole project.
        findings: where faults are noted.
        shared: other models include its file, which then needs no connection (R3.3).
    """
    connection = _connection(scope, file)
    if connection is None and file is not None and not shared:
        message = f"the model `{scope.name}` names no connection, so Looker cannot run its queries"
        findings.add("missing-connection", message, file.span(0), object=f"model:{scope.name}")
    persist_with = file.pair("persist_with") if file is not None else None
    return Model(
        name=scope.name,
        span=file.span(0) if file is not None else None,
        file=file.shown_as if file is not None else None,
        connection=connection,
        files=tuple(included.shown_as for included in scope.files),
        missing_projects=scope.missing_projects,
        views=dict(views),
        explores=tuple(one.id for one in explores if one.model == scope.name),
        dashboards=tuple(one.id for one in dashboards if one.model == scope.name),
        datagroups=_objects(scope, "datagroup", _datagroup),
        access_grants=_objects(scope, "access_grant", _access_grant),
        named_formats=_objects(scope, "named_value_format", _named_format),
        map_layers=tuple(sorted({node.name or "" for one in scope.files for node in one.blocks.get("map_layer", ())})),
        tests=_objects(scope, "test", _test),
        persist_with=_reference(file, persist_with),
        properties=tuple(sorted(_properties(file))) if file is not None else (),
    )


def _connection(scope: Scope, file: ParsedFile | None) -> Text | None:
    """The model file's own, else that of a file it includes which is no model itself (R2.21, R3.2)."""
    files = [file] if file is not None else []
    files += [included for included in scope.files if included is not file and not included.is_model]
    for candidate in files:
        node = candidate.pair("connection")
        if node is not None:
            return Text("connection", candidate.expand(node.value), candidate.span(node.start))
    return None


def _reference(file: ParsedFile | None, node: PairNode | None) -> Reference | None:
    if file is None or node is None:
        return None
    return Reference(node.key, file.expand(node.value), file.span(node.start))


def _properties(file: ParsedFile) -> Iterable[tuple[str, str]]:
    for node in file.nodes:
        if isinstance(node, PairNode) and node.key in _MODEL_PROPERTIES:
            yield node.key, file.expand(node.value)


def _objects(scope: Scope, kind: str, make: Callable[[Block], _Made]) -> tuple[_Made, ...]:
    """The objects of a kind, sorted by name; of two with one name the later."""
    found: list[_Made] = []
    for name in scope.names(kind):
        *_, declaration = scope.declarations(kind, name)
        found.append(make(Block.of(declaration.node, declaration.file)))
    return tuple(found)


def _datagroup(block: Block) -> Datagroup:
    return Datagroup(
        name=block.name or "",
        span=block.span,
        sql_trigger=None if block.value("interval_trigger") else text_of(block, "sql_trigger"),  # R11.1
        interval_trigger=block.value("interval_trigger"),
        max_cache_age=block.value("max_cache_age"),
    )


def _access_grant(block: Block) -> AccessGrant:
    return AccessGrant(
        name=block.name or "",
        span=block.span,
        user_attribute=block.value("user_attribute"),
        allowed_values=tuple(entry.text for entry in block.entries("allowed_values")),
    )


def _named_format(block: Block) -> NamedFormat:
    return NamedFormat(
        name=block.name or "",
        span=block.span,
        value_format=block.value("value_format") or "",
        strict_value_format=block.is_yes("strict_value_format"),
    )


def _test(block: Block) -> Test:
    query = block.block("explore_source")
    assertions = (text_of(assertion, "expression", "assert.expression") for assertion in block.blocks("assert"))
    return Test(
        name=block.name or "",
        span=block.span,
        query=native_query(query) if query is not None else None,
        assertions=tuple(text for text in assertions if text is not None),
    )
