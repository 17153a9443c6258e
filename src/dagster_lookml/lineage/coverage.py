"""How far the lineage goes: how many fields and views were traced, and why the others were not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

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
    """How much SQL was read, and how far fields and views were traced."""

    sql: SqlStatus
    fields: FieldCoverage
    views: ViewCoverage


def coverage(lineage: Lineage) -> Coverage:
    """Count how far a lineage goes.

    Args:
        lineage: with columns.
    """
    return Coverage(sql=lineage.sql, fields=_fields(lineage.fields), views=_views(lineage.views))


def _fields(statuses: Mapping[str, FieldStatus]) -> FieldCoverage:
    answers = Answers(statuses)
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for identity in statuses:
        answer = answers.of(identity)
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


class Answers:
    """Answers for fields, through the fields that they read.

    Args:
        statuses: of the fields themselves, by id.
    """

    def __init__(self, statuses: Mapping[str, FieldStatus]) -> None:
        self._statuses = statuses
        self._answers: dict[str, Answer] = {}

    def of(self, identity: str) -> Answer:
        """The answer for one field; without recursion, as chains of fields may be long."""
        waiting = [identity]
        open_fields: set[str] = set()
        while waiting:
            one = waiting[-1]
            status = self._statuses.get(one)
            if one in self._answers or status is None:
                waiting.pop()
                continue
            missing = [field for field in status.fields if field not in self._answers and field in self._statuses]
            if one not in open_fields and missing:
                open_fields.add(one)
                waiting += [field for field in missing if field not in open_fields]
                continue
            waiting.pop()
            circular = any(field not in self._answers and field in self._statuses for field in status.fields)
            self._answers[one] = self._joined(status, circular=circular)
        return self._answers.get(identity, _NOTHING)

    def _joined(self, status: FieldStatus, *, circular: bool) -> Answer:
        below = [self._answers[field] for field in status.fields if field in self._answers]
        own = {gap.reason for gap in status.gaps} | ({"circular"} if circular else set())
        return Answer(
            status.reads_columns or any(answer.reads_columns for answer in below),
            status.exact and all(answer.exact for answer in below),
            bool(status.tables) or status.reads_columns or any(answer.has_tables or answer.reads_columns for answer in below),
            frozenset(own).union(*(answer.reasons for answer in below)),
        )


_NOTHING = Answer(False, True, False, frozenset())


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
