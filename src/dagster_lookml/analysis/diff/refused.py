"""Fields that no query can have: for a measure where none may stand (R4.17), for themselves (R4.25), for having no SQL left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

import msgspec

from dagster_lookml.analysis.checks.measures import misplaced, read_measures
from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.semantic.objects import Field, View
from dagster_lookml.semantic.references import says_nothing

_DECIDING: Final = frozenset({"kind", "type"})
"""What decides, beside its SQL, which references a field may have and who may refer to it."""
_NOTHING: Final = "nothing is left of its SQL, and a query that it stands in is rejected"


class _Refusal(NamedTuple):
    """A field that nobody can query, for a reference that it has."""

    field: str
    written: str
    reason: str


class RefusedFields:
    """The fields that cannot be queried in the head for what they refer to, and could in the base.

    Args:
        base: the state before.
        head: the state after.
    """

    def __init__(self, base: State, head: State) -> None:
        self._base = base
        self._head = head

    def judged(self, change: Change, old: Field, new: Field, view: View) -> tuple[Change, tuple[str, ...]]:
        """A change of a field, which breaks if the field or whoever reads it is refused for that, with the ids of those fields.

        Args:
            change: of one of its parameters.
            old: the field in the base.
            new: it in the head.
            view: it is of, in the head.
        """
        is_sql = change.property.startswith("sql")
        if change.property == "sql" and _says_less(change, new):
            return msgspec.structs.replace(change, verdict="breaking", reason=_NOTHING), (field_id(view.id, new.own_name),)
        if change.verdict == "breaking" or change.kind != "changed" or not (is_sql or change.property in _DECIDING):
            return change, ()
        had = {(one.field, one.written) for one in self._by_field_in_base.get(id(old), ())}
        found = [one for one in self._by_field.get(id(new), ()) if (one.field, one.written) not in had]
        if is_sql:
            found = [one for one in found if one.field == change.id] or list(self._circle(old, new, view))
        if not found:
            return change, ()
        told = msgspec.structs.replace(change, verdict="breaking", reason=found[0].reason)
        return told, tuple(dict.fromkeys(one.field for one in found))

    @cached_property
    def _by_field(self) -> Mapping[int, list[_Refusal]]:
        return _by_field(self._head)

    @cached_property
    def _by_field_in_base(self) -> Mapping[int, list[_Refusal]]:
        return _by_field(self._base)

    def _circle(self, old: Field, new: Field, view: View) -> Iterator[_Refusal]:
        way = _way_back(self._head, view, new)
        before = self._base.lookup.views.get(view.id)
        if way and not (before is not None and _way_back(self._base, before, old)):
            yield _Refusal(field_id(view.id, new.own_name), "", f"it leads back to itself: {' -> '.join(way)}")


def _says_less(change: Change, field: Field) -> bool:
    """Whether nothing is left of the SQL of a field that stands in a query; rows are counted whatever the SQL says (R4.18)."""
    is_written = field.kind in ("dimension", "dimension_group") or (field.kind == "measure" and field.type != "count")
    had = change.old is None or not says_nothing(change.old)
    return is_written and had and change.new is not None and says_nothing(change.new)


def _by_field(state: State) -> dict[int, list[_Refusal]]:
    """Every measure that stands where none may, by the field that reads it and by itself.

    A field that several views inherit is one object.
    """
    found: dict[int, list[_Refusal]] = {}
    for view, use, target in read_measures(state.uses):
        wrong = misplaced(view, use, target)
        if wrong is not None and wrong.is_sure:
            refusal = _Refusal(field_id(view.id, use.field.own_name), use.reference.written, wrong.message)
            for one in (use.field, target):
                found.setdefault(id(one), []).append(refusal)
    return found


def _way_back(state: State, view: View, field: Field) -> list[str]:
    """The names of the fields on the shortest way by which the SQL of one leads back to it; empty where it does not."""
    start = (view.id, field.own_name)
    before: dict[tuple[str, str], tuple[str, str]] = {}
    row = [(view, field)]
    while row and start not in before:
        after: list[tuple[View, Field]] = []
        for reader, one in row:
            for other, target in _read(state, reader, one):
                if (other.id, target.own_name) not in before:
                    before[other.id, target.own_name] = (reader.id, one.own_name)
                    after.append((other, target))
        row = after
    if start not in before:
        return []
    way = [start, before[start]]
    while way[-1] != start:
        way.append(before[way[-1]])
    return [f"{state.lookup.views[identity].name}.{name}" for identity, name in reversed(way)]


def _read(state: State, view: View, field: Field) -> Iterator[tuple[View, Field]]:
    """The fields that the SQL of a field surely reads, each with its view; Liquid may leave some out."""
    names, beside = state.uses.names, state.uses.beside(view) or {}
    for use in names.sql_of(field):
        views = (view,) if use.scope is None else beside.get(use.scope, ())
        for other in views if "{%" not in use.text.value and not use.reference.is_table else ():
            target = names.field(other, use.name) if other is not None else None
            if other is not None and target is not None and names.is_told_apart(target):
                yield other, target
