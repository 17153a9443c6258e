"""What is found in dashboards: each rule with what trips it, and with what is near to that and right."""

from __future__ import annotations

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.rules import RULES
from tests.analysis.asking import findings_of, said
from tests.building import compiled

MODEL = """
include: "/*.dashboard.lookml"
access_grant: finance { user_attribute: department allowed_values: ["finance"] }
explore: orders {
  join: buyer { from: users sql_on: ${orders.buyer_id} = ${buyer.id} ;; relationship: many_to_one }
}
explore: users {}
view: orders {
  dimension: id { primary_key: yes }
  dimension: buyer_id {}
  dimension: status { alias: [state] }
  dimension_group: created { type: time timeframes: [date, week] alias: [made, orders.built] }
  measure: count { type: count }
  measure: cost { type: sum required_access_grants: [finance] }
}
view: users { dimension: id { primary_key: yes } dimension: city {} }
"""


def dashboard(rule: str, text: str) -> list[str]:
    """What a rule says of a dashboard file, which begins at line 1."""
    return said(rule, {"m.model.lkml": 'connection: "c"' + MODEL, "d.dashboard.lookml": text})


def tile(rule: str, text: str, filters: str = "[]") -> list[str]:
    """What a rule says of a tile over the explore ``orders``, in the fourth line."""
    element = f"{{name: t, type: table, explore: orders, {text}}}"
    return dashboard(rule, f"- dashboard: d\n  filters: {filters}\n  elements:\n  - {element}\n")


