"""Refinements: where and in which order they take effect (R8). How parameters merge is shown with extends."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.semantic.objects import Lookup, Project
from tests.building import compiled, dashboard, explore, field, rules, sql, view


def label(project: Project, name: str = "v", model: str | None = None) -> str | None:
    """The label of a view."""
    return dict(view(project, name, model).properties).get("label")


# -- what a refinement is ----------------------------------------------------------------------------------------------


@pytest.mark.rule("R8.1")
def test_a_refinement_changes_an_object_in_its_place() -> None:
    project = compiled(
        """
        view: v { label: "V" dimension: a {} }
        view: +v { label: "Refined" dimension: b { sql: ${a} ;; } }
        explore: v { label: "V" }
        explore: +v { label: "Refined" sql_always_where: ${v.b} > 0 ;; }
        """
    )

    assert [(one.id, one.name, one.properties) for one in project.views] == [("view:v", "v", (("label", "Refined"),))]
    assert [(one.id, one.name, one.properties) for one in project.explores] == [
        ("explore:m/v", "v", (("label", "Refined"),)),
    ]
    assert [one.name for one in view(project, "v").fields] == ["a", "b"]
    assert rules(project) == []


@pytest.mark.rule("R8.1")
def test_an_object_knows_the_places_that_it_is_made_of() -> None:
    project = compiled(
        {
            "m.model.lkml": 'connection: "c"\ninclude: "v.view"\ninclude: "r.lkml"\nview: +v { label: "M" }',
            "v.view.lkml": "view: v {}\nview: +v { suggestions: no }",
            "r.lkml": '\n\nview: +v { label: "R" }',
        }
    )

    v = view(project, "v")

    assert [str(one.span) for one in v.origins] == ["v.view.lkml:1:1", "v.view.lkml:2:1", "r.lkml:3:1", "m.model.lkml:4:1"]
    assert [str(one.span) for one in v.refined_by] == ["v.view.lkml:2:1", "r.lkml:3:1", "m.model.lkml:4:1"]


@pytest.mark.rule("R8.1")
def test_a_join_is_refined_within_its_explore() -> None:
    project = compiled(
        """
        view: a { dimension: id {} } view: b { dimension: id {} }
        explore: a { join: b { sql_on: ${a.id} = ${b.id} ;; } }
        explore: +a { join: b { type: inner } }
        """
    )

    [join] = explore(project, "a").joins

    assert (join.name, join.type, [text.value for text in join.sql]) == ("b", "inner", ["${a.id} = ${b.id}"])


@pytest.mark.rule("R8.1")
@pytest.mark.rule("R12.16")
def test_a_dashboard_cannot_be_refined() -> None:
    project = compiled(
        {
            "m.model.lkml": 'connection: "c" include: "d.dashboard"',
            "d.dashboard.lookml": "- dashboard: d\n  title: D\n- dashboard: +d\n  title: Refined\n",
        }
    )

    assert dashboard(project, "d").title == "D"


@pytest.mark.rule("R8.2")
def test_a_refinement_takes_effect_in_the_models_that_include_its_file() -> None:
    project = compiled(
        {
            "plain.model.lkml": 'connection: "c" include: "v.view"',
            "refined.model.lkml": 'connection: "c" include: "v.view" include: "r.lkml"',
            "nested.model.lkml": 'connection: "c" include: "r.lkml"',
            "v.view.lkml": 'view: v { label: "V" dimension: a {} }',
            "r.lkml": 'include: "v.view" view: +v { label: "R" dimension: b {} }',
        }
    )

    assert {name: label(project, "v", name) for name in ("plain", "refined", "nested")} == {
        "plain": "V",
        "refined": "R",
        "nested": "R",
    }
    assert [one.name for one in view(project, "v", "plain").fields] == ["a"]
    assert [one.name for one in view(project, "v", "refined").fields] == ["a", "b"]


@pytest.mark.rule("R8.2")
@pytest.mark.rule("R8.12")
def test_models_that_see_a_view_differently_have_two_views_and_others_share_one() -> None:
    project = compiled(
        {
            "a.model.lkml": 'connection: "c" include: "v.view"',
            "b.model.lkml": 'connection: "c" include: "v.view" include: "r.lkml"',
            "c.model.lkml": 'connection: "c" include: "v.view" include: "r.lkml"',
            "v.view.lkml": 'view: v { derived_table: { sql: SELECT 1 AS one ;; persist_for: "1 hour" } } view: w {}',
            "r.lkml": "view: +v { derived_table: { sql: SELECT 2 AS one ;; } }",
        }
    )

    found = sorted((one.name, one.models, len(one.origins)) for one in project.views)
    tables = {name: view(project, "v", name).derived_table for name in "abc"}

    assert found == [("v", ("a",), 1), ("v", ("b", "c"), 2), ("w", ("a", "b", "c"), 1)]
    assert {name: table.sql.value for name, table in tables.items() if table and table.sql} == {
        "a": "SELECT 1 AS one",
        "b": "SELECT 2 AS one",
        "c": "SELECT 2 AS one",
    }
    assert [table.persistence.value for table in tables.values() if table and table.persistence] == ["1 hour"] * 3


# -- order -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R8.3")
@pytest.mark.parametrize(
    ("includes", "expected"),
    [
        ('include: "v.view" include: "r1.lkml" include: "r2.lkml"', "R2"),
        ('include: "v.view" include: "r2.lkml" include: "r1.lkml"', "R1"),
        ('include: "r2.lkml" include: "r1.lkml" include: "v.view"', "R1"),
        ('include: "r1.lkml" include: "v.view" include: "r2.lkml" include: "r1.lkml"', "R2"),
    ],
)
def test_refinements_take_effect_in_the_order_of_their_files(includes: str, expected: str) -> None:
    project = compiled(
        {
            "m.model.lkml": f'connection: "c" {includes}',
            "v.view.lkml": 'view: v { label: "V" }',
            "r1.lkml": 'view: +v { label: "R1" }',
            "r2.lkml": 'view: +v { label: "R2" }',
        }
    )

    assert label(project) == expected


@pytest.mark.rule("R8.3")
def test_refinements_of_one_file_take_effect_from_top_to_bottom() -> None:
    project = compiled('view: v { label: "V" } view: +v { label: "One" tags: ["one"] } view: +v { label: "Two" }')

    assert (label(project), view(project, "v").tags) == ("Two", ("one",))


@pytest.mark.rule("R8.3")
def test_a_refinement_may_stand_before_what_it_refines() -> None:
    project = compiled('view: +v { label: "Refined" } view: v { label: "V" suggestions: no }')

    assert view(project, "v").properties == (("label", "Refined"), ("suggestions", "no"))
    assert rules(project) == []


@pytest.mark.rule("R8.3")
@pytest.mark.rule("R2.17")
def test_the_refinements_of_a_model_file_come_after_those_of_its_includes() -> None:
    project = compiled(
        {
            "m.model.lkml": 'connection: "c" view: +v { label: "M" } include: "r.lkml"',
            "r.lkml": 'view: +v { label: "R" } include: "v.view"',
            "v.view.lkml": 'view: v { label: "V" } view: +v { label: "V+" }',
        }
    )

    assert label(project) == "M"


@pytest.mark.rule("R8.4")
def test_each_refinement_extends_what_the_ones_before_it_made() -> None:
    project = compiled(
        """
        view: v { set: s { fields: [a] } dimension: a { sql: one ;; } }
        view: +v { set: s { fields: [EXTENDED*, b] } dimension: a { sql: two(${EXTENDED}) ;; } }
        view: +v { set: s { fields: [c, EXTENDED*] } dimension: a { sql: three(${EXTENDED}) ;; } }
        """
    )

    v = view(project, "v")

    assert [[entry.name for entry in one.fields] for one in v.sets] == [["c", "a", "b"]]
    assert sql(v, "a") == "three(two(one))"


# -- final -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R8.5")
def test_a_refinement_after_a_final_one_is_an_error() -> None:
    project = compiled(
        {
            "m.model.lkml": """connection: "c"
