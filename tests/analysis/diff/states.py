"""Two states of a small project that a test writes down, compared."""

from __future__ import annotations

from collections.abc import Mapping

from dagster_lookml.analysis.diff import diff
from dagster_lookml.analysis.diff.change import Change, Diff
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.config import Config
from dagster_lookml.lineage.answer import trace_project
from dagster_lookml.semantic.compile import compile_project
from dagster_lookml.source import MemoryTree
from dagster_lookml.workspace.answer import TracedProject, summary_of

MODEL = 'connection: "c"\ninclude: "*.view"\ninclude: "*.dashboard"\n'
ORDERS = """
  sql_table_name: shop.orders ;;
  dimension: id { primary_key: yes }
  dimension: status { sql: ${TABLE}.status ;; }
  dimension: price { type: number hidden: yes }
  dimension_group: created { type: time timeframes: [date, week, month] }
  measure: total { type: sum sql: ${price} ;; }
  measure: rows { type: count }
"""
DASHBOARD = """
- dashboard: kpis
  title: KPIs
  filters:
  - name: State
    type: field_filter
    explore: orders
    field: orders.status
    default_value: done
  elements:
  - name: sales
    title: Sales
    type: looker_column
    explore: orders
    fields: [orders.created_month, orders.total]
    filters: {orders.id: "1"}
    listen: {State: orders.status}
    limit: 10
  - name: count
    explore: orders
    fields: [orders.rows]
"""
SHOP = {
    "m.model.lkml": MODEL + "explore: orders {}\n",
    "orders.view.lkml": "view: orders {" + ORDERS + "}\n",
    "kpis.dashboard.lookml": DASHBOARD,
}

SPOKE = {
    "manifest.lkml": 'project_name: "spoke"\nlocal_dependency: { project: "hub" }\n',
    "m.model.lkml": """connection: "c"
include: "//hub/all"
include: "*.view"
include: "*.dashboard"
explore: orders { label: "Orders" }
explore: +sales {
  label: "Sales"
  sql_always_where: ${sales.day} > 1 ;;
  join: users { relationship: many_to_one sql_on: ${sales.user_id} = ${users.id} ;; }
}
""",
    "orders.view.lkml": """view: +orders {
  label: "Orders"
  dimension: status { hidden: yes }
  dimension_group: created { type: time timeframes: [date, week] }
  measure: total { type: sum sql: ${TABLE}.price ;; filters: [status: "done"] }
  measure: double { type: number sql: ${total} * 2 ;; }
}
""",
    "users.view.lkml": "view: users { dimension: id { primary_key: yes } dimension: city { sql: ${TABLE}.city ;; } }\n",
    "kpis.dashboard.lookml": """
- dashboard: kpis
  elements:
  - {name: total, explore: orders, fields: [orders.total]}
  - {name: double, explore: orders, fields: [orders.double]}
  - {name: week, explore: orders, fields: [orders.created_week]}
  - {name: other, explore: orders, fields: [orders.of_the_base]}
  - {name: elsewhere, explore: shipments, fields: [shipments.id, orders.total]}
  - {name: sales, explore: sales, fields: [sales.amount]}
  - {name: cities, explore: sales, fields: [users.city]}
""",
}
"""A project that refines what it imports, without the project that it imports."""


def state(files: Mapping[str, str], config: Config | None = None) -> State:
    """One state of a project."""
    config = config or Config()
    project = compile_project(MemoryTree(files), config)
    found = trace_project(project, config)
    traced = TracedProject(summary_of(found, ()), lambda: project, lambda: found.lineage)
    return State(traced, config, lambda more: trace_project(more, config).lineage.graph)


def compared(before: Mapping[str, str], after: Mapping[str, str], config: Config | None = None) -> Diff:
    """The differences between two states."""
    return diff(state(before, config), state(after, config))


def edited(
    *replacements: tuple[str, str], files: Mapping[str, str] = SHOP, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The files with some text replaced, each of which must be there exactly once; and with more files."""
    texts = dict(files)
    for old, new in replacements:
        (name,) = [name for name, text in texts.items() if old in text]
        assert texts[name].count(old) == 1, old
        texts[name] = texts[name].replace(old, new)
    return texts | dict(more or {})


def lines(found: Diff) -> list[str]:
    """Each change in a line: its verdict, what it is about, and how it differs."""
    return [line(one) for one in found.changes]


def line(one: Change) -> str:
    """``verdict: id kind property``."""
    return f"{one.verdict}: {one.id} {one.kind} {one.property}".rstrip()


def affected(one: Change) -> list[str]:
    """The ids of who feels a change."""
    return sorted(each.node.id for each in one.affected)
