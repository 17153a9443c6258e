"""Explores and joins: aliases, how views are joined, filters, what is checked; tests and access grants (R6, R13.1, R13.2)."""

from __future__ import annotations

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.semantic.objects import FilterTerm
from dagster_lookml.source import Span
from tests.building import compiled, explore, join, model, rules, view

NOWHERE = Span("", 0, 0)  # a span equals every other

VIEWS = """
    view: users { dimension: id { primary_key: yes } dimension: name {} dimension: boss_id {} dimension: home_id {} }
    view: homes { dimension: id { primary_key: yes } dimension: city {} }
"""

# -- base view and aliases ---------------------------------------------------------------------------------------------


@pytest.mark.rule("R6.1")
@pytest.mark.parametrize(
    ("written", "underlying", "alias"),
    [
        ("", "users", "users"),
        ("from: homes", "homes", "users"),
        ("view_name: homes", "homes", "homes"),
        ("from: homes view_name: places", "homes", "places"),
    ],
)
def test_an_explore_starts_from_a_view_under_an_alias(written: str, underlying: str, alias: str) -> None:
    project = compiled(f"{VIEWS} explore: users {{ {written} }}")

    found = explore(project, "users")

    assert (found.base_view_name, found.base_view, found.base_alias) == (underlying, f"view:{underlying}", alias)
    assert rules(project) == []


@pytest.mark.rule("R6.1")
@pytest.mark.parametrize(
    ("written", "alias", "wrong"),
    [
        ("", "users", "homes"),
        ("from: homes", "users", "homes"),
        ("view_name: homes", "homes", "users"),
        ("from: homes view_name: places", "places", "homes"),
    ],
)
def test_fields_of_the_base_view_go_by_its_alias_only(written: str, alias: str, wrong: str) -> None:
    good = compiled(f"{VIEWS} explore: users {{ {written} sql_always_where: ${{{alias}.id}} > 0 ;; }}")
    bad = compiled(f"{VIEWS} explore: users {{ {written} sql_always_where: ${{{wrong}.id}} > 0 ;; }}")

    assert (rules(good), rules(bad)) == ([], ["view-not-joined"])


@pytest.mark.rule("R6.1")
def test_an_explore_whose_base_view_does_not_exist_names_an_unknown_view() -> None:
    project = compiled(f"{VIEWS} explore: people {{}}")

    assert explore(project, "people").base_view is None
    assert rules(project) == ["unknown-view"]


@pytest.mark.rule("R6.2")
def test_a_view_may_be_joined_under_any_number_of_aliases() -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: users {{
          join: homes {{ sql_on: ${{users.home_id}} = ${{homes.id}} ;; }}
          join: boss {{ from: users sql_on: ${{users.boss_id}} = ${{boss.id}} ;; }}
          join: boss_home {{ from: homes sql_on: ${{boss.home_id}} = ${{boss_home.id}} ;; }}
        }}
        """
    )

    joins = [(one.name, one.view_name, one.view) for one in explore(project, "users").joins]

    assert joins == [
        ("homes", "homes", "view:homes"),
        ("boss", "users", "view:users"),
        ("boss_home", "homes", "view:homes"),
    ]
    assert rules(project) == []


@pytest.mark.rule("R6.3")
def test_the_own_name_of_a_view_is_not_valid_under_an_alias() -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: users {{
          join: place {{ from: homes sql_on: ${{users.home_id}} = ${{homes.id}} ;; }}
        }}
        """
    )

    assert rules(project) == ["view-not-joined"]


@pytest.mark.rule("R6.3")
@pytest.mark.rule("R6.19")
def test_a_field_that_writes_the_name_of_its_own_view_breaks_under_an_alias() -> None:
    project = compiled(
        """
        view: users { dimension: first {} dimension: name { sql: UPPER(${users.first}) ;; } }
        explore: users {}
        explore: staff { from: users }
        """
    )

    assert [(found.rule, found.object) for found in check(project)] == [("view-not-joined", "explore:m/staff")]


