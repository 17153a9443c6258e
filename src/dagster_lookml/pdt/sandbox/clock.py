"""A clock that stands still until it is told otherwise."""

from __future__ import annotations

import threading


class SteppedClock:
    """Gives the same time until somebody advances it, so that builds of hours take no time to watch.

    Args:
        start: the first time, in seconds.

    >>> clock = SteppedClock()
    >>> clock.advance(2.5)
    >>> clock()
    2.5
    """

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """The time now, in seconds."""
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> None:
        """Let some seconds pass."""
        with self._lock:
            self._now += seconds
