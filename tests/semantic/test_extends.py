"""Extends, and how each kind of parameter merges, in extends and refinements alike (R7, R8.4, rule book section 16)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dagster_lookml.semantic.objects import Explore, FieldSet, Persistence, Reference, Text, View
from tests.building import compiled, explore, field, join, rules, sql, view

Merged = Callable[[str, str], str]
"""Makes a project text of what is there first and what comes over it; the result is called ``v``."""


def view_extends(base: str, over: str) -> str:
    return f"view: base {{ {base} }} view: v {{ extends: [base] {over} }}"


def view_refines(base: str, over: str) -> str:
    return f"view: v {{ {base} }} view: +v {{ {over} }}"


def explore_extends(base: str, over: str) -> str:
    return f"view: w {{ dimension: a {{}} }} explore: base {{ {base} }} explore: v {{ extends: [base] {over} }}"


def explore_refines(base: str, over: str) -> str:
    return f"view: w {{ dimension: a {{}} }} explore: v {{ {base} }} explore: +v {{ {over} }}"


both_ways = pytest.mark.parametrize("way", [view_extends, view_refines])
both_ways_of_explores = pytest.mark.parametrize("way", [explore_extends, explore_refines])


def merged_view(way: Merged, base: str, over: str) -> View:
    return view(compiled(way(base, over)), "v")


def merged_explore(way: Merged, base: str, over: str) -> Explore:
    return explore(compiled(way(base, over)), "v")


def names(references: tuple[Reference, ...] | None) -> list[str]:
    return [one.name for one in references or ()]


def values(texts: tuple[Text, ...]) -> list[str]:
    return [one.value for one in texts]


def terms(of: View, name: str) -> list[tuple[str, str]]:
    return [(one.field, one.value) for one in field(of, name).filters]


# -- what extends is ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("R7.1")
def test_views_and_explores_can_be_extended() -> None:
    project = compiled(
        """
        view: a { dimension: id {} } view: b { extends: [a] }
        explore: a { label: "A" } explore: b { extends: [a] }
        """
    )

    assert [(one.name, one.extends) for one in project.views] == [("a", ()), ("b", ("a",))]
    assert [(one.name, one.extends) for one in project.explores] == [("a", ()), ("b", ("a",))]
    assert [one.name for one in view(project, "b").fields] == ["id"]
    assert explore(project, "b").properties == (("label", "A"),)


@pytest.mark.rule("R7.2")
@pytest.mark.parametrize(
    "text", ["extends: [a, b]", "extends: [a] extends: [b]", "extends: a extends: b", "extends: [a] extends: b"]
)
def test_all_values_of_extends_count_in_their_order(text: str) -> None:
    project = compiled(f'view: a {{ label: "A" tags: ["a"] }} view: b {{ label: "B" }} view: v {{ {text} }}')

    found = view(project, "v")

    assert (found.extends, found.tags, found.properties) == (("a", "b"), ("a",), (("label", "B"),))


@pytest.mark.rule("R7.2")
def test_a_bare_extends_names_one_parent() -> None:
    project = compiled("view: a { dimension: id {} } view: v { extends: a }")

    assert [one.name for one in view(project, "v").fields] == ["id"]


@pytest.mark.rule("R7.3")
def test_the_parent_stays_as_it_was() -> None:
    project = compiled(
        """
        view: base { label: "Base" sql_table_name: t ;; dimension: a { type: number sql: x ;; } }
        view: v { extends: [base] label: "V" dimension: a { type: string } dimension: b {} }
        """
    )

    base = view(project, "base")

    assert base.properties == (("label", "Base"),)
    assert [(one.name, one.type) for one in base.fields] == [("a", "number")]


@pytest.mark.rule("R7.3")
def test_defaults_are_computed_on_the_result() -> None:
    project = compiled(
        """
        view: base { dimension: a { label: "A" } dimension_group: g { type: time } }
        view: v { extends: [base] dimension: a { type: number } dimension_group: g { timeframes: [date] } }
        """
    )

    v = view(project, "v")

    assert [(one.name, one.type, one.names) for one in v.fields] == [("a", "number", ("a",)), ("g", "time", ("g_date",))]


@pytest.mark.rule("R7.4")
@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ('view: a { label: "A" } view: b { label: "B" } view: v { extends: [a, b] label: "V" }', "V"),
        ('view: a { label: "A" } view: b { label: "B" } view: v { extends: [a, b] }', "B"),
        ('view: a { label: "A" } view: b { label: "B" } view: v { extends: [b, a] }', "A"),
        ('view: a { label: "A" } view: b {} view: v { extends: [a, b] }', "A"),
        ('view: g { label: "G" } view: a { extends: [g] label: "A" } view: v { extends: [a] }', "A"),
        ('view: g { label: "G" } view: a { extends: [g] } view: v { extends: [a] }', "G"),
        ('view: g { label: "G" } view: a { extends: [g] } view: b { label: "B" } view: v { extends: [a, b] }', "B"),
    ],
)
def test_the_last_parent_wins_over_the_first_and_the_child_over_all(texts: str, expected: str) -> None:
    assert view(compiled(texts), "v").properties == (("label", expected),)


@pytest.mark.rule("R7.4")
def test_fields_of_all_parents_come_together_in_one_field() -> None:
    project = compiled(
        """
        view: g { dimension: x { sql: from_g ;; label: "G" } }
        view: a { extends: [g] dimension: x { label: "A" description: "A" } }
        view: b { dimension: x { description: "B" } dimension: y {} }
        view: v { extends: [a, b] dimension: x { type: number } }
        """
    )

    [x, y] = view(project, "v").fields

    assert (x.type, values(x.sql), x.properties) == ("number", ["from_g"], (("description", "B"), ("label", "A")))
    assert y.name == "y"


@pytest.mark.rule("R7.5")
def test_a_table_that_is_written_is_inherited() -> None:
    project = compiled("view: base { sql_table_name: raw.base ;; } view: v { extends: [base] }")

    found = view(project, "v").sql_table_name

    assert found is not None
    assert found.value == "raw.base"


@pytest.mark.rule("R7.5")
def test_a_child_of_an_explore_without_a_view_name_starts_from_a_view_of_its_own_name() -> None:
    project = compiled(
        """
        view: orders { dimension: id {} } view: old_orders { dimension: id {} }
        explore: orders { label: "Orders" }
        explore: old_orders { extends: [orders] }
        """
    )

    child = explore(project, "old_orders")

    assert (child.base_view_name, child.base_alias, child.base_view) == ("old_orders", "old_orders", "view:old_orders")


@pytest.mark.rule("R7.5")
def test_a_child_explore_needs_a_view_of_its_own_name_where_the_parent_names_none() -> None:
    project = compiled("view: orders { dimension: id {} } explore: orders {} explore: old_orders { extends: [orders] }")

    assert rules(project) == ["unknown-view"]


@pytest.mark.rule("R7.5")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("view_name: orders", ("orders", "orders")),
        ("from: orders", ("orders", "old_orders")),
        ("from: orders view_name: o", ("orders", "o")),
    ],
)
def test_the_base_view_that_a_parent_writes_is_inherited(written: str, expected: tuple[str, str]) -> None:
    project = compiled(
        f"view: orders {{ dimension: id {{}} }} explore: base {{ {written} }} explore: old_orders {{ extends: [base] }}"
    )

    child = explore(project, "old_orders")

    assert (child.base_view_name, child.base_alias) == expected
    assert rules(project) == []


@pytest.mark.rule("R7.7")
def test_a_field_of_another_kind_replaces_that_of_the_parent() -> None:
    project = compiled(
        """
        view: base { dimension: a { sql: ${TABLE}.x ;; label: "A" } dimension: b {} }
        view: v { extends: [base] measure: a { type: count } }
        """
    )

    fields = view(project, "v").fields

    assert [(one.kind, one.name, one.type, one.sql, one.properties) for one in fields] == [
        ("measure", "a", "count", (), ()),
        ("dimension", "b", "string", (), ()),
    ]
    assert rules(project) == ["field-kind-changed"]


@pytest.mark.rule("R7.11")
def test_extended_without_sql_in_the_parent_is_the_default_column() -> None:
    project = compiled("view: base { dimension: a {} } view: v { extends: [base] dimension: a { sql: UPPER(${EXTENDED}) ;; } }")

    assert sql(view(project, "v"), "a") == "UPPER(${TABLE}.a)"


@pytest.mark.rule("R7.11")
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("sql: one ;;", "sql: two ;;", "f(two)"),
        ("sql: one ;;", "type: number", "f(one)"),
        ("type: date", "sql: two ;;", "f(two)"),
    ],
)
def test_extended_of_several_parents_is_what_is_merged_so_far(first: str, second: str, expected: str) -> None:
    project = compiled(
        f"""
        view: a {{ dimension: x {{ {first} }} }}
        view: b {{ dimension: x {{ {second} }} }}
        view: v {{ extends: [a, b] dimension: x {{ sql: f(${{EXTENDED}}) ;; }} }}
        """
    )

    assert sql(view(project, "v"), "x") == expected


@pytest.mark.rule("R7.11")
def test_extended_goes_down_a_chain_of_parents() -> None:
    project = compiled(
        """
        view: a { dimension: x { sql: ${TABLE}.y ;; } }
        view: b { extends: [a] dimension: x { sql: two(${EXTENDED}, ${EXTENDED}) ;; } }
        view: c { extends: [b] }
        view: v { extends: [c] dimension: x { sql: three(${EXTENDED}) ;; } }
        """
    )

    assert sql(view(project, "v"), "x") == "three(two(${TABLE}.y, ${TABLE}.y))"
    assert sql(view(project, "c"), "x") == "two(${TABLE}.y, ${TABLE}.y)"


@pytest.mark.rule("R7.12")
def test_a_child_changes_one_parameter_of_the_derived_table() -> None:
    project = compiled(
        """
        view: base { derived_table: { sql: SELECT 1 AS one ;; persist_for: "1 hour" indexes: ["one"] } }
        view: v { extends: [base] derived_table: { persist_for: "2 hours" } }
        """
    )

    tables = {one.name: one.derived_table for one in project.views}
    found = {name: table.persistence.value for name, table in tables.items() if table and table.persistence}

    assert found == {"base": "1 hour", "v": "2 hours"}
    assert [table.sql.value for table in tables.values() if table and table.sql] == ["SELECT 1 AS one", "SELECT 1 AS one"]
    assert tables["v"] is not None
    assert tables["v"].properties == (("indexes", "[one]"),)


@pytest.mark.rule("R7.13")
def test_copied_sql_is_not_rewritten() -> None:
    project = compiled(
        """
        view: base { dimension: a {} dimension: b { sql: ${a} ;; } dimension: c { sql: ${base.a} ;; } }
        view: v { extends: [base] }
        explore: v {}
        """
    )

    v = view(project, "v")

    assert (sql(v, "b"), sql(v, "c")) == ("${a}", "${base.a}")
    assert rules(project) == ["view-not-joined"]


@pytest.mark.rule("R7.13")
def test_copied_sql_that_names_its_parent_is_good_where_the_parent_is_joined() -> None:
    project = compiled(
        """
        view: base { dimension: a {} dimension: c { sql: ${base.a} ;; } }
        view: v { extends: [base] }
        explore: v { join: base { sql_on: ${v.a} = ${base.a} ;; } }
        """
    )

    assert rules(project) == []


@pytest.mark.rule("R7.14")
def test_extension_required_is_not_inherited() -> None:
    project = compiled(
        """
        view: base { extension: required dimension: id {} }
        view: v { extends: [base] }
        explore: base { extension: required }
        explore: v { extends: [base] }
        """
    )

    assert [(one.name, one.kind) for one in project.views] == [("base", "abstract"), ("v", "table")]
    assert [(one.name, one.extension_required) for one in project.explores] == [("base", True), ("v", False)]


@pytest.mark.rule("R7.15")
@pytest.mark.parametrize(
    "text",
    [
        'view: a { label: "A" } view: +a { label: "A+" } view: v { extends: [a] }',
        'view: v { extends: [a] } view: a { label: "A" } view: +a { label: "A+" }',
        'view: +a { label: "A+" } view: v { extends: [a] } view: a { label: "A" }',
    ],
)
def test_a_child_gets_its_parent_with_all_refinements(text: str) -> None:
    project = compiled(text)

    assert view(project, "v").properties == (("label", "A+"),)


@pytest.mark.rule("R7.15")
def test_a_refined_parent_stays_weaker_than_the_child() -> None:
    project = compiled('view: a { label: "A" } view: v { extends: [a] label: "V" } view: +a { label: "A+" tags: ["new"] }')

    found = view(project, "v")

    assert (found.properties, found.tags) == ((("label", "V"),), ("new",))


@pytest.mark.rule("R7.16")
def test_nothing_can_extend_itself() -> None:
    views = compiled('view: x { extends: [x] label: "X" dimension: a {} }')
    explores = compiled('view: v { dimension: a {} } explore: x { extends: [x] label: "X" view_name: v }')

    assert view(views, "x").properties == explore(explores, "x").properties == (("label", "X"),)
    assert (rules(views), rules(explores)) == (["circular-extends"], ["circular-extends"])


@pytest.mark.rule("R7.16")
def test_views_that_extend_each_other_are_an_error() -> None:
    project = compiled(
        """
        view: a { extends: [b] dimension: x {} }
        view: b { extends: [c] dimension: y {} }
        view: c { extends: [a] dimension: z {} }
        """
    )

    assert {one.name for one in view(project, "a").fields} == {"x", "y", "z"}
    assert rules(project) == ["circular-extends"]


@pytest.mark.rule("R7.16")
@pytest.mark.parametrize("text", ["view: v { extends: [gone] dimension: a {} }", "view: w {} explore: w { extends: [gone] }"])
def test_a_parent_must_be_in_the_model(text: str) -> None:
    assert rules(compiled(text)) == ["unknown-parent"]


@pytest.mark.rule("R7.16")
def test_a_parent_in_a_file_that_the_model_does_not_include_is_unknown() -> None:
    files = {
        "a.model.lkml": 'connection: "c" include: "v.view"',
        "b.model.lkml": 'connection: "c" include: "base.view"',
        "v.view.lkml": "view: v { extends: [base] dimension: a {} }",
        "base.view.lkml": "view: base { dimension: b {} }",
    }
    project = compiled(files)

    v = view(project, "v")

    assert ([one.name for one in v.fields], v.missing_parents) == (["a"], ("base",))
    assert rules(project) == ["unknown-parent"]


@pytest.mark.rule("R7.16")
def test_the_parent_of_a_view_is_no_explore() -> None:
    project = compiled("view: a { dimension: id {} } explore: a {} explore: only { view_name: a } view: v { extends: [only] }")

    assert rules(project) == ["unknown-parent"]


@pytest.mark.rule("R7.17")
def test_a_view_of_an_imported_project_is_extended_by_its_bare_name() -> None:
    files = {
        "manifest.lkml": 'project_name: "spoke" local_dependency: { project: "hub" }',
        "m.model.lkml": 'connection: "c" include: "//hub/orders.view" view: v { extends: [hub_orders] dimension: more {} }',
        "imported_projects/hub/orders.view.lkml": "view: hub_orders { sql_table_name: raw.orders ;; dimension: id {} }",
    }
    project = compiled(files)

    v = view(project, "v")

    assert v.sql_table_name is not None
    assert (v.sql_table_name.value, [one.name for one in v.fields]) == ("raw.orders", ["id", "more"])
    assert rules(project) == []


@pytest.mark.rule("R7.18")
def test_a_child_of_a_persistent_native_table_has_its_own() -> None:
    project = compiled(
        """
        view: a { dimension: id {} } explore: a {}
        view: base { derived_table: { explore_source: a { column: id {} } persist_for: "1 hour" } }
        view: v { extends: [base] }
        """
    )

    tables = [one.derived_table.persistence for one in project.views if one.derived_table]

    assert [(table.kind, table.value) for table in tables if isinstance(table, Persistence)] == [
        ("persist_for", "1 hour"),
        ("persist_for", "1 hour"),
    ]


@pytest.mark.rule("R7.6")
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R7.10")
@pytest.mark.rule("R7.11")
def test_the_kid_of_the_rule_book() -> None:
    project = compiled(
        """
        view: base { sql_table_name: raw.base ;;
          set: detail { fields: [id, name] }
          dimension: id { primary_key: yes sql: ${TABLE}.id ;; }
          dimension: name { type: string sql: ${TABLE}.full_name ;; link: { label: "A" url: "/a" } }
          measure: n { type: count filters: [name: "-NULL"] }
        }
        view: kid { extends: [base]
          set: detail { fields: [EXTENDED*, age] }
          dimension: name { sql: LEFT(${EXTENDED}, 5) ;; link: { label: "B" url: "/b" } }
          dimension: age { type: number }
          measure: n { filters: [id: ">0"] }
        }
        explore: kid {}
        """
    )

    kid = view(project, "kid")

    assert kid.sql_table_name is not None
    assert kid.sql_table_name.value == "raw.base"
    assert [names(one.fields) for one in kid.sets] == [["id", "name", "age"]]
    assert [(one.name, one.type) for one in kid.fields] == [
        ("id", "string"),
        ("name", "string"),
        ("n", "count"),
        ("age", "number"),
    ]
    assert sql(kid, "name") == "LEFT(${TABLE}.full_name, 5)"
    assert values(field(kid, "name").templates) == ["A", "/a", "B", "/b"]
    assert sql(kid, "age") is None
    assert terms(kid, "n") == [("name", "-NULL"), ("id", ">0")]
    assert rules(project) == []


# -- how each kind of parameter merges (section 16) --------------------------------------------------------------------


@both_ways
@pytest.mark.rule("R7.6")
@pytest.mark.rule("R8.4")
@pytest.mark.parametrize("kind", ["dimension", "dimension_group", "measure", "filter", "parameter"])
def test_fields_are_merged_by_name_and_parameter(way: Merged, kind: str) -> None:
    v = merged_view(
        way,
        f'{kind}: a {{ label: "A" description: "A" sql: one ;; }} {kind}: b {{ label: "B" }}',
        f'{kind}: c {{ label: "C" }} {kind}: a {{ description: "New" }}',
    )

    assert [(one.kind, one.name, one.properties) for one in v.fields] == [
        (kind, "a", (("description", "New"), ("label", "A"))),
        (kind, "b", (("label", "B"),)),
        (kind, "c", (("label", "C"),)),
    ]
    assert values(v.fields[0].sql) == ["one"]


@both_ways
@pytest.mark.rule("R7.6")
@pytest.mark.rule("R8.4")
def test_a_type_over_a_field_keeps_its_sql(way: Merged) -> None:
    v = merged_view(way, "dimension: state { sql: ${TABLE}.st ;; }", "dimension: state { type: number }")

    assert (field(v, "state").type, sql(v, "state")) == ("number", "${TABLE}.st")


@both_ways
@pytest.mark.rule("R7.6")
@pytest.mark.rule("R8.4")
def test_sets_are_merged_by_name(way: Merged) -> None:
    v = merged_view(way, "set: s { fields: [a] } set: t { fields: [b] }", "set: s { fields: [c] } set: u { fields: [d] }")

    def listed(one: FieldSet) -> tuple[str, list[str]]:
        return one.name, names(one.fields)

    assert [listed(one) for one in v.sets] == [("s", ["c"]), ("t", ["b"]), ("u", ["d"])]


@both_ways_of_explores
@pytest.mark.rule("R7.6")
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R8.4")
def test_joins_are_merged_by_name_and_parameter(way: Merged) -> None:
    v = merged_explore(
        way,
        "join: a { sql_on: one ;; type: inner } join: b { from: w sql_on: two ;; }",
        "join: a { relationship: one_to_one } join: c { sql_on: three ;; }",
    )

    assert [(one.name, one.type, one.relationship, values(one.sql), one.view_name) for one in v.joins] == [
        ("a", "inner", "one_to_one", ["one"], "a"),
        ("b", "left_outer", "many_to_one", ["two"], "w"),
        ("c", "left_outer", "many_to_one", ["three"], "c"),
    ]


@both_ways_of_explores
@pytest.mark.rule("R7.6")
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R8.4")
def test_aggregate_tables_are_merged_by_name_and_parameter(way: Merged) -> None:
    v = merged_explore(
        way,
        'aggregate_table: t { query: { dimensions: [w.a] measures: [w.n] } materialization: { persist_for: "1 hour" } }',
        "aggregate_table: t { query: { dimensions: [w.b] } } aggregate_table: u { query: { dimensions: [w.c] } }",
    )

    found = [
        (one.name, names(one.query.fields) if one.query else None, one.persistence.value if one.persistence else None)
        for one in v.aggregate_tables
    ]

    assert found == [("t", ["w.b", "w.n"], "1 hour"), ("u", ["w.c"], None)]


@both_ways_of_explores
@pytest.mark.rule("R7.6")
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R8.4")
def test_queries_are_merged_by_name_and_parameter(way: Merged) -> None:
    v = merged_explore(
        way,
        'query: q { dimensions: [w.a] label: "Q" } query: r { dimensions: [w.b] }',
        "query: q { dimensions: [w.c] } query: s { dimensions: [w.d] }",
    )

    assert [(one.name, names(one.fields), one.properties) for one in v.queries] == [
        ("q", ["w.c"], (("label", "Q"),)),
        ("r", ["w.b"], ()),
        ("s", ["w.d"], ()),
    ]


@both_ways
@pytest.mark.rule("R7.8")
@pytest.mark.rule("R8.4")
@pytest.mark.parametrize(
    ("base", "over", "actual", "expected"),
    [
        ('label: "A"', 'label: "B"', lambda v: v.properties, (("label", "B"),)),
        ('label: "A"', 'view_label: "B"', lambda v: v.properties, (("label", "A"), ("view_label", "B"))),
        ("sql_table_name: a ;;", "sql_table_name: b ;;", lambda v: v.sql_table_name.value, "b"),
        ("sql_table_name: a ;;", 'label: "B"', lambda v: v.sql_table_name.value, "a"),
        ("dimension: x { type: date }", "dimension: x { type: number }", lambda v: v.fields[0].type, "number"),
        ("dimension: x { sql: one ;; }", "dimension: x { sql: two ;; }", lambda v: values(v.fields[0].sql), ["two"]),
        ("dimension: x { hidden: yes }", "dimension: x { hidden: no }", lambda v: v.fields[0].hidden, False),
        ("dimension: x { primary_key: yes }", "dimension: x { primary_key: no }", lambda v: v.fields[0].primary_key, False),
        ("dimension: x { html: a ;; }", "dimension: x { html: b ;; }", lambda v: values(v.fields[0].templates), ["b"]),
        (
            'dimension: x { description: "A" label: "A" }',
            'dimension: x { description: "B" }',
            lambda v: v.fields[0].properties,
            (("description", "B"), ("label", "A")),
        ),
        ("measure: x { list_field: a }", "measure: x { list_field: b }", lambda v: names(v.fields[0].references), ["b"]),
    ],
)
def test_a_later_value_replaces_an_earlier_one(
    way: Merged, base: str, over: str, actual: Callable[[View], object], expected: object
) -> None:
    assert actual(merged_view(way, base, over)) == expected


@both_ways_of_explores
@pytest.mark.rule("R7.8")
@pytest.mark.rule("R8.4")
@pytest.mark.parametrize(
    ("base", "over", "actual", "expected"),
    [
        ("view_name: a", "view_name: w", lambda e: (e.base_view_name, e.base_alias), ("w", "w")),
        ("from: a", "from: w", lambda e: (e.base_view_name, e.base_alias), ("w", "v")),
        ("view_name: a", "from: w", lambda e: (e.base_view_name, e.base_alias), ("w", "a")),
        ("hidden: yes", "hidden: no", lambda e: e.hidden, False),
        ('label: "A"', 'label: "B"', lambda e: e.properties, (("label", "B"),)),
        ("sql_always_where: a ;;", "sql_always_where: b ;;", lambda e: values(e.sql), ["b"]),
        ("persist_with: a", "persist_with: b", lambda e: e.persist_with.name, "b"),
        ("join: j { from: a }", "join: j { from: w }", lambda e: join(e, "j").view_name, "w"),
        ("join: j { sql_on: a ;; }", "join: j { sql_on: b ;; }", lambda e: values(join(e, "j").sql), ["b"]),
        (
            "join: j { relationship: one_to_one }",
            "join: j { relationship: one_to_many }",
            lambda e: join(e, "j").relationship,
            "one_to_many",
        ),
    ],
)
def test_a_later_value_of_an_explore_replaces_an_earlier_one(
    way: Merged, base: str, over: str, actual: Callable[[Explore], object], expected: object
) -> None:
    assert actual(merged_explore(way, base, over)) == expected


_LISTS_OF_VIEWS = [
    ("set: s { fields: [$] }", lambda v: names(v.sets[0].fields)),
    ("drill_fields: [$]", lambda v: names(v.drill_fields)),
    ("required_access_grants: [$]", lambda v: names(v.access_grants)),
    ("tags: [$]", lambda v: list(v.tags)),
    ("dimension: x { tags: [$] }", lambda v: list(v.fields[0].tags)),
    ("dimension: x { alias: [$] }", lambda v: list(v.fields[0].alias)),
    ("dimension: x { required_access_grants: [$] }", lambda v: names(v.fields[0].access_grants)),
    ("measure: x { drill_fields: [$] }", lambda v: names(v.fields[0].references)),
    ("measure: x { required_fields: [$] }", lambda v: names(v.fields[0].references)),
    ("dimension_group: x { type: time timeframes: [$] }", lambda v: [name[2:] for name in v.fields[0].names]),
    (
        "dimension_group: x { type: duration sql_start: 1 ;; sql_end: 2 ;; intervals: [$] }",
        lambda v: [name[:-3] for name in v.fields[0].names],
    ),
    ("dimension: x { type: tier tiers: [$] }", lambda v: dict(v.fields[0].properties)["tiers"][1:-1].split(", ")),
    ("dimension: x { suggestions: [$] }", lambda v: dict(v.fields[0].properties)["suggestions"][1:-1].split(", ")),
]

_LISTS_OF_EXPLORES = [
    ("fields: [$]", lambda e: names(e.fields)),
    ("always_join: [$]", lambda e: names(e.always_join)),
    ("required_access_grants: [$]", lambda e: names(e.access_grants)),
    ("tags: [$]", lambda e: list(e.tags)),
    ("join: j { fields: [$] }", lambda e: names(e.joins[0].fields)),
    ("join: j { required_joins: [$] }", lambda e: names(e.joins[0].required_joins)),
    ("join: j { required_access_grants: [$] }", lambda e: names(e.joins[0].access_grants)),
]


def listed(text: str, entries: str) -> str:
    """The parameter with its entries: in quotes where its values are strings."""
    if "tags" in text or "suggestions" in text:
        entries = ", ".join(entry if entry == "EXTENDED*" else f'"{entry}"' for entry in entries.split(", "))
    return text.replace("$", entries)


@both_ways
@pytest.mark.rule("R7.8")
@pytest.mark.rule("R8.4")
@pytest.mark.parametrize(("text", "actual"), _LISTS_OF_VIEWS)
def test_a_later_list_replaces_an_earlier_one(way: Merged, text: str, actual: Callable[[View], list[str]]) -> None:
    v = merged_view(way, listed(text, "day, week"), listed(text, "month, year"))

    assert actual(v) == ["month", "year"]


@both_ways
@pytest.mark.rule("R7.10")
@pytest.mark.rule("R8.4")
@pytest.mark.parametrize(("text", "actual"), _LISTS_OF_VIEWS)
def test_extended_in_a_list_stands_for_the_earlier_list(way: Merged, text: str, actual: Callable[[View], list[str]]) -> None:
    v = merged_view(way, listed(text, "day, week"), listed(text, "month, EXTENDED*, year"))

    assert actual(v) == ["month", "day", "week", "year"]


@both_ways_of_explores
@pytest.mark.rule("R7.8")
@pytest.mark.rule("R8.4")
@pytest.mark.parametrize(("text", "actual"), _LISTS_OF_EXPLORES)
def test_a_later_list_of_an_explore_replaces_an_earlier_one(
    way: Merged, text: str, actual: Callable[[Explore], list[str]]
) -> None:
    v = merged_explore(way, listed(text, "day, week"), listed(text, "month, year"))

    assert actual(v) == ["month", "year"]


@both_ways_of_explores
@pytest.mark.rule("R7.10")
@pytest.mark.rule("R8.4")
@pytest.mark.parametrize(("text", "actual"), _LISTS_OF_EXPLORES)
def test_extended_in_a_list_of_an_explore_stands_for_the_earlier_list(
    way: Merged, text: str, actual: Callable[[Explore], list[str]]
) -> None:
    v = merged_explore(way, listed(text, "day, week"), listed(text, "month, EXTENDED*, year"))

    assert actual(v) == ["month", "day", "week", "year"]


@both_ways
@pytest.mark.rule("R7.11")
@pytest.mark.rule("R4.29")
@pytest.mark.rule("R8.4")
@pytest.mark.parametrize("key", ["dimension", "measure", "dimension_group", "filter"])
def test_extended_in_sql_stands_for_the_earlier_sql(way: Merged, key: str) -> None:
    v = merged_view(way, f"{key}: x {{ sql: ${{TABLE}}.a ;; }}", f"{key}: x {{ sql: UPPER(${{EXTENDED}}) ;; }}")

    assert sql(v, "x") == "UPPER(${TABLE}.a)"


@both_ways
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R8.4")
@pytest.mark.parametrize("kind", ["dimension", "measure", "dimension_group"])
def test_links_and_actions_are_kept_from_both(way: Merged, kind: str) -> None:
    v = merged_view(
        way,
        f'{kind}: x {{ link: {{ label: "A" url: "/a" }} action: {{ label: "C" url: "/c" }} }}',
        f'{kind}: x {{ link: {{ label: "B" url: "/b" }} action: {{ label: "D" url: "/d" }} }}',
    )

    found = [(one.parameter, one.value) for one in field(v, "x").templates]

    assert sorted(found) == [
        ("action.label", "C"),
        ("action.label", "D"),
        ("action.url", "/c"),
        ("action.url", "/d"),
        ("link.label", "A"),
        ("link.label", "B"),
        ("link.url", "/a"),
        ("link.url", "/b"),
    ]


@both_ways
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R8.4")
@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ('filters: [a: "1"]', 'filters: [b: "2"]', [("a", "1"), ("b", "2")]),
        ('filters: [a: "1"]', 'type: count filters: { field: b value: "2" }', [("a", "1"), ("b", "2")]),
        (
            'filters: { field: a value: "1" } filters: { field: b value: "2" }',
            'filters: { field: c value: "3" } filters: { field: d value: "4" }',
            [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")],
        ),
        ('filters: [a: "1"]', "hidden: yes", [("a", "1")]),
    ],
)
def test_the_filters_of_a_measure_are_kept_from_both(way: Merged, base: str, over: str, expected: list[tuple[str, str]]) -> None:
    v = merged_view(way, f"measure: n {{ type: count {base} }}", f"measure: n {{ {over} }}")

    assert terms(v, "n") == expected


@both_ways
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R8.4")
@pytest.mark.parametrize(
    ("base", "over"),
    [
        ('filters: [a: "1", b: "2"]', 'filters: [a: "3"]'),
        ('filters: { field: a value: "1" } filters: { field: b value: "2" }', 'filters: [a: "3"]'),
        ('filters: [b: "2", a: "1"]', 'filters: { field: a value: "3" }'),
    ],
)
def test_of_two_filters_on_one_field_the_later_is_kept(way: Merged, base: str, over: str) -> None:
    v = merged_view(way, f"measure: n {{ type: count {base} }}", f"measure: n {{ {over} }}")

    assert sorted(terms(v, "n")) == [("a", "3"), ("b", "2")]


@both_ways
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R8.4")
def test_allowed_values_are_kept_from_both(way: Merged) -> None:
    v = merged_view(
        way,
        'parameter: p { allowed_value: { value: "a" } allowed_value: { value: "b" } }',
        'parameter: p { allowed_value: { value: "c" } }',
    )

    assert field(v, "p").allowed_values == ("a", "b", "c")


def native(text: str) -> str:
    return f"derived_table: {{ explore_source: s {{ {text} }} }}"


@both_ways
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R8.4")
def test_the_filters_and_sorts_of_a_native_table_are_kept_from_both(way: Merged) -> None:
    v = merged_view(
        way,
        native('filters: [w.a: "1"] dev_filters: [w.b: "2"] sorts: [w.a: desc] bind_filters: { from_field: w.a to_field: w.b }'),
        native('filters: [w.c: "3"] dev_filters: [w.d: "4"] sorts: [w.c: asc] bind_filters: { from_field: w.c to_field: w.d }'),
    )

    assert v.derived_table is not None
    source = v.derived_table.explore_source

    assert source is not None
    assert [(one.parameter, one.field, one.value) for one in source.filters] == [
        ("filters", "w.a", "1"),
        ("filters", "w.c", "3"),
        ("dev_filters", "w.b", "2"),
        ("dev_filters", "w.d", "4"),
    ]
    assert names(source.sorts) == ["w.a", "w.c"]
    assert [(one.name, other.name) for one, other in source.bind_filters] == [("w.a", "w.b"), ("w.c", "w.d")]


@both_ways
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R8.4")
def test_the_columns_of_a_native_table_are_merged_by_name(way: Merged) -> None:
    v = merged_view(
        way,
        native("column: a { field: w.a } column: b {} derived_column: c { sql: one ;; }"),
        native("column: a { field: w.x } column: d {} derived_column: c { sql: two ;; }"),
    )

    assert v.derived_table is not None
    source = v.derived_table.explore_source

    assert source is not None
    assert [(one.name, one.field, one.sql.value if one.sql else None) for one in source.columns] == [
        ("a", "w.x", None),
        ("b", None, None),
        ("c", None, "two"),
        ("d", None, None),
    ]


@both_ways_of_explores
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R8.4")
def test_access_filters_are_kept_from_both(way: Merged) -> None:
    v = merged_explore(
        way,
        "access_filter: { field: w.a user_attribute: a }",
        "access_filter: { field: w.b user_attribute: b } access_filter: { field: w.c user_attribute: c }",
    )

    assert [(one.field.name, one.user_attribute) for one in v.access_filters] == [("w.a", "a"), ("w.b", "b"), ("w.c", "c")]


@both_ways_of_explores
@pytest.mark.rule("R7.12")
@pytest.mark.rule("R8.4")
@pytest.mark.parametrize("block", ["always_filter", "conditionally_filter"])
@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ('filters: [w.a: "1"]', 'filters: [w.b: "2"]', [("w.b", "2")]),
        ('filters: [w.a: "1"]', 'filters: [w.b: "2", w.c: "3"]', [("w.b", "2"), ("w.c", "3")]),
        ('filters: [w.a: "1"]', 'filters: [w.b: "2"] filters: [w.c: "3"]', [("w.b", "2"), ("w.c", "3")]),
        (
            'filters: { field: w.a value: "1" }',
            'filters: { field: w.b value: "2" } filters: { field: w.c value: "3" }',
            [("w.b", "2"), ("w.c", "3")],
        ),
        (
            'filters: { field: w.a value: "1" } filters: { field: w.b value: "2" }',
            'filters: { field: w.c value: "3" }',
            [("w.c", "3")],
        ),
    ],
)
def test_later_filters_of_an_explore_replace_earlier_ones(
    way: Merged, block: str, base: str, over: str, expected: list[tuple[str, str]]
) -> None:
    v = merged_explore(way, f"{block}: {{ {base} }}", f"{block}: {{ {over} }}")

    assert [(one.field, one.value) for one in v.filters] == expected


@both_ways_of_explores
@pytest.mark.rule("R7.12")
@pytest.mark.rule("R8.4")
def test_a_conditional_filter_is_merged_by_parameter(way: Merged) -> None:
    v = merged_explore(
        way, 'conditionally_filter: { filters: [w.a: "1"] unless: [w.b] }', "conditionally_filter: { unless: [w.c] }"
    )

    assert [(one.parameter, one.field) for one in v.filters] == [
        ("conditionally_filter.filters", "w.a"),
        ("conditionally_filter.unless", "w.c"),
    ]


@both_ways
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R7.12")
@pytest.mark.rule("R8.4")
def test_the_branches_of_a_later_case_replace_those_of_an_earlier_one(way: Merged) -> None:
    v = merged_view(
        way,
        'dimension: x { case: { when: { sql: a ;; label: "A" } when: { sql: b ;; label: "B" } else: "E" } }',
        'dimension: x { case: { when: { sql: c ;; label: "C" } when: { sql: d ;; label: "D" } } }',
    )

    assert values(field(v, "x").sql) == ["c", "d"]


@both_ways
@pytest.mark.rule("R7.9")
@pytest.mark.rule("R7.12")
@pytest.mark.rule("R8.4")
def test_the_steps_of_a_later_process_replace_those_of_an_earlier_one(way: Merged) -> None:
    v = merged_view(
        way,
        'derived_table: { persist_for: "1 hour" create_process: { sql_step: a ;; sql_step: b ;; } }',
        "derived_table: { create_process: { sql_step: c ;; sql_step: d ;; } }",
    )

    assert v.derived_table is not None
    assert values(v.derived_table.statements) == ["c", "d"]


@both_ways
@pytest.mark.rule("R7.12")
@pytest.mark.rule("R8.4")
def test_later_sql_of_a_derived_table_replaces_only_the_sql(way: Merged) -> None:
    v = merged_view(
        way,
        'derived_table: { sql: SELECT 1 ;; persist_for: "1 hour" }',
        "derived_table: { sql: SELECT 2 ;; }",
    )

    assert v.derived_table is not None
    assert v.derived_table.sql is not None
    assert v.derived_table.persistence is not None
    assert (v.derived_table.sql.value, v.derived_table.persistence.value) == ("SELECT 2", "1 hour")
