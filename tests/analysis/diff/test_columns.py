"""Fields whose derived table has a column no more."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dagster_lookml.analysis.diff.change import Change
from tests.analysis.diff.states import MODEL, SHOP, affected, compared, edited, lines

EXPLORES = "explore: orders {}\nexplore: days {}\n"
DAYS = """view: days {
  derived_table: { sql: SELECT id, amount, day FROM raw.t ;; }
  dimension: id { primary_key: yes }
  dimension: amount { sql: ${TABLE}.amount ;; }
  dimension: day {}
  measure: total { type: sum sql: ${amount} ;; }
}
"""
TILES = """
- dashboard: days
  elements:
  - name: money
    explore: days
    fields: [days.total]
  - name: when
    explore: days
    fields: [days.day]
"""
BASE = SHOP | {"m.model.lkml": MODEL + EXPLORES, "days.view.lkml": DAYS, "days.dashboard.lookml": TILES}
LESS = ("SELECT id, amount, day", "SELECT id, day")
WITHOUT_FIELDS = (
    ("  dimension: amount { sql: ${TABLE}.amount ;; }\n", ""),
    ("  measure: total { type: sum sql: ${amount} ;; }\n", ""),
)
NATIVE = """view: days {
  derived_table: { explore_source: orders { column: id {} column: amount { field: orders.price } } }
  dimension: id {}
  dimension: amount {}
}
"""


def of_columns(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """The changes that are about columns."""
    return [one for one in compared(before, after).changes if one.property == "columns"]


@pytest.mark.rule("R14.2")
def test_a_column_that_a_derived_table_has_no_more_breaks_the_fields_that_read_it() -> None:
    found = compared(BASE, edited(LESS, files=BASE))
    columns, sql = found.changes

    assert (columns.verdict, columns.id, columns.property, columns.old) == ("breaking", "view:days", "columns", "amount")
    assert columns.reason == "its table has the column `amount` no more, which `days.amount` reads"
    assert affected(columns) == ["dashboard:m/days", "explore:m/days", "tile:m/days/money"]
    assert (sql.property, sql.verdict) == ("derived_table.sql", "numbers may change")
    assert found.verdict == "breaking"


@pytest.mark.rule("R5.6")
def test_so_does_a_column_that_a_native_derived_table_has_no_more() -> None:
    before = BASE | {"days.view.lkml": NATIVE}
    (change,) = of_columns(before, edited(("column: amount { field: orders.price }", ""), files=before))

    assert (change.verdict, change.id, change.old) == ("breaking", "view:days", "amount")


GROUPED = """view: days {
  derived_table: { explore_source: orders {
    column: id {} column: state { field: orders.status } column: total {}
    derived_column: rank { sql: RANK() OVER (ORDER BY id) ;; }
  } }
  dimension: id {}
  dimension: state {}
  dimension: rank {}
  measure: sum { type: sum sql: ${TABLE}.total ;; }
}
"""


@pytest.mark.rule("R5.6")
@pytest.mark.parametrize(
    ("column", "field"),
    [("column: total {}", "sum"), ("derived_column: rank { sql: RANK() OVER (ORDER BY id) ;; }", "rank")],
)
def test_a_measure_that_a_native_derived_table_has_no_more_is_told_once(column: str, field: str) -> None:
    before = BASE | {"days.view.lkml": GROUPED, "days.dashboard.lookml": ""}
    (change,) = compared(before, edited((column, ""), files=before)).changes

    assert change.reason.endswith(f"which `days.{field}` reads")
    assert (change.verdict, change.property) == ("breaking", "columns")


@pytest.mark.rule("R5.6")
def test_a_dimension_that_a_native_derived_table_has_no_more_breaks_who_reads_it_and_groups_the_rows_of_all() -> None:
    before = BASE | {"days.view.lkml": GROUPED, "days.dashboard.lookml": ""}
    rows, columns = compared(before, edited(("column: state { field: orders.status }", ""), files=before)).changes

    assert (rows.verdict, rows.property, rows.reason) == (
        "numbers may change", "column state", "its rows are grouped by it no more",
    )  # fmt: skip
    assert (columns.verdict, columns.property, columns.old) == ("breaking", "columns", "state")


def test_a_column_that_no_field_reads_may_go() -> None:
    before = edited(*WITHOUT_FIELDS, files=BASE)

    assert lines(compared(before, edited(LESS, files=before))) == ["numbers may change: view:days changed derived_table.sql"]


def test_so_may_one_whose_fields_go_with_it() -> None:
    assert of_columns(BASE, edited(LESS, *WITHOUT_FIELDS, files=BASE)) == []


def test_what_was_not_there_before_either_is_no_change() -> None:
    before = edited(LESS, files=BASE)
    after = edited(("SELECT id, day FROM", "SELECT id, day, 1 AS more FROM"), files=before)

    assert of_columns(before, after) == []


def test_a_field_that_is_new_broke_nothing() -> None:
    after = edited(("  dimension: day {}", "  dimension: day {}\n  dimension: hour {}"), files=BASE)

    assert lines(compared(BASE, after)) == ["metadata only: field:days.hour added"]


def test_a_field_that_reads_another_column_now_which_is_not_there_breaks() -> None:
    found = compared(BASE, edited(("${TABLE}.amount", "${TABLE}.sum"), files=BASE)).changes

    assert [(one.verdict, one.id, one.property) for one in found] == [("breaking", "field:days.amount", "sql")]
    assert found[0].reason == "it reads the column `sum`, which its table does not have"
    assert affected(found[0]) == ["dashboard:m/days", "explore:m/days", "tile:m/days/money"]


def test_a_column_is_missed_through_another_derived_table_too() -> None:
    upper = (
        "view: upper { derived_table: { sql: SELECT * FROM ${days.SQL_TABLE_NAME} ;; } dimension: amount {} dimension: id {} }\n"
    )
    before = edited(("explore: days {}", "explore: days {}\nexplore: upper {}"), files=BASE, more={"upper.view.lkml": upper})
    found = of_columns(before, edited(LESS, files=before))

    assert [(one.verdict, one.id, one.old) for one in found] == [
        ("breaking", "view:days", "amount"),
        ("breaking", "view:upper", "amount"),
    ]
    assert affected(found[1]) == ["explore:m/upper"]


def test_a_table_whose_sql_names_a_column_that_another_has_no_more_breaks_as_a_whole() -> None:
    upper = (
        'view: upper { derived_table: { sql: SELECT d.id, d.amount FROM ${days.SQL_TABLE_NAME} d ;; persist_for: "1 hour" } '
        "dimension: amount {} dimension: id {} }\n"
    )
    before = edited(("explore: days {}", "explore: days {}\nexplore: upper {}"), files=BASE, more={"upper.view.lkml": upper})
    tile = "  - name: upper\n    explore: upper\n    fields: [upper.id]\n"
    before = before | {"days.dashboard.lookml": TILES + tile}
    (change,) = [one for one in of_columns(before, edited(LESS, files=before)) if one.id == "view:upper"]

    assert change.verdict == "breaking"
    assert affected(change) == ["dashboard:m/days", "explore:m/upper", "pdt:m/upper", "tile:m/days/upper"]


@pytest.mark.parametrize(("other", "verdict"), [("1 AS day", "breaking"), ("1 AS night", "unknown")])
def test_where_liquid_decides_what_is_put_out_nobody_can_tell(other: str, verdict: str) -> None:
    liquid = ("SELECT id, amount, day", f"SELECT id, {{% if days.day._in_query %}} day {{% else %}} {other} {{% endif %}}")
    found = of_columns(BASE, edited(liquid, files=BASE))

    assert (verdict, "amount") in [(one.verdict, one.old) for one in found]


def test_a_column_of_fields_that_nobody_can_pick_breaks_nothing() -> None:
    before = edited(("explore: days {}\n", ""), files=BASE | {"days.dashboard.lookml": ""})
    found = of_columns(before, edited(LESS, files=before))

    assert [(one.verdict, one.old) for one in found] == [("metadata only", "amount")]
    assert found[0].affected == ()


def test_a_renamed_field_is_the_field_that_it_was() -> None:
    renamed = ("dimension: day {}", "dimension: date { alias: [day] sql: ${TABLE}.day ;; }")
    after = edited(renamed, ("SELECT id, amount, day", "SELECT id, amount"), files=BASE)
    found = of_columns(BASE, after)

    assert [(one.verdict, one.old) for one in found] == [("breaking", "day")]


FACTS = """view: facts {
  derived_table: { explore_source: orders { column: id {} column: n { field: orders.price } } }
  dimension: id {}
}
view: big {
  derived_table: { sql: SQL ;; persist_for: "1 hour" }
  dimension: id {}
  measure: most { type: max sql: ${id} ;; }
}
"""
BIG = """
- dashboard: bigs
  elements:
  - {name: most, explore: big, fields: [big.most]}
