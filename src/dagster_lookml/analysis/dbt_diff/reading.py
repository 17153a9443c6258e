"""Which tables and columns that the LookML reads are those of a dbt relation, and what feels a change of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from dagster_lookml.analysis.diff.state import State
from dagster_lookml.config import Connection
from dagster_lookml.lineage.dbt import DbtTables
from dagster_lookml.lineage.graph import Node
from dagster_lookml.lineage.tables import encoded, table_id
from dagster_lookml.source.dbt import DbtRelation

_SEEN: Final = frozenset(("explore", "dashboard", "tile"))


class Reading:
    """What one state of the LookML reads of a dbt project.

    Args:
        state: of the LookML.
        dbt: finds the relations of the project.
    """

    def __init__(self, state: State, dbt: DbtTables) -> None:
        self._state = state
        self._nodes = state.reach.graph.nodes
        self._dbt = dbt

    @cached_property
    def _tables(self) -> dict[str, list[str]]:
        """The ids of tables by the unique ids of the relations that they may be."""
        found: dict[str, list[str]] = {}
        for node in self._nodes.values():
            if node.kind == "table":
                for relation in self._dbt.relations(node.id):
                    found.setdefault(relation.unique_id, []).append(node.id)
        return found

    @cached_property
    def _columns(self) -> dict[str, list[str]]:
        """The ids of columns by those of their tables."""
        found: dict[str, list[str]] = {}
        for node in self._nodes.values():
            if node.kind == "column" and node.whole is not None:
                found.setdefault(node.whole, []).append(node.id)
        return found

    def tables(self, relation: DbtRelation) -> list[str]:
        """The ids of the tables of the LookML that a relation may be, sorted.

        Args:
            relation: of the dbt project.
        """
        return self._tables.get(relation.unique_id, [])

    def columns(self, table: str, name: str) -> list[str]:
        """The ids of what is read of one column of a table: itself, and what is inside of it.

        Args:
            table: its id.
            name: of the column, in lower case.
        """
        whole = column_id(table, name)
        return [one for one in self._columns.get(table, ()) if one == whole or one.startswith(f"{whole}.")]

    def whole_id(self, relation: DbtRelation) -> str:
        """The id that the table of a relation would have in the LookML by its whole name.

        Args:
            relation: of the dbt project.
        """
        return table_id(self._dbt.place(relation), Connection())

    def is_read(self, ids: Iterable[str]) -> bool:
        """Tell whether a model has something that reads any of some tables or columns.

        Args:
            ids: of tables or columns in the lineage.
        """
        return any(self._is_in_a_model(one.node) for one in self._state.reach.of(ids).affected)

    def _is_in_a_model(self, node: Node) -> bool:
        view = self._state.lookup.views.get(node.whole or node.id)
        return node.kind in _SEEN or (view is not None and bool(view.models))


def column_id(table: str, name: str) -> str:
    """The id of a column.

    Args:
        table: id of its table.
        name: in lower case.

    >>> column_id("table:shop.orders", "unit price")
    'column:shop.orders.unit%20price'
    """
    return f"column:{table.removeprefix('table:')}.{encoded(name)}"
