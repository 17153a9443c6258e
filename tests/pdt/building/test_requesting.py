"""From a plan to what Looker is asked for."""

from __future__ import annotations

import pytest

from dagster_lookml.errors import BuildRequestError
from dagster_lookml.pdt.building.requesting import build_requests, upstream_names
from dagster_lookml.pdt.planning.plan import Plan
from dagster_lookml.pdt.request import PdtName
from tests.pdt.projects import pdt, plan_of


def reading(name: str, *others: str) -> str:
    tables = " JOIN ".join(f"${{{one}.SQL_TABLE_NAME}}" for one in others) or "raw"
    return pdt(name, f"SELECT 1 AS id FROM {tables}")


CHAIN = reading("a") + reading("b", "a") + reading("c", "b") + reading("other")


def names(plan: Plan, name: str) -> list[str]:
    return sorted(one.view for one in upstream_names(plan)[PdtName("m", name)])


def asked_for(plan: Plan, *views: str, **how: bool) -> dict[str, tuple[bool, bool]]:
    found = build_requests(plan, [f"pdt:m/{one}" for one in views], **how)  # type: ignore[arg-type]
    return {one.pdt.view: (one.force_rebuild, one.force_full_incremental) for one in found}


def test_what_a_pdt_reads_through_others_is_upstream_of_it() -> None:
    plan = plan_of(CHAIN)

    assert [names(plan, one) for one in ("a", "b", "c", "other")] == [[], ["a"], ["a", "b"], []]


def test_what_a_pdt_reads_through_temporary_tables_is_upstream_of_it() -> None:
    temporary = pdt("t", "SELECT 1 AS id FROM ${a.SQL_TABLE_NAME}", "")

    assert names(plan_of(reading("a") + temporary + reading("b", "t")), "b") == ["a"]


def test_requests_come_in_the_order_of_building_whatever_was_asked_for_first() -> None:
    assert list(asked_for(plan_of(CHAIN), "c", "other", "a", "b")) in (["a", "b", "c", "other"], ["a", "b", "other", "c"])


def test_nothing_is_forced_unless_asked_for() -> None:
    assert asked_for(plan_of(CHAIN), "a", "c") == {"a": (False, False), "c": (False, False)}


def test_a_rebuild_is_forced_where_nothing_else_that_is_asked_for_is_read() -> None:
    plan = plan_of(CHAIN)

    assert asked_for(plan, "a", "b", "c", "other", force_rebuild=True) == {
        "a": (True, False),
        "b": (False, False),
        "c": (False, False),
        "other": (True, False),
    }
    assert asked_for(plan, "c", force_rebuild=True) == {"c": (True, False)}
    assert asked_for(plan, "a", "c", force_rebuild=True) == {"a": (True, False), "c": (False, False)}  # b lies between them


def test_increments_are_built_from_the_beginning_everywhere() -> None:
    assert asked_for(plan_of(CHAIN), "a", "b", force_full_incremental=True) == {"a": (False, True), "b": (False, True)}


def test_pdts_that_read_each_other_are_refused_with_their_place() -> None:
    plan = plan_of(reading("a", "b") + reading("b", "a") + reading("c"))

    with pytest.raises(BuildRequestError, match=r"m.model.lkml:\d+: pdt:m/a cannot be built: it and pdt:m/b read each other"):
        build_requests(plan, ["pdt:m/a"])
    assert asked_for(plan, "c") == {"c": (False, False)}


def test_pdts_with_errors_are_refused_unless_they_are_allowed() -> None:
    plan = plan_of(reading("a", "gone") + reading("b", "a"))

    with pytest.raises(BuildRequestError, match=r"LM302 m.model.lkml:2: `a` reads the table of the view `gone`"):
        build_requests(plan, ["pdt:m/a"])
    with pytest.raises(BuildRequestError, match=r"it reads pdt:m/a, and LM302 m.model.lkml:2"):
        build_requests(plan, ["pdt:m/b"])
    assert [one.pdt.view for one in build_requests(plan, ["pdt:m/a", "pdt:m/b"], allow_errors=True)] == ["a", "b"]


def test_a_name_that_cannot_be_asked_for_is_no_hindrance_to_others() -> None:
    files = {
        "50%.model.lkml": 'connection: "w"\ninclude: "*.view"\n',
        "m.model.lkml": 'connection: "w"\ninclude: "*.view"\n',
        "v.view.lkml": reading("a") + reading("b", "a"),
    }
    plan = plan_of(files)

    assert asked_for(plan, "a") == {"a": (False, False)}
    assert names(plan, "b") == ["a"]
    with pytest.raises(BuildRequestError, match="is no name of a model"):
        build_requests(plan, [one.id for one in plan.pdts])
