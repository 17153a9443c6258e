"""Groups and owners of structures: from their tags in LookML, the configuration, or CODEOWNERS; the first that says one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Final, NamedTuple

from dagster_lookml.assets.names import group_name, owner
from dagster_lookml.config import PathAssets
from dagster_lookml.source.codeowners import CodeOwners

_GROUP: Final = "group:"
_OWNER: Final = "owner:"
OWNERSHIP_TAGS: Final = (_GROUP, _OWNER)
"""How tags begin that say the group or the owner."""


class Ownership(NamedTuple):
    """What is said of one structure.

    Attributes:
        group: None if nothing says one.
        owners: in the order in which they are written.
    """

    group: str | None
    owners: tuple[str, ...]


class Owners:
    """Answers what group and owners structures have.

    Args:
        by_path: of the configuration.
        code_owners: of the repository, or None.
    """

    def __init__(self, by_path: Iterable[PathAssets], code_owners: CodeOwners | None) -> None:
        self._by_path = tuple(by_path)
        self._code_owners = code_owners
        self._of_file = cache(self._find)

    def of(self, file: str, tags: Iterable[str] = ()) -> Ownership:
        """The group and the owners of a structure.

        Args:
            file: that declares it; path from the root of the project.
            tags: of its LookML.
        """
        written = tuple(tag.strip() for tag in tags)
        group, owners = self._of_file(file)
        group = next(_values(written, _GROUP), group)
        owners = tuple(_values(written, _OWNER)) or owners
        return Ownership(
            group_name(group) if group else None,
            tuple(dict.fromkeys(one for one in map(owner, owners) if one is not None)),
        )

    def _find(self, file: str) -> tuple[str | None, tuple[str, ...]]:
        group: str | None = None
        owners: tuple[str, ...] | None = None
        for entry in self._by_path:
            pattern = entry.path.removeprefix("/")
            if fnmatchcase(file, pattern) or fnmatchcase(file, pattern.rstrip("/") + "/*"):
                group = entry.group if entry.group is not None else group
                owners = entry.owners if entry.owners is not None else owners
        if owners is None:
            owners = self._code_owners.owners(file) if self._code_owners is not None else ()
        return group, owners


def _values(tags: Iterable[str], prefix: str) -> Iterator[str]:
    return (tag.removeprefix(prefix).strip() for tag in tags if tag.startswith(prefix) and tag.removeprefix(prefix).strip())
