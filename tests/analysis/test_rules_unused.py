"""What nothing uses: each rule with what trips it, and every kind of use that keeps it silent."""

from __future__ import annotations

import pytest

from dagster_lookml.rules import RULES, matching
from tests.analysis.asking import said

MISSING_IMPORT = {"manifest.lkml": 'remote_dependency: hub { url: "x" ref: "y" }'}
"""A manifest that imports a project which is not here."""


def with_missing_import(text: str) -> dict[str, str]:
    """A project of one model that includes a file of the missing import."""
    return MISSING_IMPORT | {"m.model.lkml": f'connection: "c" include: "//hub/*.view"\n{text}'}


def test_nobody_hears_of_what_is_unused_without_asking() -> None:
    assert [name for name in matching("LM8") if RULES[name].is_default] == []


def test_nothing_is_said_where_a_file_cannot_be_read() -> None:
    files = {
        "m.model.lkml": 'connection: "c" include: "/*.view" explore: orders {}',
        "orders.view.lkml": "view: orders { dimension: id {} }",
        "old.view.lkml": "view: old { dimension: id {} }",
        "broken.view.lkml": "view: broken { extends: [old",
    }

    assert said("unused-view", files) == []
    assert len(said("unused-view", files | {"broken.view.lkml": ""})) == 1


# -- views -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R2.18")
def test_a_view_that_no_explore_reaches() -> None:
    assert said("unused-view", "explore: orders {} view: orders {}\nview: old {}") == [
        (
            "m.model.lkml:3 warning: nothing uses the view `old`: no explore joins it, no derived table reads it, "
            "no view extends it"
        )
    ]


def test_a_view_that_only_unused_views_read_is_unused_too() -> None:
    model = """explore: orders {} view: orders {}
        view: old { derived_table: { sql: SELECT 1 FROM ${older.SQL_TABLE_NAME} ;; } }
        view: older {}
    """

    assert said("unused-view", model)[1] == (
        "m.model.lkml:4 warning: nothing uses the view `older`: only `old`, which nothing uses either"
    )


@pytest.mark.parametrize(
    "use",
    [
        pytest.param("explore: orders { join: kept { sql_on: 1 = 1 ;; } } view: orders {}", id="joined"),
        pytest.param("explore: orders { join: k { from: kept sql_on: 1 = 1 ;; } } view: orders {}", id="joined as another"),
        pytest.param("explore: orders { from: kept }", id="base of an explore"),
        pytest.param("explore: orders {} view: orders { extends: [kept] }", id="extended"),
        pytest.param("explore: orders {} view: orders {} view: +orders { extends: [kept] }", id="extended by a refinement"),
        pytest.param(
            "explore: orders {} view: orders { extends: [mid] } view: mid { extends: [kept] }", id="extended at a distance"
        ),
        pytest.param(
            "explore: orders {} view: orders { derived_table: { sql: SELECT 1 FROM ${kept.SQL_TABLE_NAME} ;; } }", id="table read"
        ),
        pytest.param("explore: orders {} view: orders { sql_table_name: ${kept.SQL_TABLE_NAME} ;; }", id="table named"),
        pytest.param(
            "explore: orders { join: u { sql: LEFT JOIN ${kept.SQL_TABLE_NAME} AS u ON 1 = 1 ;; } } view: orders {} view: u {}",
            id="table joined",
        ),
        pytest.param(
            "explore: orders {} view: orders { derived_table: { explore_source: e { column: id {} } } }"
            " explore: e { hidden: yes from: kept }",
            id="native table",
        ),
    ],
)
def test_a_view_that_something_reaches_is_used(use: str) -> None:
    assert said("unused-view", use + " view: kept { dimension: id {} }") == []


@pytest.mark.rule("R2.19")
def test_a_view_that_one_of_several_models_uses_is_used() -> None:
    files = {
        "a.model.lkml": 'connection: "c" include: "/*.view"  explore: orders {} view: orders {}',
        "b.model.lkml": 'connection: "c" include: "/*.view"  explore: kept {}',
        "kept.view.lkml": "view: kept {}",
    }

    assert said("unused-view", files) == []


