"""What checks ask of the lineage of a project."""

from __future__ import annotations

from typing import Protocol

from dagster_lookml.lineage.coverage import Coverage
from dagster_lookml.lineage.graph import Graph
from dagster_lookml.lineage.result import Lineage


class Traced(Protocol):
    """A project's lineage, of which each part is made when somebody asks for it; the first two cost nothing."""

    @property
    def coverage(self) -> Coverage:
        """How far it goes, and which SQL cannot be read."""

    @property
    def circles(self) -> tuple[tuple[str, ...], ...]:
        """The ids on each circle of things that read each other."""

    @property
    def graph(self) -> Graph:
        """Down to columns, fields and tiles."""

    @property
    def lineage(self) -> Lineage:
        """With the gaps of each field and view."""
