"""What extends and refinements do to lineage (R7, R8): where a parameter stands does not matter, only what it comes to."""

from __future__ import annotations

import pytest

from tests.lineage import tables
from tests.tracing import columns, edges, traced

# -- extends -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R7.4")
def test_a_table_comes_from_a_grandparent_whatever_the_order_of_the_files() -> None:
    found = traced(
        {
            "m.model.lkml": 'connection: "c" include: "*.view"',
            "a_child.view.lkml": "view: c { extends: [p] dimension: own {} }",
            "b_parent.view.lkml": "view: p { extends: [g] dimension: middle { sql: ${TABLE}.mid ;; } }",
            "z_grandparent.view.lkml": "view: g { sql_table_name: s.t ;; dimension: id {} }",
        }
    )

    assert edges(found, "view:c") == ["table:s.t reads", "view:p extends"]
    assert edges(found, "view:p") == ["table:s.t reads", "view:g extends"]
    assert [columns(found, f"field:c.{name}") for name in ("id", "middle", "own")] == [["s.t.id"], ["s.t.mid"], ["s.t.own"]]


@pytest.mark.rule("R7.4")
def test_of_two_parents_the_later_gives_the_table_and_both_give_fields() -> None:
    found = traced(
        """
        view: a { sql_table_name: s.a ;; dimension: from_a {} dimension: both { sql: ${TABLE}.of_a ;; } }
        view: b { sql_table_name: s.b ;; dimension: from_b {} dimension: both { sql: ${TABLE}.of_b ;; } }
        view: c { extends: [a, b] }
        view: d { extends: [a, b] sql_table_name: s.d ;; dimension: both { sql: ${TABLE}.of_d ;; } }
        """
    )

    assert edges(found, "view:c") == ["table:s.b reads", "view:a extends", "view:b extends"]
    assert [columns(found, f"field:c.{name}") for name in ("from_a", "from_b", "both")] == [
        ["s.b.from_a"],
        ["s.b.from_b"],
        ["s.b.of_b"],
    ]
    assert edges(found, "view:d") == ["table:s.d reads", "view:a extends", "view:b extends"]
    assert columns(found, "field:d.both") == ["s.d.of_d"]


@pytest.mark.rule("R7.5")
def test_the_name_of_a_parent_is_not_inherited_as_a_table() -> None:
    found = traced("view: p { dimension: id {} } view: c { extends: [p] }")  # which no explore uses

    assert edges(found, "view:c") == ["table:c reads inferred", "view:p extends"]
    assert columns(found, "field:c.id") == ["c.id"]


@pytest.mark.rule("R7.5")
@pytest.mark.rule("R7.14")
def test_a_template_is_no_table() -> None:
    found = traced("view: p { extension: required dimension: id {} } view: c { extends: [p] sql_table_name: s.c ;; }")

    assert tables(found) == ["s.c"]
    assert columns(found, "field:c.id") == ["s.c.id"]
    assert edges(found, "field:p.id") == []


@pytest.mark.rule("R7.18")
def test_a_child_of_a_derived_table_has_its_derived_table() -> None:
    found = traced(
        """
        view: p { derived_table: { sql: SELECT o.nm AS who FROM s.o ;; persist_for: "1 hour" } dimension: who {} }
        view: c { extends: [p] dimension: again { sql: ${TABLE}.who ;; } }
        """
    )

    assert edges(found, "view:c") == ["table:s.o reads", "view:p extends"]
    assert columns(found, "field:c.who") == ["s.o.nm"]
    assert columns(found, "field:c.again") == ["s.o.nm"]


@pytest.mark.rule("R2.14")
def test_a_parent_may_be_included_by_the_model_alone() -> None:
    found = traced(
        {
            "m.model.lkml": 'connection: "c" include: "child.view" include: "parent.view"',
            "child.view.lkml": "view: c { extends: [p] }",
            "parent.view.lkml": "view: p { sql_table_name: s.t ;; dimension: id {} }",
        }
    )

    assert edges(found, "view:c") == ["table:s.t reads", "view:p extends"]


@pytest.mark.rule("R7.13")
def test_an_inherited_reference_means_the_field_of_the_child() -> None:
    found = traced(
        """
        view: p { sql_table_name: s.p ;; dimension: price {} measure: total { type: sum sql: ${price} ;; } }
        view: c { extends: [p] sql_table_name: s.c ;; dimension: price { sql: ${TABLE}.net ;; } }
        """
    )

    assert edges(found, "field:c.total") == ["field:c.price reads"]
    assert columns(found, "field:c.total") == ["s.c.net"]
    assert columns(found, "field:p.total") == ["s.p.price"]


