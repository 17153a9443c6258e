"""LookML dashboards: elements, queries, filters, extends (R12)."""

from __future__ import annotations

import json

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.semantic.objects import Dashboard, Element, FilterTerm, Project, TileQuery
from dagster_lookml.source import Span
from tests.building import compiled, dashboard, rules

NOWHERE = Span("", 0, 0)  # a span equals every other

MODEL = """
    connection: "c"
    include: "*.dashboard"
    view: orders {
      dimension: id {}
      dimension: state {}
      dimension_group: created { type: time timeframes: [date, week] }
      measure: count { type: count }
    }
    view: users { dimension: id {} dimension: name {} }
    explore: orders { join: buyer { from: users sql_on: ${orders.id} = ${buyer.id} ;; } }
    explore: users {}
"""


def with_dashboards(text: str | bytes, **files: str) -> Project:
    """The model ``m`` with one dashboard file, and other files by their name without suffix."""
    others = {f"{name}.dashboard.lookml": content for name, content in files.items()}
    return compiled({"m.model.lkml": MODEL, "d.dashboard.lookml": text, **others})


def element(of: Dashboard, name: str) -> Element:
    return next(one for one in of.elements if one.name == name)


def tile(text: str) -> Element:
    """The only element of a dashboard; the text is a flow map without its braces."""
    [found] = dashboard(with_dashboards(f"- dashboard: d\n  elements:\n  - {{name: t, {text}}}\n"), "d").elements
    return found


def query(text: str) -> TileQuery:
    """The only query of a tile over the explore ``orders``."""
    [found] = tile(f"explore: orders, {text}").queries
    return found


def tile_rules(text: str, filters: str = "[]") -> list[str]:
    """What is found in a dashboard with one tile."""
    typed = text if text.startswith("type:") or ", type:" in text else f"type: table, {text}"
    return rules(with_dashboards(f"- dashboard: d\n  filters: {filters}\n  elements:\n  - {{name: t, {typed}}}\n"))


# -- files and identity ------------------------------------------------------------------------------------------------


@pytest.mark.rule("R12.1")
def test_a_file_may_hold_several_dashboards() -> None:
    project = with_dashboards("- dashboard: a\n  title: A\n- dashboard: b\n  title: B\n")

    assert [(one.name, one.title) for one in project.dashboards] == [("a", "A"), ("b", "B")]


@pytest.mark.rule("R12.1")
@pytest.mark.parametrize("text", ["", "# nothing here\n", "---\n", "-\n", "- null\n", "\n\n"])
def test_a_file_without_dashboards_is_no_fault(text: str) -> None:
    project = with_dashboards(text)

    assert project.dashboards == ()
    assert rules(project) == []


@pytest.mark.rule("R12.1")
@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf- dashboard: a\n  title: A\n",
        b"---\n- dashboard: a\n  title: A\n",
        b"- dashboard: a\r\n  title: A\r\n",
        b"-\n- dashboard: a\n  title: A\n-\n",
        b"- dashboard: a # first\n\n  title: A\n",
        b"- {dashboard: a, title: A}\n",
    ],
)
def test_dashboards_are_read_whatever_their_file_looks_like(text: bytes) -> None:
    project = with_dashboards(text)

    assert [(one.name, one.title) for one in project.dashboards] == [("a", "A")]
    assert rules(project) == []


@pytest.mark.rule("R12.1")
def test_tabs_and_repeated_keys_do_not_lose_a_dashboard() -> None:
    project = with_dashboards("- dashboard: a\n  title: First\n  title: A\n  elements:\n\t- name: t\n")

    found = dashboard(project, "a")

    assert (found.title, [one.name for one in found.elements]) == ("A", ["t"])


@pytest.mark.rule("R12.1")
def test_a_dashboard_knows_its_line() -> None:
    project = with_dashboards("# title\n\n- dashboard: a\n  elements:\n  - name: t\n    title: T\n")

    found = dashboard(project, "a")

    assert (found.span.file, found.span.line) == ("d.dashboard.lookml", 3)
    assert found.elements[0].span.line == 5


