"""What differs between two compiled projects, by model, kind and name; where it stands is no difference."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dagster_lookml.analysis.modified import changed_in_fields_alone, removed, states
from tests.building import MODEL, compiled

BASE = {
    "m.model.lkml": MODEL + "explore: orders { join: users { sql_on: ${orders.user_id} = ${users.id} ;; } }\n",
    "orders.view.lkml": """view: orders {
  sql_table_name: shop.orders ;;
  dimension: user_id {}
  dimension: status { sql: ${TABLE}.status ;; }
  measure: count { type: count }
}
""",
    "users.view.lkml": "view: users { sql_table_name: shop.users ;; dimension: id {} }\n",
    "kpis.dashboard.lookml": """- dashboard: kpis
  elements:
  - name: done
    explore: orders
    fields: [orders.count]
""",
}
Files = Mapping[str, str]


def between(base: Files, head: Files) -> dict[str, set[str]]:
    found = states(compiled(base), compiled(head))
    assert found["modified"] == found["new"] | found["changed"]
    return {name: set(found[name]) for name in ("new", "changed")}


def changed(head: Files, base: Files = BASE) -> set[str]:
    found = between(base, head)
    assert found["new"] == set()
    return found["changed"]


def new(head: Files, base: Files = BASE) -> set[str]:
    return between(base, head)["new"]


def with_text(path: str, old: str, replacement: str, base: Files = BASE) -> dict[str, str]:
    """The files with one text replaced in one of them."""
    assert base[path].count(old) == 1
    return {**base, path: base[path].replace(old, replacement)}


# -- what is no change -------------------------------------------------------------------------------------------------


def test_there_are_three_states() -> None:
    found = states(compiled(BASE), compiled(BASE))

    assert found == {"new": frozenset(), "changed": frozenset(), "modified": frozenset()}


@pytest.mark.parametrize(
    "head",
    [
        {path: "# a note\n\n" + text for path, text in BASE.items()},
        {path: text.replace("\n", "\r\n") for path, text in BASE.items()},
        {path: text.replace("  dimension", "\n\t    dimension").replace("view: ", "view:    ") for path, text in BASE.items()},
        {**BASE, "orders.view.lkml": BASE["orders.view.lkml"].replace("\n  ", " ")},
        dict(reversed(BASE.items())),
    ],
    ids=["a comment before it", "line ends", "spaces", "on one line", "order of files"],
)
def test_reformatting_is_no_change(head: Files) -> None:
    assert between(BASE, head) == {"new": set(), "changed": set()}


def test_moving_a_definition_is_no_change() -> None:
    moved = {
        "m.model.lkml": MODEL,
        "e.explore.lkml": BASE["m.model.lkml"].removeprefix(MODEL),
        "views/all.view.lkml": BASE["users.view.lkml"] + BASE["orders.view.lkml"],
        "boards/x.dashboard.lookml": BASE["kpis.dashboard.lookml"],
    }

    assert between(BASE, moved) == {"new": set(), "changed": set()}


def test_what_is_gone_is_neither_new_nor_changed() -> None:
    assert between(BASE, {**BASE, "kpis.dashboard.lookml": ""}) == {"new": set(), "changed": set()}


def test_a_project_of_another_name_is_the_same_project() -> None:
    found = states(compiled(BASE, name="one"), compiled(BASE, name="two"))

    assert found["modified"] == frozenset()


def test_moving_a_view_that_no_model_includes_is_no_change() -> None:
    base = {**BASE, "a.lkml": "view: lost { dimension: id {} }"}
    head = {**BASE, "b.lkml": "view: lost { dimension: id {} }"}

    assert between(base, head) == {"new": set(), "changed": set()}


# -- what is one -------------------------------------------------------------------------------------------------------


def test_a_field_that_is_otherwise_changes_its_view() -> None:
    head = with_text("orders.view.lkml", "${TABLE}.status", "LOWER(${TABLE}.status)")

    assert changed(head) == {"view:orders", "field:orders.status"}


@pytest.mark.parametrize(
    ("old", "replacement", "expected"),
    [
        ("type: count", "type: count label: 'n'".replace("'", '"'), {"view:orders", "field:orders.count"}),
        ("type: count", "type: count hidden: yes", {"view:orders", "field:orders.count"}),
        ("sql_table_name: shop.orders", "sql_table_name: shop.orders2", {"view:orders"}),
        ("sql_table_name: shop.orders ;;", "derived_table: { sql: SELECT * FROM shop.orders ;; }", {"view:orders"}),
        ("dimension: user_id {}", "dimension: user_id {} set: detail { fields: [user_id] }", {"view:orders"}),
        ("measure: count", 'label: "Orders" measure: count', {"view:orders"}),
    ],
)
def test_whatever_differs_in_a_view_changes_it(old: str, replacement: str, expected: set[str]) -> None:
    assert changed(with_text("orders.view.lkml", old, replacement)) == expected


def test_a_kind_of_field_that_is_otherwise_is_a_change() -> None:
    head = with_text("orders.view.lkml", "dimension: user_id {}", "measure: user_id { type: sum }")

    assert {"view:orders", "field:orders.user_id"} <= changed(head)


def test_a_new_field_is_new_and_changes_its_view() -> None:
    found = between(BASE, with_text("orders.view.lkml", "dimension: user_id {}", "dimension: user_id {} dimension: more {}"))

    assert found["new"] == {"field:orders.more"}
    assert "view:orders" in found["changed"]


def test_a_new_field_changes_no_explore() -> None:
    found = between(BASE, with_text("orders.view.lkml", "dimension: user_id {}", "dimension: user_id {} dimension: more {}"))

    assert found["changed"] == {"view:orders"}


def test_a_new_view_is_new_with_its_fields() -> None:
    head = {**BASE, "items.view.lkml": "view: items { sql_table_name: s.i ;; dimension: id {} measure: n { type: count } }"}

    assert between(BASE, head) == {"new": {"view:items", "field:items.id", "field:items.n"}, "changed": set()}


def test_a_refinement_is_a_change_of_the_view() -> None:
    head = {**BASE, "r.view.lkml": 'view: +users { label: "People" }'}

    assert changed(head) == {"view:users"}


def test_a_parent_that_is_otherwise_changes_its_children() -> None:
    base = {**BASE, "child.view.lkml": "view: child { extends: [orders] dimension: own {} }"}
    head = with_text("orders.view.lkml", "${TABLE}.status", "${TABLE}.state", base)

    assert changed(head, base) == {"view:orders", "field:orders.status", "view:child", "field:child.status"}


def test_a_constant_that_is_otherwise_changes_what_uses_it() -> None:
    base = {
        **with_text("users.view.lkml", "shop.users", "@{schema}.users"),
        "manifest.lkml": 'constant: schema { value: "shop" }',
    }

    assert changed(with_text("manifest.lkml", "shop", "other", base), base) == {"view:users"}


def test_explores() -> None:
    assert changed(with_text("m.model.lkml", "${users.id}", "${users.id} AND 1 = 1")) == {"explore:m/orders"}
    assert changed(with_text("m.model.lkml", "join: users", "hidden: yes join: users")) == {"explore:m/orders"}
    assert new({**BASE, "e.explore.lkml": "explore: users {}"}) == {"explore:m/users"}


def test_dashboards() -> None:
    assert changed(with_text("kpis.dashboard.lookml", "[orders.count]", "[orders.count, orders.status]")) == {"dashboard:m/kpis"}
    assert changed(with_text("kpis.dashboard.lookml", "elements", "title: X\n  elements")) == {"dashboard:m/kpis"}
    assert new({**BASE, "n.dashboard.lookml": "- dashboard: n\n  elements: []\n"}) == {"dashboard:m/n"}


def test_a_tile_is_a_part_of_its_dashboard() -> None:
    assert changed(with_text("kpis.dashboard.lookml", "name: done", "name: open")) == {"dashboard:m/kpis"}


# -- by model, kind and name -------------------------------------------------------------------------------------------


def test_a_renamed_view_is_new() -> None:
    head = {
        path: text.replace("orders.", "sales.")
        .replace("view: orders", "view: sales")
        .replace("explore: orders", "explore: sales")
        for path, text in BASE.items()
    }

    assert {"view:sales", "field:sales.status", "explore:m/sales"} <= new(head)


def test_kinds_of_one_name_are_told_apart() -> None:
    assert new({**BASE, "e.explore.lkml": "explore: users {}"}) == {"explore:m/users"}
    assert new({**BASE, "d.dashboard.lookml": "- dashboard: orders\n  elements: []\n"}) == {"dashboard:m/orders"}


TWO = {
    "a.model.lkml": 'connection: "warehouse" include: "a/*.view.lkml" explore: v {}',
    "b.model.lkml": 'connection: "warehouse" include: "b/*.view.lkml" explore: v {}',
    "a/v.view.lkml": "view: v { sql_table_name: s.a ;; dimension: id {} }",
}


def test_an_id_that_is_otherwise_is_no_change() -> None:
    """A second view of the name gives the first another id, and is itself what is new."""
    head = {**TWO, "b/v.view.lkml": "view: v { sql_table_name: s.b ;; dimension: id {} }"}
    found = between(TWO, head)

    assert found["new"] == {"view:b/v", "field:b/v.id"}
    assert "view:a/v" not in found["changed"]
    assert "explore:a/v" not in found["changed"]


def test_each_model_has_its_own_view() -> None:
    base = {**TWO, "b/v.view.lkml": "view: v { sql_table_name: s.b ;; dimension: id {} }"}

    assert changed(with_text("b/v.view.lkml", "s.b", "s.c", base), base) == {"view:b/v"}


def test_models_that_come_to_see_a_view_otherwise_change_it_once() -> None:
    base = {
        **TWO,
        "a.model.lkml": TWO["a.model.lkml"].replace("a/*", "*"),
        "b.model.lkml": TWO["b.model.lkml"].replace("b/*", "*"),
    }
    base["v.view.lkml"] = base.pop("a/v.view.lkml")
    head = {**base, "b.model.lkml": base["b.model.lkml"] + ' view: +v { label: "B" }'}

    assert changed(head, base) == {"view:b/v"}


# -- what depends on others --------------------------------------------------------------------------------------------


def test_an_explore_that_comes_to_be_there_is_no_change_of_the_tiles_that_show_it() -> None:
    base = {**BASE, "d.dashboard.lookml": "- dashboard: d\n  elements:\n  - {name: x, explore: users, fields: [users.id]}\n"}

    assert between(base, {**base, "e.explore.lkml": "explore: users {}"}) == {"new": {"explore:m/users"}, "changed": set()}


def test_an_explore_that_unnests_a_view_is_no_change_of_it() -> None:
    base = {**BASE, "lines.view.lkml": "view: lines { dimension: price { sql: ${TABLE}.price ;; } }"}
    explore = "explore: nested { from: orders join: lines { sql: LEFT JOIN UNNEST(${nested.status}) AS lines ;; } }"

    assert between(base, {**base, "e.explore.lkml": explore}) == {"new": {"explore:m/nested"}, "changed": set()}


def test_a_view_that_comes_to_be_there_is_no_change_of_the_explores_that_join_it() -> None:
    base = {**BASE, "users.view.lkml": ""}
    found = between(base, BASE)

    assert found["new"] == {"view:users", "field:users.id"}
    assert "view:orders" not in found["changed"]


def test_a_file_that_cannot_be_read_changes_nothing_else() -> None:
    head = {**BASE, "users.view.lkml": "view: users { dimension: id {"}

    assert not {"view:orders", "dashboard:m/kpis", "field:orders.status"} & between(BASE, head)["changed"]


# -- what is gone, and what differs in its fields alone ------------------------------------------------------------------


def test_what_is_gone_is_named_as_the_base_names_it() -> None:
    head = {path: text for path, text in BASE.items() if path != "users.view.lkml"}

    assert "view:users" in removed(compiled(BASE), compiled(head))
    assert removed(compiled(BASE), compiled(BASE)) == frozenset()
    assert "view:users" not in removed(compiled(head), compiled(BASE))


def test_a_field_that_is_gone() -> None:
    head = with_text("users.view.lkml", "dimension: id {}", "dimension: other {}")

    assert removed(compiled(BASE), compiled(head)) == {"field:users.id"}


@pytest.mark.parametrize(
    ("old", "replacement", "alone"),
    [
        ("dimension: id {}", 'dimension: id { label: "Number" }', True),
        ("dimension: id {}", "dimension: id {} dimension: name {}", True),
        ("dimension: id {}", "", False),  # what is gone cannot be named in the head
        ("shop.users", "shop.people", False),
        ("shop.users", "shop.users", False),  # nothing differs
    ],
)
def test_a_view_that_differs_in_its_fields_alone(old: str, replacement: str, alone: bool) -> None:
    head = with_text("users.view.lkml", old, replacement)

    assert changed_in_fields_alone(compiled(BASE), compiled(head)) == ({"view:users"} if alone else set())
