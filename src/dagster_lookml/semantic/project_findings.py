"""What is wrong with a project as a whole, and which projects it imports."""

from __future__ import annotations

from collections.abc import Sequence

from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.includes import NEVER_INCLUDED
from dagster_lookml.semantic.objects import Import
from dagster_lookml.semantic.scope import Scope, Unresolved
from dagster_lookml.semantic.sources import ParsedFile, SourceProject
from dagster_lookml.semantic.unused_constants import report_unused_constants
from dagster_lookml.source import Span
from dagster_lookml.source.files import printable


def report_project(
    project: SourceProject, files: Sequence[ParsedFile], scopes: Sequence[Scope], unresolved: Unresolved, findings: Findings
) -> None:
    """Note what is wrong with a project as a whole: files that are refused, its manifest, its imports.

    Args:
        project: the one that is compiled.
        files: its own files.
        scopes: of its models.
        unresolved: names that absent imports may hold.
        findings: where faults are noted.
    """
    for refusal in project.tree.refusals():
        findings.add(refusal.rule, f"not read: {refusal.message}", Span(printable(refusal.path), 0, 0))
    for error in project.unreadable:
        findings.add("unreadable-file", f"not read: {error.reason}", Span(printable(error.path), 0, 0))
    _report_constants(project, findings)
    report_unused_constants(project, files, findings)
    _report_overrides(project, findings)
    _report_missing_imports(project, files, scopes, unresolved, findings)
    for scope in scopes:
        _report_included_models(scope, findings)
    _report_not_included(files, scopes, findings)
    if not any(file.is_model for file in files):
        message = f"no model file; all files are read as one model named `{project.name}`"
        findings.add("no-model", message, Span("", 0, 0), also=(file.shown_as for file in files[:1]))


def _report_constants(project: SourceProject, findings: Findings) -> None:
    first: dict[str, Span] = {}
    for constant in project.manifest.constants:
        if constant.name in first:
            message = f"the constant `{constant.name}` is declared twice"
            hint = f"first at {first[constant.name]}; the last one counts"
            findings.add("duplicate-constant", message, constant.span, hint=hint, length=len(f"constant: {constant.name}"))
        first.setdefault(constant.name, constant.span)
        cycle = project.constants.cycle(constant.name)
        if cycle:
            message = f"the constant contains itself: {' -> '.join(cycle)}"
            findings.add("circular-constant", message, constant.span, length=len(f"constant: {constant.name}"))


def _report_not_included(files: Sequence[ParsedFile], scopes: Sequence[Scope], findings: Findings) -> None:
    """One note for all: what no model includes nobody can use, and nothing can be said about its references (R2.18)."""
    included = {file.shown_as for scope in scopes for file in scope.files}
    left_out = [file for file in files if file.shown_as not in included and (file.blocks or file.dashboards)]
    left_out = [file for file in left_out if file.path.rpartition("/")[2] not in NEVER_INCLUDED]
    if left_out:
        message = "no model includes some of the files; only their text is checked"  # without a number, for fingerprints
        shown = ", ".join(file.shown_as for file in left_out[:3]) + (", …" if len(left_out) > 3 else "")
        hint = f"{len(left_out):,} of {len(files):,}: {shown}"
        findings.add("not-included", message, Span("", 0, 0), hint=hint, also=(file.shown_as for file in left_out))


def _report_overrides(project: SourceProject, findings: Findings) -> None:
    for dependency in project.manifest.dependencies:
        imported = project.imported(dependency.name)
        if imported is None:
            continue
        exports = {constant.name: constant.export for constant in imported.manifest.constants}
        given = {override.name for override in dependency.overrides}
        for override in dependency.overrides:
            if exports.get(override.name, "none") == "none":
                reason = "does not export it" if override.name in exports else "has no such constant"
                message = f"`{override.name}` cannot be overridden: the project {dependency.name} {reason}"
                says = "its manifest has to say `export: override_optional`"
                hint = says if override.name in exports else suggestion(override.name, exports)
                findings.add("constant-not-exported", message, override.span, hint=hint, length=len("override_constant"))
        for name, export in exports.items():
            if export == "override_required" and name not in given:
                message = f"the project {dependency.name} wants a value for its constant `{name}`"
                hint = f'add `override_constant: {name} {{ value: "…" }}` to this dependency'
                findings.add("constant-without-override", message, dependency.span, hint=hint)


def _report_missing_imports(
    project: SourceProject, files: Sequence[ParsedFile], scopes: Sequence[Scope], unresolved: Unresolved, findings: Findings
) -> None:
    """Say of each absent import once that it is absent, and what follows (S3)."""
    spans = {dependency.name: dependency.span for dependency in project.manifest.dependencies}
    for name in sorted(project.uses):
        if project.imported(name) is not None:
            continue
        uses = [include for file in files for include in file.includes if include.missing_project == name]
        models = [scope.name for scope in scopes if name in scope.missing_projects]
        open_names = [_count(sorted(names), what) for what, names in sorted(unresolved.names(name).items())]
        message = f"the project {name} is not here: {_count(uses, 'include')} in {_count(models, 'model')} cannot be followed"
        if open_names:
            verb = "is" if open_names in (["1 explore"], ["1 view"]) else "are"
            message += f"; {' and '.join(open_names)} that {verb} not here either may be in it"
        hint = f'check it out and name its directory in dagster-lookml.toml: [imports] {name} = "../{name}"'
        span = spans.get(name) or uses[0].span
        findings.add("missing-import", message, span, hint=hint)


def _report_included_models(scope: Scope, findings: Findings) -> None:
    own = scope.model_file
    for file in scope.files:
        for include in file.includes if own is not None else ():
            for included in include.files:
                if included.is_model and included is not own and included is not file:
                    message = f"`{included.shown_as}` is a model of its own, and is included here"
                    hint = "its explores and views come in; its connection and label do not"
                    findings.add("include-model", message, include.span, hint=hint, length=len(include.written))


def imports(project: SourceProject) -> tuple[Import, ...]:
    """The projects that a project depends on or names in an include, sorted, and where each was found."""
    spans = {dependency.name: dependency.span for dependency in project.manifest.dependencies}
    found: list[Import] = []
    for name in sorted({*spans, *project.uses}):
        imported = project.imported(name)
        path = imported.tree.location if imported is not None else None
        found.append(Import(name=name, path=path, span=spans.get(name), uses=project.uses.get(name, 0)))
    return tuple(found)


def _count(things: Sequence[object], noun: str) -> str:
    return f"{len(things):,} {noun}{'' if len(things) == 1 else 's'}"
