"""The way in: a LookML repository, and what Dagster shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path

import msgspec

from dagster_lookml.assets.ownership import Owners
from dagster_lookml.assets.state import ProjectState, decode_state, encode_state
from dagster_lookml.config import Config, load_config
from dagster_lookml.errors import SourceError, StateError
from dagster_lookml.lineage.selectors import Selection
from dagster_lookml.semantic.objects import Lookup
from dagster_lookml.source.checkout import checkout
from dagster_lookml.source.codeowners import CodeOwners, code_owners
from dagster_lookml.workspace import Workspace
from dagster_lookml.workspace.answer import TracedProject


class LookMLProject:
    """A LookML repository on disk, read without Looker and without credentials.

    It is read when it is first asked for something, and once. What was computed is kept in the user's cache directory, so that
    the step processes of a run do not compute it again.

    Args:
        path: the root of the LookML project: a directory, or a bare repository.
        ref: a branch, tag or commit to read; the files as they lie on disk if None.
        config: the configuration, or the file that holds it; looked for in the repository if None.
        import_paths: where imported projects are checked out, by their names; relative paths count from the working directory.

    Raises:
        ConfigError: the configuration is wrong.

    Example:
        .. code-block:: python

            project = LookMLProject("path/to/lookml", ref="origin/main")
            defs = dg.Definitions(assets=load_looker_asset_specs(project))
    """

    def __init__(
        self,
        path: str | PathLike[str],
        ref: str | None = None,
        config: Config | str | PathLike[str] | None = None,
        import_paths: Mapping[str, str | PathLike[str]] | None = None,
    ) -> None:
        if not fspath(path):
            raise SourceError("", "an empty path was given; is a variable unset?")
        if ref is not None and not isinstance(ref, str):
            raise TypeError(f"LookMLProject: ref is the name of a branch, tag or commit, and not {ref!r}")
        self.path = Path(fspath(path)).expanduser()
        self.ref = ref
        read = config if isinstance(config, Config) else load_config(self.path, Path(fspath(config)) if config else None)
        imports = {name: str(Path(fspath(place)).absolute()) for name, place in (import_paths or {}).items()}
        self.config = msgspec.structs.replace(read, imports={**read.imports, **imports})

    def __repr__(self) -> str:
        return f"LookMLProject({str(self.path)!r}{f', ref={self.ref!r}' if self.ref else ''})"

    @cached_property
    def workspace(self) -> Workspace:
        """The repository as the rest of the package knows it."""
        return Workspace(self.path, self.config)

    @cached_property
    def traced(self) -> TracedProject:
        """The compiled project and its lineage.

        Raises:
            SourceError, GitError, NoLookMLError: it cannot be read.
        """
        return self.workspace.lineage(self.ref)

    def select(self, selector: str) -> frozenset[str]:
        """The ids of the tables, views, explores and dashboards that a selector names.

        Args:
            selector: such as ``+dashboard:sales/kpis``, in the grammar of ``dagster-lookml lineage``.

        Raises:
            SelectorError: it names nothing.
        """
        return Selection(self.traced.tables, Lookup(self.traced.project)).select([selector])

    @cached_property
    def state(self) -> ProjectState:
        """What Dagster shows of it.

        Raises:
            SourceError, GitError, NoLookMLError: it cannot be read.
        """
        owners = code_owners(self.path, self.ref)
        kept = self.workspace.kept("assets", (*_identity(owners),), lambda: encode_state(self._gathered(owners)), self.ref)
        try:
            state = decode_state(kept, "cache")
        except StateError:  # of another version that says it is this one
            state = self._gathered(owners)
        return msgspec.structs.replace(state, checkout=checkout(self.path, self.ref))

    def _gathered(self, owners: CodeOwners | None) -> ProjectState:
        from dagster_lookml.assets.gathering import gather

        return gather(self.traced, Owners(self.config.assets, owners), self.config.rules)


def _identity(owners: CodeOwners | None) -> tuple[str, ...]:
    return (owners.folder, owners.text) if owners is not None else ()
