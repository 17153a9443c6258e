"""What templates may become: every branch, equal conditions in agreement."""

from __future__ import annotations

import pytest

from dagster_lookml.sql.environment import in_environment
from dagster_lookml.sql.liquid_values import Known, Parameter
from dagster_lookml.sql.liquid_walk import DATE
from dagster_lookml.sql.templates import expand


def texts(template: str, **values: str) -> list[str]:
    known = Known(values={name.replace("__", "."): value for name, value in values.items()})
    return [" ".join(variant.text.split()).replace("( ", "(") for variant in expand(template, known).variants]


@pytest.mark.rule("R10.10")
def test_equal_conditions_agree_within_a_variant() -> None:
    template = "{% if f._in_query %}a{% else %}b{% endif %} join {% if f._in_query %}c{% else %}d{% endif %}"

    assert texts(template) == ["a join c", "b join d"]


@pytest.mark.rule("R10.10")
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("select 1", ["select 1"]),
        ("{% if x %}a{% endif %}", ["a", ""]),
        ("{% if x %}a{% elsif y %}b{% else %}c{% endif %}", ["a", "b", "c"]),
        ("{% unless x %}a{% else %}b{% endunless %}", ["a", "b"]),
        ("{% if x %}a{% endif %}{% unless x %}b{% endunless %}", ["a", "b"]),
        ("{% if x and y %}a{% else %}b{% endif %}", ["a", "b"]),
        ("{% if x %}{% if y %}a{% else %}b{% endif %}{% else %}c{% endif %}", ["a", "b", "c"]),
        ("{% case v %}{% when 'a' %}1{% when 'b' %}2{% else %}3{% endcase %}", ["1", "2", "3"]),
        ("{% if v == 'a' %}1{% elsif v == 'b' %}2{% endif %}{% if v == 'b' %}x{% endif %}", ["1", "2x", ""]),
        ("{%if x%}a{%else%}b{%endif%}", ["a", "b"]),
        ("{%- if x -%} a {%- else -%} b {%- endif -%}", ["a", "b"]),
    ],
)
def test_every_branch_is_taken(template: str, expected: list[str]) -> None:
    assert texts(template) == expected


def test_as_many_variants_as_the_widest_branching_and_not_their_product() -> None:
    template = " ".join(f"{{% if f{number}._is_selected %}}a{number}{{% else %}}b{number}{{% endif %}}" for number in range(300))
    expansion = expand(template)

    assert len(expansion.variants) == 2
    assert expansion.complete


@pytest.mark.rule("R10.10")
def test_a_variant_names_its_conditions() -> None:
    variants = expand("{% if f._in_query %}a{% elsif p._parameter_value == 'x' %}b{% else %}c{% endif %}").variants

    assert [variant.conditions for variant in variants] == [
        ("f._in_query",),
        ("not f._in_query", "p._parameter_value == 'x'"),
        ("not f._in_query", "not p._parameter_value == 'x'"),
    ]


@pytest.mark.rule("R10.12")
@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (Parameter(values=("daily", "hourly")), ["events_daily", "events_hourly"]),
        (Parameter(values=("daily", "hourly"), default="daily"), ["events_daily", "events_hourly"]),
        (Parameter(default="daily"), ["events_daily"]),
        (Parameter(), ["events_lkml__grain__"]),
    ],
)
def test_a_parameter_in_a_table_name(parameter: Parameter, expected: list[str]) -> None:
    expansion = expand("events_{% parameter grain %}", Known(parameters={"grain": parameter}))

    assert [variant.text for variant in expansion.variants] == expected


@pytest.mark.rule("R10.12")
def test_a_parameter_of_type_string_stands_in_quotes_and_agrees_with_conditions_on_it() -> None:
    known = Known(parameters={"p": Parameter(values=("Day", "Week"), quoted=True)})
    template = "{% if p._parameter_value == \"'Day'\" %}d{% else %}w{% endif %} = {% parameter p %}"

    assert [variant.text for variant in expand(template, known).variants] == ["d = 'Day'", "w = 'Week'"]


@pytest.mark.rule("R10.12")
def test_a_parameter_is_never_what_its_allowed_values_do_not_have() -> None:
    known = Known(parameters={"p": Parameter(values=("day", "week"))})
    branches = "{% if x == 'day' %}d{% elsif x == 'month' %}m{% elsif x == 'week' %}w{% else %}?{% endif %}"
    template = "{% assign x = p._parameter_value %}" + branches

    assert [variant.text for variant in expand(template, known).variants] == ["d", "w"]


