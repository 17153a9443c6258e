"""Every SQL parameter of a project, with what it is and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dagster_lookml.lineage.result import SqlStatus, UnreadSql
from dagster_lookml.lineage.tracing import Tracer
from dagster_lookml.lineage.worlds import World
from dagster_lookml.lineage.written import table_texts
from dagster_lookml.semantic.objects import Explore, NativeQuery, Text, View
from dagster_lookml.sql.reading import Form
from dagster_lookml.sql.texts import Statement


class SqlParameter(NamedTuple):
    """One SQL parameter.

    Attributes:
        owner: id of the view or explore that it belongs to.
        text: the parameter.
        form: what it is.
        view: whose Liquid it is; None for an explore's.
        world: of the model.
    """

    owner: str
    text: Text
    form: Form
    view: View | None
    world: World


def sql_parameters(tracer: Tracer) -> Iterator[SqlParameter]:
    """Every SQL parameter of views and explores that is not empty, each once in the first world that it stands in."""
    for view in tracer.project.views:
        world = tracer.tables.world_of(view)
        for text, form in (*table_texts(view), *_of_view(view)):
            if text.value.strip():
                yield SqlParameter(view.id, text, form, view, world)
    for explore in tracer.project.explores:
        for text, form in _of_explore(explore):
            if text.value.strip():
                yield SqlParameter(explore.id, text, form, None, tracer.worlds[explore.model])


def statements(tracer: Tracer) -> Iterator[Statement]:
    """Every statement that tracing the project will ask for, but for those that depend on the seat of a view."""
    for one in sql_parameters(tracer):
        known = one.world.known(one.view)
        yield from tracer.texts.statements(one.text.value, one.form, one.world.dialect.name, known)


def sql_status(tracer: Tracer) -> SqlStatus:
    """Tell which SQL parameters could not be read."""
    number = 0
    unread: list[UnreadSql] = []
    liquid: list[UnreadSql] = []
    for one in sql_parameters(tracer):
        number += 1
        read = tracer.texts.read(one.text.value, one.form, one.world.dialect.name, one.world.known(one.view))
        if read.fault is not None:
            unread.append(UnreadSql(one.owner, one.text.parameter, one.text.span, read.fault))
        if read.liquid_fault is not None:
            liquid.append(UnreadSql(one.owner, one.text.parameter, one.text.span, read.liquid_fault))
    return SqlStatus(number, tuple(unread), tuple(liquid))


def _of_view(view: View) -> Iterator[tuple[Text, Form]]:
    derived = view.derived_table
    if derived is not None:
        if derived.persistence is not None and derived.persistence.kind == "sql_trigger_value":
            yield Text("sql_trigger_value", derived.persistence.value, derived.persistence.span), "query"
        if derived.explore_source is not None:
            yield from _of_query(derived.explore_source)
    for field in view.fields:
        for text in field.sql:
            yield text, "field"


def _of_query(query: NativeQuery) -> Iterator[tuple[Text, Form]]:
    for column in query.columns:
        if column.sql is not None:
            yield column.sql, "field"


def _of_explore(explore: Explore) -> Iterator[tuple[Text, Form]]:
    if explore.sql_table_name is not None:
        yield explore.sql_table_name, "table"
    for text in explore.sql:
        yield text, "query" if text.parameter == "sql_preamble" else "field"
    for join in explore.joins:
        if join.sql_table_name is not None:
            yield join.sql_table_name, "table"
        for text in join.sql:
            yield text, "join" if text.parameter == "sql" else "field"
