"""Which structures a filter leaves: every condition by itself and with others, and what is said of names that do not exist."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_lookml import LookerFilter, LookMLProject, load_looker_asset_specs
from dagster_lookml.assets.state import Finding, ProjectState
from dagster_lookml.assets.structures import Explore, View
from dagster_lookml.errors import SelectorError
from tests.assets.projects import written
from tests.corpora import FIXTURES

STOREFRONT = FIXTURES / "projects" / "storefront"


@cache
def storefront() -> LookMLProject:
    return LookMLProject(STOREFRONT)


def applied(project: LookMLProject, wanted: LookerFilter) -> ProjectState:
    """What a filter leaves of a project, with what its selector names."""
    return wanted.apply(project.state, project.select(wanted.select) if wanted.select is not None else None)


def kept(project: LookMLProject, kind: str, wanted: LookerFilter) -> list[str]:
    """The structures of a kind that a filter leaves, without the kind."""
    return [one.id.removeprefix(f"{kind}:") for one in applied(project, wanted).structures if one.id.startswith(f"{kind}:")]


def everything(state: ProjectState) -> list[str]:
    return [one.id for one in state.structures]


def dashboard(name: str, *explores: str) -> str:
    """A dashboard with a tile for each of the explores, which are written with their model."""
    tiles = "".join(
        f"  - {{name: t{at}, model: {one.partition('/')[0]}, explore: {one.partition('/')[2]}, type: table, fields: [x.id]}}\n"
        for at, one in enumerate(explores)
    )
    return f"- dashboard: {name}\n  title: {name}\n  elements:\n{tiles}"


VIEW = "view: {0} {{ {1} sql_table_name: shop.{0} ;; dimension: id {{}} dimension: inner {{ hidden: yes }} }}"
SHOP = {
    # `sales` includes what is there to be sold, `ops` what is there to be sent; nobody includes the folder `old`.
    "sales.model.lkml": """
connection: "warehouse"
include: "/views/*.view.lkml"
include: "/dashboards/**/*.dashboard.lookml"
explore: orders { tags: ["core"] join: users { sql_on: ${users.id} = ${orders.id} ;; } }
explore: users { hidden: yes }
explore: order_log { hidden: yes  tags: ["core"] }
explore: unused { view_name: spare }
""",
    "ops.model.lkml": """
