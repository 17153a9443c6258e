"""GitLab's code quality report, which its merge requests show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.outputs.contract import Json, encode
from dagster_lookml.outputs.places import file_of, line_of
from dagster_lookml.outputs.plain_text import said
from dagster_lookml.rules import Severity

_SEVERITIES: Final = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}
"""GitLab's words; from the worst: blocker, critical, major, minor, info."""


def check_gitlab(diagnostics: Sequence[Diagnostic]) -> str:
    """Findings as a code quality report.

    GitLab takes of several findings with one fingerprint only the first; so the second has ``-2`` behind its own, and so on.
    It wants a path and a line of each: see `places`.

    Args:
        diagnostics: in order.

    Returns:
        JSON text: a list, empty if there are no findings.
    """
    seen: Counter[str] = Counter()
    report: list[Json] = []
    for found in diagnostics:
        seen[found.fingerprint] += 1
        times = seen[found.fingerprint]
        report.append(_issue(found, found.fingerprint if times == 1 else f"{found.fingerprint}-{times}"))
    return encode(report)


def _issue(found: Diagnostic, fingerprint: str) -> Json:
    return {
        "description": said(found),
        "check_name": found.rule,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[found.severity],
        "location": {"path": file_of(found), "lines": {"begin": line_of(found)}},
    }
