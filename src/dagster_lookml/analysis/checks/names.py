"""Names to look things up by, with the memory that makes looking up quick."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.field_lists import aliases, available_fields
from dagster_lookml.semantic.fields import is_generated_by
from dagster_lookml.semantic.objects import Explore, Field, FilterTerm, Lookup, Project, Text, View
from dagster_lookml.semantic.references import SqlReference, live_references, place
from dagster_lookml.source import Span


class FieldSql(NamedTuple):
    """One reference in the SQL of one field."""

    field: Field
    text: Text
    reference: SqlReference

    @property
    def scope(self) -> str | None:
        """The alias that it names, if it names one."""
        return self.reference.view

    @property
    def name(self) -> str:
        """The field that it names."""
        return self.reference.name

    @property
    def written(self) -> tuple[Span, int]:
        """Its place and its length."""
        return place(self.text, self.reference.start), self.reference.end - self.reference.start


class FieldFilter(NamedTuple):
    """One term in the filters of one measure."""

    field: Field
    term: FilterTerm

    @property
    def scope(self) -> str | None:
        """The alias that it names, if it names one."""
        return self.term.field.rpartition(".")[0] or None

    @property
    def name(self) -> str:
        """The field that it names."""
        return self.term.field.rpartition(".")[2]

    @property
    def written(self) -> tuple[Span, int]:
        """Its place and its length."""
        return self.term.span, len(self.term.field)


class Names(Lookup):
    """A project's names, as its checks ask for them."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self._available: dict[str, Mapping[str, frozenset[str]]] = {}
        self._field_sql: dict[int, tuple[FieldSql, ...]] = {}

    @cached_property
    def old_names_by_view(self) -> dict[str, dict[str, Field]]:
        """For each view id its fields by the names that they had before (R4.43)."""
        return {view.id: _by_old_names(view) for view in self.project.views}

    @cached_property
    def declaring(self) -> dict[str, str]:
        """For each name of a view a file that declares it, whatever model includes that."""
        return {view.name: view.span.file for view in reversed(self.project.views)}

    @cached_property
    def unmatched_includes(self) -> dict[str, list[Diagnostic]]:
        """For each file its includes that match nothing (R2.16)."""
        found: dict[str, list[Diagnostic]] = {}
        for one in self.project.diagnostics:
            if one.rule == "include-no-match":
                found.setdefault(one.file, []).append(one)
        return found

    def field(self, view: View, name: str) -> Field | None:
        """The field that a reference means: by its name, or by one that its group generates, listed or not (R4.9)."""
        found = self.names_by_view[view.id].get(name)
        if found is not None:
            return found
        return next((field for field in view.fields if field.every_timeframe and is_generated_by(field, name)), None)

    @cached_property
    def _repeated(self) -> frozenset[tuple[str, int, int]]:
        """The places of the fields that another one of their view has the name of (R4.6)."""
        return frozenset((one.file, one.line, one.column) for one in self.project.diagnostics if one.rule == "duplicate-field")

    def is_told_apart(self, field: Field) -> bool:
        """Tell whether its name means this field alone; of two with one name that is all there is to say."""
        return (field.span.file, field.span.line, field.span.column) not in self._repeated

    def has_field(self, view: View, name: str) -> bool:
        """Tell whether a name means a field, or did so before it was renamed; always true where not all fields are known."""
        return self.sql_has_field(view, name) or name in self.old_names_by_view[view.id]

    def sql_has_field(self, view: View, name: str) -> bool:
        """Tell the same of a name in ``${}``, where the names that a field had before mean nothing (R4.43)."""
        return not view.complete or self.field(view, name) is not None

    def group_hint(self, view: View, name: str) -> str:
        """Help for a field that does not exist: its new name, the timeframe that is missing, or names that look alike."""
        renamed = self.old_names_by_view[view.id].get(name)
        if renamed is not None:
            now = renamed.old_names[name]
            now = now if now in renamed.names else next(iter(renamed.names), now)
            return f"`{name}` is an alias of `{renamed.name}`: saved content may use it, and SQL has to say `${{{now}}}`"
        group = next((field for field in view.fields if field.kind == "dimension_group" and field.name == name), None)
        if group is not None:
            return f"`{name}` is a dimension group; its fields are {', '.join(group.generated[:6])}"
        return suggestion(name, self.names_by_view[view.id])

    def available(self, explore: Explore) -> Mapping[str, frozenset[str]]:
        """What a user can pick in an explore, by alias."""
        if explore.id not in self._available:
            self._available[explore.id] = available_fields(explore, self.views, self.names_by_view)
        return self._available[explore.id]

    def is_left_out(self, explore: Explore, alias: str, view: View, name: str) -> bool:
        """R4.40: the field exists, and the explore's or the join's ``fields`` do not offer it."""
        return name in self.names_by_view[view.id] and name not in self.available(explore)[alias]

    def aliased(self, explore: Explore) -> dict[str, View | None]:
        """The view behind each alias of an explore."""
        return {alias: self.views[view] if view else None for alias, view in aliases(explore).items()}

    def field_sql(self, view: View) -> Iterator[FieldSql]:
        """Every reference in the SQL of a view's fields, those in comments left out."""
        for field in view.fields:
            if field.sql:
                yield from self.sql_of(field)

    def sql_of(self, field: Field) -> tuple[FieldSql, ...]:
        """Every reference in the SQL of one field."""
        if id(field) not in self._field_sql:  # a field that several views inherit is one object
            self._field_sql[id(field)] = tuple(_field_sql(field))
        return self._field_sql[id(field)]


def _by_old_names(view: View) -> dict[str, Field]:
    return {old: field for field in reversed(view.fields) for old in field.old_names}


def _field_sql(field: Field) -> Iterator[FieldSql]:
    for text in field.sql:
        for reference in live_references(text.value):
            yield FieldSql(field, text, reference)
