"""The derived tables of the pretended Looker, and which of them a start has to build."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from graphlib import TopologicalSorter
from typing import Literal

import msgspec

from dagster_lookml.pdt.sandbox.table_builds import TableBuild, Word

Key = tuple[str, str]
"""Model and view."""


class SandboxPdt(msgspec.Struct, frozen=True):
    """A derived table that the sandbox knows.

    Args:
        model: that builds it.
        view: its name.
        upstream: the derived tables that it reads, by model and view; those that are not persistent are looked through.
        persistent: it is a PDT; else Looker refuses to build it.
    """

    model: str
    view: str
    upstream: tuple[Key, ...] = ()
    persistent: bool = True

    @property
    def key(self) -> Key:
        """By which others name it."""
        return (self.model, self.view)


class TableState(msgspec.Struct, frozen=True, kw_only=True):
    """A table as it stands.

    Attributes:
        state: ``not built``, that of the build under way, or that in which the last one ended.
        built: how many of its builds are complete.
        overlaps: how many starts needed it built while it was being built for an earlier one.
    """

    model: str
    view: str
    persistent: bool
    upstream: tuple[Key, ...]
    state: Word | Literal["not built"]
    built: int
    overlaps: int


class Table:
    """A derived table.

    Attributes:
        begun: how many builds of it there were so far.
    """

    def __init__(self, pdt: SandboxPdt) -> None:
        self.pdt = pdt
        self.name = f"{pdt.model}/{pdt.view}"
        self.upstream: tuple[Table, ...] = ()
        self.begun = 0
        self.overlaps = 0
        self._last: TableBuild | None = None
        self._built_before = 0

    def add(self, build: TableBuild) -> None:
        """Have one more build; the one before has ended."""
        self._built_before = self.built
        self._last = build
        self.begun += 1

    @property
    def current(self) -> TableBuild | None:
        """The build that is under way."""
        return self._last if self._last is not None and self._last.is_open else None

    @property
    def built(self) -> int:
        """How many builds are complete. One that fails leaves the table of the last one that did not."""
        return self._built_before + (self._last is not None and self._last.outcome == "complete")

    def state(self) -> TableState:
        """How it stands."""
        pdt = self.pdt
        return TableState(
            model=pdt.model,
            view=pdt.view,
            persistent=pdt.persistent,
            upstream=tuple(table.pdt.key for table in self.upstream),
            state=self._last.state if self._last is not None else "not built",
            built=self.built,
            overlaps=self.overlaps,
        )


def linked_tables(pdts: Iterable[SandboxPdt]) -> dict[Key, Table]:
    """Tables by model and view, each with the persistent ones that it reads.

    Raises:
        ValueError: one is given twice, or reads one that is not given.
    """
    tables: dict[Key, Table] = {}
    for pdt in pdts:
        if pdt.key in tables:
            raise ValueError(f"{pdt.model}/{pdt.view} is given twice")
        tables[pdt.key] = Table(pdt)
    for table in tables.values():
        for key in table.pdt.upstream:
            if key not in tables:
                raise ValueError(f"{table.name} reads {key[0]}/{key[1]}, which is not given")
    for table in tables.values():
        table.upstream = tuple(_persistent_upstream(table, tables))
    return tables


def _persistent_upstream(table: Table, tables: Mapping[Key, Table]) -> list[Table]:
    """What a table reads, through tables that are not persistent."""
    found: dict[Key, Table] = {}
    seen: set[Key] = set()
    waiting = list(table.pdt.upstream)
    while waiting:
        key = waiting.pop()
        if tables[key].pdt.persistent:
            found[key] = tables[key]
        elif key not in seen:
            seen.add(key)
            waiting.extend(tables[key].pdt.upstream)
    return [found[key] for key in sorted(found)]


def cascade(target: Table, is_needed: Callable[[Table], bool]) -> list[Table]:
    """The tables that a start builds, each behind those that it reads; the target is the last.

    Args:
        target: always built.
        is_needed: tells whether an upstream table is built too. One that is not is not looked behind.

    Raises:
        CycleError: they read each other in a circle; its second argument holds the tables on it.
    """
    reads: dict[Table, list[Table]] = {}
    waiting = [target]
    while waiting:
        table = waiting.pop()
        if table not in reads:
            reads[table] = [one for one in table.upstream if is_needed(one)]
            waiting.extend(reads[table])
    return list(TopologicalSorter(reads).static_order())
