"""Selectors in dbt's grammar, over a project of two models that have two different views of one name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import pytest

from dagster_lookml.errors import SelectorError
from dagster_lookml.lineage.answer import ProjectLineage
from dagster_lookml.lineage.selectors import Selection, parse_term, with_both_sides
from dagster_lookml.semantic.objects import Lookup
from tests.lineage import speaking
from tests.tracing import traced

FILES = {
    "sales.model.lkml": """
        connection: "warehouse"
        include: "views/*.view.lkml"
        include: "of_sales/*.view.lkml"
        include: "*.dashboard.lookml"
        explore: orders { tags: ["core"] join: users { sql_on: ${orders.user_id} = ${users.id} ;; } }
        explore: a/b { from: users }
    """,
    "ops.model.lkml": """
        connection: "warehouse"
        include: "views/*.view.lkml"
        include: "of_ops/*.view.lkml"
        explore: orders {}
        explore: summary {}
    """,
    "views/users.view.lkml": """
        view: users { sql_table_name: shop.users ;; dimension: id {} dimension: email { tags: ["pii"] } }
    """,
    "views/summary.view.lkml": """
        view: summary {
          tags: ["finance"]
          derived_table: { sql: SELECT p.user_id, p.paid_at FROM shop.payments AS p ;; persist_for: "24 hours" }
          dimension: user_id {}
          dimension_group: paid { type: time timeframes: [date, month] sql: ${TABLE}.paid_at ;; }
        }
    """,
    "of_sales/orders.view.lkml": """
        view: orders { sql_table_name: shop.orders ;;
          dimension: user_id {}
          dimension: status {}
          dimension: amount { hidden: yes }
          dimension_group: created { type: time timeframes: [date, week] sql: ${TABLE}.created_at ;; }
          measure: total { type: sum sql: ${amount} ;; }
        }
    """,
    "of_ops/orders.view.lkml": "view: orders { sql_table_name: ops.orders ;; dimension: id {} dimension: status {} }",
    "of_ops/late.view.lkml": "view: late { derived_table: { sql: SELECT o.id FROM ${orders.SQL_TABLE_NAME} o ;; } dimension: id {} }",  # noqa: E501
    "lost/old.view.lkml": "view: old { sql_table_name: shop.old ;; dimension: id {} }",
    "kpis.dashboard.lookml": """
- dashboard: kpis
  title: The KPIs
  elements:
  - name: Net sales
    explore: orders
    fields: [orders.total, orders.created_date]
  - name: Who
    explore: orders
    fields: [users.email]
