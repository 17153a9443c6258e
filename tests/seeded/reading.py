"""A light reading of a LookML repo: right for the objects that are clear, and silent about the others."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import lkml

from tests.seeded.dashboards import Dashboard, read_dashboards
from tests.seeded.includes import IMPORTED, closure
from tests.seeded.scan import Node, ScanError, entries, scan

FIELDS: Final = ("dimension", "dimension_group", "measure", "filter", "parameter")
TIMEFRAMES: Final = (
    "raw time time_of_day hour hour_of_day hour2 hour3 hour4 hour6 hour8 hour12 minute minute5 minute10 minute15 minute30 second "
    "millisecond microsecond date week day_of_week day_of_week_index day_of_month day_of_year week_of_year month month_num "
    "month_name quarter quarter_of_year year fiscal_month_num fiscal_quarter fiscal_quarter_of_year fiscal_year"
).split()
INTERVALS: Final = "second minute hour day week month quarter year".split()


@dataclass(frozen=True, eq=False)
class Field:
    """A field of a view.

    Attributes:
        view: name of the view.
        node: its block.
    """

    view: str
    node: Node

    @property
    def name(self) -> str:
        return self.node.value

    @cached_property
    def generated(self) -> frozenset[str]:
        """Names by which it is picked: the timeframes of a group, else its own."""
        if self.node.key != "dimension_group":
            return frozenset({self.name})
        if self.node.text("type") == "duration":
            listed = self.node.get("intervals")
            return frozenset(f"{one}s_{self.name}" for one in (entries(listed) if listed else INTERVALS))
        listed = self.node.get("timeframes")
        return frozenset(f"{self.name}_{one}".removesuffix("_yesno") for one in (entries(listed) if listed else TIMEFRAMES))


@dataclass(frozen=True, eq=False)
class View:
    """One declaration of a view; `node.value` starts with ``+`` for a refinement."""

    path: str
    node: Node

    @property
    def name(self) -> str:
        return self.node.value.removeprefix("+")

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """By name."""
        return {node.value: Field(self.name, node) for node in self.node.items or () if node.key in FIELDS}

    @cached_property
    def owner(self) -> Mapping[str, Field]:
        """Fields by the names by which they are picked."""
        return {name: field for field in self.fields.values() for name in field.generated}

    @property
    def parents(self) -> tuple[str, ...]:
        return tuple(name for node in self.node.items or () if node.key.startswith("extends") for name in entries(node))


@dataclass(frozen=True, eq=False)
class Explore:
    """One declaration of an explore."""

    path: str
    node: Node

    @property
    def name(self) -> str:
        return self.node.value.removeprefix("+")

    @property
    def parents(self) -> tuple[str, ...]:
        return tuple(name for node in self.node.items or () if node.key.startswith("extends") for name in entries(node))

    @property
    def alias(self) -> str:
        """Under which the base view is known."""
        return self.node.text("view_name") or self.name

    @cached_property
    def joins(self) -> Mapping[str, Node]:
        return {node.value: node for node in self.node.all("join")}

    @cached_property
    def views(self) -> Mapping[str, str]:
        """View by alias."""
        base = self.node.text("from") or self.node.text("view_name") or self.name
        return {self.alias: base, **{name: node.text("from") or name for name, node in self.joins.items()}}


@dataclass(frozen=True)
class Model:
    """A model.

    Attributes:
        name: stem of its file.
        files: what it includes.
        whole: no import is missing.
    """

    name: str
    files: frozenset[str]
    whole: bool


class Repo:
    """What the files of a folder say.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self.texts = dict(_texts(root))
        self.nodes = {path: _nodes(text) for path, text in self.texts.items() if path.endswith(".lkml")}
        self.editable = {path for path in self.nodes if _referee(path, self.texts[path], self.nodes[path])}
        self.dashboards = [
            one for path, text in self.texts.items() if path.endswith(".lookml") for one in read_dashboards(path, text)
        ]
        self.views = [View(path, node) for path, node in self._top("view")]
        self.explores = [Explore(path, node) for path, node in self._top("explore")]

    def _top(self, key: str) -> Iterator[tuple[str, Node]]:
        return ((path, node) for path, nodes in self.nodes.items() for node in nodes or () if node.key == key)

    @cached_property
    def models(self) -> Mapping[str, Model]:
        """By name; names that occur twice are left out."""
        constants = {node.value: node.text("value") for node in self.nodes.get("manifest.lkml") or () if node.key == "constant"}
        includes = {path: [one.value for one in self.nodes.get(path) or () if one.key == "include"] for path in self.texts}
        paths = [path for path in self.texts if path.endswith(".model.lkml") and not path.startswith(IMPORTED)]
        count = Counter(_stem(path) for path in paths)
        return {_stem(path): Model(_stem(path), *closure(path, includes, constants)) for path in paths if count[_stem(path)] == 1}

    @cached_property
    def models_of(self) -> Mapping[str, frozenset[str]]:
        """Names of the models that include a path."""
        return {path: frozenset(one.name for one in self.models.values() if path in one.files) for path in self.texts}

    @cached_property
    def clear_views(self) -> Mapping[str, View]:
        """Views that one block says all about, in a file that can be changed, by name."""
        count = Counter(view.name for view in self.views)
        extended = {parent for view in self.views for parent in view.parents}
        return {
            view.name: view
            for view in self.views
            if count[view.name] == 1 and view.name not in extended and not view.parents and self._plain(view)
        }

    def _plain(self, view: View) -> bool:
        nodes = [node for node in view.node.items or () if node.key in FIELDS]
        names = Counter(name for node in nodes for name in Field(view.name, node).generated)
        known = {one.value for one in nodes}
        once = len(known) == len(nodes) and max(names.values(), default=0) <= 1
        return once and not view.node.value.startswith("+") and view.path in self.editable and bool(self.models_of[view.path])

    @cached_property
    def explores_in(self) -> Mapping[tuple[str, str], list[Explore]]:
        """Declarations by model and name."""
        found: dict[tuple[str, str], list[Explore]] = defaultdict(list)
        for explore in self.explores:
            for model in self.models_of[explore.path]:
                found[model, explore.name].append(explore)
        return found

    @cached_property
    def clear_explores(self) -> Mapping[tuple[str, str], Explore]:
        """Explores that one block says all about in every model that has them, by model and name."""
        extended = {parent for explore in self.explores for parent in explore.parents}
        found = {}
        for (model, name), blocks in self.explores_in.items():
            one = blocks[0]
            alone = all(len(self.explores_in[other, name]) == 1 for other in self.models_of[one.path])
            if alone and not one.node.value.startswith("+") and not one.parents and name not in extended and self._simple(one):
                found[model, name] = one
        return found

    def _simple(self, explore: Explore) -> bool:
        joins = list(explore.node.all("join"))
        once = len({node.value for node in joins} | {explore.alias}) == len(joins) + 1
        words = any("@{" in name for name in [*explore.views, *explore.views.values()])
        return once and not words and explore.path in self.editable and explore.node.get("extension") is None

    @cached_property
    def aliases(self) -> Mapping[str, frozenset[str]]:
        """Every alias of a view anywhere, itself included."""
        found: dict[str, set[str]] = defaultdict(set)
        for explore in self.explores:
            for alias, view in explore.views.items():
                found[view] |= {alias, view}
        return {view: frozenset(names) for view, names in found.items()}

    @cached_property
    def clear_dashboards(self) -> Mapping[tuple[str, str], Dashboard]:
        """Dashboards that no other has to do with, by model and name."""
        count = Counter(one.name for one in self.dashboards)
        extended = {parent for one in self.dashboards for parent in one.extends}
        return {
            (model, one.name): one
            for one in self.dashboards
            for model in sorted(self.models_of[one.path])
            if count[one.name] == 1 and not one.extends and one.name not in extended and not one.abstract
            and len({tile.name for tile in one.tiles}) == len(one.tiles) and "\r" not in self.texts[one.path]
        }  # fmt: skip

    @cached_property
    def words(self) -> Mapping[str, list[tuple[str, int]]]:
        """Where each word stands: path and offset."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for path, text in self.texts.items():
            for word in re.finditer(r"[A-Za-z_]\w*", text):
                found[word[0]].append((path, word.start()))
        return found


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(root.rglob("*")):
        if path.name.endswith((".lkml", ".dashboard.lookml")) and path.is_file() and ".git" not in path.parts:
            try:
                yield path.relative_to(root).as_posix(), path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue


def _nodes(text: str) -> tuple[Node, ...] | None:
    try:
        return scan(text.replace("\r", " ").removeprefix("\ufeff"))
    except ScanError:
        return None


def _referee(path: str, text: str, nodes: tuple[Node, ...] | None) -> bool:
    """Whether lkml sees the same views, explores and fields, so that the places are right."""
    if nodes is None or "\r" in text or text.startswith("\ufeff") or path.startswith(IMPORTED):
        return False
    try:
        told = lkml.load(text)
    except (SyntaxError, KeyError):
        return False
    views = [(view["name"], sorted(_told(view))) for view in told.get("views", [])]
    seen = [
        (one.value, sorted(item.value for item in one.items or () if item.key in FIELDS)) for one in nodes if one.key == "view"
    ]
    explores = [one["name"] for one in told.get("explores", [])]
    return views == seen and explores == [one.value for one in nodes if one.key == "explore"]


def _told(view: Mapping[str, object]) -> Iterator[str]:
    for kind in FIELDS:
        listed = view.get(f"{kind}s", [])
        assert isinstance(listed, list)
        yield from (one["name"] for one in listed)


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".model.lkml")
