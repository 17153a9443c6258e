"""Laws of `diff`: nothing differs from itself, and the way back is the mirror of the way there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_lookml.analysis.diff import diff
from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.workspace import Workspace
from tests.analysis.diff.states import edited, state
from tests.analysis.diff.test_others import JOINED, ON
from tests.corpora import CORPORA, FIXTURES, NAMES

EDITS = (
    ("sql: ${TABLE}.status ;;", "sql: UPPER(${TABLE}.status) ;;"),
    ("  measure: total { type: sum sql: ${price} ;; }\n", ""),
    ("measure: rows {", "measure: orders {"),
    ("[date, week, month]", "[date, month, year]"),
    ("primary_key: yes }\n  dimension: status", "primary_key: yes label: \"Key\" }\n  dimension: status"),
    ("shop.orders", "shop.sales"),
    (ON, f"{ON} type: inner"),
    ("explore: orders {\n", "explore: orders { sql_always_where: ${id} > 1 ;;\n"),
    ("view: users {", "view: users { sql_table_name: shop.users ;;"),
    ('connection: "c"', 'connection: "d"'),
    ("title: KPIs", "title: Numbers"),
    ("limit: 10", "limit: 20"),
    ("default_value: done", "default_value: open"),
    ("    listen: {State: orders.status}\n", ""),
)  # fmt: skip
MIRROR = {"added": "removed", "removed": "added", "changed": "changed", "renamed": "renamed"}


@cache
def edited_state(numbers: tuple[int, ...]) -> State:
    """The shop with some of the edits."""
    files: Mapping[str, str] = JOINED
    for number in numbers:
        files = edited(EDITS[number], files=files)
    return state(files)


def told(changes: tuple[Change, ...]) -> set[tuple[str, str, str, str | None, str | None]]:
    return {(_subject(one, one.new), one.kind, one.property, one.old, one.new) for one in changes}


def mirrored(changes: tuple[Change, ...]) -> set[tuple[str, str, str, str | None, str | None]]:
    return {(_subject(one, one.old), MIRROR[one.kind], one.property, one.new, one.old) for one in changes}


def _subject(one: Change, name: str | None) -> str:
    """Its id; of a renamed object with the name that it has on one side."""
    return one.id if one.kind != "renamed" else f"{one.id.rpartition('.')[0]}.{name}"


SOME = st.sets(st.integers(0, len(EDITS) - 1), max_size=4).map(lambda numbers: tuple(sorted(numbers)))


@settings(deadline=None)  # the first states are made in it
@given(SOME, SOME)
def test_the_way_back_is_the_mirror_of_the_way_there(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    there, back = diff(edited_state(first), edited_state(second)), diff(edited_state(second), edited_state(first))

    assert told(there.changes) == mirrored(back.changes)
    assert bool(there.changes) == (first != second)


@settings(deadline=None)
@given(SOME)
def test_nothing_differs_from_itself(numbers: tuple[int, ...]) -> None:
    assert diff(edited_state(numbers), edited_state(numbers)).changes == ()


@pytest.mark.parametrize("name", [*NAMES, "storefront"])
def test_nothing_of_a_real_repository_differs_from_itself(name: str) -> None:
    root: Path = FIXTURES / "projects" / name if name == "storefront" else CORPORA / name
    if not root.is_dir():
        pytest.skip(f"no corpora at {CORPORA}; set LOOKML_CORPORA to a folder with {name}")
    states = []
    for _ in range(2):  # read twice, so that no object is the same one
        workspace = Workspace(root)
        states.append(State(workspace.lineage(), workspace.config))

    assert diff(*states).changes == ()
