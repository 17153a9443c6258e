"""Where expectations are kept, and what they are made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dagster_lookml.lineage.answer import trace_project
from dagster_lookml.semantic.compile import compile_project
from dagster_lookml.source import DirectoryTree, SourceFile
from tests.corpora import FIXTURES
from tests.golden.rendering import diagnostic_lines, lineage_lines, object_lines, syntax_lines

EXPECTED = "expected"


def expectations() -> Iterator[tuple[Path, str]]:
    """Every file of expectations and the text that it should hold now."""
    for path in sorted((FIXTURES / "syntax").iterdir()):
        if path.suffix in (".lkml", ".lookml"):
            yield path.with_name(path.name + ".expected.txt"), _text(syntax_lines(SourceFile(path.name, path.read_bytes())))
    for folder in sorted((FIXTURES / "projects").iterdir()):
        project = compile_project(DirectoryTree(folder, 10_000_000))
        yield folder / EXPECTED / "objects.txt", _text(object_lines(project))
        yield folder / EXPECTED / "diagnostics.txt", _text(diagnostic_lines(project))
        yield folder / EXPECTED / "lineage.txt", _text(lineage_lines(trace_project(project).lineage))


def _text(lines: Iterator[str]) -> str:
    return "".join(line + "\n" for line in lines)