@pytest.mark.rule("R12.2")
@pytest.mark.rule("R2.23")
def test_every_model_that_includes_a_dashboard_has_its_own() -> None:
    project = compiled(
        {
            "a.model.lkml": 'connection: "c" include: "d.dashboard"',
            "b.model.lkml": 'connection: "c" include: "more.lkml"',
            "c.model.lkml": 'connection: "c"',
            "more.lkml": 'include: "d.dashboard"',
            "d.dashboard.lookml": "- dashboard: d\n",
        }
    )

    assert [(one.id, one.model) for one in project.dashboards] == [("dashboard:a/d", "a"), ("dashboard:b/d", "b")]


@pytest.mark.rule("R12.2")
@pytest.mark.rule("R2.23")
def test_a_dashboard_that_no_model_includes_belongs_to_none() -> None:
    project = compiled({"a.model.lkml": 'connection: "c"', "d.dashboard.lookml": "- dashboard: d\n"})

    assert [(one.name, one.model, one.included) for one in project.dashboards] == [("d", None, False)]


@pytest.mark.rule("R12.2")
def test_two_dashboards_of_one_name_in_one_model_are_an_error() -> None:
    project = with_dashboards("- dashboard: d\n", e="- dashboard: d\n")

    assert rules(project) == ["duplicate-dashboard"]


@pytest.mark.rule("R12.2")
def test_two_dashboards_of_one_name_in_two_models_are_no_error() -> None:
    project = compiled(
        {
            "a.model.lkml": 'connection: "c" include: "x.dashboard"',
            "b.model.lkml": 'connection: "c" include: "y.dashboard"',
            "x.dashboard.lookml": "- dashboard: d\n  title: X\n",
            "y.dashboard.lookml": "- dashboard: d\n  title: Y\n",
        }
    )

    assert (dashboard(project, "d", "a").title, dashboard(project, "d", "b").title) == ("X", "Y")
    assert rules(project) == []


@pytest.mark.rule("R12.3")
def test_a_dashboard_has_settings() -> None:
    settings = {
        "description": "All orders",
        "layout": "newspaper",
        "preferred_viewer": "dashboards-next",
        "preferred_slug": "x1",
        "refresh": "1 hour",
        "auto_run": "true",
        "crossfilter_enabled": "true",
        "filters_bar_collapsed": "false",
        "filters_location_top": "true",
        "enable_viz_full_screen": "true",
        "width": "1200",
        "tile_size": "100",
        "theme_name": "dark",
        "query_timezone": "UTC",
        "load_configuration": "wait",
        "show_applied_filters": "true",
        "embed_style": {"background_color": "#fff"},
        "tabs": [{"name": "one"}],
        "rows": [{"elements": ["t"]}],
    }
    project = with_dashboards(json.dumps([{"dashboard": "d", "title": "D", **settings}]))

    found = dashboard(project, "d")

    assert {key: json.loads(value) for key, value in found.properties} == settings
    assert (found.title, found.extension_required, found.extends) == ("D", False, ())
    assert rules(project) == []


# -- elements and their queries ----------------------------------------------------------------------------------------


@pytest.mark.rule("R12.4")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fields: [orders.id, orders.count]", ["orders.id", "orders.count"]),
        ("dimensions: [orders.id], measures: [orders.count]", ["orders.id", "orders.count"]),
        (
            "fields: [orders.id, orders.state, orders.count], pivots: [orders.state]",
            ["orders.id", "orders.state", "orders.count"],
        ),
        ("dimensions: [orders.id], pivots: [orders.state]", ["orders.id", "orders.state"]),
        ("fields: orders.id", ["orders.id"]),
    ],
)
def test_the_fields_of_a_tile_are_fields_or_dimensions_measures_and_pivots(text: str, expected: list[str]) -> None:
    assert [one.name for one in query(text).fields] == expected


