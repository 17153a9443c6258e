"""What a changed field means, and who feels it."""

from __future__ import annotations

import pytest

from dagster_lookml.analysis.diff.change import Diff
from dagster_lookml.semantic.fields import DEFAULT_TIMEFRAMES
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
        (
            "measure: rows { type: count }",
            "measure: rows { type: count allow_approximate_optimization: yes }",
            f"numbers may change: {FIELD}.rows changed allow_approximate_optimization",
        ),
        ("primary_key: yes", "", f"numbers may change: {FIELD}.id changed primary_key"),
        ("dimension: price", "measure: price", f"breaking: {FIELD}.price changed kind"),
    ],
)
def test_one_parameter_is_one_change(old: str, new: str, said: str) -> None:
    assert said in only((old, new))


def test_sql_that_could_not_be_read_and_can_now_may_change_numbers() -> None:
    unread = edited((SQL, "sql: case when ${TABLE}.status ;;"))
    (change,) = compared(unread, SHOP).changes

    assert (change.verdict, change.property) == ("numbers may change", "sql")
    assert change.reason.startswith("the SQL before could not be read: ")
    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/sales"]


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


CASE = """{ case: {
    when: { sql: ${TABLE}.status = 1 ;; label: "New" }
    when: { sql: ${TABLE}.status = 2 ;; label: "Paid" }
    else: "Other"
  } }"""


@pytest.mark.rule("R4.33")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("${TABLE}.status = 1", "( ${TABLE}.status  =  1 )", "equivalent: field:orders.status changed case.when.sql 1"),
        ("${TABLE}.status = 1", "${TABLE}.status = 3", "numbers may change: field:orders.status changed case.when.sql 1"),
        ("${TABLE}.status = 2", "${TABLE}.status = 3", "numbers may change: field:orders.status changed case.when.sql 2"),
        ('"New"', '"Fresh"', "numbers may change: field:orders.status changed case.when.label 1"),
        ('"Paid"', '"Done"', "numbers may change: field:orders.status changed case.when.label 2"),
        ('    else: "Other"\n', "", "numbers may change: field:orders.status changed case.else"),
        ("    when: {", "    when:  {", ""),
    ],
)
def test_each_condition_of_a_case_is_compared_and_so_is_what_it_gives(old: str, new: str, said: str) -> None:
    place = "{ sql: ${TABLE}.status ;; }"
    before, after = edited((place, CASE)), edited((place, CASE.replace(old, new)))

    assert lines(compared(before, after)) == ([said] if said else [])


