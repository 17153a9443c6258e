"""SARIF: valid by its schema, and what GitHub's code scanning asks beyond it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.outputs.sarif import check_sarif
from dagster_lookml.rules import RULES, Severity
from tests.outputs.broken import LINES, SHOP, five_thousand, hostile, left_out_of_models, none_at_all, of_the_repository, shop

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))


def run_of(diagnostics: Sequence[Diagnostic]) -> Any:
    """The one run of the log, after its validation."""
    log = json.loads(check_sarif(diagnostics))
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return run


def place_of(result: Any) -> Any:
    (location,) = result["locations"]
    return location["physicalLocation"]


@pytest.mark.parametrize(
    "diagnostics", [shop(), none_at_all(), of_the_repository(), (hostile(),)], ids=["shop", "none", "repo", "odd"]
)
def test_a_log_is_valid_and_each_result_has_what_github_asks(diagnostics: Sequence[Diagnostic]) -> None:
    run = run_of(diagnostics)
    assert len(run["results"]) == len(diagnostics)
    for result in run["results"]:
        place = place_of(result)
        assert place["artifactLocation"]["uri"]  # an empty one is refused: "expected artifact location"
        assert place["region"]["startLine"] >= 1
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert set(result["partialFingerprints"]) == {"dagsterLookml/v1"}


def test_a_schema_that_is_asked_says_no_to_a_wrong_log() -> None:
    log = json.loads(check_sarif(shop()))
    log["runs"][0]["results"][0]["level"] = "critical"
    assert not jsonschema.Draft4Validator(SCHEMA).is_valid(log)


def test_a_path_is_a_relative_uri_of_which_nothing_is_lost() -> None:
    uris = [place_of(result)["artifactLocation"] for result in run_of(shop())["results"]]
    assert {unquote(one["uri"]) for one in uris} == set(SHOP)
    for one in uris:
        assert one["uriBaseId"] == "%SRCROOT%"
        parts = urlsplit(one["uri"])
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
        assert one["uri"].isascii()
        assert not set(one["uri"]) & set(' "<>\\^`{|}\n')  # RFC 3986 has no place for them


def test_a_colon_in_a_file_name_makes_no_scheme() -> None:
    (found,) = [one for one in shop() if one.rule == "nul-character"]
    (result,) = run_of([Diagnostic(rule=found.rule, severity=found.severity, message="", file="c:orders.view.lkml")])["results"]
    assert urlsplit(place_of(result)["artifactLocation"]["uri"]).scheme == ""


def test_a_region_is_what_is_meant_counted_in_characters() -> None:
    """Also behind an emoji, which is two units of UTF-16 and four bytes."""
    meant = []
    for result in run_of(shop())["results"]:
        place = place_of(result)
        region, file = place["region"], unquote(place["artifactLocation"]["uri"])
        meant.append(LINES[file][region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1])
    assert "${amuont}" in meant
    assert "${orders.usr_id}" in meant
    assert '"x"' in meant


def test_levels_are_those_of_the_findings_and_the_rules_say_their_own() -> None:
    found = shop()[0]
    raised = Diagnostic(rule="nul-character", severity=Severity.ERROR, message="m", file="f")
    noted = Diagnostic(rule=found.rule, severity=Severity.INFO, message="m", file="f")
    run = run_of([raised, noted, found])
    assert [result["level"] for result in run["results"]] == ["error", "note", "error"]
    levels = {one["name"]: one["defaultConfiguration"]["level"] for one in run["tool"]["driver"]["rules"]}
    assert levels == {"nul-character": "warning", "unknown-field": "error"}


def test_only_rules_with_findings_are_described_each_once_and_with_its_page() -> None:
    rules = run_of(shop())["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == sorted({found.code for found in shop()})
    for one in rules:
        assert one["help"]["text"] == RULES[one["name"]].page
        assert one["shortDescription"]["text"] == RULES[one["name"]].summary


def test_a_finding_about_the_repository_stands_in_the_first_file_that_it_is_about() -> None:
    (unmodeled,) = [one for one in of_the_repository() if not one.file]
    (left_out,) = [one for one in left_out_of_models() if not one.file]
    places = [place_of(result) for result in run_of([unmodeled, left_out])["results"]]
    assert [(one["artifactLocation"]["uri"], one["region"]) for one in places] == [
        ("orders.view.lkml", {"startLine": 1}),
        ("views/old.view.lkml", {"startLine": 1}),
    ]


def test_a_message_has_its_hint_and_no_text_becomes_a_link() -> None:
    texts = [result["message"]["text"] for result in run_of([*shop(), hostile(text="[a](http://b.c)")])["results"]]
    assert any("did you mean amount?" in text for text in texts)
    assert "](" not in texts[-1]


def test_five_thousand_findings_are_all_there_and_quickly() -> None:
    found = five_thousand()
    start = time.process_time()
    text = check_sarif(found)
    assert time.process_time() - start < 2
    assert len(json.loads(text)["runs"][0]["results"]) == 5_000