@pytest.mark.rule("R12.4")
def test_what_a_tile_says_beside_its_query_are_options() -> None:
    text = (
        "title: T, type: looker_line, explore: orders, fields: [orders.id], limit: 500, total: true, row: 1, col: 2,"
        " fill_fields: [orders.created_date], hidden_fields: [orders.id], note_text: x, my_own_option: {a: [1]}"
    )

    found = tile(text)

    assert (found.name, found.written_name, found.title, found.type) == ("t", "t", "T", "looker_line")
    assert {key: json.loads(value) for key, value in found.properties} == {
        "limit": "500",
        "total": "true",
        "row": "1",
        "col": "2",
        "fill_fields": ["orders.created_date"],
        "hidden_fields": ["orders.id"],
        "note_text": "x",
        "my_own_option": {"a": ["1"]},
    }
    assert tile_rules(text) == []


@pytest.mark.rule("R12.4")
def test_two_elements_of_one_name_are_a_fault() -> None:
    elements = "".join(f"  - {{name: {name}, type: text}}\n" for name in "tut")
    project = with_dashboards(f"- dashboard: d\n  elements:\n{elements}")

    assert rules(project) == ["duplicate-element"]


@pytest.mark.rule("R12.5")
def test_a_tile_without_a_model_means_the_model_that_includes_it() -> None:
    model = 'connection: "c" include: "d.dashboard" view: orders { dimension: id {} } explore: orders {}'
    project = compiled(
        {
            "a.model.lkml": model,
            "b.model.lkml": model,
            "d.dashboard.lookml": "- dashboard: d\n  elements:\n  - {name: t, explore: orders, fields: [orders.id]}\n",
        }
    )

    found = {one.model: [(q.explore, q.model, q.written) for e in one.elements for q in e.queries] for one in project.dashboards}

    assert found == {"a": [("explore:a/orders", None, "orders")], "b": [("explore:b/orders", None, "orders")]}


@pytest.mark.rule("R12.5")
def test_a_tile_may_name_another_model_of_the_project() -> None:
    project = compiled(
        {
            "a.model.lkml": 'connection: "c" include: "d.dashboard"',
            "b.model.lkml": 'connection: "c" view: orders { dimension: id {} } explore: orders {}',
            "d.dashboard.lookml": (
                "- dashboard: d\n  elements:\n  - {name: t, type: table, model: b, explore: orders, fields: [orders.id]}\n"
            ),
        }
    )

    [found] = dashboard(project, "d", "a").elements

    assert [(one.explore, one.model, one.explore_name, one.written) for one in found.queries] == [
        ("explore:b/orders", "b", "orders", "b/orders")
    ]
    assert rules(project) == []


@pytest.mark.rule("R12.5")
def test_a_tile_of_a_model_that_is_not_in_the_project_is_no_error() -> None:
    assert tile("model: elsewhere, explore: sales, fields: [sales.id]").queries[0].explore is None
    assert tile_rules("model: elsewhere, explore: sales, fields: [sales.id]") == []


@pytest.mark.rule("R12.5")
@pytest.mark.parametrize("model", ["", "model: m, "])
def test_a_tile_of_an_explore_that_its_model_does_not_have_is_an_error(model: str) -> None:
    assert tile_rules(f"{model}explore: sales, fields: [sales.id]") == ["unknown-tile-explore"]


@pytest.mark.rule("R12.6")
@pytest.mark.rule("R6.5")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders.id", []),
        ("orders.created_date", []),
        ("buyer.name", []),
        ("share", []),
        ("orders.created", ["unknown-tile-field"]),
        ("orders.created_year", ["unknown-tile-field"]),
        ("orders.gone", ["unknown-tile-field"]),
        ("users.name", ["unknown-tile-field"]),
    ],
)
def test_the_fields_of_a_tile_go_by_alias_and_generated_name(name: str, expected: list[str]) -> None:
    assert tile_rules(f"explore: orders, fields: [{name}], dynamic_fields: [{{table_calculation: share}}]") == expected