def test_a_branch_that_only_other_choices_lead_to_is_found() -> None:
    template = "{% if x == 'a' %}a{% endif %}{% if x == 'c' %}c{% endif %}{% if x == 'd' %}d{% endif %}"
    expansion = expand(template)

    assert {variant.text for variant in expand(template, combinations=0).variants} == {"a", "c", "d"}
    assert {variant.text for variant in expansion.variants} == {"a", "c", "d", ""}
    assert expansion.complete


@pytest.mark.rule("R10.12")
def test_choices_that_meet_in_one_name_meet_in_every_way() -> None:
    known = Known(parameters={"a": Parameter(values=("x", "y")), "b": Parameter(values=("1", "2", "3"))})
    variants = expand("t_{% parameter a %}_{% parameter b %}", known).variants

    assert sorted(variant.text for variant in variants) == ["t_x_1", "t_x_2", "t_x_3", "t_y_1", "t_y_2", "t_y_3"]


@pytest.mark.rule("R10.16")
def test_a_variable_knows_what_was_decided_about_what_it_was_set_to() -> None:
    template = "{% assign e = _explore._name | replace: '-', '_' %}{% if e == 'a' or e == 'b' %}{{ e }}{% else %}c{% endif %}"

    assert next(variant.conditions for variant in expand(template).variants) == ("_explore._name == 'a'",)


@pytest.mark.rule("R10.11")
def test_what_is_known_decides() -> None:
    template = "{% if _model._name == 'sales' %}a{% else %}b{% endif %}"

    assert texts(template, _model___name="sales") == ["a"]
    assert texts(template, _model___name="other") == ["b"]
    assert texts(template) == ["a", "b"]


@pytest.mark.rule("R10.13")
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% condition f %} t.c {% endcondition %}", "(t.c IS NOT NULL)"),
        ("{% condition %} t.c {% endcondition %}", "(t.c IS NOT NULL)"),
        ("{% condition v.f %} ${orders.created_date} {% endcondition %}", "(${orders.created_date} IS NOT NULL)"),
        ("{% incrementcondition %} t.c {% endincrementcondition %}", "(t.c IS NOT NULL)"),
        ("{% date_start f %}", DATE),
        ("{% date_end v.f %}", DATE),
        ("a > {% date_start f %} and b", f"a > {DATE} and b"),
        ("a > '{% date_start f %}' and b", "a > '2000-01-01' and b"),
        ("a {% parameter p %} b {% parameter p %} c", "a lkml__p__ b lkml__p__ c"),
        ("a {% parameter %} b", "a lkml__unknown__ b"),
        ("{% condition f %}{% parameter p %} x{% endcondition %} c", "(lkml__p__ x IS NOT NULL) c"),
    ],
)
def test_lookers_own_tags(template: str, expected: str) -> None:
    assert texts(template) == [expected]


@pytest.mark.rule("R10.14")
@pytest.mark.parametrize("path", ["_user_attributes['data-set']", '_user_attributes["data-set"]'])
def test_a_user_attribute_is_its_value_or_a_placeholder(path: str) -> None:
    template = f"hive.{{{{ {path} }}}}.orders"

    assert texts(template) == ["hive.lkml__ua_data_set__.orders"]
    assert [one.text for one in expand(template, Known(values={"_user_attributes.data-set": "eu"})).variants] == [
        "hive.eu.orders"
    ]


@pytest.mark.rule("R10.16")
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% comment %} no {% endcomment %}a", ["a"]),
        ("{% raw %}{{ x }}{% endraw %}", ["{{ x }}"]),
        ("{% assign x = 'YES' | downcase %}{% if x == 'yes' %}a{% else %}b{% endif %}", ["a"]),
        ("{% capture x %}t{% endcapture %}{{ x }}", ["t"]),
        ("{% assign x = 'a' | append: '_rank' %}{{ x }}", ["a_rank"]),
        ("{{ 'a-b' | replace: '-', '_' | upcase }}", ["A_B"]),
        ("{% assign l = 'a,b' | split: ',' %}{{ l | size }} {{ l | join: '+' }}", ["2 a+b"]),
        ("{{ f._value | append: '_rank' }}", ["lkml__f_value___rank"]),
        ("{{ 'a' | no_such_filter }} {{ 'a' | plus: 'b' | date }}", ["a 0"]),
        ("{% if c %}{% assign x = 'a' %}{% endif %}[{{ x }}]", ["[a]", "[]"]),
        ("{% for x in list %}{{ x }},{% endfor %}", ["lkml__x__,"]),
    ],
)
def test_the_rest_of_liquid(template: str, expected: list[str]) -> None:
    assert texts(template) == expected