connection: "warehouse"
include: "/ops/*.view.lkml"
explore: orders { view_name: shipments }
explore: parcels {}
""",
    "views/orders.view.lkml": VIEW.format("orders", ""),
    "views/users.view.lkml": VIEW.format("users", 'tags: ["pii", "group:people"]'),
    "views/spare.view.lkml": VIEW.format("spare", 'tags: ["core"]'),
    "views/order_log.view.lkml": (
        'view: order_log { derived_table: { persist_for: "1 hour" sql: SELECT id FROM ${spare.SQL_TABLE_NAME} ;; }'
        " dimension: id {} }"
    ),
    "ops/shipments.view.lkml": VIEW.format("shipments", ""),
    "ops/parcels.view.lkml": VIEW.format("parcels", ""),
    "old/old.view.lkml": VIEW.format("old", ""),
    "old/old.dashboard.lookml": dashboard("old", "sales/orders"),
    "dashboards/sales/kpis.dashboard.lookml": dashboard("kpis", "sales/orders"),
    "dashboards/sales/eu/people.dashboard.lookml": dashboard("people", "sales/users"),
    "dashboards/salesforce/both.dashboard.lookml": dashboard("both", "sales/orders", "ops/parcels"),
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> LookMLProject:
    return LookMLProject(written(tmp_path_factory.mktemp("shop"), SHOP))


OLD = "old/old.dashboard.lookml#old"


# -- conditions by themselves ------------------------------------------------------------------------------------------


def test_without_conditions_everything_is_left_that_has_to_do_with_data(shop: LookMLProject) -> None:
    assert applied(shop, LookerFilter()) == shop.state
    gone = set(everything(storefront().state)) - set(everything(applied(storefront(), LookerFilter())))
    assert gone == {"table:storefront-prod.meta.etl_runs"}  # only a trigger asks it, and nothing reads it


def test_models_leave_what_they_see(shop: LookMLProject) -> None:
    wanted = LookerFilter(models=["ops"])

    assert everything(applied(shop, wanted)) == [
        "explore:ops/orders",
        "explore:ops/parcels",
        "table:shop.parcels",
        "table:shop.shipments",
        "view:parcels",
        "view:shipments",
    ]
    assert "old" not in kept(shop, "view", LookerFilter(models=["*"]))
    assert everything(applied(shop, LookerFilter(models=[]))) == []


def test_a_pdt_is_left_for_the_models_that_are() -> None:
    assert kept(storefront(), "pdt", LookerFilter(models=["operations"])) == [
        "operations/inventory_snapshot",
        "operations/order_totals",
        "operations/warehouse_capacity",
    ]
    assert "ecommerce/order_totals" in kept(storefront(), "pdt", LookerFilter(models=["ecommerce"]))


def test_explores_bring_the_views_that_they_read_and_the_dashboards_that_use_them(shop: LookMLProject) -> None:
    assert everything(applied(shop, LookerFilter(explores=["sales/orders"]))) == [
        "dashboard:" + OLD,
        "dashboard:sales/both",
        "dashboard:sales/kpis",
        "explore:sales/orders",
        "table:shop.orders",
        "table:shop.users",
        "view:orders",
        "view:users",
    ]


def test_views_are_brought_along_through_derived_tables(shop: LookMLProject) -> None:
    wanted = LookerFilter(explores=["order_log"])

    assert kept(shop, "view", wanted) == ["order_log", "spare"]
    assert kept(shop, "pdt", wanted) == ["sales/order_log"]
    assert kept(shop, "table", wanted) == ["shop.spare"]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["orders"], ["ops/orders", "sales/orders"]),
        (["ops/orders"], ["ops/orders"]),
        (["order*"], ["ops/orders", "sales/order_log", "sales/orders"]),
        (["ops/*"], ["ops/orders", "ops/parcels"]),
        (["*/u*", "parcels"], ["ops/parcels", "sales/unused", "sales/users"]),
        (["Orders", "order", "sales/", ""], []),
        ([], []),
    ],
)
def test_explores_may_be_named_in_several_ways(shop: LookMLProject, names: list[str], found: list[str]) -> None:
    assert kept(shop, "explore", LookerFilter(explores=names)) == found


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["kpis"], ["sales/kpis"]),
        (["sales/*"], ["sales/both", "sales/kpis", "sales/people"]),
        (["?????"], []),
        (["old"], [OLD]),
        (["*/old"], []),  # it is of no model
        (["o*", "people"], [OLD, "sales/people"]),
    ],
)
def test_dashboards_may_be_named_in_several_ways(shop: LookMLProject, names: list[str], found: list[str]) -> None:
    assert kept(shop, "dashboard", LookerFilter(dashboards=names)) == found


def test_dashboards_leave_every_explore(shop: LookMLProject) -> None:
    assert kept(shop, "explore", LookerFilter(dashboards=["kpis"])) == kept(shop, "explore", LookerFilter())


def test_tags_leave_explores_and_views_that_have_one_and_dashboards_that_use_such_an_explore(shop: LookMLProject) -> None:
    wanted = LookerFilter(tags=["core"])

    assert kept(shop, "explore", wanted) == ["sales/order_log", "sales/orders"]
    assert kept(shop, "view", wanted) == ["order_log", "orders", "spare", "users"]
    assert kept(shop, "dashboard", wanted) == [OLD, "sales/both", "sales/kpis"]
    assert everything(applied(shop, LookerFilter(tags=["p?i"]))) == ["table:shop.users", "view:users"]


@pytest.mark.parametrize(
    ("folders", "found"),
    [
        (["dashboards"], ["sales/both", "sales/kpis", "sales/people"]),
        (["dashboards/sales"], ["sales/kpis", "sales/people"]),  # and not `dashboards/salesforce`
        (["/dashboards/sales/"], ["sales/kpis", "sales/people"]),
        (["./dashboards/sales/eu"], ["sales/people"]),
        ([["dashboards", "sales", "eu"]], ["sales/people"]),
        ([("dashboards", "salesforce"), "old"], [OLD, "sales/both"]),
        (["dashboards/sales*"], ["sales/both", "sales/kpis", "sales/people"]),
        (["*/eu"], ["sales/people"]),
        ([""], [OLD, "sales/both", "sales/kpis", "sales/people"]),
        (["/"], [OLD, "sales/both", "sales/kpis", "sales/people"]),
        (["sales", "eu", "Dashboards", "dashboards/sales/kpis.dashboard.lookml"], []),
        ([], []),
    ],
)
def test_folders_of_dashboards(shop: LookMLProject, folders: list[str | list[str]], found: list[str]) -> None:
    assert kept(shop, "dashboard", LookerFilter(dashboard_folders=folders)) == found


def test_explores_and_views_that_no_dashboard_uses_can_be_left_out(shop: LookMLProject) -> None:
    wanted = LookerFilter(only_fetch_explores_used_in_dashboards=True)

    assert kept(shop, "explore", wanted) == ["ops/parcels", "sales/orders", "sales/users"]
    assert kept(shop, "view", wanted) == ["orders", "parcels", "users"]
    assert kept(shop, "table", wanted) == ["shop.orders", "shop.parcels", "shop.users"]


def test_hidden_explores_can_be_left_out_unless_dashboards_use_them(shop: LookMLProject) -> None:
    wanted = LookerFilter(include_hidden=False)
    left = applied(shop, wanted)

    assert kept(shop, "explore", wanted) == ["ops/orders", "ops/parcels", "sales/orders", "sales/unused", "sales/users"]
    assert "order_log" in kept(shop, "view", wanted)  # the view is not hidden
    assert {one.name: [column.name for column in one.columns] for one in left.views} == {
        "old": ["id"],
        "order_log": ["id"],
        "orders": ["id"],
        "parcels": ["id"],
        "shipments": ["id"],
        "spare": ["id"],
        "users": ["id"],
    }
    assert "users" not in kept(shop, "explore", LookerFilter(include_hidden=False, dashboards=["kpis"]))


def test_what_no_model_includes_can_be_left_out(shop: LookMLProject) -> None:
    left, every = everything(applied(shop, LookerFilter(only_included=True))), everything(shop.state)

    assert set(every) - set(left) == {"view:old", "table:shop.old", "dashboard:" + OLD}


# -- conditions together -----------------------------------------------------------------------------------------------


def test_every_condition_must_hold(shop: LookMLProject) -> None:
    assert kept(shop, "explore", LookerFilter(models=["sales"], explores=["orders", "parcels"])) == ["sales/orders"]
    assert kept(shop, "explore", LookerFilter(explores=["order*"], tags=["core"], models=["ops"])) == []
    assert kept(shop, "dashboard", LookerFilter(dashboards=["kpis", "people"], dashboard_folders=["dashboards/sales/eu"])) == [
        "sales/people"
    ]
    assert kept(shop, "dashboard", LookerFilter(dashboards=["kpis", "people"], explores=["users"])) == ["sales/people"]
    assert kept(shop, "dashboard", LookerFilter(models=["ops"], dashboards=["both"])) == []


def test_a_tag_brings_no_view_that_the_explores_do_not_read(shop: LookMLProject) -> None:
    assert kept(shop, "view", LookerFilter(explores=["sales/orders"], tags=["core"])) == ["orders", "users"]


def test_a_tag_brings_no_view_that_no_dashboard_uses(shop: LookMLProject) -> None:
    wanted = LookerFilter(tags=["core"], only_fetch_explores_used_in_dashboards=True)

    assert kept(shop, "explore", wanted) == ["sales/orders"]
    assert kept(shop, "view", wanted) == ["orders", "users"]


def test_only_chosen_dashboards_use_explores(shop: LookMLProject) -> None:
    wanted = LookerFilter(dashboard_folders=["dashboards/sales/eu"], only_fetch_explores_used_in_dashboards=True)

    assert everything(applied(shop, wanted)) == [
        "dashboard:sales/people",
        "explore:sales/users",
        "table:shop.users",
        "view:users",
    ]


def test_a_dashboard_that_is_left_still_says_all_that_it_reads() -> None:
    wanted = LookerFilter(models=["marketing"])
    left = applied(storefront(), wanted)
    reads = left.by_id["dashboard:marketing/marketing_performance"].reads

    assert reads == storefront().state.by_id["dashboard:marketing/marketing_performance"].reads
    assert "explore:ecommerce/order_items" in reads
    assert "explore:ecommerce/order_items" not in left.by_id


def test_findings_are_left_with_what_they_are_about(shop: LookMLProject) -> None:
    state = storefront().state
    structures = {finding.structure for finding in state.findings}
    for model in ("ecommerce", "marketing", "operations"):
        left = applied(storefront(), LookerFilter(models=[model]))
        assert [one for one in state.findings if one.structure in left.by_id] == list(left.findings)
        assert all(isinstance(one, Finding) for one in left.findings)
    assert structures <= state.by_id.keys()


# -- selectors ---------------------------------------------------------------------------------------------------------


def test_a_selector_leaves_what_it_names(shop: LookMLProject) -> None:
    assert kept(shop, "dashboard", LookerFilter(select="+dashboard:sales/kpis")) == ["sales/kpis"]
    assert kept(shop, "explore", LookerFilter(select="+dashboard:sales/kpis")) == ["sales/orders"]
    assert kept(shop, "view", LookerFilter(select="+dashboard:sales/kpis")) == ["orders", "users"]
    assert everything(applied(shop, LookerFilter(select="explore:sales/orders"))) == ["explore:sales/orders"]
    assert kept(shop, "dashboard", LookerFilter(select="view:users+")) == [OLD, "sales/both", "sales/kpis", "sales/people"]


def test_a_selector_is_a_condition_like_others(shop: LookMLProject) -> None:
    assert kept(shop, "explore", LookerFilter(select="view:orders+", models=["ops"])) == []
    assert kept(shop, "dashboard", LookerFilter(select="view:orders+", dashboard_folders=["dashboards"])) == [
        "sales/both",
        "sales/kpis",
    ]
    assert kept(shop, "view", LookerFilter(select="+explore:sales/orders", explores=["sales/orders"])) == ["orders", "users"]


def test_a_selector_that_names_nothing_is_refused(shop: LookMLProject) -> None:
    with pytest.raises(SelectorError):
        applied(shop, LookerFilter(select="view:nothing"))


# -- names that do not exist -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        (LookerFilter(), []),
        (LookerFilter(models=["sales", "o?s"], explores=["orders", "ops/*"], dashboards=["old", "sales/kpis"], tags=["pii"]), []),
        (LookerFilter(dashboard_folders=["dashboards", "/old/", ["dashboards", "sales", "eu"], ""]), []),
        (LookerFilter(models=["sale"]), ["models: there is no model sale; did you mean sales?"]),
        (LookerFilter(models=["x", "y*"]), ["models: there is no model x; did you mean ops or sales?",
                                            "models: there is no model y*; did you mean ops or sales?"]),
        (LookerFilter(explores=["sales/order"]), ["explores: there is no explore sales/order; did you mean sales/orders"]),
        (LookerFilter(dashboards=["kpi"]), ["dashboards: there is no dashboard kpi; did you mean kpis?"]),
        (LookerFilter(dashboards=["zzz"]), ["dashboards: there is no dashboard zzz; did you mean both or kpis or old?"]),
        (LookerFilter(dashboards=["None/old"]), ["dashboards: there is no dashboard None/old"]),
        (LookerFilter(tags=["cores"]), ["tags: there is no tag cores; did you mean core?"]),
        (LookerFilter(dashboard_folders=["dashboard"]),
         ["dashboard_folders: there is no folder with dashboards dashboard; did you mean dashboards"]),
        (LookerFilter(dashboard_folders=[["dashboards", "us"]]),
         ["dashboard_folders: there is no folder with dashboards dashboards/us; did you mean dashboards"]),
        (LookerFilter(dashboard_folders=["views"]), ["dashboard_folders: there is no folder with dashboards views"]),
    ],
)  # fmt: skip
def test_names_that_do_not_exist_are_said_with_those_that_do(shop: LookMLProject, wanted: LookerFilter, lines: list[str]) -> None:
    said = list(wanted.unmatched(shop.state))

    assert [line[: len(f"looker_filter: {start}")] for line, start in zip(said, lines, strict=True)] == [
        f"looker_filter: {line}" for line in lines
    ]


def test_no_suggestion_names_a_model_that_is_not_there(shop: LookMLProject) -> None:
    assert not any("None" in line for line in LookerFilter(dashboards=["zzz", "None"]).unmatched(shop.state) if "zzz" in line)


def test_where_there_is_nothing_nothing_is_suggested(tmp_path: Path) -> None:
    state = LookMLProject(written(tmp_path, {"a.view.lkml": "view: a {}"})).state

    assert list(LookerFilter(explores=["x"], dashboards=["y"], dashboard_folders=["z"]).unmatched(state)) == [
        "looker_filter: explores: there is no explore x",
        "looker_filter: dashboards: there is no dashboard y",
        "looker_filter: dashboard_folders: there is no folder with dashboards z",
    ]


# -- laws --------------------------------------------------------------------------------------------------------------


def some(*names: str) -> st.SearchStrategy[list[str] | None]:
    return st.none() | st.lists(st.sampled_from(names), max_size=2)


FILTERS = st.builds(
    LookerFilter,
    models=some("ecommerce", "marketing", "operations", "*", "nothing"),
    explores=some("order_items", "ecommerce/*", "sessions", "marketing/attribution", "inventory*", "order_totals"),
    dashboards=some("executive_overview", "marketing/*", "*l*", "nothing"),
    tags=some("nothing", "*"),
    dashboard_folders=some("dashboards", "", "nothing"),
    only_fetch_explores_used_in_dashboards=st.booleans(),
    include_hidden=st.booleans(),
    only_included=st.booleans(),
    select=st.none()
    | st.sampled_from(["+dashboard:fulfillment", "model:marketing", "view:order_items+", "+explore:ecommerce/customers"]),
)  # fmt: skip


@given(FILTERS)
def test_a_filter_that_is_applied_twice_changes_nothing_more(wanted: LookerFilter) -> None:
    selected = storefront().select(wanted.select) if wanted.select is not None else None
    once = wanted.apply(storefront().state, selected)

    assert wanted.apply(once, selected) == once


@given(FILTERS)
def test_what_a_filter_leaves_was_there_and_keeps_what_it_reads(wanted: LookerFilter) -> None:
    state, left = storefront().state, applied(storefront(), wanted)

    assert everything(left) == [one.id for one in state.structures if one.id in left.by_id]
    assert {one.id: one.reads for one in left.structures} == {one.id: state.by_id[one.id].reads for one in left.structures}
    if wanted.select is None:  # which names just what it names
        views = {read for one in left.structures if isinstance(one, View | Explore) for read in one.reads}
        assert views <= left.by_id.keys()


@given(FILTERS)
def test_one_condition_more_leaves_no_more(wanted: LookerFilter) -> None:
    left = set(everything(applied(storefront(), wanted)))
    for model in ("ecommerce", "operations"):
        models = [model] if wanted.models is None else [one for one in wanted.models if one == model]
        fewer = msgspec.structs.replace(wanted, models=models)
        assert set(everything(applied(storefront(), fewer))) <= left


@pytest.mark.parametrize("option", ["models", "explores", "dashboards", "tags", "dashboard_folders"])
def test_a_name_in_place_of_a_list_is_refused(option: str) -> None:
    with pytest.raises(TypeError, match=rf"{option} is a list of names, as in {option}=\['sales'\]"):
        LookerFilter(**{option: "sales"})  # type: ignore[arg-type]


def test_pdts_of_models_that_are_left_out_are_no_dependencies(tmp_path: Path) -> None:
    pdt = 'view: p { derived_table: { persist_for: "1 hour" sql: SELECT a FROM s.t ;; } dimension: a {} }'
    model = 'connection: "c"\ninclude: "/p.view"\n'
    root = written(tmp_path, {"one.model.lkml": model, "two.model.lkml": model, "p.view.lkml": pdt})
    [spec] = load_looker_asset_specs(LookMLProject(root), looker_filter=LookerFilter(models=["two"]))

    assert [dep.asset_key.to_user_string() for dep in spec.deps] == ["pdt/two/p", "s/t"]


def test_a_selector_names_tables_too() -> None:
    def keys(selector: str) -> set[str]:
        specs = load_looker_asset_specs(
            LookMLProject(STOREFRONT), looker_filter=LookerFilter(select=selector), include_tables=True
        )
        return {spec.key.to_user_string() for spec in specs}

    assert keys("table:shop.order_items") == {"shop/order_items"}
    assert keys("view:order_items") == {"view/order_items"}
