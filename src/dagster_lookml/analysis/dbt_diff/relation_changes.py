"""What it means for the LookML that a relation of dbt is new, gone, or somewhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from dagster_lookml.analysis.dbt_diff.differences import Match
from dagster_lookml.analysis.dbt_diff.reading import Reading
from dagster_lookml.analysis.dbt_diff.untraced import Untraced
from dagster_lookml.analysis.diff.change import VERDICTS, Change, ChangeKind, Side, Verdict
from dagster_lookml.analysis.diff.reaching import felt_by
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.lineage.dbt import DbtTables
from dagster_lookml.source.dbt import DbtRelation

_NAMED: Final = 3


class _Fate(NamedTuple):
    """What becomes of a table that the LookML reads."""

    verdict: Verdict
    reason: str


class RelationChanges:
    """The changes of whole relations.

    Args:
        base: the dbt project before.
        head: the dbt project after.
        state: of the LookML.
        reading: what it reads of `base`.
        untraced: what of it could not be traced.
    """

    def __init__(self, base: DbtTables, head: DbtTables, state: State, reading: Reading, untraced: Untraced) -> None:
        self._base = base
        self._head = head
        self._state = state
        self._reading = reading
        self._untraced = untraced
        self._makers = {head.place(one): one for one in head.project.relations}

    def of(self, match: Match) -> Iterator[Change]:
        """What changes with a relation, its columns aside.

        Args:
            match: it before and after.
        """
        old, new = match
        if old is None:
            assert new is not None
            yield _change(new, "added", "nothing can have used it before", new=new.unique_id)
        elif new is None:
            yield self._felt(_change(old, "removed", "", side="base", old=old.unique_id), old, None)
        elif self._base.place(old) != self._head.place(new):
            names = (old.unique_id, new.unique_id) if old.unique_id != new.unique_id else (self._place(old), self._new_place(new))
            yield self._felt(_change(new, "renamed", "", old=names[0], new=names[1]), old, new)
        elif old.unique_id != new.unique_id:
            reason = f"its table is {self._place(old)} as before"
            yield _change(new, "renamed", reason, old=old.unique_id, new=new.unique_id)

    def _felt(self, change: Change, old: DbtRelation, new: DbtRelation | None) -> Change:
        """A change by which a table is gone from where it was, with the worst that this means for the tables of the LookML."""
        tables = self._reading.tables(old)
        if not self._reading.is_read(tables):
            return unread(change, self._state, self._untraced.naming_table(old.parts[-1].lower()))
        fates = {table: self._fate(table, old, new) for table in tables}
        worst = min(fates.values(), key=lambda fate: VERDICTS.index(fate.verdict))
        hit = [table for table, fate in fates.items() if fate.verdict != "metadata only"]
        affected = felt_by(self._state, hit)
        return msgspec.structs.replace(change, verdict=worst.verdict, reason=worst.reason, affected=affected)

    def _fate(self, table: str, old: DbtRelation, new: DbtRelation | None) -> _Fate:
        maker = self._makers.get(self._base.place(old))
        place = self._place(old)
        if maker is not None:
            return _Fate("metadata only", f"{maker.unique_id} is the table {place} now")
        if old.unique_id in self._head.project.skipped:
            return _Fate("unknown", "what the new manifest says of it cannot be read")
        if len(self._base.relations(table)) > 1:
            return _Fate(
                "unknown", f"dbt had several tables that {table.removeprefix('table:')} may mean, and this was one of them"
            )
        others = self._head.relations(table)
        if others:
            meant = ", ".join(".".join(self._head.place(one)) for one in others)
            return _Fate("unknown", f"{place} is gone, and {table.removeprefix('table:')} in the LookML may mean {meant} now")
        if old.kind == "source":
            return _Fate("unknown", f"dbt reads {place} no more, and does not say whether the table is still there")
        if new is None:
            return _Fate("breaking", f"dbt makes {place} no more, and whatever reads it breaks")
        same = " of the same code" if old.unique_id != new.unique_id else ""
        return _Fate("breaking", f"whatever reads {place} breaks: the table{same} is {self._new_place(new)} now")

    def _place(self, relation: DbtRelation) -> str:
        return ".".join(self._base.place(relation))

    def _new_place(self, relation: DbtRelation) -> str:
        return ".".join(self._head.place(relation))


def unread(change: Change, state: State, naming: Sequence[str]) -> Change:
    """A change of something that nothing is known to read.

    Args:
        change: that means nothing to the LookML as far as that is known.
        state: of the LookML.
        naming: ids of what names it and could not be traced.
    """
    if not naming:
        return msgspec.structs.replace(change, reason="nothing in the LookML reads it")
    names = ", ".join(naming[:_NAMED]) + (" …" if len(naming) > _NAMED else "")
    reason = f"nothing that could be traced reads it, but SQL that could not be traced names it, of {names}"
    return msgspec.structs.replace(change, verdict="unknown", reason=reason, affected=felt_by(state, naming))


def _change(
    relation: DbtRelation, kind: ChangeKind, reason: str, *, side: Side = "head", old: str | None = None, new: str | None = None
) -> Change:
    """A change that means nothing to the LookML, unless more is said of it."""
    return Change(
        id=f"dbt:{relation.unique_id}",
        kind=kind,
        verdict="metadata only",
        reason=reason,
        span=None,
        side=side,
        old=old,
        new=new,
    )
