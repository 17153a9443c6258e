"""JUnit XML, the format in which GitLab, Jenkins and most other CI systems show results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from junitparser import Failure, TestCase, TestSuite

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.outputs.plain_text import one_line, said
from dagster_lookml.outputs.text import summary
from dagster_lookml.rules import Severity

_TOOL: Final = "dagster-lookml check"
_REPOSITORY: Final = "repository"


def check_junit(diagnostics: Sequence[Diagnostic], least: Severity = Severity.ERROR) -> str:
    """Findings as one test suite with a test case for each file that has any, or with one that passes where none has.

    A test case fails if a finding in its file is bad enough. All of those stand in one ``<failure>``, since GitLab and Jenkins
    read only one. What is less bad stands in its ``<system-out>``, so that no test is red where the command succeeds.

    Args:
        diagnostics: in order.
        least: the least severity that is a failure.

    Returns:
        XML text, of the form that Jenkins describes in junit-10.xsd.
    """
    files: dict[str, list[Diagnostic]] = {}
    for found in diagnostics:
        files.setdefault(found.file, []).append(found)
    suite = TestSuite(_TOOL)
    suite.add_testcases([_case(file, found, least) for file, found in files.items()] or [TestCase("no findings", _TOOL)])
    xml: str = suite.tostring().decode()
    return f'<?xml version="1.0" encoding="utf-8"?>\n{xml[xml.index("<testsuite") :]}\n'


def _case(file: str, found: Sequence[Diagnostic], least: Severity) -> TestCase:
    """GitLab tells tests apart by name and class together, and shows the name alone; so both are the file."""
    name = one_line(file) or _REPOSITORY
    case = TestCase(name, name)
    failing = [one for one in found if one.severity.rank <= least.rank]
    if failing:
        failure = Failure(summary(failing), min((one.severity for one in failing), key=lambda one: one.rank).value)
        failure.text = _lines(failing)
        case.append(failure)
    others = [one for one in found if one.severity.rank > least.rank]
    if others:
        case.system_out = _lines(others)
    return case


def _lines(diagnostics: Sequence[Diagnostic]) -> str:
    return "".join(f"{_line(found)}\n" for found in diagnostics)


def _line(found: Diagnostic) -> str:
    place = ":".join(str(part) for part in (one_line(found.file), found.line, found.column) if part)
    return f"{place}: " * bool(place) + f"{found.severity.value} {found.code} [{found.rule}]: {said(found)}"
