"""What is found in derived tables: each rule with what trips it, and with what is near to that and right."""

from __future__ import annotations

from typing import Final

import pytest

from dagster_lookml.config import Config, Connection
from tests.analysis.asking import findings_of, said

FLIGHTS = "explore: flights {} view: flights { dimension: id { primary_key: yes } filter: when {} }\n"


def derived(rule: str, table: str, more: str = "explore: v {}", fields: str = "dimension: id {}") -> list[str]:
    """What a rule says of a derived table, which stands in the fourth line."""
    return said(rule, f"{FLIGHTS}{more}\nview: v {{ derived_table: {{ {table} }} {fields} }}")


# -- what it is made from ----------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.1")
def test_a_derived_table_is_made_from_something() -> None:
    rule, message = "derived-table-without-source", "the derived table of `v` says nothing of what it is made from"

    assert derived(rule, 'persist_for: "1 hour"') == [f"m.model.lkml:4 error: {message} | give it sql or an explore_source"]
    assert derived(rule, "", more="view: kid { extends: [v] }") == [  # told of once, and nobody uses it
        f"m.model.lkml:4 warning: {message} | give it sql or an explore_source"
    ]
    assert derived(rule, "", more="explore: kid {} view: kid { extends: [v] }") == [
        "m.model.lkml:4 error: the derived table of `kid` says nothing of what it is made from | give it sql or an explore_source"
    ]
    assert derived(rule, "sql: SELECT 1 AS id ;;") == []
    assert derived(rule, "explore_source: flights { column: id {} }") == []
    assert derived(rule, 'sql_create: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT 1 ;; persist_for: "1 hour"') == []
    assert derived(rule, 'create_process: { sql_step: SELECT 1 ;; } persist_for: "1 hour"') == []
    assert derived(rule, "", fields="extension: required") == []


@pytest.mark.rule("R5.1")
def test_a_refinement_may_say_what_a_derived_table_is_made_from() -> None:
    refinement = "view: +v { derived_table: { sql: SELECT 1 AS id ;; } }"

    assert derived("derived-table-without-source", 'persist_for: "1 hour"', f"explore: v {{}} {refinement}") == []


@pytest.mark.rule("R5.1")
def test_a_derived_table_is_made_in_one_way() -> None:
    rule, message = "two-sources", "the derived table of `v` has both sql and explore_source"
    sql, native = "sql: SELECT 1 AS id ;;", "explore_source: flights { column: id {} }"

    assert derived(rule, f"{sql} {native}") == [f"m.model.lkml:4 error: {message}"]
    assert derived(rule, f'{sql} sql_create: SELECT 1 ;; persist_for: "1 hour"') == [
        "m.model.lkml:4 error: the derived table of `v` has both sql and sql_create"
    ]
    assert derived(rule, f"{sql} {native}", more="") == [f"m.model.lkml:4 warning: {message}"]
    assert derived(rule, sql) == []


@pytest.mark.rule("R7.12")
def test_a_second_source_that_comes_by_refinement_may_replace_the_first() -> None:
    refinement = "view: +v { derived_table: { explore_source: flights { column: id {} } } }"

    found = derived("two-sources", "sql: SELECT 1 AS id ;;", f"explore: v {{}} {refinement}")

    assert [one.split(": ")[0] for one in found] == ["m.model.lkml:4 warning"]


@pytest.mark.rule("R5.2")
def test_the_sql_of_a_derived_table_knows_no_fields() -> None:
    rule = "field-in-derived-table"

    assert derived(rule, "sql: SELECT ${flights.id} AS id FROM f ;;") == [
        "m.model.lkml:4 warning: the SQL of the derived table of `v` names the field `flights.id`"
    ]
    assert derived(rule, "sql: SELECT id FROM ${flights.SQL_TABLE_NAME} ;;") == []
    assert derived(rule, "sql: SELECT id FROM f WHERE {% condition flights.when %} ${flights.id} {% endcondition %} ;;") == []
    assert derived(rule, "sql: SELECT id FROM f -- ${flights.id}\n ;;") == []
    assert derived(rule, 'sql_create: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT 1 ;; persist_for: "1 hour"') == []


# -- filters of a user's query -----------------------------------------------------------------------------------------

BOUND = "explore_source: flights { column: id {} bind_all_filters: yes }"
BOUND_BY_NAME = "explore_source: flights { column: id {} bind_filters: { from_field: v.id to_field: flights.id } }"
JOINED = "explore: +flights { join: v { sql_on: ${v.id} = ${flights.id} ;; } }"


