"""What a change would be felt by: each thing with the shortest way to it, and every hop with the place where it is written."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from dagster_lookml.analysis.impact import Impact, impact
from dagster_lookml.lineage.answer import ProjectLineage
from dagster_lookml.semantic.objects import Lookup
from dagster_lookml.source.dbt import DbtProject, DbtRelation
from tests.building import MODEL
from tests.lineage import speaking
from tests.tracing import traced


def of(found: ProjectLineage, *source: str) -> Impact:
    return impact(found.lineage.graph, Lookup(found.project), source)


def ids(found: ProjectLineage, *source: str) -> set[str]:
    """Everything that is affected."""
    return {one.node.id for one in of(found, *source).affected}


def way(found: ProjectLineage, target: str, *source: str) -> list[str]:
    """The hops to something, as ``from kind to place``."""
    [one] = [one for one in of(found, *source).affected if one.node.id == target]
    return [
        f"{hop.source} {hop.kind} {hop.target}" + (f" {hop.span.file}:{hop.span.line}" if hop.span is not None else "")
        for hop in one.path
    ]


def of_kind(kind: str, found: Iterable[str]) -> set[str]:
    return {one for one in found if one.startswith(f"{kind}:")}


# -- from a column to the tiles ----------------------------------------------------------------------------------------

SHOP = {
    "m.model.lkml": MODEL + "explore: orders {}\n",  # line 5
    "orders.view.lkml": """view: orders {
  sql_table_name: shop.orders ;;
  dimension: id { primary_key: yes }
  dimension: status {
    sql: ${TABLE}.status ;;
  }
  dimension: is_done {
    type: yesno
    sql:
      ${status} = 'done' ;;
  }
  measure: done_count {
    type: count
    filters: [
      is_done: "yes"
    ]
  }
  measure: all_count { type: count }
}
""",
    "kpis.dashboard.lookml": """- dashboard: kpis
  title: The KPIs
  elements:
  - name: done
    explore: orders
    fields: [orders.done_count]
  - name: all
    explore: orders
    fields:
    - orders.all_count