def filters(rule: str, *entries: str) -> list[str]:
    """What a rule says of the filters of a dashboard, of which the first is in the third line."""
    return dashboard(rule, "- dashboard: d\n  filters:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries))


# -- filters -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R12.12")
def test_the_field_of_a_filter_must_be_in_its_explore() -> None:
    rule, start = "unknown-filter-field", "name: f, type: field_filter, explore: orders"

    assert filters(rule, f"{start}, field: orders.stats") == [
        (
            "d.dashboard.lookml:3 error: there is no field `stats` in the view `orders` of the explore `orders`"
            " | did you mean status?"
        )
    ]
    assert filters(rule, f"{start}, field: orders.status", f"{start}, field: buyer.city") == []
    assert filters(rule, "name: f, type: string_filter, explore: orders, field: orders.gone") == []


@pytest.mark.rule("R12.12")
def test_the_field_of_a_filter_has_its_view_before_it() -> None:
    rule, start = "unknown-filter-field", "name: f, type: field_filter, explore: orders"

    assert filters(rule, f"{start}, field: zzz") == [
        "d.dashboard.lookml:3 error: the filter `f` names the field `zzz` without its view"
    ]
    assert filters(rule, f"{start}, field: status") == [
        "d.dashboard.lookml:3 warning: the filter `f` names the field `status` without its view | write orders.status"
    ]
    assert filters(rule, "name: f, type: date_filter, explore: orders, field: zzz") == []


@pytest.mark.rule("R12.12")
def test_the_explore_of_a_filter_must_be_in_its_model() -> None:
    rule = "unknown-filter-explore"

    assert filters(rule, "name: f, type: field_filter, explore: order, field: orders.id") == [
        "d.dashboard.lookml:3 error: the model `m` has no explore `order` | did you mean orders?"
    ]
    assert filters(rule, "name: f, type: field_filter, model: elsewhere, explore: order, field: orders.id") == []
    assert filters(rule, "name: f, type: field_filter, model: m, explore: orders, field: orders.id") == []


@pytest.mark.rule("R12.12")
@pytest.mark.parametrize("of_type", ["date_filter", "number_filter", "string_filter"])
def test_only_a_field_filter_names_an_explore_and_a_field(of_type: str) -> None:
    rule = "misplaced-filter-key"

    only = f"which only a field_filter may have; it is a {of_type}"
    assert filters(rule, f"name: f, type: {of_type}, field: orders.id, explore: orders") == [
        f"d.dashboard.lookml:3 warning: the filter `f` has `explore` and `field`, {only}"
    ]
    assert filters(rule, f"name: f, type: {of_type}, explore: , field: , model: ") == []  # as Looker itself writes it
    assert filters(rule, "name: f, type: field_filter, explore: orders, field: orders.id") == []


@pytest.mark.rule("R12.12")
def test_the_type_of_a_filter_is_one_of_four() -> None:
    rule, known = "unknown-filter-type", "there are field_filter, date_filter, number_filter, string_filter"

    assert filters(rule, "name: f, type: text") == [
        f"d.dashboard.lookml:3 warning: the filter `f` has the type `text`, which Looker does not have | {known}"
    ]
    assert filters(rule, "name: f, explore: orders, field: orders.id") == [
        f"d.dashboard.lookml:3 warning: the filter `f` has no type | {known}"
    ]
    assert filters(rule, *(f"name: {one}, type: {one}" for one in ("date_filter", "number_filter", "string_filter"))) == []


@pytest.mark.rule("R12.12")
@pytest.mark.parametrize(
    ("keys", "missing"),
    [("field: orders.id", "its explore"), ("explore: orders", "its field"), ("default_value: x", "its explore or its field")],
)
def test_a_field_filter_says_its_explore_and_its_field(keys: str, missing: str) -> None:
    rule = "incomplete-field-filter"

    assert filters(rule, f"name: f, type: field_filter, {keys}") == [
        f"d.dashboard.lookml:3 warning: the field filter `f` does not say {missing}"
    ]
    assert filters(rule, "name: f, type: field_filter, explore: orders, dimension: orders.id", "name: g, type: date_filter") == []


@pytest.mark.rule("R12.9")
def test_two_filters_of_one_name() -> None:
    rule = "duplicate-dashboard-filter"

    assert filters(rule, "name: f, type: date_filter", "name: g, type: date_filter", "name: f, type: string_filter") == [
        "d.dashboard.lookml:5 warning: two filters of `d` are called `f` | the first stands at d.dashboard.lookml:3:5"
    ]
    assert filters(rule, "name: f, type: date_filter", "name: F, type: date_filter") == []


@pytest.mark.rule("R12.15")
def test_a_filter_that_a_child_changes_is_no_second_one() -> None:
    base = "- dashboard: base\n  filters:\n  - {name: f, type: date_filter}\n"

    assert dashboard("duplicate-dashboard-filter", base + "- dashboard: d\n  extends: base\n  filters:\n  - {name: f}\n") == []


# -- elements ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R12.4")
def test_an_element_needs_a_name() -> None:
    text = "- dashboard: d\n  elements:\n  - {title: All, type: text}\n  - {type: text}\n  - {name: t, type: text}\n"

    assert dashboard("unnamed-element", text) == [
        "d.dashboard.lookml:3 warning: an element of `d`, `All`, has no name",
        "d.dashboard.lookml:4 warning: an element of `d` has no name",
    ]


@pytest.mark.rule("R12.4")
def test_an_element_needs_a_type_which_it_may_have_from_its_parent() -> None:
    base = "- dashboard: base\n  elements:\n  - {name: t, type: text}\n"
    child = "- dashboard: d\n  extends: base\n  elements:\n  - {name: t, title: T}\n  - {name: u}\n"

    assert dashboard("untyped-element", base + child) == ["d.dashboard.lookml:8 warning: the element `u` of `d` has no type"]


@pytest.mark.rule("R6.17")
def test_an_explore_that_must_be_extended_cannot_be_queried() -> None:
    model = """
        include: "/*.dashboard"
        explore: base { extension: required view_name: v } explore: v { extends: [base] } view: v { dimension: id {} }
    """
    text = """
- dashboard: d
  filters:
  - {name: f, type: field_filter, explore: base, field: v.id}
  elements:
  - {name: t, type: table, explore: base, fields: [v.id]}
  - {name: u, type: table, explore: v, fields: [v.id]}
"""
    files = {"m.model.lkml": model, "d.dashboard.lookml": text}
    fault = "error: the explore `base` must be extended, and cannot be queried itself"

    assert said("unknown-filter-explore", files) == [f"d.dashboard.lookml:4 {fault}"]
    assert said("unknown-tile-explore", files) == [f"d.dashboard.lookml:6 {fault}"]


# -- fields and their old names ----------------------------------------------------------------------------------------


@pytest.mark.rule("R12.6")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("orders.stat", "there is no field `stat` in the view `orders` of the explore `orders` | did you mean status?"),
        (
            "orders.created",
            (
                "there is no field `created` in the view `orders` of the explore `orders`"
                " | `created` is a dimension group; its fields are created_date, created_week"
            ),
        ),
        (
            "orders.created_year",
            (
                "there is no field `created_year` in the view `orders` of the explore `orders`"
                " | the dimension group `created` has created_date, created_week"
            ),
        ),
        ("orders.city", "there is no field `city` in the view `orders` of the explore `orders` | `buyer.city` has that name"),
        ("users.city", "the explore `orders` has no view `users` | in this explore the view `users` is called `buyer`"),
        ("people.city", "the explore `orders` has no view `people` | `buyer.city` has that name"),
    ],
)
def test_a_missing_field_comes_with_what_it_is_probably_called_now(name: str, message: str) -> None:
    assert tile("unknown-tile-field", f"fields: [{name}]") == [f"d.dashboard.lookml:4 error: {message}"]


