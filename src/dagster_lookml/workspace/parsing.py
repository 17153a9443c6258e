"""Trees of files, each content parsed once: in this process, and with a store in any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec

from dagster_lookml.cache import Store, key
from dagster_lookml.source import SourceFile
from dagster_lookml.syntax.dashboards import DashboardTree, read_dashboards
from dagster_lookml.syntax.reading import LookMLTree, read_lookml
from dagster_lookml.workspace.keys import VERSION

_Tree = TypeVar("_Tree", LookMLTree, DashboardTree)
_LOOKML: Final = msgspec.msgpack.Decoder(LookMLTree)
_DASHBOARDS: Final = msgspec.msgpack.Decoder(DashboardTree)
KIND: Final = "syntax"


class ContentParser:
    """Parses a file once for each content, so that two refs of one repository share nearly all of it.

    Args:
        store: where trees are looked for and kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lookml: dict[str, LookMLTree] = {}
        self._dashboards: dict[str, DashboardTree] = {}
        self._stored: dict[str, bytes] = {}
        self._fresh: dict[str, LookMLTree | DashboardTree] = {}

    def fetch(self, blob_ids: Iterable[str]) -> None:
        """Look for the trees of many contents at once, which is much quicker than one by one."""
        wanted = {_key(one): one for one in blob_ids if one not in self._lookml and one not in self._dashboards}
        found = self._store.get(KIND, list(wanted))
        self._stored.update((wanted[name], content) for name, content in found.items())

    def keep(self) -> None:
        """Keep the trees that were parsed since the last time in the store, and no tree in memory: a large project has many."""
        if self._fresh:
            self._store.put(KIND, {_key(one): msgspec.msgpack.encode(tree) for one, tree in self._fresh.items()})
        for held in (self._fresh, self._lookml, self._dashboards, self._stored):
            held.clear()

    def lookml(self, source: SourceFile) -> LookMLTree:
        """Parse an ``.lkml`` file."""
        tree = self._lookml.get(source.blob_id)
        if tree is None:
            tree = self._decoded(source, _LOOKML)
            if tree is None:
                tree = self._fresh[source.blob_id] = read_lookml(source.text)
            self._lookml[source.blob_id] = tree
        return tree

    def dashboards(self, source: SourceFile) -> DashboardTree:
        """Parse a dashboard file."""
        tree = self._dashboards.get(source.blob_id)
        if tree is None:
            tree = self._decoded(source, _DASHBOARDS)
            if tree is None:
                tree = self._fresh[source.blob_id] = read_dashboards(source.text)
            self._dashboards[source.blob_id] = tree
        return tree

    def _decoded(self, source: SourceFile, decoder: msgspec.msgpack.Decoder[_Tree]) -> _Tree | None:
        content = self._stored.pop(source.blob_id, None)
        if content is None:
            return None
        try:
            return decoder.decode(content)
        except msgspec.DecodeError:  # a tree of the other kind of file, or of another version that says it is this one
            return None


def _key(blob_id: str) -> str:
    return key(VERSION, blob_id)