""",
}


def test_from_a_column_through_fields_to_a_tile_with_every_place() -> None:
    found = traced(SHOP)
    column = "column:shop.orders.status"
    to_status = f"{column} reads field:orders.status orders.view.lkml:5"
    to_done = "field:orders.status reads field:orders.is_done orders.view.lkml:10"
    to_count = "field:orders.is_done filter field:orders.done_count orders.view.lkml:15"
    to_tile = "field:orders.done_count tile tile:m/kpis/done kpis.dashboard.lookml:6"
    to_dashboard = "tile:m/kpis/done contains dashboard:m/kpis kpis.dashboard.lookml:4"

    assert ids(found, column) == {
        "field:orders.status", "field:orders.is_done", "field:orders.done_count",
        "tile:m/kpis/done", "dashboard:m/kpis", "explore:m/orders",
    }  # fmt: skip
    assert way(found, "field:orders.status", column) == [to_status]
    assert way(found, "field:orders.is_done", column) == [to_status, to_done]
    assert way(found, "field:orders.done_count", column) == [to_status, to_done, to_count]
    assert way(found, "tile:m/kpis/done", column) == [to_status, to_done, to_count, to_tile]
    assert way(found, "dashboard:m/kpis", column) == [to_status, to_done, to_count, to_tile, to_dashboard]
    assert way(found, "explore:m/orders", column) == [to_status, "field:orders.status offers explore:m/orders m.model.lkml:5"]


def test_the_answer_is_sorted_and_names_what_was_asked() -> None:
    found = of(traced(SHOP), "field:orders.status", "column:shop.orders.id", "field:orders.status")

    assert [one.id for one in found.source] == ["column:shop.orders.id", "field:orders.status"]
    assert [one.node.id for one in found.affected] == sorted(one.node.id for one in found.affected)
    assert not {one.id for one in found.source} & {one.node.id for one in found.affected}


def test_every_way_starts_at_the_source_and_each_hop_goes_on_from_the_last() -> None:
    for source in ("column:shop.orders.status", "table:shop.orders", "view:orders", "explore:m/orders"):
        for one in of(traced(SHOP), source).affected:
            assert one.path[0].source == source
            assert one.path[-1].target == one.node.id
            assert all(before.target == after.source for before, after in zip(one.path, one.path[1:], strict=False))


def test_a_field_is_felt_by_what_reads_it_and_not_by_what_it_reads() -> None:
    assert ids(traced(SHOP), "field:orders.is_done") == {
        "field:orders.done_count", "tile:m/kpis/done", "dashboard:m/kpis", "explore:m/orders",
    }  # fmt: skip


def test_a_count_is_felt_through_the_primary_key() -> None:
    """R4.34: `type: count` counts the key."""
    assert way(traced(SHOP), "tile:m/kpis/all", "column:shop.orders.id")[1:] == [
        "field:orders.id reads field:orders.all_count orders.view.lkml:18",
        "field:orders.all_count tile tile:m/kpis/all kpis.dashboard.lookml:10",
    ]


def test_a_tile_is_felt_by_its_dashboard_and_a_dashboard_by_nothing() -> None:
    assert ids(traced(SHOP), "tile:m/kpis/done") == {"dashboard:m/kpis"}
    assert ids(traced(SHOP), "dashboard:m/kpis") == set()


def test_what_nothing_reads() -> None:
    found = traced({**SHOP, "m.model.lkml": MODEL, "kpis.dashboard.lookml": ""})

    assert of(found, "field:orders.done_count").affected == ()
    assert of(found, "field:orders.all_count", "field:orders.done_count").affected == ()


def test_filters_listeners_and_sorts_are_felt_too() -> None:
    found = traced(
        {
            **SHOP,
            "kpis.dashboard.lookml": """- dashboard: kpis
  filters:
  - name: Status
    type: field_filter
    explore: orders
    field: orders.status
  elements:
  - name: a
    explore: orders
    fields: [orders.all_count]
    filters:
      orders.is_done: "yes"
  - name: b
    explore: orders
    fields: [orders.all_count]
    listen:
      Status: orders.status
  - name: c
    explore: orders
    fields: [orders.all_count]
    sorts: [orders.status desc 0]
  - name: d
    explore: orders
    fields: [orders.all_count]
""",
        }
    )

    assert way(found, "tile:m/kpis/a", "field:orders.is_done") == [
        "field:orders.is_done filter tile:m/kpis/a kpis.dashboard.lookml:12"
    ]
    assert way(found, "tile:m/kpis/b", "field:orders.status") == [
        "field:orders.status listen tile:m/kpis/b kpis.dashboard.lookml:17"
    ]
    assert way(found, "tile:m/kpis/c", "field:orders.status") == [
        "field:orders.status sort tile:m/kpis/c kpis.dashboard.lookml:21"
    ]
    assert way(found, "dashboard:m/kpis", "field:orders.status") == [
        "field:orders.status filter dashboard:m/kpis kpis.dashboard.lookml:6"
    ]
    assert "tile:m/kpis/d" not in ids(found, "field:orders.status")


# -- struct fields -----------------------------------------------------------------------------------------------------

STRUCTS = """
    view: users { sql_table_name: shop.users ;;
      dimension: city { sql: ${TABLE}.address.city ;; }
      dimension: zip { sql: ${TABLE}.address.zip.code ;; }
      dimension: address_text { sql: TO_JSON_STRING(${TABLE}.address) ;; }
      dimension: addressed { sql: ${TABLE}.addressed ;; }
    }
