"""What a LookML project means: typed, frozen, complete. Everything downstream reads these and never the tree.

Objects compare by value; a `Span` equals every other, so moving or reformatting a definition does not change its object.
Text is as written after extends, refinements and constants; Liquid and ``${}`` stand in it untouched.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final, Literal

import msgspec

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.source.files import Span


class Text(msgspec.Struct, frozen=True, gc=False):
    """The value of one parameter and where it stands.

    Attributes:
        parameter: its key, such as ``sql_on``; for a part of a block with its path, such as ``case.when.sql``.
        value: constants expanded.
        span: of the value.
    """

    parameter: str
    value: str
    span: Span


class Reference(msgspec.Struct, frozen=True, gc=False):
    """A name that a parameter mentions, as written: ``users.id``, ``detail*``, ``-orders.secret``.

    Attributes:
        parameter: the key of the parameter, such as ``drill_fields``.
        name: as written.
        span: of the name.
    """

    parameter: str
    name: str
    span: Span


class FilterTerm(msgspec.Struct, frozen=True, gc=False):
    """``status: "done"`` in a ``filters`` parameter of any kind.

    Attributes:
        parameter: ``filters``, ``dev_filters`` or ``unless``.
        field: as written.
        value: the filter expression; empty for ``unless``.
        span: of the field's name.
    """

    parameter: str
    field: str
    value: str
    span: Span


class Origin(msgspec.Struct, frozen=True):
    """One declaration that an object is made of."""

    span: Span
    project: str


FieldKind = Literal["dimension", "dimension_group", "measure", "filter", "parameter"]
PersistenceKind = Literal["datagroup_trigger", "sql_trigger_value", "interval_trigger", "persist_for", "materialized_view"]
ViewKind = Literal["abstract", "create_process", "sql_create", "native", "sql", "nested", "table"]


GROUP: Final = "~group"
"""Ends the own name of a dimension group that is named as another field of its view."""


class Field(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A field of a view, as declared; a dimension group is one field (R4.6, R4.7).

    Attributes:
        generated: what users pick: the names of a dimension group's timeframes or intervals (R4.7-R4.12); empty otherwise.
        every_timeframe: a group without ``timeframes``, of which any valid timeframe can be referred to (R4.9).
        sql: every parameter that holds SQL; empty where the default of R4.23 holds.
        expressions: Looker expressions, which are no SQL (R4.31).
        templates: ``html``, ``link`` and other text that may hold Liquid.
        references: names of fields and explores in other parameters (R4.32).
        filters: of a measure (R4.35).
        shares_name: a group named as another field of its view, which is no clash: the group itself is no field (R4.6, R4.7).
        properties: every other parameter, by key; of a ``case`` each ``case.when.label 1`` and ``case.else`` (R4.33);
            the labels of allowed values as ``allowed_value[done].label``.
        written: the keys of its parameters, of a field in refinements whose base is not here; None of one that is known whole.
    """

    kind: FieldKind
    name: str
    type: str
    span: Span
    hidden: bool = False
    primary_key: bool = False
    generated: tuple[str, ...] = ()
    every_timeframe: bool = False
    shares_name: bool = False
    sql: tuple[Text, ...] = ()
    expressions: tuple[Text, ...] = ()
    templates: tuple[Text, ...] = ()
    references: tuple[Reference, ...] = ()
    filters: tuple[FilterTerm, ...] = ()
    allowed_values: tuple[str, ...] = ()
    alias: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    access_grants: tuple[Reference, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    written: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What can be picked in an explore: the field itself, or what its group generates."""
        return self.generated if self.kind == "dimension_group" else (self.name,)

    @property
    def old_names(self) -> dict[str, str]:
        """What saved content may still call it, or what its group generates (R4.43), and the name of that now; without views."""
        old = [one.rpartition(".")[2] for one in self.alias]
        generated = self.generated if self.kind == "dimension_group" else ()
        return {name.replace(self.name, one, 1): name for one in old for name in (self.name, *generated)}

    @property
    def calendar(self) -> Reference | None:
        """The view of the custom calendar that a group of ``type: custom_calendar`` is cut off by."""
        return next((one for one in self.references if one.parameter == "based_on_calendar"), None)

    @property
    def own_name(self) -> str:
        """A name that no other field of its view has: a group that shares its name is ``name~group``."""
        return self.name + GROUP if self.shares_name else self.name


class FieldSet(msgspec.Struct, frozen=True, kw_only=True):
    """``set: detail { fields: [...] }`` (R4.37)."""

    name: str
    fields: tuple[Reference, ...]
    span: Span


class Persistence(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a derived table a PDT (R5.11)."""

    kind: PersistenceKind
    value: str
    span: Span


class NativeColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a native derived table (R5.6, R5.7): from a field of the source explore, or by SQL over other columns."""

    name: str
    span: Span
    field: str | None = None
    sql: Text | None = None


class NativeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """``explore_source``: a query of an explore that makes a table (R5.5-R5.10).

    Attributes:
        directions: of the `sorts`, as written; an empty one where none is.
    """

    explore: str
    span: Span
    columns: tuple[NativeColumn, ...] = ()
    filters: tuple[FilterTerm, ...] = ()
    bind_filters: tuple[tuple[Reference, Reference], ...] = ()
    bind_all_filters: bool = False
    sorts: tuple[Reference, ...] = ()
    directions: tuple[str, ...] = ()
    expressions: tuple[Text, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()


class DerivedTable(msgspec.Struct, frozen=True, kw_only=True):
    """``derived_table`` of a view (R5.1).

    Attributes:
        sql: of a SQL derived table.
        explore_source: of a native one.
        statements: of ``sql_create``, or the steps of ``create_process`` in order.
        properties: the build options of R5.12.
    """

    span: Span
    sql: Text | None = None
    explore_source: NativeQuery | None = None
    statements: tuple[Text, ...] = ()
    process: Literal["sql_create", "create_process"] | None = None
    persistence: Persistence | None = None
    incremental: bool = False
    properties: tuple[tuple[str, str], ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The parameters that say what it is made from: one in sound LookML (R5.1)."""
        given = (("sql", self.sql), ("explore_source", self.explore_source), (self.process, self.process))
        return tuple(name for name, one in given if name is not None and one is not None)


class AnalyticModel(msgspec.Struct, frozen=True, kw_only=True):
    """``derived_analytic_model`` of a view: a graph or semantic view that Looker makes in the database.

    Attributes:
        texts: its ``sql``, or the statements that make it, in order.
        explore: that it is made from, where ``model_source`` names one.
        fields: of that explore, as written; none for all.
    """

    span: Span
    texts: tuple[Text, ...] = ()
    explore: Reference | None = None
    fields: tuple[Reference, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A view as one or more models see it alike.

    Attributes:
        id: ``view:orders`` where it is the only object of its name in the project, else with its first model, or its file.
        models: that see it, sorted; none if no model includes it.
        origins: the declaration, then the refinements in the order of their effect.
        extends: the names of the parents in the order of their effect, weakest first (R8.6).
        missing_parents: names in `extends` that this model does not have.
        complete: no parent is missing at any distance, so that all its fields are known.
        sql_table_name: what its rows are; where it says ``sql_analytic_model_name`` instead, the name of that model.
        calendar: the columns that ``calendar_definition`` names, each by the path of its parameter in it:
            ``reference_date``, ``timeframe_mapping.custom_week``; none for a view that is no custom calendar.
        written: the keys of its parameters, of one of the `Project.refined_views`; None of a view that is known whole.
    """

    id: str
    name: str
    kind: ViewKind
    span: Span
    models: tuple[str, ...] = ()
    included: bool = True
    sql_table_name: Text | None = None
    derived_table: DerivedTable | None = None
    analytic_model: AnalyticModel | None = None
    extends: tuple[str, ...] = ()
    missing_parents: tuple[str, ...] = ()
    complete: bool = True
    origins: tuple[Origin, ...] = ()
    fields: tuple[Field, ...] = ()
    sets: tuple[FieldSet, ...] = ()
    drill_fields: tuple[Reference, ...] = ()
    calendar: tuple[Text, ...] = ()
    access_grants: tuple[Reference, ...] = ()
    tags: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    written: tuple[str, ...] | None = None

    @property
    def native_query(self) -> NativeQuery | None:
        """The query of an explore that makes its table, where it is a native derived table (R5.5)."""
        return self.derived_table.explore_source if self.derived_table is not None else None

    @property
    def refined_by(self) -> tuple[Origin, ...]:
        """The refinements that took effect, in their order."""
        return self.origins[1:]

    @property
    def is_pdt(self) -> bool:
        """Looker keeps its table in the warehouse (R5.11); one that must be extended has none."""
        return self.derived_table is not None and self.derived_table.persistence is not None and self.kind != "abstract"

    @property
    def primary_key(self) -> tuple[Field, ...]:
        """The fields by which rows are told apart, and so what ``type: count`` counts (R4.18, R4.34); often none is declared."""
        return tuple(field for field in self.fields if field.primary_key)


class Join(msgspec.Struct, frozen=True, kw_only=True):
    """A join of an explore; `name` is the alias under which its fields are used (R6.2).

    Attributes:
        written: the keys of its parameters, in refinements whose base is not here; None of one that is known whole.
    """

    name: str
    view_name: str
    view: str | None
    span: Span
    type: str = "left_outer"
    relationship: str = "many_to_one"
    sql: tuple[Text, ...] = ()
    foreign_key: Reference | None = None
    sql_table_name: Text | None = None
    required_joins: tuple[Reference, ...] = ()
    fields: tuple[Reference, ...] | None = None
    access_grants: tuple[Reference, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    written: tuple[str, ...] | None = None

    @property
    def join_sql(self) -> str | None:
        """The text that replaces the whole JOIN clause (R6.8); empty for a join of fields only (R6.20)."""
        return next((text.value for text in self.sql if text.parameter == "sql"), None)


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """The fields and filters of a ``query`` or of an aggregate table (R5.20).

    Attributes:
        directions: of the `sorts`, as written; an empty one where none is.
    """

    name: str | None
    span: Span
    fields: tuple[Reference, ...] = ()
    filters: tuple[FilterTerm, ...] = ()
    sorts: tuple[Reference, ...] = ()
    directions: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()


class AggregateTable(msgspec.Struct, frozen=True, kw_only=True):
    """``aggregate_table`` of an explore: a PDT made from the explore's own fields (R5.20)."""

    name: str
    span: Span
    query: Query | None = None
    persistence: Persistence | None = None
    incremental: bool = False
    properties: tuple[tuple[str, str], ...] = ()


class AccessFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``access_filter { field user_attribute }`` (R6.14)."""

    field: Reference
    user_attribute: str


class Explore(msgspec.Struct, frozen=True, kw_only=True):
    """An explore of one model.

    Attributes:
        base_alias: the name under which the base view's fields are used (R6.1).
        base_view_name: the view that is meant, as written.
        base_view: its id, or None if this model has no such view.
        fields: the explore's own list of R4.38; None for all.
        complete: no parent is missing at any distance, so that all its joins are known.
        field_count: how many ``alias.field`` names a user can pick.
        sql_table_name: in place of that of its base view; or ``sql_analytic_model_name``, likewise.
        written: the keys of its parameters, of one of the `Project.refined_explores`; None of one that is known whole.
    """

    id: str
    model: str
    name: str
    base_alias: str
    base_view_name: str
    base_view: str | None
    span: Span
    hidden: bool = False
    extension_required: bool = False
    extends: tuple[str, ...] = ()
    missing_parents: tuple[str, ...] = ()
    complete: bool = True
    origins: tuple[Origin, ...] = ()
    joins: tuple[Join, ...] = ()
    fields: tuple[Reference, ...] | None = None
    field_count: int = 0
    sql: tuple[Text, ...] = ()
    sql_table_name: Text | None = None
    always_join: tuple[Reference, ...] = ()
    filters: tuple[FilterTerm, ...] = ()
    access_filters: tuple[AccessFilter, ...] = ()
    aggregate_tables: tuple[AggregateTable, ...] = ()
    queries: tuple[Query, ...] = ()
    persist_with: Reference | None = None
    access_grants: tuple[Reference, ...] = ()
    tags: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    written: tuple[str, ...] | None = None


class Datagroup(msgspec.Struct, frozen=True, kw_only=True):
    """A caching policy and PDT trigger; beside an ``interval_trigger`` Looker ignores the SQL, and it is left out (R11.1)."""

    name: str
    span: Span
    sql_trigger: Text | None = None
    interval_trigger: str | None = None
    max_cache_age: str | None = None


class AccessGrant(msgspec.Struct, frozen=True, kw_only=True):
    """``access_grant`` (R13.2)."""

    name: str
    span: Span
    user_attribute: str | None = None
    allowed_values: tuple[str, ...] = ()


class NamedFormat(msgspec.Struct, frozen=True, kw_only=True):
    """``named_value_format``."""

    name: str
    span: Span
    value_format: str = ""
    strict_value_format: bool = False


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """A data test (R13.1)."""

    name: str
    span: Span
    query: NativeQuery | None = None
    assertions: tuple[Text, ...] = ()


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One model: what its include closure holds (R2.15-R2.19).

    Attributes:
        file: of the model; None for the model that stands for a repo without model files.
        files: the closure, in order; paths as printed.
        missing_projects: imports that some file of the closure names and that are not here.
        views: id by name.
        map_layers: the names of those that it declares.
    """

    name: str
    span: Span | None
    file: str | None
    connection: Text | None
    files: tuple[str, ...] = ()
    missing_projects: tuple[str, ...] = ()
    views: Mapping[str, str] = {}
    explores: tuple[str, ...] = ()
    dashboards: tuple[str, ...] = ()
    datagroups: tuple[Datagroup, ...] = ()
    access_grants: tuple[AccessGrant, ...] = ()
    named_formats: tuple[NamedFormat, ...] = ()
    map_layers: tuple[str, ...] = ()
    tests: tuple[Test, ...] = ()
    persist_with: Reference | None = None
    properties: tuple[tuple[str, str], ...] = ()


class TileQuery(msgspec.Struct, frozen=True, kw_only=True):
    """One query of a dashboard element; a merged one has several (R12.10).

    Attributes:
        explore: its id, or None if it is not in this project.
        written: as written, with its model where one is written.
        local_names: what ``dynamic_fields`` declare (R12.11).
        listen: dashboard filter and the field it filters (R12.9).
        properties: of a merged query every other parameter, by key; and of any what the rest does not tell all of: ``pivots``,
            ``sorts`` with their directions, ``dynamic_fields``.
    """

    explore: str | None
    model: str | None
    explore_name: str
    written: str
    span: Span
    fields: tuple[Reference, ...] = ()
    filters: tuple[FilterTerm, ...] = ()
    sorts: tuple[Reference, ...] = ()
    listen: tuple[tuple[Reference, Reference], ...] = ()
    local_names: tuple[str, ...] = ()
    dynamic: tuple[Reference, ...] = ()
    expressions: tuple[Text, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """A tile. `name` is ``#n`` where none is written, and ends in ``~2`` where one is written twice.

    Attributes:
        properties: every other parameter, by key; of a tile that only merges queries also ``pivots``, ``sorts`` and
            ``dynamic_fields``, which are of their result (R12.10).
    """

    name: str
    written_name: str | None
    title: str | None
    type: str | None
    span: Span
    queries: tuple[TileQuery, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()


class DashboardFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter of a dashboard (R12.12).

    Attributes:
        properties: every other parameter, by key; of a filter that is no field filter also what only field filters have.
    """

    name: str
    title: str | None
    type: str | None
    span: Span
    explore: str | None = None
    written: str | None = None
    field: Reference | None = None
    listens_to: tuple[Reference, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()


class Dashboard(msgspec.Struct, frozen=True, kw_only=True):
    """A LookML dashboard, once for each model that includes it (R2.23)."""

    id: str
    name: str
    model: str | None
    span: Span
    included: bool = True
    title: str | None = None
    extension_required: bool = False
    extends: tuple[str, ...] = ()
    missing_parents: tuple[str, ...] = ()
    filters: tuple[DashboardFilter, ...] = ()
    elements: tuple[Element, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """A project that the manifest depends on.

    Attributes:
        path: where it was found, or None.
        uses: how many includes name it.
    """

    name: str
    path: str | None
    span: Span | None
    uses: int = 0


class Ignore(msgspec.Struct, frozen=True, kw_only=True):
    """A comment by which findings of some rules are not reported in some lines.

    Attributes:
        rules: as they are named in it.
        reason: as written; may be empty.
        span: of the comment.
        first: line from which on it holds.
        last: line up to which it holds.
    """

    rules: tuple[str, ...]
    reason: str
    span: Span
    first: int
    last: int


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A compiled project: everything that can be asked about.

    Attributes:
        files: how many LookML files it has.
        views: by id, sorted; likewise the others.
        ignores: comments that keep findings from being reported; they are in `diagnostics` all the same.
        refined_views: what refinements say of views that no file here declares, where an imported project is missing that may
            (R8.8, R8.9). Each is a part of a view, and no view of any model; its id has a plus before the name.
        refined_explores: likewise of explores.
    """

    name: str
    files: int
    imports: tuple[Import, ...]
    models: tuple[Model, ...]
    views: tuple[View, ...]
    explores: tuple[Explore, ...]
    dashboards: tuple[Dashboard, ...]
    diagnostics: tuple[Diagnostic, ...]
    ignores: tuple[Ignore, ...] = ()
    refined_views: tuple[View, ...] = ()
    refined_explores: tuple[Explore, ...] = ()


class Lookup:
    """Ways into a project: by id and by name. Made once, by whoever asks questions."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.views = {view.id: view for view in project.views}
        self.explores = {explore.id: explore for explore in project.explores}
        self.models = {model.name: model for model in project.models}
        self.dashboards = {dashboard.id: dashboard for dashboard in project.dashboards}

    def view(self, model: str, name: str) -> View | None:
        """The view that a model sees under a name."""
        identity = self.models[model].views.get(name) if model in self.models else None
        return self.views[identity] if identity else None

    @cached_property
    def names_by_view(self) -> dict[str, dict[str, Field]]:
        """For each view id: every name that a reference to one of its fields may use, generated ones included."""
        return {view.id: field_names(view) for view in self.project.views}


def field_names(view: View) -> dict[str, Field]:
    """Every name under which a field of a view can be picked or referred to, without aliases (R4.7-R4.12)."""
    return {name: field for field in view.fields for name in field.names}
