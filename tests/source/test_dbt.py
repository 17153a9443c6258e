"""What dbt wrote: which relations there are, under which names, with which columns, and what they read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dagster_lookml.errors import DbtError
from dagster_lookml.source.dbt import DbtProject, DbtRelation, read_dbt, relation_parts

Entry = dict[str, Any]


def artifact(kind: str, version: int, **content: object) -> Entry:
    schema = f"https://schemas.getdbt.com/dbt/{kind}/v{version}.json"
    return {"metadata": {"dbt_schema_version": schema, "adapter_type": "postgres"}, **content}


def write(file: Path, content: object) -> Path:
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def read(directory: Path, entries: dict[str, object], catalog: dict[str, object] | None = None, version: int = 12) -> DbtProject:
    """Write entries where dbt writes them, sources apart from nodes, and read them."""
    nodes = {key: entry for key, entry in entries.items() if not key.startswith("source.")}
    sources = {key: entry for key, entry in entries.items() if key.startswith("source.")}
    manifest = write(directory / "manifest.json", artifact("manifest", version, nodes=nodes, sources=sources, macros={}))
    if catalog is None:
        return read_dbt(manifest)
    tables = {key: entry for key, entry in catalog.items() if not key.startswith("source.")}
    raw_tables = {key: entry for key, entry in catalog.items() if key.startswith("source.")}
    return read_dbt(manifest, write(directory / "catalog.json", artifact("catalog", 1, nodes=tables, sources=raw_tables)))


def model(*reads: str, name: str | None = "orders", materialized: str = "table", **keys: object) -> Entry:
    """A model of ``shop.mart`` that reads models of these names, or whatever has a dot in it."""
    nodes = [read if "." in read else f"model.shop.{read}" for read in reads]
    return {
        "name": name,
        "resource_type": "model",
        "database": "shop",
        "schema": "mart",
        "alias": name,
        "original_file_path": f"models/{name}.sql",
        "config": {"enabled": True, "materialized": materialized},
        "depends_on": {"macros": ["macro.dbt.is_incremental"], "nodes": nodes},
        "columns": {},
        **keys,
    }


def ephemeral(*reads: str) -> Entry:
    return model(*reads, materialized="ephemeral", relation_name=None)


def source(**keys: object) -> Entry:
    return {"name": "orders", "source_name": "raw", "database": "lake", "schema": "raw", "identifier": "orders", **keys}


def names(project: DbtProject) -> list[str]:
    return [relation.unique_id for relation in project.relations]


def one(project: DbtProject) -> DbtRelation:
    (relation,) = project.relations
    return relation


def reads(project: DbtProject) -> dict[str, list[str]]:
    """What each model reads, without ``model.shop.`` before it."""
    short = "model.shop."
    return {
        relation.unique_id.removeprefix(short): [read.removeprefix(short) for read in relation.depends_on]
        for relation in project.relations
    }


@pytest.mark.parametrize("version", [4, 7, 8, 10, 12, 20])
def test_a_project(tmp_path: Path, version: int) -> None:
    project = read(
        tmp_path,
        {
            "model.shop.orders": model(
                "source.shop.raw.orders", description="One row per order.", columns={"id": {"name": "id"}}
            ),
            "source.shop.raw.orders": source(original_file_path="models/sources.yml", relation_name='"lake"."raw"."orders"'),
        },
        version=version,
    )

    assert project == DbtProject(
        adapter="postgres",
        version=version,
        relations=(
            DbtRelation(
                unique_id="model.shop.orders",
                parts=("shop", "mart", "orders"),
                columns=("id",),
                columns_complete=False,
                depends_on=("source.shop.raw.orders",),
                file="models/orders.sql",
                description="One row per order.",
                types=("",),
                documented=("id",),
                name="orders",
                package="shop",
            ),
            DbtRelation(
                unique_id="source.shop.raw.orders",
                parts=("lake", "raw", "orders"),
                columns=(),
                columns_complete=False,
                depends_on=(),
                file="models/sources.yml",
                quoted=(True, True, True),
                name="orders",
                package="shop",
                source_name="raw",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("relation_name", "parts"),
    [
        ('"shop"."mart"."orders"', ("shop", "mart", "orders")),
        ("`shop`.`mart`.`orders`", ("shop", "mart", "orders")),
        ("`shop-prod.mart.orders`", ("shop-prod", "mart", "orders")),
        ("`example.com:shop.mart.orders`", ("example.com:shop", "mart", "orders")),
        ("`example.com:shop`.`mart`.`orders`", ("example.com:shop", "mart", "orders")),
        ("[shop].[mart].[orders]", ("shop", "mart", "orders")),
        ("SHOP.MART.ORDERS", ("SHOP", "MART", "ORDERS")),
        ("shop-prod.mart.orders_*", ("shop-prod", "mart", "orders_*")),
        ('SHOP.mart."Orders of today"', ("SHOP", "mart", "Orders of today")),
        ('"shop"."v1.2"."orders"', ("shop", "v1.2", "orders")),
        ('"a""b"."c"', ('a"b', "c")),
        ("[a]]b].[c]", ("a]b", "c")),
        ('""."mart"."orders"', ("mart", "orders")),
        ("mart.orders", ("mart", "orders")),
        ("`orders`", ("orders",)),
        ("lake.raw.nested.orders", ("lake", "raw", "nested", "orders")),
        (" mart.orders\n", ("mart", "orders")),
        ("read_csv('s3://lake/orders.csv')", ()),
        ("'s3://lake/orders.parquet'", ()),
        ("lake/orders.parquet", ()),
        ('"mart"."orders', ()),
        ('"mart""orders"x', ()),
        ("mart..orders", ()),
        ("", ()),
    ],
)
def test_the_parts_of_a_relation_name(relation_name: str, parts: tuple[str, ...]) -> None:
    assert relation_parts(relation_name) == parts


@pytest.mark.parametrize(
    ("keys", "parts"),
    [
        ({"relation_name": '"other"."place"."name"'}, ("other", "place", "name")),
        ({"relation_name": "read_csv('orders.csv')"}, ("shop", "mart", "orders")),
        ({"relation_name": None, "alias": "orders_v2"}, ("shop", "mart", "orders_v2")),
        ({"alias": None}, ("shop", "mart", "orders")),
        ({"database": None}, ("mart", "orders")),
        ({"database": ""}, ("mart", "orders")),
        ({"database": None, "relation_name": "mart.orders"}, ("mart", "orders")),
    ],
)
def test_the_parts_of_a_model(tmp_path: Path, keys: Entry, parts: tuple[str, ...]) -> None:
    assert one(read(tmp_path, {"model.shop.orders": model(**keys)})).parts == parts


def test_a_database_that_is_missing_is_left_out(tmp_path: Path) -> None:
    entry = model()
    del entry["database"]

    assert one(read(tmp_path, {"model.shop.orders": entry})).parts == ("mart", "orders")


def test_a_source_is_called_by_its_identifier(tmp_path: Path) -> None:
    assert one(read(tmp_path, {"source.shop.raw.orders": source(identifier="ORDERS_2024")})).parts == (
        "lake",
        "raw",
        "ORDERS_2024",
    )
    assert one(read(tmp_path, {"source.shop.raw.orders": source(identifier=None)})).parts == ("lake", "raw", "orders")


def test_models_of_every_materialisation_but_ephemeral_are_relations(tmp_path: Path) -> None:
    kinds = ["table", "view", "incremental", "materialized_view", "dynamic_table", "our_own"]
    entries: dict[str, object] = {f"model.shop.{kind}": model(name=kind, materialized=kind) for kind in kinds}
    entries["model.shop.python"] = model(name="python", language="python", original_file_path="models/python.py")
    entries["model.shop.without"] = model(name="without", config={})
    entries["model.shop.none"] = model(name="none", config=None)
    entries["model.shop.orders.v2"] = model(alias="orders_v2", version=2)
    project = read(tmp_path, {**entries, "model.shop.inlined": ephemeral()})

    assert names(project) == sorted(entries)
    assert project.skipped == ()


def test_seeds_and_snapshots_are_relations_and_nothing_else_is(tmp_path: Path) -> None:
    others = ["analysis", "test", "operation", "sql_operation", "rpc", "unit_test", "exposure", "metric", "saved_query"]
    entries: dict[str, object] = {f"{kind}.shop.orders": model("orders") for kind in others}
    entries["seed.shop.countries"] = model(name="countries", depends_on={"macros": []})
    entries["snapshot.shop.history"] = model("seed.shop.countries", name="history", materialized="snapshot")
    project = read(tmp_path, entries)

    assert names(project) == ["seed.shop.countries", "snapshot.shop.history"]
    assert project.relations[1].depends_on == ("seed.shop.countries",)
    assert project.skipped == ()


def test_what_a_model_reads_is_sorted_and_only_relations(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {
            "model.shop.a": model("c", "b", "source.shop.raw.orders", "test.shop.x", "metric.shop.y", "gone", "b"),
            "model.shop.b": model(depends_on=None),
            "model.shop.c": model(depends_on={"nodes": None}),
            "source.shop.raw.orders": source(),
            "test.shop.x": model(),
        },
    )

    assert reads(project)["a"] == ["b", "c", "source.shop.raw.orders"]


def test_dependencies_go_through_ephemeral_models(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {
            "model.shop.top": model("left", "right"),
            "model.shop.left": ephemeral("shared", "direct"),
            "model.shop.right": ephemeral("shared"),
            "model.shop.shared": ephemeral("deep"),
            "model.shop.deep": ephemeral("source.shop.raw.orders", "bottom"),
            "model.shop.direct": model("bottom"),
            "model.shop.bottom": model(),
            "source.shop.raw.orders": source(),
        },
    )

    assert reads(project) == {
        "top": ["bottom", "direct", "source.shop.raw.orders"],
        "direct": ["bottom"],
        "bottom": [],
        "source.shop.raw.orders": [],
    }


def test_a_cycle_ends(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {
            "model.shop.a": model("x", "a"),
            "model.shop.x": ephemeral("y", "x"),
            "model.shop.y": ephemeral("x", "a", "b"),
            "model.shop.b": model("a"),
        },
    )

    assert reads(project) == {"a": ["b"], "b": ["a"]}


def test_a_long_chain_of_ephemeral_models(tmp_path: Path) -> None:
    chain: dict[str, object] = {f"model.shop.e{number}": ephemeral(f"e{number + 1}") for number in range(5000)}
    project = read(tmp_path, {**chain, "model.shop.top": model("e0"), "model.shop.e5000": model()})

    assert reads(project) == {"e5000": [], "top": ["e5000"]}


def test_disabled_nodes_are_absent(tmp_path: Path) -> None:
    manifest = artifact(
        "manifest",
        12,
        nodes={
            "model.shop.orders": model("off", "gone"),
            "model.shop.off": model(config={"enabled": False, "materialized": "table"}, name=None, alias=None),
        },
        sources={"source.shop.raw.off": source(config={"enabled": False})},
        disabled={"model.shop.gone": [model()]},
    )
    project = read_dbt(write(tmp_path / "manifest.json", manifest))

    assert reads(project) == {"orders": []}
    assert project.skipped == ()


CATALOGUED: Entry = {
    "metadata": {"type": "BASE TABLE", "schema": "MART", "name": "ORDERS", "database": "SHOP"},
    "columns": {"TOTAL": {"type": "NUMBER", "index": 3, "name": "TOTAL"}, "ID": {"index": 1}, "Customer": {"index": 2}},
    "stats": {},
}


def test_columns_are_in_the_order_and_the_case_of_the_warehouse(tmp_path: Path) -> None:
    documented = {"total": {"name": "total"}}
    project = read(
        tmp_path,
        {
            "model.shop.orders": model(columns=documented),
            "model.shop.users": model(columns=documented),
            "source.shop.raw.orders": source(columns=documented),
        },
        catalog={"model.shop.orders": CATALOGUED, "source.shop.raw.orders": CATALOGUED, "model.other.gone": CATALOGUED},
    )

    assert {relation.unique_id: (relation.columns, relation.columns_complete) for relation in project.relations} == {
        "model.shop.orders": (("ID", "Customer", "TOTAL"), True),
        "model.shop.users": (("total",), False),
        "source.shop.raw.orders": (("ID", "Customer", "TOTAL"), True),
    }
    assert project.skipped == ()


def test_documented_columns_are_in_the_order_of_the_documentation(tmp_path: Path) -> None:
    relation = one(read(tmp_path, {"model.shop.orders": model(columns={"z": {"name": "z"}, "a": {}, "m": {}})}))

    assert relation.columns == ("z", "a", "m")
    assert not relation.columns_complete


@pytest.mark.parametrize("table", [{"columns": {}}, {"columns": None}, {}])
def test_a_table_without_columns_in_the_catalog_says_nothing(tmp_path: Path, table: Entry) -> None:
    relation = one(read(tmp_path, {"model.shop.orders": model(columns={"id": {}})}, catalog={"model.shop.orders": table}))

    assert (relation.columns, relation.columns_complete) == (("id",), False)


def test_catalogued_columns_without_an_index_keep_their_order(tmp_path: Path) -> None:
    project = read(tmp_path, {"model.shop.orders": model()}, catalog={"model.shop.orders": {"columns": {"b": {}, "a": {}}}})

    assert one(project).columns == ("b", "a")


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        "text",
        model(relation_name=1),
        model(columns=["id"]),
        model(depends_on=["model.shop.users"]),
        model(depends_on={"nodes": [None]}),
        model(config="table"),
        model(name=None, alias=None),
        {},
    ],
)
def test_an_odd_node_is_skipped_and_named(tmp_path: Path, odd: object) -> None:
    project = read(tmp_path, {"model.shop.odd": odd, "model.shop.orders": model("odd"), "test.shop.odd": odd})

    assert reads(project) == {"orders": []}
    assert project.skipped == ("model.shop.odd",)


def test_bytes_that_are_no_text_cost_one_node(tmp_path: Path) -> None:
    manifest = json.dumps(artifact("manifest", 12, nodes={"model.shop.a": model(name="caf\u00e9"), "model.shop.b": model()}))
    (tmp_path / "manifest.json").write_bytes(manifest.replace("caf\\u00e9", "caf\u00e9").encode("latin-1"))
    project = read_dbt(tmp_path / "manifest.json")

    assert names(project) == ["model.shop.b"]
    assert project.skipped == ("model.shop.a",)


@pytest.mark.parametrize("odd", [None, [], {"columns": ["ID"]}, {"columns": {"ID": {"index": "first"}}}])
def test_an_odd_entry_of_the_catalog_leaves_the_documented_columns(tmp_path: Path, odd: object) -> None:
    project = read(
        tmp_path, {"model.shop.orders": model(columns={"id": {}})}, catalog={"model.shop.orders": odd, "model.shop.gone": odd}
    )

    assert (one(project).columns, one(project).columns_complete) == (("id",), False)
    assert project.skipped == ("model.shop.orders",)


def test_keys_that_are_missing_empty_or_null(tmp_path: Path) -> None:
    relation = one(read(tmp_path, {"model.shop.orders": {"name": "orders", "description": None, "original_file_path": ""}}))

    assert relation == DbtRelation(
        unique_id="model.shop.orders",
        parts=("orders",),
        columns=(),
        columns_complete=False,
        depends_on=(),
        file=None,
        name="orders",
        package="shop",
    )


def test_types_are_those_of_the_catalog_or_else_of_the_documentation(tmp_path: Path) -> None:
    documented = {"id": {"data_type": "int"}, "total": {"data_type": None}, "odd": {"data_type": 7}, "none": None}
    entries: dict[str, object] = {name: model(columns=documented) for name in ("model.shop.orders", "model.shop.users")}
    project = read(tmp_path, entries, catalog={"model.shop.orders": CATALOGUED})

    assert [(one.columns, one.types, one.documented) for one in project.relations] == [
        (("ID", "Customer", "TOTAL"), ("", "", "NUMBER"), ("id", "total", "odd", "none")),
        (("id", "total", "odd", "none"), ("int", "", "", ""), ("id", "total", "odd", "none")),
    ]


@pytest.mark.parametrize(("written", "version"), [(2, "2"), (2.0, "2"), (1.5, "1.5"), ("beta", "beta"), (None, "")])
def test_the_version_of_a_model(tmp_path: Path, written: object, version: str) -> None:
    relation = one(read(tmp_path, {"model.crm.orders.v2": model(version=written, package_name="crm")}))

    assert (relation.kind, relation.package, relation.name, relation.version) == ("model", "crm", "orders", version)


def test_the_code_tells_models_that_are_made_alike(tmp_path: Path) -> None:
    same = {"raw_code": "select 1 as id\n"}
    older = {"raw_sql": "select 1 as id"}
    project = read(
        tmp_path,
        {
            "model.shop.a": model(**same),
            "model.shop.b": model(**older),
            "model.shop.c": model(raw_code="select 2 as id"),
            "model.shop.d": model(),
            "seed.shop.e": model(raw_code="", checksum={"name": "sha256", "checksum": "abc"}),
        },
    )
    a, b, c, d, e = (relation.code for relation in project.relations)

    assert a == b != ""
    assert len({a, c, d, e}) == 4
    assert (d, e) == ("", "abc")


def test_the_project_says_its_name(tmp_path: Path) -> None:
    manifest = artifact("manifest", 12, nodes={})
    manifest["metadata"]["project_name"] = "shop"

    assert read_dbt(write(tmp_path / "manifest.json", manifest)).name == "shop"


def test_a_manifest_of_an_empty_project(tmp_path: Path) -> None:
    manifest = artifact("manifest", 12, nodes=None)
    manifest["metadata"]["adapter_type"] = ""

    assert read_dbt(write(tmp_path / "manifest.json", manifest)) == DbtProject(adapter=None, relations=(), version=12)


def test_numbers_that_python_writes_and_json_does_not_know(tmp_path: Path) -> None:
    project = read(tmp_path, {"model.shop.orders": model(meta={"limit": float("inf"), "ratio": float("nan")})})

    assert names(project) == ["model.shop.orders"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_manifest_that_was_saved_again_on_windows(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(artifact("manifest", 12, nodes={"model.shop.orders": model()})), encoding=encoding)

    assert names(read_dbt(file)) == ["model.shop.orders"]


MANIFEST_REMEDY = "run `dbt parse`, then pass target/manifest.json"
CATALOG_REMEDY = "run `dbt docs generate`, then pass target/catalog.json"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not JSON ("),
        ("{", "not JSON ("),
        ("nodes: {}", "not JSON ("),
        ('{"x": ' + "[" * 100_000, "not JSON (maximum recursion depth"),
        ("[]", "not a dbt manifest (expected `object"),
        ("7", "not a dbt manifest (expected `object"),
        ('{"nodes": [], "metadata": {}}', "not a dbt manifest (expected `object"),
        ('{"metadata": "dbt"}', "not a dbt manifest (expected `object"),
        ("{}", "not a dbt manifest: no metadata of dbt in it"),
        ('{"metadata": {"dbt_schema_version": null}}', "not a dbt manifest: no metadata of dbt in it"),
        ('{"semantic_models": [], "project_configuration": {}}', "not a dbt manifest: no metadata of dbt in it"),
        (json.dumps(artifact("catalog", 1, nodes={})), "a dbt catalog file, not a dbt manifest"),
        (json.dumps(artifact("run-results", 6, results=[])), "a dbt run-results file, not a dbt manifest"),
        (json.dumps(artifact("sources", 3, results=[])), "a dbt sources file, not a dbt manifest"),
    ],
)
def test_a_file_that_is_no_manifest(tmp_path: Path, content: str, reason: str) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DbtError) as caught:
        read_dbt(file)
    error = caught.value

    assert error.file == str(file)
    assert error.reason.startswith(reason)
    assert error.reason.endswith(MANIFEST_REMEDY)
    assert str(error) == f"{file}: {error.reason}"


def test_a_manifest_given_as_the_catalog(tmp_path: Path) -> None:
    manifest = write(tmp_path / "manifest.json", artifact("manifest", 12, nodes={}))
    with pytest.raises(DbtError) as caught:
        read_dbt(manifest, manifest)

    assert caught.value.reason == f"a dbt manifest file, not a dbt catalog; {CATALOG_REMEDY}"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    manifest = write(tmp_path / "manifest.json", artifact("manifest", 12, nodes={}))
    with pytest.raises(DbtError) as no_manifest:
        read_dbt(tmp_path / "none.json")
    with pytest.raises(DbtError) as a_directory:
        read_dbt(tmp_path)
    with pytest.raises(DbtError) as no_catalog:
        read_dbt(manifest, tmp_path / "none.json")

    assert no_manifest.value.reason == f"No such file or directory; {MANIFEST_REMEDY}"
    assert a_directory.value.reason.endswith(MANIFEST_REMEDY)
    assert (no_catalog.value.file, no_catalog.value.reason) == (
        str(tmp_path / "none.json"),
        f"No such file or directory; {CATALOG_REMEDY}",
    )