"""


@pytest.mark.rule("R5.3", "R5.6", "R5.15")
@pytest.mark.parametrize(
    "sql",
    [
        "with r as (select id from ${facts.SQL_TABLE_NAME} where n > 3) select id from r",
        "select f.id, f.n as cnt from ${facts.SQL_TABLE_NAME} f",
    ],
)
def test_a_table_whose_sql_names_what_a_native_one_lost_breaks_with_all_that_reads_it(sql: str) -> None:
    files = {"facts.view.lkml": FACTS.replace("SQL ;;", f"{sql} ;;"), "big.dashboard.lookml": BIG}
    before = edited(("explore: days {}", "explore: days {} explore: big {}"), files=BASE, more=files)
    after = edited((" column: n { field: orders.price }", ""), files=before)
    [change] = [one for one in of_columns(before, after) if one.id == "view:big"]

    assert (change.verdict, change.old) == ("breaking", "n")
    assert change.reason.startswith("its SQL reads the column `n`, which `f")
    assert affected(change) == ["dashboard:m/bigs", "explore:m/big", "pdt:m/big", "tile:m/bigs/most"]


@pytest.mark.rule("R5.3")
def test_sql_that_names_another_column_now_which_is_not_there_breaks_the_table() -> None:
    sql = "select id from ${facts.SQL_TABLE_NAME} where n > 3"
    files = {"facts.view.lkml": FACTS.replace("SQL ;;", f"{sql} ;;"), "big.dashboard.lookml": BIG}
    before = edited(("explore: days {}", "explore: days {} explore: big {}"), files=BASE, more=files)
    [change] = compared(before, edited(("where n > 3", "where m > 3"), files=before)).changes

    assert (change.verdict, change.property) == ("breaking", "derived_table.sql")
    assert change.reason == "it reads the column `m`, which `facts` does not have"
    assert "tile:m/bigs/most" in affected(change)