@pytest.mark.rule("R6.4")
def test_two_joins_of_one_name_are_an_error() -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: users {{
          join: homes {{ sql_on: ${{users.home_id}} = ${{homes.id}} ;; }}
          join: homes {{ from: users sql_on: ${{users.boss_id}} = ${{homes.id}} ;; }}
        }}
        """
    )

    assert rules(project) == ["duplicate-join"]


@pytest.mark.rule("R6.4")
@pytest.mark.parametrize(("written", "alias"), [("", "users"), ("view_name: homes", "homes"), ("view_name: u from: users", "u")])
def test_a_join_cannot_have_the_alias_of_the_base_view(written: str, alias: str) -> None:
    project = compiled(
        f"{VIEWS} explore: users {{ {written} join: {alias} {{ from: homes sql_on: ${{{alias}.id}} = 1 ;; }} }}",
    )

    assert rules(project) == ["duplicate-join"]


@pytest.mark.rule("R6.5")
@pytest.mark.parametrize(
    ("name", "expected"), [("staff.name", []), ("place.city", []), ("users.name", ["view-not-joined"]), ("name", [])]
)
def test_a_native_table_takes_fields_by_the_aliases_of_its_explore(name: str, expected: list[str]) -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: staff {{ from: users join: place {{ from: homes sql_on: ${{staff.home_id}} = ${{place.id}} ;; }} }}
        view: v {{ derived_table: {{ explore_source: staff {{ column: c {{ field: {name} }} }} }} }}
        """
    )

    assert rules(project) == expected


# -- joins -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R6.6")
def test_a_join_is_a_left_outer_one_of_many_to_one_unless_it_says_otherwise() -> None:
    project = compiled(f"{VIEWS} explore: users {{ join: homes {{ sql_on: ${{users.home_id}} = ${{homes.id}} ;; }} }}")

    found = join(explore(project, "users"), "homes")

    assert (found.type, found.relationship) == ("left_outer", "many_to_one")


@pytest.mark.rule("R6.6")
@pytest.mark.parametrize("of_type", ["left_outer", "inner", "full_outer", "cross"])
@pytest.mark.parametrize("relationship", ["many_to_one", "one_to_one", "one_to_many", "many_to_many"])
def test_a_join_has_a_type_and_a_relationship(of_type: str, relationship: str) -> None:
    project = compiled(
        f"{VIEWS} explore: users {{ join: homes {{ type: {of_type} relationship: {relationship} sql_on: 1 = 1 ;; }} }}"
    )

    found = join(explore(project, "users"), "homes")

    assert (found.type, found.relationship) == (of_type, relationship)
    assert rules(project) == []


@pytest.mark.rule("R6.6")
@pytest.mark.parametrize("text", ["type: left", "type: outer", "type: many_to_one", "relationship: many", "relationship: inner"])
def test_a_join_has_no_other_type_or_relationship(text: str) -> None:
    project = compiled(f"{VIEWS} explore: users {{ join: homes {{ {text} sql_on: ${{users.home_id}} = ${{homes.id}} ;; }} }}")

    assert rules(project) == ["unknown-value"]


@pytest.mark.rule("R6.7")
def test_sql_on_may_name_the_base_and_any_join_before_or_after() -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: users {{
          join: boss_home {{ from: homes sql_on: ${{boss.home_id}} = ${{boss_home.id}} AND ${{users.id}} > 0 ;; }}
          join: boss {{ from: users sql_on: ${{users.boss_id}} = ${{boss.id}} ;; }}
        }}
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R6.7")
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("${users.home_id} = ${homes.id}", []),
        ("${users.gone} = ${homes.id}", ["unknown-field"]),
        ("${users.home_id} = ${boss_home.id}", ["view-not-joined"]),
    ],
)
def test_what_sql_on_names_must_be_in_the_explore(condition: str, expected: list[str]) -> None:
    project = compiled(f"{VIEWS} explore: users {{ join: homes {{ sql_on: {condition} ;; }} }}")

    assert rules(project) == expected


