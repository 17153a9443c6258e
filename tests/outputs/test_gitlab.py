"""GitLab's code quality report. GitLab publishes no schema; what its documentation asks is written down here."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import jsonschema
import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.outputs.gitlab import check_gitlab
from tests.building import compiled
from tests.outputs.broken import SHOP, five_thousand, hostile, left_out_of_models, none_at_all, of_the_repository, shop

SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": "^(/|\\./)"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""Of "Code Quality report format" in GitLab's documentation. A path is relative, and does not begin with ``./``."""


def report_of(diagnostics: Sequence[Diagnostic]) -> Any:
    """The report, after its validation."""
    report = json.loads(check_gitlab(diagnostics))
    jsonschema.validate(report, SCHEMA)
    assert len({one["fingerprint"] for one in report}) == len(report) == len(diagnostics)
    return report


@pytest.mark.parametrize(
    "diagnostics", [shop(), none_at_all(), of_the_repository(), (hostile(),)], ids=["shop", "none", "repo", "odd"]
)
def test_a_report_has_what_gitlab_asks(diagnostics: Sequence[Diagnostic]) -> None:
    for found, one in zip(diagnostics, report_of(diagnostics), strict=True):
        assert one["check_name"] == found.rule
        assert "\x00" not in one["description"]  # which GitLab's database does not take


def test_a_path_is_as_it_is_in_the_repository() -> None:
    assert {one["location"]["path"] for one in report_of(shop())} == set(SHOP)


def test_a_finding_about_the_repository_stands_in_a_file_that_is_there() -> None:
    found = [one for one in (*of_the_repository(), *left_out_of_models()) if not one.file]
    assert [(one["check_name"], one["location"]) for one in report_of(found)] == [
        ("no-model", {"path": "orders.view.lkml", "lines": {"begin": 1}}),
        ("not-included", {"path": "views/old.view.lkml", "lines": {"begin": 1}}),
    ]


def test_an_error_is_critical_and_a_warning_minor() -> None:
    severities = {one["check_name"]: one["severity"] for one in report_of([*shop()[:2], *shop()[2:3], *of_the_repository()])}
    assert severities == {"unknown-field": "critical", "quoted-name": "critical", "nul-character": "minor", "no-model": "info"}


def test_what_repeats_itself_is_told_apart_and_what_moves_is_not() -> None:
    """The same wrong reference twice in one field, and then a line further down."""
    twice = 'connection: "c"\nview: v { dimension: d { sql: ${gone} + ${gone} ;; } }\nexplore: v {}\n'
    found = check(compiled({"m.model.lkml": twice}))
    moved = check(compiled({"m.model.lkml": twice.replace("view:", "# moved\nview:")}))
    again = report_of([*found, *found])
    assert [one["fingerprint"] for one in report_of(found)] == [one["fingerprint"] for one in report_of(moved)]
    assert [one["location"] for one in report_of(found)] != [one["location"] for one in report_of(moved)]
    assert again[len(found)]["fingerprint"].startswith(again[0]["fingerprint"])


def test_five_thousand_findings_are_all_there_and_quickly() -> None:
    found = five_thousand()
    start = time.process_time()
    text = check_gitlab(found)
    assert time.process_time() - start < 2
    assert len(json.loads(text)) == 5_000
