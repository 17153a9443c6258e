"""What differs in views; in their fields too, which have a module of their own."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from functools import partial

import msgspec

from dagster_lookml.analysis.diff.change import VERDICTS, Change
from dagster_lookml.analysis.diff.field_changes import field_changes
from dagster_lookml.analysis.diff.key_columns import judged_by_key_columns
from dagster_lookml.analysis.diff.matching import Pair
from dagster_lookml.analysis.diff.native_columns import BESIDE, dropped, leaves_rows
from dagster_lookml.analysis.diff.old_names import OldNames
from dagster_lookml.analysis.diff.parts import Part, added, changed, removed, renamed, weight
from dagster_lookml.analysis.diff.refused import RefusedFields
from dagster_lookml.analysis.diff.remaining import still_feeling
from dagster_lookml.analysis.diff.renaming import Renaming, unnamed
from dagster_lookml.analysis.diff.rows import Rows
from dagster_lookml.analysis.diff.scoped import scoped_view
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.diff.view_names import not_missed
from dagster_lookml.analysis.diff.view_pair import ViewPair, place_and_difference
from dagster_lookml.analysis.diff.views import PHYSICAL, view_aspects
from dagster_lookml.analysis.impact import OF_TEXT
from dagster_lookml.semantic.objects import View


def view_changes(
    base: State, head: State, pairs: Iterable[Pair[View]], renaming: Renaming, rows: tuple[Rows, Rows]
) -> Iterator[Change]:
    """Every difference in the views of two states, and in their fields.

    What several views inherit is written in one place, and is one change: that of the view nearest to where it is written.

    Args:
        base: the state before.
        head: the state after.
        pairs: which view is which, renamed ones too.
        renaming: the fields that have other names.
        rows: of the two states.
    """
    found: dict[Hashable, Change] = {}
    old_names, refused = OldNames(head, rows[1]), RefusedFields(base, head)
    for pair in sorted(pairs, key=_nearest_first):
        both, models = ViewPair(base, head, pair, rows, found), () if pair.everywhere else pair.models
        for change in _ViewChanges(both, renaming, old_names, refused, models).changes():
            key = place_and_difference(change)
            told = found.get(key)
            found[key] = change if told is None else _felt_by_both(told, change)
    yield from found.values()


def _felt_by_both(told: Change, other: Change) -> Change:
    """What one view and another inherit, with the worse of what it means for the two."""
    if VERDICTS.index(other.verdict) < VERDICTS.index(told.verdict):
        told = msgspec.structs.replace(told, verdict=other.verdict, reason=other.reason)
    known = {one.node.id for one in told.affected}
    more = tuple(one for one in other.affected if one.node.id not in known)
    return msgspec.structs.replace(told, affected=(*told.affected, *more)) if more else told


def _nearest_first(pair: Pair[View]) -> tuple[int, str]:
    view = pair.new or pair.old
    assert view is not None
    return len(view.extends), view.id


def view_substance(view: View, pair: Pair[View]) -> Hashable:
    """What makes a view the one that it is, beside its name; one with nothing of its own is like no other.

    Nor are refinements whose base is not here, which is what their name says.
    """
    if not view.fields or view.written is not None:
        return view.id
    same = unnamed(view)
    aspects = {key: (one.nature, one.items) for key, one in view_aspects(same).items()}
    return pair.models, same.fields, tuple(sorted(aspects.items()))


class _ViewChanges:
    """One view before and after."""

    def __init__(
        self, pair: ViewPair, renaming: Renaming, old_names: OldNames, refused: RefusedFields, models: tuple[str, ...]
    ) -> None:
        self.pair = pair
        self.base = pair.base
        self.head = pair.head
        self.rows = pair.rows
        self.renaming = renaming
        self.old_names = old_names
        self.refused = refused
        self.models = models

    def changes(self) -> Iterator[Change]:
        for change in self._changes():
            told = msgspec.structs.replace(change, models=self.models)
            yield told if self.pair.models else _of_no_model(told)

    def _changes(self) -> Iterator[Change]:
        old, new = self.pair.old, self.pair.new
        if new is None:
            assert old is not None
            yield self._view_gone(removed(_view_part(old)), old)
        elif old is None:
            yield added(_view_part(new))
        elif old != new or self.head.misses(new.id):
            yield from self._both(old, new)

    def _both(self, old: View, new: View) -> Iterator[Change]:
        following = self.renaming.view(old)
        rest = self._differences(old, new, following)
        if old.name != new.name:
            yield self._view_renamed(old, new, same=not rest)
        for change in rest:
            yield from self._itself(change, old, new)
        yield from field_changes(self.pair, old, new, following, self.old_names, self.refused)
        yield from missed.changes(self.rows[1]) if (missed := self.pair.missed) is not None else ()

    def _differences(self, old: View, new: View, following: View) -> list[Change]:
        """The changes of the view but for its fields, in which the alias of a base view may be written or not (R5.6)."""
        found = list(changed(_view_part(old), _view_part(new), self.pair.compare, view_aspects(following)))
        before, after = scoped_view(old, self.base.lookup), scoped_view(new, self.head.lookup)
        if not found or (before is old and after is new):
            return found
        followed = view_aspects(self.renaming.view(before))
        scoped = list(changed(_view_part(before), _view_part(after), self.pair.compare, followed))
        return min(found, scoped, key=weight)

    def _itself(self, change: Change, old: View, new: View) -> Iterator[Change]:
        """A change of the view itself; that fields miss a column which only stood beside the rows is told of by them."""
        told = judged_by_key_columns(change, self.base, self.head, old, new)
        if told is not change:
            yield self.pair.with_felt(told, partial(self.rows[1].felt_by, new.id))
            return
        if new.is_pdt and change.property in PHYSICAL:
            yield self._built_anew(change, new)
            return
        column = dropped(change, old, self.base)
        if (
            column is not None
            and column.kind == "beside"
            and self.pair.missed is not None
            and column.name in self.pair.missed.columns
        ):
            return
        if leaves_rows(change, old, new, self.base, self.head):
            told = msgspec.structs.replace(change, verdict="metadata only", reason=BESIDE)
            yield self._built_anew(told, new) if new.is_pdt else told
            return
        if column is not None and column.kind == "dimension":
            change = msgspec.structs.replace(change, reason="its rows are grouped by it no more")
        yield self.pair.felt(change, lambda: self.rows[1].felt_by(new.id))

    def _view_renamed(self, old: View, new: View, *, same: bool) -> Change:
        change = renamed(_view_part(old), _view_part(new), same=same)
        told = self._view_gone(change, old)
        if told.verdict != "metadata only" or not new.is_pdt:
            return told
        built = self._built_anew(told, new).affected
        inherited = {one.node.id for one in built if any(edge.kind in OF_TEXT for edge in one.path)}  # under its own name
        return msgspec.structs.replace(told, affected=tuple(one for one in built if one.node.id not in inherited))

    def _built_anew(self, change: Change, new: View) -> Change:
        """Another way to build a PDT: it and those that read it are built anew, and nobody else feels it."""
        built = (one for one in self.rows[1].felt_by(new.id) if one.node.id in self.head.pdts)
        return msgspec.structs.replace(change, affected=tuple(built))

    def _view_gone(self, change: Change, old: View) -> Change:
        """A view is gone, or its name is."""
        reason = not_missed(old, self.pair.new, self.base, self.head, self.rows[0])
        if reason is not None:
            return msgspec.structs.replace(change, verdict="metadata only", reason=reason)
        names = frozenset(name for one in old.fields for name in one.names)
        return self.pair.with_felt(change, lambda: still_feeling(self.rows[0].felt_by(old.id), self.base, self.head, names))


def _of_no_model(change: Change) -> Change:
    return msgspec.structs.replace(change, verdict="metadata only", reason="no model includes this view", affected=())


def _view_part(view: View) -> Part:
    return Part("view", view.id, view.name, view_aspects(view), view.span)
