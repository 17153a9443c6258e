"""What differs in the fields of a view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import msgspec

from dagster_lookml.analysis.diff.additions import new_field, new_names
from dagster_lookml.analysis.diff.aspect import Aspects
from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.diff.elsewhere import may_inherit_more, perhaps_inherited
from dagster_lookml.analysis.diff.fields import GENERATING, field_aspects
from dagster_lookml.analysis.diff.judging import gone
from dagster_lookml.analysis.diff.keys import felt_by_key
from dagster_lookml.analysis.diff.old_names import OldNames
from dagster_lookml.analysis.diff.parts import Part, added, changed, removed, renamed
from dagster_lookml.analysis.diff.reaching import felt_by
from dagster_lookml.analysis.diff.refused import RefusedFields
from dagster_lookml.analysis.diff.remaining import without_values
from dagster_lookml.analysis.diff.renames import timeframe
from dagster_lookml.analysis.diff.view_pair import Felt, ViewPair
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.semantic.fields import is_generated_by
from dagster_lookml.semantic.objects import Field, View


def field_changes(
    pair: ViewPair, old: View, new: View, following: View, old_names: OldNames, refused: RefusedFields
) -> Iterator[Change]:
    """Every difference in the fields of a view.

    Args:
        pair: the view in the two states.
        old: it in the base.
        new: it in the head.
        following: it in the base, with whatever has another name in the head called by that.
        old_names: whoever says the names that fields had before.
        refused: the fields that nobody can query in the head.
    """
    yield from _FieldChanges(pair, old, new, old_names, refused).changes({field.own_name: field for field in following.fields})


class _FieldChanges:
    """The fields of one view before and after."""

    def __init__(self, pair: ViewPair, old: View, new: View, old_names: OldNames, refused: RefusedFields) -> None:
        self.pair = pair
        self.base = pair.base
        self.head = pair.head
        self.rows = pair.rows
        self.old = old
        self.new = new
        self.old_names = old_names
        self.refused = refused

    def changes(self, following: Mapping[str, Field]) -> Iterator[Change]:
        old, new = self.old, self.new
        before = {field.own_name: field for field in old.fields}
        after = {field.own_name: field for field in new.fields}
        gone = {name: field for name, field in before.items() if name not in after}
        fresh = {name: field for name, field in after.items() if name not in before}
        for name, field in gone.items():
            yield from self._gone(field, fresh.get(self.pair.renamed.get(name, "")), following[name])
        followed = frozenset(self.pair.renamed.values())
        for name, field in fresh.items():
            if name not in followed:
                yield new_field(added(_field_part(new, field)), field, old, new, self.head)
        for name, field in before.items():
            if name in after and field != after[name]:
                yield from self._changed(field, after[name], following[name])

    def _gone(self, field: Field, successor: Field | None, following: Field) -> Iterator[Change]:
        part = _field_part(self.old, field)
        if successor is None:
            change = removed(part)
            if self.old.complete and may_inherit_more(self.new, self.head.lookup):
                change = perhaps_inherited(change)
            yield self.pair.gone(change, part.id, frozenset(field.names))
            return
        after = _field_part(self.new, successor)
        kept = {timeframe(successor, name) for name in successor.generated}
        lost = frozenset(name for name in field.generated if timeframe(field, name) not in kept)
        unnamed, named = part._replace(aspects=_unnamed(field)), after._replace(aspects=_unnamed(successor))
        rest = list(changed(unnamed, named, self.pair.compare, _unnamed(following)))
        change = renamed(part, after, same=not rest, by_alias=field.name in successor.old_names)
        is_gone = change.verdict == "breaking"
        yield (
            self.pair.gone(change, part.id, frozenset(field.names)) if is_gone else self.old_names.judged(change, field, self.new)
        )
        if lost:
            yield self.pair.gone(_without_names(part, after, lost), part.id, lost, are_some=True)
        for one in rest:
            yield self.pair.felt(one, *self._felt_in_head(after.id))

    def _changed(self, old: Field, new: Field, following: Field) -> Iterator[Change]:
        before, after = _field_part(self.old, old), _field_part(self.new, new)
        for change in changed(before, after, self.pair.compare, field_aspects(following)):
            lost = self._lost_names(old, new) if change.property in GENERATING.values() else frozenset()
            refused, failing = self.refused.judged(change, old, new, self.new)
            if failing:
                yield self.pair.with_felt(refused, partial(self.rows[1].failing, failing))
            elif lost:
                told = msgspec.structs.replace(change, verdict="breaking", reason=gone(sorted(lost)))
                yield self.pair.gone(told, before.id, lost, are_some=True)
            elif change.property == "primary_key":
                yield self.pair.felt(change, lambda: felt_by_key(self.head, self.new))
            elif change.property == "default_value":
                yield self.pair.felt(change, lambda: without_values(felt_by(self.head, (after.id,)), self.head, self.new.id, new))
            else:
                told = new_names(change, old, new, self.old, self.new, self.head)
                yield self.pair.felt(told, *self._felt_in_head(after.id)) if told is change else told

    def _felt_in_head(self, field: str) -> tuple[Felt, Felt]:
        """Who feels that a field is another one, and who feels that it cannot be queried."""
        return lambda: felt_by(self.head, (field,)), lambda: self.rows[1].failing((field,))

    def _lost_names(self, old: Field, new: Field) -> frozenset[str]:
        """The names that a group generates no more: listed ones, and of those that it need not list the mentioned (R4.9)."""
        lost = frozenset(old.names) - frozenset(new.names)
        if not old.every_timeframe or new.every_timeframe:
            return lost
        scopes = {self.new.name, *self.head.aliases_of(self.new.id)}
        mentioned = (name for scope in scopes for name in self.head.mentions.get(scope, ()))
        unlisted = {name for name in mentioned if is_generated_by(old, name)}
        return (lost | unlisted) - frozenset(new.names)


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
