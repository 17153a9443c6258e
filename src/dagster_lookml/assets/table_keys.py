"""The asset keys that tables of the warehouse have elsewhere: in a dbt project, or wherever else they are made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from dagster_lookml.assets.structures import Table
from dagster_lookml.errors import TableKeyError, did_you_mean, near_names
from dagster_lookml.lineage.dbt import DbtTables
from dagster_lookml.source.dbt import read_dbt

if TYPE_CHECKING:
    from dagster_dbt import DagsterDbtTranslator

AssetKeyOfTable = Callable[[Table], str | Sequence[str] | dg.AssetKey | None]
"""Gives the key of a table, or None for one that is no asset elsewhere."""
TableAssetKeys = str | PathLike[str] | Mapping[str, str | Sequence[str] | dg.AssetKey] | AssetKeyOfTable
"""A dbt manifest, keys by the names of tables, or whatever gives a key."""


def asset_keys(
    tables: Iterable[Table], given: TableAssetKeys | None, dagster_dbt_translator: DagsterDbtTranslator | None = None
) -> dict[str, dg.AssetKey]:
    """The keys that tables have elsewhere, by their ids; tables that have none are left out.

    Args:
        tables: that LookML reads.
        given: how to find their keys.
        dagster_dbt_translator: makes keys of dbt's nodes; dagster-dbt's own if None.

    Raises:
        DbtError: the manifest cannot be read.
        TableKeyError: a table is built by two dbt models, or a key is none.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        find = _of_mapping(given, tables := tuple(tables))
    elif callable(given):
        find = given
    else:
        find = dbt_asset_keys(given, dagster_dbt_translator)
    found = ((table, find(table)) for table in tables)
    return {table.id: _asset_key(table.name, key) for table, key in found if key is not None}


def _of_mapping(given: Mapping[str, str | Sequence[str] | dg.AssetKey], tables: Sequence[Table]) -> AssetKeyOfTable:
    keys = {str(name).lower(): _asset_key(str(name), key) for name, key in given.items()}
    names = {one for table in tables for one in _names(table)}
    for name in given:
        if str(name).lower() not in names:
            near = did_you_mean(near_names(str(name).lower(), {table.name.lower() for table in tables}))
            dg.get_dagster_logger("dagster_lookml").warning(f"table_asset_keys: LookML reads no table {name}{near}")
    return lambda table: next((keys[name] for name in _names(table) if name in keys), None)


def _names(table: Table) -> tuple[str, ...]:
    return table.name.lower(), table.id.lower(), table.written.lower()


def _asset_key(name: str, key: str | Sequence[str] | dg.AssetKey) -> dg.AssetKey:
    """A key as people write it: ``shop/orders`` or ``["shop", "orders"]``."""
    try:
        found = dg.AssetKey.from_user_string(key) if isinstance(key, str) else dg.AssetKey.from_coercible(key)
    except Exception as error:  # dagster's own check, which names neither the option nor the table
        raise TableKeyError(name, f"{key!r} is no asset key") from error
    if not found.path or not all(found.path):
        raise TableKeyError(name, f"{key!r} is no asset key: a part of it is empty")
    return found


def dbt_asset_keys(
    manifest: str | PathLike[str], translator: DagsterDbtTranslator | None = None
) -> Callable[[Table], dg.AssetKey | None]:
    """Find the keys of tables that a dbt project builds or reads.

    A table belongs to the model, seed, snapshot or source whose relation it is: by the whole name as dbt resolved it, with
    ``identifier``, ``alias`` and quoting, and with upper and lower case as the warehouse takes them.

    Args:
        manifest: path of dbt's ``target/manifest.json``.
        translator: makes keys of dbt's nodes; dagster-dbt's own if None, and where that is not installed, what it does.

    Returns:
        Gives the key of a table, None for one that dbt does not know.

    Raises:
        DbtError: the manifest cannot be read.

    Example:
        .. code-block:: python

            from_dbt = dbt_asset_keys("dbt/target/manifest.json")
            specs = load_looker_asset_specs(project, table_asset_keys=lambda table: ours.get(table.name) or from_dbt(table))
    """
    path = Path(fspath(manifest))
    relations = DbtTables(read_dbt(path))
    nodes: dict[str, Any] = {}

    def find(table: Table) -> dg.AssetKey | None:
        found = relations.relations(table.id)
        if len(found) > 1:
            names = " and ".join(f"{one.unique_id} ({'.'.join(one.parts)})" for one in found)
            raise TableKeyError(
                table.name, f"it may be {names} of {path}; name its database and schema in [connections], or its key"
            )
        if not found:
            return None
        if not nodes:
            nodes.update(json.loads(path.read_bytes()))
        return _dbt_key(nodes, found[0].unique_id, translator)

    return find


def _dbt_key(manifest: Mapping[str, Any], unique_id: str, translator: DagsterDbtTranslator | None) -> dg.AssetKey:
    if translator is None:
        try:
            from dagster_dbt import DagsterDbtTranslator
        except ImportError:
            return _default_dbt_key({**manifest.get("sources", {}), **manifest.get("nodes", {})}[unique_id])
        translator = DagsterDbtTranslator()
    return translator.get_asset_spec(manifest, unique_id, None).key


def _default_dbt_key(node: Mapping[str, Any]) -> dg.AssetKey:
    """What dagster-dbt does unless it is told otherwise (docs.dagster.io, dbt reference, "Understanding asset keys")."""
    config = node.get("config") or {}
    meta = config.get("meta") or node.get("meta") or {}
    key = (meta.get("dagster") or {}).get("asset_key")
    if key:
        return dg.AssetKey(key)
    if node.get("resource_type") == "source":
        return dg.AssetKey([node["source_name"], node["name"]])
    if node.get("version"):
        return dg.AssetKey([node["alias"]])
    schema = config.get("schema")
    return dg.AssetKey([schema, node["name"]] if schema is not None else [node["name"]])
