"""Fields that read a column which their table does not have, and that did not do so before: ``check`` says unknown-column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from dagster_lookml.analysis.diff.change import VERDICTS, Change, Verdict
from dagster_lookml.analysis.diff.rows import Rows
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.listing import listed
from dagster_lookml.analysis.missing_columns import MissingColumn, mention, table_texts
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.semantic.objects import Field, Text, View
from dagster_lookml.source import Span

_WHY: Final[dict[Verdict, str]] = {
    "breaking": "",
    "unknown": "; whether a query does so cannot be told offline",
    "metadata only": ", and no explore offers",
}


class MissedColumns:
    """The columns that one view, or fields of it, miss in the head, and did not miss in the base.

    Args:
        base: the state before.
        head: the state after.
        old: the view in the base.
        new: it in the head.
        names: the old own names of renamed fields by their new ones.
    """

    def __init__(self, base: State, head: State, old: View, new: View, names: Mapping[str, str]) -> None:
        self._head = head
        self._old = old
        self._new = new
        had = {one.name for one in base.lacking.get(old.id, ())}
        self._lacking = {one.name: one for one in head.lacking.get(new.id, ()) if one.name not in had}
        found = _newly(base, head, old, new, names) if new.id in head.missing_columns else ()
        self._found = [one for one in found if one.is_named or one.column not in self._lacking]
        self._told: set[tuple[str, str]] = set()

    @property
    def columns(self) -> frozenset[str]:
        """The names of the columns."""
        return frozenset(one.column for one in self._found)

    def judged(self, change: Change) -> Change:
        """A change of SQL, of a field or of the table, which breaks if it names such a column that it did not name before."""
        if change.id == self._new.id:
            return self._judged_table(change)
        named = [one for one in self._found if self._identity(one.field) == change.id and _is_named_newly(one, change)]
        self._told |= {(one.field.own_name, one.column) for one in named}
        verdict = min((self._verdict(one) for one in named), key=VERDICTS.index, default=change.verdict)
        if VERDICTS.index(verdict) >= VERDICTS.index(change.verdict):
            return change
        columns = list(dict.fromkeys(one.column for one in named))
        noun = "column" if len(columns) == 1 else "columns"
        reason = f"it reads the {noun} {listed(columns)}, which its table does not have{_WHY[verdict]}"
        return msgspec.structs.replace(change, verdict=verdict, reason=reason)

    def _judged_table(self, change: Change) -> Change:
        parameters = {f"derived_table.{text.parameter}" for text in table_texts(self._new)}
        if change.property not in parameters or change.verdict == "breaking":
            return change
        columns = [name for name in self._lacking if _is_written_newly(name, change, self._new.span)]
        if not columns:
            return change
        tables = listed(list(dict.fromkeys(self._lacking.pop(name).table for name in columns)))
        noun = "column" if len(columns) == 1 else "columns"
        reason = f"it reads the {noun} {listed(columns)}, which {tables} does not have"
        return msgspec.structs.replace(change, verdict="breaking", reason=reason)

    def changes(self, rows: Rows) -> Iterator[Change]:
        """What else misses a column: the table has it no more.

        Args:
            rows: of the head.
        """
        if self._lacking:
            yield self._lost(rows)
        left = [one for one in self._found if (one.field.own_name, one.column) not in self._told]
        by_verdict: dict[Verdict, list[MissingColumn]] = {}
        for one in left:
            by_verdict.setdefault(self._verdict(one), []).append(one)
        for verdict, found in by_verdict.items():
            change = self._gone(verdict, found)
            if verdict == "metadata only":
                yield change
            elif self._fails_as_a_whole(found):
                yield msgspec.structs.replace(change, affected=rows.felt_by(self._new.id))
            else:
                felt = rows.failing({self._identity(one.field) for one in found})
                yield msgspec.structs.replace(change, affected=felt)

    def _lost(self, rows: Rows) -> Change:
        """What its SQL names is gone from the tables that it reads, and every query of it fails (R5.15)."""
        columns, tables = list(self._lacking), list(dict.fromkeys(one.table for one in self._lacking.values()))
        noun = "column" if len(columns) == 1 else "columns"
        reason = (
            f"its SQL reads the {noun} {listed(columns)}, which {listed(tables)} {'has' if len(tables) == 1 else 'have'} no more"
        )
        felt = rows.felt_by(self._new.id)
        change = self._of_table("breaking" if felt else "metadata only", columns, reason)
        return msgspec.structs.replace(change, affected=felt, reason=reason if felt else f"{reason}, and nobody reads it")

    def _gone(self, verdict: Verdict, found: Sequence[MissingColumn]) -> Change:
        columns = list(dict.fromkeys(one.column for one in found))
        fields = list(dict.fromkeys(f"{self._new.name}.{one.field.name}" for one in found))
        noun, read = "column" if len(columns) == 1 else "columns", "reads" if len(fields) == 1 else "read"
        reason = f"its table has the {noun} {listed(columns)} no more, which {listed(fields)} {read}{_WHY[verdict]}"
        table = self._new.derived_table
        change = self._of_table(verdict, columns, reason)
        return change if table is not None else msgspec.structs.replace(change, span=found[0].field.span)

    def _of_table(self, verdict: Verdict, columns: Sequence[str], reason: str) -> Change:
        table = self._new.derived_table
        return Change(
            id=self._new.id,
            kind="changed",
            property="columns",
            old=", ".join(columns),
            new=None,
            verdict=verdict,
            reason=reason,
            span=table.span if table is not None else self._new.span,
        )

    def _verdict(self, one: MissingColumn) -> Verdict:
        names = frozenset(one.field.names)
        if not any(names & seat.offered for seat in self._head.reach.seats.get(self._new.id, ())):
            return "metadata only"
        return "breaking" if one.is_sure else "unknown"

    def _fails_as_a_whole(self, found: Sequence[MissingColumn]) -> bool:
        """The table's own query, which is as it was, names a column that a table has no more from which it reads."""
        table = self._new.derived_table
        if table is None or table != self._old.derived_table:
            return False
        columns = {column.name for column in table.explore_source.columns} if table.explore_source is not None else set()
        return any(one.column in columns or mention(table_texts(self._new), one.column)[0] for one in found)

    def _identity(self, field: Field) -> str:
        return field_id(self._new.id, field.own_name)


def _newly(base: State, head: State, old: View, new: View, names: Mapping[str, str]) -> Iterator[MissingColumn]:
    """What fields miss that the base has too, and that did not miss it there."""
    known = {field.own_name for field in old.fields}
    before = {(one.field.own_name, one.column) for one in base.missing_columns.get(old.id, ())}
    for one in head.missing_columns[new.id]:
        was = names.get(one.field.own_name, one.field.own_name)
        if was in known and (was, one.column) not in before:
            yield one


def _is_named_newly(one: MissingColumn, change: Change) -> bool:
    """Whether a change of SQL is what names a column."""
    if change.property != "sql" and change.property not in {text.parameter for text in one.field.sql}:
        return False
    return _is_written_newly(one.column, change, one.field.span)


def _is_written_newly(column: str, change: Change, span: Span) -> bool:
    was, now = (mention((Text(change.property, sql or "", span),), column)[0] for sql in (change.old, change.new))
    return was is None and now is not None
