"""The one stateful object: opens projects, on disk or at a git ref, and compiles them, parsing each content once."""

from __future__ import annotations

from pathlib import Path

from dagster_lookml.analysis.state import states
from dagster_lookml.config import Config, load_config
from dagster_lookml.errors import NoLookMLError
from dagster_lookml.lineage.answer import ProjectLineage, trace_project
from dagster_lookml.semantic.compile import Compilation, Progress, compile_with_blocks
from dagster_lookml.source import (
    DirectoryTree,
    GitTree,
    SourceFile,
    SourceTree,
    branches_with_lookml,
    is_lookml,
)
from dagster_lookml.source.dbt import DbtProject
from dagster_lookml.syntax.dashboards import DashboardTree, read_dashboards
from dagster_lookml.syntax.reading import LookMLTree, read_lookml


class ContentParser:
    """Parses a file once for each content, so that two refs of one repository share nearly all of it."""

    def __init__(self) -> None:
        self._lookml: dict[str, LookMLTree] = {}
        self._dashboards: dict[str, DashboardTree] = {}

    def lookml(self, source: SourceFile) -> LookMLTree:
        """Parse an ``.lkml`` file."""
        tree = self._lookml.get(source.blob_id)
        if tree is None:
            tree = self._lookml[source.blob_id] = read_lookml(source.text)
        return tree

    def dashboards(self, source: SourceFile) -> DashboardTree:
        """Parse a dashboard file."""
        tree = self._dashboards.get(source.blob_id)
        if tree is None:
            tree = self._dashboards[source.blob_id] = read_dashboards(source.text)
        return tree


class Workspace:
    """A repository and its configuration.

    Args:
        repository: the project's root: a directory, inside a git work tree or not, or a bare repository.
        config: the configuration; looked for in the repository if None.

    Raises:
        ConfigError: the configuration is wrong.

    >>> from pathlib import Path
    >>> Workspace(Path("lookml_fixtures/projects/storefront")).compile().project.name
    'storefront'
    """

    def __init__(self, repository: Path, config: Config | None = None) -> None:
        self.repository = repository
        self.config = load_config(repository) if config is None else config
        self._parser = ContentParser()
        self._trees: dict[str | None, SourceTree] = {}
        self._sources: dict[tuple[str | None, str], SourceFile] = {}

    def tree(self, ref: str | None = None) -> SourceTree:
        """The project's files on disk, or at a ref.

        Args:
            ref: whatever git understands; None for the files as they lie on disk.

        Raises:
            SourceError: they cannot be read.
            GitError: there is no such ref.
            NoLookMLError: there is no LookML among them.
        """
        if ref not in self._trees:
            limit = self.config.limits.max_file_bytes
            tree: SourceTree = DirectoryTree(self.repository, limit) if ref is None else GitTree(self.repository, ref, limit)
            if not any(is_lookml(path) for path in tree.paths()) and not tree.refusals():
                raise NoLookMLError(tree.location, branches_with_lookml(self.repository))
            self._trees[ref] = tree
        return self._trees[ref]

    def compile(self, ref: str | None = None, progress: Progress | None = None) -> Compilation:
        """Compile the project.

        Args:
            ref: as for `tree`.
            progress: told how far it is.

        Raises:
            SourceError, GitError, NoLookMLError: as for `tree`.
        """
        return compile_with_blocks(self.tree(ref), self.config, self._parser, progress)

    def lineage(self, ref: str | None = None, dbt: DbtProject | None = None, progress: Progress | None = None) -> ProjectLineage:
        """Trace the project down to the columns of the warehouse.

        Args:
            ref: as for `tree`.
            dbt: what a dbt manifest says, to join its models and to know columns.
            progress: told how far it is.

        Raises:
            SourceError, GitError, NoLookMLError: as for `tree`.

        >>> from pathlib import Path
        >>> graph = Workspace(Path("lookml_fixtures/projects/storefront")).lineage().lineage.graph
        >>> [edge.target for edge in graph.edges if edge.source == "table:analytics.order_items"][:1]
        ['view:order_items']
        """
        return trace_project(self.compile(ref, progress).project, self.config, dbt, progress)

    def states(self, base: str, ref: str | None = None) -> dict[str, frozenset[str]]:
        """The ids of what is new or otherwise than at another ref.

        Args:
            base: the ref that is compared with.
            ref: as for `tree`.

        Raises:
            SourceError, GitError, NoLookMLError: as for `tree`.
        """
        return states(self.compile(base).project, self.compile(ref).project)

    def source_line(self, file: str, line: int, ref: str | None = None) -> str:
        """The text of a line, for showing it; empty if the file is not the project's own.

        Args:
            file: path from the root.
            line: 1-based.
            ref: as for `tree`.
        """
        if (ref, file) not in self._sources:
            tree = self.tree(ref)
            self._sources[ref, file] = tree.read(file) if file in tree.paths() else SourceFile(file, b"")
        return self._sources[ref, file].line(line)
