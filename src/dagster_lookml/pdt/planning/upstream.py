"""What each table reads through others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dagster_lookml.lineage.graph import strongly_connected


def all_upstream(reads: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """All that each table reads, directly or through others, without itself.

    Args:
        reads: for each id those that it reads directly. What is none of these ids does not count.

    >>> found = all_upstream({"a": ["b", "table:raw.t"], "b": ["c"], "c": []})
    >>> [sorted(found[one]) for one in "abc"]
    [['b', 'c'], ['c'], []]
    >>> found = all_upstream({"a": ["b"], "b": ["a", "c"], "c": ["c"]})
    >>> [sorted(found[one]) for one in "abc"]
    [['b', 'c'], ['a', 'c'], []]
    """
    direct = {one: [read for read in others if read in reads] for one, others in reads.items()}
    found: dict[str, frozenset[str]] = {}
    for group in strongly_connected(direct):  # what a group leads to comes before it
        others = {read for one in group for read in direct[one]} - group
        together = group.union(others, *(found[other] for other in others))
        found |= {one: together - {one} for one in group}
    return found
