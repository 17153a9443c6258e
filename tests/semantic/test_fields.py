"""Fields: kinds, types, generated names, and what a field refers to (R4.6-R4.36, R4.43)."""

from __future__ import annotations

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.semantic.fields import is_generated_by
from dagster_lookml.semantic.objects import Field, FilterTerm
from dagster_lookml.source import Span
from tests.building import compiled, field, findings, rules, sql, view

NOWHERE = Span("", 0, 0)  # a span equals every other


def only_field(text: str) -> Field:
    """The first field of a view that holds the text."""
    return view(compiled(f"view: v {{ {text} }}"), "v").fields[0]


# -- kinds and names ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.6")
def test_a_view_has_fields_of_five_kinds_in_the_order_they_stand_in() -> None:
    project = compiled(
        """
        view: v {
          measure: count { type: count }
          dimension: id {}
          parameter: choice {}
          dimension_group: created { type: time timeframes: [date] }
          filter: period {}
        }
        """
    )

    assert [(one.kind, one.name) for one in view(project, "v").fields] == [
        ("measure", "count"),
        ("dimension", "id"),
        ("parameter", "choice"),
        ("dimension_group", "created"),
        ("filter", "period"),
    ]


@pytest.mark.rule("R4.6")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("dimension", "dimension"),
        ("dimension", "measure"),
        ("dimension", "filter"),
        ("dimension", "parameter"),
        ("measure", "filter"),
        ("measure", "parameter"),
        ("filter", "parameter"),
        ("measure", "measure"),
        ("dimension_group", "dimension_group"),
    ],
)
def test_two_fields_of_one_name_are_an_error_whatever_their_kinds(first: str, second: str) -> None:
    made = {"measure": "type: count"}
    project = compiled(f"view: v {{ {first}: a {{ {made.get(first, '')} }} {second}: a {{ {made.get(second, '')} }} }}")

    assert rules(project) == ["duplicate-field"]


@pytest.mark.rule("R4.6")
@pytest.mark.parametrize("kind", ["dimension", "measure", "filter", "parameter"])
def test_the_name_of_a_dimension_group_is_no_field_and_so_may_be_one_beside_it(kind: str) -> None:
    """R4.6 lists groups among the kinds of one namespace; Segment's blocks, which work, have filters and groups of one name."""
    made = "type: count" if kind == "measure" else ""
    project = compiled(f"view: v {{ dimension_group: a {{ type: time timeframes: [date] }} {kind}: a {{ {made} }} }}")

    assert rules(project) == []
    assert [(one.kind, one.names) for one in view(project, "v").fields] == [("dimension_group", ("a_date",)), (kind, ("a",))]


@pytest.mark.rule("R4.6")
def test_fields_of_one_name_in_two_views_do_not_meet() -> None:
    project = compiled("view: a { dimension: id {} } view: b { measure: id { type: count } }")

    assert rules(project) == []


@pytest.mark.rule("R4.7")
def test_a_dimension_group_makes_one_dimension_for_each_timeframe() -> None:
    group = only_field("dimension_group: g { type: time timeframes: [raw, date, week, day_of_week_index] }")

    assert group.names == ("g_raw", "g_date", "g_week", "g_day_of_week_index")
    assert group.every_timeframe is False


@pytest.mark.rule("R4.7")
def test_a_group_called_date_repeats_the_timeframe_in_its_names() -> None:
    group = only_field("dimension_group: created_date { type: time timeframes: [date] }")

    assert group.names == ("created_date_date",)


@pytest.mark.rule("R4.7")
def test_the_name_of_a_group_is_no_field() -> None:
    project = compiled(
        """
        view: v {
          dimension_group: g { type: time timeframes: [date] }
          dimension: good { sql: ${g_date} ;; }
          dimension: bad { sql: ${g} ;; }
        }
        explore: v {}
        """
    )

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R4.7")
def test_a_timeframe_that_a_group_does_not_list_is_no_field() -> None:
    project = compiled(
        """
        view: v {
          dimension_group: g { type: time timeframes: [date] }
          dimension: bad { sql: ${g_week} ;; }
        }
        explore: v {}
        """
    )

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R4.8")
def test_the_timeframe_yesno_makes_a_field_named_like_its_group() -> None:
    project = compiled(
        """
        view: v {
          dimension_group: returned { type: time timeframes: [yesno, date] }
          dimension: state { sql: CASE WHEN ${returned} THEN ${returned_date} END ;; }
        }
        explore: v {}
        """
    )

    assert field(view(project, "v"), "returned").names == ("returned", "returned_date")
    assert rules(project) == []


