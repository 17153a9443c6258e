"""What differs between two states of a dbt project: which relation became which, and what became of its columns."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

from dagster_lookml.analysis.diff.renames import paired, same_but_named
from dagster_lookml.lineage.dbt import DbtTables
from dagster_lookml.source.dbt import DbtProject, DbtRelation

_SIMILAR: Final = 0.6
"""From which share of common letters on one name may be another's successor: what `difflib` itself takes for close."""
_COMPARED: Final = 50 * 50
"""How many pairs of names are compared letter by letter."""


class Match(NamedTuple):
    """One relation before and after; None where there is none."""

    old: DbtRelation | None
    new: DbtRelation | None


def matches(base: DbtTables, head: DbtTables) -> list[Match]:
    """Each relation of two states of a project with what it has become, sorted by the id that it has now.

    It is the one with the same id; else one that is new and has its place in the warehouse; else one of the same kind that is
    made by the same code and documents the same columns. Of several the one with the name most like the old.

    Args:
        base: the project before.
        head: the project after.
    """
    before = {one.unique_id: one for one in base.project.relations}
    after = {one.unique_id: one for one in head.project.relations}
    became = {name: name for name in before if name in after}
    for alike in (_by_place, _by_code):
        gone = alike(base, (one for name, one in before.items() if name not in became))
        followed = frozenset(became.values())
        new = alike(head, (one for name, one in after.items() if name not in followed))
        became |= same_but_named(gone, new)
    found = [Match(one, after.get(became.get(name, ""))) for name, one in before.items()]
    followed = frozenset(became.values())
    found += [Match(None, one) for name, one in after.items() if name not in followed]
    return sorted(found, key=_order)


def all_moved(base: DbtProject, head: DbtProject) -> bool:
    """Tell whether dbt makes everything elsewhere, as it does for another target, where that is more than one table.

    Args:
        base: the project before.
        head: the project after.
    """
    before = {one.unique_id: one.parts[:-1] for one in base.relations if one.kind != "source"}
    both = [(before[one.unique_id], one.parts[:-1]) for one in head.relations if one.unique_id in before]
    return len(both) > 1 and all(old != new for old, new in both)


def _by_place(tables: DbtTables, relations: Iterable[DbtRelation]) -> Mapping[str, Hashable]:
    return {one.unique_id: tables.place(one) for one in relations}


def _by_code(_: DbtTables, relations: Iterable[DbtRelation]) -> Mapping[str, Hashable]:
    """What makes each relation the one that it is; that of unknown code is like no other."""
    return {
        one.unique_id: (one.kind, one.code, tuple(sorted(name.lower() for name in one.documented)))
        for one in relations
        if one.code
    }


def _order(match: Match) -> str:
    relation = match.new or match.old
    assert relation is not None
    return relation.unique_id


# -- columns -----------------------------------------------------------------------------------------------------------


class ColumnDifference(NamedTuple):
    """What became of a column.

    Attributes:
        kind: how it differs.
        name: in lower case, as everywhere in a lineage; before, where it has another name now.
        new_name: what it is called now, where it was renamed.
        old_type: as it was written; empty if that is not known.
        new_type: likewise now.
        is_sure: the list that it is missing in has all columns.
    """

    kind: Literal["added", "removed", "renamed", "retyped"]
    name: str
    new_name: str = ""
    old_type: str = ""
    new_type: str = ""
    is_sure: bool = True


def column_differences(old: DbtRelation, new: DbtRelation) -> Iterator[ColumnDifference]:
    """How the columns of a relation differ from those that it had.

    What is missing in a catalog is not in the table, and that is sure whatever list it was in before: also a column that was
    only documented, for nothing can read now what is not there. What is missing in the documentation may still be in the table,
    for people document some columns and leave others out: it is looked for in what was documented before, and never in a catalog,
    whose columns were mostly never documented. Likewise a column is new only among columns that are told by lists of one kind,
    and types are compared only where both are the warehouse's or both are the documentation's, which write them differently.

    A column may be another one's new name if both have the same known type and similar names; of several the most similar.

    Args:
        old: before.
        new: after.
    """
    is_sure = new.columns_complete
    alike = old.columns_complete == new.columns_complete
    before, after = _columns(old, alike), _columns(new, alike or is_sure)
    gone = {name: kind for name, kind in before.items() if name not in after}
    fresh = {name: kind for name, kind in after.items() if name not in before} if alike else {}
    successors = _successors(gone, fresh)
    for name, kind in gone.items():
        to = successors.get(name, "")
        yield ColumnDifference("renamed" if to else "removed", name, to, kind, kind if to else "", is_sure)
    followed = frozenset(successors.values())
    for name in fresh:
        if name not in followed:
            yield ColumnDifference("added", name, new_type=fresh[name])
    for name, kind in before.items() if alike else ():
        now = after.get(name, "")
        if kind and now and _spelled(kind) != _spelled(now):
            yield ColumnDifference("retyped", name, old_type=kind, new_type=now)


def _columns(relation: DbtRelation, whole: bool) -> dict[str, str]:
    """The types of columns by their names: of all that are known, or of those that are documented."""
    if whole:
        types = relation.types or ("",) * len(relation.columns)
        return {name.lower(): kind for name, kind in zip(relation.columns, types, strict=True)}
    return dict.fromkeys((name.lower() for name in relation.documented), "")


def _successors(gone: Mapping[str, str], fresh: Mapping[str, str]) -> dict[str, str]:
    before, after = _by_type(gone), _by_type(fresh)
    found: dict[str, str] = {}
    for kind in before.keys() & after.keys():
        found |= _renamed(before[kind], after[kind])
    return found


def _by_type(columns: Mapping[str, str]) -> dict[str, list[str]]:
    """Columns of known types, sorted, by these."""
    found: dict[str, list[str]] = {}
    for name, kind in sorted(columns.items()):
        if kind:
            found.setdefault(_spelled(kind), []).append(name)
    return found


def _renamed(gone: list[str], fresh: list[str]) -> dict[str, str]:
    """The similar names of columns of one type; of many only those are compared that are likely to be the same."""
    if len(gone) * len(fresh) > _COMPARED:
        return {old: new for old, new in paired(gone, fresh).items() if _likeness(old, new) >= _SIMILAR}
    found: dict[str, str] = {}
    taken: set[str] = set()
    for likeness, old, new in sorted((-_likeness(old, new), old, new) for old in gone for new in fresh):
        if -likeness >= _SIMILAR and old not in found and new not in taken:
            found[old] = new
            taken.add(new)
    return found


def _likeness(old: str, new: str) -> float:
    return SequenceMatcher(None, old, new).ratio()


def _spelled(kind: str) -> str:
    """A type as it compares: case and spaces make no other one."""
    return "".join(kind.split()).lower()
