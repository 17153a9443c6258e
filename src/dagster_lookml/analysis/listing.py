"""Names in a sentence: some of them, and how many more there are."""

from __future__ import annotations

from typing import Final

_NAMES_SHOWN: Final = 5


def listed(names: list[str]) -> str:
    """Some names, and how many more there are.

    >>> listed(["a", "b"])
    '`a`, `b`'
    """
    more = len(names) - _NAMES_SHOWN
    return ", ".join(f"`{name}`" for name in names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