""",
}
SALES_FIELDS = {f"field:sales/orders.{name}" for name in ("user_id", "status", "amount", "created", "total")}


@cache
def project() -> ProjectLineage:
    return traced(FILES)


def over(found: ProjectLineage, *, columns: bool = True, modified: Mapping[str, frozenset[str]] | None = None) -> Selection:
    return Selection(found.lineage.graph if columns else found.lineage.tables, Lookup(found.project), modified)


def select(*selectors: str, exclude: Iterable[str] = (), columns: bool = True) -> set[str]:
    return set(over(project(), columns=columns).select(selectors, tuple(exclude)))


def refused(
    selector: str, found: ProjectLineage | None = None, modified: Mapping[str, frozenset[str]] | None = None
) -> SelectorError:
    with pytest.raises(SelectorError) as raised:
        over(found or project(), modified=modified).select([selector])
    return raised.value


# -- grammar -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("view:x", ("view:x", None, None)),
        ("+view:x", ("view:x", -1, None)),
        ("view:x+", ("view:x", None, -1)),
        ("+view:x+", ("view:x", -1, -1)),
        ("2+view:x", ("view:x", 2, None)),
        ("view:x+1", ("view:x", None, 1)),
        ("2+view:x+13", ("view:x", 2, 13)),
        ("9" * 5000 + "+view:x", ("view:x", -1, None)),
        ("0+view:x+0", ("view:x", 0, 0)),
        ("  +view:x ", ("view:x", -1, None)),
        ("2view:x", ("2view:x", None, None)),
        ("+column:a.b*c+", ("column:a.b*c", -1, -1)),
    ],
)
def test_what_stands_around_a_name_says_how_far(written: str, expected: tuple[str, int | None, int | None]) -> None:
    term = parse_term(written)

    assert (term.name, term.up, term.down) == expected


@pytest.mark.parametrize("written", ["", " ", "+", "++", "1+", "@", "1++1", "view:users,", ",view:users", ","])
def test_what_names_nothing_is_refused(written: str) -> None:
    assert "names nothing" in refused(written).reason


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("view:orders", "+view:orders+"),
        ("orders", "+orders+"),
        ("column:*.amount", "+column:*.amount+"),
        ("+view:orders", "+view:orders"),
        ("view:orders+", "view:orders+"),
        ("1+view:orders", "1+view:orders"),
        ("@view:orders", "@view:orders"),
        ("model:sales", "model:sales"),
        ("path:views", "path:views"),
        ("tag:core", "tag:core"),
        ("state:modified", "state:modified"),
        ("pdt:sales/x", "pdt:sales/x"),
        ("view:a,view:b", "view:a,view:b"),
    ],
)
def test_one_name_alone_means_both_sides_of_it(written: str, expected: str) -> None:
    assert with_both_sides(written) == expected


# -- one object --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("view:users", "view:users"),
        ("view:sales/users", "view:users"),  # what the model sees
        ("view:ops/users", "view:users"),
        ("view:sales/orders", "view:sales/orders"),
        ("view:ops/orders", "view:ops/orders"),
        ("view:old", "view:old"),
        ("explore:ops/orders", "explore:ops/orders"),
        ("explore:summary", "explore:ops/summary"),
        ("explore:sales/a%2Fb", "explore:sales/a%2Fb"),
        ("dashboard:sales/kpis", "dashboard:sales/kpis"),
        ("dashboard:kpis", "dashboard:sales/kpis"),
        ("tile:sales/kpis/Net%20sales", "tile:sales/kpis/Net%20sales"),
        ("tile:Net%20sales", "tile:sales/kpis/Net%20sales"),
        ("table:shop.users", "table:shop.users"),
        ("table:users", "table:shop.users"),
        ("table:SHOP.Users", "table:shop.users"),
        ("column:shop.orders.amount", "column:shop.orders.amount"),
        ("column:orders.amount", "column:shop.orders.amount"),
        ("column:Orders.AMOUNT", "column:shop.orders.amount"),
        ("column:amount", "column:shop.orders.amount"),
        ("field:users.email", "field:users.email"),
        ("field:ops/users.email", "field:users.email"),
        ("field:ops/orders.id", "field:ops/orders.id"),
        ("field:orders.amount", "field:sales/orders.amount"),
    ],
)
def test_a_name_or_its_end_names_one_object(selector: str, expected: str) -> None:
    assert select(selector) == {expected}


@pytest.mark.rule("R14.4")
@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("field:summary.paid", "field:summary.paid"),
        ("field:summary.paid_date", "field:summary.paid"),
        ("field:summary.paid_month", "field:summary.paid"),
        ("field:ops/summary.paid_date", "field:summary.paid"),
        ("field:sales/orders.created_week", "field:sales/orders.created"),
        ("field:orders.created_date", "field:sales/orders.created"),
    ],
)  # fmt: skip
def test_a_timeframe_means_its_group(selector: str, expected: str) -> None:
    assert select(selector) == {expected}


def test_a_timeframe_that_the_group_does_not_have() -> None:
    assert refused("field:summary.paid_year").reason == "no such field"


def test_an_exact_id_wins_over_ends_that_are_alike() -> None:
    found = traced(
        """
        view: a { sql_table_name: orders ;; dimension: x {} }
        view: b { sql_table_name: shop.orders ;; dimension: x {} }
        view: c { sql_table_name: db.shop.orders ;; dimension: x {} }
        """
    )

    assert over(found).select(["table:orders"]) == {"table:orders"}
    assert over(found).select(["table:db.shop.orders"]) == {"table:db.shop.orders"}
    assert over(found).select(["table:shop.orders"]) == {"table:shop.orders"}


def test_an_end_is_a_whole_name() -> None:
    assert refused("table:sers").reason == "no such table"
    assert refused("column:sers.email").reason == "no such column"


# -- ambiguous ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "candidates"),
    [
        ("view:orders", ["view:ops/orders", "view:sales/orders"]),
        ("explore:orders", ["explore:ops/orders", "explore:sales/orders"]),
        ("table:orders", ["table:ops.orders", "table:shop.orders"]),
        ("column:orders.status", ["column:ops.orders.status", "column:shop.orders.status"]),
        ("field:orders.status", ["field:ops/orders.status", "field:sales/orders.status"]),
        ("+view:orders+", ["view:ops/orders", "view:sales/orders"]),
    ],
)
def test_a_name_that_several_have_is_refused_with_all_of_them(selector: str, candidates: list[str]) -> None:
    error = refused(selector)

    assert error.selector == selector
    assert list(error.near) == candidates
    assert "2 objects" in error.reason


@pytest.mark.parametrize(
    ("selector", "candidates"),
    [
        ("users", ["view:users", "table:shop.users"]),
        ("summary", ["view:summary", "explore:ops/summary"]),
        ("users.email", ["field:users.email", "column:shop.users.email"]),
    ],
)
def test_a_name_without_its_kind_that_objects_of_several_kinds_have_is_refused(selector: str, candidates: list[str]) -> None:
    assert set(refused(selector).near) == set(candidates)


def test_a_name_without_its_kind_is_enough_where_one_object_has_it() -> None:
    assert over(traced(FILES)).select(["shop.users"]) == {"table:shop.users"}
    assert over(traced(FILES)).select(["late"]) == {"view:late"}


TWINS = {
    "m.model.lkml": 'connection: "warehouse"\ninclude: "in/*.view.lkml"',
    "in/sees.view.lkml": "view: sees { sql_table_name: s.sees ;; dimension: id {} }",
    "out/one.view.lkml": "view: twin { sql_table_name: s.one ;; dimension: id {} }",
    "out/two.view.lkml": "view: twin { sql_table_name: s.two ;; dimension: id {} }",
    "out/sees.view.lkml": "view: sees { sql_table_name: s.other ;; dimension: id {} }",
}


def test_views_of_one_name_in_no_model_are_named_by_their_files() -> None:
    found = traced(TWINS)

    assert over(found).select(["view:out/one.view.lkml#twin"]) == {"view:out/one.view.lkml#twin"}
    assert over(found).select(["view:*#twin"]) == {"view:out/one.view.lkml#twin", "view:out/two.view.lkml#twin"}


def test_a_name_that_several_views_in_no_model_have_is_refused_with_all_of_them() -> None:
    error = refused("view:twin", traced(TWINS))

    assert error.near == ("view:out/one.view.lkml#twin", "view:out/two.view.lkml#twin")
    assert "2 objects" in error.reason


def test_a_name_that_a_view_in_a_model_and_one_in_none_have_is_refused() -> None:
    error = refused("view:sees", traced(TWINS))

    assert set(error.near) == {"view:m/sees", "view:out/sees.view.lkml#sees"}


def test_many_candidates_are_not_all_listed() -> None:
    views = "".join(f"view: v{number} {{ sql_table_name: s{number}.orders ;; dimension: id {{}} }}" for number in range(40))
    error = refused("table:orders", traced(views))

    assert "40 objects" in error.reason
    assert 1 < len(error.near) < 10


# -- patterns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("view:*orders", {"view:ops/orders", "view:sales/orders"}),
        ("view:o*", {"view:ops/orders", "view:old"}),
        ("view:*/orders", {"view:ops/orders", "view:sales/orders"}),
        ("table:shop.*", {"table:shop.users", "table:shop.orders", "table:shop.payments", "table:shop.old"}),
        ("column:*.status", {"column:ops.orders.status", "column:shop.orders.status"}),
        ("explore:sales/*", {"explore:sales/orders", "explore:sales/a%2Fb"}),
        ("tile:*sales", {"tile:sales/kpis/Net%20sales"}),
        ("field:*.s?atus", {"field:ops/orders.status", "field:sales/orders.status"}),
        ("field:*.[st]*", {"field:ops/orders.status", "field:sales/orders.status", "field:sales/orders.total"}),
        ("dashboard:*", {"dashboard:sales/kpis"}),
    ],
)
def test_a_pattern_names_all_that_match(selector: str, expected: set[str]) -> None:
    assert select(selector) == expected


def test_a_pattern_without_a_kind_is_for_all_kinds() -> None:
    assert select("*orders.status") == {
        "column:ops.orders.status", "column:shop.orders.status", "field:ops/orders.status", "field:sales/orders.status",
    }  # fmt: skip


def test_a_pattern_that_nothing_matches_is_refused() -> None:
    assert refused("view:zzz*").reason == "no such view"


def test_a_table_whose_name_is_a_pattern_is_named_by_it() -> None:
    found = traced(
        """
        view: all { sql_table_name: `p.ds.events_*` ;; dimension: id {} }
        view: one { sql_table_name: `p.ds.events_2020` ;; dimension: id {} }
        """,
        config=speaking("bigquery"),
    )

    assert over(found).select(["table:p.ds.events_*"]) == {"table:p.ds.events_*"}
    assert over(found).select(["table:p.ds.events_?*"]) == {"table:p.ds.events_*", "table:p.ds.events_2020"}
    assert over(found).select(["column:p.ds.events_*.id"]) == {"column:p.ds.events_*.id"}


# -- how far -----------------------------------------------------------------------------------------------------------

CHAIN = """
    view: a { sql_table_name: s.t ;; dimension: id {} }
    view: b { derived_table: { sql: SELECT a.id FROM ${a.SQL_TABLE_NAME} AS a ;; } dimension: id {} }
    view: c { derived_table: { sql: SELECT b.id FROM ${b.SQL_TABLE_NAME} AS b JOIN s.more AS m ON m.id = b.id ;; } dimension: id {} }
    explore: c {}
