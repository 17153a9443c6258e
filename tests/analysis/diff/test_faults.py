"""What ``check`` calls an error breaks, also where the models are the same or the change by itself looks harmless."""

from __future__ import annotations

from typing import Final, Literal

import pytest

from dagster_lookml.config import Config, RuleSettings
from dagster_lookml.diagnostics import Severity
from dagster_lookml.rules import RULES, Rule
from tests.analysis.diff.states import MODEL, SHOP, affected, compared, edited, line, lines
from tests.rules.pages import files_of, findings_of, page

EXAMPLES: Final = [one for one in RULES.values() if one.is_default and page(one).examples]


@pytest.mark.parametrize("rule", EXAMPLES, ids=[one.name for one in EXAMPLES])
def test_a_change_from_the_right_to_the_wrong_example_is_harmless_only_if_no_error_is_found(rule: Rule) -> None:
    right, wrong = (page(rule).examples[name] for name in ("Right", "Wrong"))
    is_error = any(one.rule == rule.name and one.severity is Severity.ERROR for one in findings_of(wrong))

    found = compared(files_of(right), files_of(wrong))

    assert found.is_blocking or not is_error


@pytest.mark.parametrize("rule", EXAMPLES, ids=[one.name for one in EXAMPLES])
def test_who_mends_what_is_wrong_brings_no_fault(rule: Rule) -> None:
    right, wrong = (page(rule).examples[name] for name in ("Right", "Wrong"))

    brought = [one for one in compared(files_of(wrong), files_of(right)).changes if one.property in RULES]

    assert {(one.verdict, one.side, one.new, one.reason) for one in brought} <= {("metadata only", "base", "no", "it is mended")}


UNCLOSED: Final = edited(("  measure: rows { type: count }\n}", "  measure: rows { type: count }\n"))


def test_a_syntax_error_that_leaves_every_object_as_it_was_is_a_change_of_the_file() -> None:
    (change,) = compared(SHOP, UNCLOSED).changes

    assert (change.verdict, change.id, change.property) == ("breaking", "file:orders.view.lkml", "unclosed-block")
    assert (change.old, change.new) == ("no", "yes")
    assert change.reason == "`view: orders` is never closed: a `}` is missing"
    assert str(change.span) == "orders.view.lkml:1:1"


def test_what_was_wrong_before_is_not_told_of() -> None:
    assert lines(compared(UNCLOSED, UNCLOSED | {"orders.view.lkml": "\n" + UNCLOSED["orders.view.lkml"]})) == []


def test_a_file_that_is_renamed_keeps_its_faults() -> None:
    text = UNCLOSED["orders.view.lkml"]
    moved = {name: one for name, one in UNCLOSED.items() if one is not text} | {"sales.view.lkml": text}

    assert lines(compared(UNCLOSED, moved)) == []


def test_one_more_fault_of_a_file_is_news() -> None:
    worse = UNCLOSED | {"orders.view.lkml": UNCLOSED["orders.view.lkml"].replace("week, month]", "week month]")}

    assert lines(compared(UNCLOSED, worse)) == ["breaking: file:orders.view.lkml changed missing-comma"]


def test_a_fault_that_another_file_has_already_is_news() -> None:
    before = edited(("{ type: sum sql: ${price} ;; }", '{ type: sum sql: ${price} ;; tags: ["a" "b"] }'))
    worse = before | {"a.view.lkml": 'view: a { dimension: id { tags: ["a" "b"] } }\n'}

    assert lines(compared(before, worse)) == ["breaking: file:a.view.lkml changed missing-comma", "metadata only: view:a added"]


def test_a_fault_that_goes_from_one_file_to_another_is_news_there() -> None:
    here, there = {"m.model.lkml": MODEL + "explore: orders {};\n"}, {"m.model.lkml": MODEL + "explore: orders {}\n"}
    before, after = SHOP | here, UNCLOSED | there

    assert lines(compared(before | {"orders.view.lkml": after["orders.view.lkml"]}, after)) == [
        "metadata only: file:m.model.lkml changed stray-semicolon"
    ]
    assert lines(compared(before, after)) == [
        "metadata only: file:m.model.lkml changed stray-semicolon",
        "breaking: file:orders.view.lkml changed unclosed-block",
    ]