@pytest.mark.rule("R12.6")
@pytest.mark.rule("R12.7")
@pytest.mark.rule("R12.8")
@pytest.mark.rule("R12.9")
@pytest.mark.rule("R12.11")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fields: [orders.gone]", "unknown-tile-field"),
        ("dimensions: [orders.gone]", "unknown-tile-field"),
        ("measures: [orders.gone]", "unknown-tile-field"),
        ("pivots: [orders.gone]", "unknown-tile-field"),
        ("filters: {orders.gone: x}", "unknown-tile-field"),
        ("listen: {Date: orders.gone}", "unknown-tile-field"),
        ("sorts: [orders.gone desc]", "unknown-tile-reference"),
        ("dynamic_fields: [{measure: n, based_on: orders.gone}]", "unknown-tile-reference"),
        ("dynamic_fields: [{measure: n, based_on: orders.id, filters: {orders.gone: x}}]", "unknown-tile-reference"),
        ('dynamic_fields: [{table_calculation: n, expression: "${orders.gone} + 1"}]', "unknown-tile-reference"),
    ],
)
def test_every_field_that_a_tile_names_must_exist(text: str, expected: str) -> None:
    assert tile_rules(f"explore: orders, {text}", "[{name: Date, type: date_filter}]") == [expected]


@pytest.mark.rule("R12.7")
@pytest.mark.parametrize("entry", ["orders.count", "orders.count desc", "orders.count desc 0", "orders.count asc 12"])
def test_the_first_word_of_a_sort_is_its_field(entry: str) -> None:
    assert [one.name for one in query(f"fields: [orders.count], sorts: [{entry}]").sorts] == ["orders.count"]


@pytest.mark.rule("R12.8")
@pytest.mark.parametrize(
    "text",
    [
        'filters: {orders.state: "done,open", buyer.name: "-NULL"}',
        'filters: [{orders.state: "done,open"}, {buyer.name: "-NULL"}]',
    ],
)
def test_the_filters_of_a_tile_are_a_map_from_field_to_expression(text: str) -> None:
    assert query(text).filters == (
        FilterTerm("filters", "orders.state", "done,open", NOWHERE),
        FilterTerm("filters", "buyer.name", "-NULL", NOWHERE),
    )


@pytest.mark.rule("R12.9")
def test_a_tile_listens_to_filters_of_its_dashboard() -> None:
    found = query("listen: {Order Date: orders.created_date, state: orders.state}")

    assert [(one.name, other.name) for one, other in found.listen] == [
        ("Order Date", "orders.created_date"),
        ("state", "orders.state"),
    ]


@pytest.mark.rule("R12.9")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Order Date", []),
        ("order date", ["unknown-dashboard-filter"]),
        ("OrderDate", ["unknown-dashboard-filter"]),
        ("Order  Date", ["unknown-dashboard-filter"]),
    ],
)
def test_the_filter_that_a_tile_listens_to_is_named_exactly(name: str, expected: list[str]) -> None:
    listen = f"explore: orders, fields: [orders.id], listen: {{{name}: orders.created_date}}"

    assert tile_rules(listen, "[{name: Order Date, type: date_filter}]") == expected


MERGED = """
- dashboard: d
  filters:
  - {name: State, type: string_filter}
  elements:
  - name: t
    type: looker_line
    merged_queries:
    - model: m
      explore: orders
      fields: [orders.created_date, orders.count]
      filters: {orders.state: done}
      sorts: [orders.count desc]
    - model: m
      explore: users
      fields: [users.name]
      join_fields: [{field_name: users.name, source_field_name: orders.created_date}]
    - model: elsewhere
      explore: sales
      fields: [sales.id]
    listen: [{State: orders.state}, {State: users.name}, {}]
"""


@pytest.mark.rule("R12.10")
def test_a_merged_tile_has_several_queries() -> None:
    project = with_dashboards(MERGED)

    [found] = dashboard(project, "d").elements

    assert [(one.explore, one.written, [f.name for f in one.fields]) for one in found.queries] == [
        ("explore:m/orders", "m/orders", ["orders.created_date", "orders.count"]),
        ("explore:m/users", "m/users", ["users.name"]),
        (None, "elsewhere/sales", ["sales.id"]),
    ]
    assert found.queries[0].filters == (FilterTerm("filters", "orders.state", "done", NOWHERE),)
    assert [one.name for one in found.queries[0].sorts] == ["orders.count"]
    assert rules(project) == []


