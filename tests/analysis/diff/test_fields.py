"""What a changed field means, and who feels it."""

from __future__ import annotations

import pytest

from tests.analysis.diff.states import MODEL, SHOP, affected, compared, edited, lines


def only(*replacements: tuple[str, str]) -> list[str]:
    return lines(compared(SHOP, edited(*replacements)))


FIELD = "field:orders"
SQL = "sql: ${TABLE}.status ;;"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (SQL, "sql: UPPER(${TABLE}.status) ;;", f"numbers may change: {FIELD}.status changed sql"),
        (SQL, "sql: ${TABLE}.state ;;", f"numbers may change: {FIELD}.status changed sql"),
        (SQL, "sql: (${TABLE}.status) ;;", f"equivalent: {FIELD}.status changed sql"),
        (SQL, "sql: case when ${TABLE}.status ;;", f"unknown: {FIELD}.status changed sql"),
        (SQL, f'{SQL} label: "State"', f"metadata only: {FIELD}.status changed label"),
        (SQL, f"{SQL} hidden: yes", f"metadata only: {FIELD}.status changed hidden"),
        (SQL, f"{SQL} type: number", f"numbers may change: {FIELD}.status changed type"),
        (SQL, f"{SQL} required_access_grants: [staff]", f"breaking: {FIELD}.status changed required_access_grants"),
        ("type: sum sql: ${price}", "type: max sql: ${price}", f"numbers may change: {FIELD}.total changed type"),
        ("type: count", 'type: count filters: [status: "done"]', f"numbers may change: {FIELD}.rows changed filters[status]"),
        ("[date, week, month]", "[date, month]", f"breaking: {FIELD}.created changed timeframes"),
        ("[date, week, month]", "[date, week, month, year]", f"metadata only: {FIELD}.created changed timeframes"),
        ("primary_key: yes", "", f"numbers may change: {FIELD}.id changed primary_key"),
        ("dimension: price", "measure: price", f"numbers may change: {FIELD}.price changed kind"),
    ],
)
def test_one_parameter_is_one_change(old: str, new: str, said: str) -> None:
    assert said in only((old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dimension: price { type: number hidden: yes }", "dimension: price {\n\n  hidden: yes\n  type: number # cents\n}"),
        ("dimension: id { primary_key: yes }\n", "dimension: id { primary_key: yes sql: ${TABLE}.id ;; }\n"),
        ("[date, week, month]", "[month, week, date]"),
    ],
    ids=["layout", "default-sql", "order-of-timeframes"],
)
def test_what_means_the_same_is_no_change(old: str, new: str) -> None:
    assert only((old, new)) == []


def test_white_space_in_sql_is_equivalent() -> None:
    assert only((SQL, "sql:\n  ${TABLE}.status -- as it is\n ;;")) == [f"equivalent: {FIELD}.status changed sql"]


def test_the_order_of_fields_and_their_file_are_no_change() -> None:
    rows = "  measure: rows { type: count }\n"
    moved = edited((rows, ""), ("  dimension: id {", f"{rows}  dimension: id {{"))
    text = moved.pop("orders.view.lkml")

    assert lines(compared(SHOP, moved | {"other.view.lkml": text})) == []


def test_a_field_that_is_gone_breaks_the_tiles_that_show_it() -> None:
    (change,) = compared(SHOP, edited(("  measure: total { type: sum sql: ${price} ;; }\n", ""))).changes

    assert (change.verdict, change.kind, change.id, change.side) == ("breaking", "removed", f"{FIELD}.total", "base")
    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/sales"]
    tile = next(one for one in change.affected if one.node.id == "tile:m/kpis/sales")
    assert [str(edge.span) for edge in tile.path] == ["kpis.dashboard.lookml:15:36"]


def test_a_tile_that_goes_without_it_now_does_not_break() -> None:
    after = edited(
        ("  measure: total { type: sum sql: ${price} ;; }\n", ""), ("[orders.created_month, orders.total]", "[orders.rows]")
    )
    removed = next(one for one in compared(SHOP, after).changes if one.kind == "removed")

    assert affected(removed) == ["explore:m/orders"]


def test_a_change_is_felt_through_other_fields() -> None:
    after = edited(
        ("dimension: price { type: number hidden: yes }", "dimension: price { type: number hidden: yes sql: ${TABLE}.net ;; }")
    )
    (change,) = compared(SHOP, after).changes

    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/sales"]
    tile = next(one for one in change.affected if one.node.kind == "tile")
    assert [edge.target for edge in tile.path] == [f"{FIELD}.total", "tile:m/kpis/sales"]


def test_a_timeframe_that_is_gone_breaks_who_used_that_one() -> None:
    week, month = (compared(SHOP, edited(("[date, week, month]", left))).changes[0] for left in ("[date, month]", "[date, week]"))

    assert (week.reason, affected(week)) == ("`created_week` is gone, and whatever uses it breaks", ["explore:m/orders"])
    assert affected(month) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/sales"]


def test_a_new_field_breaks_nothing() -> None:
    assert only(("measure: rows", "measure: more { type: count }\n  measure: rows")) == [f"metadata only: {FIELD}.more added"]


GROUP = "dimension_group: created { type: time timeframes: [date, week, month]"
MADE = "dimension_group: made { alias: [created] type: time sql: ${TABLE}.created ;; timeframes: "


@pytest.mark.rule("R4.7")
def test_a_renamed_group_is_followed_by_timeframe_in_whatever_order_they_stand() -> None:
    """The tile shows other days: ``made_week`` is ``created_week`` and nothing else."""
    after = edited((GROUP, f"{MADE}[week, month, date]"), ("orders.created_month", "orders.made_week"))
    found = lines(compared(SHOP, after))

    assert f"metadata only: {FIELD}.made renamed" in found
    assert "numbers may change: tile:m/kpis/sales changed fields" in found
    followed = edited((GROUP, f"{MADE}[week, month, date]"), ("orders.created_month", "orders.made_month"))
    assert not any("tile:" in one for one in lines(compared(SHOP, followed)))


@pytest.mark.rule("R4.7")
def test_the_names_that_a_renamed_group_still_generates_are_followed() -> None:
    after = edited((GROUP, f"{MADE}[month, date]"), ("orders.created_month", "orders.made_month"))

    assert not any("tile:" in one for one in lines(compared(SHOP, after)))


@pytest.mark.rule("R4.7")
def test_a_timeframe_that_a_renamed_group_generates_no_more_is_gone() -> None:
    after = edited((GROUP, f"{MADE}[date, week]"))
    gone = next(one for one in compared(SHOP, after).changes if one.property == "timeframes")

    assert (gone.verdict, gone.id, gone.new) == ("breaking", f"{FIELD}.made", "made_date, made_week")
    assert affected(gone) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/sales"]


def test_a_group_is_the_same_under_another_name_in_whatever_order_its_timeframes_stand() -> None:
    before = edited((GROUP, GROUP + " sql: ${TABLE}.day ;;"))
    after = edited((GROUP, "dimension_group: made { type: time sql: ${TABLE}.day ;; timeframes: [month, date, week]"))

    assert f"breaking: {FIELD}.made renamed" in lines(compared(before, after))


@pytest.mark.rule("R4.43")
def test_an_alias_says_that_a_field_was_renamed() -> None:
    after = edited(("measure: total { type: sum", "measure: sales { alias: [total] type: sum"))
    renamed = next(one for one in compared(SHOP, after).changes if one.kind == "renamed")

    assert (renamed.verdict, renamed.old, renamed.new) == ("metadata only", "total", "sales")


def test_a_field_that_is_the_same_but_for_its_name_was_renamed() -> None:
    (change,) = compared(SHOP, edited(("measure: total {", "measure: sales {"))).changes

    assert (change.verdict, change.kind, change.id, change.old, change.new) == (
        "breaking", "renamed", f"{FIELD}.sales", "total", "sales",
    )  # fmt: skip
    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/sales"]


def test_a_field_without_sql_is_the_column_of_its_name_and_so_another_one() -> None:
    after = edited(("dimension: price { type: number hidden: yes }", "dimension: cost { type: number hidden: yes }"))
    found = lines(compared(SHOP, after))

    assert f"breaking: {FIELD}.price removed" in found
    assert f"metadata only: {FIELD}.cost added" in found


def test_what_views_inherit_is_one_change_that_all_who_use_them_feel() -> None:
    child = {
        "big.view.lkml": "view: big_orders { extends: [orders] }\n",
        "more.model.lkml": 'connection: "c"\ninclude: "*.view"\nexplore: big_orders {}\n',
    }
    before = SHOP | child
    (change,) = compared(before, edited((SQL, "sql: UPPER(${TABLE}.status) ;;"), files=before)).changes

    assert change.id == "field:orders.status"
    assert "explore:more/big_orders" in affected(change)


WITH_SQL = edited(("hidden: yes }", "hidden: yes sql: ${TABLE}.price ;; }"))


def test_what_follows_a_new_name_is_no_change_of_its_own() -> None:
    after = edited(("dimension: price {", "dimension: cost {"), ("sql: ${price} ;;", "sql: ${cost} ;;"), files=WITH_SQL)
    (change,) = compared(WITH_SQL, after).changes

    assert (change.kind, change.id) == ("renamed", f"{FIELD}.cost")


def test_what_follows_a_new_name_may_be_written_otherwise_too() -> None:
    after = edited(("dimension: price {", "dimension: cost {"), ("sql: ${price} ;;", "sql: ( ${cost} ) ;;"), files=WITH_SQL)

    assert lines(compared(WITH_SQL, after)) == [
        f"breaking: {FIELD}.cost renamed",
        f"equivalent: {FIELD}.total changed sql",
    ]


THROUGH_AN_ALIAS = {
    "m.model.lkml": MODEL
    + "explore: orders { join: buyers { from: users sql_on: ${buyers.id} = ${orders.id} ;; } }\n"
    + "explore: spent {}\nexplore: users {}\n",
    "orders.view.lkml": "view: orders { dimension: id {} dimension: age { sql: 2 * ${buyers.age} ;; } }",
    "users.view.lkml": "view: users { dimension: id {} dimension: age { sql: ${TABLE}.years ;; } }",
    "spent.view.lkml": "view: spent { derived_table: { explore_source: orders {\n"
    'column: years { field: buyers.age } filters: [buyers.age: "9"] } } dimension: years {} }',
}


@pytest.mark.rule("R6.2")
def test_a_name_that_was_followed_through_the_alias_of_a_join_is_no_change_of_its_own() -> None:
    renamed = {
        name: text.replace("dimension: age { sql: ${TABLE}", "dimension: old { sql: ${TABLE}").replace("buyers.age", "buyers.old")
        for name, text in THROUGH_AN_ALIAS.items()
    }

    assert lines(compared(THROUGH_AN_ALIAS, renamed)) == ["breaking: field:users.old renamed"]


def test_a_name_of_another_view_under_the_same_alias_is_followed_by_nobody() -> None:
    """In `people` the alias means a view whose field kept its name, so there the SQL means another column now."""
    more = "explore: people { view_name: orders join: buyers { from: clients sql_on: ${buyers.id} = ${orders.id} ;; } }\n"
    before = THROUGH_AN_ALIAS | {
        "clients.view.lkml": "view: clients { dimension: id {} dimension: age {} dimension: old {} }",
        "m.model.lkml": THROUGH_AN_ALIAS["m.model.lkml"] + more,
    }
    after = before | {
        "users.view.lkml": before["users.view.lkml"].replace("age", "old"),
        "orders.view.lkml": before["orders.view.lkml"].replace("buyers.age", "buyers.old"),
        "spent.view.lkml": before["spent.view.lkml"].replace("buyers.age", "buyers.old"),
    }

    assert lines(compared(before, after)) == [
        "numbers may change: field:orders.age changed sql",
        "breaking: field:users.old renamed",
    ]


def test_what_keeps_the_old_name_is_no_change_but_feels_that_one() -> None:
    (change,) = compared(WITH_SQL, edited(("dimension: price {", "dimension: cost {"), files=WITH_SQL)).changes

    assert (change.kind, change.id) == ("renamed", f"{FIELD}.cost")
    assert "tile:m/kpis/sales" in affected(change)


def test_a_tile_that_follows_a_new_name_is_no_change_either() -> None:
    after = edited(("measure: total {", "measure: sales {"), ("orders.total]", "orders.sales]"))
    (change,) = compared(SHOP, after).changes

    assert (change.id, affected(change)) == (f"{FIELD}.sales", ["explore:m/orders"])


def test_a_dimension_group_gives_its_new_name_to_what_it_generates() -> None:
    after = edited(
        ("dimension_group: created {", "dimension_group: made { sql: ${TABLE}.created ;;"), ("created_month", "made_month")
    )
    before = edited(("dimension_group: created {", "dimension_group: created { sql: ${TABLE}.created ;;"))
    (change,) = compared(before, after).changes

    assert (change.kind, change.id, affected(change)) == ("renamed", f"{FIELD}.made", ["explore:m/orders"])


def test_thousands_of_fields_of_one_kind_are_followed_by_what_their_names_have_in_common() -> None:
    def many(prefix: str) -> dict[str, str]:
        fields = "\n".join(f"measure: {prefix}{number}_sum {{ type: sum sql: ${{price}} ;; }}" for number in range(3_000))
        return edited(("  measure: rows { type: count }\n", f"  measure: rows {{ type: count }}\n{fields}\n"))

    found = compared(many("a"), many("total_")).changes

    assert {(one.kind, one.verdict) for one in found} == {("renamed", "breaking")}
    assert all((one.new or "").removeprefix("total_") == (one.old or "").removeprefix("a") for one in found)
