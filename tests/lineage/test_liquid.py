"""Templates: every branch is read, and each edge says under which condition (R9, R10)."""

from __future__ import annotations

import pytest

from dagster_lookml.config import Config
from dagster_lookml.lineage.answer import ProjectLineage
from tests.lineage import filtered_by, rows_from, speaking, tables
from tests.tracing import columns, data, edges, gaps, traced

# -- tables ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R10.10")
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "{% if f._in_query %} a.b.c {% else %} a.b.d {% endif %}",
            ["table:a.b.c reads if v.f._in_query", "table:a.b.d reads if not v.f._in_query"],
        ),
        (
            "a.{% if v.f._in_query %}b{% elsif v.g._in_query %}c{% else %}d{% endif %}",
            [
                "table:a.b reads if v.f._in_query",
                "table:a.c reads if not v.f._in_query and v.g._in_query",
                "table:a.d reads if not v.f._in_query and not v.g._in_query",
            ],
        ),
        ("{% if v.f._in_query %} s.t {% else %} s.t {% endif %}", ["table:s.t reads"]),
        ("s.t {% comment %} s.old {% endcomment %}", ["table:s.t reads"]),
        ("{% assign x = 'sales' %} {{ x }}.t", ["table:sales.t reads"]),
    ],
)
def test_a_table_may_be_any_of_several(template: str, expected: list[str]) -> None:
    template = template.replace(" f._in_query", " v.f._in_query")
    found = traced(f"view: v {{ sql_table_name: {template} ;; dimension: f {{}} dimension: g {{}} }} explore: v {{}}")

    assert data(found, "view:v") == expected


@pytest.mark.rule("R10.10")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id, {% if v.id._in_query %} day {% else %} night {% endif %} FROM s.t",
        "{% if v.id._in_query %} SELECT id, day FROM s.t {% else %} SELECT id, night FROM s.t {% endif %}",
    ],
)
def test_a_column_of_one_branch_is_there(sql: str) -> None:
    found = traced(
        f"view: v {{ derived_table: {{ sql: {sql} ;; }} dimension: id {{}} dimension: day {{}} dimension: night {{}} }}"
    )

    assert edges(found, "field:v.day") == ["column:s.t.day reads if v.id._in_query"]
    assert edges(found, "field:v.night") == ["column:s.t.night reads if not v.id._in_query"]
    assert gaps(found, "field:v.day") == gaps(found, "field:v.night") == []


@pytest.mark.rule("R10.10")
def test_a_column_is_one_of_every_table_that_there_may_be() -> None:
    found = traced(
        """
        view: v {
          sql_table_name: {% if v.f._in_query %} s.small {% else %} s.large {% endif %} ;;
          dimension: f {}
          measure: total { type: sum sql: ${f} ;; }
        }
        explore: v {}
        """
    )

    assert edges(found, "field:v.f") == [
        "column:s.large.f reads if not v.f._in_query",
        "column:s.small.f reads if v.f._in_query",
    ]
    assert edges(found, "field:v.total") == ["field:v.f reads"]


@pytest.mark.rule("R10.10")
def test_what_every_branch_reads_has_no_condition() -> None:
    found = traced(
        """
        view: v {
          derived_table: { sql:
            SELECT id, {% if v.f._in_query %} city {% else %} country {% endif %} AS place
            FROM s.t {% if v.f._in_query %} JOIN s.cities AS c ON c.id = t.id {% endif %}
          ;; }
          dimension: f {} dimension: id {}
        }
        """
    )

    assert rows_from(found, "view:v") == ["table:s.cities reads if v.f._in_query", "table:s.t reads"]


