"""`pdt list` and `pdt plan`, run as programs: what they print, where they print it, and how they exit."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.corpora import FIXTURES, ROOT
from tests.pdt.projects import NIGHTLY, pdt
from tests.repositories import git, write

STOREFRONT = FIXTURES / "projects" / "storefront"
Done = subprocess.CompletedProcess[str]
SHOP = {
    "m.model.lkml": (
        'connection: "warehouse"\ninclude: "/*.view.lkml"\n'
        + NIGHTLY
        + "explore: plain { aggregate_table: rollup { query: { dimensions: [id] } "
        + 'materialization: { persist_for: "1 hour" } } }\n'
    ),
    "plain.view.lkml": "view: plain { sql_table_name: raw.plain ;; dimension: id {} }\n",
    "a.view.lkml": pdt("a", "SELECT id FROM ${b.SQL_TABLE_NAME} JOIN raw.x USING (id)", "datagroup_trigger: nightly"),
    "b.view.lkml": pdt("b", "SELECT id FROM ${loose.SQL_TABLE_NAME}", 'persist_for: "2 hours"'),
    "c.view.lkml": pdt("c", "SELECT id FROM raw.c", "materialized_view: yes"),
    "loose.view.lkml": pdt("loose", "SELECT id FROM raw.t", ""),
}


def run(*arguments: str | Path, cwd: Path = ROOT) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "dagster_lookml", "pdt", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        timeout=120,
    )


def answer(*arguments: str | Path) -> Any:
    done = run(*arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    schema = json.loads((files("dagster_lookml") / "schemas" / "pdt.schema.json").read_text("utf-8"))
    jsonschema.validate(data, schema, jsonschema.Draft202012Validator)
    return data


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write(tmp_path / "shop", SHOP)


def test_a_list_has_a_line_for_each(shop: Path) -> None:
    done = run("list", shop)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "pdt:m/a  datagroup_trigger nightly    warehouse  a.view.lkml:1\n"
        "pdt:m/b  persist_for 2 hours          warehouse  b.view.lkml:1\n"
        "pdt:m/c  materialized_view            warehouse  c.view.lkml:1\n"
        "3 PDTs; 1 aggregate table that only Looker can build\n"
    )


def test_a_plan_is_in_the_order_of_building_and_says_what_to_know(shop: Path) -> None:
    done = run("plan", shop)

    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == """\
1  pdt:m/b  (persist_for 2 hours)  b.view.lkml:1
     reads    table:raw.t
2  pdt:m/a  (datagroup_trigger nightly)  a.view.lkml:1
     after    1 pdt:m/b
     reads    table:raw.x
     trigger  table:etl.runs
3  pdt:m/c  (materialized_view)  c.view.lkml:1
     reads    table:raw.c

3 PDTs; 1 aggregate table that only Looker can build
warning: Looker's regenerator builds 2 of these too, at times of its own:
  datagroup nightly fires when its sql_trigger changes: pdt:m/a
  it is built with pdt:m/a, which reads it: pdt:m/b
  whoever wants to be the only one to build them gives them a trigger that never fires, such as SELECT 1
warning: whether Looker's API can start the build of a materialized_view is written nowhere: pdt:m/c
note: Looker's API starts builds of views only, so these aggregate tables are built by nobody but Looker:
  pdt:m/plain::rollup  persist_for 1 hour  m.model.lkml:4
