"""What fields read: columns of the view's table, and other fields (R4.7-R4.36, R14.2-R14.4)."""

from __future__ import annotations

import pytest

from dagster_lookml.lineage.answer import ProjectLineage
from tests.lineage import speaking, tables
from tests.tracing import columns, edges, gaps, traced


def of(fields: str, dialect: str = "") -> ProjectLineage:
    """Trace a view ``v`` of the table ``s.t``."""
    return traced(f"view: v {{ sql_table_name: s.t ;; {fields} }} explore: v {{}}", config=speaking(dialect))


# -- columns -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.23")
@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("dimension: status {}", ["s.t.status"]),
        ("dimension: Status {}", ["s.t.status"]),
        ("dimension: status { type: yesno }", ["s.t.status"]),
        ("measure: status { type: sum }", ["s.t.status"]),
        ("measure: status { type: max }", ["s.t.status"]),
        ("dimension_group: status { type: time timeframes: [date, raw] }", ["s.t.status"]),
        ("dimension_group: status { type: time }", ["s.t.status"]),
        ("measure: status { type: count }", []),
        ("parameter: status { type: string }", []),
        ("filter: status { type: string }", []),
    ],
)
def test_a_field_without_sql_is_the_column_of_its_name(declared: str, expected: list[str]) -> None:
    name = declared.split()[1]

    assert columns(of(declared), f"field:v.{name}") == expected


@pytest.mark.rule("R4.24")
@pytest.mark.parametrize(
    ("sql", "dialect", "expected"),
    [
        ("${TABLE}.nm", "", ["s.t.nm"]),
        ("${TABLE}.NM", "snowflake", ["s.t.nm"]),
        ('${TABLE}."NM"', "snowflake", ["s.t.nm"]),
        ("${TABLE}.`order`", "bigquery", ["s.t.order"]),
        ("`${TABLE}`.nm", "bigquery", ["s.t.nm"]),
        ("${TABLE}.a.b.c", "bigquery", ["s.t.a.b.c"]),
        ("${TABLE}.a[OFFSET(0)].b", "bigquery", ["s.t.a.b"]),
        ("upper(${TABLE}.a) || ${TABLE}.b", "", ["s.t.a", "s.t.b"]),
        ("CASE WHEN ${TABLE}.a = 'x' THEN ${TABLE}.b END", "", ["s.t.a", "s.t.b"]),
        ("${TABLE}.a::date", "redshift", ["s.t.a"]),
        ("1", "", []),
        ("'text'", "", []),
        ("NULL", "", []),
        ("CURRENT_DATE", "", []),
        ("COUNT(*)", "", []),
        ("DATE_DIFF(${TABLE}.a, ${TABLE}.b, DAY)", "bigquery", ["s.t.a", "s.t.b"]),
        ("DATEDIFF(day, ${TABLE}.a, ${TABLE}.b)", "snowflake", ["s.t.a", "s.t.b"]),
        ("${TABLE}.a -- ${TABLE}.old", "", ["s.t.a"]),
        ("${TABLE}.a /* was ${TABLE}.old */", "", ["s.t.a"]),
        ("SUM(${TABLE}.a) OVER (PARTITION BY ${TABLE}.b)", "", ["s.t.a", "s.t.b"]),
        ("(SELECT max(p.at) FROM s.p AS p WHERE p.tid = ${TABLE}.id)", "", ["s.p.at", "s.p.tid", "s.t.id"]),
        ("${TABLE}.id IN (SELECT id FROM s.vip)", "", ["s.t.id", "s.vip.id"]),
    ],
)
def test_the_columns_in_the_sql_of_a_field(sql: str, dialect: str, expected: list[str]) -> None:
    found = of(f"dimension: d {{ sql: {sql}\n;; }}", dialect)

    assert columns(found, "field:v.d") == expected
    assert gaps(found, "field:v.d") == []


