"""Views: from merged blocks to typed views, derived tables and their persistence (R4, R5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, get_args

import msgspec

from dagster_lookml.semantic.fields import field, filter_terms, other_properties, reference_list, says_hidden, text_of
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.merge import Block, Part
from dagster_lookml.semantic.objects import (
    AnalyticModel,
    DerivedTable,
    Field,
    FieldSet,
    FilterTerm,
    NativeColumn,
    NativeQuery,
    Origin,
    Persistence,
    PersistenceKind,
    Reference,
    Text,
    View,
    ViewKind,
)
from dagster_lookml.semantic.scope import Resolved
from dagster_lookml.syntax.nodes import PairNode
from dagster_lookml.syntax.schema import FIELD_KINDS

_PERSISTENCE_KINDS: Final[tuple[PersistenceKind, ...]] = get_args(PersistenceKind)
_VIEW_KEYS: Final = frozenset(
    {*FIELD_KINDS, "set", "derived_table", "derived_analytic_model", "calendar_definition", "extends", "extension", "final",
     "drill_fields", "tags", "required_access_grants"}
)  # fmt: skip
_DERIVED_TABLE_KEYS: Final = frozenset({"sql", "explore_source", "sql_create", "create_process", *_PERSISTENCE_KINDS})
_NATIVE_KEYS: Final = frozenset(
    {"column", "derived_column", "filters", "dev_filters", "bind_filters", "bind_all_filters", "sorts",
     "expression_custom_filter"}
)  # fmt: skip


def view(
    resolved: Resolved,
    identity: str,
    models: tuple[str, ...],
    *,
    nested: bool,
    findings: Findings,
    typed: dict[tuple[int, bool], Field],
) -> View:
    """Make a view of what extends and refinements made of it.

    Args:
        resolved: the merged block and where it comes from.
        identity: its id.
        models: that see it.
        nested: it is used only through joins that unnest a column.
        findings: where faults of the view itself are noted.
        typed: fields by the identity of their block, and by whether their view hides them; a field that is inherited as it
            is, is one object in all its views.
    """
    block = resolved.block
    table = text_of(block, "sql_table_name") or text_of(block, "sql_analytic_model_name")
    derived_block = block.block("derived_table")
    derived = derived_table(derived_block) if derived_block is not None else None
    model_block = block.block("derived_analytic_model")
    fields = _fields(block, typed)
    if table is not None and (derived is not None or model_block is not None):
        other = "derived_table" if derived is not None else "derived_analytic_model"
        message = f"the view `{block.name}` has both {table.parameter} and {other}"
        findings.add("table-and-derived-table", message, table.span, object=identity)
    if derived_block is not None and resolved.complete:
        _report_triggers(derived_block, identity, findings)
    return View(
        id=identity,
        name=block.name or "",
        kind=_kind(block, table, derived, nested=nested),
        span=block.span,
        models=models,
        included=bool(models),
        sql_table_name=table,
        derived_table=derived,
        analytic_model=_analytic_model(model_block) if model_block is not None else None,
        extends=resolved.extends,
        missing_parents=resolved.missing,
        complete=resolved.complete,
        origins=origins(resolved),
        fields=fields,
        sets=tuple(_sets(block)),
        drill_fields=reference_list(block, "drill_fields"),
        calendar=tuple(_calendar(block.block("calendar_definition"))),
        access_grants=reference_list(block, "required_access_grants"),
        tags=tuple(entry.text for entry in block.entries("tags")),
        properties=other_properties(block, _VIEW_KEYS | {table.parameter if table is not None else ""}),
    )


def origins(resolved: Resolved) -> tuple[Origin, ...]:
    """Where the declaration and the refinements of an object stand."""
    return tuple(
        Origin(declaration.file.span(declaration.node.key_start), declaration.file.project.name)
        for declaration in resolved.declared
    )


def _kind(block: Block, table: Text | None, derived: DerivedTable | None, *, nested: bool) -> ViewKind:
    if block.value("extension") == "required":
        return "abstract"
    if derived is not None:
        if derived.process is not None:
            return derived.process
        return "native" if derived.explore_source is not None else "sql"
    return "nested" if nested and table is None and block.block("derived_analytic_model") is None else "table"


def _fields(block: Block, typed: dict[tuple[int, bool], Field]) -> tuple[Field, ...]:
    """The fields in order of declaration."""
    found: list[Field] = []
    hides = block.is_yes("fields_hidden_by_default")
    for member in block.members:
        if isinstance(member, Block) and member.key in FIELD_KINDS and member.name is not None:
            key = (id(member), hides and not says_hidden(member))
            if key not in typed:
                typed[key] = field(member, hidden=hides)
            found.append(typed[key])
    shared = [name for name, count in Counter(one.name for one in found).items() if count > 1]
    if not shared:
        return tuple(found)
    return tuple(
        msgspec.structs.replace(one, shares_name=True) if one.name in shared and one.kind == "dimension_group" else one
        for one in found
    )


def _sets(block: Block) -> Iterable[FieldSet]:
    sets: dict[str, FieldSet] = {}
    for member in block.blocks("set"):
        if member.name is not None:
            sets[member.name] = FieldSet(name=member.name, fields=reference_list(member, "fields"), span=member.span)
    return sets.values()


def _calendar(block: Block | None, path: str = "") -> Iterable[Text]:
    """The columns that a block of a calendar's definition names, those of its blocks included."""
    for member in block.members if block is not None else ():
        if isinstance(member, Block):
            yield from _calendar(member, f"{path}{member.key}.")
        elif isinstance(member, Part) and isinstance(member.node, PairNode):
            yield Text(f"{path}{member.key}", member.file.expand(member.node.value), member.file.span(member.node.start))


