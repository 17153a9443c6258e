"""dbt's relations beside the tables that LookML names: which are the same, and what dbt knows of their columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from dagster_lookml.lineage.edges import Collector
from dagster_lookml.lineage.ids import table_parts
from dagster_lookml.source.dbt import DbtProject, DbtRelation
from dagster_lookml.sql.dialects import table_part

_DIALECTS: Final = {"sqlserver": "tsql", "synapse": "tsql", "fabric": "tsql", "databricks_sql": "databricks"}
"""What sqlglot calls the dialects of dbt's adapters, where the names differ."""
_TELL_BY_CASE: Final = frozenset({"bigquery"})
"""Warehouses whose tables are always told apart by case."""


class DbtTables:
    """Finds dbt's relation for a table.

    Args:
        project: read from a manifest.
    """

    def __init__(self, project: DbtProject) -> None:
        self.project = project
        adapter = project.adapter or ""
        self._dialect = _DIALECTS.get(adapter, adapter)
        self._found: dict[str, tuple[DbtRelation, ...]] = {}

    @cached_property
    def _by_name(self) -> Mapping[str, list[DbtRelation]]:
        found: dict[str, list[DbtRelation]] = {}
        for relation in self.project.relations:
            if relation.parts:
                found.setdefault(relation.parts[-1].lower(), []).append(relation)
        return found

    def relations(self, table: str) -> tuple[DbtRelation, ...]:
        """The relations that a table may be; sources only where there is no model, seed or snapshot.

        The parts that both have must be alike: a connection's default database and schema are often not written in LookML. A
        part that nobody knows, such as ``{ua_dataset}``, is like any. Names are told apart by case where the warehouse does;
        elsewhere case decides only between several.

        Args:
            table: its id.
        """
        if table not in self._found:
            parts = table_parts(table)
            alike = [one for one in self._by_name.get(parts[-1].lower(), ()) if _alike(parts, one.parts)]
            exact = [one for one in alike if _alike(parts, self.place(one), ignoring_case=False)]
            if exact or self._dialect in _TELL_BY_CASE:
                alike = exact
            made = [one for one in alike if not one.unique_id.startswith("source.")] or alike
            self._found[table] = tuple(made)
        return self._found[table]

    def relation(self, table: str) -> DbtRelation | None:
        """The relation of a table; None if there is none, or several.

        Args:
            table: its id.
        """
        found = self.relations(table)
        return found[0] if len(found) == 1 else None

    def place(self, relation: DbtRelation) -> tuple[str, ...]:
        """The name of a relation as the warehouse tells it from others, database first.

        Args:
            relation: of the project.
        """
        quoted = relation.quoted or (False,) * len(relation.parts)
        pairs = zip(relation.parts, quoted, strict=True)
        return tuple(table_part(part, quoted=is_quoted, dialect=self._dialect) for part, is_quoted in pairs)

    def columns(self, table: str) -> tuple[str, ...] | None:
        """Every column of a table, in lower case, where the catalog tells them."""
        relation = self.relation(table)
        return tuple(name.lower() for name in relation.columns) if relation is not None and relation.columns_complete else None

    def add(self, collector: Collector) -> None:
        """Add the relations behind the tables of a graph, and everything that those are made of."""
        relations = {one.unique_id: one for one in self.project.relations}
        waiting: list[DbtRelation] = []
        for table in collector.tables():
            relation = self.relation(table)
            if relation is not None:
                collector.edge(_node(collector, relation), table, "derives", None)
                waiting.append(relation)
        seen: set[str] = set()
        while waiting:
            relation = waiting.pop()
            if relation.unique_id in seen:
                continue
            seen.add(relation.unique_id)
            for other in self._sources(relation, relations):
                collector.edge(_node(collector, other), _node(collector, relation), "derives", None)
                waiting.append(other)

    @staticmethod
    def _sources(relation: DbtRelation, relations: Mapping[str, DbtRelation]) -> Iterator[DbtRelation]:
        return (relations[one] for one in relation.depends_on if one in relations)


def _node(collector: Collector, relation: DbtRelation) -> str:
    return collector.node(f"dbt:{relation.unique_id}", "dbt", relation.unique_id.partition(".")[2])


def _alike(ours: tuple[str, ...], theirs: tuple[str, ...], *, ignoring_case: bool = True) -> bool:
    pairs = zip(reversed(ours), reversed(theirs), strict=False)
    return all("{" in one or one == other or (ignoring_case and one.lower() == other.lower()) for one, other in pairs)
