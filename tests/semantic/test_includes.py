"""Includes: which files a path means, in which order, and what a model sees of them (R2)."""

from __future__ import annotations

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.config import Config
from dagster_lookml.diagnostics import Severity
from dagster_lookml.semantic.objects import Project
from tests.building import compiled, explore, model, rules, view

CONNECTED = 'connection: "c"\n'


def _included(include: str, *paths: str, at: str = "m.model.lkml") -> tuple[str, ...]:
    """The files that one include of the only model brings in."""
    files = dict.fromkeys(paths, "")
    return _files(compiled({**files, at: f'{CONNECTED}include: "{include}"\n'}))


def _files(project: Project) -> tuple[str, ...]:
    """The closure of the only model, without its own file."""
    return project.models[0].files[:-1]


def _lines(project: Project, rule: str) -> list[str]:
    return [f"{found.file}:{found.line}" for found in check(project) if found.rule == rule]


def _label(project: Project, name: str = "orders", of: str | None = None) -> str | None:
    return dict(view(project, name, of).properties).get("label")


def _table(project: Project, name: str = "orders", of: str | None = None) -> str | None:
    text = view(project, name, of).sql_table_name
    return text.value if text else None


# -- forms of paths ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("R2.1")
def test_an_absolute_include_starts_at_the_root_of_the_project() -> None:
    found = _included("/views/a.view", "views/a.view.lkml", "models/views/a.view.lkml", at="models/m.model.lkml")

    assert found == ("views/a.view.lkml",)


@pytest.mark.rule("R2.1")
def test_an_absolute_include_in_an_imported_file_starts_at_the_root_of_the_imported_project() -> None:
    project = compiled(
        {
            "manifest.lkml": 'local_dependency: { project: "hub" }\n',
            "m.model.lkml": CONNECTED + 'include: "//hub/views/a.view"\n',
            "views/b.view.lkml": "view: b { sql_table_name: of_importer ;; }",
            "imported_projects/hub/views/a.view.lkml": 'include: "/views/b.view"\n',
            "imported_projects/hub/views/b.view.lkml": "view: b { sql_table_name: of_imported ;; }",
        }
    )

    assert _files(project) == ("imported_projects/hub/views/b.view.lkml", "imported_projects/hub/views/a.view.lkml")
    assert _table(project, "b") == "of_imported"


@pytest.mark.rule("R2.2")
@pytest.mark.parametrize("written", ["b.view", "./b.view"])
def test_a_relative_include_starts_at_the_directory_of_the_including_file(written: str) -> None:
    project = compiled(
        {
            "models/m.model.lkml": CONNECTED + 'include: "/views/a.view"\n',
            "views/a.view.lkml": f'include: "{written}"\n',
            "b.view.lkml": "",
            "models/b.view.lkml": "",
            "views/b.view.lkml": "",
        }
    )

    assert _files(project) == ("views/b.view.lkml", "views/a.view.lkml")


@pytest.mark.rule("R2.2")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("../b.view", "x/b.view.lkml"),
        ("../../b.view", "b.view.lkml"),
        ("../z/b.view", "x/z/b.view.lkml"),
        ("./../b.view", "x/b.view.lkml"),
        ("z/../b.view", "x/y/b.view.lkml"),
        ("z/b.view", "x/y/z/b.view.lkml"),
    ],
)
def test_a_relative_include_climbs_with_two_dots(written: str, expected: str) -> None:
    paths = ("b.view.lkml", "x/b.view.lkml", "x/y/b.view.lkml", "x/z/b.view.lkml", "x/y/z/b.view.lkml")

    assert _included(written, *paths, at="x/y/m.model.lkml") == (expected,)


@pytest.mark.rule("R2.2")
@pytest.mark.parametrize("written", ["../b.view", "x/../../b.view", "/../b.view", "//hub/../b.view"])
def test_an_include_never_leaves_its_project(written: str) -> None:
    project = compiled(
        {
            "manifest.lkml": 'local_dependency: { project: "hub" }\n',
            "m.model.lkml": f'{CONNECTED}include: "{written}"\n',
            "b.view.lkml": "",
            "imported_projects/b.view.lkml": "",
            "imported_projects/hub/b.view.lkml": "",
        }
    )

    assert _files(project) == ()
    assert _lines(project, "include-outside") == ["m.model.lkml:2"]


@pytest.mark.rule("R2.3")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("//hub/views/a.view", ("imported_projects/hub/views/a.view.lkml",)),
        ("//hub/a.view", ("imported_projects/hub/a.view.lkml",)),
        ("//hub/**/*.view", ("imported_projects/hub/a.view.lkml", "imported_projects/hub/views/a.view.lkml")),
        ("//hub/only_here.view", ()),
    ],
)
def test_two_slashes_lead_into_an_imported_project(written: str, expected: tuple[str, ...]) -> None:
    project = compiled(
        {
            "manifest.lkml": 'local_dependency: { project: "hub" }\n',
            "models/m.model.lkml": f'{CONNECTED}include: "{written}"\n',
            "a.view.lkml": "",
            "views/a.view.lkml": "",
            "only_here.view.lkml": "",
            "imported_projects/hub/a.view.lkml": "",
            "imported_projects/hub/views/a.view.lkml": "",
        }
    )

    assert _files(project) == expected


