"""What is found in fields: measures, circles and Liquid; each rule with what trips it, and what is near to that and right."""

from __future__ import annotations

from typing import Final

import pytest

from dagster_lookml.rules import RULES
from tests.analysis.asking import findings_of, said

MISSING_IMPORT = {
    "manifest.lkml": 'local_dependency: { project: "hub" }',
    "m.model.lkml": 'connection: "c"\ninclude: "//hub/*.view"\ninclude: "/v.view.lkml"\nexplore: v {}',
}


def orders(rule: str, fields: str, more: str = "explore: orders {}") -> list[str]:
    """What a rule says of fields of the view ``orders``, which stand in the fourth line."""
    return said(rule, f"{more}\nview: orders {{\n{fields}\n}}")


# -- measures ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.17")
@pytest.mark.parametrize("kind", ["dimension: d { type: number", "dimension_group: d { type: time"])
def test_a_dimension_cannot_read_a_measure(kind: str) -> None:
    rule = "dimension-reads-measure"
    measure = "measure: total { type: sum sql: ${TABLE}.amount ;; } dimension: amount {}"

    assert orders(rule, f"{kind} sql: ${{total}} ;; }} {measure}") == [
        (
            "m.model.lkml:4 error: the dimension `orders.d` reads the measure `total`"
            " | rows are grouped by a dimension before any measure is known"
        )
    ]
    assert orders(rule, f"{kind} sql: ${{amount}} ;; }} {measure}") == []
    assert orders(rule, f"{kind} sql: 1 -- ${{total}}\n ;; }} {measure}") == []
    assert orders(rule, f"measure: d {{ type: number sql: ${{total}} ;; }} {measure}") == []
    assert orders(rule, f"filter: d {{ sql: ${{total}} > 0 ;; }} {measure}") == []


@pytest.mark.rule("R4.17")
def test_a_dimension_cannot_read_a_measure_of_another_view_of_its_explore() -> None:
    views = "view: users { measure: n { type: count } dimension: id {} }"
    explore = "explore: orders { join: people { from: users sql_on: ${people.id} = ${orders.d} ;; } }"

    assert orders("dimension-reads-measure", "dimension: d { sql: ${people.n} ;; }", f"{explore} {views}") == [
        (
            "m.model.lkml:4 error: the dimension `orders.d` reads the measure `people.n`"
            " | rows are grouped by a dimension before any measure is known"
        )
    ]
    assert orders("dimension-reads-measure", "dimension: d { sql: ${people.id} ;; }", f"{explore} {views}") == []
    assert orders("dimension-reads-measure", "dimension: d { sql: ${users.n} ;; }", f"{explore} {views}") == []


@pytest.mark.rule("R10.10")
def test_what_liquid_may_leave_out_is_no_sure_fault() -> None:
    sql = "{% if total._in_query %} ${total} {% else %} 1 {% endif %}"

    found = findings_of(
        "dimension-reads-measure",
        f"explore: v {{}} view: v {{ dimension: d {{ sql: {sql} ;; }} measure: total {{ type: count }} }}",
    )

    assert [one.severity.value for one in found] == ["warning"]


@pytest.mark.rule("R4.17")
@pytest.mark.parametrize(
    "kind", ["sum", "average", "count_distinct", "max", "min", "median", "percentile", "sum_distinct", "average_distinct"]
)
def test_a_measure_that_aggregates_cannot_read_a_measure(kind: str) -> None:
    rule, others = "measure-of-measure", "measure: n { type: count } dimension: price {}"

    assert orders(rule, f"measure: m {{ type: {kind} sql: ${{n}} * 2 ;; }} {others}") == [
        (
            f"m.model.lkml:4 error: `orders.m` is {'an' if kind[0] == 'a' else 'a'} {kind} of `n`, which is a measure itself"
            " | `type: number` calculates with measures"
        )
    ]
    assert orders(rule, f"measure: m {{ type: {kind} sql: ${{price}} ;; }} {others}") == []


@pytest.mark.rule("R4.22")
@pytest.mark.parametrize("kind", ["number", "yesno", "date", "string", "percent_of_total", "running_total"])
def test_a_measure_that_calculates_may_read_measures(kind: str) -> None:
    fields = f"measure: m {{ type: {kind} sql: ${{n}} ;; }} measure: n {{ type: count }}"

    assert orders("measure-of-measure", fields) == []


@pytest.mark.rule("R4.18")
def test_what_a_count_has_as_sql_does_not_matter() -> None:
    assert orders("measure-of-measure", "measure: m { type: count sql: ${n} ;; } measure: n { type: count }") == []


