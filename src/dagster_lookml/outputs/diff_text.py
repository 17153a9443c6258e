"""The answer of ``diff`` for people: the worst first, each change with what it means, who feels it, and the way to them."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from dagster_lookml.analysis.diff.change import HARMLESS, VERDICTS, Change, Diff
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.outputs.lineage_text import place, plain, way
from dagster_lookml.outputs.text import count
from dagster_lookml.sql.shortening import cut, shortened

_WAYS_SHOWN: Final = 3
_LONGEST_VALUE: Final = 120
_BUILT_SHOWN: Final = 5
_KINDS: Final = ("dashboard", "tile", "explore", "pdt")
_NOUNS: Final = {"pdt": "PDT"}


def diff_text(diff: Diff) -> str:
    """Every change, grouped by what it means.

    Args:
        diff: with the refs that were compared.
    """
    between = " and ".join(f"between {one} and {other}" for one, other in compared(diff))
    left_open = f"{without_imports(diff)}\n" if diff.missing_imports else ""
    if not diff.changes:
        return f"nothing in the {'LookML' if diff.base else 'dbt project'} differs {between}\n{left_open}"
    lines = [f"{summary(diff)} {between}", ""]
    for verdict in VERDICTS:
        changes = [one for one in diff.changes if one.verdict == verdict]
        if changes:
            lines += [verdict.upper(), *_group(changes), ""]
    return "\n".join((*lines[:-1], *(("", left_open.rstrip()) if left_open else ()))) + "\n"


def without_imports(diff: Diff) -> str:
    """What cannot be told since imported projects are not here.

    Args:
        diff: with such projects.

    >>> without_imports(Diff(changes=(), missing_imports=("hub",)))
    'the project hub is not here: what follows from it is unknown (name its directory under [imports])'
    """
    *rest, last = diff.missing_imports
    if not rest:
        return f"the project {last} is not here: what follows from it is unknown (name its directory under [imports])"
    named = f"{', '.join(rest)} and {last}"
    return f"the projects {named} are not here: what follows from them is unknown (name their directories under [imports])"


def compared(diff: Diff) -> Iterator[tuple[str, str]]:
    """What was compared with what, for people: refs, and dbt's manifests.

    >>> list(compared(Diff(changes=(), base="main", dbt_base="old.json", dbt_head="new.json")))
    [('main', 'the files here'), ('old.json', 'new.json')]
    """
    if diff.base:
        yield diff.base, diff.head or "the files here"
    if diff.dbt_base:
        yield diff.dbt_base, diff.dbt_head


def summary(diff: Diff) -> str:
    """How many changes there are of each kind, the worst first."""
    counts = Counter(one.verdict for one in diff.changes)
    parts = [f"{counts[verdict]:,} {verdict}" for verdict in VERDICTS if counts[verdict]]
    return f"{count(len(diff.changes), 'change')} ({', '.join(parts)})"


def command(diff: Diff) -> str:
    """What to run in a shell to see every change.

    Args:
        diff: with the refs that were compared.

    >>> command(Diff(changes=(), base="main", head="my branch"))
    "dagster-lookml diff --base main --head 'my branch'"
    """
    given = (
        ("--base", diff.base),
        ("--head", diff.head),
        ("--dbt-base", diff.dbt_base),
        ("--dbt-head", diff.dbt_head),
        ("--dbt-base-catalog", diff.dbt_base_catalog),
        ("--dbt-head-catalog", diff.dbt_head_catalog),
    )
    refs = (word for option, value in given if value for word in (option, value))
    return shlex.join(("dagster-lookml", "diff", *refs))


def _group(changes: Sequence[Change]) -> Iterator[str]:
    for one in changes:
        where = place(one.span)
        yield f"  {told(one)}  {where}{' before' if where and one.side == 'base' else ''}".rstrip()
        is_harmless = one.verdict in HARMLESS
        if one.affected or not is_harmless:
            yield f"    {why(one)}{_in_models(one)}"
        if not is_harmless:
            yield from (f"    {line}" for line in _felt(one.affected))


def told(one: Change) -> str:
    """A change in one line: what, and how.

    Args:
        one: the change.
    """
    name = plain(one.id)
    match one.kind:
        case "added" | "removed":
            return f"{name} {one.kind}"
        case "renamed":
            to = f" to {one.new}" if one.id.startswith("dbt:") and not one.id.endswith(one.new or "") else ""
            return f"{name} renamed from {one.old}{to}"
        case "changed":
            old, new = values(one)
            return f"{name} {one.property}: {old or _no_value(old)} -> {new or _no_value(new)}"


def values(one: Change) -> tuple[str | None, str | None]:
    """The old and the new value of a change in a line each, of which long ones begin shortly before they differ.

    Args:
        one: the change.
    """
    if one.old is None or one.new is None:
        old, new = (cut(value, _LONGEST_VALUE) if value is not None else None for value in (one.old, one.new))
        return old, new
    return shortened(one.old, one.new, _LONGEST_VALUE)


def _no_value(value: str | None) -> str:
    return "(none)" if value is None else "(empty)"


def why(one: Change) -> str:
    """What a change means, with the PDTs that are built anew where nobody feels more.

    Args:
        one: the change.
    """
    built = [plain(each.node.id) for each in one.affected] if one.verdict in HARMLESS else []
    more = len(built) - _BUILT_SHOWN
    return f"{one.reason}{': ' if built else ''}{', '.join(built[:_BUILT_SHOWN])}{f' and {more:,} more' if more > 0 else ''}"


def _in_models(one: Change) -> str:
    return f" (in {', '.join(one.models)} alone)" if one.models else ""


def _felt(affected: Sequence[Affected]) -> Iterator[str]:
    """Who feels it, and the shortest ways to the first of them."""
    if not affected:
        return
    yield f"felt by {felt(affected)}"
    ends = [one for one in affected if one.node.kind == "tile"] or list(affected)
    for one in ends[:_WAYS_SHOWN]:
        if one.path:
            yield from (f"  {line}" for line in way(one.path))
    if len(ends) > _WAYS_SHOWN:
        yield f"  and {len(ends) - _WAYS_SHOWN:,} more, all of which --format json lists"


def felt(affected: Sequence[Affected]) -> str:
    """How many of what feels something there are.

    Args:
        affected: dashboards, tiles, explores and PDTs.
    """
    counts = Counter("pdt" if one.node.id.startswith("pdt:") else one.node.kind for one in affected)
    parts = [count(counts[kind], _NOUNS.get(kind, kind)) for kind in _KINDS if counts[kind]]
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)
