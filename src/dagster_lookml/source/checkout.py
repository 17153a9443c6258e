"""Where a project lies in its git repository, and on which host: what it takes to link to a line of it."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from dagster_lookml.errors import GitError, SourceError
from dagster_lookml.source.refs import commit_of
from dagster_lookml.source.repository import folder_in_repository, open_repository

if TYPE_CHECKING:
    import git

_SCP: Final = re.compile(r"(?:[^@/\s]+@)?(?P<host>[^:/@\s]{2,}):(?!//|:)(?P<path>.+)")  # one letter is a drive of Windows
_URL: Final = re.compile(r"(?:(?P<web>https?)|ssh|git)://(?:[^/]*@)?(?P<host>[^/:@]+)(?P<port>:\d+)?/(?P<path>[^?#]+).*")
_AZURE_SSH: Final = ("ssh.dev.azure.com", "vs-ssh.visualstudio.com")


class Checkout(NamedTuple):
    """A project in its git repository.

    Attributes:
        commit: that was read.
        folder: of the project in the repository, with ``/`` at its end; empty if it is the root.
        page: of the repository on its host, such as ``https://github.com/acme/lookml``; None if that is not known.
    """

    commit: str
    folder: str
    page: str | None

    def url(self, file: str, line: int) -> str | None:
        """The page of a line.

        Args:
            file: path from the root of the project; one that leads out of it has no page.
            line: 1-based.

        >>> Checkout("1f3c", "looker/", "https://github.com/acme/bi").url("views/orders.view.lkml", 7)
        'https://github.com/acme/bi/blob/1f3c/looker/views/orders.view.lkml#L7'
        """
        if self.page is None or ".." in PurePosixPath(file).parts:
            return None
        path = quote(self.folder + file)
        host = self.page.split("/")[2]
        if "gitlab" in host:
            return f"{self.page}/-/blob/{self.commit}/{path}#L{line}"
        if "bitbucket" in host:
            return f"{self.page}/src/{self.commit}/{path}#lines-{line}"
        if "dev.azure.com" in host or "visualstudio.com" in host:
            lines = f"line={line}&lineEnd={line + 1}&lineStartColumn=1&lineEndColumn=1"
            return f"{self.page}?path=/{path}&version=GC{self.commit}&{lines}"
        return f"{self.page}/blob/{self.commit}/{path}#L{line}"


def checkout(directory: Path, ref: str | None = None) -> Checkout | None:
    """Where git has a project; None where it is in no repository, or there is no commit yet.

    Args:
        directory: the project's root.
        ref: that is read; None for what is checked out.
    """
    try:
        repo = open_repository(directory)
    except SourceError:
        return None  # without git there is still the project
    if repo is None:
        return None
    try:
        commit = commit_of(repo, str(directory), ref or "HEAD")
        remote = _remote_url(repo)
    except (GitError, SourceError):
        return None
    finally:
        repo.close()
    return Checkout(commit, folder_in_repository(repo, directory), repository_page(remote))


def _remote_url(repo: git.Repo) -> str:
    """The URL of origin, or else of the first remote that git knows one of; empty if there is none."""
    import git

    for remote in sorted(repo.remotes, key=lambda one: one.name != "origin"):
        try:
            url = next(iter(remote.urls), "")
        except git.GitError:  # it has no URL, or a name that git takes for an option
            continue
        if url:
            return str(url)
    return ""


def repository_page(remote: str) -> str | None:
    """The page of a repository by the URL of a remote; user names, passwords and tokens in it are left out.

    >>> repository_page("git@github.com:acme/lookml.git"), repository_page("https://me:secret@gitlab.acme.io/bi/lookml.git")
    ('https://github.com/acme/lookml', 'https://gitlab.acme.io/bi/lookml')
    >>> repository_page("/srv/git/lookml.git") is None
    True
    """
    found = _URL.fullmatch(remote.strip()) or _SCP.fullmatch(remote.strip())
    if found is None:
        return None
    known = found.groupdict()
    host, path = known["host"], known["path"].strip("/")
    azure = re.fullmatch(r"v3/([^/]+)/([^/]+)/([^/]+)", path)
    if azure is not None and host in _AZURE_SSH:
        return "https://dev.azure.com/{}/{}/_git/{}".format(*azure.groups())
    # The port of a web address is that of the page; the one of SSH is not.
    site = f"{known['web']}://{host}{known['port']}" if known.get("web") and known["port"] else f"https://{host}"
    return f"{site}/{path.removesuffix('.git')}"
