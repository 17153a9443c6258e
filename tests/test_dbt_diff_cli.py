"""`diff` of dbt's manifests: what it is told by, what it says, alone and beside a git ref; and of what the real dbt writes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.dbt_files import catalog, dbt, dbt_project, manifest, node
from tests.repositories import replaced, started, write

Done = subprocess.CompletedProcess[str]
ORDERS = "model.shop.orders"
SHOP = {
    "m.model.lkml": 'connection: "c"\ninclude: "*.view"\ninclude: "*.dashboard"\nexplore: orders {}\n',
    "orders.view.lkml": """view: orders {
  sql_table_name: mart.orders ;;
  dimension: id {}
  measure: total { type: sum sql: ${TABLE}.amount ;; }
}
""",
    "kpis.dashboard.lookml": """- dashboard: kpis
  elements:
  - name: total
    explore: orders
    fields: [orders.total]
""",
}


def diff(root: Path, *arguments: str | Path) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "dagster_lookml", "diff", "-C", str(root), "lookml", *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def answer(root: Path, *arguments: str | Path) -> Any:
    done = diff(root, "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    schema = json.loads((files("dagster_lookml") / "schemas" / "diff.schema.json").read_text("utf-8"))
    jsonschema.validate(found, schema, jsonschema.Draft202012Validator)
    return found


def changes(root: Path, *arguments: str | Path) -> list[str]:
    return [f"{one['verdict']}: {one['id']} {one['change']}" for one in answer(root, *arguments)["changes"]]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder that is no git repository, with LookML, and what dbt wrote: the model was removed."""
    write(tmp_path / "lookml", SHOP)
    manifest(tmp_path / "old.json", node(ORDERS))
    manifest(tmp_path / "new.json")
    return tmp_path


def test_what_dbt_makes_no_more_is_told_with_the_way_to_who_feels_it(shop: Path) -> None:
    done = diff(shop, "--dbt-base", "old.json", "--dbt-head", "new.json")

    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == """\
1 change (1 breaking) between old.json and new.json

BREAKING
  dbt model.shop.orders removed
    dbt makes db.mart.orders no more, and whatever reads it breaks
    felt by 1 dashboard, 1 tile and 1 explore
      table mart.orders
        is read by view orders         orders.view.lkml:2
        which has field orders.total   orders.view.lkml:4
        is shown in tile m/kpis/total  kpis.dashboard.lookml:5
"""
    )


def test_without_a_ref_git_is_not_needed_and_the_answer_names_the_manifests(shop: Path) -> None:
    found = answer(shop, "--dbt-base", "old.json", "--dbt-head", "new.json")

    assert {key: found[key] for key in ("base", "base_commit", "head", "dbt_base", "dbt_head", "verdict")} == {
        "base": None,
        "base_commit": None,
        "head": None,
        "dbt_base": "old.json",
        "dbt_head": "new.json",
        "verdict": "breaking",
    }


def test_manifests_alike_differ_in_nothing(shop: Path) -> None:
    done = diff(shop, "--dbt-base", "old.json", "--dbt-head", "old.json", "--fail-on", "breaking")

    assert (done.returncode, done.stdout) == (0, "nothing in the dbt project differs between old.json and old.json\n")


def test_it_fails_where_something_breaks_and_that_was_asked_for(shop: Path) -> None:
    assert diff(shop, "--dbt-base", "old.json", "--dbt-head", "new.json", "--fail-on", "breaking").returncode == 1
    assert diff(shop, "--dbt-base", "new.json", "--dbt-head", "old.json", "--fail-on", "breaking").returncode == 0


def test_a_table_that_moved_is_told_by_both_of_its_names(shop: Path) -> None:
    manifest(shop / "new.json", node(ORDERS, "core"))
    done = diff(shop, "--dbt-base", "old.json", "--dbt-head", "new.json")

    assert "  dbt model.shop.orders renamed from db.mart.orders to db.core.orders\n" in done.stdout