"""


def test_a_column_is_felt_through_the_fields_below_it() -> None:
    found = traced(STRUCTS, config=speaking("bigquery"))

    assert ids(found, "column:shop.users.address") == {"field:users.city", "field:users.zip", "field:users.address_text"}
    assert "field:users.zip" in ids(found, "column:shop.users.address.zip.code")
    assert not {"field:users.city", "field:users.addressed"} & ids(found, "column:shop.users.address.zip.code")


def test_a_struct_field_is_felt_by_what_reads_the_struct() -> None:
    found = traced(STRUCTS, config=speaking("bigquery"))

    assert ids(found, "column:shop.users.address.city") == {"field:users.city", "field:users.address_text"}
    assert ids(found, "column:shop.users.address.zip.code") == {"field:users.zip", "field:users.address_text"}


def test_a_table_whose_name_starts_like_a_column_is_another_table() -> None:
    found = traced(
        """
        view: a { sql_table_name: shop.orders ;; dimension: lines {} }
        view: b { sql_table_name: shop.orders.lines ;; dimension: price {} }
        """
    )

    assert ids(found, "column:shop.orders.lines") == {"field:a.lines"}


# -- rows --------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14.2")
def test_a_column_that_decides_the_rows_is_felt_by_every_field_of_the_view() -> None:
    found = traced(
        """
        view: paid {
          derived_table: { sql:
            SELECT o.id, o.amount
            FROM shop.orders AS o
            WHERE o.deleted = 0 ;; }
          dimension: id {}
          measure: total { type: sum sql: ${TABLE}.amount ;; }
        }
        view: more { derived_table: { sql: SELECT p.id FROM ${paid.SQL_TABLE_NAME} AS p ;; } dimension: id {} }
        explore: paid {}
        explore: more {}
        """
    )

    assert ids(found, "column:shop.orders.deleted") == {
        "view:paid", "field:paid.id", "field:paid.total", "explore:m/paid", "view:more", "field:more.id", "explore:m/more",
    }  # fmt: skip
    assert way(found, "field:paid.total", "column:shop.orders.deleted") == [
        "column:shop.orders.deleted row_filter view:paid m.model.lkml:7",
        "view:paid contains field:paid.total m.model.lkml:9",
    ]
    assert "field:paid.id" not in ids(found, "column:shop.orders.amount")
    assert "view:paid" not in ids(found, "column:shop.orders.amount")


def test_conditions_of_an_explore_are_felt_by_its_tiles_and_not_by_the_fields_of_its_views() -> None:
    found = traced(
        {
            "m.model.lkml": MODEL
            + "explore: orders {\n  sql_always_where: ${orders.deleted} = 0 ;;\n"
            + "  join: users { sql_on: ${orders.user_id} = ${users.id} ;; }\n}\n"
            + "explore: plain { from: orders }\n",
            "v.view.lkml": """
view: orders { sql_table_name: shop.orders ;; dimension: deleted {} dimension: user_id {} dimension: status {} }
view: users { sql_table_name: shop.users ;; dimension: id {} dimension: name {} }
""",
            "d.dashboard.lookml": """- dashboard: d
  elements:
  - {name: alone, explore: orders, fields: [orders.status]}
  - {name: joined, explore: orders, fields: [users.name]}
  - {name: other, explore: plain, fields: [plain.status]}
""",
        }
    )

    assert of_kind("tile", ids(found, "column:shop.orders.deleted")) == {"tile:m/d/alone", "tile:m/d/joined"}
    assert of_kind("tile", ids(found, "column:shop.users.id")) == {"tile:m/d/joined"}  # a join that is left out needs no key
    assert of_kind("field", ids(found, "column:shop.orders.deleted")) == {"field:orders.deleted"}
    assert way(found, "tile:m/d/joined", "column:shop.users.id") == [
        "column:shop.users.id reads field:users.id v.view.lkml:3",
        "field:users.id join_condition tile:m/d/joined m.model.lkml:7",
    ]


# -- tables, views and explores ----------------------------------------------------------------------------------------


def test_a_table_is_felt_by_everything_made_of_it() -> None:
    found = traced(SHOP)

    assert ids(found, "table:shop.orders") == {
        "column:shop.orders.id", "column:shop.orders.status", "view:orders",
        "field:orders.id", "field:orders.status", "field:orders.is_done", "field:orders.done_count", "field:orders.all_count",
        "explore:m/orders", "tile:m/kpis/done", "tile:m/kpis/all", "dashboard:m/kpis",
    }  # fmt: skip
    assert way(found, "tile:m/kpis/done", "table:shop.orders") == [
        "table:shop.orders reads view:orders orders.view.lkml:2",
        "view:orders contains field:orders.done_count orders.view.lkml:12",
        "field:orders.done_count tile tile:m/kpis/done kpis.dashboard.lookml:6",
    ]


def test_another_table_is_not_felt() -> None:
    more = "\nview: users { sql_table_name: shop.users ;; dimension: id {} }\n"
    found = traced({**SHOP, "users.view.lkml": more})

    assert ids(found, "table:shop.users") == {"column:shop.users.id", "view:users", "field:users.id"}
    assert not {"view:users", "field:users.id", "table:shop.users"} & ids(found, "table:shop.orders")


def test_an_explore_is_felt_by_its_own_tiles_alone() -> None:
    found = traced(
        {
            **SHOP,
            "m.model.lkml": MODEL + "explore: orders {}\nexplore: others { from: orders view_name: orders }\n",
            "kpis.dashboard.lookml": """- dashboard: kpis
  elements:
  - {name: a, explore: orders, fields: [orders.id]}
  - {name: b, explore: others, fields: [orders.id]}
