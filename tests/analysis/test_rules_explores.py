"""What is found in explores: joins, keys, lists of fields; each rule with what trips it, and what is near to that and right."""

from __future__ import annotations

import pytest

from tests.analysis.asking import said

VIEWS = """
view: orders {
  dimension: id {} dimension: user_id {} dimension: plain {} dimension: wrapped { sql: LOWER(${plain}) ;; }
  measure: total { type: sum } measure: latest { type: max }
}
view: users { dimension: id { primary_key: yes } dimension: city {} measure: n { type: count } }
view: items { dimension: order_id {} measure: amount { type: sum } }
"""
USERS = "join: users { relationship: many_to_one sql_on: ${orders.user_id} = ${users.id} ;; }"


def orders(rule: str, text: str, more: str = "") -> list[str]:
    """What a rule says of an explore ``orders``, which begins in the second line; its text stands in the third."""
    return said(rule, f"explore: orders {{\n{text}\n}} {more} {VIEWS}")


# -- joins -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R6.7")
def test_a_join_says_which_rows_belong_together() -> None:
    rule = "join-without-condition"

    assert orders(rule, "join: users { relationship: many_to_one }") == [
        (
            "m.model.lkml:3 warning: the join `users` of the explore `orders` has no sql_on and no foreign_key"
            " | if every row belongs to every other, say `type: cross`"
        )
    ]
    assert orders(rule, "join: users { sql_where: 1 = 1 ;; }") != []
    assert orders(rule, "join: users { sql_on: ;; }") != []
    assert orders(rule, USERS) == []
    assert orders(rule, "join: users { foreign_key: user_id }") == []
    assert orders(rule, "join: users { sql_foreign_key: ${orders.user_id} ;; }") == []
    assert orders(rule, "join: users { type: cross }") == []
    assert orders(rule, "join: users { sql: ;; }") == []
    assert orders(rule, "join: users { sql: LEFT JOIN users ON 1 = 1 ;; }") == []


@pytest.mark.rule("R6.20")
def test_a_join_of_nothing_but_filters_and_parameters_reads_no_table() -> None:
    rule, join = "join-without-condition", "join: asked {}"

    assert orders(rule, join, "view: asked { parameter: p {} filter: f {} }") == []
    assert len(orders(rule, join, "view: asked { parameter: p {} dimension: d {} }")) == 1
    assert len(orders(rule, join, "view: asked { sql_table_name: t ;; parameter: p {} }")) == 1


@pytest.mark.rule("R8.1")
def test_a_refinement_may_bring_the_condition_of_a_join() -> None:
    refinement = "explore: +orders { join: users { sql_on: ${orders.user_id} = ${users.id} ;; } }"

    assert orders("join-without-condition", "join: users {}", refinement) == []


@pytest.mark.rule("R6.17")
def test_an_explore_that_must_be_extended_may_leave_the_condition_to_its_children() -> None:
    assert orders("join-without-condition", "extension: required join: users {}") == []


@pytest.mark.rule("R6.7")
def test_a_join_has_one_condition() -> None:
    rule = "two-join-conditions"

    assert orders(rule, "join: users { foreign_key: user_id sql_on: ${orders.user_id} = ${users.id} ;; }") == [
        "m.model.lkml:3 warning: the join `users` has both sql_on and foreign_key"
    ]
    assert orders(rule, "join: users { foreign_key: user_id sql_where: ${users.city} = 'x' ;; }") == []
    assert orders(rule, USERS) == []


@pytest.mark.rule("R6.13")
def test_joins_cannot_need_each_other() -> None:
    rule = "circular-join"
    items = "join: items { sql_on: ${items.order_id} = ${orders.id} AND ${items.amount} > ${users.n} ;; }"
    users = "join: users { sql_on: ${orders.user_id} = ${users.id} AND ${items.amount} = ${users.n} ;; }"

    assert orders(rule, f"{items} {users}") == [
        "m.model.lkml:3 error: the joins of the explore `orders` need each other: items -> users -> items"
    ]
    assert orders(rule, f"{items} {USERS}") == []  # the order in which they stand does not matter
    assert orders(rule, f"{USERS} {items}") == []
    assert orders(rule, "join: users { sql_on: ${users.id} = ${users.city} ;; }") == []
    assert orders(rule, f"join: items {{ sql_on: 1 = 1 -- ${{users.n}}\n ;; }} {users}") == []
    by_liquid = items.replace("AND", "{% if users._in_query %} AND").replace(" ;;", " {% endif %} ;;")
    assert orders(rule, f"{by_liquid} {users}") == []


