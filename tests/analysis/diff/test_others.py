"""What changed views, explores, dashboards and models mean, and who feels it."""

from __future__ import annotations

import pytest

from dagster_lookml.pdt.planning.changed import rebuilt
from tests.analysis.diff.states import MODEL, ORDERS, SHOP, affected, compared, edited, line, lines
from tests.building import compiled

USERS = "view: users { dimension: id { primary_key: yes } dimension: city {} measure: people { type: count } }\n"
JOINED = edited(
    ("explore: orders {}", "explore: orders {\n  join: users { sql_on: ${users.id} = ${orders.id} ;; }\n}"),
    ("    fields: [orders.rows]", "    fields: [orders.rows, users.city]"),
    more={"users.view.lkml": USERS},
)
ON = "sql_on: ${users.id} = ${orders.id} ;;"


# -- views -------------------------------------------------------------------------------------------------------------


def test_another_table_may_change_every_number_of_the_view() -> None:
    (change,) = compared(SHOP, edited(("shop.orders", "shop.orders_v2"))).changes

    assert (change.verdict, change.id, change.property) == ("numbers may change", "view:orders", "sql_table_name")
    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/count", "tile:m/kpis/sales"]


@pytest.mark.rule("R4.1")
def test_the_table_of_a_view_that_names_none_is_its_own_name() -> None:
    before = edited(("  sql_table_name: shop.orders ;;\n", ""))

    assert lines(compared(before, edited(("shop.orders", "orders")))) == []


def test_a_view_that_is_gone_breaks_its_explores_and_their_tiles() -> None:
    after = {name: text for name, text in JOINED.items() if name != "users.view.lkml"}
    (change,) = compared(JOINED, after).changes

    assert (change.verdict, change.kind, change.id) == ("breaking", "removed", "view:users")
    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/count"]


def test_a_view_that_is_the_same_but_for_its_name_was_renamed() -> None:
    after = edited(("view: users {", "view: customers {"), ("join: users {", "join: users { from: customers"), files=JOINED)
    before = edited(("view: users {", "view: users { sql_table_name: shop.users ;;"), files=JOINED)
    after = edited(("view: customers {", "view: customers { sql_table_name: shop.users ;;"), files=after)

    assert lines(compared(before, after)) == ["metadata only: view:customers renamed"]


def test_a_derived_table_is_compared_as_sql() -> None:
    pdt = 'view: d { derived_table: { sql: SELECT id FROM raw.t WHERE a = 1 ;; persist_for: "1 hour" } dimension: id {} }\n'
    before = SHOP | {"d.view.lkml": pdt}
    (same,) = compared(before, edited(("a = 1", "1 = a"), files=before)).changes
    (other,) = compared(before, edited(("a = 1", "a = 2"), files=before)).changes

    assert (same.verdict, same.property) == ("equivalent", "derived_table.sql")
    assert (other.verdict, affected(other)) == ("numbers may change", ["pdt:m/d"])


