"""Every name of a field, set or view that something in a project mentions: the proof that something else is mentioned nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.checks.views import table_sql
from dagster_lookml.lineage.dashboard_edges import mentioned_fields
from dagster_lookml.semantic.dashboards import expression_fields
from dagster_lookml.semantic.objects import Dashboard, Explore, Field, Model, NativeQuery, Query, View
from dagster_lookml.semantic.quoting import explore_id

Mention = tuple[str, str]
"""A scope, which is the name of a view or an alias, and a name: of a field, or with ``*`` behind it of a set."""

_REFERENCE: Final = re.compile(r"\$\{([^{}]*)\}")
_LIQUID: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_PATH: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_SCOPED: Final = re.compile(r"\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)\b")


class Mentions:
    """What the objects of a project mention. Rather too much is taken for a mention than too little.

    Args:
        names: of the project.

    Attributes:
        all: every mention.
        read: those in SQL, Liquid and expressions, which decide what a query gives; a list of fields decides nothing.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self.all: set[Mention] = set()
        self.read: set[Mention] = set()
        for view in names.project.views:
            self._view(view)
        for explore in names.project.explores:
            self._explore(explore)
        for model in names.project.models:
            self._model(model)
        for dashboard in names.project.dashboards:
            self._dashboard(dashboard)

    @cached_property
    def scopes(self) -> set[str]:
        """Every scope that is mentioned."""
        return {scope for scope, _ in self.all}

    # -- what mentions -------------------------------------------------------------------------------------------------

    def _view(self, view: View) -> None:
        for text in table_sql(view):
            self._text(text.value, view.name)
        if view.native_query is not None:
            for model in view.models:
                self._native(view.native_query, model, view.name)
        if view.analytic_model is not None:
            self._list((one.name for one in view.analytic_model.fields), view.name)
        for field in view.fields:
            self._field(field, view.name)
        for field_set in view.sets:
            self._list((one.name for one in field_set.fields), view.name)
        self._list((one.name for one in view.drill_fields), view.name)
        for _, value in view.properties:
            self._text(value, view.name)
            self._list(_PATH.findall(value), view.name)

    def _field(self, field: Field, scope: str) -> None:
        own = {(scope, name) for name in (field.name, *field.names)}
        found: set[Mention] = set()
        for text in (*field.sql, *field.expressions, *field.templates):
            found.update(_in_text(text.value, scope))
        for _, value in field.properties:
            found.update(_in_text(value, scope))
        found.update(_scoped(one.name, scope) for one in field.references if one.parameter == "label_from_parameter")
        found.update(_scoped(term.field, scope) for term in field.filters)
        self.read |= found - own
        self.all |= found - own
        for text in field.templates:  # links hold names in addresses
            self.all.update(set(_SCOPED.findall(text.value)) - own)
        self._list((one.name for one in field.references), scope, own)

    def _explore(self, explore: Explore) -> None:
        base = explore.base_alias
        texts = [*explore.sql, *(text for join in explore.joins for text in join.sql)]
        texts += [one for one in (explore.sql_table_name, *(join.sql_table_name for join in explore.joins)) if one is not None]
        for text in texts:
            self._text(text.value, base)
        self._list((term.field for term in explore.filters), base)
        self._list((one.field.name for one in explore.access_filters), base)
        self._list((one.name for one in explore.fields or ()), base)
        for join in explore.joins:
            self._list((one.name for one in join.fields or ()), join.name)
            self._list([join.foreign_key.name] if join.foreign_key is not None else [], base)
        for query in (*explore.queries, *(one.query for one in explore.aggregate_tables if one.query is not None)):
            self._query(query, base)
        for _, value in (*explore.properties, *(pair for join in explore.joins for pair in join.properties)):
            self._text(value, base)

    def _query(self, query: Query, base: str) -> None:
        self._list((one.name for one in (*query.fields, *query.sorts)), base)
        self._list((term.field for term in query.filters), base)
        for _, value in query.properties:
            self._list(_PATH.findall(value), base)

    def _native(self, query: NativeQuery, model: str, scope: str) -> None:
        explore = self._names.explores.get(explore_id(model, query.explore))
        base = explore.base_alias if explore is not None else query.explore
        self._list((column.field or column.name for column in query.columns if column.sql is None), base)
        self._list((one.name for one in query.sorts), base)
        self._list((target.name for _, target in query.bind_filters), base)
        for name in (*(term.field for term in query.filters), *(source.name for source, _ in query.bind_filters)):
            self._add(_scoped(name, base))
            self._add(_scoped(name, scope))
        for text in query.expressions:
            for name in expression_fields(text.value):
                self._add(_scoped(name, base))
        for column in query.columns:
            self._text(column.sql.value if column.sql is not None else "", scope)

    def _model(self, model: Model) -> None:
        for group in model.datagroups:
            self._text(group.sql_trigger.value if group.sql_trigger is not None else "", "")
        for test in model.tests:
            if test.query is not None:
                self._native(test.query, model.name, "")
            for text in test.assertions:
                for name in expression_fields(text.value):
                    self._add(_scoped(name, test.query.explore if test.query is not None else ""))

    def _dashboard(self, dashboard: Dashboard) -> None:
        self._list((one.field.name for one in dashboard.filters if one.field is not None), "")
        for _, value in (*dashboard.properties, *(pair for one in dashboard.filters for pair in one.properties)):
            self.all.update(_SCOPED.findall(value))
        for element in dashboard.elements:
            for query in element.queries:
                self._list((name for _, name, _ in mentioned_fields(query)), "")
                for _, value in query.properties:
                    self.all.update(_SCOPED.findall(value))
            for _, value in element.properties:
                self.all.update(_SCOPED.findall(value))

    # -- how -----------------------------------------------------------------------------------------------------------

    def _add(self, mention: Mention) -> None:
        self.all.add(mention)
        self.read.add(mention)

    def _text(self, text: str, scope: str) -> None:
        for mention in _in_text(text, scope):
            self._add(mention)

    def _list(self, listed: Iterable[str], scope: str, but: frozenset[Mention] | set[Mention] = frozenset()) -> None:
        self.all.update(mention for name in listed if (mention := _scoped(name, scope)) not in but)


def _scoped(name: str, scope: str) -> Mention:
    """A name in a list, which may be taken away with ``-``, with the scope that it has or gets."""
    alias, _, rest = name.strip().removeprefix("-").rpartition(".")
    return alias or scope, rest


def _in_text(text: str, scope: str) -> Iterator[Mention]:
    """What stands in ``${}``, and every word in Liquid: ``f._value`` may be a field of the own view, ``v.f`` one of another."""
    if "${" in text:
        for found in _REFERENCE.findall(text):
            yield _scoped(found.strip().partition("::")[0], scope)
    if "{{" in text or "{%" in text:
        for liquid in _LIQUID.findall(text):
            for path in _PATH.findall(liquid):
                first, _, rest = path.partition(".")
                yield scope, first
                if rest:
                    yield first, rest.partition(".")[0]