"""  # noqa: E501


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("+view:b", "s.t a b"),
        ("view:b+", "b c e"),
        ("+view:b+", "s.t a b c e"),
        ("1+view:b", "a b"),
        ("view:b+1", "b c"),
        ("2+view:c+1", "a b c e s.more"),
        ("0+view:b+0", "b"),
        ("9+view:b+9", "s.t a b c e"),
        ("+explore:m/c", "s.t s.more a b c e"),
        ("table:s.t+2", "s.t a b"),
        ("@view:b", "s.t s.more a b c e"),
    ],
)  # fmt: skip
def test_steps_up_and_down(selector: str, expected: str) -> None:
    ids = {name: f"view:{name}" for name in "abc"} | {"s.t": "table:s.t", "s.more": "table:s.more", "e": "explore:m/c"}

    assert over(traced(CHAIN), columns=False).select([selector]) == {ids[name] for name in expected.split()}


def test_upstream_of_a_dashboard_and_downstream_of_a_table() -> None:
    assert select("+dashboard:sales/kpis", columns=False) == {
        "dashboard:sales/kpis", "explore:sales/orders", "view:sales/orders", "view:users", "table:shop.orders", "table:shop.users",  # noqa: E501
    }  # fmt: skip
    assert select("table:ops.orders+", columns=False) == {
        "table:ops.orders", "view:ops/orders", "view:late", "explore:ops/orders",
    }  # fmt: skip


def test_upstream_of_a_tile_ends_at_the_columns_that_it_shows() -> None:
    found = select("+tile:sales/kpis/Who")
    read = {one for one in found if one.startswith("column:")}

    assert read == {"column:shop.users.email", "column:shop.users.id", "column:shop.orders.user_id"}  # and what joins them
    assert "field:sales/orders.total" not in found


# -- several -----------------------------------------------------------------------------------------------------------


def test_several_selectors_add_up() -> None:
    assert select("view:users", "table:shop.old", "explore:ops/*") == {
        "view:users", "table:shop.old", "explore:ops/orders", "explore:ops/summary",
    }  # fmt: skip


def test_a_comma_means_both() -> None:
    assert select("model:ops,view:*orders") == {"view:ops/orders"}
    assert select("+dashboard:sales/kpis,table:*") == {"table:shop.orders", "table:shop.users"}
    assert select("model:ops,model:sales,view:*") == {"view:users", "view:summary"}
    assert select("table:shop.users,table:shop.old") == set()


def test_what_is_excluded_is_left_out() -> None:
    assert select("model:ops,view:*", exclude=["view:users"]) == {"view:ops/orders", "view:late", "view:summary"}
    assert select("view:*", exclude=["model:ops", "view:old"]) == {"view:sales/orders"}
    assert select("view:*,model:ops", exclude=["table:ops.orders+"]) == {"view:users", "view:summary"}


def test_without_a_selector_everything_is_meant() -> None:
    assert select() == set(project().lineage.graph.nodes)
    assert select(exclude=["table:*", "column:*"]) == {
        one for one in project().lineage.graph.nodes if not one.startswith(("table:", "column:"))
    }


def test_each_of_several_must_name_something() -> None:
    with pytest.raises(SelectorError):
        select("view:users", "view:nothing")
    with pytest.raises(SelectorError):
        select("view:users", exclude=["view:nothing"])
    with pytest.raises(SelectorError):
        select("view:users,view:nothing")


# -- by what things have -----------------------------------------------------------------------------------------------


def test_model() -> None:
    assert select("model:ops", columns=False) == {
        "view:users", "view:summary", "view:ops/orders", "view:late", "explore:ops/orders", "explore:ops/summary",
    }  # fmt: skip
    assert select("model:sales") >= {"dashboard:sales/kpis", "tile:sales/kpis/Who", "field:users.email", *SALES_FIELDS}
    assert select("model:s*,view:*") == {"view:users", "view:summary", "view:sales/orders"}
    assert not {one for one in select("model:*") if one.startswith(("view:old", "field:old", "table:", "column:"))}


def test_model_with_its_sources() -> None:
    assert select("+model:ops,table:*") == {"table:ops.orders", "table:shop.users", "table:shop.payments"}


def test_path() -> None:
    users = {"view:users", "field:users.id", "field:users.email"}
    summary = {"view:summary", "field:summary.user_id", "field:summary.paid"}

    assert select("path:views/users.view.lkml") == users
    assert select("path:views") == select("path:views/") == select("path:views/*") == users | summary
    assert select("path:*.dashboard.lookml") == {"dashboard:sales/kpis", "tile:sales/kpis/Net%20sales", "tile:sales/kpis/Who"}
    assert select("path:of_*,view:*") == {"view:sales/orders", "view:ops/orders", "view:late"}


def test_tag() -> None:
    assert select("tag:core") == {"explore:sales/orders"}
    assert select("tag:finance") == {"view:summary"}
    assert select("tag:pii") == {"field:users.email"}
    assert select("tag:[cf]*") == {"explore:sales/orders", "view:summary"}
    assert select("tag:pii+") == {"field:users.email", "tile:sales/kpis/Who", "dashboard:sales/kpis"}


def test_a_tag_is_of_one_field_and_not_of_others_whose_names_end_alike() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;; dimension: id { tags: ["key"] } dimension: user_id {} dimension: über { tags: ["odd"] } }
        """
    )

    assert over(found).select(["tag:key"]) == {"field:v.id"}


