"""Changes that refer to what exists and may not stand there, and to datagroups and columns that do not exist."""

from __future__ import annotations

from typing import Final

import pytest

from tests.analysis.diff.states import MODEL, SHOP, affected, compared, edited, line, lines

SUMS: Final = {
    "m.model.lkml": MODEL + "explore: sales {}\n",
    "sales.view.lkml": """view: sales {
  dimension: price { type: number }
  dimension: tax { type: number sql: ${price} * 0.19 ;; }
  measure: total { type: sum sql: ${price} ;; }
  measure: mean { type: number sql: ${total} / ${rows} ;; }
  measure: share { type: number sql: ${mean} / 100 ;; }
  measure: rows { type: count }
}
""",
    "kpis.dashboard.lookml": """
- dashboard: kpis
  elements:
  - {name: tax, explore: sales, fields: [sales.tax]}
  - {name: mean, explore: sales, fields: [sales.mean]}
  - {name: rows, explore: sales, fields: [sales.rows]}
""",
}


@pytest.mark.rule("R4.17")
@pytest.mark.parametrize(
    ("old", "new", "said", "tiles"),
    [
        ("sql: ${price} * 0.19", "sql: ${total} * 0.19", "the dimension `sales.tax` reads the measure `total`", ["tax"]),
        (
            "mean { type: number",
            "mean { type: average",
            "`sales.mean` is an average of `total`, which is a measure itself",
            ["mean"],
        ),
        (
            "sql: ${total} / ${rows}",
            "sql: MAX(${total})",
            "`sales.mean` is the MAX of `total`, which is an aggregate itself",
            ["mean"],
        ),
        ("dimension: price", "measure: price", "the dimension `sales.tax` reads the measure `price`", ["mean", "tax"]),
        (
            "measure: rows { type: count }",
            "measure: rows { type: list list_field: price }",
            "`sales.mean` reads the list `rows`",
            ["mean"],
        ),
    ],
)
def test_a_measure_where_none_may_stand(old: str, new: str, said: str, tiles: list[str]) -> None:
    found = [one for one in compared(SUMS, edited((old, new), files=SUMS)).changes if one.verdict == "breaking"]

    assert said in {one.reason for one in found}
    assert {each for one in found for each in affected(one) if each.startswith("tile:")} == {
        f"tile:m/kpis/{one}" for one in tiles
    }


@pytest.mark.rule("R4.17")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sql: ${total} / ${rows}", "sql: ${total} * 100 / ${rows}"),
        ("sql: ${total} / ${rows}", "sql: {% if true %} MAX(${total}) {% endif %}"),
        ("total { type: sum", "total { type: average"),
    ],
)
def test_a_measure_that_calculates_may_read_measures(old: str, new: str) -> None:
    assert {one.verdict for one in compared(SUMS, edited((old, new), files=SUMS)).changes} == {"numbers may change"}


def test_what_was_refused_before_is_no_news() -> None:
    before = edited(("sql: ${price} * 0.19", "sql: ${total} * 0.19"), files=SUMS)

    assert lines(compared(before, edited(("${total} * 0.19", "${total} * 0.2"), files=before))) == [
        "numbers may change: field:sales.tax changed sql"
    ]


@pytest.mark.rule("R4.25")
def test_a_field_that_leads_back_to_itself() -> None:
    (change,) = compared(SUMS, edited(("sql: ${total} / ${rows}", "sql: ${share} / ${rows}"), files=SUMS)).changes

    assert line(change) == "breaking: field:sales.mean changed sql"
    assert change.reason == "it leads back to itself: sales.mean -> sales.share -> sales.mean"
    assert affected(change) == ["dashboard:m/kpis", "explore:m/sales", "tile:m/kpis/mean"]


def test_a_field_that_led_back_to_itself_before() -> None:
    before = edited(("sql: ${total} / ${rows}", "sql: ${share} / ${rows}"), files=SUMS)

    assert lines(compared(before, edited(("${share} / ${rows}", "${share} / 2"), files=before))) == [
        "numbers may change: field:sales.mean changed sql"
    ]