@pytest.mark.rule("R5.9")
@pytest.mark.parametrize(("native", "kind"), [(BOUND, "bind_all_filters"), (BOUND_BY_NAME, "bind_filters")])
def test_a_table_with_the_filters_of_a_query_cannot_be_kept(native: str, kind: str) -> None:
    rule = "bound-and-persistent"

    assert derived(rule, f'{native} persist_for: "1 hour"', JOINED) == [
        f"m.model.lkml:4 error: the derived table of `v` has {kind} and cannot be kept, but has persist_for"
    ]
    assert derived(rule, native, JOINED) == []
    assert derived(rule, 'explore_source: flights { column: id {} filters: [flights.id: "1"] } persist_for: "1 hour"') == []


@pytest.mark.rule("R5.8")
def test_filters_are_bound_in_one_way() -> None:
    rule = "two-bindings"

    assert derived(rule, BOUND_BY_NAME.replace("column", "bind_all_filters: yes column"), JOINED) == [
        "m.model.lkml:4 error: the derived table of `v` has bind_filters and bind_all_filters"
    ]
    assert derived(rule, BOUND, JOINED) == []
    assert derived(rule, BOUND_BY_NAME.replace("column", "bind_all_filters: no column"), JOINED) == []


@pytest.mark.rule("R5.9")
def test_all_filters_are_those_of_the_explore_that_the_table_is_made_from() -> None:
    rule = "bound-elsewhere"

    assert derived(rule, BOUND) == [
        (
            "m.model.lkml:4 warning: `v` binds all filters of the explore `flights`, and is used in `v`"
            " | join it to `flights`, or name the filters in bind_filters"
        )
    ]
    assert derived(rule, BOUND, JOINED) == []
    assert derived(rule, BOUND, f"{JOINED} explore: more {{ extends: [flights] view_name: flights }}") == []
    assert derived(rule, BOUND_BY_NAME) == []
    assert derived(rule, BOUND, "") == []


@pytest.mark.rule("R5.8")
def test_a_bound_filter_belongs_to_the_explore_that_the_table_is_joined_to() -> None:
    rule = "unknown-field"

    assert derived(rule, BOUND_BY_NAME.replace("v.id", "flights.gone"), JOINED) == [
        "m.model.lkml:4 warning: `v` binds a filter to `flights.gone`, which no explore with it has"
    ]
    assert derived(rule, BOUND_BY_NAME.replace("v.id", "planes.id"), JOINED) != []
    assert derived(rule, BOUND_BY_NAME.replace("v.id", "flights.when"), JOINED) == []
    assert derived(rule, BOUND_BY_NAME.replace("v.id", "id"), JOINED) == []


# -- tables that are kept ----------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.11")
def test_a_table_is_kept_for_one_reason() -> None:
    rule, sql = "several-triggers", "sql: SELECT 1 AS id ;;"

    assert derived(rule, f'{sql} persist_for: "1 hour" sql_trigger_value: SELECT 1 ;;') == [
        "m.model.lkml:4 warning: the derived table is kept by sql_trigger_value and by persist_for"
    ]
    assert derived(rule, f'{sql} persist_for: "1 hour"') == []
    assert derived(rule, f"{sql} materialized_view: yes sql_trigger_value: SELECT 1 ;;") == []


@pytest.mark.rule("R7.12")
def test_reasons_to_keep_a_table_may_come_together_from_a_parent_and_its_child() -> None:
    kid = 'view: kid { extends: [v] derived_table: { interval_trigger: "1 hour" } }'

    assert derived("several-triggers", 'sql: SELECT 1 AS id ;; persist_for: "1 hour"', f"explore: kid {{}} {kid}") == [
        "m.model.lkml:4 warning: the derived table is kept by interval_trigger and by persist_for"
    ]


@pytest.mark.rule("R5.11")
@pytest.mark.parametrize(
    "asked",
    [
        "{% condition when %} day {% endcondition %}",
        "day = {% parameter unit %}",
        "day = '{{ unit._parameter_value }}'",
        "day > {% date_start when %}",
        "day = '{{ _filters['v.when'] }}'",
    ],
)
def test_a_table_that_is_kept_cannot_ask_what_a_user_chooses(asked: str) -> None:
    rule, fields = "templated-pdt", "dimension: id {} filter: when {} parameter: unit {}"
    sql = f"sql: SELECT id FROM f WHERE {asked} ;;"

    assert derived(rule, f'{sql} persist_for: "1 hour"', fields=fields) == [
        "m.model.lkml:4 warning: the derived table of `v` is kept, and its SQL asks for what a user chooses"
    ]
    assert derived(rule, sql, fields=fields) == []


