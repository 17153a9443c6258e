"""Annotations of a change: what breaks or may change numbers, where the head has it, and never more than GitHub shows."""

from __future__ import annotations

from collections import Counter

import pytest
from msgspec.structs import replace

from dagster_lookml.analysis.diff.change import Change, Diff, Verdict
from dagster_lookml.outputs.diff_github import diff_github
from dagster_lookml.source import Span
from tests.analysis.diff.states import SHOP, compared, edited
from tests.outputs.runner import commands

TOTAL = "  measure: total { type: sum sql: ${price} ;; }\n"
PLACE = {"file": "orders.view.lkml", "line": "7", "endLine": "7"}


def shop(*replacements: tuple[str, str]) -> Diff:
    return replace(compared(SHOP, edited(*replacements)), base="main")


@pytest.mark.parametrize(
    ("before", "after", "levels"),
    [
        (TOTAL, "", ["error"]),
        ("sql: ${price} ;;", "sql: ( ${price} ;;", ["error"]),
        ("type: sum", "type: max", ["warning"]),
        ("title: Sales", "title: Sold", []),
        ("sql: ${price} ;;", "sql: (${price}) ;;", []),
    ],
)
def test_only_what_breaks_or_may_change_numbers_has_an_annotation(before: str, after: str, levels: list[str]) -> None:
    text = diff_github(shop((before, after)))

    assert [one.name for one in commands(text)] == levels
    assert text.splitlines()[-1].startswith("1 change (1 ")


def test_an_annotation_has_the_place_in_the_head_and_says_who_feels_it() -> None:
    (found,) = commands(diff_github(shop(("type: sum", "type: max"))))

    assert found.properties == PLACE | {"title": "numbers may change"}
    assert found.message.startswith("field orders.total type: sum -> max: ")
    assert found.message.endswith("; felt by 1 dashboard, 1 tile and 1 explore")


def test_what_is_gone_is_said_of_its_file_as_a_whole_with_its_old_place_in_words() -> None:
    (found,) = commands(diff_github(shop((TOTAL, "")), files=SHOP))

    assert found.properties == {"file": "orders.view.lkml", "title": "this breaks something"}
    assert found.message.startswith("field orders.total removed: whatever uses it breaks")
    assert found.message.endswith("; it was at orders.view.lkml:7")


def test_a_file_that_is_gone_is_named_in_words_alone() -> None:
    after = {name: text for name, text in SHOP.items() if name != "orders.view.lkml"}
    found = [one for one in commands(diff_github(compared(SHOP, after), files=after)) if one.message.startswith("view orders ")]

    assert [set(one.properties) for one in found] == [{"title"}]
    assert found[0].message.endswith("; it was at orders.view.lkml:1")


def test_nothing_that_differs_is_no_command() -> None:
    assert diff_github(shop()) == "nothing differs\n"


def test_texts_end_no_command() -> None:
    old, new = "::error::x %0A%25\r\n::stop-commands::x", "a,b:c\n\u202e\x00"
    change = Change(
        id="view:x%0A", kind="changed", property="a\n::b", old=old, new=new, verdict="breaking", reason=old,
        span=Span("a\n,:%.lkml", 3, 1),
    )  # fmt: skip
    text = diff_github(Diff(changes=(change,)))
    (found,) = commands(text)

    assert len(text.splitlines()) == 2
    assert found.properties["file"] == "a\n,:%.lkml"
    assert "::error::x %0A%25 ::stop-commands::x -> a,b:c" in found.message


def many(number: int, verdict: Verdict, *, one_file: bool) -> list[Change]:
    return [
        Change(
            id=f"field:v.f{at}", kind="removed", verdict=verdict, reason="x",
            span=Span("v.lkml" if one_file else f"{at}.lkml", at + 1, 1),
        )
        for at in range(number)
    ]  # fmt: skip


def test_ten_of_each_level_are_shown_and_the_last_says_what_is_not() -> None:
    changes = [*many(1_000, "breaking", one_file=False), *many(500, "numbers may change", one_file=False)]
    found = commands(diff_github(Diff(changes=tuple(changes), base="main")))

    assert Counter(one.name for one in found) == {"error": 10, "warning": 10, "notice": 1}
    everything = "dagster-lookml diff --base main lists them all"
    assert found[-1].message == f"1,480 changes have no annotation, since GitHub shows ten of a kind; {everything}"
    summary = commands(diff_github(Diff(changes=tuple(changes)), everything="the summary of this step lists them"))
    assert summary[-1].message.endswith("; the summary of this step lists them")


def test_more_than_ten_are_folded_by_verdict_and_file() -> None:
    changes = [*many(11, "breaking", one_file=True), *many(2, "unknown", one_file=True)]
    found = commands(diff_github(Diff(changes=tuple(changes))))

    assert [one.message for one in found[:2]] == [
        "field v.f0 removed: x … and 10 more (breaking) in this file",
        "field v.f0 removed: x … and 1 more (unknown) in this file",
    ]
    assert [one.name for one in found] == ["error", "error", "notice"]