@pytest.mark.rule("R10.23")
@pytest.mark.parametrize("sql", ["", "-- ${price}", "/* ${price} */", "# ${price}"])
def test_a_field_of_whose_sql_nothing_is_left(sql: str) -> None:
    after = edited(("sql: ${price} * 0.19 ;;", f"sql: {sql} ;;"), files=SUMS)
    (change,) = compared(SUMS, after).changes

    assert line(change) == "breaking: field:sales.tax changed sql"
    assert change.reason == "nothing is left of its SQL, and a query that it stands in is rejected"
    assert affected(change) == ["dashboard:m/kpis", "explore:m/sales", "tile:m/kpis/tax"]
    assert not compared(after, edited(("sql: ${price} * 0.19 ;;", "sql: -- none ;;"), files=SUMS)).is_blocking


@pytest.mark.rule("R4.18")
def test_rows_are_counted_whatever_the_sql_says() -> None:
    before = edited(("rows { type: count }", "rows { type: count sql: ${price} ;; }"), files=SUMS)
    found = compared(before, edited(("count sql: ${price} ;;", "count sql: -- ${price} ;;"), files=before))

    assert not found.is_blocking


DAILY: Final = SHOP | {
    "m.model.lkml": MODEL
    + """datagroup: daily { sql_trigger: SELECT 1 ;; }
datagroup: hourly { interval_trigger: "1 hour" }
persist_with: daily # model
explore: orders {
  persist_with: daily # explore
  aggregate_table: by_id {
    query: { dimensions: [id] measures: [rows] }
    materialization: { datagroup_trigger: daily } # aggregate table
  }
}
""",
    "t.view.lkml": """view: t {
  derived_table: { sql: SELECT 1 AS id, 2 AS x ;; distribution: "id" datagroup_trigger: daily # view
  }
  dimension: id {}
}
explore: t {}
""",
}


@pytest.mark.rule("R11.3")
@pytest.mark.parametrize(
    ("old", "said"),
    [
        ("persist_with: daily # model", "model:m changed persist_with"),
        ("persist_with: daily # explore", "explore:m/orders changed persist_with"),
        ("datagroup_trigger: daily } # aggregate", "explore:m/orders changed aggregate_table by_id"),
        ("datagroup_trigger: daily # view", "view:t changed persistence"),
    ],
)
def test_a_datagroup_that_the_model_does_not_have(old: str, said: str) -> None:
    lost, other = (compared(DAILY, edited((old, old.replace("daily", name)), files=DAILY)) for name in ("dayly", "hourly"))

    assert lines(lost) == [f"breaking: {said}"]
    assert lost.changes[0].reason == "it refers to `dayly`, which does not exist here"
    assert lines(other) == [f"numbers may change: {said}"]


@pytest.mark.rule("R11.3")
def test_a_datagroup_may_come_from_a_project_that_is_not_here() -> None:
    manifest = {"manifest.lkml": 'project_name: "p"\nlocal_dependency: { project: "hub" }\n'}
    before = edited((MODEL, 'include: "//hub/all"\n' + MODEL), files=DAILY) | manifest
    after = edited(("datagroup_trigger: daily # view", "datagroup_trigger: dayly # view"), files=before)

    assert compared(before, after).verdict != "breaking"


KEPT: Final = edited(("  dimension: id {}\n}\nexplore: t", "  dimension: x {}\n}\nexplore: t"), files=DAILY)
"""No field reads the column by which the table is distributed."""


@pytest.mark.rule("R5.12")
@pytest.mark.parametrize(
    ("old", "new", "said", "column"),
    [
        ('distribution: "id"', 'distribution: "idd"', "view:t changed distribution", "idd"),
        ("SELECT 1 AS id, 2 AS x", "SELECT 2 AS x", "view:t changed derived_table.sql", "id"),
    ],
)
def test_a_pdt_that_is_kept_by_a_column_which_it_does_not_put_out(old: str, new: str, said: str, column: str) -> None:
    (change,) = compared(KEPT, edited((old, new), files=KEPT)).changes

    assert line(change) == f"breaking: {said}"
    assert change.reason == f"`distribution` names the column `{column}`, which its table does not put out"
    assert affected(change) == ["explore:m/t", "pdt:m/t"]


@pytest.mark.rule("R5.12")
@pytest.mark.parametrize("new", ['distribution: "x"', "distribution: all", 'sortkeys: ["x"]'])
def test_a_pdt_that_is_kept_by_a_column_that_it_puts_out(new: str) -> None:
    found = compared(KEPT, edited(('distribution: "id"', new), files=KEPT))

    assert {one.verdict for one in found.changes} == {"metadata only"}
