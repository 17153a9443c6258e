"""What is new, and what others counted on already."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dagster_lookml.analysis.diff.change import Change
from tests.analysis.diff.states import SHOP, affected, compared, edited, lines

KEY = ("id { primary_key: yes }", "id {}")
FILTER = """  - name: Day
    type: date_filter
    default_value: 7 days
"""
LISTENING = edited(("    listen: {State: orders.status}", "    listen: {State: orders.status, Day: orders.created_date}"))


def only(before: Mapping[str, str], after: Mapping[str, str]) -> Change:
    """The one change."""
    (change,) = compared(before, after).changes
    return change


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("measure: rows { type: count }", "measure: rows { type: count }\n  measure: more { type: count }", "field:orders.more"),
        ("measure: rows { type: count }", "measure: rows { type: count }\n  dimension: more {}", "field:orders.more"),
        ("explore: orders {}", "explore: orders {}\nexplore: more { view_name: orders }", "explore:m/more"),
        ("explore: orders {}", 'explore: orders {}\ndatagroup: daily { interval_trigger: "1 day" }', "datagroup:m/daily"),
        ("explore: orders {}", "explore: orders {}\naccess_grant: g { user_attribute: a allowed_values: [\"b\"] }", "grant:m/g"),
        ("  filters:\n", f"  filters:\n{FILTER}", "filter:m/kpis/Day"),
    ],
)  # fmt: skip
def test_what_is_new_and_named_nowhere_changes_nothing(old: str, new: str, said: str) -> None:
    change = only(SHOP, edited((old, new)))

    assert (change.verdict, change.id, change.kind) == ("metadata only", said, "added")
    assert change.reason == "nothing can have used it before"


LINES = "view: lines { dimension: line { primary_key: yes } dimension: order {} measure: lines { type: count } }\n"
REPEATED = edited(
    (
        "explore: orders {}",
        """explore: orders { always_join: [lines]
  join: lines { sql_on: ${lines.order} = ${orders.id} ;; relationship: one_to_many } }""",
    ),
    more={"lines.view.lkml": LINES},
)
"""In each query there are as many rows of an order as it has lines."""


@pytest.mark.rule("R4.18")
def test_a_new_primary_key_decides_what_the_measures_of_its_view_count() -> None:
    before = edited(KEY, files=REPEATED)
    key = ("  dimension: id {}", "  dimension: id {}\n  dimension: key { primary_key: yes }")
    change = only(before, edited(key, files=before))

    assert (change.verdict, change.id, change.kind) == ("numbers may change", "field:orders.key", "added")
    assert change.reason == "it decides which rows are counted once"
    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/count", "tile:m/kpis/sales"]


@pytest.mark.rule("R4.18")
def test_so_does_a_field_that_is_the_primary_key_now() -> None:
    before = edited(('    filters: {orders.id: "1"}\n', ""), files=REPEATED)
    change = only(edited(KEY, files=before), before)

    assert (change.verdict, change.property) == ("numbers may change", "primary_key")
    assert "tile:m/kpis/sales" in affected(change)


@pytest.mark.rule("R4.18")
@pytest.mark.rule("R6.6")
@pytest.mark.parametrize("is_new", [True, False])
def test_a_primary_key_counts_only_where_a_join_repeats_the_rows_of_its_view_or_joins_it(is_new: bool) -> None:
    explores = """explore: orders {}
