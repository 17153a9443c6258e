"""Views: the table that a view reads, and what a view says beside its fields (R4.1-R4.5, R4.26, R4.27, R4.41-R4.45)."""

from __future__ import annotations

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.diagnostics import Severity
from tests.building import compiled, explore, field, join, rules, sql, view

# -- the table ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.1")
def test_a_view_without_a_table_is_named_like_its_table() -> None:
    orders = view(compiled("view: orders { dimension: id {} }"), "orders")

    assert (orders.kind, orders.sql_table_name, orders.derived_table) == ("table", None, None)


@pytest.mark.rule("R4.1")
@pytest.mark.rule("R7.5")
def test_a_child_of_a_view_without_a_table_has_no_table_either() -> None:
    project = compiled("view: orders { dimension: id {} } view: old_orders { extends: [orders] }")

    child = view(project, "old_orders")

    assert (child.name, child.kind, child.sql_table_name, child.derived_table) == ("old_orders", "table", None, None)


@pytest.mark.rule("R4.2")
def test_a_view_cannot_have_a_table_and_a_derived_table() -> None:
    project = compiled("view: v { sql_table_name: t ;; derived_table: { sql: SELECT 1 AS one ;; } }")

    assert [(found.rule, found.severity) for found in check(project)] == [("table-and-derived-table", Severity.ERROR)]


@pytest.mark.rule("R4.2")
@pytest.mark.rule("R7.12")
@pytest.mark.parametrize(
    ("parent", "child"),
    [
        ("sql_table_name: t ;;", "derived_table: { sql: SELECT 1 AS one ;; }"),
        ("derived_table: { sql: SELECT 1 AS one ;; }", "sql_table_name: t ;;"),
    ],
)
def test_a_table_here_and_a_derived_table_in_the_parent_is_a_fault_of_the_child(parent: str, child: str) -> None:
    project = compiled({"m.model.lkml": f'connection: "c"\nview: p {{ {parent} }}\nview: v {{ extends: [p] {child} }}'})

    assert [(found.rule, found.line, found.object) for found in check(project)] == [("table-and-derived-table", 3, "view:v")]


@pytest.mark.rule("R4.2")
@pytest.mark.parametrize(
    "lookml",
    [
        "view: v { sql_table_name: t ;; } view: +v { derived_table: { sql: SELECT 1 AS one ;; } }",
        "view: p { sql_table_name: t ;; } view: v { extends: [p] derived_table: { sql: SELECT 1 AS one ;; } }",
    ],
)
def test_a_derived_table_over_an_inherited_table_takes_its_place_and_is_warned_about(lookml: str) -> None:
    """R4.2 calls both after merging an error; a repo in production (bcgov's) does it, so what comes later counts."""
    project = compiled(lookml)

    assert [(found.rule, found.severity) for found in check(project)] == [("table-and-derived-table", Severity.WARNING)]
    assert (view(project, "v").kind, view(project, "v").sql_table_name) == ("sql", None)


@pytest.mark.rule("R4.3")
@pytest.mark.parametrize(
    "table",
    [
        "orders",
        "sales.orders",
        "warehouse.sales.orders",
        "`my-project.sales.orders`",
        "`my-project`.sales.`orders_*`",
        "[sales].[Orders]",
        '"SALES"."Orders"',
        "warehouse..orders",
    ],
)
def test_a_table_name_is_kept_as_written(table: str) -> None:
    orders = view(compiled(f"view: v {{ sql_table_name: {table} ;; }}"), "v")

    assert orders.sql_table_name is not None
    assert orders.sql_table_name.value == table


@pytest.mark.rule("R4.4")
@pytest.mark.parametrize(
    "table",
    [
        "ML.PREDICT(MODEL sales.k_means, TABLE sales.customers)",
        "(SELECT * FROM sales.orders WHERE NOT deleted)",
        "${other.SQL_TABLE_NAME}",
        "{% if other._in_query %} a {% else %} b {% endif %}",
        "sales_{% parameter region %}.orders",
    ],
)
def test_a_table_name_is_any_sql_that_can_follow_from(table: str) -> None:
    project = compiled(f"view: other {{}} view: v {{ sql_table_name: {table} ;; parameter: region {{ type: unquoted }} }}")

    found = view(project, "v").sql_table_name

    assert found is not None
    assert found.value == table
    assert rules(project) == []


@pytest.mark.rule("R4.4")
def test_constants_in_a_table_name_are_replaced() -> None:
    files = {
        "manifest.lkml": 'constant: SCHEMA { value: "sales" }',
        "m.model.lkml": 'connection: "c" view: v { sql_table_name: @{SCHEMA}.orders ;; }',
    }

    found = view(compiled(files), "v").sql_table_name

    assert found is not None
    assert found.value == "sales.orders"


