"""Changes that write what leads nowhere break."""

from __future__ import annotations

import pytest

from tests.analysis.diff.states import MODEL, SHOP, compared, edited, line, lines
from tests.analysis.diff.test_others import JOINED, ON


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sql: ${price} ;;", "sql: ${prise} ;;", "breaking: field:orders.total changed sql"),
        ("sql: ${price} ;;", "sql: ${lost.SQL_TABLE_NAME} ;;", "breaking: field:orders.total changed sql"),
        ("sql: ${price} ;;", "sql: ${users.age} ;;", "breaking: field:orders.total changed sql"),
        ("sql: ${price} ;;", "sql: ${people.age} ;;", "breaking: field:orders.total changed sql"),
        ("sql: ${price} ;;", "sql: ${users.id} ;;", "numbers may change: field:orders.total changed sql"),
        (ON, "sql_on: ${users.id} = ${orders.user} ;;", "breaking: join:m/orders/users changed sql_on"),
        (ON, "sql_on: ${people.id} = ${orders.id} ;;", "breaking: join:m/orders/users changed sql_on"),
        (ON, f"{ON} from: people", "breaking: join:m/orders/users changed view"),
        ("explore: orders {\n", "explore: orders { from: sales view_name: orders\n", "breaking: explore:m/orders changed view"),
        ("[orders.rows, users.city]", "[orders.rows, users.town]", "breaking: tile:m/kpis/count changed fields"),
        ("[orders.rows, users.city]", "[orders.rows, people.city]", "breaking: tile:m/kpis/count changed fields"),
        ("[orders.rows, users.city]", "[orders.rows, users.id]", "numbers may change: tile:m/kpis/count changed fields"),
        ('{orders.id: "1"}', '{orders.idd: "1"}', "breaking: tile:m/kpis/sales changed filters[orders.idd]"),
        (
            "  - name: count\n    explore: orders",
            "  - name: count\n    explore: sales",
            "breaking: tile:m/kpis/count changed explore",
        ),
    ],
)
def test_what_leads_nowhere_breaks(old: str, new: str, said: str) -> None:
    assert said in lines(compared(JOINED, edited((old, new), files=JOINED)))


NATIVE = "view: n { derived_table: { explore_source: orders { column: id {} ! } } dimension: id {} }"


@pytest.mark.rule("R5.6")
@pytest.mark.rule("R5.8")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("column: idd {}", "breaking: view:n changed column idd"),
        ("column: c { field: users.idd }", "breaking: view:n changed column c"),
        ("column: c { field: people.id }", "breaking: view:n changed column c"),
        ("column: c { field: users.city }", "numbers may change: view:n changed column c"),
        ("column: price {}", "numbers may change: view:n changed column price"),
        ('filters: [idd: "1"]', "breaking: view:n changed explore_source.filters[idd]"),
        ('filters: [price: "1"]', "numbers may change: view:n changed explore_source.filters[price]"),
        ('filters: [users.city: "1"]', "numbers may change: view:n changed explore_source.filters[users.city]"),
        ("sorts: [orders.idd: desc]", "breaking: view:n changed sorts"),
        ("sorts: [id: desc]", "numbers may change: view:n changed sorts"),
        ("bind_filters: { from_field: n.id to_field: orders.idd }", "breaking: view:n changed bind_filters"),
        ("bind_filters: { from_field: n.nothing to_field: orders.id }", "numbers may change: view:n changed bind_filters"),
        ("expression_custom_filter: ${orders.idd} > 1 ;;", "breaking: view:n changed expression_custom_filter"),
    ],
)
def test_a_native_derived_table_that_takes_what_its_explore_does_not_have_breaks(more: str, said: str) -> None:
    before, after = (JOINED | {"n.view.lkml": NATIVE.replace("!", text)} for text in ("", more))

    assert lines(compared(before, after)) == [said]


@pytest.mark.rule("R4.43")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sql: ${price} ;;", "sql: ${cost} ;;", "field:orders.total"),
        ("sql: ${price} ;;", "sql: ${users.town} ;;", "field:orders.total"),
        (ON, "sql_on: ${users.id} = ${orders.cost} ;;", "join:m/orders/users"),
    ],
)
def test_sql_that_names_an_alias_breaks(old: str, new: str, said: str) -> None:
    before = edited(("price { type", "price { alias: [cost] type"), ("city {", "city { alias: [town]"), files=JOINED)
    (change,) = compared(before, edited((old, new), files=before)).changes

    assert (change.verdict, change.id) == ("breaking", said)
    assert change.reason.endswith(", which is an alias: saved content may use it, and SQL may not")


