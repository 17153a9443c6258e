"""What a change of refinements means whose base is in a project that is not here: what the base decides nobody can tell.

Both states hold such refinements as parts of views and explores. What both write is compared as it is in whole ones, for it holds
whatever the base says (R8.4). Where only one of them writes something, the base's own holds in the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from dagster_lookml.analysis.diff.aspect import Aspects
from dagster_lookml.analysis.diff.change import FELT, Change, Verdict
from dagster_lookml.analysis.diff.explores import explore_aspects, join_aspects
from dagster_lookml.analysis.diff.fields import field_aspects
from dagster_lookml.analysis.diff.needs import names_in
from dagster_lookml.analysis.diff.reaching import felt_by, tiles_of
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.diff.views import view_aspects
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.analysis.refined import projects_without
from dagster_lookml.lineage.ids import field_id
from dagster_lookml.semantic.objects import Explore, Lookup, View
from dagster_lookml.semantic.quoting import explore_id, quoted, refined_explore_id

_REPLACED: Final = frozenset("alias allowed_value extension intervals required_access_grants timeframes".split())
"""Parameters that decide what others can use: who takes one away, or writes one over the base's, may break them."""

_SEEN: Final = "people see it, and no number depends on it"


def judged_without_base(change: Change, base: State, head: State) -> Change:
    """A change as it can be judged where the base of what changes is not here; any other change comes back as it is.

    Args:
        change: of two states with their refinements.
        base: the state before.
        head: the state after.
    """
    side, other_side = (base, head) if change.side == "base" else (head, base)
    owner = _owner(change.id, side.lookup)
    if owner is None:
        return change
    other = _same(owner, other_side.lookup)
    before, after = (owner, other) if change.side == "base" else (other, owner)
    if not _is_part(before) and not _is_part(after):
        return change
    return _Judging(change, base, head, before, after).judged()


def _owner(identity: str, lookup: Lookup) -> View | Explore | None:
    """The view or explore that an id is of, or that it is a part of."""
    kind, _, name = identity.partition(":")
    match kind:
        case "view":
            return lookup.views.get(identity)
        case "field":
            return lookup.views.get(f"view:{name.rpartition('.')[0]}")
        case "explore":
            return lookup.explores.get(identity)
        case "join":
            return lookup.explores.get(f"explore:{name.rpartition('/')[0]}")
    return None


def _same(owner: View | Explore, lookup: Lookup) -> View | Explore | None:
    """The view or explore of the same model and name in the other state."""
    if isinstance(owner, View):
        return next((one for model in owner.models if (one := lookup.view(model, owner.name)) is not None), None)
    whole = explore_id(owner.model, owner.name)
    return lookup.explores.get(whole) or lookup.explores.get(refined_explore_id(owner.model, owner.name))


def _is_part(one: View | Explore | None) -> bool:
    return one is not None and one.written is not None


class _Judging:
    """One change, and the view or explore that it is of in both states."""

    def __init__(
        self, change: Change, base: State, head: State, before: View | Explore | None, after: View | Explore | None
    ) -> None:
        self.change = change
        self.base = base
        self.head = head
        self.before = before
        self.after = after

    def judged(self) -> Change:
        match self.change.kind:
            case "removed":
                return self._removed()
            case "added":
                return self._added()
            case "renamed":
                return self._renamed()
            case "changed":
                return self._changed()

    def _removed(self) -> Change:
        if not _is_part(self.after) and self.after is not None:
            return self.change
        part = self.after if _is_part(self.after) else self.before
        is_whole = self.before is not None and self.change.id == self.before.id
        if is_whole and self._is_metadata(self.before):
            return self._told("metadata only", _SEEN)
        left = "is left of it alone" if is_whole else "may have it too"
        return self._told("unknown", f"{self._base_of(part)} {left}")

    def _added(self) -> Change:
        if self._is_metadata(self.after):
            return self._told("metadata only", _SEEN)
        part, has = (self.after, "may have it") if _is_part(self.after) else (self.before, "may have had it")
        return self._felt(self._told("numbers may change", f"{self._base_of(part)} {has} otherwise"))

    def _renamed(self) -> Change:
        if self.change.verdict != "breaking" or not _is_part(self.after):
            return self.change
        kind = self.change.id.partition(":")[0]
        reason = f"all else of this {kind} is the same; {self._base_of(self.after)} may have the old name too"
        return self._told("unknown", reason)

    def _changed(self) -> Change:
        change, replaced = self.change, self.change.property in _REPLACED
        if change.property == "fields":
            return self._offered()
        if change.new is None and change.old is not None and _is_part(self.after):
            if change.verdict == "metadata only" and not replaced:
                return change
            return self._felt(self._told("unknown", f"{self._base_of(self.after)} decides it now"))
        if change.old is None and change.new is not None and _is_part(self.before):
            reason = f"{self._base_of(self.before)} decided it before"
            if replaced:
                return self._felt(self._told("unknown", reason))
            return self._told(change.verdict, reason) if change.verdict == "numbers may change" else change
        return change

    def _offered(self) -> Change:
        """Another list of fields, which is the base's own where a refinement has none (R8.10)."""
        has_list = [one is not None and (one.written is None or "fields" in one.written) for one in (self.before, self.after)]
        if all(has_list) or self.change.verdict != "breaking":
            return self.change
        part, verb = (self.before, "decided it before") if has_list[1] else (self.after, "decides it now")
        return self._told("unknown", f"{self._base_of(part)} {verb}")

    def _told(self, verdict: Verdict, reason: str) -> Change:
        affected = self.change.affected if verdict in FELT else ()
        return msgspec.structs.replace(self.change, verdict=verdict, reason=reason, affected=affected)

    def _base_of(self, part: View | Explore | None) -> str:
        """The base, and where it is, in words."""
        assert part is not None
        state = self.head if part is self.after else self.base
        return f"its base, {projects_without(part, state.lookup.models)},"

    # -- what it says --------------------------------------------------------------------------------------------------

    def _is_metadata(self, owner: View | Explore | None) -> bool:
        """Whether nothing is said of the object of the change but what people read."""
        return owner is not None and all(
            one.nature == "metadata" or name == "kind" for aspects in self._of(owner) for name, one in aspects.items()
        )

    def _of(self, owner: View | Explore) -> Iterator[Aspects]:
        is_all = self.change.id == owner.id
        if isinstance(owner, View):
            if is_all:
                yield view_aspects(owner)
            fields = (one for one in owner.fields if is_all or field_id(owner.id, one.own_name) == self.change.id)
            yield from map(field_aspects, fields)
        else:
            if is_all:
                yield explore_aspects(owner)
            joins = (one for one in owner.joins if is_all or self.change.id.endswith(f"/{quoted(one.name)}"))
            yield from map(join_aspects, joins)

    # -- who feels it --------------------------------------------------------------------------------------------------

    def _felt(self, change: Change) -> Change:
        """With who feels it, where that was not asked before; what is new itself feels nothing."""
        if change.affected:
            return change
        nodes = self.base.reach.graph.nodes
        found = tuple(one for one in self._feeling() if one.node.id in nodes or one.node.kind == "explore")
        return msgspec.structs.replace(change, affected=found)

    def _feeling(self) -> tuple[Affected, ...]:
        owner = self.after
        if not isinstance(owner, Explore) or self.change.id == owner.id:
            return felt_by(self.head, (self.change.id,))
        alias = next((one.name for one in owner.joins if self.change.id.endswith(f"/{quoted(one.name)}")), "")
        return tiles_of(self.head, owner, lambda query: any(name.startswith(f"{alias}.") for name in names_in(query)))
