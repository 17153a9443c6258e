"""What dashboards and their tiles read (R12, R14.7, R6.13)."""

from __future__ import annotations

import pytest

from dagster_lookml.lineage.answer import ProjectLineage
from tests.tracing import edges, traced

SHOP = """
    connection: "c"
    include: "*.dashboard"
    view: orders {
      sql_table_name: s.orders ;;
      dimension: id { primary_key: yes }
      dimension: user_id {}
      dimension: status {}
      dimension_group: created { type: time timeframes: [date, month] }
      measure: count { type: count }
      measure: per_user { type: number sql: ${count} / ${users.count} ;; }
    }
    view: users {
      sql_table_name: s.users ;;
      dimension: id {} dimension: city_id {} dimension: name {}
      measure: count { type: count }
    }
    view: cities { sql_table_name: s.cities ;; dimension: id {} dimension: name {} }
    view: shops { sql_table_name: s.shops ;; dimension: id {} dimension: name {} }
    explore: orders {
      join: users { sql_on: ${orders.user_id} = ${users.id} ;; }
      join: cities { sql_on: ${users.city_id} = ${cities.id} ;; }
      join: shops { sql_on: ${orders.id} = ${shops.id} ;; }
    }
"""


def of(elements: str, rest: str = "", model: str = SHOP) -> ProjectLineage:
    """Trace a dashboard ``d`` in the model ``m``."""
    return traced({"m.model.lkml": model, "d.dashboard.lookml": f"- dashboard: d\n{rest}  elements:\n{elements}"})


def tile(text: str, name: str = "t") -> str:
    """One element of a dashboard, its parameters each on a line."""
    lines = "\n".join(f"    {line.strip()}" for line in text.strip().split("\n"))
    return f"  - name: {name}\n{lines}\n"


OF_V = 'connection: "c" include: "*.dashboard" view: v {{ sql_table_name: {} ;; dimension: id {{}} }} explore: v {{}}'
JOIN_USERS = ["field:orders.user_id join_condition", "field:users.id join_condition"]


@pytest.mark.rule("R14.7")
def test_a_dashboard_reads_its_explores_and_a_tile_its_fields() -> None:
    found = of(tile("model: m\nexplore: orders\nfields: [orders.created_date, orders.count]"))

    assert edges(found, "dashboard:m/d") == ["explore:m/orders tile"]
    assert edges(found, "tile:m/d/t") == ["field:orders.count tile", "field:orders.created tile"]


@pytest.mark.rule("R14.7")
@pytest.mark.rule("R12.7")
@pytest.mark.rule("R12.8")
@pytest.mark.rule("R12.9")
def test_a_tile_reads_its_filters_sorts_pivots_and_what_it_listens_to() -> None:
    found = of(
        tile(
            """
            model: m
            explore: orders
            fields: [orders.count]
            pivots: [orders.created_month]
            filters: {orders.status: done}
            sorts: [orders.count desc 0, orders.id]
            listen: {Day: orders.created_date}
            """
        ),
        rest="  filters:\n  - {name: Day, type: field_filter, model: m, explore: orders, field: orders.created_date}\n",
    )

    assert edges(found, "tile:m/d/t") == [
        "field:orders.count sort",
        "field:orders.count tile",
        "field:orders.created listen",
        "field:orders.created tile",
        "field:orders.id sort",
        "field:orders.status filter",
    ]
    assert edges(found, "dashboard:m/d") == ["explore:m/orders filter", "explore:m/orders tile", "field:orders.created filter"]


@pytest.mark.rule("R6.13")
@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("orders.id", []),
        ("users.name", JOIN_USERS),
        (
            "cities.name",
            [
                "field:cities.id join_condition",
                "field:orders.user_id join_condition",
                "field:users.city_id join_condition",
                "field:users.id join_condition",
            ],
        ),
        ("shops.name", ["field:orders.id join_condition", "field:shops.id join_condition"]),
        ("orders.per_user", JOIN_USERS),
    ],
)
def test_a_tile_reads_the_conditions_of_the_joins_that_it_needs_and_of_no_others(field: str, expected: list[str]) -> None:
    found = of(tile(f"model: m\nexplore: orders\nfields: [{field}]"))

    assert edges(found, "tile:m/d/t") == sorted([*expected, f"field:{field} tile"])


