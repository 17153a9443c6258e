"""Constants: where they are expanded, which project they belong to, and who may override them (R9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.config import Config
from dagster_lookml.diagnostics import Severity
from dagster_lookml.semantic.constants import Constants
from dagster_lookml.semantic.objects import Project
from tests.building import compiled, dashboard, explore, field, rules, sql, view

CONNECTED = 'connection: "c"\n'


def _lines(project: Project, rule: str) -> list[str]:
    return [f"{found.file}:{found.line}" for found in check(project) if found.rule == rule]


def _table(project: Project, name: str = "orders") -> str | None:
    text = view(project, name).sql_table_name
    return text.value if text else None


def _orders_at(table: str) -> str:
    return f"view: orders {{ sql_table_name: {table} ;; }}\n"


def _with_constants(constants: str, table: str, config: Config | None = None) -> Project:
    return compiled({"manifest.lkml": constants, "m.model.lkml": CONNECTED + _orders_at(table)}, config=config)


def _property(project: Project, name: str) -> str:
    return dict(field(view(project, "v"), "f").properties)[name]


def _templates(project: Project) -> list[str]:
    return [text.value for text in field(view(project, "v"), "f").templates]


def _derived(project: Project) -> str | None:
    table = view(project, "v").derived_table
    return table.sql.value if table and table.sql else None


def _trigger(project: Project) -> str | None:
    trigger = project.models[0].datagroups[0].sql_trigger
    return trigger.value if trigger else None


V_F = "view: v {{ dimension: f {{ {} }} }}"


@pytest.mark.rule("R9.1")
@pytest.mark.rule("R9.3")
@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("view: v { sql_table_name: <@{X}> ;; }", lambda project: _table(project, "v")),
        (V_F.format("sql: <@{X}> ;;"), lambda project: sql(view(project, "v"), "f")),
        (V_F.format('label: "<@{X}>"'), lambda project: _property(project, "label")),
        (V_F.format('group_label: "<@{X}>"'), lambda project: _property(project, "group_label")),
        (V_F.format('view_label: "<@{X}>"'), lambda project: _property(project, "view_label")),
        (V_F.format('description: "<@{X}>"'), lambda project: _property(project, "description")),
        (V_F.format("html: <@{X}> ;;"), lambda project: _templates(project)[0]),
        (V_F.format('link: { url: "<@{X}>" }'), lambda project: _templates(project)[0]),
        (V_F.format('tags: ["<@{X}>"]'), lambda project: field(view(project, "v"), "f").tags[0]),
        (
            'view: v { dimension: s {} measure: f { type: count filters: [s: "<@{X}>"] } }',
            lambda project: field(view(project, "v"), "f").filters[0].value,
        ),
        (
            'view: v { dimension: s {} measure: f { type: count filters: { field: s value: "<@{X}>" } } }',
            lambda project: field(view(project, "v"), "f").filters[0].value,
        ),
        ("view: v { derived_table: { sql: <@{X}> ;; } }", _derived),
        ("datagroup: d { sql_trigger: <@{X}> ;; }", _trigger),
        (
            "view: v {} explore: e { view_name: v sql_always_where: <@{X}> ;; }",
            lambda project: explore(project, "e").sql[0].value,
        ),
        (
            "view: v {} view: w {} explore: v { join: w { sql_on: <@{X}> ;; } }",
            lambda project: explore(project, "v").joins[0].sql[0].value,
        ),
        ('view: v {} explore: v { label: "<@{X}>" }', lambda project: dict(explore(project, "v").properties)["label"]),
        ('label: "<@{X}>"', lambda project: dict(project.models[0].properties)["label"]),
    ],
)
def test_a_constant_is_expanded_wherever_a_string_is_accepted(text: str, read: Callable[[Project], str | None]) -> None:
    project = compiled({"manifest.lkml": 'constant: X { value: "prod" }\n', "m.model.lkml": f"{CONNECTED}{text}\n"})

    assert read(project) == "<prod>"


@pytest.mark.rule("R9.1")
def test_constants_may_name_the_model_and_the_explore_of_a_tile() -> None:
    project = compiled(
        {
            "manifest.lkml": 'constant: MODEL { value: "sales" }\nconstant: SUBJECT { value: "orders" }\n',
            "sales.model.lkml": CONNECTED + 'include: "/*.dashboard"\nview: orders { dimension: id {} }\nexplore: orders {}\n',
            "d.dashboard.lookml": """- dashboard: d
  elements:
  - {name: t, type: table, model: "@{MODEL}", explore: "@{SUBJECT}", fields: [orders.id]}
