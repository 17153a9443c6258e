"""Ten real repositories: compiled, counted in a second way, and kept as numbers."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from dagster_lookml.lineage.answer import trace_project
from dagster_lookml.semantic.compile import compile_project
from dagster_lookml.semantic.objects import Project, View
from dagster_lookml.source import DirectoryTree
from tests.corpora import CORPORA, NAMES, needs_corpora
from tests.corpus.counting import count
from tests.corpus.summary import lineage_lines, summary_lines

pytestmark = needs_corpora

EXPECTED = Path(__file__).parent / "expected"


@cache
def project(name: str) -> Project:
    return compile_project(DirectoryTree(CORPORA / name, 50_000_000))


@pytest.mark.parametrize("name", NAMES)
def test_summary(name: str) -> None:
    actual = "".join(line + "\n" for line in summary_lines(project(name)))

    assert actual == (EXPECTED / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_how_far_the_lineage_goes(name: str) -> None:
    actual = "".join(line + "\n" for line in lineage_lines(trace_project(project(name))))

    assert actual == (EXPECTED / f"{name}.lineage.txt").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_second_count_agrees(name: str) -> None:
    found, counted = project(name), count(CORPORA / name)
    views = {view.id: view for view in found.views}

    assert found.files == counted.files
    assert {model.name: set(model.views) for model in found.models} == counted.views
    assert {(view.name, view.span.file) for view in found.views} == counted.declared_views
    assert {
        model.name: {name: field_names(views[identity]) for name, identity in model.views.items()} for model in found.models
    } == counted.fields
    explores: dict[str, dict[str, set[str]]] = {model.name: {} for model in found.models}
    for explore in found.explores:
        explores[explore.model][explore.name] = {join.name for join in explore.joins}
    assert explores == counted.explores
    dashboards: dict[str, dict[str, int]] = {model.name: {} for model in found.models}
    for dashboard in found.dashboards:
        if dashboard.model is not None:
            dashboards[dashboard.model][dashboard.name] = len(dashboard.elements)
    assert dashboards == counted.dashboards


def field_names(view: View) -> set[str]:
    return {("group " if field.kind == "dimension_group" else "") + field.name for field in view.fields}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("command", "codes"), [("compile", {0}), ("check", {0, 1})])
def test_commands_on_a_real_repository(name: str, command: str, codes: set[int]) -> None:
    arguments = [sys.executable, "-m", "dagster_lookml", command, str(CORPORA / name)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)

    assert done.returncode in codes
    assert done.stderr == ""
    assert "Traceback" not in done.stdout


def test_an_absent_import_is_named_once_with_what_follows_from_it() -> None:
    spoke = project("looker-spoke-default")
    [found] = [one for one in spoke.diagnostics if one.rule == "missing-import"]

    assert (found.file, found.line) == ("manifest.lkml", 3)
    assert found.message == (
        "the project looker-hub is not here: 546 includes in 45 models cannot be followed; "
        "29 explores and 222 views that are not here either may be in it"
    )


def rewrite() -> None:
    """Write the summaries anew."""
    EXPECTED.mkdir(exist_ok=True)
    for name in NAMES:
        (EXPECTED / f"{name}.txt").write_text("".join(line + "\n" for line in summary_lines(project(name))), "utf-8")
        lines = lineage_lines(trace_project(project(name)))
        (EXPECTED / f"{name}.lineage.txt").write_text("".join(line + "\n" for line in lines), "utf-8")