NATIVE = """view: n {
  derived_table: { explore_source: orders { column: id {} expression_custom_filter: %s ;; } }
  dimension: id {}
}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('${orders.status} = "a b"', '${orders.status} = "a  b"', True),
        ('${orders.status} = "a b"', '${orders.status}\n   = "a b"', False),
        ("1 # a\n + ${orders.id}", "1 # a + ${orders.id}", True),
    ],
)
def test_white_space_of_an_expression_means_something_only_where_it_is_quoted_or_ends_a_comment(
    old: str, new: str, said: bool
) -> None:
    found = lines(compared(SHOP | {"n.view.lkml": NATIVE % old}, SHOP | {"n.view.lkml": NATIVE % new}))

    assert found == (["numbers may change: view:n changed expression_custom_filter"] if said else [])


TAKING = """view: n {
  derived_table: { explore_source: shop { %s } }
  dimension: c {}
}
"""
SHOP_BY_ALIAS = edited(("explore: orders {}", "explore: orders {}\nexplore: shop { from: orders view_name: o }"))


@pytest.mark.rule("R5.6")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("column: total {}", "column: total { field: o.total }"),
        ("column: c { field: total }", "column: c { field: o.total }"),
        ('column: id {} filters: [total: ">1"]', 'column: id {} filters: [o.total: ">1"]'),
        ("column: id {} sorts: [total: desc]", "column: id {} sorts: [o.total: desc]"),
        (
            "column: id {} bind_filters: { from_field: x.id to_field: id }",
            "column: id {} bind_filters: { from_field: x.id to_field: o.id }",
        ),
    ],
    ids=["column", "field", "filters", "sorts", "bind_filters"],
)
def test_a_field_without_an_alias_is_that_of_the_base_view(old: str, new: str) -> None:
    one, other = (SHOP_BY_ALIAS | {"n.view.lkml": TAKING % text} for text in (old, new))

    assert lines(compared(one, other)) == lines(compared(other, one)) == []


@pytest.mark.rule("R5.6")
def test_a_field_without_an_alias_may_be_written_with_one_and_followed_at_once() -> None:
    before = SHOP_BY_ALIAS | {"n.view.lkml": TAKING % "column: total {}"}
    after = SHOP_BY_ALIAS | {"n.view.lkml": TAKING % "column: total { field: o.sales }"}
    after = edited(("measure: total {", "measure: sales {"), files=after)

    assert lines(compared(before, after)) == ["breaking: field:orders.sales renamed"]


@pytest.mark.rule("R5.6")
@pytest.mark.parametrize(
    "new",
    ["column: total { field: orders.total }", "column: total { field: o.rows }", "column: rows { field: o.total }"],
    ids=["other-view", "other-field", "other-name"],
)
def test_another_field_is_another_one_however_it_is_written(new: str) -> None:
    one, other = (SHOP_BY_ALIAS | {"n.view.lkml": TAKING % text} for text in ("column: total {}", new))

    assert lines(compared(one, other)) != []


@pytest.mark.rule("R5.6")
def test_a_table_that_names_the_base_view_by_no_alias_is_the_same_under_another_alias() -> None:
    before = SHOP_BY_ALIAS | {"n.view.lkml": TAKING % "column: total {}"}
    after = edited(("view_name: o }", "view_name: other }"), files=before)

    assert lines(compared(before, after)) == ["breaking: explore:m/shop changed view_name"]


@pytest.mark.rule("R5.20")
@pytest.mark.rule("R6.14")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('always_filter: { filters: [id: "1"] }', 'always_filter: { filters: [orders.id: "1"] }'),
        (
            'aggregate_table: a { query: { measures: [total] } materialization: { persist_for: "1 hour" } }',
            'aggregate_table: a { query: { measures: [orders.total] } materialization: { persist_for: "1 hour" } }',
        ),
    ],
    ids=["always_filter", "aggregate_table"],
)
def test_so_is_one_that_an_explore_names(old: str, new: str) -> None:
    one, other = (edited(("explore: orders {}", f"explore: orders {{ {text} }}")) for text in (old, new))

    assert lines(compared(one, other)) == lines(compared(other, one)) == []


def test_white_space_in_what_triggers_a_pdt_means_something_only_where_it_is_quoted() -> None:
    pdt = "view: d { derived_table: { sql: SELECT 1 AS id ;; sql_trigger_value: SELECT %s ;; } dimension: id {} }\n"
    one, other, wide = (SHOP | {"d.view.lkml": pdt % text} for text in ("'a b'", "'a  b'", "\n  'a b'"))

    assert lines(compared(one, other)) == ["numbers may change: view:d changed persistence"]
    assert lines(compared(one, wide)) == []


def test_who_builds_on_a_pdt_feels_its_change() -> None:
    first = 'view: a { derived_table: { sql: SELECT 1 AS id ;; persist_for: "1 hour" } dimension: id {} }\n'
    second = 'view: b { derived_table: { sql: SELECT id FROM ${a.SQL_TABLE_NAME} ;; persist_for: "2 hours" } dimension: id {} }\n'
    before = SHOP | {"a.view.lkml": first, "b.view.lkml": second}
    (change,) = compared(before, edited(("SELECT 1 AS id", "SELECT 2 AS id"), files=before)).changes

    assert affected(change) == ["pdt:m/a", "pdt:m/b"]


CHAIN = {
    "m.model.lkml": MODEL,
    "low.view.lkml": """view: low {
  derived_table: { sql: SELECT id, x FROM raw.t ;; persist_for: "1 hour" sortkeys: ["id"] publish_as_db_view: yes }
  dimension: id {}
}
view: copy { extends: [low] }
""",
    "between.view.lkml": "view: between { derived_table: { sql: SELECT id FROM ${low.SQL_TABLE_NAME} ;; } dimension: id {} }\n",
    "top.view.lkml": """view: top {
  derived_table: { sql: SELECT id FROM ${between.SQL_TABLE_NAME} ;; persist_for: "2 hours" }
  dimension: id {}
}
view: alone { derived_table: { sql: SELECT 1 AS id ;; persist_for: "3 hours" } dimension: id {} }
""",
}
"""Three PDTs that are made of one another or are copies, and one that has nothing to do with them."""


@pytest.mark.rule("R5.12")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('sortkeys: ["id"]', ""),
        ('sortkeys: ["id"]', 'sortkeys: ["id", "x"]'),
        ('sortkeys: ["id"]', 'distribution: "id"'),
        ("publish_as_db_view: yes", "publish_as_db_view: yes distribution_style: all"),
        ("publish_as_db_view: yes", 'publish_as_db_view: yes indexes: ["id"]'),
        ("publish_as_db_view: yes", 'publish_as_db_view: yes partition_keys: ["id"]'),
        ("publish_as_db_view: yes", 'publish_as_db_view: yes cluster_keys: ["id"]'),
        ("publish_as_db_view: yes", "publish_as_db_view: yes table_format: iceberg"),
        ("publish_as_db_view: yes", "publish_as_db_view: no"),
    ],
)
def test_a_pdt_that_is_built_in_another_way_is_built_anew_and_so_are_those_that_read_it(old: str, new: str) -> None:
    after = edited((old, new), files=CHAIN)
    found = compared(CHAIN, after).changes

    assert {(one.verdict, one.reason) for one in found} == {
        ("metadata only", "the table is built anew, with the same rows in it")
    }
    assert {identity for one in found for identity in affected(one)} == {"pdt:m/copy", "pdt:m/low", "pdt:m/top"}
    assert rebuilt(compiled(CHAIN), compiled(after)) == {"pdt:m/copy", "pdt:m/low", "pdt:m/top"}


@pytest.mark.rule("R5.11")
def test_a_derived_table_that_is_not_kept_is_not_built_anew() -> None:
    before = edited((' persist_for: "1 hour"', ""), files=CHAIN)
    (change,) = compared(before, edited(('sortkeys: ["id"]', 'sortkeys: ["x"]'), files=before)).changes

    assert (change.verdict, change.affected) == ("metadata only", ())
    assert change.reason == "it makes the table quick, and changes nothing in it"


def test_a_view_that_no_model_includes_changes_nothing() -> None:
    before = SHOP | {"lost/x.view.lkml": "view: x { dimension: a { sql: ${TABLE}.a ;; } }\n"}
    (change,) = compared(before, edited(("sql: ${TABLE}.a ;;", "sql: ${TABLE}.b ;;"), files=before)).changes

    assert (change.verdict, change.reason) == ("metadata only", "no model includes this view")


# -- explores ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (ON, "sql_on: ${orders.id} = ${users.id} ;;", "equivalent: join:m/orders/users changed sql_on"),
        (ON, "sql_on: ${users.id} = ${orders.price} ;;", "numbers may change: join:m/orders/users changed sql_on"),
        (ON, f"{ON} type: inner", "numbers may change: join:m/orders/users changed type"),
        (ON, f"{ON} type: left_outer", ""),
        (ON, f"{ON} relationship: many_to_one", ""),
        (ON, f"{ON} relationship: one_to_many", "numbers may change: join:m/orders/users changed relationship"),
        (ON, f'{ON} view_label: "U"', "metadata only: join:m/orders/users changed view_label"),
        (ON, f"{ON} fields: [users.id]", "breaking: explore:m/orders changed fields"),
        ("explore: orders {\n", "explore: orders { label: \"O\"\n", "metadata only: explore:m/orders changed label"),
        (
            "explore: orders {\n", "explore: orders { sql_always_where: ${id} > 1 ;;\n",
            "numbers may change: explore:m/orders changed sql_always_where",
        ),
        (
            "explore: orders {\n", 'explore: orders { always_filter: { filters: [status: "x"] }\n',
            "numbers may change: explore:m/orders changed always_filter.filters[status]",
        ),
        (
            "explore: orders {\n", "explore: orders { fields: [ALL_FIELDS*, -orders.rows]\n",
            "breaking: explore:m/orders changed fields",
        ),
        ("explore: orders {\n", "explore: orders { fields: [ALL_FIELDS*]\n", ""),
        ("explore: orders {\n", "explore: orders { extension: required\n", "breaking: explore:m/orders changed extension"),
        ("explore: orders {\n", "explore: orders { view_name: orders\n", ""),
    ],
)  # fmt: skip
def test_one_parameter_of_an_explore_is_one_change(old: str, new: str, said: str) -> None:
    assert lines(compared(JOINED, edited((old, new), files=JOINED))) == ([said] if said else [])


ROW_FILTERS = """explore: orders {
  access_filter: { field: orders.status user_attribute: region }
  access_filter: { field: orders.status user_attribute: team }
}"""
TWO_FILTERS = edited(("explore: orders {}", ROW_FILTERS))


@pytest.mark.rule("R6.14")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  access_filter: { field: orders.status user_attribute: region }\n", ""),
        ("  access_filter: { field: orders.status user_attribute: team }\n", ""),
        ("user_attribute: region", "user_attribute: country"),
    ],
)
def test_each_of_two_row_filters_on_one_field_counts(old: str, new: str) -> None:
    assert lines(compared(TWO_FILTERS, edited((old, new), files=TWO_FILTERS))) == [
        "numbers may change: explore:m/orders changed access_filter[orders.status]"
    ]


@pytest.mark.rule("R6.14")
def test_the_order_of_row_filters_is_no_change() -> None:
    after = {
        name: text.replace("region", "x").replace("team", "region").replace("attribute: x", "attribute: team")
        for name, text in TWO_FILTERS.items()
    }

    assert after != TWO_FILTERS
    assert lines(compared(TWO_FILTERS, after)) == []


def test_a_join_that_is_gone_breaks_the_tiles_with_its_fields_and_no_others() -> None:
    after = edited((f"  join: users {{ {ON} }}\n", ""), files=JOINED)
    (change,) = compared(JOINED, after).changes

    assert (change.verdict, change.kind, change.id) == ("breaking", "removed", "join:m/orders/users")
    assert affected(change) == ["dashboard:m/kpis", "tile:m/kpis/count"]


def test_the_way_to_a_tile_goes_through_a_field_by_which_it_feels_a_join() -> None:
    both = edited(("[orders.rows, users.city]", "[users.people, orders.rows, users.city]"), files=JOINED)
    (gone,) = compared(both, edited((f"  join: users {{ {ON} }}\n", ""), files=both)).changes
    [tile] = [one for one in gone.affected if one.node.id == "tile:m/kpis/count"]

    assert [(edge.source, edge.kind, edge.target) for edge in tile.path] == [
        ("explore:m/orders", "contains", "field:users.city"),
        ("field:users.city", "tile", "tile:m/kpis/count"),
    ]
    assert str(tile.path[-1].span) == "kpis.dashboard.lookml:21:41"


RENAMED_JOIN = (
    (f"join: users {{ {ON}", "join: buyers { from: users sql_on: ${buyers.id} = ${orders.id} ;;"),
    ("[orders.rows, users.city]", "[orders.rows, buyers.city]"),
)


@pytest.mark.rule("R6.2")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", []),
        ("required_access_grants: [staff]", ["breaking: join:m/orders/buyers changed required_access_grants"]),
        ('view_label: "Buyers"', ["metadata only: join:m/orders/buyers changed view_label"]),
        ("sql_table_name: shop.people ;;", ["numbers may change: join:m/orders/buyers changed sql_table_name"]),
        ("fields: [id]", ["breaking: explore:m/orders changed fields"]),
    ],
)
def test_what_else_differs_in_a_join_with_another_name_is_told_too(more: str, said: list[str]) -> None:
    (old, new), tile = RENAMED_JOIN
    changes = compared(JOINED, edited((old, f"{new} {more}"), tile, files=JOINED)).changes
    (renamed,) = (one for one in changes if one.kind == "renamed")

    assert [line(one) for one in changes if one.kind == "changed" and not one.id.startswith("tile:")] == said
    same = "this is the same join, with other changes" if said else "all else of this join is the same"
    assert renamed.reason == f"{same}, and whatever uses the old name breaks"


@pytest.mark.rule("R6.2")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("${ users.id } = ${orders.id} ;;", "${ buyers.id } = ${orders.id} ;;", []),
        ("${ users.id } = ${orders.id} ;;", "${buyers.id}  = ${orders.id} ;;", ["sql_on", "only white space differs"]),
        (
            "${users.id} = ${orders.id} ;; fields: [id, -users.city]",
            "${buyers.id} = ${orders.id} ;; fields: [id, -buyers.city]",
            [],
        ),
    ],
)
def test_a_join_with_another_name_is_the_same_however_its_sql_and_list_call_it(old: str, new: str, said: list[str]) -> None:
    before = edited((ON, f"from: users sql_on: {old}"), files=JOINED)
    after = edited(("join: users {", "join: buyers {"), (old, new), RENAMED_JOIN[1], files=before)
    renamed, *rest = (one for one in compared(before, after).changes if one.id.startswith("join:"))

    assert (renamed.kind, renamed.id, renamed.old) == ("renamed", "join:m/orders/buyers", "users")
    assert [text for one in rest for text in (one.property, one.reason)] == said


@pytest.mark.rule("R4.24")
def test_sql_that_follows_a_field_of_another_name_keeps_its_blanks() -> None:
    before = edited(("sql: ${price} ;;", "sql: ${ price } ;;"))
    after = edited(
        ("dimension: price {", "dimension: cost { alias: [price] sql: ${TABLE}.price ;;"),
        ("${ price }", "${ cost }"),
        files=before,
    )

    assert [one.id for one in compared(before, after).changes if one.id.endswith(".total")] == []


def test_a_join_is_felt_by_the_joins_that_build_on_it() -> None:
    more = "join: cities { sql_on: ${cities.id} = ${users.city} ;; }\n}"
    before = edited((f"{ON} }}\n}}", f"{ON} }}\n{more}"), ("[orders.rows, users.city]", "[orders.rows, cities.id]"), files=JOINED)
    before["users.view.lkml"] += "view: cities { dimension: id {} }\n"
    (change,) = compared(before, edited((ON, "sql_on: ${users.id} = ${orders.price} ;;"), files=before)).changes

    assert "tile:m/kpis/count" in affected(change)


def test_fields_that_a_set_offers_no_more_break() -> None:
    before = edited(
        ("explore: orders {}", "explore: orders { fields: [orders.shown*] }"),
        (
            "measure: rows { type: count }",
            "measure: rows { type: count }\n  set: shown { fields: [created_month, total, rows, status, id] }",
        ),
    )
    changes = compared(before, edited(("total, rows, status", "rows, status"), files=before)).changes
    offered = next(one for one in changes if one.id == "explore:m/orders")

    assert (offered.verdict, offered.reason) == ("breaking", "it offers `orders.total` no more")
    assert affected(offered) == ["dashboard:m/kpis", "tile:m/kpis/sales"]


def test_an_explore_that_is_the_same_but_for_its_name_was_renamed() -> None:
    after = edited(("explore: orders {}", "explore: sales { view_name: orders }"))
    (change,) = compared(SHOP, after).changes

    assert (change.kind, change.verdict, change.old, change.new) == ("renamed", "breaking", "orders", "sales")
    assert affected(change) == ["dashboard:m/kpis", "tile:m/kpis/count", "tile:m/kpis/sales"]


# -- dashboards --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: KPIs", "title: Numbers", "metadata only: dashboard:m/kpis changed title"),
        ("title: Sales", "title: Sold", "metadata only: tile:m/kpis/sales changed title"),
        ("type: looker_column", "type: looker_line", "metadata only: tile:m/kpis/sales changed type"),
        ('{orders.id: "1"}', '{orders.id: "2"}', "numbers may change: tile:m/kpis/sales changed filters[orders.id]"),
        ("limit: 10", "limit: 20", "numbers may change: tile:m/kpis/sales changed limit"),
        ("    listen: {State: orders.status}\n", "", "numbers may change: tile:m/kpis/sales changed listen"),
        ("[orders.rows]", "[orders.rows, orders.id]", "numbers may change: tile:m/kpis/count changed fields"),
        ("default_value: done", "default_value: open", "numbers may change: filter:m/kpis/State changed default_value"),
        ("  - name: count\n    explore: orders\n    fields: [orders.rows]\n", "", "breaking: tile:m/kpis/count removed"),
        ("  - name: count\n", "  - name: number\n", "metadata only: tile:m/kpis/number renamed"),
    ],
)
def test_one_parameter_of_a_dashboard_is_one_change(old: str, new: str, said: str) -> None:
    (change,) = compared(SHOP, edited((old, new))).changes

    assert lines(compared(SHOP, edited((old, new)))) == [said]
    assert affected(change)[:1] == ([] if change.verdict == "metadata only" else ["dashboard:m/kpis"])


MERGED = edited(
    more={
        "merged.dashboard.lookml": """