@pytest.mark.rule("R4.8")
def test_the_timeframe_yesno_makes_no_field_with_a_suffix() -> None:
    project = compiled(
        """
        view: v {
          dimension_group: returned { type: time timeframes: [yesno] }
          dimension: bad { sql: ${returned_yesno} ;; }
        }
        explore: v {}
        """
    )

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R4.9")
def test_a_time_group_without_timeframes_is_listed_with_the_usual_ones() -> None:
    group = only_field("dimension_group: g { type: time }")

    assert group.every_timeframe is True
    assert set(group.names) == {
        "g_raw",
        "g_time",
        "g_time_of_day",
        "g_hour",
        "g_hour_of_day",
        "g_minute",
        "g_second",
        "g_date",
        "g_week",
        "g_day_of_week",
        "g_day_of_week_index",
        "g_day_of_month",
        "g_day_of_year",
        "g_week_of_year",
        "g_month",
        "g_month_num",
        "g_month_name",
        "g_quarter",
        "g_quarter_of_year",
        "g_year",
    }
    assert len(group.names) == 20


VALID_TIMEFRAMES = """
    raw time time_of_day hour hour_of_day hour2 hour3 hour4 hour6 hour8 hour12 minute minute2 minute3 minute4 minute5 minute6
    minute10 minute12 minute15 minute20 minute30 second millisecond millisecond2 millisecond4 millisecond5 millisecond8
    millisecond10 millisecond20 millisecond25 millisecond40 millisecond50 millisecond100 millisecond125 millisecond200
    millisecond250 millisecond500 microsecond date week day_of_week day_of_week_index month month_num month_name day_of_month
    fiscal_month_num quarter quarter_of_year fiscal_quarter fiscal_quarter_of_year year day_of_year week_of_year fiscal_year
""".split()


@pytest.mark.rule("R4.9")
@pytest.mark.rule("R4.10")
@pytest.mark.parametrize("timeframe", VALID_TIMEFRAMES)
def test_a_group_without_timeframes_has_every_timeframe_there_is(timeframe: str) -> None:
    group = only_field("dimension_group: g { type: time }")

    assert is_generated_by(group, f"g_{timeframe}")