@pytest.mark.rule("R4.17")
def test_only_what_aggregates_can_be_filtered() -> None:
    rule, filters = "filters-on-non-aggregate", 'filters: [status: "paid"]'
    others = "dimension: status {} measure: n { type: count }"

    assert orders(rule, f"measure: m {{ type: number sql: ${{n}} ;; {filters} }} {others}") == [
        (
            "m.model.lkml:4 warning: the filters of `orders.m` have no effect: its type is number"
            " | filter the measures that it is made of"
        )
    ]
    assert orders(rule, f"measure: m {{ type: list list_field: status {filters} }} {others}") == [
        "m.model.lkml:4 warning: the filters of `orders.m` have no effect: its type is list"
    ]
    assert orders(rule, f"measure: m {{ type: count {filters} }} {others}") == []
    assert orders(rule, f"measure: m {{ type: sum {filters} }} {others}") == []
    assert orders(rule, f"measure: m {{ type: number sql: ${{n}} ;; }} {others}") == []


@pytest.mark.rule("R4.19")
def test_nothing_can_read_a_list() -> None:
    rule, others = "reference-to-list", "dimension: city {} measure: cities { type: list list_field: city }"

    assert orders(rule, f"measure: m {{ type: string sql: ${{cities}} ;; }} {others}") == [
        (
            "m.model.lkml:4 warning: `orders.m` reads the list `cities`"
            " | a list is put together after the query, and no SQL can read it"
        )
    ]
    assert orders(rule, f"measure: m {{ type: string sql: ${{city}} ;; }} {others}") == []


@pytest.mark.rule("R4.23")
@pytest.mark.parametrize("kind", ["type: number", "type: yesno", "type: percent_of_total", "", "type: date"])
def test_a_measure_that_does_not_aggregate_needs_sql(kind: str) -> None:
    rule, name = "measure-without-sql", kind.removeprefix("type: ") or "string"

    assert orders(rule, f"measure: m {{ {kind} }}") == [
        (
            f"m.model.lkml:4 warning: the measure `orders.m` is a {name} and has no sql, so it is a column and no aggregate"
            " | give it an aggregating type, such as sum, or sql that calculates with measures"
        )
    ]
    assert orders(rule, f"measure: m {{ {kind} sql: COUNT(*) ;; }}") == []


@pytest.mark.rule("R4.23")
@pytest.mark.parametrize("kind", ["count", "sum", "max", "list list_field: id"])
def test_a_measure_that_aggregates_has_a_column_without_sql(kind: str) -> None:
    assert orders("measure-without-sql", f"dimension: id {{}} measure: m {{ type: {kind} }}") == []


@pytest.mark.rule("R7.16")
def test_nothing_is_said_of_a_field_whose_parent_is_not_here() -> None:
    view = 'view: v { extends: [base] measure: m { label: "M" } dimension_group: open { type: duration } }'

    assert said("measure-without-sql", {**MISSING_IMPORT, "v.view.lkml": view}) == []
    assert said("incomplete-field", {**MISSING_IMPORT, "v.view.lkml": view}) == []
    assert said("measure-without-sql", {**MISSING_IMPORT, "v.view.lkml": view.replace("extends: [base]", "")}) != []


@pytest.mark.parametrize(
    ("field", "missing"),
    [
        ("dimension_group: f { type: duration sql_start: a ;; }", "is a duration and has no sql_end"),
        ("dimension_group: f { type: duration }", "is a duration and has no sql_start and no sql_end"),
        ("dimension: f { type: duration_day sql_end: a ;; }", "is a duration_day and has no sql_start"),
        ("dimension: f { type: location sql_latitude: a ;; }", "is a location and has no sql_longitude"),
        ("dimension: f { type: distance start_location_field: a }", "is a distance and has no end_location_field"),
        ("measure: f { type: list }", "is a list and has no list_field"),
        ("measure: f { type: period_over_period based_on: n }", "is a period_over_period and has no based_on_time"),
    ],
)
@pytest.mark.rule("R4.12")
def test_a_field_needs_what_its_type_is_made_of(field: str, missing: str) -> None:
    assert orders("incomplete-field", field) == [f"m.model.lkml:4 error: `orders.f` {missing}"]
    kid = "view: kid { extends: [orders] }"
    assert orders("incomplete-field", field, kid) == [  # somebody may fill it in
        f"m.model.lkml:4 warning: `orders.f` {missing}"
    ]
    assert orders("incomplete-field", field, f"explore: kid {{}} {kid}") == [f"m.model.lkml:4 error: `kid.f` {missing}"]
    assert orders("incomplete-field", f"extension: required {field}", "explore: orders {}") == []


@pytest.mark.parametrize(
    "field",
    [
        "dimension_group: f { type: duration sql_start: a ;; sql_end: b ;; }",
        "dimension: f { type: duration_day sql_start: a ;; sql_end: b ;; }",
        "dimension: f { type: duration_day sql: a ;; }",
        "dimension: f { type: location sql_latitude: a ;; sql_longitude: b ;; }",
        "dimension_group: f { type: time }",
        "measure: f { type: list list_field: g }",
        "measure: f { type: period_over_period based_on: n based_on_time: g_date }",
    ],
)
@pytest.mark.rule("R4.12")
def test_a_field_with_all_that_its_type_needs_is_complete(field: str) -> None:
    assert orders("incomplete-field", field) == []


