"""The world that a model's SQL stands in: its connection, dialect, parameters and everything else a template may ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from dagster_lookml.config import Config, Connection
from dagster_lookml.lineage.tables import table_id
from dagster_lookml.semantic.objects import Lookup, Model, Project, View
from dagster_lookml.sql.dialects import Dialect, infer_dialect, sampled
from dagster_lookml.sql.environment import in_environment
from dagster_lookml.sql.liquid_values import Known, Parameter
from dagster_lookml.sql.reading import plain_column
from dagster_lookml.sql.templates import expand
from dagster_lookml.sql.texts import StatementReader

NO_CONNECTION: Final = ""
_LOOKER_NAMES: Final = {
    "bigquery": "bigquery_standard_sql", "snowflake": "snowflake", "redshift": "redshift", "postgres": "postgres",
    "mysql": "mysql", "presto": "presto", "trino": "trino", "athena": "athena", "databricks": "databricks", "spark": "spark",
    "tsql": "mssql",
}  # fmt: skip
"""What ``_dialect._name`` is where the dialect is configured (R10.11)."""


class World:
    """One model's surroundings.

    Args:
        model: the model; None for views that no model includes.
        dialect: of its connection.
        connection: what is configured of it.
        config: for user attributes and the environment.
        lookup: for the views of the model, whose parameters templates name.
    """

    def __init__(self, model: Model | None, dialect: Dialect, connection: Connection, config: Config, lookup: Lookup) -> None:
        self.model = model
        self.name = model.name if model is not None else ""
        self.dialect = dialect
        self.connection = connection
        self.connection_name = connection_name(model)
        self._lookup = lookup
        self._known: dict[tuple[str, str], Known] = {}
        self._values = {f"_user_attributes.{name}": value for name, value in config.user_attributes.items()}
        if dialect.source == "config" and dialect.name in _LOOKER_NAMES:
            self._values["_dialect._name"] = _LOOKER_NAMES[dialect.name]
        self._parameters: dict[str, Parameter] | None = None

    @property
    def lacks_imports(self) -> bool:
        """Some imported project of the model is not here, so what it lacks may be there."""
        return self.model is not None and bool(self.model.missing_projects)

    def table_id(self, parts: Iterable[str]) -> str:
        """The id of a table that the model's SQL names."""
        return table_id(parts, self.connection, self.dialect.name)

    def known(self, view: View | None, explore: str = "", alias: str = "") -> Known:
        """What the Liquid of a view may know.

        Args:
            view: whose own parameters need no scope.
            explore: the explore that it is used in, where its text asks for that.
            alias: its name there.
        """
        key = (view.id if view is not None else "", f"{explore}\0{alias}")
        found = self._known.get(key)
        if found is None:
            values = dict(self._values)
            if self.model is not None:
                values["_model._name"] = self.name
            if explore:
                values["_explore._name"] = explore
            if alias:
                values["_view._name"] = alias
            own = parameters(view) if view is not None else {}
            found = self._known[key] = Known(parameters={**self.parameters, **own}, values=values)
        return found

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Every parameter of the model's views, as ``view.parameter``."""
        if self._parameters is None:
            views = self.model.views.items() if self.model is not None else ()
            self._parameters = {
                f"{name}.{parameter}": value
                for name, identity in views
                for parameter, value in parameters(self._lookup.views[identity]).items()
            }
        return self._parameters


def connection_name(model: Model | None) -> str:
    """The name of a model's connection, constants expanded; empty if it has none."""
    return model.connection.value if model is not None and model.connection is not None else NO_CONNECTION


def parameters(view: View) -> dict[str, Parameter]:
    """The parameters of a view (R10.12)."""
    found: dict[str, Parameter] = {}
    for field in view.fields:
        if field.kind == "parameter":
            default = next((value for key, value in field.properties if key == "default_value"), None)
            found[field.name] = Parameter(
                field.allowed_values, default, quoted=field.type == "string", unquoted=field.type == "unquoted"
            )
    return found


def worlds(project: Project, config: Config, lookup: Lookup, reader: StatementReader) -> dict[str, World]:
    """The world of every model by its name, and under the empty name that of views in no model."""
    by_connection: dict[str, list[Model]] = {}
    for model in project.models:
        by_connection.setdefault(connection_name(model), []).append(model)
    dialects = {name: _dialect(name, models, config, lookup, reader) for name, models in by_connection.items()}
    if NO_CONNECTION not in dialects:
        dialects[NO_CONNECTION] = _dialect_of_no_model(project, dialects, reader, config)
    made = {
        model.name: World(model, dialects[name], config.connections.get(name, Connection()), config, lookup)
        for name, models in by_connection.items()
        for model in models
    }
    made[""] = World(None, dialects[NO_CONNECTION], Connection(), config, lookup)
    return made


def dialects(found: Iterable[World]) -> dict[str, Dialect]:
    """The dialect of each connection that a model names, under its name; the empty name for models that name none."""
    ordered = sorted(found, key=lambda world: world.connection_name)
    return {world.connection_name: world.dialect for world in ordered if world.model is not None}


def _dialect(name: str, models: list[Model], config: Config, lookup: Lookup, reader: StatementReader) -> Dialect:
    configured = config.connections.get(name, Connection()).dialect
    if configured:
        return Dialect(name=configured, source="config")
    ids = sorted({identity for model in models for identity in model.views.values()})
    return _inferred(name, [lookup.views[identity] for identity in ids], config, reader)


def _dialect_of_no_model(project: Project, dialects: Mapping[str, Dialect], reader: StatementReader, config: Config) -> Dialect:
    """The dialect of views that no model includes: the one that all connections have, else what their own SQL tells."""
    names = {dialect.name for dialect in dialects.values() if dialect.source != "default"}
    if len(names) == 1:
        return next(dialect for dialect in dialects.values() if dialect.source != "default")
    return _inferred(" ".join(dialects), [view for view in project.views if not view.models], config, reader)


def _inferred(name: str, views: Sequence[View], config: Config, reader: StatementReader) -> Dialect:
    texts = dict.fromkeys(text for view in views for text in _samples(view))
    options = [option for view in views if view.derived_table is not None for option, _ in view.derived_table.properties]
    samples = [_first_variant(sql, config) for sql in sampled(texts)]

    def reads(sql: str, dialect: str) -> bool:
        return reader(sql, "query", dialect).fault is None

    return infer_dialect(name, samples, reads, options)


def _samples(view: View) -> Iterator[str]:
    """The SQL of a view as statements of its own."""
    if view.derived_table is not None:
        for text in (view.derived_table.sql, *view.derived_table.statements):
            if text is not None:
                yield text.value
    if view.sql_table_name is not None:
        yield f"SELECT * FROM {view.sql_table_name.value}"
    for field in view.fields:
        for sql in field.sql:
            if plain_column(sql.value) is None and sql.value.strip():
                yield f"SELECT {sql.value}"


def _first_variant(sql: str, config: Config) -> str:
    return expand(in_environment(sql, config.environment)).variants[0].text
