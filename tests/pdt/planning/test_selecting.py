"""Selectors over PDTs, in dbt's grammar."""

from __future__ import annotations

import pytest

from dagster_lookml.errors import SelectorError
from dagster_lookml.pdt.planning.selecting import PdtSelection
from tests.pdt.projects import NIGHTLY, pdt, plan_of

FILES = {
    "sales.model.lkml": 'connection: "east"\ninclude: "/shared/*.view.lkml"\ninclude: "/sales/*.view.lkml"\n'
    + NIGHTLY
    + 'explore: plain { aggregate_table: rollup { query: { dimensions: [id] } materialization: { persist_for: "1 hour" } } }\n',
    "stock.model.lkml": 'connection: "west"\ninclude: "/shared/*.view.lkml"\n' + NIGHTLY,
    "shared/base.view.lkml": pdt("base", "SELECT id FROM raw.orders", "datagroup_trigger: nightly"),
    "sales/middle.view.lkml": pdt("middle", "SELECT id FROM ${base.SQL_TABLE_NAME} JOIN raw.users USING (id)"),
    "sales/top.view.lkml": pdt("top", "SELECT id FROM ${middle.SQL_TABLE_NAME}").replace(
        "view: top {", 'view: top { tags: ["core"]'
    ),
    "sales/loose.view.lkml": pdt("loose", "SELECT 1 AS id", ""),
    "sales/plain.view.lkml": "view: plain { sql_table_name: raw.t ;; }\n",
}
STATES = {"new": frozenset({"pdt:sales/top"}), "changed": frozenset({"pdt:sales/base"})}


def chosen(*selectors: str, exclude: tuple[str, ...] = ()) -> list[str]:
    found = PdtSelection(plan_of(FILES), STATES).select(selectors, exclude)
    return sorted(one.removeprefix("pdt:") for one in found)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("pdt:sales/base", ["sales/base"]),
        ("sales/base", ["sales/base"]),
        ("base", ["sales/base", "stock/base"]),
        ("pdt:base", ["sales/base", "stock/base"]),
        ("view:base", ["sales/base", "stock/base"]),
        ("pdt:sales/*", ["sales/base", "sales/middle", "sales/top"]),
        ("*o*", ["sales/top", "stock/base"]),
        ("+sales/middle", ["sales/base", "sales/middle"]),
        ("sales/base+", ["sales/base", "sales/middle", "sales/top"]),
        ("sales/base+1", ["sales/base", "sales/middle"]),
        ("1+pdt:sales/top", ["sales/middle", "sales/top"]),
        ("@sales/middle", ["sales/base", "sales/middle", "sales/top"]),
        ("model:stock", ["stock/base"]),
        ("connection:ea*", ["sales/base", "sales/middle", "sales/top"]),
        ("path:shared", ["sales/base", "stock/base"]),
        ("path:*/top.view.lkml", ["sales/top"]),
        ("tag:core", ["sales/top"]),
        ("datagroup:night*", ["sales/base", "stock/base"]),
        ("persistence:persist_for", ["sales/middle", "sales/top"]),
        ("persistence:persist_for,+sales/middle", ["sales/middle"]),
        ("table:raw.users+", ["sales/middle", "sales/top"]),
        ("table:orders+1", ["sales/base", "stock/base"]),
        ("table:raw.*+", ["sales/base", "sales/middle", "sales/top", "stock/base"]),
        ("state:new", ["sales/top"]),
        ("state:changed+1", ["sales/base", "sales/middle"]),
    ],
)
def test_a_selector_names_pdts(selector: str, expected: list[str]) -> None:
    assert chosen(selector) == expected


def test_several_selectors_add_up_and_others_are_left_out() -> None:
    assert chosen("tag:core", "model:stock") == ["sales/top", "stock/base"]
    assert chosen("model:sales", exclude=("sales/middle+",)) == ["sales/base"]
    assert chosen(exclude=("model:sales",)) == ["stock/base"]


@pytest.mark.parametrize(
    ("selector", "reason"),
    [
        ("pdt:sales/bse", "model sales has no view bse; did you mean base?"),
        ("midle", "no persistent derived table has this name; did you mean pdt:middle?"),
        ("stock/middle", "sales/middle.view.lkml:1: model stock does not include view middle; included by sales"),
        ("plain", "sales/plain.view.lkml:1: view plain is no derived table, so there is nothing to build"),
        ("+sales/loose", "not persistent: its derived_table has none of datagroup_trigger"),
        ("nothing/base", "there is no model nothing"),
        ("pdt:x*", "no persistent derived table has this name"),
        ("model:sale", "no PDT has this model; did you mean model:sales?"),
        ("datagroup:nightl", "no PDT has this datagroup; did you mean datagroup:nightly?"),
        ("persistence:persistfor", "no PDT has this persistence; did you mean persistence:persist_for?"),
        ("persistence:interval_trigger", "no PDT has this persistence"),
        ("table:raw.users", "a table is read and not built; table:raw.users+ is what reads it"),
        ("table:raw.user+", "no PDT reads such a table; did you mean table:raw.users?"),
        ("explore:orders", "there is no selector explore: of PDTs; there are pdt:, view:, model:"),
        ("state:old", "no such state; there are changed, new"),
        ("", "'': it names nothing; write for example +sales/order_totals"),
        ("model:sales,", "'model:sales,': a part of it names nothing"),
        (",base", "',base': a part of it names nothing"),
        ("base,+", "'base,+': a part of it names nothing"),
        ("sales/plain::rollup", "sales/plain::rollup: sales.model.lkml:5: rollup is an aggregate table of the explore plain"),
        ("pdt:sales/plain::rollup", "pdt:sales/plain::rollup: sales.model.lkml:5: rollup is an aggregate table"),
    ],
)
def test_a_selector_that_names_nothing_says_why(selector: str, reason: str) -> None:
    with pytest.raises(SelectorError) as error:
        chosen(selector)

    assert reason in str(error.value)


def test_a_state_needs_a_base() -> None:
    with pytest.raises(SelectorError, match="add --base REF"):
        PdtSelection(plan_of(FILES)).one("state:new")
