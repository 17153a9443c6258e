"""Whose tables the SQL of a derived table reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dagster_lookml.lineage.written import table_texts
from dagster_lookml.semantic.objects import Lookup, View
from dagster_lookml.semantic.references import live_references


class TablesRead:
    """Finds what derived tables read; the SQL of each is read once.

    Args:
        lookup: the views.
    """

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._read: dict[str, Sequence[View]] = {}

    def of(self, view: View) -> Mapping[str, View]:
        """A view and all whose tables its SQL reads by ``${view.SQL_TABLE_NAME}``, through any number of tables; by their ids.

        Args:
            view: it.
        """
        found = {view.id: view}
        waiting = [view]
        while waiting:
            more = [one for one in self._by(waiting.pop()) if one.id not in found]
            found.update({one.id: one for one in more})
            waiting += more
        return found

    def _by(self, view: View) -> Sequence[View]:
        if view.id not in self._read:
            self._read[view.id] = tuple(self._named(view))
        return self._read[view.id]

    def _named(self, view: View) -> Iterator[View]:
        names = {one.view for text, _ in table_texts(view) for one in live_references(text.value) if one.is_table and one.view}
        for name in sorted(names):
            for other in (self._lookup.view(model, name) for model in view.models):
                if other is not None:
                    yield other
