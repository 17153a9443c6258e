"""SARIF 2.1.0, the format in which GitHub's code scanning and many editors read findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Final
from urllib.parse import quote

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.outputs.contract import Json, encode
from dagster_lookml.outputs.places import file_of, line_of
from dagster_lookml.outputs.plain_text import said
from dagster_lookml.rules import RULES, Rule, Severity

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "%SRCROOT%"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEMS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
"""GitHub's words, by which it filters."""


def check_sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """Findings as one SARIF log with one run.

    Nothing is left out. GitHub's code scanning takes up to 25,000 findings of a run and shows the 5,000 worst. It shows none
    that has no file and no line; so those about a file stand in its first line, and those about the repository in that of
    the first file concerned.

    Args:
        diagnostics: in order.

    Returns:
        JSON text. Columns count characters, and the end of a region is the column behind it. The fingerprint of a finding,
        which survives moved lines, is ``dagsterLookml/v1``.
    """
    used = sorted({found.rule for found in diagnostics}, key=lambda name: RULES[name].code)
    indexes = {name: index for index, name in enumerate(used)}
    driver = {"name": "dagster-lookml", "version": version("dagster-lookml"), "rules": [_rule(RULES[name]) for name in used]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the LookML repository."}}},
        "results": [_result(found, indexes) for found in diagnostics],
    }
    return encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary}."},
        "help": {"text": rule.page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"problem.severity": _PROBLEMS[rule.severity], "tags": ["lookml"]},
    }


def _result(found: Diagnostic, indexes: Mapping[str, int]) -> Json:
    return {
        "ruleId": found.code,
        "ruleIndex": indexes[found.rule],
        "level": _LEVELS[found.severity],
        "message": {"text": said(found).replace("](", "]\u200b(")},  # or it would be a link: SARIF 2.1.0, 3.11.6
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(file_of(found)), "uriBaseId": _ROOT},
                    "region": _region(found),
                }
            }
        ],
        "partialFingerprints": {"dagsterLookml/v1": found.fingerprint},
    }


def _uri(path: str) -> str:
    """A relative reference: everything is encoded that could end the path, or make its first part a scheme."""
    return quote(path, errors="surrogateescape")


def _region(found: Diagnostic) -> Json:
    region = {"startLine": line_of(found)}
    if found.line and found.column:
        region |= {"startColumn": found.column, "endColumn": found.column + max(found.length, 1)}
    return region
