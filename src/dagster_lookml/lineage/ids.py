"""Ids of what is a part of something: fields of views, tiles of dashboards, tables that Looker builds; and ids of many tables."""

from __future__ import annotations

import re
from functools import cache
from typing import Final
from urllib.parse import unquote

from dagster_lookml.semantic.objects import GROUP, Element
from dagster_lookml.semantic.quoting import quoted


def field_id(view: str, field: str) -> str:
    """The id of a field by the id of its view and its own name among the fields there.

    >>> field_id("view:sales/orders", "total")
    'field:sales/orders.total'
    >>> field_id("view:pages", "received~group")
    'field:pages.received~group'
    """
    name = field.removesuffix(GROUP)
    return f"field:{view.removeprefix('view:')}.{quoted(name)}{field.removeprefix(name)}"


def tile_id(dashboard: str, element: Element) -> str:
    """The id of a tile by the id of its dashboard.

    >>> from dagster_lookml.source import Span
    >>> span = Span("kpis.dashboard.lookml", 4, 5)
    >>> tile = Element(name="Net sales~2", written_name="Net sales", title=None, type=None, span=span)
    >>> tile_id("dashboard:sales/kpis", tile)
    'tile:sales/kpis/Net%20sales~2'
    """
    written = element.written_name
    name = element.name if written is None else quoted(written) + element.name.removeprefix(written)
    return f"tile:{dashboard.removeprefix('dashboard:')}/{name}"


def pdt_id(model: str, view: str) -> str:
    """The id of a PDT by its model and the name of its view.

    >>> pdt_id("sales", "order_totals")
    'pdt:sales/order_totals'
    """
    return f"pdt:{quoted(model)}/{quoted(view)}"


def aggregate_table_id(model: str, explore: str, name: str) -> str:
    """The id of an aggregate table (R5.20).

    >>> aggregate_table_id("sales", "orders", "by day")
    'pdt:sales/orders::by%20day'
    """
    return f"pdt:{quoted(model)}/{quoted(explore)}::{quoted(name)}"


def table_parts(identity: str) -> tuple[str, ...]:
    """The parts of a table's name by its id.

    >>> table_parts("table:shop-prod.raw.order%20items"), table_parts("table:{user.schema}.orders")
    (('shop-prod', 'raw', 'order items'), ('{user.schema}', 'orders'))
    """
    parts = [""]
    depth = 0
    for character in identity.removeprefix("table:"):
        depth += (character == "{") - (character == "}")
        if character == "." and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return tuple(unquote(part) for part in parts if part)


def is_open(table: str) -> bool:
    """Tell whether the id of a table may stand for several."""
    return "*" in table or "{" in table


def may_mean(table: str, other: str) -> bool:
    """Tell whether the id of a table stands for several, and that of another may be one of them.

    ``*`` is any end of a name (BigQuery's wildcard tables), ``{…}`` a part that nobody knows offline (R10.14). A table of whose
    own name nothing is known means none.

    >>> may_mean("table:p.d.events_*", "table:p.d.events_20240101"), may_mean("table:{schema}.orders", "table:live.orders")
    (True, True)
    >>> may_mean("table:{schema}.orders", "table:live.users"), may_mean("table:live.{name}", "table:live.users")
    (False, False)
    """
    return is_open(table) and table != other and _meaning(table).fullmatch(other) is not None


@cache
def _meaning(table: str) -> re.Pattern[str]:
    name = re.split(r"[.:]", table)[-1]
    if not _OPEN.sub("", name):
        return re.compile(r"(?!)")
    parts = (("[^.]*" if part == "*" else "[^.]+") if _OPEN.fullmatch(part) else re.escape(part) for part in _OPEN.split(table))
    return re.compile("".join(parts))


_OPEN: Final = re.compile(r"(\*|\{[^{}]*\})")
