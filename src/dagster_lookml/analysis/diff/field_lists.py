"""Lists of fields that an explore offers, where nobody knows which fields there are (R4.38, R4.39)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagster_lookml.analysis.diff.change import Change
from dagster_lookml.analysis.diff.elsewhere import may_inherit_more
from dagster_lookml.analysis.diff.matching import Pair
from dagster_lookml.analysis.diff.needs import names_in
from dagster_lookml.analysis.diff.reaching import tiles_of
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.semantic.field_lists import aliases
from dagster_lookml.semantic.objects import Explore, Reference


def unknown_offers(head: State, pairs: Iterable[Pair[Explore]]) -> Iterator[Change]:
    """Explores whose lists of fields are others, of views that are not here or not known whole.

    Args:
        head: the state after.
        pairs: which explore is which.
    """
    for old, new, _, _ in pairs:
        if old is None or new is None:
            continue
        before, after = _lists(old), _lists(new)
        differing = {alias for alias in before.keys() | after.keys() if before.get(alias) != after.get(alias)}
        unknown = _unknown(new, head)
        if differing and unknown and (None in differing or differing & unknown):
            yield _change(head, new, unknown, _text(before), _text(after))


def _lists(explore: Explore) -> dict[str | None, tuple[str, ...]]:
    """The lists of the joins by their names, and under None the explore's own."""
    found: dict[str | None, tuple[str, ...]] = {one.name: _names(one.fields) for one in explore.joins if one.fields is not None}
    return found | ({None: _names(explore.fields)} if explore.fields is not None else {})


def _names(fields: Iterable[Reference]) -> tuple[str, ...]:
    return tuple(one.name for one in fields)


def _text(lists: dict[str | None, tuple[str, ...]]) -> str | None:
    return "; ".join(f"{alias or ''}{': ' if alias else ''}{', '.join(names)}" for alias, names in lists.items()) or None


def _unknown(explore: Explore, head: State) -> frozenset[str]:
    """The aliases of views of which not all fields are known."""
    views = head.lookup.views
    return frozenset(
        alias
        for alias, view in aliases(explore).items()
        if (found := views.get(view or "")) is None or may_inherit_more(found, head.lookup)
    )


def _change(head: State, explore: Explore, unknown: frozenset[str], old: str | None, new: str | None) -> Change:
    span = explore.fields[0].span if explore.fields else explore.span
    return Change(
        id=explore.id, kind="changed", property="fields", old=old, new=new, verdict="unknown", span=span,
        reason="it offers other fields, of views that are not all here",
        affected=tiles_of(head, explore, lambda query: any(one.rpartition(".")[0] in unknown for one in names_in(query))),
    )  # fmt: skip