""",
        }
    )
    query = dashboard(project, "d").elements[0].queries[0]

    assert (query.model, query.explore_name, query.explore) == ("sales", "orders", "explore:sales/orders")


@pytest.mark.rule("R9.1")
def test_a_constant_may_stand_several_times_in_one_text() -> None:
    project = _with_constants('constant: A { value: "x" }\nconstant: B { value: "y" }\n', "@{A}.@{B}_@{A}")

    assert _table(project) == "x.y_x"


@pytest.mark.rule("R9.1")
@pytest.mark.rule("R1.10")
def test_names_of_constants_are_case_sensitive() -> None:
    project = _with_constants(
        'constant: Schema { value: "a" }\nconstant: SCHEMA { value: "b" }\n', "@{Schema}.@{SCHEMA}.@{schema}"
    )

    assert _table(project) == "a.b.@{schema}"


@pytest.mark.rule("R9.2")
def test_a_constant_may_hold_other_constants() -> None:
    constants = 'constant: TABLE { value: "@{SCHEMA}.orders" }\nconstant: SCHEMA { value: "@{ENV}_sales" }\n'
    project = _with_constants(constants + 'constant: ENV { value: "prod" }\n', "@{TABLE}")

    assert _table(project) == "prod_sales.orders"
    assert _lines(project, "undefined-constant") == []


@pytest.mark.rule("R9.2")
def test_a_constant_may_hold_liquid_and_another_constant() -> None:
    constants = """constant: SIGN { value: "yes" }
