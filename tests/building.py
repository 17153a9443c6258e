"""Small projects for tests, written as text and compiled by the real compiler."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dagster_lookml.analysis.checks import check
from dagster_lookml.config import Config
from dagster_lookml.rules import RULES, matching
from dagster_lookml.semantic.compile import compile_project
from dagster_lookml.semantic.objects import Dashboard, Explore, Field, Join, Lookup, Model, Project, View
from dagster_lookml.source import MemoryTree

MODEL = 'connection: "warehouse"\ninclude: "/**/*.view.lkml"\ninclude: "/**/*.explore.lkml"\ninclude: "/**/*.dashboard.lookml"\n'
"""A model file that includes every view, explore and dashboard file."""


def compiled(
    files: Mapping[str, str | bytes] | str,
    *,
    name: str = "project",
    config: Config | None = None,
    neighbours: Iterable[MemoryTree] = (),
) -> Project:
    """Compile files; a bare text is one model ``m`` that holds everything."""
    if isinstance(files, str):
        files = {"m.model.lkml": 'connection: "warehouse"\n' + files}
    return compile_project(MemoryTree(files, name, neighbours), config)


def view(project: Project, name: str, model: str | None = None) -> View:
    """The view that a model sees under a name; by default the only model."""
    found = Lookup(project).view(model or project.models[0].name, name)
    assert found is not None, f"no view {name} in {model or project.models[0].name}"
    return found


def field(of: View, name: str) -> Field:
    """A field by its declared name."""
    return next(one for one in of.fields if one.name == name)


def sql(of: View, name: str, parameter: str = "sql") -> str | None:
    """The SQL of a field, or None where the default holds."""
    return next((text.value for text in field(of, name).sql if text.parameter == parameter), None)


def explore(project: Project, name: str, model: str | None = None) -> Explore:
    """An explore of a model; by default of the only one."""
    return Lookup(project).explores[f"explore:{model or project.models[0].name}/{name}"]


def join(of: Explore, name: str) -> Join:
    """A join by its alias."""
    return next(one for one in of.joins if one.name == name)


def model(project: Project, name: str) -> Model:
    """A model by its name."""
    return Lookup(project).models[name]


def dashboard(project: Project, name: str, model: str | None = None) -> Dashboard:
    """A dashboard of a model; by default of the only one."""
    return Lookup(project).dashboards[f"dashboard:{model or project.models[0].name}/{name}"]


def rules(project: Project) -> list[str]:
    """The default rules of everything that ``check`` finds, in the order of places."""
    return [found.rule for found in check(project, asked=matching("default")) if RULES[found.rule].is_default]


def findings(project: Project) -> list[str]:
    """Everything that ``check`` finds by default, each as ``file:line:column rule message``."""
    return [
        f"{found.file}:{found.line}:{found.column} {found.rule} {found.message}"
        for found in check(project, asked=matching("default"))
        if RULES[found.rule].is_default
    ]
