"""Model files: their own parameters, and what belongs to a model (R3)."""

from __future__ import annotations

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.semantic.objects import Model, Project
from tests.building import compiled, dashboard, explore, field, model, rules, sql, view

CONNECTED = 'connection: "c"\n'


def _lines(project: Project, rule: str) -> list[str]:
    return [f"{found.file}:{found.line}" for found in check(project) if found.rule == rule]


def _connection(of: Model) -> str | None:
    return of.connection.value if of.connection else None


def _shared_names(of: Model) -> dict[str, list[str]]:
    return {
        "access_grant": [one.name for one in of.access_grants],
        "named_value_format": [one.name for one in of.named_formats],
        "datagroup": [one.name for one in of.datagroups],
        "test": [one.name for one in of.tests],
    }


FULL_MODEL = """connection: "warehouse"
label: "Sales"
case_sensitive: no
week_start_day: monday
fiscal_month_offset: 3
persist_with: daily
persist_for: "4 hours"
include: "/users.view"
access_grant: staff { user_attribute: role allowed_values: ["staff", "admin"] }
datagroup: daily { max_cache_age: "24 hours" }
map_layer: regions { file: "regions.topojson" property_key: "id" }
named_value_format: euro { value_format: "0.00" strict_value_format: yes }
test: ids { explore_source: orders { column: id { field: orders.id } } assert: has_id { expression: ${orders.id} > 0 ;; } }
view: orders { dimension: id {} }
explore: orders {}
explore: users {}
"""


@pytest.mark.rule("R3.1")
def test_every_parameter_of_a_model_is_accepted_and_kept() -> None:
    project = compiled({"m.model.lkml": FULL_MODEL, "users.view.lkml": "view: users { dimension: id {} }"})
    one = project.models[0]

    assert rules(project) == []
    assert _connection(one) == "warehouse"
    assert dict(one.views) == {"orders": "view:orders", "users": "view:users"}
    assert one.explores == ("explore:m/orders", "explore:m/users")
    assert _shared_names(one) == {
        "access_grant": ["staff"],
        "named_value_format": ["euro"],
        "datagroup": ["daily"],
        "test": ["ids"],
    }
    assert one.persist_with is not None
    assert one.persist_with.name == "daily"
    assert one.properties == (
        ("case_sensitive", "no"),
        ("fiscal_month_offset", "3"),
        ("label", "Sales"),
        ("persist_for", "4 hours"),
        ("week_start_day", "monday"),
    )


# -- connections -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R3.2")
def test_each_model_has_the_connection_that_its_own_file_names() -> None:
    project = compiled({"a.model.lkml": 'connection: "Lake House"\n', "b.model.lkml": 'connection: "warehouse"\n'})

    assert [_connection(one) for one in project.models] == ["Lake House", "warehouse"]


@pytest.mark.rule("R3.2")
@pytest.mark.rule("R9.3")
@pytest.mark.parametrize(("written", "connection"), [("@{CONN}", "warehouse"), ("eu_@{CONN}_1", "eu_warehouse_1")])
def test_a_connection_may_be_a_constant(written: str, connection: str) -> None:
    manifest = 'constant: CONN { value: "warehouse" }\n'
    project = compiled({"manifest.lkml": manifest, "m.model.lkml": f'connection: "{written}"\n'})

    assert _connection(project.models[0]) == connection


@pytest.mark.rule("R3.2")
def test_table_names_stay_as_written_where_nothing_is_known_of_the_connection() -> None:
    project = compiled(
        """view: a { sql_table_name: orders ;; }
        view: b { sql_table_name: Sales.Orders ;; }
        view: c { sql_table_name: `p-1`.sales.orders ;; }
        """
    )
    tables = [view(project, name).sql_table_name for name in ("a", "b", "c")]

    assert [table.value for table in tables if table] == ["orders", "Sales.Orders", "`p-1`.sales.orders"]


@pytest.mark.rule("R3.3")
def test_a_model_without_a_connection_is_reported_and_still_compiled() -> None:
    project = compiled({"m.model.lkml": "view: orders { dimension: id {} }\nexplore: orders {}\n"})

    assert rules(project) == ["missing-connection"]
    assert _lines(project, "missing-connection") == ["m.model.lkml:1"]
    assert project.models[0].connection is None
    assert explore(project, "orders").field_count == 1


