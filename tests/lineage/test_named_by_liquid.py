"""What decides about something and is no data of it: parameters and filters in Liquid, what html shows, orders, requirements."""

from __future__ import annotations

import pytest

from dagster_lookml.lineage.answer import ProjectLineage
from dagster_lookml.sql.liquid_names import live_names
from tests.lineage import place
from tests.tracing import edges, gaps, traced

NO_DATA = ("liquid", "shown", "asked", "required", "sort")


def beside(found: ProjectLineage, target: str) -> list[str]:
    """What is named beside the data, as ``field kind``."""
    return [one for one in edges(found, target) if one.split()[1] in NO_DATA]


def field(body: str) -> ProjectLineage:
    """The view ``v`` with the field ``v.d``, which has this body, beside others that it may name."""
    return traced(
        f"""
        view: v {{ sql_table_name: s.t ;;
          parameter: p {{ type: unquoted default_value: "a" }}
          filter: day {{ type: date }}
          dimension: id {{ primary_key: yes }}
          dimension_group: made {{ type: time timeframes: [date, week] }}
          measure: net {{ type: sum sql: ${{TABLE}}.net ;; }}
          dimension: d {{ {body} }}
        }}
        explore: v {{ join: other {{ sql_on: ${{v.id}} = ${{other.id}} ;; }} }}
        view: other {{ sql_table_name: s.o ;; dimension: id {{}} parameter: q {{ type: string }} measure: n {{ type: count }} }}
        """
    )


# -- Liquid in the SQL of fields ---------------------------------------------------------------------------------------


@pytest.mark.rule("R10.3")
@pytest.mark.rule("R10.5")
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("'{% parameter p %}'", ["field:v.p liquid"]),
        ("'{% parameter v.p %}'", ["field:v.p liquid"]),
        ("{% if p._parameter_value == 'a' %} ${TABLE}.a {% else %} ${TABLE}.b {% endif %}", ["field:v.p liquid"]),
        ("CONCAT('{{ v.p._parameter_value }}', ${TABLE}.a)", ["field:v.p liquid"]),
        ("'{% parameter other.q %}'", ["field:other.q liquid"]),
        ("{% condition day %} ${TABLE}.at {% endcondition %}", ["field:v.day liquid"]),
        ("{% date_start day %}", ["field:v.day liquid"]),
        ("{% if v.day._is_filtered %} 1 {% else %} 2 {% endif %}", ["field:v.day liquid"]),
        ("{% if _filters['v.day'] == '' %} 1 {% else %} 2 {% endif %}", ["field:v.day liquid"]),
    ],
)
def test_parameters_and_filters_that_the_sql_of_a_field_reads(sql: str, expected: list[str]) -> None:
    assert beside(field(f"sql: {sql} ;;"), "field:v.d") == expected


@pytest.mark.rule("R10.15")
@pytest.mark.parametrize(
    "sql",
    [
        "{% if v.made_date._in_query %} 1 {% else %} 2 {% endif %}",
        "{% if made_week._is_selected %} 1 {% else %} 2 {% endif %}",
        "{% condition made_date %} ${TABLE}.at {% endcondition %}",
        "{% if _filters['v.made_date'] == '' %} 1 {% else %} 2 {% endif %}",
    ],
)
def test_of_a_dimension_liquid_in_sql_does_not_take_the_value(sql: str) -> None:
    assert beside(field(f"sql: {sql} ;;"), "field:v.d") == ["field:v.made asked"]


@pytest.mark.rule("R10.5")
def test_sql_that_liquid_puts_in_is_read_as_data() -> None:
    assert edges(field("sql: {{ v.net._sql }} + 1 ;;"), "field:v.d") == ["field:v.net reads"]


@pytest.mark.parametrize(
    "sql",
    [
        "${TABLE}.a -- {% parameter p %}",
        "${TABLE}.a /* {% condition day %} x {% endcondition %} */",
        "${TABLE}.a {% comment %} {% parameter p %} {% endcomment %}",
        "-- if dev -- '{% parameter p %}'\n -- if prod -- ${TABLE}.a\n",
        "{% assign p = 'x' %} ${TABLE}.a {{ p._parameter_value }}",
    ],
)
def test_what_is_no_sql_decides_nothing(sql: str) -> None:
    assert beside(field(f"sql: {sql} ;;"), "field:v.d") == []


def test_a_branch_in_a_comment_of_sql_decides_what_stands_behind_it() -> None:
    sql = "-- {% if p._parameter_value == 'a' %}\n ${TABLE}.a\n -- {% else %}\n ${TABLE}.b\n -- {% endif %}\n"

    assert beside(field(f"sql: {sql} ;;"), "field:v.d") == ["field:v.p liquid"]


