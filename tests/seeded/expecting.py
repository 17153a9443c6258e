"""What a mutation is, and what a correct tool says of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeVar

from tests.seeded.reach import Reach
from tests.seeded.reading import Explore, Field, Repo, View
from tests.seeded.scan import Node

BREAKING: Final = "breaking"
NUMBERS: Final = "numbers may change"
METADATA: Final = "metadata only"
HARMLESS: Final = "harmless"
EQUIVALENT: Final = "equivalent"
UNKNOWN: Final = "unknown"

Thing = TypeVar("Thing")
Place = tuple[str, str]
"""Model and dashboard."""


@dataclass(frozen=True)
class Edit:
    """A change of one file.

    Attributes:
        path: of the file.
        start: offset of the first character that goes.
        end: offset after the last one.
        text: what comes instead; None removes the file.
    """

    path: str
    start: int
    end: int
    text: str | None


@dataclass(frozen=True)
class Subject:
    """What a mutation is about: kind (field, view, explore, join, dashboard or tile) and name.

    Names are ``orders.total``, ``orders``, ``model/orders``, ``model/orders/users``, ``model/sales`` and ``model/sales/tile``.
    """

    kind: str
    name: str

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True)
class Expectation:
    """What must be said.

    Attributes:
        kind: of the mutation.
        verdict: of a change of the object; ``harmless`` stands for none at all, or ``equivalent``.
        also: other verdicts that are as true, since LookML leaves the question open.
        models: that see the object.
        object: what the change must be about.
        ids: ids of the object, and of what else the change may be said of, models left off those of views and fields.
        dashboards: that must be listed as affected.
        at_most: that may be.
        new_errors: names of rules, one of which `check --base` must report.
        names: words, one of which the message or object of such a diagnostic holds.
        text: one line that says what was done.
        file: where.
        line: 1-based.
    """

    kind: str
    verdict: str
    models: tuple[str, ...]
    object: Subject
    ids: frozenset[str]
    text: str
    file: str
    line: int
    also: frozenset[str] = frozenset()
    dashboards: frozenset[Place] = frozenset()
    at_most: frozenset[Place] = frozenset()
    new_errors: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @property
    def allowed(self) -> frozenset[str]:
        """Verdicts that a change of the object may carry."""
        own = {EQUIVALENT} if self.verdict == HARMLESS else {self.verdict}
        return frozenset(own | self.also)


@dataclass(frozen=True)
class Mutation:
    """One injected change.

    Attributes:
        expectation: what a correct tool says.
        edits: of the files.
        writes: objects that are no longer what they were: nothing else in the batch may rely on them.
        touches: objects that the expectation relies on.
        ripple: ids that a report may also name because of it; one that ends in ``*`` is a beginning.
    """

    expectation: Expectation
    edits: tuple[Edit, ...]
    writes: frozenset[str]
    touches: frozenset[str]
    ripple: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Claim:
    """The part of an expectation that a kind states itself."""

    kind: str
    verdict: str
    text: str
    also: frozenset[str] = frozenset()
    new_errors: frozenset[str] = frozenset()
    hard: bool = False
    """Something that others rely on goes."""
    ids: frozenset[str] = field(default_factory=frozenset)

    @property
    def felt(self) -> bool:
        """Whether dashboards feel it."""
        return self.verdict in {BREAKING, NUMBERS}


class Corpus:
    """A repo, with a source of chance, and the ways to state a mutation of its objects.

    Args:
        repo: as read.
        seed: the same seed gives the same mutations.
    """

    def __init__(self, repo: Repo, seed: int) -> None:
        self.repo, self.reach, self.random = repo, Reach(repo), random.Random(seed)

    def shuffled(self, things: Iterable[Thing]) -> list[Thing]:
        """The things in an order of chance."""
        found = list(things)
        self.random.shuffle(found)
        return found

    @cached_property
    def fields(self) -> list[tuple[View, Field]]:
        """Fields of clear views."""
        return [(view, one) for _, view in sorted(self.repo.clear_views.items()) for one in view.fields.values()]

    @cached_property
    def explores(self) -> list[Explore]:
        """Clear explores, each declaration once."""
        return list({id(one): one for _, one in sorted(self.repo.clear_explores.items())}.values())

    @cached_property
    def joins(self) -> list[tuple[Explore, Node]]:
        """Joins of clear explores."""
        return [(explore, join) for explore in self.explores for join in explore.node.all("join")]

    def line(self, path: str, offset: int) -> int:
        """Line of an offset."""
        return self.repo.texts[path].count("\n", 0, offset) + 1

    def models(self, path: str) -> tuple[str, ...]:
        """Models that include a file, sorted."""
        return tuple(sorted(self.repo.models_of[path]))

    def whole(self, models: Iterable[str]) -> bool:
        """Whether no model lacks an import, so that what is missing is known to be missing."""
        return all(self.repo.models[model].whole for model in models if model in self.repo.models)

    def also(self, claim: Claim, models: Iterable[str]) -> frozenset[str]:
        """Other verdicts that are as true: where an import is missing, what leads nowhere may be there."""
        is_open = claim.verdict == BREAKING and not self.whole(models)
        return claim.also | {UNKNOWN} if is_open else claim.also

    def of_field(self, claim: Claim, view: View, one: Field, edits: Iterable[Edit]) -> Mutation:
        """A mutation of one field."""
        key = ("field", view.name, one.name)
        sure = self.reach.sure.get(key, frozenset()) if claim.felt else frozenset()
        below = self.reach.fields_from(view.name, one.name)
        most = self._most(view, one) if claim.felt else frozenset()
        subject = Subject("field", f"{view.name}.{one.name}")
        ids = {subject.id, *(f"field:{view.name}.{name}" for name in one.generated)} | claim.ids
        names = frozenset({one.name, *one.generated})
        writes = {subject.id} | ({f"view:{view.name}"} | {_dash(place) for place in sure} if claim.hard else set())
        touches = {f"view:{name}" for name, _ in below if name in self.repo.clear_views} | self._near(view.name)
        ripple = {f"field:{owner}.{name}" for owner, name in below} | self._around(view.name, most)
        expectation = self._state(claim, view.path, one.node.start, subject, frozenset(ids), sure, most, names)
        return Mutation(
            expectation, tuple(edits), frozenset(writes), frozenset(touches | {_dash(place) for place in most}),
            frozenset(ripple) if claim.felt else frozenset(),
        )  # fmt: skip

    def _most(self, view: View, one: Field) -> frozenset[Place]:
        """Dashboards that may feel a field; of a key, which counts and joins use unnamed, all that read the view."""
        most = self.reach.at_most(view.name, one.name)
        key = one.node.text("primary_key") == "yes"
        return most | self.reach.dashboards_on(self.reach.explores_with(view.name)) if key else most

    def of_view(self, claim: Claim, view: View, edits: Iterable[Edit]) -> Mutation:
        """A mutation of a view as a whole, or of its table."""
        sure = self.reach.sure.get(("table", view.name), frozenset()) if claim.felt else frozenset()
        explores = self.reach.explores_with(view.name)
        most = self.reach.dashboards_on(explores) if claim.felt else frozenset()
        subject = Subject("view", view.name)
        ids = frozenset({subject.id, f"pdt:{view.name}"}) | claim.ids
        writes = {subject.id} | ({_dash(place) for place in most} | self._near(view.name) if claim.hard else set())
        touches = (
            {f"view:{name}" for name in self.reach.spread(view.name)} | self._near(view.name) if claim.felt else {subject.id}
        )
        ripple = {f"field:{name}.*" for name in self.reach.spread(view.name)} | self._around(view.name, most)
        expectation = self._state(claim, view.path, view.node.start, subject, ids, sure, most, frozenset({view.name}))
        return Mutation(
            expectation, tuple(edits), frozenset(writes), frozenset(touches | {_dash(place) for place in most}),
            frozenset(ripple) if claim.felt else frozenset(),
        )  # fmt: skip

    def of_explore(self, claim: Claim, explore: Explore, edits: Iterable[Edit], join: Node | None = None) -> Mutation:
        """A mutation of an explore, or of one of its joins."""
        models = self.models(explore.path)
        token = ("explore", "", explore.name) if join is None else ("join", "", explore.name, join.value)
        sure, most = set[Place](), set[Place]()
        for model in models if claim.felt else ():
            sure |= self.reach.sure.get((token[0], model, *token[2:]), frozenset())
            most |= self.reach.dashboards_on(self.reach.explores_from(model, explore.name))
        kind, name = ("explore", explore.name) if join is None else ("join", f"{explore.name}/{join.value}")
        subject = Subject(kind, f"{models[0]}/{name}")
        ids = {f"{kind}:{model}/{name}" for model in models} | claim.ids
        owners = {f"explore:{model}/{explore.name}" for model in models}
        writes = {f"{kind}:{model}/{name}" for model in models} | (
            {_dash(place) for place in sure} | owners if claim.hard else set()
        )
        touches = owners | {f"view:{view}" for view in explore.views.values()} | {_dash(place) for place in most}
        node = explore.node if join is None else join
        ripple = {f"join:{model}/{explore.name}/*" for model in models} | owners | {_wide(place) for place in most}
        named = frozenset({node.value, explore.name if join is None else join.value})
        expectation = self._state(claim, explore.path, node.start, subject, frozenset(ids), sure, most, named)
        return Mutation(
            expectation, tuple(edits), frozenset(writes), frozenset(touches), frozenset(ripple) if claim.felt else frozenset()
        )

    def _state(
        self, claim: Claim, path: str, offset: int, subject: Subject, ids: frozenset[str],
        sure: Iterable[Place], most: Iterable[Place], names: frozenset[str],
    ) -> Expectation:  # fmt: skip
        models = self.models(path)
        errors = claim.new_errors if self.whole(models) else frozenset()
        return Expectation(
            claim.kind, claim.verdict, models, subject, ids, claim.text, path, self.line(path, offset),
            self.also(claim, models), frozenset(sure), frozenset(most) | frozenset(sure), errors, names,
        )  # fmt: skip

    def _near(self, view: str) -> set[str]:
        return {f"explore:{model}/{name}" for model, name in self.reach.explores_with(view)}

    def _around(self, view: str, dashboards: Iterable[Place]) -> set[str]:
        """Ids of what stands around a view: explores, their joins, PDTs, dashboards."""
        near = self.reach.explores_with(view)
        joins = {f"join:{model}/{name}/*" for model, name in near}
        views = {f"{kind}:{name}" for name in self.reach.spread(view) for kind in ("view", "pdt")}
        return self._near(view) | joins | views | {_wide(place) for place in dashboards}


def _dash(place: Place) -> str:
    return f"dashboard:{place[0]}/{place[1]}"


def _wide(place: Place) -> str:
    """The dashboard and its tiles: ids that end in ``*`` are beginnings of what they match, after the kind."""
    return f"dashboard:{place[0]}/{place[1]}*"


Kind = Callable[[Corpus], Iterator[Mutation]]
"""Proposes every mutation of one kind that a corpus allows, in an order of chance."""


def without(corpus: Corpus, path: str, node: Node) -> Edit:
    """Take a block or parameter out, with its line if it stands alone on it."""
    text = corpus.repo.texts[path]
    start, end = node.start, node.end
    before = text.rfind("\n", 0, start) + 1
    after = text.find("\n", end)
    after = len(text) if after < 0 else after + 1
    if not text[before:start].strip() and not text[end:after].strip():
        start, end = before, after
    return Edit(path, start, end, "")


def renamed(corpus: Corpus, path: str, node: Node, name: str) -> Edit:
    """Give a block another name."""
    at = corpus.repo.texts[path].index(node.value, node.start + len(node.key))
    return Edit(path, at, at + len(node.value), name)


def valued(path: str, node: Node, value: str) -> Edit:
    """Give a parameter another value, as it is to be written."""
    return Edit(path, node.inner, node.inner_end, value)


def added(corpus: Corpus, path: str, node: Node, line: str) -> Edit:
    """Put a line at the end of a block."""
    text = corpus.repo.texts[path]
    start = text.rfind("\n", 0, node.start) + 1
    margin = text[start : node.start] if not text[start : node.start].strip() else ""
    tail = text[node.inner : node.inner_end]
    at = node.inner + len(tail.rstrip())
    comment = "#" in tail.rstrip().rpartition("\n")[2]
    at = node.inner_end if comment else at
    return Edit(path, at, node.inner_end, f"\n{margin}  {line}\n{margin}")
