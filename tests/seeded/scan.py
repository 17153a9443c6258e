"""Where the blocks and parameters of a LookML file stand: what lkml does not tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lkml.keys import EXPR_BLOCK_KEYS

_GAP: Final = re.compile(r"(?:\s+|#[^\n]*)*")
_KEY: Final = re.compile(r"([A-Za-z_][\w.]*)\s*:\s*")
_NAME: Final = re.compile(r"\+?(?:[\w.-]|[@$]\{[^}]*\})*")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_LIST: Final = re.compile(r'\[(?:[^\]"#]|"(?:[^"\\]|\\.)*"|#[^\n]*)*\]', re.DOTALL)
_BARE: Final = re.compile(r"[^\s{}\[\]\"#]+")


class ScanError(Exception):
    """The text is not plain LookML; nothing of it is mutated."""


@dataclass(frozen=True, slots=True)
class Node:
    """A parameter or a block.

    Attributes:
        key: such as ``dimension`` or ``sql_on``.
        value: name of a block; text of a parameter, without quotes and without ``;;``.
        start: offset of the key.
        inner: offset after ``{`` of a block, of the value of a parameter.
        inner_end: offset of ``}`` of a block, end of the value of a parameter.
        end: offset after the whole, with ``;;`` or ``}``.
        items: what a block holds; None for a parameter.
    """

    key: str
    value: str
    start: int
    inner: int
    inner_end: int
    end: int
    items: tuple[Node, ...] | None = None

    def all(self, key: str) -> Iterator[Node]:
        """What the block holds under a key."""
        return (item for item in self.items or () if item.key == key)

    def get(self, key: str) -> Node | None:
        """The first item under a key."""
        return next(self.all(key), None)

    def text(self, key: str, default: str = "") -> str:
        """Value of the first item under a key."""
        found = self.get(key)
        return default if found is None else found.value

    def walk(self) -> Iterator[Node]:
        """The node and all below it."""
        yield self
        for item in self.items or ():
            yield from item.walk()


def scan(text: str) -> tuple[Node, ...]:
    """Read a whole file.

    Args:
        text: LookML with line feeds only.

    Returns:
        the items at the top of the file, in order.

    Raises:
        ScanError: something is not plain LookML.

    Example:
        >>> [view] = scan("view: orders { sql_table_name: o ;; dimension: id {} }")
        >>> view.value, [item.key for item in view.items]
        ('orders', ['sql_table_name', 'dimension'])
    """
    items, position = _items(text, 0)
    if position != len(text):
        raise ScanError(f"surplus text at {position}")
    return items


def _items(text: str, position: int) -> tuple[tuple[Node, ...], int]:
    items: list[Node] = []
    while True:
        position = _skip(text, position)
        if position == len(text) or text[position] == "}":
            return tuple(items), position
        key = _KEY.match(text, position)
        if key is None:
            raise ScanError(f"no key at {position}")
        node = _item(text, key)
        items.append(node)
        position = node.end


def _item(text: str, key: re.Match[str]) -> Node:
    name, start, at = key[1], key.start(), key.end()
    if name in EXPR_BLOCK_KEYS:
        end = text.find(";;", at)
        if end < 0:
            raise ScanError(f"no ;; after {start}")
        return Node(name, text[at:end].strip(), start, at, end, end + 2)
    for pattern, trim in ((_QUOTED, 1), (_LIST, 0)):
        if found := pattern.match(text, at):
            end = found.end()
            return Node(name, text[at + trim : end - trim], start, at, end, end)
    return _block_or_word(text, name, start, at)


def _block_or_word(text: str, key: str, start: int, at: int) -> Node:
    name = _NAME.match(text, at)
    assert name is not None
    opening = _skip(text, name.end())
    if text[opening : opening + 1] == "{":
        items, closing = _items(text, opening + 1)
        if text[closing : closing + 1] != "}":
            raise ScanError(f"no brace closes the block at {start}")
        return Node(key, name[0], start, opening + 1, closing, closing + 1, items)
    word = _BARE.match(text, at)
    if word is None:
        raise ScanError(f"no value at {at}")
    return Node(key, word[0], start, at, word.end(), word.end())


def _skip(text: str, position: int) -> int:
    gap = _GAP.match(text, position)
    assert gap is not None
    return gap.end()


def entries(listed: Node) -> tuple[str, ...]:
    """Words of a list such as ``[a, b.c, -d*]``; of ``[a: "x"]`` the keys.

    Example:
        >>> entries(scan('filters: [a.b: "x, y", c: "z"]')[0])
        ('a.b', 'c')
    """
    if not listed.value.startswith("["):
        return (listed.value,)
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|#[^\n]*', "", listed.value[1:-1])
    return tuple(part.split(":")[0].strip() for part in bare.split(",") if part.strip(" \n\t:"))
