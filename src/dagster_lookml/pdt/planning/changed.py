"""Which PDTs a change of the LookML makes Looker build anew, and which it does away with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from dagster_lookml.lineage.ids import aggregate_table_id, pdt_id
from dagster_lookml.pdt.planning.definitions import Definition, Definitions
from dagster_lookml.semantic.objects import Project

_Key = tuple[str, str]
"""A model and the name of a view in it."""


class Rebuild(msgspec.Struct, frozen=True, kw_only=True):
    """A table that is built anew.

    Attributes:
        id: of the PDT or aggregate table.
        new: there was none before.
        itself: its own definition is another.
        because: what else is: ids of PDTs and views whose tables it reads, and of fields; ``join users of explore:sales/orders``
            and the like for parts of the explore that it is a query of; sorted.
    """

    id: str
    new: bool = False
    itself: bool = False
    because: tuple[str, ...] = ()


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of the LookML does to the tables that Looker builds.

    Attributes:
        rebuilds: PDTs that are built anew, in the order of their ids.
        dropped: ids of PDTs that are there no more, sorted.
        aggregate_rebuilds: aggregate tables that are built anew, which only Looker can do; in the order of their ids.
        aggregate_dropped: ids of those that are there no more, sorted.
    """

    rebuilds: tuple[Rebuild, ...]
    dropped: tuple[str, ...]
    aggregate_rebuilds: tuple[Rebuild, ...] = ()
    aggregate_dropped: tuple[str, ...] = ()

    @property
    def states(self) -> Mapping[str, frozenset[str]]:
        """The ids of PDTs by what ``state:`` calls them: new, changed, and modified for both."""
        new = frozenset(one.id for one in self.rebuilds if one.new)
        modified = frozenset(one.id for one in self.rebuilds)
        return {"new": new, "changed": modified - new, "modified": modified}


def rebuilt(base: Project, head: Project) -> frozenset[str]:
    """The ids of the PDTs that are built anew when a project becomes another."""
    return changes(base, head).states["modified"]


def changes(base: Project, head: Project) -> Changes:
    """What becomes of the tables that Looker builds when a project becomes another.

    A table is built anew if it is new, if its definition is another, or if something is that its SQL is made of: tables that it
    reads, and for a native one what it takes from its explore. One that becomes persistent is new, and one that no longer is, is
    dropped; one that becomes or was a materialized view is built anew.

    What triggers a table is no part of its definition: Looker names tables after their SQL. But when a trigger is another, be it
    ``sql_trigger_value`` or a datagroup, Looker may find that it has fired, and rebuild the table on its next look.

    Args:
        base: the project before.
        head: the project after, whose ids are given.
    """
    before, after = Definitions(base), Definitions(head)
    old, new = before.pdts(), after.pdts()
    old_tables, new_tables = before.aggregate_tables(), after.aggregate_tables()
    read = [(model, name) for (model, *_), table in new_tables.items() for name in table.reads]
    dirty = _dirty(before, after, [*new, *read])
    rebuilds = [_rebuild(key, before, after, dirty) for key in new]
    aggregates = [
        _remade(aggregate_table_id(*key), key[0], old_tables.get(key), table, after, dirty) for key, table in new_tables.items()
    ]
    return Changes(
        rebuilds=_in_order(rebuilds),
        dropped=tuple(sorted(pdt_id(*key) for key in old.keys() - new.keys())),
        aggregate_rebuilds=_in_order(aggregates),
        aggregate_dropped=tuple(sorted(aggregate_table_id(*key) for key in old_tables.keys() - new_tables.keys())),
    )


def _in_order(rebuilds: Iterable[Rebuild | None]) -> tuple[Rebuild, ...]:
    return tuple(sorted((one for one in rebuilds if one is not None), key=lambda one: one.id))


def _rebuild(key: _Key, before: Definitions, after: Definitions, dirty: frozenset[_Key]) -> Rebuild | None:
    view = before.lookup.view(*key)
    old = before.of(*key) if view is not None and view.is_pdt else None
    new = after.of(*key)
    assert new is not None
    return _remade(pdt_id(*key), key[0], old, new, after, dirty)


def _remade(
    identity: str, model: str, old: Definition | None, new: Definition, after: Definitions, dirty: frozenset[_Key]
) -> Rebuild | None:
    """Why a table is built anew; None if it is not."""
    if old is None:
        return Rebuild(id=identity, new=True)
    because = {_name(after, (model, read)) for read in new.reads if (model, read) in dirty}
    itself = (old.table, old.built) != (new.table, new.built)
    parts = set(_differing(old, new))
    if not parts and not itself and old.surroundings != new.surroundings:  # there is nothing left that could be compared
        parts = {new.explore} if new.explore is not None else set()
        itself = not parts
    because |= parts
    return Rebuild(id=identity, itself=itself, because=tuple(sorted(because))) if itself or because else None


def _differing(old: Definition, new: Definition) -> Iterator[str]:
    """What is otherwise of that which SQL is made of, before and after; what only one of them needs follows from the rest."""
    for key in old.surroundings.keys() & new.surroundings.keys():
        if old.surroundings[key] != new.surroundings[key]:
            yield new.labels.get(key) or old.labels[key]
    both = set(old.joins) & set(new.joins)
    if [one for one in old.joins if one in both] != [one for one in new.joins if one in both]:
        yield f"the order of joins of {new.explore}"


def _name(definitions: Definitions, key: _Key) -> str:
    model, name = key
    view = definitions.lookup.view(model, name)
    if view is None:
        return f"view:{name}"
    return pdt_id(model, name) if view.is_pdt else view.id


def _dirty(before: Definitions, after: Definitions, start: Iterable[_Key]) -> frozenset[_Key]:
    """The views whose tables are others for who reads them: they are otherwise themselves, or something below them is."""
    readers: dict[_Key, list[_Key]] = {}
    seen = dict.fromkeys(start)
    waiting = list(seen)
    while waiting:
        key = waiting.pop()
        definition = after.of(*key)
        for name in sorted(definition.reads) if definition is not None else ():
            read = (key[0], name)
            readers.setdefault(read, []).append(key)
            if read not in seen:
                seen[read] = None
                waiting.append(read)
    found = {key for key in seen if _read_as(before.of(*key)) != _read_as(after.of(*key))}
    waiting = list(found)
    while waiting:
        more = [key for key in readers.get(waiting.pop(), ()) if key not in found]
        found.update(more)
        waiting += more
    return frozenset(found)


def _read_as(definition: Definition | None) -> object:
    """What a table is for who reads it; parameters count there if it is a query inside the reader's."""
    if definition is None:
        return None
    is_inside = definition.built is None
    content = {key: made for key, made in definition.surroundings.items() if not (is_inside and key[0] == "parameter")}
    return definition.table, content, definition.joins
