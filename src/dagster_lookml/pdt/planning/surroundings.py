"""What a native derived table takes from its explore: the fields that it needs, the joins that bring those, what always holds.

Looker makes the SQL of such a table from these, so that a change of one of them is a change of the table. What is only shown to
people, and other fields and joins of the explore, make no SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from dagster_lookml.lineage.ids import field_id
from dagster_lookml.lineage.written import named_fields, table_texts
from dagster_lookml.semantic.fields import is_generated_by
from dagster_lookml.semantic.objects import Explore, Field, FilterTerm, Lookup, Text, View
from dagster_lookml.semantic.references import sql_references
from dagster_lookml.sql.environment import in_environment

_SHOWN: Final = frozenset(
    """action allow_fill allowed_value alpha_sort bypass_suggest_restrictions can_filter can_visualize case_sensitive description
    full_suggestions group_item_label group_label html intervals label link map_layer_name skip_drill_filter suggest_persist_for
    suggestable suggestions timeframes value_format value_format_name view_label""".split()
)
"""Properties of fields that make no SQL."""
_EXPLORE_SQL: Final = ("sql_always_where", "sql_always_having", "sql_preamble")
_DEFAULTS: Final = {"week_start_day": "monday", "fiscal_month_offset": "0", "case_sensitive": "yes"}
"""Settings of models, and what they are where none is written (R3.7)."""
_PARAMETER: Final = re.compile(r"\{%-?\s*parameter\s+([\w.]+)\s*-?%\}|([\w.]+)\._parameter_value\b")
"""Where the value of a parameter is put into SQL, or decides on it (R10.12)."""
_SQL_OF_FIELD: Final = re.compile(r"([\w.]+)\._sql\b")
"""Where the SQL of a field is put into that of another by Liquid (R10.5)."""
Content = Mapping[tuple[str, ...], object]
"""What some SQL is made of: what it is called here, and all of it that counts, to be compared."""


class Surroundings:
    """Gathers what a piece of SQL is made of, beside itself.

    Args:
        lookup: finds the objects of the project.
        model: the name of the model.
        explore: whose aliases the SQL may name; None where it may only name views of the model.

    Attributes:
        content: what was found.
        labels: what it is called to people, of that which may change.
        tables: the names of the views whose tables it reads.
    """

    def __init__(self, lookup: Lookup, model: str, explore: Explore | None = None) -> None:
        self._lookup = lookup
        self._model = model
        self._explore = explore
        self._joins = {join.name: join for join in explore.joins} if explore is not None else {}
        self._waiting: list[tuple[str, str, str]] = []
        self._asked: set[tuple[str, str, str]] = set()
        self._filtered: set[str] = set()
        self._take: dict[str, Callable[[str, str], None]] = {
            "field": self._take_field,
            "join": self._take_join,
            "parameter": self._take_parameter,
            "table": self._take_table,
            "inner": self._take_inner,
        }
        self.content: dict[tuple[str, ...], object] = {}
        self.labels: dict[tuple[str, ...], str] = {}
        self.tables: set[str] = set()

    @property
    def joins(self) -> tuple[str, ...]:
        """The aliases of the joins that are needed, in the order in which they stand in the SQL."""
        return tuple(alias for alias in self._joins if ("join", alias, "") in self.content)

    def take_query(self, fields: Iterable[str], filters: Iterable[FilterTerm]) -> None:
        """Take what a query asks of the explore.

        Args:
            fields: that it names, as ``alias.field``.
            filters: of the query.
        """
        explore = self._explore
        if explore is None:
            return
        terms = tuple(filters)
        self._filtered |= {term.field if "." in term.field else f"{explore.base_alias}.{term.field}" for term in terms}
        self._take_filters((*terms, *explore.filters))
        if explore.access_filters:
            self._set("case_sensitive")
        for part, value in _parts(explore):
            self.content["explore", part] = value
            self.labels["explore", part] = f"{part} of {explore.id}"
        self._need_alias(explore.base_alias)
        for reference in explore.always_join:
            self._need_alias(reference.name)
        self._need_named(one.field.name for one in explore.access_filters)
        self._need_named(term.field for term in explore.filters if not term.parameter.endswith("unless"))
        self._need_named(fields)
        self.take_texts(explore.sql, explore.base_alias)

    def take_texts(self, texts: Iterable[Text], alias: str) -> None:
        """Take what some SQL names.

        Args:
            texts: the SQL.
            alias: whose fields it may name without an alias.
        """
        self._note(texts, alias)
        while self._waiting:
            kind, alias, name = self._waiting.pop()
            self._take[kind](alias, name)

    def _note(self, texts: Iterable[Text], alias: str) -> None:
        """Note what some SQL names, to be taken with the rest."""
        for text in texts:
            sql = in_production(text)
            for reference in sql_references(sql):
                if not reference.is_table:
                    self._need("field", (reference.view or alias).rpartition(".")[2], reference.name)
                elif reference.view is not None:
                    self._need("table", reference.view, reference.view)
            for found in _SQL_OF_FIELD.finditer(sql) if "._sql" in sql else ():
                self._need_scoped("field", found.group(1), alias)
            self._note_parameters(sql, alias)

    def _note_parameters(self, sql: str, alias: str) -> None:
        for found in _PARAMETER.finditer(sql) if "parameter" in sql else ():
            self._need_scoped("parameter", found.group(1) or found.group(2), alias)

    def _need(self, kind: str, alias: str, name: str = "") -> None:
        key = (kind, alias, name)
        if key not in self._asked:
            self._asked.add(key)
            self._waiting.append(key)
            if kind not in ("table", "inner"):
                self.content[key] = None

    def _need_scoped(self, kind: str, written: str, alias: str) -> None:
        scope, _, name = written.rpartition(".")
        self._need(kind, scope or alias, name)

    def _need_alias(self, alias: str) -> None:
        if alias in self._joins:
            self._need("join", alias)
        elif self._explore is not None and alias == self._explore.base_alias:
            self._need_table(self._explore.base_view_name, self._explore.sql_table_name, alias)

    def _need_named(self, names: Iterable[str]) -> None:
        for name in names:
            self._need_scoped("field", name, self._explore.base_alias if self._explore is not None else "")

    def _need_table(self, view_name: str, override: Text | None, alias: str) -> None:
        view = self._lookup.view(self._model, view_name)
        table = override or (view.sql_table_name if view is not None else None)
        if override is None:
            self._need("table", alias, view_name)
        if table is not None:
            self._note([table], alias)

    def _take_join(self, alias: str, _: str) -> None:
        join = self._joins[alias]
        key = join.foreign_key.name if join.foreign_key is not None else None
        self.content["join", join.name, ""] = (
            join.view_name, join.type, join.relationship, written(join.sql), key, _table(join.sql_table_name),
            join.required_joins, [value for name, value in join.properties if name == "outer_only"],
        )  # fmt: skip
        if self._explore is not None:
            self.labels["join", join.name, ""] = f"join {join.name} of {self._explore.id}"
        for reference in join.required_joins:
            self._need_alias(reference.name)
        if key is not None:
            self._need_named([key])
            self._need_key(join.name)
        if join.join_sql is None:
            self._need_table(join.view_name, join.sql_table_name, join.name)
        self._note(join.sql, join.name)

    def _take_field(self, alias: str, name: str) -> None:
        self._need_alias(alias)
        view = self._view(alias)
        field = _field(self._lookup, view, name) if view is not None else None
        self.labels["field", alias, name] = f"field:{alias}.{name}"
        if view is None or field is None:
            return
        self.content["field", alias, name] = _made_of(field)
        self.labels["field", alias, name] = field_id(view.id, field.own_name)
        self._take_time(field, name)
        self._take_filters(field.filters)
        for _, _, scope, other in named_fields(field):
            self._need("field", scope or alias, other)
        self._note(field.sql, alias)
        if field.kind == "measure":
            self._need_key(alias)

    def _take_table(self, alias: str, name: str) -> None:
        self.tables.add(name)
        self._take_inner(alias, name)

    def _take_inner(self, alias: str, name: str) -> None:
        """The parameters of a table that is a query inside this one: whoever sets them here sets them there."""
        view = self._lookup.view(self._model, name)
        for text, _ in table_texts(view) if view is not None and not view.is_pdt else ():
            sql = in_production(text)
            self._note_parameters(sql, alias)
            for reference in sql_references(sql):
                if reference.is_table and reference.view is not None:
                    self._need("inner", reference.view, reference.view)

    def _take_parameter(self, alias: str, name: str) -> None:
        """The value that a parameter has as long as nobody sets it."""
        view = self._view(alias) or self._lookup.view(self._model, alias)
        field = _field(self._lookup, view, name) if view is not None else None
        if view is None or field is None or f"{alias}.{name}" in self._filtered:
            return
        default = next((value for key, value in field.properties if key == "default_value"), None)
        self.content["parameter", alias, name] = (field.type, default)
        self.labels["parameter", alias, name] = f"default_value of {field_id(view.id, field.own_name)}"

    def _need_key(self, alias: str) -> None:
        """Measures count and add up rows by the primary key (R4.18), and a foreign key is joined to it."""
        view = self._view(alias)
        for key in view.primary_key if view is not None else ():
            self._need("field", alias, key.names[0] if key.names else key.name)

    # -- settings of the model (R3.7) ----------------------------------------------------------------------------------

    def _take_time(self, field: Field, name: str) -> None:
        timeframe = name.removeprefix(f"{field.name}_") if field.kind == "dimension_group" else field.type
        if field.kind == "dimension_group" and field.type == "duration":
            return
        if field.kind == "dimension_group" or field.type.startswith("date_"):
            self._take_calendar(timeframe)

    def _take_filters(self, terms: Iterable[FilterTerm]) -> None:
        for term in terms:
            self._set("case_sensitive")
            self._take_calendar(term.value.lower())

    def _take_calendar(self, words: str) -> None:
        if "week" in words:
            self._set("week_start_day")
        if "fiscal" in words:
            self._set("fiscal_month_offset")

    def _set(self, setting: str) -> None:
        model = self._lookup.models[self._model]
        of_explore = dict(self._explore.properties) if self._explore is not None and setting == "case_sensitive" else {}
        value = of_explore.get(setting) or dict(model.properties).get(setting) or _DEFAULTS[setting]
        owner = self._explore.id if self._explore is not None and setting in of_explore else f"model:{model.name}"
        self.content["setting", setting] = value.lower()
        self.labels["setting", setting] = f"{setting} of {owner}"

    def _view(self, alias: str) -> View | None:
        if self._explore is None:
            return self._lookup.view(self._model, alias)
        join = self._joins.get(alias)
        name = join.view_name if join is not None else self._explore.base_view_name if alias == self._explore.base_alias else None
        return self._lookup.view(self._model, name) if name is not None else None


def in_production(text: Text) -> str:
    """What some SQL is where people use it, not where it is developed (R5.19)."""
    return in_environment(text.value, "prod").strip()


def written(texts: Iterable[Text]) -> list[tuple[str, str]]:
    """What some SQL parameters are, to be compared."""
    return [(text.parameter, in_production(text)) for text in texts]


def _parts(explore: Explore) -> Iterable[tuple[str, object]]:
    """What an explore puts into every query of it."""
    properties = dict(explore.properties)
    yield "view_name", (explore.base_view_name, explore.base_alias)
    yield "sql_table_name", _table(explore.sql_table_name)
    yield "always_join", explore.always_join
    yield "access_filter", explore.access_filters
    for part in ("always_filter", "conditionally_filter"):
        yield part, [term for term in explore.filters if term.parameter.startswith(part)]
    for part in _EXPLORE_SQL:
        yield part, [in_production(text) for text in explore.sql if text.parameter == part]
    yield "symmetric_aggregates", properties.get("symmetric_aggregates")


def _table(text: Text | None) -> str | None:
    return in_production(text) if text is not None else None


def _field(lookup: Lookup, view: View, name: str) -> Field | None:
    found = lookup.names_by_view[view.id].get(name)
    return found or next((field for field in view.fields if is_generated_by(field, name)), None)


def _made_of(field: Field) -> object:
    """What a field puts into SQL; the value of a parameter is told by whoever puts that into it."""
    left_out = _SHOWN | {"default_value"} if field.kind == "parameter" else _SHOWN
    return (
        field.kind,
        field.type,
        field.name,
        written(field.sql),
        written(field.expressions),
        field.filters,
        field.primary_key,
        [(scope, name) for _, _, scope, name in named_fields(field)],
        [(key, value) for key, value in field.properties if key.partition("[")[0] not in left_out],
    )
