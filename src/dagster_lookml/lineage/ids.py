"""Ids of what is a part of something: fields of views, tiles of dashboards."""

from __future__ import annotations

from dagster_lookml.semantic.objects import Element
from dagster_lookml.semantic.quoting import quoted


def field_id(view: str, field: str) -> str:
    """The id of a field by the id of its view and its declared name.

    >>> field_id("view:sales/orders", "total")
    'field:sales/orders.total'
    """
    return f"field:{view.removeprefix('view:')}.{quoted(field)}"


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
