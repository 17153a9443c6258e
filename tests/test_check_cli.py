"""`check` as a gate: what it reports of a change, what it accepts, and in which formats."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.analysis.diff.states import SHOP
from tests.repositories import commit, git, replaced, started, write

Done = subprocess.CompletedProcess[str]
TOTAL = "measure: total { type: sum sql: ${price} ;; }"
OLD = "view: old { dimension: a { sql: ${gone} ;; } }\nexplore: old {}\n"


def check(root: Path, *arguments: str, **environment: str) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "dagster_lookml", "check", str(root), *arguments],
        capture_output=True, text=True, check=False, timeout=120, env=os.environ | environment,
    )  # fmt: skip


def rules(root: Path, *arguments: str) -> list[str]:
    """The rule and place of each finding."""
    return [f"{one['rule']} {one['file']}:{one['line']}" for one in answer(root, *arguments)["diagnostics"]]


def answer(root: Path, *arguments: str) -> Any:
    done = check(root, "--json", "--fail-on", "never", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    schema = json.loads((files("dagster_lookml") / "schemas" / "check.schema.json").read_text("utf-8"))
    jsonschema.validate(found, schema, jsonschema.Draft202012Validator)
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A shop with two errors that have been there for ever: one in a view, one in a file as a whole."""
    broken = {"old.view.lkml": OLD, "m.model.lkml": SHOP["m.model.lkml"], "bad.view.lkml": "view: bad { dimension: x { }\n"}
    return started(tmp_path / "shop", SHOP | broken)


def test_without_a_base_everything_is_reported(shop: Path) -> None:
    found = rules(shop)

    assert "unknown-field old.view.lkml:1" in found
    assert "unclosed-block bad.view.lkml:1" in found


def test_with_a_base_only_what_the_change_introduces_is(shop: Path) -> None:
    before = len(rules(shop))
    replaced(shop, "orders.view.lkml", TOTAL, "")

    assert rules(shop, "--base", "main") == ["unknown-tile-field kpis.dashboard.lookml:15"]
    assert answer(shop, "--base", "main")["known"] == before


@pytest.mark.parametrize(
    ("old", "new"),
    [("view: old {", "\n\n# moved\nview: old {\n\n"), ("dimension: a", "dimension: b {}\n dimension: a")],
    ids=["moved", "reordered"],
)
def test_what_was_there_before_stays_known_where_its_lines_move(shop: Path, old: str, new: str) -> None:
    replaced(shop, "old.view.lkml", old, new)

    assert rules(shop, "--base", "main") == []


def test_what_was_there_before_stays_known_where_its_file_has_another_name(shop: Path) -> None:
    git(shop, "mv", "old.view.lkml", "older.view.lkml")
    git(shop, "mv", "bad.view.lkml", "worse.view.lkml")

    assert rules(shop, "--base", "main") == []


def test_what_was_there_before_stays_known_where_another_view_gets_the_same_name(shop: Path) -> None:
    write(shop, {"n.model.lkml": 'connection: "c"\nview: old { dimension: a {} }\nexplore: old {}\n'})

    assert rules(shop, "--base", "main") == []


def test_a_second_finding_of_the_same_words_is_new(shop: Path) -> None:
    replaced(
        shop,
        "old.view.lkml",
        "dimension: a { sql: ${gone} ;; }",
        "dimension: a { sql: ${gone} ;; }\n dimension: c { sql: ${gone} ;; }",
    )

    assert rules(shop, "--base", "main") == ["unknown-field old.view.lkml:2"]


def test_a_field_that_breaks_in_one_more_explore_is_new(shop: Path) -> None:
    write(shop, {"people.view.lkml": "view: people { dimension: a { sql: ${orders.id} ;; } }\nexplore: people {}\n"})
    commit(shop)
    assert rules(shop, "--base", "HEAD") == []
    write(shop, {"more.view.lkml": "explore: again { from: people }\n"})

    assert rules(shop, "--base", "HEAD") == ["view-not-joined people.view.lkml:1"]


def test_what_came_to_the_base_since_does_not_count(shop: Path) -> None:
    git(shop, "switch", "--quiet", "-c", "feature")
    replaced(shop, "orders.view.lkml", TOTAL, "")
    commit(shop)
    git(shop, "switch", "--quiet", "main")
    replaced(shop, "kpis.dashboard.lookml", "orders.total", "orders.rows")
    commit(shop)
    git(shop, "switch", "--quiet", "feature")

    assert rules(shop, "--base", "main") == ["unknown-tile-field kpis.dashboard.lookml:15"]


def test_before_the_first_commit_everything_is_introduced(tmp_path: Path) -> None:
    write(tmp_path, {"m.model.lkml": 'connection: "c"\nexplore: nothing {}\n'})
    git(tmp_path, "init", "--quiet")

    assert rules(tmp_path, "--base", "HEAD", "--exact") == ["unknown-view m.model.lkml:2"]


