"""One of the two states that are compared: its objects, its lineage, and how its SQL is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol

from dagster_lookml.analysis.checks import check
from dagster_lookml.analysis.checks.kept_tables import OBEYED, key_columns
from dagster_lookml.analysis.checks.mentions import Mentions
from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.traced import Traced as OfProject
from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.analysis.diff.needs import Needs, names_in, names_in_native
from dagster_lookml.analysis.diff.scoped import source_of
from dagster_lookml.analysis.diff.tables_read import TablesRead
from dagster_lookml.analysis.diff.words import Saying
from dagster_lookml.analysis.impact import Reach
from dagster_lookml.analysis.missing_columns import MissingColumn, missing_columns
from dagster_lookml.analysis.refined import with_named_explores, with_refinements
from dagster_lookml.analysis.reporting import reported, wanted
from dagster_lookml.config import Config, Connection
from dagster_lookml.diagnostics import Diagnostic, Severity
from dagster_lookml.lineage.graph import Edge, Graph
from dagster_lookml.lineage.ids import field_id, pdt_id, tile_id
from dagster_lookml.lineage.result import LackingColumn
from dagster_lookml.lineage.worlds import World, connection_name
from dagster_lookml.rules import RULES
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import Element, Explore, Field, Lookup, NativeQuery, Project, View
from dagster_lookml.semantic.references import SQL_TABLE_NAME
from dagster_lookml.sql.dialects import Dialect
from dagster_lookml.sql.equivalence import Comparison, compare_sql
from dagster_lookml.sql.reading import Form


class Traced(OfProject, Protocol):
    """A project and its lineage, of which each part is made when somebody asks for it."""

    @property
    def project(self) -> Project:
        """Compiled."""


class State:
    """A state.

    Args:
        traced: the project and its lineage.
        config: what the repository does not say.
        trace: gives the lineage of the project with what only names say of absent imports; None where that does not matter, and
            refinements without a base are left out.
        find: gives what is wrong in the project; None for looking.
    """

    def __init__(
        self,
        traced: Traced,
        config: Config,
        trace: Callable[[Project], Graph] | None = None,
        find: Callable[[], Iterable[Diagnostic]] | None = None,
    ) -> None:
        self.lookup = Lookup(traced.project if trace is None else with_refinements(traced.project))
        self._traced = traced
        self._trace = trace
        self._find = find
        self._config = config
        self._needs: dict[str, Needs] = {}
        self._worlds: dict[str, World] = {}

    @cached_property
    def reach(self) -> Reach:
        """What changes are felt by."""
        if self._trace is None or not self.missing_imports:
            return Reach(self._traced.graph, self.lookup)
        named = with_named_explores(self.lookup.project)
        return Reach(self._trace(named), Lookup(named))

    @cached_property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What surely breaks in the project, but for what the configuration leaves out or calls no error."""
        rules = self._config.rules
        found = self._find() if self._find is not None else check(self._traced.project, self._traced, wanted(rules))
        sure = (one for one in found if one.severity is Severity.ERROR and RULES[one.rule].is_default)
        return tuple(one for one in reported(sure, rules) if one.severity is Severity.ERROR)

    @cached_property
    def missing_imports(self) -> frozenset[str]:
        """The imported projects that some model names and that are not here."""
        return frozenset(name for model in self.lookup.project.models for name in model.missing_projects)

    @cached_property
    def mentions(self) -> Mapping[str, frozenset[str]]:
        """Every name of a field that something mentions, by the alias or view that it is mentioned of."""
        found: dict[str, set[str]] = {}
        for scope, name in Mentions(self.uses.names).all:
            found.setdefault(scope, set()).add(name)
        return {scope: frozenset(names) for scope, names in found.items()}

    @cached_property
    def uses(self) -> Uses:
        """Where views are used."""
        return Uses(Names(self.lookup.project))

    @cached_property
    def saying(self) -> Saying:
        """The words of explores, fields and tables."""
        return Saying(self.lookup)

    @cached_property
    def tables_read(self) -> TablesRead:
        """What derived tables read."""
        return TablesRead(self.lookup)

    @cached_property
    def called_views(self) -> frozenset[str]:
        """The names of views that explores, joins, other views and SQL call them by."""
        project = self.lookup.project
        extended = (name for view in project.views for name in view.extends)
        based = (explore.base_view_name for explore in project.explores)
        joined = (join.view_name for explore in project.explores for join in explore.joins)
        read = (scope for scope, names in self.mentions.items() if SQL_TABLE_NAME in names)
        return frozenset((*extended, *based, *joined, *read))

    def aliases_of(self, view: str) -> frozenset[str]:
        """The names that explores give a view (R6.2).

        Args:
            view: its id.
        """
        return self._aliases.get(view, frozenset())

    @cached_property
    def _aliases(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for explore in self.lookup.project.explores:
            for alias, view in aliases(explore).items():
                if view is not None:
                    found.setdefault(view, set()).add(alias)
        return {view: frozenset(names) for view, names in found.items()}

    def needs(self, explore: Explore) -> Needs:
        """What queries of an explore need."""
        if explore.id not in self._needs:
            self._needs[explore.id] = Needs(explore, self.lookup)
        return self._needs[explore.id]

    @cached_property
    def taken(self) -> Mapping[str, Sequence[Edge]]:
        """The native derived tables that take a field from their explore, by the field's id (R5.6)."""
        found: dict[str, list[Edge]] = {}
        for view in self.lookup.project.views:
            query = view.native_query
            if query is not None:
                for field in self._taken_by(view, query):
                    found.setdefault(field, []).append(Edge(field, view.id, "derives", query.span))
        return found

    def _taken_by(self, view: View, query: NativeQuery) -> Iterator[str]:
        for source, field in self.asked_fields(view, query).values():
            yield field_id(source, field.own_name)

    def asked_fields(self, view: View, query: NativeQuery) -> Mapping[str, tuple[str, Field]]:
        """The fields that a native derived table names, each with the id of its view, by how it names them; sorted (R5.6)."""
        explore = source_of(view, self.lookup)
        found: dict[str, tuple[str, Field]] = {}
        by_alias = aliases(explore) if explore is not None else {}
        for name in sorted(names_in_native(query)):
            alias, _, own = name.rpartition(".")
            source = by_alias.get(alias or (explore.base_alias if explore is not None else ""))
            field = self.lookup.names_by_view[source].get(own) if source else None
            if source and field is not None:
                found[name] = source, field
        return found

    @cached_property
    def tiles(self) -> Mapping[str, Element]:
        """The tiles by their ids."""
        dashboards = self.lookup.project.dashboards
        return {tile_id(one.id, element): element for one in dashboards for element in one.elements}

    def naming(self, names: Iterable[str]) -> frozenset[str]:
        """The ids of the tiles that name any of some fields, by their names without aliases."""
        return frozenset(tile for name in names for tile in self._tiles_by_name.get(name, ()))

    @cached_property
    def _tiles_by_name(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for identity, element in self.tiles.items():
            for name in {one.rpartition(".")[2] for query in element.queries for one in names_in(query)}:
                found.setdefault(name, []).append(identity)
        return found

    @cached_property
    def pdts(self) -> frozenset[str]:
        """The ids of the tables that models build of persistent views."""
        return frozenset(pdt_id(model, one.name) for one in self.lookup.project.views if one.is_pdt for model in one.models)

    @cached_property
    def missing_columns(self) -> Mapping[str, Sequence[MissingColumn]]:
        """The columns that fields read and that are not put out, by the id of their view."""
        found: dict[str, list[MissingColumn]] = {}
        if "missing-column" in self._traced.coverage.fields.reasons:
            for one in missing_columns(self.lookup.project.views, self._traced.lineage):
                found.setdefault(one.view.id, []).append(one)
        return found

    @cached_property
    def lacking(self) -> Mapping[str, Sequence[LackingColumn]]:
        """The columns that the SQL of derived tables names in vain, by the id of the view."""
        if not self._traced.coverage.lacking:
            return {}
        return {view: status.lacking for view, status in self._traced.lineage.views.items() if status.lacking}

    def unknown_keys(self, view: View) -> Mapping[str, str]:
        """What the parameters of a derived table that is kept name and it does not put out, each with its parameter (R5.12).

        Args:
            view: whose table it is; nothing is said where its dialect need not heed a parameter, or not all columns are known.
        """
        table = view.derived_table
        keys = list(key_columns(table)) if table is not None and view.is_pdt and len(table.sources) == 1 else []
        outputs = self._traced.lineage.views[view.id].outputs if keys and view.id in self._traced.lineage.views else None
        if outputs is None or "" in outputs:
            return {}
        dialects = {self._world(model).dialect for model in view.models}
        known = {one.name if one.source != "default" else "" for one in dialects}
        return {name: parameter for parameter, name in keys if name.lower() not in outputs and known <= OBEYED[parameter]}

    def misses(self, view: str) -> bool:
        """Whether the SQL of a view or of its fields names a column in vain.

        Args:
            view: its id.
        """
        return view in self.missing_columns or view in self.lacking

    def compare(self, old: str, new: str, form: Form, model: str, view: View | None) -> Comparison:
        """Compare two SQL texts as a model reads them.

        Args:
            old: in the base.
            new: in the head.
            form: what they are.
            model: its name; empty for what no model includes.
            view: whose they are, where they are a view's.
        """
        world = self._world(model)
        return compare_sql(old, new, form, world.dialect.name, world.known(view), self._config.environment)

    def _world(self, name: str) -> World:
        if name not in self._worlds:
            model = self.lookup.models.get(name)
            connection = connection_name(model)
            known_dialects = self._traced.dialects
            dialect = known_dialects.get(connection) or next(iter(known_dialects.values()), Dialect(name="", source="default"))
            known = self._config.connections.get(connection, Connection())
            self._worlds[name] = World(model, dialect, known, self._config, self.lookup)
        return self._worlds[name]