@pytest.mark.rule("R2.3")
def test_relative_includes_of_an_imported_file_stay_in_its_project() -> None:
    project = compiled(
        {
            "manifest.lkml": 'local_dependency: { project: "hub" }\n',
            "m.model.lkml": CONNECTED + 'include: "//hub/views/a.view"\n',
            "views/b.view.lkml": "",
            "imported_projects/hub/views/a.view.lkml": 'include: "b.view"\ninclude: "../c.lkml"\n',
            "imported_projects/hub/views/b.view.lkml": "",
            "imported_projects/hub/c.lkml": "",
        }
    )

    assert _files(project) == (
        "imported_projects/hub/views/b.view.lkml",
        "imported_projects/hub/c.lkml",
        "imported_projects/hub/views/a.view.lkml",
    )


@pytest.mark.rule("R2.4")
def test_an_absolute_include_may_begin_with_the_name_that_the_manifest_gives_the_project() -> None:
    project = compiled(
        {
            "manifest.lkml": 'project_name: "shop"\n',
            "m.model.lkml": CONNECTED + 'include: "/shop/views/a.view"\n',
            "views/a.view.lkml": "",
        },
        name="checkout",
    )

    assert _files(project) == ("views/a.view.lkml",)


@pytest.mark.rule("R2.4")
def test_an_absolute_include_may_begin_with_the_configured_name_of_the_project() -> None:
    files = {"m.model.lkml": CONNECTED + 'include: "/shop/**/*.view"\n', "views/a.view.lkml": ""}
    project = compiled(files, name="checkout", config=Config(project_name="shop"))

    assert _files(project) == ("views/a.view.lkml",)


@pytest.mark.rule("R2.4")
def test_an_absolute_include_may_begin_with_the_directory_of_a_project_without_a_manifest() -> None:
    files = {"m.model.lkml": CONNECTED + 'include: "/looker-hub/views/a.view.lkml"\n', "views/a.view.lkml": ""}
    project = compiled(files, name="looker-hub")

    assert _files(project) == ("views/a.view.lkml",)


@pytest.mark.rule("R2.4")
def test_an_imported_project_without_a_manifest_may_use_the_name_that_its_importer_gives_it() -> None:
    project = compiled(
        {
            "manifest.lkml": 'local_dependency: { project: "looker-hub" }\n',
            "m.model.lkml": CONNECTED + 'include: "//looker-hub/a.explore"\n',
            "imported_projects/looker-hub/a.explore.lkml": 'include: "/looker-hub/views/a.view.lkml"\n',
            "imported_projects/looker-hub/views/a.view.lkml": "",
        }
    )

    assert _files(project) == ("imported_projects/looker-hub/views/a.view.lkml", "imported_projects/looker-hub/a.explore.lkml")


@pytest.mark.rule("R2.4")
def test_an_imported_project_may_use_the_name_in_its_manifest_whatever_its_importer_calls_it() -> None:
    project = compiled(
        {
            "manifest.lkml": 'remote_dependency: hub { url: "https://example.com/block.git" ref: "v1" }\n',
            "m.model.lkml": CONNECTED + 'include: "//hub/a.explore"\n',
            "imported_projects/hub/manifest.lkml": 'project_name: "block"\n',
            "imported_projects/hub/a.explore.lkml": 'include: "/block/views/a.view"\n',
            "imported_projects/hub/views/a.view.lkml": "",
        }
    )

    assert _files(project) == ("imported_projects/hub/views/a.view.lkml", "imported_projects/hub/a.explore.lkml")


@pytest.mark.rule("R2.4")
def test_the_directory_of_a_project_is_no_name_of_it_where_a_manifest_gives_another() -> None:
    project = compiled(
        {
            "manifest.lkml": 'project_name: "shop"\n',
            "m.model.lkml": CONNECTED + 'include: "/checkout/views/a.view"\n',
            "views/a.view.lkml": "",
        },
        name="checkout",
    )

    assert _files(project) == ()


@pytest.mark.rule("R2.4")
def test_a_folder_called_like_the_project_goes_before_the_project() -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/shop/a.view"\n',
            "a.view.lkml": "",
            "shop/a.view.lkml": "",
        },
        name="shop",
    )

    assert _files(project) == ("shop/a.view.lkml",)


@pytest.mark.rule("R2.5")
@pytest.mark.parametrize("written", ["../views//a.view.lkml", "/views//a.view.lkml", "/views///a.view"])
def test_repeated_slashes_inside_a_path_are_one(written: str) -> None:
    assert _included(written, "views/a.view.lkml", at="models/m.model.lkml") == ("views/a.view.lkml",)


