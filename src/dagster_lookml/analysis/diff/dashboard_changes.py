"""What differs in dashboards, their filters and their tiles."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Final

import msgspec

from dagster_lookml.analysis.diff.aspect import Aspects
from dagster_lookml.analysis.diff.change import FELT, Change
from dagster_lookml.analysis.diff.dangling import NamesOfExplore, breaking, perhaps
from dagster_lookml.analysis.diff.dashboards import dashboard_aspects, filter_aspects, tile_aspects
from dagster_lookml.analysis.diff.matching import Pair
from dagster_lookml.analysis.diff.naming import named
from dagster_lookml.analysis.diff.needs import names_in
from dagster_lookml.analysis.diff.parts import Part, added, changed, removed, renamed
from dagster_lookml.analysis.diff.renames import same_but_named
from dagster_lookml.analysis.diff.renaming import Renaming
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.lineage.graph import Edge
from dagster_lookml.lineage.ids import tile_id
from dagster_lookml.semantic.dashboards import named_in_result, result_names, result_sorts
from dagster_lookml.semantic.objects import Dashboard, DashboardFilter, Element
from dagster_lookml.semantic.quoting import quoted
from dagster_lookml.sql.equivalence import Comparison
from dagster_lookml.sql.reading import Form

_NO_VALUE: Final = frozenset(('""', "null", ""))
"""A filter with such a default lets everything through."""


def dashboard_changes(head: State, pairs: Iterable[Pair[Dashboard]], renaming: Renaming) -> Iterator[Change]:
    """Every difference in the dashboards of two states.

    Args:
        head: the state after.
        pairs: which dashboard is which.
        renaming: the fields that have other names.
    """
    for pair in pairs:
        found = _changes(head, pair, renaming)
        yield from found if pair.models else map(_of_no_model, found)


def _changes(head: State, pair: Pair[Dashboard], renaming: Renaming) -> Iterator[Change]:
    old, new = pair.old, pair.new
    if new is None:
        assert old is not None
        yield removed(_part(old))
    elif old is None:
        yield added(_part(new))
    elif old != new:
        yield from _Both(head, old, new, renaming.dashboard(old)).changes()


def _of_no_model(change: Change) -> Change:
    """A change of a dashboard that nobody can open (R2.23)."""
    return msgspec.structs.replace(change, verdict="metadata only", reason="no model includes this dashboard", affected=())


class _Both:
    """One dashboard before and after."""

    def __init__(self, head: State, old: Dashboard, new: Dashboard, following: Dashboard) -> None:
        self.head = head
        self.old = old
        self.new = new
        pairs = zip(old.elements, following.elements, strict=True)
        self.following = {one.name: tile_aspects(other) for one, other in pairs if one is not other}

    def changes(self) -> Iterator[Change]:
        for change in changed(_part(self.old), _part(self.new), self.compare):
            yield self._felt(change, self.new.elements if change.verdict == "numbers may change" else ())
        yield from self._filters(_filters(self.old), _filters(self.new))
        yield from self._tiles(_tiles(self.old), _tiles(self.new))

    def compare(self, old: str, new: str, form: Form) -> Comparison:
        """A dashboard holds no SQL; what custom fields say is compared as text."""
        return self.head.compare(old, new, form, self.new.model or "", None)

    def _filters(self, before: dict[str, Part], after: dict[str, Part]) -> Iterator[Change]:
        for name, part in before.items():
            if name not in after:
                yield self._felt(removed(part), self._listening(part.name))
            else:
                for change in changed(part, after[name], self.compare):
                    yield self._felt(change, self._listening(part.name))
        yield from (self._new_filter(part) for name, part in after.items() if name not in before)

    def _new_filter(self, part: Part) -> Change:
        """A filter that tiles may have listened to before it was there (R12.9)."""
        change, value = added(part), part.aspects.get("default_value")
        known = frozenset(one.name for one in self.old.elements if _listens(one, part.name))
        waiting = [one for one in self._listening(part.name) if one.name in known]
        if not waiting or value is None or value.text in _NO_VALUE:
            return change
        reason = "tiles listen to it already, and it has a value"
        return self._felt(msgspec.structs.replace(change, verdict="numbers may change", reason=reason), waiting)

    def _listening(self, name: str) -> tuple[Element, ...]:
        """The tiles that a filter reaches, or would."""
        return tuple(one for one in self.new.elements if _listens(one, name))

    def _tiles(self, before: dict[str, Element], after: dict[str, Element]) -> Iterator[Change]:
        gone = {name: _substance(one) for name, one in before.items() if name not in after}
        fresh = {name: _substance(one) for name, one in after.items() if name not in before}
        names = same_but_named(gone, fresh)
        for name in gone:
            part = _tile_part(self.old, before[name])
            if name not in names:
                yield self._felt(removed(part), ())
            elif before[name].written_name is not None or after[names[name]].written_name is not None:
                yield renamed(part, _tile_part(self.new, after[names[name]]))
        followed = frozenset(names.values())
        yield from (added(_tile_part(self.new, one)) for name, one in after.items() if name in fresh and name not in followed)
        for name, one in before.items():
            if name in after and one != after[name]:
                parts = _tile_part(self.old, one), _tile_part(self.new, after[name])
                missing, absent = self._missing(one, after[name]), self._absent(one, after[name])
                for change in changed(*parts, self.compare, self._following(*parts)):
                    written = f"{change.property} {change.new}"
                    told = breaking(change, (each for each in missing if each in written))
                    yield self._felt(perhaps(told, (each for each in absent if each in written)), (after[name],))
                yield from (self._felt(lost, (after[name],)) for lost in self._lost_sorts(one, after[name]))

    def _following(self, old: Part, new: Part) -> Aspects | None:
        """The tile with the names that fields have in the head; what is as it was has not followed, whatever else has."""
        following = self.following.get(old.name)
        if following is None:
            return None
        as_it_was = {key: one for key, one in old.aspects.items() if new.aspects.get(key) == one}
        return {**following, **as_it_was}

    def _lost_sorts(self, old: Element, new: Element) -> Iterator[Change]:
        """Names that merged queries were sorted by, and that are no more those of any field of theirs (R12.10)."""
        known, left = result_names(old.queries), result_names(new.queries)
        kept = set(result_sorts(old))
        for name in result_sorts(new):
            if name in kept and name in known and name not in left and self._is_gone(name, new):
                yield Change(
                    id=tile_id(self.new.id, new),
                    kind="changed",
                    property="sorts",
                    old=name,
                    new=None,
                    verdict="numbers may change",
                    reason=f"it is sorted by `{name}`, which none of its queries has any more",
                    span=new.span,
                )

    def _is_gone(self, name: str, element: Element) -> bool:
        queries, field = named_in_result(name, element.queries)
        explores = [self.head.lookup.explores.get(query.explore or "") for query in queries]
        known = [NamesOfExplore(one, self.head.lookup, offered=False) for one in explores if one is not None]
        return len(known) == len(explores) and "." in field and not any(_has(one, field) for one in known)

    def _missing(self, old: Element, new: Element) -> list[str]:
        """The explores and fields that a tile names now and did not name before, and that are not there (R12.5, R12.6)."""
        known = {one.written for one in old.queries} | {name for one in old.queries for name in names_in(one)}
        found: list[str] = []
        for query in new.queries:
            explore = self.head.lookup.explores.get(query.explore or "")
            model = self.head.lookup.models.get(query.model or self.new.model or "")
            if explore is None:
                found += [query.written] if model is not None and not model.missing_projects else []
                continue
            names = NamesOfExplore(explore, self.head.lookup, offered=True)
            found += (one for one in sorted(names_in(query)) if "." in one and "{" not in one and not _has(names, one))
        return [one for one in found if one not in known]

    def _absent(self, old: Element, new: Element) -> list[str]:
        """The explores that a tile asks now and did not ask before, and that may be in a project that is not here."""
        known = {one.written for one in old.queries}
        models = self.head.lookup.models
        found = (one for one in new.queries if one.explore is None and one.written not in known)
        return [
            one.written
            for one in found
            if (model := models.get(one.model or self.new.model or "")) is None or model.missing_projects
        ]

    def _felt(self, change: Change, tiles: Iterable[Element]) -> Change:
        """Whoever opens the dashboard feels it, and some of its tiles do."""
        if change.verdict not in FELT:
            return change
        nodes = self.head.reach.graph.nodes
        found: list[Affected] = []
        for one in tiles:
            node = nodes.get(tile_id(self.new.id, one))
            if node is not None:
                found.append(Affected(node, (Edge(change.id, node.id, "tile", one.span),) if change.id != node.id else ()))
        if self.new.id in nodes:
            found.append(Affected(nodes[self.new.id], (Edge(change.id, self.new.id, "contains", change.span),)))
        return msgspec.structs.replace(change, affected=tuple(found))


def _listens(element: Element, name: str) -> bool:
    return any(source.name == name for query in element.queries for source, _ in query.listen)


def _has(names: NamesOfExplore, name: str) -> bool:
    alias, _, field = name.partition(".")
    return names.has(alias, field)


def _part(dashboard: Dashboard) -> Part:
    return Part("dashboard", dashboard.id, dashboard.name, dashboard_aspects(dashboard), dashboard.span)


def _filter_part(dashboard: Dashboard, one: DashboardFilter) -> Part:
    identity = f"filter:{dashboard.id.removeprefix('dashboard:')}/{quoted(one.name)}"
    return Part("filter", identity, one.name, filter_aspects(one), one.span)


def _filters(dashboard: Dashboard) -> dict[str, Part]:
    return named((_filter_part(dashboard, one) for one in dashboard.filters), lambda part: part.name)


def _tile_part(dashboard: Dashboard, element: Element) -> Part:
    return Part("tile", tile_id(dashboard.id, element), element.name, tile_aspects(element), element.span)


def _tiles(dashboard: Dashboard) -> dict[str, Element]:
    """The tiles by name. One without is known by what it is, as its number changes with those before it."""
    return named(dashboard.elements, lambda one: one.name if one.written_name is not None else f"#{_substance(one)}")


def _substance(element: Element) -> Hashable:
    return tuple(sorted((key, one.items) for key, one in tile_aspects(element).items()))
