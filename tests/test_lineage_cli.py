"""`lineage` and `impact`, run as programs: what they print, where they print it, and how they exit."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.analysis.diff.states import SPOKE
from tests.corpora import FIXTURES, ROOT
from tests.repositories import git, replaced, started, write

STOREFRONT = FIXTURES / "projects" / "storefront"
Done = subprocess.CompletedProcess[str]
SHOP = {
    "m.model.lkml": (
        'connection: "warehouse"\n'
        'include: "/**/*.view.lkml"\n'
        'include: "/**/*.dashboard.lookml"\n'
        "explore: orders { join: users { sql_on: ${orders.user_id} = ${users.id} ;; } }\n"
    ),
    "orders.view.lkml": (
        "view: orders {\n"
        "  sql_table_name: shop.orders ;;\n"
        "  dimension: user_id {}\n"
        "  dimension: status { sql: ${TABLE}.status ;; }\n"
        "  measure: total { type: sum sql: ${TABLE}.amount ;; }\n"
        "}\n"
    ),
    "users.view.lkml": "view: users { sql_table_name: shop.users ;; dimension: id {} dimension: name {} }\n",
    "late.view.lkml": (
        "view: late {\n"
        "  derived_table: { sql: SELECT o.user_id FROM ${orders.SQL_TABLE_NAME} AS o ;; }\n"
        "  dimension: user_id {}\n"
        "}\n"
    ),
    "kpis.dashboard.lookml": (
        "- dashboard: kpis\n  title: KPIs\n  elements:\n"
        "  - {name: by status, explore: orders, fields: [orders.status, orders.total]}\n"
    ),
}
TABLE_LEVEL = [
    "dashboard:m/kpis", "explore:m/orders", "table:shop.orders", "table:shop.users", "view:late", "view:orders", "view:users",
]  # fmt: skip


def run(*arguments: str | Path, cwd: Path = ROOT, environment: Mapping[str, str] | None = None) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "dagster_lookml", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        timeout=120,
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that no test changes."""
    return write(tmp_path_factory.mktemp("shop"), SHOP)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The project in git: committed on ``main``."""
    write(tmp_path, SHOP)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    return tmp_path


def ids(done: Done) -> list[str]:
    """The nodes of an answer in JSON, which is all that was printed."""
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    data = json.loads(done.stdout)
    jsonschema.validate(data, schema("lineage"))
    return [one["id"] for one in data["nodes"]]


def affected(done: Done, said: str = "") -> list[str]:
    assert done.returncode == 0, done.stderr
    assert done.stderr == said
    data = json.loads(done.stdout)
    jsonschema.validate(data, schema("impact"))
    return [one["id"] for one in data["affected"]]


def schema(command: str) -> Any:
    return json.loads((files("dagster_lookml") / "schemas" / f"{command}.schema.json").read_text("utf-8"))


def refused(*arguments: str | Path, cwd: Path = ROOT) -> str:
    """What a run that could not be says about it, on stderr alone."""
    done = run(*arguments, cwd=cwd)
    assert done.returncode == 2, done.stdout
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


# -- forms -------------------------------------------------------------------------------------------------------------


def test_a_tree_and_how_far_it_goes(shop: Path) -> None:
    done = run("lineage", shop)
    tree, coverage = done.stdout.split("\n\n")

    assert (done.returncode, done.stderr) == (0, "")
    assert [re.sub(r"  +", "  ", line).rstrip() for line in tree.splitlines()] == [
        "dashboard:m/kpis  kpis.dashboard.lookml:1",
        "└─ explore:m/orders  kpis.dashboard.lookml:4",
        "  ├─ view:orders  (always joined)  m.model.lkml:4",
        "  │  └─ table:shop.orders  orders.view.lkml:2",
        "  └─ view:users  (joined on demand)  m.model.lkml:4",
        "  └─ table:shop.users  users.view.lkml:1",
        "view:late  late.view.lkml:1",
        "└─ view:orders  (source of the derived table)  …  late.view.lkml:2",
    ]
    assert "6 with SQL: 6 traced to their columns (0 of them inferred)" in coverage
    assert "100.0 %" in coverage


@pytest.mark.parametrize("form", [["--json"], ["--format", "json"], ["--json", "--format", "mermaid"]])
def test_json_is_all_there_is_on_stdout(shop: Path, form: list[str]) -> None:
    assert ids(run("lineage", shop, *form)) == TABLE_LEVEL


def test_columns(shop: Path) -> None:
    found = ids(run("lineage", shop, "--columns", "--json"))

    assert set(TABLE_LEVEL) < set(found)
    assert {"column:shop.orders.amount", "field:orders.total", "tile:m/kpis/by%20status"} <= set(found)


def test_mermaid_and_dot(shop: Path) -> None:
    mermaid, dot = run("lineage", shop, "--format", "mermaid"), run("lineage", shop, "--format", "dot")

    assert (mermaid.returncode, mermaid.stderr, dot.returncode, dot.stderr) == (0, "", 0, "")
    assert mermaid.stdout.splitlines()[0] == "flowchart LR"
    assert len(mermaid.stdout.splitlines()) == 1 + len(TABLE_LEVEL) + 6
    assert dot.stdout.splitlines()[0] == "digraph lineage {"
    assert dot.stdout.count(" -> ") == 6


def test_the_same_input_gives_the_same_bytes(shop: Path) -> None:
    """Whatever the order of hashes, the directory, and whether it was asked before."""
    first = run("lineage", shop, "--columns", "--json", "--no-cache", environment={"PYTHONHASHSEED": "1"})
    others = [
        run("lineage", shop, "--columns", "--json", "--no-cache", environment={"PYTHONHASHSEED": "2"}),
        run("lineage", "--columns", "--json", cwd=shop),
        run("lineage", "--columns", "--json", cwd=shop),
        run("lineage", "-C", shop.parent, shop.name, "--columns", "--json"),
        run("lineage", "-C", shop, ".", "--columns", "--json"),
    ]

    assert [one.stdout == first.stdout for one in others] == [True] * 5


def test_nothing_is_written_into_the_project(shop: Path) -> None:
    run("lineage", shop, "--columns")
    run("impact", shop, "table:shop.orders")

    assert {str(path.relative_to(shop)) for path in shop.rglob("*")} == set(SHOP)


# -- selectors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["+dashboard:m/kpis"], "dashboard:m/kpis explore:m/orders table:shop.orders table:shop.users view:orders view:users"),
        (["view:orders"], "dashboard:m/kpis explore:m/orders table:shop.orders view:late view:orders"),
        (["+view:orders"], "table:shop.orders view:orders"),
        (["view:orders+"], "dashboard:m/kpis explore:m/orders view:late view:orders"),
        (["view:orders+1"], "explore:m/orders view:late view:orders"),
        (["table:*+1"], "table:shop.orders table:shop.users view:orders view:users"),
        (["+view:late", "+view:users"], "table:shop.orders table:shop.users view:late view:orders view:users"),
        (["+dashboard:m/kpis,table:*"], "table:shop.orders table:shop.users"),
        (["path:late.view.lkml"], "view:late"),
        (["model:m,view:*"], "view:late view:orders view:users"),
        (["--exclude", "table:*", "--exclude", "dashboard:*"], "explore:m/orders view:late view:orders view:users"),
        (["view:orders", "--exclude", "view:late"], "dashboard:m/kpis explore:m/orders table:shop.orders view:orders"),
    ],
)
def test_what_selectors_leave(shop: Path, arguments: list[str], expected: str) -> None:
    assert ids(run("lineage", shop, *arguments, "--json")) == expected.split()


@pytest.mark.parametrize("selector", ["+field:orders.total", "+tile:m/kpis/by%20status", "column:shop.users.name+"])
def test_a_selector_of_a_part_shows_parts(shop: Path, selector: str) -> None:
    found = ids(run("lineage", shop, selector, "--json"))

    assert any(one.startswith("column:") for one in found)
    assert any(one.startswith("field:") for one in found)


def test_a_selector_needs_no_repository(shop: Path) -> None:
    assert ids(run("lineage", "+view:late", "--json", cwd=shop)) == ["table:shop.orders", "view:late", "view:orders"]
    assert "field:orders.status" in affected(run("impact", "column:orders.status", "--json", cwd=shop))


def test_the_coverage_is_of_the_whole_project(shop: Path) -> None:
    part = json.loads(run("lineage", shop, "view:late", "--json").stdout)
    whole = json.loads(run("lineage", shop, "--json").stdout)

    assert part["coverage"] == whole["coverage"]


@pytest.mark.parametrize("name", ["a+b", "sales:eu", "with space", "orders"])
def test_a_directory_of_any_name_is_the_repository(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, SHOP)

    assert ids(run("lineage", tmp_path / name, "--json")) == TABLE_LEVEL


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["view:order"], "did you mean view:orders"),
        (["viw:orders"], "did you mean view"),
        (["+dashboard:m/kpi"], "did you mean dashboard:m/kpis"),
        (["model:x"], "nothing has this model"),
        (["+"], "names nothing"),
        (["view:orders,"], "names nothing"),
        (["--exclude", "view:nothing"], "no such view"),
        (["state:modified"], "--base"),
        (["view:orders", "view:usres"], "did you mean view:users"),
        (["field:orders.totl"], "did you mean field:orders.total"),
    ],
)
def test_a_selector_that_names_nothing(shop: Path, arguments: list[str], message: str) -> None:
    assert message in refused("lineage", shop, *arguments)


def test_an_ambiguous_selector_lists_the_candidates() -> None:
    said = refused("lineage", STOREFRONT, "view:orders")

    assert "view:ecommerce/orders" in said
    assert "view:operations/orders" in said


# -- refs --------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_ref_is_read_instead_of_the_files(repository: Path) -> None:
    write(repository, {"orders.view.lkml": SHOP["orders.view.lkml"].replace("shop.orders", "shop.other")})

    assert "table:shop.other" in ids(run("lineage", repository, "--json"))
    assert ids(run("lineage", repository, "--json", "--ref", "main")) == TABLE_LEVEL
    assert "view:orders" in affected(run("impact", repository, "table:shop.orders", "--json", "--ref", "HEAD"))
    assert "no such table" in refused("impact", repository, "table:shop.orders")


@pytest.mark.slow
def test_what_was_modified_and_what_reads_it(repository: Path) -> None:
    write(repository, {"orders.view.lkml": SHOP["orders.view.lkml"].replace("${TABLE}.status", "LOWER(${TABLE}.status)")})

    assert ids(run("lineage", repository, "--base", "main", "--json", "state:modified")) == ["view:orders"]
    assert ids(run("lineage", repository, "--base", "main", "--json", "state:modified+")) == [
        "dashboard:m/kpis", "explore:m/orders", "view:late", "view:orders",
    ]  # fmt: skip
    assert ids(run("lineage", repository, "--base", "main", "--json", "--columns", "state:modified,field:*")) == [
        "field:orders.status"
    ]
    assert ids(run("lineage", repository, "--base", "main", "--json", "state:new")) == []


def test_what_is_new(repository: Path) -> None:
    write(repository, {"new.view.lkml": "view: new { sql_table_name: shop.new ;; dimension: id {} }\n"})

    assert ids(run("lineage", repository, "--base", "main", "--json", "+state:new")) == ["table:shop.new", "view:new"]
    assert ids(run("lineage", repository, "--base", "main", "--json", "state:changed")) == []


def test_two_refs_are_compared_whatever_lies_on_disk(repository: Path) -> None:
    git(repository, "branch", "before")
    write(
        repository, {"users.view.lkml": SHOP["users.view.lkml"].replace("dimension: name {}", "dimension: name { hidden: yes }")}
    )
    git(repository, "commit", "--quiet", "-am", "second")
    write(repository, {"late.view.lkml": ""})

    assert ids(run("lineage", repository, "--base", "before", "--ref", "main", "--json", "state:modified,view:*")) == [
        "view:users"
    ]
    assert ids(run("lineage", repository, "--base", "main", "--ref", "main", "--json", "state:modified")) == []


def test_files_that_moved_were_not_modified(repository: Path) -> None:
    git(repository, "mv", "orders.view.lkml", "sales.view.lkml")
    text = (repository / "sales.view.lkml").read_text()
    (repository / "sales.view.lkml").write_text("# moved\n\n" + text.replace("\n", "\r\n"))

    assert ids(run("lineage", repository, "--base", "main", "--json", "state:modified+")) == []


def test_an_unknown_ref(repository: Path) -> None:
    assert "no such branch, tag or commit" in refused("lineage", repository, "--ref", "mian")
    assert "did you mean main" in refused("lineage", repository, "--base", "mian", "state:modified")


def test_an_unknown_base_is_said_even_if_nothing_asks_for_it(repository: Path) -> None:
    assert "no such branch, tag or commit" in refused("lineage", repository, "--base", "mian")


def test_state_in_a_folder_without_git(shop: Path) -> None:
    assert "Traceback" not in refused("lineage", shop, "--base", "main", "state:modified")


# -- coverage ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_too_little_coverage_is_exit_code_1_with_the_answer(tmp_path: Path) -> None:
    """Of the two fields that read columns one cannot be traced."""
    write(
        tmp_path,
        {"m.model.lkml": 'connection: "c" view: v { sql_table_name: s.t ;; dimension: a {} dimension: b { sql: ${none.x} ;; } }'},
    )

    for form in ("tree", "json", "mermaid", "dot"):
        done = run("lineage", tmp_path, "--min-coverage", "50.1", "--format", form)
        assert done.returncode == 1
        assert done.stderr == "dagster-lookml: coverage of the whole project is 50.00 %, and 50.1 % were asked for\n"
        assert done.stdout == run("lineage", tmp_path, "--format", form).stdout
    assert run("lineage", tmp_path, "--min-coverage", "50").returncode == 0
    assert run("lineage", tmp_path, "--min-coverage", "0").returncode == 0


def test_enough_coverage(shop: Path) -> None:
    assert run("lineage", shop, "--min-coverage", "100").returncode == 0


@pytest.mark.parametrize("percent", ["101", "-1", "many"])
def test_a_coverage_that_is_no_percentage(shop: Path, percent: str) -> None:
    assert "--min-coverage" in refused("lineage", shop, "--min-coverage", percent)


def test_what_is_wrong_in_the_lookml_is_no_failure(tmp_path: Path) -> None:
    write(tmp_path, {"m.model.lkml": 'connection: "c" view: v { sql_table_name: ((( ;; dimension: a { sql: ${nope} ( ;; } '})

    assert run("lineage", tmp_path).returncode == 0
    assert run("lineage", tmp_path, "--json", "--columns").returncode == 0


# -- dbt ---------------------------------------------------------------------------------------------------------------


def manifest(name: str = "orders") -> dict[str, Any]:
    def model(name: str, *reads: str) -> dict[str, Any]:
        return {
            "name": name,
            "resource_type": "model",
            "database": "db",
            "schema": "shop",
            "alias": name,
            "config": {"enabled": True, "materialized": "table"},
            "depends_on": {"nodes": [f"model.shop.{one}" for one in reads]},
            "columns": {},
        }

    return {
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "adapter_type": "postgres"},
        "nodes": {f"model.shop.{name}": model(name, "raw"), "model.shop.raw": model("raw")},
        "sources": {},
    }


def catalog() -> dict[str, Any]:
    columns = {
        name: {"name": name, "index": at, "type": "text"} for at, name in enumerate(("user_id", "status", "amount", "extra"))
    }
    return {
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"},
        "nodes": {"model.shop.orders": {"metadata": {}, "columns": columns, "stats": {}}},
        "sources": {},
    }


@pytest.fixture
def dbt(tmp_path: Path) -> Path:
    write(tmp_path, {"manifest.json": json.dumps(manifest()), "catalog.json": json.dumps(catalog())})
    return tmp_path


def test_a_dbt_manifest_leads_on_behind_the_tables(shop: Path, dbt: Path) -> None:
    found = ids(run("lineage", shop, "--dbt-manifest", dbt / "manifest.json", "--json", "+view:late"))

    assert found == ["dbt:model.shop.orders", "dbt:model.shop.raw", "table:shop.orders", "view:late", "view:orders"]
    assert [one for one in ids(run("lineage", shop, "--json")) if one.startswith("dbt:")] == []


@pytest.mark.parametrize("node", ["model:shop.orders", "model.shop.orders", "dbt:model.shop.orders"])
def test_impact_of_a_dbt_node(shop: Path, dbt: Path, node: str) -> None:
    found = affected(run("impact", shop, "--dbt", node, "--dbt-manifest", dbt / "manifest.json", "--json"))

    assert {"table:shop.orders", "view:orders", "view:late", "field:orders.status", "dashboard:m/kpis"} <= set(found)
    assert "table:shop.users" not in found


def test_impact_of_a_dbt_node_as_a_selector(shop: Path, dbt: Path) -> None:
    found = affected(run("impact", shop, "dbt:model.shop.raw", "--dbt-manifest", dbt / "manifest.json", "--json"))

    assert {"dbt:model.shop.orders", "table:shop.orders", "view:orders"} <= set(found)


def test_a_catalog_tells_columns(tmp_path: Path, dbt: Path) -> None:
    """``*`` of a table whose columns nothing else names."""
    star = {
        "m.model.lkml": 'connection: "c"\nexplore: s {}\n'
        "view: s { derived_table: { sql: SELECT * FROM shop.orders JOIN shop.users ON orders.user_id = users.id ;; } dimension: extra {} }\n"  # noqa: E501
    }
    project = write(tmp_path / "project", star)
    options: list[str | Path] = ["--dbt-manifest", dbt / "manifest.json", "--dbt-catalog", dbt / "catalog.json"]

    assert "field:s.extra" in affected(run("impact", project, "column:shop.orders.extra", *options, "--json"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lineage", "--dbt-catalog", "catalog.json"], "--dbt-catalog needs --dbt-manifest"),
        (["impact", "table:shop.orders", "--dbt-catalog", "catalog.json"], "--dbt-catalog needs --dbt-manifest"),
        (["impact", "--dbt", "model:shop.orders"], "--dbt needs --dbt-manifest"),
        (["lineage", "--dbt-manifest", "none.json"], "none.json"),
        (["lineage", "--dbt-manifest", "catalog.json"], "not a dbt manifest"),
        (["lineage", "--dbt-manifest", "m.model.lkml"], "not JSON"),
        (["lineage", "--dbt-manifest", "manifest.json", "--dbt-catalog", "manifest.json"], "not a dbt catalog"),
        (["impact", "--dbt", "model:shop.order", "--dbt-manifest", "manifest.json"], "did you mean dbt:model.shop.orders"),
        (["impact", "dbt:model.shop.orders"], "no such dbt"),
    ],
)
def test_dbt_options_that_cannot_be(dbt: Path, arguments: list[str], message: str) -> None:
    write(dbt, SHOP)

    assert message in refused(*arguments, cwd=dbt)


def test_the_directory_to_start_in_holds_for_the_manifest_too(dbt: Path) -> None:
    write(dbt, SHOP)

    assert "dbt:model.shop.raw" in ids(run("lineage", "-C", dbt, "--dbt-manifest", "manifest.json", "--json"))


# -- impact ------------------------------------------------------------------------------------------------------------


def test_impact_for_people(shop: Path) -> None:
    done = run("impact", shop, "column:orders.status")
    lines = [re.sub(r"\s+", " ", line.strip()) for line in done.stdout.splitlines()]

    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0] == "A change of the column shop.orders.status is felt by 1 dashboard, 1 tile, 1 explore, 1 view and 1 field."
    at = lines.index('tile "by status"')
    assert lines[at + 1 : at + 4] == [
        "column shop.orders.status",
        "is read by field orders.status orders.view.lkml:4",
        "is shown in this tile kpis.dashboard.lookml:4",
    ]


@pytest.mark.parametrize("selector", ["column:orders.status", "column:shop.orders.status", "column:STATUS", "column:*.status"])
def test_impact_of_a_column_by_its_end(shop: Path, selector: str) -> None:
    assert affected(run("impact", shop, selector, "--json")) == [
        "dashboard:m/kpis", "explore:m/orders", "field:orders.status", "tile:m/kpis/by%20status",
    ]  # fmt: skip


def test_impact_of_several(shop: Path) -> None:
    found = json.loads(run("impact", shop, "column:orders.status", "field:users.name", "--json").stdout)

    assert found["source"] == ["column:shop.orders.status", "field:users.name"]


def test_impact_of_what_nothing_reads(shop: Path) -> None:
    done = run("impact", shop, "dashboard:m/kpis")

    assert (done.returncode, done.stdout) == (0, "Nothing in this project reads the dashboard m/kpis.\n")
    assert affected(run("impact", shop, "dashboard:m/kpis", "--json")) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["column:orders.statsu"], "did you mean column:shop.orders.status"),
        (["table:shop.ordres"], "did you mean table:shop.orders"),
        (["view:nothing_like_it"], "no such view"),
        ([], "say what changes"),
        (["colum:orders.status"], "did you mean column"),
        (["column:user_id+,"], "names nothing"),
    ],
)
def test_impact_of_what_is_not_there(shop: Path, arguments: list[str], message: str) -> None:
    assert message in refused("impact", shop, *arguments)


@pytest.mark.slow
def test_impact_of_what_differs_from_a_ref(repository: Path) -> None:
    assert "add --base REF" in refused("impact", repository, "state:modified")
    assert affected(run("impact", repository, "--base", "main", "state:modified", "--json")) == []
    (repository / "new.view.lkml").write_text("view: new { extends: [orders] }")

    assert "view:new" in json.loads(run("impact", repository, "--base", "main", "state:modified", "--json").stdout)["source"]


def test_impact_without_a_selector_is_that_of_what_differs(repository: Path) -> None:
    assert run("impact", repository, "--base", "main").stdout == "Nothing in the LookML differs from main.\n"
    write(repository, {"orders.view.lkml": SHOP["orders.view.lkml"].replace("${TABLE}.status", "LOWER(${TABLE}.status)")})
    found = json.loads(run("impact", repository, "--base", "main", "--json").stdout)

    assert found["source"] == ["field:orders.status"]  # and not the view with all its other fields
    assert {one["id"] for one in found["affected"]} == {"dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/by%20status"}
    assert found["removed"] is None


def test_impact_of_a_view_that_is_otherwise_itself(repository: Path) -> None:
    write(repository, {"orders.view.lkml": SHOP["orders.view.lkml"].replace("shop.orders", "shop.other")})
    found = json.loads(run("impact", repository, "--base", "main", "--json").stdout)

    assert "view:orders" in found["source"]
    assert "view:late" in {one["id"] for one in found["affected"]}


def test_impact_of_what_is_gone_is_that_at_the_base(repository: Path) -> None:
    (repository / "late.view.lkml").unlink()
    without = SHOP["orders.view.lkml"].replace("  dimension: status { sql: ${TABLE}.status ;; }\n", "")
    write(repository, {"orders.view.lkml": without})
    removed = json.loads(run("impact", repository, "--base", "main", "--json").stdout)["removed"]
    text = run("impact", repository, "--base", "main").stdout

    assert removed["source"] == ["field:orders.status", "view:late"]
    assert "tile:m/kpis/by%20status" in {one["id"] for one in removed["affected"]}
    assert "At main, what is gone now, the field orders.status, the view late is felt by 1 dashboard" in text


@pytest.mark.parametrize("selector", ["table:shop.orders+", "table:shop.orders+3"])
def test_impact_goes_to_all_readers_anyway(shop: Path, selector: str) -> None:
    assert affected(run("impact", shop, selector, "--json")) == affected(run("impact", shop, "table:shop.orders", "--json")) != []


@pytest.mark.parametrize("selector", ["tile:m/kpis/by status", "tile:m/kpis/by%20status", "tile:by status"])
def test_names_with_spaces(shop: Path, selector: str) -> None:
    assert json.loads(run("impact", shop, selector, "--json").stdout)["source"] == ["tile:m/kpis/by%20status"]


def test_the_demo_project_is_felt_through() -> None:
    found = affected(run("impact", STOREFRONT, "table:shop.order_items", "--json"))

    assert {"view:order_items", "dashboard:ecommerce/executive_summary"} & set(found)


# -- what cannot be run ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["lineage"], ["impact", "view:x"]])
def test_a_folder_without_lookml(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "README.md").write_text("nothing")

    assert "no LookML found" in refused(*command, cwd=tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lineage", "no/such/place"], "no/such/place"),
        (["impact", "no/such/place", "view:x"], "no/such/place"),
        (["lineage", "README.md"], "README.md"),
        (["lineage", ""], "empty path"),
        (["lineage", "--format", "xml"], "'xml' is not one of"),
        (["lineage", "--nonsense"], "No such option"),
        (["lineage", "--config", "none.toml"], "none.toml"),
        (["impact", "--format", "mermaid", "view:x"], "'mermaid' is not one of"),
        (["linage"], "did you mean lineage?"),
    ],
)
def test_what_could_not_run_says_why(arguments: list[str], message: str) -> None:
    assert message in refused(*arguments)


@pytest.mark.parametrize("command", ["lineage", "impact"])
def test_help_has_examples(command: str) -> None:
    done = run(command, "--help")

    assert done.returncode == 0
    assert "SELECTOR" in done.stdout
    assert {"lineage": "+dashboard:sales/kpis", "impact": "column:orders.status"}[command] in done.stdout
    assert {"lineage": "--min-coverage", "impact": "--dbt"}[command] in done.stdout


def test_the_help_of_everything_has_an_example_of_both() -> None:
    done = run("--help")

    assert "dagster-lookml lineage path/to/lookml +dashboard:sales/kpis" in done.stdout
    assert "dagster-lookml impact path/to/lookml column:orders.status" in done.stdout


def test_whoever_stops_reading_gets_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "dagster_lookml", "lineage", str(STOREFRONT), "--columns", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        complaint = process.stderr.read().decode()

    assert "Traceback" not in complaint


# -- what only refinements of are here ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that refines what it imports, without what it imports."""
    return write(tmp_path_factory.mktemp("spoke"), SPOKE)


