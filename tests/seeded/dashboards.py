"""LookML dashboards with the places of what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import yaml

_WORD: Final = re.compile(r"\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)\b")
_IN_BRACES: Final = re.compile(r"\$\{([A-Za-z_]\w*)\.([A-Za-z_]\w*)\}")

Ref = tuple[str, str]
"""Alias and field name, as written."""


@dataclass(frozen=True, eq=False)
class Query:
    """What one query of a tile asks.

    Attributes:
        model: as written; None means the model that includes the dashboard.
        explore: as written.
        refs: what it surely names.
    """

    model: str | None
    explore: str
    refs: frozenset[Ref]


@dataclass(frozen=True, eq=False)
class Item:
    """A tile or a filter of a dashboard.

    Attributes:
        name: its own, or ``#n`` of a tile without.
        node: the YAML node.
        values: what it says.
        text: as written.
    """

    name: str
    node: yaml.MappingNode
    values: Mapping[str, Any]
    text: str

    def scalar(self, *keys: str) -> yaml.ScalarNode | None:
        """Node of a value, down a path of keys."""
        node: yaml.Node | None = self.node
        for key in keys:
            node = child(node, key)
        return node if isinstance(node, yaml.ScalarNode) else None

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """The queries of a tile; none of a text."""
        parts = self.values.get("merged_queries") or [self.values]
        return tuple(_query(part) for part in parts if isinstance(part, dict) and isinstance(part.get("explore"), str))

    @cached_property
    def words(self) -> frozenset[Ref]:
        """Everything in it that looks like ``alias.field``."""
        return frozenset((found[1], found[2]) for found in _WORD.finditer(self.text))


@dataclass(frozen=True, eq=False)
class Dashboard:
    """A dashboard of one file.

    Attributes:
        name: its own.
        path: of the file.
        node: the YAML node.
        extends: names of its parents.
        abstract: not shown itself (`extension: required`).
        filters: in order.
        tiles: in order.
    """

    name: str
    path: str
    node: yaml.MappingNode
    extends: tuple[str, ...]
    abstract: bool
    filters: tuple[Item, ...]
    tiles: tuple[Item, ...]


def child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """Value under a key of a mapping."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def read_dashboards(path: str, text: str) -> tuple[Dashboard, ...]:
    """Dashboards of a file; none if it is no plain YAML."""
    loader = yaml.CSafeLoader(text)
    try:
        node = loader.get_single_node()
        values = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError:
        return ()
    if not isinstance(node, yaml.SequenceNode):
        return ()
    pairs = zip(node.value, values or (), strict=True)
    return tuple(_dashboard(path, text, part, value) for part, value in pairs if isinstance(value, dict) and "dashboard" in value)


def _dashboard(path: str, text: str, node: yaml.MappingNode, values: Mapping[str, Any]) -> Dashboard:
    extends = values.get("extends") or []
    return Dashboard(
        str(values["dashboard"]),
        path,
        node,
        tuple([extends] if isinstance(extends, str) else extends),
        values.get("extension") == "required",
        tuple(_items(text, child(node, "filters"), values.get("filters"))),
        tuple(_items(text, child(node, "elements"), values.get("elements"))),
    )


def _items(text: str, node: yaml.Node | None, values: Any) -> Iterator[Item]:
    if not isinstance(node, yaml.SequenceNode):
        return
    for number, (part, value) in enumerate(zip(node.value, values, strict=True), 1):
        if isinstance(value, dict):
            yield Item(str(value.get("name") or f"#{number}"), part, value, text[part.start_mark.index : part.end_mark.index])


def _query(values: Mapping[str, Any]) -> Query:
    names: list[str] = []
    for key in ("fields", "dimensions", "measures", "pivots"):
        names += [str(name) for name in values.get(key) or ()]
    names += [str(sort).split()[0] for sort in values.get("sorts") or () if isinstance(sort, str) and sort.split()]
    for one in _maps(values.get("filters")):
        names += map(str, one)
    for one in _maps(values.get("listen")):
        names += [str(field) for field in one.values()]
    refs = {(name.partition(".")[0], name.partition(".")[2]) for name in names if name.count(".") == 1}
    return Query(values.get("model"), values["explore"], frozenset(refs | _dynamic(values.get("dynamic_fields"))))


def _maps(value: Any) -> Iterator[Mapping[str, Any]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def _dynamic(value: Any) -> set[Ref]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return set()
    refs = set()
    for one in (each for each in _maps(value) if not each.get("is_disabled")):
        refs |= {(found[1], found[2]) for found in _IN_BRACES.finditer(str(one.get("expression", "")))}
        names = [
            str(one.get("based_on", "")),
            *(map(str, one.get("filters") or ()) if isinstance(one.get("filters"), dict) else ()),
        ]
        refs |= {(name.partition(".")[0], name.partition(".")[2]) for name in names if name.count(".") == 1}
    return refs