@pytest.mark.rule("R12.9")
@pytest.mark.rule("R12.10")
def test_each_query_of_a_merged_tile_listens_for_itself() -> None:
    [found] = dashboard(with_dashboards(MERGED), "d").elements

    listens = [[(one.name, other.name) for one, other in merged.listen] for merged in found.queries]

    assert listens == [[("State", "orders.state")], [("State", "users.name")], []]


@pytest.mark.rule("R12.11")
@pytest.mark.parametrize(
    ("item", "name", "references", "expressions"),
    [
        (
            {"table_calculation": "share", "expression": "${orders.count} / 100"},
            "share",
            [],
            [("dynamic_fields.expression", "${orders.count} / 100")],
        ),
        (
            {"measure": "done", "based_on": "orders.id", "filters": {"orders.state": "done", "buyer.name": "A"}},
            "done",
            [("based_on", "orders.id"), ("filters", "orders.state"), ("filters", "buyer.name")],
            [],
        ),
        (
            {"measure": "late", "based_on": "orders.id", "filter_expression": "${orders.id} > 5"},
            "late",
            [("based_on", "orders.id")],
            [("dynamic_fields.filter_expression", "${orders.id} > 5")],
        ),
        (
            {"dimension": "band", "args": ["orders.id", "0"], "expression": "${orders.state}"},
            "band",
            [("args", "orders.id"), ("args", "0")],
            [("dynamic_fields.expression", "${orders.state}")],
        ),
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_dynamic_fields_define_names_and_refer_to_fields(
    item: dict[str, object], name: str, references: list[tuple[str, str]], expressions: list[tuple[str, str]], as_text: bool
) -> None:
    written = json.dumps(json.dumps([item])) if as_text else json.dumps([item])

    found = query(f"fields: [orders.id, {name}], dynamic_fields: {written}")

    assert found.local_names == (name,)
    assert [(one.parameter, one.name) for one in found.dynamic] == [(f"dynamic_fields.{key}", field) for key, field in references]
    assert [(one.parameter, one.value) for one in found.expressions] == expressions


@pytest.mark.rule("R12.11")
def test_a_dynamic_field_may_build_on_another_one() -> None:
    assert (
        tile_rules(
            "explore: orders, fields: [orders.id, n, twice], dynamic_fields:"
            ' [{measure: n, based_on: orders.id}, {table_calculation: twice, expression: "${n} * 2"}]'
        )
        == []
    )


# -- filters -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R12.12")
def test_a_field_filter_belongs_to_a_field_of_an_explore() -> None:
    project = with_dashboards(
        """
- dashboard: d
  filters:
  - name: State
    title: The State
    type: field_filter
    default_value: done
    allow_multiple_values: true
    required: false
    ui_config: {type: tag_list}
    explore: orders
    field: orders.state
  - {name: Name, type: field_filter, model: m, explore: users, dimension: users.name}
"""
    )

    state, name = dashboard(project, "d").filters

    assert (state.name, state.title, state.type, state.explore, state.written) == (
        "State",
        "The State",
        "field_filter",
        "explore:m/orders",
        "orders",
    )
    assert {key: json.loads(value) for key, value in state.properties} == {
        "default_value": "done",
        "allow_multiple_values": "true",
        "required": "false",
        "ui_config": {"type": "tag_list"},
    }
    assert (name.explore, name.written) == ("explore:m/users", "m/users")
    assert [one.field.name for one in (state, name) if one.field] == ["orders.state", "users.name"]
    assert rules(project) == []


@pytest.mark.rule("R12.12")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("explore: gone, field: gone.id", ["unknown-filter-explore"]),
        ("explore: orders, field: orders.gone", ["unknown-filter-field"]),
        ("explore: orders, field: users.name", ["unknown-filter-field"]),
        ("explore: orders, field: buyer.name", []),
        ("model: elsewhere, explore: gone, field: gone.id", []),
    ],
)
def test_the_field_of_a_field_filter_must_exist(text: str, expected: list[str]) -> None:
    project = with_dashboards(f"- dashboard: d\n  filters:\n  - {{name: f, type: field_filter, {text}}}\n")

    assert rules(project) == expected