@pytest.mark.rule("R4.9")
@pytest.mark.rule("R4.10")
def test_a_reference_to_a_timeframe_that_is_not_listed_is_good_where_none_are_written() -> None:
    project = compiled(
        """
        view: v {
          dimension_group: g { type: time }
          dimension: a { sql: ${g_hour12} || ${g_fiscal_quarter} || ${g_millisecond250} ;; }
        }
        explore: v {}
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R4.9")
@pytest.mark.rule("R4.10")
@pytest.mark.parametrize("timeframe", ["hour5", "minute7", "millisecond3", "decade", "day", "day_of_quarter", "hours", ""])
def test_a_group_without_timeframes_has_none_that_does_not_exist(timeframe: str) -> None:
    project = compiled(
        f"""
        view: v {{
          dimension_group: g {{ type: time }}
          dimension: bad {{ sql: ${{g_{timeframe}}} ;; }}
        }}
        explore: v {{}}
        """
    )

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R4.8")
@pytest.mark.rule("R4.9")
def test_a_group_without_timeframes_has_no_field_that_ends_in_yesno() -> None:
    project = compiled(
        """
        view: v {
          dimension_group: g { type: time }
          dimension: bad { sql: ${g_yesno} ;; }
        }
        explore: v {}
        """
    )

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R4.10")
@pytest.mark.parametrize("timeframe", [*VALID_TIMEFRAMES, "yesno"])
def test_every_timeframe_there_is_can_be_listed(timeframe: str) -> None:
    project = compiled(f"view: v {{ dimension_group: g {{ type: time timeframes: [{timeframe}] }} }} explore: v {{}}")

    assert rules(project) == []


@pytest.mark.rule("R4.10")
@pytest.mark.parametrize("timeframe", ["hour5", "minute7", "millisecond3", "day_of_quarter", "days"])
def test_a_timeframe_that_does_not_exist_is_a_warning_and_makes_its_field(timeframe: str) -> None:
    project = compiled(f"view: v {{ dimension_group: g {{ type: time timeframes: [date, {timeframe}] }} }} explore: v {{}}")

    assert rules(project) == ["unknown-timeframe"]
    assert field(view(project, "v"), "g").names == ("g_date", f"g_{timeframe}")


@pytest.mark.rule("R4.11")
def test_lookml_can_use_the_timeframe_raw() -> None:
    project = compiled(
        """
        view: v {
          dimension_group: g { type: time timeframes: [raw, date] }
          dimension: age { type: number sql: DATE_DIFF(CURRENT_DATE, ${g_raw}, DAY) ;; }
        }
        explore: v {}
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R4.12")
def test_a_duration_group_makes_plural_names_that_end_in_the_group() -> None:
    group = only_field("dimension_group: enrolled { type: duration intervals: [day, week] sql_start: ${a} ;; sql_end: ${b} ;; }")

    assert group.names == ("days_enrolled", "weeks_enrolled")
    assert [(text.parameter, text.value) for text in group.sql] == [("sql_start", "${a}"), ("sql_end", "${b}")]


@pytest.mark.rule("R4.12")
def test_a_duration_group_without_intervals_has_all_eight() -> None:
    group = only_field("dimension_group: open { type: duration sql_start: ${TABLE}.a ;; sql_end: ${TABLE}.b ;; }")

    assert group.names == (
        "seconds_open",
        "minutes_open",
        "hours_open",
        "days_open",
        "weeks_open",
        "months_open",
        "quarters_open",
        "years_open",
    )


@pytest.mark.rule("R4.12")
@pytest.mark.parametrize(("name", "found"), [("days_g", []), ("g", ["unknown-field"]), ("day_g", ["unknown-field"])])
def test_a_duration_is_referred_to_by_its_plural_name_only(name: str, found: list[str]) -> None:
    project = compiled(
        f"""
        view: v {{
          dimension_group: g {{ type: duration intervals: [day] sql_start: ${{TABLE}}.a ;; sql_end: ${{TABLE}}.b ;; }}
          measure: average {{ type: average sql: ${{{name}}} ;; }}
        }}
        explore: v {{}}
        """
    )

    assert rules(project) == found


@pytest.mark.rule("R4.12")
@pytest.mark.parametrize("interval", ["decade", "days", "date", "millisecond"])
def test_an_interval_that_does_not_exist_is_a_fault(interval: str) -> None:
    project = compiled(
        f"view: v {{ dimension_group: g {{ type: duration intervals: [day, {interval}] sql_start: 1 ;; sql_end: 2 ;; }} }}"
    )

    assert rules(project) == ["unknown-timeframe"]


@pytest.mark.rule("R4.13")
def test_a_dimension_group_without_a_type_is_of_time() -> None:
    group = only_field("dimension_group: g { timeframes: [date] }")

    assert (group.type, group.names) == ("time", ("g_date",))


@pytest.mark.rule("R4.14")
@pytest.mark.parametrize("of_type", ["date_month", "date_time", "date_fiscal_quarter", "duration_day"])
def test_a_single_dimension_of_a_time_keeps_its_own_name(of_type: str) -> None:
    one = only_field(f"dimension: x {{ type: {of_type} sql_start: ${{TABLE}}.a ;; sql_end: ${{TABLE}}.b ;; }}")

    assert (one.kind, one.type, one.names) == ("dimension", of_type, ("x",))


@pytest.mark.rule("R4.15")
@pytest.mark.rule("R4.16")
@pytest.mark.parametrize(("kind", "default"), [("dimension", "string"), ("measure", "string"), ("dimension_group", "time")])
def test_a_field_without_a_type_has_the_default_of_its_kind(kind: str, default: str) -> None:
    assert only_field(f"{kind}: a {{}}").type == default


@pytest.mark.rule("R4.16")
@pytest.mark.parametrize(
    "of_type",
    """average average_distinct count count_distinct list max median median_distinct min percentile percentile_distinct sum
    sum_distinct period_over_period date number string yesno percent_of_previous percent_of_total running_total int""".split(),
)
def test_every_type_of_measure_is_taken_as_written(of_type: str) -> None:
    parts = {"list": "list_field: id", "period_over_period": "based_on: n based_on_time: g_date", "count": ""}
    project = compiled(
        f"""
        view: v {{
          dimension: id {{ primary_key: yes }} dimension_group: g {{ type: time timeframes: [date] }} measure: n {{ type: count }}
          measure: m {{ type: {of_type} {parts.get(of_type, "sql: 1 ;;")} }}
        }}
        explore: v {{}}
        """
    )

    assert field(view(project, "v"), "m").type == of_type
    assert rules(project) == []


@pytest.mark.rule("R4.15")
@pytest.mark.parametrize(
    ("kind", "of_type"),
    [
        *(("dimension", one) for one in "string number yesno date date_time date_week tier bin zipcode".split()),
        *(("dimension", one) for one in "location distance duration_week".split()),
        *(("filter", one) for one in "string number date date_time yesno".split()),
        *(("parameter", one) for one in "string number unquoted date date_time yesno".split()),
        *(("dimension_group", one) for one in "time duration".split()),
    ],
)
def test_every_type_there_is_can_be_written(kind: str, of_type: str) -> None:
    parts = {
        "location": "sql_latitude: 1 ;; sql_longitude: 1 ;;",
        "distance": "start_location_field: b end_location_field: b",
        "duration": "sql_start: 1 ;; sql_end: 2 ;;",
        "duration_week": "sql_start: 1 ;; sql_end: 2 ;;",
        "tier": "tiers: [0, 10]",
        "bin": "bins: [0, 10]",
    }
    project = compiled(f"view: v {{ dimension: b {{}} {kind}: a {{ type: {of_type} {parts.get(of_type, '')} }} }}")

    assert field(view(project, "v"), "a").type == of_type
    assert rules(project) == []


@pytest.mark.rule("R4.15")
@pytest.mark.rule("R4.16")
@pytest.mark.parametrize(
    ("kind", "of_type"),
    [
        ("dimension", "text"),
        ("dimension", "sum"),
        ("dimension", "time"),
        ("dimension", "duration"),
        ("dimension", "unquoted"),
        ("measure", "avg"),
        ("measure", "tier"),
        ("filter", "sum"),
        ("parameter", "tier"),
        ("dimension_group", "date"),
    ],
)
def test_a_type_that_does_not_exist_is_a_fault(kind: str, of_type: str) -> None:
    project = compiled(f"view: v {{ {kind}: a {{ type: {of_type} }} }}")

    assert rules(project) == ["unknown-value"]


@pytest.mark.rule("R4.15")
@pytest.mark.parametrize("written", ["type: time timeframes: [raw, date]", "timeframes: [raw, date] type: time"])
def test_a_type_of_dimension_groups_in_a_dimension_is_told_once_with_what_helps(written: str) -> None:
    project = compiled(f"view: v {{ dimension: a {{ {written} sql: ${{TABLE}}.a ;; }} }} explore: v {{}}")

    [found] = findings(project)
    assert found.endswith("unknown-value `type: time` is no type of a dimension, but of a dimension_group")


@pytest.mark.rule("R4.15")
@pytest.mark.parametrize("written", ["type: date timeframes: [raw, date]", "intervals: [day]"])
def test_what_lists_the_fields_of_a_group_is_no_parameter_of_a_dimension(written: str) -> None:
    project = compiled(f"view: v {{ dimension: a {{ {written} sql: ${{TABLE}}.a ;; }} }} explore: v {{}}")

    assert rules(project) == ["unknown-parameter"]


@pytest.mark.parametrize(
    ("parameter", "is_fault"),
    [
        ("hidden: banana", True),
        ("primary_key: true", True),
        ("hidden: yes", False),
        ("hidden: No", False),
        ('hidden: "@{hide}"', False),
    ],
)
def test_some_parameters_say_yes_or_no(parameter: str, is_fault: bool) -> None:
    files = {
        "m.model.lkml": f'connection: "c" view: v {{ dimension: a {{ {parameter} }} }}',
        "manifest.lkml": 'constant: hide { value: "yes" }',
    }

    assert rules(compiled(files)) == ["unknown-value"] * is_fault


# -- measures ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.18")
def test_a_count_has_no_sql() -> None:
    count = only_field("measure: count { type: count }")

    assert count.sql == ()


@pytest.mark.rule("R4.18", "R4.34")
@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ("dimension: id { primary_key: yes } dimension: name {}", ["id"]),
        ("dimension: id { primary_key: no }", []),
        ("dimension: name {}", []),
    ],
)
def test_a_count_counts_by_the_primary_key(fields: str, counted: list[str]) -> None:
    project = compiled(f"view: v {{ {fields} measure: count {{ type: count }} }}")

    assert [one.name for one in view(project, "v").primary_key] == counted


