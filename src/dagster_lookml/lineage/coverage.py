"""How far the lineage goes: how many fields and views were traced, and why the others were not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from dagster_lookml.lineage.graph import strongly_connected
from dagster_lookml.lineage.result import FieldStatus, Lineage, SqlStatus, ViewStatus


class FieldCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """How far the fields with SQL of included views were traced; templates, that exist to be extended, are left out.

    Attributes:
        fields: how many there are; the four numbers below add up to it.
        traced_to_column: every column that they read, through whatever fields, is known.
        inferred: of these, those of which some column is inferred.
        traced_to_table: something is not known to the column, and the tables are.
        no_column: they read none: literals, and counts of rows without a key.
        unknown: not even the tables are known.
        reasons: why, by reason; a field may have several.
    """

    fields: int
    traced_to_column: int
    inferred: int
    traced_to_table: int
    no_column: int
    unknown: int
    reasons: dict[str, int]

    @property
    def untraced(self) -> int:
        """How many read something that is not known to the column."""
        return self.traced_to_table + self.unknown

    @property
    def percent(self) -> float:
        """Of the fields that read a column, how many were traced to it."""
        reading = self.fields - self.no_column
        return 100.0 * self.traced_to_column / reading if reading else 100.0


class ViewCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """How far the included views were traced.

    Attributes:
        views: how many there are; the three numbers below add up to it.
        traced_to_table: of those that have a table, every table that they read is known.
        no_table: they have none: nested records, and views of parameters alone.
        unknown: something that they read is not known.
        reasons: why, by reason.
    """

    views: int
    traced_to_table: int
    no_table: int
    unknown: int
    reasons: dict[str, int]


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much SQL was read, and how far fields and views were traced.

    Attributes:
        sql: how much was read.
        fields: how far these were traced.
        views: how far these were.
        lacking: how many columns the SQL of derived tables names that no table has.
    """

    sql: SqlStatus
    fields: FieldCoverage
    views: ViewCoverage
    lacking: int


def coverage(lineage: Lineage) -> Coverage:
    """Count how far a lineage goes.

    Args:
        lineage: with columns.
    """
    lacking = sum(len(status.lacking) for status in lineage.views.values())
    return Coverage(sql=lineage.sql, fields=_fields(lineage.fields), views=_views(lineage.views), lacking=lacking)


def _fields(statuses: Mapping[str, FieldStatus]) -> FieldCoverage:
    answers = _answers(statuses)
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for identity in statuses:
        answer = answers[identity]
        reasons.update(answer.reasons)
        if answer.reasons:
            counts["table" if answer.has_tables else "unknown"] += 1
        elif answer.reads_columns:
            counts["column"] += 1
            counts["inferred"] += not answer.exact
        else:
            counts["none"] += 1
    return FieldCoverage(
        fields=len(statuses),
        traced_to_column=counts["column"],
        inferred=counts["inferred"],
        traced_to_table=counts["table"],
        no_column=counts["none"],
        unknown=counts["unknown"],
        reasons=dict(sorted(reasons.items())),
    )


class Answer(msgspec.Struct, frozen=True):
    """What is known of a field together with the fields that it reads."""

    reads_columns: bool
    exact: bool
    has_tables: bool
    reasons: frozenset[str]


def _answers(statuses: Mapping[str, FieldStatus]) -> Mapping[str, Answer]:
    """The answers for all fields; those that read each other in a circle read the same."""
    found = {identity: _own_answer(status) for identity, status in statuses.items()}
    reads = {one: read for one, status in statuses.items() if (read := [field for field in status.fields if field in statuses])}
    for group in strongly_connected(reads):
        if not any(one in reads for one in group):
            continue
        own = [found[one] for one in group]
        below = [found[one] for member in group for one in reads[member] if one not in group]
        is_circle = len(group) > 1 or any(one in reads[one] for one in group)
        found.update(dict.fromkeys(group, _joined([*own, *below], circular=is_circle)))
    return found


def _own_answer(status: FieldStatus) -> Answer:
    has_tables = bool(status.tables) or status.reads_columns
    return Answer(status.reads_columns, status.exact, has_tables, frozenset(gap.reason for gap in status.gaps))


def _joined(answers: list[Answer], *, circular: bool) -> Answer:
    reasons = frozenset({"circular"} if circular else ())
    return Answer(
        any(answer.reads_columns for answer in answers),
        all(answer.exact for answer in answers),
        any(answer.has_tables for answer in answers),
        reasons.union(*(answer.reasons for answer in answers)),
    )


def _views(statuses: Mapping[str, ViewStatus]) -> ViewCoverage:
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for status in statuses.values():
        if status.gaps:
            counts["unknown"] += 1
            reasons.update({gap.reason for gap in status.gaps})
        elif not status.has_table:
            counts["none"] += 1
        else:
            counts["table" if status.tables else "no tables"] += 1
    return ViewCoverage(
        views=len(statuses),
        traced_to_table=counts["table"],
        no_table=counts["none"] + counts["no tables"],
        unknown=counts["unknown"],
        reasons=dict(sorted(reasons.items())),
    )
