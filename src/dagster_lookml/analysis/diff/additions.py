"""What is new, and was named before it was there or decides what others give: that does change something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

import msgspec

from dagster_lookml.analysis.diff.aspect import COUNTED_ONCE
from dagster_lookml.analysis.diff.change import Change, Verdict
from dagster_lookml.analysis.diff.keys import felt_by_key
from dagster_lookml.analysis.diff.needs import names_in
from dagster_lookml.analysis.diff.reaching import building, felt_by, tiles_of
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.analysis.listing import listed
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.semantic.objects import Field, Model, TileQuery, View
from dagster_lookml.semantic.quoting import quoted

_MEANT: Final = "{} meant another field of the view before"


def new_field(change: Change, field: Field, old: View, new: View, head: State) -> Change:
    """The change that a field is new.

    Args:
        change: as of something that nothing used.
        field: it.
        old: its view in the base.
        new: its view in the head.
        head: the state after.
    """
    if taken := sorted(set(field.names) & names_of_others(old, field)):
        return _serious(change, "numbers may change", _MEANT.format(listed(taken)), naming(head, new, taken))
    if field.primary_key:
        return _serious(change, "numbers may change", f"it decides {COUNTED_ONCE}", felt_by_key(head, new))
    return change


def new_names(change: Change, field: Field, now: Field, old: View, new: View, head: State) -> Change:
    """The change that a dimension group generates more names.

    Args:
        change: of any parameter of a field.
        field: it in the base.
        now: it in the head.
        old: its view in the base.
        new: its view in the head.
        head: the state after.
    """
    if change.verdict != "metadata only" or change.property not in ("timeframes", "intervals"):
        return change
    taken = sorted((set(now.names) - set(field.names)) & names_of_others(old, field))
    if not taken:
        return change
    return _serious(change, "numbers may change", _MEANT.format(listed(taken)), naming(head, new, taken))


def names_of_others(view: View, field: Field) -> set[str]:
    """Every name that means a field of a view which is not the one at hand: an ``alias`` does so too (R4.43)."""
    others = [one for one in view.fields if one.own_name != field.own_name]
    old = (name for one in others for name in one.old_names)
    return {*old, *(name for one in others for name in one.names)}


def naming(state: State, view: View, names: Iterable[str]) -> tuple[Affected, ...]:
    """The tiles that name some names of a view, and their dashboards."""
    found: dict[str, Affected] = {}
    for seat in state.reach.seats.get(view.id, ()):
        asked = frozenset(f"{seat.alias}.{name}" for name in names)
        for one in tiles_of(state, seat.explore, partial(_names_any, asked), asked):
            found.setdefault(one.node.id, one)
    return tuple(found[one] for one in sorted(found))


def _names_any(names: frozenset[str], query: TileQuery) -> bool:
    return bool(names & names_in(query))


def new_datagroup(change: Change, triggered: Iterable[View], model: str) -> Change:
    """The change that a model has a new datagroup.

    Args:
        change: as of something that nothing used.
        triggered: the views whose tables it builds, and that named it before.
        model: its name.
    """
    felt = building(change, triggered, model)
    return _serious(change, "numbers may change", "tables that name it already are built when it says", felt) if felt else change


def new_grant(change: Change, base: State, head: State, old: Model, new: Model) -> Change:
    """The change that a model has a new access grant; to require one that there is not is an error (R13.2).

    Args:
        change: as of something that nothing used.
        base: the state before.
        head: the state after.
        old: the model before.
        new: the model after.
    """
    name = change.id.rpartition("/")[2]
    if not any(True for _ in _requiring(base, old, name)):
        return change
    reason = "it is required already, and who could see that before is not told by the LookML"
    return _serious(change, "unknown", reason, felt_by(head, _requiring(head, new, name)))


def _requiring(state: State, model: Model, grant: str) -> Iterator[str]:
    """The ids of what requires an access grant in a model."""
    for view in (state.lookup.views[identity] for identity in model.views.values()):
        if any(quoted(one.name) == grant for one in view.access_grants):
            yield view.id
        for field in view.fields:
            if any(quoted(one.name) == grant for one in field.access_grants):
                yield field_id(view.id, field.own_name)
    for explore in (state.lookup.explores[identity] for identity in model.explores):
        required = (*explore.access_grants, *(one for join in explore.joins for one in join.access_grants))
        if any(quoted(one.name) == grant for one in required):
            yield explore.id


def _serious(change: Change, verdict: Verdict, reason: str, felt: tuple[Affected, ...]) -> Change:
    return msgspec.structs.replace(change, verdict=verdict, reason=reason, affected=felt)