@pytest.mark.rule("R4.19")
def test_a_list_names_the_dimension_it_lists() -> None:
    names = only_field("measure: names { type: list list_field: name }")

    assert [(one.parameter, one.name) for one in names.references] == [("list_field", "name")]
    assert names.sql == ()


@pytest.mark.rule("R4.20")
def test_a_distinct_measure_refers_to_its_key() -> None:
    total = only_field("measure: total { type: sum_distinct sql_distinct_key: ${order_id} ;; sql: ${shipping} ;; }")

    assert [(text.parameter, text.value) for text in total.sql] == [
        ("sql_distinct_key", "${order_id}"),
        ("sql", "${shipping}"),
    ]


@pytest.mark.rule("R4.20")
def test_the_key_of_a_distinct_measure_must_exist() -> None:
    project = compiled(
        """
        view: v {
          dimension: id {}
          measure: total { type: sum_distinct sql_distinct_key: ${order_id} ;; sql: ${id} ;; }
        }
        explore: v {}
        """
    )

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R4.21")
def test_a_period_over_period_measure_is_based_on_a_measure_and_a_time() -> None:
    last_year = only_field(
        """
        measure: last_year {
          type: period_over_period based_on: total based_on_time: orders.created_year
          period: year kind: difference value_to_date: yes
        }
        """
    )

    assert [(one.parameter, one.name) for one in last_year.references] == [
        ("based_on", "total"),
        ("based_on_time", "orders.created_year"),
    ]
    assert last_year.properties == (("kind", "difference"), ("period", "year"), ("value_to_date", "yes"))
    assert last_year.sql == ()


