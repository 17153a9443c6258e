"""Derived tables: by SQL, by an explore, by statements; what makes them persistent; aggregate tables (R5)."""

from __future__ import annotations

import pytest

from dagster_lookml.semantic.objects import DerivedTable, FilterTerm, NativeQuery, Project
from dagster_lookml.source import Span
from tests.building import compiled, explore, rules, view

NOWHERE = Span("", 0, 0)  # a span equals every other


def derived(text: str, before: str = "") -> DerivedTable:
    """The derived table of a view that holds the text in its ``derived_table``."""
    found = view(compiled(f"{before} view: v {{ derived_table: {{ {text} }} }}"), "v").derived_table
    assert found is not None
    return found


def native(text: str) -> NativeQuery:
    """The query of a native derived table over the explore ``flights``."""
    found = derived(f"explore_source: flights {{ {text} }}", FLIGHTS).explore_source
    assert found is not None
    return found


FLIGHTS = """
    view: flights { dimension: id {} dimension: distance {} measure: count { type: count } }
    view: planes { dimension: id {} dimension: maker {} }
    explore: flights { join: planes { sql_on: ${flights.id} = ${planes.id} ;; } }
"""


def with_flights(text: str) -> Project:
    return compiled(f"{FLIGHTS} {text}")


# -- forms -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.1")
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sql: SELECT 1 AS one ;;", "sql"),
        ("explore_source: flights { column: id {} }", "native"),
        ("sql_create: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT 1 ;; sql_trigger_value: SELECT 1 ;;", "sql_create"),
        ('create_process: { sql_step: CREATE TABLE ${SQL_TABLE_NAME} (id INT64) ;; } persist_for: "1 hour"', "create_process"),
    ],
)
def test_a_derived_table_is_made_in_one_of_four_ways(text: str, kind: str) -> None:
    project = with_flights(f"view: v {{ derived_table: {{ {text} }} }}")

    assert view(project, "v").kind == kind
    assert rules(project) == []


@pytest.mark.rule("R5.2")
def test_the_sql_of_a_derived_table_may_hold_tables_of_views_liquid_and_constants() -> None:
    project = compiled(
        {
            "manifest.lkml": 'constant: SCHEMA { value: "raw" }',
            "m.model.lkml": """
                connection: "c"
                view: other {}
                view: v { derived_table: { sql:
                  SELECT * FROM ${other.SQL_TABLE_NAME}, @{SCHEMA}.t WHERE {% condition since %} at {% endcondition %}
                ;; } filter: since { type: date } }
                """,
        }
    )

    found = view(project, "v").derived_table

    assert found is not None
    assert found.sql is not None
    assert found.sql.value.strip() == (
        "SELECT * FROM ${other.SQL_TABLE_NAME}, raw.t WHERE {% condition since %} at {% endcondition %}"
    )
    assert rules(project) == []