- dashboard: merged
  elements:
  - name: change
    merged_queries:
    - {explore: orders, fields: [orders.id, orders.total]}
    - {explore: orders, fields: [orders.id, orders.total]}
    dynamic_fields:
    - {table_calculation: change, expression: "${orders.total} / ${q1_orders.total}"}
    hidden_fields: [q1_orders.total]
"""
    }
)


@pytest.mark.rule("R12.10")
def test_another_calculation_of_what_a_tile_merges_may_change_its_numbers() -> None:
    after = edited(("} / ${q1", "} - ${q1"), files=MERGED)

    assert lines(compared(MERGED, after)) == ["numbers may change: tile:m/merged/change changed dynamic_fields"]


@pytest.mark.rule("R12.10")
def test_what_a_tile_does_with_its_merged_result_may_follow_a_renamed_field() -> None:
    new = {
        "kpis.dashboard.lookml": "orders.total",
        "merged.dashboard.lookml": "orders.total",
        "orders.view.lkml": "measure: total",
    }
    after = {name: text.replace(new.get(name, "-"), new.get(name, "-").replace("total", "sum")) for name, text in MERGED.items()}

    assert [one for one in lines(compared(MERGED, after)) if "tile:" in one] == []


def test_white_space_inside_the_filter_of_a_tile_means_something() -> None:
    before = edited(('{orders.id: "1"}', '{orders.id: "a b"}'))
    after = edited(('{orders.id: "1"}', '{orders.id: "a  b"}'))

    assert lines(compared(before, after)) == ["numbers may change: tile:m/kpis/sales changed filters[orders.id]"]


def test_a_filter_that_is_gone_breaks_the_tiles_that_listen_to_it() -> None:
    block = "  - name: State\n    type: field_filter\n    explore: orders\n    field: orders.status\n    default_value: done\n"
    (change,) = compared(SHOP, edited((block, ""))).changes

    assert (change.verdict, change.id, affected(change)) == (
        "breaking", "filter:m/kpis/State", ["dashboard:m/kpis", "tile:m/kpis/sales"],
    )  # fmt: skip


def test_the_order_of_tiles_without_names_is_no_change() -> None:
    before = edited(("  - name: sales\n    title", "  - title"), ("  - name: count\n    explore", "  - explore"))
    first, second = before["kpis.dashboard.lookml"].partition("  - title: Sales")[2].split("  - explore", 1)
    swapped = (
        before["kpis.dashboard.lookml"].partition("  - title: Sales")[0] + "  - explore" + second + "  - title: Sales" + first
    )

    assert lines(compared(before, before | {"kpis.dashboard.lookml": swapped})) == []


TWIN = "  - explore: orders\n    fields: [orders.id]\n"
SECOND = "  - name: State\n    type: string_filter\n    default_value: {}\n  elements:\n"


def test_one_of_two_tiles_without_names_that_are_the_same_is_not_lost_unsaid() -> None:
    two, one = ({**SHOP, "kpis.dashboard.lookml": SHOP["kpis.dashboard.lookml"] + TWIN * times} for times in (2, 1))

    assert [each.partition(":")[0] for each in lines(compared(two, one))] == ["breaking"]


def test_each_of_two_filters_of_one_name_is_compared() -> None:
    before, after = (edited(("  elements:\n", SECOND.format(value))) for value in ("a", "b"))
    first = edited(("default_value: done", "default_value: open"), files=before)

    assert lines(compared(before, after)) == ["numbers may change: filter:m/kpis/State changed default_value"]
    assert lines(compared(before, first)) == ["numbers may change: filter:m/kpis/State changed default_value"]


# -- models ------------------------------------------------------------------------------------------------------------


def test_another_connection_may_change_every_number_of_the_model() -> None:
    (change,) = compared(SHOP, edited(('connection: "c"', 'connection: "d"'))).changes

    assert (change.verdict, change.id, change.property) == ("numbers may change", "model:m", "connection")
    assert affected(change) == ["dashboard:m/kpis", "explore:m/orders", "tile:m/kpis/count", "tile:m/kpis/sales"]


def test_a_model_that_is_gone_is_one_change() -> None:
    more = SHOP | {"n.model.lkml": MODEL + "explore: orders {}\nexplore: more { from: orders }\n"}

    assert lines(compared(more, SHOP)) == ["breaking: model:n removed"]
    assert lines(compared(SHOP, more)) == ["metadata only: model:n added"]


BLOCK = {"orders.view.lkml": SHOP["orders.view.lkml"], "a.explore.lkml": "explore: orders {}\n"}
"""A block without model files."""


def test_the_first_model_file_of_a_block_takes_nothing_away() -> None:
    after = {"orders.view.lkml": BLOCK["orders.view.lkml"], "m.model.lkml": MODEL + 'explore: orders { label: "x" }\n'}

    assert lines(compared(BLOCK, after)) == ["metadata only: explore:m/orders changed label", "metadata only: model:m added"]
    assert lines(compared(after, BLOCK)) == [
        "metadata only: explore:project/orders changed label",
        "breaking: model:m removed",
    ]


def test_where_there_was_nothing_no_model_is_gone() -> None:
    assert lines(compared({}, SHOP)) == ["metadata only: model:m added"]
    assert lines(compared(SHOP, {})) == ["breaking: model:m removed"]


def test_an_explore_that_a_block_has_no_more_is_gone_though_models_are_new() -> None:
    after = {"orders.view.lkml": BLOCK["orders.view.lkml"], "m.model.lkml": MODEL, "n.model.lkml": ""}

    assert "breaking: explore:project/orders removed" in lines(compared(BLOCK, after))


def test_a_model_with_the_same_names_under_another_name_was_renamed() -> None:
    after = dict(SHOP)
    after["shop.model.lkml"] = after.pop("m.model.lkml")

    assert lines(compared(SHOP, after)) == ["breaking: model:shop renamed"]


@pytest.mark.rule("R13.1")
def test_each_assertion_of_a_data_test_is_compared() -> None:
    test = (
        "test: t {{ explore_source: orders {{ column: id {{}} }}\n"
        "assert: a {{ expression: {} ;; }} assert: b {{ expression: 2 ;; }} }}\n"
    )
    before = SHOP | {"m.model.lkml": SHOP["m.model.lkml"] + test.format(1)}
    after = SHOP | {"m.model.lkml": SHOP["m.model.lkml"] + test.format(3)}

    assert lines(compared(before, after)) == ["metadata only: test:m/t changed assert.expression"]


def test_a_datagroup_is_felt_by_the_pdts_that_it_triggers() -> None:
    trigger = "datagroup: nightly { sql_trigger: SELECT 1 ;; }\n"
    pdt = "view: d { derived_table: { sql: SELECT 1 AS id ;; datagroup_trigger: nightly } dimension: id {} }\n"
    before = SHOP | {"d.view.lkml": pdt, "m.model.lkml": SHOP["m.model.lkml"] + trigger}
    (change,) = compared(before, edited(("sql_trigger: SELECT 1 ;;", "sql_trigger: SELECT 2 ;;"), files=before)).changes

    assert (change.verdict, change.id, affected(change)) == ("numbers may change", "datagroup:m/nightly", ["pdt:m/d"])


@pytest.mark.rule("R11.1")
@pytest.mark.rule("R11.4")
def test_a_datagroup_is_felt_by_the_explores_that_it_caches_too() -> None:
    more = 'explore: own { from: orders persist_for: "1 hour" }\nexplore: d {}\n'
    group = 'datagroup: nightly { sql_trigger: SELECT 1 ;; max_cache_age: "1 hour" }\npersist_with: nightly\n'
    pdt = "view: d { derived_table: { sql: SELECT 1 AS id ;; datagroup_trigger: nightly } dimension: id {} }\n"
    before = SHOP | {"d.view.lkml": pdt, "m.model.lkml": SHOP["m.model.lkml"] + group + more}
    (trigger,) = compared(before, edited(("sql_trigger: SELECT 1 ;;", "sql_trigger: SELECT 2 ;;"), files=before)).changes
    (age,) = compared(before, edited(('max_cache_age: "1 hour"', 'max_cache_age: "2 hours"'), files=before)).changes

    cached = ["dashboard:m/kpis", "explore:m/d", "explore:m/orders", "tile:m/kpis/count", "tile:m/kpis/sales"]
    assert affected(trigger) == sorted((*cached, "pdt:m/d"))
    assert affected(age) == cached


@pytest.mark.rule("R11.4")
@pytest.mark.parametrize(
    ("old", "new", "said", "ways"),
    [
        (
            'max_cache_age: "1 hour"',
            'max_cache_age: "9 hours"',
            "datagroup:m/g changed max_cache_age",
            {"p": ("datagroup:m/g", "caches", "m.model.lkml:4"), "q": ("datagroup:m/g", "caches", "m.model.lkml:6")},
        ),
        ("g\nexplore", "h\nexplore", "model:m changed persist_with", {"p": ("model:m", "contains", "m.model.lkml:5")}),
        (
            "persist_with: g\nexplore",
            'persist_for: "2 hours"\nexplore',
            "model:m changed persist_for",
            {"p": ("model:m", "contains", "m.model.lkml:5")},
        ),
        (
            'connection: "c"',
            'connection: "d"',
            "model:m changed connection",
            {
                "p": ("model:m", "contains", "m.model.lkml:5"),
                "q": ("model:m", "contains", "m.model.lkml:6"),
                "r": ("model:m", "contains", "m.model.lkml:7"),
            },
        ),
    ],
)
def test_what_decides_of_explores_of_a_model_is_felt_by_those_that_nothing_shows_too(
    old: str, new: str, said: str, ways: dict[str, tuple[str, str, str]]
) -> None:
    files = {
        "m.model.lkml": """connection: "c" include: "*.view"
