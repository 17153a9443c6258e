"""Ids of what is a part of something: fields of views, tiles of dashboards."""

from __future__ import annotations

from dagster_lookml.semantic.quoting import quoted


def field_id(view: str, field: str) -> str:
    """The id of a field by the id of its view and its declared name.

    >>> field_id("view:sales/orders", "total")
    'field:sales/orders.total'
    """
    return f"field:{view.removeprefix('view:')}.{quoted(field)}"


def tile_id(dashboard: str, element: str) -> str:
    """The id of a tile by the id of its dashboard and its name.

    >>> tile_id("dashboard:sales/kpis", "Net sales")
    'tile:sales/kpis/Net%20sales'
    """
    return f"tile:{dashboard.removeprefix('dashboard:')}/{quoted(element)}"
