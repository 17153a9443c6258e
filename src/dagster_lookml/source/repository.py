"""A git repository, opened to be read: no hook and no file monitor of it is run, nothing is fetched, nothing is written."""

from __future__ import annotations

import configparser
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_lookml.errors import SourceError

if TYPE_CHECKING:  # GitPython takes a tenth of a second to import, and most commands never need it
    import git


def open_repository(path: Path) -> git.Repo | None:
    """Open the repository that a directory belongs to; None if it belongs to none.

    Args:
        path: a work tree, a directory inside one, a ``.git`` directory or a bare repository.
    """
    _require_git(path)
    import git

    try:  # a path is taken as git takes it: where links end, and with no variable of the shell and no ~ in it
        repo = git.Repo(os.path.realpath(path), search_parent_directories=True, expand_vars=False)
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        return None
    except (git.GitError, OSError, ValueError, configparser.Error) as error:
        raise SourceError(str(path), f"git cannot open it: {str(error).splitlines()[0]}") from error
    # A checkout that belongs to another user is the normal case in a CI container; reading it runs nothing of it.
    # What a partial clone lacks is not fetched: that would write, go online, and run what its configuration names.
    repo.git.update_environment(
        GIT_OPTIONAL_LOCKS="0",
        GIT_TERMINAL_PROMPT="0",
        GIT_NO_LAZY_FETCH="1",
        GIT_ALLOW_PROTOCOL="none",
        GIT_LITERAL_PATHSPECS="1",
        LC_ALL="C",
    )
    options = ["core.fsmonitor=false", "core.untrackedCache=false", f"safe.directory={top_of(repo)}"]
    repo.git.set_persistent_git_options(C=str(repo.working_dir), c=options)  # GitPython would replace a $HOME in the path
    return repo


def _require_git(path: Path) -> None:
    try:
        import git  # noqa: F401 - asked whether it can be
    except ImportError as error:  # GitPython's way to say that there is no git to run
        raise SourceError(str(path), "git is not installed") from error


def top_of(repo: git.Repo) -> str:
    """The path of the work tree, or of a bare repository itself."""
    return str(repo.working_tree_dir or repo.git_dir)


def repository_folder(directory: Path) -> str:
    """The path of a directory in its git repository, with ``/`` at its end; empty for the root, or where there is none.

    Args:
        directory: of a project.
    """
    try:
        repo = open_repository(directory)
    except SourceError:
        return ""
    if repo is None:
        return ""
    try:
        return folder_in_repository(repo, directory)
    finally:
        repo.close()


def folder_in_repository(repo: git.Repo, directory: Path) -> str:
    """The path of a directory in its repository, with ``/`` at its end; empty for the root."""
    if repo.bare:
        return ""
    top = Path(top_of(repo)).resolve()
    inside = directory.resolve()
    return "" if inside == top or not inside.is_relative_to(top) else inside.relative_to(top).as_posix() + "/"


def read_blobs(cat_file: Callable[..., Any], identities: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Read blobs in one batch, by a single git process; those that are missing are left out.

    Args:
        cat_file: runs ``git cat-file`` with the options given.
        identities: of the blobs.
    """
    with tempfile.TemporaryFile() as asked:
        asked.write("\n".join(dict.fromkeys(identities)).encode() + b"\n")
        asked.seek(0)
        answer: bytes = cat_file("--batch", istream=asked, stdout_as_string=False, strip_newline_in_stdout=False)
    at = 0
    while at < len(answer):
        line_end = answer.index(b"\n", at)
        identity, kind, *size = answer[at:line_end].decode().split()
        at = line_end + 1
        if kind == "blob":
            yield identity, answer[at : at + int(size[0])]
            at += int(size[0]) + 1


def text_at(repo: git.Repo, commit: str, path: str) -> bytes | None:
    """The bytes of a file at a commit; None if there is no such file.

    Args:
        repo: that has it.
        commit: its id.
        path: from the root of the repository.
    """
    import git

    try:
        content: bytes = repo.git.cat_file("blob", f"{commit}:{path}", stdout_as_string=False, strip_newline_in_stdout=False)
    except git.GitError:
        return None
    return content