@pytest.mark.rule("R5.12")
@pytest.mark.parametrize(
    "fine",
    [
        "{% incrementcondition %} day {% endincrementcondition %}",
        "{% if _user_attributes['x'] == 'y' %} 1 = 1 {% endif %}",
        "{% assign condition = 1 %} 1 = {{ condition }}",
    ],
)
def test_other_liquid_may_stand_in_a_table_that_is_kept(fine: str) -> None:
    assert derived("templated-pdt", f'sql: SELECT id FROM f WHERE {fine} ;; persist_for: "1 hour"') == []


@pytest.mark.rule("R5.1")
@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("sql_create: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT 1 ;;", "sql_create"),
        ("create_process: { sql_step: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT 1 ;; }", "create_process"),
    ],
)
def test_a_table_that_statements_build_is_persistent(source: str, kind: str) -> None:
    rule = "process-not-persistent"

    assert derived(rule, source) == [
        (
            f"m.model.lkml:4 error: the derived table of `v` is made by {kind} and is not persistent"
            " | give it a datagroup_trigger or another trigger"
        )
    ]
    assert derived(rule, f'{source} interval_trigger: "1 hour"') == []
    assert derived(rule, "sql: SELECT 1 AS id ;;") == []


SOLD = "dimension: id {} dimension_group: sold { type: time timeframes: [date] }"


@pytest.mark.rule("R5.12")
def test_rows_can_be_added_only_to_a_table_that_a_trigger_builds() -> None:
    rule, table = "unusable-increment-key", 'sql: SELECT sold, id FROM f ;; increment_key: "sold_date"'

    assert derived(rule, table, fields=SOLD) == [
        "m.model.lkml:4 warning: the derived table of `v` has an increment_key and is not persistent"
    ]
    assert derived(rule, f'{table} persist_for: "1 hour"', fields=SOLD) == [
        "m.model.lkml:4 warning: the derived table of `v` has an increment_key and has persist_for, which is no trigger"
    ]
    statements = 'sql_create: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT 1 ;; increment_key: "sold_date"'
    assert derived(rule, f"{statements} sql_trigger_value: SELECT 1 ;;", fields=SOLD) == [
        "m.model.lkml:4 warning: the derived table of `v` has an increment_key and is made by sql_create"
    ]
    assert derived(rule, f"{table} sql_trigger_value: SELECT 1 ;;", fields=SOLD) == []
    assert derived(rule, "sql: SELECT sold, id FROM f ;;", fields=SOLD) == []


@pytest.mark.rule("R5.12")
def test_the_key_of_an_increment_is_a_dimension() -> None:
    rule, table = "unknown-increment-key", "sql: SELECT sold, id FROM f ;; sql_trigger_value: SELECT 1 ;; increment_key: "

    assert derived(rule, f'{table} "sold"', fields=SOLD) == [
        (
            "m.model.lkml:4 warning: the increment_key of `v` is `sold`, and there is no such dimension"
            " | `sold` is a dimension group; its fields are sold_date"
        )
    ]
    assert derived(rule, f'{table} "sold_date"', fields=SOLD) == []
    native = 'explore_source: flights { column: id {} } sql_trigger_value: SELECT 1 ;; increment_key: "day"'
    assert derived(rule, native, fields=SOLD) == []  # it is a field of the explore


# -- circles -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.15")
def test_tables_cannot_be_made_from_each_other() -> None:
    rule = "circular-derived-table"
    one = "view: one { derived_table: { sql: SELECT id FROM ${two.SQL_TABLE_NAME} ;; } dimension: id {} }"
    two = "view: two { sql_table_name: ${one.SQL_TABLE_NAME} ;; dimension: id {} }"

    assert said(rule, f"explore: one {{}} {one} {two}") == [
        "m.model.lkml:2 error: the tables of these views are made from each other: one -> two -> one"
    ]
    assert said(rule, f"explore: one {{}} {one} view: two {{ dimension: id {{}} }}") == []


