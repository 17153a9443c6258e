"""What an answer depends on, as a digest: the files, the configuration, and the programs that work on them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from dagster_lookml.cache import key
from dagster_lookml.config import Config
from dagster_lookml.source import SourceTree, is_lookml
from dagster_lookml.source.dbt import DbtProject

if TYPE_CHECKING:
    from dagster_lookml.semantic.sources import SourceProject

_PROGRAMS: Final = ("dagster-lookml", "sqlglot", "sqlglotc", "python-liquid", "lkml", "PyYAML", "msgspec")


def _programs() -> Iterator[str]:
    """The versions of all programs that have a part in an answer; of this package the state of its files, installed or edited."""
    for name in _PROGRAMS:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} is not there"
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        facts = path.stat()
        yield f"{path.relative_to(root)} {facts.st_size} {facts.st_mtime_ns}"


VERSION: Final = key(*_programs())
"""Differs wherever the same files may give other answers."""


class Import(msgspec.Struct, frozen=True, array_like=True):
    """An imported project that an answer depends on.

    Attributes:
        chain: its name, and before it those of the projects that lead to it.
        digest: of its files; empty if it was not there.
    """

    chain: tuple[str, ...]
    digest: str


def tree_digest(tree: SourceTree) -> str:
    """The digest of the LookML files of one project, and of those that are refused."""
    parts = [part for path in tree.paths() if is_lookml(path) for part in (path, tree.read(path).blob_id)]
    refused = [part for refusal in tree.refusals() for part in refusal]
    return key("\0files", *(part.encode("utf-8", "surrogateescape") for part in (*parts, "\0refused", *refused)))


def imports_of(project: SourceProject, chain: tuple[str, ...] = ()) -> tuple[Import, ...]:
    """The imported projects that were looked for while a project was compiled."""
    found: list[Import] = []
    for name, imported in sorted(project.looked_for.items()):
        here = (*chain, name)
        if imported is None:
            found.append(Import(here, ""))
        elif len(here) < 10 and imported.importer is project:
            found += (Import(here, tree_digest(imported.tree)), *imports_of(imported, here))
    return tuple(found)


def are_unchanged(tree: SourceTree, config: Config, imports: tuple[Import, ...]) -> bool:
    """Tell whether the imported projects of a project are still what they were.

    Args:
        tree: of the project.
        config: of the project, which says where imports are.
        imports: what they were.
    """
    if not imports:
        return True
    from dagster_lookml.semantic.sources import PlainParser, SourceProject

    root = SourceProject(tree, config, PlainParser())
    for one in imports:
        project: SourceProject | None = root
        for name in one.chain:
            project = project.imported(name) if project is not None else None
        if (tree_digest(project.tree) if project is not None else "") != one.digest:
            return False
    return True


def project_key(tree: SourceTree, config: Config) -> str:
    """The key of everything that follows from a project's own files and configuration."""
    encoded = msgspec.json.encode(msgspec.structs.replace(config, directory=""), order="deterministic")
    return key(VERSION, tree.name, tree.location, config.directory, encoded, tree_digest(tree))


def dbt_key(dbt: DbtProject | None) -> str:
    """The part of a key that stands for what dbt says."""
    return key(msgspec.msgpack.encode(dbt)) if dbt is not None else ""
