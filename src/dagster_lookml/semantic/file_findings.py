"""What is wrong with a file that can be seen without looking at any object in it."""

from __future__ import annotations

from collections.abc import Iterable

from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.constants import CONSTANT
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.sources import MANIFEST, ParsedFile
from dagster_lookml.syntax.dashboards import Mapping as YamlMapping
from dagster_lookml.syntax.dashboards import Scalar, YamlNode
from dagster_lookml.syntax.nodes import ListNode, Node, PairNode
from dagster_lookml.syntax.vocabulary import unknown_words


def report_file(file: ParsedFile, findings: Findings, *, included: bool = True) -> None:
    """Note what is wrong with one file: its text, its words, its includes, the constants that it uses.

    Args:
        file: parsed.
        findings: where faults are noted.
        included: some model includes it, so that somebody feels what is wrong in it (R2.18).
    """
    words = unknown_words(file.nodes, manifest=file.path.rpartition("/")[2] == MANIFEST)
    for problem in (*file.problems, *words):
        findings.add(problem.rule, problem.message, file.span(problem.start), length=max(1, problem.end - problem.start))
    for include in file.includes:
        if include.outside:
            message = f'`include: "{include.written}"` leaves the project'
            findings.add("include-outside", message, include.span, length=len(include.written))
        elif not include.files and include.missing_project is None:
            message = f'`include: "{include.written}"` matches no file'
            findings.add("include-no-match", message, include.span, length=len(include.written))
    _report_constants(file, findings, None if included else Severity.WARNING)
    _report_wildcards(file, findings)


def _report_wildcards(file: ParsedFile, findings: Findings) -> None:
    """Two files that one wildcard brings in and that refine the same object: the order of their paths decides (R2.12)."""
    for include in file.includes:
        refined: dict[str, ParsedFile] = {}
        for included in include.files if len(include.files) > 1 else ():
            names = [f"{kind}: {node.name}" for kind in ("view", "explore") for node in included.blocks.get(kind, ())]
            for name in dict.fromkeys(name for name in names if ": +" in name):
                if name in refined:
                    message = f"the order in which `{name}` is refined depends on this wildcard"
                    hint = f"{refined[name].shown_as} comes before {included.shown_as}"
                    findings.add("wildcard-order", message, include.span, hint=hint, length=len(include.written))
                refined[name] = included


def _report_constants(file: ParsedFile, findings: Findings, severity: Severity | None) -> None:
    """Name every constant that the file's project does not define (R9.6)."""
    if "@{" not in file.source.text:
        return
    known = file.project.constants.values
    for text, start in _values(file):
        for found in CONSTANT.finditer(text):
            name = found.group(1)
            if name not in known:
                message = f"the manifest defines no constant `{name}`"
                hint = suggestion(name, known)
                span = file.span(start + found.start())
                findings.add("undefined-constant", message, span, hint=hint, length=len(found.group()), severity=severity)


def _values(file: ParsedFile) -> Iterable[tuple[str, int]]:
    """Every value of a file that may hold a constant, with its offset."""
    return _yaml_values(file.dashboards.items) if file.dashboards is not None else _lookml_values(file.nodes)


def _lookml_values(nodes: Iterable[Node]) -> Iterable[tuple[str, int]]:
    for node in nodes:
        if isinstance(node, PairNode):
            yield node.value, node.start
        elif isinstance(node, ListNode):
            yield from ((item.value, item.start) for item in node.items)
        else:
            yield from _lookml_values(node.children)


def _yaml_values(nodes: Iterable[YamlNode]) -> Iterable[tuple[str, int]]:
    for node in nodes:
        if isinstance(node, Scalar):
            if node.value is not None:
                yield node.value, node.start
        elif isinstance(node, YamlMapping):
            yield from _yaml_values(part for pair in node.pairs for part in pair)
        else:
            yield from _yaml_values(node.items)