@pytest.mark.rule("R2.6")
@pytest.mark.rule("R9.3")
@pytest.mark.parametrize("written", ["//@{HUB}/*.view", "//@{HUB}/@{FILE}", "@{PATH}"])
def test_constants_are_expanded_in_a_path_before_it_is_matched(written: str) -> None:
    project = compiled(
        {
            "manifest.lkml": """
                local_dependency: { project: "hub" }
                constant: HUB { value: "hub" }
                constant: FILE { value: "a.*" }
                constant: PATH { value: "//@{HUB}/@{FILE}" }
            """,
            "m.model.lkml": f'{CONNECTED}include: "{written}"\n',
            "imported_projects/hub/a.view.lkml": "",
        }
    )

    assert _files(project) == ("imported_projects/hub/a.view.lkml",)


# -- matching ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R2.7")
@pytest.mark.rule("R2.9")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/views/*.view", ("views/a.view.lkml", "views/ab.view.lkml")),
        ("/views/a*.view", ("views/a.view.lkml", "views/ab.view.lkml")),
        ("/views/*b.view", ("views/ab.view.lkml",)),
        ("/*/a.view", ("views/a.view.lkml",)),
        ("/v*s/a.view", ("views/a.view.lkml",)),
        ("/*/*/a.view", ("views/x/a.view.lkml",)),
        ("/*.view", ("a.view.lkml",)),
    ],
)
def test_a_star_matches_anything_but_a_slash(written: str, expected: tuple[str, ...]) -> None:
    paths = ("a.view.lkml", "views/a.view.lkml", "views/ab.view.lkml", "views/x/a.view.lkml", "views/x/y/a.view.lkml")

    assert _included(written, *paths) == expected


@pytest.mark.rule("R2.7")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/views/**/a.view", ("views/a.view.lkml", "views/x/a.view.lkml", "views/x/y/a.view.lkml")),
        ("/**/a.view", ("a.view.lkml", "views/a.view.lkml", "views/x/a.view.lkml", "views/x/y/a.view.lkml")),
        ("**/a.view", ("a.view.lkml", "views/a.view.lkml", "views/x/a.view.lkml", "views/x/y/a.view.lkml")),
        ("/**/x/a.view", ("views/x/a.view.lkml",)),
        ("/**/x/**/a.view", ("views/x/a.view.lkml", "views/x/y/a.view.lkml")),
        ("/views/**/*.view", ("views/a.view.lkml", "views/ab.view.lkml", "views/x/a.view.lkml", "views/x/y/a.view.lkml")),
        ("/views/**/y/*.view", ("views/x/y/a.view.lkml",)),
        ("/views/*/**/a.view", ("views/x/a.view.lkml", "views/x/y/a.view.lkml")),
    ],
)
def test_two_stars_match_any_number_of_directories_and_also_none(written: str, expected: tuple[str, ...]) -> None:
    paths = ("a.view.lkml", "views/a.view.lkml", "views/ab.view.lkml", "views/x/a.view.lkml", "views/x/y/a.view.lkml")

    assert _included(written, *paths) == expected


@pytest.mark.rule("R2.7")
@pytest.mark.parametrize("written", ["/views/pop**.view", "/views/pop**", "/views/**_year.view"])
def test_two_stars_glued_to_text_act_as_one(written: str) -> None:
    found = _included(written, "views/pop_year.view.lkml", "views/x/pop_year.view.lkml", "views/orders.view.lkml")

    assert found == ("views/pop_year.view.lkml",)


@pytest.mark.rule("R2.8")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/[!0-9]*", ("_draft.view.lkml", "orders.view.lkml", "users.view.lkml")),
        ("/[0-9]*", ("1_day.view.lkml", "28_day.view.lkml")),
        ("/[!_]*.view", ("1_day.view.lkml", "28_day.view.lkml", "orders.view.lkml", "users.view.lkml")),
        ("/[ou]*.view", ("orders.view.lkml", "users.view.lkml")),
        ("/[!name]*.view", ("1_day.view.lkml", "28_day.view.lkml", "_draft.view.lkml", "orders.view.lkml", "users.view.lkml")),
        ("/[!o]*ers.view", ("users.view.lkml",)),
        ("/?_day.view", ("1_day.view.lkml",)),
        ("/??_day.view", ("28_day.view.lkml",)),
        ("/{orders,users}.view", ("orders.view.lkml", "users.view.lkml")),
        ("/{or,us}*.view", ("orders.view.lkml", "users.view.lkml")),
    ],
)
def test_wildcards_may_be_classes_question_marks_and_alternatives(written: str, expected: tuple[str, ...]) -> None:
    paths = ("1_day.view.lkml", "28_day.view.lkml", "_draft.view.lkml", "orders.view.lkml", "users.view.lkml")
    found = _included(written, *paths, at="1.model.lkml")

    assert tuple(path for path in found if not path.endswith(".model.lkml")) == expected


@pytest.mark.rule("R2.8")
def test_braces_are_no_alternatives_where_a_file_is_called_so() -> None:
    assert _included("/{a,b}.view", "a.view.lkml", "b.view.lkml", "{a,b}.view.lkml") == ("{a,b}.view.lkml",)


