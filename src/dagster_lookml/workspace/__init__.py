"""The one stateful object: opens projects, on disk or at a git ref, and answers for them; what was computed once is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from dagster_lookml.cache import DiskStore, NoStore, Store, cache_directory, key
from dagster_lookml.config import Config, load_config
from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.errors import NoLookMLError
from dagster_lookml.lineage.result import Lineage
from dagster_lookml.progress import Progress
from dagster_lookml.semantic.collecting import collection_paused
from dagster_lookml.semantic.objects import Lookup, Project
from dagster_lookml.semantic.packing import pack_project, unpack_project
from dagster_lookml.source import (
    DirectoryTree,
    GitTree,
    SourceFile,
    SourceTree,
    branches_with_lookml,
    is_lookml,
    merge_base,
    repository_folder,
)
from dagster_lookml.source.dbt import DbtProject
from dagster_lookml.workspace.answer import Summary, TracedProject, packed_parts, summary_of
from dagster_lookml.workspace.keys import Import, are_unchanged, dbt_key, imports_of, project_key
from dagster_lookml.workspace.large import get_large, put_large

if TYPE_CHECKING:  # what only work needs that was not done before; a second start loads none of it
    from dagster_lookml.analysis.diff.change import Change, Diff
    from dagster_lookml.lineage.answer import ProjectLineage
    from dagster_lookml.lineage.graph import Graph
    from dagster_lookml.semantic.compile import Compilation
    from dagster_lookml.sql.dialects import Dialect
    from dagster_lookml.workspace.parsing import ContentParser
    from dagster_lookml.workspace.statements import ContentReader

_PROJECT: Final = "project"
_LINEAGE: Final = "lineage"


class _StoredImports(msgspec.Struct, frozen=True):
    """The imported projects that a compiled project depends on."""

    imports: tuple[Import, ...]


_Kept = TypeVar("_Kept", Summary, _StoredImports)


def default_store() -> Store:
    """The store of this user, or one that remembers nothing where there is no place for it."""
    directory = cache_directory()
    return DiskStore(directory) if directory is not None else NoStore()


def _is_without_lookml(tree: SourceTree) -> bool:
    return not any(is_lookml(path) for path in tree.paths()) and not tree.refusals()


class Workspace:
    """A repository and its configuration.

    Args:
        repository: the project's root: a directory, inside a git work tree or not, or a bare repository.
        config: the configuration; looked for in the repository if None.
        store: where what was computed is kept; the user's own if None. It changes how long an answer takes, and no answer.

    Raises:
        ConfigError: the configuration is wrong.

    >>> from pathlib import Path
    >>> Workspace(Path("lookml_fixtures/projects/storefront")).project().name
    'storefront'
    """

    def __init__(self, repository: Path, config: Config | None = None, store: Store | None = None) -> None:
        self.repository = repository
        self.config = load_config(repository) if config is None else config
        self._store = default_store() if store is None else store
        self._files: dict[str | None, SourceTree] = {}
        self._trees: dict[str | None, SourceTree] = {}
        self._keys: dict[str | None, str] = {}
        self._compilations: dict[str | None, Compilation] = {}
        self._imports: dict[str | None, tuple[Import, ...]] = {}
        self._projects: dict[str | None, Project] = {}

    @cached_property
    def _parser(self) -> ContentParser:
        from dagster_lookml.workspace.parsing import ContentParser

        return ContentParser(self._store)

    @cached_property
    def _reader(self) -> ContentReader:
        from dagster_lookml.workspace.statements import ContentReader

        return ContentReader(self._store)

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
            tree = self.files(ref)
            if _is_without_lookml(tree):
                raise NoLookMLError(tree.location, branches_with_lookml(self.repository))
            self._trees[ref] = tree
        return self._trees[ref]

    def files(self, ref: str | None = None) -> SourceTree:
        """As `tree`, whether or not there is any LookML.

        Args:
            ref: as for `tree`.

        Raises:
            SourceError, GitError: as for `tree`.
        """
        if ref not in self._files:
            limit = self.config.limits.max_file_bytes
            self._files[ref] = DirectoryTree(self.repository, limit) if ref is None else GitTree(self.repository, ref, limit)
        return self._files[ref]

    @property
    def opened(self) -> Mapping[str | None, SourceTree]:
        """The files that were looked at so far, by ref."""
        return self._files

    def compile(self, ref: str | None = None, progress: Progress | None = None) -> Compilation:
        """Compile the project, and keep the merged blocks for whoever wants to show LookML.

        Args:
            ref: as for `tree`.
            progress: told how far it is.

        Raises:
            SourceError, GitError, NoLookMLError: as for `tree`.
        """
        if ref not in self._compilations:
            self._compilations[ref] = self._compile(ref, progress)
        return self._compilations[ref]

    def _compile(self, ref: str | None, progress: Progress | None) -> Compilation:
        from dagster_lookml.semantic.compile import compile_with_blocks

        tree = self.tree(ref)
        self._parser.fetch(tree.read(path).blob_id for path in tree.paths() if is_lookml(path))
        compilation = compile_with_blocks(tree, self.config, self._parser, progress)
        self._parser.keep()
        return compilation

    def project(self, ref: str | None = None, progress: Progress | None = None) -> Project:
        """The compiled project; arguments and errors as for `compile`."""
        if ref not in self._projects:
            self._projects[ref] = self._stored_project(ref) or self._compiled_project(ref, progress)
        return self._projects[ref]

    def lineage(self, ref: str | None = None, dbt: DbtProject | None = None, progress: Progress | None = None) -> TracedProject:
        """Trace the project down to the columns of the warehouse.

        Args:
            ref: as for `tree`.
            dbt: what a dbt manifest says, to join its models and to know columns.
            progress: told how far it is.

        Raises:
            SourceError, GitError, NoLookMLError: as for `tree`.

        >>> from pathlib import Path
        >>> traced = Workspace(Path("lookml_fixtures/projects/storefront")).lineage()
        >>> [edge.target for edge in traced.graph.edges if edge.source == "table:shop.order_items"][:1]
        ['view:order_items']
        """
        name = key(self._key(ref), dbt_key(dbt))
        stored = self._stored(_LINEAGE, name, Summary)

        def trace() -> ProjectLineage:
            from dagster_lookml.lineage.answer import trace_project

            return trace_project(self.project(ref, progress), self.config, dbt, progress, self._reader)

        if stored is not None and are_unchanged(self.tree(ref), self.config, stored.imports):
            return TracedProject(
                stored,
                lambda: self.project(ref, progress),
                lambda: trace().lineage,
                lambda part: get_large(self._store, _LINEAGE, key(name, part)),
            )
        with collection_paused():
            found = trace()
            summary = summary_of(found, self._imports[ref])
            self._reader.keep()
            self._keep_lineage(name, summary, found.lineage)
        return TracedProject(summary, lambda: found.project, lambda: found.lineage)

    def findings(
        self, ref: str | None, asked: frozenset[str], dbt: DbtProject | None = None, progress: Progress | None = None
    ) -> tuple[Diagnostic, ...]:
        """Everything that is wrong in the project and that no comment ignores.

        Args:
            ref: as for `tree`.
            asked: the names of the rules that somebody wants to hear of; there may be findings of others.
            dbt: what dbt's artifacts say of the columns of its tables.
            progress: told how far it is.

        Raises:
            SourceError, GitError, NoLookMLError: as for `tree`.
        """

        def checked() -> tuple[Diagnostic, ...]:
            from dagster_lookml.analysis.checks import check

            traced = self.lineage(ref, dbt, progress)
            return check(traced.project, traced, asked, dbt)

        content = self.kept("findings", sorted(asked), lambda: msgspec.msgpack.encode(checked()), ref, dbt)
        try:
            return msgspec.msgpack.decode(content, type=tuple[Diagnostic, ...])
        except msgspec.DecodeError:  # damaged
            return checked()

    def kept(
        self, kind: str, parts: Sequence[str], make: Callable[[], bytes], ref: str | None = None, dbt: DbtProject | None = None
    ) -> bytes:
        """Something that follows from the lineage of the project, made once for each state of its files.

        Args:
            kind: what it is.
            parts: what else it follows from.
            make: makes it.
            ref: as for `tree`.
            dbt: as for `lineage`.

        Raises:
            SourceError, GitError, NoLookMLError: as for `tree`.
        """
        name = self._name_beside_lineage(parts, ref, dbt)
        content = get_large(self._store, kind, name) if name is not None else None
        if content is not None:
            return content
        content = make()
        name = self._name_beside_lineage(parts, ref, dbt)  # there is one only where the lineage could be kept
        if name is not None:
            put_large(self._store, kind, {name: content})
        return content

    def _name_beside_lineage(self, parts: Sequence[str], ref: str | None, dbt: DbtProject | None) -> str | None:
        """The key of what follows from the lineage that is kept; None if none is kept of what the files are now."""
        stored = self._stored(_LINEAGE, key(self._key(ref), dbt_key(dbt)), Summary)
        if stored is None or not are_unchanged(self.tree(ref), self.config, stored.imports):
            return None
        return key(self._key(ref), dbt_key(dbt), *parts, msgspec.msgpack.encode(stored.imports))

    def dialects(self, ref: str | None = None) -> dict[str, Dialect]:
        """The dialect of each connection by its name, configured or inferred from the SQL of its views.

        Args:
            ref: as for `tree`.

        Raises:
            SourceError, GitError, NoLookMLError: as for `tree`.
        """
        from dagster_lookml.lineage.worlds import dialects, worlds

        project = self.project(ref)
        found = dialects(worlds(project, self.config, Lookup(project), self._reader).values())
        self._reader.keep()
        return found

    def states(self, base: str, ref: str | None = None) -> dict[str, frozenset[str]]:
        """The ids of what is new or otherwise than at another ref.

        Args:
            base: the ref that is compared with.
            ref: as for `tree`.

        Raises:
            SourceError, GitError, NoLookMLError: as for `tree`.
        """
        from dagster_lookml.analysis.modified import states
        from dagster_lookml.analysis.refined import with_refinements

        return states(with_refinements(self.project(base)), with_refinements(self.project(ref)))

    def base_commit(self, base: str, ref: str | None = None, *, exact: bool = False) -> str:
        """The commit that a change is compared with.

        Args:
            base: the ref that it is meant for.
            ref: as for `tree`.
            exact: that ref itself, and not where the two parted.

        Raises:
            SourceError: this is no git repository.
            GitError: it has no such refs, or does not have the commit where they parted.
        """
        return merge_base(self.repository, base, base if exact else ref or "HEAD")

    def diff(self, base: str, ref: str | None = None, *, exact: bool = False, progress: Progress | None = None) -> Diff:
        """What the project means otherwise than at another ref.

        Args:
            base: the ref that is compared with.
            ref: as for `tree`.
            exact: compare with `base` itself, and not with where the two parted.
            progress: told how far it is.

        Raises:
            SourceError, GitError: as for `tree` and `base_commit`.
            NoLookMLError: there is no LookML on either side. On one there need not be any: a change may bring all, or take it.
        """
        from dagster_lookml.analysis.diff import diff
        from dagster_lookml.analysis.diff.state import State
        from dagster_lookml.analysis.diff.unread import not_read
        from dagster_lookml.analysis.reporting import wanted

        asked = wanted(self.config.rules)
        commit = self.base_commit(base, ref, exact=exact)
        sides = {side: self.files(side) for side in (commit, ref)}
        if not all(map(_is_without_lookml, sides.values())):
            self._trees = {**sides, **self._trees}
        before, after = (
            State(
                self.lineage(side, None, progress),
                self.config,
                partial(self._named_graph, side, None),
                partial(self.findings, side, asked, None, progress),
            )
            for side in (commit, ref)
        )
        found = not_read(diff(before, after), self.files(ref).refusals())
        return msgspec.structs.replace(found, base=base, base_commit=commit, head=ref)

    def named(
        self, ref: str | None = None, dbt: DbtProject | None = None, progress: Progress | None = None
    ) -> tuple[Project, Graph]:
        """The project and its graph as `lineage` has them, and in it what only names say of absent imports.

        Its refinements without a base stand among the views and explores, and so do explores that only tiles name.

        Args:
            ref: as for `tree`.
            dbt: as for `lineage`.
            progress: told how far it is.

        Raises:
            SourceError, GitError, NoLookMLError: as for `tree`.
        """
        from dagster_lookml.analysis.refined import with_named_explores, with_refinements

        project = self.project(ref, progress)
        if not any(model.missing_projects for model in project.models):
            return project, self.lineage(ref, dbt, progress).graph
        named = with_named_explores(with_refinements(project))
        return named, self._named_graph(ref, dbt, named)

    def _named_graph(self, ref: str | None, dbt: DbtProject | None, project: Project) -> Graph:
        """The lineage of a project that names stand in, which is kept beside the plain one."""
        from dagster_lookml.lineage.answer import trace_project
        from dagster_lookml.lineage.packing import pack_graph, unpack_graph

        def traced() -> Graph:
            graph = trace_project(project, self.config, dbt, None, self._reader).lineage.graph
            self._reader.keep()
            return graph

        content = self.kept("named", [], lambda: pack_graph(traced()), ref, dbt)
        try:
            return unpack_graph(content)
        except (msgspec.DecodeError, ValueError, IndexError):  # damaged
            return traced()

    def dbt_diff(
        self, base: DbtProject, head: DbtProject, ref: str | None = None, progress: Progress | None = None
    ) -> tuple[Change, ...]:
        """What differs between two states of a dbt project, and what that means for the LookML that reads its tables.

        Args:
            base: the dbt project before.
            head: the dbt project after.
            ref: as for `tree`.
            progress: told how far it is.

        Raises:
            SourceError, GitError, NoLookMLError: as for `tree`.
        """
        from dagster_lookml.analysis.dbt_diff import dbt_changes
        from dagster_lookml.analysis.diff.state import State

        traced = self.lineage(ref, base, progress)
        return dbt_changes(base, head, State(traced, self.config), traced.lineage)

    @cached_property
    def folder(self) -> str:
        """The project's path in its git repository, with ``/`` at its end: what a forge puts before the paths of its files."""
        return repository_folder(self.repository)

    def source_line(self, file: str, line: int, ref: str | None = None) -> str:
        """The text of a line, for showing it; empty if the file is not the project's own.

        Args:
            file: path from the root.
            line: 1-based.
            ref: as for `tree`.
        """
        tree = self.tree(ref)
        return (tree.read(file) if file in tree.paths() else SourceFile(file, b"")).line(line)

    # -- what is kept --------------------------------------------------------------------------------------------------

    def _key(self, ref: str | None) -> str:
        if ref not in self._keys:
            self._keys[ref] = project_key(self.tree(ref), self.config)
        return self._keys[ref]

    def _stored_project(self, ref: str | None) -> Project | None:
        name = self._key(ref)
        stored = self._stored(_PROJECT, name, _StoredImports)
        if stored is None or not are_unchanged(self.tree(ref), self.config, stored.imports):
            return None
        content = get_large(self._store, _PROJECT, key(name, "objects"))
        try:
            project = unpack_project(content) if content is not None else None
        except msgspec.DecodeError:
            return None
        self._imports[ref] = stored.imports
        return project

    def _compiled_project(self, ref: str | None, progress: Progress | None) -> Project:
        """The compiled project without its blocks, which take as much memory again."""
        compilation = self._compilations.get(ref) or self._compile(ref, progress)
        imports = self._imports[ref] = imports_of(compilation.source)
        if not isinstance(self._store, NoStore):
            name = self._key(ref)
            put_large(self._store, _PROJECT, {key(name, "objects"): pack_project(compilation.project)})
            self._store.put(_PROJECT, {name: msgspec.msgpack.encode(_StoredImports(imports))})
        return compilation.project

    def _keep_lineage(self, name: str, summary: Summary, lineage: Lineage) -> None:
        if not isinstance(self._store, NoStore):
            put_large(self._store, _LINEAGE, {key(name, part): content for part, content in packed_parts(lineage).items()})
            self._store.put(_LINEAGE, {name: msgspec.msgpack.encode(summary)})

    def _stored(self, kind: str, name: str, of: type[_Kept]) -> _Kept | None:
        content = self._store.get(kind, [name]).get(name)
        try:
            return msgspec.msgpack.decode(content, type=of) if content is not None else None
        except msgspec.DecodeError:
            return None
