"""`exposures`: which there are, what they depend on, who owns them; the file and its check; and what the real dbt makes of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dbt.jsonschemas
import jsonschema
import pytest
import yaml

from tests.dbt_files import dbt as run_dbt
from tests.dbt_files import dbt_project, manifest, node
from tests.repositories import replaced, started, write

Done = subprocess.CompletedProcess[str]
MODEL = 'connection: "c"\ninclude: "*.view"\ninclude: "*.dashboard"\n'
SHOP = {
    "sales.model.lkml": MODEL
    + """
explore: orders {
  label: "Orders of {{ _user_attributes['shop'] }}"
  description: "All orders.
Since {% parameter since %}."
  join: customers { sql_on: ${customers.id} = ${orders.id} ;; }
}
explore: daily {}
explore: elsewhere {}
explore: template { extension: required view_name: orders }
""",
    "orders.view.lkml": "view: orders { sql_table_name: mart.orders ;; dimension: id {} }\n",
    "customers.view.lkml": "view: customers { sql_table_name: MART.Customers ;; dimension: id {} }\n",
    "daily.view.lkml": """
view: daily {
  derived_table: {
    sql: select * from ${orders.SQL_TABLE_NAME} join raw.events using (id) ;;
    sql_trigger_value: select max(id) from mart.triggers ;;
  }
  dimension: id {}
}
""",
    "elsewhere.view.lkml": "view: elsewhere { extends: [orders] sql_table_name: other.things ;; }\n",
    "kpis.dashboard.lookml": """- dashboard: net kpis
  title: Net KPIs
  description: What we earn.
  elements:
  - name: orders
    explore: orders
    fields: [orders.id]
  - name: daily
    explore: daily
    fields: [daily.id]
- dashboard: text
  elements:
  - name: hello
    type: text
