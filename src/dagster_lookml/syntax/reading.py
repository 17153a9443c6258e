"""One file's text to its tree: the scanner first, then lkml, then recovery; and the faults that need no project to be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from dagster_lookml.source.problems import Problem
from dagster_lookml.syntax.nodes import BlockNode, ListNode, Node
from dagster_lookml.syntax.recovery import recover
from dagster_lookml.syntax.referee import read_with_lkml
from dagster_lookml.syntax.scanner import scan
from dagster_lookml.syntax.schema import REPEATABLE_KEYS

_EMPTY_ITEM: Final = re.compile(r"\[\s*+,")
_OLD_LOOKML: Final = re.compile(r"(?:\s++|\#[^\n]*+)*+(-[ \t]++[a-z_]++[ \t]*+:)")


class LookMLTree(msgspec.Struct, frozen=True, array_like=True):
    """What one ``.lkml`` file says, and what is wrong with its text."""

    nodes: tuple[Node, ...]
    problems: tuple[Problem, ...]


def read_lookml(text: str) -> LookMLTree:
    r"""Read one LookML text; never raises on what it finds.

    Args:
        text: the whole file, with line feeds only (`SourceFile.text`).

    Returns:
        Every parameter that could be read, and every fault with its place. Of a key that stands twice in one block both are
        kept in the tree; the last counts (R15.6).

    >>> [problem.rule for problem in read_lookml('view: a { label: "x"; }').problems]
    ['stray-semicolon']
    """
    old = _OLD_LOOKML.match(text)
    if old:
        message = "old LookML written in YAML, which Looker no longer reads; the file is skipped"
        return LookMLTree((), (Problem("old-lookml", message, old.start(1), old.end(1)),))
    problems: tuple[Problem, ...] = ()
    nodes = scan(text)
    if nodes is None:
        nodes = read_with_lkml(text)
    if nodes is None:
        nodes, problems = recover(text)
    if not problems and _EMPTY_ITEM.search(text):
        problems = tuple(_leading_commas(nodes, text))
    return LookMLTree(nodes, (*problems, *_duplicates(nodes, "")))


def _leading_commas(nodes: tuple[Node, ...], text: str) -> Iterator[Problem]:
    """``[, date]``: lkml and Looker read over the comma; somebody may want to know."""
    for node in nodes:
        if isinstance(node, BlockNode):
            yield from _leading_commas(node.children, text)
        elif isinstance(node, ListNode):
            found = _EMPTY_ITEM.search(text, node.key_start, node.end)
            if found and not text[node.key_start : found.start()].strip(f" \n\t:{node.key}"):
                yield Problem("surplus-comma", "this comma separates nothing", found.end() - 1, found.end())


def _duplicates(nodes: tuple[Node, ...], parent: str) -> Iterator[Problem]:
    if len({node.key for node in nodes}) < len(nodes):
        yield from _repeated_keys(nodes, parent)
    for node in nodes:
        if isinstance(node, BlockNode):
            yield from _duplicates(node.children, node.key)


def _repeated_keys(nodes: tuple[Node, ...], parent: str) -> Iterator[Problem]:
    """One problem for each key that may not repeat and does, at the place that counts."""
    places: dict[str, list[int]] = {}
    for node in nodes:
        places.setdefault(node.key, []).append(node.key_start)
    for key, starts in places.items():
        if len(starts) > 1 and key not in REPEATABLE_KEYS:
            where = f"`{parent}`" if parent else "this file"
            times = "twice" if len(starts) == 2 else f"{len(starts):,} times"
            yield Problem(
                "duplicate-parameter",
                f"`{key}` stands {times} in {where}; the last one counts",
                starts[-1],
                starts[-1] + len(key),
            )