@pytest.mark.parametrize("selector", ["field:+orders.double", "field:orders.double", "field:m/orders.double"])
def test_impact_of_a_field_that_only_a_refinement_declares(spoke: Path, selector: str) -> None:
    found = affected(run("impact", spoke, selector, "--json"), only_refined("view orders", "orders.view.lkml:1"))

    assert found == ["dashboard:m/kpis", "explore:m/orders", "explore:m/shipments", "tile:m/kpis/double"]


@pytest.mark.parametrize("selector", ["explore:m/+sales", "explore:m/sales", "explore:sales"])
def test_impact_of_an_explore_that_is_only_refined(spoke: Path, selector: str) -> None:
    found = affected(run("impact", spoke, selector, "--json"), only_refined("explore sales", "m.model.lkml:6"))

    assert found == ["dashboard:m/kpis", "tile:m/kpis/cities", "tile:m/kpis/sales"]


def only_refined(name: str, place: str) -> str:
    """What is told beside the answer."""
    return (
        f"dagster-lookml: only refinements of the {name} are here ({place}); its base is in the project hub, which is not here\n"
    )


def test_impact_of_a_table_goes_on_through_a_join_that_only_a_refinement_makes(spoke: Path) -> None:
    assert "tile:m/kpis/cities" in affected(run("impact", spoke, "column:users.city", "--json"))


def test_impact_of_what_a_branch_changes_in_refinements(tmp_path: Path) -> None:
    root = started(tmp_path / "spoke", SPOKE)
    replaced(root, "orders.view.lkml", "${total} * 2", "${total} * 3")

    said = only_refined("view orders", "orders.view.lkml:1")
    assert "tile:m/kpis/double" in affected(run("impact", root, "--base", "main", "--json"), said)
    replaced(root, "orders.view.lkml", "measure: double", "measure: twice")
    assert "+orders.double" in run("impact", root, "--base", "main").stdout


def test_a_lineage_is_without_what_only_refinements_are_of(spoke: Path) -> None:
    nodes = [one["id"] for one in json.loads(run("lineage", spoke, "--columns", "--json").stdout)["nodes"]]

    assert not [one for one in nodes if "+" in one]
    assert "no such field" in refused("lineage", spoke, "field:orders.double")
