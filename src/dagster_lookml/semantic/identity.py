"""Ids: how objects are called where a name alone does not decide."""

from __future__ import annotations

from collections.abc import Mapping

from dagster_lookml.semantic.quoting import quoted, quoted_path
from dagster_lookml.semantic.scope import Resolved


def view_ids(resolved: Mapping[int, Resolved], seen_by: Mapping[int, list[str]], mark: str = "") -> dict[int, str]:
    """An id for every distinct view: its name if it is the only one of it, else with its first model or its file.

    Args:
        resolved: the views by their keys.
        seen_by: the models that see each.
        mark: what stands before every name.
    """
    counts: dict[str, int] = {}
    for found in resolved.values():
        name = found.block.name or ""
        counts[name] = counts.get(name, 0) + 1
    ids: dict[int, str] = {}
    for key, found in resolved.items():
        name = found.block.name or ""
        models = seen_by.get(key)
        if counts[name] == 1:
            ids[key] = f"view:{mark}{quoted(name)}"
        elif models:
            ids[key] = f"view:{quoted(models[0])}/{mark}{quoted(name)}"
        else:
            ids[key] = f"view:{quoted_path(found.declared[0].file.shown_as)}#{quoted(name)}"
    return ids