@pytest.mark.rule("R5.15")
def test_a_table_cannot_be_made_from_itself() -> None:
    rule = "circular-derived-table"

    assert derived(rule, "sql: SELECT id FROM ${v.SQL_TABLE_NAME} ;;") == [
        "m.model.lkml:4 error: the table of the view `v` is made from itself"
    ]
    assert derived(rule, "sql: SELECT id FROM v -- ${v.SQL_TABLE_NAME}\n ;;") == []
    statement = 'sql_create: CREATE TABLE ${v.SQL_TABLE_NAME} AS SELECT 1 AS id ;; persist_for: "1 hour"'
    assert derived(rule, statement) == []
    assert derived(rule, "sql: SELECT 1 AS id ;; sql_trigger_value: SELECT COUNT(*) FROM ${v.SQL_TABLE_NAME} ;;") == []


@pytest.mark.rule("R5.9")
def test_a_native_table_may_stand_in_its_own_explore() -> None:
    rule, native = "circular-derived-table", "explore_source: flights { column: id {} column: plane { field: planes.id } }"
    planes = "explore: +flights { join: planes { sql_on: 1 = 1 ;; } } view: planes { dimension: id {} }"

    assert derived(rule, native, f"{planes} {JOINED}") == []
    assert derived(rule, native.replace("planes.id", "v.id"), f"{planes} {JOINED}") == [
        "m.model.lkml:4 error: the table of the view `v` is made from itself"
    ]


@pytest.mark.rule("R5.9")
@pytest.mark.parametrize("in_filters", [True, False])
def test_a_native_table_leads_back_through_the_fields_that_it_asks_for(in_filters: bool) -> None:
    asked = "column: id {} " + ('filters: [planes.id: "1"]' if in_filters else "column: plane { field: planes.id }")
    planes = "view: planes { derived_table: { sql: SELECT id FROM ${v.SQL_TABLE_NAME} ;; } dimension: id {} }"
    explore = "explore: +flights { join: planes { sql_on: 1 = 1 ;; } }"

    assert derived("circular-derived-table", f"explore_source: flights {{ {asked} }}", f"{explore} {planes}") == [
        "m.model.lkml:3 error: the tables of these views are made from each other: planes -> v -> planes"
    ]
    assert derived("circular-derived-table", "explore_source: flights { column: id {} }", f"{explore} {planes}") == []


@pytest.mark.rule("R5.15")
def test_an_explore_of_a_native_table_is_not_what_that_is_made_from() -> None:
    found = said("circular-derived-table", "explore: v {} view: v { derived_table: { explore_source: v { column: id {} } } }")

    assert found == ["m.model.lkml:2 error: the table of the view `v` is made from itself"]


@pytest.mark.rule("R10.10")
def test_tables_that_liquid_chooses_between_may_never_be_made_from_each_other() -> None:
    sql = "SELECT id FROM {% if x %} ${two.SQL_TABLE_NAME} {% else %} t {% endif %}"
    views = "view: one { derived_table: { sql: @ ;; } } view: two { sql_table_name: ${one.SQL_TABLE_NAME} ;; }".replace("@", sql)

    found = findings_of("circular-derived-table", f"explore: one {{}} {views}")

    assert [one.severity.value for one in found] == ["warning"]


# -- the columns of tables that are kept -------------------------------------------------------------------------------


HOUR: Final = 'persist_for: "1 hour"'


def kept(rule: str, table: str, *, dialect: str = "redshift", more: str = "explore: v {}", persistence: str = HOUR) -> list[str]:
    """What a rule says of a derived table in a database that is known; without the place."""
    config = Config(connections={"warehouse": Connection(dialect=dialect)})
    text = f"{FLIGHTS}{more}\nview: v {{ derived_table: {{ {table} {persistence} }} dimension: id {{}} }}"
    return [one.partition(" ")[2] for one in said(rule, text, config=config)]


SUMS: Final = 'sql: SELECT a.id, b.When AS "Landed", SUM(x) AS n FROM a, b GROUP BY 1, 2 ;;'


@pytest.mark.rule("R5.12")
@pytest.mark.parametrize(
    ("key", "parameter", "column"),
    [
        ('sortkeys: ["id", "whem"]', "sortkeys", "whem"),
        ('distribution: "when"', "distribution", "when"),
        ('indexes: ["id", "landed", "x"]', "indexes", "x"),
    ],
)
def test_the_keys_of_a_kept_table_name_columns_that_it_has(key: str, parameter: str, column: str) -> None:
    message = f"`{parameter}` of `v` names the column `{column}`, which its derived table does not put out"

    assert [one.partition(" | ")[0] for one in kept("unknown-key-column", f"{SUMS} {key}")] == [f"error: {message}"]
    assert kept("unknown-key-column", f"{SUMS} {key}", persistence="") == []  # it is not built