@pytest.mark.rule("R5.2")
def test_the_body_of_a_condition_in_a_derived_table_may_name_a_field() -> None:
    project = with_flights(
        """
        view: v {
          derived_table: { sql: SELECT 1 AS one WHERE {% condition f %} ${flights.distance} {% endcondition %} ;; }
          filter: f { type: number }
        }
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R5.4")
def test_the_steps_of_a_process_run_in_order() -> None:
    found = derived(
        """
        create_process: {
          sql_step: CREATE TABLE ${SQL_TABLE_NAME} (id INT64) ;;
          sql_step: INSERT INTO ${SQL_TABLE_NAME} SELECT id FROM a ;;
          sql_step: DELETE FROM ${SQL_TABLE_NAME} WHERE id IS NULL ;;
        }
        persist_for: "1 hour"
        """
    )

    assert [one.value for one in found.statements] == [
        "CREATE TABLE ${SQL_TABLE_NAME} (id INT64)",
        "INSERT INTO ${SQL_TABLE_NAME} SELECT id FROM a",
        "DELETE FROM ${SQL_TABLE_NAME} WHERE id IS NULL",
    ]
    assert (found.process, found.sql) == ("create_process", None)


@pytest.mark.rule("R5.4")
def test_sql_create_is_one_whole_statement() -> None:
    found = derived('sql_create: CREATE MODEL ${SQL_TABLE_NAME} AS SELECT * FROM a ;; persist_for: "1 hour"')

    assert [one.value for one in found.statements] == ["CREATE MODEL ${SQL_TABLE_NAME} AS SELECT * FROM a"]
    assert (found.process, found.sql) == ("sql_create", None)


# -- native derived tables ---------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.5")
def test_a_native_table_comes_from_an_explore_of_the_same_model() -> None:
    files = {
        "a.model.lkml": 'connection: "c" include: "v.view" include: "flights.explore"',
        "b.model.lkml": 'connection: "c" include: "v.view"',
        "v.view.lkml": "view: v { derived_table: { explore_source: flights { column: id {} } } }",
        "flights.explore.lkml": "view: flights { dimension: id {} } explore: flights {}",
    }

    assert rules(compiled(files)) == ["unknown-explore"]


@pytest.mark.rule("R5.5")
def test_a_view_file_may_include_the_explore_that_its_native_table_needs() -> None:
    files = {
        "b.model.lkml": 'connection: "c" include: "v.view"',
        "v.view.lkml": 'include: "flights.explore" view: v { derived_table: { explore_source: flights { column: id {} } } }',
        "flights.explore.lkml": "view: flights { dimension: id {} } explore: flights {}",
    }

    assert rules(compiled(files)) == []


@pytest.mark.rule("R5.5")
@pytest.mark.rule("R6.18")
def test_a_native_table_may_come_from_a_hidden_explore() -> None:
    project = compiled(
        """
        view: a { dimension: id {} }
        explore: a { hidden: yes }
        view: v { derived_table: { explore_source: a { column: id {} } } }
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R5.5")
def test_a_second_explore_source_replaces_the_first() -> None:
    found = derived(
        "explore_source: planes { column: maker {} } explore_source: flights { column: id {} column: distance {} }",
        FLIGHTS + "explore: planes {}",
    )

    assert found.explore_source is not None
    assert found.explore_source.explore == "flights"
    assert [one.name for one in found.explore_source.columns] == ["id", "distance"]


@pytest.mark.rule("R5.6")
def test_a_column_takes_its_field_or_the_field_of_its_own_name() -> None:
    found = native("column: id {} column: far { field: distance } column: maker { field: planes.maker }")

    assert [(one.name, one.field, one.sql) for one in found.columns] == [
        ("id", None, None),
        ("far", "distance", None),
        ("maker", "planes.maker", None),
    ]


@pytest.mark.rule("R5.6")
@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("column: id {}", []),
        ("column: id { field: trips.id }", []),
        ("column: far { field: distance }", []),
        ("column: maker {}", ["unknown-field"]),
        ("column: maker { field: planes.maker }", []),
        ("column: id { field: flights.id }", ["view-not-joined"]),
    ],
)
def test_a_column_without_a_view_belongs_to_the_base_alias_of_the_explore(column: str, expected: list[str]) -> None:
    project = compiled(
        f"""
        view: flights {{ dimension: id {{}} dimension: distance {{}} }}
        view: planes {{ dimension: id {{}} dimension: maker {{}} }}
        explore: trips {{ from: flights join: planes {{ sql_on: ${{trips.id}} = ${{planes.id}} ;; }} }}
        view: v {{ derived_table: {{ explore_source: trips {{ {column} }} }} }}
        """
    )

    assert rules(project) == expected


@pytest.mark.rule("R5.7")
def test_a_derived_column_is_sql_over_the_other_columns() -> None:
    found = native("column: id {} derived_column: place { sql: RANK() OVER (ORDER BY id) ;; }")

    assert [(one.name, one.field, one.sql.value if one.sql else None) for one in found.columns] == [
        ("id", None, None),
        ("place", None, "RANK() OVER (ORDER BY id)"),
    ]