@pytest.mark.rule("R4.12")
@pytest.mark.parametrize(("of_type", "needed"), [("tier", "tiers"), ("bin", "bins")])
def test_a_dimension_of_ranges_needs_their_bounds(of_type: str, needed: str) -> None:
    rule = "incomplete-field"

    assert orders(rule, f"dimension: f {{ type: {of_type} }}") == [
        f"m.model.lkml:4 warning: `orders.f` is a {of_type} and has no {needed}"
    ]
    assert orders(rule, f"dimension: f {{ type: {of_type} {needed}: [0, 10] }}") == []
    assert orders(rule, f"filter: f {{ type: {of_type} }}") == []


@pytest.mark.rule("R4.18")
def test_the_sql_of_a_count_has_no_effect() -> None:
    rule = "sql-of-count"

    [found] = orders(rule, "measure: f { type: count sql: ${TABLE}.user_id ;; }")

    assert found.startswith("m.model.lkml:4 warning: the sql of `orders.f` has no effect: a count counts rows")
    assert orders(rule, "measure: f { type: count }") == []
    assert orders(rule, "measure: f { type: count_distinct sql: ${TABLE}.user_id ;; }") == []
    assert orders(rule, "measure: f { type: count sql_distinct_key: ${TABLE}.user_id ;; }") == []


# -- circles -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.25")
def test_the_sql_of_a_field_cannot_lead_back_to_it() -> None:
    rule = "circular-field"

    assert orders(rule, "dimension: a { sql: ${b} ;; } dimension: b { sql: ${c} + 1 ;; } dimension: c { sql: ${a} ;; }") == [
        "m.model.lkml:4 error: `orders.a` leads back to itself: orders.a -> orders.b -> orders.c -> orders.a"
    ]
    assert orders(rule, "dimension: a { sql: ${b} + ${c} ;; } dimension: b { sql: ${c} ;; } dimension: c {}") == []


@pytest.mark.rule("R4.7")
def test_a_timeframe_in_the_sql_of_its_own_group_leads_back() -> None:
    rule = "circular-field"

    assert orders(rule, "dimension_group: sold { type: time timeframes: [raw, date] sql: ${sold_raw} ;; }") == [
        "m.model.lkml:4 error: `orders.sold` leads back to itself: orders.sold -> orders.sold"
    ]
    assert orders(rule, "dimension_group: sold { type: time timeframes: [date] sql: ${sold} ;; } dimension: sold {}") == []


@pytest.mark.rule("R4.25")
def test_a_circle_may_go_through_the_views_of_an_explore() -> None:
    rule, explore = "circular-field", "explore: orders { join: people { from: users sql_on: 1 = 1 ;; } }"
    users = "view: users { dimension: x { sql: ${orders.a} ;; } }"

    assert orders(rule, "dimension: a { sql: ${people.x} ;; }", f"{explore} {users}") == [
        "m.model.lkml:4 error: `orders.a` leads back to itself: orders.a -> people.x -> orders.a"
    ]
    assert orders(rule, "dimension: a {} dimension: b { sql: ${people.x} ;; }", f"{explore} {users}") == []
    assert orders(rule, "dimension: a { sql: ${people.x} ;; }", f"explore: orders {{}} {users}") == []


@pytest.mark.rule("R6.3")
def test_a_view_that_names_itself_is_meant_only_where_it_has_that_name() -> None:
    rule, field = "circular-field", "dimension: a { sql: ${orders.a} ;; }"

    assert orders(rule, field) == ["m.model.lkml:4 error: `orders.a` leads back to itself: orders.a -> orders.a"]
    assert orders(rule, field, "explore: buys { from: orders }") == []


@pytest.mark.rule("R7.6")
def test_a_circle_that_a_view_inherits_is_told_of_once() -> None:
    kid = "explore: orders {} explore: kid {} view: kid { extends: [orders] }"

    assert orders("circular-field", "dimension: a { sql: ${a} ;; }", kid) == [
        "m.model.lkml:4 error: `orders.a` leads back to itself: orders.a -> orders.a"
    ]


@pytest.mark.rule("R10.10")
def test_a_circle_that_liquid_decides_on_may_never_close() -> None:
    found = findings_of(
        "circular-field",
        "explore: v {} view: v { dimension: a { sql: {% if x %} ${b} {% endif %} ;; } dimension: b { sql: ${a} ;; } }",
    )

    assert [one.severity.value for one in found] == ["warning"]


