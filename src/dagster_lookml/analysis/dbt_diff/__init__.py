"""What a change of a dbt project breaks in the LookML: two manifests compared, each difference with who feels it."""

from __future__ import annotations

from collections.abc import Iterator

from dagster_lookml.analysis.dbt_diff.column_changes import ColumnChanges
from dagster_lookml.analysis.dbt_diff.differences import matches
from dagster_lookml.analysis.dbt_diff.reading import Reading
from dagster_lookml.analysis.dbt_diff.relation_changes import RelationChanges
from dagster_lookml.analysis.dbt_diff.untraced import Untraced
from dagster_lookml.analysis.diff.change import Change, in_order
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.lineage.dbt import DbtTables
from dagster_lookml.lineage.result import Lineage
from dagster_lookml.source.dbt import DbtProject


def dbt_changes(base: DbtProject, head: DbtProject, state: State, lineage: Lineage) -> tuple[Change, ...]:
    """What differs between two states of a dbt project, and what that means for the LookML.

    A relation that is gone or elsewhere, a column that is gone or has another name, breaks whatever reads it; a column of another
    type may change numbers; what is new changes nothing, as does whatever no model of the LookML reads. Where dbt does not know
    enough the verdict is unknown: whether a source is still there, which of two tables a short name means, and whether a column
    that is not documented any more is gone; likewise where SQL names it that could not be traced.

    Args:
        base: the dbt project before.
        head: the dbt project after.
        state: of the LookML, traced with `base`, so that columns are known which are there no more.
        lineage: of that state.
    """
    return in_order(_changes(DbtTables(base), DbtTables(head), state, Untraced(state.lookup.project, lineage)))


def _changes(base: DbtTables, head: DbtTables, state: State, untraced: Untraced) -> Iterator[Change]:
    before, after = Reading(state, base), Reading(state, head)
    relations = RelationChanges(base, head, state, before, untraced)
    columns = ColumnChanges(state, before, after, untraced)
    for match in matches(base, head):
        yield from relations.of(match)
        if match.old is not None and match.new is not None:
            yield from columns.of(match.old, match.new)