@pytest.mark.rule("R6.7")
@pytest.mark.parametrize("key", ["home_id", "boss.home_id"])
def test_a_join_by_foreign_key_has_no_condition_of_its_own(key: str) -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: users {{
          join: boss {{ from: users foreign_key: boss_id }}
          join: homes {{ foreign_key: {key} }}
        }}
        """
    )

    found = join(explore(project, "users"), "homes")

    assert found.foreign_key is not None
    assert (found.foreign_key.name, found.sql) == (key, ())
    assert rules(project) == []


@pytest.mark.rule("R6.8")
@pytest.mark.parametrize(
    "clause",
    [
        "LEFT JOIN UNNEST(${orders.items}) AS items",
        ", UNNEST(${orders.items}) AS items",
        "CROSS JOIN UNNEST(${orders.items}) AS items",
        ", LATERAL FLATTEN(input => ${orders.items}) AS items",
    ],
)
def test_the_sql_of_a_join_stands_for_the_whole_clause(clause: str) -> None:
    project = compiled(
        f"""
        view: orders {{ dimension: items {{ hidden: yes }} }}
        view: items {{ dimension: price {{}} }}
        explore: orders {{ join: items {{ sql: {clause} ;; relationship: one_to_many }} }}
        """
    )

    found = join(explore(project, "orders"), "items")

    assert found.join_sql == clause
    assert [text.parameter for text in found.sql] == ["sql"]
    assert rules(project) == []


@pytest.mark.rule("R6.8")
def test_a_view_that_is_only_unnested_reads_no_table_of_its_own() -> None:
    project = compiled(
        """
        view: orders { dimension: items { hidden: yes } }
        view: items { dimension: price {} }
        view: both { dimension: price {} }
        view: named { sql_table_name: raw.named ;; dimension: price {} }
        explore: orders {
          join: items { sql: LEFT JOIN UNNEST(${orders.items}) AS items ;; relationship: one_to_many }
          join: both { sql: LEFT JOIN UNNEST(${orders.items}) AS both ;; relationship: one_to_many }
          join: named { sql: LEFT JOIN UNNEST(${orders.items}) AS named ;; relationship: one_to_many }
        }
        explore: both {}
        """
    )

    assert {one.name: one.kind for one in project.views} == {
        "orders": "table",
        "items": "nested",
        "both": "table",
        "named": "table",
    }


@pytest.mark.rule("R6.8")
def test_a_column_that_is_unnested_must_be_a_field_of_the_explore() -> None:
    project = compiled(
        """
        view: orders { dimension: id {} }
        view: items { dimension: price {} }
        explore: orders { join: items { sql: LEFT JOIN UNNEST(${orders.items}) AS items ;; relationship: one_to_many } }
        """
    )

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R6.20")
def test_a_join_with_empty_sql_adds_fields_and_no_table() -> None:
    project = compiled(
        f"""
        {VIEWS}
        view: choices {{ parameter: unit {{ type: unquoted }} dimension: label {{ sql: ${{users.id}} ;; }} }}
        explore: users {{
          fields: [users.id, choices*]
          join: choices {{ sql: ;; relationship: one_to_one }}
        }}
        """
    )

    found = explore(project, "users")

    assert join(found, "choices").join_sql == ""
    assert found.field_count == 3
    assert rules(project) == []


@pytest.mark.rule("R6.9")
def test_a_join_may_filter_and_have_a_label() -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: users {{ join: homes {{
          sql_on: ${{users.home_id}} = ${{homes.id}} ;;
          sql_where: ${{homes.city}} IS NOT NULL ;;
          view_label: "Places"
        }} }}
        """
    )

    found = join(explore(project, "users"), "homes")

    assert [(text.parameter, text.value) for text in found.sql] == [
        ("sql_on", "${users.home_id} = ${homes.id}"),
        ("sql_where", "${homes.city} IS NOT NULL"),
    ]
    assert found.properties == (("view_label", "Places"),)


@pytest.mark.rule("R6.9")
def test_what_sql_where_names_must_be_in_the_explore() -> None:
    project = compiled(f"{VIEWS} explore: users {{ join: homes {{ sql_on: 1 = 1 ;; sql_where: ${{homes.gone}} ;; }} }}")

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R6.10")
@pytest.mark.parametrize("text", ["join: nowhere { sql_on: 1 = 1 ;; }", "join: homes { from: nowhere sql_on: 1 = 1 ;; }"])
def test_a_join_of_a_view_that_does_not_exist_is_an_error(text: str) -> None:
    project = compiled(f"{VIEWS} explore: users {{ {text} }}")

    assert [one.view for one in explore(project, "users").joins] == [None]
    assert rules(project) == ["unknown-view"]