@pytest.mark.rule("R10.17")
@pytest.mark.parametrize(
    ("template", "left"),
    [
        ("{% if x %}a", "a"),
        ("b {% nonsense %} c", "b  c"),
        ("select {{ x", "select {{ x"),
        ("a {% endif %}", "a "),
        ("{% if %}{{ t }}{% endif %}", "lkml__t__"),
        ("a{% if\n%}b", "a\nb"),
    ],
)
def test_malformed_liquid_is_named_and_its_tags_are_left_out(template: str, left: str) -> None:
    expansion = expand(template)

    assert [variant.text for variant in expansion.variants] == [left]
    assert not expansion.complete
    assert expansion.fault


@pytest.mark.rule("R10.5")
def test_the_sql_of_a_field_is_a_reference_to_it() -> None:
    assert texts("{{ orders.total._sql }} > 1") == ["${orders.total} > 1"]


def test_the_same_text_on_two_ways_needs_only_what_both_have_in_common() -> None:
    variants = expand("{% if a %}x{% else %}x{% endif %}").variants

    assert [(variant.text, variant.conditions) for variant in variants] == [("x", ())]


def test_every_line_knows_where_it_comes_from() -> None:
    template = "select a\n{% if x._in_query %}\nfrom t\n{% else %}\nfrom u\n{% endif %}\nwhere b"
    first, second = expand(template).variants

    assert [(line, first.line(at)) for at, line in enumerate(first.text.split("\n"), 1) if line] == [
        ("select a", 1),
        ("from t", 3),
        ("where b", 7),
    ]
    assert [(line, second.line(at)) for at, line in enumerate(second.text.split("\n"), 1) if line][1] == ("from u", 5)


@pytest.mark.rule("R10.20")
@pytest.mark.parametrize(
    ("sql", "prod", "dev"),
    [
        ("-- if prod -- a\n-- if dev -- b", " a\n", "\n b"),
        (
            "from\n  -- if prod -- prod.t\n  -- if dev -- dev.t\nwhere x",
            "from\n   prod.t\n  \nwhere x",
            "from\n  \n   dev.t\nwhere x",
        ),
        ("--IF PROD--a --  if dev -- b", "a ", " b"),
        ("a -- if prod -- and b", "a  and b", "a "),
        ("a -- a comment if prod", "a -- a comment if prod", "a -- a comment if prod"),
    ],
)
def test_lines_of_one_environment(sql: str, prod: str, dev: str) -> None:
    assert in_environment(sql) == prod
    assert in_environment(sql, "dev") == dev


@pytest.mark.rule("R10.16")
@pytest.mark.parametrize(
    "template",
    [
        "{{ 'abc' | uniq: 9 }}",
        "{{ 'abc' | compact: 9 }}",
        "{{ '1e400' | ceil }}",
        "{{ 'a' | date: '%9999Y' }}",
        "{{ 'a,b' | split: ',' | map: 'x' | sort: 'y' }}",
        "{{ 'a' | slice: 99999999999999999999 }}",
    ],
)
def test_a_filter_that_fails_costs_nothing_else(template: str) -> None:
    assert len(expand(template).variants) == 1


LONG = "{% assign x = 'aaaaaaaaaaaaaaaa' %}" + "{% assign x = x | append: x %}" * 13


@pytest.mark.rule("R10.16")
@pytest.mark.parametrize("end", ["{{ x | split: '' | join: x | size }}", "{{ x | replace: 'a', x | size }}"])
def test_filters_that_multiply_a_value_end_somewhere(end: str) -> None:
    """A text of 131,072 letters with itself in each place would be 17 GB."""
    (variant,) = expand(LONG + end).variants

    assert int(variant.text) == 131_072


@pytest.mark.rule("R10.17")
@pytest.mark.parametrize(
    "template", ["a {% " + "x" * 200_000, "a {{" + " " * 200_000 + "x", "a" + "{%" * 50_000, "a" + "{{ x " * 50_000]
)
def test_what_is_never_ended_is_not_searched_for_its_end(template: str) -> None:
    """It would take minutes, or hours."""
    expansion = expand(template)

    assert expansion.variants[0].text.startswith("a")
    assert expansion.fault is not None
