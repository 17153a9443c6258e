"""Projects as sets of parsed files: each file parsed once, each import found once, each include resolved once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import msgspec

from dagster_lookml.config import Config
from dagster_lookml.errors import SourceError
from dagster_lookml.semantic.constants import Constants
from dagster_lookml.semantic.includes import PathIndex, read_include
from dagster_lookml.semantic.manifest import Constant, Dependency, Manifest, read_manifest
from dagster_lookml.semantic.objects import Ignore
from dagster_lookml.source import DirectoryTree, Problem, SourceFile, SourceTree, Span, is_lookml
from dagster_lookml.syntax.dashboards import DashboardTree, read_dashboards
from dagster_lookml.syntax.ignores import lookml_ignores, yaml_ignores
from dagster_lookml.syntax.nodes import BlockNode, Node, PairNode
from dagster_lookml.syntax.reading import LookMLTree, read_lookml

MANIFEST: Final = "manifest.lkml"
MODEL_SUFFIX: Final = ".model.lkml"
DASHBOARD_SUFFIX: Final = ".dashboard.lookml"


class Parser(Protocol):
    """Turns a file into its tree; the place where a cache of trees can step in."""

    def lookml(self, source: SourceFile) -> LookMLTree:
        """Parse an ``.lkml`` file."""

    def dashboards(self, source: SourceFile) -> DashboardTree:
        """Parse a dashboard file."""


class PlainParser:
    """The parser that parses every time."""

    def lookml(self, source: SourceFile) -> LookMLTree:
        return read_lookml(source.text)

    def dashboards(self, source: SourceFile) -> DashboardTree:
        return read_dashboards(source.text)


class Include(NamedTuple):
    """One include parameter, resolved.

    Attributes:
        written: as it stands in the file.
        span: of the text.
        files: that it means.
        missing_project: the project it names, if that is not here.
        outside: it climbs out of its project.
    """

    written: str
    span: Span
    files: tuple[ParsedFile, ...]
    missing_project: str | None = None
    outside: bool = False


class ParsedFile:
    """One LookML file of one project."""

    def __init__(self, project: SourceProject, source: SourceFile, parser: Parser) -> None:
        self.project = project
        self.source = source
        self.nodes: tuple[Node, ...] = ()
        self.dashboards: DashboardTree | None = None
        if source.path.endswith(DASHBOARD_SUFFIX):
            self.dashboards = parser.dashboards(source)
            self.problems: tuple[Problem, ...] = (*source.problems, *self.dashboards.problems)
        elif source.path.endswith(".lkml"):
            tree = parser.lookml(source)
            self.nodes = tree.nodes
            self.problems = (*source.problems, *tree.problems)
        else:
            message = "LookML of the old kind, which Looker no longer reads; the file is skipped"
            self.problems = (*source.problems, Problem("old-lookml", message, 0, 1))

    def __repr__(self) -> str:
        return f"ParsedFile({self.source.shown_as!r})"

    @property
    def path(self) -> str:
        """From the root of its project."""
        return self.source.path

    @property
    def shown_as(self) -> str:
        """The path to print."""
        return self.source.shown_as

    @property
    def is_model(self) -> bool:
        return self.path.endswith(MODEL_SUFFIX)

    @property
    def model_name(self) -> str:
        """What a model file's model is called (R1.3)."""
        return self.path.rpartition("/")[2].removesuffix(MODEL_SUFFIX)

    def span(self, offset: int) -> Span:
        return self.source.span(offset)

    def expand(self, text: str) -> str:
        """Replace the constants of this file's project (R9.4)."""
        return self.project.constants.expand(text) if "@{" in text else text

    @property
    def ignores(self) -> Iterator[Ignore]:
        """The comments by which findings are not reported."""
        text = self.source.text
        comments = lookml_ignores(text, self.nodes) if self.dashboards is None else yaml_ignores(text, self.dashboards)
        for one in comments:
            lines = (self.span(one.first).line, self.span(one.last).line)
            yield Ignore(rules=one.rules, reason=one.reason, span=self.span(one.start), first=lines[0], last=lines[1])

    @cached_property
    def includes(self) -> tuple[Include, ...]:
        """The file's includes in the order of their lines."""
        return tuple(
            self.project.include(self, node) for node in self.nodes if node.key == "include" and isinstance(node, PairNode)
        )

    @cached_property
    def blocks(self) -> dict[str, list[BlockNode]]:
        """The declarations of the file by their key; ``explore: e`` without braces is an empty one (R15.14)."""
        blocks: dict[str, list[BlockNode]] = {}
        for node in self.nodes:
            if isinstance(node, BlockNode):
                blocks.setdefault(node.key, []).append(node)
            elif isinstance(node, PairNode) and node.key in ("explore", "view"):
                empty = BlockNode(node.key, node.key_start, node.value, node.start, (), node.end)
                blocks.setdefault(node.key, []).append(empty)
        return blocks

    def pair(self, key: str) -> PairNode | None:
        """The last pair of a key at the top of the file."""
        return next((node for node in reversed(self.nodes) if isinstance(node, PairNode) and node.key == key), None)


