"""What lkml reads, and the same in our trees, so that both can be compared."""

from __future__ import annotations

import logging
from typing import Any

import lkml
from lkml.keys import PLURAL_KEYS, pluralize
from lkml.lexer import Lexer

from dagster_lookml.syntax.nodes import Item, ListNode, Node, PairNode

logging.getLogger("lkml").setLevel(logging.ERROR)


class HangError(Exception):
    """lkml would not come back from a lone semicolon (R15.10)."""


class _Watched(Lexer):
    looked_at = -1

    def peek_multiple(self, length: int) -> str:
        if length == 2 and self.text[self.index] == ";" and self.text[self.index + 1 : self.index + 2] != ";":
            if self.looked_at == self.index:
                raise HangError
            self.looked_at = self.index
        return super().peek_multiple(length)


def lkml_load(text: str) -> dict[str, Any] | None:
    """What ``lkml.load`` says, or None where it raises or would hang."""
    try:
        _Watched(text).scan()
        return lkml.load(text)
    except (HangError, SyntaxError, IndexError, KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return None


def as_lkml(nodes: tuple[Node, ...]) -> dict[str, Any]:
    """Our tree in the form in which ``lkml.load`` gives its own."""
    result: dict[str, Any] = {}
    for node in nodes:
        value: Any
        if isinstance(node, PairNode):
            value = node.value
        elif isinstance(node, ListNode):
            value = [item.value if isinstance(item, Item) else {item.key: item.value} for item in node.items]
        else:
            value = as_lkml(node.children)
            if node.name is not None:
                value["name"] = node.name
        if node.key in PLURAL_KEYS:
            result.setdefault(pluralize(node.key), []).append(value)
        else:
            result[node.key] = value
    return result


def leaves(nodes: tuple[Node, ...]) -> list[tuple[str, int, str]]:
    """Every key, name and value of a tree, with its offset and what it is."""
    found: list[tuple[str, int, str]] = []
    for node in nodes:
        found.append((node.key, node.key_start, "key"))
        if isinstance(node, PairNode):
            found.append((node.value, node.start, node.style))
        elif isinstance(node, ListNode):
            for item in node.items:
                if isinstance(item, PairNode):
                    found.append((item.key, item.key_start, "key"))
                found.append((item.value, item.start, item.style))
        else:
            if node.name is not None:
                found.append((node.name, node.name_start, "name"))
            found += leaves(node.children)
    return found
