"""What checks ask of the lineage of a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from dagster_lookml.lineage.coverage import Coverage
from dagster_lookml.lineage.graph import Graph
from dagster_lookml.lineage.result import Lineage
from dagster_lookml.sql.dialects import Dialect


class Traced(Protocol):
    """A project's lineage, of which each part is made when somebody asks for it; the first three cost nothing."""

    @property
    def coverage(self) -> Coverage:
        """How far it goes, and which SQL cannot be read."""

    @property
    def circles(self) -> tuple[tuple[str, ...], ...]:
        """The ids on each circle of things that read each other."""

    @property
    def dialects(self) -> Mapping[str, Dialect]:
        """The dialect of each connection; the empty name is that of models that name none."""

    @property
    def graph(self) -> Graph:
        """Down to columns, fields and tiles."""

    @property
    def lineage(self) -> Lineage:
        """With the gaps of each field and view."""
