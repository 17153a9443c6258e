"""Names as they stand in ids."""

from __future__ import annotations

import re
from typing import Final

REFINED: Final = "+"
"""Stands before a name that is refined, in LookML and in ids."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.\-]*")


def explore_id(model: str, name: str) -> str:
    """The id of an explore, whether there is one or not.

    >>> explore_id("sales", "orders")
    'explore:sales/orders'
    """
    return f"explore:{quoted(model)}/{quoted(name)}"


def refined_explore_id(model: str, name: str) -> str:
    """The id of what refinements say of an explore that is not here.

    >>> refined_explore_id("sales", "orders")
    'explore:sales/+orders'
    """
    return f"explore:{quoted(model)}/{REFINED}{quoted(name)}"


def quoted(name: str) -> str:
    """A name as it stands in an id: percent-encoded outside ``[A-Za-z0-9_.-]``.

    >>> quoted("Net sales/day")
    'Net%20sales%2Fday'
    """
    if _PLAIN.fullmatch(name):
        return name
    return "".join(
        character if character.isascii() and (character.isalnum() or character in "_.-") else _encoded(character)
        for character in name
    )


def quoted_path(path: str) -> str:
    """A path as it stands in an id; its slashes stay."""
    return "/".join(quoted(part) for part in path.split("/"))


def _encoded(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogateescape"))
