"""Measures that a join makes wrong: where it repeats rows of a view, Looker needs the view's primary key (R4.18, R6.6, V14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Explore, Join, View
from dagster_lookml.semantic.references import live_references

AGGREGATING_ROWS: Final = frozenset("sum average median percentile count".split())
"""Measures that count a row twice if it comes twice; the others do not mind, or have a key of their own (R4.16, R4.20)."""
_REPEATS_JOINED: Final = frozenset({"many_to_one", "many_to_many"})
_REPEATS_OTHERS: Final = frozenset({"one_to_many", "many_to_many"})


class Repetition(NamedTuple):
    """A join by which the rows of a view come more than once."""

    explore: Explore
    join: Join


def check_keys(uses: Uses, findings: Findings) -> None:
    """Check the views without a primary key whose measures some explore repeats."""
    found: dict[str, list[Repetition]] = {}
    for explore in uses.explores:
        if dict(explore.properties).get("symmetric_aggregates") == "no":
            continue
        repeated = repeated_aliases(explore)
        for alias, view in uses.aliased(explore).items():
            if alias not in repeated or view is None or not view.complete or view.primary_key:
                continue
            if any(_measures(uses.names, explore, alias, view)):
                found.setdefault(view.id, []).append(Repetition(explore, repeated[alias]))
    for identity, repetitions in found.items():
        _report(uses.names.views[identity], repetitions, findings)


def _measures(names: Names, explore: Explore, alias: str, view: View) -> Iterator[str]:
    """The measures that an explore offers, and that need the key."""
    offered = names.available(explore).get(alias, frozenset())
    return (one.name for one in view.fields if one.kind == "measure" and one.type in AGGREGATING_ROWS and one.name in offered)


def _report(view: View, repetitions: list[Repetition], findings: Findings) -> None:
    explore, join = repetitions[0]
    measures = [one.name for one in view.fields if one.kind == "measure" and one.type in AGGREGATING_ROWS]
    shown = ", ".join(f"`{one}`" for one in measures[:3]) + (f" and {len(measures) - 3} more" if len(measures) > 3 else "")
    message = f"the view `{view.name}` has no primary key, and a join repeats the rows that its measures aggregate: {shown}"
    more = f", and {len(repetitions) - 1} more" if len(repetitions) > 1 else ""
    hint = f"the join `{join.name}` of {explore.id} is {join.relationship}{more}"
    findings.add("repeated-measures", message, view.span, object=view.id, hint=hint, length=len(f"view: {view.name}"))


def repeated_aliases(explore: Explore) -> dict[str, Join]:
    """The aliases of an explore whose rows a join can repeat, each with such a join.

    An alias is repeated if some way from it through the joins leads from one row to many: its own join that is many_to_one, or
    any join further on that is one_to_many.
    """
    ways: dict[str, list[tuple[str, Join | None]]] = {}
    for join in (one for one in explore.joins if one.join_sql != ""):  # which brings no table (R6.20)
        for other in _joined_to(explore, join):
            ways.setdefault(other, []).append((join.name, join if join.relationship in _REPEATS_OTHERS else None))
            ways.setdefault(join.name, []).append((other, join if join.relationship in _REPEATS_JOINED else None))
    found = {alias: _repeating(alias, ways) for alias in ways}
    return {alias: join for alias, join in found.items() if join is not None}


def _repeating(alias: str, ways: Mapping[str, list[tuple[str, Join | None]]]) -> Join | None:
    seen, waiting = {alias}, [alias]
    while waiting:
        for other, join in ways.get(waiting.pop(0), ()):
            if other in seen:
                continue
            if join is not None:
                return join
            seen.add(other)
            waiting.append(other)
    return None


def _joined_to(explore: Explore, join: Join) -> set[str]:
    """The aliases that a join's condition names; the base where it names none (R6.7)."""
    aliases = {explore.base_alias, *(one.name for one in explore.joins)}
    named = {reference.view for text in join.sql for reference in live_references(text.value) if not reference.is_table}
    if join.foreign_key is not None:
        named.add(join.foreign_key.name.rpartition(".")[0] or explore.base_alias)
    found = {one for one in named if one in aliases and one is not None} - {join.name}
    return found or {explore.base_alias} - {join.name}