@pytest.mark.rule("R5.20")
def test_an_aggregate_table_has_a_query_and_a_trigger() -> None:
    rule, query = "incomplete-aggregate-table", "query: { dimensions: [id] measures: [total] }"

    assert orders(rule, f"aggregate_table: a {{ {query} }}") == [
        "m.model.lkml:3 warning: the aggregate table `a` of the explore `orders` has no trigger in its materialization"
    ]
    assert orders(rule, 'aggregate_table: a { materialization: { persist_for: "1 hour" } }') == [
        "m.model.lkml:3 warning: the aggregate table `a` of the explore `orders` has no query"
    ]
    assert orders(rule, f'aggregate_table: a {{ {query} materialization: {{ persist_for: "1 hour" }} }}') == []


# -- keys --------------------------------------------------------------------------------------------------------------


def joined(relationship: str, name: str = "items") -> str:
    return f"join: {name} {{ relationship: {relationship} sql_on: ${{{name}.order_id}} = ${{orders.id}} ;; }}"


def without_key(view: str, measures: str, how: str) -> str:
    """What is said of a view without a primary key."""
    lines = {"orders": 5, "items": 10}
    return (
        f"m.model.lkml:{lines[view]} warning: the view `{view}` has no primary key,"
        f" and a join repeats the rows that its measures aggregate: {measures} | {how}"
    )


@pytest.mark.rule("R6.6")
@pytest.mark.parametrize(
    ("relationship", "repeated"),
    [
        ("one_to_one", []),
        ("one_to_many", ["orders"]),
        ("many_to_one", ["items"]),
        ("many_to_many", ["orders", "items"]),
    ],
)
def test_a_relationship_says_whose_rows_are_repeated(relationship: str, repeated: list[str]) -> None:
    measures = {"orders": "`total`", "items": "`amount`"}
    how = f"the join `items` of explore:m/orders is {relationship}"

    assert orders("repeated-measures", joined(relationship)) == [without_key(one, measures[one], how) for one in repeated]


@pytest.mark.rule("R6.6")
def test_a_join_repeats_the_rows_of_views_that_are_joined_to_its_view() -> None:
    far = "join: users { relationship: one_to_one sql_on: ${users.id} = ${orders.user_id} ;; }"
    deep = "join: items { relationship: one_to_many sql_on: ${items.order_id} = ${users.id} ;; }"

    assert orders("repeated-measures", f"{far} {deep}") == [
        without_key("orders", "`total`", "the join `items` of explore:m/orders is one_to_many")
    ]
    assert orders("repeated-measures", f"{far} {deep.replace('one_to_many', 'one_to_one')}") == []


@pytest.mark.rule("R6.6")
def test_many_rows_of_one_join_repeat_those_of_another() -> None:
    other = "join: more { from: items relationship: one_to_many sql_on: ${more.order_id} = ${orders.id} ;; }"

    assert orders("repeated-measures", f"fields: [ALL_FIELDS*, -orders.total] {joined('one_to_many')} {other}") == [
        without_key("items", "`amount`", "the join `more` of explore:m/orders is one_to_many, and 1 more")
    ]


@pytest.mark.rule("R4.18")
def test_a_key_tells_repeated_rows_apart() -> None:
    assert orders("repeated-measures", USERS) == []  # users have a key, and the rows of orders are not repeated
    assert (
        orders("repeated-measures", f"view_name: users from: users {joined('one_to_many')}".replace("orders.id", "users.id"))
        == []
    )


@pytest.mark.rule("R4.16")
@pytest.mark.parametrize(
    ("kind", "minds"), [("sum", True), ("count", True), ("average", True), ("max", False), ("number", False)]
)
def test_only_some_measures_mind_repeated_rows(kind: str, minds: bool) -> None:
    view = f"view: base {{ dimension: id {{}} measure: m {{ type: {kind} sql: 1 ;; }} }}"
    explore = f"explore: base {{ {joined('one_to_many').replace('orders.id', 'base.id')} }}"

    assert len(said("repeated-measures", f"{explore} {view} {VIEWS}")) == minds


