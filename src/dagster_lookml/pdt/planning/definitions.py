"""What makes the table of a view what it is, in a form that two states of a project can be compared by.

Looker names a PDT's table after the SQL that makes it, and builds it anew when that is another. What triggers it is no part of
the name: where the trigger is another, Looker may find that it has fired, and build the table when it looks at it next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, get_args

import msgspec

from dagster_lookml.lineage.written import aggregated_fields, asked_fields
from dagster_lookml.pdt.planning.surroundings import Content, Surroundings, in_production, written
from dagster_lookml.semantic.objects import (
    AggregateTable,
    Explore,
    FilterTerm,
    Lookup,
    NativeQuery,
    Persistence,
    PersistenceKind,
    Project,
    Text,
    View,
)
from dagster_lookml.semantic.quoting import explore_id

_KINDS: Final = frozenset(get_args(PersistenceKind))


class Definition(NamedTuple):
    """A table as one model sees it.

    Attributes:
        table: what it is by itself: its SQL, and how it is built; for readers too, which name it in their SQL.
        built: what counts for its own build alone: where it is built, and whether it is a view of the database.
        surroundings: what its SQL takes from elsewhere: fields, joins, conditions.
        joins: the aliases of the joins among these, in the order in which they stand in the SQL.
        labels: what the surroundings are called to people.
        explore: id of the explore that they are taken from; None if there is none.
        reads: names of the views whose tables it reads.
    """

    table: object
    built: object
    surroundings: Content
    joins: tuple[str, ...]
    labels: Mapping[tuple[str, ...], str]
    explore: str | None
    reads: frozenset[str]


class Definitions:
    """The definitions of one project; each is made once.

    Args:
        project: compiled.
    """

    def __init__(self, project: Project) -> None:
        self.lookup = Lookup(project)
        self._found: dict[tuple[str, str], Definition | None] = {}

    def pdts(self) -> dict[tuple[str, str], View]:
        """The views of all PDTs by model and name, sorted."""
        return {
            (model.name, name): view
            for model in sorted(self.lookup.models.values(), key=lambda model: model.name)
            for name, identity in sorted(model.views.items())
            if (view := self.lookup.views[identity]).is_pdt
        }

    def aggregate_tables(self) -> dict[tuple[str, str, str], Definition]:
        """All aggregate tables that are kept, by model, explore and name (R5.20)."""
        return {
            (explore.model, explore.name, table.name): self._aggregate_table(explore, table)
            for explore in self.lookup.project.explores
            for table in explore.aggregate_tables
            if table.name and table.persistence is not None and not explore.extension_required
        }

    def of(self, model: str, name: str) -> Definition | None:
        """The definition of a view's table; None if the model has no such view."""
        key = (model, name)
        if key not in self._found:
            view = self.lookup.view(model, name)
            self._found[key] = self._definition(model, view) if view is not None else None
        return self._found[key]

    def _definition(self, model: str, view: View) -> Definition:
        derived = view.derived_table
        query = derived.explore_source if derived is not None else None
        explore = self.lookup.explores.get(explore_id(model, query.explore)) if query is not None else None
        surroundings = Surroundings(self.lookup, model, explore)
        if query is not None and explore is not None:
            surroundings.take_query(asked_fields(query, explore), _production_filters(query))
        surroundings.take_texts(_texts(view), view.name)
        persistence = derived.persistence if derived is not None else None
        return _made(_table(view), self._built(model, persistence), surroundings, explore, view.name)

    def _aggregate_table(self, explore: Explore, table: AggregateTable) -> Definition:
        surroundings = Surroundings(self.lookup, explore.model, explore)
        if table.query is not None:
            surroundings.take_query(aggregated_fields(table.query, explore), table.query.filters)
        options = [(key, value) for key, value in table.properties if key not in _KINDS]
        return _made((table.query, options), self._built(explore.model, table.persistence), surroundings, explore)

    def _built(self, model: str, persistence: Persistence | None) -> object:
        if persistence is None:
            return None
        connection = self.lookup.models[model].connection
        return connection.value if connection is not None else None, persistence.kind == "materialized_view"


def _made(table: object, built: object, surroundings: Surroundings, explore: Explore | None, name: str = "") -> Definition:
    identity = explore.id if explore is not None else None
    return Definition(
        table,
        built,
        surroundings.content,
        surroundings.joins,
        surroundings.labels,
        identity,
        frozenset(surroundings.tables - {name}),
    )


def _texts(view: View) -> list[Text]:
    derived = view.derived_table
    if view.analytic_model is not None:
        return list(view.analytic_model.texts)
    if derived is None:
        return [view.sql_table_name] if view.sql_table_name is not None else []
    columns = derived.explore_source.columns if derived.explore_source is not None else ()
    own = [text for text in (derived.sql, *derived.statements) if text is not None]
    return own + [column.sql for column in columns if column.sql is not None]


def _table(view: View) -> object:
    derived = view.derived_table
    if view.analytic_model is not None:
        return view.analytic_model
    if derived is None:
        return in_production(view.sql_table_name) if view.sql_table_name is not None else view.name
    options = (derived.properties, derived.incremental) if view.is_pdt else ()
    sql = written(text for text in (derived.sql, *derived.statements) if text is not None)
    return view.is_pdt, sql, _in_production(derived.explore_source), derived.process, options


def _in_production(query: NativeQuery | None) -> NativeQuery | None:
    """A query without what applies to builds in development alone (R5.19)."""
    return msgspec.structs.replace(query, filters=_production_filters(query)) if query is not None else None


def _production_filters(query: NativeQuery) -> tuple[FilterTerm, ...]:
    return tuple(term for term in query.filters if term.parameter != "dev_filters")
