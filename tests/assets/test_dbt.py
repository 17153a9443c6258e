"""Joining LookML's tables to a dbt project: a real one, parsed by dbt and loaded by dagster-dbt."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from dagster_lookml import LookMLProject, Table, TableKeyError, dbt_asset_keys, load_looker_asset_specs
from dagster_lookml.assets.table_keys import _default_dbt_key
from tests.assets.projects import by_key, deps, written

PROJECT = {
    "dbt_project.yml": """
name: shop
version: '1.0'
profile: shop
""",
    "profiles.yml": """
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: warehouse.duckdb, schema: prod}
""",
    "seeds/countries.csv": "code,name\nde,Germany\n",
    "models/sources.yml": """
version: 2
sources:
- name: app
  schema: raw
  tables:
  - name: orders
    identifier: orders_v2
""",
    "models/stg_orders.sql": "select * from {{ source('app', 'orders') }}",
    "models/orders.sql": "{{ config(alias='fct_orders', schema='mart') }} select * from {{ ref('stg_orders') }}",
    "models/customers.sql": "select * from {{ ref('stg_orders') }} join {{ ref('countries') }} using (code)",
    "models/schema.yml": """
version: 2
models:
- name: customers
  config:
    meta:
      dagster:
        asset_key: [crm, customers]
""",
}


def view(name: str, table: str) -> str:
    return f"view: {name} {{ sql_table_name: {table} ;; dimension: id {{ sql: ${{TABLE}}.id ;; }} }}"


LOOKML = {
    "orders.view.lkml": view("orders", "warehouse.prod_mart.fct_orders"),
    "customers.view.lkml": view("customers", "prod.customers"),
    "raw.view.lkml": view("raw", "RAW.orders_v2"),
    "countries.view.lkml": view("countries", '"prod"."countries"'),
    "other.view.lkml": view("other", "elsewhere.things"),
    "orders.explore.lkml": "explore: orders { join: customers { sql_on: ${orders.id} = ${customers.id} ;; } }",
    "kpis.dashboard.lookml": """
- dashboard: kpis
  elements:
  - name: orders
    model: m
    explore: orders
    type: looker_grid
    fields: [orders.id]