@pytest.mark.rule("R7.11")
def test_what_a_field_extends_is_no_circle() -> None:
    view = (
        "view: base { dimension: a { sql: ${TABLE}.a ;; } } view: v { extends: [base] dimension: a { sql: ${EXTENDED} + 1 ;; } }"
    )

    assert said("circular-field", f"explore: v {{}} {view}") == []


# -- measures that aggregate nothing -------------------------------------------------------------------------------------

UNAGGREGATED: Final = """
  dimension: region {} dimension: plain { sql: ${region} ;; } dimension: one { sql: 1 ;; }
  dimension: name { sql: upper(${TABLE}.n) ;; }
  dimension: maybe { sql: {% if x %} ${TABLE}.a {% endif %} ;; } dimension: windowed { sql: SUM(${TABLE}.a) OVER () ;; }
  dimension_group: made { type: time timeframes: [date] } parameter: p {} measure: n { type: count }
"""


@pytest.mark.rule("R4.16")
@pytest.mark.rule("R4.22")
@pytest.mark.parametrize(
    ("measure", "kind", "what"),
    [
        ('type: number sql: ${TABLE}."COST" ;;', "number", "column `COST`"),
        ("sql: ${TABLE}.cost ;;", "string", "column `cost`"),
        ("type: yesno sql: ${TABLE}.cost > 1 AND ${n} > 0 ;;", "yesno", "column `cost`"),
        ("type: date sql: ${TABLE}.made ;;", "date", "column `made`"),
        ("type: number sql: ${n} - ${TABLE}.cost ;;", "number", "column `cost`"),
        ("type: number sql: SUM(${TABLE}.a) / NULLIF(${TABLE}.b, 0) ;;", "number", "column `b`"),
        ("type: number sql: (CASE WHEN (${region} = 'a (') THEN ${n} END) ;;", "number", "dimension `region`"),
        ("type: number sql: CAST(COALESCE(${plain}, 0) AS DECIMAL(10, 2)) ;;", "number", "dimension `plain`"),
        ("type: number sql: SAFE.SUBSTR(${name}, 1) ;;", "number", "dimension `name`"),
        ("type: string sql: ${made_date} ;;", "string", "dimension `made_date`"),
        ("type: number sql: ${orders.region::number} ;;", "number", "dimension `orders.region::number`"),
        ("type: number sql: ${buyers.age} * ${n} ;;", "number", "dimension `buyers.age`"),
    ],
)
def test_a_measure_that_does_not_aggregate_reads_nothing_but_aggregates(measure: str, kind: str, what: str) -> None:
    more = "explore: orders { join: buyers { sql_on: 1 = 1 ;; } } view: buyers { dimension: age {} }"
    [found] = orders("unaggregated-measure", f"{UNAGGREGATED} measure: m {{ {measure} }}", more)

    assert found.partition(" | ")[0].partition(" ")[2] == (
        f"warning: the measure `orders.m` is a {kind} and reads the {what} outside of any aggregate"
    )


@pytest.mark.rule("R4.16")
@pytest.mark.rule("R4.22")
@pytest.mark.parametrize(
    "measure",
    [
        "type: sum sql: ${TABLE}.cost ;;",
        "type: number sql: SUM(${TABLE}.cost) ;;",
        "type: number sql: sum (CASE WHEN ${region} = 'a' THEN ROUND(${TABLE}.cost, 2) END) / ${n} ;;",
        "type: number sql: MY_AGGREGATE(${TABLE}.cost) + tools.my_own(${region}) ;;",
        "type: string sql: LISTAGG(${region}, ', ') WITHIN GROUP (ORDER BY ${TABLE}.cost) ;;",
        "type: number sql: COUNT(*) FILTER (WHERE ${region} = 'a') ;;",
        "type: number sql: RANK() OVER (ORDER BY ${region}) ;;",
        "type: number sql: ${n} * 2 ;;",
        "type: number sql: 1 ;;",
        "type: number sql: (SELECT MAX(a) FROM t WHERE b = ${region}) ;;",
        "type: number sql: {% if x %} ${TABLE}.cost {% endif %} ${region} ;;",
        "type: number sql: ${one} + ${maybe} + ${windowed} + ${p} + ${gone} + ${buyers.age} ;;",
        "type: number sql: ${n} -- per ${region} ;;",
        "type: number sql: CASE WHEN '${region}' = \"${TABLE}.cost\" THEN ${n} END ;;",
        "type: number sql: ${TABLE}.cost ;; required_fields: [region]",
        "type: number",
    ],
)
def test_a_measure_whose_sql_may_aggregate_is_not_told_of(measure: str) -> None:
    assert orders("unaggregated-measure", f"{UNAGGREGATED} measure: m {{ {measure} }}") == []