@pytest.mark.rule("R4.43")
def test_what_is_no_sql_may_name_an_alias() -> None:
    before = edited(("price { type", "price { alias: [cost] type"), ("city {", "city { alias: [town]"), files=JOINED)
    tile = edited(("[orders.rows, users.city]", "[orders.rows, users.town]"), files=before)
    filtered = edited(("type: sum sql", 'type: sum filters: [cost: ">1"] sql'), files=before)

    assert lines(compared(before, tile)) == ["numbers may change: tile:m/kpis/count changed fields"]
    assert lines(compared(before, filtered)) == ["numbers may change: field:orders.total changed filters[cost]"]


def test_a_parent_that_is_not_there_breaks() -> None:
    child = "view: more { extends: [orders] }\nexplore: more {}\n"
    before = SHOP | {"more.view.lkml": child}
    found = lines(compared(before, edited(("extends: [orders]", "extends: [order]"), files=before)))

    assert "breaking: view:more changed extends" in found


def test_what_may_be_in_a_project_that_is_not_here_is_not_said_to_break() -> None:
    before = edited(('include: "*.view"', 'include: "*.view"\ninclude: "//hub/*.view"'), files=JOINED)
    found = lines(compared(before, edited(("sql: ${price} ;;", "sql: ${people.age} ;;"), files=before)))

    assert found == ["numbers may change: field:orders.total changed sql"]


def test_a_tile_that_asks_an_explore_of_a_project_that_is_not_here_may_break() -> None:
    before = edited(('include: "*.view"', 'include: "*.view"\ninclude: "//hub/*.view"'), files=JOINED)
    after = edited(("  - name: count\n    explore: orders", "  - name: count\n    explore: sales"), files=before)

    assert "unknown: tile:m/kpis/count changed explore" in lines(compared(before, after))


CONSTANT = {
    "manifest.lkml": 'constant: S { value: "s" }\n',
    "m.model.lkml": f"{MODEL}explore: p {{ sql_always_where: ${{p.id}} > 1 ;; }}\n",
    "p.view.lkml": """view: p {
  sql_table_name: raw.p ;;
  dimension: id { label: "Id" }
  measure: total { type: sum sql: ${id} ;; filters: [id: "1"] }
}
""",
}
"""A project whose manifest has a constant that some text of it may name."""


@pytest.mark.rule("R9.6")
@pytest.mark.parametrize(
    ("literal", "text", "said"),
    [
        ("raw.p", "@{S}.p", "view:p changed sql_table_name"),
        ("sql: ${id} ;;", "sql: ${id} + @{S} ;;", "field:p.total changed sql"),
        ('[id: "1"]', '[id: "@{S}"]', "field:p.total changed filters[id]"),
        ("${p.id} > 1", "${p.id} > @{S}", "explore:m/p changed sql_always_where"),
        ('connection: "c"', 'connection: "@{S}"', "model:m changed connection"),
    ],
)
def test_a_constant_that_is_used_and_gone_breaks(literal: str, text: str, said: str) -> None:
    before = edited((literal, text), files=CONSTANT)
    after = {name: text for name, text in before.items() if name != "manifest.lkml"}
    (change,) = compared(before, after).changes

    assert line(change) == f"breaking: {said}"
    assert change.reason == "it names the constant `S`, to which no manifest gives a value"


@pytest.mark.rule("R9.6")
@pytest.mark.parametrize(
    ("old", "new"),
    [("raw.p", "@{LOST}.p"), ('dimension: id { label: "Id" }', 'dimension: id { label: "Id" sql: @{LOST} ;; }')],
)
def test_a_text_that_begins_to_name_a_constant_that_there_is_not_breaks(old: str, new: str) -> None:
    assert [one.verdict for one in compared(CONSTANT, edited((old, new), files=CONSTANT)).changes] == ["breaking"]


@pytest.mark.rule("R9.6")
def test_a_constant_that_contains_itself_breaks_what_names_it() -> None:
    before = edited(("raw.p", "@{S}.p"), files=CONSTANT)
    found = compared(before, edited(('value: "s"', 'value: "@{S}"'), files=before))

    assert lines(found) == [
        "breaking: file:manifest.lkml changed circular-constant",
        "breaking: view:p changed sql_table_name",
    ]


@pytest.mark.rule("R9.6")
def test_a_constant_that_was_gone_before_breaks_nothing_more() -> None:
    before = edited(("raw.p", "@{LOST}.p"), files=CONSTANT)

    assert lines(compared(before, edited(("@{LOST}.p", "@{LOST}.q"), files=before))) == [
        "numbers may change: view:p changed sql_table_name"
    ]


@pytest.mark.rule("R9.6")
def test_a_constant_that_is_gone_is_missed_in_a_label_too() -> None:
    before = edited(('label: "Id"', 'label: "@{S}"'), files=CONSTANT)
    after = {name: text for name, text in before.items() if name != "manifest.lkml"}
    (change,) = compared(before, after).changes

    assert line(change) == "breaking: field:p.id changed label"
    assert change.reason == "the manifest defines no constant `S`"