@pytest.mark.rule("R12.12")
@pytest.mark.parametrize("of_type", ["date_filter", "string_filter", "number_filter"])
def test_only_a_field_filter_uses_an_explore(of_type: str) -> None:
    project = with_dashboards(
        f"- dashboard: d\n  filters:\n  - {{name: f, type: {of_type}, explore: orders, field: orders.state}}\n"
    )

    [found] = dashboard(project, "d").filters

    assert (found.type, found.explore, found.field) == (of_type, None, None)


@pytest.mark.rule("R12.13")
def test_a_filter_may_listen_to_other_filters() -> None:
    project = with_dashboards(
        """
- dashboard: d
  filters:
  - {name: State, type: field_filter, explore: orders, field: orders.state}
  - {name: Id, type: field_filter, explore: orders, field: orders.id, listens_to_filters: [State, Order Date]}
  - {name: Order Date, type: date_filter, listens_to_filters: []}
"""
    )

    assert [[one.name for one in some.listens_to] for some in dashboard(project, "d").filters] == [
        [],
        ["State", "Order Date"],
        [],
    ]


@pytest.mark.rule("R12.14")
@pytest.mark.parametrize(
    "text",
    [
        "type: text, title_text: Hello, subtitle_text: You, body_text: 'a ${b} {{ c }}'",
        "type: button, rich_content_json: '{}'",
        "type: looker_line, look_id: 12",
    ],
)
def test_a_tile_without_an_explore_has_no_query(text: str) -> None:
    assert tile(text).queries == ()
    assert tile_rules(text) == []


@pytest.mark.rule("R12.14")
@pytest.mark.parametrize("of_type", ["looker_line", "marketplace_viz_radial::radial-marketplace", "ci-line-chart"])
def test_a_tile_may_have_any_type(of_type: str) -> None:
    text = f"type: '{of_type}', explore: orders, fields: [orders.id]"

    assert (tile(text).type, len(tile(text).queries)) == (of_type, 1)
    assert tile_rules(text) == []


# -- extends -----------------------------------------------------------------------------------------------------------

BASE = """
- dashboard: base
  title: Base
  layout: newspaper
  filters:
  - {name: Date, type: date_filter, default_value: 7 days}
  - {name: State, type: string_filter}
  elements:
  - name: trend
    title: Trend
    explore: orders
    type: looker_line
    fields: [orders.created_date, orders.count]
    filters: {orders.state: done}
    listen: {Date: orders.created_date, State: orders.state}
  - name: total
    type: single_value
    explore: orders
    fields: [orders.count]
"""


@pytest.mark.rule("R12.15")
def test_a_child_overrides_single_keys_of_an_element() -> None:
    project = with_dashboards(f"{BASE}- dashboard: d\n  extends: base\n  elements:\n  - {{name: trend, title: New, width: 5}}\n")

    child = dashboard(project, "d")
    trend = element(child, "trend")

    assert [one.name for one in child.elements] == ["trend", "total"]
    assert (trend.title, trend.type, trend.properties) == ("New", "looker_line", (("width", '"5"'),))
    assert [[one.name for one in some.fields] for some in trend.queries] == [["orders.created_date", "orders.count"]]
    assert element(dashboard(project, "base"), "trend").title == "Trend"


@pytest.mark.rule("R12.15")
def test_new_elements_and_filters_are_added_behind_those_of_the_base() -> None:
    project = with_dashboards(
        f"""{BASE}
- dashboard: d
  extends: [base]
  filters:
  - {{name: Kind, type: string_filter}}
  - {{name: Date, default_value: 9 days}}
  elements:
  - {{name: more, type: table, explore: users, fields: [users.id]}}
  - {{type: text}}
"""
    )

    child = dashboard(project, "d")

    assert [(one.name, one.type, dict(one.properties)) for one in child.filters] == [
        ("Date", "date_filter", {"default_value": '"9 days"'}),
        ("State", "string_filter", {}),
        ("Kind", "string_filter", {}),
    ]
    assert [one.written_name for one in child.elements] == ["trend", "total", "more", None]
    assert rules(project) == ["unnamed-element"]


