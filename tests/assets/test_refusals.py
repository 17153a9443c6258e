"""What the state of a project says of PDTs that Looker could not build."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_lookml.assets.gathering import gather
from dagster_lookml.assets.ownership import Owners
from dagster_lookml.config import RuleSettings
from dagster_lookml.workspace import Workspace
from tests.pdt.projects import pdt

MODEL = {"m.model.lkml": 'connection: "w"\ninclude: "/*.view.lkml"\n'}
UNKNOWN_VIEW = "LM302 a.view.lkml:1: `a` reads the table of the view `gone`, which the model `m` does not have"


@pytest.mark.parametrize(
    ("files", "rules", "refusal"),
    [
        ({**MODEL, "a.view.lkml": pdt("a", "SELECT 1 AS id")}, RuleSettings(), None),
        ({**MODEL, "a.view.lkml": pdt("a", "SELECT id FROM ${gone.SQL_TABLE_NAME}")}, RuleSettings(), UNKNOWN_VIEW),
        ({**MODEL, "a.view.lkml": pdt("a", "SELECT id FROM ${gone.SQL_TABLE_NAME}")}, RuleSettings(ignore=("LM302",)), None),
        (
            {
                **MODEL,
                "a.view.lkml": pdt("a", "SELECT id FROM ${t.SQL_TABLE_NAME}"),
                "t.view.lkml": pdt("t", "SELECT id FROM ${t.SQL_TABLE_NAME}", ""),
            },
            RuleSettings(),
            "t.view.lkml:1: pdt:m/a cannot be built: it reads view:t, which reads itself",
        ),
        (
            {"50%.model.lkml": MODEL["m.model.lkml"], "a.view.lkml": pdt("a", "SELECT 1 AS id")},
            RuleSettings(),
            (
                "50%.model.lkml: '50%' is no name of a model that Looker's API can be asked for: the URL of a call takes "
                "names that begin with a letter from A to Z, a digit or _ and have none of / % \\ ? #"
            ),
        ),
        (
            {"a.view.lkml": pdt("a", "SELECT 1 AS id")},
            RuleSettings(),
            "no model file here: Looker has no model shop; give the repository's root",
        ),
    ],
)
def test_a_pdt_that_looker_could_not_build_says_why(
    tmp_path: Path, files: dict[str, str], rules: RuleSettings, refusal: str | None
) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    for name, text in files.items():
        (root / name).write_text(text)
    state = gather(Workspace(root).lineage(), Owners((), None), rules)

    assert [one.refusal for one in state.pdts] == [refusal]
