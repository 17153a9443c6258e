"""What differs in views and their fields."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import cached_property, partial

import msgspec

from dagster_lookml.analysis.diff.additions import new_field, new_names
from dagster_lookml.analysis.diff.aspect import Aspects
from dagster_lookml.analysis.diff.change import FELT, VERDICTS, Change
from dagster_lookml.analysis.diff.columns import MissedColumns
from dagster_lookml.analysis.diff.dangling import (
    NamesOfExplore,
    NamesOfView,
    breaking,
    judged_by_datagroups,
    judged_by_names,
    judged_by_source,
)
from dagster_lookml.analysis.diff.elsewhere import may_inherit_more, perhaps_inherited
from dagster_lookml.analysis.diff.fields import GENERATING, field_aspects
from dagster_lookml.analysis.diff.going_without import GoingWithout
from dagster_lookml.analysis.diff.judging import gone
from dagster_lookml.analysis.diff.key_columns import judged_by_key_columns
from dagster_lookml.analysis.diff.keys import felt_by_key
from dagster_lookml.analysis.diff.matching import Pair
from dagster_lookml.analysis.diff.native_columns import BESIDE, dropped, leaves_rows
from dagster_lookml.analysis.diff.old_names import OldNames
from dagster_lookml.analysis.diff.parts import Part, added, changed, removed, renamed, weight
from dagster_lookml.analysis.diff.reaching import felt_by
from dagster_lookml.analysis.diff.refused import RefusedFields
from dagster_lookml.analysis.diff.remaining import still_feeling, without_values
from dagster_lookml.analysis.diff.renames import timeframe
from dagster_lookml.analysis.diff.renaming import Renaming, own_names, unnamed
from dagster_lookml.analysis.diff.rows import Rows
from dagster_lookml.analysis.diff.scoped import scoped_view, source_of
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.diff.view_names import UNUSED, is_unused, not_missed
from dagster_lookml.analysis.diff.views import PHYSICAL, view_aspects
from dagster_lookml.analysis.impact import OF_TEXT, Affected
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.semantic.fields import is_generated_by
from dagster_lookml.semantic.objects import Field, View
from dagster_lookml.sql.equivalence import Comparison
from dagster_lookml.sql.reading import Form

_Felt = Callable[[], tuple[Affected, ...]]


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
        for change in _ViewPair(base, head, pair, renaming, rows, old_names, refused, found).changes():
            key = _place_and_difference(change)
            told = found.get(key)
            found[key] = change if told is None else _felt_by_both(told, change)
    yield from found.values()


def _place_and_difference(change: Change) -> Hashable:
    return str(change.span), change.side, change.kind, change.property, change.old, change.new


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


class _ViewPair:
    """One view before and after."""

    def __init__(
        self,
        base: State,
        head: State,
        pair: Pair[View],
        renaming: Renaming,
        rows: tuple[Rows, Rows],
        old_names: OldNames,
        refused: RefusedFields,
        told: Mapping[Hashable, Change],
    ) -> None:
        self.base = base
        self.head = head
        self.old = pair.old
        self.new = pair.new
        self.models = pair.models
        self.renaming = renaming
        self.rows = rows
        self.old_names = old_names
        self.refused = refused
        self.told = told
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
        elif old != new or self.head.misses(new.id):
            yield from self._both(old, new)

    def _both(self, old: View, new: View) -> Iterator[Change]:
        following = self.renaming.view(old)
        rest = self._differences(old, new, following)
        if old.name != new.name:
            yield self._view_renamed(old, new, same=not rest)
        for change in rest:
            yield from self._itself(change, old, new)
        yield from self._fields(old, new, {field.own_name: field for field in following.fields})
        yield from self._missed.changes(self.rows[1]) if self._missed is not None else ()

    def _differences(self, old: View, new: View, following: View) -> list[Change]:
        """The changes of the view but for its fields, in which the alias of a base view may be written or not (R5.6)."""
        found = list(changed(_view_part(old), _view_part(new), self.compare, view_aspects(following)))
        before, after = scoped_view(old, self.base.lookup), scoped_view(new, self.head.lookup)
        if not found or (before is old and after is new):
            return found
        followed = view_aspects(self.renaming.view(before))
        scoped = list(changed(_view_part(before), _view_part(after), self.compare, followed))
        return min(found, scoped, key=weight)

    def _itself(self, change: Change, old: View, new: View) -> Iterator[Change]:
        """A change of the view itself; that fields miss a column which only stood beside the rows is told of by them."""
        told = judged_by_key_columns(change, self.base, self.head, old, new)
        if told is not change:
            yield self._with(told, partial(self.rows[1].felt_by, new.id))
            return
        if new.is_pdt and change.property in PHYSICAL:
            yield self._built_anew(change, new)
            return
        column = dropped(change, old, self.base)
        if column is not None and column.kind == "beside" and self._missed is not None and column.name in self._missed.columns:
            return
        if leaves_rows(change, old, new, self.base, self.head):
            told = msgspec.structs.replace(change, verdict="metadata only", reason=BESIDE)
            yield self._built_anew(told, new) if new.is_pdt else told
            return
        if column is not None and column.kind == "dimension":
            change = msgspec.structs.replace(change, reason="its rows are grouped by it no more")
        yield self._felt(change, lambda: self.rows[1].felt_by(new.id))

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

    @cached_property
    def _renamed(self) -> dict[str, str]:
        """The new own names of fields by their old ones."""
        return own_names(self.old, self.new) if self.old is not None and self.new is not None else {}

    @cached_property
    def _missed(self) -> MissedColumns | None:
        if self.old is None or self.new is None or not self.head.misses(self.new.id):
            return None
        before = {other: name for name, other in self._renamed.items()}
        return MissedColumns(self.base, self.head, self.old, self.new, before)

    def compare(self, old: str, new: str, form: Form) -> Comparison:
        """Compare two SQL texts of the view."""
        return self.head.compare(old, new, form, next(iter(self.models), ""), self.new)

    # -- fields --------------------------------------------------------------------------------------------------------

    def _fields(self, old: View, new: View, following: Mapping[str, Field]) -> Iterator[Change]:
        before = {field.own_name: field for field in old.fields}
        after = {field.own_name: field for field in new.fields}
        gone = {name: field for name, field in before.items() if name not in after}
        fresh = {name: field for name, field in after.items() if name not in before}
        for name, field in gone.items():
            yield from self._field_gone(field, fresh.get(self._renamed.get(name, "")), old, new, following[name])
        followed = frozenset(self._renamed.values())
        for name, field in fresh.items():
            if name not in followed:
                yield new_field(added(_field_part(new, field)), field, old, new, self.head)
        for name, field in before.items():
            if name in after and field != after[name]:
                yield from self._field_changed(field, after[name], old, new, following[name])

    def _field_gone(self, field: Field, successor: Field | None, old: View, new: View, following: Field) -> Iterator[Change]:
        part = _field_part(old, field)
        if successor is None:
            change = removed(part)
            if old.complete and may_inherit_more(new, self.head.lookup):
                change = perhaps_inherited(change)
            yield self._gone(change, part.id, frozenset(field.names))
            return
        after = _field_part(new, successor)
        kept = {timeframe(successor, name) for name in successor.generated}
        lost = frozenset(name for name in field.generated if timeframe(field, name) not in kept)
        unnamed, named = part._replace(aspects=_unnamed(field)), after._replace(aspects=_unnamed(successor))
        rest = list(changed(unnamed, named, self.compare, _unnamed(following)))
        change = renamed(part, after, same=not rest, by_alias=field.name in successor.old_names)
        is_gone = change.verdict == "breaking"
        yield self._gone(change, part.id, frozenset(field.names)) if is_gone else self.old_names.judged(change, field, new)
        if lost:
            yield self._gone(_without_names(part, after, lost), part.id, lost, are_some=True)
        for one in rest:
            yield self._felt(one, *self._felt_in_head(after.id))

    def _field_changed(self, old: Field, new: Field, old_view: View, new_view: View, following: Field) -> Iterator[Change]:
        before, after = _field_part(old_view, old), _field_part(new_view, new)
        for change in changed(before, after, self.compare, field_aspects(following)):
            lost = self._lost_names(old, new, new_view) if change.property in GENERATING.values() else frozenset()
            refused, failing = self.refused.judged(change, old, new, new_view)
            if failing:
                yield self._with(refused, partial(self.rows[1].failing, failing))
            elif lost:
                told = msgspec.structs.replace(change, verdict="breaking", reason=gone(sorted(lost)))
                yield self._gone(told, before.id, lost, are_some=True)
            elif change.property == "primary_key":
                yield self._felt(change, lambda: felt_by_key(self.head, new_view))
            elif change.property == "default_value":
                yield self._felt(change, lambda: without_values(felt_by(self.head, (after.id,)), self.head, new_view.id, new))
            else:
                told = new_names(change, old, new, old_view, new_view, self.head)
                yield self._felt(told, *self._felt_in_head(after.id)) if told is change else told

    def _felt_in_head(self, field: str) -> tuple[_Felt, _Felt]:
        """Who feels that a field is another one, and who feels that it cannot be queried."""
        return lambda: felt_by(self.head, (field,)), lambda: self.rows[1].failing((field,))

    def _lost_names(self, old: Field, new: Field, view: View) -> frozenset[str]:
        """The names that a group generates no more: listed ones, and of those that it need not list the mentioned (R4.9)."""
        lost = frozenset(old.names) - frozenset(new.names)
        if not old.every_timeframe or new.every_timeframe:
            return lost
        scopes = {view.name, *self.head.aliases_of(view.id)}
        mentioned = (name for scope in scopes for name in self.head.mentions.get(scope, ()))
        unlisted = {name for name in mentioned if is_generated_by(old, name)}
        return (lost | unlisted) - frozenset(new.names)

    # -- what feels it -------------------------------------------------------------------------------------------------

    def _felt(self, change: Change, felt: _Felt, failing: _Felt | None = None) -> Change:
        """A change with who feels it, or where it writes what leads nowhere with who feels that this fails."""
        if self.new is None:
            return self._with(change, felt)
        told = self._without_parents(self._triggered(self._judged(change, self.new), self.new), self.new)
        told = self._missed.judged(told) if self._missed is not None else told
        fails = told.verdict == "breaking" and change.verdict != "breaking"
        return self._with(told, failing if fails and failing is not None else felt)

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

    def _with(self, change: Change, felt: _Felt) -> Change:
        """A change with who feels it; what is inherited is felt by nobody who does not feel what it is inherited from."""
        if change.verdict not in FELT:
            return change
        known = self.told.get(_place_and_difference(change))
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

    def _view_gone(self, change: Change, old: View) -> Change:
        """A view is gone, or its name is."""
        reason = not_missed(old, self.new, self.base, self.head, self.rows[0])
        if reason is not None:
            return msgspec.structs.replace(change, verdict="metadata only", reason=reason)
        names = frozenset(name for one in old.fields for name in one.names)
        return self._with(change, lambda: still_feeling(self.rows[0].felt_by(old.id), self.base, self.head, names))

    def _gone(self, change: Change, field: str, names: frozenset[str], *, are_some: bool = False) -> Change:
        """A field is gone, or some of its names are: what used it in the base, and is still there and does not go without."""

        def felt() -> tuple[Affected, ...]:
            going_without = GoingWithout(self.base, self.head, field, names, are_some=are_some)
            found = self.rows[0].failing((field,), going_without.cuts)
            return still_feeling(found, self.base, self.head, names, are_some=are_some)

        told = self._with(change, felt)
        if told.verdict != "breaking" or told.affected or self.old is None:
            return told
        is_template = self.old.kind == "abstract"
        if is_template or is_unused(self.old, self.base, self.rows[0]):
            return msgspec.structs.replace(told, verdict="metadata only", reason=_TEMPLATE if is_template else UNUSED)
        return told


_TEMPLATE = "the view is there to be extended, and nobody asks for its own fields"


def _of_no_model(change: Change) -> Change:
    return msgspec.structs.replace(change, verdict="metadata only", reason="no model includes this view", affected=())


def _view_part(view: View) -> Part:
    return Part("view", view.id, view.name, view_aspects(view), view.span)


def _field_part(view: View, field: Field) -> Part:
    return Part("field", field_id(view.id, field.own_name), field.name, field_aspects(field), field.span)


def _without_names(old: Part, new: Part, lost: frozenset[str]) -> Change:
    """The change that a renamed dimension group generates less."""
    key = next(key for key in GENERATING.values() if key in old.aspects)
    before, after = old.aspects[key], new.aspects.get(key)
    return Change(
        id=new.id,
        kind="changed",
        property=key,
        old=before.text,
        new=after.text if after is not None else None,
        verdict="breaking",
        reason=gone(sorted(lost)),
        span=after.span if after is not None else new.span,
    )


def _unnamed(field: Field) -> Aspects:
    """The aspects of a renamed field, without those that its name makes different."""
    return {key: one for key, one in field_aspects(field).items() if key not in (*GENERATING.values(), "alias")}
