"""One view before and after: what a change in it means, and who feels it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from typing import Final

import msgspec

from dagster_lookml.analysis.diff.change import FELT, Change
from dagster_lookml.analysis.diff.columns import MissedColumns
from dagster_lookml.analysis.diff.dangling import (
    NamesOfExplore,
    NamesOfView,
    breaking,
    judged_by_datagroups,
    judged_by_names,
    judged_by_source,
)
from dagster_lookml.analysis.diff.going_without import GoingWithout
from dagster_lookml.analysis.diff.matching import Pair
from dagster_lookml.analysis.diff.remaining import still_feeling
from dagster_lookml.analysis.diff.renaming import own_names
from dagster_lookml.analysis.diff.rows import Rows
from dagster_lookml.analysis.diff.scoped import source_of
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.diff.view_names import UNUSED, is_unused
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.semantic.objects import View
from dagster_lookml.sql.equivalence import Comparison
from dagster_lookml.sql.reading import Form

Felt = Callable[[], tuple[Affected, ...]]
"""Finds who feels a change; it takes a while, and of some changes nobody asks."""
_TEMPLATE: Final = "the view is there to be extended, and nobody asks for its own fields"


class ViewPair:
    """A view that two states have, or one of them.

    Args:
        base: the state before.
        head: the state after.
        pair: the view in the two.
        rows: of the two states.
        told: the changes of views that it may inherit from, by what they say and where that is written.
    """

    def __init__(
        self, base: State, head: State, pair: Pair[View], rows: tuple[Rows, Rows], told: Mapping[Hashable, Change]
    ) -> None:
        self.base = base
        self.head = head
        self.old = pair.old
        self.new = pair.new
        self.models = pair.models
        self.rows = rows
        self._told = told

    @cached_property
    def renamed(self) -> dict[str, str]:
        """The new own names of fields by their old ones."""
        return own_names(self.old, self.new) if self.old is not None and self.new is not None else {}

    @cached_property
    def missed(self) -> MissedColumns | None:
        """The columns that its SQL names in vain in the head; None where it names none so."""
        if self.old is None or self.new is None or not self.head.misses(self.new.id):
            return None
        before = {other: name for name, other in self.renamed.items()}
        return MissedColumns(self.base, self.head, self.old, self.new, before)

    def compare(self, old: str, new: str, form: Form) -> Comparison:
        """Compare two SQL texts of the view."""
        return self.head.compare(old, new, form, next(iter(self.models), ""), self.new)

    def felt(self, change: Change, felt: Felt, failing: Felt | None = None) -> Change:
        """A change with who feels it, or where it writes what leads nowhere with who feels that this fails."""
        if self.new is None:
            return self.with_felt(change, felt)
        told = self._without_parents(self._triggered(self._judged(change, self.new), self.new), self.new)
        told = self.missed.judged(told) if self.missed is not None else told
        fails = told.verdict == "breaking" and change.verdict != "breaking"
        return self.with_felt(told, failing if fails and failing is not None else felt)

    def _judged(self, change: Change, new: View) -> Change:
        """A change that breaks if what it writes leads nowhere, in the view or in the explore that its table is a query of."""
        source, query = source_of(new, self.head.lookup), new.native_query
        if change.id != new.id or source is None or query is None:
            return judged_by_names(change, NamesOfView(new, self.head.lookup))
        names = NamesOfExplore(source, self.head.lookup, offered=False)
        if change.property.startswith("explore_source.filters"):
            return judged_by_names(change, names)
        told = judged_by_source(change, self.old.native_query if self.old is not None else None, query, names)
        return judged_by_names(told, NamesOfView(new, self.head.lookup))

    def with_felt(self, change: Change, felt: Felt) -> Change:
        """A change with who feels it; what is inherited is felt by nobody who does not feel what it is inherited from."""
        if change.verdict not in FELT:
            return change
        known = self._told.get(place_and_difference(change))
        reach = (self.head if change.side == "head" else self.base).reach
        if known is not None and known.verdict == change.verdict and change.id in reach.inheriting(known.id):
            return change
        return msgspec.structs.replace(change, affected=felt())

    def _triggered(self, change: Change, new: View) -> Change:
        """``datagroup_trigger`` of a datagroup that is not there."""
        table = new.derived_table
        trigger = table.persistence if table is not None and change.id == new.id and change.property == "persistence" else None
        if trigger is None or trigger.kind != "datagroup_trigger":
            return change
        return judged_by_datagroups(change, [trigger.value], [self.head.lookup.models[name] for name in new.models])

    def _without_parents(self, change: Change, new: View) -> Change:
        """``extends`` of a view that is not there."""
        had = self.old.missing_parents if self.old is not None else ()
        missing = [name for name in new.missing_parents if name not in had]
        return breaking(change, missing) if change.id == new.id and change.property == "extends" else change

    def gone(self, change: Change, field: str, names: frozenset[str], *, are_some: bool = False) -> Change:
        """A field is gone, or some of its names are: what used it in the base, and is still there and does not go without."""

        def felt() -> tuple[Affected, ...]:
            going_without = GoingWithout(self.base, self.head, field, names, are_some=are_some)
            found = self.rows[0].failing((field,), going_without.cuts)
            return still_feeling(found, self.base, self.head, names, are_some=are_some)

        told = self.with_felt(change, felt)
        if told.verdict != "breaking" or told.affected or self.old is None:
            return told
        is_template = self.old.kind == "abstract"
        if is_template or is_unused(self.old, self.base, self.rows[0]):
            return msgspec.structs.replace(told, verdict="metadata only", reason=_TEMPLATE if is_template else UNUSED)
        return told


def place_and_difference(change: Change) -> Hashable:
    """What the change of a view and that of another which inherits it have in common."""
    return str(change.span), change.side, change.kind, change.property, change.old, change.new
