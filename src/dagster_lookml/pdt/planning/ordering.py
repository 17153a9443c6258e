"""The order in which tables that read each other can be built (R5.15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush

from dagster_lookml.lineage.graph import strongly_connected


def build_order(
    reads: Mapping[str, Iterable[str]], triggers: Mapping[str, Iterable[str]]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Put what is read before what reads it; of several that could come next the first by id does.

    What a trigger reads comes first too, unless that would close a circle: no data flows along it, so such a circle is none.

    Args:
        reads: for each id those whose data it reads, which must be among the ids.
        triggers: for each id those that tell when it is built anew.

    Returns:
        The order of all ids, and the groups of those that cannot be built because they read each other, or themselves.

    >>> build_order({"a": ["b"], "b": ["c"], "c": []}, {"c": ["a"]})
    (('c', 'b', 'a'), ())
    >>> build_order({"a": ["b"], "b": ["a"], "c": []}, {})
    (('a', 'b', 'c'), (('a', 'b'),))
    """
    wanted = {one: set(reads[one]) for one in reads}
    with_triggers = {one: wanted[one] | (set(triggers.get(one, ())) & wanted.keys()) for one in wanted}
    group = _groups(wanted)
    soft_group = _groups(with_triggers)
    before = {
        one: {
            other
            for other in others
            if (group[other] != group[one] if other in wanted[one] else soft_group[other] != soft_group[one])
        }
        for one, others in with_triggers.items()
    }
    members: dict[str, list[str]] = {}
    for one in sorted(wanted):
        members.setdefault(group[one], []).append(one)
    circles = [tuple(of_group) for name, of_group in members.items() if len(of_group) > 1 or name in wanted[name]]
    return _sorted(before), tuple(sorted(circles))


def _groups(reads: Mapping[str, set[str]]) -> dict[str, str]:
    """The first by id of those with which each id is on a circle; itself if there are none."""
    return {one: min(group) for group in strongly_connected(reads) for one in group}


def _sorted(before: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The ids in order, where no circle is left."""
    after: dict[str, list[str]] = {}
    left = {one: len(others) for one, others in before.items()}
    for one, others in before.items():
        for other in others:
            after.setdefault(other, []).append(one)
    ready = [one for one, count in left.items() if count == 0]
    heapify(ready)
    found: list[str] = []
    while ready:
        one = heappop(ready)
        found.append(one)
        for other in after.get(one, ()):
            left[other] -= 1
            if left[other] == 0:
                heappush(ready, other)
    return tuple(found)
