"""Comments that ignore findings, applied; and what is wrong with the comments themselves."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.errors import did_you_mean, near_names
from dagster_lookml.rules import RULES, matching
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Ignore


def without_ignored(
    diagnostics: Iterable[Diagnostic], ignores: Iterable[Ignore], asked: Container[str] = RULES
) -> tuple[Diagnostic, ...]:
    """The findings that no comment ignores, and one more for each comment that ignores nothing.

    Args:
        diagnostics: all of them.
        ignores: the comments of the project.
        asked: the rules that were checked; of others nobody can tell whether a comment about them is of use.
    """
    by_file: dict[str, list[Ignore]] = {}
    for one in ignores:
        by_file.setdefault(one.span.file, []).append(one)
    used: set[tuple[str, int, int, str]] = set()
    kept: list[Diagnostic] = []
    for found in diagnostics:
        hiding = list(_hiding(found, by_file.get(found.file, ()))) if by_file else []
        used.update(_use(comment, written) for comment, written in hiding)
        if not hiding:
            kept.append(found)
    findings = Findings()
    for comments in by_file.values():
        for comment in comments:
            _judge(comment, used, asked, findings)
    return (*kept, *findings.diagnostics)


def _hiding(found: Diagnostic, comments: Iterable[Ignore]) -> Iterator[tuple[Ignore, str]]:
    """The comments that hold where a finding is, with the name by which they mean its rule."""
    for comment in comments:
        if comment.first <= found.line <= comment.last:
            yield from ((comment, written) for written in comment.rules if found.rule in matching(written))


def _use(comment: Ignore, written: str) -> tuple[str, int, int, str]:
    return (comment.span.file, comment.span.line, comment.span.column, written)


def _judge(comment: Ignore, used: Container[tuple[str, int, int, str]], asked: Container[str], findings: Findings) -> None:
    if not comment.rules:
        message = "this comment says no rule: write `# lookml: ignore[rule] reason`"
        findings.add("unknown-ignore", message, comment.span)
    for written in comment.rules:
        meant = matching(written)
        if not meant:
            hint = did_you_mean(near_names(written, list(RULES))).removeprefix("; ")
            findings.add("unknown-ignore", f"there is no rule `{written}` to ignore", comment.span, hint=hint)
        elif _use(comment, written) not in used and all(name in asked for name in meant):
            message = f"nothing here is a finding of `{written}`, so this comment ignores nothing"
            findings.add("unused-ignore", message, comment.span)
    if comment.rules and not comment.reason:
        findings.add("ignore-without-reason", "this comment does not say why it ignores what it does", comment.span)
