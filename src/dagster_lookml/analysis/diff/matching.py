"""Which object of one state is which of another: by model, kind and name, never by id or place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Generic, NamedTuple, TypeVar

from dagster_lookml.semantic.objects import Dashboard, Explore, Lookup, Model, View

_One = TypeVar("_One")


class Pair(NamedTuple, Generic[_One]):
    """An object before and after.

    Attributes:
        old: in the base; None where it is new.
        new: in the head; None where it is gone.
        models: whose it is, by their names in the head or, where it is gone, in the base; empty where no model includes it.
        everywhere: there is no other model in which it is otherwise.
    """

    old: _One | None
    new: _One | None
    models: tuple[str, ...]
    everywhere: bool = True


def matched_models(base: Lookup, head: Lookup) -> list[Pair[Model]]:
    """Models by their names; one that is gone and one that is new are the same where they hold the same names.

    Nobody uses the name of a model that stands for a project without model files. It is the one of the other state that holds
    most of what it holds; where it holds nothing it is none.
    """
    pairs = [Pair(base.models.get(name), head.models.get(name), (name,)) for name in sorted({*base.models, *head.models})]
    gone = {_held(pair.old): pair.old for pair in pairs if pair.new is None and pair.old is not None}
    found: list[Pair[Model]] = []
    for pair in pairs:
        same = gone.get(_held(pair.new)) if pair.old is None and pair.new is not None and pair.new.explores else None
        found.append(pair._replace(old=same) if same is not None else pair)
    renamed = {pair.old.name for pair in found if pair.old is not None and pair.new is not None}
    named = [pair for pair in found if pair.new is not None or pair.old is None or pair.old.name not in renamed]
    return _with_old_stand_in(_with_new_stand_in(named))


def _with_old_stand_in(pairs: list[Pair[Model]]) -> list[Pair[Model]]:
    """With the model that the base has for want of model files paired with one that is new."""
    stand_in = next((pair for pair in pairs if pair.new is None and pair.old is not None and pair.old.file is None), None)
    if stand_in is None:
        return pairs
    rest = [pair for pair in pairs if pair is not stand_in]
    like = max((pair for pair in rest if pair.old is None), key=lambda pair: _in_common(stand_in.old, pair.new), default=None)
    return [pair._replace(old=stand_in.old) if pair is like and _holds_any(stand_in.old) else pair for pair in rest]


def _with_new_stand_in(pairs: list[Pair[Model]]) -> list[Pair[Model]]:
    """With the model that the head has for want of model files paired with one that is gone."""
    stand_in = next((pair for pair in pairs if pair.old is None and pair.new is not None and pair.new.file is None), None)
    if stand_in is None:
        return pairs
    rest = [pair for pair in pairs if pair is not stand_in]
    like = max((pair for pair in rest if pair.new is None), key=lambda pair: _in_common(stand_in.new, pair.old), default=None)
    return [stand_in._replace(old=pair.old) if pair is like and _holds_any(stand_in.new) else pair for pair in rest]


def _in_common(one: Model | None, other: Model | None) -> int:
    """How many views and explores two models both have."""
    return sum(len(names & others) for names, others in zip(_held(one), _held(other), strict=True))


def _holds_any(model: Model | None) -> bool:
    return model is not None and bool(model.views or model.explores or model.dashboards)


def _held(model: Model | None) -> tuple[frozenset[str], frozenset[str]]:
    if model is None:
        return frozenset(), frozenset()
    return frozenset(model.views), frozenset(one.rpartition("/")[2] for one in model.explores)


def matched_views(base: Lookup, head: Lookup, models: Iterable[Pair[Model]]) -> list[Pair[View]]:
    """Views as the models that both states have see them; one pair for all models that see the same two."""
    seen: dict[tuple[str | None, str | None], list[str]] = {}
    for old, new, _, _ in models:
        if old is None or new is None:
            continue
        for name in dict.fromkeys((*old.views, *new.views)):
            seen.setdefault((old.views.get(name), new.views.get(name)), []).append(new.name)
    befores, afters = Counter(one for one, _ in seen), Counter(other for _, other in seen)
    found: list[Pair[View]] = []
    for (before, after), names in seen.items():
        everywhere = (befores[before] < 2 if before else True) and (afters[after] < 2 if after else True)
        found.append(Pair(base.views.get(before or ""), head.views.get(after or ""), tuple(names), everywhere))
    return [*found, *_in_no_model(base, head)]


def _in_no_model(base: Lookup, head: Lookup) -> Iterator[Pair[View]]:
    """Views that no model includes, in either state or in both; one that a model has in the other state is told of there."""
    before, after = _alone(base), _alone(head)
    others = {view.name for lookup in (base, head) for view in lookup.project.views if view.models}
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if key[1] not in others or (old is not None and new is not None):
            yield Pair(old, new, ())


def _alone(lookup: Lookup) -> dict[tuple[str, str], View]:
    views = [view for view in lookup.project.views if not view.models]
    names = Counter(view.name for view in views)
    return {(view.span.file if names[view.name] > 1 else "", view.name): view for view in views}


def matched_explores(base: Lookup, head: Lookup, models: Iterable[Pair[Model]]) -> list[Pair[Explore]]:
    """Explores of the models that both states have."""
    found: list[Pair[Explore]] = []
    for old, new, _, _ in models:
        if old is not None and new is not None:
            before = {base.explores[one].name: base.explores[one] for one in old.explores}
            after = {head.explores[one].name: head.explores[one] for one in new.explores}
            found += (Pair(before.get(name), after.get(name), (new.name,)) for name in dict.fromkeys((*before, *after)))
    return found


def matched_dashboards(base: Lookup, head: Lookup, models: Iterable[Pair[Model]]) -> list[Pair[Dashboard]]:
    """Dashboards of the models that both states have, and those that no model includes, by their files."""
    renamed = {old.name: new.name for old, new, _, _ in models if old is not None and new is not None}
    gone_or_new = {model.name for old, new, _, _ in models if old is None or new is None for model in (old, new) if model}
    before = {_place(one, renamed): one for one in base.project.dashboards if one.model not in gone_or_new}
    after = {_place(one, {}): one for one in head.project.dashboards if one.model not in gone_or_new}
    pairs = [Pair(before.get(key), after.get(key), (key[0],) if key[0] else ()) for key in dict.fromkeys((*before, *after))]
    held = {(one.span.file, one.name) for lookup in (base, head) for one in lookup.project.dashboards if one.model is not None}
    return [pair for pair in pairs if pair.models or not _is_held(pair, held)]


def _is_held(pair: Pair[Dashboard], held: Container[tuple[str, str]]) -> bool:
    """Whether a model has, in the other state, what no model includes in this one: it is told of there."""
    if pair.old is not None and pair.new is not None:
        return False
    return any(one is not None and (one.span.file, one.name) in held for one in (pair.old, pair.new))


def _place(one: Dashboard, renamed: Mapping[str, str]) -> tuple[str, str, str]:
    if one.model is None:
        return "", one.span.file, one.name
    return renamed.get(one.model, one.model), "", one.name


def likeliest(name: str, others: Iterable[str]) -> str:
    """Of several names that might be meant the one that is most like another.

    >>> likeliest("total_sales", ["profit", "total_net_sales"])
    'total_net_sales'
    """
    return max(sorted(others), key=lambda other: SequenceMatcher(None, name, other).ratio())