@pytest.mark.rule("R6.20")
def test_a_join_that_brings_no_table_repeats_nothing() -> None:
    assert orders("repeated-measures", "join: items { relationship: one_to_many sql: ;; }") == []


@pytest.mark.rule("R6.16")
def test_an_explore_without_symmetric_aggregates_asks_for_no_keys() -> None:
    assert orders("repeated-measures", f"symmetric_aggregates: no {joined('one_to_many')}") == []


# -- fields that an explore leaves out ---------------------------------------------------------------------------------


@pytest.mark.rule("R4.40")
def test_an_explore_cannot_leave_out_what_its_fields_are_made_of() -> None:
    rule = "field-excluded"

    assert orders(rule, "fields: [ALL_FIELDS*, -orders.plain]") == [
        "m.model.lkml:6 warning: `orders.wrapped` needs `orders.plain`, which the explore `orders` leaves out"
    ]
    assert orders(rule, "fields: [ALL_FIELDS*, -orders.plain, -orders.wrapped]") == []
    assert orders(rule, "fields: [ALL_FIELDS*, -orders.wrapped]") == []
    assert orders(rule, "") == []


@pytest.mark.rule("R4.40")
@pytest.mark.parametrize(
    "text",
    [
        "join: users { sql_on: ${orders.plain} = ${users.id} ;; }",
        "sql_always_where: ${orders.plain} = 1 ;;",
        'always_filter: { filters: [plain: "1"] }',
    ],
)
def test_the_conditions_of_an_explore_may_name_what_users_do_not_see(text: str) -> None:
    assert orders("field-excluded", f"{text} fields: [ALL_FIELDS*, -orders.plain, -orders.wrapped]") == []


@pytest.mark.rule("R4.39")
def test_what_a_join_leaves_out_may_be_named() -> None:
    users = "join: users { fields: [city] sql_on: ${orders.user_id} = ${users.id} ;; }"

    wrapped = "view: +users { dimension: wrapped { sql: ${id} ;; } }"

    assert orders("field-excluded", users) == []
    assert orders("field-excluded", users.replace("[city]", "[wrapped]"), wrapped) == []
    assert orders("field-excluded", f"fields: [ALL_FIELDS*] {users}") == []


# -- what a model does not have ----------------------------------------------------------------------------------------

TWO_MODELS = {
    "a.model.lkml": 'connection: "c"\ninclude: "/views/*.view"\nexplore: access {}',
    "b.model.lkml": 'connection: "c"\ninclude: "/views/*.view"',
    "views/access.view.lkml": "view: access { dimension: id {} }",
}


@pytest.mark.rule("R2.19")
def test_the_model_that_lacks_an_explore_is_named() -> None:
    view = "view: made { derived_table: { explore_source: access { column: id {} } } dimension: id {} }"

    assert said("unknown-explore", {**TWO_MODELS, "views/made.view.lkml": view}) == [
        "views/made.view.lkml:1 error: the model `b` has no explore `access`"
    ]
    assert said("unknown-explore", {**TWO_MODELS, "views/made.view.lkml": view.replace("source: access", "source: gone")}) == [
        "views/made.view.lkml:1 error: its models have no explore `gone`"
    ]


@pytest.mark.rule("R2.19")
def test_the_model_that_lacks_a_view_or_a_datagroup_is_named() -> None:
    view = "view: made { derived_table: { sql: SELECT id FROM ${here.SQL_TABLE_NAME} ;; datagroup_trigger: d } dimension: id {} }"
    files = {**TWO_MODELS, "views/made.view.lkml": view}
    files["a.model.lkml"] += '\ndatagroup: d { interval_trigger: "1 hour" } view: here { dimension: id {} }'
    files["b.model.lkml"] += "\nexplore: made { join: users { sql_on: 1 = 1 ;; } }"

    assert said("unknown-datagroup", files) == ["views/made.view.lkml:1 error: the model `b` has no datagroup `d`"]
    assert said("unknown-view", files) == [
        "b.model.lkml:3 error: the join `users` needs the view `users`, which the model `b` does not have",
        (
            "views/made.view.lkml:1 error: `made` reads the table of the view `here`, which the model `b` does not have"
            " | it stands in a.model.lkml, which the model does not include"
        ),
    ]