@pytest.mark.rule("R4.22")
@pytest.mark.parametrize(
    "of_type", ["number", "yesno", "date", "string", "percent_of_total", "percent_of_previous", "running_total"]
)
def test_a_measure_can_refer_to_a_measure(of_type: str) -> None:
    project = compiled(
        f"""
        view: v {{
          measure: total {{ type: sum sql: ${{TABLE}}.amount ;; }}
          measure: other {{ type: {of_type} sql: ${{total}} ;; }}
        }}
        explore: v {{}}
        """
    )

    assert sql(view(project, "v"), "other") == "${total}"
    assert rules(project) == []


# -- SQL ---------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.23")
@pytest.mark.parametrize("kind", ["dimension", "measure", "dimension_group", "filter", "parameter"])
def test_a_field_without_sql_has_none_written(kind: str) -> None:
    assert only_field(f'{kind}: a {{ label: "A" }}').sql == ()


@pytest.mark.rule("R4.24")
@pytest.mark.parametrize("text", ["${TABLE}.a", "${TABLE}.a.b[0].c", '${TABLE}."Order Id"', "${TABLE}.`a b`", "${TABLE}", "a"])
def test_the_sql_of_a_field_is_kept_as_written(text: str) -> None:
    project = compiled(f"view: v {{ dimension: x {{ sql: {text} ;; }} }} explore: v {{}}")

    assert sql(view(project, "v"), "x") == text
    assert rules(project) == []


@pytest.mark.rule("R4.25")
def test_a_reference_without_a_view_means_the_same_view() -> None:
    project = compiled(
        """
        view: a { dimension: x { sql: ${y} ;; } dimension: y {} }
        view: b { dimension: x { sql: ${y} ;; } }
        explore: a { join: b { sql_on: ${a.x} = ${b.x} ;; } }
        """
    )

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R4.25")
def test_a_reference_to_another_view_goes_by_its_alias_in_the_explore() -> None:
    project = compiled(
        """
        view: users { dimension: id {} dimension: name {} }
        view: orders { dimension: buyer_name { sql: ${buyer.name} ;; } dimension: user_id {} }
        explore: orders { join: buyer { from: users sql_on: ${orders.user_id} = ${buyer.id} ;; } }
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R4.25")
@pytest.mark.rule("R6.3")
def test_a_reference_to_another_view_does_not_go_by_the_name_of_its_view() -> None:
    project = compiled(
        """
        view: users { dimension: id {} dimension: name {} }
        view: orders { dimension: buyer_name { sql: ${users.name} ;; } dimension: user_id {} }
        explore: orders { join: buyer { from: users sql_on: ${orders.user_id} = ${buyer.id} ;; } }
        """
    )

    assert rules(project) == ["view-not-joined"]


@pytest.mark.rule("R4.28")
@pytest.mark.parametrize("suffix", ["::date", "::datetime", "::latitude", "::longitude"])
def test_the_type_of_a_typed_reference_is_no_part_of_the_name(suffix: str) -> None:
    project = compiled(
        f"""
        view: v {{
          dimension: place {{ type: location sql_latitude: ${{TABLE}}.a ;; sql_longitude: ${{TABLE}}.b ;; }}
          dimension: x {{ sql: ${{place{suffix}}} ;; }}
          dimension: y {{ sql: ${{v.place{suffix}}} ;; }}
        }}
        explore: v {{}}
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R4.28")
def test_a_typed_reference_must_name_a_field() -> None:
    project = compiled("view: v { dimension: x { sql: ${created::date} ;; } } explore: v {}")

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R4.30")
def test_a_column_of_another_table_without_braces_is_plain_sql() -> None:
    project = compiled("view: v { dimension: x { sql: orders.id + nowhere.amount ;; } } explore: v {}")

    assert rules(project) == []


@pytest.mark.rule("R4.31")
def test_a_looker_expression_is_no_sql() -> None:
    project = compiled("view: v { dimension: a {} dimension: x { type: number expression: round(${v.a}, 2) ;; } }")

    found = field(view(project, "v"), "x")

    assert [(text.parameter, text.value) for text in found.expressions] == [("expression", "round(${v.a}, 2)")]
    assert found.sql == ()


@pytest.mark.rule("R4.32")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dimension: x { sql: ${a} ;; }", [("sql", "${a}")]),
        (
            "dimension: x { type: location sql_latitude: ${a} ;; sql_longitude: ${b} ;; }",
            [("sql_latitude", "${a}"), ("sql_longitude", "${b}")],
        ),
        (
            "dimension: x { type: duration_day sql_start: ${a} ;; sql_end: ${b} ;; }",
            [("sql_start", "${a}"), ("sql_end", "${b}")],
        ),
        ("measure: x { type: sum_distinct sql_distinct_key: ${a} ;; }", [("sql_distinct_key", "${a}")]),
    ],
)
def test_every_sql_parameter_of_a_field_is_its_sql(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.parameter, one.value) for one in only_field(text).sql] == expected


