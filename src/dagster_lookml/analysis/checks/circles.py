"""What leads back to itself: fields by SQL, derived tables by what they read, joins by their conditions (R4.25, R5.15, R6.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from dagster_lookml.analysis.checks.names import FieldSql
from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.diagnostics import Severity
from dagster_lookml.lineage.graph import strongly_connected
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Explore, Join, Model, NativeQuery, Text, View
from dagster_lookml.semantic.quoting import explore_id
from dagster_lookml.semantic.references import live_references, place
from dagster_lookml.source import Span

_TAG: Final = "{%"
"""Where Liquid decides what is read, the circle may be one that no query has."""


def check_circles(uses: Uses, findings: Findings) -> None:
    """Check every view, explore and model for what has no beginning."""
    told: set[frozenset[int]] = set()
    for view in uses.views:
        _FieldCircles(uses, {view.name: view}, told, crossing=False).report(findings)
    for explore in uses.explores:
        seen = {alias: view for alias, view in uses.aliased(explore).items() if view is not None}
        _FieldCircles(uses, seen, told, crossing=True).report(findings)
        _check_joins(findings, explore)
    for model in uses.names.project.models:
        _TableCircles(uses, model).report(findings)


def circles(following: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, ...]]:
    """One way around each group of things that reach each other, its first thing at both ends.

    >>> list(circles({"a": ["b"], "b": ["c", "b"], "c": ["a"], "d": ["a"]}))
    [('a', 'b', 'c', 'a')]
    """
    for group in strongly_connected(following):
        start = min(group)
        if len(group) > 1 or start in following.get(start, ()):
            yield _way_around(following, group, start)


def _way_around(following: Mapping[str, Iterable[str]], group: frozenset[str], start: str) -> tuple[str, ...]:
    before: dict[str, str] = {}
    row = [start]
    while start not in before:
        after: list[str] = []
        for one in row:
            for other in following.get(one, ()):
                if other in group and other not in before:
                    before[other] = one
                    after.append(other)
        row = after
    way = [start, before[start]]
    while way[-1] != start:
        way.append(before[way[-1]])
    return tuple(reversed(way))


class _FieldCircles:
    """The fields of some views whose SQL leads back to them.

    Args:
        uses: of the project.
        aliased: the views by alias.
        told: the circles that were told of, by the fields on them; views that inherit a field share it.
        crossing: only circles in which some field names its view; the others are found in each view by itself.
    """

    def __init__(self, uses: Uses, aliased: Mapping[str, View], told: set[frozenset[int]], *, crossing: bool) -> None:
        self.uses = uses
        self.aliased = aliased
        self.told = told
        self.crossing = crossing
        self.places: dict[tuple[str, str], FieldSql] = {}

    def report(self, findings: Findings) -> None:
        aliases = self.aliases_of_interest()
        if not aliases:
            return
        following = {f"{alias}.{field}": targets for alias in aliases for field, targets in self.fields(alias, aliases)}
        for way in circles(following):
            steps = [self.places[step] for step in pairwise(way)]
            fields = frozenset(id(step.field) for step in steps)
            if fields in self.told:
                continue
            self.told.add(fields)
            view = self.aliased[way[0].partition(".")[0]]
            span, length = steps[0].written
            message = f"`{view.name}.{steps[0].field.name}` leads back to itself: {' -> '.join(way)}"
            severity = Severity.WARNING if any(_TAG in step.text.value for step in steps) else None
            findings.add("circular-field", message, span, object=view.id, length=length, severity=severity)

    def aliases_of_interest(self) -> frozenset[str]:
        """The views on circles of views: most explores have none, and then no field needs to be looked at."""
        if not self.crossing:
            return frozenset(self.aliased)
        following = {
            alias: {use.scope for use in self.uses.names.field_sql(view) if use.scope in self.aliased and use.scope is not None}
            for alias, view in self.aliased.items()
        }
        groups = strongly_connected(following)
        return frozenset(one for group in groups for one in group if len(group) > 1 or one in following[one])

    def fields(self, alias: str, aliases: frozenset[str]) -> Iterator[tuple[str, list[str]]]:
        """Each field of a view with the fields that its SQL names."""
        view = self.aliased[alias]
        found: dict[str, list[str]] = {}
        for use in self.uses.names.field_sql(view):
            other = alias if use.scope is None else use.scope
            if other not in aliases or use.reference.is_table or (use.scope is not None and not self.crossing):
                continue
            target = self.uses.names.field(self.aliased[other], use.name)
            if target is not None and self.uses.names.is_told_apart(target):
                step = (f"{alias}.{use.field.own_name}", f"{other}.{target.own_name}")
                self.places.setdefault(step, use)
                found.setdefault(use.field.own_name, []).append(step[1])
        yield from found.items()


def _check_joins(findings: Findings, explore: Explore) -> None:
    """Of two joins that need each other neither can come first."""
    joins = {join.name: join for join in explore.joins}
    following = {name: [one for one in _needed(join) if one in joins] for name, join in joins.items()}
    for way in circles(following):
        message = f"the joins of the explore `{explore.name}` need each other: {' -> '.join(way)}"
        findings.add("circular-join", message, joins[way[0]].span, object=explore.id, length=len(f"join: {way[0]}"))


def _needed(join: Join) -> Iterator[str]:
    """The aliases that stand before a join, whatever the query asks for."""
    for text in join.sql:
        if text.parameter in ("sql", "sql_on") and _TAG not in text.value:
            named = (reference for reference in live_references(text.value) if not reference.is_table)
            yield from (one.view for one in named if one.view is not None and one.view != join.name)
    if join.foreign_key is not None and "." in join.foreign_key.name:
        yield join.foreign_key.name.partition(".")[0]


class _Read(NamedTuple):
    """How one view reads another."""

    span: Span
    length: int
    is_sure: bool


class _TableCircles:
    """The views of one model whose tables are made from each other.

    Args:
        uses: of the project.
        model: whose names are meant.
    """

    def __init__(self, uses: Uses, model: Model) -> None:
        self.names = uses.names
        self.model = model
        self.reads: dict[tuple[str, str], _Read] = {}

    def report(self, findings: Findings) -> None:
        views = [self.names.views[identity] for identity in self.model.views.values()]
        following = {view.name: list(self.read_by(view)) for view in views if view.kind != "abstract"}
        for way in circles(following):
            steps = [self.reads[step] for step in pairwise(way)]
            identity = self.model.views[way[0]]
            if len(way) == 2:
                message = f"the table of the view `{way[0]}` is made from itself"
            else:
                message = f"the tables of these views are made from each other: {' -> '.join(way)}"
            severity = None if all(step.is_sure for step in steps) else Severity.WARNING
            findings.add(
                "circular-derived-table", message, steps[0].span, object=identity, length=steps[0].length, severity=severity
            )

    def read_by(self, view: View) -> Iterator[str]:
        """The names of the views that a view's own table is made from."""
        derived = view.derived_table
        texts = [derived.sql] if derived is not None else [view.sql_table_name]
        for text in texts:
            if text is not None:
                yield from self.named(view, text)
        if derived is not None:
            for text in derived.statements:  # here a view's own table is what is being made
                yield from (one for one in self.named(view, text) if one != view.name)
            if derived.explore_source is not None:
                yield from self.queried(view, derived.explore_source)

    def named(self, view: View, text: Text) -> Iterator[str]:
        for reference in live_references(text.value):
            if reference.is_table and reference.view in self.model.views:
                assert reference.view is not None
                length = reference.end - reference.start
                read = _Read(place(text, reference.start), length, _TAG not in text.value)
                self.reads.setdefault((view.name, reference.view), read)
                yield reference.view

    def queried(self, view: View, query: NativeQuery) -> Iterator[str]:
        """The views of the fields that a native derived table asks for, and the one that the explore starts from (R5.9)."""
        explore = self.names.explores.get(explore_id(self.model.name, query.explore))
        if explore is None or not explore.complete or explore.sql_table_name is not None:
            return
        asked = [column.field or column.name for column in query.columns if column.sql is None]
        asked += [term.field for term in query.filters if term.parameter == "filters"]
        aliases = {explore.base_alias, *(name.partition(".")[0] for name in asked if "." in name)}
        own_table = {join.name for join in explore.joins if join.join_sql is None and join.sql_table_name is None}
        for alias, other in self.names.aliased(explore).items():
            if other is not None and alias in aliases and (alias in own_table or alias == explore.base_alias):
                length = len(f"explore_source: {query.explore}")
                self.reads.setdefault((view.name, other.name), _Read(query.span, length, is_sure=True))
                yield other.name