- dashboard: other
  elements:
  - {name: c, explore: others, fields: [orders.id]}
- dashboard: merged
  elements:
  - name: d
    merged_queries:
    - {explore: others, fields: [orders.id]}
    - {explore: orders, fields: [orders.status]}
""",
        }
    )

    assert ids(found, "explore:m/orders") == {"tile:m/kpis/a", "dashboard:m/kpis", "tile:m/merged/d", "dashboard:m/merged"}
    assert ids(found, "explore:m/others") == {
        "tile:m/kpis/b", "dashboard:m/kpis", "tile:m/other/c", "dashboard:m/other", "tile:m/merged/d", "dashboard:m/merged",
    }  # fmt: skip
    assert way(found, "tile:m/kpis/a", "explore:m/orders") == ["explore:m/orders tile tile:m/kpis/a kpis.dashboard.lookml:3"]


@pytest.mark.rule("R5.10")
def test_an_explore_is_felt_by_the_native_tables_made_of_it() -> None:
    found = traced(
        """
        view: orders { sql_table_name: shop.orders ;; dimension: id {} }
        explore: orders {}
        view: native { derived_table: { explore_source: orders { column: id {} } } dimension: id {} }
        """
    )

    assert {"view:native", "field:native.id"} <= ids(found, "explore:m/orders")


@pytest.mark.rule("R5.10")
def test_a_field_is_felt_through_a_native_table() -> None:
    found = traced(
        {
            "m.model.lkml": MODEL + "explore: orders {}\nexplore: native {}\n",
            "v.view.lkml": """view: orders { sql_table_name: shop.orders ;; dimension: id {} dimension: state {} }
view: native {
  derived_table: {
    explore_source: orders {
      column: id {}
      column: s { field: orders.state }
    }
  }
  dimension: id {}
  dimension: s {}
}
""",
        }
    )

    assert ids(found, "column:shop.orders.state") >= {"field:orders.state", "field:native.s", "explore:m/native"}
    assert "field:native.id" not in ids(found, "column:shop.orders.state")
    assert "field:native.s" in ids(found, "field:orders.state")


# -- what is no data ---------------------------------------------------------------------------------------------------

EXTENDED = """
    view: base { derived_table: { sql: SELECT b.id FROM s.base AS b WHERE b.gone = 0 ;; } dimension: id {} }
    view: child { extends: [base] derived_table: { sql: SELECT c.id FROM s.child AS c ;; } dimension: own {} }
    view: grandchild { extends: [child] }
    explore: child {}
"""


@pytest.mark.rule("R8.1")
def test_what_a_view_inherits_is_no_data() -> None:
    """The child has a table of its own: a change of the base's data is none of its."""
    found = traced(EXTENDED)

    assert ids(found, "column:s.base.gone") == {"view:base", "field:base.id"}
    assert ids(found, "table:s.base") == {"column:s.base.gone", "column:s.base.id", "view:base", "field:base.id"}