def test_a_measure_that_two_views_have_is_told_of_once_and_only_to_who_asks() -> None:
    fields = "measure: m { type: number sql: ${TABLE}.a + ${TABLE}.b ;; }"

    assert len(orders("unaggregated-measure", fields, "explore: orders {} explore: kid {} view: kid { extends: [orders] }")) == 1
    assert not RULES["unaggregated-measure"].is_default


# -- Liquid ------------------------------------------------------------------------------------------------------------


def html(template: str, explore: str = "explore: orders { join: users { sql_on: 1 = 1 ;; } }") -> list[str]:
    """What is said of references in the template of a field, which stands in the fourth line."""
    users = "view: users { dimension: age {} parameter: grain {} dimension_group: born { type: time timeframes: [date] } }"
    fields = f"dimension: id {{ html: {template} ;; }} dimension: color {{}} parameter: unit {{}}"
    return orders("unknown-liquid-reference", fields, f"{explore} {users} view: color {{}}")


@pytest.mark.rule("R10.6")
@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("{{ users.agee._value }}", "`users.agee`, a field that `users` does not have | did you mean age?"),
        ("{{ orders.size._value }}", "`orders.size`, a field that `orders` does not have"),
        (
            "{% if users.born._in_query %} x {% endif %}",
            "`users.born`, a field that `users` does not have | `born` is a dimension group; its fields are born_date",
        ),
        ("{% if x and uzers.age._is_filtered %} {% endif %}", "`uzers.age`, a view that no explore with it has"),
        ("{{ _filters['users.name'] }}", "`users.name`, a field that `users` does not have"),
        ("{% parameter users.grade %}", "`users.grade`, a field that `users` does not have"),
        ("{% condition colour %} x {% endcondition %}", "`colour`, a field that `orders` does not have | did you mean color?"),
        ("{% parameter grain %}", "`grain`, a field that `orders` does not have"),
        ("{{ grain._parameter_value }}", "`grain`, a field that `orders` does not have"),
        ("{% if colors._in_query %} x {% endif %}", "`colors`, a field that `orders` does not have | did you mean color?"),
        ("{% date_start users.bon %}", "`users.bon`, a field that `users` does not have"),
    ],
)
def test_what_liquid_names_must_be_there(template: str, what: str) -> None:
    found = html(template)

    assert [one.partition(" | did you mean users?")[0] for one in found] == [
        f"m.model.lkml:4 warning: the Liquid of `orders` names {what}"
    ]


@pytest.mark.rule("R10.5")
@pytest.mark.parametrize(
    "template",
    [
        "{{ users.age._value }} {{ orders.color._rendered_value | upcase }} {{ users.born_date._value }}",
        "{{ value }} {{ rendered_value }} {{ color._value }} {{ link }} {{ row['users.name'] }}",
        "{% if users._in_query or orders._in_query %} {% endif %}",
        "{{ _user_attributes['orders.size'] }} {{ _model._name }} {{ _view._name }} {{ _query._query_timezone }}",
        "{% if 'users.agee._value' == value %} {% endif %}",
        "{% assign users.agee = 1 %}{% assign other = 'a' %}{{ other.thing._value }}",
        "{% comment %} {{ users.agee._value }} {% endcomment %}",
        "{% condition %} x {% endcondition %} {% condition color %} x {% endcondition %}",
        "{% if color._in_query %} x {% endif %}",
        "{% parameter unit %} {{ unit._parameter_value }} {% parameter users.grain %}",
        "users.agee._value",
    ],
)
def test_liquid_that_names_what_is_there_or_no_field_at_all_is_fine(template: str) -> None:
    assert html(template) == []


def in_sql(fields: str, explore: str = "explore: orders { join: users { sql_on: 1 = 1 ;; } }") -> list[str]:
    """What is said of references in the fields of a view that is joined with users."""
    return orders("unknown-liquid-reference", fields, f"{explore} view: users {{ dimension: age {{}} }}")


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ("dimension: x { sql: {% parameter grade %} ;; }", "error"),
        ("dimension: x { sql: {% parameter users.grade %} ;; }", "error"),
        ("dimension: x { sql: {% if grade._parameter_value == 'day' %} a {% endif %} ;; }", "error"),
        ("dimension: x { sql: {% condition grade %} a {% endcondition %} ;; }", "error"),
        ("derived_table: { sql: SELECT 1 AS a FROM t WHERE {% condition grade %} b {% endcondition %} ;; }", "error"),
        ("dimension: x { sql: {% if 1 == 1 %} {% parameter grade %} {% endif %} ;; }", "warning"),
        ("dimension: x { sql: {% if users.grade._in_query %} a {% endif %} ;; }", "warning"),
        ("dimension: x { sql: {% parameter elsewhere.grade %} ;; }", "warning"),
        ("dimension: x { html: {{ grade._parameter_value }} ;; }", "warning"),
    ],
)
@pytest.mark.rule("R10.3")
def test_a_name_that_the_sql_of_a_query_cannot_do_without_is_an_error(fields: str, severity: str) -> None:
    [found] = in_sql(fields)

    assert found.split()[1] == f"{severity}:"


