"""What is wrong in the definitions of tables, so that Looker could not build them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from dagster_lookml.analysis.checks import check
from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.tables import check_table, definition_texts
from dagster_lookml.analysis.reporting import reported
from dagster_lookml.config import RuleSettings
from dagster_lookml.diagnostics import Diagnostic, Severity, in_order
from dagster_lookml.semantic.objects import DerivedTable, NativeQuery, Project, View
from dagster_lookml.source.files import Span

_OF_ALL_OF_A_VIEW: Final = frozenset({"circular-extends", "duplicate-view", "table-and-derived-table", "unknown-parent"})
"""Rules that leave open what a view is, wherever it says what its table is."""


class Broken:
    """Finds what is wrong in the definitions of a project's tables.

    Args:
        project: compiled.
        rules: which findings are reported.
    """

    def __init__(self, project: Project, rules: RuleSettings) -> None:
        self._project = project
        self._rules = rules
        self._names = Names(project)

    @cached_property
    def errors(self) -> int:
        """How many errors the project has, wherever they are."""
        return sum(one.severity is Severity.ERROR for one in reported(check(self._project), self._rules))

    def of(self, model: str, views: Iterable[View]) -> tuple[Diagnostic, ...]:
        """Errors in the definitions of the tables of some views, and warnings of what only an absent project may have.

        Args:
            model: the name of the model that builds them.
            views: one that is built, and those that stand inside its query.
        """
        found: list[Diagnostic] = []
        for view in views:
            found += check_table(self._names, self._names.models[model], view)
            found += self._met_while_compiling(view)
        return tuple(one for one in reported(in_order(found), self._rules) if one.severity is not Severity.INFO)

    def _met_while_compiling(self, view: View) -> Iterator[Diagnostic]:
        for file, lines in self._lines(view).items():
            for one in self._compiled.get(file, ()):
                if any(one.line in of_part for of_part in lines):
                    yield one
        yield from self._of_views.get(view.id, ())

    @cached_property
    def _compiled(self) -> dict[str, list[Diagnostic]]:
        """Errors that compiling met, by file."""
        found: dict[str, list[Diagnostic]] = defaultdict(list)
        for one in self._project.diagnostics:
            if one.severity is Severity.ERROR and one.line:
                found[one.file].append(one)
        return found

    @cached_property
    def _of_views(self) -> dict[str, list[Diagnostic]]:
        """Errors by the id of the view of which they leave open what it is."""
        found: dict[str, list[Diagnostic]] = defaultdict(list)
        for one in self._project.diagnostics:
            if one.severity is Severity.ERROR and one.rule in _OF_ALL_OF_A_VIEW and one.object is not None:
                found[one.object].append(one)
        return found

    def _lines(self, view: View) -> dict[str, list[range]]:
        """The lines of a table's definition by file: from its beginning to the last part that stands before another object."""
        derived = view.derived_table
        parts = [(text.span, text.value.count("\n")) for text in definition_texts(view)]
        parts += [(span, 0) for span in _spans(derived)] if derived is not None else []
        found: dict[str, list[range]] = defaultdict(list)
        for span, more in parts:
            found[span.file].append(range(span.line, span.line + more + 1))
        if derived is not None:
            start = derived.span
            own = [one for one in found[start.file] if start.line <= one.start < self._next_object(start)]
            found[start.file].append(range(start.line, max((one.stop for one in own), default=start.line + 1)))
        return found

    def _next_object(self, span: Span) -> float:
        lines = self._declared.get(span.file, [])
        after = bisect_right(lines, span.line)
        return lines[after] if after < len(lines) else float("inf")

    @cached_property
    def _declared(self) -> dict[str, list[int]]:
        """The lines on which views and explores are declared or refined, by file, sorted."""
        found: dict[str, set[int]] = defaultdict(set)
        origins = [origin for view in self._project.views for origin in view.origins]
        origins += [origin for explore in self._project.explores for origin in explore.origins]
        for origin in origins:
            found[origin.span.file].add(origin.span.line)
        return {file: sorted(lines) for file, lines in found.items()}


def _spans(derived: DerivedTable) -> Iterator[Span]:
    yield derived.span
    if derived.persistence is not None:
        yield derived.persistence.span
    if derived.explore_source is not None:
        yield from _of_query(derived.explore_source)


def _of_query(query: NativeQuery) -> Iterator[Span]:
    yield query.span
    for column in query.columns:
        yield column.span
        if column.sql is not None:
            yield column.sql.span
    yield from (term.span for term in query.filters)
    yield from (reference.span for reference in query.sorts)
    yield from (text.span for text in query.expressions)
    yield from (reference.span for pair in query.bind_filters for reference in pair)
