"""A tree of files to a `Project`: the passes of the compiler, in order."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

import msgspec

from dagster_lookml.config import Config
from dagster_lookml.diagnostics import in_order
from dagster_lookml.errors import did_you_mean, near_names
from dagster_lookml.semantic import dashboards as dashboard_objects
from dagster_lookml.semantic.constants import CONSTANT
from dagster_lookml.semantic.explores import base_view, explore
from dagster_lookml.semantic.field_lists import available_fields
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.includes import NEVER_INCLUDED
from dagster_lookml.semantic.merge import Block
from dagster_lookml.semantic.model_objects import model as model_object
from dagster_lookml.semantic.objects import Dashboard, Explore, Import, Model, Project, View, field_names
from dagster_lookml.semantic.scope import Resolved, Scope, Unresolved, closure
from dagster_lookml.semantic.sources import MANIFEST, ParsedFile, Parser, PlainParser, SourceProject
from dagster_lookml.semantic.views import view
from dagster_lookml.source import SourceTree, Span
from dagster_lookml.syntax.dashboards import Mapping as YamlMapping
from dagster_lookml.syntax.dashboards import Scalar, YamlNode
from dagster_lookml.syntax.nodes import ListNode, Node, PairNode
from dagster_lookml.syntax.vocabulary import unknown_words

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

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
    """

    project: Project
    blocks: Mapping[str, Block]


