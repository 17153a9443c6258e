"""What is wrong with a file that can be seen without looking at any object in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagster_lookml.diagnostics import Severity
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.constants import CONSTANT
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.sources import MANIFEST, ParsedFile
from dagster_lookml.syntax.dashboards import Mapping as YamlMapping
from dagster_lookml.syntax.dashboards import Scalar, YamlNode
from dagster_lookml.syntax.nodes import BlockNode, Item, ListNode, Node, PairNode
from dagster_lookml.syntax.schema import Merge, merge_rule
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
    """Two files that one wildcard brings in and that say otherwise of one object: the order of their paths decides (R2.12)."""
    for include in file.includes:
        said: dict[_Path, tuple[ParsedFile, _Values]] = {}
        told: set[str] = set()
        for included in include.files if len(include.files) > 1 else ():
            for path, values in _refining(included).items():
                first, others = said.setdefault(path, (included, values))
                name = f"{path[0][0]}: {path[0][1]}"
                if others != values and name not in told:
                    told.add(name)
                    message = f"the order in which `{name}` is refined depends on this wildcard"
                    what = " of ".join(f"`{key}: {named}`" if named else f"`{key}`" for key, named in path[:0:-1])
                    hint = f"{first.shown_as} and {included.shown_as} both set {what}, and the latter wins"
                    findings.add("wildcard-order", message, include.span, hint=hint, length=len(include.written))


_Path = tuple[tuple[str, str], ...]
"""The blocks that a parameter stands in, from the outside, and itself: the key and the name of each."""
_Values = list[str]
"""What a file says of one parameter, which may stand there several times."""


def _refining(file: ParsedFile) -> dict[_Path, _Values]:
    """Every parameter of the refinements of a file that replaces one of its name."""
    found: dict[_Path, _Values] = {}
    for kind in ("view", "explore"):
        for node in file.blocks.get(kind, ()):
            if node.name is not None and node.name.startswith("+"):
                for path, value in _parameters(node, ()):
                    found.setdefault(path, []).append(value)
    return found


def _parameters(node: Node, outside: _Path) -> Iterator[tuple[_Path, str]]:
    rule = merge_rule(outside[-1][0], node.key) if outside else Merge.BY_NAME
    if rule is Merge.APPEND:  # both are kept, in whatever order
        return
    inside = (*outside, (node.key, (node.name or "") if isinstance(node, BlockNode) else ""))
    if isinstance(node, BlockNode) and rule is not Merge.REPLACE:
        for child in node.children:
            yield from _parameters(child, inside)
    else:
        yield inside, _content(node)


def _content(node: Node | Item) -> str:
    """What a parameter says, wherever it stands."""
    if isinstance(node, Item):
        return repr(node.value)
    if isinstance(node, PairNode):
        return f"{node.key}: {node.value!r}"
    parts = node.items if isinstance(node, ListNode) else node.children
    name = node.name if isinstance(node, BlockNode) else None
    return f"{node.key}: {name} [{', '.join(map(_content, parts))}]"


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
