"""A second, slow and simple way to count what a LookML repository holds: lkml and PyYAML alone, and nothing of this package.

It knows names only. Includes are followed, and names are added up over extends and refinements; nothing is merged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import lkml
import yaml

FIELD_LISTS = {"dimensions": "", "dimension_groups": "group ", "measures": "", "filters": "", "parameters": ""}


class _AnyTag(yaml.SafeLoader):
    """A safe loader that takes a value with an unknown tag for what it looks like."""


def _untagged(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)  # type: ignore[arg-type]


_AnyTag.add_multi_constructor("!", _untagged)


@dataclass
class Counted:
    """What was counted: names by model, and what belongs to each."""

    files: int = 0
    views: dict[str, set[str]] = field(default_factory=dict)
    """By model, the names of its views."""
    explores: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    """By model and explore, the names of its joins."""
    fields: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    """By model and view, its fields; a dimension group as ``group name``."""
    dashboards: dict[str, dict[str, int]] = field(default_factory=dict)
    """By model and dashboard, how many elements it has."""
    declared_views: set[tuple[str, str]] = field(default_factory=set)
    """Name and file of every view that is declared anywhere."""


class Repository:
    """One repository, read by lkml and PyYAML."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = sorted(
            str(path.relative_to(root)) for path in root.rglob("*") if path.name.endswith((".lkml", ".lookml")) and path.is_file()
        )

    @cache  # noqa: B019 - a repository lives as long as its test
    def load(self, path: str) -> dict[str, Any]:
        text = (self.root / path).read_text("utf-8-sig")  # in text mode line ends become line feeds
        return lkml.load(text)

    @cache  # noqa: B019
    def dashboards(self, path: str) -> list[dict[str, Any]]:
        loaded = yaml.load((self.root / path).read_text("utf-8-sig"), _AnyTag)
        return [item for item in loaded or [] if item]

    @cache  # noqa: B019
    def included(self, path: str) -> tuple[str, ...]:
        found: list[str] = []
        for written in self.load(path).get("includes", []):
            if not written.startswith("//"):
                own = f"/{self.load('manifest.lkml').get('project_name')}/" if "manifest.lkml" in self.paths else "//"
                found += self.matches(written, path) or self.matches("/" + written.removeprefix(own), path)
        return tuple(found)

    def matches(self, written: str, path: str) -> list[str]:
        start = "" if written.startswith("/") else path.rpartition("/")[0]
        parts: list[str] = []
        for part in f"{start}/{written}".split("/"):
            if part == "..":
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        pattern = "/".join(parts)
        expression = "".join(
            {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}.get(token)
            or (f"[^{token[2:]}" if token.startswith("[!") else re.escape(token))
            for token in re.findall(r"\*\*/|\*\*|\*|\[!?[^\]]*\]|.", pattern)
        )
        wanted = re.compile(expression + r"(?:\.lkml|\.lookml)?")
        return [one for one in self.paths if wanted.fullmatch(one) and not one.endswith("manifest.lkml")]

    def closure(self, path: str) -> list[str]:
        seen: list[str] = []
        waiting = [path]
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen.append(current)
                if current.endswith(".lkml"):
                    waiting += self.included(current)
        return seen


def count(root: Path) -> Counted:
    """Count a repository."""
    repository = Repository(root)
    counted = Counted(files=len(repository.paths))
    for path in repository.paths:
        if path.endswith(".lkml"):
            counted.declared_views |= {
                (view["name"], path) for view in repository.load(path).get("views", []) if view["name"][0] != "+"
            }
        if path.endswith(".model.lkml"):
            name = path.rpartition("/")[2].removesuffix(".model.lkml")
            _count_model(repository, repository.closure(path), name, counted)
    return counted


def _count_model(repository: Repository, files: list[str], model: str, counted: Counted) -> None:
    views = _Objects([view for path in files if path.endswith(".lkml") for view in repository.load(path).get("views", [])])
    explores = _Objects(
        [
            explore if isinstance(explore, dict) else {"name": explore}
            for path in files
            if path.endswith(".lkml")
            for explore in repository.load(path).get("explores", [])
        ]
    )
    counted.views[model] = set(views.declared)
    counted.fields[model] = {name: views.names(name, FIELD_LISTS) for name in views.declared}
    counted.explores[model] = {name: explores.names(name, {"joins": ""}) for name in explores.declared}
    dashboards = {
        one["dashboard"]: one for path in files if path.endswith(".dashboard.lookml") for one in repository.dashboards(path)
    }
    counted.dashboards[model] = {name: len(_elements(name, dashboards)) for name in dashboards}


class _Objects:
    """The views, or the explores, of one model: declarations and refinements by name."""

    def __init__(self, blocks: list[dict[str, Any]]) -> None:
        self.declared = {block["name"]: block for block in blocks if block["name"][0] != "+"}
        self.refinements: dict[str, list[dict[str, Any]]] = {}
        for block in blocks:
            if block["name"][0] == "+":
                self.refinements.setdefault(block["name"][1:], []).append(block)

    def names(self, name: str, lists: dict[str, str]) -> set[str]:
        """Names of the children of an object, those of its parents and refinements added."""
        if name not in self.declared:
            return set()
        found: set[str] = set()
        for block in [self.declared[name], *self.refinements.get(name, [])]:
            for key, prefix in lists.items():
                found |= {prefix + child["name"] for child in block.get(key, []) if "name" in child}
            for parents in block.get("extends__all", []):
                for parent in parents if isinstance(parents, list) else [parents]:
                    found |= self.names(parent, lists)
        return found


def _elements(name: str, dashboards: dict[str, dict[str, Any]]) -> list[str | None]:
    """Names of the elements of a dashboard; one that has the name of a parent's takes its place."""
    if name not in dashboards:
        return []
    dashboard = dashboards[name]
    parents = dashboard.get("extends") or []
    inherited: list[str | None] = []
    for parent in parents if isinstance(parents, list) else [parents]:
        inherited += [one for one in _elements(parent, dashboards) if one is None or one not in inherited]
    own = [element.get("name") for element in dashboard.get("elements") or []]
    return inherited + [one for one in own if one is None or one not in inherited]