def test_whoever_misses_an_explore_that_is_gone_is_no_change_of_its_own() -> None:
    native = "view: n { derived_table: { explore_source: orders { column: id {} } } dimension: id {} }\nexplore: n {}\n"
    before = SHOP | {"n.view.lkml": native}
    found = compared(before, edited(("explore: orders {}\n", ""), files=before))

    assert lines(found) == ["breaking: explore:m/orders removed"]
    assert "explore:m/n" in affected(found.changes[0])


def test_what_the_configuration_leaves_out_is_no_fault() -> None:
    config = Config(rules=RuleSettings(ignore=("unclosed-block",)))

    assert lines(compared(SHOP, UNCLOSED, config)) == []


@pytest.mark.parametrize(
    ("level", "said"), [("warning", []), ("error", ["breaking: file:orders.view.lkml changed unclosed-block"])]
)
def test_what_the_configuration_calls_no_error_is_no_fault(level: Literal["warning", "error"], said: list[str]) -> None:
    assert lines(compared(SHOP, UNCLOSED, Config(rules=RuleSettings(severity={"unclosed-block": level})))) == said


def test_what_the_configuration_alone_calls_an_error_is_no_fault() -> None:
    unused = SHOP | {"a.view.lkml": "view: a { dimension: id {} }\n"}
    config = Config(rules=RuleSettings(severity={"unused-view": "error"}))

    assert lines(compared(SHOP, unused, config)) == ["metadata only: view:a added"]


def test_a_test_that_asks_for_what_is_not_there() -> None:
    asked = SHOP | {
        "t.lkml": """test: t {
  explore_source: orders { column: rows { field: orders.rows } }
  assert: some { expression: ${orders.rows} > 0 ;; }
}
"""
    }
    before = edited((MODEL, MODEL + 'include: "t"\n'), files=asked)
    (change,) = compared(before, edited(("field: orders.rows", "field: order.rows"), files=before)).changes

    assert line(change) == "breaking: test:m/t changed column rows"
    assert change.reason == "the explore `orders` has no view `order`"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("fields: [ALL_FIELDS*]", "fields: [ALL_FIELDS*, -orders.lost]", "explore:m/orders changed unknown-field"),
        ("measures: [rows]", "measures: [lost]", "explore:m/orders changed aggregate_table a"),
        ("measures: [rows]", "measures: [people.rows]", "explore:m/orders changed aggregate_table a"),
    ],
)
def test_an_explore_that_names_what_is_not_there(old: str, new: str, said: str) -> None:
    table = 'aggregate_table: a { query: { dimensions: [id] measures: [rows] } materialization: { persist_for: "1 hour" } }'
    before = SHOP | {"m.model.lkml": f"{MODEL}explore: orders {{ fields: [ALL_FIELDS*]\n  {table}\n}}\n"}

    assert lines(compared(before, edited((old, new), files=before))) == [f"breaking: {said}"]


@pytest.mark.rule("R10.6")
@pytest.mark.parametrize("liquid", ["{% if price._in_query %} 1 {% else %} ${price}", "${price} {% endif %}"])
def test_liquid_that_surely_cannot_be_read_breaks_though_nobody_can_compare_it(liquid: str) -> None:
    (change,) = compared(SHOP, edited(("sql: ${price} ;;", f"sql: {liquid} ;;"))).changes

    assert line(change) == "breaking: field:orders.total changed sql"
    assert "Liquid" in change.reason


def test_what_a_comment_ignores_is_no_fault() -> None:
    semicolon = edited(("{ sql: ${TABLE}.status ;; }", "{ sql: ${TABLE}.status; ;; }"))
    ignored = edited(
        ("  dimension: status {", "  # lookml: ignore[semicolon-in-sql] it is cut off\n  dimension: status {"), files=semicolon
    )

    assert lines(compared(SHOP, semicolon)) == ["breaking: field:orders.status changed sql"]
    assert lines(compared(SHOP, ignored)) == ["equivalent: field:orders.status changed sql"]


def test_of_two_faults_that_are_alike_one_that_goes_hides_one_other_at_most() -> None:
    fields = "  dimension: a {{ {} }}\n  dimension: b {{ {} }}\n  dimension: c {{ {} }}\n  measure: rows"
    texts = fields.format('label "x"', 'label "x"', ""), fields.format('label "x"', 'group_label "x"', 'description "x"')
    before, after = (edited(("  measure: rows", text)) for text in texts)

    assert [one for one in lines(compared(before, after)) if "syntax-error" in one] == [
        "breaking: file:orders.view.lkml changed syntax-error"
    ]