@pytest.mark.rule("R7.11")
@pytest.mark.rule("R4.29")
def test_extended_stands_for_the_sql_of_the_parent() -> None:
    found = traced(
        """
        view: p { sql_table_name: s.t ;; dimension: name { sql: ${TABLE}.full_name ;; } dimension: plain {} }
        view: c { extends: [p]
          dimension: name { sql: concat(${EXTENDED}, ${TABLE}.suffix) ;; }
          dimension: plain { sql: upper(${EXTENDED}) ;; }
        }
        """
    )

    assert columns(found, "field:c.name") == ["s.t.full_name", "s.t.suffix"]
    assert columns(found, "field:c.plain") == ["s.t.plain"]


@pytest.mark.rule("R7.11")
def test_extended_in_a_derived_table_stands_for_the_query_of_the_parent() -> None:
    found = traced(
        """
        view: p { derived_table: { sql: SELECT a FROM s.t ;; } dimension: a {} }
        view: c { extends: [p] derived_table: { sql: SELECT x.a FROM (${EXTENDED}) AS x JOIN s.u ON u.k = x.a ;; } }
        """
    )

    assert [one for one in edges(found, "view:c") if one.startswith("table:")] == ["table:s.t reads", "table:s.u reads"]
    assert columns(found, "field:c.a") == ["s.t.a"]


@pytest.mark.rule("R7.15")
def test_a_child_of_a_refined_view_has_what_the_refinement_says() -> None:
    found = traced(
        """
        view: c { extends: [p] }
        view: p { sql_table_name: s.old ;; dimension: id {} }
        view: +p { sql_table_name: s.new ;; dimension: id { sql: ${TABLE}.key ;; } }
        """
    )

    assert edges(found, "view:c") == ["table:s.new reads", "view:p extends"]
    assert columns(found, "field:c.id") == ["s.new.key"]


@pytest.mark.rule("R7.9")
def test_an_explore_has_the_joins_of_its_parent_and_its_own() -> None:
    found = traced(
        """
        view: orders { dimension: id {} dimension: user_id {} dimension: shop_id {} }
        view: users { dimension: id {} }
        view: shops { dimension: id {} }
        explore: base { extension: required view_name: orders join: users { sql_on: ${orders.user_id} = ${users.id} ;; } }
        explore: e { extends: [base] join: shops { sql_on: ${orders.shop_id} = ${shops.id} ;; } }
        """
    )

    assert edges(found, "explore:m/e") == [
        "field:orders.shop_id join_condition",
        "field:orders.user_id join_condition",
        "field:shops.id join_condition",
        "field:users.id join_condition",
        "view:orders joins_always",
        "view:shops joins_on_demand",
        "view:users joins_on_demand",
    ]


# -- refinements -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R8.4")
@pytest.mark.parametrize(
    ("base", "refinement", "rows", "column"),
    [
        ("sql_table_name: s.old ;;", "sql_table_name: s.new ;;", ["table:s.new reads"], "s.new.a"),
        ("", "sql_table_name: s.new ;;", ["table:s.new reads"], "s.new.a"),
        (
            "derived_table: { sql: SELECT a FROM s.old ;; }",
            "derived_table: { sql: SELECT x AS a FROM s.new ;; }",
            ["table:s.new reads"],
            "s.new.x",
        ),
        ("", "derived_table: { sql: SELECT x AS a FROM s.new ;; }", ["table:s.new reads"], "s.new.x"),
        ("", "extends: [other]", ["table:s.other reads", "view:other extends"], "s.other.a"),
        ("sql_table_name: s.t ;;", "dimension: a { sql: ${TABLE}.b ;; }", ["table:s.t reads"], "s.t.b"),
    ],
)
def test_a_refinement_changes_what_is_read(base: str, refinement: str, rows: list[str], column: str) -> None:
    found = traced(
        f"""
        view: other {{ sql_table_name: s.other ;; dimension: z {{}} }}
        view: v {{ {base} dimension: a {{}} }}
        view: +v {{ {refinement} }}
        """
    )

    assert edges(found, "view:v") == rows
    assert columns(found, "field:v.a") == [column]