def test_a_change_of_a_view_is_one_of_its_children() -> None:
    assert {"view:child", "field:child.id", "field:child.own", "explore:m/child"} <= ids(traced(EXTENDED), "view:base")


def test_a_change_of_a_view_is_one_of_the_children_of_its_children() -> None:
    assert "view:grandchild" in ids(traced(EXTENDED), "view:base")


@pytest.mark.rule("R7.6")
def test_a_change_of_a_field_is_one_of_the_same_field_in_views_that_extend_its_view() -> None:
    found = traced(
        """
        view: base { sql_table_name: s.t ;; dimension: a { label: "A" sql: ${TABLE}.x ;; } dimension: b { sql: ${TABLE}.y ;; } }
        view: child { extends: [base] dimension: a { hidden: yes } dimension: c { sql: ${a} ;; } }
        view: grandchild { extends: [child] }
        view: other { sql_table_name: s.t ;; dimension: a { sql: ${TABLE}.x ;; } }
        """
    )

    assert ids(found, "field:base.a") == {"field:child.a", "field:child.c", "field:grandchild.a", "field:grandchild.c"}
    assert ids(found, "field:child.a") == {"field:child.c", "field:grandchild.a", "field:grandchild.c"}
    assert ids(found, "field:base.b") == {"field:child.b", "field:grandchild.b"}


TRIGGER = """
    datagroup: etl { sql_trigger: SELECT MAX(l.at) FROM s.log AS l ;; }
    view: pdt {
      derived_table: { sql: SELECT o.id FROM s.orders AS o ;; datagroup_trigger: etl }
      dimension: id {}
      measure: rows { type: count }
    }
    explore: pdt {}
"""


@pytest.mark.rule("R11.2")
def test_a_trigger_is_an_end() -> None:
    """It tells when a table is made anew, and no data comes from it."""
    found = traced(TRIGGER)

    assert ids(found, "table:s.log") == {"view:pdt"}
    assert [hop.split(" ")[1] for hop in way(found, "view:pdt", "table:s.log")] == ["trigger"]
    assert {"field:pdt.id", "field:pdt.rows", "explore:m/pdt"} <= ids(found, "table:s.orders")


def test_a_table_that_triggers_and_is_read_is_followed() -> None:
    found = traced(TRIGGER.replace("SELECT o.id FROM s.orders AS o", "SELECT l.id FROM s.log AS l"))

    assert {"view:pdt", "field:pdt.id", "field:pdt.rows", "explore:m/pdt"} <= ids(found, "table:s.log")


def test_a_table_that_triggers_and_is_read_through_another_view_is_followed() -> None:
    found = traced(
        TRIGGER.replace("SELECT o.id FROM s.orders AS o", "SELECT w.id FROM ${log.SQL_TABLE_NAME} AS w")
        + "view: log { derived_table: { sql: SELECT l.id FROM s.log AS l ;; } dimension: id {} }"
    )

    assert {"view:log", "view:pdt", "field:pdt.id", "field:pdt.rows", "explore:m/pdt"} <= ids(found, "table:s.log")


# -- which explores offer a field --------------------------------------------------------------------------------------