@pytest.mark.rule("R5.12")
@pytest.mark.parametrize(
    "table",
    [
        f'{SUMS} sortkeys: ["ID", "landed"] distribution: "id" indexes: ["n"] partition_keys: [landed]',
        f'{SUMS} distribution: "all"',
        f'{SUMS} distribution: "EVEN"',
        f'{SUMS} partition_keys: ["DATE(gone)", "RANGE_BUCKET(a, gone, 3)"] cluster_keys: ["gone::date"] sortkeys: ["gone DESC"]',
        f"{SUMS} indexes: [\"{{{{ _user_attributes['key'] }}}}\"]",
        'sql: SELECT * FROM a ;; sortkeys: ["gone"]',
        'sql: SELECT id, SUM(x) FROM a GROUP BY 1 ;; sortkeys: ["sum"]',
        'sql: SELECT id {% if v.id._in_query %}, gone {% endif %} FROM a ;; sortkeys: ["gone"]',
        'sql: SELECT (id FROM a ;; sortkeys: ["gone"]',
        'sql_create: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT id FROM a ;; sortkeys: ["gone"]',
        'sql: SELECT id FROM a ;; explore_source: flights { column: id {} } sortkeys: ["gone"]',
        'sql: SELECT b.*, 1 AS n FROM (SELECT 1 AS id) AS b ;; sortkeys: ["id", "n"]',
    ],
)
def test_a_key_of_which_nobody_knows_whether_it_is_a_column_is_not_told_of(table: str) -> None:
    assert kept("unknown-key-column", table) == []


@pytest.mark.rule("R5.12")
def test_the_keys_of_a_kept_native_table_name_its_columns_and_not_its_fields() -> None:
    native = "explore_source: flights { column: number { field: flights.id } derived_column: r { sql: 1 ;; } }"

    assert kept("unknown-key-column", f'{native} sortkeys: ["number", "r"]') == []
    assert kept("unknown-key-column", f'{native} sortkeys: ["id"]') == [
        "error: `sortkeys` of `v` names the column `id`, which its derived table does not put out"
    ]


@pytest.mark.rule("R5.12")
def test_a_key_is_an_error_where_the_database_is_surely_built_with_it() -> None:
    rule, key = "unknown-key-column", f'{SUMS} cluster_keys: ["gone"]'

    assert [one.split()[0] for one in kept(rule, key, dialect="snowflake")] == ["error:"]
    assert [one.split()[0] for one in kept(rule, key, dialect="redshift")] == ["warning:"]
    assert [one.split()[0] for one in kept(rule, key, dialect="snowflake", more="")] == ["warning:"]
    assert [one.split()[1] for one in derived(rule, f"{key} {HOUR}")] == ["warning:"]
    assert len(kept(rule, key, more="explore: v {} explore: kid {} view: kid { extends: [v] }")) == 1


COUNTED: Final = "sql: SELECT id, COUNTIF(x > 0) FROM `shop-data.sales.a` GROUP BY 1 ;;"


@pytest.mark.rule("R5.11")
def test_bigquery_keeps_no_table_with_a_column_that_has_no_name() -> None:
    rule, table = "unnamed-column", COUNTED
    message = "column 2 of the derived table of `v` has no name, and BigQuery refuses to keep it without | name it with AS"

    assert kept(rule, table, dialect="bigquery") == [f"warning: {message}"]
    assert kept(rule, table, dialect="bigquery", more="explore: v {} view: kid { extends: [v] }") == [f"warning: {message}"]
    assert derived(rule, f"{table} {HOUR}") == [f"m.model.lkml:4 warning: {message}"]  # the SQL says that it is BigQuery's
    assert derived(rule, f"sql: SELECT id, SUM(x) FROM a GROUP BY 1 ;; {HOUR}") == []
    assert kept(rule, table.replace("`", ""), dialect="redshift") == []
    assert kept(rule, table, dialect="bigquery", persistence="") == []
    assert kept(rule, table.replace("0)", "0) AS n"), dialect="bigquery") == []
    assert kept(rule, table.replace("COUNTIF(x > 0)", "a.b.c, *"), dialect="bigquery") == []
