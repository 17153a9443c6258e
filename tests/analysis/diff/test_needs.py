"""Which queries a join is part of (R6.13)."""

from __future__ import annotations

import pytest

from tests.analysis.diff.states import affected, compared, edited
from tests.analysis.diff.test_others import JOINED, ON

STATUS = "sql: ${TABLE}.status ;;"
BASE = edited(
    ("    fields: [orders.rows, users.city]", "    fields: [orders.rows, orders.status]"),
    ("    listen: {State: orders.status}\n", ""),
    files=JOINED,
)
"""A tile that shows the status, and one that does not; neither names the join."""


def felt(*changes: tuple[str, str]) -> list[str]:
    """Which tiles feel that the join keeps other rows."""
    before = edited(*changes, files=BASE)
    (change,) = compared(before, edited((ON, f"{ON} type: inner"), files=before)).changes
    return [one.removeprefix("tile:m/kpis/") for one in affected(change) if one.startswith("tile:")]


def test_a_join_that_nothing_names_is_felt_by_nobody() -> None:
    assert felt() == []


@pytest.mark.rule("R6.13")
@pytest.mark.parametrize(
    "field",
    [
        "sql: ${users.city} ;;",
        f"{STATUS} order_by_field: users.city",
        f"{STATUS} required_fields: [users.city]",
        f"{STATUS} html: {{{{ users.city._value }}}} ;;",
        f"{STATUS} html: {{% if users.city._rendered_value == 'x' %}} a {{% endif %}} ;;",
        f'{STATUS} link: {{ label: "a" url: "/x?{{{{ users.city._value }}}}" }}',
        f'{STATUS} label: "{{{{ users.city._value }}}}"',
        "sql: {{ users.city._sql }} ;;",
    ],
)
def test_a_field_brings_what_it_names_into_its_queries(field: str) -> None:
    assert felt((STATUS, field)) == ["count"]


@pytest.mark.rule("R10.15")
@pytest.mark.parametrize(
    "field",
    [
        "sql: {% if users.city._is_filtered %} 1 {% else %} ${TABLE}.status {% endif %} ;;",
        "sql: {% if users.city._in_query %} 1 {% else %} ${TABLE}.status {% endif %} ;;",
        f"{STATUS} drill_fields: [users.city]",
        f"{STATUS} html: users.city._value ;;",
    ],
)
def test_to_ask_whether_a_field_is_in_the_query_brings_no_join_into_it(field: str) -> None:
    assert felt((STATUS, field)) == []


@pytest.mark.rule("R6.14")
@pytest.mark.parametrize(
    ("explore", "tiles"),
    [
        ('always_filter: { filters: [users.city: "x"] }', ["count", "sales"]),
        ('conditionally_filter: { filters: [users.city: "x"] unless: [status] }', ["count", "sales"]),
        ('conditionally_filter: { filters: [status: "x"] unless: [users.city] }', []),
        ("sql_always_where: ${users.city} = 'x' ;;", ["count", "sales"]),
        ("sql_always_having: ${users.people} > 1 ;;", ["count", "sales"]),
        ("sql_always_where: {{ users.city._sql }} = 'x' ;;", ["count", "sales"]),
        ("access_filter: { field: users.city user_attribute: city }", ["count", "sales"]),
        ("always_join: [users]", ["count", "sales"]),
    ],
)
def test_an_explore_brings_what_it_names_into_every_query(explore: str, tiles: list[str]) -> None:
    assert felt(("explore: orders {\n", f"explore: orders {{ {explore}\n")) == tiles


@pytest.mark.rule("R5.7")
def test_a_native_table_needs_what_it_is_sorted_by() -> None:
    source = "explore_source: orders { column: id {} sorts: [users.city: asc] }"
    native = f'view: n {{ derived_table: {{ {source} persist_for: "1 hour" }} }}\n'
    before = BASE | {"n.view.lkml": native}
    (change,) = compared(before, edited((ON, f"{ON} type: inner"), files=before)).changes

    assert affected(change) == ["pdt:m/n"]