@pytest.mark.rule("R2.9")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/x.view", ("x.view.lkml",)),
        ("/x.view.lkml", ("x.view.lkml",)),
        ("/x.explore", ("x.explore.lkml",)),
        ("/x.explore.lkml", ("x.explore.lkml",)),
        ("/x.dashboard", ("x.dashboard.lookml",)),
        ("/x.dashboard.lookml", ("x.dashboard.lookml",)),
        ("/*.dashboard", ("x.dashboard.lookml",)),
        ("/*.view", ("x.view.lkml",)),
        ("/*.view.lkml", ("x.view.lkml",)),
        ("/x", ("x.lkml",)),
        ("/x.lkml", ("x.lkml",)),
        ("/x.view.lookml", ()),
        ("/x.dashboard.lkml", ()),
        ("/x.vie", ()),
    ],
)
def test_the_last_extension_may_be_left_out(written: str, expected: tuple[str, ...]) -> None:
    assert _included(written, "x.view.lkml", "x.explore.lkml", "x.dashboard.lookml", "x.lkml") == expected


@pytest.mark.rule("R2.9")
@pytest.mark.rule("R2.11")
@pytest.mark.parametrize("written", ["*.view", "/*.view", "./*.view"])
def test_a_star_in_the_directory_of_the_model_does_not_descend(written: str) -> None:
    assert _included(written, "a.view.lkml", "b.view.lkml", "views/c.view.lkml") == ("a.view.lkml", "b.view.lkml")


@pytest.mark.rule("R2.10")
def test_a_bare_star_takes_every_lookml_file_of_its_directory() -> None:
    found = _included(
        "/x/*", "x/a.view.lkml", "x/b.explore.lkml", "x/c.dashboard.lookml", "x/d.lkml", "x/e.md", "x/f.json", "x/y/g.view.lkml"
    )

    assert found == ("x/a.view.lkml", "x/b.explore.lkml", "x/c.dashboard.lookml", "x/d.lkml")


@pytest.mark.rule("R2.10")
def test_a_star_for_the_extension_takes_every_kind_of_file_of_the_name() -> None:
    found = _included(
        "/orders.*", "orders.dashboard.lookml", "orders.explore.lkml", "orders.md", "orders.view.lkml", "orders2.view.lkml"
    )

    assert found == ("orders.dashboard.lookml", "orders.explore.lkml", "orders.view.lkml")


@pytest.mark.rule("R2.12")
def test_files_of_one_wildcard_come_in_the_order_of_the_bytes_of_their_paths() -> None:
    paths = ("v/é.view.lkml", "v/b.view.lkml", "v/a/x.view.lkml", "v/a.view.lkml", "v/a-b.view.lkml", "v/Z.view.lkml")

    assert _included("/v/**/*.view", *paths) == (
        "v/Z.view.lkml",
        "v/a-b.view.lkml",
        "v/a.view.lkml",
        "v/a/x.view.lkml",
        "v/b.view.lkml",
        "v/é.view.lkml",
    )


@pytest.mark.rule("R2.12")
def test_refinements_of_one_wildcard_take_effect_in_the_order_of_their_paths() -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/refinements/*"\nview: orders {}\n',
            "refinements/b.lkml": 'view: +orders { label: "b" }',
            "refinements/a.lkml": 'view: +orders { label: "a" }',
        }
    )

    assert _label(project) == "b"


CASE = 'dimension: x {{ case: {{ when: {{ sql: {} ;; label: "a" }} when: {{ sql: {} ;; label: "b" }} }} }}'


@pytest.mark.rule("R2.12")
@pytest.mark.rule("R7.9")
@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ('label: "a"', 'label: "b"', "`label`"),
        ("dimension: x { sql: 1 ;; }", "dimension: x { sql: 2 ;; }", "`sql` of `dimension: x`"),
        ("set: s { fields: [a] }", "set: s { fields: [b] }", "`fields` of `set: s`"),
        ("derived_table: { sql: SELECT 1 ;; }", "derived_table: { sql: SELECT 2 ;; }", "`sql` of `derived_table`"),
        (CASE.format(1, 2), CASE.format(1, 3), "`when` of `case` of `dimension: x`"),
        (CASE.format(1, 2), "# moved\n" + CASE.format(1, 2), None),
        ('label: "a"', 'label: "a"', None),
        ("dimension: x { sql: 1 ;; }", 'dimension: x { label: "x" } measure: sql { type: count }', None),
        ("dimension: x {}", "dimension: y {}", None),
        ('measure: n { filters: [a: "1"] }', 'measure: n { filters: [b: "1"] }', None),
        ('dimension: x { link: { label: "a" } }', 'dimension: x { link: { label: "b" } }', None),
        ("extends: [p]", "extends: [q]", None),
    ],
)
def test_the_order_of_a_wildcard_is_told_of_where_it_decides_something(first: str, second: str, told: str | None) -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/refinements/*"\nview: orders {}\nview: p {}\nview: q {}\n',
            "refinements/a.lkml": f"view: +orders {{ {first} }}",
            "refinements/b.lkml": f"view: +orders {{ {second} }}",
        }
    )
    hints = [one.hint for one in project.diagnostics if one.rule == "wildcard-order"]

    assert hints == ([f"refinements/a.lkml and refinements/b.lkml both set {told}, and the latter wins"] if told else [])


@pytest.mark.rule("R2.12")
def test_filters_of_two_fields_are_two_values_whose_order_a_wildcard_decides() -> None:
    filters = "explore: +orders {{ always_filter: {{ filters: [{}] }} }}"
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/refinements/*"\nview: orders {}\nexplore: orders {}\n',
            "refinements/a.lkml": filters.format('orders.status: "done"'),
            "refinements/b.lkml": filters.format('orders.id: "done"'),
        }
    )

    assert len([one for one in project.diagnostics if one.rule == "wildcard-order"]) == 1


@pytest.mark.rule("R2.13")
@pytest.mark.rule("R1.10")
@pytest.mark.parametrize("written", ["/Views/a.view", "/views/A.view", "/views/a.View", "/V*/a.view", "/views/A*"])
def test_matching_is_case_sensitive(written: str) -> None:
    assert _included(written, "views/a.view.lkml") == ()


