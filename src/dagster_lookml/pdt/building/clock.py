"""Time, as builds are watched by it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time, and waits."""

    def now(self) -> float:
        """Seconds since whenever, by a clock that nobody sets."""

    def wait(self, seconds: float) -> None:
        """Wait, unless a signal interrupts it."""

    def today(self) -> datetime:
        """What calendars and clocks say."""


class SystemClock:
    """The time of this machine."""

    def now(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def today(self) -> datetime:
        return datetime.now(UTC)
