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

_MISSING: Final = "missing"
"""The kind of an object that a ref names and the clone does not have, as a partial one may not."""
_FETCHED: Final = "FETCH_HEAD"
"""What was fetched last: a fetch changes what it means."""
_NAME: Final = re.compile(r"[^~^@:]+")
"""The branch or tag that a ref begins with, such as ``main`` of ``main~2``."""
_IDENTITY: Final = re.compile(r"[0-9a-f]{7,64}")


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
        kind = _kind(repo, ref)
        raise GitError(path, ref, _why_no_commit(repo, ref, kind), near_names(ref, names) if kind is None else ()) from error


def _kind(repo: git.Repo, ref: str) -> str | None:
    """What kind of object a ref names, in git's words; `_MISSING` for one that is not here, None if it names none."""
    import git

    try:
        identity = repo.git.rev_parse("--verify", "--quiet", "--end-of-options", ref)
    except git.GitCommandError:
        return None
    try:
        return str(repo.git.cat_file("-t", f"{identity}^{{}}"))
    except git.GitCommandError:
        return _MISSING


def _why_no_commit(repo: git.Repo, ref: str, kind: str | None) -> str:
    """Why a ref names no commit that can be read, and what may help."""
    if kind == "commit":
        return "its commit cannot be read"
    if kind not in (None, _MISSING):
        return f"it names a {kind}, and no commit"
    if _is_shallow(repo):
        branch = _branch(ref)
        named = f"; and a branch is named as origin/{branch}" if branch and not ref.startswith("origin/") else ""
        return f"no such branch, tag or commit in this shallow clone; fetch it first, for example: {_fetch_said(ref)}{named}"
    if kind == _MISSING:
        return "the object that it names is missing or broken; is this a partial clone?"
    return "no such branch, tag or commit"


def _is_shallow(repo: git.Repo) -> bool:
    return (Path(repo.common_dir) / "shallow").exists()


def _fetch(ref: str) -> str:
    """The command that fetches the whole history of a ref, so that the ref means afterwards what it is to mean.

    ``BRANCH`` in it is for the reader to fill in.
    """
    if _name(ref) == _FETCHED:
        return "git fetch --unshallow origin BRANCH"
    branch = _branch(ref)
    if not branch:
        return "git fetch --unshallow"
    # a clone of one branch keeps no other unless it is told where, and a tag of it only if it is asked for tags
    return f"git fetch --unshallow --tags origin +{branch}:refs/remotes/origin/{branch}"


def _fetch_said(ref: str) -> str:
    """The same command for people, with what they have to fill in."""
    return f"{_fetch(ref)}{', with the branch that is the base' if _name(ref) == _FETCHED else ''}"


def _branch(ref: str) -> str:
    """The branch or tag that has to be fetched for a ref; empty for one that names no branch."""
    branch = _name(ref).removeprefix("origin/")
    return "" if branch in ("HEAD", "origin", _FETCHED) or _IDENTITY.fullmatch(branch) else branch


def _name(ref: str) -> str:
    found = _NAME.match(ref)
    return found[0] if found is not None else ""


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
            f"{_fetch_said(base)}; or fetch-depth: 0 of actions/checkout, or GIT_DEPTH: 0 of GitLab"
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