@pytest.mark.rule("R3.3")
def test_a_model_file_without_a_connection_that_other_models_include_is_a_shared_include() -> None:
    project = compiled(
        {
            "main.model.lkml": CONNECTED + 'include: "/base.model"\n',
            "base.model.lkml": "view: orders {}\nexplore: orders {}\n",
        }
    )

    assert _lines(project, "missing-connection") == []
    assert model(project, "main").explores == ("explore:main/orders",)


@pytest.mark.rule("R3.3")
@pytest.mark.rule("R2.21")
def test_each_model_that_shares_a_file_has_its_own_connection() -> None:
    shared = "view: orders {}\nexplore: orders {}\n"
    project = compiled(
        {
            "a.model.lkml": 'connection: "one"\ninclude: "/shared.explore"\n',
            "b.model.lkml": 'connection: "two"\ninclude: "/shared.explore"\n',
            "shared.explore.lkml": shared,
        }
    )

    assert [_connection(one) for one in project.models] == ["one", "two"]


# -- names and settings ------------------------------------------------------------------------------------------------


@pytest.mark.rule("R3.5")
def test_the_label_of_a_model_is_not_its_name() -> None:
    project = compiled(
        {
            "sales.model.lkml": CONNECTED
            + 'label: "revenue"\nview: orders { dimension: id {} }\nexplore: orders {}\ninclude: "/*.dashboard"\n',
            "d.dashboard.lookml": """- dashboard: d
  elements:
  - {name: by_name, type: table, model: sales, explore: orders, fields: [orders.id]}
  - {name: by_label, type: table, model: revenue, explore: orders, fields: [orders.id]}
""",
        }
    )
    queries = [element.queries[0] for element in dashboard(project, "d").elements]

    assert [(one.name, one.properties) for one in project.models] == [("sales", (("label", "revenue"),))]
    assert [one.id for one in project.explores] == ["explore:sales/orders"]
    assert [query.explore for query in queries] == ["explore:sales/orders", None]


@pytest.mark.rule("R3.6")
@pytest.mark.rule("R11.4")
def test_the_caching_of_a_model_holds_for_explores_that_say_nothing() -> None:
    project = compiled(
        """persist_with: daily
        datagroup: daily { max_cache_age: "24 hours" }
        datagroup: hourly { max_cache_age: "1 hour" }
        view: a {}
        explore: a {}
        explore: b { view_name: a persist_with: hourly }
        explore: c { view_name: a persist_for: "2 hours" }
        """
    )
    default = project.models[0].persist_with
    own = {one.name: one.persist_with.name if one.persist_with else None for one in project.explores}

    assert default is not None
    assert (default.parameter, default.name) == ("persist_with", "daily")
    assert own == {"a": None, "b": "hourly", "c": None}
    assert explore(project, "c").properties == (("persist_for", "2 hours"),)
    assert rules(project) == []


@pytest.mark.rule("R3.6")
def test_persist_for_of_a_model_is_its_default_too() -> None:
    project = compiled('persist_for: "12 hours"\nview: a {}\nexplore: a {}\n')

    assert project.models[0].properties == (("persist_for", "12 hours"),)
    assert explore(project, "a").properties == ()


@pytest.mark.rule("R3.6")
@pytest.mark.parametrize("caching", ["persist_with: daily", 'persist_for: "12 hours"'])
def test_the_caching_of_a_model_makes_no_derived_table_persistent(caching: str) -> None:
    project = compiled(
        f"""{caching}
        datagroup: daily {{ max_cache_age: "24 hours" }}
        view: a {{ derived_table: {{ sql: select 1 as id ;; }} }}
        """
    )
    table = view(project, "a").derived_table

    assert table is not None
    assert table.persistence is None


@pytest.mark.rule("R3.6")
@pytest.mark.parametrize("caching", ["persist_with: daily", 'persist_for: "12 hours"'])
def test_the_caching_of_an_explore_makes_no_derived_table_persistent(caching: str) -> None:
    project = compiled(
        f"""datagroup: daily {{ max_cache_age: "24 hours" }}
        view: a {{ derived_table: {{ sql: select 1 as id ;; }} }}
        explore: a {{ {caching} }}
        """
    )
    table = view(project, "a").derived_table

    assert table is not None
    assert table.persistence is None


