"""What is found in names of other views that stand outside of SQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.asking import said
from tests.repositories import commit, started, write
from tests.test_check_cli import rules

NEEDED = "based_on based_on_time end_location_field label_from_parameter list_field order_by_field start_location_field".split()


def of(rule: str, inside: str, *, joined: str = "join: u { from: users sql_on: 1 = 1 ;; }", more: str = "") -> list[str]:
    """What a rule says of a view that is joined with users, called u; the view is in line 2."""
    users = "view: users { dimension: nam {} dimension: name {} parameter: p {} set: some { fields: [name] } }"
    return said(rule, f"explore: o {{ {joined} }} {users} {more}\nview: o {{ dimension: id {{}} {inside} }}")


@pytest.mark.rule("R4.32")
@pytest.mark.parametrize("parameter", [*NEEDED, "required_fields"])
def test_a_field_of_another_view_that_a_field_needs_must_be_there(parameter: str) -> None:
    value = "[u.naem]" if parameter == "required_fields" else "u.naem"
    field = f"measure: x {{ type: number sql: 1 ;; {parameter}: {value} }}"
    message = f"`{parameter}` of `o` names the field `naem` of `u`, which does not exist | did you mean nam or name?"

    assert of("unknown-field", field) == [f"m.model.lkml:3 error: {message}"]
    assert of("unknown-field", field.replace("naem", "name")) == []
    assert of("view-not-joined", field.replace("naem", "name")) == []
    assert of("unknown-field", field, joined="") == []


@pytest.mark.rule("R6.19")
def test_a_field_that_is_needed_of_a_view_that_no_explore_joins_is_a_warning() -> None:
    field = "dimension: x { order_by_field: users.name }"

    assert of("view-not-joined", field) == [
        "m.model.lkml:3 warning: `order_by_field` of `o` names `users.name`, and no explore with `o` has `users`"
    ]
    assert of("view-not-joined", field, more="explore: again { from: o view_name: o join: users { sql_on: 1 = 1 ;; } }") == []


@pytest.mark.rule("R4.41")
@pytest.mark.parametrize(
    ("inside", "what", "rule", "parameter"),
    [
        ("measure: n { type: count drill_fields: [id, u.naem] }", "field `naem`", "unknown-drill-field", "drill_fields"),
        ("drill_fields: [u.naem]", "field `naem`", "unknown-drill-field", "drill_fields"),
        ("measure: n { type: count drill_fields: [u.detail*] }", "set `detail*`", "unknown-drill-field", "drill_fields"),
        ("set: s { fields: [u.naem] }", "field `naem`", "unknown-field", "fields"),
        ("set: s { fields: [id, -u.naem] }", "field `naem`", "unknown-field", "fields"),
    ],
)
def test_a_drill_field_that_no_explore_with_both_views_has_is_dead(inside: str, what: str, rule: str, parameter: str) -> None:
    [found] = of(rule, inside)

    assert found.startswith(f"m.model.lkml:3 warning: `{parameter}` of `o` names the {what} of `u`, which does not exist")
    assert of(rule, inside.replace("naem", "nam").replace("detail", "some")) == []


@pytest.mark.rule("R4.41")
def test_a_drill_field_that_a_child_of_the_view_has_in_its_explore_is_used_there() -> None:
    drill = "measure: n { type: count drill_fields: [u.other] }"
    child = (
        "view: others { dimension: other {} } view: c { extends: [o] } explore: c { join: u { from: others sql_on: 1 = 1 ;; } }"
    )

    assert len(of("unknown-drill-field", drill)) == 1
    assert of("unknown-drill-field", drill, more=child) == []


@pytest.mark.rule("R4.41")
def test_a_drill_field_of_a_view_that_is_joined_nowhere_is_told_to_who_asks() -> None:
    drill = "measure: n { type: count drill_fields: [users.name] }"

    assert of("unknown-drill-field", drill) == []
    assert of("drill-field-not-joined", drill) == [
        "m.model.lkml:3 info: `drill_fields` of `o` names `users.name`, and no explore with `o` has `users`"
    ]
    assert of("drill-field-not-joined", drill, joined="join: users { sql_on: 1 = 1 ;; }") == []


@pytest.mark.rule("R4.32")
@pytest.mark.parametrize(
    ("parameters", "is_fault"),
    [
        ("suggest_dimension: id", False),
        ("suggest_dimension: idd", True),
        ("suggest_dimension: o.idd", True),
        ("suggest_dimension: u.name", False),
        ("suggest_dimension: u.naem", True),
        ("suggest_explore: people suggest_dimension: users.name", False),
        ("suggest_explore: people suggest_dimension: name", False),
        ("suggest_explore: people suggest_dimension: users.naem", True),
        ("suggest_explore: people suggest_dimension: naem", True),
        ("suggest_explore: unknown suggest_dimension: naem", False),
    ],
)
def test_suggestions_come_from_a_field_that_is_there(parameters: str, is_fault: bool) -> None:
    found = of("unknown-field", f"dimension: x {{ {parameters} }}", more="explore: people { view_name: users }")

    assert [one.split()[1] for one in found] == ["warning:"] * is_fault


SWEPT = {
    "users.model.lkml": 'connection: "c"\ninclude: "/*.view"\nexplore: lists {}\nexplore: users {}',
    "swept.model.lkml": 'connection: "c"\ninclude: "/*.view"\nexplore: lists { view_name: other }',
    "users.view.lkml": "view: users { filter: f { suggest_explore: lists suggest_dimension: lists.id } }",
    "others.view.lkml": "view: lists { dimension: id {} } view: other { dimension: id {} }",
}


@pytest.mark.rule("R4.32")
@pytest.mark.parametrize(
    ("explore", "told"),
    [
        ("", []),  # no explore of the model shows the filter, which its include merely takes along
        ("explore: u { view_name: users }", ["swept"]),
        ("explore: o { view_name: other join: people { from: users sql_on: 1 = 1 ;; } }", ["swept"]),
        ("explore: c { view_name: child }", ["swept"]),
        ("explore: b { view_name: users extension: required }", []),  # R6.17: nobody can query it
        ("explore: b { view_name: users extension: required } explore: e { extends: [b] }", ["swept"]),
    ],
)
def test_an_explore_for_suggestions_is_missed_only_where_an_explore_shows_the_filter(explore: str, told: list[str]) -> None:
    model = SWEPT["swept.model.lkml"].replace("explore: lists { view_name: other }", explore)
    child = "view: child { extends: [users] }" if "child" in explore else ""
    found = said("unknown-explore", SWEPT | {"swept.model.lkml": model, "child.view.lkml": child})

    start = "users.view.lkml:1 warning: the model"
    assert found == [f"{start} `{one}` has no explore `lists` to take suggestions from" for one in told]


@pytest.mark.rule("R4.32")
@pytest.mark.parametrize(
    ("more", "who"),
    [("", "its models have"), ("explore: lists { view_name: other }", "the models `swept`, `users` have")],
)
def test_an_explore_for_suggestions_that_several_models_lack_is_told_once(more: str, who: str) -> None:
    """A third model that includes the view shows it in no explore: whether it has the explore for suggestions matters not."""
    third = f'connection: "c"\ninclude: "/*.view"\n{more}'
    both = dict.fromkeys(("users.model.lkml", "swept.model.lkml"), 'connection: "c"\ninclude: "/*.view"\nexplore: users {}')
    files = SWEPT | both | ({"third.model.lkml": third} if more else {})

    assert said("unknown-explore", files) == [f"users.view.lkml:1 warning: {who} no explore `lists` to take suggestions from"]


@pytest.mark.rule("R4.32")
def test_an_explore_for_suggestions_is_not_missed_where_no_explore_at_all_shows_the_filter() -> None:
    models = {name: text.replace("explore: users {}", "").replace("lists", "gone") for name, text in SWEPT.items()}

    assert said("unknown-explore", SWEPT | {name: models[name] for name in models if name.endswith(".model.lkml")}) == []


@pytest.mark.rule("R4.32")
def test_the_field_of_suggestions_is_looked_for_only_where_an_explore_shows_the_filter() -> None:
    view = SWEPT["users.view.lkml"].replace("lists.id", "lists.idd")
    model = 'connection: "c"\ninclude: "/*.view"'  # it has no such explore, and needs none

    assert len(said("unknown-field", SWEPT | {"users.view.lkml": view, "swept.model.lkml": model})) == 1


@pytest.mark.parametrize(
    ("rule", "parameter"), [("unknown-named-format", "value_format_name: big"), ("unknown-map-layer", "map_layer_name: wards")]
)
def test_a_format_or_a_map_is_missed_only_where_an_explore_shows_the_field(rule: str, parameter: str) -> None:
    declared = 'named_value_format: big { value_format: "0" } map_layer: wards { file: "wards.json" }'
    view = f"view: users {{ dimension: f {{ {parameter} }} }}"
    files = SWEPT | {"users.model.lkml": f"{SWEPT['users.model.lkml']} {declared}", "users.view.lkml": view}
    swept = files["swept.model.lkml"]

    assert said(rule, files) == []
    assert len(said(rule, files | {"swept.model.lkml": f"{swept} explore: users {{}}"})) == 1


@pytest.mark.rule("R4.32")
@pytest.mark.parametrize(
    ("parameters", "explore"),
    [
        ("suggest_explore: people suggest_dimension: users.name", ""),
        ("suggest_explore: people suggest_dimension: u.name", "people"),
        ("suggest_explore: people suggest_dimension: o.id", "people"),
        ("suggest_explore: people suggest_dimension: nobody.name", "people"),
        ("suggest_explore: people suggest_dimension: name", ""),
        ("suggest_explore: unknown suggest_dimension: u.name", ""),
        ("suggest_explore: open suggest_dimension: u.name", ""),
        ("suggest_dimension: u.name", ""),
        ("suggest_dimension: o.id", ""),
        ("suggest_dimension: id", ""),
        ("suggest_dimension: users.name", "o"),
    ],
)
def test_the_explore_that_suggestions_come_from_has_the_view_of_their_field(parameters: str, explore: str) -> None:
    more = "explore: people { view_name: users } explore: open { extends: [gone] view_name: users }"
    found = of("view-not-joined", f"dimension: x {{ {parameters} }}", more=more)
    name = parameters.rpartition(" ")[2]
    message = (
        f"`o.x` takes suggestions from `{name}`, and the explore `{explore}` does not have the view `{name.partition('.')[0]}`"
    )

    assert [one.partition(" | ")[0] for one in found] == [f"m.model.lkml:3 warning: {message}"] * bool(explore)


@pytest.mark.rule("R4.32")
def test_a_view_of_suggestions_that_one_explore_with_the_filter_has_is_not_missed_in_another() -> None:
    field, more = "dimension: x { suggest_dimension: users.name }", "explore: {0} {{ {1} join: users {{ sql_on: 1 = 1 ;; }} }}"

    assert of("view-not-joined", field, more=more.format("other", "view_name: o")) == []
    assert of("view-not-joined", field, more=f"{more.format('kid', '')} view: kid {{ extends: [o] }}") == []
    assert len(of("view-not-joined", field, more=more.format("users2", "from: users"))) == 1


def test_a_drill_field_that_is_renamed_shows_in_what_a_change_introduces(tmp_path: Path) -> None:
    joined = "join: orders { sql_on: 1 = 1 ;; relationship: one_to_many }"
    model = f'connection: "c"\ninclude: "/*.view.lkml"\nexplore: customers {{ {joined} }}\n'
    customers = "view: customers { dimension: id {} measure: count { type: count drill_fields: [id, orders.count] } }\n"
    orders = "view: orders { dimension: id { primary_key: yes } measure: count { type: count } }\n"
    root = started(tmp_path / "shop", {"m.model.lkml": model, "c.view.lkml": customers, "o.view.lkml": orders})
    write(root, {"o.view.lkml": orders.replace("count {", "number_of {")})
    commit(root, "rename")

    assert rules(root, "--base", "HEAD~1") == ["unknown-drill-field c.view.lkml:1"]