@pytest.mark.rule("R6.13")
@pytest.mark.rule("R6.8")
@pytest.mark.parametrize(
    "unnests",
    [
        "sql: LEFT JOIN UNNEST(${users.tags}) AS tag ;;",
        pytest.param(
            "sql_table_name: UNNEST(${users.tags}) ;; type: cross",
        ),
    ],
)
def test_a_nested_record_needs_the_join_that_holds_it(unnests: str) -> None:
    model = (
        SHOP
        + f"""
        view: +users {{ dimension: tags {{}} }}
        view: tag {{ dimension: name {{}} }}
        explore: +orders {{ join: tag {{ {unnests} }} }}
        """
    )
    found = of(tile("model: m\nexplore: orders\nfields: [tag.name]"), model=model)

    assert set(JOIN_USERS) <= set(edges(found, "tile:m/d/t"))


@pytest.mark.rule("R6.13")
def test_a_filter_a_sort_and_a_listen_bring_their_joins_too() -> None:
    filtered = of(tile("model: m\nexplore: orders\nfields: [orders.id]\nfilters: {users.name: x}"))
    sorted_by = of(tile("model: m\nexplore: orders\nfields: [orders.id]\nsorts: [users.name]"))
    listening = of(tile("model: m\nexplore: orders\nfields: [orders.id]\nlisten: {Who: users.name}"))

    assert [[one for one in edges(found, "tile:m/d/t") if "join" in one] for found in (filtered, sorted_by, listening)] == [
        JOIN_USERS
    ] * 3


@pytest.mark.rule("R6.13")
@pytest.mark.rule("R6.14")
def test_what_an_explore_always_asks_is_read_by_every_tile() -> None:
    model = (
        SHOP
        + """
        explore: +orders {
          sql_always_where: ${orders.status} = 'x' ;;
          access_filter: { field: users.name user_attribute: u }
        }
        """
    )
    found = of(tile("model: m\nexplore: orders\nfields: [orders.id]"), model=model)

    assert edges(found, "tile:m/d/t") == [
        "field:orders.id tile",
        "field:orders.status row_filter",
        "field:orders.user_id join_condition",
        "field:users.id join_condition",
        "field:users.name row_filter",
    ]


@pytest.mark.rule("R12.4")
def test_old_dimensions_and_measures() -> None:
    found = of(tile("model: m\nexplore: orders\ndimensions: [orders.status]\nmeasures: [orders.count]"))

    assert edges(found, "tile:m/d/t") == ["field:orders.count tile", "field:orders.status tile"]


@pytest.mark.rule("R12.11")
def test_a_calculation_reads_the_fields_in_its_expression_and_is_no_field() -> None:
    found = of(
        tile(
            """
            model: m
            explore: orders
            fields: [orders.status, share, big, kind]
            dynamic_fields:
            - {table_calculation: share, expression: "${orders.count} / sum(${orders.count})"}
            - {measure: big, based_on: users.count, type: count, filters: {shops.name: x}}
            - {dimension: kind, expression: "concat(${cities.name}, 1)"}
            """
        )
    )

    assert edges(found, "tile:m/d/t") == [
        "field:cities.id join_condition",
        "field:cities.name tile",
        "field:orders.count tile",
        "field:orders.id join_condition",
        "field:orders.status tile",
        "field:orders.user_id join_condition",
        "field:shops.id join_condition",
        "field:shops.name filter",
        "field:users.city_id join_condition",
        "field:users.count tile",
        "field:users.id join_condition",
    ]


@pytest.mark.rule("R12.10")
def test_a_merged_query_reads_what_its_queries_read() -> None:
    model = SHOP + "explore: shops {}"
    found = of(
        tile(
            """
            merged_queries:
            - {model: m, explore: orders, fields: [orders.status, users.name]}
            - {model: m, explore: shops, fields: [shops.name], filters: {shops.id: 1}, join_fields: []}
            listen: [{Who: users.name}, {Shop: shops.id}]
            """
        ),
        model=model,
    )

    assert edges(found, "dashboard:m/d") == ["explore:m/orders tile", "explore:m/shops tile"]
    assert [one for one in edges(found, "tile:m/d/t") if "join_condition" not in one] == [
        "field:orders.status tile",
        "field:shops.id filter",
        "field:shops.id listen",
        "field:shops.name tile",
        "field:users.name listen",
        "field:users.name tile",
    ]
    assert [one for one in edges(found, "tile:m/d/t") if "join_condition" in one] == JOIN_USERS


@pytest.mark.rule("R12.5")
@pytest.mark.rule("R2.23")
def test_a_tile_without_a_model_means_the_model_that_includes_the_dashboard() -> None:
    found = traced(
        {
            "a.model.lkml": OF_V.format("x.v"),
            "b.model.lkml": OF_V.format("y.v"),
            "d.dashboard.lookml": "- dashboard: d\n  elements:\n  - name: t\n    explore: v\n    fields: [v.id]\n",
        }
    )

    assert edges(found, "dashboard:a/d") == ["explore:a/v tile"]
    assert edges(found, "dashboard:b/d") == ["explore:b/v tile"]
    assert edges(found, "tile:a/d/t") == ["field:a/v.id tile"]
    assert edges(found, "tile:b/d/t") == ["field:b/v.id tile"]