@pytest.mark.rule("R4.32")
@pytest.mark.rule("R4.33")
def test_the_sql_of_a_case_is_that_of_all_its_branches() -> None:
    state = only_field(
        """
        dimension: state { case: {
          when: { sql: ${TABLE}.code = 1 ;; label: "New" }
          when: { sql: ${code} = 2 ;; label: "Done" }
          else: "Other"
        } }
        """
    )

    assert [(text.parameter, text.value) for text in state.sql] == [
        ("case.when.sql", "${TABLE}.code = 1"),
        ("case.when.sql", "${code} = 2"),
    ]
    assert state.properties == (("case.else", "Other"), ("case.when.label 1", "New"), ("case.when.label 2", "Done"))


@pytest.mark.rule("R4.33")
def test_a_field_in_any_branch_of_a_case_must_exist() -> None:
    project = compiled(
        """
        view: v { dimension: a {} dimension: x { case: {
          when: { sql: ${a} = 1 ;; label: "A" }
          when: { sql: ${gone} = 1 ;; label: "B" }
        } } }
        explore: v {}
        """
    )

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R4.33")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type: tier tiers: [0, 10, 100] style: integer", (("style", "integer"), ("tiers", "[0, 10, 100]"))),
        ("type: bin bins: [0, 10]", (("bins", "[0, 10]"),)),
    ],
)
def test_tiers_and_bins_apply_to_the_sql(text: str, expected: tuple[tuple[str, str], ...]) -> None:
    age = only_field(f"dimension: age {{ {text} sql: ${{TABLE}}.age ;; }}")

    assert age.properties == expected
    assert [one.value for one in age.sql] == ["${TABLE}.age"]


@pytest.mark.rule("R4.32")
@pytest.mark.parametrize(
    ("kind", "parameter", "expected"),
    [
        ("measure", "drill_fields: [id, users.name, detail*]", ["id", "users.name", "detail*"]),
        ("measure", "required_fields: [id, users.id]", ["id", "users.id"]),
        ("dimension", "order_by_field: sort_key", ["sort_key"]),
        ("filter", "suggest_dimension: users.name", ["users.name"]),
        ("filter", "suggest_explore: users", ["users"]),
        ("measure", "list_field: name", ["name"]),
        ("measure", "based_on: total", ["total"]),
        ("measure", "based_on_time: created_date", ["created_date"]),
        ("dimension", "label_from_parameter: choice", ["choice"]),
        ("dimension", "start_location_field: store.place", ["store.place"]),
        ("dimension", "end_location_field: home", ["home"]),
    ],
)
def test_parameters_other_than_sql_refer_to_fields_by_plain_names(kind: str, parameter: str, expected: list[str]) -> None:
    found = only_field(f"{kind}: x {{ {parameter} }}")

    assert [(one.parameter, one.name) for one in found.references] == [(parameter.split(":")[0], name) for name in expected]


