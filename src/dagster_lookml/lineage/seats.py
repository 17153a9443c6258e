"""Seats: views where they are used, and rows that only a seat has.

A seat is a view under an alias in an explore, with the rows it has there. ``${users.id}`` means the field of whatever view sits
under ``users`` in the same explore (R4.25), so the same field may read different columns in different explores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from dagster_lookml.lineage.questions import Questions
from dagster_lookml.lineage.rows import CIRCULAR_ROWS, PassedOnRows, Rows, UnseenRows
from dagster_lookml.lineage.trace import Trace, gap
from dagster_lookml.lineage.worlds import World
from dagster_lookml.semantic.objects import Explore, View


class Seat(NamedTuple):
    """A view where it is used.

    Attributes:
        explore: that it is used in; None for a view on its own.
        alias: its name there.
        view: the view.
        rows: what its columns are.
        world: of the model.
    """

    explore: Explore | None
    alias: str
    view: View
    rows: Rows
    world: World

    @property
    def use(self) -> tuple[Explore, str] | None:
        """The explore and the alias; None for a view on its own."""
        return (self.explore, self.alias) if self.explore is not None else None


class JoinedRows(UnseenRows):
    """What an explore has joined before a clause of its own: any of its views, most likely the base.

    Args:
        seats: of the explore, the base first.
    """

    names: tuple[str, ...] | None = None
    tables: frozenset[str] = frozenset()

    def __init__(self, seats: list[Seat]) -> None:
        self._seats = seats

    def column(self, path: tuple[str, ...]) -> Trace:
        if not path or not self._seats:
            return gap("whole-row", "the explore")
        known = [seat for seat in self._seats[1:] if seat.rows.has(path[0])]
        seat = known[0] if known and not self._seats[0].rows.has(path[0]) else self._seats[0]
        return seat.rows.column(path).inferred()

    def has(self, name: str) -> bool | None:
        return True if self._seats and self._seats[0].rows.has(name) else None

    def likely(self, name: str) -> bool:
        return bool(self._seats) and self._seats[0].rows.likely(name)


class LateRows(PassedOnRows):
    """Rows that are made when somebody asks: explores may be circles that nobody walks (R5.9).

    Args:
        make: makes them.
        questions: that are asked at the moment.
    """

    def __init__(self, make: Callable[[], Rows], questions: Questions) -> None:
        self._make = make
        self._questions = questions
        self._made: dict[None, Rows] = {}

    @property
    def rows(self) -> Rows:
        made = self._made.get(None)
        return made if made is not None else self._questions.answer(self._made, None, self._make, CIRCULAR_ROWS)


def missing(world: World) -> str:
    """Why something that is not here is not: in an absent import, or nowhere."""
    return "missing-import" if world.lacks_imports else "unknown-view"


def incomplete(world: World) -> str:
    """Why not all of a view is known: a parent at some distance is in an absent import, or nowhere (R7.3)."""
    return "missing-import" if world.lacks_imports else "missing-parent"