# -- what a model sees -------------------------------------------------------------------------------------------------


@pytest.mark.rule("R2.14")
@pytest.mark.parametrize("path", ["a.view.lkml", "a.explore.lkml", "a.lkml", "a.layer.lkml"])
def test_files_of_every_kind_may_include_any_number_of_files(path: str) -> None:
    project = compiled(
        {
            "m.model.lkml": f'{CONNECTED}include: "/{path}"\n',
            path: 'include: "/b.view"\nview: between {}\ninclude: "/c.view"\n',
            "b.view.lkml": "",
            "c.view.lkml": "",
        }
    )

    assert _files(project) == ("b.view.lkml", "c.view.lkml", path)


@pytest.mark.rule("R2.14")
def test_includes_are_transitive() -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/e.explore"\n',
            "e.explore.lkml": 'include: "/v.view"\nexplore: v {}\n',
            "v.view.lkml": 'include: "/d.lkml"\nview: v {}\n',
            "d.lkml": 'datagroup: daily { max_cache_age: "24 hours" }\n',
        }
    )

    assert _files(project) == ("d.lkml", "v.view.lkml", "e.explore.lkml")
    assert explore(project, "v").base_view == "view:v"
    assert [one.name for one in project.models[0].datagroups] == ["daily"]


@pytest.mark.rule("R2.14")
def test_everything_in_an_included_file_comes_in() -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/a.view"\n',
            "a.view.lkml": "view: a {}\nview: b {}\nexplore: a {}\nexplore: b {}\n",
        }
    )

    assert dict(project.models[0].views) == {"a": "view:a", "b": "view:b"}
    assert project.models[0].explores == ("explore:m/a", "explore:m/b")


@pytest.mark.rule("R2.15")
def test_a_file_that_is_reached_twice_counts_once_at_its_first_place() -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/a.lkml"\ninclude: "/b.lkml"\ninclude: "/a.lkml"\ninclude: "/*.lkml"\n',
            "a.lkml": 'include: "/b.lkml"\n',
            "b.lkml": "view: orders {}\n",
        }
    )

    assert _files(project) == ("b.lkml", "a.lkml")
    assert rules(project) == []


@pytest.mark.rule("R2.15")
@pytest.mark.rule("R1.9")
def test_an_imported_file_that_is_reached_through_two_projects_counts_once() -> None:
    project = compiled(
        {
            "manifest.lkml": 'local_dependency: { project: "hub" }\nlocal_dependency: { project: "base" }\n',
            "m.model.lkml": CONNECTED + 'include: "//hub/a.view"\ninclude: "//base/b.view"\n',
            "imported_projects/hub/manifest.lkml": 'local_dependency: { project: "base" }\n',
            "imported_projects/hub/a.view.lkml": 'include: "//base/b.view"\n',
            "imported_projects/base/b.view.lkml": "view: b {}",
        }
    )

    assert _files(project) == ("imported_projects/base/b.view.lkml", "imported_projects/hub/a.view.lkml")
    assert rules(project) == []


@pytest.mark.rule("R2.15")
def test_files_that_include_each_other_do_no_harm() -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/a.view"\n',
            "a.view.lkml": 'include: "/b.view"\nview: a {}\n',
            "b.view.lkml": 'include: "/a.view"\ninclude: "/b.view"\nview: b {}\n',
        }
    )

    assert _files(project) == ("b.view.lkml", "a.view.lkml")
    assert dict(project.models[0].views) == {"a": "view:a", "b": "view:b"}
    assert [found.rule for found in check(project) if found.severity is not Severity.INFO] == []


@pytest.mark.rule("R2.16")
@pytest.mark.parametrize("written", ["/gone.view", "gone/*.view", "/**/gone*.view"])
def test_an_include_that_matches_nothing_is_a_warning(written: str) -> None:
    project = compiled({"m.model.lkml": f'{CONNECTED}\ninclude: "{written}"\n'})
    found = [(one.rule, one.severity, one.file, one.line) for one in check(project)]

    assert found == [("include-no-match", Severity.WARNING, "m.model.lkml", 3)]