@pytest.mark.rule("R4.32")
def test_html_and_links_are_templates() -> None:
    name = only_field('dimension: name { html: <b>{{ value }}</b> ;; link: { label: "Go" url: "/u/{{ users.id._value }}" } }')

    assert [(text.parameter, text.value) for text in name.templates] == [
        ("html", "<b>{{ value }}</b>"),
        ("link.label", "Go"),
        ("link.url", "/u/{{ users.id._value }}"),
    ]


@pytest.mark.rule("R4.34")
def test_a_field_can_be_the_primary_key() -> None:
    project = compiled("view: v { dimension: id { primary_key: yes sql: ${TABLE}.a || ${TABLE}.b ;; } dimension: x {} }")

    assert [one.primary_key for one in view(project, "v").fields] == [True, False]


@pytest.mark.rule("R4.34")
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("yes", "yes", ["duplicate-primary-key"]), ("yes", "no", []), ("no", "no", [])],
)
def test_a_view_has_one_primary_key_at_most(first: str, second: str, expected: list[str]) -> None:
    project = compiled(f"view: v {{ dimension: a {{ primary_key: {first} }} dimension: b {{ primary_key: {second} }} }}")

    assert rules(project) == expected


@pytest.mark.rule("R4.35")
@pytest.mark.parametrize(
    "text",
    [
        'filters: [state: "done", users.age: ">18"]',
        'filters: [state: "done"] filters: [users.age: ">18"]',
        'filters: { field: state value: "done" } filters: { field: users.age value: ">18" }',
        'filters: [state: "done"] filters: { field: users.age value: ">18" }',
    ],
)
def test_the_filters_of_a_measure_mean_the_same_in_every_syntax(text: str) -> None:
    count = only_field(f"measure: count {{ type: count {text} }}")

    assert count.filters == (
        FilterTerm("filters", "state", "done", NOWHERE),
        FilterTerm("filters", "users.age", ">18", NOWHERE),
    )


@pytest.mark.rule("R4.35")
def test_a_filter_of_a_measure_without_a_view_means_the_same_view() -> None:
    project = compiled(
        """
        view: a { dimension: state {} measure: done { type: count filters: [state: "done"] } dimension: id {} }
        view: b { dimension: id { primary_key: yes } measure: done { type: count filters: [state: "done"] } }
        explore: a { join: b { sql_on: ${a.id} = ${b.id} ;; } }
        """
    )

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R4.36")
def test_a_filter_may_carry_sql() -> None:
    project = compiled(
        """
        view: v { filter: since { type: date sql: {% condition %} ${TABLE}.created_at {% endcondition %} ;; } }
        explore: v {}
        """
    )

    assert sql(view(project, "v"), "since") == "{% condition %} ${TABLE}.created_at {% endcondition %}"
    assert rules(project) == []


@pytest.mark.rule("R4.36")
def test_the_values_of_a_parameter_come_from_its_allowed_values() -> None:
    choice = only_field(
        'parameter: c { type: unquoted allowed_value: { label: "Day" value: "day" } allowed_value: { value: "week" } }'
    )

    assert (choice.kind, choice.type, choice.allowed_values) == ("parameter", "unquoted", ("day", "week"))


@pytest.mark.rule("R4.43")
def test_a_field_remembers_its_old_names() -> None:
    state = only_field("dimension: state { alias: [status, old_view.condition] }")

    assert (state.names, state.alias) == (("state",), ("status", "old_view.condition"))


OLD_NAME = "`old` is an alias of `new`: saved content may use it, and SQL has to say `${new}`"


@pytest.mark.rule("R4.43")
@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "explore: v {} view: v { dimension: x { sql: ${old} ;; } ! }",
            "`v.x` refers to `v.old`, which does not exist",
            f"in explore:m/v; {OLD_NAME}",
        ),
        (
            "explore: v { join: w { sql_on: ${w.x} = 1 ;; } } view: w { dimension: x { sql: ${v.old} ;; } } view: v { ! }",
            "`w.x` refers to `v.old`, which does not exist",
            f"in explore:m/v; {OLD_NAME}",
        ),
        (
            "explore: v { join: w { sql_on: ${w.x} = ${v.old} ;; } } view: w { dimension: x {} } view: v { ! }",
            "there is no field `old` in the view `v`",
            OLD_NAME,
        ),
        ("explore: v { sql_always_where: ${v.old} > 1 ;; } view: v { ! }", "there is no field `old` in the view `v`", OLD_NAME),
        ("view: v { dimension: x { sql: ${old} ;; } ! }", "`v.x` refers to `v.old`, which does not exist", OLD_NAME),
    ],
    ids=["field", "field-of-another-view", "join", "explore", "view-without-explore"],
)
def test_sql_cannot_name_a_field_by_an_old_name(text: str, message: str, hint: str) -> None:
    project = compiled(text.replace("!", "dimension: new { alias: [old] }"))
    (one,) = [found for found in check(project) if found.rule == "unknown-field"]

    assert (one.message, one.hint) == (message, hint)