def test_nothing_is_said_of_views_where_there_is_no_explore_or_an_import_is_missing() -> None:
    assert said("unused-view", "view: old {}") == []
    assert said("unused-view", with_missing_import("explore: orders {} view: orders {} view: old {}")) == []
    assert said("unused-view", "explore: orders { extends: [gone] } view: orders {} view: old {}") == []
    assert said("unused-view", "explore: orders {} view: orders { extends: [gone] } view: old {}") == []


# -- explores ----------------------------------------------------------------------------------------------------------


def test_a_hidden_explore_that_nothing_names() -> None:
    assert said("unused-explore", "explore: shown {} view: shown {}\nexplore: old { hidden: yes from: shown }") == [
        (
            "m.model.lkml:3 info: nothing uses the hidden explore `old`: no dashboard, derived table, test, suggestion or link "
            "names it, and no explore extends it"
        )
    ]


@pytest.mark.rule("R6.17")
def test_an_explore_that_must_be_extended_and_is_not() -> None:
    base = "explore: base { extension: required view_name: v } view: v { dimension: id {} } explore: v {"

    assert said("unused-explore", base + "}") == ["m.model.lkml:2 info: no explore extends `base`, which must be extended"]
    assert said("unused-explore", base + " extends: [base] }") == []


TILE = "- dashboard: d\n  elements:\n  - {name: t, type: table, explore: kept, fields: [v.id]}\n"
FILTER = "- dashboard: d\n  filters:\n  - {name: f, type: field_filter, explore: kept, field: v.id}\n"


@pytest.mark.parametrize(
    ("use", "dashboard"),
    [
        pytest.param("", TILE, id="tile"),
        pytest.param("", FILTER, id="filter of a dashboard"),
        pytest.param("view: n { derived_table: { explore_source: kept { column: id { field: v.id } } } }", "", id="native table"),
        pytest.param("test: t { explore_source: kept { column: id { field: v.id } } }", "", id="test"),
        pytest.param("view: s { dimension: x { suggest_explore: kept suggest_dimension: v.id } }", "", id="suggestions"),
        pytest.param("explore: child { extends: [kept] hidden: no }", "", id="extended"),
        pytest.param('view: l { dimension: x { link: { label: "go" url: "/explore/m/kept?fields=v.id" } } }', "", id="link"),
        pytest.param("view: h { dimension: x { html: <a href='/embed/explore/m/kept'>go</a> ;; } }", "", id="html"),
    ],
)
def test_a_hidden_explore_that_something_names_is_used(use: str, dashboard: str) -> None:
    model = (
        f'connection: "c" include: "/*.dashboard" explore: kept {{ hidden: yes from: v }} view: v {{ dimension: id {{}} }} {use}'
    )

    assert said("unused-explore", {"m.model.lkml": model, "d.dashboard.lookml": dashboard}) == []


# -- fields ------------------------------------------------------------------------------------------------------------


def field(
    use: str = "", *, more: str = "", explore: str = "explore: v {}", dashboard: str = "", kind: str = "dimension"
) -> list[str]:
    """What is said of the hidden field ``old`` of the view ``v``, which stands in line 3."""
    view = f"view: v {{ {kind}: old {{ hidden: yes }} dimension: id {{}} {use} }}"
    model = f'connection: "c" include: "/*.dashboard"\n{explore} {more}\n{view}'
    return said("unused-field", {"m.model.lkml": model, "d.dashboard.lookml": dashboard})


