"""What is gone and new under another name: told by an ``alias``, or by all else being the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Final, Protocol, TypeVar

from dagster_lookml.analysis.diff.aspect import Aspects
from dagster_lookml.analysis.diff.matching import Pair, likeliest
from dagster_lookml.analysis.diff.white_space import folded
from dagster_lookml.semantic.objects import Field


class _Named(Protocol):
    @property
    def id(self) -> str: ...


_COMPARED: Final = 50 * 50
"""How many pairs of names are compared letter by letter, be it that there are few of one kind."""
_FEW: Final = 5
_One = TypeVar("_One", bound=_Named)


def renamed_fields(gone: Iterable[Field], new: Iterable[Field], aspects: Callable[[Field], Aspects]) -> dict[str, str]:
    """The new name of each field that was renamed, by the own names of both.

    A field is another one's new name if its ``alias`` says so (R4.43), or if kind, type, SQL and filters are the same and its SQL
    is not simply the column of its name.

    Args:
        gone: fields that only the base has.
        new: fields that only the head has.
        aspects: gives what a field is.
    """
    added = list(new)
    by_alias = {old: field.own_name for field in added for old in field.old_names}
    found = {field.own_name: by_alias[field.name] for field in gone if field.name in by_alias}
    left = [field for field in gone if field.own_name not in found]
    followed = frozenset(found.values())
    free = [field for field in added if field.own_name not in followed]
    return {**found, **same_but_named(_keyed(left, aspects), _keyed(free, aspects))}


def _keyed(fields: Iterable[Field], aspects: Callable[[Field], Aspects]) -> dict[str, Hashable]:
    return {field.own_name: _substance(field, aspects(field)) for field in fields}


def timeframe(field: Field, name: str) -> str:
    """What a name that a group generates is, whatever the group is called: ``_week`` of a time, ``days_`` of a duration.

    Args:
        field: the group.
        name: that it generates.
    """
    return name.removesuffix(field.name) if field.type == "duration" else name.removeprefix(field.name)


def _substance(field: Field, aspects: Aspects) -> Hashable:
    """What makes a field the one that it is: no name, and nothing that people only read."""
    generated = frozenset(timeframe(field, name) for name in field.generated)
    told = tuple(
        sorted(
            (key, tuple(folded(item) if one.nature == "sql" else item for item in one.items))
            for key, one in aspects.items()
            if one.nature in ("sql", "numbers") and (key, one.items) != ("primary_key", ("no",))
        )
    )
    is_named = field.written is not None and not field.sql and (field.kind.startswith("dimension") or len(told) < 2)
    named = field.name if is_named else ""  # refined, it says nothing of its own but its name
    return field.kind, generated, field.every_timeframe, told, named


def same_but_named(gone: Mapping[str, Hashable], new: Mapping[str, Hashable]) -> dict[str, str]:
    """The new name of each thing that is the same under another; of several the one with the name most like the old.

    Args:
        gone: what makes each thing that is gone, by its name.
        new: likewise of each that is new.

    >>> same_but_named({"total": "sum(x)"}, {"total_sales": "sum(x)", "rows": "count"})
    {'total': 'total_sales'}
    """
    before, after = _alike(gone), _alike(new)
    return {name: other for one in before if one in after for name, other in paired(before[one], after[one]).items()}


def _alike(things: Mapping[str, Hashable]) -> dict[Hashable, list[str]]:
    """The names of the things that are the same, by what they are."""
    found: dict[Hashable, list[str]] = {}
    for name, substance in sorted(things.items()):
        found.setdefault(substance, []).append(name)
    return found


def paired(gone: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """Old names with the new ones that are most like them, each with another one.

    Of many names not each is compared with each: first come those that differ in nothing but what all begin or end with.

    Args:
        gone: the old names, sorted.
        new: the new names, sorted.

    >>> paired(["rows", "total"], ["rows_sold", "total_sold"])
    {'rows': 'rows_sold', 'total': 'total_sold'}
    """
    found: dict[str, str] = {}
    free = dict.fromkeys(new)
    left = list(gone)
    if _are_many(gone, new):
        cores = dict(zip(_cores(new), new, strict=True))
        found = {name: cores[core] for name, core in zip(gone, _cores(gone), strict=True) if core in cores}
        followed = frozenset(found.values())
        left = [name for name in gone if name not in found]
        free = dict.fromkeys(name for name in new if name not in followed)
        if _are_many(left, free):
            return {**found, **dict(zip(left, free, strict=False))}
    for name in left[: len(free)]:
        found[name] = likeliest(name, free)
        del free[found[name]]
    return found


def _cores(names: Sequence[str]) -> list[str]:
    """Some names without what all begin with, and without what all end with."""
    start = _alike_at_first(names)
    end = _alike_at_first([name[start:][::-1] for name in names])
    return [name[start : len(name) - end] for name in names]


def _alike_at_first(names: Sequence[str]) -> int:
    """How many characters all names begin with: those that the first and the last of them in order do."""
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(min(names), max(names), strict=False)))


def _are_many(gone: Collection[str], new: Collection[str]) -> bool:
    return len(gone) * len(new) > _COMPARED and min(len(gone), len(new)) > _FEW


def with_renames(pairs: Iterable[Pair[_One]], substance: Callable[[_One, Pair[_One]], Hashable]) -> Iterator[Pair[_One]]:
    """Pairs in which something that is gone and something new, which are the same but for the name, are one.

    What no model includes is told of by its file, and never taken for something else.

    Args:
        pairs: by names.
        substance: gives what makes an object the one that it is.
    """
    listed = list(pairs)
    gone = {one.old.id: (one.old, one) for one in listed if one.new is None and one.old is not None and one.models}
    new = {one.new.id: (one.new, one) for one in listed if one.old is None and one.new is not None and one.models}
    names = same_but_named(
        {identity: substance(*one) for identity, one in gone.items()},
        {identity: substance(*one) for identity, one in new.items()},
    )
    followed = frozenset(names.values())
    for pair in listed:
        if pair.old is not None and pair.new is None and pair.old.id in names:
            yield pair._replace(new=new[names[pair.old.id]][0])
        elif pair.old is not None or pair.new is None or pair.new.id not in followed:
            yield pair
