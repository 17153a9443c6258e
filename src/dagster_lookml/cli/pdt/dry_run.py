"""What ``pdt build --dry-run`` prints: the starts that would be sent, in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dagster_lookml.outputs.contract import SCHEMA_VERSION
from dagster_lookml.outputs.text import count
from dagster_lookml.pdt.request import BuildRequest, PdtName

Upstream = Mapping[PdtName, frozenset[PdtName]]


def dry_run_json(requests: Sequence[BuildRequest], upstream: Upstream) -> dict[str, Any]:
    """The starts as JSON."""
    wanted = {request.pdt for request in requests}
    starts = [
        {
            "model": request.pdt.model,
            "view": request.pdt.view,
            "force_rebuild": request.force_rebuild,
            "force_full_incremental": request.force_full_incremental,
            "workspace": request.workspace,
            "source": request.source,
            "after": [str(one) for one in sorted(upstream[request.pdt] & wanted)],
        }
        for request in requests
    ]
    return {"schema_version": SCHEMA_VERSION, "starts": starts}


def dry_run_text(requests: Sequence[BuildRequest], upstream: Upstream) -> str:
    """The starts as text, one a line."""
    wanted = {request.pdt for request in requests}
    lines = [_line(number, request, upstream[request.pdt] & wanted) for number, request in enumerate(requests, 1)]
    return "\n".join((*lines, f"would ask Looker for {count(len(requests), 'build')}; nothing was asked for")) + "\n"


def _line(number: int, request: BuildRequest, after: frozenset[PdtName]) -> str:
    options = [
        name
        for name, is_on in (
            ("force_rebuild", request.force_rebuild),
            ("force_full_incremental", request.force_full_incremental),
            (f"workspace={request.workspace}", request.workspace != "production"),
        )
        if is_on
    ]
    facts = [f"{number:>3}  start {request.pdt}", *options]
    if after:
        facts.append("after " + ", ".join(map(str, sorted(after))))
    return "  ".join(facts)
