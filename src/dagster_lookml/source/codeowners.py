"""Who owns which files of a repository, by the CODEOWNERS file that GitHub, GitLab and Bitbucket read."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from posixpath import normpath
from typing import TYPE_CHECKING, Final

from dagster_lookml.errors import GitError, SourceError
from dagster_lookml.source.files import decode
from dagster_lookml.source.refs import commit_of
from dagster_lookml.source.repository import folder_in_repository, open_repository, text_at

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS", ".bitbucket/CODEOWNERS")
"""Where the hosts look for it, in GitHub's order; the first counts."""
_WORD: Final = re.compile(r"(?:\\.|[^\s\\])+")
_SECTION: Final = re.compile(r"\^?\[[^\]]*\](?:\[\d+\])?")
_LARGEST: Final = 3_000_000  # GitHub's own limit
_LONGEST: Final = 4_096  # no path is longer, and matching takes long


class CodeOwners:
    r"""The owners that a CODEOWNERS file gives to paths: of several patterns that match, the last counts.

    Args:
        text: of the file.
        folder: of the project in the repository, with ``/`` at its end; patterns count from the repository.

    >>> CodeOwners("*.lkml @acme/bi\n/views/finance/ cfo@acme.com # money").owners("views/finance/margin.view.lkml")
    ('cfo@acme.com',)
    """

    def __init__(self, text: str, folder: str = "") -> None:
        self.text = text
        self.folder = folder
        self._known: dict[str, tuple[str, ...]] = {}

    @cached_property
    def _rules(self) -> list[tuple[GitIgnoreSpec, int | None, tuple[str, ...]]]:
        """Each pattern, how many folders deep it reaches at most, and its owners."""
        from pathspec import GitIgnoreSpec

        found: list[tuple[GitIgnoreSpec, int | None, tuple[str, ...]]] = []
        for pattern, owners in _lines(self.text):
            try:
                with warnings.catch_warnings():  # brackets in brackets may mean something else one day
                    warnings.simplefilter("ignore", FutureWarning)
                    spec = GitIgnoreSpec.from_lines([pattern])
            except (ValueError, re.error):  # no pattern of git's
                continue
            # Other than in a .gitignore, `docs/*` means the files in docs, and none in folders below.
            is_flat = pattern.endswith("/*") and "**" not in pattern
            found.append((spec, pattern.strip("/").count("/") if is_flat else None, owners))
        return found

    def owners(self, file: str) -> tuple[str, ...]:
        """The owners of a file as they are written: ``@user``, ``@org/team`` or an e-mail address.

        Args:
            file: path from the root of the project.
        """
        if file not in self._known:
            path = normpath(self.folder + file)
            matching = (
                owners
                for pattern, depth, owners in reversed(self._rules)
                if depth in (None, path.count("/")) and pattern.match_file(path)
            )
            self._known[file] = next(matching, ()) if not path.startswith("../") else ()
        return self._known[file]


def _lines(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each pattern with its owners; in a section of GitLab's, those of the section where it names none."""
    section: tuple[str, ...] = ()
    for line in text.splitlines():
        head = _SECTION.match(line.strip())
        words = []
        for word in _WORD.findall(line[line.index("]") + 1 :] if head else line):
            if word.startswith("#"):
                break
            words.append(word)
        if head:
            section = tuple(word for word in words if _is_owner(word))
        elif words and len(words[0]) <= _LONGEST:
            named = tuple(word for word in words[1:] if _is_owner(word)) or section
            if named or len(words) == 1:  # a line whose owners are none is wrong, and does not count
                yield words[0], named


def _is_owner(word: str) -> bool:
    return "@" in word


def code_owners(directory: Path, ref: str | None = None) -> CodeOwners | None:
    """The CODEOWNERS of the repository that a project lies in; None if there is none.

    Args:
        directory: the project's root.
        ref: that is read; None for the files on disk.
    """
    try:
        repo = open_repository(directory)
    except SourceError:
        repo = None
    if repo is None:
        return _on_disk(directory, "") if ref is None else None
    try:
        folder = folder_in_repository(repo, directory)
        if ref is None:
            return _on_disk(Path(repo.working_tree_dir), folder) if repo.working_tree_dir is not None else None
        commit = commit_of(repo, str(directory), ref)
        texts = (text_at(repo, commit, place) for place in _PLACES)
        return next((CodeOwners(decode(text)[0], folder) for text in texts if text is not None), None)
    except (GitError, SourceError):
        return None
    finally:
        repo.close()


def _on_disk(root: Path, folder: str) -> CodeOwners | None:
    for place in _PLACES:
        file = root / place
        try:
            if file.is_file() and file.stat().st_size <= _LARGEST:
                return CodeOwners(decode(file.read_bytes())[0], folder)
        except OSError:
            continue
    return None
