"""What is found in what a model shares: each rule with what trips it, and with what is near to that and right."""

from __future__ import annotations

import pytest

from tests.analysis.asking import said

MODEL = "explore: v {} view: v { dimension: id {} measure: total { type: sum @ } }\n"


def field(rule: str, parameter: str, more: str = "") -> list[str]:
    """What a rule says of a field with a parameter, in the second line of the file."""
    return said(rule, MODEL.replace("@", parameter) + more)


def declared(rule: str, text: str) -> list[str]:
    """What a rule says of what a model declares in its third line."""
    return field(rule, "", text)


@pytest.mark.parametrize(
    "name", ["decimal_0", "decimal_4", "percent_2", "usd", "usd_0", "gbp", "gbp_0", "eur", "eur_0", "id", '"percent_1"']
)
def test_looker_brings_formats_along(name: str) -> None:
    assert field("unknown-named-format", f"value_format_name: {name}") == []


def test_other_formats_must_be_declared() -> None:
    rule = "unknown-named-format"

    assert field(rule, "value_format_name: percent_5") == [
        (
            "m.model.lkml:2 warning: `v.total` has the format `percent_5`, which the model `m` does not have"
            " | did you mean percent_4 or percent_3 or percent_2?"
        )
    ]
    assert field(rule, "value_format_name: percent_5", 'named_value_format: percent_5 { value_format: "0.00000%" }') == []
    assert field(rule, "value_format_name: @{FORMAT}") == []
    assert field(rule, 'value_format: "0.00000%"') == []


@pytest.mark.rule("R3.8")
def test_a_format_may_be_in_an_import_that_is_not_here() -> None:
    files = {
        "manifest.lkml": 'local_dependency: { project: "hub" }',
        "m.model.lkml": 'connection: "c"\ninclude: "//hub/formats.lkml"\n' + MODEL.replace("@", "value_format_name: big"),
    }

    assert said("unknown-named-format", files) == []
    assert said("unknown-named-format", {"m.model.lkml": files["m.model.lkml"].replace("include", "# include")}) != []


@pytest.mark.rule("R3.8")
@pytest.mark.parametrize(
    ("rule", "kind", "content"),
    [
        ("duplicate-access-grant", "access_grant", 'user_attribute: a allowed_values: ["b"]'),
        ("duplicate-named-format", "named_value_format", 'value_format: "0"'),
        ("duplicate-test", "test", "explore_source: v { column: id {} } assert: a { expression: ${v.id} = 1 ;; }"),
    ],
)
def test_what_is_shared_by_name_is_declared_once(rule: str, kind: str, content: str) -> None:
    first, second = f"{kind}: one {{ {content} }}\n", f"{kind}: two {{ {content} }}\n"

    assert declared(rule, first + first) == [
        (
            f"m.model.lkml:4 warning: the {kind} `one` is declared twice in one model"
            " | first at m.model.lkml:3:1; the last one counts"
        )
    ]
    assert declared(rule, first + second) == []


@pytest.mark.rule("R3.9")
def test_two_models_may_declare_the_same_name() -> None:
    grant = 'connection: "c" access_grant: one { user_attribute: a allowed_values: ["b"] }'

    assert said("duplicate-access-grant", {"m.model.lkml": grant, "n.model.lkml": grant}) == []


def test_an_access_grant_says_who_has_access() -> None:
    rule = "incomplete-access-grant"

    assert declared(rule, "access_grant: g { user_attribute: a }") == [
        "m.model.lkml:3 error: the access grant `g` has no allowed_values"
    ]
    assert declared(rule, "access_grant: g { user_attribute: a allowed_values: [] }") == [
        "m.model.lkml:3 error: the access grant `g` has no allowed_values"
    ]
    assert declared(rule, 'access_grant: g { allowed_values: ["x"] }') == [
        "m.model.lkml:3 error: the access grant `g` has no user_attribute"
    ]
    assert declared(rule, 'access_grant: g { user_attribute: a allowed_values: ["x"] }') == []


@pytest.mark.rule("R11.2")
def test_the_trigger_of_a_datagroup_knows_no_views() -> None:
    rule = "reference-in-trigger"

    assert declared(rule, "datagroup: d { sql_trigger: SELECT MAX(id) FROM ${v.SQL_TABLE_NAME} ;; }") == [
        (
            "m.model.lkml:3 error: the sql_trigger of the datagroup `d` cannot name `${v.SQL_TABLE_NAME}`"
            " | write the table's name, or use sql_trigger_value in the derived table"
        )
    ]
    assert declared(rule, "datagroup: d { sql_trigger: SELECT MAX(id) FROM v ;; }") == []
    assert declared(rule, "datagroup: d { sql_trigger: SELECT 1 -- ${v.SQL_TABLE_NAME}\n ;; }") == []
    table = "view: t { derived_table: { sql: SELECT 1 ;; sql_trigger_value: SELECT MAX(id) FROM ${v.SQL_TABLE_NAME} ;; } }"
    assert declared(rule, table) == []


@pytest.mark.rule("R9.2")
def test_a_constant_is_declared_once() -> None:
    rule, model = "duplicate-constant", {"m.model.lkml": 'connection: "c" ' + MODEL.replace("@", "")}
    one, two = 'constant: A { value: "1" }\n', 'constant: B { value: "1" }\n'

    assert said(rule, {**model, "manifest.lkml": one + one}) == [
        "manifest.lkml:2 warning: the constant `A` is declared twice | first at manifest.lkml:1:1; the last one counts"
    ]
    assert said(rule, {**model, "manifest.lkml": one + two}) == []


# -- maps --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["countries", "uk_postcode_areas", "us_counties_fips", "us_states", "us_zipcode_tabulation_areas", "regions"]
)
def test_a_map_is_lookers_own_or_one_of_the_model(name: str) -> None:
    files = {
        "m.model.lkml": 'connection: "c" include: "*.lkml" explore: v {}',
        "v.view.lkml": f"view: v {{ dimension: x {{ map_layer_name: {name} }} }}",
        "maps.lkml": 'map_layer: regions { file: "regions.json" }',
    }

    assert said("unknown-map-layer", files) == []


def test_a_map_that_nobody_has_is_told_once() -> None:
    model = "explore: v {} view: v { dimension: x { map_layer_name: us_state } } view: w { extends: [v] }"

    message = "`v.x` is drawn on the map `us_state`, which the model `m` does not have | did you mean us_states?"

    assert said("unknown-map-layer", model) == [f"m.model.lkml:2 warning: {message}"]