@pytest.mark.rule("R10.3")
def test_a_field_that_nobody_can_pick_breaks_no_query() -> None:
    explore = "explore: orders { fields: [ALL_FIELDS*, -orders.x] join: users { sql_on: 1 = 1 ;; } }"
    [found] = in_sql("dimension: x { sql: {% parameter grade %} ;; }", explore)

    assert found.split()[1] == "warning:"


@pytest.mark.rule("R6.19")
def test_a_field_that_one_explore_has_is_not_missed_in_another() -> None:
    template = "{{ users.age._value }}"

    assert html(template, "explore: orders {} explore: more { view_name: orders join: users { sql_on: 1 = 1 ;; } }") == []
    assert html(template, "explore: orders {}") == [
        "m.model.lkml:4 warning: the Liquid of `orders` names `users.age`, a view that no explore with it has"
    ]
    assert html(template, "explore: users {}") == []  # where nobody uses the view nothing is known


@pytest.mark.rule("R7.16")
def test_an_explore_whose_parent_is_not_here_may_have_any_view() -> None:
    files = {
        "manifest.lkml": 'local_dependency: { project: "hub" }',
        "m.model.lkml": 'connection: "c"\ninclude: "//hub/*.view"\nexplore: v { extends: [base] }\n'
        "view: v { dimension: a { html: {{ users.agee._value }} ;; } dimension: b { sql: ${users.n} ;; } }",
    }
    alone = {"m.model.lkml": files["m.model.lkml"].replace("extends: [base]", "").replace("include", "# include")}

    assert said("unknown-liquid-reference", files) == []
    assert len(said("unknown-liquid-reference", alone)) == 1


@pytest.mark.rule("R10.3")
def test_the_table_of_a_view_may_be_read_by_another_table_in_its_explore() -> None:
    rule = "unknown-liquid-reference"
    inner = "view: inner { derived_table: { sql: SELECT 1 AS id FROM a WHERE {% condition outer.x %} b {% endcondition %} ;; } }"
    outer = "view: outer { derived_table: { sql: SELECT id FROM ${inner.SQL_TABLE_NAME} ;; } dimension: id {} filter: x {} }"

    assert said(rule, f"explore: inner {{}} explore: outer {{}} {inner} {outer}") == []
    assert said(rule, f"explore: inner {{}} explore: outer {{}} {inner.replace('outer.x', 'outer.y')} {outer}") == [
        "m.model.lkml:2 error: the Liquid of `inner` names `outer.y`, a field that `outer` does not have"
    ]
    assert said(rule, f"explore: inner {{}} {inner} {outer}") == [
        "m.model.lkml:2 warning: the Liquid of `inner` names `outer.x`, a view that no explore with it has"
    ]


APART = "explore: p {} explore: q {} view: q { dimension: id {} parameter: grain {} }"


@pytest.mark.parametrize(
    "rows",
    [
        "derived_table: {{ sql: SELECT 1 AS id {0} ;; }}",
        "derived_table: {{ sql_create: CREATE TABLE ${{SQL_TABLE_NAME}} AS SELECT 1 {0} ;; datagroup_trigger: d }}",
        "sql_table_name: {0} ;;",
    ],
)
@pytest.mark.parametrize(
    ("liquid", "told"),
    [
        ("{% if q.id._in_query %} a {% endif %}", "warning: the Liquid of `p` names `q.id`, a view that no explore with it has"),
        (
            "{% condition q.id %} a {% endcondition %}",
            "warning: the Liquid of `p` names `q.id`, a view that no explore with it has",
        ),
        ("{% if q._in_query %} a {% endif %}", "warning: the Liquid of `p` names `q`, a view that no explore with it has"),
        (
            "{% parameter q.gain %}",
            "error: the Liquid of `p` names `q.gain`, a field that `q` does not have | did you mean grain?",
        ),
        ("{% parameter w.grain %}", "warning: the Liquid of `p` names `w.grain`, a view that no explore with it has"),
    ],
)
@pytest.mark.rule("R10.1")
@pytest.mark.rule("R6.19")
def test_the_liquid_of_a_table_names_views_of_the_explores_in_which_it_is_read(rows: str, liquid: str, told: str) -> None:
    rule, view = "unknown-liquid-reference", f"view: p {{ dimension: id {{}} {rows.format(liquid)} }}"
    joined = APART.replace("explore: p {}", "explore: p { join: q { sql_on: 1 = 1 ;; } }")

    assert [one.partition(" ")[2] for one in said(rule, f"{APART} {view}")] == [told]
    if "no explore" in told and "w." not in told:
        assert said(rule, f"{joined} {view}") == []


