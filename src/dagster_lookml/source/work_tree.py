"""What git knows of the files on disk: which ones it tracks or would, and those that a sparse checkout leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dagster_lookml.errors import SourceError
from dagster_lookml.source.repository import open_repository, read_blobs


class WorkTree(NamedTuple):
    """The files below a directory that git tracks or would: tracked ones and new ones that are not ignored.

    Attributes:
        paths: relative to the directory, with ``/``.
        sparse: the blobs of those that the checkout leaves out on purpose (``git sparse-checkout``, skip-worktree), by path.
    """

    paths: tuple[str, ...]
    sparse: dict[str, str]


def work_tree(directory: Path) -> WorkTree | None:
    """What git knows of the files below a directory.

    Args:
        directory: a directory on disk.

    Returns:
        None where there is no git work tree or git ignores the directory whole.
    """
    try:
        repo = open_repository(directory)
    except SourceError:
        return None  # without git, or with a broken one, the files are still there to be read
    if repo is None or repo.bare or repo.working_tree_dir is None:
        return None
    import git

    inside = PurePosixPath(directory.resolve().relative_to(Path(repo.working_tree_dir).resolve()).as_posix())
    if ".git" in inside.parts:
        return None
    place = [] if str(inside) == "." else ["--", str(inside)]  # git runs at the top of the work tree
    try:
        listed = repo.git.ls_files("-z", "-t", "--cached", "--others", "--exclude-standard", "--full-name", *place)
        tagged = [(line[:1], line[2:]) for line in listed.split("\0") if line]
        is_sparse = any(tag == "S" for tag, _ in tagged)
        staged = repo.git.ls_files("-z", "--stage", "--full-name", *place) if is_sparse else ""
    except git.GitError:
        return None
    finally:
        repo.close()
    prefix = "" if str(inside) == "." else f"{inside}/"
    paths = tuple({path.removeprefix(prefix) for _, path in tagged})
    skipped = {path.removeprefix(prefix) for tag, path in tagged if tag == "S"}
    sparse = {path: blob for path, blob in _staged_files(staged, prefix) if path in skipped}
    return WorkTree(paths, sparse) if paths else None


def _staged_files(listed: str, prefix: str) -> Iterator[tuple[str, str]]:
    """The path and blob of each regular file in git's index."""
    for line in listed.split("\0"):
        facts, _, path = line.partition("\t")
        if facts.startswith("100"):
            yield path.removeprefix(prefix), facts.split()[1]


def staged_contents(directory: Path, identities: Sequence[str]) -> dict[str, bytes]:
    """The contents of blobs, those that are here: a partial clone may lack some, and nothing is fetched.

    Args:
        directory: in a git work tree.
        identities: of the blobs.
    """
    repo = open_repository(directory) if identities else None
    if repo is None:
        return {}
    import git

    try:
        return dict(read_blobs(repo.git.cat_file, identities))
    except git.GitError:
        return {}
    finally:
        repo.close()
