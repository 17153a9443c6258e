"""Workflow commands: read as GitHub's runner reads them, and never more than GitHub shows."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.outputs.github import check_github
from dagster_lookml.outputs.plain_text import said, visible
from dagster_lookml.rules import Severity
from tests.outputs.broken import LINES, SHOP, five_thousand, hostile, none_at_all, of_the_repository, shop
from tests.outputs.runner import commands

LEVELS = {"error": Severity.ERROR, "warning": Severity.WARNING, "notice": Severity.INFO}


@pytest.mark.parametrize("diagnostics", [shop(), of_the_repository(), (hostile(),)], ids=["shop", "repo", "odd"])
def test_a_few_findings_have_a_command_each_and_no_text_ends_one(diagnostics: Sequence[Diagnostic]) -> None:
    text = check_github(diagnostics)
    assert not {"\r", "\x1b", "\u202e"} & set(text)
    found = commands(text)
    assert len(text.splitlines()) == len(found) + 1 == len(diagnostics) + 1
    expected = {(visible(one.file), one.severity, said(one)) for one in diagnostics}
    assert {(one.properties.get("file", ""), LEVELS[one.name], one.message) for one in found} == expected


def test_a_command_has_the_place_and_the_rule() -> None:
    (found,) = [one for one in commands(check_github(shop())) if "amuont" in one.message]
    assert found.name == "error"
    assert found.properties["title"] == "LM310 unknown-field"
    file, line = found.properties["file"], int(found.properties["line"])
    assert LINES[file][line - 1][int(found.properties["col"]) - 1 : int(found.properties["endColumn"]) - 1] == "${amuont}"
    assert {one.properties["file"] for one in commands(check_github(shop()))} == set(SHOP)


def test_a_finding_about_the_repository_has_no_place() -> None:
    (found,) = [one for one in of_the_repository() if not one.file]
    assert [set(one.properties) for one in commands(check_github([found]))] == [{"title"}]


def test_no_findings_are_no_commands() -> None:
    assert check_github(none_at_all()) == "no findings\n"


def test_errors_come_first_and_the_sum_last() -> None:
    text = check_github(shop())
    assert [one.name for one in commands(text)] == ["error"] * 3 + ["warning"] * 2
    assert text.splitlines()[-1] == "3 errors, 2 warnings"


def test_ten_of_each_kind_are_shown_and_the_last_says_what_is_not() -> None:
    found = five_thousand()
    everything = [replace(one, severity=severity) for severity in Severity for one in found]
    start = time.process_time()
    text = check_github(everything, "all of them are in the summary of this step")
    assert time.process_time() - start < 2
    shown = commands(text)
    assert Counter(one.name for one in shown) == {"error": 10, "warning": 10, "notice": 10}
    assert {one.properties["line"] for one in shown[:10]} == {"2"}  # the first of each of ten files
    assert shown[0].message.endswith(" … and 99 more of unknown-field in this file")
    assert shown[-1].message.startswith("14,971 findings have no annotation, ")
    assert shown[-1].message.endswith("; all of them are in the summary of this step")


@pytest.mark.parametrize(("number", "annotations", "last"), [(10, 10, "10 errors"), (11, 1, "11 errors")])
def test_only_more_than_ten_are_folded_by_rule_and_file(number: int, annotations: int, last: str) -> None:
    text = check_github(five_thousand()[:number])
    assert sum(one.name == "error" for one in commands(text)) == annotations
    assert text.splitlines()[-1] == last


def test_one_finding_without_annotation_is_said_in_the_singular() -> None:
    apart = [replace(one, file=f"{number}.lkml") for number, one in enumerate(five_thousand()[:11])]
    shown = commands(check_github(apart))
    assert shown[-1].message.startswith("1 finding has no annotation")


def test_a_long_message_is_cut() -> None:
    (found,) = commands(check_github([hostile(text="x" * 100_000)]))
    assert len(found.message) == 1_000
