"""What it means for the LookML that a column of a dbt relation is new, gone, or of another name or type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from dagster_lookml.analysis.dbt_diff.differences import ColumnDifference, column_differences
from dagster_lookml.analysis.dbt_diff.feeling import felt_of_columns
from dagster_lookml.analysis.dbt_diff.reading import Reading, column_id
from dagster_lookml.analysis.dbt_diff.relation_changes import unread
from dagster_lookml.analysis.dbt_diff.untraced import Untraced
from dagster_lookml.analysis.diff.change import Change, Verdict
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.source.dbt import DbtRelation


class ColumnChanges:
    """The changes of columns.

    Args:
        state: of the LookML.
        before: what it reads of the dbt project before.
        after: what it reads of the dbt project after, as it may name tables by where they are now.
        untraced: what of it could not be traced.
    """

    def __init__(self, state: State, before: Reading, after: Reading, untraced: Untraced) -> None:
        self._state = state
        self._before = before
        self._after = after
        self._untraced = untraced

    def of(self, old: DbtRelation, new: DbtRelation) -> Iterator[Change]:
        """What changes with the columns of a relation.

        Args:
            old: the relation before.
            new: the relation after.
        """
        tables = sorted({*self._before.tables(old), *self._after.tables(new)})
        own = tables[0] if tables else self._after.whole_id(new)
        for one in column_differences(old, new):
            change = _change(own, one)
            yield change if one.kind == "added" else self._felt(change, one, tables)

    def _felt(self, change: Change, difference: ColumnDifference, tables: Sequence[str]) -> Change:
        read = [identity for table in tables for identity in self._before.columns(table, difference.name)]
        if not self._before.is_read(read):
            return unread(change, self._state, self._untraced.naming_column(difference.name, tables))
        verdict, reason = _meaning(difference)
        affected = felt_of_columns(self._state, read, gone=difference.kind != "retyped")
        return msgspec.structs.replace(change, verdict=verdict, reason=reason, affected=affected)


def _meaning(one: ColumnDifference) -> tuple[Verdict, str]:
    """The verdict on a column that the LookML reads, and why."""
    if one.kind == "retyped":
        return "numbers may change", "what compares it, adds it up or formats it may answer otherwise"
    guess = f"; a guess by type and name: it is {one.new_name} now" if one.new_name else ""
    if not one.is_sure:
        return "unknown", f"it is documented no more, and without a catalog nobody knows whether the table still has it{guess}"
    return "breaking", f"the table has it no more, and whatever reads it breaks{guess}"


def _change(table: str, one: ColumnDifference) -> Change:
    """A change that means nothing to the LookML, unless more is said of it."""
    is_type = one.kind == "retyped"
    return Change(
        id=column_id(table, one.new_name or one.name),
        kind="changed" if one.kind == "retyped" else one.kind,
        verdict="metadata only",
        reason="nothing can have used it before",
        span=None,
        side="base" if one.kind == "removed" else "head",
        property="type" if is_type else "",
        old=one.old_type if is_type else None if one.kind == "added" else one.name,
        new=one.new_type if is_type else None if one.kind == "removed" else one.new_name or one.name,
    )
