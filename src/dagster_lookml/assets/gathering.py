"""A traced project to the state that Dagster's assets are made from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote

import msgspec

from dagster_lookml.assets.column_reads import ColumnReads
from dagster_lookml.assets.findings import findings
from dagster_lookml.assets.ownership import Owners
from dagster_lookml.assets.state import ProjectState
from dagster_lookml.assets.structures import (
    Column,
    Dashboard,
    Explore,
    Join,
    LookMLStructure,
    Pdt,
    Persistence,
    Place,
    Source,
    Table,
    View,
)
from dagster_lookml.config import RuleSettings
from dagster_lookml.lineage.graph import EdgeKind, Node
from dagster_lookml.lineage.ids import table_parts
from dagster_lookml.pdt.planning.plan import make_plan
from dagster_lookml.pdt.planning.planned import PlannedPdt
from dagster_lookml.semantic import objects
from dagster_lookml.source import Span
from dagster_lookml.workspace.answer import TracedProject

DATA_EDGES: Final[frozenset[EdgeKind]] = frozenset(
    ("reads", "derives", "nested", "joins_always", "joins_on_demand", "tile", "filter")
)
"""Edges along which data flows between tables, views, explores and dashboards. ``extends`` shares definitions, and ``trigger``
tells when to build: neither brings data."""


def gather(traced: TracedProject, owners: Owners, rules: RuleSettings) -> ProjectState:
    """Gather what Dagster shows of a project.

    Args:
        traced: the project and its lineage.
        owners: gives groups and owners.
        rules: which findings are reported.
    """
    gathering = _Gathering(traced, owners, rules)
    structures = tuple(sorted(gathering.structures(), key=lambda one: one.id))
    return ProjectState(
        project=traced.project.name,
        structures=structures,
        findings=tuple(findings(traced, structures, rules)),
    )


class _Gathering:
    def __init__(self, traced: TracedProject, owners: Owners, rules: RuleSettings) -> None:
        self._traced = traced
        self._project = traced.project
        self._owners = owners
        self._views = {view.id: view for view in self._project.views}
        self._models = {model.name: model for model in self._project.models}
        self._reads: dict[str, set[str]] = defaultdict(set)
        for edge in traced.tables.edges:
            if edge.kind in DATA_EDGES:
                self._reads[edge.target].add(edge.source)
        self._pdts_of: dict[str, list[PlannedPdt]] = defaultdict(list)
        self._plan = make_plan(self._project, traced.builds, rules)
        for pdt in sorted(self._plan.pdts, key=lambda one: one.model):
            self._pdts_of[pdt.view_id].append(pdt)
        self._columns = ColumnReads(traced.graph, traced.lineage.outputs)

    def structures(self) -> Iterator[LookMLStructure]:
        """Every structure of the project, in no order."""
        yield from self._tables()
        for view in self._project.views:
            yield self._view(view)
            yield from self._pdts(view)
        yield from map(self._explore, self._project.explores)
        yield from map(self._dashboard, self._project.dashboards)

    def _reads_of(self, identity: str) -> tuple[str, ...]:
        return tuple(sorted(self._reads.get(identity, ())))

    # -- tables --------------------------------------------------------------------------------------------------------

    def _tables(self) -> Iterator[Table]:
        dialects, columns = self._dialects_of_tables(), self._columns.of_tables()
        for node in self._traced.tables.nodes.values():
            if node.kind == "table":
                yield _table(node, dialects.get(node.id, set()), columns.get(node.id, ()))

    def _dialects_of_tables(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for edge in self._traced.tables.edges:
            if edge.source.startswith("table:"):
                found[edge.source].update(self._dialects(self._models_of(edge.target)))
        return found

    def _models_of(self, identity: str) -> tuple[str, ...]:
        if identity in self._views:
            return self._views[identity].models
        return (unquote(identity.partition(":")[2].partition("/")[0]),)

    def _connections(self, models: Iterable[str]) -> tuple[str, ...]:
        found = (self._models[name].connection for name in models if name in self._models)
        return tuple(sorted({one.value for one in found if one is not None and one.value}))

    def _dialects(self, models: Iterable[str]) -> tuple[str, ...]:
        """The dialects of models, as far as they are known."""
        names: set[str] = set()
        for name in models:
            model = self._models.get(name)
            connection = model.connection.value if model is not None and model.connection is not None else ""
            dialect = self._traced.dialects.get(connection)
            if dialect is not None and dialect.source != "default":
                names.add(dialect.name)
        return tuple(sorted(names))

    # -- views ---------------------------------------------------------------------------------------------------------

    def _view(self, view: objects.View) -> View:
        place = _place(view.span)
        owned = self._owners.of(place.file, view.tags)
        return View(
            id=view.id,
            name=view.name,
            reads=self._reads_of(view.id),
            group=owned.group,
            owners=owned.owners,
            tags=view.tags,
            source=Source(place),
            kind=view.kind,
            models=view.models,
            connections=self._connections(view.models),
            dialects=self._dialects(view.models),
            label=_property(view.properties, "label"),
            sql_table_name=view.sql_table_name.value.strip() if view.sql_table_name is not None else None,
            persistence=_persistence(view),
            pdts=tuple(pdt.id for pdt in self._pdts_of.get(view.id, ())),
            extends=view.extends,
            missing_parents=view.missing_parents,
            refined_by=tuple(_place(origin.span) for origin in view.refined_by),
            columns=tuple(self._field(view, field) for field in view.fields),
        )

    def _field(self, view: objects.View, field: objects.Field) -> Column:
        reads, is_exact = self._columns.of_field(view.id, field.own_name)
        return Column(
            name=f"{field.name} (group)" if field.shares_name else field.name,
            type=field.type,
            kind=field.kind,
            label=_property(field.properties, "label"),
            description=_property(field.properties, "description"),
            hidden=field.hidden,
            primary_key=field.primary_key,
            generated=field.generated,
            reads=reads,
            inferred=not is_exact,
        )

    def _pdts(self, view: objects.View) -> Iterator[Pdt]:
        persistence = _persistence(view)
        if persistence is None:
            return
        place = _place(view.span)
        owned = self._owners.of(place.file, view.tags)
        outputs = self._columns.of_pdt(view.id)
        columns = tuple(Column(name, reads=reads, inferred=not is_exact) for name, reads, is_exact in outputs)
        for pdt in self._pdts_of.get(view.id, ()):
            yield Pdt(
                id=pdt.id,
                name=view.name,
                reads=tuple(sorted({*pdt.upstream, *pdt.tables} - {pdt.id})),
                group=owned.group,
                owners=owned.owners,
                tags=view.tags,
                source=Source(place),
                model=pdt.model,
                view=view.id,
                persistence=persistence,
                interval=pdt.interval,
                fires_by_sql=pdt.fires_by_sql,
                refusal=self._plan.refusal(pdt.model, pdt.view),
                connection=pdt.connection,
                dialects=self._dialects((pdt.model,)),
                columns=columns,
            )

    # -- explores and dashboards ---------------------------------------------------------------------------------------

    def _explore(self, explore: objects.Explore) -> Explore:
        place = _place(explore.span)
        owned = self._owners.of(place.file, explore.tags)
        return Explore(
            id=explore.id,
            name=explore.name,
            reads=self._reads_of(explore.id),
            group=owned.group,
            owners=owned.owners,
            tags=explore.tags,
            source=Source(place),
            model=explore.model,
            label=_property(explore.properties, "label"),
            description=_property(explore.properties, "description"),
            hidden=explore.hidden,
            view_name=explore.base_view_name,
            joins=tuple(Join(join.name, join.view_name, join.type, join.relationship) for join in explore.joins),
        )

    def _dashboard(self, dashboard: objects.Dashboard) -> Dashboard:
        place = _place(dashboard.span)
        owned = self._owners.of(place.file)
        return Dashboard(
            id=dashboard.id,
            name=dashboard.name,
            reads=self._reads_of(dashboard.id),
            group=owned.group,
            owners=owned.owners,
            source=Source(place),
            model=dashboard.model,
            title=dashboard.title or "",
            description=_text(_property(dashboard.properties, "description")),
            tiles=tuple(title for one in dashboard.elements if (title := _tile_title(one))),
            tile_count=len(dashboard.elements),
            filters=tuple(one.title or one.name for one in dashboard.filters),
        )


def _table(node: Node, dialects: set[str], columns: Iterable[str]) -> Table:
    parts = table_parts(node.id)
    return Table(
        id=node.id,
        name=".".join(parts),
        parts=parts,
        written=unquote(node.label),
        dialects=tuple(sorted(dialects)),
        columns=tuple(map(Column, sorted(columns))),
    )


def _place(span: Span) -> Place:
    return Place(span.file, span.line)


def _property(properties: Iterable[tuple[str, str]], name: str) -> str:
    return next((value.strip() for key, value in properties if key == name), "")


_MARKUP: Final = re.compile(r"<[^<>]*>")
_NUMBER: Final = re.compile(r"\(\d+\)")


def _tile_title(element: objects.Element) -> str:
    """What people call a tile: its title without HTML; empty for one that Looker itself has numbered."""
    title = _MARKUP.sub(" ", element.title or element.written_name or "").strip()
    return "" if _NUMBER.fullmatch(title) else title


def _text(value: str) -> str:
    """A text of a dashboard, of which properties hold the JSON."""
    return str(msgspec.json.decode(value) or "").strip() if value else ""


def _persistence(view: objects.View) -> Persistence | None:
    derived = view.derived_table
    if derived is None or derived.persistence is None:
        return None
    return Persistence(derived.persistence.kind, derived.persistence.value.strip(), derived.incremental)
