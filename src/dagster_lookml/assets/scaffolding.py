"""``dg scaffold defs dagster_lookml.LookMLProjectComponent``."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
from pydantic import BaseModel, Field


class LookMLProjectScaffoldParams(BaseModel):
    """What ``dg scaffold defs`` can be told."""

    project_path: str | None = Field(default=None, description="The root of the LookML project, a directory on this machine.")


class LookMLProjectScaffolder(dg.Scaffolder[LookMLProjectScaffoldParams]):
    """Writes a ``defs.yaml`` for a LookML project."""

    @classmethod
    def get_scaffold_params(cls) -> type[LookMLProjectScaffoldParams]:
        """What it can be told."""
        return LookMLProjectScaffoldParams

    def scaffold(self, request: dg.ScaffoldRequest[LookMLProjectScaffoldParams]) -> None:
        """Write the file."""
        root = request.project_root or Path.cwd()
        path = os.path.relpath(request.params.project_path, root) if request.params.project_path else "path/to/lookml"
        dg.scaffold_component(request, {"project": f"{{{{ context.project_root }}}}/{Path(path).as_posix()}"})