datagroup: g { max_cache_age: "1 hour" }
datagroup: h { max_cache_age: "2 hours" }
persist_with: g
explore: p {}
explore: q { from: p persist_with: g }
explore: r { from: p persist_for: "2 hours" }
explore: s { extension: required from: p }
""",
        "p.view.lkml": "view: p { dimension: id {} }\n",
    }
    changes = compared(files, edited((old, new), files=files)).changes
    change = next(one for one in changes if f"{one.id} {one.kind} {one.property}" == said)

    assert affected(change) == [f"explore:m/{name}" for name in ways]
    for one in change.affected:
        (hop,) = one.path
        told = hop.source, hop.kind, f"{hop.span.file}:{hop.span.line}" if hop.span is not None else ""
        assert told == ways[one.node.label]


AGED = SHOP | {
    "m.model.lkml": MODEL
    + 'persist_for: "1 hour"\nexplore: orders {}\ndatagroup: g { interval_trigger: "1 hour" max_cache_age: "1 hour" }\n'
    + 'explore: o { from: orders persist_for: "2 hours"\n  aggregate_table: a {\n'
    + "  query: { dimensions: [id] } materialization: { sql_trigger_value: SELECT 1 ;; }\n} }\n"
    + "explore: p { from: orders persist_with: g }\n",
    "d.view.lkml": 'view: d { derived_table: { sql: SELECT 1 AS id ;; persist_for: "3 hours" } dimension: id {} }\n',
}


@pytest.mark.rule("R5.11")
@pytest.mark.rule("R5.20")
@pytest.mark.rule("R11.4")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('persist_for: "1 hour"', 'persist_for: "4 hours"', "model:m changed persist_for"),
        ('persist_for: "1 hour"', "persist_with: g", "model:m changed persist_with"),
        ('max_cache_age: "1 hour"', 'max_cache_age: "4 hours"', "datagroup:m/g changed max_cache_age"),
        ('interval_trigger: "1 hour"', 'interval_trigger: "4 hours"', "datagroup:m/g changed interval_trigger"),
        ('persist_for: "2 hours"', 'persist_for: "4 hours"', "explore:m/o changed persist_for"),
        ("persist_with: g }", "}", "explore:m/p changed persist_with"),
        ("SELECT 1 ;; }", "SELECT 2 ;; }", "explore:m/o changed aggregate_table a"),
        ("dimensions: [id]", "dimensions: [id, status]", "explore:m/o changed aggregate_table a"),
        ('persist_for: "3 hours"', 'persist_for: "4 hours"', "view:d changed persistence"),
    ],
)
def test_whatever_decides_how_old_rows_are_may_change_numbers(old: str, new: str, said: str) -> None:
    changes = compared(AGED, edited((old, new), files=AGED)).changes
    change = next(one for one in changes if f"{one.id} {one.kind} {one.property}" == said)

    what = (
        "which answers are made of rows that are kept, and how old those are"
        if change.property.startswith("aggregate_table")
        else "how old the rows are that answers are made of"
    )
    assert (change.verdict, change.reason) == ("numbers may change", f"it decides {what}")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  title: KPIs", "  title: KPIs\n  query_timezone: UTC", "it decides in which time zone times are cut off and filtered"),
        ("view: orders {", "view: orders { extends: [more]", "whatever it inherits otherwise now is a change of its own"),
    ],
)
def test_a_reason_is_true_of_its_parameter(old: str, new: str, said: str) -> None:
    before = SHOP | {"more.view.lkml": "view: more {}\n"}

    assert [one.reason for one in compared(before, edited((old, new), files=before)).changes] == [said]


SHARED = edited(
    more={
        "m.model.lkml": MODEL
        + 'named_value_format: f { value_format: "0.0" }\n'
        + 'test: t { explore_source: orders { column: id {} filters: [orders.status: "a"] limit: 5 }\n'
        + "  assert: one { expression: ${orders.id} > 1 ;; } }\n"
        + "explore: orders { aggregate_table: a { query: { dimensions: [id] }\n"
        + "  materialization: { datagroup_trigger: g } } }\n"
        + "datagroup: g { sql_trigger: SELECT 1 ;; }\n"
    }
)


@pytest.mark.rule("R13.1")
@pytest.mark.parametrize(
    ("old", "new", "said", "reason"),
    [
        (
            '"0.0"', '"0.00"', "metadata only: model:m changed named_value_format f",
            "people see it, and no number depends on it",
        ),
        (
            '"0.0" }', '"0.0" strict_value_format: yes }', "metadata only: model:m changed named_value_format f",
            "people see it, and no number depends on it",
        ),
        (
            'orders.status: "a"', 'orders.status: "b"', "metadata only: test:m/t changed explore_source.filters[orders.status]",
            "it changes no data",
        ),
        ("column: id", "column: status", "metadata only: test:m/t changed column status", "it changes no data"),
        ("limit: 5", "limit: 6", "metadata only: test:m/t changed limit", "it changes no data"),
        ("> 1", "> 2", "metadata only: test:m/t changed assert.expression", "it changes no data"),
    ],
)  # fmt: skip
def test_what_models_share_is_compared_in_all_its_parts(old: str, new: str, said: str, reason: str) -> None:
    found = compared(SHARED, edited((old, new), files=SHARED))

    assert said in lines(found)
    assert {one.reason for one in found.changes} == {reason}


@pytest.mark.rule("R13.2")
def test_who_loses_and_who_gets_access_is_told() -> None:
    grant = "access_grant: staff {{ user_attribute: role allowed_values: [{}] }}\n"
    one, two = (SHOP | {"m.model.lkml": SHOP["m.model.lkml"] + grant.format(values)} for values in ('"a"', '"a", "b"'))
    (gained,), (lost,) = compared(one, two).changes, compared(two, one).changes

    assert (gained.verdict, gained.reason) == ("metadata only", "users with `b` get access")
    assert (lost.verdict, lost.reason) == ("breaking", "users with `b` lose access")


@pytest.mark.rule("R5.20")
def test_what_triggers_an_aggregate_table_is_told_once() -> None:
    (change,) = compared(SHARED, edited(("query: { dimensions: [id] }", "query: { dimensions: [status] }"), files=SHARED)).changes

    assert (change.old, change.new) == ("id, datagroup_trigger: g", "status, datagroup_trigger: g")


@pytest.mark.rule("R5.20")
@pytest.mark.parametrize("change", ["changed", "added", "removed"])
@pytest.mark.parametrize(
    ("fields", "is_felt"),
    [
        ("orders.total", True),
        ("orders.total, orders.half", True),
        ("orders.total, orders.created_month", True),
        ("orders.created_date, orders.rows", True),
        ("orders.total, orders.status", False),
        ("orders.most", False),
        ("orders.users, orders.total", False),
    ],
)
def test_an_aggregate_table_is_felt_by_what_it_can_answer(fields: str, is_felt: bool, change: str) -> None:
    table = """aggregate_table: a {
    query: { dimensions: [created_date] measures: [total, orders.rows] } materialization: { persist_for: "1 hour" }
  }"""
    more = """measure: half { type: number sql: ${total} / ${rows} ;; }
  measure: most { type: number sql: ${users} / ${rows} ;; }
  measure: users { type: count_distinct sql: ${status} ;; }"""
    native = "column: a { field: orders.total }" + (" column: s { field: orders.status }" if not is_felt else "")
    one = edited(
        ("explore: orders {}", f"explore: orders {{ {table} }}\nexplore: n {{}}"),
        ("measure: rows { type: count }", f"measure: rows {{ type: count }}\n  {more}"),
        more={
            "n.view.lkml": f"view: n {{ derived_table: {{ explore_source: orders {{ {native} }} }} dimension: a {{}} }}\n",
            "t.dashboard.lookml": f"""
