"""Sets, and the ``fields`` of joins and explores: which fields can be picked (R4.37-R4.40)."""

from __future__ import annotations

import pytest

from dagster_lookml.semantic.field_lists import available_fields
from dagster_lookml.semantic.objects import Lookup, Project
from tests.building import compiled, explore, join, rules, view

VIEWS = """
    view: orders {
      set: detail { fields: [id, state] }
      set: more { fields: [detail*, total] }
      set: less { fields: [more*, -state] }
      set: rest { fields: [more*, -detail*] }
      dimension: id {}
      dimension: state {}
      dimension: user_id {}
      measure: total { type: sum }
    }
    view: users {
      set: person { fields: [id, name] }
      dimension: id {}
      dimension: name {}
      dimension: email {}
    }
"""


def offered(project: Project, name: str) -> set[str]:
    """Every ``alias.field`` that an explore offers."""
    lookup = Lookup(project)
    fields = available_fields(explore(project, name), lookup.views, lookup.names_by_view)
    return {f"{alias}.{one}" for alias, some in fields.items() for one in some}


def orders_and_users(explore_fields: str = "", join_fields: str = "") -> Project:
    return compiled(
        f"""
        {VIEWS}
        explore: orders {{
          {explore_fields}
          join: users {{ sql_on: ${{orders.user_id}} = ${{users.id}} ;; {join_fields} }}
        }}
        """
    )


ORDERS = {"orders.id", "orders.state", "orders.user_id", "orders.total"}
USERS = {"users.id", "users.name", "users.email"}


@pytest.mark.rule("R4.37")
def test_a_set_keeps_the_order_of_its_entries() -> None:
    project = compiled("view: v { set: s { fields: [c, users.name, t*, -d, a] } }")

    assert [(one.name, [entry.name for entry in one.fields]) for one in view(project, "v").sets] == [
        ("s", ["c", "users.name", "t*", "-d", "a"])
    ]


@pytest.mark.rule("R4.37")
@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("orders.detail*", {"orders.id", "orders.state"}),
        ("orders.more*", {"orders.id", "orders.state", "orders.total"}),
        ("orders.less*", {"orders.id", "orders.total"}),
        ("orders.rest*", {"orders.total"}),
        ("users.person*", {"users.id", "users.name"}),
    ],
)
def test_a_set_may_hold_sets_and_leave_fields_and_sets_out(entry: str, expected: set[str]) -> None:
    project = orders_and_users(f"fields: [{entry}]")

    assert offered(project, "orders") == expected


@pytest.mark.rule("R4.37")
def test_a_set_may_hold_fields_of_another_view() -> None:
    project = compiled(
        """
        view: users { dimension: id {} dimension: name {} }
        view: orders { set: detail { fields: [id, users.name] } dimension: id {} dimension: user_id {} }
        explore: orders {
          fields: [orders.detail*]
          join: users { sql_on: ${orders.user_id} = ${users.id} ;; }
        }
        """
    )

    assert offered(project, "orders") == {"orders.id", "users.name"}


@pytest.mark.rule("R4.37")
def test_a_set_that_holds_itself_adds_nothing_the_second_time() -> None:
    project = compiled("view: v { set: s { fields: [a, s*] } dimension: a {} dimension: b {} } explore: v { fields: [v.s*] }")

    assert offered(project, "v") == {"v.a"}


@pytest.mark.rule("R4.37")
def test_a_set_may_name_the_fields_that_a_group_generates() -> None:
    project = compiled(
        """
        view: v {
          set: times { fields: [g_date, days_d] }
          dimension_group: g { type: time timeframes: [date, week] }
          dimension_group: d { type: duration intervals: [day, week] sql_start: 1 ;; sql_end: 2 ;; }
        }
        explore: v { fields: [v.times*] }
        """
    )

    assert offered(project, "v") == {"v.g_date", "v.days_d"}


@pytest.mark.rule("R4.38")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("", ORDERS | USERS),
        ("fields: [ALL_FIELDS*]", ORDERS | USERS),
        ("fields: [ALL_FIELDS*, -users.email]", ORDERS | USERS - {"users.email"}),
        ("fields: [ALL_FIELDS*, -orders.detail*]", {"orders.user_id", "orders.total"} | USERS),
        ("fields: [ALL_FIELDS*, -users*]", ORDERS),
        ("fields: [orders*]", ORDERS),
        ("fields: [users*, -users.id, orders.id]", {"users.name", "users.email", "orders.id"}),
        ("fields: [orders.id, users.name]", {"orders.id", "users.name"}),
        ("fields: [orders.detail*, users.person*]", {"orders.id", "orders.state", "users.id", "users.name"}),
    ],
)
def test_the_fields_of_an_explore_are_a_list_of_scoped_names(fields: str, expected: set[str]) -> None:
    project = orders_and_users(fields)

    assert offered(project, "orders") == expected
    assert explore(project, "orders").field_count == len(expected)
    assert rules(project) == []