"""
    )


@pytest.mark.slow
def test_json_of_both_is_the_contract(shop: Path) -> None:
    listed, planned = answer("list", shop), answer("plan", shop)

    assert listed == planned
    assert [one["id"] for one in planned["pdts"]] == ["pdt:m/a", "pdt:m/b", "pdt:m/c"]
    assert planned["pdts"][0] == {
        "id": "pdt:m/a",
        "model": "m",
        "view": "a",
        "connection": "warehouse",
        "persistence": {"kind": "datagroup_trigger", "value": "nightly"},
        "incremental": False,
        "upstream": ["pdt:m/b"],
        "tables": ["table:raw.x"],
        "triggered_by": [],
        "trigger_tables": ["table:etl.runs"],
        "position": 2,
        "file": "a.view.lkml",
        "line": 1,
        "regenerated": "datagroup nightly fires when its sql_trigger changes",
        "regenerated_known": True,
        "refusal": None,
        "findings": [],
    }
    assert [one["id"] for one in planned["aggregate_tables"]] == ["pdt:m/plain::rollup"]
    assert (planned["cycles"], planned["changes"], planned["errors"], planned["invented_models"]) == ([], None, 0, [])


def test_the_demo_project_keeps_the_contract() -> None:
    assert len(answer("plan", STOREFRONT)["pdts"]) == 10


def test_selectors_choose_and_say_what_is_missing(shop: Path) -> None:
    done = run("plan", "m/a", cwd=shop)

    assert done.returncode == 0
    assert "     after    1 pdt:m/b, which is not selected\n" in done.stdout
    assert [one["id"] for one in answer("list", shop, "+m/a", "--exclude", "datagroup:nightly")["pdts"]] == ["pdt:m/b"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["pdt:m/loose"], "loose.view.lkml:1: view loose is not persistent"),
        (["m/aa"], "model m has no view aa"),
        (["state:new"], "state: needs something to compare with; add --base REF"),
        (["../nowhere"], "no such directory: ../nowhere"),
        (["--base", "nothing"], "nothing"),
        (["m/a", "--format", "mermaid"], "mermaid"),
    ],
)
@pytest.mark.parametrize("command", ["list", "plan"])
def test_what_cannot_run_exits_with_2(shop: Path, command: str, arguments: list[str], complaint: str) -> None:
    done = run(command, *arguments, cwd=shop)

    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr


@pytest.mark.slow
def test_a_plan_since_a_ref_is_what_the_change_rebuilds(shop: Path) -> None:
    git(shop, "init", "--quiet", "--initial-branch=main")
    git(shop, "add", ".")
    git(shop, "commit", "--quiet", "-m", "first")
    (shop / "c.view.lkml").unlink()
    write(shop, {"loose.view.lkml": pdt("loose", "SELECT id FROM raw.s", ""), "d.view.lkml": pdt("d", "SELECT 1 AS id")})
    write(shop, {"a.view.lkml": SHOP["a.view.lkml"].replace("dimension: id {}", 'dimension: id { label: "ID" }')})
    done = run("plan", shop, "--base", "main")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "since main this change rebuilds 3 of 3 PDTs, and drops 1\n"
        "  pdt:m/a: because of pdt:m/b\n"
        "  pdt:m/b: because of view:loose\n"
        "  pdt:m/d: new\n"
        "  pdt:m/c: dropped\n"
        "\n"
        "1  pdt:m/b  (persist_for 2 hours)  b.view.lkml:1\n"
    )
    assert answer("plan", shop, "--base", "main")["changes"] == {
        "rebuilt": [
            {"id": "pdt:m/a", "new": False, "itself": False, "because": ["pdt:m/b"]},
            {"id": "pdt:m/b", "new": False, "itself": False, "because": ["view:loose"]},
            {"id": "pdt:m/d", "new": True, "itself": False, "because": []},
        ],
        "dropped": ["pdt:m/c"],
        "aggregate_tables": {"rebuilt": [], "dropped": []},
    }
    assert [one["id"] for one in answer("list", shop, "--base", "main", "state:new")["pdts"]] == ["pdt:m/d"]


def test_a_change_that_rebuilds_nothing_says_so(shop: Path) -> None:
    git(shop, "init", "--quiet", "--initial-branch=main")
    git(shop, "add", ".")
    git(shop, "commit", "--quiet", "-m", "first")
    done = run("plan", shop, "--base", "main")

    assert (done.returncode, done.stdout) == (0, "since main this change rebuilds 0 of 3 PDTs\n\nno PDTs\n")


def test_circles_do_not_stop_a_plan(tmp_path: Path) -> None:
    circle = pdt("a", "SELECT id FROM ${b.SQL_TABLE_NAME}") + pdt("b", "SELECT id FROM ${a.SQL_TABLE_NAME}")
    done = run("plan", write(tmp_path, {"m.model.lkml": 'connection: "w"\n' + circle}))

    assert done.returncode == 0
    assert "error: cannot be built, because they read each other: pdt:m/a, pdt:m/b\n" in done.stdout


def test_changed_aggregate_tables_are_told_of_as_looker_s_own(shop: Path) -> None:
    git(shop, "init", "--quiet", "--initial-branch=main")
    git(shop, "add", ".")
    git(shop, "commit", "--quiet", "-m", "first")
    model = SHOP["m.model.lkml"].replace("rollup {", "summary {") + (
        'explore: +plain { aggregate_table: rollup { query: { dimensions: [id] filters: [id: "1"] } '
        'materialization: { persist_for: "1 hour" } } }\n'
    )
    write(shop, {"m.model.lkml": model})
    done = run("plan", shop, "--base", "main")

    assert done.stdout.startswith(
        "since main this change rebuilds 0 of 3 PDTs\n"
        "and changes 2 aggregate tables, which only Looker can build:\n"
        "  pdt:m/plain::rollup: because of its own definition\n"
        "  pdt:m/plain::summary: new\n"
        "\n"
    )
    assert answer("plan", shop, "--base", "main")["changes"]["aggregate_tables"] == {
        "rebuilt": [
            {"id": "pdt:m/plain::rollup", "new": False, "itself": True, "because": []},
            {"id": "pdt:m/plain::summary", "new": True, "itself": False, "because": []},
        ],
        "dropped": [],
    }


def test_a_base_outside_git_is_said_by_the_name_of_its_option(shop: Path) -> None:
    done = run("plan", shop, "--base", "HEAD")

    assert (done.returncode, done.stdout) == (2, "")
    assert "--base" in done.stderr
    assert "--ref" not in done.stderr


BROKEN = {
    "m.model.lkml": 'connection: "w"\ninclude: "/*.view.lkml"\n',
    "broken.view.lkml": pdt("broken", "SELECT id FROM ${gone.SQL_TABLE_NAME}", "datagroup_trigger: absent"),
    "circle.view.lkml": pdt("circle", "SELECT id FROM ${itself.SQL_TABLE_NAME}"),
    "itself.view.lkml": pdt("itself", "SELECT id FROM ${itself.SQL_TABLE_NAME}", ""),
    "reader.view.lkml": pdt("reader", "SELECT id FROM ${circle.SQL_TABLE_NAME}"),
    "sound.view.lkml": pdt("sound", "SELECT id FROM raw.t"),
    "unread.view.lkml": "view: unread {\n",
}
UNKNOWN_DATAGROUP = "LM601 broken.view.lkml:1: the model `m` has no datagroup `absent`"
UNKNOWN_VIEW = "LM302 broken.view.lkml:1: `broken` reads the table of the view `gone`, which the model `m` does not have"


def test_a_plan_says_what_cannot_be_built_and_why(tmp_path: Path) -> None:
    done = run("plan", write(tmp_path, BROKEN))

    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == f"""\
