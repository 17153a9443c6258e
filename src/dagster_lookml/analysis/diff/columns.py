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

_WHY: Final[dict[Verdict, str]] = {
    "breaking": "",
    "unknown": "; whether a query does so cannot be told offline",
    "metadata only": ", and no explore offers",
}


class MissedColumns:
    """The columns that fields of one view miss in the head, and did not miss in the base.

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
        self._found = list(_newly(base, head, old, new, names)) if new.id in head.missing_columns else []
        self._told: set[tuple[str, str]] = set()

    @property
    def columns(self) -> frozenset[str]:
        """The names of the columns."""
        return frozenset(one.column for one in self._found)

    def judged(self, change: Change) -> Change:
        """A change of a field's SQL, which breaks if it names such a column that it did not name before."""
        named = [one for one in self._found if self._identity(one.field) == change.id and _is_named_newly(one, change)]
        self._told |= {(one.field.own_name, one.column) for one in named}
        verdict = min((self._verdict(one) for one in named), key=VERDICTS.index, default=change.verdict)
        if VERDICTS.index(verdict) >= VERDICTS.index(change.verdict):
            return change
        columns = list(dict.fromkeys(one.column for one in named))
        noun = "column" if len(columns) == 1 else "columns"
        reason = f"it reads the {noun} {listed(columns)}, which its table does not have{_WHY[verdict]}"
        return msgspec.structs.replace(change, verdict=verdict, reason=reason)

    def changes(self, rows: Rows) -> Iterator[Change]:
        """What else misses a column: the table has it no more.

        Args:
            rows: of the head.
        """
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

    def _gone(self, verdict: Verdict, found: Sequence[MissingColumn]) -> Change:
        columns = list(dict.fromkeys(one.column for one in found))
        fields = list(dict.fromkeys(f"{self._new.name}.{one.field.name}" for one in found))
        noun, read = "column" if len(columns) == 1 else "columns", "reads" if len(fields) == 1 else "read"
        table = self._new.derived_table
        return Change(
            id=self._new.id,
            kind="changed",
            property="columns",
            old=", ".join(columns),
            new=None,
            verdict=verdict,
            reason=f"its table has the {noun} {listed(columns)} no more, which {listed(fields)} {read}{_WHY[verdict]}",
            span=table.span if table is not None else found[0].field.span,
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
    was, now = (mention((Text(change.property, sql or "", one.field.span),), one.column)[0] for sql in (change.old, change.new))
    return was is None and now is not None
