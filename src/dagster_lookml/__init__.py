"""Compile a LookML git repository offline: what it holds, what is wrong with it, and all of it as Dagster assets.

Names are imported when they are first used, so that ``import dagster_lookml`` is quick, and knows no Dagster until it must.

Bytes become a tree (`source`, `syntax`), trees become typed objects per model (`semantic`), objects answer questions
(`analysis`), and answers are printed (`outputs`) or become assets (`assets`). `Workspace` is the way in, and for Dagster
`LookMLProject`:

>>> from pathlib import Path
>>> from dagster_lookml import Workspace
>>> Workspace(Path("lookml_fixtures/projects/storefront")).compile().project.name
'storefront'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster_lookml.assets.build_requests import PdtBuildConfig as PdtBuildConfig
    from dagster_lookml.assets.build_requests import RequestStartPdtBuild as RequestStartPdtBuild
    from dagster_lookml.assets.checks import build_looker_asset_checks as build_looker_asset_checks
    from dagster_lookml.assets.component import LookMLProjectComponent as LookMLProjectComponent
    from dagster_lookml.assets.filtering import LookerFilter as LookerFilter
    from dagster_lookml.assets.official import DagsterLookerApiTranslator as DagsterLookerApiTranslator
    from dagster_lookml.assets.official import LookerApiTranslatorStructureData as LookerApiTranslatorStructureData
    from dagster_lookml.assets.official import LookerStructureType as LookerStructureType
    from dagster_lookml.assets.pdts import build_looker_pdt_assets_definitions as build_looker_pdt_assets_definitions
    from dagster_lookml.assets.project import LookMLProject as LookMLProject
    from dagster_lookml.assets.resource import LookerResource as LookerResource
    from dagster_lookml.assets.specs import load_looker_asset_specs as load_looker_asset_specs
    from dagster_lookml.assets.structures import Dashboard as Dashboard
    from dagster_lookml.assets.structures import Explore as Explore
    from dagster_lookml.assets.structures import LookMLStructure as LookMLStructure
    from dagster_lookml.assets.structures import Pdt as Pdt
    from dagster_lookml.assets.structures import Table as Table
    from dagster_lookml.assets.structures import View as View
    from dagster_lookml.assets.table_keys import dbt_asset_keys as dbt_asset_keys
    from dagster_lookml.assets.translator import DagsterLookMLTranslator as DagsterLookMLTranslator
    from dagster_lookml.config import Config as Config
    from dagster_lookml.config import load_config as load_config
    from dagster_lookml.diagnostics import Diagnostic as Diagnostic
    from dagster_lookml.diagnostics import Severity as Severity
    from dagster_lookml.errors import BuildRequestError as BuildRequestError
    from dagster_lookml.errors import CallError as CallError
    from dagster_lookml.errors import ConfigError as ConfigError
    from dagster_lookml.errors import DagsterLookMLError as DagsterLookMLError
    from dagster_lookml.errors import DbtError as DbtError
    from dagster_lookml.errors import GitError as GitError
    from dagster_lookml.errors import NoLookMLError as NoLookMLError
    from dagster_lookml.errors import SelectorError as SelectorError
    from dagster_lookml.errors import SettingsError as SettingsError
    from dagster_lookml.errors import SourceError as SourceError
    from dagster_lookml.errors import StateError as StateError
    from dagster_lookml.errors import TableKeyError as TableKeyError
    from dagster_lookml.semantic.compile import compile_project as compile_project
    from dagster_lookml.semantic.objects import Project as Project
    from dagster_lookml.workspace import Workspace as Workspace

_HOMES = {
    "BuildRequestError": "errors",
    "CallError": "errors",
    "Config": "config",
    "ConfigError": "errors",
    "DagsterLookMLError": "errors",
    "DagsterLookMLTranslator": "assets.translator",
    "DagsterLookerApiTranslator": "assets.official",
    "Dashboard": "assets.structures",
    "DbtError": "errors",
    "Diagnostic": "diagnostics",
    "Explore": "assets.structures",
    "GitError": "errors",
    "LookMLProject": "assets.project",
    "LookMLProjectComponent": "assets.component",
    "LookMLStructure": "assets.structures",
    "LookerApiTranslatorStructureData": "assets.official",
    "LookerFilter": "assets.filtering",
    "LookerResource": "assets.resource",
    "LookerStructureType": "assets.official",
    "NoLookMLError": "errors",
    "Pdt": "assets.structures",
    "PdtBuildConfig": "assets.build_requests",
    "Project": "semantic.objects",
    "RequestStartPdtBuild": "assets.build_requests",
    "SelectorError": "errors",
    "SettingsError": "errors",
    "Severity": "diagnostics",
    "SourceError": "errors",
    "StateError": "errors",
    "Table": "assets.structures",
    "TableKeyError": "errors",
    "View": "assets.structures",
    "Workspace": "workspace",
    "build_looker_asset_checks": "assets.checks",
    "build_looker_pdt_assets_definitions": "assets.pdts",
    "compile_project": "semantic.compile",
    "dbt_asset_keys": "assets.table_keys",
    "load_config": "config",
    "load_looker_asset_specs": "assets.specs",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