CHOICE = """parameter: p {
    type: unquoted
    allowed_value: { label: "By day" value: "day" }
    allowed_value: { label: "By week" value: "week" }
  }
  dimension: status"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"By day"', '"Daily"', ["metadata only: field:orders.p changed allowed_value[day].label"]),
        ('label: "By week" ', "", ["metadata only: field:orders.p changed allowed_value[week].label"]),
        (
            '"By week" value: "week"',
            '"By month" value: "month"',
            [
                "breaking: field:orders.p changed allowed_value",
                "metadata only: field:orders.p changed allowed_value[month].label",
                "metadata only: field:orders.p changed allowed_value[week].label",
            ],
        ),
    ],
)
def test_what_people_read_for_an_allowed_value_is_compared(old: str, new: str, said: list[str]) -> None:
    before, after = edited(("dimension: status", CHOICE)), edited(("dimension: status", CHOICE.replace(old, new)))

    assert lines(compared(before, after)) == said


QUOTED = "dimension: q {{ expression: {} ;; }}\n  dimension: status"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'type: count filters: [status: "New York"]',
            'type: count filters: [status: "New  York"]',
            f"numbers may change: {FIELD}.rows changed filters[status]",
        ),
        ('type: count filters: [status: "New York"]', 'type: count filters: [status: " New York "]', ""),
        (
            QUOTED.format('concat(${status}, "a b")'),
            QUOTED.format('concat(${status}, "a  b")'),
            f"numbers may change: {FIELD}.q changed expression",
        ),
        (QUOTED.format('concat(${status}, "a  b")'), QUOTED.format('\n  concat(${status},\n  "a  b")\n'), ""),
    ],
)
def test_white_space_means_something_where_it_is_quoted_and_inside_the_value_of_a_filter(old: str, new: str, said: str) -> None:
    place = "type: count" if old.startswith("type: count") else "dimension: status"
    before, after = edited((place, old)), edited((place, new))

    assert lines(compared(before, after)) == ([said] if said else [])


def test_a_filter_with_other_white_space_in_it_is_another_one_where_the_field_is_renamed_too() -> None:
    before, after = (
        edited(("measure: rows { type: count", f'measure: {name} {{ type: count filters: [status: "{value}"]'))
        for name, value in (("rows", "New York"), ("lines", "New  York"))
    )

    assert f"breaking: {FIELD}.rows removed" in lines(compared(before, after))


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


@pytest.mark.parametrize(("mended", "left"), [("sales", "count"), ("count", "sales")])
def test_a_dashboard_breaks_as_long_as_one_of_its_tiles_does(mended: str, left: str) -> None:
    tiles = "[orders.total, orders.rows]"
    dashboard = (("[orders.created_month, orders.total]", tiles), ("fields: [orders.rows]", f"fields: {tiles}"))
    before = edited(*dashboard)
    text = before["kpis.dashboard.lookml"]
    at = text.index(tiles, text.index(f"name: {mended}"))
    after = {
        **before,
        "orders.view.lkml": before["orders.view.lkml"].replace("  measure: total { type: sum sql: ${price} ;; }\n", ""),
        "kpis.dashboard.lookml": text[:at] + "[orders.rows]" + text[at + len(tiles) :],
    }
    removed = next(one for one in compared(before, after).changes if one.kind == "removed")

    assert affected(removed) == ["dashboard:m/kpis", "explore:m/orders", f"tile:m/kpis/{left}"]
    dashboard_way = next(one.path for one in removed.affected if one.node.kind == "dashboard")
    assert [edge.target for edge in dashboard_way] == [f"tile:m/kpis/{left}", "dashboard:m/kpis"]


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


EVERY = edited(("type: time timeframes: [date, week, month]", "type: time"))
LISTED = edited(("[date, week, month]", f"[{', '.join(DEFAULT_TIMEFRAMES)}]"))


@pytest.mark.rule("R4.9")
def test_who_names_a_timeframe_that_is_not_listed_has_it_no_more_once_they_are_written_out() -> None:
    before, after = (edited(("orders.created_month", "orders.created_fiscal_year"), files=one) for one in (EVERY, LISTED))
    (change,) = compared(before, after).changes

    assert (change.verdict, change.id, change.property) == ("breaking", f"{FIELD}.created", "timeframes")
    assert change.reason == "`created_fiscal_year` is gone, and whatever uses it breaks"
    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/sales"]


@pytest.mark.rule("R4.9")
def test_a_join_whose_alias_is_not_the_view_names_unlisted_timeframes_too() -> None:
    model = MODEL + "explore: orders { join: old { from: orders sql_on: ${old.created_hour6} = ${orders.id} ;; } }\n"
    before, after = ({**one, "m.model.lkml": model} for one in (EVERY, LISTED))

    assert lines(compared(before, after)) == [f"breaking: {FIELD}.created changed timeframes"]


@pytest.mark.rule("R4.9")
def test_what_views_inherit_is_as_bad_as_it_is_for_the_worst_off() -> None:
    """Nobody names an unlisted timeframe of `orders` itself, and somebody does of a view that extends it."""
    view = "view: big { extends: [orders] dimension: f { sql: ${created_fiscal_year} ;; } }"
    child = {"big.view.lkml": f"{view}\nexplore: big {{}}\n"}
    (change,) = compared(EVERY | child, LISTED | child).changes

    assert (change.verdict, change.id) == ("breaking", f"{FIELD}.created")
    assert change.reason == "`created_fiscal_year` is gone, and whatever uses it breaks"


@pytest.mark.rule("R4.9")
def test_timeframes_written_out_break_nothing_where_nobody_names_another() -> None:
    (lost,), (gained,) = compared(EVERY, LISTED).changes, compared(LISTED, EVERY).changes

    assert (lost.verdict, lost.property, affected(lost)) == ("metadata only", "timeframes", [])
    assert lost.reason == "only the listed timeframes are left, and nothing here names another"
    assert (gained.verdict, gained.property) == ("metadata only", "timeframes")
    assert gained.reason == "every other timeframe can be used too"


@pytest.mark.rule("R4.9")
def test_what_goes_without_an_unlisted_timeframe_now_does_not_break() -> None:
    before = edited(("orders.created_month", "orders.created_fiscal_year"), files=EVERY)
    found = lines(compared(before, LISTED))

    assert found == [f"metadata only: {FIELD}.created changed timeframes", "numbers may change: tile:m/kpis/sales changed fields"]


@pytest.mark.rule("R4.43")
@pytest.mark.parametrize(
    ("old", "new", "verdict", "reason"),
    [
        ("measure: rows {", "measure: rows { alias: [count]", "metadata only", "`count` leads here too, from what people saved"),
        ("[date, week, month]", "[date, week, month, year]", "metadata only", "`created_year` can be picked too"),
    ],
)
def test_a_name_that_is_new_is_said_to_be_what_it_is(old: str, new: str, verdict: str, reason: str) -> None:
    (change,) = compared(SHOP, edited((old, new))).changes

    assert (change.verdict, change.reason) == (verdict, reason)


def test_a_new_field_breaks_nothing() -> None:
    assert only(("measure: rows", "measure: more { type: count }\n  measure: rows")) == [f"metadata only: {FIELD}.more added"]


GROUP = "dimension_group: created { type: time timeframes: [date, week, month]"
MADE = "dimension_group: made { alias: [created] type: time sql: ${TABLE}.created ;; timeframes: "


@pytest.mark.rule("R4.7")
def test_a_renamed_group_is_followed_by_timeframe_in_whatever_order_they_stand() -> None:
    """The tile shows other days: ``made_week`` is ``created_week`` and nothing else."""
    after = edited((GROUP, f"{MADE}[week, month, date]"), ("orders.created_month", "orders.made_week"))
    renamed, tile = f"metadata only: {FIELD}.made renamed", "numbers may change: tile:m/kpis/sales changed fields"

    assert lines(compared(SHOP, after)) == [renamed, tile]
    followed = edited((GROUP, f"{MADE}[week, month, date]"), ("orders.created_month", "orders.made_month"))
    assert lines(compared(SHOP, followed)) == [renamed]


@pytest.mark.rule("R4.7")
def test_the_names_that_a_renamed_group_still_generates_are_followed() -> None:
    after = edited((GROUP, f"{MADE}[month, date]"), ("orders.created_month", "orders.made_month"))

    assert lines(compared(SHOP, after)) == [f"metadata only: {FIELD}.made renamed", f"breaking: {FIELD}.made changed timeframes"]


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


TWO_TILES = edited(
    ("measure: rows { type: count }", "measure: rows { type: count }\n  measure: half { type: number sql: ${total} / 2 ;; }"),
    ("fields: [orders.rows]", "fields: [orders.half]"),
)
SALES = ("measure: total { type: sum", "measure: sales { alias: [total] type: sum")


@pytest.mark.rule("R4.43")
def test_a_renamed_field_breaks_what_still_names_it_in_sql_and_its_alias_keeps_the_rest_working() -> None:
    """The tile that shows the field by its old name goes on; the one whose field is made of it does not."""
    renamed = next(one for one in compared(TWO_TILES, edited(SALES, files=TWO_TILES)).changes if one.kind == "renamed")

    assert (renamed.verdict, renamed.reason) == (
        "breaking",
        "the SQL of `orders.half` still names `total`, and `alias` keeps an old name working in saved content alone",
    )
    assert affected(renamed) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/count"]


@pytest.mark.rule("R4.43")
def test_a_renamed_field_whose_old_name_no_sql_has_any_more_breaks_nothing() -> None:
    followed = edited(SALES, ("sql: ${total} / 2", "sql: ${sales} / 2"), files=TWO_TILES)
    commented = edited(SALES, ("sql: ${total} / 2", "sql: ${sales} / 2 -- ${total}\n"), files=TWO_TILES)

    assert lines(compared(TWO_TILES, followed)) == [f"metadata only: {FIELD}.sales renamed"]
    assert f"metadata only: {FIELD}.sales renamed" in lines(compared(TWO_TILES, commented))


@pytest.mark.rule("R4.43")
@pytest.mark.parametrize(
    ("old", "new", "who", "felt"),
    [
        (
            "explore: orders {}",
            "explore: orders { sql_always_where: ${orders.status} = 1 ;; }",
            "explore orders",
            ["dashboard:m/kpis", "tile:m/kpis/count", "tile:m/kpis/sales"],
        ),
        (
            "explore: orders {}",
            "explore: orders { join: users { sql_on: ${users.id} = ${orders.status} ;; } }",
            "join users of orders",
            ["dashboard:m/kpis", "tile:m/kpis/count"],
        ),
        (
            "explore: orders {}",
            "explore: orders { join: users { sql_on: ${users.of} = 1 ;; } }",
            "users.of",
            ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/count"],
        ),
    ],
)
def test_explores_joins_and_fields_of_other_views_may_still_name_a_renamed_field(
    old: str, new: str, who: str, felt: list[str]
) -> None:
    users = {"users.view.lkml": "view: users { dimension: id {} dimension: of { sql: ${orders.status} ;; } }\n"}
    shown = "[orders.rows, users.of]" if "of}" in new else "[orders.rows, users.id]"
    before = edited((old, new), ("fields: [orders.rows]", f"fields: {shown}"), more=users)
    found = compared(before, edited(("dimension: status {", "dimension: state { alias: [status]"), files=before))
    renamed = next(one for one in found.changes if one.kind == "renamed")

    assert renamed.verdict == "breaking"
    assert renamed.reason.startswith("the SQL of ")
    assert f"`{who}`" in renamed.reason
    assert set(felt) <= set(affected(renamed))


@pytest.mark.rule("R4.43")
def test_the_timeframes_of_a_renamed_group_are_named_in_sql_by_no_alias() -> None:
    before = edited(("measure: rows {", "dimension: day { sql: ${created_date} ;; }\n  measure: rows {"))
    found = compared(before, edited((GROUP, f"{MADE}[date, week, month]"), files=before))
    renamed = next(one for one in found.changes if one.kind == "renamed")

    assert (renamed.verdict, "`created_date`" in renamed.reason) == ("breaking", True)
    assert affected(renamed) == ["explore:m/orders"]


def test_a_field_that_is_the_same_but_for_its_name_was_renamed() -> None:
    (change,) = compared(SHOP, edited(("measure: total {", "measure: sales {"))).changes

    assert (change.verdict, change.kind, change.id, change.old, change.new) == (
        "breaking", "renamed", f"{FIELD}.sales", "total", "sales",
    )  # fmt: skip
    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/sales"]


def test_a_field_with_another_name_is_not_said_to_be_the_same_where_it_is_not() -> None:
    found = compared(SHOP, edited(("measure: total {", 'measure: sales { label: "Sold"'))).changes
    (renamed,) = (one for one in found if one.kind == "renamed")

    assert renamed.reason == (
        "this is the same field, with other changes, and whatever uses the old name breaks; "
        "`alias: [total]` keeps saved content working"
    )


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


# -- custom calendars --------------------------------------------------------------------------------------------------

CALENDARS = """
    view: cal { calendar_definition: { reference_date: day timeframe_mapping: { custom_week: wk custom_year: yr } } }
    view: sales {
      dimension_group: sold { type: custom_calendar based_on_calendar: cal custom_timeframes: [custom_week, custom_year] }
    }
    explore: sales {}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[custom_week, custom_year]", "[custom_week]", ["breaking: field:sales.sold changed custom_timeframes"]),
        (
            "custom_week: wk",
            "custom_week: wk2",
            ["numbers may change: view:cal changed calendar_definition.timeframe_mapping.custom_week"],
        ),
        ("based_on_calendar: cal", "based_on_calendar: cal2", ["numbers may change: field:sales.sold changed based_on_calendar"]),
    ],
)
def test_a_custom_calendar_decides_what_its_timeframes_are(old: str, new: str, expected: list[str]) -> None:
    base = {"m.model.lkml": f'connection: "c"\n{CALENDARS}\nview: cal2 {{ calendar_definition: {{ reference_date: day }} }}'}
    head = {"m.model.lkml": base["m.model.lkml"].replace(old, new)}

    assert lines(compared(base, head)) == expected