def derived_table(block: Block) -> DerivedTable:
    """Make a derived table of its block (R5.1-R5.12)."""
    source = block.block("explore_source")
    process = block.block("create_process")
    statements: tuple[Text, ...] = ()
    if process is not None:
        statements = tuple(_texts(process, "sql_step"))
    elif block.last("sql_create") is not None:
        statements = tuple(_texts(block, "sql_create"))[-1:]
    return DerivedTable(
        span=block.span,
        sql=text_of(block, "sql"),
        explore_source=native_query(source) if source is not None else None,
        statements=statements,
        process="create_process" if process is not None else "sql_create" if statements else None,
        persistence=persistence(block),
        incremental=block.last("increment_key") is not None,
        properties=other_properties(block, _DERIVED_TABLE_KEYS),
    )


def _analytic_model(block: Block) -> AnalyticModel:
    """Make a derived analytic model of its block."""
    source = block.block("model_source")
    process = block.block("create_process")
    texts = [text_of(block, "sql") or text_of(block, "sql_create"), *(_texts(process, "sql_step") if process is not None else ())]
    return AnalyticModel(
        span=block.span,
        texts=tuple(text for text in texts if text is not None),
        explore=Reference("model_source", source.name or "", source.span) if source is not None else None,
        fields=reference_list(source, "fields") if source is not None else (),
        properties=other_properties(block, frozenset({"sql", "sql_create", "create_process", "model_source"})),
    )


def _texts(block: Block, key: str) -> Iterable[Text]:
    for part in block.all(key):
        if isinstance(part, Part) and isinstance(part.node, PairNode):
            yield Text(key, part.file.expand(part.node.value), part.file.span(part.node.start))


def persistence(block: Block) -> Persistence | None:
    """What makes a table persistent, the first that is there (R5.11); None for a temporary one."""
    for kind in _PERSISTENCE_KINDS:
        text = text_of(block, kind)
        if text is not None and not (kind == "materialized_view" and text.value not in ("yes", "true")):
            return Persistence(kind=kind, value=text.value, span=text.span)
    return None


def _report_triggers(block: Block, identity: str, findings: Findings) -> None:
    """R5.11 names ways to keep a table; ``materialized_view`` goes with one of the others."""
    kinds = [kind for kind in _PERSISTENCE_KINDS if kind != "materialized_view" and text_of(block, kind) is not None]
    if len(kinds) > 1:
        last = text_of(block, kinds[-1])
        assert last is not None
        message = f"the derived table is kept by {' and by '.join(kinds)}"
        findings.add("several-triggers", message, last.span, object=identity, length=len(last.value))


def native_query(block: Block) -> NativeQuery:
    """Make a query of an ``explore_source`` block, of a derived table or a test."""
    filters: list[FilterTerm] = []
    for key in ("filters", "dev_filters"):
        for member in block.all(key):
            filters += filter_terms(member)
    expression = text_of(block, "expression_custom_filter")
    return NativeQuery(
        explore=block.name or "",
        span=block.span,
        columns=tuple(_columns(block)),
        filters=tuple(filters),
        bind_filters=tuple(_bind_filters(block)),
        bind_all_filters=block.is_yes("bind_all_filters"),
        sorts=tuple(
            Reference("sorts", entry.file.expand(entry.key or entry.value), entry.span) for entry in block.entries("sorts")
        ),
        directions=tuple(entry.text if entry.key is not None else "" for entry in block.entries("sorts")),
        expressions=(expression,) if expression else (),
        properties=other_properties(block, _NATIVE_KEYS),
    )


def _columns(block: Block) -> Iterable[NativeColumn]:
    columns: dict[str, NativeColumn] = {}
    for member in block.members:
        if not isinstance(member, Block) or member.name is None:
            continue
        if member.key == "column":
            columns[member.name] = NativeColumn(name=member.name, span=member.span, field=member.value("field"))
        elif member.key == "derived_column":
            columns[member.name] = NativeColumn(name=member.name, span=member.span, sql=text_of(member, "sql"))
    return columns.values()


def _bind_filters(block: Block) -> Iterable[tuple[Reference, Reference]]:
    for member in block.blocks("bind_filters"):
        source, target = text_of(member, "from_field"), text_of(member, "to_field")
        if source is not None and target is not None:
            yield (
                Reference("bind_filters.from_field", source.value, source.span),
                Reference("bind_filters.to_field", target.value, target.span),
            )