- dashboard: t
  elements:
  - {{name: t, explore: orders, fields: [{fields}]}}
  - {{name: n, explore: n, fields: [n.a]}}
""",
        },
    )
    other = edited(("1 hour", "2 hours") if change == "changed" else (table, ""), files=one)
    (found,) = compared(*((other, one) if change == "added" else (one, other))).changes
    felt = set(affected(found)) & {"dashboard:m/t", "tile:m/t/t", "tile:m/t/n", "explore:m/n"}

    assert (found.verdict, felt) == (
        "numbers may change",
        {"dashboard:m/t", "tile:m/t/t", "tile:m/t/n", "explore:m/n"} if is_felt else set(),
    )


def test_another_time_zone_of_a_dashboard_is_felt_by_all_its_tiles() -> None:
    (change,) = compared(SHOP, edited(("  title: KPIs", "  title: KPIs\n  query_timezone: UTC"))).changes

    assert (change.verdict, affected(change)) == (
        "numbers may change", ["dashboard:m/kpis", "tile:m/kpis/count", "tile:m/kpis/sales"],
    )  # fmt: skip


def test_nothing_differs_from_itself() -> None:
    assert compared(JOINED, JOINED).changes == ()
    assert ORDERS in JOINED["orders.view.lkml"]


# -- dashboards that no model includes ---------------------------------------------------------------------------------

ALONE = {
    "m.model.lkml": 'include: "*.view"\nexplore: orders {}\n',
    "orders.view.lkml": SHOP["orders.view.lkml"],
    "kpis.dashboard.lookml": SHOP["kpis.dashboard.lookml"],
}
INCLUDED = edited(('include: "*.view"', 'include: "*.view"\ninclude: "*.dashboard"'), files=ALONE)


@pytest.mark.rule("R2.23")
def test_a_dashboard_that_a_model_includes_at_last_was_nowhere_before() -> None:
    assert lines(compared(ALONE, INCLUDED)) == ["metadata only: dashboard:m/kpis added"]
    assert lines(compared(INCLUDED, ALONE)) == ["breaking: dashboard:m/kpis removed"]


@pytest.mark.rule("R2.23")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (SHOP["kpis.dashboard.lookml"], ""),
        ("title: KPIs", "title: Numbers"),
        ("limit: 10", "limit: 20"),
        ("[orders.rows]", "[orders.lost]"),
        ("default_value: done", "default_value: open"),
        ("  - name: count\n    explore: orders\n    fields: [orders.rows]\n", ""),
    ],
)
def test_nobody_opens_a_dashboard_that_no_model_includes(old: str, new: str) -> None:
    (change,) = compared(ALONE, edited((old, new), files=ALONE)).changes

    assert (change.verdict, change.affected) == ("metadata only", ())
    assert change.reason == "no model includes this dashboard"


# -- tables that Looker builds -----------------------------------------------------------------------------------------

BUILT = {
    "m.model.lkml": MODEL
    + "datagroup: daily { sql_trigger: SELECT 1 ;; }\nexplore: orders {}\nexplore: sums {}\nexplore: child { from: child }\n",
    "orders.view.lkml": SHOP["orders.view.lkml"],
    "sums.view.lkml": """
