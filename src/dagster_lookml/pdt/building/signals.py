"""Signals that wait while something must not be interrupted."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

INTERRUPTING: Final = (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))
"""Ctrl-C, a request to end, and a terminal that is closed."""


@contextmanager
def signals_held(told: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP wait until the block is done: then whoever handled them before gets them.

    Of a second one nothing waits: whoever sends it wants the end now. In other threads than the main one nothing is held, for
    signals do not come there.

    Args:
        told: called when one begins to wait, in the middle of whatever is done: it must use nothing that could be in use.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held = _Held(told)
    try:
        held.begin()
        yield
    finally:
        held.end()


class _Held:
    def __init__(self, told: Callable[[], None]) -> None:
        self._told = told
        self._before: dict[signal.Signals, Any] = {}
        self._arrived: signal.Signals | None = None

    def begin(self) -> None:
        for one in INTERRUPTING:
            before = signal.getsignal(one)
            if before is not None and before is not signal.SIG_IGN:  # None: a handler that is not Python's
                self._before[one] = before
                signal.signal(one, self._hold)

    def _hold(self, number: int, frame: FrameType | None) -> None:
        if self._arrived is None:
            self._arrived = signal.Signals(number)
            self._told()
            return
        self._arrived = None
        self._restore()
        self._deliver(signal.Signals(number), frame)

    def end(self) -> None:
        self._restore()
        if self._arrived is not None:
            arrived, self._arrived = self._arrived, None
            self._deliver(arrived, None)

    def _restore(self) -> None:
        try:
            self._put_back()
        finally:  # where a signal came when some were put back, and raised, the others are not
            self._put_back()

    def _put_back(self) -> None:
        for one, before in self._before.items():
            if signal.getsignal(one) == self._hold:  # somebody may have set another meanwhile
                signal.signal(one, before)

    def _deliver(self, arrived: signal.Signals, frame: FrameType | None) -> None:
        before = self._before[arrived]
        if callable(before):
            before(arrived.value, frame)
        else:
            os.kill(os.getpid(), arrived)
