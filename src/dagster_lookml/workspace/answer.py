"""A traced project whose parts are made, or fetched from a store, when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from dagster_lookml.lineage.coverage import Coverage, coverage
from dagster_lookml.lineage.graph import Graph
from dagster_lookml.lineage.packing import pack_graph, unpack_graph
from dagster_lookml.lineage.result import Build, FieldStatus, Lineage, OutputColumn, ViewStatus
from dagster_lookml.semantic.objects import Project
from dagster_lookml.sql.dialects import Dialect
from dagster_lookml.workspace.keys import Import

if TYPE_CHECKING:
    from dagster_lookml.lineage.answer import ProjectLineage


class Summary(msgspec.Struct, frozen=True, array_like=True):
    """What is small and always wanted of a traced project."""

    imports: tuple[Import, ...]
    coverage: Coverage
    circles: tuple[tuple[str, ...], ...]
    dialects: dict[str, Dialect]
    tables: bytes
    builds: tuple[Build, ...]


class TracedProject:
    """A project and its lineage.

    Args:
        summary: what is always wanted.
        project: gives the project.
        lineage: gives the lineage.
        packed: gives one part of it as bytes, ``graph`` or ``statuses``, or None where only `lineage` can.
    """

    def __init__(
        self,
        summary: Summary,
        project: Callable[[], Project],
        lineage: Callable[[], Lineage],
        packed: Callable[[str], bytes | None] | None = None,
    ) -> None:
        self._summary = summary
        self._project = project
        self._lineage = lineage
        self._packed = packed

    @property
    def coverage(self) -> Coverage:
        """How far the lineage goes."""
        return self._summary.coverage

    @property
    def circles(self) -> tuple[tuple[str, ...], ...]:
        """The ids on each circle of things that read each other."""
        return self._summary.circles

    @property
    def dialects(self) -> Mapping[str, Dialect]:
        """The dialect of each connection."""
        return self._summary.dialects

    @property
    def builds(self) -> tuple[Build, ...]:
        """What each table that Looker builds is made from, in each model."""
        return self._summary.builds

    @cached_property
    def tables(self) -> Graph:
        """The graph of tables, views, explores and dashboards."""
        return unpack_graph(self._summary.tables)

    @cached_property
    def graph(self) -> Graph:
        """The graph down to columns, fields and tiles."""
        content = self._packed("graph") if self._packed is not None else None
        try:
            return unpack_graph(content) if content is not None else self._lineage().graph
        except (msgspec.DecodeError, ValueError, IndexError):
            return self._lineage().graph

    @cached_property
    def project(self) -> Project:
        """The compiled project."""
        return self._project()

    @cached_property
    def lineage(self) -> Lineage:
        """The graph, and how far each field and view was traced."""
        content = self._packed("statuses") if self._packed is not None else None
        try:
            if content is not None:
                fields, views, outputs = _STATUSES.decode(content)
                return Lineage(self.graph, fields, views, self.coverage.sql, outputs, self.builds)
        except msgspec.DecodeError:
            pass
        return self._lineage()


_STATUSES = msgspec.msgpack.Decoder(tuple[dict[str, FieldStatus], dict[str, ViewStatus], dict[str, tuple[OutputColumn, ...]]])


def summary_of(found: ProjectLineage, imports: tuple[Import, ...]) -> Summary:
    """Make the summary of a lineage."""
    lineage = found.lineage
    circles, tables = lineage.graph.circles(), pack_graph(lineage.tables)
    return Summary(imports, coverage(lineage), circles, dict(found.dialects), tables, lineage.builds)


def packed_parts(lineage: Lineage) -> dict[str, bytes]:
    """The large parts of a lineage as bytes, by name."""
    statuses = (dict(lineage.fields), dict(lineage.views), dict(lineage.outputs))
    return {"graph": pack_graph(lineage.graph), "statuses": msgspec.msgpack.encode(statuses)}