class SourceProject:
    """One project: the one that is compiled, or one that it imports.

    Args:
        tree: its files.
        config: of the compiled project.
        parser: how files are parsed.
        importer: the project that imports this one.
        dependency: how it does so.
        name: what the importer calls it.
    """

    def __init__(
        self,
        tree: SourceTree,
        config: Config,
        parser: Parser,
        importer: SourceProject | None = None,
        dependency: Dependency | None = None,
        name: str | None = None,
    ) -> None:
        self.tree = tree
        self.config = config
        self.importer = importer
        self._parser = parser
        self._dependency = dependency
        self._called = name
        self._files: dict[str, ParsedFile] = {}
        self._imports: dict[str, SourceProject | None] = {}
        self.uses: dict[str, int] = {}
        self.unreadable: list[SourceError] = []

    @cached_property
    def lookml_paths(self) -> tuple[str, ...]:
        return tuple(path for path in self.tree.paths() if is_lookml(path))

    @cached_property
    def _index(self) -> PathIndex:
        return PathIndex(self.lookml_paths)

    @cached_property
    def manifest(self) -> Manifest:
        if MANIFEST not in self.lookml_paths:
            return Manifest()
        file = self.file(MANIFEST)
        return read_manifest(file.source, file.nodes)

    @cached_property
    def name(self) -> str:
        if self.importer is not None and self._called:
            return self._called
        return self.manifest.project_name or self.config.project_name or self.tree.name

    @cached_property
    def constants(self) -> Constants:
        """Values in force here: the manifest's, then the importer's overrides, then the configuration's (R9.5, R9.7)."""
        values = {constant.name: constant.value for constant in self.manifest.constants if constant.value is not None}
        if self.importer is not None and self._dependency is not None:
            exported = {constant.name for constant in self.manifest.constants if constant.export != "none"}
            for override in self._dependency.overrides:
                if override.name in exported and override.value is not None:
                    values[override.name] = self.importer.constants.expand(override.value)
        return Constants({**values, **self._configured_constants})

    @property
    def _configured_constants(self) -> dict[str, str]:
        """Of the compiled project the names as they are, of an imported one those with its name before them."""
        given = self.config.constants
        if self.importer is None:
            return {name: value for name, value in given.items() if "." not in name}
        return {name.removeprefix(f"{self.name}."): value for name, value in given.items() if name.startswith(f"{self.name}.")}

    @property
    def overrides(self) -> tuple[Constant, ...]:
        """The importer's overrides."""
        return self._dependency.overrides if self._dependency else ()

    def file(self, path: str) -> ParsedFile:
        if path not in self._files:
            try:
                source = self.tree.read(path)
            except SourceError as error:
                self.unreadable.append(error)
                source = SourceFile(path, b"")
            self._files[path] = ParsedFile(self, source, self._parser)
        return self._files[path]

    def include(self, file: ParsedFile, node: PairNode) -> Include:
        """Resolve one include parameter of one of this project's files."""
        span = file.span(node.start)
        directory = file.path.rpartition("/")[0]
        project_name, pattern = read_include(self.constants.expand(node.value), directory)
        if pattern is None:
            return Include(node.value, span, (), outside=True)
        if project_name is None or project_name == self.name:
            return Include(node.value, span, self._find(pattern))
        self.uses[project_name] = self.uses.get(project_name, 0) + 1
        project = self.imported(project_name)
        if project is None:
            return Include(node.value, span, (), missing_project=project_name)
        return Include(node.value, span, project._find(pattern))

    def _find(self, pattern: str) -> tuple[ParsedFile, ...]:
        paths = self._index.match(pattern)
        first, _, rest = pattern.partition("/")
        if not paths and rest and first in self._own_names:
            paths = self._index.match(rest)
        return tuple(self.file(path) for path in paths)

    @cached_property
    def _own_names(self) -> frozenset[str]:
        """What the first part of an absolute path may call this project (R2.4): its directory only if nothing else names it."""
        return frozenset({self.name, self.manifest.project_name or self.name})

    def imported(self, name: str) -> SourceProject | None:
        """The project of a name, where one can be found (R1.7, R1.9); None if it is not here."""
        if name not in self._imports:
            self._imports[name] = None  # while it is looked for, a project that imports itself finds nothing
            self._imports[name] = self._locate(name)
        return self._imports[name]

    @property
    def looked_for(self) -> Mapping[str, SourceProject | None]:
        """The imported projects that were asked for, by name; None for one that is not here."""
        return self._imports

    def _locate(self, name: str) -> SourceProject | None:
        if self.importer is not None:
            for ancestor in self._ancestors():
                if ancestor.name == name:
                    return ancestor
        dependency = next((dependency for dependency in self.manifest.dependencies if dependency.name == name), None)
        tree = self._configured(name) or self.tree.imported(name)
        if tree is not None and not any(is_lookml(path) for path in tree.paths()):
            tree = None  # an empty folder, such as a submodule that was not fetched, is no project
        if tree is None and (dependency is not None or self.importer is None):
            tree = self._neighbour(name)
        if tree is not None:
            return SourceProject(tree, self._config_for_imports, self._parser, self, dependency, name)
        return self.importer.imported(name) if self.importer is not None else None

    def _ancestors(self) -> list[SourceProject]:
        ancestors: list[SourceProject] = []
        project = self.importer
        while project is not None:
            ancestors.append(project)
            project = project.importer
        return ancestors

    @cached_property
    def _config_for_imports(self) -> Config:
        """The configuration without what is about the compiled project alone: its name."""
        return msgspec.structs.replace(self.config, project_name=None)

    def _configured(self, name: str) -> SourceTree | None:
        path = self.config.imports.get(name)
        if path is None:
            return None
        directory = Path(self.config.directory) / Path(path).expanduser()
        return DirectoryTree(directory, self.config.limits.max_file_bytes, f"{path.rstrip('/')}/")

    def _neighbour(self, name: str) -> SourceTree | None:
        for tree in self.tree.neighbours():
            project = SourceProject(tree, self._config_for_imports, self._parser)
            if project.manifest.project_name == name:
                return tree
        return None