@pytest.mark.rule("R10.10")
def test_a_column_that_every_branch_reads_has_no_condition() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;;
          parameter: p { type: unquoted allowed_value: { value: "a" } allowed_value: { value: "b" } }
          dimension: d { sql:
            {% if p._parameter_value == 'a' %} ${TABLE}.x + ${y} {% else %} ${TABLE}.x - ${y} + ${z} {% endif %} ;; }
          dimension: y {} dimension: z {}
        }
        """
    )

    assert data(found, "field:v.d") == [
        "column:s.t.x reads",
        "field:v.y reads",
        "field:v.z reads if not p._parameter_value == 'a'",
    ]


@pytest.mark.rule("R10.10")
def test_an_edge_has_no_condition_that_does_not_concern_it() -> None:
    found = traced(
        """
        view: v {
          derived_table: { sql:
            SELECT x.id FROM {% if v.f._in_query %} s.a {% else %} s.b {% endif %} AS x
            JOIN {% if v.g._in_query %} s.c {% else %} s.d {% endif %} AS y ON x.id = y.id
          ;; }
          dimension: f {} dimension: g {} dimension: id {}
        }
        """
    )

    assert rows_from(found, "view:v") == [
        "table:s.a reads if v.f._in_query",
        "table:s.b reads if not v.f._in_query",
        "table:s.c reads if v.g._in_query",
        "table:s.d reads if not v.g._in_query",
    ]


@pytest.mark.rule("R10.10")
def test_a_branch_that_contradicts_another_is_not_read() -> None:
    found = traced(
        """
        view: v {
          derived_table: { sql:
            SELECT x.id FROM {% if v.f._in_query %} s.a {% else %} s.b {% endif %} AS x
            JOIN {% if v.f._in_query %} s.c {% else %} s.d {% endif %} AS y ON x.id = y.id
          ;; }
          dimension: f {} dimension: id {}
        }
        """
    )

    assert rows_from(found, "view:v") == [
        "table:s.a reads if v.f._in_query",
        "table:s.b reads if not v.f._in_query",
        "table:s.c reads if v.f._in_query",
        "table:s.d reads if not v.f._in_query",
    ]


# -- parameters --------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R10.12")
@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (
            'type: unquoted allowed_value: { value: "daily" } allowed_value: { value: "hourly" } default_value: "daily"',
            [
                "table:s.events_daily reads if grain._parameter_value == 'daily'",
                "table:s.events_hourly reads if grain._parameter_value == 'hourly'",
            ],
        ),
        ('type: unquoted allowed_value: { value: "daily" }', ["table:s.events_daily reads"]),
        ('type: unquoted default_value: "daily"', ["table:s.events_daily reads"]),
        ("type: unquoted", ["table:s.events_{grain} reads"]),
    ],
)
@pytest.mark.parametrize("tag", ["{% parameter grain %}", "{{ grain._parameter_value }}"])
def test_a_parameter_in_the_name_of_a_table(tag: str, parameter: str, expected: list[str]) -> None:
    found = traced(f"view: v {{ sql_table_name: s.events_{tag} ;; parameter: grain {{ {parameter} }} dimension: id {{}} }}")

    assert data(found, "view:v") == expected


@pytest.mark.rule("R10.12")
def test_a_parameter_of_another_view() -> None:
    found = traced(
        """
        view: knobs { parameter: p { type: unquoted allowed_value: { value: "a" } allowed_value: { value: "b" } } }
        view: v { sql_table_name: s.t ;; dimension: d { sql: ${TABLE}.{% parameter knobs.p %} ;; } }
        explore: v { join: knobs { sql: ;; } }
        """
    )

    assert data(found, "field:v.d") == [
        "column:s.t.a reads if knobs.p._parameter_value == 'a'",
        "column:s.t.b reads if knobs.p._parameter_value == 'b'",
    ]


@pytest.mark.rule("R10.12")
def test_a_column_that_only_a_user_names_is_unknown() -> None:
    found = traced(
        "view: v { sql_table_name: s.t ;; parameter: p { type: unquoted } dimension: d { sql: ${TABLE}.{% parameter p %} ;; } }"
    )

    assert columns(found, "field:v.d") == []
    assert [gap.split()[0] for gap in gaps(found, "field:v.d")] == ["dynamic-name"]
    assert found.lineage.fields["field:v.d"].tables == ("table:s.t",)


@pytest.mark.rule("R10.12")
@pytest.mark.rule("R10.7")
def test_a_parameter_chooses_a_field() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;;
          parameter: p { type: string allowed_value: { value: "x" } allowed_value: { value: "y" } }
          dimension: d { sql: {% if p._parameter_value == "'x'" %} ${x} {% else %} ${y} {% endif %} ;; }
          dimension: c { sql: CASE WHEN {% parameter p %} = 'x' THEN ${x} ELSE ${TABLE}.z END ;; }
          dimension: x {} dimension: y {}
        }
        """
    )

    assert [one.split(" if ")[0] for one in data(found, "field:v.d")] == ["field:v.x reads", "field:v.y reads"]
    assert all(" if " in one for one in data(found, "field:v.d"))
    assert columns(found, "field:v.d") == ["s.t.x", "s.t.y"]
    assert columns(found, "field:v.c") == ["s.t.x", "s.t.z"]


# -- conditions and dates ----------------------------------------------------------------------------------------------