def test_what_an_analytic_model_is_made_of_is_compared() -> None:
    base = {
        "m.model.lkml": 'connection: "c" view: v { derived_analytic_model: { model_source: a { fields: [a.id] } } } explore: v {}'
    }
    head = {"m.model.lkml": base["m.model.lkml"].replace("source: a", "source: b")}
    named = {"m.model.lkml": 'connection: "c" view: v { sql_analytic_model_name: g ;; } explore: v {}'}

    assert lines(compared(base, head)) == ["numbers may change: view:v changed model_source"]
    assert "numbers may change: view:v changed sql_analytic_model_name" in lines(compared(base, named))


# -- hidden ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "old", "new", "expected"),
    [
        ("fields_hidden_by_default: yes", "hidden: no", "", ("no", "yes")),
        ("fields_hidden_by_default: yes", "hidden: yes", "", None),
        ("", "hidden: no", "hidden: yes", ("no", "yes")),
        ("", "", "hidden: yes", ("no", "yes")),
        ("", "hidden: no", "", None),
    ],
)
def test_whether_a_field_is_hidden_is_compared_as_it_is_and_not_as_it_is_written(
    view: str, old: str, new: str, expected: tuple[str, str] | None
) -> None:
    def state(hidden: str) -> dict[str, str]:
        return {"m.model.lkml": f'connection: "c" view: v {{ {view} measure: n {{ type: count {hidden} }} }} explore: v {{}}'}

    changes = compared(state(old), state(new)).changes

    assert [(one.property, one.old, one.new) for one in changes] == ([("hidden", *expected)] if expected else [])


