"""The plan: every table that Looker builds for a project, what each waits for, and in which order they can be built.

It follows from the LookML alone, and nothing is built here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from dagster_lookml.config import RuleSettings
from dagster_lookml.lineage.ids import aggregate_table_id, pdt_id
from dagster_lookml.lineage.result import Build
from dagster_lookml.pdt.planning.broken import Broken
from dagster_lookml.pdt.planning.obstacles import Obstacles
from dagster_lookml.pdt.planning.ordering import build_order
from dagster_lookml.pdt.planning.planned import PlannedAggregateTable, PlannedPdt
from dagster_lookml.pdt.planning.preflight import refusal
from dagster_lookml.pdt.planning.regenerator import (
    fires_by_sql,
    interval,
    rebuilt_with_readers,
    regeneration,
    unknown_datagroup,
)
from dagster_lookml.semantic.objects import Lookup, Project, View


class Plan:
    """What Looker builds.

    Args:
        lookup: finds the objects of the project.
        pdts: in the order of building.
        aggregate_tables: in the order of their ids.
        cycles: the ids of PDTs that cannot be built because they read each other, or one that reads itself: sorted groups.
        obstacles: tells why PDTs of the whole project cannot be built.
    """

    def __init__(
        self,
        lookup: Lookup,
        pdts: Sequence[PlannedPdt],
        aggregate_tables: Sequence[PlannedAggregateTable],
        cycles: Sequence[tuple[str, ...]],
        obstacles: Obstacles,
    ) -> None:
        self.lookup = lookup
        self.pdts = tuple(pdts)
        self.aggregate_tables = tuple(aggregate_tables)
        self.cycles = tuple(cycles)
        self.obstacles = obstacles
        self._by_id = {one.id: one for one in pdts}

    def pdt(self, identity: str) -> PlannedPdt | None:
        """The PDT of an id, or None."""
        return self._by_id.get(identity)

    def part(self, ids: Iterable[str]) -> Plan:
        """Some of the PDTs, each with its place in the whole order; and no aggregate tables, which nobody can choose to build.

        Args:
            ids: of the PDTs.
        """
        wanted = frozenset(ids)
        cycles = [cycle for cycle in self.cycles if not wanted.isdisjoint(cycle)]
        return Plan(self.lookup, [one for one in self.pdts if one.id in wanted], (), cycles, self.obstacles)

    @property
    def invented_models(self) -> tuple[str, ...]:
        """The names of models that no file declares: one stands in where a repository has none."""
        return tuple(name for name, model in sorted(self.lookup.models.items()) if model.file is None)

    def refusal(self, model: str, view: str, *, allow_errors: bool = False) -> str | None:
        """Why a view cannot be built for a model, with the file and line that decide it; None if it can.

        Args:
            model: the name of the model.
            view: the name of the view.
            allow_errors: errors in its definition, and in those of what it reads, are no reason.
        """
        reason = refusal(self.lookup, model, view)
        return reason or self.obstacles.of(pdt_id(model, view), allow_errors=allow_errors)


def make_plan(project: Project, builds: Iterable[Build], rules: RuleSettings | None = None) -> Plan:
    """Plan what Looker builds.

    Args:
        project: compiled.
        builds: what each table is made from, as the lineage of the project has it.
        rules: which findings are reported; None for all.
    """
    lookup = Lookup(project)
    listed = list(builds)
    pdts = [_pdt(lookup, one) for one in listed if not one.name]
    aggregate_tables = sorted((_aggregate_table(lookup, one) for one in listed if one.name), key=lambda one: one.id)
    order, cycles = build_order({one.id: one.upstream for one in pdts}, {one.id: one.triggered_by for one in pdts})
    position = {identity: number for number, identity in enumerate(order, 1)}
    pdts = [msgspec.structs.replace(one, position=position[one.id]) for one in pdts]
    pdts.sort(key=lambda one: one.position)
    pdts = rebuilt_with_readers(pdts, aggregate_tables)
    obstacles = Obstacles(lookup, pdts, cycles, Broken(project, rules or RuleSettings()))
    return Plan(lookup, pdts, aggregate_tables, cycles, obstacles)


def _pdt(lookup: Lookup, build: Build) -> PlannedPdt:
    view = lookup.views[build.owner]
    derived = view.derived_table
    assert derived is not None
    assert derived.persistence is not None
    model = lookup.models[build.model]
    return PlannedPdt(
        id=pdt_id(build.model, view.name),
        model=build.model,
        view=view.name,
        view_id=view.id,
        connection=_connection(lookup, build.model),
        persistence=derived.persistence,
        incremental=derived.incremental,
        upstream=_ids(lookup.views, build.model, build.pdts),
        tables=build.tables,
        triggered_by=_ids(lookup.views, build.model, build.trigger_pdts),
        trigger_tables=build.trigger_tables,
        span=view.span,
        position=0,
        regeneration=regeneration(derived.persistence, model),
        unknown_datagroup=unknown_datagroup(derived.persistence, model),
        interval=interval(derived.persistence, model.datagroups),
        fires_by_sql=fires_by_sql(derived.persistence, model.datagroups),
        through=build.through,
        circles=build.circles,
    )


def _aggregate_table(lookup: Lookup, build: Build) -> PlannedAggregateTable:
    explore = lookup.explores[build.owner]
    table = next(one for one in explore.aggregate_tables if one.name == build.name)
    assert table.persistence is not None
    model = lookup.models[build.model]
    return PlannedAggregateTable(
        id=aggregate_table_id(build.model, explore.name, table.name),
        model=build.model,
        explore=explore.name,
        name=table.name,
        connection=_connection(lookup, build.model),
        persistence=table.persistence,
        incremental=table.incremental,
        upstream=_ids(lookup.views, build.model, build.pdts),
        tables=build.tables,
        span=table.span,
        regeneration=regeneration(table.persistence, model),
    )


def _ids(views: Mapping[str, View], model: str, of_views: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(pdt_id(model, views[one].name) for one in of_views))


def _connection(lookup: Lookup, model: str) -> str | None:
    connection = lookup.models[model].connection
    return (connection.value or None) if connection is not None else None