@pytest.mark.rule("R4.38")
def test_an_explore_without_fields_has_no_list_of_its_own() -> None:
    assert explore(orders_and_users(), "orders").fields is None


@pytest.mark.rule("R4.38")
def test_the_fields_of_an_explore_go_by_its_aliases() -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: sales {{
          from: orders
          fields: [sales.detail*, buyer.person*, seller*]
          join: buyer {{ from: users sql_on: ${{sales.user_id}} = ${{buyer.id}} ;; }}
          join: seller {{ from: users sql_on: ${{sales.user_id}} = ${{seller.id}} ;; }}
        }}
        """
    )

    assert offered(project, "sales") == {
        "sales.id",
        "sales.state",
        "buyer.id",
        "buyer.name",
        "seller.id",
        "seller.name",
        "seller.email",
    }


@pytest.mark.rule("R4.38")
def test_a_field_that_an_explore_puts_in_must_exist() -> None:
    project = orders_and_users("fields: [orders.id, orders.gone]")

    assert rules(project) == ["unknown-field"]


@pytest.mark.rule("R4.39")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("", USERS),
        ("fields: [name]", {"users.name"}),
        ("fields: [users.name]", {"users.name"}),
        ("fields: [person*]", {"users.id", "users.name"}),
        ("fields: [users.person*, email]", USERS),
        ("fields: []", set()),
    ],
)
def test_the_fields_of_a_join_are_those_of_its_view_alone(fields: str, expected: set[str]) -> None:
    project = orders_and_users(join_fields=fields)

    assert offered(project, "orders") == ORDERS | expected
    assert rules(project) == []


@pytest.mark.rule("R4.39")
def test_the_fields_of_a_join_may_be_scoped_by_its_alias() -> None:
    project = compiled(
        f"""
        {VIEWS}
        explore: orders {{
          fields: [buyer*]
          join: buyer {{ from: users fields: [buyer.name, id] sql_on: ${{orders.user_id}} = ${{buyer.id}} ;; }}
        }}
        """
    )

    assert offered(project, "orders") == {"buyer.name", "buyer.id"}


@pytest.mark.rule("R4.39")
@pytest.mark.parametrize(
    ("explore_fields", "expected"),
    [
        ("fields: [ALL_FIELDS*]", ORDERS | {"users.id", "users.name"}),
        ("fields: [ALL_FIELDS*, -users.id]", ORDERS | {"users.name"}),
        ("fields: [ALL_FIELDS*, -orders*]", {"users.id", "users.name"}),
        ("fields: [orders.id, users.name]", {"orders.id", "users.name"}),
    ],
)
def test_the_list_of_a_join_comes_first_and_that_of_the_explore_narrows_further(explore_fields: str, expected: set[str]) -> None:
    project = orders_and_users(explore_fields, "fields: [id, name]")

    assert offered(project, "orders") == expected


@pytest.mark.rule("R4.39")
def test_an_empty_list_of_a_join_is_not_the_same_as_none() -> None:
    hidden = join(explore(orders_and_users(join_fields="fields: []"), "orders"), "users")
    shown = join(explore(orders_and_users(), "orders"), "users")

    assert (hidden.fields, shown.fields) == ((), None)


@pytest.mark.rule("R4.40")
def test_a_field_that_is_left_out_stays_in_its_view() -> None:
    project = orders_and_users("fields: [ALL_FIELDS*, -users.email]")

    assert [one.name for one in view(project, "users").fields] == ["id", "name", "email"]


@pytest.mark.rule("R4.40")
def test_a_tile_cannot_use_a_field_that_its_explore_leaves_out() -> None:
    project = compiled(
        {
            "m.model.lkml": f"""
                connection: "c"
                include: "d.dashboard"
                {VIEWS}
                explore: users {{ fields: [ALL_FIELDS*, -users.email] }}
                """,
            "d.dashboard.lookml": (
                "- dashboard: d\n  elements:\n  - {name: a, type: table, explore: users, fields: [users.email]}\n"
            ),
        }
    )

    assert rules(project) == ["field-excluded"]


@pytest.mark.rule("R4.7")
@pytest.mark.rule("R4.38")
def test_a_group_counts_with_each_of_its_fields() -> None:
    project = compiled(
        """
        view: v { dimension: id {} dimension_group: g { type: time timeframes: [date, week] } measure: n { type: count } }
        explore: v {}
        """
    )

    assert explore(project, "v").field_count == 4
