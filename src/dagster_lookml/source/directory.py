"""The files of a project as they lie on disk, uncommitted changes included."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from dagster_lookml.errors import SourceError
from dagster_lookml.source.files import SourceFile, printable
from dagster_lookml.source.tree import IMPORTS_FOLDER, Refusal, is_lookml, sorted_paths, too_large
from dagster_lookml.source.work_tree import WorkTree, staged_contents, work_tree


class DirectoryTree:
    """A project on disk.

    In a git work tree its files are the tracked ones and those that git does not ignore; elsewhere everything that is not in a
    folder whose name begins with a dot.

    Args:
        directory: the project's root; a repository or any directory inside one.
        max_bytes: larger LookML files are refused.
        shown_under: put before paths that are printed, for a project that lies inside another.

    Raises:
        SourceError: there is no such directory, or it cannot be listed.
    """

    def __init__(self, directory: Path, max_bytes: int, shown_under: str = "") -> None:
        if not directory.is_dir():
            raise SourceError(str(directory), "not a directory" if directory.exists() else "no such directory")
        if not os.access(directory, os.R_OK | os.X_OK):
            raise SourceError(str(directory), "permission denied")
        self._directory = directory
        self._max_bytes = max_bytes
        self._shown_under = shown_under
        self._files: dict[str, SourceFile] = {}

    @property
    def name(self) -> str:
        return printable(self._directory.resolve().name)

    @property
    def location(self) -> str:
        return self._shown_under.rstrip("/") or str(self._directory)

    @cached_property
    def _listing(self) -> tuple[tuple[str, ...], tuple[Refusal, ...]]:
        """The files that are read, and those that are not."""
        root = self._directory.resolve()
        paths: list[str] = []
        refused: list[Refusal] = []
        for path in self._work_tree.paths if self._work_tree is not None else _walk(self._directory):
            if path.startswith(IMPORTS_FOLDER + "/"):
                continue
            refusal = self._refusal(root, path) if is_lookml(path) else None
            if refusal is not None:
                refused.append(refusal)
            elif not is_lookml(path) or path in self._sparse or (self._directory / path).is_file():
                paths.append(path)  # others were deleted in the work tree and are still in git's index, or link to a directory
        return sorted_paths(paths), tuple(sorted(refused))

    @cached_property
    def _work_tree(self) -> WorkTree | None:
        return work_tree(self._directory)

    @cached_property
    def _sparse(self) -> dict[str, bytes | None]:
        """What git has of LookML that its checkout leaves out; None for what it lacks."""
        known = self._work_tree.sparse if self._work_tree is not None else {}
        absent = {path: blob for path, blob in known.items() if is_lookml(path) and not os.path.lexists(self._directory / path)}
        contents = staged_contents(self._directory, list(absent.values()))
        return {path: contents.get(blob) for path, blob in absent.items()}

    def _sparse_refusal(self, path: str) -> Refusal | None:
        content = self._sparse[path]
        if content is None:
            return Refusal(path, "unreadable-file", "it is not checked out, and git does not have it here")
        if len(content) > self._max_bytes:
            return Refusal(path, "file-too-large", too_large(len(content), self._max_bytes))
        return None

    def _refusal(self, root: Path, path: str) -> Refusal | None:
        if path in self._sparse:
            return self._sparse_refusal(path)
        file = self._directory / path
        try:
            facts = file.lstat()
            if stat.S_ISLNK(facts.st_mode):
                if not _ends_inside(file, root):
                    return Refusal(path, "link-outside", "a symbolic link that ends at no file of the project")
                facts = file.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            return Refusal(path, "unreadable-file", error.strerror or str(error))
        if not stat.S_ISREG(facts.st_mode):
            return None if stat.S_ISDIR(facts.st_mode) else Refusal(path, "unreadable-file", "not a regular file")
        if facts.st_size > self._max_bytes:
            return Refusal(path, "file-too-large", too_large(facts.st_size, self._max_bytes))
        if not os.access(file, os.R_OK):
            return Refusal(path, "unreadable-file", "permission denied")
        return None

    def paths(self) -> tuple[str, ...]:
        return self._listing[0]

    def refusals(self) -> tuple[Refusal, ...]:
        return tuple(refusal._replace(path=self._shown_under + refusal.path) for refusal in self._listing[1])

    def read(self, path: str) -> SourceFile:
        if path not in self._files:
            try:
                sparse = self._sparse.get(path)
                content = sparse if sparse is not None else (self._directory / path).read_bytes()
            except OSError as error:  # between listing and reading
                raise SourceError(str(self._directory / path), error.strerror or str(error)) from error
            self._files[path] = SourceFile(path, content, self._shown_under + path)
        return self._files[path]

    def imported(self, project: str) -> DirectoryTree | None:
        folder = self._directory / IMPORTS_FOLDER / project
        if project in ("", ".", "..") or "/" in project or not os.access(folder, os.R_OK | os.X_OK) or not folder.is_dir():
            return None
        return DirectoryTree(folder, self._max_bytes, f"{self._shown_under}{IMPORTS_FOLDER}/{project}/")

    def stand_ins(self) -> tuple[str, ...]:
        return ()

    def neighbours(self) -> Iterator[DirectoryTree]:
        root = self._directory.resolve()
        try:
            beside = sorted(entry for entry in root.parent.iterdir() if (entry / "manifest.lkml").is_file())
        except OSError:
            return
        for directory in beside:
            if directory.resolve() != root:
                yield DirectoryTree(directory, self._max_bytes, f"../{directory.name}/")


def _ends_inside(link: Path, root: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # it dangles; or, before Python 3.13, it leads back to itself
        return False


def _walk(directory: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(directory):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(folder).relative_to(directory)
        for name in files:
            yield (inside / name).as_posix()
