"""Columns that a native derived table has more or less (R5.6): a measure stands beside its rows, a dimension groups them."""

from __future__ import annotations

import pytest

from tests.analysis.diff.states import affected, compared, edited, lines

FILES = {
    "m.model.lkml": """connection: "c"
include: "*.view"
include: "*.dashboard"
explore: o { join: u { sql_on: ${o.id} = ${u.id} ;; relationship: one_to_many } }
explore: n {}
explore: t {}
""",
    "all.view.lkml": """view: o {
  sql_table_name: raw.o ;;
  dimension: id { primary_key: yes }
  dimension: day {}
  measure: total { type: sum sql: ${TABLE}.price ;; }
  measure: rows { type: count }
}
view: u { sql_table_name: raw.u ;; dimension: id {} measure: users { type: count } }
view: n {
  derived_table: {
    explore_source: o { column: day {} column: total {} }
    persist_for: "1 hour"
  }
  dimension: day {}
  dimension: total {}
}
view: t { derived_table: { sql: SELECT day, total FROM ${n.SQL_TABLE_NAME} ;; } dimension: day {} dimension: total {} }
""",
    "d.dashboard.lookml": """
- dashboard: d
  elements:
  - {name: n, explore: n, fields: [n.day]}
  - {name: t, explore: t, fields: [t.day]}
""",
}
COLUMNS = "column: day {} column: total {}"
BESIDE = "it only stands beside the rows, which are what they were"
READERS = ["dashboard:m/d", "explore:m/n", "explore:m/t", "pdt:m/n", "tile:m/d/n", "tile:m/d/t"]


@pytest.mark.rule("R5.6")
@pytest.mark.parametrize("column", ["column: rows {}", "column: r { field: o.rows }", "derived_column: r { sql: 1 + total ;; }"])
def test_nobody_feels_a_column_that_only_stands_beside_the_rows(column: str) -> None:
    more = edited((COLUMNS, f"{COLUMNS} {column}"), files=FILES)
    (new,), (gone,) = compared(FILES, more).changes, compared(more, FILES).changes

    assert [(one.verdict, one.reason, affected(one)) for one in (new, gone)] == [("metadata only", BESIDE, ["pdt:m/n"])] * 2


@pytest.mark.rule("R5.6")
@pytest.mark.rule("R6.13")
@pytest.mark.parametrize("column", ["column: id {}", "column: users { field: u.users }"], ids=["dimension", "measure of a join"])
def test_every_reader_feels_a_column_by_which_the_rows_are_others(column: str) -> None:
    (change,) = compared(FILES, edited((COLUMNS, f"{COLUMNS} {column}"), files=FILES)).changes

    assert (change.verdict, affected(change)) == ("numbers may change", READERS)


def test_a_limit_without_an_order_may_keep_other_rows_with_another_measure() -> None:
    before = edited((COLUMNS, f"{COLUMNS} limit: 10"), files=FILES)
    (change,) = compared(before, edited((COLUMNS, f"{COLUMNS} column: rows {{}}"), files=before)).changes

    assert (change.verdict, affected(change)) == ("numbers may change", READERS)


@pytest.mark.parametrize(
    ("sql", "is_felt"), [("SELECT day, total", False), ("SELECT day, ROWS AS total", True), ("SELECT *", True)]
)
def test_sql_may_read_a_column_that_is_gone(sql: str, is_felt: bool) -> None:
    before = edited((COLUMNS, f"{COLUMNS} column: rows {{}}"), ("SELECT day, total", sql), files=FILES)
    found = compared(before, edited((" column: rows {}", ""), files=before))
    of_table = [one for one in lines(found) if one.endswith("view:n changed column rows")]

    assert of_table == [
        "numbers may change: view:n changed column rows" if is_felt else "metadata only: view:n changed column rows"
    ]


def test_nobody_feels_another_name_of_a_column_whose_uses_follow() -> None:
    after = edited(
        (COLUMNS, "column: day {} column: sales { field: o.total }"),
        ("  dimension: total {}\n}\nview: t", "  dimension: total { sql: ${TABLE}.sales ;; }\n}\nview: t"),
        ("SELECT day, total", "SELECT day, sales AS amount"),
        ("dimension: day {} dimension: total {}", "dimension: day {}"),
        files=FILES,
    )
    changes = [one for one in compared(FILES, after).changes if one.id == "view:n"]

    assert [(one.property, one.verdict) for one in changes] == [
        ("column sales", "metadata only"),
        ("column total", "metadata only"),
    ]
