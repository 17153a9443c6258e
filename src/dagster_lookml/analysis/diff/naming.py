"""Things by their names, of which none is lost where two have the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

_One = TypeVar("_One")


def named(ones: Iterable[_One], name: Callable[[_One], str]) -> dict[str, _One]:
    """Things by their names, in order; of several with one name the second is ``name~2``.

    Args:
        ones: the things.
        name: gives the name of one.

    >>> named(["one", "two", "three"], lambda word: word[0])
    {'o': 'one', 't': 'two', 't~2': 'three'}
    """
    found: dict[str, _One] = {}
    seen: dict[str, int] = {}
    for one in ones:
        key = name(one)
        seen[key] = seen.get(key, 0) + 1
        found[key if seen[key] == 1 else f"{key}~{seen[key]}"] = one
    return found