def test_pdt() -> None:
    assert (
        select("pdt:ops/summary") == select("pdt:sales/summary") == select("pdt:summary") == select("pdt:*") == {"view:summary"}
    )
    assert select("+pdt:ops/summary", columns=False) == {"view:summary", "table:shop.payments"}


@pytest.mark.parametrize("selector", ["pdt:users", "pdt:late", "pdt:lost/summary"])
def test_what_is_not_persistent_is_no_pdt(selector: str) -> None:
    assert "persistent" in refused(selector).reason


def test_state() -> None:
    states = {
        "new": frozenset({"view:late", "field:late.id"}),
        "changed": frozenset({"view:ops/orders", "view:not in the graph"}),
        "modified": frozenset({"view:late", "field:late.id", "view:ops/orders"}),
    }
    selection = over(project(), columns=False, modified=states)

    assert selection.select(["state:new"]) == {"view:late"}
    assert selection.select(["state:changed"]) == {"view:ops/orders"}
    assert selection.select(["state:changed+"]) == {"view:ops/orders", "view:late", "explore:ops/orders"}
    assert selection.select(["state:modified,model:sales"]) == set()
    assert over(project(), modified={"new": frozenset()}).select(["state:new"]) == set()


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "near"),
    [
        ("view:summry", "view:summary"),
        ("view:user", "view:users"),
        ("+explore:sales/oders+", "explore:sales/orders"),
        ("column:shop.users.emial", "column:shop.users.email"),
        ("column:users.emial", "column:shop.users.email"),
        ("field:users.emial", "field:users.email"),
        ("table:shop.paymets", "table:shop.payments"),
        ("dashboard:sales/kpi", "dashboard:sales/kpis"),
        ("tile:sales/kpis/Net%20sale", "tile:sales/kpis/Net%20sales"),
        ("model:sale", "model:sales"),
        ("tag:cor", "tag:core"),
        ("tag:finanse", "tag:finance"),
        ("path:views/user.view.lkml", "path:views/users.view.lkml"),
        ("pdt:sales/sumary", "pdt:sales/summary"),
    ],
)
def test_a_misspelt_name_is_answered_by_near_ones(selector: str, near: str) -> None:
    error = refused(selector)

    assert error.selector == selector
    assert near in error.near
    assert f"did you mean {near}" in str(error)


