"""The lineage of small projects, written as text and traced by the real tracer."""

from __future__ import annotations

from collections.abc import Mapping

from dagster_lookml.config import Config
from dagster_lookml.lineage.answer import ProjectLineage, trace_project
from dagster_lookml.lineage.coverage import coverage
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.source.dbt import DbtProject
from tests.building import compiled


def traced(
    files: Mapping[str, str | bytes] | str, *, config: Config | None = None, dbt: DbtProject | None = None, name: str = "project"
) -> ProjectLineage:
    """Trace files; a bare text is one model ``m`` that holds everything."""
    return trace_project(compiled(files, config=config, name=name), config, dbt)


def edges(found: ProjectLineage, target: str) -> list[str]:
    """Every edge that arrives at a node, as ``source kind``, with condition and confidence where they are not plain; sorted."""
    return sorted(
        f"{edge.source} {edge.kind}"
        + (f" if {edge.condition}" if edge.condition is not None else "")
        + ("" if edge.exact else " inferred")
        for edge in found.lineage.graph.edges
        if edge.target == target
    )


def data(found: ProjectLineage, target: str) -> list[str]:
    """The same without what Liquid names, which brings no data."""
    return [one for one in edges(found, target) if one.split()[1] not in ("liquid", "shown", "asked")]


def columns(found: ProjectLineage, field: str) -> list[str]:
    """The columns that a field reads at last, through whatever fields; without ``column:``, sorted."""
    sources: dict[str, list[str]] = {}
    for edge in found.lineage.graph.edges:
        if edge.kind not in ("liquid", "shown", "asked", "required", "sort"):
            sources.setdefault(edge.target, []).append(edge.source)
    waiting, seen = [field], set[str]()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += [source for source in sources.get(one, ()) if source.startswith(("field:", "column:"))]
    return sorted(one.removeprefix("column:") for one in seen if one.startswith("column:"))


def untold(found: ProjectLineage) -> list[str]:
    """What a lineage of more or less broken SQL leaves unsaid.

    Fields without a status, sums that do not add up, and the field ``sound.id`` that stands beside it, if it is not traced.
    """
    fields = (field_id(view.id, field.own_name) for view in found.project.views for field in view.fields)
    missing = [one for one in fields if one not in found.lineage.fields]
    numbers = coverage(found.lineage).fields
    if numbers.traced_to_column + numbers.traced_to_table + numbers.no_column + numbers.unknown != numbers.fields:
        missing.append("the numbers of the coverage do not add up")
    if edges(found, "field:sound.id") != ["column:s.sound.id reads"]:
        missing.append("the edges of field:sound.id")
    return missing


def gaps(found: ProjectLineage, field: str) -> list[str]:
    """What could not be told of a field itself, as ``reason subject``."""
    return [f"{gap.reason} {gap.subject}" for gap in found.lineage.fields[field].gaps]
