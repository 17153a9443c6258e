"""Ids of the tables that Looker builds: PDTs, and the aggregate tables of explores."""

from __future__ import annotations

from dagster_lookml.semantic.quoting import quoted


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
