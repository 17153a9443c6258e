"""Findings as workflow commands of GitHub Actions, which become annotations of the lines that a pull request changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.outputs.annotations import Annotation, Level, commands
from dagster_lookml.outputs.plain_text import said
from dagster_lookml.outputs.text import summary
from dagster_lookml.rules import Severity

_LEVELS: Final[dict[Severity, Level]] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def check_github(diagnostics: Sequence[Diagnostic], everything: str = "dagster-lookml check lists them all") -> str:
    """Findings as workflow commands, the worst first, and never more than GitHub shows; see `commands`.

    Args:
        diagnostics: in order.
        everything: where all of them are to be seen, for the last command.

    Returns:
        Lines, each a command, and last what was found in plain words.
    """
    lines = commands([_annotation(found) for found in diagnostics], "finding", everything)
    return "".join(f"{line}\n" for line in (*lines, summary(diagnostics) if diagnostics else "no findings"))


def _annotation(found: Diagnostic) -> Annotation:
    return Annotation(
        level=_LEVELS[found.severity],
        title=f"{found.code} {found.rule}",
        message=said(found),
        kind=f"of {found.rule}",
        file=found.file,
        line=found.line,
        column=found.column,
        length=found.length,
    )