@pytest.mark.rule("R6.10")
@pytest.mark.parametrize("text", ["sql: LEFT JOIN raw.nowhere ON true ;;", "sql_table_name: raw.nowhere ;; sql_on: 1 = 1 ;;"])
def test_a_join_that_brings_its_own_table_may_perhaps_have_no_view(text: str) -> None:
    project = compiled(f"{VIEWS} explore: users {{ join: nowhere {{ {text} }} }}")

    assert [(one.rule, one.severity.value) for one in check(project)] == [("unknown-view", "warning")]


@pytest.mark.rule("R6.10")
def test_a_view_of_another_model_cannot_be_joined() -> None:
    files = {
        "a.model.lkml": 'connection: "c" include: "users.view" explore: users { join: homes { sql_on: 1 = 1 ;; } }',
        "b.model.lkml": 'connection: "c" include: "homes.view"',
        "users.view.lkml": "view: users { dimension: id {} }",
        "homes.view.lkml": "view: homes { dimension: id {} }",
    }

    assert rules(compiled(files)) == ["unknown-view"]


@pytest.mark.rule("R6.12")
def test_joins_can_be_required_by_joins_and_by_the_explore() -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: users {{
          always_join: [homes]
          join: boss {{ from: users sql_on: ${{users.boss_id}} = ${{boss.id}} ;; required_joins: [homes, staff] }}
          join: homes {{ sql_on: ${{users.home_id}} = ${{homes.id}} ;; }}
          join: staff {{ from: users sql_on: ${{staff.boss_id}} = ${{users.id}} ;; }}
        }}
        """
    )

    found = explore(project, "users")

    assert [one.name for one in found.always_join] == ["homes"]
    assert {one.name: [required.name for required in one.required_joins] for one in found.joins} == {
        "boss": ["homes", "staff"],
        "homes": [],
        "staff": [],
    }
    assert rules(project) == []


@pytest.mark.rule("R6.12")
@pytest.mark.parametrize(
    "text",
    ["join: homes { sql_on: 1 = 1 ;; required_joins: [boss] }", "always_join: [boss] join: homes { sql_on: 1 = 1 ;; }"],
)
def test_a_join_that_is_required_must_be_declared(text: str) -> None:
    project = compiled(f"{VIEWS} explore: users {{ {text} }}")

    assert rules(project) == ["unknown-join"]


# -- filters and settings ----------------------------------------------------------------------------------------------


@pytest.mark.rule("R6.14")
def test_conditions_of_an_explore_apply_to_every_query() -> None:
    project = compiled(
        f"{VIEWS} explore: users {{ sql_always_where: ${{users.id}} > 0 ;; sql_always_having: ${{users.name}} > 1 ;; }}"
    )

    assert [(text.parameter, text.value) for text in explore(project, "users").sql] == [
        ("sql_always_where", "${users.id} > 0"),
        ("sql_always_having", "${users.name} > 1"),
    ]


@pytest.mark.rule("R6.14")
@pytest.mark.parametrize(
    "text",
    [
        'filters: [name: "A", homes.city: "B"]',
        'filters: [name: "A"] filters: [homes.city: "B"]',
        'filters: { field: name value: "A" } filters: { field: homes.city value: "B" }',
    ],
)
@pytest.mark.parametrize("block", ["always_filter", "conditionally_filter"])
def test_the_filters_of_an_explore_have_the_syntaxes_of_those_of_a_measure(block: str, text: str) -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: users {{
          {block}: {{ {text} }}
          join: homes {{ sql_on: ${{users.home_id}} = ${{homes.id}} ;; }}
        }}
        """
    )

    assert explore(project, "users").filters == (
        FilterTerm(f"{block}.filters", "name", "A", NOWHERE),
        FilterTerm(f"{block}.filters", "homes.city", "B", NOWHERE),
    )
    assert rules(project) == []


