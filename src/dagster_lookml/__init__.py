"""Compile a LookML git repository offline: what it holds, and what is wrong with it.

Names are imported when they are first used, so that ``import dagster_lookml`` is quick.

Bytes become a tree (`source`, `syntax`), trees become typed objects per model (`semantic`), objects answer questions
(`analysis`), and answers are printed (`outputs`). `Workspace` is the way in:

>>> from pathlib import Path
>>> from dagster_lookml import Workspace
>>> Workspace(Path("lookml_fixtures/projects/storefront")).compile().project.name
'storefront'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster_lookml.config import Config as Config
    from dagster_lookml.config import load_config as load_config
    from dagster_lookml.diagnostics import Diagnostic as Diagnostic
    from dagster_lookml.diagnostics import Severity as Severity
    from dagster_lookml.errors import ConfigError as ConfigError
    from dagster_lookml.errors import DagsterLookMLError as DagsterLookMLError
    from dagster_lookml.errors import GitError as GitError
    from dagster_lookml.errors import NoLookMLError as NoLookMLError
    from dagster_lookml.errors import SelectorError as SelectorError
    from dagster_lookml.errors import SourceError as SourceError
    from dagster_lookml.semantic.compile import compile_project as compile_project
    from dagster_lookml.semantic.objects import Project as Project
    from dagster_lookml.workspace import Workspace as Workspace

_HOMES = {
    "Config": "config",
    "ConfigError": "errors",
    "DagsterLookMLError": "errors",
    "Diagnostic": "diagnostics",
    "GitError": "errors",
    "NoLookMLError": "errors",
    "Project": "semantic.objects",
    "SelectorError": "errors",
    "Severity": "diagnostics",
    "SourceError": "errors",
    "Workspace": "workspace",
    "compile_project": "semantic.compile",
    "load_config": "config",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
