"""What a piece of SQL is traced to: columns, fields, tables, and what could not be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

from dagster_lookml.lineage.tables import encoded


class Origin(NamedTuple):
    """A column of the warehouse that something reads.

    Attributes:
        table: id of its table.
        path: its name and struct fields below it.
        exact: it follows from the SQL alone; otherwise inferred from what else is known.
        conditions: under which it is read; empty for always.
    """

    table: str
    path: tuple[str, ...]
    exact: bool = True
    conditions: tuple[str, ...] = ()

    @property
    def column(self) -> str:
        """The column's id."""
        return f"column:{self.table.removeprefix('table:')}.{'.'.join(map(encoded, self.path))}"


class FieldOrigin(NamedTuple):
    """A field that something reads.

    Attributes:
        view: id of its view.
        field: its declared name.
        exact: found through the aliases of an explore; otherwise by the name of a view alone.
        conditions: under which it is read; empty for always.
    """

    view: str
    field: str
    exact: bool = True
    conditions: tuple[str, ...] = ()


class Gap(NamedTuple):
    """Something that could not be traced.

    Attributes:
        reason: one of `REASONS`.
        subject: what it is about, for people.
    """

    reason: str
    subject: str


REASONS: Final = {
    "analytic-model": "it is defined in an analytic model of the database, which tells only what it is made from",
    "ambiguous-column": "a column without its table, or behind a *, that several tables of unknown columns may have",
    "circular": "it reads itself on a way through other fields or tables",
    "dynamic-name": "the name of the column or table is put together when the query runs",
    "missing-column": "the derived table that it reads puts out no such column",
    "missing-import": "what it reads may be in an imported project that is not here",
    "missing-parent": "its view, or one that it reads, extends a view that does not exist",
    "no-table": "its view has no table: it is nested, and no explore here unnests a column for it",
    "too-deep": "the way to its table is longer than can be followed",
    "unknown-field": "it refers to a field that does not exist",
    "unknown-view": "it refers to a view that the model or explore does not have",
    "unread-sql": "the SQL, or that of what it reads, cannot be read",
    "whole-row": "it reads a whole row and no single column",
}
"""Why something is not traced to a column."""


class Trace(NamedTuple):
    """Everything that a piece of SQL reads, as far as it can be told."""

    columns: frozenset[Origin] = frozenset()
    fields: frozenset[FieldOrigin] = frozenset()
    tables: frozenset[str] = frozenset()
    gaps: frozenset[Gap] = frozenset()

    def under(self, conditions: tuple[str, ...]) -> Trace:
        """The same, read under more conditions."""
        if not conditions:
            return self
        columns = (one._replace(conditions=_added(conditions, one.conditions)) for one in self.columns)
        fields = (one._replace(conditions=_added(conditions, one.conditions)) for one in self.fields)
        return self._replace(columns=frozenset(columns), fields=frozenset(fields))

    def inferred(self) -> Trace:
        """The same, known less surely."""
        if all(not one.exact for one in self.columns):
            return self
        return self._replace(columns=frozenset(one._replace(exact=False) for one in self.columns))

    def below(self, path: tuple[str, ...]) -> Trace:
        """The struct fields below its columns."""
        if not path or not self.columns:
            return self
        if any("{" in name for name in path):
            return gap("dynamic-name", ".".join(path), {one.table for one in self.columns})
        return self._replace(columns=frozenset(one._replace(path=one.path + path) for one in self.columns))


NOTHING: Final = Trace()


def _added(first: tuple[str, ...], then: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *then)))


def gap(reason: str, subject: str, tables: Iterable[str] = ()) -> Trace:
    """The trace of what could not be told, with the tables among which it is."""
    return Trace(tables=frozenset(tables), gaps=frozenset((Gap(reason, subject),)))


CIRCULAR: Final = gap("circular", "")
"""The trace of what is asked for while it is looked for; without a subject, which would be whatever was asked for first."""


def union(traces: Iterable[Trace]) -> Trace:
    """Everything that any of some traces reads."""
    listed = [trace for trace in traces if trace is not NOTHING]
    if len(listed) < 2:
        return listed[0] if listed else NOTHING
    return Trace(
        frozenset().union(*(one.columns for one in listed)),
        frozenset().union(*(one.fields for one in listed)),
        frozenset().union(*(one.tables for one in listed)),
        frozenset().union(*(one.gaps for one in listed)),
    )


def of_variants(variants: Sequence[tuple[tuple[str, ...], Trace]]) -> Trace:
    """What is read by a text that may become any of several: what all of them read needs no condition.

    Args:
        variants: the conditions of each, and what it reads.
    """
    if len(variants) < 2:
        return union(trace.under(conditions) for conditions, trace in variants)
    columns = [(conditions, trace.columns) for conditions, trace in variants]
    fields = [(conditions, trace.fields) for conditions, trace in variants]
    return union(trace for _, trace in variants)._replace(columns=_of_variants(columns), fields=_of_variants(fields))


_Read = TypeVar("_Read", bound=Origin | FieldOrigin)


def _of_variants(variants: Sequence[tuple[tuple[str, ...], frozenset[_Read]]]) -> frozenset[_Read]:
    ways: dict[_Read, list[tuple[int, frozenset[str]]]] = {}
    for number, (conditions, reads) in enumerate(variants):
        for read in reads:
            ways.setdefault(read, []).append((number, frozenset(conditions) - frozenset(read.conditions)))
    found: list[_Read] = []
    for read, needed in ways.items():
        if len({number for number, _ in needed}) == len(variants):
            found.append(read)
        else:
            found += _under(read, simplified(frozenset(way for _, way in needed)))
    return frozenset(found)


def _under(read: _Read, ways: Iterable[frozenset[str]]) -> list[_Read]:
    return [read._replace(conditions=(*sorted(way), *read.conditions)) for way in ways]  # type: ignore[misc]


def simplified(ways: frozenset[frozenset[str]]) -> frozenset[frozenset[str]]:
    """Conditions of which any is enough, without those that the others make needless.

    >>> sorted(map(sorted, simplified(frozenset((frozenset(("a", "b")), frozenset(("a", "not b")), frozenset(("a", "c")))))))
    [['a']]
    """
    if len(ways) == 1:  # of which none makes another needless
        return ways
    left: set[frozenset[str]] = set(ways)
    waiting: list[frozenset[str]] = list(left)
    while waiting:
        way = waiting.pop()
        for condition in way:
            opposite = condition.removeprefix("not ") if condition.startswith("not ") else f"not {condition}"
            if (way - {condition}) | {opposite} in left and way - {condition} not in left:
                left.add(way - {condition})
                waiting.append(way - {condition})
    return frozenset(way for way in left if not any(other < way for other in left))