view: sums {
  derived_table: { explore_source: orders { column: status {} column: total {} } datagroup_trigger: daily }
  dimension: status {}
  measure: all { type: sum sql: ${TABLE}.total ;; }
}
view: above { derived_table: { sql: SELECT status FROM ${sums.SQL_TABLE_NAME} ;; persist_for: "1 hour" } dimension: status {} }
view: template { extension: required dimension: a {} dimension: b {} }
view: child { extends: [template] sql_table_name: s.child ;; dimension: a { sql: ${TABLE}.aa ;; } }
""",
    "kpis.dashboard.lookml": "- dashboard: kpis\n  elements:\n  - {name: all, explore: sums, fields: [sums.all]}\n",
}


@pytest.mark.rule("R5.10")
def test_a_table_that_is_built_of_a_field_feels_that_it_is_otherwise() -> None:
    (change,) = compared(BUILT, edited(("sql: ${price}", "sql: 2 * ${price}"), files=BUILT)).changes

    assert {"pdt:m/sums", "pdt:m/above", "tile:m/kpis/all"} <= set(affected(change))
    (way,) = [one.path for one in change.affected if one.node.id == "pdt:m/above"]
    assert [(hop.source, hop.target) for hop in way] == [("field:orders.total", "view:sums"), ("view:sums", "view:above")]
    changes = compared(
        BUILT, edited(("measure: rows { type: count }", "measure: rows { type: sum sql: 1 ;; }"), files=BUILT)
    ).changes
    assert {one for change in changes for one in affected(change)} == {"explore:m/orders"}


@pytest.mark.rule("R11.1")
def test_whoever_reads_a_table_feels_when_it_is_built() -> None:
    (change,) = compared(BUILT, edited(("SELECT 1 ;;", "SELECT 2 ;;"), files=BUILT)).changes

    assert {"pdt:m/sums", "pdt:m/above", "tile:m/kpis/all", "explore:m/sums"} <= set(affected(change))


@pytest.mark.rule("R7.6")
def test_what_a_template_has_no_more_breaks_only_what_does_not_have_it_itself() -> None:
    assert lines(compared(BUILT, edited((" dimension: a {} dimension: b", " dimension: b"), files=BUILT))) == [
        "metadata only: field:template.a removed"
    ]
    assert lines(compared(BUILT, edited((" dimension: b {} }", " }"), files=BUILT))) == ["breaking: field:template.b removed"]


@pytest.mark.rule("R7.1")
def test_an_explore_that_extends_what_is_not_there_breaks() -> None:
    (change,) = compared(BUILT, edited(("explore: sums {}", "explore: sums { extends: [nothing] }"), files=BUILT)).changes

    assert (change.verdict, change.reason) == ("breaking", "it refers to `nothing`, which does not exist here")
    assert affected(change) == ["dashboard:m/kpis", "tile:m/kpis/all"]


@pytest.mark.rule("R4.40", "R5.6")
def test_a_native_derived_table_feels_that_its_explore_offers_a_field_no_more() -> None:
    table = 'derived_table: { explore_source: orders { column: id {} filters: [orders.status: "a"] } persist_for: "1 hour" }'
    files = {"days.view.lkml": f"view: days {{ {table} dimension: id {{}} }}\n", "days.dashboard.lookml": OF_DAYS}
    before = edited(("explore: orders {}", "explore: orders { } explore: days {}"), more=files)
    after = edited(("explore: orders { }", "explore: orders { fields: [ALL_FIELDS*, -orders.status] }"), files=before)
    [offered] = [one for one in compared(before, after).changes if one.id == "explore:m/orders"]

    assert offered.reason == "it offers `orders.status` no more"
    found = affected(offered)
    assert {"explore:m/days", "pdt:m/days", "tile:m/days/ids"} <= set(found)


OF_DAYS = """
- dashboard: days
  elements:
  - {name: ids, explore: days, fields: [days.id]}
