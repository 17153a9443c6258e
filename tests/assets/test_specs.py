"""What becomes of views, explores and dashboards in Dagster: keys, dependencies, what their pages show."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pytest

from dagster_lookml import (
    DagsterLookMLTranslator,
    Dashboard,
    LookerFilter,
    LookMLProject,
    LookMLStructure,
    Table,
    TableKeyError,
    View,
    load_looker_asset_specs,
)
from tests.assets.projects import by_key, deps, written
from tests.corpora import FIXTURES

STOREFRONT = FIXTURES / "projects" / "storefront"

ORDERS = """
view: orders {
  label: "Customer Orders"
  sql_table_name: shop.orders ;;
  dimension: id { primary_key: yes type: number sql: ${TABLE}.id ;; }
  dimension: secret { hidden: yes sql: ${TABLE}.secret ;; }
  dimension_group: created { type: time timeframes: [date, week] sql: ${TABLE}.created_at ;; }
  measure: total { type: sum description: "What was paid" sql: ${TABLE}.amount ;; }
  measure: mean { type: number sql: ${total} / NULLIF(${count}, 0) ;; }
  measure: count { type: count }
}
"""
SHOP = {
    "orders.view.lkml": ORDERS,
    "orders.explore.lkml": 'explore: orders { description: "Who bought *what*" }',
    "kpis.dashboard.lookml": """
- dashboard: kpis
  title: KPIs
  elements:
  - name: total
    title: Total
    explore: orders
    model: m
    type: single_value
    fields: [orders.total]
