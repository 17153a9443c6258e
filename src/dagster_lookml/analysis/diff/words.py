"""The words that the objects of a state say, by which they may name fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from dagster_lookml.analysis.diff.needs import names_in_native
from dagster_lookml.semantic.objects import Explore, Field, Lookup, View

_WORD: Final = re.compile(r"(?<!\}\.)\b[A-Za-z_]\w*")
"""A word that is not simply a column of the view's own table."""

_REFERENCE: Final = re.compile(r"\$\{(?!\s*\w+\.SQL_TABLE_NAME\b)[^}]*\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
"""Where the SQL of a table names fields: the words around are columns and tables."""

Words = frozenset[str]


class Saying:
    """Reads the words of each object once.

    Args:
        lookup: the objects.
    """

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._explores: dict[str, Words | None] = {}
        self._rows: dict[str, Words | None] = {}
        self._fields: dict[str, Words] = {}

    def explore(self, explore: str) -> Words | None:
        """What an explore says in every query; None of one that is not there.

        Args:
            explore: its id.
        """
        if explore not in self._explores:
            found = self._lookup.explores.get(explore)
            self._explores[explore] = _of_every_query(found) if found is not None else None
        return self._explores[explore]

    def rows(self, view: str) -> Words | None:
        """The fields that the rows of a view may be made of; None of one that is not there.

        Args:
            view: its id.
        """
        if view not in self._rows:
            found = self._lookup.views.get(view)
            self._rows[view] = _of_rows(found) if found is not None else None
        return self._rows[view]

    def field(self, identity: str, field: Field) -> Words:
        """What a field says, but for its own name.

        Args:
            identity: its id.
            field: it.
        """
        if identity not in self._fields:
            parts = (field.sql, field.expressions, field.templates, field.references, field.filters, field.properties)
            self._fields[identity] = _words(*parts)
        return self._fields[identity]


def taken_by(view: View) -> Words:
    """The fields that a native derived table takes, by their names without aliases; none of any other view.

    Args:
        view: whose table.
    """
    query = view.native_query
    return frozenset(name.rpartition(".")[2] for name in names_in_native(query)) if query is not None else frozenset()


def _of_rows(view: View) -> Words:
    table = view.derived_table
    if table is not None and table.explore_source is not None:
        return taken_by(view)
    found = (one for text in _texts(msgspec.to_builtins(table)) for one in _REFERENCE.findall(text))
    return _words(*found, view.analytic_model)


def _of_every_query(explore: Explore) -> Words:
    """Without what the rows of no other query are made of: quick starts, and aggregate tables (R5.20)."""
    return _words(msgspec.structs.replace(explore, queries=(), aggregate_tables=()))


def _words(*parts: object) -> Words:
    return frozenset(word for text in _texts(msgspec.to_builtins(parts)) for word in _WORD.findall(text))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list | tuple):
        for one in part.values() if isinstance(part, dict) else part:
            yield from _texts(one)
