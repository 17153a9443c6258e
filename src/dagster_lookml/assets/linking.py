"""Dependencies between finished assets: the keys that structures have by default, turned into those that they really have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import dagster as dg

from dagster_lookml.assets.columns import moved
from dagster_lookml.assets.keys import default_key

_LINEAGE: Final = "dagster/column_lineage"
_TABLE_FACTS: Final = ("dagster/table_name", "dagster/storage_kind")


class Links:
    """Turns the default keys in dependencies into those that structures really have.

    Args:
        translated: the spec of each structure by its id.
        elsewhere: the keys of tables that are assets elsewhere, by their ids.
    """

    def __init__(self, translated: Mapping[str, dg.AssetSpec], elsewhere: Mapping[str, dg.AssetKey]) -> None:
        real = {identity: spec.key for identity, spec in translated.items()} | dict(elsewhere)
        changed = ((default_key(identity), key) for identity, key in real.items())
        self._keys = {before: after for before, after in changed if before != after}
        self._facts = {
            spec.key: {name: spec.metadata[name] for name in _TABLE_FACTS if name in spec.metadata}
            for identity, spec in translated.items()
            if identity.startswith("table:") and identity not in elsewhere
        }

    def linked(self, spec: dg.AssetSpec) -> dg.AssetSpec:
        """A spec whose dependencies are those of the finished graph, each once."""
        deps: dict[dg.AssetKey, dg.AssetDep] = {}
        for dep in spec.deps:
            key = self._keys.get(dep.asset_key, dep.asset_key)
            # Dagster refuses a table that two dependencies describe otherwise, so every one on it says the same.
            metadata = {**self._facts.get(key, {}), **dep.metadata}
            deps.setdefault(key, dg.AssetDep(key, partition_mapping=dep.partition_mapping, metadata=metadata))
        lineage = spec.metadata.get(_LINEAGE)
        if self._keys and isinstance(lineage, dg.TableColumnLineage):
            spec = spec.merge_attributes(metadata={_LINEAGE: moved(lineage, self._keys)})
        return spec.replace_attributes(deps=[deps[key] for key in sorted(deps, key=lambda key: tuple(key.path))])
