"""A native derived table whose query takes a field that is gone fails as a whole, and so does all that reads it (R5.6)."""

from __future__ import annotations

import pytest

from tests.analysis.diff.states import affected, compared, edited

NATIVE = """view: n {
  derived_table: {
    persist_for: "1 hour"
    explore_source: orders {
      column: a { field: orders.total }
      column: b { field: orders.status }
      filters: [orders.id: "1"]
      bind_filters: { from_field: n.b to_field: orders.created_week }
      sorts: [orders.rows: desc]
      expression_custom_filter: ${orders.created_month} > 1 ;;
    }
  }
  dimension: a {}
  dimension: b {}
}
"""
MADE_OF_IT = "view: made { derived_table: { sql: SELECT b FROM ${n.SQL_TABLE_NAME} ;; } dimension: b {} }\n"
TILES = """
- dashboard: made
  elements:
  - {name: a, explore: n, fields: [n.a]}
  - {name: b, explore: n, fields: [n.b]}
  - {name: made, explore: made, fields: [made.b]}
"""
SHOP_WITH_TABLES = edited(
    ("explore: orders {}", "explore: orders {}\nexplore: n {}\nexplore: made {}"),
    more={"n.view.lkml": NATIVE, "made.view.lkml": MADE_OF_IT, "made.dashboard.lookml": TILES},
)
READERS = {"explore:m/n", "pdt:m/n", "explore:m/made", "tile:m/made/a", "tile:m/made/b", "tile:m/made/made", "dashboard:m/made"}


def felt(*replacements: tuple[str, str], of: str, before: dict[str, str] = SHOP_WITH_TABLES) -> set[str]:
    """Who feels that some change breaks a field."""
    found = compared(before, edited(*replacements, files=before)).changes
    (change,) = [one for one in found if one.verdict == "breaking" and one.id == f"field:orders.{of}"]
    return set(affected(change))


@pytest.mark.rule("R5.6")
@pytest.mark.rule("R5.8")
@pytest.mark.parametrize(
    ("old", "new", "of"),
    [
        ("measure: total {", "measure: sales {", "sales"),
        ("measure: total { type: sum sql: ${price} ;; }", "", "total"),
        ("dimension: status {", "dimension: state {", "state"),
        ("dimension: id { primary_key: yes }", "", "id"),
        ("measure: rows {", "measure: count {", "count"),
        ("[date, week, month]", "[date, month]", "created"),
        ("[date, week, month]", "[date, week]", "created"),
        ("sql: ${price} ;;", "sql: ${cost} ;;", "total"),
    ],
    ids=["renamed", "removed", "other-column", "filter", "sort", "bound-filter", "expression", "sql-that-leads-nowhere"],
)
def test_every_reader_of_a_table_breaks_with_a_field_that_its_query_takes(old: str, new: str, of: str) -> None:
    assert felt((old, new), of=of) >= READERS


@pytest.mark.rule("R5.6")
def test_every_reader_breaks_with_a_field_that_the_taken_one_is_made_of() -> None:
    before = edited(("hidden: yes }", "hidden: yes sql: ${TABLE}.price ;; }"), files=SHOP_WITH_TABLES)

    assert felt(("dimension: price {", "dimension: cost {"), of="cost", before=before) >= READERS


def test_a_timeframe_that_the_query_does_not_take_breaks_no_reader() -> None:
    assert felt(("[date, week, month]", "[week, month]"), of="created").isdisjoint(READERS)


@pytest.mark.rule("R5.6")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("column: a { field: orders.total }", "column: a { field: orders.sales }"),
        ("column: a { field: orders.total }", "column: a { field: orders.rows }"),
        ("explore_source: orders {\n      column: a { field: orders.total }", "explore_source: orders {"),
    ],
    ids=["followed", "another", "none"],
)
def test_no_reader_breaks_where_the_query_takes_the_field_no_more(old: str, new: str) -> None:
    found = felt(("measure: total {", "measure: sales {"), (old, new), of="sales")

    assert found == {"dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/sales"}


