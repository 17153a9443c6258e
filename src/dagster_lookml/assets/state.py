"""Everything that Dagster shows of a LookML project, as one value that can be written to a file and read back.

A state is made where the repository is, at best in CI, and needs neither the repository nor a parser to be read.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec

from dagster_lookml.assets.structures import Dashboard, Explore, LookMLStructure, Pdt, Table, View
from dagster_lookml.errors import StateError
from dagster_lookml.source.checkout import Checkout

FORMAT: Final = 3
"""The version of the structures below. A state of another one is not read."""


NOWHERE: Final = ""
"""Stands for the structure of a finding that is about none: of a manifest, a model, or a file in which nothing is declared."""


class Finding(msgspec.Struct, frozen=True, gc=False):
    """Something that is wrong with a structure.

    Attributes:
        structure: id of the view, explore or dashboard, or `NOWHERE`.
        rule: its name.
        code: its code, such as ``LM310``.
        severity: ``error``, ``warning`` or ``info``.
        message: one line.
        hint: what may help; may be empty.
        file: path from the root of the LookML project.
        line: 1-based; 0 if it is about the file.
    """

    structure: str
    rule: str
    code: str
    severity: str
    message: str
    hint: str
    file: str
    line: int


class ProjectState(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A LookML project as Dagster shows it.

    Attributes:
        project: its name.
        structures: sorted by id.
        outside: what these read and a filter has left out, without columns: their keys are still to be known.
        findings: what is wrong with them, sorted by structure and place.
        checkout: where git has it, or None.
        selector: the selection that was made already; None for everything.
        asset_keys: for tables that another integration has assets for, their keys.
        format: its version.
    """

    project: str
    structures: tuple[LookMLStructure, ...]
    outside: tuple[LookMLStructure, ...] = ()
    findings: tuple[Finding, ...] = ()
    checkout: Checkout | None = None
    selector: str | None = None
    asset_keys: dict[str, tuple[str, ...]] = {}
    format: int = FORMAT

    @cached_property
    def by_id(self) -> dict[str, LookMLStructure]:
        """Each structure by its id."""
        return {structure.id: structure for structure in self.structures}

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its tables."""
        return tuple(one for one in self.structures if isinstance(one, Table))

    @property
    def tables_read(self) -> tuple[Table, ...]:
        """Its tables, and those that it reads and a filter has left out."""
        return (*self.tables, *(one for one in self.outside if isinstance(one, Table)))

    @property
    def views(self) -> tuple[View, ...]:
        """Its views."""
        return tuple(one for one in self.structures if isinstance(one, View))

    @property
    def explores(self) -> tuple[Explore, ...]:
        """Its explores."""
        return tuple(one for one in self.structures if isinstance(one, Explore))

    @property
    def dashboards(self) -> tuple[Dashboard, ...]:
        """Its dashboards."""
        return tuple(one for one in self.structures if isinstance(one, Dashboard))

    @property
    def pdts(self) -> tuple[Pdt, ...]:
        """Its persistent derived tables."""
        return tuple(one for one in self.structures if isinstance(one, Pdt))

    def replace(self, change: Callable[[LookMLStructure], LookMLStructure]) -> ProjectState:
        """The same with other structures.

        Args:
            change: gives what stands in the place of a structure; its id stays.
        """
        return msgspec.structs.replace(self, structures=tuple(change(one) for one in self.structures))


class _Format(msgspec.Struct):
    format: int = 0


def encode_state(state: ProjectState) -> bytes:
    """Turn a state into bytes, which are text: some of Dagster's storages keep nothing else."""
    return msgspec.json.encode(state)


def decode_state(content: bytes, origin: str) -> ProjectState:
    """Turn the bytes of `encode_state` back.

    Args:
        content: the bytes.
        origin: where they come from, for errors.

    Raises:
        StateError: they are no state, or one of another version.
    """
    try:
        found = msgspec.json.decode(content, type=_Format).format
        if found == FORMAT:
            return msgspec.json.decode(content, type=ProjectState)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StateError(origin, f"it is no state of a LookML project ({error})") from error
    raise StateError(origin, f"it was written by another version of dagster-lookml (format {found}, this one reads {FORMAT})")


def read_state(file: Path) -> ProjectState:
    """Read the file that a component has written.

    Raises:
        StateError: as for `decode_state`, and if the file cannot be read.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise StateError(str(file), error.strerror or str(error)) from error
    return decode_state(content, str(file))