def test_a_misspelt_tag_of_a_field_is_answered_too() -> None:
    assert "tag:pii" in refused("tag:pi").near


@pytest.mark.parametrize(("selector", "near"), [("viw:users", "view"), ("tables:x", "table"), ("stat:modified", "state")])
def test_an_unknown_kind_is_refused_with_all_there_are(selector: str, near: str) -> None:
    error = refused(selector)

    assert near in error.near
    for kind in ("table:", "column:", "view:", "field:", "explore:", "dashboard:", "tile:", "dbt:", "model:", "path:", "tag:"):
        assert kind in error.reason


def test_state_needs_a_base() -> None:
    assert "--base" in refused("state:modified").reason


def test_an_unknown_state_is_refused_with_those_there_are() -> None:
    states: dict[str, frozenset[str]] = {"new": frozenset(), "changed": frozenset(), "modified": frozenset()}
    error = refused("state:modifed+", modified=states)

    assert error.near == ("modified",)
    assert "changed, modified, new" in error.reason


@pytest.mark.parametrize(
    "selector", ["view:", "model:", "tag:", "path:", "pdt:", ":", ":x", "view::users", "kpis:sales", "x" * 5000]
)
def test_odd_selectors_are_refused(selector: str) -> None:
    assert refused(selector).selector == selector
