"""What every command is told about the repository that it reads, and how it opens it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click
import msgspec

from dagster_lookml.cache import NoStore
from dagster_lookml.cli.telling import remark
from dagster_lookml.config import Config, load_config
from dagster_lookml.progress import Progress
from dagster_lookml.semantic.objects import Project
from dagster_lookml.source import deeper_root, is_lookml
from dagster_lookml.workspace import Workspace

Command = Callable[..., Any]


class Repository(msgspec.Struct, frozen=True):
    """What the options say that every command has.

    Attributes:
        directory: to work in as if started there; None for where we are.
        config_file: the only configuration to read; None to look for one.
        no_cache: compute everything anew, and keep nothing.
        quiet: show no progress.
        ref: a branch, tag or commit to read; None for the files on disk.
    """

    directory: str | None
    config_file: str | None
    no_cache: bool
    quiet: bool
    ref: str | None

    @property
    def start(self) -> Path:
        """What paths on the command line are relative to."""
        return Path(self.directory or ".")

    def open(self, path: str | None, ref: str | None = None) -> Workspace:
        """The workspace of a repository, and of the one here where no path is given.

        Where the project lies in a folder of it, that folder is opened, and a remark says so: from the wrong root no include is
        found, a check finds little, and a diff says little.

        Args:
            path: as the command line has it.
            ref: that is read, if an option of the command says so, and not that of all commands.
        """
        if "" in (path, self.directory, self.config_file):
            raise click.UsageError("an empty path was given; is a variable unset?")
        root = self.start / path if path else self.start
        workspace = self._workspace(root)
        files = workspace.files(ref or self.ref).paths()
        folder = deeper_root(files)
        if folder is not None and all(one.startswith(f"{folder}/") for one in files if is_lookml(one)):
            remark(f"{folder} is read, where the project's manifest is: its paths begin there")
            workspace = self._workspace(root / folder, workspace.config)
        elif folder is not None:
            remark(f"the project's manifest is in {folder}; give that folder as REPO if it is meant: {root / folder}")
        click.get_current_context().call_on_close(lambda: _tell_of_stand_ins(workspace))
        return workspace

    def _workspace(self, root: Path, above: Config | None = None) -> Workspace:
        """The workspace of a folder; where it has no configuration of its own, the one above counts."""
        config = load_config(root, self.start / self.config_file if self.config_file else None)
        is_none = config == Config(directory=str(root))
        return Workspace(root, above if above is not None and is_none else config, NoStore() if self.no_cache else None)

    def project(self, workspace: Workspace) -> Project:
        """The compiled repository, with a progress bar while it is compiled."""
        with self.progress() as progress:
            return workspace.project(self.ref, progress)

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """A progress bar on stderr, where that is a terminal and nobody asked for quiet."""
        if self.quiet or not sys.stderr.isatty():
            yield None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("reading", total=None)

            def show(what: str, done: int, total: int) -> None:
                if done % 16 == 0 or done == total:
                    bar.update(task, description=what, completed=done, total=total)

            yield show


def _tell_of_stand_ins(workspace: Workspace) -> None:
    """Say what was read from disk though it was asked for at a ref: a change of it cannot be seen."""
    told = {(ref, folder): None for ref, tree in workspace.opened.items() for folder in tree.stand_ins()}
    for ref, folder in told:
        fetched = f"git -C {workspace.repository / folder} fetch, and this again"
        remark(f"{folder} is read from disk, for its commit at {ref} is not here; {fetched}")


def repository_options(command: Command) -> Command:
    """Add the options that every command has; the command gets them as its first argument, a `Repository`."""

    @wraps(command)
    def gathered(**options: Any) -> Any:
        return command(Repository(*(options.pop(name) for name in Repository.__struct_fields__)), **options)

    with_options: Command = gathered
    for option in (
        click.option("-C", "directory", metavar="DIR", help="Work as if started in DIR."),
        click.option("--config", "config_file", metavar="FILE", help="Read this configuration, and look for no other."),
        click.option("--no-cache", is_flag=True, help="Compute everything anew, and keep nothing."),
        click.option("--quiet", "-q", is_flag=True, help="Show no progress."),
        click.option("--ref", metavar="REF", help="Read this git branch, tag or commit instead of the files on disk."),
    ):
        with_options = option(with_options)
    return with_options
