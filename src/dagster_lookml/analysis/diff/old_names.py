"""SQL that still names a field as it was called before: an ``alias`` keeps saved content working, and no SQL (R4.43)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

import msgspec

from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.diff.reaching import felt_by
from dagster_lookml.analysis.diff.rows import Rows
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.analysis.listing import listed
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.lineage.written import table_texts
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.fields import is_generated_by
from dagster_lookml.semantic.objects import Explore, Field, Text, View
from dagster_lookml.semantic.references import live_references


class Naming(NamedTuple):
    """SQL that names a field which its view does not have.

    Attributes:
        view: the id of the view.
        name: of no field there.
        label: of whatever has the SQL, for people.
        felt: gives who feels that this SQL cannot be made.
    """

    view: str
    name: str
    label: str
    felt: Callable[[], Iterable[Affected]]


class OldNames:
    """Finds what names fields that are not there.

    Args:
        head: the state after.
        rows: of the head.
    """

    def __init__(self, head: State, rows: Rows) -> None:
        self._head = head
        self._rows = rows
        self._found: dict[str, list[Naming]] | None = None

    def judged(self, change: Change, field: Field, view: View) -> Change:
        """The change that a field has another name and keeps the old one as an alias.

        Args:
            change: as of one that breaks nothing.
            field: it in the base.
            view: its view in the head.
        """
        found = [one for one in self._of(view) if one.name in field.names or is_generated_by(field, one.name)]
        if not found:
            return change
        names, who = (list(dict.fromkeys(sorted(ones))) for ones in ((n.name for n in found), (n.label for n in found)))
        say = "still names" if len(who) == 1 else "still name"
        reason = f"the SQL of {listed(who)} {say} {listed(names)}, and `alias` keeps an old name working in saved content alone"
        felt = {one.node.id: one for naming in reversed(found) for one in naming.felt()}
        return msgspec.structs.replace(change, verdict="breaking", reason=reason, affected=tuple(felt.values()))

    def _of(self, view: View) -> Iterable[Naming]:
        if self._found is None:
            self._found = {}
            for one in self._all():
                self._found.setdefault(one.view, []).append(one)
        return self._found.get(view.id, ()) if view.complete else ()

    def _all(self) -> Iterator[Naming]:
        for view in self._head.lookup.project.views:
            yield from self._by_view(view)
        for explore in self._head.lookup.project.explores:
            if not explore.extension_required:
                yield from self._by_explore(explore)

    def _by_view(self, view: View) -> Iterator[Naming]:
        scopes = self._scopes(view)
        for field in view.fields:
            identity = field_id(view.id, field.own_name)
            for text in field.sql:
                for target, name in self._missing(text, view, scopes):
                    yield Naming(target, name, f"{view.name}.{field.name}", partial(self._rows.failing, (identity,)))
        for text, _ in table_texts(view):
            for target, name in self._missing(text, view, scopes):
                yield Naming(target, name, view.name, partial(self._rows.felt_by, view.id))

    def _scopes(self, view: View) -> dict[str, set[str]]:
        """The ids of the views that stand beside a view in its explores, by their aliases there (R6.2)."""
        found: dict[str, set[str]] = {}
        for seat in self._head.reach.seats.get(view.id, ()):
            for alias, other in aliases(seat.explore).items():
                if other in self._head.lookup.views:
                    found.setdefault(alias, set()).add(other)
        found[view.name] = {view.id}
        return found

    def _by_explore(self, explore: Explore) -> Iterator[Naming]:
        scopes = {alias: {view} for alias, view in aliases(explore).items() if view is not None}
        for text in explore.sql:
            for target, name in self._missing(text, None, scopes):
                yield Naming(target, name, f"explore {explore.name}", partial(felt_by, self._head, (explore.id,)))
        for join in explore.joins:
            for text in join.sql:
                for target, name in self._missing(text, None, scopes):
                    label = f"join {join.name} of {explore.name}"
                    yield Naming(target, name, label, partial(self._rows.of_join, explore, join.name))

    def _missing(self, text: Text, own: View | None, scopes: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
        """The fields that some SQL names and that are not there, each with the id of its view."""
        names = self._head.lookup.names_by_view
        for one in live_references(text.value):
            views = scopes.get(one.view, set()) if one.view is not None else {own.id} if own is not None else set()
            for view in sorted(views) if not one.is_table else ():
                fields = self._head.lookup.views[view].fields
                if one.name not in names[view] and not any(is_generated_by(field, one.name) for field in fields):
                    yield view, one.name
