"""What differs in explores: their own parameters, their joins, and the fields that they offer."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Final

import msgspec

from dagster_lookml.analysis.diff.aggregates import Aggregated
from dagster_lookml.analysis.diff.asking import AskingAnother
from dagster_lookml.analysis.diff.change import FELT, Change
from dagster_lookml.analysis.diff.dangling import NamesOfExplore, breaking, judged_by_datagroups, judged_by_names
from dagster_lookml.analysis.diff.elsewhere import may_inherit_more, perhaps_inherited
from dagster_lookml.analysis.diff.explores import AGGREGATE_TABLE, explore_aspects, join_aspects
from dagster_lookml.analysis.diff.following import Names
from dagster_lookml.analysis.diff.matching import Pair
from dagster_lookml.analysis.diff.needs import names_in, names_in_native
from dagster_lookml.analysis.diff.parts import Part, added, changed, removed, renamed, weight
from dagster_lookml.analysis.diff.reaching import felt_by, tiles_of
from dagster_lookml.analysis.diff.remaining import still_feeling
from dagster_lookml.analysis.diff.renames import with_renames
from dagster_lookml.analysis.diff.renaming import RenamedViews, Renaming, under
from dagster_lookml.analysis.diff.rows import Rows
from dagster_lookml.analysis.diff.scoped import scoped_explore
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.analysis.listing import listed
from dagster_lookml.lineage.graph import Edge
from dagster_lookml.semantic.field_lists import aliases, available_fields
from dagster_lookml.semantic.objects import Explore, Join, NativeQuery
from dagster_lookml.semantic.quoting import quoted
from dagster_lookml.sql.equivalence import Comparison
from dagster_lookml.sql.reading import Form

_SAVED: Final = "no tile or table here does so, and what people saved may"


def explore_changes(
    base: State, head: State, pairs: Iterable[Pair[Explore]], renaming: Renaming, rows: tuple[Rows, Rows]
) -> Iterator[Change]:
    """Every difference in the explores of two states.

    Args:
        base: the state before.
        head: the state after.
        pairs: which explore is which.
        renaming: the fields that have other names.
        rows: of the two states.
    """
    for pair in pairs:
        yield from _ExplorePair(base, head, pair, renaming, rows).changes()


def with_renamed_explores(pairs: Iterable[Pair[Explore]], views: RenamedViews) -> Iterator[Pair[Explore]]:
    """Pairs in which an explore that is gone and a new one, which are the same but for the name, are one.

    Args:
        pairs: by names.
        views: those that have other names; who follows them is the same.
    """
    return with_renames(pairs, lambda explore, pair: _substance(explore, pair, views))


def _substance(explore: Explore, pair: Pair[Explore], views: RenamedViews) -> Hashable:
    if explore.written is not None:  # refinements of another base are others
        return explore.id
    followed = (views if explore is pair.old else RenamedViews(())).explore(explore, {explore.base_alias: ""})
    told = {key: (one.nature, one.items) for key, one in explore_aspects(followed).items() if key != "view_name"}
    joins = tuple((join.name, join.view_name, join.sql) for join in followed.joins)
    return pair.models, tuple(sorted(told.items())), joins, followed.fields


class _ExplorePair:
    """One explore before and after."""

    def __init__(self, base: State, head: State, pair: Pair[Explore], renaming: Renaming, rows: tuple[Rows, Rows]) -> None:
        self.base = base
        self.head = head
        self.old = pair.old
        self.new = pair.new
        self.renaming = renaming
        self.rows = rows

    def changes(self) -> Iterator[Change]:
        old, new = self.old, self.new
        if new is None:
            assert old is not None
            yield self._gone(removed(_explore_part(old)), old)
        elif old is None:
            yield added(_explore_part(new))
        else:
            rest = list(self._both(old, new))
            if old.name != new.name:
                yield self._gone(renamed(_explore_part(old), _explore_part(new), same=not rest), old)
            yield from rest

    def _both(self, old: Explore, new: Explore) -> Iterator[Change]:
        following = self.renaming.explore(old)
        if old.base_alias == old.name and new.base_alias == new.name:  # the name that is told of
            following = msgspec.structs.replace(following, base_alias=new.name)
        known, model = NamesOfExplore(new, self.head.lookup, offered=False), self.head.lookup.models[new.model]
        for change in self._itself(old, new, following):
            told = judged_by_datagroups(judged_by_names(change, known), _datagroups(change, new), [model])
            if change.property == "view" and new.base_view is None:
                told = breaking(change, [new.base_view_name])
            elif change.property == "extends":
                told = breaking(change, [name for name in new.missing_parents if name not in old.missing_parents])
            is_table = change.property.startswith(AGGREGATE_TABLE)
            felt = self._answered_by(change, following, new) if is_table else felt_by(self.head, (new.id,))
            yield self._with(told, felt)
        names = self.renaming.aliases(old)
        yield from self._joins(old, new, {join.name: join for join in following.joins}, names)
        yield from self._offer(old, new, names)

    def _itself(self, old: Explore, new: Explore, following: Explore) -> list[Change]:
        """The changes of the explore but for its joins, in which the alias of its base view may be written or not."""
        found = list(changed(_explore_part(old), _explore_part(new), self.compare, explore_aspects(following)))
        if not found:
            return found
        before, after = scoped_explore(old), scoped_explore(new)
        followed = explore_aspects(self.renaming.explore(before))
        scoped = list(changed(_explore_part(before), _explore_part(after), self.compare, followed))
        return min(found, scoped, key=weight)

    def _answered_by(self, change: Change, following: Explore, new: Explore) -> tuple[Affected, ...]:
        """What an aggregate table answers, or did so: its rows are as old as the table (R5.20)."""
        name = change.property.removeprefix(AGGREGATE_TABLE)
        tables = (one for explore in (following, new) for one in explore.aggregate_tables if one.name == name)
        aggregated = [Aggregated(one, new, self.head.lookup) for one in tables]

        def answers(names: frozenset[str]) -> bool:
            return any(one.answers(names) for one in aggregated)

        found = {one.node.id: one for one in tiles_of(self.head, new, lambda query: answers(names_in(query)))}
        for view, query in self.head.reach.native_tables.get(new.id, ()):
            hop = Edge(new.id, view.id, "derives", query.span)
            for one in self.rows[1].felt_by(view.id) if answers(names_in_native(query)) else ():
                found.setdefault(one.node.id, Affected(one.node, (hop, *one.path)))
        return tuple(found[identity] for identity in sorted(found))

    def compare(self, old: str, new: str, form: Form) -> Comparison:
        """Compare two SQL texts of the explore."""
        model = self.new.model if self.new is not None else ""
        return self.head.compare(old, new, form, model, None)

    def _gone(self, change: Change, old: Explore) -> Change:
        names = frozenset(name for one in aliases(old).values() if one for name in self.base.lookup.names_by_view[one])
        found = felt_by(self.base, (old.id,), AskingAnother(old, self.base, self.head).cuts)
        affected = still_feeling(found, self.base, self.head, names)
        reason = f"{change.reason}; {_SAVED}" if change.kind == "renamed" and not affected else change.reason
        return msgspec.structs.replace(change, affected=affected, reason=reason)

    @staticmethod
    def _with(change: Change, affected: tuple[Affected, ...]) -> Change:
        return msgspec.structs.replace(change, affected=affected) if change.verdict in FELT else change

    # -- joins ---------------------------------------------------------------------------------------------------------

    def _joins(self, old: Explore, new: Explore, following: Mapping[str, Join], names: Names) -> Iterator[Change]:
        before = {join.name: join for join in old.joins}
        after = {join.name: join for join in new.joins}
        for name in before:
            if name in after or names.get(name) in after:
                yield from self._join_kept(old, before[name], new, after[names.get(name, name)], following[name])
            else:
                gone = removed(_join_part(old, before[name]))
                if old.complete and may_inherit_more(new, self.head.lookup):
                    gone = perhaps_inherited(gone)
                yield self._with(gone, self._losing(old, name))
        followed = frozenset(names.values())
        yield from (added(_join_part(new, join)) for name, join in after.items() if name not in before and name not in followed)

    def _join_kept(self, old: Explore, join: Join, new: Explore, other: Join, following: Join) -> Iterator[Change]:
        """A join that is still there, perhaps under another name."""
        if join == other:
            return
        before, after, called = _join_part(old, join), _join_part(new, other), under(following, other.name)
        rest = list(changed(before, after, self.compare, join_aspects(called)))
        if join.name != other.name:
            change = renamed(before, after, same=not rest and called.fields == other.fields)
            yield self._with(change, self.rows[1].of_join(new, join.name))  # who does not follow
        for change in rest:
            yield self._with(self._judged(change, new, other), self.rows[1].of_join(new, other.name))

    def _judged(self, change: Change, new: Explore, join: Join) -> Change:
        if change.property == "view" and join.view is None and join.join_sql is None:
            return breaking(change, [join.view_name])
        return judged_by_names(change, NamesOfExplore(new, self.head.lookup, offered=False))

    def _losing(self, old: Explore, join: str) -> tuple[Affected, ...]:
        """What used a join in the base that is gone, and has not been changed to go without."""
        names = frozenset(self._names_of(self.base, old, join))
        return still_feeling(self.rows[0].of_join(old, join), self.base, self.head, names)

    @staticmethod
    def _names_of(state: State, explore: Explore, alias: str) -> Iterable[str]:
        view = aliases(explore).get(alias)
        return state.lookup.names_by_view.get(view or "", ())

    # -- the fields that are offered -----------------------------------------------------------------------------------

    def _offer(self, old: Explore, new: Explore, renamed_joins: Names) -> Iterator[Change]:
        """Fields that the lists of the explore, of its joins or of sets offer no more (R4.38-R4.40)."""
        if old.extension_required or new.extension_required:
            return
        before = available_fields(old, self.base.lookup.views, self.base.lookup.names_by_view)
        after = available_fields(new, self.head.lookup.views, self.head.lookup.names_by_view)
        lost: list[str] = []
        gained: list[str] = []
        for former, names in before.items():
            alias = renamed_joins.get(former, former)
            if alias in after:
                was, now = self._all(self.base, old, former), self._all(self.head, new, alias)
                lost += sorted(f"{alias}.{name}" for name in names - after[alias] if name in now)
                gained += sorted(f"{alias}.{name}" for name in after[alias] - names if name in was)
        if lost or gained:
            yield self._offered(new, lost, gained)

    def _offered(self, new: Explore, lost: list[str], gained: list[str]) -> Change:
        span = new.fields[0].span if new.fields else new.span
        change = Change(
            id=new.id,
            kind="changed",
            property="fields",
            old=", ".join(lost) or None,
            new=", ".join(gained) or None,
            verdict="breaking" if lost else "metadata only",
            reason=f"it offers {listed(lost)} no more" if lost else f"it offers {listed(gained)} too",
            span=span,
        )
        names = frozenset(lost)
        tiles = tiles_of(self.head, new, lambda query: bool(names & names_in(query)), names)
        tables = (view for view, query in self.head.reach.native_tables.get(new.id, ()) if names & _asked(query, new))
        further = (one for view in tables for one in self.rows[1].felt_by(view.id))
        return self._with(change, tuple({one.node.id: one for one in (*further, *tiles)}.values()))

    @staticmethod
    def _all(state: State, explore: Explore, alias: str) -> frozenset[str]:
        view = aliases(explore).get(alias)
        return frozenset(state.lookup.names_by_view.get(view or "", ()))


def _datagroups(change: Change, explore: Explore) -> list[str]:
    """The datagroups that what has changed names in the head."""
    if change.property == "persist_with":
        return [explore.persist_with.name] if explore.persist_with is not None else []
    tables = [one for one in explore.aggregate_tables if change.property == f"{AGGREGATE_TABLE}{one.name}"]
    triggers = [table.persistence for table in tables if table.persistence is not None]
    return [one.value for one in triggers if one.kind == "datagroup_trigger"]


def _asked(query: NativeQuery, explore: Explore) -> frozenset[str]:
    """What a native derived table takes from its explore, as ``alias.field`` (R5.6)."""
    return frozenset(one if "." in one else f"{explore.base_alias}.{one}" for one in names_in_native(query))


def _explore_part(explore: Explore) -> Part:
    return Part("explore", explore.id, explore.name, explore_aspects(explore), explore.span)


def _join_part(explore: Explore, join: Join) -> Part:
    identity = f"join:{explore.id.removeprefix('explore:')}/{quoted(join.name)}"
    return Part("join", identity, join.name, join_aspects(join), join.span)
