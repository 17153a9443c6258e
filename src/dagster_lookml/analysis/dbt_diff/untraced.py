"""What names a column or a table in SQL that could not be traced: it may read what nothing else is known to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from dagster_lookml.lineage.ids import field_id
from dagster_lookml.lineage.result import Lineage
from dagster_lookml.semantic.objects import Field, Project, View

_WORD: Final = re.compile(r"\w+")


class Untraced:
    """The fields and derived tables of which something could not be told.

    Args:
        project: compiled.
        lineage: of the project.
    """

    def __init__(self, project: Project, lineage: Lineage) -> None:
        self._project = project
        self._lineage = lineage

    def naming_column(self, name: str, tables: Iterable[str]) -> list[str]:
        """The ids of the fields and views that may read a column: those that name it and whose view reads its table.

        Args:
            name: of the column, in lower case.
            tables: ids of its table.
        """
        wanted = frozenset(tables)
        return [one for one, view in self._by_word.get(name, ()) if wanted & frozenset(self._lineage.views[view].tables)]

    def naming_table(self, name: str) -> list[str]:
        """The ids of the views that may read a table: those whose derived table has its name in its SQL.

        Args:
            name: of the table alone, in lower case.
        """
        return [one for one, view in self._by_word.get(name, ()) if one == view]

    @cached_property
    def _by_word(self) -> Mapping[str, list[tuple[str, str]]]:
        """By each word of SQL that was not traced the fields and views that it stands in, and the view of each."""
        found: dict[str, list[tuple[str, str]]] = {}
        for view in self._project.views:
            for identity, text in self._untraced(view):
                for word in dict.fromkeys(_WORD.findall(text.lower())):
                    found.setdefault(word, []).append((identity, view.id))
        return found

    def _untraced(self, view: View) -> Iterator[tuple[str, str]]:
        status = self._lineage.views.get(view.id)
        if status is None or not view.models:
            return
        if status.gaps:
            yield view.id, _sql_of_view(view)
        for field in view.fields:
            identity = field_id(view.id, field.own_name)
            known = self._lineage.fields.get(identity)
            if known is not None and known.gaps:
                yield identity, _sql_of_field(field)


def _sql_of_view(view: View) -> str:
    derived = view.derived_table
    if view.analytic_model is not None:
        return "\n".join(text.value for text in view.analytic_model.texts)
    if derived is None:
        return view.sql_table_name.value if view.sql_table_name is not None else ""
    texts = (*((derived.sql,) if derived.sql is not None else ()), *derived.statements)
    return "\n".join(text.value for text in texts)


def _sql_of_field(field: Field) -> str:
    return "\n".join(text.value for text in field.sql) or field.name
