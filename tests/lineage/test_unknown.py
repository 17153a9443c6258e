"""What cannot be told is said, with its reason; and what may be inferred is, and says so (design 2, R14.10, R14.11)."""

from __future__ import annotations

import pytest

from dagster_lookml.source.dbt import DbtProject, DbtRelation
from tests.lineage import speaking
from tests.tracing import columns, edges, gaps, traced

AMBIGUOUS = """
    view: v {
      derived_table: { sql: SELECT o.id, amount AS paid FROM s.orders AS o JOIN s.payments AS p ON p.order_id = o.id ;; }
      dimension: id {}
      dimension: paid {}
    }
"""


def relation(name: str, *names: str, complete: bool = True, kind: str = "model", depends_on: tuple[str, ...] = ()) -> DbtRelation:
    return DbtRelation(
        unique_id=f"{kind}.shop.{name}",
        parts=("db", "s", name),
        columns=names,
        columns_complete=complete,
        depends_on=depends_on,
        file=None,
    )


def dbt(*relations: DbtRelation) -> DbtProject:
    return DbtProject(adapter=None, relations=relations)


def test_a_column_that_several_tables_may_have_is_ambiguous() -> None:
    found = traced(AMBIGUOUS)

    assert edges(found, "field:v.paid") == []
    assert gaps(found, "field:v.paid") == ["ambiguous-column amount"]
    assert found.lineage.fields["field:v.paid"].tables == ("table:s.orders", "table:s.payments")
    assert columns(found, "field:v.id") == ["s.orders.id"]


def test_what_other_views_name_tells_less_surely_whose_column_it_is() -> None:
    found = traced(AMBIGUOUS + "view: payments { sql_table_name: s.payments ;; dimension: amount {} }")

    assert edges(found, "field:v.paid") == ["column:s.payments.amount reads inferred"]
    assert gaps(found, "field:v.paid") == []


def test_the_order_of_views_does_not_matter_for_it() -> None:
    found = traced("view: a { sql_table_name: s.payments ;; dimension: x { sql: ${TABLE}.amount ;; } }" + AMBIGUOUS)

    assert edges(found, "field:v.paid") == ["column:s.payments.amount reads inferred"]


def test_a_column_that_views_name_of_both_tables_stays_ambiguous() -> None:
    found = traced(
        AMBIGUOUS
        + """
        view: payments { sql_table_name: s.payments ;; dimension: amount {} }
        view: orders { sql_table_name: s.orders ;; dimension: amount {} }
        """
    )

    assert edges(found, "field:v.paid") == []
    assert gaps(found, "field:v.paid") == ["ambiguous-column amount"]


def test_another_statement_that_qualifies_a_column_tells_too() -> None:
    found = traced(AMBIGUOUS + "view: w { derived_table: { sql: SELECT p.amount FROM s.payments AS p ;; } dimension: amount {} }")

    assert edges(found, "field:v.paid") == ["column:s.payments.amount reads inferred"]


def test_a_catalog_of_dbt_tells_for_sure() -> None:
    catalog = dbt(relation("orders", "id", "state"), relation("payments", "order_id", "amount"))
    found = traced(AMBIGUOUS, dbt=catalog)

    assert edges(found, "field:v.paid") == ["column:s.payments.amount reads"]
    assert gaps(found, "field:v.paid") == []


def test_a_catalog_of_one_of_two_tables_leaves_the_other() -> None:
    found = traced(AMBIGUOUS, dbt=dbt(relation("orders", "ID", "STATE")))

    assert columns(found, "field:v.paid") == ["s.payments.amount"]


def test_columns_that_are_only_documented_do_not_rule_out_others() -> None:
    found = traced(AMBIGUOUS, dbt=dbt(relation("orders", "id", complete=False), relation("payments", "order_id", complete=False)))

    assert gaps(found, "field:v.paid") == ["ambiguous-column amount"]


def test_a_catalog_tells_what_a_star_puts_out() -> None:
    text = """
        view: v {
          derived_table: { sql: SELECT * FROM s.orders AS o JOIN s.payments AS p ON p.order_id = o.id ;; }
          dimension: amount {} dimension: state {} dimension: nothing {}
        }
    """
    catalog = dbt(relation("orders", "id", "state"), relation("payments", "order_id", "amount"))

    found = traced(text, dbt=catalog)
    assert edges(found, "field:v.amount") == ["column:s.payments.amount reads"]
    assert edges(found, "field:v.state") == ["column:s.orders.state reads"]
    assert gaps(found, "field:v.nothing") == ["missing-column nothing"]
    assert gaps(traced(text), "field:v.amount") == ["ambiguous-column amount"]


def test_a_catalog_tells_the_positions_of_a_star() -> None:
    text = "view: v { derived_table: { sql: SELECT * FROM s.a UNION ALL SELECT * FROM s.b ;; } dimension: y {} }"
    found = traced(text, dbt=dbt(relation("a", "x", "y"), relation("b", "k", "l")))

    assert columns(found, "field:v.y") == ["s.a.y", "s.b.l"]


