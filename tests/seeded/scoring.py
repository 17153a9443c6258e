"""What the tool says of each batch, held against what it must say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from tests.seeded.expecting import BREAKING, HARMLESS, METADATA, NUMBERS, UNKNOWN, Expectation, Mutation, Place
from tests.seeded.planting import BASE, Planted

Json = Mapping[str, Any]
ALARMS: Final = {BREAKING, NUMBERS, UNKNOWN}
"""Verdicts that ask somebody to look."""


_OF_DASHBOARD: Final = {"dashboard", "tile", "filter"}


class ToolError(Exception):
    """The tool did not answer with JSON."""


@dataclass(frozen=True)
class Verdict:
    """How the tool did on one mutation.

    Attributes:
        expectation: of the mutation.
        outcome: ``found``, ``missed`` (nothing said, or not of all dashboards, or no error) or ``wrong`` (something else said).
        why: one line; empty if found.
        batch: number of the branch.
    """

    expectation: Expectation
    outcome: str
    why: str
    batch: int


@dataclass
class Score:
    """How the tool did on one repo.

    Attributes:
        verdicts: of each mutation.
        alarms: reported changes and errors that ask somebody to look.
        stray: those of them that no mutation explains, with the number of the branch.
    """

    verdicts: list[Verdict] = field(default_factory=list)
    alarms: int = 0
    stray: list[tuple[int, str]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Found of what must be found: everything but the harmless."""
        asked = [one for one in self.verdicts if one.expectation.verdict != HARMLESS]
        return _share(sum(one.outcome == "found" for one in asked), len(asked))

    @property
    def precision(self) -> float:
        """Of the alarms and of what is said wrongly, the alarms that a mutation explains."""
        wrong = sum(one.outcome == "wrong" for one in self.verdicts)
        return _share(max(self.alarms - len(self.stray), 0), self.alarms + wrong)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def score(planted: Planted) -> Score:
    """Run the tool on every branch.

    Args:
        planted: the repo.

    Returns:
        the score.

    Raises:
        ToolError: the tool did not answer.
    """
    total = Score()
    for number, batch in enumerate(planted.batches):
        changes = _ask(planted, "diff", "--head", f"batch{number}", "--exact")["changes"]
        findings = _ask(planted, "check", "--ref", f"batch{number}", "--fail-on", "never")["diagnostics"]
        judge(total, number, batch, [_change(one) for one in changes], findings)
    return total


def _ask(planted: Planted, command: str, *arguments: str) -> Json:
    line = [sys.executable, "-m", "dagster_lookml", command, str(planted.root), "--base", BASE, "--format", "json", *arguments]
    environment = {**os.environ, "NO_COLOR": "1", "DAGSTER_LOOKML_CACHE_DIR": str(planted.root.parent / "cache")}
    ran = subprocess.run(line, capture_output=True, text=True, env=environment, timeout=600, check=False)
    try:
        told: Json = json.loads(ran.stdout)
    except ValueError:
        raise ToolError(f"{' '.join(line[1:])} ended with {ran.returncode}: {ran.stderr[-600:]}") from None
    return told


@dataclass(frozen=True)
class Change:
    """One reported change.

    Attributes:
        id: decoded, without the model of a view, field or PDT.
        verdict: as reported.
        affected: dashboards listed, and the dashboard that it is about itself.
        told: for people.
    """

    id: str
    verdict: str
    affected: frozenset[Place]
    told: str


def _change(raw: Json) -> Change:
    ids = [one if isinstance(one, str) else one["id"] for one in raw.get("affected", ())]
    told = f"{raw['id']} {raw['change']} {raw.get('property') or ''}: {raw['verdict']} ({raw.get('reason', '')})"
    return Change(plain_id(raw["id"]), raw["verdict"], frozenset(_places([raw["id"], *ids])), told)


def plain_id(raw: str) -> str:
    """An id with its names decoded; views and fields without their model.

    Example:
        >>> plain_id("field:shop/orders.total"), plain_id("tile:shop/sales/By%20day")
        ('field:orders.total', 'tile:shop/sales/By day')
    """
    kind, _, rest = raw.partition(":")
    if kind in {"view", "field", "pdt"}:
        rest = re.split("[/#]", rest)[-1]
    return f"{kind}:{unquote(rest)}"


def _places(ids: Iterable[str]) -> Iterator[Place]:
    for one in ids:
        kind, _, rest = one.partition(":")
        parts = rest.split("/")
        if kind in _OF_DASHBOARD and len(parts) >= 2:
            yield unquote(parts[0]), unquote(parts[1])