"""


PEOPLE = """
- dashboard: people
  elements:
  - name: merged
    merged_queries:
    - {explore: orders, fields: [orders.id, orders.total]}
    - {explore: users, fields: [users.id, users.size], join_fields: [{source_field_name: orders.id, field_name: users.id}]}
    sorts: [q1_users.size desc]
"""


@pytest.mark.rule("R12.10")
@pytest.mark.parametrize("follows", [False, True])
def test_a_merged_tile_that_is_sorted_by_a_name_of_old_is_told_of_and_its_fields_have_only_followed(*, follows: bool) -> None:
    view = "view: users { dimension: id {} measure: size { type: count } }\n"
    files = {"users.view.lkml": view, "people.dashboard.lookml": PEOPLE}
    before = edited(("explore: orders {}", "explore: orders {} explore: users {}"), more=files)
    fields = ("[users.id, users.size]", "[users.id, users.headcount]")
    sort = [("q1_users.size", "q1_users.headcount")] if follows else []
    after = edited(("measure: size", "measure: headcount"), fields, *sort, files=before)
    found = [one for one in compared(before, after).changes if one.id.startswith("tile:")]

    assert [(one.property, one.old, one.verdict) for one in found] == (
        [] if follows else [("sorts", "q1_users.size", "numbers may change")]
    )
    assert all(affected(one) == ["dashboard:m/people", "tile:m/people/merged"] for one in found)
