"""What changed views, explores, dashboards and models mean, and who feels it."""

from __future__ import annotations

import pytest

from tests.analysis.diff.states import MODEL, ORDERS, SHOP, affected, compared, edited, lines

USERS = "view: users { dimension: id { primary_key: yes } dimension: city {} measure: people { type: count } }\n"
JOINED = edited(
    ("explore: orders {}", "explore: orders {\n  join: users { sql_on: ${users.id} = ${orders.id} ;; }\n}"),
    ("    fields: [orders.rows]", "    fields: [orders.rows, users.city]"),
    more={"users.view.lkml": USERS},
)
ON = "sql_on: ${users.id} = ${orders.id} ;;"


# -- views -------------------------------------------------------------------------------------------------------------


def test_another_table_may_change_every_number_of_the_view() -> None:
    (change,) = compared(SHOP, edited(("shop.orders", "shop.orders_v2"))).changes

    assert (change.verdict, change.id, change.property) == ("numbers may change", "view:orders", "sql_table_name")
    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/count", "tile:m/kpis/sales"]


@pytest.mark.rule("R4.1")
def test_the_table_of_a_view_that_names_none_is_its_own_name() -> None:
    before = edited(("  sql_table_name: shop.orders ;;\n", ""))

    assert lines(compared(before, edited(("shop.orders", "orders")))) == []


def test_a_view_that_is_gone_breaks_its_explores_and_their_tiles() -> None:
    after = {name: text for name, text in JOINED.items() if name != "users.view.lkml"}
    (change,) = compared(JOINED, after).changes

    assert (change.verdict, change.kind, change.id) == ("breaking", "removed", "view:users")
    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/count"]


def test_a_view_that_is_the_same_but_for_its_name_was_renamed() -> None:
    after = edited(("view: users {", "view: customers {"), ("join: users {", "join: users { from: customers"), files=JOINED)
    before = edited(("view: users {", "view: users { sql_table_name: shop.users ;;"), files=JOINED)
    after = edited(("view: customers {", "view: customers { sql_table_name: shop.users ;;"), files=after)
    found = lines(compared(before, after))

    assert "breaking: view:customers renamed" in found
    assert "numbers may change: join:m/orders/users changed view" in found
    assert not any("field:" in one for one in found)


def test_a_derived_table_is_compared_as_sql() -> None:
    pdt = 'view: d { derived_table: { sql: SELECT id FROM raw.t WHERE a = 1 ;; persist_for: "1 hour" } dimension: id {} }\n'
    before = SHOP | {"d.view.lkml": pdt}
    (same,) = compared(before, edited(("a = 1", "1 = a"), files=before)).changes
    (other,) = compared(before, edited(("a = 1", "a = 2"), files=before)).changes

    assert (same.verdict, same.property) == ("equivalent", "derived_table.sql")
    assert (other.verdict, affected(other)) == ("numbers may change", ["pdt:m/d"])


def test_who_builds_on_a_pdt_feels_its_change() -> None:
    first = 'view: a { derived_table: { sql: SELECT 1 AS id ;; persist_for: "1 hour" } dimension: id {} }\n'
    second = 'view: b { derived_table: { sql: SELECT id FROM ${a.SQL_TABLE_NAME} ;; persist_for: "2 hours" } dimension: id {} }\n'
    before = SHOP | {"a.view.lkml": first, "b.view.lkml": second}
    (change,) = compared(before, edited(("SELECT 1 AS id", "SELECT 2 AS id"), files=before)).changes

    assert affected(change) == ["pdt:m/a", "pdt:m/b"]


def test_a_view_that_no_model_includes_changes_nothing() -> None:
    before = SHOP | {"lost/x.view.lkml": "view: x { dimension: a { sql: ${TABLE}.a ;; } }\n"}
    (change,) = compared(before, edited(("sql: ${TABLE}.a ;;", "sql: ${TABLE}.b ;;"), files=before)).changes

    assert (change.verdict, change.reason) == ("metadata only", "no model includes this view")


# -- explores ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (ON, "sql_on: ${orders.id} = ${users.id} ;;", "equivalent: join:m/orders/users changed sql_on"),
        (ON, "sql_on: ${users.id} = ${orders.price} ;;", "numbers may change: join:m/orders/users changed sql_on"),
        (ON, f"{ON} type: inner", "numbers may change: join:m/orders/users changed type"),
        (ON, f"{ON} type: left_outer", ""),
        (ON, f"{ON} relationship: many_to_one", ""),
        (ON, f"{ON} relationship: one_to_many", "numbers may change: join:m/orders/users changed relationship"),
        (ON, f'{ON} view_label: "U"', "metadata only: join:m/orders/users changed view_label"),
        (ON, f"{ON} fields: [users.id]", "breaking: explore:m/orders changed fields"),
        ("explore: orders {\n", "explore: orders { label: \"O\"\n", "metadata only: explore:m/orders changed label"),
        (
            "explore: orders {\n", "explore: orders { sql_always_where: ${id} > 1 ;;\n",
            "numbers may change: explore:m/orders changed sql_always_where",
        ),
        (
            "explore: orders {\n", 'explore: orders { always_filter: { filters: [status: "x"] }\n',
            "numbers may change: explore:m/orders changed always_filter.filters[status]",
        ),
        (
            "explore: orders {\n", "explore: orders { fields: [ALL_FIELDS*, -orders.rows]\n",
            "breaking: explore:m/orders changed fields",
        ),
        ("explore: orders {\n", "explore: orders { fields: [ALL_FIELDS*]\n", ""),
        ("explore: orders {\n", "explore: orders { extension: required\n", "breaking: explore:m/orders changed extension"),
        ("explore: orders {\n", "explore: orders { view_name: orders\n", ""),
    ],
)  # fmt: skip
def test_one_parameter_of_an_explore_is_one_change(old: str, new: str, said: str) -> None:
    assert lines(compared(JOINED, edited((old, new), files=JOINED))) == ([said] if said else [])


