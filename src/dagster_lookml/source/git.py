"""Git, read only: the files of a work tree, and the files of any ref, straight from git objects.

Nothing is checked out, no hook and no file monitor of the repository is run, nothing is written.
"""

from __future__ import annotations

import configparser
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dagster_lookml.errors import GitError, NoCommitError, SourceError, near_names
from dagster_lookml.source.files import SourceFile, printable
from dagster_lookml.source.tree import IMPORTS_FOLDER, Refusal, SourceTree, climbs_out, is_lookml, sorted_paths

if TYPE_CHECKING:  # GitPython takes a tenth of a second to import, and most commands never need it
    import git

_LINKS_FOLLOWED: Final = 8


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
    options = ["core.fsmonitor=false", "core.untrackedCache=false", f"safe.directory={_top(repo)}"]
    repo.git.set_persistent_git_options(C=str(repo.working_dir), c=options)  # GitPython would replace a $HOME in the path
    return repo


def _require_git(path: Path) -> None:
    try:
        import git  # noqa: F401 - asked whether it can be
    except ImportError as error:  # GitPython's way to say that there is no git to run
        raise SourceError(str(path), "git is not installed") from error


def _top(repo: git.Repo) -> str:
    return str(repo.working_tree_dir or repo.git_dir)


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
        return dict(_read_blobs(repo.git.cat_file, identities))
    except git.GitError:
        return {}
    finally:
        repo.close()


def _read_blobs(cat_file: Callable[..., Any], identities: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Read blobs in one batch, by a single git process; those that are missing are left out."""
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
        blobs = dict(_read_blobs(self._git("cat_file"), identities)) if identities else {}
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


def too_large(size: int, limit: int) -> str:
    """Say that a file is over the limit, and what to do about it."""
    return f"{size:,} bytes, over the limit of {limit:,}; set limits.max_file_bytes to read it"


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
    top = Path(_top(repo)).resolve()
    inside = directory.resolve()
    return "" if inside == top or not inside.is_relative_to(top) else inside.relative_to(top).as_posix() + "/"


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
        if (named := _named_object(repo, ref)) is not None:
            raise GitError(path, ref, named) from error
        reason = "no such branch, tag or commit"
        if (Path(repo.common_dir) / "shallow").exists():
            reason = f"{reason} in this shallow clone; fetch it first, for example: {_fetch(ref)}"
        raise GitError(path, ref, reason, near_names(ref, names)) from error


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
        return "the object that it names is missing or broken; is this a partial clone?"
    return f"it names a {kind}, and no commit" if kind != "commit" else "its commit cannot be read"


def _fetch(ref: str) -> str:
    """The command that fetches the whole history of a ref, so that the ref means afterwards what it is to mean."""
    if ref == "FETCH_HEAD":  # it is what was fetched last
        return "git fetch --unshallow origin BRANCH, with the branch that is the base"
    remote, _, branch = ref.partition("/")
    if remote == "origin" and branch:  # a clone of one branch keeps no other unless it is told where
        return f"git fetch --unshallow origin +{branch}:refs/remotes/origin/{branch}"
    return f"git fetch --unshallow origin {ref}"


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
    if (Path(repo.common_dir) / "shallow").exists():
        return (
            "this clone is shallow and does not reach back to where the two parted; fetch more of it: "
            f"{_fetch(base)}; or fetch-depth: 0 of actions/checkout, or GIT_DEPTH: 0 of GitLab"
        )
    return "the two have no commit in common; --exact compares them as they are"


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
        raise SourceError(_top(repo), f"git cannot read it: {said}") from error
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