def test_where_everything_moved_it_asks_for_the_target(shop: Path) -> None:
    manifest(shop / "old.json", node(ORDERS), node("seed.shop.codes"), node("source.shop.raw.events", "raw"))
    moved = (node(ORDERS, "pr_7"), node("source.shop.raw.events", "raw"))
    manifest(shop / "new.json", *moved, node("seed.shop.codes", "pr_7"))
    manifest(shop / "partly.json", *moved, node("seed.shop.codes"))
    asked = diff(shop, "--dbt-base", "old.json", "--dbt-head", "new.json").stderr

    assert (
        asked
        == "dagster-lookml: everything that dbt makes is elsewhere now; are both manifests of the same target (dbt --target)?\n"
    )
    assert diff(shop, "--dbt-base", "old.json", "--dbt-head", "partly.json").stderr == ""


def test_changes_of_the_lookml_and_of_dbt_are_one_answer(tmp_path: Path) -> None:
    root = started(tmp_path / "lookml", SHOP)
    manifest(tmp_path / "old.json", node(ORDERS))
    manifest(tmp_path / "new.json")
    replaced(root, "orders.view.lkml", "type: sum", "type: max")
    found = answer(tmp_path, "--base", "main", "--dbt-base", "old.json", "--dbt-head", "new.json")
    text = diff(tmp_path, "--base", "main", "--dbt-base", "old.json", "--dbt-head", "new.json").stdout

    assert [one["id"] for one in found["changes"]] == ["dbt:model.shop.orders", "field:orders.total"]
    assert (found["base"], found["dbt_base"]) == ("main", "old.json")
    assert text.startswith(
        "2 changes (1 breaking, 1 numbers may change) between main and the files here and between old.json and new.json\n"
    )


def test_the_ways_are_those_of_the_lookml_at_the_head(tmp_path: Path) -> None:
    root = started(tmp_path / "lookml", SHOP)
    manifest(tmp_path / "old.json", node(ORDERS))
    manifest(tmp_path / "new.json")
    replaced(root, "orders.view.lkml", "mart.orders", "mart.sales")
    files_of_dbt = ("--dbt-base", "old.json", "--dbt-head", "new.json")

    assert changes(tmp_path, *files_of_dbt) == ["metadata only: dbt:model.shop.orders removed"]
    assert changes(tmp_path, *files_of_dbt, "--head", "main") == ["breaking: dbt:model.shop.orders removed"]


@pytest.mark.slow
def test_catalogs_make_sure_what_documentation_does_not(shop: Path) -> None:
    manifest(shop / "old.json", node(ORDERS, columns={"id": "", "amount": ""}))
    manifest(shop / "new.json", node(ORDERS, columns={"id": ""}))
    manifests = ("--dbt-base", "old.json", "--dbt-head", "new.json")
    catalog(shop / "old-catalog.json", {ORDERS: {"ID": "INT", "AMOUNT": "INT"}})
    catalog(shop / "new-catalog.json", {ORDERS: {"ID": "INT"}})
    catalogs = ("--dbt-base-catalog", "old-catalog.json", "--dbt-head-catalog", "new-catalog.json")

    assert changes(shop, *manifests) == ["unknown: column:mart.orders.amount removed"]
    assert changes(shop, *manifests, *catalogs) == ["breaking: column:mart.orders.amount removed"]
    catalog(shop / "new-catalog.json", {ORDERS: {"ID": "INT", "AMOUNT": "TEXT"}})
    assert changes(shop, *manifests, *catalogs) == ["numbers may change: column:mart.orders.amount changed"]