def test_a_hidden_field_that_nothing_names() -> None:
    fault = "nothing names the hidden {} `v.old`: no SQL, Liquid, list of fields, link or dashboard"

    assert field() == [f"m.model.lkml:3 info: {fault.format('dimension')}"]
    assert field(kind="measure") == [f"m.model.lkml:3 info: {fault.format('measure')}"]
    assert field("dimension: other { sql: ${TABLE}.old ;; }") == [f"m.model.lkml:3 info: {fault.format('dimension')}"]
    assert field("dimension: other { sql: ${older} ;; } dimension: older {}") == [
        f"m.model.lkml:3 info: {fault.format('dimension')}"
    ]


@pytest.mark.parametrize(
    "use",
    [
        "dimension: x { sql: ${old} ;; }",
        "dimension: x { sql: ${v.old} + 1 ;; }",
        "dimension: x { sql: {% if v.old._in_query %} 1 {% else %} 2 {% endif %} ;; }",
        "dimension: x { html: {{ old._value }} ;; }",
        "dimension: x { html: <b>{{ v.old._rendered_value }}</b> ;; }",
        'dimension: x { link: { label: "go" url: "/dashboards/1?v={{ v.old._value | url_encode }}" } }',
        'dimension: x { link: { label: "go" url: "/explore/m/v?fields=v.old" } }',
        'dimension: x { label: "{{ v.old._value }}" }',
        'dimension: x { action: { label: "go" url: "/x" form_param: { name: "n" default: "{{ v.old._value }}" } } }',
        "measure: x { type: count drill_fields: [old] }",
        'measure: x { type: count filters: [old: "yes"] }',
        "measure: x { type: list list_field: old }",
        "dimension: x { order_by_field: old }",
        "dimension: x { required_fields: [old] }",
        "dimension: x { suggest_dimension: v.old }",
        "dimension: x { type: location sql_latitude: ${old} ;; sql_longitude: ${TABLE}.b ;; }",
        'dimension: x { case: { when: { sql: ${old} = 1 ;; label: "a" } } }',
        "dimension_group: x { type: duration sql_start: ${old} ;; sql_end: ${TABLE}.b ;; }",
        "set: some { fields: [old] }",
        "drill_fields: [old]",
        "measure: x { type: sum sql_distinct_key: ${old} ;; }",
        "sql_table_name: {% if v.old._is_filtered %} a {% else %} b {% endif %} ;;",
        "derived_table: { sql: SELECT 1 FROM t WHERE {% condition old %} a {% endcondition %} ;; }",
    ],
)
def test_a_hidden_field_that_its_view_names_is_used(use: str) -> None:
    assert field(use) == []


@pytest.mark.parametrize(
    "explore",
    [
        "explore: v { join: w { sql_on: ${v.old} = ${w.id} ;; } }",
        "explore: v { join: w { foreign_key: old } }",
        "explore: v { sql_always_where: ${v.old} = 1 ;; }",
        'explore: v { always_filter: { filters: [old: "1"] } }',
        'explore: v { conditionally_filter: { filters: [v.old: "1"] unless: [v.id] } }',
        "explore: v { access_filter: { field: v.old user_attribute: a } }",
        "explore: v { fields: [ALL_FIELDS*, -v.old] }",
        'explore: v { aggregate_table: a { query: { dimensions: [old] } materialization: { persist_for: "1 hour" } } }',
        "explore: v { query: q { dimensions: [v.old] } }",
        "explore: v { join: w { from: x sql_on: ${w.old_id} = 1 ;; } } view: x { dimension: old_id { sql: ${v.old} ;; } }",
        "explore: base { view_name: v join: w { sql_on: ${v.old} = ${w.id} ;; } }",
        "explore: a { from: v join: w { sql_on: ${a.old} = ${w.id} ;; } }",
        "explore: v {} view: n { derived_table: { explore_source: v { column: old {} } } }",
        "explore: v {} view: n { derived_table: { explore_source: v { column: x { field: v.old } } } }",
        'explore: v {} view: n { derived_table: { explore_source: v { column: id {} filters: [v.old: "1"] } } }',
        (
            "explore: v {} view: n { filter: f {} derived_table: { explore_source: v { column: id {}"
            " bind_filters: { from_field: n.f to_field: v.old } } } }"
        ),
        "explore: v {} test: t { explore_source: v { column: old {} } assert: a { expression: ${v.id} = 1 ;; } }",
        "explore: v {} test: t { explore_source: v { column: id {} } assert: a { expression: ${v.old} = 1 ;; } }",
    ],
)
def test_a_hidden_field_that_an_explore_table_or_test_names_is_used(explore: str) -> None:
    assert field(explore=explore, more="view: w { dimension: id { primary_key: yes } }") == []


