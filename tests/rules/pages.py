"""The manual pages of the rules, taken apart; and their examples, checked as projects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from textwrap import dedent
from typing import Final, NamedTuple

from dagster_lookml.analysis.checks import check
from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.lineage.answer import trace_project
from dagster_lookml.rules import RULES, Rule
from dagster_lookml.semantic.compile import compile_project
from dagster_lookml.source import MemoryTree
from dagster_lookml.workspace.answer import TracedProject, summary_of

_EXAMPLE: Final = re.compile(r"^(Wrong|Right)::\n\n((?:(?: {4}.*)?\n)*)", re.MULTILINE)
_FILE: Final = re.compile(r"^# file: (\S+)\n", re.MULTILINE)
_NEVER_INCLUDED: Final = ("manifest.lkml", "dagster-lookml.toml", "imported_projects/", ".model.lkml")


class Page(NamedTuple):
    """One manual page.

    Attributes:
        summary: its first line.
        prose: what stands between that and the examples.
        examples: text by ``Wrong`` and ``Right``, in this order.
    """

    summary: str
    prose: str
    examples: Mapping[str, str]


def page(rule: Rule) -> Page:
    """Take the page of a rule apart."""
    summary, _, rest = rule.page.partition("\n\n")
    rest += "\n"
    prose = _EXAMPLE.split(rest)[0]
    return Page(summary, prose.strip(), {found[1]: dedent(found[2]).strip("\n") + "\n" for found in _EXAMPLE.finditer(rest)})


def files_of(example: str) -> dict[str, str]:
    """The project that an example means.

    Each ``# file: NAME`` begins a file. Text before the first such line is ``example.lkml``, and then there is one more file,
    ``example.model.lkml``: a model with a connection that includes it, and after it the other files, but for manifests and
    imported projects. An example without such text is the whole project.

    Args:
        example: its text.
    """
    bare, *named = _FILE.split(example)
    files = dict(zip(named[::2], named[1::2], strict=True))
    if bare.strip():
        included = ["example.lkml", *(name for name in files if not _is_left_out(name))]
        files["example.lkml"] = bare
        files["example.model.lkml"] = 'connection: "warehouse"\n' + "".join(f'include: "/{name}"\n' for name in included)
    return files


def _is_left_out(name: str) -> bool:
    return any(name.startswith(one) or name.endswith(one) for one in _NEVER_INCLUDED)


def findings_of(example: str) -> tuple[Diagnostic, ...]:
    """What every rule there is finds in an example, lineage included."""
    found = trace_project(compile_project(MemoryTree(files_of(example))))
    traced = TracedProject(summary_of(found, ()), lambda: found.project, lambda: found.lineage)
    return check(found.project, traced, RULES)


def shown(found: Diagnostic, files: Mapping[str, str]) -> Iterator[str]:
    """A finding with the line it stands on, and what is meant underlined."""
    hint = f"  = {found.hint}" if found.hint else ""
    yield f"{found.file}:{found.line}:{found.column} {found.severity.value} [{found.rule}] {found.message}{hint}"
    if found.line:
        yield "    | " + files[found.file].splitlines()[found.line - 1]
        yield "    | " + " " * (found.column - 1) + "^" * found.length