""",
    "dagster-lookml.toml": '[connections.warehouse]\ndialect = "duckdb"\n',
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dbt")
    for name, content in PROJECT.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    command = [str(Path(sys.executable).parent / "dbt"), "--no-send-anonymous-usage-stats", "parse", "--profiles-dir", "."]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return root / "target" / "manifest.json"


@pytest.fixture
def lookml(tmp_path: Path) -> LookMLProject:
    return LookMLProject(written(tmp_path, LOOKML))


def test_tables_get_the_keys_that_dagster_dbt_gives(lookml: LookMLProject, manifest: Path) -> None:
    specs = by_key(load_looker_asset_specs(lookml, table_asset_keys=manifest))

    assert {key: deps(spec) for key, spec in specs.items() if key.startswith("view/")} == {
        "view/orders": ["mart/orders"],
        "view/customers": ["crm/customers"],
        "view/raw": ["app/orders"],
        "view/countries": ["countries"],
        "view/other": ["elsewhere/things"],
    }


def test_one_graph_from_a_dbt_source_to_a_dashboard(lookml: LookMLProject, manifest: Path) -> None:
    @dbt_assets(manifest=manifest)
    def shop(context):  # type: ignore[no-untyped-def]  # dagster wants the class here, and this module has its names only
        raise NotImplementedError("nobody runs it")

    specs = load_looker_asset_specs(lookml, table_asset_keys=manifest)
    graph = dg.Definitions(assets=[shop, *specs]).resolve_asset_graph()
    way = ["app/orders", "stg_orders", "mart/orders", "view/orders", "explore/m/orders", "dashboard/m/kpis"]

    for upstream, downstream in pairwise(map(dg.AssetKey.from_user_string, way)):
        assert upstream in graph.get(downstream).parent_keys
    assert graph.get(dg.AssetKey(["mart", "orders"])).is_executable


class Prefixing(DagsterDbtTranslator):
    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec.replace_attributes(key=spec.key.with_prefix("dbt"))


def test_a_translator_of_dagster_dbt_says_the_keys(lookml: LookMLProject, manifest: Path) -> None:
    specs = by_key(load_looker_asset_specs(lookml, table_asset_keys=manifest, dagster_dbt_translator=Prefixing()))

    assert deps(specs["view/orders"]) == ["dbt/mart/orders"]
    assert deps(specs["view/other"]) == ["elsewhere/things"]


def test_without_dagster_dbt_the_keys_are_the_same(manifest: Path) -> None:
    nodes = json.loads(manifest.read_text())
    every = {**nodes["sources"], **nodes["nodes"]}
    translator = DagsterDbtTranslator()

    assert len(every) == 5
    for unique_id, node in every.items():
        assert _default_dbt_key(node) == translator.get_asset_spec(nodes, unique_id, None).key


def test_what_dbt_makes_is_no_asset_of_ours(lookml: LookMLProject, manifest: Path) -> None:
    specs = by_key(load_looker_asset_specs(lookml, table_asset_keys=manifest, include_tables=True))

    assert "elsewhere/things" in specs
    assert not {"mart/orders", "crm/customers", "app/orders", "countries"} & specs.keys()


def test_a_manifest_with_names_in_place_of_options(lookml: LookMLProject, manifest: Path) -> None:
    """Without options, Dagster itself joins what has one name."""

    @dbt_assets(manifest=manifest)
    def shop(context):  # type: ignore[no-untyped-def]  # dagster wants the class here, and this module has its names only
        raise NotImplementedError("nobody runs it")

    graph = dg.Definitions(assets=[shop, *load_looker_asset_specs(lookml)]).resolve_asset_graph()

    assert graph.get(dg.AssetKey(["view", "orders"])).parent_keys == {dg.AssetKey(["mart", "orders"])}


# -- manifests as other warehouses have them -------------------------------------------------------------------------------


def made(root: Path, adapter: str, **relations: str) -> Path:
    """A manifest with a model for each relation."""
    nodes = {f"model.shop.{name}": node(name, relation) for name, relation in relations.items()}
    metadata = {"adapter_type": adapter, "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"}
    file = root / "manifest.json"
    file.write_text(json.dumps({"metadata": metadata, "nodes": nodes, "sources": {}, "groups": {}}))
    return file


def node(name: str, relation: str) -> dict[str, Any]:
    """A model as a manifest describes it, as far as anybody here asks."""
    empty: dict[str, Any] = {"config": {}, "columns": {}, "meta": {}, "tags": [], "depends_on": {"nodes": []}, "description": ""}
    named = {"name": name, "alias": name, "relation_name": relation, "database": "d", "schema": "s", "fqn": ["shop", name]}
    place = {"unique_id": f"model.shop.{name}", "original_file_path": "models/x.sql", "package_name": "shop"}
    return {"resource_type": "model", "raw_code": "select 1", **empty, **named, **place}


def table(name: str) -> Table:
    return Table(id=f"table:{name}", name=name, parts=tuple(name.split(".")), written=name)


def key(manifest: Path, name: str) -> str | None:
    found = dbt_asset_keys(manifest)(table(name))
    return found.to_user_string() if found is not None else None


@pytest.mark.parametrize("relation", ["ANALYTICS.PROD.ORDERS", "analytics.prod.orders", '"ANALYTICS"."PROD"."ORDERS"'])
def test_snowflake_folds_names_to_upper_case(tmp_path: Path, relation: str) -> None:
    # `analytics.prod.orders` is what the table is called here, however its name is written in LookML.
    assert key(made(tmp_path, "snowflake", orders=relation), "analytics.prod.orders") == "orders"


def test_quotes_tell_snowflake_s_tables_apart(tmp_path: Path) -> None:
    manifest = made(tmp_path, "snowflake", folded="analytics.prod.orders", quoted='analytics.prod."Orders"')

    assert key(manifest, "analytics.prod.orders") == "folded"
    assert key(manifest, "analytics.prod.Orders") == "quoted"


def test_bigquery_tells_tables_apart_by_case(tmp_path: Path) -> None:
    manifest = made(tmp_path, "bigquery", upper="`p`.`d`.`Orders`", lower="`p`.`d`.`orders`")

    assert key(manifest, "p.d.Orders") == "upper"
    assert key(manifest, "p.d.orders") == "lower"
    assert key(manifest, "p.d.ORDERS") is None


def test_a_name_with_a_space_is_found(tmp_path: Path) -> None:
    manifest = made(tmp_path, "bigquery", items="`p`.`d`.`order items`")
    spaced = Table(id="table:p.d.order%20items", name="p.d.order items", parts=("p", "d", "order items"), written="")

    assert dbt_asset_keys(manifest)(spaced) == dg.AssetKey(["items"])


def test_a_table_that_two_models_may_build_is_an_error_that_names_both(tmp_path: Path) -> None:
    manifest = made(tmp_path, "postgres", here='"db"."a"."orders"', there='"db"."b"."orders"')

    with pytest.raises(TableKeyError) as error:
        key(manifest, "orders")
    assert "model.shop.here (db.a.orders) and model.shop.there (db.b.orders)" in str(error.value)
    assert "[connections]" in str(error.value)
    assert key(manifest, "b.orders") == "there"


# -- without dbt -----------------------------------------------------------------------------------------------------------


def test_keys_by_the_names_of_tables(lookml: LookMLProject, caplog: pytest.LogCaptureFixture) -> None:
    keys = {"PROD.customers": "crm/customers", "elsewhere.things": ["a", "b"], "prod.custmers": "typo"}
    specs = by_key(load_looker_asset_specs(lookml, table_asset_keys=keys))

    assert deps(specs["view/customers"]) == ["crm/customers"]
    assert deps(specs["view/other"]) == ["a/b"]
    assert "table_asset_keys: LookML reads no table prod.custmers; did you mean prod.customers or prod.countries?" in caplog.text


def test_keys_by_a_function(lookml: LookMLProject) -> None:
    def find(table: Table) -> dg.AssetKey | None:
        return dg.AssetKey(["lake", *table.parts]) if table.parts[0] == "elsewhere" else None

    specs = by_key(load_looker_asset_specs(lookml, table_asset_keys=find))

    assert deps(specs["view/other"]) == ["lake/elsewhere/things"]
    assert deps(specs["view/customers"]) == ["prod/customers"]


def test_a_key_that_is_none_is_refused_by_the_name_of_its_table(lookml: LookMLProject) -> None:
    with pytest.raises(TableKeyError, match=r"table prod.customers: 7 is no asset key"):
        load_looker_asset_specs(lookml, table_asset_keys={"prod.customers": 7})  # type: ignore[dict-item]
