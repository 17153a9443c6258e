"""Constants: ``@{NAME}`` is replaced by text, before anything else is looked at (R9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

CONSTANT: Final = re.compile(r"@\{([^{}\n]*)\}")
MAX_LENGTH: Final = 1_000_000
"""Characters that one text may grow to; constants that contain others twice each double with every step."""


class Constants:
    """The constants of one project, which its own files see and no other project's do (R9.4).

    Args:
        values: the value of each, as written; it may hold other constants (R9.2).

    >>> Constants({"P": "prod", "T": "@{P}.orders"}).expand("select 1 from @{T}")
    'select 1 from prod.orders'
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)
        self._expanded: dict[str, str] = {}

    def expand(self, text: str) -> str:
        """Replace every constant in a text; one that is undefined or contains itself stays as it is."""
        if "@{" not in text:
            return text
        return self._replace(text, ())

    def _replace(self, text: str, path: tuple[str, ...]) -> str:
        def value(found: re.Match[str]) -> str:
            name = found.group(1)
            if name not in self.values or name in path:
                return found.group()
            if name not in self._expanded:
                expanded = self._replace(self.values[name], (*path, name))
                if path or len(expanded) > MAX_LENGTH:  # inside another one, what is circular depends on where one came from
                    return expanded if len(expanded) <= MAX_LENGTH else found.group()
                self._expanded[name] = expanded
            return self._expanded[name]

        return CONSTANT.sub(value, text)

    def cycle(self, name: str) -> tuple[str, ...]:
        """The names on the way from a constant back to itself; empty if there is no such way.

        >>> Constants({"A": "@{B}", "B": "@{A}"}).cycle("A")
        ('A', 'B', 'A')
        """
        path = [name]
        seen: set[str] = set()

        def search(current: str) -> bool:
            for found in CONSTANT.finditer(self.values.get(current, "")):
                target = found.group(1)
                if target == name:
                    path.append(name)
                    return True
                if target in self.values and target not in seen:
                    seen.add(target)
                    path.append(target)
                    if search(target):
                        return True
                    path.pop()
            return False

        return tuple(path) if search(name) else ()