@pytest.mark.rule("R4.38")
@pytest.mark.rule("R4.39")
@pytest.mark.parametrize(
    ("explore", "offers"),
    [
        ("explore: e { from: a }", True),
        ("explore: e { from: a fields: [ALL_FIELDS*] }", True),
        ("explore: e { from: a fields: [ALL_FIELDS*, -e.x] }", False),
        ("explore: e { from: a fields: [e.y] }", False),
        ("explore: e { from: a fields: [e.some*] }", True),
        ("explore: e { from: a fields: [e.other*] }", False),
        ("explore: e { from: a fields: [-e.some*] }", False),
        ("explore: e { view_name: a fields: [a.x] }", True),
        ("explore: e { from: b join: a { sql_on: 1 = 1 ;; } }", True),
        ("explore: e { from: b join: a { sql_on: 1 = 1 ;; fields: [y] } }", False),
        ("explore: e { from: b join: a { sql_on: 1 = 1 ;; fields: [x] } }", True),
        ("explore: e { from: b join: a { sql_on: 1 = 1 ;; fields: [a.x] } }", True),
        ("explore: e { from: b join: a { sql_on: 1 = 1 ;; fields: [] } }", False),
        ("explore: e { from: b join: z { from: a sql_on: 1 = 1 ;; fields: [z.x] } fields: [-z.y] }", True),
        ("explore: e { from: b join: z { from: a sql_on: 1 = 1 ;; } fields: [-z.x] }", False),
        (
            "explore: e { from: b join: z { from: a sql_on: 1 = 1 ;; fields: [y] } join: a { sql_on: 1 = 1 ;; fields: [x] } }",
            True,
        ),
        ("explore: e { from: b }", False),
        ("explore: e { from: a extension: required }", False),
        ("explore: base { from: a extension: required fields: [base.y] } explore: e { extends: [base] view_name: base }", False),
        ("explore: e { from: a } explore: +e { fields: [e.y] }", False),
    ],
)
def test_an_explore_is_reached_by_the_fields_that_it_offers(explore: str, offers: bool) -> None:
    found = traced(
        f"""
        view: a {{ sql_table_name: s.a ;; dimension: x {{}} dimension: y {{}} set: some {{ fields: [x] }} set: other {{ fields: [y] }} }}
        view: b {{ sql_table_name: s.b ;; dimension: id {{}} }}
        {explore}
        """  # noqa: E501
    )

    assert ("explore:m/e" in ids(found, "column:s.a.x")) == offers


@pytest.mark.rule("R14.4")
@pytest.mark.parametrize(("listed", "offers"), [("v.created_week", True), ("v.id", False), ("v.created_year", False)])
def test_a_group_is_offered_with_any_of_its_timeframes(listed: str, offers: bool) -> None:
    found = traced(
        f"""
        view: v {{ sql_table_name: s.t ;;
          dimension: id {{}}
          dimension_group: created {{ type: time timeframes: [date, week] sql: ${{TABLE}}.created_at ;; }}
        }}
        explore: v {{ fields: [{listed}] }}
        """
    )

    assert ("explore:m/v" in ids(found, "column:s.t.created_at")) == offers


@pytest.mark.rule("R6.17")
def test_an_explore_that_must_be_extended_is_felt_in_its_children_alone() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;; dimension: id {} }
        explore: template { extension: required view_name: v sql_always_where: ${v.id} > 0 ;; }
        explore: child { extends: [template] }
        """
    )

    assert of_kind("explore", ids(found, "table:s.t")) == {"explore:m/child"}


def test_tiles_of_hidden_explores_are_reached() -> None:
    found = traced({**SHOP, "m.model.lkml": MODEL + "explore: orders { hidden: yes }\n"})

    assert {"tile:m/kpis/done", "dashboard:m/kpis"} <= ids(found, "column:shop.orders.status")


def test_an_explore_of_each_model_is_reached() -> None:
    found = traced({**SHOP, "n.model.lkml": MODEL + "explore: same { from: orders }\n"})

    assert of_kind("explore", ids(found, "column:shop.orders.status")) == {"explore:m/orders", "explore:n/same"}
    assert {"tile:m/kpis/done", "dashboard:m/kpis"} <= ids(found, "column:shop.orders.status")


# -- the shortest way --------------------------------------------------------------------------------------------------


def test_the_shortest_of_several_ways_is_shown() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;;
          dimension: a {}
          dimension: b { sql: ${a} + 1 ;; }
          dimension: c { sql: ${b} + 1 ;; }
          dimension: d { sql: ${c} + ${a} ;; }
          dimension: e { sql: ${d} + ${TABLE}.a ;; }
        }
        """
    )

    assert [hop.split()[2] for hop in way(found, "field:v.d", "column:s.t.a")] == ["field:v.a", "field:v.d"]
    assert [hop.split()[2] for hop in way(found, "field:v.e", "column:s.t.a")] == ["field:v.e"]
    assert [hop.split()[2] for hop in way(found, "field:v.c", "column:s.t.a")] == ["field:v.a", "field:v.b", "field:v.c"]