@pytest.mark.rule("R3.7")
def test_settings_of_dates_and_of_case_change_no_view() -> None:
    orders = """view: orders {
        dimension: id { sql: ${TABLE}.id ;; }
        dimension_group: created { type: time timeframes: [week, fiscal_quarter] sql: ${TABLE}.at ;; }
    }"""
    plain = compiled(orders)
    settled = compiled("case_sensitive: no\nweek_start_day: sunday\nfiscal_month_offset: 1\n" + orders)

    assert settled.models[0].properties == (("case_sensitive", "no"), ("fiscal_month_offset", "1"), ("week_start_day", "sunday"))
    assert field(view(settled, "orders"), "created").generated == ("created_week", "created_fiscal_quarter")
    assert settled.views == plain.views


# -- what may live where -----------------------------------------------------------------------------------------------

SHARED = {
    "access_grant": 'access_grant: shared { user_attribute: role allowed_values: ["a"] }',
    "named_value_format": 'named_value_format: shared { value_format: "0" }',
    "datagroup": 'datagroup: shared { max_cache_age: "1 hour" }',
    "test": "test: shared { explore_source: orders { column: id {} } assert: a { expression: ${orders.id} > 0 ;; } }",
}


@pytest.mark.rule("R3.8")
@pytest.mark.parametrize("kind", sorted(SHARED))
@pytest.mark.parametrize("path", ["shared.lkml", "shared.view.lkml", "shared.explore.lkml", "shared.datagroup.lkml"])
def test_what_explores_share_belongs_to_every_model_that_includes_its_file(kind: str, path: str) -> None:
    including = f'{CONNECTED}include: "/{path}"\nview: orders {{ dimension: id {{}} }}\nexplore: orders {{}}\n'
    project = compiled({"a.model.lkml": including, "b.model.lkml": including, "c.model.lkml": CONNECTED, path: SHARED[kind]})

    assert [_shared_names(one)[kind] for one in project.models] == [["shared"], ["shared"], []]


@pytest.mark.rule("R3.8")
@pytest.mark.parametrize("path", ["shared.lkml", "shared.view.lkml", "shared.explore.lkml"])
def test_a_map_layer_may_live_in_any_included_file(path: str) -> None:
    layer = 'map_layer: regions { file: "regions.topojson" property_key: "id" }\n'
    project = compiled({"m.model.lkml": f'{CONNECTED}include: "/{path}"\n', path: layer})

    assert rules(project) == []


@pytest.mark.rule("R3.9")
@pytest.mark.parametrize("path", ["x.explore.lkml", "x.view.lkml", "x.lkml", "x.model.lkml"])
def test_an_explore_belongs_to_each_model_that_includes_its_file(path: str) -> None:
    project = compiled(
        {
            "a.model.lkml": f'{CONNECTED}include: "/{path}"\nview: orders {{ sql_table_name: of_a ;; }}\n',
            "b.model.lkml": f'{CONNECTED}include: "/{path}"\nview: orders {{ sql_table_name: of_b ;; }}\n',
            path: "explore: orders {}\n" if path != "x.model.lkml" else CONNECTED + "explore: orders {}\n",
        }
    )
    explores = {one.id: one.base_view for one in project.explores if one.model in ("a", "b")}

    assert explores == {"explore:a/orders": "view:a/orders", "explore:b/orders": "view:b/orders"}


@pytest.mark.rule("R3.9")
def test_an_explore_in_a_model_file_belongs_to_that_model() -> None:
    project = compiled({"a.model.lkml": CONNECTED + "view: orders {}\nexplore: orders {}\n", "b.model.lkml": CONNECTED})

    assert [one.explores for one in project.models] == [("explore:a/orders",), ()]


@pytest.mark.rule("R3.9")
def test_an_explore_may_be_refined_in_one_model_alone() -> None:
    project = compiled(
        {
            "a.model.lkml": CONNECTED + 'include: "/x.lkml"\n',
            "b.model.lkml": CONNECTED + 'include: "/x.lkml"\nexplore: +orders { label: "B" }\n',
            "x.lkml": 'view: orders {}\nexplore: orders { label: "A" }\n',
        }
    )

    assert explore(project, "orders", "a").properties == (("label", "A"),)
    assert explore(project, "orders", "b").properties == (("label", "B"),)


@pytest.mark.rule("R3.10")
def test_a_view_that_no_explore_reaches_is_compiled_for_its_model_and_makes_no_explore() -> None:
    project = compiled("view: used {}\nview: unused { dimension: id { sql: ${TABLE}.id ;; } }\nexplore: used {}\n")
    unused = view(project, "unused")

    assert (unused.models, unused.included) == (("m",), True)
    assert sql(unused, "id") == "${TABLE}.id"
    assert project.models[0].explores == ("explore:m/used",)