@pytest.mark.rule("R4.43")
def test_what_a_renamed_group_generates_keeps_its_old_names_too() -> None:
    assert tile("unknown-tile-field", "fields: [orders.made_week, orders.built_date, orders.made_month]") == [
        "d.dashboard.lookml:4 error: there is no field `made_month` in the view `orders` of the explore `orders`"
    ]
    assert tile("old-field-name", "fields: [orders.made_week]") == [
        "d.dashboard.lookml:4 info: `orders.made_week` is an old name of the field `orders.created_week`"
    ]


@pytest.mark.rule("R4.43")
def test_an_old_name_of_a_field_is_known_and_can_be_asked_for() -> None:
    assert tile("unknown-tile-field", "fields: [orders.state]") == []
    assert tile("old-field-name", "fields: [orders.state], filters: {orders.status: x}") == [
        "d.dashboard.lookml:4 info: `orders.state` is an old name of the field `orders.status`"
    ]


# -- the parts of a tile -----------------------------------------------------------------------------------------------


@pytest.mark.rule("R12.4")
def test_pivots_are_among_the_fields() -> None:
    rule = "pivot-not-queried"

    assert tile(rule, "fields: [orders.count], pivots: [orders.status]") == [
        "d.dashboard.lookml:4 warning: the tile pivots by `orders.status`, which is not among its fields"
    ]
    assert tile(rule, "fields: [orders.status, orders.count], pivots: [orders.status]") == []
    assert tile(rule, "dimensions: [orders.id], measures: [orders.count], pivots: [orders.status]") == []


@pytest.mark.rule("R12.6")
@pytest.mark.rule("R12.11")
def test_a_name_without_a_view_is_one_of_the_tile() -> None:
    rule = "unknown-custom-field"
    twice = 'dynamic_fields: [{table_calculation: twice, expression: "${orders.count} * 2"}]'

    assert tile(rule, f"fields: [orders.count, twise], sorts: [twice desc], {twice}") == [
        "d.dashboard.lookml:4 warning: the tile defines no custom field or calculation `twise` | did you mean twice?"
    ]
    assert tile(rule, f"fields: [orders.count, twice], sorts: [twice desc], {twice}") == []
    assert tile(rule, 'fields: [orders.count], dynamic_fields: [{table_calculation: n, expression: "${gone} + 1"}]') == [
        "d.dashboard.lookml:4 warning: the tile defines no custom field or calculation `gone`"
    ]


@pytest.mark.rule("R12.11")
def test_a_calculation_that_is_switched_off_is_there() -> None:
    item = '{"table_calculation": "off", "expression": "${orders.cost}", "is_disabled": true}'
    for written in (f"[{item}]", f"'[{item}]'"):
        off = f"fields: [orders.count], sorts: [off], dynamic_fields: {written}"

        assert tile("unknown-custom-field", off) == []
        assert tile("calculation-outside-query", off) == []


@pytest.mark.rule("R12.11")
def test_a_table_calculation_reaches_only_what_the_tile_queries() -> None:
    rule = "calculation-outside-query"
    share = 'dynamic_fields: [{table_calculation: share, expression: "${orders.cost} / ${orders.count:total}"}]'

    assert tile(rule, f"fields: [orders.count], {share}") == [
        "d.dashboard.lookml:4 warning: the calculation `share` needs `orders.cost`, which is not among the fields of the tile"
    ]
    assert tile(rule, f"fields: [orders.count, orders.cost], {share}") == []


