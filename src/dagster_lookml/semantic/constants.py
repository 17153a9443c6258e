"""Constants: ``@{NAME}`` is replaced by text, before anything else is looked at (R9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
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

    def expand(self, text: str) -> str:
        """Replace every constant in a text; one that is undefined, or contains itself, stays as it is."""
        return self._replace(text, self._expanded) if "@{" in text else text

    @staticmethod
    def _replace(text: str, values: Mapping[str, str]) -> str:
        return CONSTANT.sub(lambda found: values.get(found.group(1), found.group()), text)

    @cached_property
    def _uses(self) -> dict[str, set[str]]:
        """For each constant those that its value holds."""
        return {name: set(CONSTANT.findall(value)) & self.values.keys() for name, value in self.values.items()}

    @cached_property
    def _order(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """The constants in an order in which each comes after those that it holds, and the circles that had to be left out."""
        uses = self._uses
        circles: list[tuple[str, ...]] = []
        while True:
            try:
                return tuple(TopologicalSorter(uses).static_order()), tuple(circles)
            except CycleError as error:
                circle = tuple(reversed(error.args[1]))
                circles.append(circle)
                uses = {name: used - set(circle) for name, used in uses.items() if name not in circle}

    @cached_property
    def _expanded(self) -> dict[str, str]:
        expanded: dict[str, str] = {}
        for name in self._order[0]:
            length = len(self.values[name]) + sum(len(expanded.get(used, "")) for used in CONSTANT.findall(self.values[name]))
            if length <= MAX_LENGTH:
                expanded[name] = self._replace(self.values[name], expanded)
        return expanded

    def cycle(self, name: str) -> tuple[str, ...]:
        """The names on the way from a constant back to itself; empty if there is no such way.

        >>> Constants({"A": "@{B}", "B": "@{A}"}).cycle("A")
        ('A', 'B', 'A')
        """
        for circle in self._order[1]:
            if name in circle:
                at = circle.index(name)
                return (*circle[at:-1], *circle[:at], name)
        return ()
