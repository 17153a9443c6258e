"""Room for long chains: tables that read tables, fields that read fields, are followed by recursion."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Final, TypeVar

_STACK_BYTES: Final = 512 * 1024 * 1024
"""Address space for the calls of one thread; memory is taken only as it is used."""
_CALLS: Final = 60_000
"""Calls inside calls; each step of a chain is some ten."""

_Made = TypeVar("_Made")


def deeply(work: Callable[[], _Made]) -> _Made:
    """Do something that may go deep, in a thread with room for it, and give what it gives or raise what it raises.

    >>> deeply(lambda: 1 + 1)
    2
    """
    given: list[_Made] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            given.append(work())
        except BaseException as error:  # handed on to whoever waits
            raised.append(error)

    stack, calls = threading.stack_size(_STACK_BYTES), sys.getrecursionlimit()
    thread = threading.Thread(target=run, daemon=True, name="dagster-lookml lineage")
    try:
        sys.setrecursionlimit(max(calls, _CALLS))
        thread.start()
        thread.join()  # an interrupt arrives here, and leaves the thread to end with the process
    finally:
        threading.stack_size(stack)
        sys.setrecursionlimit(calls)
    if raised:
        raise raised[0]
    return given[0]