@pytest.mark.rule("R12.15")
def test_single_values_of_a_child_override_those_of_the_base() -> None:
    project = with_dashboards(f"{BASE}- dashboard: d\n  extends: base\n  title: Child\n  refresh: 1 hour\n")

    child = dashboard(project, "d")

    assert (child.title, child.extends) == ("Child", ("base",))
    assert child.properties == (("layout", '"newspaper"'), ("refresh", '"1 hour"'))


@pytest.mark.rule("R12.15")
@pytest.mark.parametrize(("key", "written"), [("listen", "{Date: orders.created_week}"), ("filters", "{orders.id: 5}")])
def test_a_map_of_an_element_is_replaced_as_a_whole(key: str, written: str) -> None:
    project = with_dashboards(f"{BASE}- dashboard: d\n  extends: base\n  elements:\n  - {{name: trend, {key}: {written}}}\n")

    [found] = element(dashboard(project, "d"), "trend").queries
    listen = [(one.name, other.name) for one, other in found.listen]
    filters = [(one.field, one.value) for one in found.filters]

    if key == "listen":
        assert (listen, filters) == ([("Date", "orders.created_week")], [("orders.state", "done")])
    else:
        assert (listen, filters) == ([("Date", "orders.created_date"), ("State", "orders.state")], [("orders.id", "5")])


@pytest.mark.rule("R12.15")
@pytest.mark.parametrize(
    ("extends", "own", "expected"),
    [("[a, b]", "", "B"), ("[b, a]", "", "A"), ("[a, b]", "title: C, ", "C"), ("[a]", "", "A"), ("a", "", "A")],
)
def test_later_bases_win_and_the_child_wins_over_all(extends: str, own: str, expected: str) -> None:
    project = with_dashboards(
        f"""
- {{dashboard: a, title: A, elements: [{{name: t, title: A, type: text}}]}}
- {{dashboard: b, title: B, elements: [{{name: t, title: B}}]}}
- {{dashboard: d, extends: {extends}, {own} elements: [{{name: t, {own} note_text: x}}]}}
"""
    )

    child = dashboard(project, "d")

    assert (child.title, [(one.title, one.type) for one in child.elements]) == (
        expected,
        [(expected, "text")],
    )


@pytest.mark.rule("R12.15")
def test_a_child_of_a_child_has_everything() -> None:
    project = with_dashboards(
        f"{BASE}- dashboard: c\n  extends: base\n  elements:\n  - {{name: total, title: C}}\n"
        "- dashboard: d\n  extends: c\n  elements:\n  - {name: total, type: single_value}\n"
    )

    total = element(dashboard(project, "d"), "total")

    assert (total.title, total.type, len(total.queries)) == ("C", "single_value", 1)


@pytest.mark.rule("R12.15")
def test_the_base_of_a_dashboard_may_stand_in_another_file_of_the_model() -> None:
    project = with_dashboards("- {dashboard: d, extends: base}\n", zz=BASE)

    assert [one.name for one in dashboard(project, "d").elements] == ["trend", "total"]
    assert rules(project) == []


@pytest.mark.rule("R12.15")
@pytest.mark.rule("R7.16")
def test_the_base_of_a_dashboard_must_be_included_in_the_same_model() -> None:
    project = compiled(
        {
            "a.model.lkml": 'connection: "c" include: "d.dashboard"',
            "b.model.lkml": 'connection: "c" include: "base.dashboard"',
            "d.dashboard.lookml": "- {dashboard: d, extends: base}\n",
            "base.dashboard.lookml": "- {dashboard: base, title: Base}\n",
        }
    )

    found = dashboard(project, "d", "a")

    assert (found.title, found.missing_parents) == (None, ("base",))
    assert [(one.rule, one.severity.value) for one in check(project)] == [("unknown-parent", "error")]