view: v { dimension: a {} }
view: +v { label: "One" }
view: +v { final: yes label: "Two" }
view: +v { label: "Three" }
""",
        }
    )

    assert [(found.rule, found.severity.value, found.line) for found in check(project)] == [("refines-final", "error", 5)]


@pytest.mark.rule("R8.5")
@pytest.mark.parametrize(
    "text",
    [
        "view: v {} view: +v { suggestions: no } view: +v { final: yes }",
        "view: v {} view: +v { final: no } view: +v { suggestions: no }",
        "view: v {} view: +v { final: yes } view: w {} view: +w { suggestions: no }",
        "view: v { dimension: a {} } view: +v { final: yes } explore: v {} explore: +v { hidden: yes }",
    ],
)
def test_a_final_refinement_forbids_only_later_ones_of_the_same_object(text: str) -> None:
    assert rules(compiled(text)) == []


@pytest.mark.rule("R8.5")
def test_a_refinement_of_an_explore_can_be_final() -> None:
    project = compiled(
        'view: v { dimension: a {} } explore: v {} explore: +v { final: yes } explore: +v { label: "Late" }',
    )

    assert rules(project) == ["refines-final"]


@pytest.mark.rule("R8.5")
def test_final_goes_by_the_order_of_each_model() -> None:
    project = compiled(
        {
            "good.model.lkml": 'connection: "c" include: "v.view" include: "r1.lkml" include: "final.lkml"',
            "bad.model.lkml": 'connection: "c" include: "v.view" include: "final.lkml" include: "r1.lkml"',
            "v.view.lkml": "view: v { dimension: a {} }",
            "r1.lkml": 'view: +v { label: "R1" }',
            "final.lkml": 'view: +v { final: yes label: "Final" }',
        }
    )

    assert [(found.rule, found.file) for found in check(project)] == [("refines-final", "r1.lkml")]
    assert label(project, "v", "good") == "Final"


@pytest.mark.rule("R8.5")
@pytest.mark.rule("R7.14")
def test_a_child_of_a_final_object_can_be_refined() -> None:
    project = compiled("view: v {} view: +v { final: yes } view: w { extends: [v] } view: +w { suggestions: no }")

    assert rules(project) == []


# -- extends in refinements --------------------------------------------------------------------------------------------

PARENTS = 'view: ob { label: "ob" tags: ["ob"] } view: ub { label: "ub" }'


@pytest.mark.rule("R8.6")
@pytest.mark.parametrize(
    ("own", "refined", "expected"),
    [
        ('label: "Orders" extends: [ob]', 'label: "Refined" extends: [ub]', "Refined"),
        ('label: "Orders" extends: [ob]', "extends: [ub]", "Orders"),
        ("extends: [ob]", 'label: "Refined" extends: [ub]', "Refined"),
        ("extends: [ob]", "extends: [ub]", "ub"),
        ("extends: [ob]", "hidden: yes", "ob"),
    ],
)
def test_own_parents_then_parents_of_refinements_then_own_text_then_refinements(own: str, refined: str, expected: str) -> None:
    project = compiled(f"{PARENTS} view: orders {{ {own} }} view: +orders {{ {refined} }}")

    assert label(project, "orders") == expected


@pytest.mark.rule("R8.6")
def test_a_refinement_adds_its_parents_to_those_of_the_object() -> None:
    project = compiled(
        """
        view: a { dimension: a {} } view: b { dimension: b {} } view: c { dimension: c {} }
        view: v { extends: [a] dimension: v {} }
        view: +v { extends: [b] }
        view: +v { extends: [c] }
        """
    )

    v = view(project, "v")

    assert v.extends == ("a", "b", "c")
    assert {one.name for one in v.fields} == {"a", "b", "c", "v"}


@pytest.mark.rule("R8.6")
def test_extended_in_a_refinement_is_the_own_text_and_not_that_of_its_parent() -> None:
    project = compiled(
        """
        view: p { dimension: a { sql: from_p ;; } }
        view: v { dimension: a { sql: own ;; } }
        view: +v { extends: [p] dimension: a { sql: f(${EXTENDED}) ;; } }
        """
    )

    assert sql(view(project, "v"), "a") == "f(own)"


@pytest.mark.rule("R8.6")
def test_a_refinement_of_an_explore_adds_parents_too() -> None:
    project = compiled(
        """
        view: v { dimension: id {} } view: w { dimension: id {} }
        explore: base { extension: required join: w { sql_on: ${v.id} = ${w.id} ;; } }
        explore: v { label: "V" }
        explore: +v { extends: [base] }
        """
    )

    v = explore(project, "v")

    assert (v.extends, v.extension_required, [one.name for one in v.joins]) == (("base",), False, ["w"])
    assert rules(project) == []


@pytest.mark.rule("R8.7")
def test_a_parent_that_is_named_again_counts_at_its_first_place() -> None:
    project = compiled('view: a { label: "A" } view: b { label: "B" } view: c { extends: [b] } view: +c { extends: [a, b] }')

    assert (view(project, "c").extends, label(project, "c")) == (("b", "a"), "A")


# -- what is refined ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("R8.8")
@pytest.mark.parametrize(
    "text", ["view: +gone { dimension: a {} }", "explore: +gone { hidden: yes }", "view: gone {} explore: +gone { hidden: yes }"]
)
def test_a_refinement_of_nothing_is_an_error(text: str) -> None:
    project = compiled(text)

    assert [(found.rule, found.severity.value) for found in check(project)] == [("refines-nothing", "error")]


@pytest.mark.rule("R8.8")
def test_a_refinement_of_nothing_makes_nothing() -> None:
    project = compiled("view: +gone { dimension: a {} } explore: +gone { hidden: yes }")

    assert (project.views, project.explores) == ((), ())


@pytest.mark.rule("R8.8")
@pytest.mark.rule("R8.2")
def test_a_refinement_of_nothing_is_one_in_the_model_that_lacks_the_object() -> None:
    project = compiled(
        {
            "a.model.lkml": 'connection: "c" include: "v.view" include: "r.lkml"',
            "b.model.lkml": 'connection: "c" include: "r.lkml"',
            "v.view.lkml": "view: v { dimension: a {} }",
            "r.lkml": 'view: +v { label: "R" }',
        }
    )

    lookup = Lookup(project)

    assert rules(project) == ["refines-nothing"]
    assert (label(project, "v", "a"), lookup.view("b", "v")) == ("R", None)


@pytest.mark.rule("R8.9")
@pytest.mark.parametrize("kind", ["view", "explore"])
def test_an_imported_object_is_refined_by_its_bare_name(kind: str) -> None:
    project = compiled(
        {
            "manifest.lkml": 'project_name: "spoke" local_dependency: { project: "hub" }',
            "m.model.lkml": f'connection: "c" include: "//hub/all.lkml" {kind}: +orders {{ label: "Ours" }}',
            "imported_projects/hub/all.lkml": "view: orders { dimension: id {} } explore: orders {}",
        }
    )

    found = view(project, "orders") if kind == "view" else explore(project, "orders")

    assert found.properties == (("label", "Ours"),)
    assert [one.project for one in found.origins] == ["hub", "spoke"]
    assert rules(project) == []


# -- what only an absent import can declare ----------------------------------------------------------------------------

HUB = 'project_name: "spoke" local_dependency: { project: "hub" }'


def spoke(text: str, more: Mapping[str, str] | None = None) -> Project:
    """A model that includes a project which is not here."""
    return compiled({"manifest.lkml": HUB, "m.model.lkml": f'connection: "c" include: "//hub/all" {text}', **(more or {})})


@pytest.mark.rule("R8.9")
def test_what_is_refined_of_an_absent_import_is_kept_apart() -> None:
    project = spoke("view: +v { dimension: a {} } explore: +v { join: w {} } view: w {}")

    assert ([one.id for one in project.views], project.explores) == (["view:w"], ())
    assert [(one.id, one.name, one.models, one.complete) for one in project.refined_views] == [("view:+v", "v", ("m",), False)]
    assert [(one.id, one.name, one.complete) for one in project.refined_explores] == [("explore:m/+v", "v", False)]
    assert [(one.name, one.view) for one in project.refined_explores[0].joins] == [("w", "view:w")]
    assert (dict(project.models[0].views), project.models[0].explores) == ({"w": "view:w"}, ())
    assert rules(project) == ["missing-import"]


@pytest.mark.rule("R8.3")
def test_all_refinements_of_one_absent_object_are_merged_in_their_order() -> None:
    project = spoke(
        'view: +v { label: "A" dimension: a { label: "A" sql: 1 ;; } } view: +v { label: "B" dimension: a { sql: 2 ;; } }'
    )
    (found,) = project.refined_views

    assert (dict(found.properties), len(found.origins)) == ({"label": "B"}, 2)
    assert [(one.name, sql(found, "a"), dict(one.properties)) for one in found.fields] == [("a", "2", {"label": "A"})]


def test_what_a_refinement_writes_is_told_from_defaults() -> None:
    project = spoke('view: +v { label: "V" measure: a { hidden: yes } } explore: +v { join: w { type: inner } }')

    assert project.refined_views[0].written == ("label", "measure")
    assert project.refined_views[0].fields[0].written == ("hidden",)
    assert project.refined_explores[0].written == ("join",)
    assert project.refined_explores[0].joins[0].written == ("type",)


@pytest.mark.rule("R8.6")
def test_what_a_refinement_of_an_absent_view_extends_is_under_it() -> None:
    project = spoke(
        "view: base { extension: required dimension: a { sql: 1 ;; } dimension: b {} }"
        " view: +v { extends: [base, gone] dimension: a { sql: 2 ;; } }"
    )
    (found,) = project.refined_views

    assert (found.kind, found.extends, found.missing_parents) == ("table", ("base", "gone"), ("gone",))
    assert [(one.name, sql(found, one.name)) for one in found.fields] == [("a", "2"), ("b", None)]


@pytest.mark.rule("R8.2")
def test_models_that_see_the_same_refinements_share_what_they_say() -> None:
    more = {
        "n.model.lkml": 'connection: "c" include: "//hub/all" include: "v.lkml"',
        "o.model.lkml": 'connection: "c" include: "//hub/all" include: "v.lkml" view: +v { label: "O" }',
        "v.lkml": "view: +v { dimension: a {} }",
    }
    project = spoke('include: "v.lkml"', more)

    assert [(one.id, one.models) for one in project.refined_views] == [("view:m/+v", ("m", "n")), ("view:o/+v", ("o",))]


@pytest.mark.rule("R8.8")
def test_what_no_absent_import_can_declare_is_refined_by_nothing() -> None:
    assert compiled("view: +v { dimension: a {} }").refined_views == ()


def test_a_tile_whose_field_is_gone_from_a_refinement_may_find_it_in_the_base() -> None:
    tile = "- dashboard: d\n  elements:\n  - {name: t, type: table, model: m, explore: v, fields: [v.gone]}\n"
    project = spoke('include: "*.dashboard" explore: v {} view: +v { dimension: a {} }', {"d.dashboard.lookml": tile})

    assert rules(project) == ["missing-import"]


@pytest.mark.rule("R8.10")
def test_a_refinement_replaces_the_fields_of_an_explore() -> None:
    project = compiled(
        """
        view: v { dimension: a {} dimension: b {} }
        explore: v { fields: [v.a] }
        explore: +v { fields: [v.b] }
        """
    )

    v = explore(project, "v")

    assert ([one.name for one in v.fields or ()], v.field_count) == (["v.b"], 1)


@pytest.mark.rule("R8.10")
def test_a_refinement_adds_joins_behind_those_that_are_there() -> None:
    project = compiled(
        """
        view: a { dimension: id {} } view: b { dimension: id {} } view: c { dimension: id {} }
        explore: a { join: b { sql_on: ${a.id} = ${b.id} ;; } }
        explore: +a { join: c { sql_on: ${a.id} = ${c.id} ;; } join: b { relationship: one_to_one } }
        """
    )

    assert [(one.name, one.relationship) for one in explore(project, "a").joins] == [
        ("b", "one_to_one"),
        ("c", "many_to_one"),
    ]
    assert rules(project) == []


@pytest.mark.rule("R8.11")
def test_two_refinements_of_one_field_in_one_file_are_no_duplicates() -> None:
    project = compiled(
        """
        view: v { dimension: a {} }
        view: +v { dimension: a { label: "A" } }
        view: +v { dimension: a { type: number } }
        """
    )

    found = field(view(project, "v"), "a")

    assert (found.type, found.properties) == ("number", (("label", "A"),))
    assert rules(project) == []


@pytest.mark.rule("R8.2")
@pytest.mark.rule("R8.3")
@pytest.mark.rule("R8.5")
def test_the_three_models_of_the_rule_book() -> None:
    project = compiled(
        {
            "m.model.lkml": 'connection: "c" include: "/base.view" include: "/r1.lkml" include: "/r2.lkml"',
            "m2.model.lkml": 'connection: "c" include: "/base.view"',
            "m3.model.lkml": 'connection: "c" include: "/base.view" include: "/r2.lkml" include: "/r1.lkml"',
            "base.view.lkml": 'view: v { dimension: c { hidden: yes label: "Base" } }',
            "r1.lkml": 'include: "/base.view"   view: +v { dimension: c { hidden: no } }',
            "r2.lkml": 'include: "/base.view"   view: +v { final: yes dimension: c { label: "R2" } }',
        }
    )

    found = {name: field(view(project, "v", name), "c") for name in ("m", "m2")}

    assert {name: (one.hidden, one.properties) for name, one in found.items()} == {
        "m": (False, (("label", "R2"),)),
        "m2": (True, (("label", "Base"),)),
    }
    assert [(one.rule, one.file) for one in check(project)] == [("refines-final", "r1.lkml")]
