"""What a name in FROM stands for: something with columns that can be asked where they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from dagster_lookml.lineage.tables import KnownColumns
from dagster_lookml.lineage.trace import NOTHING, Origin, Trace, gap, of_variants, union


class Rows(Protocol):
    """Rows with columns, known or not."""

    def column(self, path: tuple[str, ...]) -> Trace:
        """Where a column, or a struct field below it, comes from; an empty path means the whole row."""

    def has(self, name: str) -> bool | None:
        """Tell whether there is a column of a name; None where nobody here knows."""

    def likely(self, name: str) -> bool:
        """Tell whether something else in the project names such a column."""

    def share(self, name: str) -> tuple[int, int]:
        """In how many joins of these rows the name stands without its table, and how many joins there are; (0, 0) if unknown."""

    def unlikely(self, name: str) -> bool:
        """Tell whether so much is known of these rows that the column would be known too, if there was one."""

    @property
    def names(self) -> tuple[str, ...] | None:
        """The columns in order, where all of them are known."""

    @property
    def tables(self) -> frozenset[str]:
        """Ids of the warehouse tables below."""


class UnseenRows:
    """Rows that no join was seen of, so that nothing tells whether they are joined for a column or without it."""

    def share(self, _name: str) -> tuple[int, int]:
        return 0, 0

    def unlikely(self, _name: str) -> bool:
        return False


class PassedOnRows:
    """Rows that pass questions on to other rows.

    Args:
        rows: the others.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    @property
    def rows(self) -> Rows:
        """The rows that are asked."""
        return self._rows

    def column(self, path: tuple[str, ...]) -> Trace:
        return self.rows.column(path)

    def has(self, name: str) -> bool | None:
        return self.rows.has(name)

    def likely(self, name: str) -> bool:
        return self.rows.likely(name)

    def share(self, name: str) -> tuple[int, int]:
        return self.rows.share(name)

    def unlikely(self, name: str) -> bool:
        return self.rows.unlikely(name)

    @property
    def names(self) -> tuple[str, ...] | None:
        return self.rows.names

    @property
    def tables(self) -> frozenset[str]:
        return self.rows.tables


def inner_rows(rows: Rows | None) -> Rows | None:
    """The rows themselves, without what only passes questions on."""
    while isinstance(rows, PassedOnRows):
        rows = rows.rows
    return rows


class TableRows:
    """A table of the warehouse.

    Args:
        table: its id.
        known: what is known of the columns of tables.
    """

    def __init__(self, table: str, known: KnownColumns) -> None:
        self.table = table
        self.names = known.complete(table)
        self._known = known
        self.tables = frozenset((table,))

    def column(self, path: tuple[str, ...]) -> Trace:
        if not path:
            return gap("whole-row", self.table, self.tables)
        if "{" in path[0] or "{" in path[-1]:
            return gap("dynamic-name", ".".join(path), self.tables)
        return Trace(columns=frozenset((Origin(self.table, path),)))

    def has(self, name: str) -> bool | None:
        return None if self.names is None else name in self.names

    def likely(self, name: str) -> bool:
        return name in self._known.learned(self.table)

    def share(self, name: str) -> tuple[int, int]:
        return self._known.share(self.table, name)

    def unlikely(self, name: str) -> bool:
        well_known = self._known.is_well_known(self.table) and name not in self._known.learned(self.table)
        return well_known or self._known.lacks(self.table, name)


class NoRows(UnseenRows):
    """Rows that nothing is known of."""

    names: tuple[str, ...] | None = None
    tables: frozenset[str] = frozenset()

    def __init__(self, reason: str, subject: str) -> None:
        self.trace = gap(reason, subject)

    def column(self, _path: tuple[str, ...]) -> Trace:
        return self.trace

    def has(self, _name: str) -> bool | None:
        return None

    def likely(self, _name: str) -> bool:
        return False


class ModelledRows(UnseenRows):
    """The fields of an analytic model: it has names of its own for them, and tells only which tables it is made from.

    Args:
        view: id of the view that defines it.
        below: gives the tables.
    """

    names: tuple[str, ...] | None = None

    def __init__(self, view: str, below: Callable[[], frozenset[str]]) -> None:
        self._view = view
        self._below = below

    @property
    def tables(self) -> frozenset[str]:
        return self._below()

    def column(self, _path: tuple[str, ...]) -> Trace:
        return gap("analytic-model", self._view, self.tables)

    def has(self, _name: str) -> bool | None:
        return None

    def likely(self, _name: str) -> bool:
        return False


CIRCULAR_ROWS: Final = NoRows("circular", "")
"""Rows that are asked for while they are made."""


class VariantRows(UnseenRows):
    """Rows of which a template decides: any of several, each under conditions."""

    def __init__(self, variants: Sequence[tuple[tuple[str, ...], Rows]]) -> None:
        self.variants = tuple(variants)

    def column(self, path: tuple[str, ...]) -> Trace:
        """From every variant that may have it; where none has it, what each says."""
        having = [one for one in self.variants if not path or one[1].has(path[0]) is not False] or self.variants
        if len(having) == len(self.variants):
            return of_variants([(conditions, rows.column(path)) for conditions, rows in having])
        return union(rows.column(path).under(conditions) for conditions, rows in having)

    def has(self, name: str) -> bool | None:
        answers = [rows.has(name) for _, rows in self.variants]
        if any(answers):
            return True
        return None if None in answers else False

    def likely(self, name: str) -> bool:
        return any(rows.likely(name) for _, rows in self.variants)

    @property
    def names(self) -> tuple[str, ...] | None:
        known = [rows.names for _, rows in self.variants]
        return (
            tuple(dict.fromkeys(name for names in known for name in names or ()))
            if all(one is not None for one in known)
            else None
        )

    @property
    def tables(self) -> frozenset[str]:
        return frozenset().union(*(rows.tables for _, rows in self.variants))


class ElementRows(UnseenRows):
    """The elements of an array column, or rows that a function makes.

    Args:
        trace: where the array comes from.
        below: what a field of an element reads, a struct field below the array; None if the array is no plain column.
        names: columns with names of their own, each the element itself.
        closed: there are no columns but those.
        counters: columns that count, and read nothing.
    """

    def __init__(
        self,
        trace: Trace,
        below: Callable[[tuple[str, ...]], Trace] | None,
        *,
        names: tuple[str, ...] = (),
        closed: bool = False,
        counters: tuple[str, ...] = (),
    ) -> None:
        self.trace = trace
        self._below = below
        self.own_names = names
        self.closed = closed
        self.counters = counters
        self.tables = trace.tables | {one.table for one in trace.columns}
        self.names: tuple[str, ...] | None = (*names, *counters) if closed else None

    def column(self, path: tuple[str, ...]) -> Trace:
        if path and path[0] in self.counters:
            return NOTHING
        if path and path[0] in self.own_names:
            path = path[1:]
        return self._below(path) if path and self._below is not None else self.trace

    def has(self, name: str) -> bool | None:
        if name in self.own_names or name in self.counters:
            return True
        return False if self.closed else None

    def likely(self, _name: str) -> bool:
        return False


class InferredRows(PassedOnRows):
    """Rows of which nobody says surely that they are these."""

    def column(self, path: tuple[str, ...]) -> Trace:
        return super().column(path).inferred()