@pytest.mark.rule("R2.16")
@pytest.mark.rule("R2.18")
def test_a_view_whose_file_is_not_included_is_told_of_with_its_file_and_the_include_that_fails() -> None:
    files = {
        "m.model.lkml": 'connection: "c"\ninclude: "/view/*.view"\nexplore: orders {}',
        "views/orders.view.lkml": "view: orders { dimension: id {} }",
    }
    fails = '`include: "/view/*.view"` matches no file (m.model.lkml:2)'

    assert said("unknown-view", files) == [
        (
            "m.model.lkml:3 error: the explore `orders` starts from the view `orders`, which the model `m` does not have"
            f" | it stands in views/orders.view.lkml, which the model does not include; {fails}"
        )
    ]
    del files["views/orders.view.lkml"]
    assert said("unknown-view", files) == [
        f"m.model.lkml:3 error: the explore `orders` starts from the view `orders`, which the model `m` does not have | {fails}"
    ]


# -- what queries of an explore ask for --------------------------------------------------------------------------------

ASKING = """
explore: orders {{ {offered} {query} }} explore: native {{}}
view: native {{ derived_table: {{ explore_source: orders {{ column: id {{}} {native} }} }} dimension: id {{}} }}
test: some {{ explore_source: orders {{ column: id {{}} {test} }} assert: a {{ expression: ${{orders.id}} > 0 ;; }} }}
"""


def asking(rule: str, offered: str = "", query: str = "", native: str = "", test: str = "") -> list[str]:
    """What is said of an explore, of a native derived table and of a test."""
    return said(rule, ASKING.format(offered=offered, query=query, native=native, test=test) + VIEWS)


@pytest.mark.rule("R4.40", "R5.6", "R5.8")
@pytest.mark.parametrize(
    "asks",
    [
        {"native": "column: plain {}"},
        {"native": "column: p { field: orders.plain }"},
        {"native": 'filters: [orders.plain: "a"]'},
        {"native": "sorts: [orders.plain: desc]"},
        {"native": "expression_custom_filter: ${orders.plain} = 1 ;;"},
        {"test": "column: plain {}"},
        {"query": "aggregate_table: a { query: { dimensions: [plain] } materialization: { persist_for: \"1 hour\" } }"},
        {"query": 'query: q { dimensions: [orders.id] filters: [orders.plain: "a"] }'},
    ],
)  # fmt: skip
def test_no_query_of_an_explore_has_what_the_explore_leaves_out(asks: dict[str, str]) -> None:
    left_out = "fields: [ALL_FIELDS*, -orders.plain, -orders.wrapped]"
    [found] = asking("field-excluded", left_out, **asks)

    assert found.endswith("error: the explore `orders` leaves out the field `orders.plain`")
    assert asking("field-excluded", "", **asks) == []


@pytest.mark.rule("R4.31", "R5.8")
@pytest.mark.parametrize(
    "asks",
    [
        {"native": "expression_custom_filter: ${orders.gone} = 1 ;;"},
        {"test": "expression_custom_filter: ${orders.gone} = 1 ;;"},
        {"query": "query: q { dimensions: [orders.id] expression_custom_filter: ${orders.gone} = 1 ;; }"},
    ],
)
def test_a_custom_filter_names_fields_of_its_explore(asks: dict[str, str]) -> None:
    [found] = asking("unknown-field", **asks)

    assert "error: there is no field `gone` in the view `orders`" in found
    assert asking("unknown-field", **{key: text.replace("gone", "plain") for key, text in asks.items()}) == []


@pytest.mark.rule("R4.31", "R4.32")
@pytest.mark.parametrize(
    "field", ["dimension: d { expression: ${gone} + 1 ;; }", "dimension: d { expression: ${orders.gone} ;; }"]
)
def test_the_expression_of_a_field_names_fields_of_its_explore(field: str) -> None:
    [found] = orders("unknown-field", "", f"view: +orders {{ {field} }}")

    assert "`orders.d` refers to `orders.gone`, which does not exist" in found
    assert orders("unknown-field", "", f"view: +orders {{ {field.replace('gone', 'plain')} }}") == []