@pytest.mark.rule("R5.7")
def test_a_derived_column_names_no_field_of_the_explore() -> None:
    project = with_flights(
        """
        view: v { derived_table: { explore_source: flights {
          column: n { field: flights.count }
          derived_column: double { sql: n * 2 ;; }
          derived_column: fourfold { sql: double * 2 ;; }
        } } }
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R5.8")
@pytest.mark.parametrize(
    "text",
    [
        'filters: [flights.distance: ">100", planes.maker: "A"]',
        'filters: [flights.distance: ">100"] filters: [planes.maker: "A"]',
        'filters: { field: flights.distance value: ">100" } filters: { field: planes.maker value: "A" }',
    ],
)
def test_a_native_table_can_be_filtered(text: str) -> None:
    assert native(f"column: id {{}} {text}").filters == (
        FilterTerm("filters", "flights.distance", ">100", NOWHERE),
        FilterTerm("filters", "planes.maker", "A", NOWHERE),
    )


@pytest.mark.rule("R5.8")
def test_a_filter_of_a_native_table_names_a_field_of_its_explore() -> None:
    project = with_flights('view: v { derived_table: { explore_source: flights { column: id {} filters: [planes.gone: "1"] } } }')

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R5.8")
@pytest.mark.rule("R5.19")
def test_a_filter_for_development_is_told_from_a_filter() -> None:
    found = native('column: id {} filters: [planes.maker: "A"] dev_filters: [flights.id: "<9"]')

    assert found.filters == (
        FilterTerm("filters", "planes.maker", "A", NOWHERE),
        FilterTerm("dev_filters", "flights.id", "<9", NOWHERE),
    )


@pytest.mark.rule("R5.8")
def test_a_native_table_can_bind_filters_of_the_explore_that_it_is_joined_into() -> None:
    found = native(
        """
        column: id {}
        bind_filters: { from_field: trips.maker to_field: planes.maker }
        bind_filters: { from_field: trips.since to_field: flights.id }
        """
    )

    assert [(source.name, target.name) for source, target in found.bind_filters] == [
        ("trips.maker", "planes.maker"),
        ("trips.since", "flights.id"),
    ]
    assert found.bind_all_filters is False


@pytest.mark.rule("R5.8")
def test_a_native_table_is_sorted_limited_and_filtered_by_an_expression() -> None:
    found = native(
        """
        column: id {}
        sorts: [flights.count: desc, flights.id: asc]
        limit: 10
        timezone: "UTC"
        expression_custom_filter: ${flights.distance} > 100 ;;
        """
    )

    assert [one.name for one in found.sorts] == ["flights.count", "flights.id"]
    assert found.properties == (("limit", "10"), ("timezone", "UTC"))
    assert [(one.parameter, one.value) for one in found.expressions] == [
        ("expression_custom_filter", "${flights.distance} > 100")
    ]


@pytest.mark.rule("R5.9")
def test_a_native_table_may_be_joined_into_the_explore_that_it_comes_from() -> None:
    project = compiled(
        """
        view: flights { dimension: id {} dimension: maker {} measure: count { type: count } }
        view: totals {
          derived_table: { explore_source: flights {
            column: maker {} column: n { field: flights.count } bind_all_filters: yes
          } }
          dimension: maker { primary_key: yes }
          dimension: n { type: number }
        }
        explore: flights { join: totals { sql_on: ${flights.maker} = ${totals.maker} ;; relationship: many_to_one } }
        """
    )

    table = view(project, "totals").derived_table

    assert table is not None
    assert table.explore_source is not None
    assert table.explore_source.bind_all_filters is True
    assert rules(project) == []


# -- persistence -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.11")
@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("datagroup_trigger: nightly", "datagroup_trigger", "nightly"),
        ("sql_trigger_value: SELECT CURRENT_DATE ;;", "sql_trigger_value", "SELECT CURRENT_DATE"),
        ('interval_trigger: "24 hours"', "interval_trigger", "24 hours"),
        ('persist_for: "2 hours"', "persist_for", "2 hours"),
        ("materialized_view: yes", "materialized_view", "yes"),
    ],
)
def test_one_of_five_parameters_makes_a_derived_table_persistent(text: str, kind: str, value: str) -> None:
    found = derived(f"sql: SELECT 1 AS one ;; {text}").persistence

    assert found is not None
    assert (found.kind, found.value) == (kind, value)


@pytest.mark.rule("R5.11")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "materialized_view: no",
        'indexes: ["id"]',
        'sortkeys: ["id"] distribution: "id"',
        'partition_keys: ["at"] cluster_keys: ["id"]',
        "publish_as_db_view: yes",
    ],
)
def test_nothing_else_makes_a_derived_table_persistent(text: str) -> None:
    assert derived(f"sql: SELECT 1 AS one ;; {text}").persistence is None


@pytest.mark.rule("R3.6")
@pytest.mark.rule("R5.11")
def test_persist_with_of_an_explore_makes_no_table_persistent() -> None:
    project = compiled(
        """
        datagroup: nightly { sql_trigger: SELECT 1 ;; }
        persist_with: nightly
        view: v { derived_table: { sql: SELECT 1 AS one ;; } }
        explore: v { persist_with: nightly }
        """
    )

    table = view(project, "v").derived_table

    assert table is not None
    assert table.persistence is None


@pytest.mark.rule("R5.12")
def test_the_build_options_of_a_derived_table_name_columns() -> None:
    found = derived(
        """
        sql: SELECT id, at FROM t ;;
        sql_trigger_value: SELECT 1 ;;
        publish_as_db_view: yes
        partition_keys: ["at"]
        cluster_keys: ["id", "at"]
        increment_key: "at_date"
        increment_offset: 3
        """
    )

    assert found.incremental is True
    assert found.properties == (
        ("cluster_keys", "[id, at]"),
        ("increment_key", "at_date"),
        ("increment_offset", "3"),
        ("partition_keys", "[at]"),
        ("publish_as_db_view", "yes"),
    )


@pytest.mark.rule("R5.12")
def test_the_keys_of_a_derived_table_are_no_fields() -> None:
    project = compiled(
        """
        view: v {
          derived_table: { sql: SELECT a, b FROM t ;; persist_for: "1 hour" indexes: ["b"] sortkeys: ["a"] distribution: "a" }
          dimension: c { sql: ${TABLE}.a ;; }
        }
        explore: v {}
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R5.14")
@pytest.mark.rule("R2.24")
def test_a_persistent_table_belongs_to_every_model_that_sees_it() -> None:
    project = compiled(
        {
            "a.model.lkml": 'connection: "c" include: "v.view"',
            "b.model.lkml": 'connection: "c" include: "v.view"',
            "c.model.lkml": 'connection: "c"',
            "v.view.lkml": 'view: v { derived_table: { sql: SELECT 1 AS one ;; persist_for: "1 hour" } }',
        }
    )

    assert [(one.name, one.models) for one in project.views] == [("v", ("a", "b"))]


@pytest.mark.rule("R5.17")
def test_a_datagroup_that_triggers_a_table_must_exist() -> None:
    project = compiled("view: v { derived_table: { sql: SELECT 1 AS one ;; datagroup_trigger: nightly } }")

    assert rules(project) == ["unknown-datagroup"]


@pytest.mark.rule("R5.18")
@pytest.mark.rule("R7.18")
def test_a_child_of_a_persistent_table_is_another_persistent_table() -> None:
    project = compiled(
        """
        view: v { derived_table: { sql: SELECT 1 AS one ;; persist_for: "1 hour" } }
        view: child { extends: [v] }
        """
    )

    persistent = {
        one.name: one.derived_table.persistence.value if one.derived_table and one.derived_table.persistence else None
        for one in project.views
    }

    assert persistent == {"v": "1 hour", "child": "1 hour"}


@pytest.mark.rule("R5.18")
@pytest.mark.rule("R8.12")
def test_a_refinement_of_a_persistent_table_is_no_other_table() -> None:
    project = compiled(
        """
        view: v { derived_table: { sql: SELECT 1 AS one ;; persist_for: "1 hour" } }
        view: +v { label: "Refined" }
        """
    )

    assert [one.id for one in project.views] == ["view:v"]


# -- aggregate tables --------------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.20")
def test_an_aggregate_table_is_a_query_of_its_explore_that_is_stored() -> None:
    project = compiled(
        """
        datagroup: nightly { sql_trigger: SELECT 1 ;; }
        view: orders { dimension: state {} dimension: at {} measure: count { type: count } }
        explore: orders {
          aggregate_table: by_state {
            query: {
              dimensions: [orders.state, at]
              measures: [orders.count]
              filters: [orders.state: "done"]
              sorts: [orders.count: desc]
              timezone: "UTC"
            }
            materialization: { datagroup_trigger: nightly increment_key: "at" increment_offset: 1 }
          }
        }
        """
    )

    [table] = explore(project, "orders").aggregate_tables

    assert table.query is not None
    assert table.persistence is not None
    assert table.name == "by_state"
    assert [one.name for one in table.query.fields] == ["orders.state", "at", "orders.count"]
    assert table.query.filters == (FilterTerm("filters", "orders.state", "done", NOWHERE),)
    assert [one.name for one in table.query.sorts] == ["orders.count"]
    assert table.query.properties == (("timezone", "UTC"),)
    assert (table.persistence.kind, table.persistence.value, table.incremental) == ("datagroup_trigger", "nightly", True)
    assert rules(project) == []


@pytest.mark.rule("R5.20")
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("datagroup_trigger: nightly", "datagroup_trigger"),
        ("sql_trigger_value: SELECT 1 ;;", "sql_trigger_value"),
        ('persist_for: "1 hour"', "persist_for"),
    ],
)
def test_an_aggregate_table_persists_like_a_derived_table(text: str, kind: str) -> None:
    project = compiled(
        f"""
        datagroup: nightly {{ sql_trigger: SELECT 1 ;; }}
        view: v {{ dimension: a {{}} }}
        explore: v {{ aggregate_table: t {{ query: {{ dimensions: [v.a] }} materialization: {{ {text} }} }} }}
        """
    )

    [table] = explore(project, "v").aggregate_tables

    assert table.persistence is not None
    assert table.persistence.kind == kind
    assert rules(project) == []