@pytest.mark.rule("R10.13")
@pytest.mark.parametrize(
    ("where", "dialect", "expected"),
    [
        ("at BETWEEN {% date_start f %} AND {% date_end f %}", "", ["s.t.at"]),
        ("at >= '{% date_start f %}' AND at < '{% date_end f %}'", "", ["s.t.at"]),
        ("at >= TIMESTAMP({% date_start f %})", "bigquery", ["s.t.at"]),
        ("{% condition f %} at {% endcondition %}", "", ["s.t.at"]),
        (
            "{% condition f %} CAST(at AS DATE) {% endcondition %} AND {% condition g %} kind {% endcondition %}",
            "",
            ["s.t.at", "s.t.kind"],
        ),
        ("1=1 AND {% condition f %} t.at {% endcondition %}", "", ["s.t.at"]),
        ("NOT {% condition f %} at {% endcondition %}", "", ["s.t.at"]),
        ("({% condition f %} at {% endcondition %}) OR x > 1", "", ["s.t.at", "s.t.x"]),
        ("_TABLE_SUFFIX BETWEEN FORMAT_DATE('%Y%m%d', DATE({% date_start f %})) AND '9'", "bigquery", None),
    ],
)
def test_what_a_user_asks_for_decides_the_rows(where: str, dialect: str, expected: list[str] | None) -> None:
    found = traced(
        f"""
        view: v {{
          derived_table: {{ sql: SELECT id FROM s.t WHERE {where} ;; }}
          filter: f {{ type: date }} filter: g {{ type: string }}
          dimension: id {{}}
        }}
        """,
        config=speaking(dialect),
    )

    assert rows_from(found, "view:v") == ["table:s.t reads"]
    assert found.lineage.views["view:v"].gaps == ()
    if expected is not None:
        assert filtered_by(found, "view:v") == [f"column:{one}" for one in expected]


@pytest.mark.rule("R10.13")
def test_a_condition_in_a_field_reads_what_stands_in_it() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;;
          filter: f { type: date }
          dimension: d { type: yesno sql:
            {% condition f %} ${at_raw} {% endcondition %} AND {% condition v.f %} ${TABLE}.x {% endcondition %} ;; }
          dimension_group: at { type: time timeframes: [raw] }
        }
        """
    )

    assert data(found, "field:v.d") == ["column:s.t.x reads", "field:v.at reads"]


# -- names that are known, and names that are not ----------------------------------------------------------------------


@pytest.mark.rule("R10.14")
@pytest.mark.parametrize(
    ("written", "values", "expected"),
    [
        ("{{ _user_attributes['ds'] }}.t", {}, "{ua_ds}.t"),
        ("{{ _user_attributes['ds'] }}.t", {"ds": "eu"}, "eu.t"),
        ("p.{{_user_attributes['ds']}}_x.t", {}, "p.{ua_ds}_x.t"),
        ('db.{{ _user_attributes["ds"] }}.t', {"ds": "eu"}, "db.eu.t"),
        ("{{ _user_attributes['db'] }}.{{ _user_attributes['ds'] }}.t", {"ds": "eu"}, "{ua_db}.eu.t"),
        ("db.t_{{ _user_attributes['ds'] | downcase }}", {"ds": "EU"}, "db.t_eu"),
    ],
)
def test_a_user_attribute_in_the_name_of_a_table(written: str, values: dict[str, str], expected: str) -> None:
    found = traced(f"view: v {{ sql_table_name: {written} ;; dimension: id {{}} }}", config=Config(user_attributes=values))

    assert tables(found) == [expected]
    assert edges(found, "view:v") == [f"table:{expected} reads"]
    assert columns(found, "field:v.id") == [f"{expected}.id"]


@pytest.mark.rule("R10.14")
def test_a_user_attribute_in_quotes_of_bigquery() -> None:
    found = traced(
        "view: v { sql_table_name: `p.{{ _user_attributes['ds'] }}.t` ;; dimension: id {} }", config=speaking("bigquery")
    )

    assert tables(found) == ["p.{ua_ds}.t"]


@pytest.mark.rule("R10.11")
def test_the_name_of_the_model_is_known() -> None:
    found = traced(
        {
            "eu.model.lkml": 'connection: "c" include: "v.view"',
            "us.model.lkml": 'connection: "c" include: "v.view"',
            "v.view.lkml": """
                view: v {
                  sql_table_name: {% if _model._name == 'eu' %} s.eu {% else %} s.us {% endif %} ;;
                  dimension: id {}
                }
                """,
        }
    )

    assert edges(found, "view:v") == ["table:s.eu reads", "table:s.us reads"]


@pytest.mark.rule("R10.11")
def test_the_name_of_the_explore_is_known_where_the_view_is_used() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.{{ _explore._name }}_data ;; dimension: id {} }
        explore: a { from: v }
        explore: b { from: v }
        """
    )

    assert tables(found) == ["s.a_data", "s.b_data"]