@pytest.mark.parametrize(
    "part",
    [
        "fields: [v.old]",
        "fields: [v.id], filters: {v.old: x}",
        "fields: [v.id], listen: {f: v.old}",
        "fields: [v.id], sorts: [v.old]",
        'fields: [v.id], dynamic_fields: [{table_calculation: n, expression: "${v.old}"}]',
        "fields: [v.id], dynamic_fields: [{measure: n, based_on: v.old}]",
        "fields: [v.id], series_colors: {v.old: red}",
    ],
)
def test_a_hidden_field_that_a_tile_names_is_used(part: str) -> None:
    assert field(dashboard=f"- dashboard: d\n  elements:\n  - {{name: t, type: table, explore: v, {part}}}\n") == []


@pytest.mark.rule("R7.8")
@pytest.mark.rule("R8.6")
@pytest.mark.parametrize(
    "more",
    [
        "view: kid { extends: [v] dimension: x { sql: ${old} ;; } } explore: kid {}",
        "view: kid { extends: [v] } explore: kid { sql_always_where: ${kid.old} = 1 ;; }",
        "view: kid { extends: [v] dimension: old { hidden: no } } explore: kid {}",
        "explore: +v { sql_always_where: ${v.old} = 1 ;; }",
    ],
)
def test_a_hidden_field_that_is_used_where_it_is_inherited_or_refined_is_used(more: str) -> None:
    assert field(more=more) == []


@pytest.mark.rule("R4.18")
@pytest.mark.rule("R4.43")
def test_a_primary_key_a_group_by_its_timeframe_and_an_old_name_are_uses() -> None:
    assert said("unused-field", "explore: v {} view: v { dimension: id { hidden: yes primary_key: yes } }") == []
    group = "dimension_group: made { type: time timeframes: [date] hidden: yes }"
    assert said("unused-field", f"explore: v {{}} view: v {{ {group} dimension: x {{ sql: ${{made_date}} ;; }} }}") == []
    assert len(said("unused-field", f"explore: v {{}} view: v {{ {group} }}")) == 1
    renamed = "dimension: now { hidden: yes alias: [before] } measure: n { type: count drill_fields: [before] }"
    assert said("unused-field", f"explore: v {{}} view: v {{ {renamed} }}") == []
    in_sql = "dimension: now { hidden: yes alias: [before] } dimension: x { sql: ${before} ;; }"  # wrong, and meant all the same
    assert said("unused-field", f"explore: v {{}} view: v {{ {in_sql} }}") == []


def test_a_field_that_names_itself_alone_is_not_used() -> None:
    html = "explore: v {} view: v { dimension: id {} dimension: old { hidden: yes html: {{ v.old._value }} ;; } }"

    assert len(said("unused-field", html)) == 1


def test_nothing_is_said_of_fields_where_an_import_is_missing_or_no_explore_has_the_view() -> None:
    text = "view: v { dimension: id {} dimension: old { hidden: yes } parameter: p {} set: s { fields: [id] } }"
    for rule in ("unused-field", "unused-set", "unused-filter-field"):
        assert len(said(rule, f"explore: v {{}} {text}")) == 1
        assert said(rule, with_missing_import(f"explore: v {{}} {text}")) == []
        assert said(rule, f"explore: w {{}} view: w {{ dimension: id {{}} }} {text}") == []


