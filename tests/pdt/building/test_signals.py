"""Signals that wait."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from dagster_lookml.pdt.building.signals import INTERRUPTING, signals_held


class Arrived(BaseException):
    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def arrive(number: int, frame: object) -> None:
    raise Arrived(number)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {one: signal.signal(one, arrive) for one in INTERRUPTING}
    yield
    now = [signal.getsignal(one) for one in INTERRUPTING]
    for one, handler in before.items():
        signal.signal(one, handler)
    assert now == [arrive] * len(INTERRUPTING)


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", INTERRUPTING)
def test_a_signal_comes_when_the_block_is_done(number: signal.Signals) -> None:
    done = []
    with pytest.raises(Arrived) as caught, signals_held():  # noqa: PT012 - when it comes is what is tested
        send(number)
        done.append("the rest")
    assert (done, caught.value.number) == (["the rest"], number)


def test_a_second_signal_comes_at_once_and_the_first_no_more() -> None:
    done = []
    with pytest.raises(Arrived) as caught, signals_held():  # noqa: PT012 - when it comes is what is tested
        send(signal.SIGINT)
        done.append("before")
        send(signal.SIGTERM)
        done.append("after")
    assert (done, caught.value.number) == (["before"], signal.SIGTERM)


def test_a_signal_comes_after_a_block_that_fails() -> None:
    with pytest.raises(Arrived) as caught, signals_held():  # noqa: PT012 - when it comes is what is tested
        send(signal.SIGINT)
        raise ValueError
    assert isinstance(caught.value.__context__, ValueError)


def test_blocks_may_lie_in_each_other() -> None:
    done = []
    with pytest.raises(Arrived), signals_held():  # noqa: PT012 - when it comes is what is tested
        with signals_held():
            send(signal.SIGINT)
            done.append("inner")
        done.append("outer")
    assert done == ["inner", "outer"]


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with signals_held():
            send(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_usual_handler_of_the_language_gets_it_too() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), signals_held():
            send(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_handler_that_the_block_sets_stays() -> None:
    seen: list[int] = []
    with signals_held():
        signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    send(signal.SIGINT)
    signal.signal(signal.SIGINT, arrive)
    assert seen == [signal.SIGINT]


def test_other_threads_hold_nothing_and_need_nothing() -> None:
    done: list[str] = []

    def work() -> None:
        with signals_held():
            done.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == ["done"]


def test_handlers_are_restored_whenever_a_signal_comes() -> None:
    """Thousands of them, at any moment: none is kept for ever by a handler that nobody asks any more."""
    is_inside = False
    came = 0

    def arrive_inside(number: int, frame: object) -> None:
        nonlocal is_inside, came
        if is_inside:
            is_inside = False
            came += 1
            raise Arrived(number)

    ended = threading.Event()

    def storm() -> None:
        for number in range(1000):
            os.kill(os.getpid(), INTERRUPTING[number % 2])
            ended.wait(0.0002)
        ended.set()

    for one in INTERRUPTING:
        signal.signal(one, arrive_inside)
    thread = threading.Thread(target=storm)
    often = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    thread.start()
    wrong: list[object] = []
    while not ended.is_set():
        try:
            is_inside = True
            with signals_held():
                pass
            is_inside = False
        except Arrived:
            pass
        wrong += [one for one in map(signal.getsignal, INTERRUPTING) if one != arrive_inside]
    thread.join()
    sys.setswitchinterval(often)
    for one in INTERRUPTING:
        signal.signal(one, arrive)

    assert (came > 100, wrong[:3]) == (True, [])