1  pdt:m/broken  (datagroup_trigger absent)  broken.view.lkml:1
     error    {UNKNOWN_DATAGROUP}
     error    {UNKNOWN_VIEW}
2  pdt:m/circle  (persist_for 1 hour)  circle.view.lkml:1
3  pdt:m/reader  (persist_for 1 hour)  reader.view.lkml:1
     after    2 pdt:m/circle
4  pdt:m/sound  (persist_for 1 hour)  sound.view.lkml:1
     reads    table:raw.t

4 PDTs
error: cannot be built, because it reads view:itself, which reads itself: pdt:m/circle
error: cannot be built, because it reads pdt:m/circle, which cannot be: pdt:m/reader
warning: the model m has no datagroup absent, so this trigger never fires, and Looker's validator refuses it: pdt:m/broken
note: 4 errors in this project: dagster-lookml check lists them
"""
    )
    found = answer("plan", tmp_path)
    assert found["errors"] == 4  # the circle is one of them
    assert [one["refusal"] for one in found["pdts"]] == [
        UNKNOWN_DATAGROUP,
        "itself.view.lkml:1: pdt:m/circle cannot be built: it reads view:itself, which reads itself",
        "it reads pdt:m/circle, and itself.view.lkml:1: pdt:m/circle cannot be built: it reads view:itself, which reads itself",
        None,
    ]
    assert found["pdts"][0]["findings"][1] == {
        "code": "LM302",
        "severity": "error",
        "message": "`broken` reads the table of the view `gone`, which the model `m` does not have",
        "hint": "",
        "file": "broken.view.lkml",
        "line": 1,
        "column": 79,
    }


@pytest.mark.parametrize(
    ("selector", "complaint"),
    [
        ("m/broken", UNKNOWN_DATAGROUP),
        ("m/circle", "itself.view.lkml:1: pdt:m/circle cannot be built: it reads view:itself, which reads itself"),
        ("m/reader", "it reads pdt:m/circle, and itself.view.lkml:1"),
        ("pdt:*", UNKNOWN_DATAGROUP),
    ],
)
def test_a_build_of_what_looker_could_not_build_is_refused_at_once(tmp_path: Path, selector: str, complaint: str) -> None:
    done = run("build", write(tmp_path, BROKEN), selector, "--dry-run")

    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr


def test_a_name_that_looker_s_api_cannot_be_asked_for_is_said_in_the_plan_and_refused(tmp_path: Path) -> None:
    root = write(tmp_path, {"50%.model.lkml": SHOP["m.model.lkml"], "c.view.lkml": SHOP["c.view.lkml"]})
    plan, built = run("plan", root), run("build", root, "pdt:*")

    why = "50%.model.lkml: '50%' is no name of a model that Looker's API can be asked for"
    assert f"error    {why}" in plan.stdout
    assert (built.returncode, built.stderr.startswith(f"dagster-lookml: pdt:50%25/c: {why}")) == (2, True)


def test_a_datagroup_that_never_fires_is_told_of(tmp_path: Path) -> None:
    model = 'connection: "c"\ninclude: "/*.view"\ndatagroup: hourly { max_cache_age: "1 hour" }\n'
    view = pdt("a", "SELECT 1 AS id", "datagroup_trigger: hourly")
    root = write(tmp_path, {"m.model.lkml": model, "a.view.lkml": view})

    assert (
        "warning: the datagroup hourly of the model m has no trigger, so it never rebuilds: pdt:m/a" in run("plan", root).stdout
    )


def test_a_folder_that_is_not_there_is_not_only_taken_for_a_selector(shop: Path) -> None:
    done = run("plan", "shpo", "m/a", cwd=shop)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"shpo: no persistent derived table has this name, and there is no such directory in {shop}" in done.stderr


def test_errors_can_be_allowed_and_circles_cannot(tmp_path: Path) -> None:
    write(tmp_path, BROKEN)
    allowed = run("build", tmp_path, "m/broken", "--dry-run", "--allow-errors")

    assert (allowed.returncode, allowed.stderr) == (0, "")
    assert allowed.stdout == "  1  start m/broken\nwould ask Looker for 1 build; nothing was asked for\n"
    assert run("build", tmp_path, "m/circle", "--dry-run", "--allow-errors").returncode == 2


@pytest.mark.slow
def test_a_folder_without_a_model_file_has_no_pdts_for_looker(tmp_path: Path) -> None:
    root = write(tmp_path / "views", {"a.view.lkml": pdt("a", "SELECT id FROM raw.t")})
    warning = "warning: no model file here: Looker has no model views; give the repository's root\n"

    assert run("list", root).stdout.endswith("1 PDT\n" + warning)
    assert run("plan", root).stdout.endswith("1 PDT\n" + warning)
    assert answer("plan", root)["invented_models"] == ["views"]
    done = run("build", root, "views/a", "--dry-run")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no model file here: Looker has no model views; give the repository's root" in done.stderr


@pytest.mark.slow
def test_what_an_absent_project_may_declare_is_not_known(tmp_path: Path) -> None:
    files = {
        "manifest.lkml": 'project_name: "shop"\nlocal_dependency: { project: "hub" }\n',
        "m.model.lkml": 'connection: "w"\ninclude: "//hub/*.view.lkml"\ninclude: "/*.view.lkml"\n',
        "a.view.lkml": pdt("a", "SELECT id FROM ${gone.SQL_TABLE_NAME}", "datagroup_trigger: weekly"),
    }
    done = run("plan", write(tmp_path, files))

    assert (
        done.stdout
        == """\