@pytest.mark.rule("R14.10")
def test_a_bare_name_is_a_column_of_the_views_table_less_surely() -> None:
    found = of("dimension: d { sql: city ;; } dimension: e { sql: upper(city) || street ;; }")

    assert edges(found, "field:v.d") == ["column:s.t.city reads inferred"]
    assert edges(found, "field:v.e") == ["column:s.t.city reads inferred", "column:s.t.street reads inferred"]


@pytest.mark.rule("R4.30")
def test_the_name_of_a_view_before_a_column_means_its_alias() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;; dimension: own { sql: v.a ;; } dimension: other { sql: upper(u.name) ;; } }
        view: u { sql_table_name: s.users ;; dimension: id {} }
        explore: v { join: u { sql_on: ${v.own} = ${u.id} ;; } }
        """
    )

    assert columns(found, "field:v.own") == ["s.t.a"]
    assert edges(found, "field:v.other") == ["column:s.users.name reads inferred"]


@pytest.mark.rule("R4.33")
def test_every_branch_of_a_case_is_read_and_no_column_of_its_name() -> None:
    found = of(
        """
        dimension: size { case: {
          when: { sql: ${TABLE}.n > 10 ;; label: "big" }
          when: { sql: ${kind} = 'x' ;; label: "odd" }
          else: "small"
        } }
        dimension: kind { sql: ${TABLE}.k ;; }
        """
    )

    assert edges(found, "field:v.size") == ["column:s.t.n reads", "field:v.kind reads"]
    assert columns(found, "field:v.size") == ["s.t.k", "s.t.n"]


@pytest.mark.rule("R4.32")
@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("dimension: d { type: location sql_latitude: ${TABLE}.lat ;; sql_longitude: ${TABLE}.lon ;; }", ["s.t.lat", "s.t.lon"]),
        (
            "dimension_group: d { type: duration intervals: [day] sql_start: ${TABLE}.a ;; sql_end: ${TABLE}.b ;; }",
            ["s.t.a", "s.t.b"],
        ),
        ("dimension: d { type: duration_day sql_start: ${TABLE}.a ;; sql_end: ${TABLE}.b ;; }", ["s.t.a", "s.t.b"]),
        ("measure: d { type: sum_distinct sql: ${TABLE}.a ;; sql_distinct_key: ${TABLE}.k ;; }", ["s.t.a", "s.t.k"]),
        ("dimension: d { type: tier tiers: [1, 2] sql: ${TABLE}.a ;; }", ["s.t.a"]),
        ("dimension: d { type: yesno sql: ${TABLE}.a > 1 ;; }", ["s.t.a"]),
        ("measure: d { type: percentile percentile: 75 sql: ${TABLE}.a ;; }", ["s.t.a"]),
    ],
)
def test_every_sql_parameter_of_a_field_is_read(declared: str, expected: list[str]) -> None:
    assert columns(of(declared), "field:v.d") == expected


# -- references --------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14.3")
def test_a_reference_is_an_edge_to_the_field_and_not_to_its_columns() -> None:
    found = of(
        """
        dimension: net { sql: ${TABLE}.amount - ${TABLE}.tax ;; }
        dimension: label { sql: concat(${net}, ${TABLE}.currency) ;; }
        measure: total { type: sum sql: ${net} ;; }
        measure: mean { type: number sql: ${total} / NULLIF(${n}, 0) ;; }
        measure: n { type: count }
        """
    )

    assert edges(found, "field:v.label") == ["column:s.t.currency reads", "field:v.net reads"]
    assert edges(found, "field:v.total") == ["field:v.net reads"]
    assert edges(found, "field:v.mean") == ["field:v.n reads", "field:v.total reads"]
    assert columns(found, "field:v.mean") == ["s.t.amount", "s.t.tax"]


@pytest.mark.rule("R4.7")
@pytest.mark.rule("R4.8")
@pytest.mark.rule("R4.9")
@pytest.mark.rule("R4.12")
@pytest.mark.rule("R14.4")
@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("${created_date}", "created"),
        ("${created_raw}", "created"),
        ("${any_hour_of_day}", "any"),
        ("${paid}", "paid"),
        ("${days_open}", "open"),
        ("${weeks_open}", "open"),
        ("${created_date::datetime}", "created"),
        ("${v.created_date}", "created"),
    ],
)
def test_a_timeframe_or_interval_means_its_group(reference: str, expected: str) -> None:
    found = of(
        f"""
        dimension_group: created {{ type: time timeframes: [raw, date] sql: ${{TABLE}}.created_at ;; }}
        dimension_group: any {{ type: time sql: ${{TABLE}}.any_at ;; }}
        dimension_group: paid {{ type: time timeframes: [yesno, date] sql: ${{TABLE}}.paid_at ;; }}
        dimension_group: open {{
          type: duration intervals: [day, week] sql_start: ${{created_raw}} ;; sql_end: ${{TABLE}}.closed_at ;;
        }}
        measure: m {{ type: max sql: {reference} ;; }}
        """
    )

    assert edges(found, "field:v.m") == [f"field:v.{expected} reads"]


@pytest.mark.rule("R4.7")
def test_a_group_may_be_called_like_a_timeframe_of_another() -> None:
    found = of(
        """
        dimension_group: created { type: time timeframes: [raw, date] sql: ${TABLE}.created_at ;; }
        dimension_group: created_date { type: time timeframes: [date] sql: ${TABLE}.other_at ;; }
        measure: m { type: max sql: ${created_date_date} ;; }
        """
    )

    assert edges(found, "field:v.m") == ["field:v.created_date reads"]
    assert columns(found, "field:v.m") == ["s.t.other_at"]


@pytest.mark.rule("R4.12")
def test_a_duration_reads_its_start_and_its_end() -> None:
    found = of(
        """
        dimension_group: created { type: time timeframes: [raw] sql: ${TABLE}.created_at ;; }
        dimension_group: open { type: duration intervals: [day] sql_start: ${created_raw} ;; sql_end: ${TABLE}.closed_at ;; }
        measure: mean { type: average sql: ${days_open} ;; }
        """
    )

    assert edges(found, "field:v.open") == ["column:s.t.closed_at reads", "field:v.created reads"]
    assert columns(found, "field:v.mean") == ["s.t.closed_at", "s.t.created_at"]


@pytest.mark.rule("R4.18")
def test_a_count_reads_the_primary_key_and_no_column_of_its_name() -> None:
    found = of("dimension: id { primary_key: yes sql: ${TABLE}.key ;; } measure: n { type: count }")

    assert edges(found, "field:v.n") == ["field:v.id reads"]
    assert "column:s.t.n" not in found.lineage.graph.nodes


@pytest.mark.rule("R4.18")
def test_a_count_without_a_primary_key_reads_no_column() -> None:
    found = of('measure: n { type: count } measure: other { type: count filters: [state: "x"] } dimension: state {}')

    assert edges(found, "field:v.n") == []
    assert gaps(found, "field:v.n") == []
    assert edges(found, "field:v.other") == ["field:v.state filter"]
    assert sorted(one for one in found.lineage.graph.nodes if one.startswith("column:")) == ["column:s.t.state"]


@pytest.mark.rule("R4.34")
def test_a_count_by_a_key_of_several_columns() -> None:
    found = of("dimension: pk { primary_key: yes sql: concat(${TABLE}.a, ${b}) ;; } dimension: b {} measure: n { type: count }")

    assert columns(found, "field:v.n") == ["s.t.a", "s.t.b"]


@pytest.mark.rule("R4.35")
@pytest.mark.parametrize(
    "filters",
    [
        'filters: [state: "x", created_date: "7 days"]',
        'filters: [v.state: "x"] filters: [v.created_date: "7 days"]',
        'filters: { field: state value: "x" } filters: { field: created_date value: "7 days" }',
    ],
)
def test_the_filters_of_a_measure_are_read_to_filter(filters: str) -> None:
    found = of(
        f"""
        dimension: state {{}}
        dimension_group: created {{ type: time timeframes: [date] sql: ${{TABLE}}.at ;; }}
        measure: m {{ type: sum sql: ${{TABLE}}.x ;; {filters} }}
        """
    )

    assert edges(found, "field:v.m") == ["column:s.t.x reads", "field:v.created filter", "field:v.state filter"]


@pytest.mark.rule("R4.19")
@pytest.mark.rule("R4.21")
@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("measure: m { type: list list_field: state }", ["field:v.state reads"]),
        (
            "measure: m { type: period_over_period based_on: n based_on_time: created_date period: year kind: previous }",
            ["field:v.created reads", "field:v.n reads"],
        ),
        ("measure: m { type: percent_of_total sql: ${n} ;; }", ["field:v.n reads"]),
        ("measure: m { type: running_total sql: ${n} ;; }", ["field:v.n reads"]),
        pytest.param(
            "dimension: m { type: distance start_location_field: home end_location_field: v.shop }",
            ["field:v.home reads", "field:v.shop reads"],
        ),
    ],
)
def test_fields_that_are_named_outside_sql(declared: str, expected: list[str]) -> None:
    found = of(
        f"""
        dimension: state {{}}
        dimension_group: created {{ type: time timeframes: [date] sql: ${{TABLE}}.at ;; }}
        dimension: home {{ type: location sql_latitude: ${{TABLE}}.a ;; sql_longitude: ${{TABLE}}.b ;; }}
        dimension: shop {{ type: location sql_latitude: ${{TABLE}}.c ;; sql_longitude: ${{TABLE}}.d ;; }}
        measure: n {{ type: count }}
        {declared}
        """
    )

    assert edges(found, "field:v.m") == expected


@pytest.mark.rule("R4.31")
def test_an_expression_reads_the_fields_that_it_names() -> None:
    found = of("dimension: a {} dimension: b {} dimension: d { type: number expression: ${a} + ${v.b} ;; }")

    assert edges(found, "field:v.d") == ["field:v.a reads", "field:v.b reads"]
    assert "column:s.t.d" not in found.lineage.graph.nodes


@pytest.mark.rule("R4.36")
def test_a_filter_with_sql_reads_what_stands_in_it() -> None:
    found = of(
        "dimension: city {} filter: f { type: string sql: {% condition f %} ${city} {% endcondition %} OR ${TABLE}.vip ;; }"
    )

    assert edges(found, "field:v.f") == ["column:s.t.vip reads", "field:v.city reads"]


def test_names_with_digits_and_capitals() -> None:
    found = of("dimension: 28_day_total {} dimension: Big {} measure: m { type: sum sql: ${28_day_total} + ${Big} ;; }")

    assert edges(found, "field:v.m") == ["field:v.28_day_total reads", "field:v.Big reads"]
    assert columns(found, "field:v.m") == ["s.t.28_day_total", "s.t.big"]


@pytest.mark.rule("R4.26")
def test_a_field_may_read_the_table_of_another_view() -> None:
    found = traced(
        """
        view: rates { sql_table_name: s.rates ;; dimension: id {} }
        view: v { sql_table_name: s.t ;;
          dimension: d { sql: ${TABLE}.x * (SELECT max(r.rate) FROM ${rates.SQL_TABLE_NAME} AS r WHERE r.day = ${day}) ;; }
          dimension: day { sql: ${TABLE}.d ;; } }
        """
    )

    assert columns(found, "field:v.d") == ["s.rates.day", "s.rates.rate", "s.t.d", "s.t.x"]


@pytest.mark.rule("R4.26")
def test_a_field_may_read_its_own_table_again() -> None:
    found = of("dimension: top { sql: (SELECT max(x.n) FROM ${v.SQL_TABLE_NAME} AS x WHERE x.k = ${TABLE}.k) ;; }")

    assert columns(found, "field:v.top") == ["s.t.k", "s.t.n"]
    assert tables(found) == ["s.t"]


def test_a_field_that_is_not_there_and_a_view_that_is_not_there() -> None:
    found = of("dimension: d { sql: ${gone} + ${TABLE}.a ;; } dimension: e { sql: ${nobody.x} ;; }")

    assert edges(found, "field:v.d") == ["column:s.t.a reads"]
    assert gaps(found, "field:v.d") == ["unknown-field v.gone"]
    assert gaps(found, "field:v.e") == ["unknown-view nobody.x"]


@pytest.mark.rule("R4.43")
def test_sql_does_not_find_a_field_by_an_old_name_and_what_is_no_sql_does() -> None:
    renamed = "dimension: new { alias: [old] }"
    found = of(f'dimension: d {{ sql: ${{old}} ;; }} measure: n {{ type: count filters: [old: "1"] }} {renamed}')

    assert (edges(found, "field:v.d"), gaps(found, "field:v.d")) == ([], ["unknown-field v.old"])
    assert (edges(found, "field:v.n"), gaps(found, "field:v.n")) == (["field:v.new filter"], [])
    unread = of(f"dimension: d {{ sql: CASE WHEN ${{old}} ;; }} {renamed}")
    assert (edges(unread, "field:v.d"), gaps(unread, "field:v.d")) == ([], ["unknown-field v.old"])


@pytest.mark.rule("R14.11")
def test_what_stands_in_braces_is_seen_in_sql_that_cannot_be_read() -> None:
    found = of("dimension: bad { sql: upper(coalesce(${TABLE}.a, ${b}) ;; } dimension: b {}")

    assert edges(found, "field:v.bad") == ["column:s.t.a reads inferred", "field:v.b reads"]
    assert gaps(found, "field:v.bad") == []


def test_empty_sql_reads_nothing_and_leaves_the_view_whole() -> None:
    found = of("measure: m { type: sum sql: ;; } dimension: d {}")

    assert edges(found, "field:v.m") == []
    assert columns(found, "field:v.d") == ["s.t.d"]


@pytest.mark.parametrize("sql", ["((((", "a b c d", "'open", ") ) )"])
def test_sql_that_cannot_be_read_is_unknown_and_counted(sql: str) -> None:
    found = of(f"dimension: bad {{ sql: {sql}\n;; }} dimension: good {{}}")

    assert [gap.split()[0] for gap in gaps(found, "field:v.bad")] == ["unread-sql"]
    assert columns(found, "field:v.good") == ["s.t.good"]


# -- explores ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.25")
def test_a_scoped_reference_means_whatever_view_has_that_alias_in_the_explore() -> None:
    found = traced(
        """
        view: orders { sql_table_name: s.orders ;; dimension: who { sql: ${person.name} ;; } dimension: pid {} }
        view: customers { sql_table_name: s.customers ;; dimension: id {} dimension: name { sql: ${TABLE}.cname ;; } }
        view: staff { sql_table_name: s.staff ;; dimension: id {} dimension: name { sql: ${TABLE}.sname ;; } }
        explore: sales { from: orders view_name: orders join: person { from: customers sql_on: ${orders.pid} = ${person.id} ;; } }
        explore: work { from: orders view_name: orders join: person { from: staff sql_on: ${orders.pid} = ${person.id} ;; } }
        """
    )

    assert edges(found, "field:orders.who") == ["field:customers.name reads", "field:staff.name reads"]
    assert columns(found, "field:orders.who") == ["s.customers.cname", "s.staff.sname"]


@pytest.mark.rule("R6.19")
def test_a_reference_that_one_explore_knows_and_another_does_not() -> None:
    found = traced(
        """
        view: orders { sql_table_name: s.orders ;; dimension: who { sql: ${users.name} ;; } dimension: uid {} }
        view: users { sql_table_name: s.users ;; dimension: id {} dimension: name {} }
        explore: full { view_name: orders join: users { sql_on: ${orders.uid} = ${users.id} ;; } }
        explore: bare { view_name: orders }
        """
    )

    assert edges(found, "field:orders.who") == ["field:users.name reads"]
    assert columns(found, "field:orders.who") == ["s.users.name"]


@pytest.mark.rule("R6.2")
def test_a_view_under_two_aliases_reads_the_same_columns() -> None:
    found = traced(
        """
        view: orders { sql_table_name: s.orders ;; dimension: buyer_id {} dimension: seller_id {} }
        view: users { sql_table_name: s.users ;; dimension: id {} dimension: name {} dimension: shout { sql: upper(${name}) ;; } }
        explore: orders {
          join: buyer { from: users sql_on: ${orders.buyer_id} = ${buyer.id} ;; }
          join: seller { from: users sql_on: ${orders.seller_id} = ${seller.id} ;; }
        }
        """
    )

    assert edges(found, "field:users.shout") == ["field:users.name reads"]
    assert columns(found, "field:users.name") == ["s.users.name"]
    assert edges(found, "explore:m/orders") == [
        "field:orders.buyer_id join_condition",
        "field:orders.seller_id join_condition",
        "field:users.id join_condition",
        "view:orders joins_always",
        "view:users joins_on_demand",
    ]


@pytest.mark.rule("R14.2")
def test_only_fields_that_read_a_column_change_with_it() -> None:
    found = of(
        """
        dimension: a {} dimension: b {} dimension: both { sql: ${TABLE}.a + ${TABLE}.b ;; }
        measure: total { type: sum sql: ${a} ;; } measure: other { type: sum sql: ${b} ;; }
        """
    )

    reached = found.lineage.graph.downstream(["column:s.t.a"])
    assert sorted(one for one in reached if one.startswith("field:")) == ["field:v.a", "field:v.both", "field:v.total"]


@pytest.mark.rule("R4.6")
@pytest.mark.rule("R4.7")
@pytest.mark.parametrize("other", ["dimension: made { sql: ${TABLE}.day ;; }", "filter: made { sql: ${TABLE}.day ;; }"])
@pytest.mark.parametrize("group_first", [True, False])
def test_a_group_and_a_field_of_one_name_are_two(other: str, *, group_first: bool) -> None:
    group = "dimension_group: made { type: time timeframes: [date] sql: ${TABLE}.made_at ;; }"
    using = "dimension: a { sql: ${made} ;; } dimension: b { sql: ${made_date} ;; }"

    found = of(" ".join([group, other, using] if group_first else [other, group, using]))

    assert edges(found, "field:v.made") == ["column:s.t.day reads"]
    assert edges(found, "field:v.made~group") == ["column:s.t.made_at reads"]
    assert edges(found, "field:v.a") == ["field:v.made reads"]
    assert edges(found, "field:v.b") == ["field:v.made~group reads"]
    assert found.lineage.graph.nodes["field:v.made~group"].label == "v.made~group"


# -- custom calendars --------------------------------------------------------------------------------------------------

CALENDAR = """
    view: cal {
      sql_table_name: ops.cal ;;
      calendar_definition: {
        reference_date: ref_day
        timeframe_mapping: { custom_week: wk custom_year: yr }
        timeframe_ordinal_mapping: { custom_week: wk_no custom_year: yr_no }
      }
    }
    view: orders {
      dimension_group: sold {
        type: custom_calendar
        based_on_calendar: cal
        custom_timeframes: [custom_week]
        sql: ${TABLE}.sold_at ;;
      }
    }
    explore: orders {}
"""


@pytest.mark.rule("R14.3")
def test_a_group_of_a_custom_calendar_reads_the_columns_of_the_calendar_that_its_timeframes_are() -> None:
    found = traced(CALENDAR)

    assert columns(found, "field:orders.sold") == [
        "ops.cal.ref_day",
        "ops.cal.wk",
        "ops.cal.wk_no",
        "orders.sold_at",
    ]


@pytest.mark.rule("R14.5")
def test_an_explore_joins_the_calendar_of_its_fields_on_demand() -> None:
    assert edges(traced(CALENDAR), "explore:m/orders") == ["view:cal joins_on_demand", "view:orders joins_always"]