@pytest.mark.rule("R2.16")
def test_what_an_include_without_match_leaves_missing_is_an_error_of_its_own() -> None:
    project = compiled('include: "/gone.view"\nexplore: orders {}\nview: kid { extends: [gone] }\n')
    found = {(one.rule, one.severity) for one in check(project)}

    assert found == {("include-no-match", Severity.WARNING), ("unknown-view", Severity.ERROR), ("unknown-parent", Severity.ERROR)}


@pytest.mark.rule("R2.17")
@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("b", "a")])
def test_files_count_in_the_order_of_the_include_lines(first: str, second: str) -> None:
    project = compiled(
        {
            "m.model.lkml": f'{CONNECTED}include: "/orders.view"\ninclude: "/{first}.lkml"\ninclude: "/{second}.lkml"\n',
            "orders.view.lkml": "view: orders {}",
            "a.lkml": 'view: +orders { label: "a" }',
            "b.lkml": 'view: +orders { label: "b" }',
        }
    )

    assert _files(project) == ("orders.view.lkml", f"{first}.lkml", f"{second}.lkml")
    assert _label(project) == second


@pytest.mark.rule("R2.17")
def test_a_model_file_adds_the_last_refinements_wherever_its_includes_stand() -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'view: +orders { label: "of the model" }\ninclude: "/orders.view"\ninclude: "/r.lkml"\n',
            "orders.view.lkml": "view: orders {}",
            "r.lkml": 'view: +orders { label: "of the include" }',
        }
    )

    assert project.models[0].files == ("orders.view.lkml", "r.lkml", "m.model.lkml")
    assert _label(project) == "of the model"


@pytest.mark.rule("R2.17")
def test_a_file_counts_after_the_files_that_it_includes() -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/outer.lkml"\n',
            "outer.lkml": 'view: +orders { label: "outer" }\ninclude: "/inner.lkml"\n',
            "inner.lkml": 'include: "/orders.view"\nview: +orders { label: "inner" }\n',
            "orders.view.lkml": "view: orders {}",
        }
    )

    assert _files(project) == ("orders.view.lkml", "inner.lkml", "outer.lkml")
    assert _label(project) == "outer"


@pytest.mark.rule("R2.17")
def test_includes_of_one_file_go_depth_first() -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/a.lkml"\ninclude: "/b.lkml"\n',
            "a.lkml": 'include: "/a1.lkml"\ninclude: "/a2.lkml"\n',
            "a1.lkml": 'include: "/deep.lkml"\n',
            "a2.lkml": "",
            "b.lkml": 'include: "/a2.lkml"\ninclude: "/b1.lkml"\n',
            "b1.lkml": "",
            "deep.lkml": 'include: "/b1.lkml"\n',
        }
    )

    assert _files(project) == ("b1.lkml", "deep.lkml", "a1.lkml", "a2.lkml", "a.lkml", "b.lkml")


@pytest.mark.rule("R2.18")
def test_a_view_outside_the_closure_is_known_and_belongs_to_no_model() -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/a.view"\n',
            "a.view.lkml": "view: a {}",
            "dead.view.lkml": "view: dead { dimension: id {} }",
        }
    )
    dead = next(one for one in project.views if one.name == "dead")

    assert dict(project.models[0].views) == {"a": "view:a"}
    assert [(one.id, one.models, one.included) for one in project.views] == [
        ("view:a", ("m",), True),
        ("view:dead", (), False),
    ]
    assert [one.name for one in dead.fields] == ["id"]


@pytest.mark.rule("R2.18")
def test_nothing_outside_the_closure_has_an_effect() -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED
            + 'view: orders { label: "plain" }\nview: kid { extends: [elsewhere] }\nexplore: orders {}\n',
            "dead.lkml": """
                view: +orders { label: "refined" }
                view: elsewhere { dimension: id {} }
                explore: +orders { label: "refined" }
                datagroup: daily { max_cache_age: "1 hour" }
            """,
        }
    )

    assert _label(project) == "plain"
    assert view(project, "kid").missing_parents == ("elsewhere",)
    assert explore(project, "orders").properties == ()
    assert project.models[0].datagroups == ()


@pytest.mark.rule("R2.18")
def test_an_explore_outside_every_closure_belongs_to_no_model() -> None:
    project = compiled({"m.model.lkml": CONNECTED, "e.explore.lkml": "explore: e {}"})

    assert project.models[0].explores == ()
    assert project.explores == ()