def test_a_base_without_any_lookml_knows_nothing(tmp_path: Path) -> None:
    root = started(tmp_path / "new", {"readme.md": "x\n"})
    write(root, {"m.model.lkml": 'connection: "c"\nexplore: gone {}\n'})

    assert rules(root, "--base", "main") == ["unknown-view m.model.lkml:2"]


def test_the_exit_code_is_that_of_what_is_new(shop: Path) -> None:
    assert check(shop).returncode == 1
    assert check(shop, "--base", "main").returncode == 0
    assert check(shop, "--base", "main").stdout.startswith("no findings\n")
    replaced(shop, "orders.view.lkml", TOTAL, "")
    assert check(shop, "--base", "main").returncode == 1


# -- a baseline --------------------------------------------------------------------------------------------------------


def test_a_baseline_accepts_what_is_there_and_nothing_else(shop: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "baseline.json")
    number = len(rules(shop))
    assert check(shop, "--write-baseline", file).stdout == f"wrote {number} findings to {file}\n"

    assert check(shop, "--baseline", file).returncode == 0
    replaced(shop, "orders.view.lkml", TOTAL, "")
    assert rules(shop, "--baseline", file) == ["unknown-tile-field kpis.dashboard.lookml:15"]


@pytest.mark.parametrize("option", ["--base", "--baseline"])
def test_a_baseline_is_of_all_that_is_found(shop: Path, tmp_path: Path, option: str) -> None:
    done = check(shop, "--write-baseline", str(tmp_path / "a.json"), option, "main")

    assert (done.returncode, (tmp_path / "a.json").exists()) == (2, False)
    assert "give neither --base nor --baseline with it" in done.stderr


@pytest.mark.slow
def test_a_baseline_that_is_out_of_date_says_so(shop: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "baseline.json")
    check(shop, "--write-baseline", file)
    replaced(shop, "old.view.lkml", "${gone}", "1")
    done = check(shop, "--baseline", file)

    assert (done.returncode, f"1 finding of {file} is there no more" in done.stderr) == (0, True)


def test_a_baseline_is_the_same_bytes_for_the_same_findings(shop: Path, tmp_path: Path) -> None:
    check(shop, "--write-baseline", str(tmp_path / "a.json"))
    replaced(shop, "old.view.lkml", "view: old {", "\n\nview: old {\n")
    check(shop, "--write-baseline", str(tmp_path / "b.json"))

    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("asked", [("--select", "unknown-field"), ("--ignore", "unclosed-block")], ids=["select", "ignore"])
def test_of_rules_that_were_not_asked_for_a_baseline_is_not_out_of_date(
    shop: Path, tmp_path: Path, asked: tuple[str, str]
) -> None:
    file = str(tmp_path / "baseline.json")
    check(shop, "--write-baseline", file)
    assert check(shop, "--baseline", file, *asked).stderr == ""
    replaced(shop, "old.view.lkml", "${gone}", "1")
    (shop / "bad.view.lkml").unlink()

    assert f"1 finding of {file} is there no more" in check(shop, "--baseline", file, "--select", "unknown-field").stderr


def test_a_baseline_may_begin_with_a_byte_order_mark(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    check(shop, "--write-baseline", str(file))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())

    assert check(shop, "--baseline", str(file)).returncode == 0


@pytest.mark.parametrize("option", ["--baseline", "--write-baseline", "--dbt-manifest"])
def test_an_empty_path_is_no_file(shop: Path, option: str) -> None:
    done = check(shop, option, "")

    assert (done.returncode, done.stdout) == (2, "")
    assert "an empty path was given; is a variable unset?" in done.stderr


_KNOWN = '{"fingerprint": "a", "rule": "b", "about": "c", "message": "d", "count": -5}'
_NO_BASELINES = {
    "empty": "",
    "list": "[]",
    "version": '{"schema_version": 9, "findings": []}',
    "bytes": "\udcff",
    "count": f'{{"schema_version": 1, "findings": [{_KNOWN}]}}',
    "deep": "[" * 100_000,
    "deep-inside": '{"schema_version": 1, "findings": [], "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
}


@pytest.mark.parametrize("content", _NO_BASELINES.values(), ids=_NO_BASELINES.keys())
def test_a_file_that_is_no_baseline_is_refused(shop: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "b.json").write_text(content, "utf-8", "surrogateescape")
    done = check(shop, "--baseline", str(tmp_path / "b.json"))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"dagster-lookml: {tmp_path / 'b.json'}: ")


def test_a_baseline_that_is_not_there_says_how_to_write_one(shop: Path) -> None:
    done = check(shop, "--baseline", "none.json")

    assert (done.returncode, "--write-baseline" in done.stderr) == (2, True)


