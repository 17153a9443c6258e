"""Whose tables the SQL of a derived table reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dagster_lookml.lineage.written import table_texts
from dagster_lookml.semantic.objects import Lookup, View
from dagster_lookml.semantic.references import live_references


def tables_read(view: View, lookup: Lookup) -> Mapping[str, View]:
    """A view and all whose tables its SQL reads by ``${view.SQL_TABLE_NAME}``, through any number of tables; by their ids.

    Args:
        view: it.
        lookup: finds the others.
    """
    found = {view.id: view}
    waiting = [view]
    while waiting:
        more = [one for one in _read_by(waiting.pop(), lookup) if one.id not in found]
        found.update({one.id: one for one in more})
        waiting += more
    return found


def _read_by(view: View, lookup: Lookup) -> Iterator[View]:
    names = {one.view for text, _ in table_texts(view) for one in live_references(text.value) if one.is_table and one.view}
    for name in sorted(names):
        for other in (lookup.view(model, name) for model in view.models):
            if other is not None:
                yield other