@pytest.mark.rule("R5.20")
def test_the_fields_of_an_aggregate_table_are_those_of_its_explore() -> None:
    project = compiled(
        """
        view: v { dimension: a {} }
        explore: trips { from: v aggregate_table: t {
          query: { dimensions: [trips.a, a, v.a, trips.gone] }
          materialization: { persist_for: "1 hour" }
        } }
        """
    )

    assert rules(project) == ["view-not-joined", "unknown-field"]


@pytest.mark.rule("R5.20")
@pytest.mark.rule("R7.9")
def test_a_refinement_and_a_child_add_aggregate_tables() -> None:
    project = compiled(
        """
        view: v { dimension: a {} }
        explore: v { aggregate_table: one { query: { dimensions: [v.a] } materialization: { persist_for: "1 hour" } } }
        explore: +v { aggregate_table: two { query: { dimensions: [v.a] } materialization: { persist_for: "1 hour" } } }
        explore: w { extends: [v] view_name: v
          aggregate_table: three { query: { dimensions: [v.a] } materialization: { persist_for: "1 hour" } } }
        """
    )

    names = {one.name: [table.name for table in one.aggregate_tables] for one in project.explores}

    assert names == {"v": ["one", "two"], "w": ["one", "two", "three"]}


@pytest.mark.rule("R5.20")
def test_two_aggregate_tables_of_one_name_in_one_explore_are_a_fault() -> None:
    project = compiled(
        """
        view: v { dimension: a {} }
        explore: v {
          aggregate_table: t { query: { dimensions: [v.a] } materialization: { persist_for: "1 hour" } }
          aggregate_table: t { query: { dimensions: [v.a] } materialization: { persist_for: "1 hour" } }
        }
        """
    )

    assert rules(project) == ["duplicate-name"]