@pytest.mark.rule("R8.3")
def test_the_last_refinement_in_order_of_inclusion_counts() -> None:
    files = {
        "base.view.lkml": "view: v { sql_table_name: s.base ;; dimension: id {} }",
        "one.view.lkml": "view: +v { sql_table_name: s.one ;; }",
        "two.view.lkml": "view: +v { sql_table_name: s.two ;; }",
    }
    found = traced(
        {
            "a.model.lkml": 'connection: "c" include: "base.view" include: "one.view" include: "two.view"',
            "b.model.lkml": 'connection: "c" include: "base.view" include: "two.view" include: "one.view"',
            **files,
        }
    )

    assert edges(found, "view:a/v") == ["table:s.two reads"]
    assert edges(found, "view:b/v") == ["table:s.one reads"]


@pytest.mark.rule("R8.2")
def test_a_refinement_of_one_model_changes_nothing_in_another() -> None:
    found = traced(
        {
            "a.model.lkml": 'connection: "c" include: "v.view" explore: v {}',
            "b.model.lkml": 'connection: "c" include: "v.view" include: "refined.lkml" explore: v {}',
            "v.view.lkml": "view: v { sql_table_name: s.t ;; dimension: id {} }",
            "refined.lkml": "view: +v { dimension: id { sql: ${TABLE}.key ;; } }",
        }
    )

    assert columns(found, "field:a/v.id") == ["s.t.id"]
    assert columns(found, "field:b/v.id") == ["s.t.key"]
    assert edges(found, "explore:a/v") == ["view:a/v joins_always"]
    assert edges(found, "explore:b/v") == ["view:b/v joins_always"]


@pytest.mark.rule("R8.1")
def test_an_explore_keeps_its_view_when_the_view_is_refined_elsewhere() -> None:
    found = traced(
        {
            "m.model.lkml": 'connection: "c" include: "base.view" include: "refined.lkml" explore: orders {}',
            "base.view.lkml": "view: orders { sql_table_name: s.orders ;; dimension: id {} }",
            "refined.lkml": 'include: "base.view" view: +orders { dimension: extra {} }',
        }
    )

    assert edges(found, "explore:m/orders") == ["view:orders joins_always"]
    assert columns(found, "field:orders.extra") == ["s.orders.extra"]
    node = found.lineage.graph.nodes["view:orders"]
    assert node.span is not None
    assert node.span.file == "base.view.lkml"


@pytest.mark.rule("R8.8")
def test_a_refinement_of_nothing_hurts_nothing() -> None:
    found = traced("view: +gone { sql_table_name: s.gone ;; } view: v { sql_table_name: s.t ;; dimension: id {} }")

    assert edges(found, "view:v") == ["table:s.t reads"]
    assert columns(found, "field:v.id") == ["s.t.id"]


@pytest.mark.rule("R8.10")
def test_the_refinement_of_an_explore_adds_a_join_and_keeps_the_others() -> None:
    found = traced(
        """
        view: orders { dimension: user_id {} dimension: shop_id {} }
        view: users { dimension: id {} }
        view: shops { dimension: id {} }
        explore: orders { join: users { sql_on: ${orders.user_id} = ${users.id} ;; } }
        explore: +orders { join: shops { sql_on: ${orders.shop_id} = ${shops.id} ;; } }
        """
    )

    assert [one for one in edges(found, "explore:m/orders") if one.startswith("view:")] == [
        "view:orders joins_always",
        "view:shops joins_on_demand",
        "view:users joins_on_demand",
    ]


@pytest.mark.rule("R8.10")
def test_the_refinement_of_a_join_changes_that_join() -> None:
    found = traced(
        """
        view: orders { dimension: user_id {} dimension: buyer_id {} }
        view: users { dimension: id {} }
        explore: orders { join: users { sql_on: ${orders.user_id} = ${users.id} ;; } }
        explore: +orders { join: users { sql_on: ${orders.buyer_id} = ${users.id} ;; } }
        """
    )

    assert edges(found, "explore:m/orders") == [
        "field:orders.buyer_id join_condition",
        "field:users.id join_condition",
        "view:orders joins_always",
        "view:users joins_on_demand",
    ]


@pytest.mark.rule("R8.6")
def test_extends_of_an_explores_refinement_is_added_to_its_own() -> None:
    found = traced(
        """
        view: orders { dimension: id {} }
        view: users { dimension: id {} }
        view: shops { dimension: id {} }
        explore: with_users { extension: required join: users { sql_on: ${orders.id} = ${users.id} ;; } }
        explore: with_shops { extension: required join: shops { sql_on: ${orders.id} = ${shops.id} ;; } }
        explore: orders { extends: [with_users] }
        explore: +orders { extends: [with_shops] }
        """
    )

    assert [one for one in edges(found, "explore:m/orders") if one.startswith("view:")] == [
        "view:orders joins_always",
        "view:shops joins_on_demand",
        "view:users joins_on_demand",
    ]