constant: FACTOR { value: "{% if _user_attributes['sign'] == '@{SIGN}' %} -1 {% else %} 1 {% endif %}" }
"""
    text = CONNECTED + "view: v { measure: total { type: sum sql: ${TABLE}.amount * @{FACTOR} ;; } }\n"
    project = compiled({"manifest.lkml": constants, "m.model.lkml": text})

    assert sql(view(project, "v"), "total") == (
        "${TABLE}.amount * {% if _user_attributes['sign'] == 'yes' %} -1 {% else %} 1 {% endif %}"
    )


@pytest.mark.rule("R9.2")
def test_a_constant_may_hold_references_to_fields() -> None:
    text = CONNECTED + "view: v { dimension: id {} dimension: f { sql: @{NET} ;; } }\n"
    project = compiled({"manifest.lkml": 'constant: NET { value: "${id} - ${TABLE}.tax" }\n', "m.model.lkml": text})

    assert sql(view(project, "v"), "f") == "${id} - ${TABLE}.tax"


@pytest.mark.rule("R9.2")
@pytest.mark.parametrize(
    ("constants", "lines"),
    [
        ('constant: A { value: "a@{A}" }\n', ["manifest.lkml:1"]),
        ('constant: A { value: "a@{B}" }\nconstant: B { value: "b@{A}" }\n', ["manifest.lkml:1", "manifest.lkml:2"]),
    ],
)
def test_a_constant_that_contains_itself_is_an_error_and_does_no_harm(constants: str, lines: list[str]) -> None:
    project = _with_constants(constants, "@{A}")

    assert [(one.rule, one.severity) for one in check(project)] == [("circular-constant", Severity.ERROR)] * len(lines)
    assert _lines(project, "circular-constant") == lines


@pytest.mark.rule("R9.2")
def test_a_constant_that_only_mentions_a_circular_one_is_not_circular_itself() -> None:
    project = _with_constants('constant: A { value: "@{A}" }\nconstant: B { value: "b_@{A}" }\n', "t")

    assert _lines(project, "circular-constant") == ["manifest.lkml:1"]


@pytest.mark.rule("R9.3")
def test_a_constant_is_no_bare_item_of_a_list() -> None:
    manifest = 'constant: X { value: "id" }\n'
    bare = "view: v { dimension: id {} set: s { fields: [@{X}] } }\n"
    project = compiled({"manifest.lkml": manifest, "m.model.lkml": CONNECTED + bare})

    assert _lines(project, "unquoted-constant") == ["m.model.lkml:2"]
    assert [one.name for one in view(project, "v").fields] == ["id"]


# -- scope -------------------------------------------------------------------------------------------------------------


def _spoke(dependency: str, hub: str, table: str, *, own: str = "", config: Config | None = None) -> Project:
    """A project that includes the view `orders` of its import ``hub``."""
    return compiled(
        {
            "manifest.lkml": f'project_name: "spoke"\n{own}\n{dependency}\n',
            "m.model.lkml": CONNECTED + 'include: "//hub/a.view"\n',
            "imported_projects/hub/manifest.lkml": f'project_name: "hub"\n{hub}\n',
            "imported_projects/hub/a.view.lkml": _orders_at(table),
        },
        config=config,
    )


LOCAL = 'local_dependency: { project: "hub" }'


@pytest.mark.rule("R9.4")
def test_an_imported_file_uses_the_constants_of_its_own_project() -> None:
    project = _spoke(LOCAL, 'constant: DS { value: "of_hub" }', "@{DS}.orders", own='constant: DS { value: "of_spoke" }')

    assert _table(project) == "of_hub.orders"


@pytest.mark.rule("R9.4")
def test_constants_of_the_importer_are_invisible_to_imported_files() -> None:
    project = _spoke(LOCAL, "", "@{DS}.orders", own='constant: DS { value: "of_spoke" }')

    assert _table(project) == "@{DS}.orders"


@pytest.mark.rule("R9.4")
def test_constants_of_an_imported_project_are_invisible_to_its_importer() -> None:
    project = compiled(
        {
            "manifest.lkml": LOCAL,
            "m.model.lkml": CONNECTED + 'include: "//hub/a.view"\n' + _orders_at("@{DS}.orders"),
            "imported_projects/hub/manifest.lkml": 'constant: DS { value: "of_hub" export: override_optional }\n',
            "imported_projects/hub/a.view.lkml": "view: a { sql_table_name: @{DS}.a ;; }",
        }
    )

    assert _table(project, "a") == "of_hub.a"
    assert _table(project, "orders") == "@{DS}.orders"
    assert _lines(project, "undefined-constant") == ["m.model.lkml:3"]


@pytest.mark.rule("R9.4")
def test_each_part_of_a_refined_view_uses_the_constants_of_its_own_file() -> None:
    project = compiled(
        {
            "manifest.lkml": LOCAL + '\nconstant: S { value: "of_spoke" }\n',
            "m.model.lkml": CONNECTED
            + 'include: "//hub/a.view"\nview: +a { dimension: y { sql: @{S} ;; } }\nview: kid { extends: [a] }\n',
            "imported_projects/hub/manifest.lkml": 'constant: S { value: "of_hub" }\n',
            "imported_projects/hub/a.view.lkml": "view: a { dimension: x { sql: @{S} ;; } dimension: y {} }",
        }
    )

    assert [sql(view(project, "a"), name) for name in ("x", "y")] == ["of_hub", "of_spoke"]
    assert [sql(view(project, "kid"), name) for name in ("x", "y")] == ["of_hub", "of_spoke"]


@pytest.mark.rule("R9.4")
def test_a_text_that_extends_a_text_of_another_project_mixes_no_constants() -> None:
    project = compiled(
        {
            "manifest.lkml": LOCAL + '\nconstant: S { value: "of_spoke" }\n',
            "m.model.lkml": CONNECTED + 'include: "//hub/a.view"\nview: +a { dimension: x { sql: @{S} + ${EXTENDED} ;; } }\n',
            "imported_projects/hub/manifest.lkml": 'constant: S { value: "of_hub" }\n',
            "imported_projects/hub/a.view.lkml": "view: a { dimension: x { sql: @{S} ;; } }",
        }
    )

    assert sql(view(project, "a"), "x") == "of_spoke + of_hub"


# -- overriding --------------------------------------------------------------------------------------------------------

OVERRIDES = [
    'local_dependency: { project: "hub" override_constant: DS { value: "x" } }',
    'remote_dependency: hub { url: "https://example.com/hub.git" ref: "v1" override_constant: DS { value: "x" } }',
]


@pytest.mark.rule("R9.5")
@pytest.mark.parametrize("dependency", OVERRIDES, ids=["local", "remote"])
@pytest.mark.parametrize("export", ["override_optional", "override_required"])
def test_an_importer_may_override_a_constant_that_is_exported_so(dependency: str, export: str) -> None:
    hub = f'constant: DS {{ value: "of_hub" export: {export} }}'
    project = _spoke(dependency, hub, "@{DS}.orders", own='constant: DS { value: "of_spoke" }')

    assert _table(project) == "x.orders"
    assert rules(project) == []


@pytest.mark.rule("R9.5")
@pytest.mark.parametrize("dependency", OVERRIDES, ids=["local", "remote"])
@pytest.mark.parametrize("export", ["", "export: none"])
def test_a_constant_that_is_not_exported_keeps_its_value(dependency: str, export: str) -> None:
    project = _spoke(dependency, f'constant: DS {{ value: "of_hub" {export} }}', "@{DS}.orders")

    assert _table(project) == "of_hub.orders"
    assert [(one.rule, one.severity, one.file) for one in check(project)] == [
        ("constant-not-exported", Severity.ERROR, "manifest.lkml")
    ]


@pytest.mark.rule("R9.5")
def test_an_override_of_a_constant_that_does_not_exist_is_an_error() -> None:
    project = _spoke(OVERRIDES[0], "", "orders")

    assert [(one.rule, one.severity) for one in check(project)] == [("constant-not-exported", Severity.ERROR)]


@pytest.mark.rule("R9.5")
def test_an_optional_override_may_be_left_out() -> None:
    project = _spoke(LOCAL, 'constant: DS { value: "of_hub" export: override_optional }', "@{DS}.orders")

    assert _table(project) == "of_hub.orders"
    assert rules(project) == []


@pytest.mark.rule("R9.5")
def test_a_required_override_may_not_be_left_out() -> None:
    project = _spoke(LOCAL, 'constant: DS { value: "of_hub" export: override_required }', "@{DS}.orders")

    assert rules(project) == ["constant-without-override"]
    assert [one.file for one in check(project)] == ["manifest.lkml"]


@pytest.mark.rule("R9.5")
def test_a_required_override_that_is_left_out_is_an_error() -> None:
    project = _spoke(LOCAL, 'constant: DS { value: "" export: override_required }', "@{DS}orders")

    assert [one.severity for one in check(project)] == [Severity.ERROR]


@pytest.mark.rule("R9.5")
@pytest.mark.parametrize("export", ["", "export: none", "export: override_optional", "export: override_required"])
def test_inside_its_own_project_a_constant_always_has_its_own_value(export: str) -> None:
    project = _with_constants(f'constant: DS {{ value: "own" {export} }}\n', "@{DS}.orders")

    assert _table(project) == "own.orders"
    assert rules(project) == []


@pytest.mark.rule("R9.5")
def test_an_override_changes_nothing_outside_the_imported_project() -> None:
    project = compiled(
        {
            "manifest.lkml": OVERRIDES[0] + '\nconstant: DS { value: "of_spoke" }\n',
            "m.model.lkml": CONNECTED + _orders_at("@{DS}.orders"),
            "imported_projects/hub/manifest.lkml": 'constant: DS { value: "of_hub" export: override_optional }\n',
        }
    )

    assert _table(project) == "of_spoke.orders"


@pytest.mark.rule("R9.5")
def test_an_override_reaches_the_other_constants_of_the_imported_project() -> None:
    hub = 'constant: DS { value: "of_hub" export: override_optional }\nconstant: T { value: "@{DS}.orders" }'
    project = _spoke(OVERRIDES[0], hub, "@{T}")

    assert _table(project) == "x.orders"


@pytest.mark.rule("R9.6")
def test_an_undefined_constant_is_an_error_and_its_text_stays() -> None:
    project = _with_constants('constant: SCHEMA { value: "prod" }\n', "@{SCHEMA}.@{TABEL}")

    assert _table(project) == "prod.@{TABEL}"
    assert [(one.rule, one.severity, one.file, one.line) for one in check(project)] == [
        ("undefined-constant", Severity.ERROR, "m.model.lkml", 2)
    ]


@pytest.mark.rule("R9.6")
def test_an_undefined_constant_in_a_dashboard_is_an_error_too() -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/d.dashboard"\n',
            "d.dashboard.lookml": '- dashboard: d\n  title: "@{TITLE}"\n',
        }
    )

    assert _lines(project, "undefined-constant") == ["d.dashboard.lookml:2"]
    assert dashboard(project, "d").title == "@{TITLE}"


@pytest.mark.rule("R9.7")
def test_the_configuration_goes_before_the_manifest() -> None:
    constants = 'constant: A { value: "manifest" }\nconstant: B { value: "manifest" }\nconstant: C { value: "@{A}" }\n'
    project = _with_constants(constants, "@{A}.@{B}.@{C}", Config(constants={"A": "config"}))

    assert _table(project) == "config.manifest.config"


@pytest.mark.rule("R9.7")
def test_the_configuration_may_define_a_constant_that_the_manifest_lacks() -> None:
    project = _with_constants("", "@{A}.orders", Config(constants={"A": "config"}))

    assert _table(project) == "config.orders"
    assert _lines(project, "undefined-constant") == []


@pytest.mark.rule("R9.7")
def test_the_configuration_goes_before_an_override_of_the_importer() -> None:
    hub = 'constant: DS { value: "of_hub" export: override_optional }'
    project = _spoke(OVERRIDES[0], hub, "@{DS}.orders", config=Config(constants={"hub.DS": "config", "DS": "of the spoke"}))

    assert _table(project) == "config.orders"


@pytest.mark.rule("R9.8")
@pytest.mark.parametrize(
    ("value", "written", "table"),
    [
        ("`p.d.orders`", "@{T}", "`p.d.orders`"),
        ("p-1", "`@{T}.@{D}.orders`", "`p-1.d.orders`"),
        ("(select * from d.orders)", "@{T}", "(select * from d.orders)"),
    ],
)
def test_a_constant_may_hold_a_whole_table_name_with_its_quotes(value: str, written: str, table: str) -> None:
    project = _with_constants(f'constant: T {{ value: "{value}" }}\nconstant: D {{ value: "d" }}\n', written)

    assert _table(project) == table


@pytest.mark.rule("R9.2")
def test_constants_that_double_with_every_step_end_somewhere() -> None:
    values = {f"C{number}": f"@{{C{number + 1}}}@{{C{number + 1}}}" for number in range(60)} | {"C60": "x"}
    constants = Constants(values)

    assert constants.expand("@{C60}@{C59}") == "xxx"
    assert len(constants.expand("@{C0}")) < 2_000_000


@pytest.mark.slow
@pytest.mark.rule("R9.2")
def test_long_chains_and_many_circles_of_constants() -> None:
    chain = {f"C{number}": f"@{{C{number + 1}}}" for number in range(5000)} | {"C5000": "end"}
    circles = {f"A{number}": f"@{{B{number}}} @{{OK}}" for number in range(50)} | {
        f"B{number}": f"@{{A{number}}}" for number in range(50)
    }
    constants = Constants(chain | circles | {"OK": "fine"})

    assert constants.expand("@{C0} @{A7} @{OK}") == "end @{A7} fine"
    assert constants.cycle("A7") == ("A7", "B7", "A7")
    assert constants.cycle("B7") == ("B7", "A7", "B7")
    assert constants.cycle("C0") == ()


@pytest.mark.rule("R2.18")
@pytest.mark.rule("R9.6")
def test_a_constant_that_is_not_defined_is_no_error_in_a_file_that_no_model_includes() -> None:
    files = {
        "manifest.lkml": "",
        "m.model.lkml": 'connection: "c"\ninclude: "a.view"\nexplore: a {}',
        "a.view.lkml": "view: a { sql_table_name: @{SCHEMA}.a ;; dimension: id {} }",
        "b.view.lkml": "view: b { sql_table_name: @{SCHEMA}.b ;; derived_table: { sql: SELECT 1 AS id ;; } dimension: id {} }",
    }

    found = [(one.file, one.severity.value) for one in compiled(files).diagnostics if one.severity is not Severity.INFO]

    assert found == [("a.view.lkml", "error"), ("b.view.lkml", "warning")]
