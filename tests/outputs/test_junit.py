"""JUnit XML: valid by the schema of Jenkins, red only where the command fails, and always XML."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.outputs.junit import check_junit
from dagster_lookml.outputs.plain_text import one_line, said
from dagster_lookml.rules import Severity
from tests.outputs.broken import ODD_PATH, five_thousand, hostile, none_at_all, of_the_repository, shop

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas" / "junit-10.xsd")


def suite_of(diagnostics: Sequence[Diagnostic], least: Severity = Severity.ERROR) -> ElementTree.Element:
    """The one test suite, after its validation."""
    text = check_junit(diagnostics, least)
    SCHEMA.validate(text)
    suite = ElementTree.fromstring(text.encode())
    assert suite.tag == "testsuite"
    cases = suite.findall("testcase")
    assert suite.get("tests") == str(len(cases))
    assert suite.get("failures") == str(sum(case.find("failure") is not None for case in cases))
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)  # or GitLab drops all but one
    assert all(len(case.findall("failure")) <= 1 for case in cases)
    return suite


def texts(suite: ElementTree.Element, tag: str) -> dict[str, str]:
    """What stands in the elements of a tag, by the name of the test case."""
    return {case.get("name", ""): case.findtext(tag, "") for case in suite.iter("testcase") if case.find(tag) is not None}


@pytest.mark.parametrize("least", list(Severity))
@pytest.mark.parametrize(
    "diagnostics", [shop(), none_at_all(), of_the_repository(), (hostile(),)], ids=["shop", "none", "repo", "odd"]
)
def test_a_report_is_valid_and_says_every_finding_once(diagnostics: Sequence[Diagnostic], least: Severity) -> None:
    suite = suite_of(diagnostics, least)
    lines = [line for tag in ("failure", "system-out") for text in texts(suite, tag).values() for line in text.splitlines()]
    assert len(lines) == len(diagnostics)
    for found in diagnostics:
        assert any(found.code in line and said(found) in line for line in lines)


def test_a_schema_that_is_asked_says_no_to_a_wrong_report() -> None:
    assert not SCHEMA.is_valid(check_junit(shop()).replace("<failure", "<defect").replace("</failure", "</defect"))


def test_there_is_one_test_case_for_each_file_and_errors_fail() -> None:
    suite = suite_of(shop())
    assert [case.get("classname") for case in suite.iter("testcase")] == [
        "m.model.lkml",
        one_line(ODD_PATH),
        "views/orders.view.lkml",
    ]
    failures = texts(suite, "failure")
    expected = "m.model.lkml:4:25: error LM310 [unknown-field]: there is no field `usr_id` in the view `orders`\n"
    assert failures["m.model.lkml"] == expected
    assert {element.get("type") for element in suite.iter("failure")} == {"error"}


def test_a_warning_fails_only_where_warnings_fail_the_command() -> None:
    warnings = [found for found in shop() if found.severity is Severity.WARNING]
    assert warnings
    passing = suite_of(warnings)
    assert passing.get("failures") == "0"
    assert "a NUL character" in texts(passing, "system-out")[one_line(ODD_PATH)]
    failing = suite_of(warnings, Severity.WARNING)
    assert failing.get("failures") == "2"
    assert {element.get("type") for element in failing.iter("failure")} == {"warning"}


def test_a_failure_has_the_type_of_its_worst_finding() -> None:
    mixed = [found for found in shop() if found.file == ODD_PATH]
    assert {found.severity for found in mixed} == {Severity.ERROR, Severity.WARNING}
    (failure,) = suite_of(mixed[::-1], Severity.WARNING).iter("failure")
    assert (failure.get("type"), failure.get("message")) == ("error", "1 error, 1 warning")


def test_a_run_without_findings_is_one_test_that_passes() -> None:
    suite = suite_of(none_at_all())
    assert [list(case) for case in suite.iter("testcase")] == [[]]


def test_what_is_about_the_repository_has_a_test_case_of_its_own() -> None:
    assert "no model file" in texts(suite_of(of_the_repository()), "system-out")["repository"]


def test_five_thousand_findings_are_all_there_and_quickly() -> None:
    found = five_thousand()
    start = time.process_time()
    text = check_junit(found)
    assert time.process_time() - start < 2
    assert text.count("LM310") == 5_000
    assert len(ElementTree.fromstring(text.encode())) == 50