# -- sets, parameters, joins -------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.37")
def test_a_set_that_nothing_names() -> None:
    model = "explore: v { ~ } view: v { dimension: id {} set: detail { fields: [id] } ! }"

    def of(explore: str = "", view: str = "") -> list[str]:
        return said("unused-set", model.replace("~", explore).replace("!", view))

    assert of() == ["m.model.lkml:2 warning: no explore, join, drill field or other set names the set `detail` of `v`"]
    assert of(view="dimension: detail {}") == of()
    for use in ("measure: n { type: count drill_fields: [detail*] }", "drill_fields: [v.detail*]"):
        assert of(view=use) == []
    assert of(view="set: more { fields: [detail*] } drill_fields: [more*]") == []
    assert of(explore="fields: [v.detail*]") == []
    assert of(explore="fields: [ALL_FIELDS*, -v.detail*]") == []
    assert of(explore="join: w { from: v sql_on: 1 = 1 ;; fields: [detail*] }") == []


@pytest.mark.rule("R4.33")
@pytest.mark.parametrize("kind", ["parameter", "filter"])
def test_a_parameter_or_filter_that_nothing_reads(kind: str) -> None:
    def of(use: str = "") -> list[str]:
        return said("unused-filter-field", f"explore: v {{}} view: v {{ {kind}: p {{}} dimension: id {{}} {use} }}")

    assert of() == [f"m.model.lkml:2 warning: no SQL or Liquid reads the {kind} `v.p`, so setting it changes nothing"]
    assert of("set: s { fields: [p] }") == of()  # a list of fields reads nothing
    for use in (
        "dimension: x { sql: {% parameter p %} ;; }",
        "dimension: x { sql: {% if v.p._parameter_value == 'a' %} 1 {% else %} 2 {% endif %} ;; }",
        "dimension: x { sql: {% condition p %} ${id} {% endcondition %} ;; }",
        "dimension: x { html: {{ _filters['v.p'] }} ;; }",
        "dimension: x { label_from_parameter: p }",
        'dimension: x { label: "{{ p._parameter_value }}" }',
        "sql_table_name: {% parameter p %} ;;",
    ):
        assert of(use) == []


@pytest.mark.rule("R4.33")
def test_a_filter_with_sql_reads_itself() -> None:
    model = "explore: v {} view: v { dimension: id {} filter: f { sql: {% condition %} ${id} {% endcondition %} ;; } }"

    assert said("unused-filter-field", model) == []


@pytest.mark.rule("R4.39")
def test_a_join_that_offers_nothing_and_that_nothing_names() -> None:
    def of(join: str = "fields: []", more: str = "", view: str = "") -> list[str]:
        users = f"join: users {{ sql_on: ${{orders.id}} = ${{users.id}} ;; {join} }}"
        views = f"view: orders {{ dimension: id {{}} {view} }} view: users {{ dimension: id {{ primary_key: yes }} }}"
        return said("unused-join", f"explore: orders {{ {users} {more} }} {views} view: w {{ dimension: id {{}} }}")

    assert of() == ["m.model.lkml:2 warning: the join `users` of `orders` offers no field, and nothing names it"]
    assert of(join="") == []
    assert of(more="join: w { sql_on: ${w.id} = ${users.id} ;; }") == []
    assert of(more="join: w { sql_on: ${w.id} = 1 ;; required_joins: [users] }") == []
    assert of(more="always_join: [users]") == []
    assert of(more="sql_always_where: ${users.id} = 1 ;;") == []
    assert of(more='always_filter: { filters: [users.id: "1"] }') == []
    assert of(view="dimension: x { sql: ${users.id} ;; }") == []


# -- what models share -------------------------------------------------------------------------------------------------