@pytest.mark.rule("R2.19")
def test_one_name_may_mean_different_views_in_different_models() -> None:
    project = compiled(
        {
            "a.model.lkml": CONNECTED + 'include: "/a/*.view"\nexplore: orders {}\n',
            "b.model.lkml": CONNECTED + 'include: "/b/*.view"\nexplore: orders {}\n',
            "a/orders.view.lkml": "view: orders { sql_table_name: of_a ;; }",
            "b/orders.view.lkml": "view: orders { sql_table_name: of_b ;; }",
        }
    )

    assert [(one.id, one.models) for one in project.views] == [("view:a/orders", ("a",)), ("view:b/orders", ("b",))]
    assert (_table(project, of="a"), _table(project, of="b")) == ("of_a", "of_b")
    assert explore(project, "orders", "a").base_view == "view:a/orders"
    assert explore(project, "orders", "b").base_view == "view:b/orders"
    assert rules(project) == []


@pytest.mark.rule("R2.19")
def test_one_declaration_with_different_refinements_is_a_different_view_in_each_model() -> None:
    project = compiled(
        {
            "a.model.lkml": CONNECTED + 'include: "/orders.view"\n',
            "b.model.lkml": CONNECTED + 'include: "/orders.view"\ninclude: "/r.lkml"\n',
            "c.model.lkml": CONNECTED + 'include: "/orders.view"\n',
            "orders.view.lkml": 'view: orders { label: "plain" }',
            "r.lkml": 'view: +orders { label: "refined" }',
        }
    )

    assert {one.models for one in project.views} == {("a", "c"), ("b",)}
    assert [_label(project, of=name) for name in ("a", "b", "c")] == ["plain", "refined", "plain"]


@pytest.mark.rule("R2.19")
def test_a_view_and_an_explore_may_share_a_name() -> None:
    project = compiled("view: orders {}\nexplore: orders {}\n")

    assert rules(project) == []


@pytest.mark.rule("R2.20")
@pytest.mark.parametrize("kind", ["view", "explore"])
def test_two_declarations_of_one_name_in_one_model_are_an_error_that_names_both_places(kind: str) -> None:
    project = compiled(
        {
            "m.model.lkml": CONNECTED + 'include: "/a.lkml"\ninclude: "/b.lkml"\nview: base {}\n',
            "a.lkml": f'{kind}: orders {{ label: "first" }}',
            "b.lkml": f'\n{kind}: orders {{ label: "second" }}',
        }
    )
    found = [one for one in check(project) if one.rule == f"duplicate-{kind}"]
    properties = view(project, "orders").properties if kind == "view" else explore(project, "orders").properties

    assert [(one.severity, one.file, one.line) for one in found] == [(Severity.ERROR, "b.lkml", 2)]
    assert "a.lkml:1" in found[0].hint
    assert properties == (("label", "second"),)


@pytest.mark.rule("R2.20")
def test_a_refinement_is_no_second_declaration() -> None:
    project = compiled('view: orders {}\nview: +orders { label: "a" }\nview: +orders { label: "b" }\n')

    assert rules(project) == []


BLOCK = """connection: "of_block"
label: "Block"
persist_with: daily
datagroup: daily { max_cache_age: "24 hours" }
view: orders { dimension: id {} }
explore: orders {}
"""


@pytest.mark.rule("R2.21")
def test_a_model_that_another_includes_gives_it_its_objects_and_none_of_its_settings() -> None:
    project = compiled({"main.model.lkml": 'connection: "own"\ninclude: "/block.model"\n', "block.model.lkml": BLOCK})
    main = model(project, "main")

    assert main.explores == ("explore:main/orders",)
    assert dict(main.views) == {"orders": "view:orders"}
    assert [one.name for one in main.datagroups] == ["daily"]
    assert main.connection is not None
    assert main.connection.value == "own"
    assert main.properties == ()
    assert main.persist_with is None
    assert _lines(project, "include-model") == ["main.model.lkml:2"]


@pytest.mark.rule("R2.21")
def test_the_connection_of_an_included_model_is_not_taken() -> None:
    project = compiled({"main.model.lkml": 'include: "/block.model"\n', "block.model.lkml": BLOCK})

    assert model(project, "main").connection is None
    assert _lines(project, "missing-connection") == ["main.model.lkml:1"]


@pytest.mark.rule("R2.21")
def test_an_included_model_stays_a_model_of_its_own() -> None:
    project = compiled({"main.model.lkml": CONNECTED + 'include: "/block.model"\n', "block.model.lkml": BLOCK})
    block = model(project, "block")

    assert [one.id for one in project.explores] == ["explore:block/orders", "explore:main/orders"]
    assert block.connection is not None
    assert block.connection.value == "of_block"
    assert block.properties == (("label", "Block"),)


@pytest.mark.rule("R2.21")
def test_an_included_model_is_noted_and_no_more_since_real_blocks_do_it() -> None:
    project = compiled({"main.model.lkml": CONNECTED + 'include: "/block.model"\n', "block.model.lkml": BLOCK})

    assert [one.severity for one in check(project) if one.rule == "include-model"] == [Severity.INFO]