def test_a_join_that_is_gone_breaks_the_tiles_with_its_fields_and_no_others() -> None:
    after = edited((f"  join: users {{ {ON} }}\n", ""), files=JOINED)
    (change,) = compared(JOINED, after).changes

    assert (change.verdict, change.kind, change.id) == ("breaking", "removed", "join:m/orders/users")
    assert affected(change) == ["dashboard:m/kpis", "tile:m/kpis/count"]


def test_a_join_is_felt_by_the_joins_that_build_on_it() -> None:
    more = "join: cities { sql_on: ${cities.id} = ${users.city} ;; }\n}"
    before = edited((f"{ON} }}\n}}", f"{ON} }}\n{more}"), ("[orders.rows, users.city]", "[orders.rows, cities.id]"), files=JOINED)
    before["users.view.lkml"] += "view: cities { dimension: id {} }\n"
    (change,) = compared(before, edited((ON, "sql_on: ${users.id} = ${orders.price} ;;"), files=before)).changes

    assert "tile:m/kpis/count" in affected(change)


def test_fields_that_a_set_offers_no_more_break() -> None:
    before = edited(
        ("explore: orders {}", "explore: orders { fields: [orders.shown*] }"),
        (
            "measure: rows { type: count }",
            "measure: rows { type: count }\n  set: shown { fields: [created_month, total, rows, status, id] }",
        ),
    )
    changes = compared(before, edited(("total, rows, status", "rows, status"), files=before)).changes
    offered = next(one for one in changes if one.id == "explore:m/orders")

    assert (offered.verdict, offered.reason) == ("breaking", "it offers `orders.total` no more")
    assert affected(offered) == ["dashboard:m/kpis", "tile:m/kpis/sales"]


def test_an_explore_that_is_the_same_but_for_its_name_was_renamed() -> None:
    after = edited(("explore: orders {}", "explore: sales { view_name: orders }"))
    (change,) = compared(SHOP, after).changes

    assert (change.kind, change.verdict, change.old, change.new) == ("renamed", "breaking", "orders", "sales")
    assert affected(change) == ["dashboard:m/kpis", "tile:m/kpis/count", "tile:m/kpis/sales"]


# -- dashboards --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: KPIs", "title: Numbers", "metadata only: dashboard:m/kpis changed title"),
        ("title: Sales", "title: Sold", "metadata only: tile:m/kpis/sales changed title"),
        ("type: looker_column", "type: looker_line", "metadata only: tile:m/kpis/sales changed type"),
        ('{orders.id: "1"}', '{orders.id: "2"}', "numbers may change: tile:m/kpis/sales changed filters[orders.id]"),
        ("limit: 10", "limit: 20", "numbers may change: tile:m/kpis/sales changed limit"),
        ("    listen: {State: orders.status}\n", "", "numbers may change: tile:m/kpis/sales changed listen"),
        ("[orders.rows]", "[orders.rows, orders.id]", "numbers may change: tile:m/kpis/count changed fields"),
        ("default_value: done", "default_value: open", "numbers may change: filter:m/kpis/State changed default_value"),
        ("  - name: count\n    explore: orders\n    fields: [orders.rows]\n", "", "breaking: tile:m/kpis/count removed"),
        ("  - name: count\n", "  - name: number\n", "metadata only: tile:m/kpis/number renamed"),
    ],
)
def test_one_parameter_of_a_dashboard_is_one_change(old: str, new: str, said: str) -> None:
    (change,) = compared(SHOP, edited((old, new))).changes

    assert lines(compared(SHOP, edited((old, new)))) == [said]
    assert affected(change)[:1] == ([] if change.verdict == "metadata only" else ["dashboard:m/kpis"])


def test_a_filter_that_is_gone_breaks_the_tiles_that_listen_to_it() -> None:
    block = "  - name: State\n    type: field_filter\n    explore: orders\n    field: orders.status\n    default_value: done\n"
    (change,) = compared(SHOP, edited((block, ""))).changes

    assert (change.verdict, change.id, affected(change)) == (
        "breaking", "filter:m/kpis/State", ["dashboard:m/kpis", "tile:m/kpis/sales"],
    )  # fmt: skip


