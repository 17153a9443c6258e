"""What is found in SQL: text that cannot be read, and columns that are not there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dagster_lookml.source.dbt import DbtProject, DbtRelation
from tests.analysis.asking import findings_of, said

# -- reading -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14.11")
def test_sql_that_cannot_be_read_is_told_once_with_what_stopped_the_reading() -> None:
    found = said(
        "unreadable-sql",
        """
        explore: a {} explore: b {}
        view: a { dimension: x { sql: UPPER(COALESCE(${TABLE}.x, 1) ;; } dimension: y { sql: COALESCE(${TABLE}.y, 1) ;; } }
        view: b { extends: [a] }
        """,
    )

    assert found == ["m.model.lkml:4 warning: this `sql` cannot be read: Expecting ) (line 1 of the SQL)"]


@pytest.mark.rule("R10.10")
def test_every_branch_of_liquid_is_read() -> None:
    field = "dimension: x {{ sql: {{% if a._in_query %}} ${{TABLE}}.x {{% else %}} {} {{% endif %}} ;; }}"

    assert said("unreadable-sql", "explore: v {{}} view: v {{ {} }}".format(field.format("(${TABLE}.y"))) == [
        "m.model.lkml:2 warning: this `sql` cannot be read: Expecting ) (line 1 of the SQL)"
    ]
    assert said("unreadable-sql", "explore: v {{}} view: v {{ {} }}".format(field.format("(${TABLE}.y)"))) == []


@pytest.mark.rule("R10.17")
def test_liquid_that_cannot_be_read_is_told_apart_from_sql() -> None:
    model = "explore: v {} view: v { dimension: x { sql: {% if a._in_query %} ${TABLE}.x {% else %} ${TABLE}.y ;; } }"
    [found] = said("unreadable-liquid", model)

    assert found.startswith("m.model.lkml:2 error: the Liquid of this `sql` cannot be read: ")
    assert said("unreadable-sql", model) == []
    assert said("unreadable-liquid", model.replace("${TABLE}.y ;;", "${TABLE}.y {% endif %} ;;")) == []


def liquid(template: str, *, parameter: str = "sql", explore: str = "explore: v {}") -> list[str]:
    """How bad the Liquid of a field is."""
    found = said("unreadable-liquid", f"{explore} view: v {{ filter: f {{}} dimension: x {{ {parameter}: {template} ;; }} }}")
    return [one.split()[1].rstrip(":") for one in found]


@pytest.mark.rule("R10.17")
@pytest.mark.parametrize(
    "template",
    [
        "{% if f._is_filtered %} ${TABLE}.x",
        "${TABLE}.x {% endif %}",
        "{% if f._is_filtered %} ${TABLE}.x {% elseif f._in_query %} 1 {% endif %}",
        "{% iff f._is_filtered %} ${TABLE}.x {% endif %}",
        "{% condition f %} ${TABLE}.x",
        "{% conditon f %} ${TABLE}.x {% endcondition %}",
        "{% case f._value %}{% when 1 %} ${TABLE}.x",
        "{{ f._value } + ${TABLE}.x",
    ],
)
def test_tags_that_do_not_end_or_begin_break_a_query_for_sure(template: str) -> None:
    assert liquid(template) == ["error"]
    assert liquid(template, explore="") == ["warning"]  # nobody can query it
    assert liquid(template, explore="explore: v { extension: required }") == ["warning"]


@pytest.mark.rule("R10.17")
@pytest.mark.parametrize(
    "template", ["{% if f._value = 1 %} ${TABLE}.x {% endif %}", "{% newtag x %} ${TABLE}.x", "{{ }} ${TABLE}.x"]
)
def test_what_stands_in_a_tag_and_a_tag_that_looks_like_none_may_be_known_to_looker(template: str) -> None:
    assert liquid(template) == ["warning"]


@pytest.mark.rule("R10.1")
@pytest.mark.parametrize(
    ("parameter", "template", "found"),
    [
        ("html", "{{ value }", ["warning"]),
        ("html", "{% if value > 1 %} <b>{{ value }}</b>", ["warning"]),
        ("html", "{% if value > 1 %} <b>{{ value }}</b> {% endif %}", []),
        ("html", "{{ value | append 'x' }}", []),  # Looker reads more than the letter of Liquid allows
    ],
)
def test_broken_liquid_in_what_is_shown_is_a_warning(parameter: str, template: str, found: list[str]) -> None:
    assert liquid(template, parameter=parameter) == found


@pytest.mark.rule("R10.1")
def test_broken_liquid_in_a_link_is_told_once() -> None:
    link = 'link: { label: "x" url: "https://example.com/{{ value }" }'
    model = f"explore: v {{}} view: v {{ dimension: x {{ {link} }} }} view: w {{ extends: [v] }}"

    assert said("unreadable-liquid", model) == [
        "m.model.lkml:2 warning: the Liquid of this `link.url` cannot be read: expected '}}', found end of file"
    ]


# -- semicolons --------------------------------------------------------------------------------------------------------


def semicolons(inside: str, *, explore: str = "explore: v {}") -> list[str]:
    """How bad a semicolon in a view, or in an explore that has it, is."""
    found = said("semicolon-in-sql", f"{explore} view: v {{ {inside} }}")
    return [one.split()[1].rstrip(":") for one in found]


@pytest.mark.rule("R5.2")
@pytest.mark.parametrize(
    ("inside", "found"),
    [
        ("dimension: s { sql: ${TABLE}.s; ;; }", ["error"]),
        ("dimension: s { sql: ${TABLE}.s; -- done\n ;; }", ["error"]),
        ("dimension: s { sql: ${TABLE}.s; /* done */ ;; }", ["error"]),
        ("dimension_group: s { type: duration sql_start: a; ;; sql_end: b ;; }", ["error"]),
        ("sql_table_name: shop.v; ;;", ["error"]),
        ("derived_table: { sql: SELECT id FROM x; ;; }", ["error"]),
        ('derived_table: { sql: SELECT id FROM x; ;; persist_for: "1 hour" }', ["warning"]),
        ('derived_table: { sql_create: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT 1; ;; persist_for: "1 hour" }', []),
        ("dimension: s { sql: CONCAT(${TABLE}.s, ';') ;; }", []),
        ("dimension: s { sql: ${TABLE}.s -- and; that;\n ;; }", []),
        ("dimension: s { sql: ${TABLE}.s /* and; */ ;; }", []),
        ("dimension: s { sql: 'it\\'s; -- no' || ';' ;; }", []),
        ("dimension: s { sql: {% assign x = 'a;' %} ${TABLE}.s ;; }", []),
        ('dimension: s { html: <b style="color: red;">x</b>; ;; }', []),
    ],
)
def test_sql_inside_a_statement_does_not_end_it(inside: str, found: list[str]) -> None:
    assert semicolons(inside) == found
    assert semicolons(inside, explore="") == ["warning" for _ in found]


@pytest.mark.rule("R6.7")
def test_the_sql_of_an_explore_does_not_end_the_statement() -> None:
    joined = "explore: v {{ {} join: w {{ sql_on: {} ;; relationship: one_to_one }} }} view: w {{}}"

    assert semicolons("", explore=joined.format("", "${v.id} = ${w.id};")) == ["error"]
    assert semicolons("", explore=joined.format("sql_always_where: 1 = 1; ;;", "1 = 1")) == ["error"]
    assert semicolons("", explore=joined.format("sql_preamble: SET x = 1; ;;", "1 = 1")) == []


@pytest.mark.rule("R4.24")
@pytest.mark.parametrize(
    ("sql", "written"),
    [
        ("UPPER({TABLE}.s)", "{TABLE}"),
        ("{ TABLE }.s", "{ TABLE }"),
        ("$TABLE.s || ${TABLE}.t", "$TABLE"),
        ("${TABLE}.s", None),
        ("'{TABLE}'", None),
        ("${TABLE}.s -- not {TABLE}.s\n", None),
        ("{{ TABLE }}", None),
        ("$TABLE", None),  # some databases have variables
    ],
)
def test_a_slip_in_the_name_of_the_own_table_is_told(sql: str, written: str | None) -> None:
    model = f"explore: v {{}} view: v {{ dimension: s {{ sql: {sql} ;; }} }}"
    found = [f"m.model.lkml:2 error: this `sql` says `{written}`, which is not replaced by the table | write ${{TABLE}}"]

    assert said("misspelt-table", model) == (found if written else [])


# -- columns of derived tables -----------------------------------------------------------------------------------------


def derived(sql: str, field: str, *, explore: str = "explore: v {}", rule: str = "unknown-column") -> list[str]:
    """What a rule says of one field over one derived table, both in line 2."""
    return said(rule, f"{explore} view: v {{ derived_table: {{ sql: {sql} ;; }} {field} }}")


@pytest.mark.rule("R7.12")
def test_of_a_table_with_two_sources_nobody_knows_the_columns() -> None:
    parent = "view: parent { derived_table: { sql: SELECT 1 AS id ;; } dimension: id {} }"
    child = "view: v { extends: [parent] derived_table: { SOURCE } dimension: seg {} }"
    model = f"explore: v {{}} explore: parent {{}} {parent} {child}"

    created = "sql_create: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT 1 AS id, 2 AS seg ;;"
    assert said("unknown-column", model.replace("SOURCE", created)) == []
    assert len(said("unknown-column", model.replace("SOURCE", 'persist_for: "1 hour"'))) == 1


@pytest.mark.rule("R5.3")
@pytest.mark.parametrize("field", ["dimension: b {}", "dimension: b { sql: ${TABLE}.b ;; }", "measure: b { type: sum }"])
def test_a_field_reads_what_its_derived_table_puts_out(field: str) -> None:
    fault = "`v.b` reads the column `b`, which the derived table of `v` does not put out"

    assert derived("SELECT a, c AS d FROM t", field) == [f"m.model.lkml:2 error: {fault}"]
    assert derived("SELECT a, c AS b FROM t", field) == []
    assert derived("SELECT * FROM t", field) == []
    assert derived("SELECT x.* FROM (SELECT a FROM t) AS x JOIN t AS y ON x.a = y.a", field) == [f"m.model.lkml:2 error: {fault}"]
    assert derived("WITH q AS (SELECT a, B FROM t) SELECT * FROM q", field) == []


@pytest.mark.rule("R5.3")
def test_the_place_of_an_unknown_column_is_where_the_field_names_it() -> None:
    table = "derived_table: { sql: SELECT a FROM t ;; }"
    model = f"explore: v {{}}\nview: v {{\n  {table}\n  dimension: b {{ sql: upper(${{TABLE}}.nope) ;; }}\n}}"
    [found] = findings_of("unknown-column", model)

    assert (found.line, found.column, found.length) == (5, 38, len("nope"))


@pytest.mark.rule("R5.6")
def test_the_columns_of_a_native_table_are_those_that_it_lists() -> None:
    model = """
        explore: orders {} explore: v {}
        view: orders { dimension: user_id {} measure: count { type: count } }
        view: v {
          derived_table: { explore_source: orders { column: user_id {} column: total { field: orders.count } } }
          dimension: user_id {}
          dimension: totals {}
        }
    """

    assert said("unknown-column", model) == [
        (
            "m.model.lkml:8 error: `v.totals` reads the column `totals`, which the derived table of `v` does not put out"
            " | did you mean total?"
        )
    ]


@pytest.mark.rule("R5.6")
def test_a_column_that_the_sql_of_a_derived_column_lacks_is_shown_there() -> None:
    model = """
        explore: orders {} explore: v {}
        view: orders { dimension: user_id {} }
        view: v {
          derived_table: { explore_source: orders {
            column: user_id {}
            derived_column: rank { sql: RANK() OVER (ORDER BY user_idd) ;; }
          } }
          dimension: rank {}
        }
    """

    fault = "`v.rank` needs the column `user_idd`, which nothing that `v` reads puts out"

    assert said("unknown-column", model) == [f"m.model.lkml:8 error: {fault} | did you mean user_id?"]


def test_a_temporary_table_offers_its_columns_too() -> None:
    sql = "WITH x AS (SELECT id, MIN(t) AS next_search_event_time FROM s.t GROUP BY 1) SELECT x.* FROM x"

    [found] = derived(sql, "dimension: e { sql: ${TABLE}.next_search_event_time_ ;; }")

    assert found.endswith(" does not put out | did you mean next_search_event_time?")


@pytest.mark.rule("R10.10")
def test_where_liquid_decides_what_is_put_out_it_is_a_warning() -> None:
    branches = "SELECT a {% if v.p._parameter_value == 'x' %} , b {% endif %} FROM t"

    assert derived(branches, "parameter: p {} dimension: b {}") == []
    assert derived(branches, "parameter: p {} dimension: c {}") == [
        "m.model.lkml:2 warning: `v.c` reads the column `c`, which the derived table of `v` does not put out"
    ]


@pytest.mark.rule("R10.10")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t WHERE {% condition f %} t.a {% endcondition %}",
        "SELECT a FROM t WHERE {% incrementcondition %} t.day {% endincrementcondition %}",
        "SELECT a FROM t WHERE t.day > {% date_start f %}",
        "SELECT a FROM t {% if v.f._is_filtered %} WHERE t.x = 1 {% endif %}",
        "SELECT a -- {{ nothing }}\nFROM t",
        "SELECT {% if v.f._is_filtered %} t.x {% else %} t.y {% endif %} AS a FROM t",
        "SELECT {{ _user_attributes['rate'] }} * t.x AS a FROM t",
        "SELECT t.a FROM {{ _user_attributes['schema'] }}.t AS t",
        "WITH q AS (SELECT * FROM {% if v.f._is_filtered %} t {% else %} u {% endif %}) SELECT a FROM q",
    ],
)
def test_liquid_that_changes_nothing_of_what_is_put_out_makes_it_no_less_sure(sql: str) -> None:
    fault = "`v.c` reads the column `c`, which the derived table of `v` does not put out"
    field = "filter: f { type: date } dimension: c {}"

    assert [one.partition(": ")[2] for one in derived(sql, field)] == [fault]
    assert [one.split()[1] for one in derived(sql, field)] == ["error:"]
    assert derived(sql, field.replace("c {}", "a {}")) == []


@pytest.mark.rule("R10.10")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a, {% parameter p %} FROM t",
        "SELECT a, t.{% parameter p %} FROM t",
        "SELECT a, {{ _user_attributes['more'] }} FROM t",
        "SELECT a, 1 AS x_{{ _user_attributes['more'] }} FROM t",
        "SELECT a {% if %} , b FROM t",
        "WITH q AS (SELECT a, {% parameter p %} FROM t) SELECT * FROM q",
    ],
)
def test_where_nobody_knows_all_that_liquid_puts_out_nothing_is_sure(sql: str) -> None:
    found = derived(sql, "parameter: p { type: unquoted } dimension: c {}")

    assert [one for one in found if " error:" in one] == []


@pytest.mark.rule("R10.10")
def test_a_column_that_only_one_branch_of_the_tables_own_sql_lacks_is_a_warning() -> None:
    branches = "{% if v.p._is_filtered %} q.zz {% else %} q.a {% endif %}"
    found = derived(f"SELECT {branches} AS b FROM (SELECT a FROM t) AS q", "filter: p {} dimension: b {}")

    assert found == ["m.model.lkml:2 warning: `v.b` needs the column `zz`, which nothing that `v` reads puts out"]


@pytest.mark.rule("R10.10")
def test_a_table_below_whose_columns_liquid_names_leaves_it_open() -> None:
    below = "view: u { parameter: p { type: unquoted } derived_table: { sql: SELECT a, {% parameter p %} FROM t ;; } }"
    found = derived("SELECT * FROM ${u.SQL_TABLE_NAME}", "dimension: c {}", explore=f"explore: v {{}} {below}")

    assert [one for one in found if " error:" in one] == []


@pytest.mark.parametrize("explore", ["", "explore: v { fields: [ALL_FIELDS*, -v.b] }"])
def test_a_field_that_nobody_can_pick_fails_for_nobody(explore: str) -> None:
    others = "explore: w {} view: w { dimension: id {} }"

    assert derived("SELECT a FROM t", "dimension: b {}", explore=explore + others) == [
        "m.model.lkml:2 warning: `v.b` reads the column `b`, which the derived table of `v` does not put out"
    ]


@pytest.mark.rule("R4.26")
def test_a_column_may_be_missing_further_below() -> None:
    model = """
        explore: top {}
        view: base { derived_table: { sql: SELECT a FROM t ;; } }
        view: top {
          derived_table: { sql: SELECT b FROM ${base.SQL_TABLE_NAME} ;; }
          dimension: b {}
        }
    """

    assert said("unknown-column", model) == [
        "m.model.lkml:6 error: the SQL of `top` reads the column `b`, which `base` does not have"
    ]


@pytest.mark.rule("R14.11")
def test_nothing_is_said_of_a_derived_table_that_cannot_be_read() -> None:
    assert derived("SELECT a FROM (t", "dimension: b {}") == []


@pytest.mark.rule("R7.8")
def test_a_field_that_several_views_inherit_is_told_of_once_and_as_bad_as_the_worst() -> None:
    model = """
        explore: child {}
        view: a_parent { derived_table: { sql: SELECT a FROM t ;; } dimension: b {} }
        view: child { extends: [a_parent] }
    """

    assert said("unknown-column", model) == [
        "m.model.lkml:4 error: `child.b` reads the column `b`, which the derived table of `child` does not put out"
    ]


def test_a_column_that_two_tables_may_have_is_said_to_who_asks() -> None:
    rule, fields = "ambiguous-column", "dimension: city {}"

    assert derived("SELECT city FROM o JOIN u ON o.k = u.k", fields, rule=rule) == [
        "m.model.lkml:2 info: several tables may have the column `city`, which `v.city` needs"
    ]
    assert derived("SELECT u.city FROM o JOIN u ON o.k = u.k", fields, rule=rule) == []


def test_the_place_of_an_ambiguous_column_is_where_it_lacks_its_table() -> None:
    table = "derived_table: {\n  sql: SELECT city FROM o JOIN u ON o.k = u.k ;; }"
    [found] = findings_of(
        "ambiguous-column", f"explore: v {{}} view: v {{ {table}\n dimension: city {{ sql: ${{TABLE}}.city ;; }} }}"
    )

    assert (found.line, found.column) == (3, 15)


# -- persistent tables -------------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.11")
@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("SELECT * FROM shop.orders", "shop.orders"),
        ("select distinct o.* from shop.orders AS o", "shop.orders"),
        ("SELECT *, 1 AS one FROM ${base.SQL_TABLE_NAME}", "${base.SQL_TABLE_NAME}"),
        ("SELECT *, 1 AS one FROM ${named.SQL_TABLE_NAME}", None),
        ("WITH q AS (SELECT a FROM t) SELECT * FROM q", None),
        ("WITH q AS (SELECT * FROM t) SELECT * FROM q", "t"),
        ("WITH q AS (SELECT * FROM t), r AS (SELECT * FROM u) SELECT q.*, r.a FROM q JOIN r ON q.k = r.k", "t"),
        ("WITH q AS (SELECT * FROM t) SELECT a, SUM(b) AS s FROM q GROUP BY 1", None),
        ("SELECT a FROM (SELECT * FROM t) AS q", None),
        ("SELECT a FROM t WHERE EXISTS (SELECT * FROM u)", None),
        ("SELECT a FROM t UNION ALL SELECT * FROM u", "u"),
        ("SELECT COUNT(*) AS n FROM t", None),
        ("SELECT a -- SELECT * FROM t\nFROM t", None),
    ],
)
def test_a_persistent_table_that_takes_every_column_is_said_to_who_asks(sql: str, table: str | None) -> None:
    base = "view: base { sql_table_name: shop.base ;; } view: named { derived_table: { sql: SELECT 1 AS a ;; } }"
    model = base + " explore: v {}\nview: v { derived_table: { sql: %s ;; %s } }"
    expected = [f"m.model.lkml:3 info: the persistent table of `v` takes every column of `{table}`"] if table else []

    assert said("star-in-pdt", model % (sql, 'persist_for: "1 hour"')) == expected
    assert said("star-in-pdt", model % (sql, "")) == []


@pytest.mark.rule("R5.4")
def test_a_star_over_a_table_of_the_same_statements_is_none_over_a_table_of_the_warehouse() -> None:
    steps = (
        "CREATE TEMP TABLE x AS SELECT {} FROM shop.orders ;; sql_step: CREATE TABLE ${{SQL_TABLE_NAME}} AS SELECT * FROM {} ;;"
    )
    model = 'explore: v {} view: v { derived_table: { create_process: { sql_step: %s } persist_for: "1 hour" } }'

    assert said("star-in-pdt", model % steps.format("a", "x")) == []
    assert said("star-in-pdt", model % steps.format("a", "shop.items")) == [
        "m.model.lkml:2 info: the persistent table of `v` takes every column of `shop.items`"
    ]


def test_the_place_of_a_star_is_the_table_that_decides() -> None:
    table = 'derived_table: {\n    sql: SELECT *\n      FROM Shop.Orders ;;\n    persist_for: "1 hour"\n  }'
    model = f"explore: v {{}}\nview: v {{\n  {table}\n}}"
    [found] = findings_of("star-in-pdt", model)

    assert (found.line, found.column, found.length) == (6, 17, len("Orders"))


# -- dbt ---------------------------------------------------------------------------------------------------------------


def dbt(*columns: str, complete: bool = True) -> DbtProject:
    """A dbt project with the model ``shop.orders`` and its columns."""
    relation = DbtRelation(
        unique_id="model.shop.orders",
        parts=("db", "shop", "orders"),
        columns=columns,
        columns_complete=complete,
        depends_on=(),
        file=None,
    )
    return DbtProject(adapter="snowflake", relations=(relation,))


def over_orders(rule: str, fields: str, known: DbtProject, table: str = "shop.orders") -> list[str]:
    model = f"explore: orders {{}} view: orders {{ sql_table_name: {table} ;; {fields} }}"
    return said(rule, model, dbt=known)


STATE = "dimension: id {} dimension: state { sql: ${TABLE}.state ;; }"


def test_a_column_that_the_catalog_does_not_have_is_an_error() -> None:
    rule = "unknown-catalog-column"

    assert over_orders(rule, STATE, dbt("ID", "STATUS")) == [
        (
            "m.model.lkml:2 error: `orders.state` reads the column `state` of `shop.orders`, which dbt's catalog does not have"
            " | did you mean status?"
        )
    ]
    assert over_orders(rule, STATE, dbt("ID", "STATE")) == []
    assert over_orders(rule, STATE, dbt("ID", "STATUS"), "shop.other") == []
    assert over_orders(rule, STATE, dbt("ID", "STATUS", complete=False)) == []


def test_a_column_of_a_struct_and_one_that_the_database_has_by_itself_are_known() -> None:
    fields = "dimension: city { sql: ${TABLE}.address.city ;; } dimension: part { sql: ${TABLE}._PARTITIONTIME ;; }"

    assert over_orders("unknown-catalog-column", fields, dbt("address")) == []


def test_a_column_that_only_some_liquid_reads_is_a_warning() -> None:
    field = (
        "parameter: p {} dimension: x { sql: {% if p._parameter_value == 'a' %} ${TABLE}.a {% else %} ${TABLE}.b {% endif %} ;; }"
    )

    assert over_orders("unknown-catalog-column", field, dbt("a")) == [
        "m.model.lkml:2 warning: `orders.x` reads the column `b` of `shop.orders`, which dbt's catalog does not have"
    ]
    assert over_orders("unknown-catalog-column", field, dbt("a", "b")) == []


def test_a_column_that_the_manifest_does_not_list_is_said_to_who_asks() -> None:
    rule = "undocumented-column"

    assert over_orders(rule, STATE, dbt("id", "status", complete=False)) == [
        (
            "m.model.lkml:2 info: `orders.state` reads the column `state` of `shop.orders`, which dbt's manifest does not have"
            " | did you mean status?"
        )
    ]
    assert over_orders(rule, STATE, dbt(complete=False)) == []
    assert over_orders(rule, STATE, dbt("id", "status")) == []


def test_a_table_beside_those_of_dbt_is_said_to_who_asks() -> None:
    rule = "unknown-catalog-table"

    assert over_orders(rule, STATE, dbt("id"), "shop.order") == [
        (
            "m.model.lkml:2 warning: `orders` reads `shop.order`, which dbt does not know, though it knows others in `shop`"
            " | did you mean orders?"
        )
    ]
    assert over_orders(rule, STATE, dbt("id"), "shop.orders") == []
    assert over_orders(rule, STATE, dbt("id"), "raw.order") == []


def test_check_reads_the_artifacts_of_dbt(tmp_path: Path) -> None:
    (tmp_path / "m.model.lkml").write_text(
        f'connection: "c"\nexplore: orders {{}}\nview: orders {{ sql_table_name: shop.orders ;;\n{STATE} }}\n', "utf-8"
    )
    node = {
        "name": "orders",
        "database": "db",
        "schema": "shop",
        "alias": "orders",
        "config": {},
        "depends_on": {},
        "columns": {},
    }
    schema = "https://schemas.getdbt.com/dbt/{}.json"
    manifest = {"metadata": {"dbt_schema_version": schema.format("manifest/v12")}, "nodes": {"model.shop.orders": node}}
    columns = {"columns": {"id": {"index": 1}, "status": {"index": 2}}}
    catalog = {"metadata": {"dbt_schema_version": schema.format("catalog/v1")}, "nodes": {"model.shop.orders": columns}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (tmp_path / "catalog.json").write_text(json.dumps(catalog), "utf-8")
    command = [sys.executable, "-m", "dagster_lookml", "check", "--dbt-manifest", "manifest.json"]

    plain = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    with_catalog = subprocess.run(
        [*command, "--dbt-catalog", "catalog.json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (plain.returncode, plain.stderr) == (0, "")
    assert (with_catalog.returncode, with_catalog.stderr) == (1, "")
    assert "m.model.lkml:4" in with_catalog.stdout
    assert "LM706" in with_catalog.stdout


@pytest.mark.rule("R9.6")
def test_sql_that_only_a_constant_keeps_from_being_read_is_told_of_once() -> None:
    files = {
        "manifest.lkml": "",
        "m.model.lkml": 'connection: "c" explore: v {} view: v { derived_table: { sql: SELECT 1 FROM @{S}.t ;; } }',
    }

    assert len(said("undefined-constant", files)) == 1
    assert said("unreadable-sql", files) == []
    files["m.model.lkml"] = files["m.model.lkml"].replace("@{S}.t", "(")
    assert len(said("unreadable-sql", files)) == 1


# -- columns that the SQL of a derived table names ---------------------------------------------------------------------

FACTS = """explore: orders {} explore: big {}
view: orders { sql_table_name: s.orders ;; dimension: user_id {} measure: count { type: count } measure: total { type: sum } }
view: facts { derived_table: { explore_source: orders { column: user_id {} column: total {} } } dimension: user_id {} }
view: big {
  dimension: user_id {}
  derived_table: { sql:
"""


def of_big(sql: str, *, explore: str = "explore: big {}") -> list[str]:
    """What is said of the columns that the SQL of a table names, which stands in line 8."""
    return said("unknown-column", FACTS.replace("explore: big {}", explore) + sql + " ;; } }\n")


@pytest.mark.rule("R5.3", "R5.6", "R5.15")
@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("with r as (select user_id from ${facts.SQL_TABLE_NAME} where n > 3) select user_id from r", "facts"),
        ("select f.user_id from ${facts.SQL_TABLE_NAME} f where f.n > 3", "f"),
        ("select f.user_id, f.n as cnt from ${facts.SQL_TABLE_NAME} f", "f"),
        ("select user_id, n from ${facts.SQL_TABLE_NAME}", "facts"),
        ("select user_id, coalesce(n, 0) as n from ${facts.SQL_TABLE_NAME}", "facts"),
        ("select user_id, count(*) as c from ${facts.SQL_TABLE_NAME} group by user_id, n", "facts"),
        ("select user_id from ${facts.SQL_TABLE_NAME} order by n", "facts"),
        ("select f.user_id from s.t join ${facts.SQL_TABLE_NAME} f on f.n = t.n", "f"),
        ("with r as (select * from ${facts.SQL_TABLE_NAME}) select user_id from r where n > 1", "r"),
        ("select user_id from ${facts.SQL_TABLE_NAME} union all select n from ${facts.SQL_TABLE_NAME}", "facts"),
        ("select user_id from s.t where exists (select 1 from ${facts.SQL_TABLE_NAME} f where f.n = t.id)", "f"),
        ("select user_id from ${facts.SQL_TABLE_NAME} where {% condition big.user_id %} u {% endcondition %} and n = 1", "facts"),
    ],
)
def test_a_derived_table_cannot_be_made_of_a_column_that_another_does_not_have(sql: str, table: str) -> None:
    assert of_big(sql) == [f"m.model.lkml:8 error: the SQL of `big` reads the column `n`, which `{table}` does not have"]


@pytest.mark.rule("R5.3", "R5.15")
@pytest.mark.parametrize(
    "sql",
    [
        "select user_id, total as n, n + 1 as m from ${facts.SQL_TABLE_NAME}",  # in some dialects an output may be used
        "select user_id, total as n from ${facts.SQL_TABLE_NAME} where n > 1",
        "select user_id, total as n from ${facts.SQL_TABLE_NAME} order by n",
        "select user_id from ${facts.SQL_TABLE_NAME} f join s.t on n = 1",  # that of the other table
        "select user_id from s.t where exists (select 1 from ${facts.SQL_TABLE_NAME} where n = 1)",  # that of the outer table
        "select user_id from ${facts.SQL_TABLE_NAME} f, unnest(f.total) as n where n = 1",
        "select user_id from ${facts.SQL_TABLE_NAME} as f (user_id, n) where n = 1",
        "select user_id from ${facts.SQL_TABLE_NAME} n where n is not null",  # the row
        'select user_id from ${facts.SQL_TABLE_NAME} where total = "n"',  # a string in BigQuery
        "with facts as (select user_id, 1 as n from s.t) select user_id from facts where n = 1",
        "with t as (select user_id from t where n = 1) select user_id from t",  # the table of the warehouse in itself
        "select user_id from ${facts.SQL_TABLE_NAME} {% if big.user_id._is_selected %} where n = 1 {% endif %}",
        "select user_id from ${facts.SQL_TABLE_NAME} where {% condition big.user_id %} n {% endcondition %}",
        "select user_id from ${facts.SQL_TABLE_NAME}_v2 where n = 1",
        "select user_id from ${orders.SQL_TABLE_NAME} where n = 1",
        "select user_id, max(total) from ${facts.SQL_TABLE_NAME} where user_id.n = 1 group by 1",
    ],
)
def test_of_a_column_that_may_be_there_nothing_is_said(sql: str) -> None:
    assert of_big(sql) == []


@pytest.mark.rule("R5.15")
def test_a_table_that_no_explore_uses_is_only_warned_of() -> None:
    sql = "select user_id from ${facts.SQL_TABLE_NAME} where n > 3"

    assert of_big(sql, explore="") == [
        "m.model.lkml:8 warning: the SQL of `big` reads the column `n`, which `facts` does not have"
    ]