@pytest.mark.rule("R12.11")
@pytest.mark.parametrize("form", ["{}", "'{}'"])
def test_a_custom_field_reaches_every_field_of_the_explore(form: str) -> None:
    items = form.format('[{"dimension": "near", "expression": "${buyer.city} = 1"}]')

    assert tile("calculation-outside-query", f"fields: [orders.count, near], dynamic_fields: {items}") == []


@pytest.mark.parametrize(
    ("rule", "query"),
    [
        ("unknown-tile-reference", 'fields: [orders.id], dynamic_fields: [{table_calculation: n, expression: "${orders.gone}"}]'),
        ("unknown-tile-reference", "fields: [orders.count], sorts: [orders.gone desc]"),
        ("unknown-tile-field", "fields: [orders.count], pivots: [orders.gone]"),
        ("unknown-tile-field", "fields: [orders.count], pivots: [sellers.city]"),
    ],
)
def test_of_a_field_that_does_not_exist_it_is_not_said_that_the_tile_does_not_query_it(rule: str, query: str) -> None:
    outside = ("calculation-outside-query", "sort-not-queried", "pivot-not-queried")

    assert len(tile(rule, query)) == 1
    assert [one for other in outside for one in tile(other, query)] == []


@pytest.mark.rule("R12.7")
def test_a_sort_by_what_is_not_queried_is_said_to_who_asks() -> None:
    rule = "sort-not-queried"

    assert tile(rule, "fields: [orders.status], sorts: [orders.count desc 0]") == [
        "d.dashboard.lookml:4 warning: the tile sorts by `orders.count`, which is not among its fields"
    ]
    assert tile(rule, "fields: [orders.status, orders.count], sorts: [orders.count desc 0, orders.status]") == []


MERGED = """
- dashboard: d
  elements:
  - name: t
    type: table
    merged_queries:
    - {explore: orders, fields: [orders.buyer_id, orders.count]}
    - explore: users
      fields: [users.id]
      join_fields: [{field_name: FIELD, source_field_name: SOURCE}]
"""


@pytest.mark.rule("R12.10")
@pytest.mark.parametrize(
    ("field", "source", "messages"),
    [
        ("users.id", "orders.buyer_id", []),
        ("users.city", "orders.buyer_id", ["the tile `t` merges by `users.city`, which its query does not have"]),
        ("users.id", "orders.id", ["the tile `t` merges by `orders.id`, which the first query does not have"]),
    ],
)
def test_merged_queries_are_joined_by_what_both_query(field: str, source: str, messages: list[str]) -> None:
    text = MERGED.replace("FIELD", field).replace("SOURCE", source)

    assert dashboard("merged-by-unqueried-field", text) == [f"d.dashboard.lookml:8 warning: {one}" for one in messages]


@pytest.mark.rule("R12.4")
@pytest.mark.parametrize(
    ("option", "shown"),
    [
        ("series_colors: {orders.cost: red}", "`series_colors` of the tile `t` names `orders.cost`"),
        ("hidden_fields: [orders.count, orders.cost]", "`hidden_fields` of the tile `t` names `orders.cost`"),
        ("series_colors: {orders.count: red}", None),
        ("series_colors: {done - orders.cost: red}", None),  # a series of a pivot
        ("note_text: orders.cost", None),
    ],
)
def test_options_of_fields_that_are_not_queried_are_said_to_who_asks(option: str, shown: str | None) -> None:
    expected = [f"d.dashboard.lookml:4 info: {shown}, which the tile does not query"] if shown else []

    assert tile("option-not-queried", f"fields: [orders.count], {option}") == expected


OF_TWO = """
- dashboard: d
  elements:
  - name: t
    type: table
    merged_queries:
    - {explore: orders, fields: [orders.status, orders.count]}
    - {explore: orders, fields: [orders.status, orders.count, orders.cost]}
    OPTION
"""