@pytest.mark.rule("R7.16")
def test_dashboards_that_extend_each_other_are_an_error() -> None:
    project = with_dashboards("- {dashboard: a, extends: b}\n- {dashboard: b, extends: a}\n- {dashboard: c, extends: c}\n")

    assert set(rules(project)) == {"circular-extends"}
    assert [one.name for one in project.dashboards] == ["a", "b", "c"]


@pytest.mark.rule("R12.15")
@pytest.mark.rule("R7.14")
def test_a_base_that_must_be_extended_stays_hidden_and_its_child_does_not() -> None:
    project = with_dashboards("- {dashboard: base, extension: required}\n- {dashboard: d, extends: base}\n")

    assert [(one.name, one.extension_required) for one in project.dashboards] == [("base", True), ("d", False)]


@pytest.mark.rule("R12.16")
@pytest.mark.rule("R9.1")
def test_constants_may_name_the_model_and_the_explore_of_a_tile() -> None:
    project = compiled(
        {
            "manifest.lkml": 'constant: MODEL { value: "m" } constant: SUBJECT { value: "orders" }',
            "m.model.lkml": MODEL,
            "d.dashboard.lookml": """
- dashboard: d
  elements:
  - {name: t, type: table, model: "@{MODEL}", explore: "@{SUBJECT}", fields: ["@{SUBJECT}.id"]}
""",
        }
    )

    [found] = dashboard(project, "d").elements

    assert [(one.explore, [f.name for f in one.fields]) for one in found.queries] == [("explore:m/orders", ["orders.id"])]
    assert rules(project) == []


@pytest.mark.rule("R12.17")
def test_a_dashboard_that_must_be_extended_is_checked_through_its_children() -> None:
    tile = "{name: t, type: table, explore: orders, fields: [orders.gone]}"
    base = f"- dashboard: base\n  extension: required\n  elements:\n  - {tile}\n"
    alone = with_dashboards(base)
    extended = with_dashboards(base + "- {dashboard: d, extends: base}\n")

    assert rules(alone) == []
    assert [(one.rule, one.object) for one in check(extended)] == [("unknown-tile-field", "dashboard:m/d")]


@pytest.mark.rule("R12.6")
@pytest.mark.rule("R12.11")
@pytest.mark.rule("R12.15")
def test_the_dashboards_of_the_rule_book_compile_without_a_finding() -> None:
    project = with_dashboards(
        """
- dashboard: base
  extension: required
  filters:
  - {name: Date, type: field_filter, explore: orders, field: orders.created_date}
  elements:
  - name: trend
    explore: orders                      # model = the including model
    type: looker_line
    fields: [orders.created_date, orders.count, share]
    sorts: [orders.created_date desc 0]
    dynamic_fields: [{table_calculation: share, expression: "${orders.count} / 100"}]
    listen: {Date: orders.created_date}
- dashboard: child
  extends: base
  elements:
  - name: trend                          # merged by name: only the title changes
    title: Trend
"""
    )

    [trend] = dashboard(project, "child").elements

    assert (trend.name, trend.title, trend.type) == ("trend", "Trend", "looker_line")
    assert [one.explore for one in trend.queries] == ["explore:m/orders"]
    assert rules(project) == []


@pytest.mark.rule("R12.15")
def test_a_base_that_is_met_on_many_ways_is_merged_once() -> None:
    """Forty dashboards, each over the two before it: there are a hundred million ways to the first."""
    text = "- dashboard: d0\n  elements:\n  - {name: t, title: A}\n  - {title: nameless, type: text}\n"
    text += "- {dashboard: d1, extends: [d0]}\n"
    text += "".join(f"- {{dashboard: d{at}, extends: [d{at - 1}, d{at - 2}]}}\n" for at in range(2, 40))

    project = with_dashboards(text)

    assert [one.title for one in dashboard(project, "d39").elements] == ["A", "nameless"]
    assert project.diagnostics == ()