@pytest.mark.rule("R6.14")
@pytest.mark.parametrize(
    ("name", "expected"), [("name", []), ("staff.name", []), ("city", ["unknown-field"]), ("users.name", ["view-not-joined"])]
)
@pytest.mark.parametrize("block", ["always_filter", "conditionally_filter"])
def test_a_filter_without_a_view_is_on_the_base_alias(block: str, name: str, expected: list[str]) -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: staff {{
          from: users
          {block}: {{ filters: [{name}: "x"] }}
          join: homes {{ sql_on: ${{staff.home_id}} = ${{homes.id}} ;; }}
        }}
        """
    )

    assert rules(project) == expected


@pytest.mark.rule("R6.14")
def test_access_filters_may_be_repeated_and_name_a_view() -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: users {{
          access_filter: {{ field: users.name user_attribute: login }}
          access_filter: {{ field: homes.city user_attribute: region }}
          join: homes {{ sql_on: ${{users.home_id}} = ${{homes.id}} ;; }}
        }}
        """
    )

    found = [(one.field.name, one.user_attribute) for one in explore(project, "users").access_filters]

    assert found == [("users.name", "login"), ("homes.city", "region")]
    assert rules(project) == []


@pytest.mark.rule("R6.14")
@pytest.mark.parametrize(
    ("name", "expected"), [("name", ["unscoped-field"]), ("users.gone", ["unknown-field"]), ("homes.city", ["view-not-joined"])]
)
def test_the_field_of_an_access_filter_needs_a_view_of_the_explore(name: str, expected: list[str]) -> None:
    project = compiled(f"{VIEWS} explore: users {{ access_filter: {{ field: {name} user_attribute: login }} }}")

    assert rules(project) == expected


@pytest.mark.rule("R4.38")
@pytest.mark.rule("R6.14")
def test_what_works_without_its_view_and_should_name_it_is_a_warning_that_says_how() -> None:
    project = compiled(f"{VIEWS} explore: users {{ fields: [name] access_filter: {{ field: name user_attribute: login }} }}")

    assert sorted((one.severity.value, one.message) for one in check(project)) == [
        ("warning", "`fields` of an explore should name the view of the field: `users.name`"),
        ("warning", "access_filter should name the view of the field: `users.name`"),
    ]


@pytest.mark.rule("R6.15")
def test_what_unless_names_need_not_exist() -> None:
    project = compiled(
        """
        view: v { dimension_group: created { type: time timeframes: [date] } }
        explore: v { conditionally_filter: { filters: [created_date: "1 day"] unless: [created_week, other.created_year] } }
        """
    )

    assert explore(project, "v").filters == (
        FilterTerm("conditionally_filter.filters", "created_date", "1 day", NOWHERE),
        FilterTerm("conditionally_filter.unless", "created_week", "", NOWHERE),
        FilterTerm("conditionally_filter.unless", "other.created_year", "", NOWHERE),
    )
    assert rules(project) == []


@pytest.mark.rule("R6.16")
def test_an_explore_has_labels_and_settings() -> None:
    project = compiled(
        f"""
        datagroup: nightly {{ sql_trigger: SELECT 1 ;; }}
        {VIEWS}
        explore: users {{
          label: "People" group_label: "Staff" description: "All" view_label: "Who"
          tags: ["hr"] symmetric_aggregates: no case_sensitive: no cancel_grouping_fields: [users.id]
          persist_with: nightly sql_preamble: SET x = 1 ;;
        }}
        """
    )

    found = explore(project, "users")

    assert found.properties == (
        ("cancel_grouping_fields", "[users.id]"),
        ("case_sensitive", "no"),
        ("description", "All"),
        ("group_label", "Staff"),
        ("label", "People"),
        ("symmetric_aggregates", "no"),
        ("view_label", "Who"),
    )
    assert (found.tags, found.hidden, found.extension_required) == (("hr",), False, False)
    assert found.persist_with is not None
    assert found.persist_with.name == "nightly"
    assert [(text.parameter, text.value) for text in found.sql] == [("sql_preamble", "SET x = 1")]
    assert rules(project) == []


@pytest.mark.rule("R6.16")
@pytest.mark.parametrize("text", ["colour: red", "joins: homes {}", "join: homes { sql_on: 1 = 1 ;; on: x }", "sql: x ;;"])
def test_an_explore_and_a_join_have_no_other_parameters(text: str) -> None:
    project = compiled(f"{VIEWS} explore: users {{ {text} }}")

    assert rules(project) == ["unknown-parameter"]