READ: Final = "view: p { derived_table: { sql: SELECT 1 AS id {% if q.id._in_query %} a {% endif %} ;; } dimension: id {} }"


@pytest.mark.parametrize(
    "reader",
    [
        "explore: q { join: r { sql_on: 1 = 1 ;; } } view: r { derived_table: { sql: SELECT id FROM ${p.SQL_TABLE_NAME} ;; } }",
        "explore: q { join: r { sql_on: 1 = 1 ;; } } view: r { derived_table: { explore_source: p { column: id {} } } }",
        "explore: q { join: r { sql_on: 1 = 1 ;; } } view: r { dimension: n { sql: (SELECT 1 FROM ${p.SQL_TABLE_NAME}) ;; } }",
        "explore: q { sql_always_where: 1 IN (SELECT id FROM ${p.SQL_TABLE_NAME}) ;; }",
        "explore: q { join: r { sql_table_name: ${p.SQL_TABLE_NAME} ;; sql_on: 1 = 1 ;; } } view: r { dimension: id {} }",
        "explore: q { join: p { sql_on: 1 = 1 ;; } }",
    ],
)
@pytest.mark.rule("R10.1")
@pytest.mark.rule("R6.19")
def test_a_table_is_read_wherever_something_is_made_from_it(reader: str) -> None:
    q = "view: q { dimension: id {} }"

    assert said("unknown-liquid-reference", f"explore: p {{}} {reader} {READ} {q}") == []
    assert len(said("unknown-liquid-reference", f"explore: p {{}} {reader.replace('explore: q', 'explore: e')} {READ} {q}")) == 1


@pytest.mark.rule("R10.1")
def test_the_liquid_of_a_table_that_nobody_reads_but_another_table_is_looked_at_there() -> None:
    rule = "unknown-liquid-reference"
    reader = "view: r { derived_table: { sql: SELECT id FROM ${p.SQL_TABLE_NAME} ;; } dimension: id {} }"

    assert said(rule, f"explore: r {{}} explore: q {{}} view: q {{ dimension: id {{}} }} {reader} {READ}") == [
        "m.model.lkml:2 warning: the Liquid of `p` names `q.id`, a view that no explore with it has"
    ]
    assert said(rule, f"explore: r {{}} {reader} {READ.replace('q.id', 'p.id')}") == []  # nobody says whether it is found
    assert said(rule, f"explore: q {{}} view: q {{ dimension: id {{}} }} {reader} {READ}") == []  # none of them is read


@pytest.mark.rule("R10.1")
def test_the_liquid_of_a_table_that_an_explore_names_is_looked_at() -> None:
    rule, views = "unknown-liquid-reference", "view: v { filter: f {} } view: w { filter: f {} } explore: w {}"
    table = "sql_table_name: {% if w.f._is_filtered %} a {% endif %} ;;"

    assert said(rule, f"explore: v {{ {table} }} {views}") == [
        "m.model.lkml:2 warning: the Liquid of `v` names `w.f`, a view that it does not have"
    ]
    assert said(rule, f"explore: v {{ join: w {{ {table.replace('w.f', 'w.g')} sql_on: 1 = 1 ;; }} }} {views}") == [
        "m.model.lkml:2 warning: the Liquid of `v` names `w.g`, a field that `w` does not have"
    ]
    assert said(rule, f"explore: v {{ join: w {{ {table} sql_on: 1 = 1 ;; }} }} {views}") == []


@pytest.mark.rule("R10.1")
def test_the_liquid_of_an_explore_names_its_own_views() -> None:
    explore = "explore: v {{ sql_always_where: {{% condition {0} %}} 1 {{% endcondition %}} ;; }} view: v {{ filter: f {{}} }}"

    assert said("unknown-liquid-reference", explore.format("v.f")) == []
    assert said("unknown-liquid-reference", explore.format("v.g")) == [
        "m.model.lkml:2 error: the Liquid of `v` names `v.g`, a field that `v` does not have"
    ]
    assert said("unknown-liquid-reference", explore.format("w.f")) == [
        "m.model.lkml:2 warning: the Liquid of `v` names `w.f`, a view that it does not have"
    ]


@pytest.mark.rule("R10.6")
@pytest.mark.parametrize(
    ("template", "inside", "severity"),
    [
        ("{% if {{ value }} > 1 %} x {% endif %}", "{{ }}", "error"),
        ("{%- if ${color} == 1 -%} x {%- endif -%}", "${ }", "warning"),
        ("{{ ${orders.color} }}", "${ }", "warning"),
        ("{% assign x = ${TABLE}.color %}", "${ }", "warning"),
    ],
)
def test_liquid_cannot_stand_in_liquid(template: str, inside: str, severity: str) -> None:
    assert orders("nested-liquid", f"dimension: id {{ html: {template} ;; }}") == [
        f"m.model.lkml:4 {severity}: `{inside}` stands inside Liquid | in Liquid a field is named by view and field alone"
    ]
    assert orders("nested-liquid", f"derived_table: {{ sql: SELECT 1 WHERE {template} ;; }}") != []
    assert said("nested-liquid", f"explore: v {{ sql_always_where: {template} ;; }} view: v {{ dimension: id {{}} }}") != []


