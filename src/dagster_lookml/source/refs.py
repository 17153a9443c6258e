"""Refs of a git repository: the commit that one names, where two parted, and what to do where a clone lacks them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dagster_lookml.errors import GitError, NoCommitError, SourceError, near_names
from dagster_lookml.source.repository import open_repository, top_of
from dagster_lookml.source.tree import is_lookml

if TYPE_CHECKING:  # GitPython takes a tenth of a second to import, and most commands never need it
    import git


def commit_of(repo: git.Repo, path: str, ref: str) -> str:
    """The id of the commit that a ref names.

    Args:
        repo: that has it.
        path: of the repository, for errors.
        ref: whatever git understands.

    Raises:
        NoCommitError: the repository has no commit yet.
        GitError: it has no such ref.
    """
    import git

    if ref.startswith(("-", "^")):  # an option, or what is to be left out
        raise GitError(path, ref, "not a ref")
    try:
        return str(repo.git.rev_parse("--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"))
    except git.GitCommandError as error:
        names = ref_names(repo)
        if not names:
            raise NoCommitError(path, ref) from error
        named = _named_object(repo, ref)
        if named is not None and named != _MISSING:
            raise GitError(path, ref, named) from error
        if _is_shallow(repo):
            reason = f"no such branch, tag or commit in this shallow clone; fetch it first, for example: {_fetch(ref)}"
        else:
            reason = named or "no such branch, tag or commit"
        raise GitError(path, ref, reason, near_names(ref, names) if named is None else ()) from error


def _named_object(repo: git.Repo, ref: str) -> str | None:
    """What is wrong with the object that a ref names, which is no commit that can be read; None if it names none."""
    import git

    try:
        identity = repo.git.rev_parse("--verify", "--quiet", "--end-of-options", ref)
    except git.GitCommandError:
        return None
    try:
        kind = repo.git.cat_file("-t", f"{identity}^{{}}")
    except git.GitCommandError:
        return _MISSING
    return f"it names a {kind}, and no commit" if kind != "commit" else "its commit cannot be read"


_MISSING: Final = "the object that it names is missing or broken; is this a partial clone?"


def _is_shallow(repo: git.Repo) -> bool:
    return (Path(repo.common_dir) / "shallow").exists()


def _fetch(ref: str) -> str:
    """The command that fetches the whole history of a ref, so that the ref means afterwards what it is to mean."""
    if ref == "FETCH_HEAD":  # it is what was fetched last
        return "git fetch --unshallow origin BRANCH, with the branch that is the base"
    name = _NAME.match(ref)
    branch = name[0].removeprefix("origin/") if name is not None else ""
    if branch in ("", "HEAD", "origin") or _IDENTITY.fullmatch(branch):
        return "git fetch --unshallow"
    # a clone of one branch keeps no other unless it is told where, and a tag of it only if it is asked for tags
    fetch = f"git fetch --unshallow --tags origin +{branch}:refs/remotes/origin/{branch}"
    return fetch if ref.startswith("origin/") else f"{fetch}; and a branch is named as origin/{branch}"


_NAME: Final = re.compile(r"[^~^@:]+")
"""The branch or tag that a ref begins with, such as ``main`` of ``main~2``."""
_IDENTITY: Final = re.compile(r"[0-9a-f]{7,64}")


def merge_base(directory: Path, base: str, head: str = "HEAD") -> str:
    """The id of the commit where two refs parted: what a change of one is to be compared with, whatever came to the other since.

    Args:
        directory: in the repository.
        base: whatever git understands.
        head: likewise.

    Raises:
        SourceError: the directory is in no git repository.
        GitError: the repository has no such refs, or does not have the commit where they parted.
    """
    repo = open_repository(directory)
    if repo is None:
        raise SourceError(str(directory), "not in a git repository, so there is nothing to compare with")
    import git

    try:
        commits = (commit_of(repo, str(directory), base), commit_of(repo, str(directory), head))
        found = repo.git.merge_base(*commits)
    except git.GitCommandError as error:
        raise GitError(str(directory), base, _no_merge_base(repo, base)) from error
    finally:
        repo.close()
    return str(found).splitlines()[0]


def _no_merge_base(repo: git.Repo, base: str) -> str:
    if _is_shallow(repo):
        return (
            "this clone is shallow and does not reach back to where the two parted; fetch more of it: "
            f"{_fetch(base).partition(';')[0]}; or fetch-depth: 0 of actions/checkout, or GIT_DEPTH: 0 of GitLab"
        )
    return "the two have no commit in common; --exact compares them as they are"


def ref_names(repo: git.Repo) -> tuple[str, ...]:
    """Short names of all branches, remote branches and tags.

    Raises:
        SourceError: git cannot read the repository, for example because a newer one made it.
    """
    import git

    try:
        listed = repo.git.for_each_ref("--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
    except git.GitCommandError as error:
        said = str(error.stderr).strip().removeprefix("stderr:").strip(" '\n")
        raise SourceError(top_of(repo), f"git cannot read it: {said}") from error
    return tuple(name for name in listed.split("\n") if name and not name.endswith("/HEAD"))


def branches_with_lookml(directory: Path, limit: int = 5) -> tuple[str, ...]:
    """Branches of a repository that hold LookML, for the one whose HEAD holds none.

    Args:
        directory: as for `GitTree`.
        limit: how many to name at most.
    """
    repo = open_repository(directory)
    if repo is None:
        return ()
    found: list[str] = []
    try:
        names = ref_names(repo)
    except SourceError:
        return ()
    for name in names[:200]:
        if is_any_lookml(repo, name):
            found.append(name)
            if len(found) == limit:
                break
    return tuple(found)


def is_any_lookml(repo: git.Repo, ref: str) -> bool:
    """Tell whether a ref holds any LookML file; a tag may name what is no commit."""
    import git

    try:
        listed = repo.git.ls_tree("-r", "-z", "--name-only", "--full-tree", ref)
    except git.GitError:
        return False
    return any(is_lookml(path) for path in listed.split("\0"))