@pytest.mark.rule("R4.5")
@pytest.mark.rule("R6.9")
def test_an_explore_and_a_join_rebind_the_table_for_themselves_alone() -> None:
    project = compiled(
        """
        view: orders { sql_table_name: raw.orders ;; dimension: id {} }
        explore: orders {}
        explore: old_orders {
          view_name: orders
          sql_table_name: archive.orders ;;
          join: others { from: orders sql_table_name: other.orders ;; sql_on: ${orders.id} = ${others.id} ;; }
        }
        """
    )

    old = explore(project, "old_orders")
    tables = [view(project, "orders").sql_table_name, old.sql_table_name, join(old, "others").sql_table_name]

    assert [table.value if table else None for table in tables] == ["raw.orders", "archive.orders", "other.orders"]
    assert explore(project, "orders").sql_table_name is None
    assert old.base_view == join(old, "others").view == "view:orders"


@pytest.mark.rule("R4.26")
def test_the_table_of_a_view_can_be_named_where_the_view_is_not_joined() -> None:
    project = compiled(
        """
        view: customers { sql_table_name: raw.customers ;; dimension: id {} }
        view: orders {
          dimension: known { type: yesno sql: ${TABLE}.customer_id IN (SELECT id FROM ${customers.SQL_TABLE_NAME}) ;; }
        }
        explore: orders { sql_always_where: EXISTS (SELECT 1 FROM ${customers.SQL_TABLE_NAME}) ;; }
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R4.26")
@pytest.mark.parametrize(
    "text",
    [
        "derived_table: { sql: SELECT * FROM ${nowhere.SQL_TABLE_NAME} ;; }",
        "derived_table: { sql_create: CREATE TABLE a AS SELECT * FROM ${nowhere.SQL_TABLE_NAME} ;; sql_trigger_value: 1 ;; }",
        "sql_table_name: ${nowhere.SQL_TABLE_NAME} ;;",
        "dimension: a { sql: (SELECT MAX(x) FROM ${nowhere.SQL_TABLE_NAME}) ;; }",
    ],
)
def test_the_table_of_a_view_that_the_model_does_not_have_is_an_unknown_view(text: str) -> None:
    project = compiled(f"view: v {{ {text} }}")

    assert rules(project) == ["unknown-view"]


@pytest.mark.rule("R4.27")
def test_sql_table_name_without_a_view_is_the_table_that_is_built() -> None:
    project = compiled(
        """
        view: v { derived_table: {
          create_process: {
            sql_step: CREATE TABLE ${SQL_TABLE_NAME} (id INT64) ;;
            sql_step: INSERT INTO ${SQL_TABLE_NAME} SELECT 1 ;;
          }
          sql_trigger_value: SELECT CURRENT_DATE ;;
        } }
        """
    )

    assert rules(project) == []


# -- what a view says beside its fields --------------------------------------------------------------------------------


@pytest.mark.rule("R4.42")
def test_a_hidden_field_can_be_referred_to() -> None:
    project = compiled(
        """
        view: v {
          dimension: secret { hidden: yes }
          dimension: shown { hidden: no sql: UPPER(${secret}) ;; }
        }
        explore: v {}
        """
    )

    fields = view(project, "v").fields

    assert [(one.name, one.hidden) for one in fields] == [("secret", True), ("shown", False)]
    assert rules(project) == []


@pytest.mark.rule("R4.42")
def test_a_view_that_hides_its_fields_by_default_can_be_referred_to() -> None:
    project = compiled("view: v { fields_hidden_by_default: yes dimension: a {} dimension: b { sql: ${a} ;; } } explore: v {}")

    assert view(project, "v").properties == (("fields_hidden_by_default", "yes"),)
    assert rules(project) == []


@pytest.mark.rule("R4.42")
def test_fields_that_do_not_say_are_hidden_as_their_view_does_by_default() -> None:
    project = compiled(
        """
        view: v {
          fields_hidden_by_default: yes
          dimension: a {}
          dimension: b { hidden: no }
          dimension: c { hidden: yes }
          measure: d { type: count }
        }
        view: open { extends: [v] fields_hidden_by_default: no }
        view: closed { extends: [open] }
        view: +closed { fields_hidden_by_default: yes dimension: a { hidden: no } }
        view: late { dimension: a {} }
        view: shut { extends: [late] fields_hidden_by_default: yes }
        """
    )

    def hidden(name: str) -> str:
        return "".join(one.name for one in view(project, name).fields if one.hidden)

    assert [hidden(name) for name in ("v", "open", "closed", "late", "shut")] == ["acd", "c", "cd", "", "a"]


@pytest.mark.rule("R4.44")
def test_access_grants_stand_on_views_fields_joins_and_explores() -> None:
    project = compiled(
        """
        access_grant: finance { user_attribute: department allowed_values: ["finance"] }
        access_grant: boss { user_attribute: rank allowed_values: ["boss"] }
        view: a {
          required_access_grants: [finance, boss]
          dimension: id {}
          dimension: pay { required_access_grants: [boss] }
        }
        view: b { dimension: id {} }
        explore: a {
          required_access_grants: [finance]
          join: b { sql_on: ${a.id} = ${b.id} ;; required_access_grants: [boss, finance] }
        }
        """
    )

    a, of_a = view(project, "a"), explore(project, "a")
    grants = [a.access_grants, field(a, "id").access_grants, field(a, "pay").access_grants, of_a.access_grants]
    grants.append(join(of_a, "b").access_grants)

    assert [[one.name for one in some] for some in grants] == [
        ["finance", "boss"],
        [],
        ["boss"],
        ["finance"],
        ["boss", "finance"],
    ]
    assert rules(project) == []


@pytest.mark.rule("R4.44")
def test_an_access_grant_leaves_the_sql_alone() -> None:
    project = compiled(
        """
        access_grant: boss { user_attribute: rank allowed_values: ["boss"] }
        view: a { dimension: pay { required_access_grants: [boss] sql: ${TABLE}.pay * 12 ;; } }
        """
    )

    assert sql(view(project, "a"), "pay") == "${TABLE}.pay * 12"


@pytest.mark.rule("R4.45")
def test_a_view_has_a_label_tags_and_suggestions() -> None:
    project = compiled('view: v { label: "Orders" view_label: "Sales" suggestions: no tags: ["pii", "raw"] dimension: a {} }')

    found = view(project, "v")

    assert (found.tags, found.properties) == (
        ("pii", "raw"),
        (("label", "Orders"), ("suggestions", "no"), ("view_label", "Sales")),
    )
    assert rules(project) == []


@pytest.mark.rule("R4.45")
@pytest.mark.parametrize("text", ["colour: red", "dimensions: { x: 1 }", "from: orders", "dimension: a { colour: red }"])
def test_a_parameter_that_lookml_does_not_know_is_a_warning(text: str) -> None:
    project = compiled(f"view: v {{ {text} }}")

    assert [(found.rule, found.severity) for found in check(project)] == [("unknown-parameter", Severity.WARNING)]


@pytest.mark.rule("R4.45")
def test_a_view_that_must_be_extended_is_abstract() -> None:
    project = compiled("view: base { extension: required sql_table_name: t ;; } view: v { extends: [base] }")

    assert [(one.name, one.kind) for one in project.views] == [("base", "abstract"), ("v", "table")]


@pytest.mark.rule("R4.41")
def test_the_drill_fields_of_a_view_may_name_fields_and_sets_of_any_view() -> None:
    project = compiled(
        """
        view: orders {
          drill_fields: [id, detail*, users.name, users.detail*]
          set: detail { fields: [id] }
          dimension: id {}
          measure: count { type: count }
        }
        explore: orders {}
        """
    )

    assert [one.name for one in view(project, "orders").drill_fields] == ["id", "detail*", "users.name", "users.detail*"]
    assert rules(project) == []


@pytest.mark.rule("R4.41")
def test_a_field_overrides_the_drill_fields_of_its_view() -> None:
    project = compiled(
        """
        view: orders {
          drill_fields: [id]
          dimension: id {}
          dimension: state {}
          measure: count { type: count }
          measure: total { type: sum drill_fields: [id, state] }
        }
        """
    )

    orders = view(project, "orders")
    drills = {one.name: [drill.name for drill in one.references] for one in orders.fields}

    assert [one.name for one in orders.drill_fields] == ["id"]
    assert drills == {"id": [], "state": [], "count": [], "total": ["id", "state"]}


@pytest.mark.rule("R4.41")
def test_a_drill_field_that_the_view_does_not_have_is_only_a_warning() -> None:
    project = compiled("view: v { drill_fields: [id, gone] dimension: id {} } explore: v {}")

    assert [(found.rule, found.severity) for found in check(project)] == [("unknown-drill-field", Severity.WARNING)]


# -- analytic models ---------------------------------------------------------------------------------------------------


def test_analytic_models_are_no_mistake() -> None:
    project = compiled(
        """
        explore: graph { sql_analytic_model_name: p.d.h ;; }
        view: graph { sql_analytic_model_name: p.d.g ;; dimension: id {} }
        explore: own {}
        view: own {
          derived_analytic_model: { publish_as_db_analytic_model: yes sql: SELECT id FROM t ;; }
          dimension: id {}
        }
        explore: made {}
        view: made {
          derived_analytic_model: {
            model_source: graph { fields: [graph.id] join: +items { foreign_key: id } }
          }
          dimension: id {}
        }
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R4.2")
def test_a_view_has_either_a_table_or_a_derived_analytic_model() -> None:
    text = "explore: v {} view: v { sql_table_name: t ;; derived_analytic_model: { sql: SELECT 1 AS id ;; } dimension: id {} }"

    assert rules(compiled(text)) == ["table-and-derived-table"]


@pytest.mark.rule("R13.4")
def test_a_derived_analytic_model_of_an_explore_that_is_not_there_is_an_error() -> None:
    text = "explore: v {} view: v { derived_analytic_model: { model_source: nowhere {} } dimension: id {} }"

    assert rules(compiled(text)) == ["unknown-explore"]
