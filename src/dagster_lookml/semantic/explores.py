"""Explores: base view, aliases, joins, and everything else an explore says (R6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from dagster_lookml.semantic.fields import filter_terms, other_properties, reference_list, text_of
from dagster_lookml.semantic.merge import Block
from dagster_lookml.semantic.objects import (
    AccessFilter,
    AggregateTable,
    Explore,
    FilterTerm,
    Join,
    Query,
    Reference,
    Text,
)
from dagster_lookml.semantic.quoting import explore_id
from dagster_lookml.semantic.scope import Resolved
from dagster_lookml.semantic.views import origins, persistence

_EXPLORE_SQL: Final = ("sql_always_where", "sql_always_having", "sql_preamble")
_JOIN_SQL: Final = ("sql", "sql_on", "sql_where", "sql_having", "sql_foreign_key")
_EXPLORE_KEYS: Final = frozenset(
    {*_EXPLORE_SQL, "access_filter", "aggregate_table", "always_filter", "always_join", "conditionally_filter", "extends",
     "extension", "fields", "final", "from", "hidden", "join", "persist_with", "query", "required_access_grants",
     "tags", "view_name"}
)  # fmt: skip
_JOIN_KEYS: Final = frozenset(
    {*_JOIN_SQL, "fields", "foreign_key", "from", "relationship", "required_access_grants", "required_joins",
     "sql_table_name", "type"}
)  # fmt: skip
_QUERY_KEYS: Final = frozenset({"dimensions", "measures", "pivots", "filters", "sorts"})


class BaseView(NamedTuple):
    """The view an explore starts from, and the alias it has there (R6.1)."""

    view_name: str
    alias: str


def base_view(block: Block) -> BaseView:
    """Read which view an explore starts from.

    ========================= =============== ============
    written                   view            alias
    ========================= =============== ============
    nothing                   explore's name  explore's name
    ``from: v``               v               explore's name
    ``view_name: v``          v               v
    ``from: v view_name: w``  v               w
    ========================= =============== ============
    """
    name = block.name or ""
    source, view_name = block.value("from"), block.value("view_name")
    return BaseView(source or view_name or name, view_name or name)


def explore(resolved: Resolved, model: str, views: Mapping[str, str]) -> Explore:
    """Make an explore of what extends and refinements made of it.

    Args:
        resolved: the merged block and where it comes from.
        model: that it belongs to.
        views: the ids of the model's views by name.
    """
    block = resolved.block
    base = base_view(block)
    persist_with = text_of(block, "persist_with")
    table = text_of(block, "sql_table_name") or text_of(block, "sql_analytic_model_name")
    return Explore(
        id=explore_id(model, block.name or ""),
        model=model,
        name=block.name or "",
        base_alias=base.alias,
        base_view_name=base.view_name,
        base_view=views.get(base.view_name),
        span=block.span,
        hidden=block.is_yes("hidden"),
        extension_required=block.value("extension") == "required",
        extends=resolved.extends,
        missing_parents=resolved.missing,
        complete=resolved.complete,
        origins=origins(resolved),
        joins=tuple(_joins(block, views)),
        fields=_field_list(block),
        sql=_sql(block, _EXPLORE_SQL),
        sql_table_name=table,
        always_join=reference_list(block, "always_join"),
        filters=tuple(_filters(block)),
        access_filters=tuple(_access_filters(block)),
        aggregate_tables=tuple(_aggregate_tables(block)),
        queries=tuple(_query(member) for member in block.blocks("query")),
        persist_with=Reference("persist_with", persist_with.value, persist_with.span) if persist_with else None,
        access_grants=reference_list(block, "required_access_grants"),
        tags=tuple(entry.text for entry in block.entries("tags")),
        properties=other_properties(block, _EXPLORE_KEYS | {table.parameter if table is not None else ""}),
    )


def _sql(block: Block, keys: Iterable[str]) -> tuple[Text, ...]:
    return tuple(text for text in (text_of(block, key) for key in keys) if text is not None)


def _field_list(block: Block) -> tuple[Reference, ...] | None:
    return None if block.last("fields") is None else reference_list(block, "fields")


def _joins(block: Block, views: Mapping[str, str]) -> Iterable[Join]:
    joins: dict[str, Join] = {}
    for member in block.blocks("join"):
        if member.name is not None:
            joins[member.name] = _join(member, member.name, views)
    return joins.values()


def _join(block: Block, name: str, views: Mapping[str, str]) -> Join:
    view_name = block.value("from") or block.value("view_name") or name
    foreign_key = text_of(block, "foreign_key")
    return Join(
        name=name,
        view_name=view_name,
        view=views.get(view_name),
        span=block.span,
        type=block.value("type") or "left_outer",
        relationship=block.value("relationship") or "many_to_one",
        sql=_sql(block, _JOIN_SQL),
        foreign_key=Reference("foreign_key", foreign_key.value, foreign_key.span) if foreign_key else None,
        sql_table_name=text_of(block, "sql_table_name"),
        required_joins=reference_list(block, "required_joins"),
        fields=_field_list(block),
        access_grants=reference_list(block, "required_access_grants"),
        properties=other_properties(block, _JOIN_KEYS),
    )


def _filters(block: Block) -> Iterable[FilterTerm]:
    for key in ("always_filter", "conditionally_filter"):
        filters = block.block(key)
        if filters is None:
            continue
        for member in filters.all("filters"):
            for term in filter_terms(member):
                yield FilterTerm(f"{key}.filters", term.field, term.value, term.span)
        for unless in reference_list(filters, "unless"):
            yield FilterTerm(f"{key}.unless", unless.name, "", unless.span)


def _access_filters(block: Block) -> Iterable[AccessFilter]:
    for member in block.blocks("access_filter"):
        field = text_of(member, "field")
        if field is not None:
            reference = Reference("access_filter.field", field.value, field.span)
            yield AccessFilter(field=reference, user_attribute=member.value("user_attribute") or "")


def _aggregate_tables(block: Block) -> Iterable[AggregateTable]:
    for member in block.blocks("aggregate_table"):
        query = member.block("query")
        materialization = member.block("materialization")
        yield AggregateTable(
            name=member.name or "",
            span=member.span,
            query=_query(query) if query is not None else None,
            persistence=persistence(materialization) if materialization is not None else None,
            incremental=materialization is not None and materialization.last("increment_key") is not None,
            properties=other_properties(materialization, frozenset()) if materialization is not None else (),
        )


def _query(block: Block) -> Query:
    fields = [field for key in ("dimensions", "measures", "pivots") for field in reference_list(block, key)]
    sorts = tuple(block.entries("sorts"))
    return Query(
        name=block.name,
        span=block.span,
        fields=tuple(fields),
        filters=tuple(term for member in block.all("filters") for term in filter_terms(member)),
        sorts=tuple(Reference("sorts", entry.file.expand(entry.key or entry.value), entry.span) for entry in sorts),
        directions=tuple(entry.text if entry.key is not None else "" for entry in sorts),
        properties=other_properties(block, _QUERY_KEYS),
    )