@pytest.mark.rule("R11.3")
def test_a_datagroup_that_nothing_names() -> None:
    start = 'datagroup: nightly { interval_trigger: "24 hours" } view: v { dimension: id {} '

    assert said("unused-datagroup", start + "} explore: v {}") == [
        "m.model.lkml:2 info: nothing persists with the datagroup `nightly`, and no table is built by it"
    ]
    table = "aggregate_table: a { query: { dimensions: [id] } materialization: { datagroup_trigger: nightly } }"
    for use in (
        "} explore: v { persist_with: nightly }",
        "} explore: v {} persist_with: nightly",
        "derived_table: { sql: SELECT 1 AS id ;; datagroup_trigger: nightly } } explore: v {}",
        "} explore: v { " + table + " }",
    ):
        assert said("unused-datagroup", start + use) == []


@pytest.mark.rule("R13.2")
def test_an_access_grant_that_nothing_requires() -> None:
    start = 'access_grant: g { user_attribute: a allowed_values: ["x"] } '
    needs = "required_access_grants: [g]"

    assert said("unused-access-grant", start + "explore: v {} view: v {}") == [
        "m.model.lkml:2 warning: no explore, join, view or field requires the access grant `g`"
    ]
    for use in (
        f"explore: v {{ {needs} }} view: v {{}}",
        f"explore: v {{ join: w {{ {needs} sql_on: 1 = 1 ;; }} }} view: v {{}} view: w {{}}",
        f"explore: v {{}} view: v {{ {needs} }}",
        f"explore: v {{}} view: v {{ dimension: id {{ {needs} }} }}",
    ):
        assert said("unused-access-grant", start + use) == []


def test_a_named_format_that_no_field_and_no_dashboard_uses() -> None:
    def of(field: str = "", tile: str = "") -> list[str]:
        model = 'connection: "c" include: "/*.dashboard" named_value_format: euros { value_format: "0 €" } explore: v {} '
        elements = f"- dashboard: d\n  elements:\n  - {{name: t, type: table, explore: v, fields: [v.id], {tile}}}\n"
        files = {"m.model.lkml": model + f"view: v {{ dimension: id {{ {field} }} }}", "d.dashboard.lookml": elements}
        return said("unused-named-format", files)

    assert of() == ["m.model.lkml:1 info: no field and no dashboard uses the format `euros`"]
    assert of(field="value_format_name: euros") == []
    assert of(tile="dynamic_fields: [{table_calculation: n, expression: '1', value_format_name: euros}]") == []


@pytest.mark.rule("R9.1")
def test_a_constant_that_no_file_names() -> None:
    def of(manifest: str, table: str = "t") -> list[str]:
        model = f'connection: "c" explore: v {{}} view: v {{ sql_table_name: {table} ;; dimension: id {{}} }}'
        return said("unused-constant", {"manifest.lkml": manifest, "m.model.lkml": model})

    assert of('constant: A { value: "a" }') == ["manifest.lkml:1 warning: no file of the project names the constant `A`"]
    assert of('constant: A { value: "a" }', "@{A}.t") == []
    assert of('constant: A { value: "a" export: override_optional }') == []
    assert of('constant: A { value: "a" } constant: B { value: "@{A}.b" }', "@{B}.t") == []


# -- filters of dashboards ---------------------------------------------------------------------------------------------


@pytest.mark.rule("R12.9")
@pytest.mark.rule("R12.13")
def test_a_filter_that_no_tile_listens_to() -> None:
    def of(tile: str = "", more: str = "") -> list[str]:
        text = (
            f"- dashboard: d\n  filters:\n  - {{name: State, type: string_filter}}\n{more}"
            f"  elements:\n  - {{name: t, type: table, explore: v, fields: [v.id], {tile}}}\n"
        )
        model = 'connection: "c" include: "/*.dashboard" explore: v {} view: v { dimension: id {} }'
        return said("unused-dashboard-filter", {"m.model.lkml": model, "d.dashboard.lookml": text})

    assert of() == ["d.dashboard.lookml:3 warning: no tile of `d` listens to its filter `State`"]
    assert of(tile="listen: {State: v.id}") == []
    others = "  - {name: Id, type: field_filter, explore: v, field: v.id, listens_to_filters: [State]}\n"
    assert of(tile="listen: {Id: v.id}", more=others) == []
