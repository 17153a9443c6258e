"""What differs in models: themselves, and what their objects share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from dagster_lookml.analysis.diff.additions import new_datagroup, new_grant
from dagster_lookml.analysis.diff.change import FELT, Change
from dagster_lookml.analysis.diff.dangling import judged_by_datagroups
from dagster_lookml.analysis.diff.matching import Pair
from dagster_lookml.analysis.diff.models import datagroup_aspects, grant_aspects, model_aspects, test_aspects
from dagster_lookml.analysis.diff.parts import Kind, Part, added, changed, removed, renamed
from dagster_lookml.analysis.diff.reaching import building, felt_by
from dagster_lookml.analysis.diff.rows import Rows
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.lineage.graph import Edge
from dagster_lookml.semantic.objects import Explore, Model, View
from dagster_lookml.semantic.quoting import quoted
from dagster_lookml.source import Span
from dagster_lookml.sql.equivalence import Comparison
from dagster_lookml.sql.reading import Form


def model_changes(base: State, head: State, pairs: Iterable[Pair[Model]], rows: Rows) -> Iterator[Change]:
    """Every difference in the models of two states, and in the datagroups, access grants and tests that they hold.

    Args:
        base: the state before.
        head: the state after.
        pairs: which model is which.
        rows: of the head.
    """
    for pair in pairs:
        old, new = pair.old, pair.new
        if new is None:
            assert old is not None
            yield removed(_part(old))
        elif old is None:
            yield added(_part(new))
        else:
            yield from _Both(base, head, old, new, rows).changes()


class _Both:
    """One model before and after."""

    def __init__(self, base: State, head: State, old: Model, new: Model, rows: Rows) -> None:
        self.base = base
        self.head = head
        self.old = old
        self.new = new
        self.rows = rows

    def changes(self) -> Iterator[Change]:
        yield from self._itself()
        for change in self._parts(_datagroups(self.old), _datagroups(self.new)):
            if change.kind == "added":
                before = {view.name for view in _triggered(self.base, self.old, change)}
                views = [view for view in _triggered(self.head, self.new, change) if view.name in before]
                yield new_datagroup(change, views, self.new.name)
            else:
                yield msgspec.structs.replace(change, affected=self._of_datagroup(change))
        for change in self._parts(_grants(self.old), _grants(self.new)):
            is_new = change.kind == "added"
            yield new_grant(change, self.base, self.head, self.old, self.new) if is_new else change
        yield from self._parts(_tests(self.old), _tests(self.new))

    def _itself(self) -> Iterator[Change]:
        """What differs in the model; one of the two may only stand for a project without model files, which is no model."""
        if self.old.file is None and self.new.file is not None:
            yield added(_part(self.new))
        elif self.old.file is not None and self.new.file is None:
            yield removed(_part(self.old))
        else:
            if self.old.name != self.new.name:
                yield renamed(_part(self.old), _part(self.new))
            for one in changed(_part(self.old), _part(self.new), self.compare):
                named = [self.new.persist_with.name] if one.property == "persist_with" and self.new.persist_with else []
                change = judged_by_datagroups(one, named, [self.new])
                is_cache = change.property in ("persist_for", "persist_with")
                explores = (one for one in self._explores() if not is_cache or not _has_policy(one))
                hops = [Edge(change.id, one.id, "contains", one.span) for one in explores]
                yield msgspec.structs.replace(change, affected=self._asking(hops) if change.verdict in FELT else ())

    def compare(self, old: str, new: str, form: Form) -> Comparison:
        """Compare two SQL texts of the model."""
        return self.head.compare(old, new, form, self.new.name, None)

    def _parts(self, before: Mapping[str, Part], after: Mapping[str, Part]) -> Iterator[Change]:
        for name in dict.fromkeys((*before, *after)):
            old, new = before.get(name), after.get(name)
            if new is None and old is not None:
                yield removed(old)
            elif old is None and new is not None:
                yield added(new)
            elif old is not None and new is not None:
                yield from changed(old, new, self.compare)

    def _explores(self) -> Iterator[Explore]:
        """The explores that somebody can query."""
        found = (self.head.lookup.explores[identity] for identity in self.new.explores)
        return (one for one in found if not one.extension_required)

    def _asking(self, hops: Sequence[Edge]) -> tuple[Affected, ...]:
        """Some explores, to each of which a hop leads, and whatever asks them."""
        nodes = self.head.reach.graph.nodes
        asking = {one.node.id: one for one in felt_by(self.head, [hop.target for hop in hops])}
        found = asking | {hop.target: Affected(nodes[hop.target], (hop,)) for hop in hops if hop.target in nodes}
        return tuple(found[identity] for identity in sorted(found))

    def _cached_by(self, datagroup: str) -> Iterator[Edge]:
        """The hops from a datagroup to the explores that are cached by it (R11.4)."""
        name = datagroup.rpartition("/")[2]
        for one in self._explores():
            policy = one.persist_with if _has_policy(one) else self.new.persist_with
            if policy is not None and quoted(policy.name) == name:
                yield Edge(datagroup, one.id, "caches", policy.span)

    def _of_datagroup(self, change: Change) -> tuple[Affected, ...]:
        """The PDTs that a datagroup triggers, and what is cached by it; `max_cache_age` is of the cache alone (R11.1)."""
        if change.verdict not in FELT:
            return ()
        cached = self._asking(list(self._cached_by(change.id)))
        if change.property == "max_cache_age":
            return cached
        views = list(_triggered(self.head, self.new, change))
        built = building(change, views, self.new.name)
        felt = {one.node.id: one for one in (*self._made_of(built, views), *built, *cached)}
        return tuple(felt[identity] for identity in sorted(felt))

    def _made_of(self, built: Iterable[Affected], views: Iterable[View]) -> Iterator[Affected]:
        """Whoever reads tables that are built at other times, or what is made of them."""
        for table, view in zip(built, views, strict=True):
            for one in self.rows.felt_by(view.id):
                yield Affected(one.node, (*table.path, *one.path))


def _triggered(state: State, model: Model, change: Change) -> Iterator[View]:
    """The views of a model whose tables a datagroup builds."""
    name = change.id.rpartition("/")[2]
    for identity in model.views.values():
        derived = state.lookup.views[identity].derived_table
        persistence = derived.persistence if derived is not None else None
        if persistence is not None and persistence.kind == "datagroup_trigger" and quoted(persistence.value) == name:
            yield state.lookup.views[identity]


def _has_policy(explore: Explore) -> bool:
    return explore.persist_with is not None or "persist_for" in dict(explore.properties)


def _part(model: Model) -> Part:
    span = model.span or (Span(model.file, 0, 0) if model.file else None)
    return Part("model", f"model:{quoted(model.name)}", model.name, model_aspects(model), span)


def _datagroups(model: Model) -> dict[str, Part]:
    return {
        one.name: _held("datagroup", model, one.name, one.span)._replace(aspects=datagroup_aspects(one))
        for one in model.datagroups
    }


def _grants(model: Model) -> dict[str, Part]:
    return {
        one.name: _held("grant", model, one.name, one.span)._replace(aspects=grant_aspects(one)) for one in model.access_grants
    }


def _tests(model: Model) -> dict[str, Part]:
    return {one.name: _held("test", model, one.name, one.span)._replace(aspects=test_aspects(one)) for one in model.tests}


def _held(kind: Kind, model: Model, name: str, span: Span) -> Part:
    return Part(kind, f"{kind}:{quoted(model.name)}/{quoted(name)}", name, {}, span)
