"""The tree of one LookML file: nodes that know where in the text they stand.

A LookML file is a sequence of parameters. A parameter is a pair (``type: string``), a list (``timeframes: [raw, date]``) or
a block (``dimension: id { ... }``). Positions are offsets into `SourceFile.text`; lines and columns are computed from them
only when somebody asks. There is no object per token: a pair holds its value and the two offsets itself.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Style = Literal["word", "quoted", "expression"]
"""How a value is written: bare (``yes``), in double quotes, or raw up to ``;;``."""


class Item(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=0):
    """One bare or quoted value in a list: ``date`` in ``timeframes: [raw, date]``."""

    value: str
    start: int
    style: Style

    @property
    def end(self) -> int:
        """Offset after the last character of the value."""
        return self.start + len(self.value)


class PairNode(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=1):
    """``key: value``. The value is the text as written, without its quotes, without ``;;`` and the white space before it."""

    key: str
    key_start: int
    value: str
    start: int
    style: Style

    @property
    def end(self) -> int:
        """Offset after the last character of the value."""
        return self.start + len(self.value)


class ListNode(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=2):
    """``key: [a, b]`` or, with pairs as items, ``filters: [status: "done"]``."""

    key: str
    key_start: int
    items: tuple[Item | PairNode, ...]
    end: int


class BlockNode(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=3):
    """``key: name { ... }``; `name` is None in an unnamed block such as ``derived_table: { ... }``."""

    key: str
    key_start: int
    name: str | None
    name_start: int
    children: tuple[PairNode | ListNode | BlockNode, ...]
    end: int


Node = PairNode | ListNode | BlockNode
"""One parameter of a file or of a block."""
