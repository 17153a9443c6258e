"""A repository as it is given to Dagster: what it is read from, and what is kept of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dagster_lookml import Config, ConfigError, LookMLProject, NoLookMLError, SelectorError, SourceError, Workspace
from dagster_lookml.assets.state import decode_state, encode_state
from dagster_lookml.assets.structures import View
from tests.assets.projects import written
from tests.corpora import FIXTURES

STOREFRONT = FIXTURES / "projects" / "storefront"


def view(project: LookMLProject, name: str) -> View:
    found = project.state.by_id[f"view:{name}"]
    assert isinstance(found, View)
    return found


def test_a_state_survives_its_file() -> None:
    state = LookMLProject(STOREFRONT).state

    assert decode_state(encode_state(state), "here") == state


def test_a_second_process_gets_the_same_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_LOOKML_CACHE_DIR", str(tmp_path))
    first = LookMLProject(STOREFRONT).state
    program = f"""
import sys
from pathlib import Path

from dagster_lookml.assets.project import LookMLProject
from dagster_lookml.assets.state import encode_state

state = LookMLProject({str(STOREFRONT)!r}).state
print([name for name in ("sqlglot", "liquid") if name in sys.modules])
print(encode_state(state) == Path({str(tmp_path / "state")!r}).read_bytes())
"""
    (tmp_path / "state").write_bytes(encode_state(first))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["[]", "True"]  # no SQL was parsed again


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    root = written(tmp_path, {"a.view.lkml": "view: a { sql_table_name: s.before ;; dimension: x {} }"})
    assert view(LookMLProject(root), "a").reads == ("table:s.before",)
    written(root, {"m.model.lkml": (root / "m.model.lkml").read_text(), "a.view.lkml": "view: a { sql_table_name: s.after ;; }"})

    assert view(LookMLProject(root), "a").reads == ("table:s.after",)


def test_an_import_that_changed_is_read_again_whoever_looked_in_between(tmp_path: Path) -> None:
    hub = tmp_path / "hub"
    main = written(
        tmp_path / "main",
        {
            "manifest.lkml": 'project_name: "main"\nlocal_dependency: { project: "hub" }',
            "m.model.lkml": 'connection: "c"\ninclude: "//hub/*.view"\n',
        },
    )
    for table in ("before", "after", "before"):
        written(
            hub,
            {
                "manifest.lkml": 'project_name: "hub"',
                "h.model.lkml": "",
                "a.view.lkml": f"view: a {{ sql_table_name: s.{table} ;; dimension: x {{}} }}",
            },
        )
        Workspace(main).lineage()  # what the command line does: it keeps a lineage, and no state

        assert view(LookMLProject(main), "a").reads == (f"table:s.{table}",)


def test_codeowners_that_changed_count(tmp_path: Path) -> None:
    root = written(tmp_path, {"a.view.lkml": "view: a { sql_table_name: s.t ;; dimension: x {} }"})
    assert view(LookMLProject(root), "a").owners == ()
    (root / "CODEOWNERS").write_text("*.lkml @acme/bi\n")

    assert view(LookMLProject(root), "a").owners == ("team:acme/bi",)


def test_imports_and_configuration_can_be_given(tmp_path: Path) -> None:
    hub = written(
        tmp_path / "far" / "away",
        {
            "manifest.lkml": 'project_name: "hub"',
            "h.model.lkml": "",
            "a.view.lkml": "view: a { sql_table_name: t ;; dimension: x {} }",
        },
    )
    main = written(
        tmp_path / "main",
        {
            "manifest.lkml": 'project_name: "main"\nlocal_dependency: { project: "hub" }',
            "m.model.lkml": 'connection: "c"\ninclude: "//hub/*.view"\n',
        },
    )
    (tmp_path / "ci.toml").write_text('[connections.c]\nschema = "live"\n')
    project = LookMLProject(main, config=tmp_path / "ci.toml", import_paths={"hub": hub})

    assert view(project, "a").reads == ("table:live.t",)
    assert LookMLProject(main, config=Config()).state.views == ()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda root: LookMLProject(root / "nowhere").state, SourceError, "no such directory"),
        (lambda root: LookMLProject(root).state, NoLookMLError, "no LookML found"),
        (lambda root: LookMLProject(root, config=root / "no.toml"), ConfigError, "No such file"),
        (lambda root: LookMLProject(STOREFRONT).select("+dashboard:kpi_bse"), SelectorError, "did you mean"),
    ],
    ids=["no directory", "no LookML", "no configuration", "a selector that names nothing"],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, make: object, error: type[Exception], message: str) -> None:
    assert callable(make)
    with pytest.raises(error, match=message):
        make(tmp_path)


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    assert repr(LookMLProject(tmp_path / "nowhere", ref="main")) == f"LookMLProject('{tmp_path / 'nowhere'}', ref='main')"


def test_dagster_is_loaded_when_something_of_it_is_used() -> None:
    program = (
        "import sys, dagster_lookml\nbefore = 'dagster' in sys.modules\ndagster_lookml.load_looker_asset_specs\n"
        "print(before, 'dagster' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "True"]