def test_the_order_of_tiles_without_names_is_no_change() -> None:
    before = edited(("  - name: sales\n    title", "  - title"), ("  - name: count\n    explore", "  - explore"))
    first, second = before["kpis.dashboard.lookml"].partition("  - title: Sales")[2].split("  - explore", 1)
    swapped = (
        before["kpis.dashboard.lookml"].partition("  - title: Sales")[0] + "  - explore" + second + "  - title: Sales" + first
    )

    assert lines(compared(before, before | {"kpis.dashboard.lookml": swapped})) == []


# -- models ------------------------------------------------------------------------------------------------------------


def test_another_connection_may_change_every_number_of_the_model() -> None:
    (change,) = compared(SHOP, edited(('connection: "c"', 'connection: "d"'))).changes

    assert (change.verdict, change.id, change.property) == ("numbers may change", "model:m", "connection")
    assert affected(change) == ["dashboard:m/kpis", "tile:m/kpis/count", "tile:m/kpis/sales"]


def test_a_model_that_is_gone_is_one_change() -> None:
    more = SHOP | {"n.model.lkml": MODEL + "explore: orders {}\nexplore: more { from: orders }\n"}

    assert lines(compared(more, SHOP)) == ["breaking: model:n removed"]
    assert lines(compared(SHOP, more)) == ["metadata only: model:n added"]


BLOCK = {"orders.view.lkml": SHOP["orders.view.lkml"], "a.explore.lkml": "explore: orders {}\n"}
"""A block without model files."""


def test_the_first_model_file_of_a_block_takes_nothing_away() -> None:
    after = {"orders.view.lkml": BLOCK["orders.view.lkml"], "m.model.lkml": MODEL + 'explore: orders { label: "x" }\n'}

    assert lines(compared(BLOCK, after)) == ["metadata only: explore:m/orders changed label", "metadata only: model:m added"]
    assert lines(compared(after, BLOCK)) == [
        "metadata only: explore:project/orders changed label",
        "breaking: model:m removed",
    ]


def test_where_there_was_nothing_no_model_is_gone() -> None:
    assert lines(compared({}, SHOP)) == ["metadata only: model:m added"]
    assert lines(compared(SHOP, {})) == ["breaking: model:m removed"]


def test_an_explore_that_a_block_has_no_more_is_gone_though_models_are_new() -> None:
    after = {"orders.view.lkml": BLOCK["orders.view.lkml"], "m.model.lkml": MODEL, "n.model.lkml": ""}

    assert "breaking: explore:project/orders removed" in lines(compared(BLOCK, after))


def test_a_model_with_the_same_names_under_another_name_was_renamed() -> None:
    after = dict(SHOP)
    after["shop.model.lkml"] = after.pop("m.model.lkml")

    assert lines(compared(SHOP, after)) == ["breaking: model:shop renamed"]


def test_a_datagroup_is_felt_by_the_pdts_that_it_triggers() -> None:
    trigger = "datagroup: nightly { sql_trigger: SELECT 1 ;; }\n"
    pdt = "view: d { derived_table: { sql: SELECT 1 AS id ;; datagroup_trigger: nightly } dimension: id {} }\n"
    before = SHOP | {"d.view.lkml": pdt, "m.model.lkml": SHOP["m.model.lkml"] + trigger}
    (change,) = compared(before, edited(("sql_trigger: SELECT 1 ;;", "sql_trigger: SELECT 2 ;;"), files=before)).changes

    assert (change.verdict, change.id, affected(change)) == ("numbers may change", "datagroup:m/nightly", ["pdt:m/d"])


def test_nothing_differs_from_itself() -> None:
    assert compared(JOINED, JOINED).changes == ()
    assert ORDERS in JOINED["orders.view.lkml"]


# -- dashboards that no model includes ---------------------------------------------------------------------------------

ALONE = {
    "m.model.lkml": 'include: "*.view"\nexplore: orders {}\n',
    "orders.view.lkml": SHOP["orders.view.lkml"],
    "kpis.dashboard.lookml": SHOP["kpis.dashboard.lookml"],
}
INCLUDED = edited(('include: "*.view"', 'include: "*.view"\ninclude: "*.dashboard"'), files=ALONE)


@pytest.mark.rule("R2.23")
def test_a_dashboard_that_a_model_includes_at_last_was_nowhere_before() -> None:
    assert lines(compared(ALONE, INCLUDED)) == ["metadata only: dashboard:m/kpis added"]
    assert lines(compared(INCLUDED, ALONE)) == ["breaking: dashboard:m/kpis removed"]


@pytest.mark.rule("R2.23")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (SHOP["kpis.dashboard.lookml"], ""),
        ("title: KPIs", "title: Numbers"),
        ("limit: 10", "limit: 20"),
        ("[orders.rows]", "[orders.lost]"),
        ("default_value: done", "default_value: open"),
        ("  - name: count\n    explore: orders\n    fields: [orders.rows]\n", ""),
    ],
)
def test_nobody_opens_a_dashboard_that_no_model_includes(old: str, new: str) -> None:
    (change,) = compared(ALONE, edited((old, new), files=ALONE)).changes

    assert (change.verdict, change.affected) == ("metadata only", ())
    assert change.reason == "no model includes this dashboard"