@pytest.mark.rule("R4.43")
@pytest.mark.parametrize(
    "use",
    [
        "drill_fields: [old]",
        "set: few { fields: [old] }",
        'measure: n { type: count filters: [old: "1"] }',
        "dimension: other { order_by_field: old }",
        "dimension: other { sql: 1 -- ${old}\n ;; }",
    ],
)
def test_what_is_no_sql_may_name_a_field_by_an_old_name(use: str) -> None:
    project = compiled(f"explore: v {{}} view: v {{ dimension: new {{ alias: [old] }} {use} }}")

    assert rules(project) == []


@pytest.mark.rule("R4.9")
@pytest.mark.rule("R4.12")
@pytest.mark.rule("R4.23")
def test_the_orders_of_the_rule_book_compile_without_a_finding() -> None:
    project = compiled(
        """
        view: orders {
          dimension: id { primary_key: yes }
          dimension: status {}
          dimension_group: created { type: time timeframes: [raw, date] sql: ${TABLE}.created_at ;; }
          dimension_group: open { type: duration intervals: [day]
            sql_start: ${created_raw} ;; sql_end: ${TABLE}.closed_at ;; }
          measure: count { type: count filters: [status: "done"] }
          measure: avg_open { type: average sql: ${days_open} ;; }
        }
        explore: orders {}
        """
    )

    names = [name for one in view(project, "orders").fields for name in one.names]

    assert names == ["id", "status", "created_raw", "created_date", "days_open", "count", "avg_open"]
    assert rules(project) == []


# -- custom calendars --------------------------------------------------------------------------------------------------

CALENDAR = """
    view: cal {
      sql_table_name: ops.cal ;;
      calendar_definition: {
        reference_date: ref_day
        timeframe_mapping: { custom_week: wk custom_year: yr }
        timeframe_ordinal_mapping: { custom_week: wk_no custom_year: yr_no }
        previous_ordinal_mapping: { custom_week: wk_before }
      }
      dimension: id {}
    }
"""


@pytest.mark.rule("R4.7")
def test_a_group_of_a_custom_calendar_generates_its_custom_timeframes() -> None:
    group = only_field("dimension_group: sold { type: custom_calendar based_on_calendar: cal custom_timeframes: [custom_week] }")

    assert group.generated == ("sold_custom_week",)


@pytest.mark.rule("R4.7")
def test_a_group_of_a_custom_calendar_that_lists_nothing_generates_all_six() -> None:
    group = only_field("dimension_group: sold { type: custom_calendar based_on_calendar: cal }")

    assert group.generated == (
        "sold_custom_date",
        "sold_custom_week",
        "sold_custom_period",
        "sold_custom_quarter",
        "sold_custom_season",
        "sold_custom_year",
    )
    assert not is_generated_by(group, "sold_week")


@pytest.mark.rule("R4.7")
def test_custom_calendars_are_no_mistake() -> None:
    project = compiled(
        f"""
        explore: orders {{}}
        {CALENDAR}
        view: orders {{
          dimension_group: sold {{
            type: custom_calendar
            based_on_calendar: cal
            custom_timeframes: [custom_week, custom_year]
            sql: ${{TABLE}}.sold_at ;;
          }}
          dimension: week {{ sql: ${{sold_custom_week}} ;; }}
          measure: count {{ type: count drill_fields: [sold_custom_year] }}
        }}
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R4.10")
def test_a_custom_timeframe_is_known_in_a_custom_calendar_alone() -> None:
    shop = "explore: v {{}} view: cal {{ dimension: id {{}} }} view: v {{ dimension_group: g {{ {} sql: ${{TABLE}}.t ;; }} }}"

    assert rules(compiled(shop.format("type: time timeframes: [custom_week]"))) == ["unknown-timeframe"]
    wrong = "type: custom_calendar based_on_calendar: cal custom_timeframes: [custom_weak]"
    assert rules(compiled(shop.format(wrong))) == ["unknown-timeframe"]


@pytest.mark.rule("R13.4")
def test_a_calendar_that_the_model_does_not_have_is_an_unknown_view() -> None:
    text = "explore: v {} view: v { dimension_group: g { type: custom_calendar based_on_calendar: cal sql: ${TABLE}.t ;; } }"

    assert rules(compiled(text)) == ["unknown-view"]
