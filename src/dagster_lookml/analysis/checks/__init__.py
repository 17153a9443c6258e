"""What is broken in a compiled project: references to what does not exist."""

from __future__ import annotations

from dagster_lookml.diagnostics import Diagnostic, in_order
from dagster_lookml.semantic.objects import Project


def check(project: Project) -> tuple[Diagnostic, ...]:
    """Everything that is wrong in a project: what compiling found, and every reference that leads nowhere.

    Args:
        project: compiled.
    """
    return in_order(project.diagnostics)
