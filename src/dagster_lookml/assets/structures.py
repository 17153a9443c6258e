"""What Dagster shows of a LookML project: tables, views, explores, dashboards and PDTs, each with all that its asset needs.

They are what a translator is given, and what the state of a component is made of; so they hold plain values and know no Dagster.
Structures name each other by id: ``table:shop.orders``, ``view:orders``, ``explore:sales/orders``, ``dashboard:sales/kpis``,
``pdt:sales/order_totals``.
"""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where something is declared.

    Attributes:
        file: path from the root of the LookML project, with ``/``.
        line: 1-based.
    """

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Source(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where the code of a structure can be looked at.

    Attributes:
        place: in the LookML project.
        path: of the file on this machine; None if it is not here.
        url: of the line at the commit on the git host; None if the host is not known.
    """

    place: Place
    path: str | None = None
    url: str | None = None


class ColumnRead(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A column that another column is made of.

    Attributes:
        of: id of the table or view that has it.
        name: of the column, or of the field.
    """

    of: str
    name: str


class Column(msgspec.Struct, frozen=True, array_like=True):
    """A field of a view, or a column of a table.

    Attributes:
        name: of the field, as declared; of a dimension group without its timeframes.
        type: LookML's, such as ``string``, ``time`` or ``sum``; of a table's column empty where nothing tells it.
        kind: ``dimension``, ``dimension_group``, ``measure``, ``filter`` or ``parameter``; ``column`` in a table.
        label: for people; empty if none is written.
        description: as written; may be empty.
        hidden: from those who explore.
        primary_key: tells rows apart.
        generated: the names by which a dimension group is picked.
        reads: the columns that it is made of, sorted; of fields of the same view, what those are made of.
        inferred: not all of these follow from the SQL alone.
    """

    name: str
    type: str = ""
    kind: str = "column"
    label: str = ""
    description: str = ""
    hidden: bool = False
    primary_key: bool = False
    generated: tuple[str, ...] = ()
    reads: tuple[ColumnRead, ...] = ()
    inferred: bool = False


class Persistence(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What makes Looker build a derived table and keep it.

    Attributes:
        kind: ``datagroup_trigger``, ``sql_trigger_value``, ``interval_trigger``, ``persist_for`` or ``materialized_view``.
        value: of that parameter.
        incremental: only what is new is added.
    """

    kind: str
    value: str
    incremental: bool = False

    def __str__(self) -> str:
        return f"{self.kind}: {' '.join(self.value.split())}" + (", incremental" if self.incremental else "")


class Join(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A join of an explore.

    Attributes:
        name: the alias under which its fields are used.
        view: name of the view.
        type: such as ``left_outer``.
        relationship: such as ``many_to_one``.
    """

    name: str
    view: str
    type: str
    relationship: str


class Structure(msgspec.Struct, frozen=True, kw_only=True):
    """What all structures have.

    Attributes:
        id: with its kind before the colon.
        name: as LookML, or the warehouse, has it.
        reads: ids of the structures that its data comes from, sorted.
        group: the asset group that tags or the configuration give it; None for the default of its kind.
        owners: e-mail addresses, and teams as ``team:name``.
        tags: LookML's own.
        source: where it is declared; None for a table.
        web_url: its page in Looker; None without a base URL, and where there is no page.
    """

    id: str
    name: str
    reads: tuple[str, ...] = ()
    group: str | None = None
    owners: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    source: Source | None = None
    web_url: str | None = None


class Table(Structure, frozen=True, kw_only=True, tag="table"):
    """A table of the warehouse that LookML names.

    Attributes:
        parts: database, schema and table, as far as they are known, without quotes.
        written: its name as LookML writes it.
        dialects: SQL dialects of the connections that read it.
        columns: those that LookML reads.
    """

    parts: tuple[str, ...]
    written: str
    dialects: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()

    @property
    def is_one_table(self) -> bool:
        """Its whole name is known, so that it stands for one table and no others."""
        has_all_parts = not self.written.lstrip("`").startswith(".") and ".." not in self.written  # empty constants leave such
        return has_all_parts and not any(character in part for part in self.parts for character in "*{}`")


class View(Structure, frozen=True, kw_only=True, tag="view"):
    """A view as one or more models see it alike.

    Attributes:
        kind: ``table``, ``sql``, ``native``, ``create_process``, ``sql_create``, ``nested`` or ``abstract``.
        models: that see it, sorted; none if no model includes it.
        connections: of those models.
        dialects: SQL dialects of the connections.
        label: for people; empty if none is written.
        sql_table_name: as written, constants expanded; None where a derived table or the default holds.
        persistence: of a PDT; None for others.
        pdts: ids of the PDTs that Looker builds from it, one for each model.
        extends: names of its parents, weakest first.
        missing_parents: those of them that no model here has, so that not all of it is known.
        refined_by: the refinements that took effect.
        columns: its fields.
    """

    kind: str
    models: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    label: str = ""
    sql_table_name: str | None = None
    persistence: Persistence | None = None
    pdts: tuple[str, ...] = ()
    extends: tuple[str, ...] = ()
    missing_parents: tuple[str, ...] = ()
    refined_by: tuple[Place, ...] = ()
    columns: tuple[Column, ...] = ()

    @property
    def view_name(self) -> str:
        """Its name, as LookML's ``view_name`` parameters call it."""
        return self.name


class Explore(Structure, frozen=True, kw_only=True, tag="explore"):
    """An explore of one model.

    Attributes:
        model: its model.
        label: for people; empty if none is written.
        description: as written; may be empty.
        hidden: from those who explore.
        view_name: of its base view.
        joins: in their order.
    """

    model: str
    label: str = ""
    description: str = ""
    hidden: bool = False
    view_name: str = ""
    joins: tuple[Join, ...] = ()


class Dashboard(Structure, frozen=True, kw_only=True, tag="dashboard"):
    """A LookML dashboard, once for each model that includes it.

    Attributes:
        model: that includes it; None if none does.
        title: for people.
        description: as written; may be empty.
        tiles: titles of its tiles, where they have one.
        tile_count: how many tiles it has.
        filters: names of its filters.
    """

    model: str | None
    title: str = ""
    description: str = ""
    tiles: tuple[str, ...] = ()
    tile_count: int = 0
    filters: tuple[str, ...] = ()


class Pdt(Structure, frozen=True, kw_only=True, tag="pdt"):
    """A persistent derived table as one model builds it: the table in the warehouse.

    Attributes:
        model: that builds it.
        view: id of the view that describes it.
        persistence: when Looker builds it; None where nobody told.
        interval: how often its trigger fires, as LookML writes it; None if that is no matter of time.
        fires_by_sql: its trigger fires when the answer of some SQL changes.
        refusal: why it cannot be built, with the file and line; None if it can.
        connection: where it is built; None if the model names none.
        dialects: SQL dialect of the connection.
        columns: that it has in the warehouse, where they are known.
    """

    model: str
    view: str
    persistence: Persistence | None = None
    interval: str | None = None
    fires_by_sql: bool = False
    refusal: str | None = None
    connection: str | None = None
    dialects: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()

    @property
    def view_name(self) -> str:
        """The name of its view."""
        return self.name


LookMLStructure = Table | View | Explore | Dashboard | Pdt
"""Whatever an asset is made for."""


def without_columns(structure: LookMLStructure) -> LookMLStructure:
    """A structure of which only the key is wanted."""
    return msgspec.structs.replace(structure, columns=()) if isinstance(structure, Table | View | Pdt) else structure