@pytest.mark.rule("R10.11")
def test_the_alias_of_the_view_is_known_to_its_fields() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;;
          dimension: id {}
          dimension: d { sql:
            ${TABLE}.{% if _view._name == 'first' %}x{% elsif _view._name == 'other' %}z{% else %}y{% endif %} ;; }
        }
        explore: first { from: v join: second { from: v sql_on: ${first.id} = ${second.id} ;; } }
        """
    )

    assert edges(found, "field:v.d") == ["column:s.t.x reads", "column:s.t.y reads"]


@pytest.mark.rule("R10.11")
def test_the_dialect_is_known_where_it_is_configured() -> None:
    text = "view: v { sql_table_name: {% if _dialect._name == 'snowflake' %} s.a {% else %} s.b {% endif %} ;; dimension: id {} }"

    assert tables(traced(text, config=speaking("snowflake"))) == ["s.a"]
    assert tables(traced(text, config=speaking("redshift"))) == ["s.b"]
    assert tables(traced(text)) == ["s.a", "s.b"]


@pytest.mark.rule("R10.5")
def test_the_sql_of_a_field_in_liquid_is_a_reference() -> None:
    found = traced(
        "view: v { sql_table_name: s.t ;; dimension: a {} dimension: d { sql: upper({{ v.a._sql }}) ;; } } explore: v {}"
    )

    assert columns(found, "field:v.d") == ["s.t.a"]


# -- constants ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R9.2")
def test_constants_may_hold_liquid_and_constants() -> None:
    found = traced(
        {
            "manifest.lkml": """
                constant: SCHEMA { value: "shop" }
                constant: TABLE { value: "{% if v.f._in_query %} @{SCHEMA}.small {% else %} @{SCHEMA}.large {% endif %}" }
                constant: SIGN { value: "{% if v.f._in_query %} ${x} {% else %} -${y} {% endif %}" }
                """,
            "m.model.lkml": """
                connection: "c"
                view: v {
                  sql_table_name: @{TABLE} ;;
                  dimension: f {} dimension: x {} dimension: y {}
                  dimension: d { sql: @{SIGN} * 2 ;; }
                }
                view: w { derived_table: { sql: SELECT id FROM @{SCHEMA}.w ;; } dimension: id {} }
                """,
        }
    )

    assert data(found, "view:v") == ["table:shop.large reads if not v.f._in_query", "table:shop.small reads if v.f._in_query"]
    assert data(found, "field:v.d") == ["field:v.x reads if v.f._in_query", "field:v.y reads if not v.f._in_query"]
    assert data(found, "view:w") == ["table:shop.w reads"]


@pytest.mark.rule("R9.6")
def test_an_undefined_constant_is_no_name_of_a_table() -> None:
    found = traced("view: v { sql_table_name: @{GONE}.t ;; dimension: id {} } view: w { dimension: id {} }")

    assert "s.t" not in tables(found)
    assert [one for one in tables(found) if "@" in one or one == "t"] == []
    assert columns(found, "field:w.id") == ["w.id"]


@pytest.mark.rule("R9.7")
def test_a_configured_constant_wins() -> None:
    found = traced(
        {
            "manifest.lkml": 'constant: SCHEMA { value: "dev" }',
            "m.model.lkml": 'connection: "c" view: v { sql_table_name: @{SCHEMA}.t ;; dimension: id {} }',
        },
        config=Config(constants={"SCHEMA": "live"}),
    )

    assert edges(found, "view:v") == ["table:live.t reads"]


# -- environments ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R10.20")
@pytest.mark.rule("R10.21")
@pytest.mark.rule("R10.22")
@pytest.mark.parametrize(
    "written",
    [
        "-- if prod -- live.t\n -- if dev -- play.t\n",
        "--if prod-- live.t\n --if dev-- play.t\n",
        "-- IF PROD -- live.t -- IF DEV -- play.t\n",
        "-- if  dev -- play.\n --  if prod -- live.\n t",
    ],
)
def test_production_counts_unless_development_is_asked_for(written: str) -> None:
    text = f"view: v {{ sql_table_name: {written} ;; dimension: id {{}} }}"

    assert tables(traced(text)) == ["live.t"]
    assert tables(traced(text, config=Config(environment="dev"))) == ["play.t"]


@pytest.mark.rule("R10.20")
def test_lines_for_one_environment_in_a_derived_table() -> None:
    text = """
        view: v {
          derived_table: { sql:
            SELECT id FROM s.t
            WHERE
              -- if prod -- created_at > '2000-01-01'
              -- if dev -- tested_at > '2024-01-01'
          ;; }
          dimension: id {}
        }
    """

    assert filtered_by(traced(text), "view:v") == ["column:s.t.created_at"]
    assert filtered_by(traced(text, config=Config(environment="dev")), "view:v") == ["column:s.t.tested_at"]


# -- what is broken ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("R10.17")
@pytest.mark.parametrize("broken", ["{% if v.f._in_query %} s.t", "s.t {% endif %}", "{% nonsense %} s.t", "s.t {% if %}"])
def test_malformed_liquid_leaves_the_table_and_every_other_view(broken: str) -> None:
    found = traced(f"view: v {{ sql_table_name: {broken} ;; dimension: f {{}} }} view: w {{ dimension: id {{}} }}")

    assert [one.split()[1] for one in data(found, "view:v")] == ["reads"]
    assert tables(found) == ["s.t", "w"]
    assert columns(found, "field:w.id") == ["w.id"]


@pytest.mark.rule("R10.17")
def test_what_malformed_liquid_leaves_is_known_less_surely() -> None:
    found = traced("view: v { sql_table_name: s.t ;; dimension: d { sql: {% if x %} ${TABLE}.a + ${b} ;; } dimension: b {} }")

    assert [one.split()[0] for one in edges(found, "field:v.d")] == ["column:s.t.a", "field:v.b"]
    assert edges(found, "field:v.d")[0] == "column:s.t.a reads inferred"


@pytest.mark.rule("R10.16")
def test_a_loop_is_read_once() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;;
          dimension: d { sql:
            CASE {% assign names = "a,b" | split: "," %}
            {% for n in names %} WHEN ${TABLE}.k = '{{ n }}' THEN 1 {% endfor %}
            ELSE ${TABLE}.z END ;; }
        }
        """
    )

    assert columns(found, "field:v.d") == ["s.t.k", "s.t.z"]


