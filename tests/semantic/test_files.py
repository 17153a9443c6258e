"""Files, the manifest and imported projects (R1), and texts that projects come with (R15.11, R15.14)."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.config import Config
from dagster_lookml.diagnostics import Severity
from dagster_lookml.semantic.objects import Project
from dagster_lookml.source import MemoryTree
from tests.building import MODEL, compiled, explore, field, rules, sql, view

HUB_INCLUDE = 'connection: "c"\ninclude: "//hub/*.view"\n'
NEEDS_HUB = 'project_name: "spoke"\nlocal_dependency: { project: "hub" }\n'


def _lines(project: Project, rule: str) -> list[str]:
    return [f"{found.file}:{found.line}" for found in check(project) if found.rule == rule]


def _models(project: Project) -> list[str]:
    """Models that a model file makes; not the one that stands for a project without any."""
    return [model.name for model in project.models if model.file is not None]


def _views(project: Project) -> set[str]:
    return {one.name for one in project.views}


def _table(project: Project, name: str = "orders") -> str | None:
    text = view(project, name).sql_table_name
    return text.value if text else None


def _orders_at(table: str) -> str:
    return f"view: orders {{ sql_table_name: {table} ;; }}"


# -- which file is what ------------------------------------------------------------------------------------------------


@pytest.mark.rule("R1.1")
@pytest.mark.rule("R1.3")
@pytest.mark.parametrize(
    ("path", "models"),
    [
        ("sales.model.lkml", ["sales"]),
        ("deep/er/sales.model.lkml", ["sales"]),
        ("sales.eu.model.lkml", ["sales.eu"]),
        ("sales.model.view.lkml", []),
        ("sales.models.lkml", []),
        ("sales_model.lkml", []),
        ("model.lkml", []),
        ("sales.model/a.lkml", []),
    ],
)
def test_a_file_is_a_model_by_the_end_of_its_name_and_the_model_is_called_like_the_rest(path: str, models: list[str]) -> None:
    project = compiled({path: 'connection: "c"\n'})

    assert _models(project) == models


@pytest.mark.rule("R1.1")
@pytest.mark.parametrize("path", ["sales.dashboard.lookml", "sales.view.dashboard.lookml", "deep/sales.dashboard.lookml"])
def test_a_file_is_a_dashboard_file_by_the_end_of_its_name(path: str) -> None:
    project = compiled({"m.model.lkml": f'connection: "c"\ninclude: "/{path}"\n', path: "- dashboard: sales\n"})

    assert [one.id for one in project.dashboards] == ["dashboard:m/sales"]


@pytest.mark.rule("R1.1")
@pytest.mark.rule("R1.11")
def test_only_files_that_end_in_lkml_or_lookml_count_as_lookml() -> None:
    project = compiled(
        {
            "manifest.lkml": 'project_name: "shop"\n',
            "m.model.lkml": MODEL,
            "a.view.lkml": "view: a {}",
            "b.layer.lkml": "view: +a {}",
            "c.dashboard.lookml": "- dashboard: c\n",
            "README.md": "view: from_readme {}",
            "en.strings.json": "{}",
            "map.topojson": "{}",
            "d.view": "view: from_view_without_lkml {}",
        }
    )

    assert project.files == 5
    assert _views(project) == {"a"}


@pytest.mark.rule("R1.11")
def test_a_model_file_without_lkml_is_invisible() -> None:
    project = compiled({"m.model.lkml": 'connection: "c"\n', "stray.model": 'connection: "c"\n'})

    assert _models(project) == ["m"]


@pytest.mark.rule("R1.11")
def test_an_include_does_not_reach_a_file_without_lkml() -> None:
    project = compiled({"m.model.lkml": 'connection: "c"\ninclude: "/a.view"\n', "a.view": "view: a {}"})

    assert _lines(project, "include-no-match") == ["m.model.lkml:2"]
    assert project.models[0].files == ("m.model.lkml",)


EVERYTHING = """
view: orders { dimension: id {} dimension: status {} }
explore: orders {}
view: +orders { dimension: status { label: "State" } }
datagroup: daily { max_cache_age: "24 hours" }
access_grant: staff { user_attribute: role allowed_values: ["staff"] }
named_value_format: euro { value_format: "0.00" }
test: some { explore_source: orders { column: id {} } assert: has_id { expression: ${orders.id} > 0 ;; } }
"""


@pytest.mark.rule("R1.2")
@pytest.mark.parametrize(
    "path", ["x.view.lkml", "x.explore.lkml", "x.layer.lkml", "x.datagroup.lkml", "x.base.lkml", "x.explores.lkml", "x.lkml"]
)
def test_the_suffix_of_a_file_does_not_restrict_what_it_declares(path: str) -> None:
    project = compiled({"m.model.lkml": f'connection: "c"\ninclude: "/{path}"\n', path: EVERYTHING})
    model = project.models[0]

    assert dict(model.views) == {"orders": "view:orders"}
    assert model.explores == ("explore:m/orders",)
    assert dict(field(view(project, "orders"), "status").properties) == {"label": "State"}
    assert [one.name for one in model.datagroups] == ["daily"]
    assert [one.name for one in model.access_grants] == ["staff"]
    assert [one.name for one in model.named_formats] == ["euro"]
    assert [one.name for one in model.tests] == ["some"]


@pytest.mark.rule("R1.2")
def test_a_model_file_declares_everything_too() -> None:
    model = compiled(EVERYTHING).models[0]

    assert dict(model.views) == {"orders": "view:orders"}
    assert model.explores == ("explore:m/orders",)
    assert [one.name for one in model.datagroups] == ["daily"]


@pytest.mark.rule("R1.2")
@pytest.mark.rule("R9.1")
@pytest.mark.parametrize("path", ["m.model.lkml", "x.lkml", "constants.lkml"])
def test_a_constant_outside_the_manifest_defines_nothing(path: str) -> None:
    files = {"m.model.lkml": 'connection: "c"\ninclude: "/*.lkml"\n' + _orders_at("@{SCHEMA}.orders")}
    files[path] = files.get(path, "") + '\nconstant: SCHEMA { value: "prod" }\n'
    project = compiled(files)

    assert _table(project) == "@{SCHEMA}.orders"
    assert _lines(project, "undefined-constant") == ["m.model.lkml:3"]


@pytest.mark.rule("R1.2")
def test_a_dependency_outside_the_manifest_imports_nothing() -> None:
    project = compiled('local_dependency: { project: "hub" }\nremote_dependency: block { url: "u" ref: "r" }\n')

    assert project.imports == ()


@pytest.mark.rule("R1.2")
@pytest.mark.parametrize("path", ["x.lkml", "x.dashboard.lkml", "x.view.lkml"])
@pytest.mark.parametrize("text", ["- dashboard: sales\n  title: Sales\n", "dashboard: sales { title: Sales }\n"])
def test_dashboards_stand_only_in_dashboard_files(path: str, text: str) -> None:
    project = compiled({"m.model.lkml": f'connection: "c"\ninclude: "/{path}"\n', path: text})

    assert project.dashboards == ()


@pytest.mark.rule("R1.3")
def test_two_model_files_of_one_name_in_different_folders_are_an_error() -> None:
    project = compiled({"a/sales.model.lkml": 'connection: "c"\n', "b/sales.model.lkml": 'connection: "c"\n'})
    found = [one for one in check(project) if one.rule == "duplicate-model"]

    assert [one.severity for one in found] == [Severity.ERROR]
    assert _models(project) == ["sales"]


# -- the manifest ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R1.4")
def test_the_manifest_in_the_root_names_the_project() -> None:
    project = compiled({"manifest.lkml": 'project_name: "shop"\n', "m.model.lkml": 'connection: "c"\n'}, name="checkout")

    assert project.name == "shop"


@pytest.mark.rule("R1.4")
def test_a_manifest_deeper_in_the_tree_names_nothing_and_defines_nothing() -> None:
    project = compiled(
        {
            "shared/manifest.lkml": 'project_name: "shop"\nconstant: S { value: "prod" }\nlocal_dependency: { project: "hub" }\n',
            "m.model.lkml": 'connection: "c"\n' + _orders_at("@{S}.orders"),
        },
        name="checkout",
    )

    assert project.name == "checkout"
    assert project.imports == ()
    assert _table(project) == "@{S}.orders"


@pytest.mark.rule("R1.4")
@pytest.mark.parametrize("path", ["Manifest.lkml", "shop.manifest.lkml", "manifest.model.lkml"])
def test_no_file_of_another_name_is_the_manifest(path: str) -> None:
    project = compiled({path: 'project_name: "shop"\n'}, name="checkout")

    assert project.name == "checkout"


FULL_MANIFEST = """project_name: "spoke"
new_lookml_runtime: yes
local_dependency: { project: "hub" override_constant: SCHEMA { value: "ours" } }
remote_dependency: block { url: "https://example.com/org/repository.git" ref: "v1" override_constant: SCHEMA { value: "theirs" } }
constant: SCHEMA { value: "analytics" export: override_optional }
localization_settings: { default_locale: en localization_level: permissive }
application: app { label: "App" url: "https://example.com/app.js" entitlements: { core_api_methods: ["me"] } }
visualization: { id: "v1" label: "One" file: "one.js" }
visualization: { id: "v2" label: "Two" file: "two.js" }
"""


@pytest.mark.rule("R1.5")
def test_every_parameter_of_a_manifest_is_accepted() -> None:
    exported = 'constant: SCHEMA { value: "x" export: override_optional }\n'
    project = compiled(
        {
            "manifest.lkml": FULL_MANIFEST,
            "m.model.lkml": 'connection: "c"\n' + _orders_at("@{SCHEMA}.orders"),
            "imported_projects/hub/manifest.lkml": exported,
            "imported_projects/block/manifest.lkml": exported,
        }
    )
    at_manifest = [found for found in check(project) if found.file == "manifest.lkml"]

    assert at_manifest == []
    assert project.name == "spoke"
    assert [(one.name, one.path) for one in project.imports] == [
        ("block", "imported_projects/block"),
        ("hub", "imported_projects/hub"),
    ]
    assert _table(project) == "analytics.orders"


@pytest.mark.rule("R1.5")
def test_an_unknown_parameter_of_a_manifest_leaves_the_rest_of_it_alone() -> None:
    project = compiled(
        {
            "manifest.lkml": 'project_name: "shop"\nfuture_setting: { level: 3 }\nconstant: S { value: "prod" }\n',
            "m.model.lkml": 'connection: "c"\n' + _orders_at("@{S}.orders"),
        }
    )

    assert project.name == "shop"
    assert _table(project) == "prod.orders"


@pytest.mark.rule("R1.5")
def test_an_unknown_parameter_of_a_manifest_is_warned_about() -> None:
    project = compiled({"manifest.lkml": 'project_name: "shop"\nfuture_setting: yes\n', "m.model.lkml": 'connection: "c"\n'})
    found = [(one.file, one.line, one.severity) for one in check(project) if one.rule == "unknown-parameter"]

    assert found == [("manifest.lkml", 2, Severity.WARNING)]


@pytest.mark.rule("R1.6")
@pytest.mark.parametrize("include", ["/manifest_lock.lkml", "/manifest_lock", "/*", "/**/*.lkml"])
def test_the_lock_of_the_manifest_is_never_content_of_a_model(include: str) -> None:
    project = compiled(
        {
            "m.model.lkml": f'connection: "c"\ninclude: "{include}"\n',
            "manifest_lock.lkml": 'view: locked {}\ndatagroup: locked { max_cache_age: "1 hour" }\n',
        }
    )
    model = project.models[0]

    assert model.files == ("m.model.lkml",)
    assert dict(model.views) == {}
    assert model.datagroups == ()


@pytest.mark.rule("R1.6")
def test_the_lock_of_the_manifest_is_no_content_of_a_project_without_models_either() -> None:
    project = compiled({"a.view.lkml": "view: a {}", "manifest_lock.lkml": "view: locked {}"})

    assert dict(project.models[0].views) == {"a": "view:a"}


@pytest.mark.rule("R1.6")
def test_the_lock_of_the_manifest_imports_nothing_and_breaks_nothing() -> None:
    lock = 'remote_dependency: block { url: "u" ref: "0123456789abcdef" }\nconstant: S { value: "locked" }\n'
    project = compiled({"manifest_lock.lkml": lock, "m.model.lkml": 'connection: "c"\n' + _orders_at("@{S}.orders")})

    assert project.imports == ()
    assert _table(project) == "@{S}.orders"


# -- imported projects -------------------------------------------------------------------------------------------------


@pytest.mark.rule("R1.7")
def test_an_imported_project_is_found_in_the_folder_of_imports() -> None:
    project = compiled(
        {
            "manifest.lkml": NEEDS_HUB,
            "m.model.lkml": HUB_INCLUDE,
            "imported_projects/hub/a.view.lkml": _orders_at("of_folder"),
        }
    )

    assert _table(project) == "of_folder"
    assert [(one.name, one.path, one.uses) for one in project.imports] == [("hub", "imported_projects/hub", 1)]


@pytest.mark.rule("R1.7")
def test_an_imported_project_is_found_beside_the_project_by_the_name_in_its_manifest() -> None:
    other = MemoryTree({"manifest.lkml": 'project_name: "other"\n', "a.view.lkml": _orders_at("of_other")}, "hub")
    hub = MemoryTree({"manifest.lkml": 'project_name: "hub"\n', "a.view.lkml": _orders_at("of_neighbour")}, "checkout-of-hub")
    project = compiled({"manifest.lkml": NEEDS_HUB, "m.model.lkml": HUB_INCLUDE}, neighbours=[other, hub])

    assert _table(project) == "of_neighbour"


@pytest.mark.rule("R1.7")
def test_the_folder_of_imports_goes_before_a_neighbour() -> None:
    hub = MemoryTree({"manifest.lkml": 'project_name: "hub"\n', "a.view.lkml": _orders_at("of_neighbour")}, "hub")
    project = compiled(
        {
            "manifest.lkml": NEEDS_HUB,
            "m.model.lkml": HUB_INCLUDE,
            "imported_projects/hub/a.view.lkml": _orders_at("of_folder"),
        },
        neighbours=[hub],
    )

    assert _table(project) == "of_folder"


@pytest.mark.rule("R1.7")
def test_a_configured_directory_goes_before_the_folder_of_imports(tmp_path: Path) -> None:
    (tmp_path / "a.view.lkml").write_text(_orders_at("of_config"), "utf-8")
    project = compiled(
        {
            "manifest.lkml": NEEDS_HUB,
            "m.model.lkml": HUB_INCLUDE,
            "imported_projects/hub/a.view.lkml": _orders_at("of_folder"),
        },
        config=Config(imports={"hub": str(tmp_path)}),
    )

    assert _table(project) == "of_config"


@pytest.mark.rule("R1.7")
def test_an_import_that_is_found_nowhere_is_said_once_and_matches_nothing() -> None:
    project = compiled(
        {
            "manifest.lkml": NEEDS_HUB,
            "m.model.lkml": 'connection: "c"\ninclude: "//hub/a.view"\ninclude: "//hub/b.view"\n',
        }
    )

    assert rules(project) == ["missing-import"]
    assert [(one.name, one.path, one.uses) for one in project.imports] == [("hub", None, 2)]
    assert project.models[0].missing_projects == ("hub",)


@pytest.mark.rule("R1.7")
def test_files_of_imported_projects_are_not_files_of_the_project() -> None:
    project = compiled(
        {
            "manifest.lkml": NEEDS_HUB,
            "m.model.lkml": 'connection: "c"\ninclude: "/**/*.view"\n',
            "a.view.lkml": "view: own {}",
            "imported_projects/hub/a.view.lkml": "view: theirs {}",
            "imported_projects/hub/hub.model.lkml": 'connection: "hub"\nexplore: theirs {}\n',
        }
    )

    assert project.files == 3
    assert _models(project) == ["m"]
    assert project.models[0].files == ("a.view.lkml", "m.model.lkml")
    assert _views(project) == {"own"}
    assert project.explores == ()


@pytest.mark.rule("R1.8")
@pytest.mark.rule("R2.3")
def test_a_local_dependency_is_called_by_its_project() -> None:
    project = compiled(
        {
            "manifest.lkml": 'local_dependency: { project: "hub" }\n',
            "m.model.lkml": HUB_INCLUDE,
            "imported_projects/hub/a.view.lkml": _orders_at("of_hub"),
        }
    )

    assert _table(project) == "of_hub"


@pytest.mark.rule("R1.8")
def test_a_remote_dependency_is_called_by_its_own_name_and_not_by_its_repository() -> None:
    project = compiled(
        {
            "manifest.lkml": 'remote_dependency: hub { url: "https://example.com/org/repository.git" ref: "v1" }\n',
            "m.model.lkml": HUB_INCLUDE + 'include: "//repository/*.view"\n',
            "imported_projects/hub/a.view.lkml": _orders_at("of_hub"),
        }
    )

    assert _table(project) == "of_hub"
    assert [(one.name, one.path) for one in project.imports] == [("hub", "imported_projects/hub"), ("repository", None)]


@pytest.mark.rule("R1.9")
def test_an_import_of_an_import_is_found_through_the_imported_project_first() -> None:
    project = compiled(
        {
            "manifest.lkml": 'local_dependency: { project: "hub" }\nlocal_dependency: { project: "base" }\n',
            "m.model.lkml": HUB_INCLUDE,
            "imported_projects/hub/manifest.lkml": 'local_dependency: { project: "base" }\n',
            "imported_projects/hub/a.view.lkml": 'include: "//base/a.view"\n',
            "imported_projects/hub/imported_projects/base/a.view.lkml": _orders_at("of_base_of_hub"),
            "imported_projects/base/a.view.lkml": _orders_at("of_base_of_spoke"),
        }
    )

    assert _table(project) == "of_base_of_hub"


@pytest.mark.rule("R1.9")
def test_an_import_of_an_import_is_found_through_the_importing_project_next() -> None:
    project = compiled(
        {
            "manifest.lkml": 'local_dependency: { project: "hub" }\nlocal_dependency: { project: "base" }\n',
            "m.model.lkml": HUB_INCLUDE,
            "imported_projects/hub/manifest.lkml": 'local_dependency: { project: "base" }\n',
            "imported_projects/hub/a.view.lkml": 'include: "//base/a.view"\n',
            "imported_projects/base/a.view.lkml": _orders_at("of_base_of_spoke"),
        }
    )

    assert _table(project) == "of_base_of_spoke"


@pytest.mark.rule("R1.9")
def test_constants_of_an_import_of_an_import_are_its_own() -> None:
    project = compiled(
        {
            "manifest.lkml": 'local_dependency: { project: "hub" }\nconstant: S { value: "spoke" }\n',
            "m.model.lkml": HUB_INCLUDE,
            "imported_projects/hub/manifest.lkml": 'local_dependency: { project: "base" }\nconstant: S { value: "hub" }\n',
            "imported_projects/hub/a.view.lkml": 'include: "//base/a.view"\n',
            "imported_projects/hub/imported_projects/base/manifest.lkml": 'constant: S { value: "base" }\n',
            "imported_projects/hub/imported_projects/base/a.view.lkml": _orders_at("@{S}.orders"),
        }
    )

    assert _table(project) == "base.orders"


# -- names and texts ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("R1.10")
def test_names_of_views_are_case_sensitive() -> None:
    project = compiled("view: orders { sql_table_name: small ;; }\nview: Orders { sql_table_name: capital ;; }\n")

    assert (_table(project, "orders"), _table(project, "Orders")) == ("small", "capital")
    assert "duplicate-view" not in rules(project)


@pytest.mark.rule("R1.10")
def test_names_of_fields_are_case_sensitive_and_kept_as_written() -> None:
    project = compiled("view: orders { dimension: Status { sql: a ;; } dimension: status { sql: b ;; } }\n")
    orders = view(project, "orders")

    assert (sql(orders, "Status"), sql(orders, "status")) == ("a", "b")
    assert "duplicate-field" not in rules(project)


@pytest.mark.rule("R1.10")
def test_a_reference_in_another_case_means_nothing() -> None:
    project = compiled(
        """view: orders {}
        view: +Orders { label: "refined" }
        view: kid { extends: [ORDERS] }
        explore: Orders {}
        """
    )

    assert view(project, "orders").properties == ()
    assert view(project, "kid").missing_parents == ("ORDERS",)
    assert explore(project, "Orders").base_view is None


@pytest.mark.rule("R1.12")
@pytest.mark.parametrize("path", ["orders.view.lookml", "orders.model.lookml", "orders.view.lkml"])
def test_old_lookml_written_in_yaml_is_skipped_with_a_notice(path: str) -> None:
    project = compiled({"m.model.lkml": 'connection: "c"\n', path: "- view: orders\n  fields:\n  - dimension: id\n"})

    assert _lines(project, "old-lookml") == [f"{path}:1"]
    assert _models(project) == ["m"]
    assert project.views == ()


@pytest.mark.rule("R1.14")
@pytest.mark.parametrize(
    "include", ["/README.md", "/README", "/*.md", "/en.strings.json", "/*.json", "/map.topojson", "/d.geojson"]
)
def test_documents_and_data_are_never_included(include: str) -> None:
    project = compiled(
        {
            "m.model.lkml": f'connection: "c"\ninclude: "{include}"\n',
            "README.md": "view: a {}",
            "en.strings.json": "{}",
            "map.topojson": "{}",
            "d.geojson": "{}",
        }
    )

    assert project.models[0].files == ("m.model.lkml",)
    assert _lines(project, "include-no-match") == ["m.model.lkml:2"]


BOM = b"\xef\xbb\xbf"


@pytest.mark.rule("R15.11")
@pytest.mark.parametrize("start", [b"", BOM], ids=["plain", "byte-order mark"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_a_byte_order_mark_and_any_line_ends_change_nothing(start: bytes, line_end: bytes) -> None:
    text = b'view: orders {\n  sql_table_name: s.orders ;;\n\n  dimension: id { label: "Id" }\n}\n'
    manifest = b'project_name: "shop"\nconstant: S { value: "s" }\n'
    project = compiled(
        {
            "manifest.lkml": start + manifest.replace(b"\n", line_end),
            "m.model.lkml": 'connection: "c"\ninclude: "/*.view"\n',
            "orders.view.lkml": start + text.replace(b"\n", line_end),
        }
    )
    orders = view(project, "orders")

    assert rules(project) == []
    assert project.name == "shop"
    assert _table(project) == "s.orders"
    assert str(orders.span) == "orders.view.lkml:1:1"
    assert str(field(orders, "id").span) == "orders.view.lkml:4:3"


@pytest.mark.rule("R15.11")
def test_line_ends_inside_sql_become_line_feeds() -> None:
    project = compiled({"m.model.lkml": b'connection: "c"\r\nview: a { derived_table: { sql: select 1\r\n  as id ;; } }\r\n'})
    table = view(project, "a").derived_table

    assert table is not None
    assert table.sql is not None
    assert table.sql.value == "select 1\n  as id"


@pytest.mark.rule("R15.11")
@pytest.mark.parametrize("start", [b"", BOM], ids=["plain", "byte-order mark"])
def test_a_dashboard_file_may_have_a_byte_order_mark_and_crlf(start: bytes) -> None:
    text = start + b"- dashboard: sales\r\n  title: Sales\r\n"
    project = compiled({"m.model.lkml": MODEL, "sales.dashboard.lookml": text})

    assert [(one.name, one.title) for one in project.dashboards] == [("sales", "Sales")]


@pytest.mark.rule("R15.14")
def test_an_explore_without_braces_is_an_empty_explore() -> None:
    project = compiled("view: orders { dimension: id {} }\nexplore: orders\nexplore: users {}\nview: users {}\n")

    assert project.models[0].explores == ("explore:m/orders", "explore:m/users")
    assert explore(project, "orders").base_view == "view:orders"
    assert explore(project, "orders").field_count == 1


@pytest.mark.rule("R15.14")
def test_an_unnamed_block_has_no_name_and_is_read_as_a_part_of_its_view() -> None:
    table = view(compiled("view: orders { derived_table: { sql: select 1 ;; } }"), "orders").derived_table

    assert table is not None
    assert table.sql is not None
    assert table.sql.value == "select 1"


@pytest.mark.rule("R15.14")
def test_a_view_without_a_name_does_not_disturb_the_others() -> None:
    project = compiled("view: { dimension: lost {} }\nview: orders { dimension: id {} }\n")

    assert [one.name for one in view(project, "orders").fields] == ["id"]
    assert dict(project.models[0].views) == {"orders": "view:orders"}


@pytest.mark.rule("R15.14")
def test_names_of_blocks_may_hold_dots_and_a_plus() -> None:
    project = compiled('view: orders.archive { sql_table_name: a ;; }\nview: +orders.archive { label: "Archive" }\n')
    archive = view(project, "orders.archive")

    assert archive.properties == (("label", "Archive"),)
    assert len(archive.refined_by) == 1