def test_dbt_stands_before_the_tables_that_it_makes() -> None:
    project = dbt(
        relation("orders", "id", depends_on=("source.shop.raw",)),
        relation("raw", kind="source"),
        relation("other"),
    )
    found = traced("view: v { sql_table_name: DB.S.Orders ;; dimension: id {} }", config=speaking("snowflake"), dbt=project)

    assert edges(found, "table:db.s.orders") == ["dbt:model.shop.orders derives"]
    assert edges(found, "dbt:model.shop.orders") == ["dbt:source.shop.raw derives"]
    assert "dbt:model.shop.other" not in found.lineage.graph.nodes


def test_a_table_that_is_made_by_dbt_twice_is_left_alone() -> None:
    twice = (
        relation("orders", "id"),
        DbtRelation(
            unique_id="model.shop.orders_eu",
            parts=("db", "eu", "orders"),
            columns=(),
            columns_complete=False,
            depends_on=(),
            file=None,
        ),
    )

    found = traced("view: v { sql_table_name: orders ;; dimension: id {} }", dbt=dbt(*twice))
    assert edges(found, "table:orders") == []
    found = traced("view: v { sql_table_name: eu.orders ;; dimension: id {} }", dbt=dbt(*twice))
    assert edges(found, "table:eu.orders") == ["dbt:model.shop.orders_eu derives"]


@pytest.mark.rule("R10.14")
def test_a_part_that_nobody_knows_matches_any_of_dbt() -> None:
    found = traced(
        "view: v { sql_table_name: {{ _user_attributes['ds'] }}.orders ;; dimension: id {} }", dbt=dbt(relation("orders", "id"))
    )

    assert edges(found, "table:{ua_ds}.orders") == ["dbt:model.shop.orders derives"]


@pytest.mark.rule("R2.16")
def test_what_may_be_in_a_project_that_is_not_here_is_no_mistake() -> None:
    found = traced(
        {
            "manifest.lkml": 'local_dependency: { project: "hub" }',
            "m.model.lkml": """
                connection: "c"
                include: "//hub/views/*.view"
                view: v { derived_table: { sql: SELECT h.id FROM ${hub_view.SQL_TABLE_NAME} AS h ;; } dimension: id {} }
                view: w { sql_table_name: s.w ;; dimension: id {} }
                explore: w { join: hub_view { sql_on: ${w.id} = ${hub_view.id} ;; } }
                """,
        }
    )

    assert gaps(found, "field:v.id") == ["missing-import hub_view"]
    assert columns(found, "field:w.id") == ["s.w.id"]
    assert edges(found, "explore:m/w") == ["field:w.id join_condition", "view:w joins_always"]


@pytest.mark.rule("R7.3")
@pytest.mark.parametrize(
    ("manifest", "reason"), [("", "missing-parent"), ('local_dependency: { project: "hub" }', "missing-import")]
)
def test_a_parent_that_does_not_exist_is_in_an_import_only_if_one_is_absent(manifest: str, reason: str) -> None:
    include = 'include: "//hub/views/*.view"' if manifest else ""
    found = traced(
        {
            "manifest.lkml": manifest or 'project_name: "alone"',
            "m.model.lkml": f"""
                connection: "c"
                {include}
                explore: v {{ join: w {{ sql_on: ${{v.gone}} = ${{w.id}} ;; }} }}
                view: v {{ extends: [gone] dimension: id {{}} dimension: two {{ sql: ${{lost}} ;; }} measure: n {{ type: count }}
                }}
                view: w {{ sql_table_name: s.w ;; dimension: id {{}} dimension: other {{ sql: ${{v.lost}} ;; }} }}
                view: x {{ derived_table: {{ sql: SELECT id FROM ${{v.SQL_TABLE_NAME}} ;; }} dimension: id {{}} }}
                """,
        }
    )

    assert gaps(found, "field:v.id") == [f"{reason} v.id"]
    assert gaps(found, "field:v.two") == [f"{reason} v.lost"]
    assert gaps(found, "field:v.n") == [f"{reason} v.n"]
    assert gaps(found, "field:w.other") == [f"{reason} v.lost"]
    assert gaps(found, "field:x.id") == [f"{reason} view:v"]


def test_every_field_with_sql_has_a_status() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;;
          dimension: a {} dimension: one { sql: 1 ;; } measure: n { type: count }
          parameter: p { type: string } filter: f { type: string } filter: g { type: string sql: ${a} = 'x' ;; }
        }
        view: template { extension: required dimension: x {} }
        """
    )

    assert sorted(found.lineage.fields) == ["field:v.a", "field:v.g", "field:v.n", "field:v.one"]
    assert sorted(found.lineage.views) == ["view:v"]


def test_a_whole_row_is_a_table_and_no_column() -> None:
    found = traced(
        "view: v { sql_table_name: d.t ;; dimension: d { sql: TO_JSON_STRING(${TABLE}) ;; } }", config=speaking("bigquery")
    )

    assert edges(found, "field:v.d") == []
    assert [gap.split()[0] for gap in gaps(found, "field:v.d")] == ["whole-row"]
    assert found.lineage.fields["field:v.d"].tables == ("table:d.t",)