def compile_with_blocks(
    tree: SourceTree, config: Config | None = None, parser: Parser | None = None, progress: Progress | None = None
) -> Compilation:
    """Compile a project as `compile_project` does, and keep the merged blocks, for whoever wants to show LookML."""
    compiler = _Compiler(tree, config or Config(), parser or PlainParser(), progress or _no_progress)
    with _collection_paused():
        return Compilation(compiler.run(), compiler.blocks)


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Pause the cyclic garbage collector: what is built here lives on, and looking through it again and again finds nothing.

    On a large project that would be a third of the time, and grow faster than the project.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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
        included_models = {file.shown_as for scope in scopes for file in scope.files[:-1] if file.is_model}
        models = tuple(self._model(scope, view_ids[scope.name], explores, dashboards, included_models) for scope in scopes)
        for file in self._all_files():
            self._report_file(file)
        self._report_project(scopes)
        return Project(
            name=self.root.name,
            files=len(self.root.lookml_paths),
            imports=self._imports(),
            models=models,
            views=views,
            explores=explores,
            dashboards=dashboards,
            diagnostics=in_order(self.findings.diagnostics),
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

    def _all_files(self) -> Iterable[ParsedFile]:
        """The project's own files; what is wrong in an imported one is for its own project to say."""
        return self.files

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
        file = self._model_file(scope)
        shared = file is not None and file.shown_as in included
        scope.report_repeated("datagroup")
        return model_object(scope, file, views, explores, dashboards, self.findings, shared=shared)

    def _model_file(self, scope: Scope) -> ParsedFile | None:
        last = scope.files[-1] if scope.files else None
        return last if last is not None and last.is_model and last.model_name == scope.name else None

    # -- views ---------------------------------------------------------------------------------------------------------

    def _views(self, scopes: list[Scope]) -> tuple[tuple[View, ...], dict[str, dict[str, str]]]:
        """Every distinct view with the models that see it, and for each model the ids of its views by name."""
        resolved: dict[tuple[object, ...], Resolved] = {}
        seen_by: dict[tuple[object, ...], list[str]] = {}
        by_model: dict[str, dict[str, Resolved]] = {}
        nested: dict[tuple[object, ...], bool] = {}
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
        ids = _view_ids(resolved, seen_by)
        views: list[View] = []
        for number, (key, found) in enumerate(resolved.items()):
            self.progress("compiling", number, len(resolved))
            models = tuple(seen_by.get(key, ()))
            self.blocks[ids[key]] = found.block
            views.append(view(found, ids[key], models, nested=nested.get(key, False), findings=self.findings))
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
            found += self._dashboards_of(files, scope.name, known)
        for file in self.files:
            if file.dashboards is not None and file.shown_as not in included:
                found += self._dashboards_of([file], None, known)
        return tuple(sorted(found, key=lambda one: one.id))

    def _dashboards_of(self, files: list[ParsedFile], model: str | None, known: set[str]) -> Iterable[Dashboard]:
        def explore_id(written_model: str | None, name: str) -> str | None:
            identity = f"explore:{written_model or model}/{name}"
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
            if model is not None:
                self._report_dashboard_parents(identity, one, made, declared)
            yield dashboard_objects.dashboard(one, made, model, identity, explore_id)

    def _report_dashboard_parents(
        self,
        identity: str,
        one: dashboard_objects.Declared,
        made: dashboard_objects.Merged,
        known: Mapping[str, dashboard_objects.Declared],
    ) -> None:
        if made.circular:
            message = f"dashboards extend each other: {' -> '.join(made.circular)}"
            self.findings.add("circular-extends", message, one.span, object=identity)
        extends = one.properties.get("extends")
        for name, span in extends.texts() if extends else ():
            if name not in known and not self._waits(one.file):
                message = f"`{one.name}` extends the dashboard `{name}`, which the model does not have"
                hint = did_you_mean(near_names(name, tuple(known))).removeprefix("; ")
                self.findings.add("unknown-parent", message, span, object=identity, hint=hint, length=len(name))

    def _waits(self, file: ParsedFile) -> bool:
        return any(self.root.imported(name) is None for name in file.project.uses)

    # -- findings about files and the project --------------------------------------------------------------------------

    def _report_file(self, file: ParsedFile) -> None:
        words = unknown_words(file.nodes, manifest=file.path.rpartition("/")[2] == MANIFEST)
        for problem in (*file.problems, *words):
            self.findings.add(problem.rule, problem.message, file.span(problem.start), length=max(1, problem.end - problem.start))
        for include in file.includes:
            if include.outside:
                message = f'`include: "{include.written}"` leaves the project'
                self.findings.add("include-outside", message, include.span, length=len(include.written))
            elif not include.files and include.missing_project is None:
                message = f'`include: "{include.written}"` matches no file'
                self.findings.add("include-no-match", message, include.span, length=len(include.written))
        self._report_constants(file)
        self._report_wildcards(file)

    def _report_wildcards(self, file: ParsedFile) -> None:
        """Two files that one wildcard brings in and that refine the same object: the order of their paths decides (R2.12)."""
        for include in file.includes:
            refined: dict[str, ParsedFile] = {}
            for included in include.files if len(include.files) > 1 else ():
                names = [f"{kind}: {node.name}" for kind in ("view", "explore") for node in included.blocks.get(kind, ())]
                for name in dict.fromkeys(name for name in names if ": +" in name):
                    if name in refined:
                        message = f"the order in which `{name}` is refined depends on this wildcard"
                        hint = f"{refined[name].shown_as} comes before {included.shown_as}"
                        self.findings.add("wildcard-order", message, include.span, hint=hint, length=len(include.written))
                    refined[name] = included

    def _report_constants(self, file: ParsedFile) -> None:
        """Name every constant that the file's project does not define (R9.6)."""
        if "@{" not in file.source.text:
            return
        known = file.project.constants.values
        for text, start in _values(file):
            for found in CONSTANT.finditer(text):
                name = found.group(1)
                if name not in known:
                    message = f"the manifest defines no constant `{name}`"
                    hint = did_you_mean(near_names(name, tuple(known))).removeprefix("; ")
                    span = file.span(start + found.start())
                    self.findings.add("undefined-constant", message, span, hint=hint, length=len(found.group()))

    def _report_project(self, scopes: list[Scope]) -> None:
        for refusal in self.root.tree.refusals():
            self.findings.add(refusal.rule, f"not read: {refusal.message}", Span(refusal.path, 0, 0))
        for error in self.root.unreadable:
            self.findings.add("unreadable-file", f"not read: {error.reason}", Span(error.path, 0, 0))
        for constant in self.root.manifest.constants:
            cycle = self.root.constants.cycle(constant.name)
            if cycle:
                message = f"the constant contains itself: {' -> '.join(cycle)}"
                self.findings.add("circular-constant", message, constant.span, length=len("constant"))
        self._report_overrides()
        self._report_missing_imports(scopes)
        for scope in scopes:
            self._report_included_models(scope)
        if not any(file.is_model for file in self.files):
            message = f"no model file; all files are read as one model named `{self.root.name}`"
            self.findings.add("no-model", message, Span("", 0, 0))

    def _report_included_models(self, scope: Scope) -> None:
        own = self._model_file(scope)
        for file in scope.files:
            for include in file.includes if own is not None else ():
                for included in include.files:
                    if included.is_model and included is not own and included is not file:
                        message = f"`{included.shown_as}` is a model of its own, and is included here"
                        hint = "its explores and views come in; its connection and label do not"
                        self.findings.add("include-model", message, include.span, hint=hint, length=len(include.written))

    def _report_overrides(self) -> None:
        for dependency in self.root.manifest.dependencies:
            project = self.root.imported(dependency.name)
            if project is None:
                continue
            exports = {constant.name: constant.export for constant in project.manifest.constants}
            given = {override.name for override in dependency.overrides}
            for override in dependency.overrides:
                if exports.get(override.name, "none") == "none":
                    reason = "does not export it" if override.name in exports else "has no such constant"
                    message = f"`{override.name}` cannot be overridden: the project {dependency.name} {reason}"
                    self.findings.add("constant-not-exported", message, override.span)
            for name, export in exports.items():
                if export == "override_required" and name not in given:
                    message = f"the project {dependency.name} wants a value for its constant `{name}`"
                    self.findings.add("constant-without-override", message, dependency.span)

    def _report_missing_imports(self, scopes: list[Scope]) -> None:
        """Say of each absent import once that it is absent, and what follows (S3)."""
        spans = {dependency.name: dependency.span for dependency in self.root.manifest.dependencies}
        for name in sorted(self.root.uses):
            if self.root.imported(name) is not None:
                continue
            uses = [include for file in self.files for include in file.includes if include.missing_project == name]
            models = [scope.name for scope in scopes if name in scope.missing_projects]
            open_names = [_count(sorted(names), what) for what, names in sorted(self.unresolved.names(name).items())]
            message = f"the project {name} is not here: {_count(uses, 'include')} in {_count(models, 'model')} cannot be followed"
            if open_names:
                message += f"; with it are missing {' and '.join(open_names)}"
            hint = f'check it out and name its directory in dagster-lookml.toml: [imports] {name} = "../{name}"'
            span = spans.get(name) or uses[0].span
            self.findings.add("missing-import", message, span, hint=hint)

    def _imports(self) -> tuple[Import, ...]:
        spans = {dependency.name: dependency.span for dependency in self.root.manifest.dependencies}
        imports: list[Import] = []
        for name in sorted({*spans, *self.root.uses}):
            project = self.root.imported(name)
            path = project.tree.location if project is not None else None
            imports.append(Import(name=name, path=path, span=spans.get(name), uses=self.root.uses.get(name, 0)))
        return tuple(imports)


def _count(things: Sequence[object], noun: str) -> str:
    return f"{len(things):,} {noun}{'' if len(things) == 1 else 's'}"


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


def _view_ids(
    resolved: Mapping[tuple[object, ...], Resolved], seen_by: Mapping[tuple[object, ...], list[str]]
) -> dict[tuple[object, ...], str]:
    """An id for every distinct view: its name if it is the only one of it, else with its first model or its file."""
    counts: dict[str, int] = {}
    for found in resolved.values():
        name = found.block.name or ""
        counts[name] = counts.get(name, 0) + 1
    ids: dict[tuple[object, ...], str] = {}
    for key, found in resolved.items():
        name = found.block.name or ""
        models = seen_by.get(key)
        if counts[name] == 1:
            ids[key] = f"view:{quoted(name)}"
        elif models:
            ids[key] = f"view:{quoted(models[0])}/{quoted(name)}"
        else:
            ids[key] = f"view:{quoted_path(found.declared[0].file.shown_as)}#{quoted(name)}"
    return ids


def quoted(name: str) -> str:
    """A name as it stands in an id: percent-encoded outside ``[A-Za-z0-9_.-]``.

    >>> quoted("Net sales/day")
    'Net%20sales%2Fday'
    """
    return "".join(
        character if character.isascii() and (character.isalnum() or character in "_.-") else _encoded(character)
        for character in name
    )


def quoted_path(path: str) -> str:
    """A path as it stands in an id; its slashes stay."""
    return "/".join(quoted(part) for part in path.split("/"))


def _encoded(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogateescape"))


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