def many(count: int) -> ProjectLineage:
    """A view whose table is one of so many, by a parameter that anything may be typed into."""
    whens = "".join(f"{{% when 'a{number}' %}}s.t{number}" for number in range(count))
    table = f"{{% case pick._parameter_value %}}{whens}{{% endcase %}}"
    return traced(
        f"view: v {{ sql_table_name: {table} ;; parameter: pick {{ type: unquoted }} dimension: a {{}} }} explore: v {{}}"
    )


@pytest.mark.rule("R10.10")
def test_every_one_of_a_hundred_branches_is_a_table() -> None:
    found = many(100)

    assert len([one for one in edges(found, "view:v") if one.startswith("table:s.t")]) == 100
    assert found.lineage.views["view:v"].gaps == ()


@pytest.mark.rule("R10.10")
def test_branches_beyond_what_is_followed_are_told() -> None:
    found = many(300)

    assert [(gap.reason, gap.subject) for gap in found.lineage.views["view:v"].gaps] == [
        ("unread-sql", "its Liquid has more than 256 branches")
    ]
    assert len([one for one in edges(found, "view:v") if one.startswith("table:s.t")]) >= 64


@pytest.mark.rule("R10.10")
def test_a_thousand_choices_in_one_text_are_all_followed() -> None:
    """Each column comes from one way alone, of which no condition is needless; looking for such took minutes."""
    term = "{% if a0._in_query %}${TABLE}.x0{% else %}${TABLE}.y0{% endif %}"
    terms = " + ".join(term.replace("0", str(at)) for at in range(1000))
    found = traced(f"view: v {{ sql_table_name: s.t ;; dimension: d {{ sql: {terms} ;; }} }} explore: v {{}}")

    assert len(columns(found, "field:v.d")) == 2000
    assert gaps(found, "field:v.d") == []


@pytest.mark.rule("R10.10")
@pytest.mark.parametrize("operator", ["and", "or"])
def test_a_condition_of_thousands_of_terms_is_decided(operator: str) -> None:
    """Term by term; it took minutes when the rest was looked at anew for each."""
    condition = f" {operator} ".join(f"a{number}._in_query" for number in range(3000))
    table = f"{{% if {condition} %}}s.x{{% else %}}s.y{{% endif %}}"
    found = traced(f"view: v {{ sql_table_name: {table} ;; dimension: d {{}} }} explore: v {{}}")

    assert columns(found, "field:v.d") == ["s.x.d", "s.y.d"]
    assert gaps(found, "field:v.d") == []
