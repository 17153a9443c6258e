"""What a project's files are, wherever they lie: the one interface through which everything else reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple, Protocol

from dagster_lookml.source.files import SourceFile

IMPORTS_FOLDER = "imported_projects"
"""Where Looker shows imported projects; read as imports only (R1.7)."""


class Refusal(NamedTuple):
    """A file that is there and is not read.

    Attributes:
        path: the file.
        rule: name of the rule in `dagster_lookml.diagnostics`.
        message: why.
    """

    path: str
    rule: str
    message: str


class SourceTree(Protocol):
    """The files of one project."""

    @property
    def name(self) -> str:
        """What the project is called when its manifest does not say: the name of its directory."""

    @property
    def location(self) -> str:
        """Where it lies, for people: its path from the root of the compiled project, if it lies in or beside that."""

    def paths(self) -> tuple[str, ...]:
        """Every file of the project, from its root, with ``/``, sorted by bytes; imported projects left out."""

    def refusals(self) -> tuple[Refusal, ...]:
        """The files that are there and are not in `paths`, with the reason."""

    def read(self, path: str) -> SourceFile:
        """One file of `paths`."""

    def imported(self, project: str) -> SourceTree | None:
        """The tree in the project's own folder of imports, if it holds one of that name (R1.7)."""

    def stand_ins(self) -> tuple[str, ...]:
        """The folders of imported projects that are read as they are on disk, because git lacks what they were at this ref."""

    def neighbours(self) -> Iterator[SourceTree]:
        """Trees that lie beside this one and have a manifest, sorted by name."""


def deeper_root(paths: Iterable[str]) -> str | None:
    """The folder that is likely the project's root, where that is not the folder that was given.

    A project has its manifest and its model files at its root or below it; includes that begin with ``/`` start there (R2.4). So
    where the only manifest lies in a folder, and all model files below that folder, the folder is meant.

    Args:
        paths: of all files, without those of imported projects.

    >>> deeper_root(["readme.md", "looker/manifest.lkml", "looker/models/a.model.lkml"]), deeper_root(["manifest.lkml"])
    ('looker', None)
    """
    own = [path for path in paths if f"/{IMPORTS_FOLDER}/" not in f"/{path}"]
    manifests = [path for path in own if path.rpartition("/")[2] == "manifest.lkml"]
    models = [path for path in own if path.endswith(".model.lkml")]
    if len(manifests) != 1 or "/" not in manifests[0] or not models:
        return None
    folder = manifests[0].rpartition("/")[0]
    return folder if all(path.startswith(f"{folder}/") for path in models) else None


def is_lookml(path: str) -> bool:
    """Tell whether a file is one that LookML is read from.

    >>> [is_lookml(p) for p in ("a.view.lkml", "a.dashboard.lookml", "a.view.lookml", "README.md")]
    [True, True, True, False]
    """
    return path.endswith((".lkml", ".lookml"))


class MemoryTree:
    """A project that exists only in memory: the twin of the others for tests and for tools that make LookML.

    Args:
        files: content by path; text is taken as UTF-8.
        name: what the project is called.
        neighbours: projects that lie beside it.
        shown_under: put before paths that are printed.

    >>> MemoryTree({"b.lkml": "", "a.lkml": ""}).paths()
    ('a.lkml', 'b.lkml')
    """

    def __init__(
        self,
        files: Mapping[str, str | bytes],
        name: str = "project",
        neighbours: Iterable[MemoryTree] = (),
        shown_under: str = "",
    ) -> None:
        self._files = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
        self._neighbours = tuple(neighbours)
        self._shown_under = shown_under
        self.name = name

    @property
    def location(self) -> str:
        return self._shown_under.rstrip("/") or f"<memory {self.name}>"

    def paths(self) -> tuple[str, ...]:
        return sorted_paths(path for path in self._files if not path.startswith(IMPORTS_FOLDER + "/"))

    def refusals(self) -> tuple[Refusal, ...]:
        return ()

    def read(self, path: str) -> SourceFile:
        return SourceFile(path, self._files[path], self._shown_under + path)

    def imported(self, project: str) -> MemoryTree | None:
        folder = f"{IMPORTS_FOLDER}/{project}/"
        files = {path.removeprefix(folder): content for path, content in self._files.items() if path.startswith(folder)}
        return MemoryTree(files, project, shown_under=self._shown_under + folder) if files else None

    def stand_ins(self) -> tuple[str, ...]:
        return ()

    def neighbours(self) -> Iterator[MemoryTree]:
        return iter(self._neighbours)


def sorted_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """Paths in the order of their bytes, the one order for files everywhere (R2.12)."""
    return tuple(sorted(paths, key=lambda path: path.encode("utf-8", "surrogateescape")))


def climbs_out(path: PurePosixPath) -> bool:
    """Tell whether a path with ``..`` in it leaves the folder it starts from."""
    depth = 0
    for part in path.parts:
        depth += -1 if part == ".." else part != "."
        if depth < 0:
            return True
    return False


def too_large(size: int, limit: int) -> str:
    """Say that a file is over the limit, and what to do about it."""
    return f"{size:,} bytes, over the limit of {limit:,}; set limits.max_file_bytes to read it"