def test_what_is_not_there_is_no_edge_and_no_gap() -> None:
    found = field("sql: '{% parameter nowhere.p %}' || '{% parameter nothing %}' || '{{ x.y.z._value }}' ;;")

    assert beside(found, "field:v.d") == []
    assert gaps(found, "field:v.d") == []


def test_a_field_that_names_itself_is_no_circle() -> None:
    found = field("sql: ${TABLE}.a ;; html: {{ v.d._rendered_value }} {{ d._value }} ;; order_by_field: d")

    assert beside(found, "field:v.d") == []
    assert found.lineage.graph.circles() == ()


def test_fields_that_show_each_other_are_no_circle() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;;
          dimension: a { html: {{ v.b._value }} ;; order_by_field: b }
          dimension: b { html: {{ v.a._value }} ;; sql: ${a} ;; }
        }
        """
    )

    assert found.lineage.graph.circles() == ()


@pytest.mark.rule("R6.3")
def test_a_scope_is_an_alias_of_the_explore() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;; dimension: id {} dimension: d { sql: '{% parameter knobs.p %}' ;; } }
        view: a { parameter: p { type: string } } view: b { parameter: p { type: string } } view: c { parameter: p {} }
        explore: one { from: v view_name: v join: knobs { from: a sql: ;; } }
        explore: two { from: v view_name: v join: knobs { from: b sql: ;; } }
        """
    )

    assert beside(found, "field:v.d") == ["field:a.p liquid", "field:b.p liquid"]


# -- tables, joins and conditions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table",
    [
        "sql_table_name: s.{% parameter p %} ;;",
        "derived_table: { sql: SELECT id FROM s.t WHERE k = {% parameter p %} ;; }",
        "derived_table: { sql: SELECT id FROM s.t {% if v.p._parameter_value == 'a' %} WHERE x {% endif %} ;; }",
        "derived_table: { sql: SELECT id FROM s.t WHERE {% condition p %} k {% endcondition %} ;; }",
        "derived_table: { sql_create: CREATE TABLE x AS SELECT {{ p._parameter_value }} AS id ;; }",
    ],
)
def test_what_the_table_of_a_view_reads_in_liquid(table: str) -> None:
    found = traced(f"view: v {{ {table} parameter: p {{ type: unquoted }} dimension: id {{}} }} explore: v {{}}")

    assert beside(found, "view:v") == ["field:v.p liquid"]


def test_the_place_of_a_name_in_a_table_is_its_own_line() -> None:
    found = traced(
        {
            "m.model.lkml": 'connection: "c"\ninclude: "/*.view"\nexplore: v {}\n',
            "v.view.lkml": "view: v {\n  derived_table: {\n    sql:\n      SELECT id\n      FROM s.t\n"
            "      WHERE {% condition f %} x {% endcondition %} ;;\n  }\n  filter: f {}\n  dimension: id {}\n}\n",
        }
    )

    assert place(found, "field:v.f", "view:v") == "v.view.lkml:6"


QUERY = """
    view: a { sql_table_name: s.a ;; filter: f {} parameter: p { type: string } dimension: id {} measure: n { type: count } }
    view: b { sql_table_name: s.b ;; parameter: p { type: string } dimension: id {} }
    explore: a { %s
      join: b { sql_on: ${a.id} = ${b.id} %s ;; }
    }
"""
TILES = """
- dashboard: d
  elements:
  - {name: one, explore: a, fields: [a.n]}
  - {name: two, explore: a, fields: [a.n, b.id]}
"""


def asked(explore: str, join: str = "") -> ProjectLineage:
    return traced(
        {"m.model.lkml": f'connection: "c"\ninclude: "*.dashboard"\n{QUERY % (explore, join)}', "d.dashboard.lookml": TILES}
    )


@pytest.mark.rule("R6.14")
@pytest.mark.parametrize(
    "explore",
    [
        "sql_always_where: {% condition a.f %} ${a.id} {% endcondition %} ;;",
        "sql_always_having: {% if a.f._is_filtered %} ${a.n} > 1 {% else %} 1 = 1 {% endif %} ;;",
        "sql_table_name: s.{% if a.f._is_filtered %}x{% else %}y{% endif %} ;;",
    ],
)
def test_what_an_explore_reads_in_liquid_decides_about_it_and_all_of_its_tiles(explore: str) -> None:
    found = asked(explore)

    assert beside(found, "explore:m/a") == ["field:a.f liquid"]
    assert beside(found, "tile:m/d/one") == ["field:a.f liquid"]
    assert beside(found, "tile:m/d/two") == ["field:a.f liquid"]


