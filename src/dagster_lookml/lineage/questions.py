"""Questions that may lead back to themselves, answered alike wherever a circle is entered.

A recursive query reads itself, derived tables may read each other, and so may fields. What is asked a second time before it is
answered adds nothing to its own answer; but what was found in between, without it, is no full answer to other questions and must
not be kept as one. So of a circle only the question that entered it keeps its answer, which holds all that the circle reads.

A chain of thousands of questions is not followed by calls inside calls to its end: at some depth everything is put off, the
question that came up there is answered by itself, and then the first is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Final, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")

_DEEPEST: Final = 2000
"""Questions inside questions before one is answered by itself; each takes some seventeen calls."""
_NOWHERE: Final = 1 << 60
"""Deeper than any question: the answer leads back to none that is open."""


class _TooDeepError(Exception):
    """A question came up too deep in others."""

    def __init__(self, question: tuple[int, Hashable], ask: Callable[[], object]) -> None:
        self.question = question
        self.ask = ask


class Questions:
    """What is being asked at the moment, and what was found on the way round a circle.

    >>> reads = {"a": ["b", "s.t"], "b": ["a", "s.u"]}
    >>> questions, kept = Questions(), {}
    >>> def tables(name: str) -> frozenset[str]:
    ...     def find() -> frozenset[str]:
    ...         return frozenset().union(*(tables(one) if one in reads else {one} for one in reads[name]))
    ...     return questions.answer(kept, name, find, again=frozenset())
    >>> sorted(tables("a")), sorted(tables("b"))
    (['s.t', 's.u'], ['s.t', 's.u'])
    """

    def __init__(self) -> None:
        self._open: dict[tuple[int, Hashable], int] = {}
        self._passing: dict[tuple[int, Hashable], tuple[object, int, object]] = {}
        self._back_to = _NOWHERE
        self._cut: set[tuple[int, Hashable]] = set()

    def answer(self, kept: dict[Key, Answer], key: Key, find: Callable[[], Answer], again: Answer) -> Answer:
        """The answer to a question.

        Args:
            kept: answers to questions of this kind that are known in full; lives as long as any question of this kind is asked.
            key: the question.
            find: finds the answer; may ask further questions.
            again: the answer while the question is open.
        """
        if key in kept:
            return kept[key]
        question = (id(kept), key)
        if question in self._open:
            self._back_to = min(self._back_to, self._open[question])
            return again
        if question in self._passing:
            answer, back_to, _ = self._passing[question]
            self._back_to = min(self._back_to, back_to)
            return answer  # type: ignore[return-value]
        if not self._open:
            self._from_the_top(question, partial(self._keep, kept, key, find))
            return kept[key]
        if question in self._cut:
            return again
        if len(self._open) >= _DEEPEST:
            raise _TooDeepError(question, partial(self._keep, kept, key, find))
        return self._keep(kept, key, find)

    def _keep(self, kept: dict[Key, Answer], key: Key, find: Callable[[], Answer]) -> Answer:
        """Ask, and keep what is the answer in full."""
        question = (id(kept), key)
        found, back_to = self._find(question, find)
        if back_to < len(self._open):
            self._passing[question] = (found, back_to, kept)  # with `kept`, so that its id is nobody else's
        else:
            kept[key] = found
        return found

    def _from_the_top(self, question: tuple[int, Hashable], ask: Callable[[], object]) -> None:
        """Ask a question, after those that came up too deep in it; a circle that is longer than any depth is cut."""
        waiting = {question: ask}
        try:
            while waiting:
                latest = next(reversed(waiting))
                try:
                    waiting[latest]()
                    del waiting[latest]
                except _TooDeepError as deep:
                    if deep.question in waiting:
                        self._cut.add(deep.question)
                    else:
                        waiting[deep.question] = deep.ask
        finally:
            self._cut.clear()

    def _find(self, question: tuple[int, Hashable], find: Callable[[], Answer]) -> tuple[Answer, int]:
        """Ask; also tell how deep the question is to which the answer leads back."""
        depth = self._open[question] = len(self._open)
        outer, self._back_to = self._back_to, _NOWHERE
        try:
            found = find()
        finally:
            del self._open[question]
            back_to = self._back_to
            self._back_to = min(outer, back_to if back_to < depth else _NOWHERE)
            if back_to == depth:
                self._passing = {one: passing for one, passing in self._passing.items() if passing[1] < depth}
        return found, back_to