# -- rules and formats -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_rules_that_are_not_default_are_asked_for(shop: Path) -> None:
    (shop / "bad.view.lkml").unlink()  # what cannot be read may use anything
    write(shop, {"spare.view.lkml": "view: spare { dimension: a {} }\n"})

    assert not any(one.startswith("unused-view") for one in rules(shop))
    assert "unused-view spare.view.lkml:1" in rules(shop, "--extend-select", "unused-view")
    assert "unused-view spare.view.lkml:1" in rules(shop, "--select", "LM8")
    assert "unused-view spare.view.lkml:1" in rules(shop, "--select", "all")


@pytest.mark.parametrize("form", ["text", "json", "markdown", "github", "gitlab", "sarif", "junit"])
def test_every_format_tells_of_the_finding_and_changes_no_exit_code(shop: Path, form: str) -> None:
    done = check(shop, "--format", form, GITHUB_STEP_SUMMARY="")

    assert (done.returncode, done.stderr) == (1, "")
    assert "unknown-field" in done.stdout
    assert "old.view.lkml" in done.stdout


def test_a_job_of_github_actions_gets_a_summary(shop: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    done = check(shop, "--format", "github", GITHUB_STEP_SUMMARY=str(summary))

    assert "unknown-field" in summary.read_text("utf-8")
    assert done.stdout.startswith("::error file=")


@pytest.mark.parametrize(
    ("form", "path"),
    [("github", "file=looker/old.view.lkml"), ("gitlab", '"looker/old.view.lkml"'), ("sarif", '"looker/old.view.lkml"')],
)
def test_a_forge_gets_paths_from_the_root_of_the_repository(tmp_path: Path, form: str, path: str) -> None:
    root = started(
        tmp_path / "repo", {"looker/m.model.lkml": 'connection: "c"\ninclude: "*.view"\n', "looker/old.view.lkml": OLD}
    )

    assert path in check(root / "looker", "--format", form).stdout
    assert "looker/" not in check(root / "looker").stdout


def test_exact_means_nothing_without_a_base(shop: Path) -> None:
    assert check(shop, "--exact").returncode == 2


# -- files that no model includes --------------------------------------------------------------------------------------


def test_of_files_that_no_model_includes_only_one_more_is_new(tmp_path: Path) -> None:
    views = {f"{name}.view.lkml": f"view: {name} {{ dimension: id {{}} }}\n" for name in ("a", "b", "c", "d")}
    root = started(tmp_path / "shop", {"m.model.lkml": 'connection: "c"\ninclude: "a.view"\nexplore: a {}\n'} | views)

    replaced(root, "m.model.lkml", 'include: "a.view"', 'include: "a.view"\ninclude: "b.view"')
    write(
        root,
        {
            "e.view.lkml": "view: e { dimension: id {} }\n",
            "m.model.lkml": (root / "m.model.lkml").read_text() + 'include: "e.view"\n',
        },
    )
    git(root, "mv", "c.view.lkml", "cc.view.lkml")
    assert rules(root, "--base", "main") == []

    write(root, {"f.view.lkml": "view: f { dimension: id {} }\n"})
    assert rules(root, "--base", "main") == ["not-included :0"]


@pytest.mark.rule("R2.4")
def test_the_configuration_above_counts_for_a_project_in_a_folder_that_has_none(tmp_path: Path) -> None:
    files = {f"looker/{name}": text for name, text in (SHOP | {"manifest.lkml": 'project_name: "shop"\n'}).items()}
    root = started(tmp_path / "repo", files)
    replaced(root / "looker", "orders.view.lkml", TOTAL, "")
    assert "1 error" in check(root, "--base", "main").stdout

    write(root, {"dagster-lookml.toml": '[rules]\nignore = ["unknown-tile-field"]\n'})
    assert "no findings" in check(root, "--base", "main").stdout

    write(root, {"looker/dagster-lookml.toml": '[rules]\nignore = ["unknown-join"]\n'})
    assert "1 error" in check(root, "--base", "main").stdout


@pytest.mark.rule("R13.2")
def test_what_one_model_less_lacks_is_no_news_and_what_one_more_lacks_is(tmp_path: Path) -> None:
    table = "derived_table: { sql: select 1 as id ;; datagroup_trigger: nightly }"
    model = 'connection: "c"\ninclude: "v.view"\nexplore: v {}\n'
    files = {f"m{number}.model.lkml": model for number in range(3)}
    has = model + 'datagroup: nightly { interval_trigger: "24 hours" }\n'
    root = started(tmp_path / "shop", files | {"v.view.lkml": f"view: v {{ {table} dimension: id {{}} }}\n"})
    write(root, {"m0.model.lkml": has})
    assert rules(root, "--base", "main") == []
    commit(root)

    write(root, {"m1.model.lkml": has})
    assert rules(root, "--base", "HEAD") == []
    write(root, {"m0.model.lkml": model})
    assert rules(root, "--base", "HEAD") == ["unknown-datagroup v.view.lkml:1"]
    assert "the models `m0`, `m2` have no datagroup `nightly`" in check(root, "--base", "HEAD").stdout