""",
}
FILTER = "  filters:\n  - name: who\n    type: field_filter\n    explore: orders\n    field: customers.id\n"
NODES = (
    node("model.shop.orders"),
    node("model.crm.customers"),
    node("source.shop.app.events", "raw"),
    node("seed.shop.triggers"),
    node("model.shop.stage", "stage"),
)
EVERYTHING = ["ref('crm', 'customers')", "ref('orders')", "source('app', 'events')"]
KPIS = ["ref('orders')", "source('app', 'events')"]
"""What the tiles of the dashboard need: none of them has a field of customers, so Looker does not join them."""


def run(root: Path, *arguments: str | Path) -> Done:
    """Ask about the repository ``lookml`` in a folder, with the manifest beside it."""
    command = [sys.executable, "-m", "dagster_lookml", "exposures", "-C", str(root), "lookml", "--dbt-manifest", "manifest.json"]
    return subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)


def exposed(done: Done) -> dict[str, dict[str, Any]]:
    """The exposures on stdout, by the id that their LookML has."""
    assert done.returncode == 0, done.stderr
    content = yaml.safe_load(done.stdout)
    assert list(content) == ["version", "exposures"]
    assert content["version"] == 2
    return {one["config"]["meta"]["lookml"]["id"]: one for one in content["exposures"]}


def depends_on(done: Done) -> dict[str, list[str]]:
    return {identity: one["depends_on"] for identity, one in exposed(done).items()}


def written(
    root: Path, more: Mapping[str, str] | None = None, *nodes: tuple[str, dict[str, Any]], project: str | None = "shop"
) -> Path:
    write(root / "lookml", {**SHOP, **(more or {})})
    manifest(root / "manifest.json", *(nodes or NODES), project=project)
    return root


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return written(tmp_path)


def test_dashboards_and_explores_depend_on_what_they_read_of_dbt(shop: Path) -> None:
    done = run(shop, "--owner", "BI")

    assert depends_on(done) == {
        "dashboard:sales/net%20kpis": KPIS,
        "explore:sales/daily": ["ref('orders')", "source('app', 'events')"],
        "explore:sales/orders": ["ref('crm', 'customers')", "ref('orders')"],
    }
    assert (
        done.stderr
        == "dagster-lookml: left out where no table of dbt is behind: 2 (dashboard:sales/text, explore:sales/elsewhere)\n"
    )


@pytest.mark.rule("R6.11")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fields: [orders.id]", "fields: [customers.id]"),
        ("fields: [orders.id]", 'fields: [orders.id]\n    filters: {customers.id: "1"}'),
        ("fields: [orders.id]", "fields: [orders.id]\n    sorts: [customers.id desc]"),
        ("  elements:\n  - name: orders", FILTER + "  elements:\n  - name: orders"),
        ("join: customers {", 'always_filter: { filters: [customers.id: "1"] } join: customers {'),
        ("join: customers {", "sql_always_where: ${customers.id} > 1 ;; join: customers {"),
        ("join: customers {", "always_join: [customers] join: customers {"),
    ],
)
def test_a_dashboard_depends_on_the_joins_that_its_queries_need(tmp_path: Path, old: str, new: str) -> None:
    shop = written(tmp_path, {name: text.replace(old, new, 1) for name, text in SHOP.items()})

    assert depends_on(run(shop, "--owner", "BI"))["dashboard:sales/net%20kpis"] == EVERYTHING


def test_an_exposure_says_what_people_see_of_it(shop: Path) -> None:
    found = exposed(run(shop, "--owner", "BI", "--owner-email", "bi@example.com", "--base-url", "https://looker.example.com/"))

    assert found["dashboard:sales/net%20kpis"] == {
        "name": "dashboard_sales_net_kpis_2df951",
        "label": "Net KPIs",
        "type": "dashboard",
        "url": "https://looker.example.com/dashboards/sales::net%20kpis",
        "description": "What we earn.",
        "owner": {"name": "BI", "email": "bi@example.com"},
        "depends_on": KPIS,
        "config": {"meta": {"lookml": {"id": "dashboard:sales/net%20kpis", "file": "kpis.dashboard.lookml"}}},
    }
    explore = found["explore:sales/daily"]
    assert (explore["name"], explore["label"], explore["type"]) == ("explore_sales_daily", "Daily", "analysis")
    assert explore["url"] == "https://looker.example.com/explore/sales/daily"
    assert "description" not in explore


def test_without_a_base_url_there_are_no_urls(shop: Path) -> None:
    assert all("url" not in one for one in exposed(run(shop, "--owner", "BI")).values())


@pytest.mark.slow
def test_the_answer_is_the_same_bytes_wherever_and_however_often(shop: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other", None, *reversed(NODES))
    first, again, there = (run(root, "--owner", "BI", "--no-cache").stdout for root in (shop, shop, other))

    assert first == again == there
    assert first.startswith("# `dagster-lookml exposures` wrote this file")
    assert [one["name"] for one in yaml.safe_load(first)["exposures"]] == [
        "dashboard_sales_net_kpis_2df951", "explore_sales_daily", "explore_sales_orders",
    ]  # fmt: skip


def test_names_that_would_be_alike_are_told_apart(tmp_path: Path) -> None:
    read = "view_name: orders"
    more = {
        "a.model.lkml": f"{MODEL}explore: b_c {{ {read} }}\nexplore: Same {{ {read} }}\nexplore: same {{ {read} }}\n",
        "a_b.model.lkml": f"{MODEL}explore: c {{ {read} }}\nexplore: d {{ {read} }}\n",
        "a-b.model.lkml": f"{MODEL}explore: d {{ {read} }}\n",
    }
    found = exposed(run(written(tmp_path, more), "--owner", "BI", "--prefix", "looker_"))
    names = {identity: one["name"] for identity, one in found.items()}

    assert len({name.lower() for name in names.values()}) == len(names)
    assert names["explore:a_b/d"] == "looker_explore_a_b_d"
    for identity in ("explore:a/b_c", "explore:a_b/c", "explore:a/Same", "explore:a/same", "explore:a-b/d"):
        assert names[identity].startswith("looker_explore_a_")
        assert len(names[identity].rpartition("_")[2]) == 6


@pytest.mark.parametrize(
    ("entry", "reference"),
    [
        (node("model.shop.orders.v2", name="orders", version=2, alias="orders"), "ref('orders', v=2)"),
        (node("model.shop.orders.vbeta", name="orders", version="beta", alias="orders"), "ref('orders', v='beta')"),
        (node("snapshot.shop.kept", alias="orders"), "ref('kept')"),
        (node("seed.other.kept", alias="orders"), "ref('other', 'kept')"),
        (node("source.other.app.kept", identifier="orders", alias=None), "source('app', 'kept')"),
    ],
)
def test_each_kind_of_node_is_named_as_dbt_finds_it(tmp_path: Path, entry: tuple[str, dict[str, Any]], reference: str) -> None:
    root = written(tmp_path, None, entry)

    assert depends_on(run(root, "--owner", "BI"))["explore:sales/orders"] == [reference]


def test_where_the_manifest_does_not_say_whose_it_is_each_package_is_named(tmp_path: Path) -> None:
    found = depends_on(run(written(tmp_path, None, *NODES, project=None), "--owner", "BI"))

    assert found["explore:sales/orders"] == ["ref('crm', 'customers')", "ref('shop', 'orders')"]


def test_a_project_that_reads_nothing_of_dbt_has_no_exposures(tmp_path: Path) -> None:
    done = run(written(tmp_path, None, node("model.shop.other")))

    assert exposed(done) == {}
    assert "left out where no table of dbt is behind: 5 (" in done.stderr


# -- owners ------------------------------------------------------------------------------------------------------------


def test_without_an_owner_it_says_how_to_name_one(shop: Path) -> None:
    done = run(shop)

    assert (done.returncode, done.stdout) == (2, "")
    for words in ("dbt requires an owner", "explore:sales/daily", "--owner NAME", "--owner-email ADDRESS", "CODEOWNERS"):
        assert words in done.stderr


@pytest.mark.slow
def test_owners_are_those_of_the_file_and_else_whom_the_options_name(shop: Path) -> None:
    owners = "*.dashboard.lookml @acme/bi @anna cfo@example.com\n*.model.lkml eve@example.com\n"
    write(shop / "lookml", {"CODEOWNERS": owners})
    found = {identity: one["owner"] for identity, one in exposed(run(shop)).items()}

    assert found["dashboard:sales/net%20kpis"] == {"name": "@acme/bi, @anna", "email": "cfo@example.com"}
    assert found["explore:sales/orders"] == {"email": "eve@example.com"}
    write(shop / "lookml", {"CODEOWNERS": "*.dashboard.lookml @acme/bi\n"})
    assert run(shop).returncode == 2
    partly = {identity: one["owner"] for identity, one in exposed(run(shop, "--owner", "Data")).items()}
    assert partly["dashboard:sales/net%20kpis"] == {"name": "@acme/bi"}
    assert partly["explore:sales/orders"] == {"name": "Data"}


def test_at_a_ref_the_owners_are_those_of_the_ref(tmp_path: Path) -> None:
    started(tmp_path / "lookml", {**SHOP, "CODEOWNERS": "* @then\n"})
    manifest(tmp_path / "manifest.json", *NODES)
    write(tmp_path / "lookml", {"CODEOWNERS": "* @now\n"})

    assert exposed(run(tmp_path, "--ref", "main"))["explore:sales/daily"]["owner"] == {"name": "@then"}
    assert exposed(run(tmp_path))["explore:sales/daily"]["owner"] == {"name": "@now"}


# -- selection ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selectors", "chosen"),
    [
        (["dashboard:*"], ["dashboard:sales/net%20kpis"]),
        (["explore:*"], ["explore:sales/daily", "explore:sales/orders"]),
        (["view:daily+"], ["dashboard:sales/net%20kpis", "explore:sales/daily"]),
        (["explore:sales/orders", "explore:sales/daily"], ["explore:sales/daily", "explore:sales/orders"]),
        (["field:customers.id+,explore:*"], ["explore:sales/orders"]),
    ],
)
def test_selectors_choose(shop: Path, selectors: list[str], chosen: list[str]) -> None:
    arguments = [word for one in selectors for word in ("--select", one)]

    assert list(exposed(run(shop, "--owner", "BI", *arguments))) == chosen


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "view:daily"], "it names no dashboard and no explore; a + behind a name adds what reads it"),
        (["--select", "explore:sales/order"], "did you mean explore:sales/orders?"),
        (["--select", "state:modified"], "state: compares with another ref"),
        (["--check"], "--check needs --output FILE"),
        (["--prefix", "a-b"], "names of exposures are of letters, digits and underscores"),
        (["--output", "none/exposures.yml"], "none/exposures.yml: No such file or directory"),
        (["--base-url", "javascript:x"], "a URL that begins with https:// or http://"),
        (["--output", "/dev/zero", "--check"], "not a regular file"),
        (["--dbt-manifest", "none.json"], "none.json: No such file or directory; run `dbt parse`"),
    ],
)
def test_what_cannot_be_done_is_said(shop: Path, arguments: list[str], message: str) -> None:
    done = run(shop, "--owner", "BI", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


# -- the file ----------------------------------------------------------------------------------------------------------


def test_the_file_is_what_would_be_printed(shop: Path) -> None:
    printed = run(shop, "--owner", "BI").stdout
    done = run(shop, "--owner", "BI", "--output", "exposures.yml")

    assert (done.returncode, done.stdout) == (0, "")
    assert (shop / "exposures.yml").read_bytes() == printed.encode()


def test_a_file_that_is_up_to_date_passes_the_check(shop: Path) -> None:
    run(shop, "--owner", "BI", "--output", "exposures.yml")
    before = (shop / "exposures.yml").stat().st_mtime_ns
    done = run(shop, "--owner", "BI", "--output", "exposures.yml", "--check")

    assert (done.returncode, done.stdout) == (0, "exposures.yml is up to date: 3 exposures\n")
    assert (shop / "exposures.yml").stat().st_mtime_ns == before


def test_the_check_says_what_is_new_gone_and_otherwise(shop: Path) -> None:
    run(shop, "--owner", "BI", "--output", "exposures.yml")
    replaced(shop / "lookml", "sales.model.lkml", "explore: daily {}", 'explore: hourly { view_name: daily label: "H" }')
    replaced(shop / "lookml", "kpis.dashboard.lookml", "explore: daily", "explore: hourly")
    replaced(shop / "lookml", "kpis.dashboard.lookml", "title: Net KPIs", "title: KPIs")
    before = (shop / "exposures.yml").read_bytes()
    done = run(shop, "--owner", "BI", "--output", "exposures.yml", "--check")

    assert done.returncode == 1
    assert (
        done.stdout
        == """\