LIQUID = {
    **SHOP,
    "orders.view.lkml": """view: orders {
  sql_table_name: shop.orders ;;
  parameter: metric { type: unquoted default_value: "a" }
  dimension: id { primary_key: yes }
  dimension: status {}
  dimension_group: created { type: time timeframes: [date, month] }
  measure: total { type: sum sql: ${TABLE}.{% parameter metric %} ;; }
  measure: rows { type: count html: {{ orders.cost._rendered_value }} ;; }
  measure: cost { type: sum sql: ${TABLE}.cost ;; }
}
""",
}


def _feeling(found: Diff, identity: str) -> list[str]:
    """Who feels the change of something."""
    [change] = [one for one in found.changes if one.id == identity]
    return affected(change)


@pytest.mark.rule("R10.12")
@pytest.mark.parametrize(
    ("old", "new"), [('default_value: "a"', 'default_value: "b"'), ("type: unquoted default", "type: string default")]
)
def test_a_tile_feels_what_a_parameter_puts_into_its_sql(old: str, new: str) -> None:
    found = compared(LIQUID, edited((old, new), files=LIQUID))

    assert _feeling(found, "field:orders.metric") == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/sales"]


@pytest.mark.rule("R10.12")
@pytest.mark.parametrize(
    ("filters", "feels"),
    [
        ('filters: {orders.metric: "c"}', False),
        ('filters: {orders.metric: ""}', True),
        ('filters: {orders.metric: "c"}\n    listen: {State: orders.metric}', True),
        ('filters: {orders.status: "c"}', True),
    ],
    ids=["value", "no value", "listening", "another field"],
)
def test_a_tile_that_sets_a_parameter_does_not_feel_its_default(filters: str, feels: bool) -> None:
    tile = '    filters: {orders.id: "1"}\n    listen: {State: orders.status}'
    before = edited((tile, f"    {filters}"), files=LIQUID)
    found = compared(before, edited(('default_value: "a"', 'default_value: "b"'), files=before))

    tiles = ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/sales"]
    assert _feeling(found, "field:orders.metric") == (tiles if feels else ["explore:m/orders"])


