"""What differs in views and their fields."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

import msgspec

from dagster_lookml.analysis.diff.aspect import Aspects
from dagster_lookml.analysis.diff.change import FELT, Change
from dagster_lookml.analysis.diff.dangling import NamesOfView, breaking, judged_by_names
from dagster_lookml.analysis.diff.fields import field_aspects
from dagster_lookml.analysis.diff.matching import Pair
from dagster_lookml.analysis.diff.parts import Part, added, changed, removed, renamed
from dagster_lookml.analysis.diff.reaching import felt_by, still_feeling
from dagster_lookml.analysis.diff.renames import renamed_fields
from dagster_lookml.analysis.diff.renaming import Renaming
from dagster_lookml.analysis.diff.rows import Rows
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.diff.views import view_aspects
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.semantic.objects import Field, View
from dagster_lookml.sql.equivalence import Comparison
from dagster_lookml.sql.reading import Form


def view_changes(base: State, head: State, pairs: Iterable[Pair[View]], renaming: Renaming) -> Iterator[Change]:
    """Every difference in the views of two states, and in their fields.

    What several views inherit is written in one place, and is one change: that of the view nearest to where it is written.

    Args:
        base: the state before.
        head: the state after.
        pairs: which view is which, renamed ones too.
        renaming: the fields that have other names.
    """
    found: dict[Hashable, Change] = {}
    rows = Rows(base), Rows(head)
    for pair in sorted(pairs, key=_nearest_first):
        for change in _ViewPair(base, head, pair, renaming, rows).changes():
            key = (str(change.span), change.side, change.kind, change.property, change.old, change.new)
            told = found.get(key)
            found[key] = change if told is None else _felt_by_both(told, change)
    yield from found.values()


def _felt_by_both(told: Change, other: Change) -> Change:
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
    aspects = {key: (one.nature, one.items) for key, one in view_aspects(view).items()}
    return pair.models, view.fields, tuple(sorted(aspects.items()))


class _ViewPair:
    """One view before and after."""

    def __init__(self, base: State, head: State, pair: Pair[View], renaming: Renaming, rows: tuple[Rows, Rows]) -> None:
        self.base = base
        self.head = head
        self.old = pair.old
        self.new = pair.new
        self.models = pair.models
        self.renaming = renaming
        self.rows = rows
        self.told_models = () if pair.everywhere else pair.models

    def changes(self) -> Iterator[Change]:
        for change in self._changes():
            told = msgspec.structs.replace(change, models=self.told_models)
            yield told if self.models else _of_no_model(told)

    def _changes(self) -> Iterator[Change]:
        old, new = self.old, self.new
        if new is None:
            assert old is not None
            yield self._view_gone(removed(_view_part(old)), old)
        elif old is None:
            yield added(_view_part(new))
        elif old != new:
            if old.name != new.name:
                yield self._view_gone(renamed(_view_part(old), _view_part(new)), old)
            following = self.renaming.view(old)
            for change in changed(_view_part(old), _view_part(new), self.compare, view_aspects(following)):
                yield self._felt(change, lambda: self.rows[1].felt_by(new.id))
            yield from self._fields(old, new, {field.own_name: field for field in following.fields})

    def compare(self, old: str, new: str, form: Form) -> Comparison:
        """Compare two SQL texts of the view."""
        return self.head.compare(old, new, form, next(iter(self.models), ""), self.new)

    # -- fields --------------------------------------------------------------------------------------------------------

    def _fields(self, old: View, new: View, following: Mapping[str, Field]) -> Iterator[Change]:
        before = {field.own_name: field for field in old.fields}
        after = {field.own_name: field for field in new.fields}
        gone = {name: field for name, field in before.items() if name not in after}
        fresh = {name: field for name, field in after.items() if name not in before}
        names = renamed_fields(gone.values(), fresh.values(), field_aspects)
        for name, field in gone.items():
            yield from self._field_gone(field, fresh.get(names.get(name, "")), old, new, following[name])
        for name, field in fresh.items():
            if name not in names.values():
                yield added(_field_part(new, field))
        for name, field in before.items():
            if name in after and field != after[name]:
                yield from self._field_changed(field, after[name], old, new, following[name])

    def _field_gone(self, field: Field, successor: Field | None, old: View, new: View, following: Field) -> Iterator[Change]:
        part = _field_part(old, field)
        if successor is None:
            change = removed(part)
            if old.complete and not new.complete:
                change = msgspec.structs.replace(change, verdict="unknown", reason=_ABSENT)
            yield self._gone(change, (part.id,), frozenset(field.names))
            return
        after = _field_part(new, successor)
        change = renamed(part, after, by_alias=field.name in successor.alias)
        yield self._gone(change, (part.id,), frozenset(field.names)) if change.verdict == "breaking" else change
        unnamed, named = part._replace(aspects=_unnamed(field)), after._replace(aspects=_unnamed(successor))
        for one in changed(unnamed, named, self.compare, _unnamed(following)):
            yield self._felt(one, lambda: felt_by(self.head, (after.id,)))

    def _field_changed(self, old: Field, new: Field, old_view: View, new_view: View, following: Field) -> Iterator[Change]:
        before, after = _field_part(old_view, old), _field_part(new_view, new)
        for change in changed(before, after, self.compare, field_aspects(following)):
            if change.verdict == "breaking" and change.property in ("timeframes", "intervals"):
                yield self._gone(change, (before.id,), frozenset(old.names) - frozenset(new.names), before.id)
            else:
                yield self._felt(change, lambda: felt_by(self.head, (after.id,)))

    # -- what feels it -------------------------------------------------------------------------------------------------

    def _felt(self, change: Change, felt: Callable[[], tuple[Affected, ...]]) -> Change:
        if self.new is not None:
            change = self._without_parents(judged_by_names(change, NamesOfView(self.new, self.head.lookup)), self.new)
        if change.verdict not in FELT:
            return change
        return msgspec.structs.replace(change, affected=felt())

    def _without_parents(self, change: Change, new: View) -> Change:
        """``extends`` of a view that is not there."""
        had = self.old.missing_parents if self.old is not None else ()
        missing = [name for name in new.missing_parents if name not in had]
        return breaking(change, missing) if change.id == new.id and change.property == "extends" else change

    def _view_gone(self, change: Change, old: View) -> Change:
        names = frozenset(name for one in old.fields for name in one.names)
        affected = still_feeling(self.rows[0].felt_by(old.id), self.base, self.head, names)
        return msgspec.structs.replace(change, affected=affected)

    def _gone(self, change: Change, ids: tuple[str, ...], names: frozenset[str], group: str | None = None) -> Change:
        """Something is gone: what used it in the base, and is still there and does not go without."""
        affected = still_feeling(felt_by(self.base, ids), self.base, self.head, names, group)
        return msgspec.structs.replace(change, affected=affected)


_ABSENT = "what it was inherited from may be in a project that is not here"


def _of_no_model(change: Change) -> Change:
    return msgspec.structs.replace(change, verdict="metadata only", reason="no model includes this view", affected=())


def _view_part(view: View) -> Part:
    return Part("view", view.id, view.name, view_aspects(view), view.span)


def _field_part(view: View, field: Field) -> Part:
    return Part("field", field_id(view.id, field.own_name), field.own_name, field_aspects(field), field.span)


def _unnamed(field: Field) -> Aspects:
    """The aspects of a renamed field, without those that its name makes different."""
    return {key: one for key, one in field_aspects(field).items() if key not in ("timeframes", "intervals", "alias")}