@pytest.mark.rule("R10.6")
@pytest.mark.parametrize(
    "template",
    [
        "{% if value > 1 %} {{ value }} {% endif %} ${color}",
        "{% assign x = '${TABLE}.color' %} {{ x }}",
        '{% if x == "{{ y }}" %} {% endif %}',
        "{% condition color %} ${color} {% endcondition %}",
        "{% comment %} {% if {{ x }} %} {% endcomment %}",
        "{% raw %} {{ ${x} }} {% endraw %}",
        "{{ value }}${color}{{ value }}",
    ],
)
def test_liquid_beside_liquid_and_inside_quotes_is_fine(template: str) -> None:
    assert orders("nested-liquid", f"dimension: id {{ sql: {template} ;; }}") == []


# -- aggregates in SQL, and one cause told once ------------------------------------------------------------------------


@pytest.mark.rule("R4.17")
@pytest.mark.parametrize(
    ("sql", "function"),
    [
        ("AVG(${total})", "AVG"),
        ("1.0 * sum( DISTINCT ${total} ) / 2", "SUM"),
        ("SUM(${total}) OVER (ORDER BY 1)", ""),
        ("ANY_VALUE(${total})", ""),
        ("MAX(${total}, 1)", ""),
        ("AVG(${amount}) / ${total}", ""),
        ("AVG(${ratio})", ""),
        ("CONCAT('AVG(', ${total}, ')')", ""),
        ("(SELECT AVG(${total}) FROM t)", ""),
    ],
)
def test_an_aggregate_function_of_an_aggregate_is_rejected_by_databases(sql: str, function: str) -> None:
    fields = f"""measure: m {{ type: number sql: {sql} ;; }} dimension: amount {{}}
    measure: total {{ type: sum sql: ${{amount}} ;; }} measure: ratio {{ type: number sql: 2 ;; }}"""

    found = [
        (
            f"m.model.lkml:4 error: `orders.m` is the {function} of `total`, which is an aggregate itself"
            " | databases reject an aggregate of an aggregate"
        )
    ]
    assert orders("measure-of-measure", fields) == (found if function else [])


@pytest.mark.rule("R10.6")
def test_liquid_that_names_an_unknown_field_without_its_view_is_told_of() -> None:
    assert orders("unknown-liquid-reference", "dimension: a { html: {{ nope._value }} ;; }") == [
        "m.model.lkml:4 warning: the Liquid of `orders` names `nope`, a field that `orders` does not have"
    ]
    assert (
        orders(
            "unknown-liquid-reference", "dimension: a { html: {{ a._value }} {{ value }} {% assign b = 1 %}{{ b._value }} ;; }"
        )
        == []
    )


@pytest.mark.rule("R4.6")
def test_two_fields_of_one_name_are_told_of_once() -> None:
    fields = "dimension: total {} measure: total { type: sum sql: ${total} ;; }"

    assert len(orders("duplicate-field", fields)) == 1
    assert orders("circular-field", fields) == orders("measure-of-measure", fields) == []


@pytest.mark.rule("R10.23")
@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("dimension: f { sql: ;; }", "the sql of `orders.f` is empty"),
        ("dimension: f { sql: -- ${id} ;; }", "the sql of `orders.f` is nothing but a comment"),
        ("dimension: f { sql: # ${id} ;; }", "the sql of `orders.f` is nothing but a comment"),
        ("measure: f { type: sum sql: /* ${id} */ ;; }", "the sql of `orders.f` is nothing but a comment"),
        (
            "dimension: f { type: location sql_latitude: ${id} ;; sql_longitude: #${id} ;; }",
            "the sql_longitude of `orders.f` is nothing but a comment",
        ),
        ("dimension: f { type: duration_day sql_start: ${id} ;; sql_end: ;; }", "the sql_end of `orders.f` is empty"),
    ],
)
def test_sql_of_which_nothing_reaches_the_query(field: str, said: str) -> None:
    assert orders("empty-sql", f"dimension: id {{}} {field}") == [f"m.model.lkml:4 warning: {said}"]


@pytest.mark.rule("R10.23")
@pytest.mark.parametrize("sql", ["${id} -- the id", "/* the id */ ${id}", "-- {% if id._in_query %}", "'#'", "'--'"])
def test_sql_with_a_comment_in_it_is_no_empty_one(sql: str) -> None:
    assert orders("empty-sql", f"dimension: id {{}} dimension: f {{ sql: {sql} ;; }}") == []