TOTALS = "SELECT a AS total FROM t WHERE a > 3"
"""SQL with a column that is called what the field was called."""


@pytest.mark.rule("R5.10")
@pytest.mark.rule("R14.2")
@pytest.mark.parametrize("has_followed", [True, False])
def test_a_table_that_reads_a_native_one_breaks_unless_that_has_followed(has_followed: bool) -> None:
    of_it = f"""view: made {{
      derived_table: {{ sql: WITH t AS (SELECT * FROM ${{n.SQL_TABLE_NAME}}) {TOTALS} ;; persist_for: "1 hour" }}
      dimension: b {{ sql: ${{TABLE}}.total ;; }}
    }}
    """
    aggregated = """explore: orders {
      query: q { measures: [orders.total] }
      aggregate_table: t { query: { measures: [orders.total] } materialization: { persist_for: "1 hour" } }
    }"""
    before = edited(("explore: orders {}", aggregated), files=SHOP_WITH_TABLES, more={"made.view.lkml": of_it})
    column = ("column: a { field: orders.total }", "column: a { field: orders.sales }")
    renamed = ("measure: total {", "measure: sales {")
    found = felt(renamed, *((column,) if has_followed else ()), of="sales", before=before)

    readers = READERS | {"pdt:m/made"}
    assert found & readers == (set() if has_followed else readers)


def test_a_field_that_follows_the_new_name_of_another_does_not_break() -> None:
    half = "measure: half { type: number sql: ${total} / 2 ;; }\n  measure: rows {"
    before = edited(("measure: rows {", half), ("fields: [orders.rows]", "fields: [orders.half]"))
    renamed = ("measure: total {", "measure: sales {")

    assert "tile:m/kpis/count" in felt(renamed, of="sales", before=before)
    followed = felt(renamed, ("${total} / 2", "${sales} / 3"), of="sales", before=before)
    assert followed == {"dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/sales"}


def test_an_explore_that_follows_the_new_name_of_a_field_does_not_break() -> None:
    before = edited(("explore: orders {}", "explore: orders { sql_always_where: ${orders.status} = 1 ;; }"))
    renamed = ("dimension: status {", "dimension: state {")
    tile = ("listen: {State: orders.status}", "listen: {State: orders.state}")

    assert "tile:m/kpis/count" in felt(renamed, of="state", before=before)
    followed = felt(renamed, tile, ("${orders.status} = 1", "${orders.state} = 1"), of="state", before=before)
    assert "tile:m/kpis/count" not in followed


@pytest.mark.rule("R4.26")
def test_every_reader_of_a_table_breaks_whose_sql_reads_that_of_a_view_that_is_gone() -> None:
    after = {name: text for name, text in SHOP_WITH_TABLES.items() if name != "n.view.lkml"}
    after["m.model.lkml"] = after["m.model.lkml"].replace("explore: n {}\n", "")
    (gone,) = [one for one in compared(SHOP_WITH_TABLES, after).changes if one.id == "view:n"]

    assert (gone.verdict, set(affected(gone)) >= {"explore:m/made", "tile:m/made/made"}) == ("breaking", True)


@pytest.mark.rule("R4.43")
def test_every_reader_of_a_table_breaks_that_takes_a_field_whose_sql_still_says_an_old_name() -> None:
    before = edited(("hidden: yes }", "hidden: yes sql: ${TABLE}.price ;; }"), files=SHOP_WITH_TABLES)

    assert felt(("dimension: price {", "dimension: cost { alias: [price]"), of="cost", before=before) >= READERS


def test_every_reader_of_a_table_feels_that_the_explore_of_its_query_has_other_rows() -> None:
    found = compared(
        SHOP_WITH_TABLES,
        edited(("explore: orders {}", "explore: orders { sql_always_where: ${orders.id} > 1 ;; }"), files=SHOP_WITH_TABLES),
    )
    (change,) = found.changes

    assert (change.verdict, set(affected(change)) >= READERS) == ("numbers may change", True)
