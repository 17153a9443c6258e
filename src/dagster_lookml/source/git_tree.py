"""The files of a project at any ref, straight from git objects; those of submodules at the commit that the ref has of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple

from dagster_lookml.errors import GitError, SourceError
from dagster_lookml.source.files import SourceFile, printable
from dagster_lookml.source.refs import commit_of
from dagster_lookml.source.repository import folder_in_repository, open_repository, read_blobs
from dagster_lookml.source.tree import IMPORTS_FOLDER, Refusal, SourceTree, climbs_out, is_lookml, sorted_paths, too_large

_LINKS_FOLLOWED: Final = 8


class _Entry(NamedTuple):
    mode: str
    blob_id: str
    size: int


class GitTree:
    """The files of a project at one commit.

    Args:
        directory: the work tree, a directory inside it that is the project's root, or a bare repository.
        ref: a branch, a tag, a commit id, ``origin/x``, ``HEAD~2``: whatever git understands.
        max_bytes: larger LookML files are refused.

    Raises:
        SourceError: the directory is in no git repository.
        GitError: the repository has no such ref.
    """

    def __init__(self, directory: Path, ref: str, max_bytes: int) -> None:
        repo = open_repository(directory)
        if repo is None:
            raise SourceError(str(directory), "not in a git repository, so --ref means nothing here")
        self._repo = repo
        self._directory = directory
        self._max_bytes = max_bytes
        self.ref = ref
        self.commit = commit_of(repo, str(directory), ref)
        self._prefix = folder_in_repository(repo, directory)
        self._shown_under = ""
        self._submodules: dict[str, _Submodule | None] = {}
        self._stand_ins: set[str] = set()

    @property
    def name(self) -> str:
        return printable(self._directory.resolve().name.removesuffix(".git"))

    @property
    def location(self) -> str:
        return f"{self._directory} at {self.ref}"

    @cached_property
    def _entries(self) -> dict[str, _Entry]:
        return self._listed[0]

    @cached_property
    def _listed(self) -> tuple[dict[str, _Entry], dict[str, str]]:
        """The blobs of the project by path; and the commits of its submodules."""
        listed = self._git("ls_tree")(
            "-r", "-z", "-l", "--full-tree", self.commit, "--", *([self._prefix] if self._prefix else [])
        )
        entries: dict[str, _Entry] = {}
        submodules: dict[str, str] = {}
        for line in listed.split("\0"):
            facts, _, path = line.partition("\t")
            if path:
                mode, kind, identity, size = facts.split()
                if kind == "blob":  # of one that is missing or broken, the size is BAD; whoever reads it is told
                    entries[path.removeprefix(self._prefix)] = _Entry(mode, identity, int(size) if size.isdigit() else 0)
                elif kind == "commit":
                    submodules[path.removeprefix(self._prefix)] = identity
        return entries, submodules

    def _git(self, command: str) -> Callable[..., Any]:
        """A git command whose failure says that the repository cannot be read at this ref."""
        import git

        def run(*arguments: str, **options: Any) -> Any:
            try:
                return getattr(self._repo.git, command)(*arguments, **options)
            except git.GitError as error:
                reason = "objects of it are missing or broken; is this a partial clone?"
                raise GitError(str(self._directory), self.ref, reason) from error

        return run

    @cached_property
    def _links(self) -> dict[str, str | None]:
        """Where each symbolic link ends; None where it leaves the tree or ends at no file."""
        links = {path: entry for path, entry in self._entries.items() if entry.mode == "120000"}
        contents = self._blobs([entry.blob_id for entry in links.values()])
        targets = {path: contents[entry.blob_id].decode("utf-8", "surrogateescape") for path, entry in links.items()}
        return {path: self._end_of_link(path, targets) for path in links}

    def _end_of_link(self, path: str, targets: dict[str, str]) -> str | None:
        for _ in range(_LINKS_FOLLOWED):
            if path not in targets:
                return path if path in self._entries else None
            joined = PurePosixPath(path).parent / targets[path]
            if joined.is_absolute() or climbs_out(joined):
                return None
            parts: list[str] = []
            for part in joined.parts:
                if part == "..":
                    parts.pop()
                else:
                    parts.append(part)
            path = "/".join(parts)
        return None

    @cached_property
    def _listing(self) -> tuple[dict[str, str], tuple[Refusal, ...]]:
        """The blob of every file that is read, and the files that are not."""
        blobs: dict[str, str] = {}
        refused: list[Refusal] = []
        for path in self._entries:
            end = self._links.get(path, path)
            if end is None:
                if is_lookml(path):
                    refused.append(Refusal(path, "link-outside", "a symbolic link that ends at no file of the project"))
            elif is_lookml(path) and self._entries[end].size > self._max_bytes:
                refused.append(Refusal(path, "file-too-large", too_large(self._entries[end].size, self._max_bytes)))
            else:
                blobs[path] = self._entries[end].blob_id
        return blobs, tuple(refused)

    def paths(self) -> tuple[str, ...]:
        return sorted_paths(path for path in self._listing[0] if not path.startswith(IMPORTS_FOLDER + "/"))

    def refusals(self) -> tuple[Refusal, ...]:
        return tuple(refusal._replace(path=self._shown_under + refusal.path) for refusal in self._listing[1])

    @cached_property
    def _contents(self) -> dict[str, bytes]:
        return self._blobs([identity for path, identity in self._listing[0].items() if is_lookml(path)])

    def _blobs(self, identities: Sequence[str]) -> dict[str, bytes]:
        """Read blobs in one batch, by a single git process."""
        blobs = dict(read_blobs(self._git("cat_file"), identities)) if identities else {}
        for identity in identities:
            if identity not in blobs:
                raise GitError(str(self._directory), self.ref, f"object {identity} is missing; is this a partial clone?")
        return blobs

    def read(self, path: str) -> SourceFile:
        identity = self._listing[0][path]
        content = self._contents.get(identity)
        return SourceFile(path, self._blobs([identity])[identity] if content is None else content, self._shown_under + path)

    def imported(self, project: str) -> SourceTree | None:
        from dagster_lookml.source.directory import DirectoryTree

        inside = _GitSubtree(self, f"{IMPORTS_FOLDER}/{project}/")
        if inside.paths():
            return inside
        folder = f"{IMPORTS_FOLDER}/{project}"
        if submodule := self._submodule(folder):
            return submodule
        on_disk = DirectoryTree(self._directory, self._max_bytes).imported(project)
        if folder in self._submodules and on_disk is not None and any(map(is_lookml, on_disk.paths())):
            self._stand_ins.add(folder)
        return on_disk

    def _submodule(self, folder: str) -> _Submodule | None:
        """The submodule of a folder at the commit that it has at this ref; None if there is none, or its objects are not here."""
        commit = self._listed[1].get(folder)
        if commit is not None and folder not in self._submodules:
            submodule = _Submodule(self, folder, commit)
            self._submodules[folder] = submodule if submodule.is_here() else None
        return self._submodules.get(folder)

    def stand_ins(self) -> tuple[str, ...]:
        return tuple(sorted(self._stand_ins))

    def _object_folders(self, folder: str) -> Iterator[Path]:
        """Where the objects of a submodule may lie: where it is checked out, and where git keeps it for its superproject."""
        try:
            checked_out = open_repository(self._directory / folder)
        except SourceError:
            checked_out = None
        if checked_out is not None:
            yield Path(checked_out.common_dir) / "objects"
            checked_out.close()
        for git_dir in dict.fromkeys((Path(self._repo.git_dir), Path(self._repo.common_dir))):
            yield from (git_dir / "modules" / name / "objects" for name in self._submodule_names(self._prefix + folder))

    def _submodule_names(self, path: str) -> Iterator[str]:
        """What git calls the submodule of a path: by its ``.gitmodules``, and else as the path."""
        import git

        yield path
        blob = f"--blob={self.commit}:.gitmodules"
        try:
            listed = self._repo.git.config("-z", blob, "--get-regexp", r"^submodule\..*\.path$")
        except git.GitError:
            return
        for line in listed.split("\0"):
            key, _, value = line.partition("\n")
            name = key.removeprefix("submodule.").removesuffix(".path")
            if value == path and not climbs_out(PurePosixPath(name)) and not name.startswith("/"):
                yield name

    def neighbours(self) -> Iterator[SourceTree]:
        from dagster_lookml.source.directory import DirectoryTree

        return DirectoryTree(self._directory, self._max_bytes).neighbours()


class _Submodule(GitTree):
    """An imported project that is a submodule of its importer, at the commit that its importer has of it.

    Its objects are read by the git of the importer, which is told where they lie: so nothing that is configured for the
    submodule has a say, and it need not be checked out.
    """

    def __init__(self, importer: GitTree, folder: str, commit: str) -> None:
        repo = open_repository(importer._directory)
        assert repo is not None
        places = [str(place) for place in importer._object_folders(folder) if place.is_dir()]
        repo.git.update_environment(GIT_ALTERNATE_OBJECT_DIRECTORIES=os.pathsep.join(map(_quoted, dict.fromkeys(places))))
        self._repo = repo
        self._directory = importer._directory / folder
        self._max_bytes = importer._max_bytes
        self.ref = importer.ref
        self.commit = commit
        self._prefix = ""
        self._shown_under = f"{folder}/"
        self._submodules = {}
        self._stand_ins = set()

    def is_here(self) -> bool:
        """Tell whether the commit is among the objects."""
        import git

        try:
            self._repo.git.cat_file("-e", f"{self.commit}^{{tree}}")
        except git.GitError:
            return False
        return True

    @property
    def location(self) -> str:
        return self._shown_under.rstrip("/")

    def imported(self, project: str) -> SourceTree | None:
        inside = _GitSubtree(self, f"{IMPORTS_FOLDER}/{project}/")
        return inside if inside.paths() else None

    def neighbours(self) -> Iterator[SourceTree]:
        return iter(())


def _quoted(path: str) -> str:
    """A path as git takes it in a list of paths."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


class _GitSubtree:
    """An imported project that is committed inside its importer."""

    def __init__(self, tree: GitTree, prefix: str) -> None:
        self._tree = tree
        self._prefix = prefix

    @property
    def name(self) -> str:
        return PurePosixPath(self._prefix).name

    @property
    def location(self) -> str:
        return self._tree._shown_under + self._prefix.rstrip("/")

    def paths(self) -> tuple[str, ...]:
        prefix = self._prefix
        return sorted_paths(path.removeprefix(prefix) for path in self._tree._listing[0] if path.startswith(prefix))

    def refusals(self) -> tuple[Refusal, ...]:
        return ()

    def read(self, path: str) -> SourceFile:
        whole = self._prefix + path
        content = self._tree._contents[self._tree._listing[0][whole]]
        return SourceFile(path, content, self._tree._shown_under + whole)

    def imported(self, project: str) -> SourceTree | None:
        return None

    def stand_ins(self) -> tuple[str, ...]:
        return ()

    def neighbours(self) -> Iterator[SourceTree]:
        return iter(())
