"""Many fields that are gone from views in many explores are told of in the time that they need."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest

from tests.analysis.diff.states import MODEL, compared

EXPLORES, JOINS, FIELDS = 20, 60, 200


def files(names: Iterable[int]) -> dict[str, str]:
    """A view with fields that the filters of many explores name, and the joins there one more."""
    fields = "\n".join(f"dimension: f{one} {{ sql: ${{TABLE}}.f{one} ;; }}" for one in names)
    joins = "\n".join(
        f"join: j{one} {{ from: v sql_on: ${{j{one}.id}} = ${{v.id}} AND ${{v.f{FIELDS}}} > {one} ;; }}" for one in range(JOINS)
    )
    where = " AND ".join(f"${{v.f{one}}} > 1" for one in range(FIELDS))
    explores = "\n".join(
        f"explore: e{one} {{ from: v view_name: v sql_always_where: {where} ;;\n{joins} }}" for one in range(EXPLORES)
    )
    return {
        "m.model.lkml": MODEL + explores,
        "v.view.lkml": f"view: v {{ sql_table_name: t ;;\ndimension: id {{ primary_key: yes }}\n{fields}\n}}\n",
    }


@pytest.mark.slow
def test_many_fields_that_are_gone_cost_no_reading_of_all_explores_each() -> None:
    before, after = files(range(FIELDS + 1)), files((FIELDS,))
    started = time.monotonic()
    changes = compared(before, after).changes

    assert [one.verdict for one in changes] == ["breaking"] * FIELDS
    assert all(len(one.affected) == EXPLORES for one in changes)
    assert time.monotonic() - started < 12
