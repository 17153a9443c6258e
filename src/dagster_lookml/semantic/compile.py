"""A tree of files to a `Project`: the passes of the compiler, in order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from dagster_lookml.config import Config
from dagster_lookml.diagnostics import in_order
from dagster_lookml.errors import suggestion
from dagster_lookml.progress import Progress
from dagster_lookml.semantic import dashboards as dashboard_objects
from dagster_lookml.semantic.collecting import collection_paused
from dagster_lookml.semantic.explores import base_view, explore
from dagster_lookml.semantic.field_lists import available_fields
from dagster_lookml.semantic.file_findings import report_file
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.identity import view_ids
from dagster_lookml.semantic.includes import NEVER_INCLUDED
from dagster_lookml.semantic.merge import Block
from dagster_lookml.semantic.model_objects import model as model_object
from dagster_lookml.semantic.objects import Dashboard, Explore, Field, Model, Project, View, field_names
from dagster_lookml.semantic.project_findings import imports, report_project
from dagster_lookml.semantic.quoting import explore_id, quoted, quoted_path
from dagster_lookml.semantic.refined import refined_explores, refined_views
from dagster_lookml.semantic.scope import SHARED_KINDS, Resolved, Scope, Unresolved, closure
from dagster_lookml.semantic.sources import ParsedFile, Parser, PlainParser, SourceProject
from dagster_lookml.semantic.views import view
from dagster_lookml.source import SourceTree

_UNNEST: Final = re.compile(
    r"\b(?:unnest|flatten|lateral|explode|posexplode|json_table|openjson|jsonb?_array_elements\w*)\b", re.IGNORECASE
)


def compile_project(
    tree: SourceTree, config: Config | None = None, parser: Parser | None = None, progress: Progress | None = None
) -> Project:
    """Compile a LookML project.

    Args:
        tree: its files.
        config: what the repository does not say; the default one if None.
        parser: how files are parsed; plainly if None.
        progress: told how far it is.

    Returns:
        Every model, view, explore and dashboard, and everything found wrong. Nothing in the LookML makes this raise.

    Raises:
        SourceError: a configured import is not there.

    >>> from dagster_lookml.source import MemoryTree
    >>> [view.id for view in compile_project(MemoryTree({"a.view.lkml": "view: a {}"})).views]
    ['view:a']
    """
    return compile_with_blocks(tree, config, parser, progress).project


class Compilation(NamedTuple):
    """A project together with the merged blocks that its views and explores were made of.

    Attributes:
        project: the objects.
        blocks: by id of the view or explore.
        source: the files, and the imported projects that were looked for.
    """

    project: Project
    blocks: Mapping[str, Block]
    source: SourceProject


def compile_with_blocks(
    tree: SourceTree, config: Config | None = None, parser: Parser | None = None, progress: Progress | None = None
) -> Compilation:
    """Compile a project as `compile_project` does, and keep the merged blocks, for whoever wants to show LookML."""
    compiler = _Compiler(tree, config or Config(), parser or PlainParser(), progress or _no_progress)
    with collection_paused():
        return Compilation(compiler.run(), compiler.blocks, compiler.root)


def _no_progress(_what: str, _done: int, _total: int) -> None:
    return


class _Compiler:
    def __init__(self, tree: SourceTree, config: Config, parser: Parser, progress: Progress) -> None:
        self.findings = Findings()
        self.unresolved = Unresolved()
        self.shared: dict[tuple[object, ...], Resolved] = {}
        self.progress = progress
        self.root = SourceProject(tree, config, parser)
        self.files: list[ParsedFile] = []
        self.blocks: dict[str, Block] = {}

    def run(self) -> Project:
        self.files = self._parse()
        scopes = self._scopes()
        views, view_ids = self._views(scopes)
        explores = self._explores(scopes, views, view_ids)
        dashboards = self._dashboards(scopes, explores)
        parts = refined_views(scopes), refined_explores(scopes, view_ids)
        self.blocks.update((one.id, block) for found in parts for one, block in found)
        included_models = {file.shown_as for scope in scopes for file in scope.files[:-1] if file.is_model}
        models = tuple(self._model(scope, view_ids[scope.name], explores, dashboards, included_models) for scope in scopes)
        included = {file.shown_as for scope in scopes for file in scope.files}
        for file in self.files:  # what is wrong in an imported project is for that project to say
            is_manifest = file.path.rpartition("/")[2] in NEVER_INCLUDED
            report_file(file, self.findings, included=is_manifest or file.shown_as in included)
        report_project(self.root, self.files, scopes, self.unresolved, self.findings)
        return Project(
            name=self.root.name,
            files=len(self.root.lookml_paths),
            imports=imports(self.root),
            models=models,
            views=views,
            explores=explores,
            dashboards=dashboards,
            diagnostics=in_order(self.findings.diagnostics),
            ignores=tuple(one for file in self.files for one in file.ignores),
            refined_views=tuple(one for one, _ in parts[0]),
            refined_explores=tuple(one for one, _ in parts[1]),
        )

    # -- files and scopes ----------------------------------------------------------------------------------------------

    def _parse(self) -> list[ParsedFile]:
        paths = self.root.lookml_paths
        files: list[ParsedFile] = []
        for number, path in enumerate(paths):
            self.progress("parsing", number, len(paths))
            files.append(self.root.file(path))
        return files

    @property
    def _content_files(self) -> list[ParsedFile]:
        """The files that hold content: not the manifest, and not its lock, which a machine writes (R1.6)."""
        return [file for file in self.files if file.path.rpartition("/")[2] not in NEVER_INCLUDED]

    def _scopes(self) -> list[Scope]:
        """One scope a model, sorted by name; without any model file one for the whole project (design of identities)."""
        model_files: dict[str, ParsedFile] = {}
        for file in self.files:
            if file.is_model:
                if file.model_name in model_files:
                    message = f"two model files are called `{file.model_name}`; this one is left out"
                    hint = f"the other is {model_files[file.model_name].shown_as}"
                    self.findings.add("duplicate-model", message, file.span(0), hint=hint)
                else:
                    model_files[file.model_name] = file
        if not model_files:
            files = tuple(dict.fromkeys(included for file in self._content_files for included in closure(file)))
            return [self._scope(self.root.name, files, strict=False)]
        return [self._scope(name, closure(file)) for name, file in sorted(model_files.items())]

    def _scope(self, name: str, files: tuple[ParsedFile, ...], *, strict: bool = True) -> Scope:
        return Scope(name, files, self.shared, self.findings, self.unresolved, strict=strict)

    def _model(
        self,
        scope: Scope,
        views: Mapping[str, str],
        explores: tuple[Explore, ...],
        dashboards: tuple[Dashboard, ...],
        included: set[str],
    ) -> Model:
        file = scope.model_file
        shared = file is not None and file.shown_as in included
        for kind in SHARED_KINDS:
            scope.report_repeated(kind)
        return model_object(scope, file, views, explores, dashboards, self.findings, shared=shared)

    # -- views ---------------------------------------------------------------------------------------------------------

    def _views(self, scopes: list[Scope]) -> tuple[tuple[View, ...], dict[str, dict[str, str]]]:
        """Every distinct view with the models that see it, and for each model the ids of its views by name."""
        resolved: dict[int, Resolved] = {}
        seen_by: dict[int, list[str]] = {}
        by_model: dict[str, dict[str, Resolved]] = {}
        nested: dict[int, bool] = {}
        for scope in scopes:
            by_model[scope.name] = scope.resolve_all("view")
            for found in by_model[scope.name].values():
                resolved[found.key] = found
                seen_by.setdefault(found.key, []).append(scope.name)
            for name, use in _uses(scope).items():
                if name in by_model[scope.name]:
                    key = by_model[scope.name][name].key
                    nested[key] = nested.get(key, True) and use
        for found in self._views_of_no_model(scopes):
            resolved.setdefault(found.key, found)
        ids = view_ids(resolved, seen_by)
        views: list[View] = []
        typed: dict[tuple[int, bool], Field] = {}
        for number, (key, found) in enumerate(resolved.items()):
            self.progress("compiling", number, len(resolved))
            models = tuple(seen_by.get(key, ()))
            self.blocks[ids[key]] = found.block
            findings = self.findings if models else Findings()  # nobody has a view that no model includes (R2.18)
            views.append(view(found, ids[key], models, nested=nested.get(key, False), findings=findings, typed=typed))
        names = {model: {name: ids[found.key] for name, found in found_by.items()} for model, found_by in by_model.items()}
        return tuple(sorted(views, key=lambda one: one.id)), names

    def _views_of_no_model(self, scopes: list[Scope]) -> Iterable[Resolved]:
        """Views in files that no model includes, each as its own file's includes make it."""
        reached = {file.shown_as for scope in scopes for file in scope.files}
        for file in self._content_files:
            if file.shown_as in reached or not file.blocks.get("view"):
                continue
            quiet = Findings()  # what such a file lacks, the model that will include it may have
            scope = Scope("", closure(file), self.shared, quiet, Unresolved(), strict=False)
            for node in file.blocks["view"]:
                found = scope.resolve("view", node.name) if node.name and not node.name.startswith("+") else None
                if found is not None and found.declared[0].file is file:
                    yield found

    # -- explores ------------------------------------------------------------------------------------------------------

    def _explores(
        self, scopes: list[Scope], views: tuple[View, ...], view_ids: Mapping[str, Mapping[str, str]]
    ) -> tuple[Explore, ...]:
        by_id = {one.id: one for one in views}
        names = {one.id: field_names(one) for one in views}
        explores: list[Explore] = []
        for scope in scopes:
            for resolved in scope.resolve_all("explore").values():
                made = explore(resolved, scope.name, view_ids[scope.name])
                for name, view_id in (
                    (made.base_view_name, made.base_view),
                    *((join.view_name, join.view) for join in made.joins),
                ):
                    if view_id is None:
                        self.unresolved.add(scope.missing_projects, "view", name)
                self.blocks[made.id] = resolved.block
                available = available_fields(made, by_id, names)
                explores.append(msgspec.structs.replace(made, field_count=sum(map(len, available.values()))))
        return tuple(sorted(explores, key=lambda one: one.id))

    # -- dashboards ----------------------------------------------------------------------------------------------------

    def _dashboards(self, scopes: list[Scope], explores: tuple[Explore, ...]) -> tuple[Dashboard, ...]:
        known = {one.id for one in explores}
        found: list[Dashboard] = []
        included: set[str] = set()
        for scope in scopes:
            files = [file for file in scope.files if file.dashboards is not None]
            included.update(file.shown_as for file in files)
            found += self._dashboards_of(files, scope, known)
        for file in self.files:
            if file.dashboards is not None and file.shown_as not in included:
                found += self._dashboards_of([file], None, known)
        return tuple(sorted(found, key=lambda one: one.id))

    def _dashboards_of(self, files: list[ParsedFile], scope: Scope | None, known: set[str]) -> Iterable[Dashboard]:
        model = scope.name if scope is not None else None

        def find_explore(written_model: str | None, name: str) -> str | None:
            identity = explore_id(written_model or model or "", name)
            return identity if identity in known else None

        declared: dict[str, dashboard_objects.Declared] = {}
        for file in files:
            for one in dashboard_objects.declared(file):
                if one.name in declared:
                    message = f"the dashboard `{one.name}` is declared twice in one model"
                    hint = f"first at {declared[one.name].span}; the last one counts"
                    self.findings.add("duplicate-dashboard", message, one.span, object=f"dashboard:{one.name}", hint=hint)
                declared[one.name] = one
        for name, one in declared.items():
            identity = (
                f"dashboard:{model}/{quoted(name)}" if model else f"dashboard:{quoted_path(one.file.shown_as)}#{quoted(name)}"
            )
            made = dashboard_objects.merged(one, declared)
            if scope is not None:
                self._report_dashboard_parents(identity, one, made, declared, scope)
            yield dashboard_objects.dashboard(one, made, model, identity, find_explore)

    def _report_dashboard_parents(
        self,
        identity: str,
        one: dashboard_objects.Declared,
        made: dashboard_objects.Merged,
        known: Mapping[str, dashboard_objects.Declared],
        scope: Scope,
    ) -> None:
        if made.circular:
            message = f"dashboards extend each other: {' -> '.join(made.circular)}"
            self.findings.add("circular-extends", message, one.span, object=identity)
        extends = one.properties.get("extends")
        for name, span in extends.texts() if extends else ():
            if name not in known and not scope.missing_projects:
                message = f"`{one.name}` extends the dashboard `{name}`, which the model `{scope.name}` does not have"
                hint = suggestion(name, known)
                self.findings.add("unknown-parent", message, span, object=identity, hint=hint, length=len(name))


def _uses(scope: Scope) -> dict[str, bool]:
    """The views that explores of a scope use, by name.

    True if only through joins that bring no table: those that unnest a column (R6.8), and those of fields only (R6.20).
    """
    uses: dict[str, bool] = {}
    for resolved in scope.resolve_all("explore").values():
        uses[base_view(resolved.block).view_name] = False
        for join in resolved.block.blocks("join"):
            name = join.value("from") or join.value("view_name") or join.name or ""
            clause = join.value("sql")
            written = clause if clause is not None else join.value("sql_table_name")
            without_table = written is not None and (not written.strip() or _UNNEST.search(written) is not None)
            uses[name] = uses.get(name, True) and without_table
    return uses