def test_of_ways_of_one_length_that_of_what_is_shown_is_told_before_that_of_a_filter() -> None:
    """Whatever the names of the fields; ``a_filter`` comes first."""
    found = traced(
        {
            "m.model.lkml": 'connection: "warehouse" include: "*.view" include: "*.dashboard" explore: v {}',
            "v.view.lkml": "view: v { sql_table_name: s.t ;; dimension: a_filter {} dimension: shown {} }",
            "d.dashboard.lookml": """
- dashboard: d
  elements:
  - {name: one, model: m, explore: v, fields: [v.shown], filters: {v.a_filter: "yes"}, sorts: [v.shown]}
""",
        }
    )
    [tile] = [one for one in of(found, "table:s.t").affected if one.node.kind == "tile"]

    assert [(edge.kind, edge.source) for edge in tile.path][-1] == ("tile", "field:v.shown")


def test_of_several_sources_the_nearest_is_where_the_way_starts() -> None:
    found = traced(SHOP)
    sources = ("column:shop.orders.status", "field:orders.is_done")

    assert [hop.split()[0] for hop in way(found, "tile:m/kpis/done", *sources)] == [
        "field:orders.is_done",
        "field:orders.done_count",
    ]
    assert way(found, "field:orders.status", *sources)[0].startswith("column:shop.orders.status reads")


def test_fields_and_tables_in_circles_end() -> None:
    found = traced(
        """
        view: v { sql_table_name: s.t ;; dimension: a { sql: ${b} + ${TABLE}.x ;; } dimension: b { sql: ${a} ;; } }
        view: p { derived_table: { sql: SELECT q.id FROM ${q.SQL_TABLE_NAME} AS q ;; } dimension: id {} }
        view: q { derived_table: { sql: SELECT p.id FROM ${p.SQL_TABLE_NAME} AS p ;; } dimension: id {} }
        """
    )

    assert ids(found, "column:s.t.x") == {"field:v.a", "field:v.b"}
    assert ids(found, "view:p") == {"view:q", "field:p.id", "field:q.id"}


# -- Liquid, orders, requirements ---------------------------------------------------------------------------------------

LIQUID = {
    "m.model.lkml": MODEL
    + """explore: orders {
  sql_always_where: {% condition orders.seen %} ${orders.made} {% endcondition %} ;;
}
explore: items {}
view: items {
  derived_table: {
    sql: SELECT id, q FROM s.items
      WHERE {% condition day %} d {% endcondition %} AND {% if items.id._in_query %} k {% endif %} ;;
  }
  filter: day { type: date }
  dimension: id {}
  measure: q { type: sum sql: ${TABLE}.q ;; }
}
view: orders {
  sql_table_name: s.orders ;;
  parameter: metric { type: unquoted default_value: "a" }
  filter: seen { type: date }
  dimension: made {}
  dimension: bucket { order_by_field: bucket_sort }
  dimension: bucket_sort { type: number }
  measure: net { type: sum sql: ${TABLE}.net ;; }
  measure: dyn { type: sum sql: ${TABLE}.{% parameter metric %} ;; }
  measure: twice { type: number sql: 2 * ${dyn} ;; }
  measure: title { type: count html: Net: {{ orders.net._rendered_value }} ;; }
  measure: beside { type: number sql: ${title} + 1 ;; }
}
""",
    "d.dashboard.lookml": """- dashboard: d
  elements:
  - {name: twice, explore: orders, fields: [orders.twice]}
  - {name: title, explore: orders, fields: [orders.title]}
  - {name: beside, explore: orders, fields: [orders.beside]}
  - {name: bucket, explore: orders, fields: [orders.bucket]}
  - {name: items, explore: items, fields: [items.q]}
""",
}