@pytest.mark.rule("R6.16")
def test_an_explore_may_offer_queries_to_start_from() -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: users {{
          query: one {{ dimensions: [users.name] measures: [] limit: 5 }}
          query: two {{
            dimensions: [users.name, id] pivots: [users.id] filters: [users.name: "A"] sorts: [users.id: desc] label: "Two"
          }}
        }}
        """
    )

    one, two = explore(project, "users").queries

    assert (one.name, [field.name for field in one.fields], one.properties) == ("one", ["users.name"], (("limit", "5"),))
    assert (two.name, [field.name for field in two.fields]) == ("two", ["users.name", "id", "users.id"])
    assert two.filters == (FilterTerm("filters", "users.name", "A", NOWHERE),)
    assert [field.name for field in two.sorts] == ["users.id"]
    assert rules(project) == []


@pytest.mark.rule("R6.16")
def test_the_fields_of_a_query_are_those_of_its_explore() -> None:
    project = compiled(f'{VIEWS} explore: users {{ query: q {{ dimensions: [users.id, gone] filters: [homes.city: "A"] }} }}')

    assert rules(project) == ["unknown-field", "view-not-joined"]


@pytest.mark.rule("R6.17")
def test_an_explore_that_must_be_extended_is_not_checked_itself() -> None:
    project = compiled(
        """
        explore: base {
          extension: required
          view_name: gone
          sql_always_where: ${other.id} > 0 ;;
          join: nowhere { sql_on: ${gone.id} = ${nowhere.id} ;; }
        }
        """
    )

    assert explore(project, "base").extension_required is True
    assert rules(project) == []


@pytest.mark.rule("R6.17")
@pytest.mark.rule("R7.14")
def test_an_explore_that_must_be_extended_is_checked_through_its_children() -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: base {{ extension: required join: homes {{ sql_on: ${{users.home_id}} = ${{homes.gone}} ;; }} }}
        explore: users {{ extends: [base] }}
        """
    )

    assert [(found.rule, found.object) for found in check(project)] == [("unknown-field", "explore:m/users")]


@pytest.mark.rule("R6.18")
def test_a_hidden_explore_is_checked_and_used_like_any_other() -> None:
    project = compiled(
        {
            "m.model.lkml": f'connection: "c" include: "d.dashboard" {VIEWS} explore: users {{ hidden: yes }}',
            "d.dashboard.lookml": (
                "- dashboard: d\n  elements:\n  - {name: a, type: table, explore: users, fields: [users.id, users.gone]}\n"
            ),
        }
    )

    assert explore(project, "users").hidden is True
    assert rules(project) == ["unknown-tile-field"]


@pytest.mark.rule("R6.19")
@pytest.mark.rule("R4.25")
def test_a_field_may_be_fine_in_one_explore_and_broken_in_another() -> None:
    project = compiled(
        """
        view: users { dimension: id {} dimension: name {} }
        view: orders { dimension: user_id {} dimension: buyer { sql: ${users.name} ;; } }
        explore: orders { join: users { sql_on: ${orders.user_id} = ${users.id} ;; } }
        explore: lone_orders { view_name: orders }
        """
    )

    assert [(found.rule, found.object) for found in check(project)] == [("view-not-joined", "explore:m/lone_orders")]


@pytest.mark.rule("R6.19")
@pytest.mark.rule("R4.38")
def test_a_broken_field_that_the_explore_leaves_out_does_no_harm() -> None:
    project = compiled(
        """
        view: orders { dimension: user_id {} dimension: buyer { sql: ${users.name} ;; } }
        explore: orders { fields: [ALL_FIELDS*, -orders.buyer] }
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R6.1")
@pytest.mark.rule("R6.2")
@pytest.mark.rule("R6.8")
def test_the_staff_explore_of_the_rule_book_compiles_without_a_finding() -> None:
    project = compiled(
        """
        view: users { dimension: id {} dimension: boss_id {} dimension: tags {} }
        view: tags { dimension: word { sql: ${TABLE} ;; } }
        explore: staff { from: users  view_name: u
          join: boss { from: users sql_on: ${u.boss_id} = ${boss.id} ;; relationship: many_to_one }
          join: tags { sql: LEFT JOIN UNNEST(${u.tags}) AS tags ;; relationship: one_to_many } }
        """
    )

    staff = explore(project, "staff")

    assert (staff.base_alias, staff.base_view) == ("u", "view:users")
    assert [(one.name, one.view) for one in staff.joins] == [("boss", "view:users"), ("tags", "view:tags")]
    assert view(project, "tags").kind == "nested"
    assert rules(project) == []


# -- tests and access grants -------------------------------------------------------------------------------------------


@pytest.mark.rule("R13.1")
def test_a_test_asks_an_explore_and_asserts_something() -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: users {{}}
        test: ids_are_unique {{
          explore_source: users {{ column: id {{ field: users.id }} column: name {{}} filters: [users.name: "A"] }}
          assert: unique {{ expression: ${{users.id}} = 1 ;; }}
          assert: named {{ expression: NOT is_null(${{users.name}}) ;; }}
        }}
        """
    )

    [test] = model(project, "m").tests

    assert test.query is not None
    assert (test.name, test.query.explore) == ("ids_are_unique", "users")
    assert [(one.name, one.field) for one in test.query.columns] == [("id", "users.id"), ("name", None)]
    assert test.query.filters == (FilterTerm("filters", "users.name", "A", NOWHERE),)
    assert [text.value for text in test.assertions] == ["${users.id} = 1", "NOT is_null(${users.name})"]
    assert rules(project) == []