@pytest.mark.rule("R12.10")
@pytest.mark.parametrize(
    ("name", "is_there"),
    [
        ("orders.count", True),
        ("q1_orders.count", True),  # the second query's own, beside that of the first
        ("q1_orders.id", False),  # the second query does not have it
        ("q2_orders.count", False),  # there is no third query
        ("q0_orders.count", False),  # the first query's fields keep their names
        ("qq1_orders.count", False),
    ],
)
def test_a_field_that_two_merged_queries_have_is_known_by_the_number_of_its_query(name: str, is_there: bool) -> None:
    option, calculation = f"hidden_fields: [{name}]", f'dynamic_fields: [{{table_calculation: c, expression: "${{{name}}} * 2"}}]'

    told = dashboard("option-not-queried", OF_TWO.replace("OPTION", option))
    calculated = dashboard("calculation-outside-query", OF_TWO.replace("OPTION", calculation))

    start = "d.dashboard.lookml:4 info: `hidden_fields` of the tile `t` names"
    assert told == ([] if is_there else [f"{start} `{name}`, which the tile does not query"])
    needs = f"d.dashboard.lookml:4 warning: the calculation `c` needs `{name}`, which is not among the fields of the tile"
    assert calculated == ([] if is_there else [needs])


@pytest.mark.rule("R12.10")
def test_a_tile_with_one_query_has_no_fields_by_number() -> None:
    assert tile("option-not-queried", "fields: [orders.count], hidden_fields: [q1_orders.count, q0_orders.count]") == [
        (
            "d.dashboard.lookml:4 info: `hidden_fields` of the tile `t` names `q1_orders.count`, `q0_orders.count`,"
            " which the tile does not query"
        )
    ]


# -- access, titles ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("R13.2")
def test_a_tile_with_a_field_that_needs_a_grant_names_the_user_attribute() -> None:
    rule = "restricted-tile"

    assert tile(rule, "fields: [orders.status, orders.cost], sorts: [orders.cost]") == [
        "d.dashboard.lookml:4 info: the tile `t` needs the access grant `finance` (user attribute `department`): `orders.cost`"
    ]
    assert tile(rule, "fields: [orders.status, orders.count]") == []


@pytest.mark.rule("R13.2")
def test_a_grant_of_the_explore_the_join_or_the_view_holds_for_the_tile() -> None:
    model = """
        access_grant: g { user_attribute: a allowed_values: ["x"] }
        include: "/*.dashboard.lookml"
        explore: orders { required_access_grants: [g]
          join: users { required_access_grants: [g] sql_on: ${users.id} = ${orders.id} ;; }
        }
        view: orders { required_access_grants: [g] dimension: id {} }
        view: users { dimension: id {} }
    """
    text = "- dashboard: d\n  elements:\n  - {name: t, type: table, explore: orders, fields: [orders.id, users.id]}\n"

    assert said("restricted-tile", {"m.model.lkml": model, "d.dashboard.lookml": text}) == [
        (
            "d.dashboard.lookml:3 info: the tile `t` needs the access grant `g` (user attribute `a`):"
            " the explore `orders`, the view `orders`, the join `users`"
        )
    ]


def test_two_dashboards_of_one_title_are_said_to_who_asks() -> None:
    rule = "duplicate-dashboard-title"

    assert dashboard(rule, "- dashboard: a\n  title: Sales\n- dashboard: b\n  title: Sales\n") == [
        "d.dashboard.lookml:3 warning: the dashboards `a` and `b` have one title: Sales | the other is at d.dashboard.lookml:1:3"
    ]
    assert (
        dashboard(rule, "- dashboard: a\n  title: Sales\n- dashboard: b\n  title: Costs\n- dashboard: c\n- dashboard: e\n") == []
    )


# -- what may be elsewhere ---------------------------------------------------------------------------------------------


@pytest.mark.rule("R12.5")
@pytest.mark.parametrize("rule", ["unknown-filter-explore", "unknown-filter-field", "unknown-tile-field", "unknown-tile-explore"])
def test_nothing_is_said_of_what_a_missing_import_may_hold(rule: str) -> None:
    files = {
        "manifest.lkml": 'remote_dependency: hub { url: "x" ref: "y" }',
        "m.model.lkml": """
            connection: "c" include: "//hub/*.view" include: "/*.dashboard.lookml"
            explore: orders { extends: [base] }
            view: orders { dimension: id {} }
        """,
        "d.dashboard.lookml": """
- dashboard: d
  filters:
  - {name: f, type: field_filter, explore: elsewhere, field: orders.gone}
  - {name: g, type: field_filter, explore: orders, field: users.gone}
  elements:
  - {name: t, type: table, explore: orders, fields: [users.gone]}
  - {name: u, type: table, explore: elsewhere, fields: [users.gone]}
""",
    }

    assert said(rule, files) == []


