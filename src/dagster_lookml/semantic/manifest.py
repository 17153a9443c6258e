"""The manifest of a project: its name, its constants, and the projects it imports (R1.4-R1.8)."""

from __future__ import annotations

from typing import Literal

import msgspec

from dagster_lookml.source.files import SourceFile, Span
from dagster_lookml.syntax.nodes import BlockNode, Node, PairNode


class Constant(msgspec.Struct, frozen=True):
    """``constant: NAME { value export }`` (R9.5)."""

    name: str
    value: str | None
    export: str
    span: Span


class Dependency(msgspec.Struct, frozen=True):
    """A project that this one imports, local or remote (R1.5, R1.8)."""

    name: str
    kind: Literal["local", "remote"]
    span: Span
    overrides: tuple[Constant, ...]
    url: str | None = None
    ref: str | None = None


class Manifest(msgspec.Struct, frozen=True):
    """What ``manifest.lkml`` says."""

    project_name: str | None = None
    constants: tuple[Constant, ...] = ()
    dependencies: tuple[Dependency, ...] = ()


def read_manifest(source: SourceFile, nodes: tuple[Node, ...]) -> Manifest:
    """Read the manifest.

    Args:
        source: the file ``manifest.lkml`` in the root of a project.
        nodes: its parameters.
    """
    name = next((node.value for node in reversed(nodes) if isinstance(node, PairNode) and node.key == "project_name"), None)
    dependencies = (_dependency(source, node) for node in nodes if isinstance(node, BlockNode))
    return Manifest(
        project_name=name,
        constants=_constants(source, nodes, "constant"),
        dependencies=tuple(dependency for dependency in dependencies if dependency is not None),
    )


def _constants(source: SourceFile, nodes: tuple[Node, ...], key: str) -> tuple[Constant, ...]:
    return tuple(
        Constant(node.name, _pair(node, "value"), _pair(node, "export") or "none", source.span(node.key_start))
        for node in nodes
        if isinstance(node, BlockNode) and node.key == key and node.name
    )


def _dependency(source: SourceFile, node: BlockNode) -> Dependency | None:
    span = source.span(node.key_start)
    overrides = _constants(source, node.children, "override_constant")
    if node.key == "local_dependency":
        project = _pair(node, "project") or node.name
        return Dependency(project, "local", span, overrides) if project else None
    if node.key == "remote_dependency" and node.name:
        return Dependency(node.name, "remote", span, overrides, _pair(node, "url"), _pair(node, "ref"))
    return None


def _pair(node: BlockNode, key: str) -> str | None:
    return next((child.value for child in reversed(node.children) if isinstance(child, PairNode) and child.key == key), None)