@pytest.mark.rule("R12.5")
def test_a_tile_may_name_another_model() -> None:
    found = traced(
        {
            "a.model.lkml": 'connection: "c" include: "*.dashboard"',
            "b.model.lkml": 'connection: "c" view: v { sql_table_name: y.v ;; dimension: id {} } explore: v {}',
            "d.dashboard.lookml": (
                "- dashboard: d\n  elements:\n  - name: t\n    model: b\n    explore: v\n    fields: [v.id]\n"
                "  - name: far\n    model: elsewhere\n    explore: v\n    fields: [v.id]\n"
            ),
        }
    )

    assert edges(found, "dashboard:a/d") == ["explore:b/v tile"]
    assert edges(found, "tile:a/d/t") == ["field:v.id tile"]
    assert edges(found, "tile:a/d/far") == []
    assert "tile:a/d/far" in found.lineage.graph.nodes


@pytest.mark.rule("R12.6")
@pytest.mark.rule("R6.5")
def test_fields_of_tiles_are_named_by_aliases() -> None:
    model = """
        connection: "c"
        include: "*.dashboard"
        view: users { sql_table_name: s.users ;; dimension: id {} dimension: name {} }
        explore: staff { from: users view_name: person join: boss { from: users sql_on: ${person.id} = ${boss.id} ;; } }
    """
    found = of(tile("model: m\nexplore: staff\nfields: [person.name, boss.id, users.id]"), model=model)

    assert edges(found, "tile:m/d/t") == ["field:users.id join_condition", "field:users.id tile", "field:users.name tile"]


@pytest.mark.rule("R4.43")
def test_an_old_name_of_a_field_still_means_it() -> None:
    model = SHOP + "view: +orders { dimension: state { alias: [old_state] } }"
    found = of(tile("model: m\nexplore: orders\nfields: [orders.old_state]"), model=model)

    assert edges(found, "tile:m/d/t") == ["field:orders.state tile"]


@pytest.mark.rule("R12.15")
def test_a_dashboard_that_extends_another_has_its_tiles() -> None:
    found = traced(
        {
            "m.model.lkml": SHOP,
            "d.dashboard.lookml": (
                "- dashboard: base\n  extension: required\n  elements:\n"
                "  - name: t\n    explore: orders\n    fields: [orders.status]\n"
                "- dashboard: child\n  extends: base\n  elements:\n  - name: t\n    title: Other\n"
            ),
        }
    )

    assert edges(found, "dashboard:m/child") == ["explore:m/orders tile"]
    assert edges(found, "tile:m/child/t") == ["field:orders.status tile"]


@pytest.mark.rule("R12.14")
def test_a_text_tile_reads_nothing() -> None:
    found = of(tile("type: text\ntitle_text: Hello"))

    assert edges(found, "dashboard:m/d") == []
    assert edges(found, "tile:m/d/t") == []


def test_tiles_have_ids_of_their_names() -> None:
    found = of(tile("explore: orders\nfields: [orders.id]", "Net sales / day"))

    assert edges(found, "tile:m/d/Net%20sales%20%2F%20day") == ["field:orders.id tile"]


def test_tiles_without_a_name_have_numbers_and_repeated_names_are_told_apart() -> None:
    found = of(
        tile("explore: orders\nfields: [orders.id]", "kpi")
        + "  - explore: orders\n    fields: [orders.status]\n"
        + tile("explore: orders\nfields: [orders.count]", "kpi")
    )

    tiles = [one for one in found.lineage.graph.nodes if one.startswith("tile:")]
    assert tiles == ["tile:m/d/#2", "tile:m/d/kpi", "tile:m/d/kpi~2"]


def test_a_change_of_a_column_reaches_the_tiles_that_read_it() -> None:
    found = of(
        tile("explore: orders\nfields: [users.name]", "who")
        + tile("explore: orders\nfields: [orders.per_user]", "mean")
        + tile("explore: orders\nfields: [shops.name]", "shop")
    )

    reached = found.lineage.graph.downstream(["column:s.users.id"])
    assert sorted(one for one in reached if one.startswith("tile:")) == ["tile:m/d/mean", "tile:m/d/who"]
    reached = found.lineage.graph.downstream(["column:s.shops.name"])
    assert sorted(one for one in reached if one.startswith("tile:")) == ["tile:m/d/shop"]