def judge(total: Score, number: int, batch: Sequence[Mutation], changes: Sequence[Change], findings: Sequence[Json]) -> None:
    """Add one batch to a score.

    Args:
        total: gets the verdicts and strays.
        number: of the batch.
        batch: what was injected.
        changes: what `diff` said.
        findings: the new ones that `check` said; of an expected one any severity will do, unexpected are only errors.
    """
    for made in batch:
        outcome, why = _outcome(made.expectation, changes, findings)
        total.verdicts.append(Verdict(made.expectation, outcome, why, number))
    errors = [one for one in findings if one["severity"] == "error"]
    alarms = [change for change in changes if change.verdict in ALARMS]
    total.alarms += len(alarms) + len(errors)
    total.stray += [(number, change.told) for change in alarms if not any(_explains(made, change.id) for made in batch)]
    total.stray += [(number, _told(error)) for error in errors if not any(_explains_error(made, error) for made in batch)]


def _outcome(told: Expectation, changes: Sequence[Change], findings: Sequence[Json]) -> tuple[str, str]:
    own = [change for change in changes if change.id in told.ids]
    right = [change for change in own if change.verdict in told.allowed]
    milder = {METADATA, "equivalent"} if told.verdict in ALARMS else {"equivalent"}
    milder |= {NUMBERS} if told.verdict == BREAKING and right else set()
    other = [change for change in own if change.verdict not in told.allowed | milder]
    listed = frozenset[Place]().union(*(change.affected for change in own if change.verdict in ALARMS))
    if other:
        return "wrong", other[0].told
    if told.verdict == HARMLESS:
        return "found", ""
    if not right:
        return "missed", f"said of it: {'; '.join(change.told for change in own[:2]) or 'nothing'}"
    if told.dashboards - listed:
        return "missed", f"not listed: {sorted(told.dashboards - listed)[:3]}"
    if told.verdict in ALARMS and listed - told.at_most:
        return "wrong", f"listed though not affected: {sorted(listed - told.at_most)[:3]}"
    if told.new_errors and not any(one["rule"] in told.new_errors and _concerns(told, one) for one in findings):
        return "missed", f"no new finding of {', '.join(sorted(told.new_errors))}"
    return "found", ""


def _concerns(told: Expectation, error: Json) -> bool:
    words = f"{error.get('message', '')} {unquote(str(error.get('object') or ''))}"
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) for name in told.names)


def _explains(made: Mutation, subject: str) -> bool:
    return any(
        subject == one
        or (one.endswith("*") and subject.partition(":")[2].startswith(one[:-1].partition(":")[2]) and _kin(one, subject))
        for one in made.expectation.ids | made.ripple
    )


def _kin(one: str, subject: str) -> bool:
    """A beginning holds for its own kind; that of a dashboard also for its tiles and filters."""
    kinds = {one.partition(":")[0], subject.partition(":")[0]}
    return len(kinds) == 1 or kinds <= _OF_DASHBOARD


def _explains_error(made: Mutation, error: Json) -> bool:
    """An error is explained by a mutation that breaks something, and that it names."""
    return made.expectation.verdict == BREAKING and _concerns(made.expectation, error)


def _told(error: Json) -> str:
    return f"{error['file']}:{error['line']}: {error['rule']}: {error['message']}"


def table(total: Score) -> str:
    """The score for people: a line per kind, the misses, the strays.

    Args:
        total: the score.

    Returns:
        text of many lines.
    """
    by_kind: dict[str, list[Verdict]] = defaultdict(list)
    for one in total.verdicts:
        by_kind[one.expectation.kind].append(one)
    lines = [f"{'kind':45} {'injected':>8} {'found':>6} {'missed':>6} {'wrong':>6}"]
    for kind, verdicts in by_kind.items():
        counts = [sum(one.outcome == outcome for one in verdicts) for outcome in ("found", "missed", "wrong")]
        lines.append(f"{kind:45} {len(verdicts):8} {counts[0]:6} {counts[1]:6} {counts[2]:6}")
    lines.append(
        f"recall {total.recall:.4f}, precision {total.precision:.4f}, {total.alarms} alarms, {len(total.stray)} unexplained"
    )
    for one in total.verdicts:
        if one.outcome != "found":
            told = one.expectation
            lines.append(f"  {one.outcome}, batch{one.batch}: {told.kind}: {told.text}\n    {told.file}:{told.line}: {one.why}")
    lines += [f"  unexplained, batch{number}: {text}" for number, text in total.stray]
    return "\n".join(lines)