def test_rules_that_are_not_default_are_looked_at_only_if_somebody_asks() -> None:
    text = "- dashboard: d\n  elements:\n  - {name: t, type: table, explore: orders, fields: [orders.cost, orders.state]}\n"
    project = compiled({"m.model.lkml": 'connection: "c"' + MODEL, "d.dashboard.lookml": text})

    asked = {
        one.rule
        for one in check(project, asked=RULES)
        if not RULES[one.rule].is_default and RULES[one.rule].code.startswith("LM5")
    }

    assert asked == {"old-field-name", "restricted-tile"}
    assert [one.rule for one in check(project) if not RULES[one.rule].is_default] == []
    assert [one.rule for one in findings_of("unnamed-element", {"m.model.lkml": MODEL, "d.dashboard.lookml": text})] == []


@pytest.mark.rule("R12.6")
def test_a_field_that_is_queried_and_sorted_by_is_told_of_once() -> None:
    head = "- dashboard: d\n  title: D\n  elements:\n  - name: t\n    type: table\n    explore: v\n"
    tile = f"{head}    fields: [v.gone]\n    sorts: [v.gone desc]\n"
    model = 'connection: "c"\ninclude: "*.dashboard"\nexplore: v {}\nview: v { dimension: id {} }'
    files = {"m.model.lkml": model, "d.dashboard.lookml": tile}

    assert len(said("unknown-tile-field", files)) == 1
    assert said("unknown-tile-reference", files) == []
    files["d.dashboard.lookml"] = tile.replace("fields: [v.gone]", "fields: [v.id]")
    assert len(said("unknown-tile-reference", files)) == 1


# -- old LookML --------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R1.12")
@pytest.mark.parametrize("file", ["page_views.view.lookml", "page_views.view.lkml"])
def test_what_a_repository_of_old_lookml_has_is_not_known(file: str) -> None:
    tile = "- name: a\n    type: table\n    model: snowplow\n    explore: page_views\n    fields: [page_views.id]\n"
    files = {
        "manifest.lkml": 'project_name: "snowplow"\n',
        file: "- view: page_views\n  fields:\n  - dimension: id\n",
        "d.dashboard.lookml": f"- dashboard: d\n  elements:\n  {tile}",
    }
    newer = {**files, "m.model.lkml": 'connection: "c"\ninclude: "*.dashboard"\n'}

    assert said("unknown-tile-explore", files) == []
    assert (
        len(said("unknown-tile-explore", {**newer, "d.dashboard.lookml": files["d.dashboard.lookml"].replace("snowplow", "m")}))
        == 1
    )


@pytest.mark.rule("R4.31")
def test_the_custom_filter_of_a_tile_names_fields_of_its_explore() -> None:
    rule, text = "unknown-tile-field", "fields: [orders.status], filter_expression: '${orders.gone} = 1'"

    [found] = tile(rule, text)

    assert found.startswith("d.dashboard.lookml:4 error: there is no field `gone` in the view `orders` of the explore `orders`")
    assert tile(rule, text.replace("gone", "id")) == []


@pytest.mark.rule("R12.10")
@pytest.mark.parametrize(
    ("name", "is_told"),
    [
        ("q1_orders.gone", True),
        ("orders.gone", True),
        ("q1_orders.count", False),
        ("orders.count", False),
        ("q1_orders.id", False),  # it is there, though not queried
        ("c", False),
    ],
)
def test_merged_queries_are_sorted_by_fields_that_exist(name: str, is_told: bool) -> None:
    found = dashboard("unknown-tile-reference", OF_TWO.replace("OPTION", f"sorts: [{name} desc]"))

    told = f"d.dashboard.lookml:4 warning: the tile `t` sorts by `{name}`, which none of its queries has"
    assert found == ([told] if is_told else [])
