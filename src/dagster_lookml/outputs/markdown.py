"""Findings as Markdown: a comment on a pull request, and the summary of a step in GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.outputs.markdown_text import COMMENT_LIMIT, SUMMARY_LIMIT, Section, code, limited, mark, prose
from dagster_lookml.outputs.plain_text import said
from dagster_lookml.outputs.text import count, summary
from dagster_lookml.rules import Severity

_LONGEST: Final = 400
_OPEN: Final = 3
"""Of so many files what is found is open; a click opens that of the others."""
_WORDS: Final = {Severity.ERROR: "**error**", Severity.WARNING: "warning", Severity.INFO: "note"}


def check_markdown(diagnostics: Sequence[Diagnostic], *, introduced: bool = False, limit: int = COMMENT_LIMIT) -> str:
    """Findings as a comment: how many there are, and then for each file, the worst first, what was found in it.

    Args:
        diagnostics: in order.
        introduced: they are only those that a change brings.
        limit: the most bytes, and characters, that the answer may have.

    Returns:
        Markdown, whose first line is a `mark`.
    """
    first = mark("check")
    return first + _comment(diagnostics, introduced, limit - len(first))


def _comment(diagnostics: Sequence[Diagnostic], introduced: bool, limit: int) -> str:
    if not diagnostics:
        return _verdict("No findings", introduced)
    sections = [Section(_verdict(summary(diagnostics), introduced).rstrip()), *_files(diagnostics)]
    return limited(
        sections, limit, lambda number: f"… and {count(number, 'more finding')}; `dagster-lookml check` lists them all."
    )


def step_summary(diagnostics: Sequence[Diagnostic], *, introduced: bool = False) -> str:
    """The same with a heading and of more findings, for the file that GitHub Actions names in ``GITHUB_STEP_SUMMARY``.

    Args:
        diagnostics: in order.
        introduced: they are only those that a change brings.
    """
    return "### dagster-lookml check\n\n" + _comment(diagnostics, introduced, SUMMARY_LIMIT)


def _verdict(found: str, introduced: bool) -> str:
    return f"**{found}** that this change introduces\n" if introduced else f"**{found}**\n"


def _files(diagnostics: Sequence[Diagnostic]) -> Iterator[Section]:
    files: dict[str, list[Diagnostic]] = {}
    for found in sorted(diagnostics, key=lambda one: one.severity.rank):
        files.setdefault(found.file, []).append(found)
    for number, (file, found_there) in enumerate(files.items()):
        name = code(file, _LONGEST) if file else "the repository"
        yield Section(
            f"<details{' open' * (number < _OPEN)}><summary>{name}: {summary(found_there)}</summary>\n\n"
            "| | Line | Rule | Finding |\n|---|---|---|---|",
            [_row(found) for found in found_there],
            "\n</details>",
        )


def _row(found: Diagnostic) -> str:
    line = str(found.line) if found.line else ""
    return f"| {_WORDS[found.severity]} | {line} | {found.code} {found.rule} | {prose(said(found), _LONGEST)} |"
