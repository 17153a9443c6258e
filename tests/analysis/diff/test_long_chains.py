"""Chains of thousands of objects are followed without recursion, and in the time that they need."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.analysis.diff.states import MODEL, affected, compared

LENGTH = 3_000
USERS = "view: users { dimension: id {} }\n"
TILE = "- dashboard: d\n  elements:\n  - name: t\n    explore: top\n    fields: [{}]\n"


def fields(first: str) -> dict[str, str]:
    """A join that needs the last of a chain of fields, of which each names the one before."""
    chain = "\n".join(f"dimension: d{n} {{ sql: ${{d{n - 1}}} + 1 ;; }}" for n in range(1, LENGTH))
    top = f"explore: top {{ join: users {{ sql_on: ${{top.d{LENGTH - 1}}} = ${{users.id}} ;; {first} }} }}\n"
    views = f"view: top {{ dimension: d0 {{}}\n{chain}\n}}\n" + USERS
    return {"m.model.lkml": MODEL + top, "v.view.lkml": views, "d.dashboard.lookml": TILE.format("top.d0, users.id")}


def filters(first: str) -> dict[str, str]:
    """Measures of which each is filtered by the one before; the last is what a tile shows."""
    chain = "\n".join(f'measure: d{n} {{ type: count filters: [d{n - 1}: "1"] }}' for n in range(1, LENGTH))
    top = f"explore: top {{ join: users {{ sql_on: ${{top.id}} = ${{users.id}} ;; {first} }} }}\n"
    views = f"view: top {{ dimension: id {{}} dimension: d0 {{ sql: ${{users.id}} ;; }}\n{chain}\n}}\n" + USERS
    return {"m.model.lkml": MODEL + top, "v.view.lkml": views, "d.dashboard.lookml": TILE.format(f"top.d{LENGTH - 1}")}


def joins(first: str) -> dict[str, str]:
    """Joins of which each is joined by the one before."""
    chain = "\n".join(f"join: j{n} {{ from: users sql_on: ${{j{n}.id}} = ${{j{n - 1}.id}} ;; }}" for n in range(1, LENGTH))
    top = f"explore: top {{ join: j0 {{ from: users sql_on: ${{top.id}} = ${{j0.id}} ;; {first} }}\n{chain}\n}}\n"
    views = "view: top { dimension: id {} }\n" + USERS
    return {"m.model.lkml": MODEL + top, "v.view.lkml": views, "d.dashboard.lookml": TILE.format(f"j{LENGTH - 1}.id")}


@pytest.mark.slow
@pytest.mark.rule("R6.13")
@pytest.mark.parametrize("chain", [fields, filters, joins], ids=["fields", "filters", "joins"])
def test_a_join_is_felt_at_the_end_of_a_long_chain(chain: Callable[[str], dict[str, str]]) -> None:
    found = compared(chain(""), chain("type: inner")).changes

    assert [one.property for one in found] == ["type"]
    assert affected(found[0]) == ["dashboard:m/d", "tile:m/d/t"]


def test_a_field_that_thousands_inherit_is_one_change() -> None:
    def extending(sql: str) -> dict[str, str]:
        chain = "".join(f"view: v{n} {{ extends: [v{n - 1}] }}\n" for n in range(1, 400))
        first = f"view: v0 {{ sql_table_name: t ;; dimension: a {{ sql: {sql} ;; }} }}\n"
        top = "explore: top { from: v399 view_name: v }\n"
        return {"m.model.lkml": MODEL + top, "v.view.lkml": first + chain, "d.dashboard.lookml": TILE.format("v.a")}

    (change,) = compared(extending("${TABLE}.a"), extending("${TABLE}.b")).changes

    assert change.id == "field:v0.a"
    assert affected(change) == ["dashboard:m/d", "explore:m/top", "tile:m/d/t"]