""",
}


@pytest.fixture(scope="module")
def storefront() -> dict[str, dg.AssetSpec]:
    return by_key(load_looker_asset_specs(LookMLProject(STOREFRONT), base_url="https://acme.looker.com"))


def loaded(root: Path, **options: object) -> dict[str, dg.AssetSpec]:
    return by_key(load_looker_asset_specs(LookMLProject(root), **options))  # type: ignore[arg-type]


# -- the way from a table to a dashboard -----------------------------------------------------------------------------------


def test_a_dashboard_depends_on_explores_these_on_views_and_these_on_tables(tmp_path: Path) -> None:
    specs = loaded(written(tmp_path, SHOP))

    assert {key: deps(spec) for key, spec in specs.items()} == {
        "dashboard/m/kpis": ["explore/m/orders"],
        "explore/m/orders": ["view/orders"],
        "view/orders": ["shop/orders"],
    }


def test_a_native_derived_table_depends_on_what_its_query_joins_and_filters_by(storefront: dict[str, dg.AssetSpec]) -> None:
    # Brands are of products, revenue is of order_items, and the explore's sql_always_where asks orders.
    assert deps(storefront["view/brand_rank"]) == ["view/ecommerce/orders", "view/order_items", "view/products"]


def test_a_template_brings_no_data_and_is_named_all_the_same(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        {
            "base.view.lkml": "view: base { extension: required sql_table_name: shop.base ;; dimension: id {} }",
            "orders.view.lkml": "view: orders { extends: [base] sql_table_name: shop.orders ;; }",
        },
    )
    orders = loaded(root)["view/orders"]

    assert deps(orders) == ["shop/orders"]
    assert orders.metadata["dagster-lookml/extends"] == "base"


def test_a_table_with_one_part_never_has_a_key_with_one_part(tmp_path: Path) -> None:
    root = written(tmp_path, {"orders.view.lkml": "view: orders { dimension: id { sql: ${TABLE}.id ;; } }"})

    assert deps(loaded(root)["view/orders"]) == ["table/orders"]


def test_a_schema_that_is_named_like_a_kind_takes_no_view_s_key(tmp_path: Path) -> None:
    root = written(tmp_path, {"orders.view.lkml": "view: orders { sql_table_name: view.orders ;; dimension: id {} }"})

    assert deps(loaded(root)["view/orders"]) == ["table/view/orders"]


def test_two_views_of_one_name_are_two_assets(storefront: dict[str, dg.AssetSpec]) -> None:
    assert {"view/ecommerce/sessions", "view/marketing/sessions"} <= storefront.keys()
    assert "view/sessions" not in storefront


def test_every_dependency_on_a_table_tells_the_same_of_it(storefront: dict[str, dg.AssetSpec]) -> None:
    found = {
        (tuple(dep.asset_key.path), tuple(sorted(dep.metadata.items())))
        for spec in storefront.values()
        for dep in spec.deps
        if dep.metadata
    }

    assert len(found) == len({key for key, _ in found})
    assert (("shop", "order_items"), (("dagster/storage_kind", "bigquery"), ("dagster/table_name", "shop.order_items"))) in found


def test_a_table_whose_name_nobody_knows_joins_nothing(tmp_path: Path) -> None:
    root = written(
        tmp_path, {"a.view.lkml": "view: a { sql_table_name: `shop.events_*` ;; dimension: id { sql: ${TABLE}.id ;; } }"}
    )
    [dep] = loaded(root)["view/a"].deps

    assert dep.metadata.get("dagster/table_name") is None


def test_no_view_has_a_table_name_for_dagster_refuses_two_assets_with_one(tmp_path: Path) -> None:
    two = {"a.view.lkml": ORDERS, "b.view.lkml": ORDERS.replace("view: orders", "view: again")}
    specs = loaded(written(tmp_path, two))

    assert not any("dagster/table_name" in spec.metadata for spec in specs.values())
    dg.Definitions.validate_loadable(dg.Definitions(assets=list(specs.values())))


def test_dagster_joins_a_table_to_the_asset_that_has_its_name(tmp_path: Path) -> None:
    specs = loaded(written(tmp_path, SHOP))
    made = dg.AssetSpec(["dbt", "orders"], metadata={"dagster/table_name": "shop.orders"})
    graph = dg.Definitions(assets=[*specs.values(), made]).resolve_asset_graph()

    assert graph.get(dg.AssetKey(["view", "orders"])).parent_keys == {dg.AssetKey(["dbt", "orders"])}


# -- circles ---------------------------------------------------------------------------------------------------------------


def test_a_circle_is_broken_with_a_warning_that_says_where(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = written(
        tmp_path,
        {
            "a.view.lkml": "view: a { derived_table: { sql: SELECT x FROM ${b.SQL_TABLE_NAME} ;; } dimension: x {} }",
            "b.view.lkml": "view: b { derived_table: { sql: SELECT x FROM ${a.SQL_TABLE_NAME} ;; } dimension: x {} }",
        },
    )
    with caplog.at_level(logging.WARNING):
        specs = loaded(root)

    assert {key: deps(spec) for key, spec in specs.items()} == {"view/a": ["view/b"], "view/b": []}
    [message] = [record.getMessage() for record in caplog.records]
    assert message == (
        "view:b (b.view.lkml:1) depends on view:a (a.view.lkml:1), which depends on it: this dependency is left out"
    )
    assert dg.Definitions(assets=list(specs.values())).resolve_asset_graph().toposorted_asset_keys


def test_a_view_that_reads_itself_loads(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = written(
        tmp_path, {"a.view.lkml": "view: a { derived_table: { sql: SELECT x FROM ${a.SQL_TABLE_NAME} ;; } dimension: x {} }"}
    )

    assert deps(loaded(root)["view/a"]) == []
    assert "view:a (a.view.lkml:1) depends on itself" in caplog.text


def test_a_chain_of_a_thousand_derived_tables_loads(tmp_path: Path) -> None:
    files = {"v0.view.lkml": "view: v0 { sql_table_name: s.t ;; dimension: x {} }"}
    for number in range(1, 1000):
        sql = f"SELECT x FROM ${{v{number - 1}.SQL_TABLE_NAME}}"
        files[f"v{number}.view.lkml"] = f"view: v{number} {{ derived_table: {{ sql: {sql} ;; }} dimension: x {{}} }}"
    specs = loaded(written(tmp_path, files))

    assert deps(specs["view/v999"]) == ["view/v998"]


# -- pages -----------------------------------------------------------------------------------------------------------------


def schema(spec: dg.AssetSpec) -> dict[str, dg.TableColumn]:
    found = spec.metadata["dagster/column_schema"]
    assert isinstance(found, dg.TableSchema)
    return {column.name: column for column in found.columns}


def test_a_view_has_its_fields_as_columns(tmp_path: Path) -> None:
    columns = schema(loaded(written(tmp_path, SHOP))["view/orders"])

    assert {name: (column.type, column.description) for name, column in columns.items()} == {
        "id": ("number", "from shop.orders.id"),
        "secret": ("string", "from shop.orders.secret"),
        "created": ("dimension_group time", "picked as created_date, created_week; from shop.orders.created_at"),
        "total": ("measure sum", "What was paid; from shop.orders.amount"),
        "mean": ("measure number", "from shop.orders.amount, shop.orders.id"),
        "count": ("measure count", "from shop.orders.id"),
    }
    assert columns["id"].constraints.unique
    assert columns["secret"].tags == {"lookml/hidden": ""}


def test_a_column_names_what_it_is_made_of(tmp_path: Path) -> None:
    lineage = loaded(written(tmp_path, SHOP))["view/orders"].metadata["dagster/column_lineage"]

    assert lineage.deps_by_column["total"] == [dg.TableColumnDep(dg.AssetKey(["shop", "orders"]), "amount")]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, {"dagster/column_schema", "dagster/column_lineage"}),
        ({"include_column_lineage": False}, {"dagster/column_schema"}),
        ({"include_columns": False}, set()),
    ],
)
def test_columns_can_be_switched_off(tmp_path: Path, options: dict[str, bool], kept: set[str]) -> None:
    orders = loaded(written(tmp_path, SHOP), **options)["view/orders"]

    assert {name for name in orders.metadata if name.startswith("dagster/column")} == kept


def test_descriptions_keep_what_people_wrote_as_markdown(tmp_path: Path) -> None:
    specs = loaded(written(tmp_path, SHOP))

    assert specs["explore/m/orders"].description == ("Who bought *what*\n\nAn explore of the model `m`, over the view `orders`.")
    assert specs["dashboard/m/kpis"].description == ("**KPIs**\n\nA LookML dashboard of the model `m`, with 1 tile:\n\n- Total")
    assert specs["view/orders"].description == (
        "**Customer Orders**\n\nA view of a table in the model `m`, with 6 fields.\n\nTable: `shop.orders`"
    )


def test_no_tag_is_lost_to_another_of_its_name(tmp_path: Path) -> None:
    view = 'view: a { tags: ["pii:name", "pii: mail", "pii:name", "core"] sql_table_name: s.t ;; dimension: x {} }'
    tags = loaded(written(tmp_path, {"a.view.lkml": view}))["view/a"].tags

    assert {name: value for name, value in tags.items() if not name.startswith("dagster/")} == {
        "pii": "name",
        "pii__mail": "",
        "core": "",
    }


def test_a_view_whose_parent_is_not_here_says_so(tmp_path: Path) -> None:
    view = "view: a { extends: [base] dimension: x { sql: ${TABLE}.x ;; } }"

    assert loaded(written(tmp_path, {"a.view.lkml": view}))["view/a"].description == (
        "A view in the model `m`, with 1 field.\n\nExtends `base`.\n\n"
        "`base` cannot be found here: its table and further fields are not known."
    )


def test_a_pdt_s_view_says_when_it_is_built(storefront: dict[str, dg.AssetSpec]) -> None:
    daily = storefront["view/daily_revenue"]

    assert "pdt" in daily.kinds
    assert daily.metadata["dagster-lookml/persistence"] == "datagroup_trigger: nightly_etl"
    assert "Persistent: `datagroup_trigger` `nightly_etl`" in (daily.description or "")
    assert "pdt/ecommerce/daily_revenue" in deps(daily)


def test_links_lead_to_looker(storefront: dict[str, dg.AssetSpec]) -> None:
    links = {
        key: storefront[key].metadata["dagster-lookml/web_url"].value
        for key in ("explore/ecommerce/customers", "dashboard/operations/fulfillment", "view/order_items")
    }

    assert links == {
        "explore/ecommerce/customers": "https://acme.looker.com/explore/ecommerce/customers",
        "dashboard/operations/fulfillment": "https://acme.looker.com/dashboards/operations::fulfillment",
        "view/order_items": "https://acme.looker.com/projects/storefront/files/views/core/order_items.view.lkml?line=2",
    }


def test_no_secret_of_a_base_url_gets_into_a_link(tmp_path: Path) -> None:
    specs = loaded(written(tmp_path, SHOP), base_url="https://user:hunter2@acme.looker.com/")

    assert "hunter2" not in repr(specs)


def test_code_references_are_the_file_here_and_the_line_at_the_commit(tmp_path: Path) -> None:
    root = written(tmp_path / "bi" / "looker", SHOP)
    git(tmp_path / "bi", "init", "-q")
    git(tmp_path / "bi", "remote", "add", "origin", "https://me:hunter2@github.com/acme/bi.git")
    git(tmp_path / "bi", "add", ".")
    git(tmp_path / "bi", "commit", "-qm", "first")
    commit = git(tmp_path / "bi", "rev-parse", "HEAD")
    specs = loaded(root)
    local, url = specs["view/orders"].metadata["dagster/code_references"].code_references

    assert (local.file_path, local.line_number) == (str(root / "orders.view.lkml"), 2)
    assert url.url == f"https://github.com/acme/bi/blob/{commit}/looker/orders.view.lkml#L2"
    assert "hunter2" not in repr(specs)


def git(root: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    return subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def test_a_ref_has_no_file_here(tmp_path: Path) -> None:
    root = written(tmp_path, SHOP)
    git(root, "init", "-q")
    git(root, "remote", "add", "origin", "git@github.com:acme/bi.git")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    (root / "orders.view.lkml").unlink()
    specs = by_key(load_looker_asset_specs(LookMLProject(root, ref="HEAD")))
    [only] = specs["view/orders"].metadata["dagster/code_references"].code_references

    assert only.url.startswith("https://github.com/acme/bi/blob/")


# -- translators -----------------------------------------------------------------------------------------------------------


class Prefixed(DagsterLookMLTranslator):
    """Puts every structure below ``looker``, and tables below ``raw``."""

    def get_asset_spec(self, structure: LookMLStructure) -> dg.AssetSpec:
        spec = super().get_asset_spec(structure)
        return spec.replace_attributes(key=spec.key.with_prefix("raw" if isinstance(structure, Table) else "looker"))


def test_dependencies_and_columns_follow_a_key_that_a_translator_gives(tmp_path: Path) -> None:
    specs = loaded(written(tmp_path, SHOP), dagster_looker_translator=Prefixed())

    assert {key: deps(spec) for key, spec in specs.items()} == {
        "looker/dashboard/m/kpis": ["looker/explore/m/orders"],
        "looker/explore/m/orders": ["looker/view/orders"],
        "looker/view/orders": ["raw/shop/orders"],
    }
    lineage = specs["looker/view/orders"].metadata["dagster/column_lineage"]
    assert lineage.deps_by_column["total"] == [dg.TableColumnDep(dg.AssetKey(["raw", "shop", "orders"]), "amount")]


def test_what_a_filter_leaves_out_keeps_the_key_that_it_has_where_it_is_loaded(tmp_path: Path) -> None:
    files = {
        "a.model.lkml": 'connection: "c"\ninclude: "/orders.view"\nexplore: orders {}\n',
        "b.model.lkml": 'connection: "c"\ninclude: "/kpis.dashboard"\n',
        "orders.view.lkml": ORDERS,
        "kpis.dashboard.lookml": SHOP["kpis.dashboard.lookml"].replace("model: m", "model: a"),
    }
    project = LookMLProject(written(tmp_path, files))
    specs = by_key(load_looker_asset_specs(project, Prefixed(), LookerFilter(models=["b"])))

    assert {key: deps(spec) for key, spec in specs.items()} == {"looker/dashboard/b/kpis": ["looker/explore/a/orders"]}


class OneKey(DagsterLookMLTranslator):
    def get_asset_spec(self, structure: LookMLStructure) -> dg.AssetSpec:
        spec = super().get_asset_spec(structure)
        return spec.replace_attributes(key="same") if isinstance(structure, View | Dashboard) else spec


def test_two_structures_with_one_key_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="dashboard:m/kpis and view:orders both have the asset key same"):
        loaded(written(tmp_path, SHOP), dagster_looker_translator=OneKey())


# -- switches --------------------------------------------------------------------------------------------------------------


def test_tables_and_pdts_can_be_assets_themselves() -> None:
    specs = by_key(load_looker_asset_specs(LookMLProject(STOREFRONT), include_tables=True, include_pdts=True))

    assert deps(specs["pdt/ecommerce/product_affinity"]) == ["pdt/ecommerce/product_daily_sales", "shop/order_items"]
    assert specs["shop/order_items"].metadata["dagster/table_name"] == "shop.order_items"
    assert specs["shop/order_items"].kinds == {"table", "bigquery"}
    columns = schema(specs["pdt/ecommerce/product_daily_sales"])
    assert list(columns) == ["product_id", "sold_on", "units", "revenue", "returned_lines"]
    assert columns["sold_on"].description == "from shop.order_items.sold_at"


def test_a_native_pdt_s_columns_come_from_the_warehouse() -> None:
    specs = by_key(load_looker_asset_specs(LookMLProject(STOREFRONT), include_pdts=True))
    columns = schema(specs["pdt/ecommerce/daily_revenue"])

    assert columns["revenue"].description == "from shop.order_items.sale_price"


def test_a_filter_that_names_nothing_says_so(caplog: pytest.LogCaptureFixture) -> None:
    specs = load_looker_asset_specs(LookMLProject(STOREFRONT), looker_filter=LookerFilter(models=["ecomerce"]))

    assert specs == []
    assert "looker_filter: models: there is no model ecomerce; did you mean ecommerce?" in caplog.text


def test_order_is_the_same_each_time() -> None:
    def keys(specs: Sequence[dg.AssetSpec]) -> list[tuple[str, ...]]:
        return [tuple(spec.key.path) for spec in specs]

    first = load_looker_asset_specs(LookMLProject(STOREFRONT))
    assert keys(first) == keys(load_looker_asset_specs(LookMLProject(STOREFRONT))) == sorted(keys(first))


def test_a_broken_repository_loads_what_is_sound() -> None:
    specs = by_key(load_looker_asset_specs(LookMLProject(FIXTURES / "projects" / "broken")))

    assert {"view/orders", "view/users", "explore/shop/orders", "dashboard/shop/sales"} <= specs.keys()


# -- what is given by mistake ----------------------------------------------------------------------------------------------


class Nothing(DagsterLookMLTranslator):
    def get_asset_spec(self, structure: LookMLStructure) -> dg.AssetSpec:
        return None  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dagster_looker_translator": Nothing()}, "get_asset_spec returned NoneType for dashboard:m/kpis"),
        ({"dagster_looker_translator": Nothing}, r"give the translator itself, as in Nothing\(\)"),
        ({"include_tables": "no"}, "include_tables is True or False, and not 'no'"),
        ({"base_url": "acme.looker.com"}, "base_url begins with https://"),
        ({"table_asset_keys": lambda table: ["", "orders"]}, "a part of it is empty"),
        ({"table_asset_keys": lambda table: 7}, "table shop.orders: 7 is no asset key"),
    ],
    ids=["no spec", "a class", "text for a switch", "no URL", "an empty part", "no key"],
)
def test_what_is_wrong_is_named(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises((TypeError, ValueError, TableKeyError), match=message):
        loaded(written(tmp_path, SHOP), **options)


def test_a_function_may_give_keys_as_people_write_them(tmp_path: Path) -> None:
    specs = loaded(written(tmp_path, SHOP), table_asset_keys=lambda table: f"lake/{table.parts[-1]}")

    assert deps(specs["view/orders"]) == ["lake/orders"]


def test_many_circles_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = [f"v{number}" for number in range(8)]
    files = {
        f"{name}.view.lkml": f"view: {name} {{ derived_table: {{ sql: SELECT 1 AS x FROM "
        + ", ".join(f"${{{other}.SQL_TABLE_NAME}}" for other in names if other != name)
        + " ;; } dimension: x {} }"
        for name in names
    }
    loaded(written(tmp_path, files))

    assert len(caplog.records) == 11
    assert caplog.records[-1].getMessage() == "and 18 more dependencies in circles"


def test_an_open_block_of_code_in_a_description_ends_with_it(tmp_path: Path) -> None:
    files = {**SHOP, "orders.explore.lkml": 'explore: orders { description: "see ```sql" }'}

    assert loaded(written(tmp_path, files))["explore/m/orders"].description == (
        "see ```sql\n```\n\nAn explore of the model `m`, over the view `orders`."
    )


def test_a_table_with_the_key_of_a_view_is_refused(tmp_path: Path) -> None:
    class Clash(DagsterLookMLTranslator):
        def get_asset_spec(self, structure: LookMLStructure) -> dg.AssetSpec:
            spec = super().get_asset_spec(structure)
            return spec.replace_attributes(key=["view", "orders"]) if isinstance(structure, Table) else spec

    with pytest.raises(dg.DagsterInvalidDefinitionError, match="both have the asset key view/orders"):
        loaded(written(tmp_path, SHOP), dagster_looker_translator=Clash())


# -- what columns are made of ----------------------------------------------------------------------------------------------


def test_a_pdt_s_column_that_no_field_reads_is_traced(tmp_path: Path) -> None:
    pdt = 'view: p { derived_table: { persist_for: "1 hour" sql: SELECT a, b FROM s.t ;; } dimension: a {} }'
    specs = loaded(written(tmp_path, {"p.view.lkml": pdt}), include_pdts=True, include_tables=True)

    assert {name: column.description for name, column in schema(specs["pdt/m/p"]).items()} == {
        "a": "from s.t.a",
        "b": "from s.t.b",
    }
    assert list(schema(specs["s/t"])) == ["a", "b"]


def test_names_are_shown_as_the_warehouse_has_them(tmp_path: Path) -> None:
    view = "view: a { sql_table_name: `my project.data.order items` ;; dimension: x { sql: ${TABLE}.x ;; } }"
    config = '[connections.warehouse]\ndialect = "bigquery"\n'
    specs = loaded(written(tmp_path, {"a.view.lkml": view, "dagster-lookml.toml": config}), include_tables=True)
    [table] = [spec for spec in specs.values() if "table" in spec.kinds]

    assert schema(specs["view/a"])["x"].description == "from my project.data.order items.x"
    assert (table.description or "").startswith("The warehouse table `my project.data.order items`")
    assert "%20" not in repr(specs["view/a"]) + (table.description or "")


def test_a_group_that_shares_its_name_is_told_apart_in_words(tmp_path: Path) -> None:
    one = "dimension: received { sql: ${TABLE}.r ;; }"
    group = "dimension_group: received { type: time timeframes: [date] sql: ${TABLE}.r ;; }"
    view = f"view: a {{ sql_table_name: s.t ;; {one} {group} }}"
    columns = schema(loaded(written(tmp_path, {"a.view.lkml": view}))["view/a"])

    assert list(columns) == ["received", "received (group)"]


def test_what_is_only_inferred_is_marked(tmp_path: Path) -> None:
    sql = "SELECT id, amount FROM s.orders JOIN s.lines USING (id)"
    views = {
        "p.view.lkml": f"view: p {{ derived_table: {{ sql: {sql} ;; }} dimension: amount {{}} dimension: one {{ sql: 1 ;; }} }}",
        "o.view.lkml": "view: o { sql_table_name: s.orders ;; dimension: amount { sql: ${TABLE}.amount ;; } }",
    }
    columns = schema(loaded(written(tmp_path, views))["view/p"])

    assert columns["amount"].description == "from s.orders.amount (inferred)"
    assert columns["one"].description is None


def test_a_table_of_which_a_part_came_out_empty_is_not_taken_for_a_whole_name(tmp_path: Path) -> None:
    view = "view: a { sql_table_name: `@{PROJECT}.@{DATASET}.activity` ;; dimension: x { sql: ${TABLE}.x ;; } }"
    manifest = 'constant: PROJECT { value: "" export: override_required }\nconstant: DATASET { value: "" }\n'
    config = '[connections.warehouse]\ndialect = "bigquery"\n'
    files = {"a.view.lkml": view, "manifest.lkml": manifest, "dagster-lookml.toml": config}
    [dep] = loaded(written(tmp_path, files))["view/a"].deps

    assert "dagster/table_name" not in dep.metadata


def test_what_is_only_inferred_of_a_pdt_is_marked_too(tmp_path: Path) -> None:
    sql = "SELECT id, amount, s.lines.unit FROM s.orders JOIN s.lines USING (id)"
    views = {
        "p.view.lkml": f'view: p {{ derived_table: {{ persist_for: "1 hour" sql: {sql} ;; }} dimension: amount {{}} }}',
        "o.view.lkml": "view: o { sql_table_name: s.orders ;; dimension: amount { sql: ${TABLE}.amount ;; } }",
    }
    columns = schema(loaded(written(tmp_path, views), include_pdts=True)["pdt/m/p"])

    assert columns["amount"].description == "from s.orders.amount (inferred)"
    assert columns["unit"].description == "from s.lines.unit"


def test_a_pdt_depends_in_each_model_on_what_its_names_mean_there(tmp_path: Path) -> None:
    kept = 'persist_for: "1 hour"'
    model = 'connection: "w"\ninclude: "/*.view.lkml"\n'
    files = {
        "one.model.lkml": model + 'include: "/one/*.view.lkml"\n',
        "two.model.lkml": model + 'include: "/two/*.view.lkml"\n',
        "a.view.lkml": f"view: a {{ derived_table: {{ {kept} sql: SELECT id FROM ${{between.SQL_TABLE_NAME}} ;; }} }}",
        "between.view.lkml": "view: between { derived_table: { sql: SELECT id FROM ${b.SQL_TABLE_NAME} ;; } dimension: id {} }",
        "one/b.view.lkml": f"view: b {{ derived_table: {{ {kept} sql: SELECT id FROM raw.one ;; }} dimension: id {{}} }}",
        "two/b.view.lkml": "view: b { sql_table_name: raw.two ;; dimension: id {} }",
    }
    specs = loaded(written(tmp_path, files), include_pdts=True)

    assert deps(specs["pdt/one/a"]) == ["pdt/one/b"]
    assert deps(specs["pdt/two/a"]) == ["raw/two"]
