"""Asset keys that structures have by default."""

from __future__ import annotations

from functools import lru_cache

import dagster as dg

from dagster_lookml.assets.names import key_path


@lru_cache(maxsize=100_000)
def default_key(identity: str) -> dg.AssetKey:
    """The asset key of a structure, if no translator says otherwise.

    >>> default_key("view:orders").to_user_string()
    'view/orders'
    """
    return dg.AssetKey(list(key_path(identity)))
