"""The pages of the demo in Dagster: what they say, and that it is readable."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final
from urllib.request import ProxyHandler, build_opener

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SECONDS_TO_SHOW, Demo

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]

_EDGES: Final = "{ assetNodes { assetKey { path } dependencyKeys { path } } }"
_LAUNCH: Final = """
mutation Launch($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  }
}"""
_LATEST: Final = """
query Latest($keys: [AssetKeyInput!]) {
  assetNodes(assetKeys: $keys) { assetKey { path } assetMaterializations(limit: 1) { timestamp } }
}"""
_RUN: Final = "query Run($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
_CHECK: Final = """
query Check($key: AssetKeyInput!) {
  assetNodeOrError(assetKey: $key) {
    ... on AssetNode {
      assetChecksOrError {
        ... on AssetChecks { checks { name executionForLatestMaterialization { status evaluation { success } } } }
      }
    }
  }
}"""


def visit(page: Page, path: str) -> None:
    page.goto(path, wait_until="domcontentloaded")


def shows(page: Page, *texts: str) -> None:
    """Wait until each of the texts is an element of the page by itself."""
    for text in texts:
        expect(page.get_by_text(text, exact=True).filter(visible=True).first).to_be_visible()


def says(page: Page, *texts: str) -> None:
    """Wait until the page holds each of the texts, and see that none of it is markup that was meant to be rendered."""
    for text in texts:
        expect(page.locator("body")).to_contain_text(text, use_inner_text=True)
    whole = page.locator("body").inner_text()
    assert [markup for markup in ("&lt;", "&gt;", "&amp;", "\\_", "\\*", "\\[", "**", "`") if markup in whole] == []


def row(page: Page, column: str) -> str:
    """The line of a column in the table of columns, when its description is there."""
    line = page.locator("tr").filter(has=page.get_by_text(column, exact=True))
    expect(line).to_have_count(1)
    expect(line.locator("td").nth(2)).to_have_text(re.compile(r"\S"))
    return " ".join(line.inner_text().split())


def unfold(page: Page, group: str) -> None:
    """Open a group in the list beside the graph."""
    line = page.locator("[class*=AssetSidebarNode_itemContainer]").filter(has=page.get_by_title(group, exact=True))
    line.get_by_label("arrow_drop_down").click()


def is_reached(keys: Sequence[str], demo: Demo) -> bool:
    """Whether each asset is one that the next is made of."""
    nodes = demo.ask(_EDGES)["assetNodes"]
    above = {"/".join(node["assetKey"]["path"]): ["/".join(key["path"]) for key in node["dependencyKeys"]] for node in nodes}
    return all(one in above[other] for one, other in pairwise(keys))


def test_graph_shows_a_group_for_dbt_and_for_each_model(page: Page) -> None:
    visit(page, "/asset-groups")
    groups = ("dbt", "ecommerce", "marketing", "operations", "shared")
    shows(page, *groups)
    nodes = page.locator("svg foreignObject")
    for group in groups:
        expect(nodes.get_by_text(group, exact=True)).not_to_have_count(0)


def test_list_beside_the_graph_names_dashboards_explores_and_views(page: Page) -> None:
    visit(page, "/asset-groups")
    unfold(page, "ecommerce")
    shows(page, "executive_overview", "revenue_trend", "web_sessions", "user_order_facts")


def test_list_beside_the_graph_names_dbt_models_and_sources(page: Page) -> None:
    visit(page, "/asset-groups")
    unfold(page, "dbt")
    shows(page, "stg_orders", "order_items", "dim_date", "stock_movements")


def test_page_of_a_view(page: Page) -> None:
    visit(page, "/assets/view/order_items")
    shows(page, "Looker", "View", "shared", "shop.order_items", "Columns")
    assert "number" in row(page, "quantity")
    assert "Price paid for the line" in row(page, "sale_price")
    assert "unique" in row(page, "order_item_key")
    expect(page.locator("a[href*='views/core/order_items.view.lkml']")).to_contain_text("order_items.view.lkml:2")
    expect(page.locator("a[href*='/assets/explore/ecommerce/order_items']").first).to_be_visible()
    says(page, "A view of a table in the models ecommerce, operations", "Upstream assets", "Downstream assets")


def test_page_of_a_view_with_a_persistent_table(page: Page) -> None:
    visit(page, "/assets/view/order_totals")
    shows(page, "Looker", "View", "pdt", "dagster-lookml/persistence")
    assert "shop.orders.id" in row(page, "order_id")
    says(page, "Persistent: datagroup_trigger nightly_etl", "A SQL derived table")


def test_page_of_a_persistent_table(page: Page) -> None:
    visit(page, "/assets/pdt/ecommerce/product_daily_sales")
    shows(page, "pdt", "BigQuery", "returned_lines")
    says(page, "The persistent derived table of the view product_daily_sales", "from shop.order_items.sold_at")


def test_page_of_a_table_that_dbt_does_not_know(page: Page) -> None:
    visit(page, "/assets/marketing/crm/conversions")
    shows(page, "Snowflake", "conversion_id")
    expect(page.locator("a[href*='/assets/view/attribution']").first).to_be_visible()
    says(page, "The warehouse table marketing.crm.conversions")


def test_page_of_an_explore_has_a_table_of_joins(page: Page) -> None:
    visit(page, "/assets/explore/ecommerce/order_items")
    expect(page.get_by_role("table").filter(has_text="relationship")).to_contain_text("user_order_facts")
    says(page, "Everything we sold, line by line", "many_to_one")


def test_page_of_a_dashboard_lists_its_tiles(page: Page) -> None:
    visit(page, "/assets/dashboard/ecommerce/executive_overview")
    expect(page.get_by_role("listitem").filter(has_text="Weekly Revenue by Channel")).to_be_visible()
    says(page, "Executive Overview", "Filters: Date, Country, Channel")


def test_page_of_a_dbt_model(page: Page) -> None:
    visit(page, "/assets/order_items")
    shows(page, "dbt", "BigQuery")
    says(page, "One row for each line of an order", "storefront-prod.shop.order_items")
    expect(page.locator("a[href*='/assets/view/order_items']").first).to_be_visible()


def test_lineage_of_a_dashboard_shows_its_explores(page: Page) -> None:
    visit(page, "/assets/dashboard/ecommerce/executive_overview?view=lineage")
    nodes = page.locator("svg foreignObject")
    for name in ("executive_overview", "customers", "order_items", "web_sessions"):
        expect(nodes.get_by_text(name, exact=True).first).to_be_visible()
    expect(page.get_by_text("/ 1 Passed")).to_have_count(4)
    expect(page.get_by_text("Loading")).to_have_count(0)


def test_lineage_of_a_view_shows_its_dbt_model(page: Page) -> None:
    visit(page, "/assets/view/order_items?view=lineage&lineageScope=upstream")
    nodes = page.locator("svg foreignObject")
    for name in ("dbt", "shared", "order_items"):
        expect(nodes.get_by_text(name, exact=True).first).to_be_visible()
    expect(page.get_by_text("/ 1 Passed")).to_be_visible()
    expect(page.get_by_text("Loading")).to_have_count(0)


@pytest.mark.parametrize(
    "keys",
    [
        ["webshop/orders", "stg_orders", "order_items", "view/order_items"],
        ["view/order_items", "explore/ecommerce/order_items", "dashboard/ecommerce/executive_overview"],
        ["analytics/sessions", "view/ecommerce/sessions", "explore/ecommerce/web_sessions"],
        ["order_items", "pdt/ecommerce/product_daily_sales", "pdt/ecommerce/product_affinity", "view/product_affinity"],
        ["marketing/crm/conversions", "view/attribution", "explore/marketing/attribution"],
        ["shipments", "view/shipments", "explore/operations/fulfillment", "dashboard/operations/fulfillment"],
    ],
    ids=lambda keys: keys[-1],
)
def test_lineage_leads_from_dbt_to_dashboards(demo: Demo, keys: list[str]) -> None:
    assert is_reached(keys, demo)


def test_check_of_a_view_runs_and_passes(demo: Demo, page: Page) -> None:
    visit(page, "/assets/view/order_items?view=checks")
    shows(page, "lookml", "Not evaluated")
    key = {"path": ["view", "order_items"]}
    checks = {"assetSelection": [], "assetCheckSelection": [{"assetKey": key, "name": "lookml"}]}
    assert ended(demo, launched(demo, checks)) == "SUCCESS"
    (check,) = demo.ask(_CHECK, key=key)["assetNodeOrError"]["assetChecksOrError"]["checks"]
    assert check["name"] == "lookml"
    assert check["executionForLatestMaterialization"] == {"status": "SUCCEEDED", "evaluation": {"success": True}}
    page.reload(wait_until="domcontentloaded")
    shows(page, "Succeeded")
    says(page, "Whether Looker would take this LookML")


def launched(demo: Demo, selection: Mapping[str, Any]) -> str:
    """Start a run of some assets or checks; its id."""
    selector = {
        "repositoryName": "__repository__",
        "repositoryLocationName": "definitions.py",
        "jobName": "__ASSET_JOB",
        **selection,
    }
    answer = demo.ask(_LAUNCH, params={"selector": selector, "mode": "default"})["launchRun"]
    assert answer["__typename"] == "LaunchRunSuccess", answer
    return str(answer["run"]["runId"])


def ended(demo: Demo, run: str) -> str:
    """How a run ended, asked until it has."""
    deadline = time.monotonic() + 4 * SECONDS_TO_SHOW
    while time.monotonic() < deadline:
        status = str(demo.ask(_RUN, id=run)["runOrError"]["status"])
        if status in ("SUCCESS", "FAILURE", "CANCELED"):
            return status
        time.sleep(0.5)
    raise AssertionError(f"the run {run} is still {status}")


def test_a_chain_of_persistent_tables_is_materialized_in_order(demo: Demo, page: Page) -> None:
    chain = ["order_totals", "user_order_facts", "user_segments"]
    visit(page, "/assets/pdt/ecommerce/user_segments?view=lineage&lineageScope=upstream&lineageDepth=2")
    page.get_by_text("Materialize all (3)").click()
    expect(page.get_by_text("Materialized", exact=True)).to_have_count(3, timeout=90_000)

    nodes = demo.ask(_LATEST, keys=[{"path": ["pdt", "ecommerce", name]} for name in chain])["assetNodes"]
    by_time = sorted(nodes, key=lambda node: float(node["assetMaterializations"][0]["timestamp"]))
    assert [node["assetKey"]["path"][-1] for node in by_time] == chain
    built = {one["view"]: one["built"] for one in state(demo)["tables"] if one["model"] == "ecommerce"}
    assert [built[name] for name in chain] == [1, 1, 1]


def test_a_persistent_table_that_cannot_be_built_is_red_and_says_why(demo: Demo, page: Page) -> None:
    visit(page, "/assets/pdt/marketing/attribution?view=lineage&lineageScope=downstream")
    page.get_by_text("Materialize", exact=True).first.click()
    expect(page.get_by_text("Failed", exact=True)).to_be_visible(timeout=90_000)


def test_the_run_that_failed_says_why(demo: Demo, page: Page) -> None:
    run = launched(demo, {"assetSelection": [{"path": ["pdt", "marketing", "attribution"]}]})
    assert ended(demo, run) == "FAILURE"
    visit(page, f"/runs/{run}")
    says(page, "marketing/attribution: FAILED: Not found: Column gclid in table web.sessions at [3:12]")


def test_the_sandbox_says_that_it_is_one_and_what_it_assumes(demo: Demo, page: Page) -> None:
    page.goto(demo.sandbox, wait_until="domcontentloaded")
    says(page, "This is a sandbox. No Looker runs here and no table is built.", "ecommerce/user_segments", "U16 workspace=dev")


def state(demo: Demo) -> Mapping[str, Any]:
    """What the sandbox says of itself."""
    with build_opener(ProxyHandler({})).open(f"{demo.sandbox}/sandbox/state", timeout=30) as response:
        found: Mapping[str, Any] = json.load(response)
    return found
