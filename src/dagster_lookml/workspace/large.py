"""Values of many megabytes in a store: compressed, for they repeat themselves and the disk is slower than zlib."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Final

from dagster_lookml.cache import Store

_LEVEL: Final = 1  # a project of 100 MB shrinks to 12 in a third of a second; more takes longer and gives little


def put_large(store: Store, kind: str, entries: Mapping[str, bytes]) -> None:
    """Keep large values; arguments as for `Store.put`."""
    store.put(kind, {name: zlib.compress(value, _LEVEL) for name, value in entries.items()})


def get_large(store: Store, kind: str, name: str) -> bytes | None:
    """A value that `put_large` kept, or None.

    >>> from dagster_lookml.cache import NoStore
    >>> get_large(NoStore(), "project", "a") is None
    True
    """
    content = store.get(kind, [name]).get(name)
    try:
        return zlib.decompress(content) if content is not None else None
    except zlib.error:  # kept by another version that says it is this one
        return None