@pytest.mark.rule("R2.21")
def test_a_model_of_an_imported_project_gives_its_objects_and_is_no_model_here() -> None:
    project = compiled(
        {
            "manifest.lkml": 'remote_dependency: block { url: "u" ref: "r" }\nconstant: NAME { value: "block" }\n',
            "main.model.lkml": CONNECTED + 'include: "//@{NAME}/*.model.lkml"\n',
            "imported_projects/block/block.model.lkml": BLOCK,
        }
    )

    assert [one.name for one in project.models] == ["main"]
    assert [one.id for one in project.explores] == ["explore:main/orders"]
    assert project.models[0].persist_with is None
    assert _lines(project, "include-model") == ["main.model.lkml:2"]


@pytest.mark.rule("R2.22")
@pytest.mark.parametrize("written", ["/**/*.lkml", "/**/*", "/*", "*", "*.lkml", "/manifest.lkml", "/manifest"])
def test_no_include_takes_the_manifest(written: str) -> None:
    project = compiled(
        {
            "manifest.lkml": 'project_name: "shop"\nview: of_manifest {}\n',
            "m.model.lkml": f'{CONNECTED}include: "{written}"\n',
        }
    )

    assert project.models[0].files == ("m.model.lkml",)
    assert dict(project.models[0].views) == {}


@pytest.mark.rule("R2.22")
@pytest.mark.rule("R2.21")
@pytest.mark.parametrize("written", ["/**/*.lkml", "*"])
def test_a_wildcard_over_the_whole_project_takes_other_models_as_plain_files(written: str) -> None:
    project = compiled(
        {
            "a.model.lkml": f'connection: "of_a"\nlabel: "A"\ninclude: "{written}"\n',
            "b.model.lkml": 'connection: "of_b"\nlabel: "B"\nexplore: orders {}\n',
            "orders.view.lkml": "view: orders {}",
        }
    )
    a = model(project, "a")

    assert a.files == ("b.model.lkml", "orders.view.lkml", "a.model.lkml")
    assert a.connection is not None
    assert a.connection.value == "of_a"
    assert a.properties == (("label", "A"),)
    assert a.explores == ("explore:a/orders",)
    assert _lines(project, "include-model") == ["a.model.lkml:3"]


@pytest.mark.rule("R2.23")
def test_a_dashboard_belongs_to_every_model_that_includes_it_and_to_no_other() -> None:
    project = compiled(
        {
            "a.model.lkml": CONNECTED + 'include: "/sales.dashboard"\n',
            "b.model.lkml": CONNECTED + 'include: "/e.explore"\n',
            "c.model.lkml": CONNECTED,
            "e.explore.lkml": 'include: "/sales.dashboard.lookml"\n',
            "sales.dashboard.lookml": "- dashboard: sales\n",
        }
    )

    assert [(one.id, one.model) for one in project.dashboards] == [("dashboard:a/sales", "a"), ("dashboard:b/sales", "b")]
    assert [one.dashboards for one in project.models] == [("dashboard:a/sales",), ("dashboard:b/sales",), ()]


@pytest.mark.rule("R2.23")
def test_a_dashboard_that_no_model_includes_belongs_to_none() -> None:
    project = compiled({"m.model.lkml": CONNECTED, "x/sales.dashboard.lookml": "- dashboard: sales\n"})

    assert [(one.name, one.model, one.included) for one in project.dashboards] == [("sales", None, False)]
    assert project.models[0].dashboards == ()


@pytest.mark.rule("R2.24")
def test_a_persistent_table_belongs_to_every_model_whose_closure_has_its_view() -> None:
    project = compiled(
        {
            "a.model.lkml": 'connection: "one"\ninclude: "/pdt.view"\n',
            "b.model.lkml": 'connection: "one"\ninclude: "/e.explore"\n',
            "c.model.lkml": 'connection: "one"\n',
            "e.explore.lkml": 'include: "/pdt.view"\n',
            "pdt.view.lkml": "view: pdt { derived_table: { sql: select 1 ;; sql_trigger_value: select 2 ;; } }",
        }
    )
    pdt = view(project, "pdt", "a")

    assert pdt.models == ("a", "b")
    assert pdt.derived_table is not None
    assert pdt.derived_table.persistence is not None
    assert pdt.derived_table.persistence.kind == "sql_trigger_value"
    assert ["pdt" in one.views for one in project.models] == [True, True, False]


@pytest.mark.rule("R2.24")
def test_a_persistent_table_that_one_model_refines_is_another_table_there() -> None:
    project = compiled(
        {
            "a.model.lkml": CONNECTED + 'include: "/pdt.view"\n',
            "b.model.lkml": CONNECTED + 'include: "/pdt.view"\nview: +pdt { derived_table: { sql: select 2 ;; } }\n',
            "pdt.view.lkml": 'view: pdt { derived_table: { sql: select 1 ;; persist_for: "1 hour" } }',
        }
    )
    tables = [view(project, "pdt", name).derived_table for name in ("a", "b")]

    assert [table.sql.value for table in tables if table and table.sql] == ["select 1", "select 2"]
    assert [table.persistence.kind for table in tables if table and table.persistence] == ["persist_for", "persist_for"]