1  pdt:m/a  (datagroup_trigger weekly)  a.view.lkml:1
     warning  LM302 a.view.lkml:1: `a` reads the table of the view `gone`, which the model `m` does not have; it may be in hub, \
which is not here

1 PDT
warning: whether Looker's regenerator builds this PDT too is not known:
  datagroup weekly is declared in a project that is not here: pdt:m/a
"""
    )
    assert answer("plan", tmp_path)["pdts"][0]["regenerated_known"] is False
    assert run("build", tmp_path, "m/a", "--dry-run").returncode == 0


@pytest.mark.slow
def test_one_is_said_in_the_singular(shop: Path) -> None:
    assert "warning: Looker's regenerator builds this PDT too, at times of its own:\n" in run("plan", shop, "m/a").stdout
    assert "may build this PDT too, when its trigger fires: `dagster-lookml pdt plan` says why\n" in (
        run("build", shop, "m/a", "--dry-run").stderr
    )
    assert "1 of these 2 PDTs too, when its trigger fires" in run("build", shop, "m/a", "m/c", "--dry-run").stderr


@pytest.mark.parametrize("command", ["list", "plan"])
def test_help_teaches_by_examples(command: str) -> None:
    shown = run(command, "--help").stdout

    assert len([line for line in shown.splitlines() if line.startswith(f"  dagster-lookml pdt {command}")]) >= 4
    assert "\\b" not in shown


def test_a_second_start_reads_no_sql(shop: Path) -> None:
    assert run("plan", shop).returncode == 0
    program = (
        "import sys\nfrom dagster_lookml.cli import cli\n"
        f"cli.main(['pdt', 'plan', {str(shop)!r}], standalone_mode=False)\n"
        "print([name for name in ('sqlglot', 'dagster', 'looker_sdk') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.splitlines()[-1] == "[]"