explore: one { from: orders join: lines { sql_on: ${lines.line} = ${one.id} ;; relationship: many_to_one } }
explore: many {
  from: orders always_join: [lines] join: lines { sql_on: ${lines.order} = ${many.id} ;; relationship: one_to_many }
}
explore: lines { join: orders { sql_on: ${lines.order} = ${orders.id} ;; relationship: one_to_one } }
"""
    native = "view: n { derived_table: { explore_source: %s { column: rows {} } } dimension: rows {} }\n"
    tiles = "".join(
        f"  - {{name: {name}, explore: {name}, fields: [{name}.rows]}}\n" for name in ("one", "many", "of_orders", "of_many")
    )
    before = edited(
        ("explore: orders {}", explores + "explore: of_orders {}\nexplore: of_many {}"),
        files=REPEATED | {"m.model.lkml": SHOP["m.model.lkml"]},
        more={
            "n.view.lkml": (native % "orders").replace("view: n", "view: of_orders")
            + (native % "many").replace("view: n", "view: of_many"),
            "other.dashboard.lookml": f"- dashboard: other\n  elements:\n{tiles}",
        },
    )
    after = edited(KEY, files=before)
    changes = compared(*((after, before) if is_new else (before, after))).changes

    assert [one.property for one in changes] == ["primary_key"]
    assert affected(changes[0]) == [
        "dashboard:m/other",
        *("explore:m/lines", "explore:m/many", "explore:m/of_many"),
        *("tile:m/other/many", "tile:m/other/of_many"),
    ]  # fmt: skip


@pytest.mark.rule("R4.18")
@pytest.mark.rule("R6.13")
@pytest.mark.parametrize(
    ("fields", "is_felt"),
    [
        ("orders.rows", False),
        ("orders.total", False),
        ("orders.rows, lines.order", True),
        ("orders.total, lines.order", True),
        ("orders.id, lines.order", False),
        ("lines.lines", True),
        ("lines.top", False),
        ("orders.id, lines.most, lines.top", False),
    ],
)
def test_a_primary_key_counts_only_in_queries_with_a_join_and_of_measures_that_need_it(fields: str, is_felt: bool) -> None:
    keys = ("dimension: line { primary_key: yes }", "dimension: line {}"), ("id { primary_key: yes }", "id {}")
    more = """measure: lines { type: count }
  measure: top { type: max sql: ${line} ;; }
  measure: most { type: sum sql: ${line} ;; }"""
    before = edited(
        ("always_join: [lines]", ""),
        ("measure: lines { type: count }", more),
        files=REPEATED,
        more={"t.dashboard.lookml": f"- dashboard: t\n  elements:\n  - {{name: t, explore: orders, fields: [{fields}]}}\n"},
    )
    changes = compared(before, edited(*keys, files=before)).changes

    assert [one.property for one in changes] == ["primary_key", "primary_key"]
    assert ("tile:m/t/t" in {felt for one in changes for felt in affected(one)}) == is_felt


@pytest.mark.rule("R6.7")
def test_a_join_by_a_foreign_key_matches_it_with_another_key() -> None:
    view = "view: users { dimension: id { primary_key: yes } dimension: other {} dimension: city {} }\n"
    tiles = "\n".join(f"  - {{name: {one}, explore: orders, fields: [{one}]}}" for one in ("users.city", "orders.total"))
    before = edited(
        ("explore: orders {}", "explore: orders { join: users { foreign_key: status } }"),
        more={"users.view.lkml": view, "t.dashboard.lookml": f"- dashboard: t\n  elements:\n{tiles}\n"},
    )
    after = edited(("id { primary_key: yes } dimension: other {}", "id {} dimension: other { primary_key: yes }"), files=before)
    changes = compared(before, after).changes

    assert [affected(one) for one in changes] == [["dashboard:m/t", "tile:m/t/users.city"]] * 2


@pytest.mark.rule("R12.9")
def test_a_new_filter_with_a_value_is_felt_by_the_tiles_that_listened_to_it_in_vain() -> None:
    change = only(LISTENING, edited(("  filters:\n", f"  filters:\n{FILTER}"), files=LISTENING))

    assert (change.verdict, change.id, change.kind) == ("numbers may change", "filter:m/kpis/Day", "added")
    assert change.reason == "tiles listen to it already, and it has a value"
    assert affected(change) == ["dashboard:m/kpis", "tile:m/kpis/sales"]


@pytest.mark.parametrize("value", ["", '    default_value: ""\n'])
def test_a_new_filter_without_a_value_changes_no_tile(value: str) -> None:
    after = edited(("  filters:\n", f"  filters:\n  - name: Day\n    type: date_filter\n{value}"), files=LISTENING)

    assert lines(compared(LISTENING, after)) == ["metadata only: filter:m/kpis/Day added"]


def test_a_tile_that_listens_since_the_filter_is_there_says_so_itself() -> None:
    after = edited(("  filters:\n", f"  filters:\n{FILTER}"), files=LISTENING)

    assert lines(compared(SHOP, after)) == [
        "metadata only: filter:m/kpis/Day added",
        "numbers may change: tile:m/kpis/sales changed listen",
    ]


@pytest.mark.rule("R4.43")
def test_a_new_field_takes_its_name_from_an_alias() -> None:
    before = edited(("measure: rows { type: count }", "measure: number { alias: [rows] type: count }"))
    after = edited(("measure: number", "measure: rows { type: max sql: ${price} ;; }\n  measure: number"), files=before)
    change = only(before, after)

    assert (change.verdict, change.id, change.kind) == ("numbers may change", "field:orders.rows", "added")
    assert change.reason == "`rows` meant another field of the view before"
    assert affected(change) == ["dashboard:m/kpis", "tile:m/kpis/count"]


def test_a_new_timeframe_may_take_its_name_from_an_alias_too() -> None:
    before = edited(
        ("timeframes: [date, week, month]", "timeframes: [date]"),
        ("dimension: price {", "dimension: price { alias: [created_month]"),
    )
    change = only(before, edited(("timeframes: [date]", "timeframes: [date, month]"), files=before))

    assert (change.verdict, change.property) == ("numbers may change", "timeframes")
    assert affected(change) == ["dashboard:m/kpis", "tile:m/kpis/sales"]


def test_a_new_datagroup_that_a_table_names_already_builds_it() -> None:
    pdt = "view: d { derived_table: { sql: SELECT 1 AS id ;; datagroup_trigger: nightly } dimension: id {} }\n"
    before = SHOP | {"d.view.lkml": pdt}
    trigger = "explore: orders {}\ndatagroup: nightly { sql_trigger: SELECT 1 ;; }"
    change = only(before, edited(("explore: orders {}", trigger), files=before))

    assert (change.verdict, change.reason) == ("numbers may change", "tables that name it already are built when it says")
    assert affected(change) == ["pdt:m/d"]


@pytest.mark.rule("R13.2")
def test_of_a_new_access_grant_that_is_required_already_nobody_can_tell_what_it_changes() -> None:
    before = edited(("measure: rows { type: count }", "measure: rows { type: count required_access_grants: [g] }"))
    grant = 'explore: orders {}\naccess_grant: g { user_attribute: a allowed_values: ["b"] }'
    change = only(before, edited(("explore: orders {}", grant), files=before))

    assert (change.verdict, change.id, change.kind) == ("unknown", "grant:m/g", "added")
    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/count"]
