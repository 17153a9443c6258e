"""What is to happen at some time, done in its order as soon as somebody asks what the time is."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count

Event = Callable[[float], None]
"""Something that happens; it is told when."""


class Timeline:
    """Events in order of time; those of the same time in the order in which they were planned.

    There are no timers and no threads: whoever wants to know the state of things advances the timeline first.

    >>> happened = []
    >>> timeline = Timeline()
    >>> timeline.plan(2.0, happened.append)
    >>> timeline.plan(1.0, happened.append)
    >>> timeline.advance(1.5)
    >>> happened
    [1.0]
    """

    def __init__(self) -> None:
        self._events: list[tuple[float, int, Event]] = []
        self._numbers = count()

    def plan(self, at: float, event: Event) -> None:
        """Have an event happen at a time, in seconds of the clock."""
        heapq.heappush(self._events, (at, next(self._numbers), event))

    def advance(self, now: float) -> None:
        """Let everything happen that was to happen until now, what is planned meanwhile too."""
        while self._events and self._events[0][0] <= now:
            at, _, event = heapq.heappop(self._events)
            event(at)