@pytest.mark.rule("R10.12")
@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ('  parameter: metric { type: unquoted default_value: "a" }\n', "", "field:orders.metric"),
        ("parameter: metric", "parameter: chosen", "field:orders.chosen"),
    ],
    ids=["removed", "renamed"],
)
def test_a_tile_feels_that_a_parameter_of_its_sql_is_gone(old: str, new: str, change: str) -> None:
    found = compared(LIQUID, edited((old, new), files=LIQUID))

    assert "tile:m/kpis/sales" in _feeling(found, change)


@pytest.mark.rule("R10.6")
def test_a_tile_feels_a_number_that_html_shows() -> None:
    found = compared(LIQUID, edited(("sql: ${TABLE}.cost", "sql: 2 * ${TABLE}.cost"), files=LIQUID))

    assert _feeling(found, "field:orders.cost") == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/count"]


def test_thousands_of_fields_of_one_kind_are_followed_by_what_their_names_have_in_common() -> None:
    def many(prefix: str) -> dict[str, str]:
        fields = "\n".join(f"measure: {prefix}{number}_sum {{ type: sum sql: ${{price}} ;; }}" for number in range(3_000))
        return edited(("  measure: rows { type: count }\n", f"  measure: rows {{ type: count }}\n{fields}\n"))

    found = compared(many("a"), many("total_")).changes

    assert {(one.kind, one.verdict) for one in found} == {("renamed", "breaking")}
    assert all((one.new or "").removeprefix("total_") == (one.old or "").removeprefix("a") for one in found)