def test_markdown_names_what_was_compared_and_the_command_that_does_it_again(shop: Path) -> None:
    done = diff(shop, "--dbt-base", "old.json", "--dbt-head", "new.json", "--format", "markdown")

    assert "<code>new.json</code> compared with <code>old.json</code>" in done.stdout
    assert "dbt model.shop.orders" in done.stdout
    github = diff(shop, "--dbt-base", "old.json", "--dbt-head", "new.json", "--format", "github").stdout
    assert github.startswith("::error title=this breaks something::dbt model.shop.orders removed")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say what to compare with: --base REF, or --dbt-base and --dbt-head"),
        (("--dbt-base", "old.json"), "--dbt-base needs --dbt-head FILE"),
        (("--dbt-head", "old.json"), "--dbt-head needs --dbt-base FILE"),
        (("--dbt-base", "old.json", "--dbt-head", "new.json", "--dbt-base-catalog", "c"), "needs --dbt-head-catalog FILE"),
        (("--dbt-base", "old.json", "--dbt-head", "new.json", "--dbt-head-catalog", "c"), "needs --dbt-base-catalog FILE"),
        (("--base", "main", "--dbt-base-catalog", "c", "--dbt-head-catalog", "c"), "need --dbt-base FILE and --dbt-head FILE"),
        (("--exact", "--dbt-base", "old.json", "--dbt-head", "new.json"), "--exact needs --base REF"),
        (("--dbt-base", "none.json", "--dbt-head", "new.json"), "none.json: No such file or directory; run `dbt parse`"),
        (("--dbt-base", "old.json", "--dbt-head", "lookml/m.model.lkml"), "m.model.lkml: not JSON"),
        (("--dbt-base", "old.json", "--dbt-head", "catalog.json"), "catalog.json: a dbt catalog file, not a dbt manifest"),
        (
            ("--dbt-base", "old.json", "--dbt-head", "new.json", "--dbt-base-catalog", "old.json", "--dbt-head-catalog", "x"),
            "old.json: a dbt manifest file, not a dbt catalog; run `dbt docs generate`",
        ),
    ],
)
def test_what_cannot_be_compared_is_said(shop: Path, arguments: tuple[str, ...], message: str) -> None:
    catalog(shop / "catalog.json", {})
    done = diff(shop, *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


# -- the real dbt ------------------------------------------------------------------------------------------------------

BEFORE = {
    "seeds/raw_orders.csv": "id,amount,note\n1,10,a\n2,20,b\n",
    "models/orders.sql": "select id, amount, note, 1 as extra from {{ ref('raw_orders') }}",
    "models/customers.sql": "select 1 as id, 'x' as name",
    "models/countries.sql": "{{ config(schema='geo') }} select 'de' as code",
    "models/spare.sql": "select 1 as id",
}
AFTER = {
    "models/orders.sql": "select id, cast(amount as varchar) as amount, note as notes from {{ ref('raw_orders') }}",
    "models/clients.sql": BEFORE["models/customers.sql"],
    "models/countries.sql": "{{ config(schema='core') }} select 'de' as code",
}
READING = {
    "m.model.lkml": 'connection: "c"\ninclude: "*.view"\nexplore: orders {}\nexplore: customers {}\nexplore: countries {}\n',
    "orders.view.lkml": """view: orders {
  sql_table_name: prod.orders ;;
  dimension: note {}
  measure: total { type: sum sql: ${TABLE}.amount ;; }
}
""",
    "customers.view.lkml": "view: customers { sql_table_name: prod.customers ;; dimension: name {} }\n",
    "countries.view.lkml": "view: countries { sql_table_name: prod_geo.countries ;; dimension: code {} }\n",
}


def built(root: Path, name: str) -> None:
    """Build a project, and keep what dbt says of it under a name."""
    dbt(root, "build")
    dbt(root, "docs", "generate")
    for kind in ("manifest", "catalog"):
        shutil.copy(root / "target" / f"{kind}.json", root.parent / f"{name}-{kind}.json")


@pytest.mark.slow
def test_what_the_real_dbt_builds_otherwise(tmp_path: Path) -> None:
    write(tmp_path / "lookml", READING)
    root = dbt_project(tmp_path / "dbt", BEFORE)
    built(root, "old")
    for gone in ("customers", "spare"):
        (root / "models" / f"{gone}.sql").unlink()
    (root / "warehouse.duckdb").unlink()
    write(root, AFTER)
    built(root, "new")
    manifests = ("--dbt-base", "old-manifest.json", "--dbt-head", "new-manifest.json")
    catalogs = ("--dbt-base-catalog", "old-catalog.json", "--dbt-head-catalog", "new-catalog.json")

    relations = [
        "breaking: dbt:model.shop.clients renamed",
        "breaking: dbt:model.shop.countries renamed",
        "metadata only: dbt:model.shop.spare removed",
    ]
    assert changes(tmp_path, *manifests) == relations
    assert changes(tmp_path, *manifests, *catalogs) == [
        "numbers may change: column:prod.orders.amount changed",
        "metadata only: column:prod.orders.extra removed",
        "breaking: column:prod.orders.notes renamed",
        *relations,
    ]
