"""Objects of any kind as what can be compared: a name, a place, aspects; and what it means that one is added or gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from dagster_lookml.analysis.diff.aspect import Aspects
from dagster_lookml.analysis.diff.change import VERDICTS, Change, Side, Verdict
from dagster_lookml.analysis.diff.judging import CompareSql, Judgement, judged
from dagster_lookml.source import Span

Kind = Literal["model", "datagroup", "grant", "test", "view", "field", "explore", "join", "dashboard", "filter", "tile"]


class Part(NamedTuple):
    """Something that has a name.

    Attributes:
        kind: what it is.
        id: with its kind before the colon.
        name: as it is written.
        aspects: everything else that it is.
        span: where it is declared; None where no file does.
    """

    kind: Kind
    id: str
    name: str
    aspects: Aspects
    span: Span | None


_GONE: Final[dict[Kind, tuple[Verdict, str]]] = {
    "model": ("breaking", "everything in it is gone"),
    "datagroup": ("breaking", "what is triggered by it or cached with it has no such datagroup"),
    "grant": ("breaking", "what requires it has no such grant"),
    "test": ("metadata only", "it changes no data"),
    "view": ("breaking", "whatever uses it breaks"),
    "field": ("breaking", "whatever uses it breaks"),
    "explore": ("breaking", "whatever asks it breaks"),
    "join": ("breaking", "whatever uses its fields breaks"),
    "dashboard": ("breaking", "nobody can open it any more"),
    "filter": ("breaking", "tiles and links that set it find no such filter"),
    "tile": ("breaking", "people see it no more"),
}
_NEW: Final = "nothing can have used it before"
_RENAMED: Final[dict[Kind, tuple[Verdict, str]]] = {
    "tile": ("metadata only", "the name of a tile is seen by nobody"),
    "test": ("metadata only", "it changes no data"),
}
_WORDS: Final[dict[Kind, str]] = {"grant": "access grant", "filter": "dashboard filter", "test": "data test"}


def added(part: Part) -> Change:
    """The change that something is new."""
    verdict: Verdict = "metadata only"
    return Change(id=part.id, kind="added", verdict=verdict, reason=_NEW, span=part.span, new=part.name)


def removed(part: Part) -> Change:
    """The change that something is gone."""
    verdict, reason = _GONE[part.kind]
    return Change(id=part.id, kind="removed", verdict=verdict, reason=reason, span=part.span, side="base", old=part.name)


def renamed(old: Part, new: Part, *, same: bool = True, by_alias: bool = False) -> Change:
    """The change that something has another name.

    Args:
        old: in the base.
        new: in the head.
        same: nothing else differs, that a change of its own would tell of.
        by_alias: ``alias`` keeps the old name working (R4.43).
    """
    is_same = f"all else of this {word(new)} is the same" if same else f"this is the same {word(new)}, with other changes"
    remedy = f"; `alias: [{old.name}]` keeps saved content working" if new.kind == "field" else ""
    verdict, reason = _RENAMED.get(new.kind, ("breaking", f"{is_same}, and whatever uses the old name breaks{remedy}"))
    if by_alias:
        verdict, reason = "metadata only", "`alias` keeps the old name working"
    return Change(id=new.id, kind="renamed", verdict=verdict, reason=reason, span=new.span, old=old.name, new=new.name)


def changed(old: Part, new: Part, compare: CompareSql, following: Aspects | None = None) -> Iterator[Change]:
    """The changes of something that both states have.

    Args:
        old: in the base.
        new: in the head.
        compare: compares its SQL.
        following: what the base has, with the names that fields have in the head. Where it is like that in the head, it has only
            followed; where it is not, it may be just as it was.
    """
    if old.aspects == new.aspects:
        return
    followed = list(judged(following, new.aspects, compare)) if following is not None and following != old.aspects else None
    if followed == []:  # it has only followed, and to compare what it was tells no more
        return
    found = list(judged(old.aspects, new.aspects, compare))
    if followed is not None:
        found = min(found, followed, key=weight)
    for one in found:
        yield _of(one, old, new)


def weight(found: Sequence[Judgement] | Sequence[Change]) -> tuple[int, ...]:
    """How much a list of differences says: the worst first."""
    return tuple(sum(one.verdict == verdict for one in found) for verdict in VERDICTS)


def _of(one: Judgement, old: Part, new: Part) -> Change:
    is_here = one.new is not None and one.new.span is not None
    span = one.new.span if one.new is not None else None
    side: Side = "head"
    return Change(
        id=new.id,
        kind="changed",
        property=one.property,
        old=one.old.text if one.old is not None else None,
        new=one.new.text if one.new is not None else None,
        verdict=one.verdict,
        reason=one.reason,
        span=span if is_here else new.span,
        side=side,
    )


def word(part: Part) -> str:
    """What people call a kind of thing."""
    return _WORDS.get(part.kind, part.kind)
