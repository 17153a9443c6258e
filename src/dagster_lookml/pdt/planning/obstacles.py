"""Why PDTs that are planned cannot be built: what Looker would say only when it tries, or never."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dagster_lookml.diagnostics import Diagnostic, Severity
from dagster_lookml.pdt.planning.broken import Broken
from dagster_lookml.pdt.planning.planned import PlannedPdt
from dagster_lookml.semantic.objects import Lookup

_Reason = tuple[str, str]
"""The id of the PDT that cannot be built itself, and why."""


class Obstacles:
    """Tells of each PDT why it cannot be built.

    Args:
        lookup: finds the objects of the project.
        pdts: all of the project, in the order of building.
        cycles: the ids of those that read each other, or one that reads itself.
        broken: finds what is wrong in their definitions.
    """

    def __init__(self, lookup: Lookup, pdts: Sequence[PlannedPdt], cycles: Sequence[tuple[str, ...]], broken: Broken) -> None:
        self._lookup = lookup
        self._pdts = tuple(pdts)
        self._by_id = {one.id: one for one in pdts}
        self._cycle_of = {one: cycle for cycle in cycles for one in cycle}
        self._broken = broken
        self._findings: dict[str, tuple[Diagnostic, ...]] = {}
        self._reasons: dict[bool, dict[str, _Reason]] = {}

    @property
    def errors(self) -> int:
        """How many errors the project has, wherever they are."""
        return self._broken.errors

    def findings(self, pdt: PlannedPdt) -> tuple[Diagnostic, ...]:
        """What is wrong in the definition of a PDT's table, and in those of the temporary tables inside its query."""
        if pdt.id not in self._findings:
            views = (self._lookup.views[identity] for identity in (pdt.view_id, *pdt.through))
            self._findings[pdt.id] = self._broken.of(pdt.model, views)
        return self._findings[pdt.id]

    def of(self, identity: str, *, allow_errors: bool = False) -> str | None:
        """Why a PDT cannot be built, with the place that decides it; None if it can.

        Args:
            identity: of the PDT.
            allow_errors: errors in definitions are no reason.
        """
        root, reason = self._all(allow_errors).get(identity, (identity, None))
        return reason if root == identity or reason is None else f"it reads {root}, and {reason}"

    def unbuildable_upstream(self, identity: str) -> str | None:
        """The id of a PDT that one reads, itself or through others, and that cannot be built.

        None if there is none, or if something in its own definition is why it cannot be built.
        """
        root, _ = self._all(allow_errors=False).get(identity, (identity, ""))
        return root if root != identity else None

    def _all(self, allow_errors: bool) -> dict[str, _Reason]:
        """Why PDTs cannot be built themselves, or for the first by id of those that they read."""
        if allow_errors not in self._reasons:
            found: dict[str, _Reason] = {}
            for one in self._pdts:  # what it reads is known already, but for what is on a circle with it
                own = next(self._own(one, allow_errors), None)
                read = [found[other] for other in one.upstream if other in found]
                if own is not None:
                    found[one.id] = (one.id, own)
                elif read:
                    found[one.id] = min(self._first(reason, allow_errors) for reason in read)
            self._reasons[allow_errors] = found
        return self._reasons[allow_errors]

    def _first(self, found: _Reason, allow_errors: bool) -> _Reason:
        """What is said of a circle to those who read it: the same whichever of its PDTs they read."""
        root, _ = found
        first = self._cycle_of[root][0] if root in self._cycle_of else root
        return next(((first, reason) for reason in self._own(self._by_id[first], allow_errors)), found)

    def _own(self, one: PlannedPdt, allow_errors: bool) -> Iterator[str]:
        if self._lookup.models[one.model].file is None:
            yield no_model(one.model)
        if one.id in self._cycle_of:
            yield self._in_a_cycle(one)
        for circle in one.circles:
            yield self._through_a_circle(one, circle)
        if not allow_errors:
            yield from (said(found) for found in self.findings(one) if found.severity is Severity.ERROR)

    def _in_a_cycle(self, one: PlannedPdt) -> str:
        others = [other for other in self._cycle_of[one.id] if other != one.id]
        what = f"it and {others[0]} read each other" if len(others) == 1 else f"it and {len(others)} more PDTs read each other"
        return f"{one.span.file}:{one.span.line}: {one.id} cannot be built: {what if others else 'it reads itself'}"

    def _through_a_circle(self, one: PlannedPdt, circle: tuple[str, ...]) -> str:
        place = self._lookup.views[circle[0]].span
        return f"{place.file}:{place.line}: {one.id} cannot be built: it reads {circle_of_views(circle)}"


def circle_of_views(circle: Sequence[str]) -> str:
    """Temporary tables that nothing can be built of.

    >>> circle_of_views(["view:a"]), circle_of_views(["view:a", "view:b"])
    ('view:a, which reads itself', 'view:a and view:b, which read each other')
    """
    first, *others = circle
    if not others:
        return f"{first}, which reads itself"
    return f"{first} and {others[0] if len(others) == 1 else f'{len(others)} more views'}, which read each other"


def no_model(name: str) -> str:
    """What stands in for a repository's model where it has none."""
    return f"no model file here: Looker has no model {name}; give the repository's root"


def said(found: Diagnostic) -> str:
    """A finding in one line.

    >>> said(Diagnostic(rule="unknown-view", severity=Severity.ERROR, message="no", file="a.view.lkml", line=2))
    'LM302 a.view.lkml:2: no'
    """
    hint = f"; {found.hint}" if found.hint and found.severity is Severity.WARNING else ""
    return f"{found.code} {found.file}:{found.line}: {found.message}{hint}"