@pytest.mark.rule("R6.13")
def test_what_a_join_reads_in_liquid_decides_about_the_tiles_that_need_it() -> None:
    found = asked("", "AND ${b.id} = {% parameter b.p %}")

    assert beside(found, "explore:m/a") == ["field:b.p liquid"]
    assert beside(found, "tile:m/d/one") == []
    assert beside(found, "tile:m/d/two") == ["field:b.p liquid"]


def test_a_dimension_that_a_condition_names_decides_about_no_tile() -> None:
    found = asked("sql_always_where: {% condition a.id %} ${a.id} {% endcondition %} ;;")

    assert beside(found, "explore:m/a") == ["field:a.id asked"]
    assert beside(found, "tile:m/d/one") == []


@pytest.mark.rule("R5.8")
def test_a_native_derived_table_is_a_query_too() -> None:
    found = traced(
        QUERY % ("sql_always_where: {% condition a.f %} ${a.id} {% endcondition %} ;;", "")
        + """
        view: v {
          derived_table: { explore_source: a { column: n {} bind_filters: { from_field: v.own to_field: a.id } } }
          filter: own {} dimension: n {}
        }
        explore: v {}
        """
    )

    assert beside(found, "view:v") == ["field:a.f liquid", "field:v.own liquid"]


# -- what is shown, sorted by and required -----------------------------------------------------------------------------


@pytest.mark.rule("R10.1")
@pytest.mark.rule("R10.6")
@pytest.mark.parametrize(
    "body",
    [
        "html: <b>{{ v.net._rendered_value }}</b> ;;",
        "html: {{ net._value | round }} ;;",
        'link: { label: "more" url: "/x?n={{ v.net._filterable_value | url_encode }}" }',
        'link: { label: "{{ v.net._value }}" url: "/x" }',
        'action: { label: "a" url: "https://x" param: { name: "n" value: "{{ v.net._value }}" } }',
        'label: "{{ v.net._value }}"',
        'group_label: "{{ v.net._value }}"',
        'description: "{{ v.net._value }}"',
    ],
)
def test_the_value_of_a_field_that_is_shown_with_another(body: str) -> None:
    assert beside(field(body), "field:v.d") == ["field:v.net shown"]


def test_a_value_of_a_joined_view_that_html_shows_needs_the_join() -> None:
    found = traced(
        {
            "m.model.lkml": 'connection: "c"\ninclude: "*.dashboard"\n'
            + QUERY % ("", "")
            + "view: +a { dimension: d { html: {{ b.id._value }} ;; } }",
            "d.dashboard.lookml": "- dashboard: d\n  elements:\n  - {name: one, explore: a, fields: [a.d]}\n",
        }
    )

    assert edges(found, "tile:m/d/one") == ["field:a.d tile", "field:a.id join_condition", "field:b.id join_condition"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("label: \"{% if v.p._parameter_value == 'a' %}A{% else %}B{% endif %}\"", ["field:v.p shown"]),
        ("html: {% if v.day._is_filtered %} x {% endif %} ;;", ["field:v.day shown"]),
        ("html: {% if v.made_date._in_query %} x {% endif %} ;;", ["field:v.made asked"]),
        ("label_from_parameter: p", ["field:v.p shown"]),
        ("order_by_field: id", ["field:v.id sort"]),
        ("order_by_field: v.made_week", ["field:v.made sort"]),
        ("required_fields: [id, other.n]", ["field:other.n required", "field:v.id required"]),
    ],
)
def test_labels_orders_and_requirements(body: str, expected: list[str]) -> None:
    assert beside(field(body), "field:v.d") == expected


def test_what_is_named_beside_the_data_is_no_data() -> None:
    """The tables, and how far a field is traced, are those of its SQL alone."""
    found = field("sql: '{% parameter other.q %}' ;; html: {{ other.n._value }} ;; order_by_field: other.id")

    assert found.lineage.fields["field:v.d"].fields == ()
    assert {edge.kind for edge in found.lineage.tables.edges} == {"reads", "joins_always", "joins_on_demand"}


@pytest.mark.parametrize(
    "text",
    ["{{ " * 300_000, "{% " * 300_000 + "}}", "{% comment %}" * 80_000 + "{% endraw %}", "-- {% parameter p %}\n" * 50_000],
)
def test_tags_without_an_end_and_thousands_of_comments_end(text: str) -> None:
    """Minutes would go by if every tag looked for its end in all that follows."""
    assert list(live_names(text, "prod")) == []