@pytest.mark.rule("R10.12")
def test_a_parameter_is_felt_where_its_value_is_put_into_sql() -> None:
    found = traced(LIQUID)

    assert of_kind("tile", ids(found, "field:orders.metric")) == {"tile:m/d/twice"}
    assert way(found, "tile:m/d/twice", "field:orders.metric") == [
        "field:orders.metric liquid field:orders.dyn m.model.lkml:26",
        "field:orders.dyn reads field:orders.twice m.model.lkml:27",
        "field:orders.twice tile tile:m/d/twice d.dashboard.lookml:3",
    ]


@pytest.mark.rule("R10.13")
def test_a_filter_is_felt_where_it_decides_which_rows_there_are() -> None:
    found = traced(LIQUID)

    assert of_kind("tile", ids(found, "field:orders.seen")) == {
        f"tile:m/d/{one}" for one in ("twice", "title", "beside", "bucket")
    }
    assert of_kind("tile", ids(found, "field:items.day")) == {"tile:m/d/items"}


@pytest.mark.rule("R10.15")
def test_that_the_query_has_a_field_is_asked_and_its_value_is_not() -> None:
    found = traced(LIQUID)

    assert way(found, "view:items", "field:items.id") == ["field:items.id asked view:items m.model.lkml:12"]
    assert ids(found, "field:items.id") == {"view:items", "explore:m/items"}


@pytest.mark.rule("R10.6")
def test_a_value_that_html_shows_is_felt_by_tiles_with_the_html_and_not_by_what_reads_the_field() -> None:
    found = traced(LIQUID)

    assert of_kind("field", ids(found, "column:s.orders.net")) == {"field:orders.net", "field:orders.title"}
    assert of_kind("tile", ids(found, "column:s.orders.net")) == {"tile:m/d/title"}
    assert way(found, "dashboard:m/d", "field:orders.net") == [
        "field:orders.net shown field:orders.title m.model.lkml:28",
        "field:orders.title tile tile:m/d/title d.dashboard.lookml:4",
        "tile:m/d/title contains dashboard:m/d d.dashboard.lookml:4",
    ]


def test_what_a_field_is_sorted_by_is_felt_by_tiles_with_the_field() -> None:
    assert of_kind("tile", ids(traced(LIQUID), "field:orders.bucket_sort")) == {"tile:m/d/bucket"}


def test_what_is_both_shown_and_read_is_felt_by_all_that_reads_it() -> None:
    """The way over the data counts, also where it is the longer one."""
    html = LIQUID["m.model.lkml"].replace("sql: 2 * ${dyn} ;;", "sql: 2 * ${dyn} ;; html: {% parameter metric %} ;;")
    found = traced({**LIQUID, "m.model.lkml": html + "view: +orders { measure: more { type: number sql: ${twice} ;; } }\n"})

    assert [hop.split()[1] for hop in way(found, "field:orders.more", "field:orders.metric")] == ["liquid", "reads", "reads"]
    assert [hop.split()[1] for hop in way(found, "tile:m/d/twice", "field:orders.metric")] == ["liquid", "reads", "tile"]


# -- dbt ---------------------------------------------------------------------------------------------------------------


def test_a_dbt_model_is_felt_through_the_tables_that_it_builds() -> None:
    def relation(name: str, *reads: str) -> DbtRelation:
        return DbtRelation(
            unique_id=f"model.shop.{name}",
            parts=("db", "shop", name),
            columns=(),
            columns_complete=False,
            depends_on=tuple(f"model.shop.{one}" for one in reads),
            file=None,
        )

    dbt = DbtProject(adapter="postgres", relations=(relation("orders", "raw"), relation("other", "raw"), relation("raw")))
    found = traced(SHOP, dbt=dbt)

    assert {"dbt:model.shop.orders", "table:shop.orders", "view:orders", "dashboard:m/kpis"} <= ids(found, "dbt:model.shop.raw")
    assert [hop.split()[2] for hop in way(found, "view:orders", "dbt:model.shop.raw")] == [
        "dbt:model.shop.orders", "table:shop.orders", "view:orders",
    ]  # fmt: skip
    assert of_kind("dbt", ids(found, "table:shop.orders")) == set()