@pytest.mark.rule("R13.1")
def test_a_test_runs_in_every_model_that_includes_its_file() -> None:
    test = "test: t { explore_source: users { column: id {} } assert: a { expression: ${users.id} = 1 ;; } }"
    project = compiled(
        {
            "a.model.lkml": 'connection: "c" include: "users.view"',
            "b.model.lkml": 'connection: "c" include: "more.lkml"',
            "c.model.lkml": f'connection: "c" include: "plain.lkml" {test}',
            "d.model.lkml": 'connection: "c" include: "plain.lkml"',
            "users.view.lkml": f'include: "plain.lkml" {test}',
            "more.lkml": f'include: "plain.lkml" {test}',
            "plain.lkml": "view: users { dimension: id {} } explore: users {}",
        }
    )

    assert {one.name: [test.name for test in one.tests] for one in project.models} == {
        "a": ["t"],
        "b": ["t"],
        "c": ["t"],
        "d": [],
    }
    assert rules(project) == []


@pytest.mark.rule("R13.1")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("gone { column: id {} }", ["unknown-explore"]),
        ("users { column: gone {} }", ["unknown-field"]),
        ("users { column: city { field: homes.city } }", ["view-not-joined"]),
    ],
)
def test_what_a_test_asks_for_must_exist(source: str, expected: list[str]) -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: users {{}}
        test: t {{ explore_source: {source} assert: a {{ expression: ${{users.id}} = 1 ;; }} }}
        """
    )

    assert rules(project) == expected


@pytest.mark.rule("R13.2")
def test_an_access_grant_is_a_user_attribute_and_its_allowed_values() -> None:
    project = compiled('access_grant: finance { user_attribute: department allowed_values: ["finance", "the board"] }')

    [grant] = model(project, "m").access_grants

    assert (grant.name, grant.user_attribute, grant.allowed_values) == ("finance", "department", ("finance", "the board"))


@pytest.mark.rule("R13.2")
@pytest.mark.rule("R4.44")
@pytest.mark.parametrize(
    "text",
    [
        "view: a { required_access_grants: [gone] dimension: id {} }",
        "view: a { dimension: id { required_access_grants: [gone] } }",
        "view: a { dimension: id {} } explore: a { required_access_grants: [gone] }",
        "view: a { dimension: id {} } explore: a { join: b { from: a sql_on: 1 = 1 ;; required_access_grants: [gone] } }",
    ],
)
def test_an_access_grant_that_is_required_must_exist(text: str) -> None:
    known = 'access_grant: gone { user_attribute: department allowed_values: ["finance"] }'

    assert (rules(compiled(text)), rules(compiled(f"{known} {text}"))) == (["unknown-access-grant"], [])


@pytest.mark.rule("R13.2")
def test_an_access_grant_of_another_model_is_unknown() -> None:
    project = compiled(
        {
            "a.model.lkml": 'connection: "c" access_grant: g { user_attribute: u allowed_values: ["x"] } include: "v.view"',
            "b.model.lkml": 'connection: "c" include: "v.view"',
            "v.view.lkml": "view: v { required_access_grants: [g] dimension: id {} }",
        }
    )

    assert rules(project) == ["unknown-access-grant"]