exposures.yml is not what would be written:
  ~ dashboard_sales_net_kpis_2df951: label
  - explore_sales_daily
  + explore_sales_hourly
"""
    )
    assert (shop / "exposures.yml").read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("there", [None, "", "exposures: [\n", "[" * 100_000, "- a\n", "exposures: {a: b}\n", "\ufffe"])
def test_a_file_that_is_not_there_or_is_something_else_is_all_new(shop: Path, there: str | None) -> None:
    if there is not None:
        (shop / "exposures.yml").write_text(there, "utf-8")
    done = run(shop, "--owner", "BI", "--output", "exposures.yml", "--check")

    assert done.returncode == 1
    assert done.stdout.splitlines()[1:] == [
        "  + dashboard_sales_net_kpis_2df951", "  + explore_sales_daily", "  + explore_sales_orders",
    ]  # fmt: skip


def test_where_there_is_neither_an_exposure_nor_a_file_the_file_is_missing(shop: Path) -> None:
    manifest(shop / "manifest.json")
    done = run(shop, "--owner", "BI", "--output", "none.yml", "--check")

    assert (done.returncode, done.stdout) == (1, "none.yml is not what would be written, for it is not there\n")


@pytest.mark.parametrize(
    ("version", "said"), [("12", ""), ("20", ""), ("3", "of version 3; known are v4 to v12 and v20"), ("99", "of version 99;")]
)
def test_a_manifest_of_a_version_that_is_not_known_is_said_to_be(shop: Path, version: str, said: str) -> None:
    file = shop / "manifest.json"
    file.write_text(file.read_text("utf-8").replace("/manifest/v12.json", f"/manifest/v{version}.json"), "utf-8")
    done = run(shop, "--owner", "BI")

    assert (done.returncode, said in done.stderr) == (0, True)
    assert ("is a manifest of version" in done.stderr) == bool(said)


def test_a_file_with_other_spaces_is_not_up_to_date_either(shop: Path) -> None:
    run(shop, "--owner", "BI", "--output", "exposures.yml")
    (shop / "exposures.yml").write_text((shop / "exposures.yml").read_text("utf-8") + "\n", "utf-8")
    done = run(shop, "--owner", "BI", "--output", "exposures.yml", "--check")

    assert (done.returncode, done.stdout) == (
        1,
        "exposures.yml is not what would be written, though its exposures are the same\n",
    )


# -- the real dbt ------------------------------------------------------------------------------------------------------

DBT = {
    "packages.yml": "packages: [{local: ./crm}]\n",
    "crm/dbt_project.yml": "name: crm\nversion: '1.0'\n",
    "crm/models/customers.sql": "{{ config(schema='crm') }} select 1 as id",
    "models/sources.yml": "sources: [{name: app, schema: raw, tables: [{name: events}]}]\n",
    "models/orders_v1.sql": "select 1 as id",
    "models/orders_v2.sql": "select 2 as id",
    "models/schema.yml": "models: [{name: orders, latest_version: 2, versions: [{v: 1}, {v: 2, config: {alias: orders}}]}]\n",
}


@pytest.mark.slow
def test_the_real_dbt_takes_the_file(tmp_path: Path) -> None:
    project = dbt_project(tmp_path, DBT)
    run_dbt(project, "deps")
    run_dbt(project, "parse")
    looker = {name: text.replace("MART.Customers", "prod_crm.customers") for name, text in SHOP.items()}
    write(project / "lookml", {name: text.replace("mart.orders", "prod.orders") for name, text in looker.items()})
    options = ("--dbt-manifest", "target/manifest.json", "--owner", "{{ us }}", "--base-url", "https://looker.example.com")
    assert run(project, *options, "--output", "models/looker.yml").returncode == 0
    listed = run_dbt(project, "list", "--resource-type", "exposure").split()
    found = json.loads((project / "target" / "manifest.json").read_text("utf-8"))["exposures"]
    orders = found["exposure.shop.explore_sales_orders"]

    assert listed == [
        "exposure:shop.dashboard_sales_net_kpis_2df951",
        "exposure:shop.explore_sales_daily",
        "exposure:shop.explore_sales_orders",
    ]
    assert {one["meta"]["lookml"]["id"]: sorted(one["depends_on"]["nodes"]) for one in found.values()} == {
        "dashboard:sales/net%20kpis": ["model.shop.orders.v2", "source.shop.app.events"],
        "explore:sales/daily": ["model.shop.orders.v2", "source.shop.app.events"],
        "explore:sales/orders": ["model.crm.customers", "model.shop.orders.v2"],
    }
    assert orders["label"] == "Orders of {{ _user_attributes['shop'] }}"
    assert orders["description"] == "All orders.\nSince {% parameter since %}."
    assert orders["owner"]["name"] == "{{ us }}"
    assert orders["url"] == "https://looker.example.com/explore/sales/orders"
    assert run(project, *options, "--output", "models/looker.yml", "--check").returncode == 0


@pytest.mark.slow
def test_the_file_has_what_dbt_s_own_schema_allows_and_nothing_else(shop: Path) -> None:
    """The schema that dbt warns by of what it will take no more."""
    schema = json.loads((Path(dbt.jsonschemas.__file__).parent / "resources" / "latest.json").read_text("utf-8"))
    found = exposed(run(shop, "--owner", "BI", "--base-url", "https://looker.example.com"))
    definitions = "definitions" if "definitions" in schema else "$defs"

    for one in found.values():
        jsonschema.validate(one, {definitions: schema[definitions], "$ref": f"#/{definitions}/ExposureProperties"})
    assert len(found) == 3
