"""Constants that no file names (R9.1)."""

from __future__ import annotations

from collections.abc import Iterable

from dagster_lookml.semantic.constants import CONSTANT
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.sources import ParsedFile, SourceProject


def report_unused_constants(project: SourceProject, files: Iterable[ParsedFile], findings: Findings) -> None:
    """Note the constants of a manifest that no file of its project names; one that importers may override is for them (R9.5).

    Args:
        project: whose manifest is looked at.
        files: its own files, the manifest among them.
        findings: where they are noted.
    """
    constants = [one for one in project.manifest.constants if one.export == "none"]
    if not constants:
        return
    used = {name for file in files if "@{" in file.source.text for name in CONSTANT.findall(file.source.text)}
    for one in constants:
        if one.name not in used:
            message = f"no file of the project names the constant `{one.name}`"
            findings.add("unused-constant", message, one.span, length=len("constant"))
