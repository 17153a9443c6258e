"""What became of builds, as JSON and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from dagster_lookml.outputs.contract import SCHEMA_VERSION
from dagster_lookml.outputs.text import count
from dagster_lookml.pdt.building.events import BuildResult
from dagster_lookml.pdt.building.journal import KnownBuild
from dagster_lookml.pdt.building.status import BuildState


def builds_json(results: Iterable[BuildResult]) -> dict[str, Any]:
    """The answer of ``pdt build``, ``wait`` and ``stop`` (PDT-R19)."""
    return {"schema_version": SCHEMA_VERSION, "builds": [_build_json(one) for one in results]}


def _build_json(one: BuildResult) -> dict[str, Any]:
    return {
        "model": one.pdt.model if one.pdt is not None else None,
        "view": one.pdt.view if one.pdt is not None else None,
        "id": one.build_id,
        "state": one.state.value,
        "raw_status": one.raw_status,
        "message": one.message,
        "started_at": one.started_at,
        "duration_s": one.duration_s,
        "starts": one.starts,
        "polls": one.polls,
        "retries": one.retries,
        "stopped": one.stopped,
        "failure": one.failure,
        "http_status": one.status,
    }


def builds_text(results: Sequence[BuildResult], *, sums_up: bool = True) -> str:
    """A line for each build, and one that sums up."""
    width = max((len(_name(one)) for one in results), default=0)
    lines = [_line(one, width) for one in results]
    return "".join(f"{line}\n" for line in (*lines, *([_summary(results)] if sums_up else [])))


def _line(one: BuildResult, width: int) -> str:
    facts = [f"{one.state:<15}", f"{_name(one):<{width}}"]
    if one.started_at is not None:
        facts.append(f"{one.duration_s:8.1f} s")
    if one.build_id is not None and one.pdt is not None:
        facts.append(f"id {one.build_id}")
    if one.message:
        facts.append(one.message)
    return "  ".join(facts).rstrip()


def _name(one: BuildResult) -> str:
    return str(one.pdt) if one.pdt is not None else one.build_id or ""


def _summary(results: Sequence[BuildResult]) -> str:
    counts = Counter(one.state for one in results)
    built = counts.pop(BuildState.SUCCEEDED, 0)
    rest = "".join(f", {number:,} {state.lower().replace('_', ' ')}" for state, number in sorted(counts.items()))
    unsure = sum(one.stopped is False for one in results)
    more = f"; {unsure:,} of them may be running: dagster-lookml pdt status" if unsure else ""
    return f"built {built:,} of {count(len(results), 'PDT')}{rest}{more}"


def known_builds_json(builds: Iterable[KnownBuild]) -> dict[str, Any]:
    """The answer of ``pdt status`` without names: what is known from here."""
    return {
        "schema_version": SCHEMA_VERSION,
        "builds": [
            {
                "model": one.pdt.model,
                "view": one.pdt.view,
                "id": one.build_id or None,
                "state": one.state.value,
                "message": one.message,
                "started_at": one.started_at,
                "seen_at": one.seen_at,
                "may_be_running": one.may_be_running,
                "instance": one.host,
            }
            for one in builds
        ],
    }


def known_builds_text(builds: Sequence[KnownBuild]) -> str:
    """A line for each build that is known from here."""
    if not builds:
        return "no build was started from here\n"
    width = max(len(str(one.pdt)) for one in builds)
    lines = (
        f"{one.started_at}  {one.state:<15}  {one.pdt!s:<{width}}  {one.build_id or 'no id'}  {one.host}"
        + (f"  {one.message}" if one.message else "")
        for one in builds
    )
    return "\n".join(lines) + "\n"
