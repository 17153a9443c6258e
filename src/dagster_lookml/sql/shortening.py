"""Two texts in a line each, short enough to be read, of which what differs is seen."""

from __future__ import annotations

from itertools import takewhile
from typing import Final

_BLANKS: Final = str.maketrans({" ": "·", "\n": "↵", "\r": "↵", "\t": "⇥"})


def shortened(old: str, new: str, longest: int) -> tuple[str, str]:
    r"""Put two texts into a line each. Of long ones both begin shortly before they differ.

    Args:
        old: a text.
        new: the other. Where only their white space differs, that is made visible.
        longest: how many characters of each are shown.

    >>> shortened("CASE WHEN a THEN b ELSE\n 1 END", "CASE WHEN a THEN b ELSE 2 END", 18)
    ('…ELSE 1 END', '…ELSE 2 END')
    >>> shortened("a  b", "a b", 18), shortened("a = 1", "a = 2", 18)
    (('a··b', 'a·b'), ('a = 1', 'a = 2'))
    """
    ours, theirs = _line(old), _line(new)
    if ours == theirs and old != new:
        ours, theirs = old.translate(_BLANKS), new.translate(_BLANKS)
    start = 0
    if max(len(ours), len(theirs)) > longest:
        alike = sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(ours, theirs, strict=False)))
        start = max(alike - longest // 3, 0)
    return _from(ours, start, longest), _from(theirs, start, longest)


def cut(text: str, longest: int | None = None) -> str:
    r"""One text in a line, which ends where it is too long.

    Args:
        text: of any number of lines.
        longest: how many characters of it are shown, with the ellipsis; None for all.

    >>> cut(" a\n  b "), cut("orders.revenue", 8)
    ('a b', 'orders.…')
    """
    line = _line(text)
    return line if longest is None else _from(line, 0, longest)


def _line(text: str) -> str:
    return " ".join(text.split())


def _from(line: str, start: int, longest: int) -> str:
    shown = f"…{line[start:].lstrip()}" if start else line
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
