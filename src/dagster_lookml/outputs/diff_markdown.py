"""The answer of ``diff`` as Markdown: a comment on a pull request, and the summary of a step in GitHub Actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from dagster_lookml.analysis.diff.change import FELT, HARMLESS, VERDICTS, Change, Diff, Verdict
from dagster_lookml.outputs.diff_graph import diff_graph
from dagster_lookml.outputs.diff_text import command, felt, values, why, without_imports
from dagster_lookml.outputs.impact_markdown import impact_tree
from dagster_lookml.outputs.lineage_text import place, plain
from dagster_lookml.outputs.markdown_text import COMMENT_LIMIT, SUMMARY_LIMIT, Section, code, escaped, limited, mark, prose
from dagster_lookml.outputs.text import count

_ARE: Final[dict[Verdict, tuple[str, str]]] = {
    "breaking": ("breaks something", "break something"),
    "unknown": ("may break something", "may break something"),
    "numbers may change": ("may change numbers", "may change numbers"),
    "metadata only": ("is metadata only", "are metadata only"),
    "equivalent": ("is equivalent", "are equivalent"),
}
_LONGEST_NAME: Final = 160
_LONGEST_REASON: Final = 400
_DASHBOARDS: Final = 5
_TOLD: Final = (40, 12, 4)
"""How many are told of those that feel one change: the fewer, the more changes a comment has room for."""


def diff_markdown(diff: Diff, limit: int = COMMENT_LIMIT) -> str:
    """Changes as a comment: what they mean in words, each with who feels it, and what they touch as a graph.

    What changes no answer is in a table that a click opens.

    Args:
        diff: with the refs that were compared.
        limit: the most bytes, and characters, that the answer may have.

    Returns:
        Markdown, whose first line is a `mark`.
    """
    first = mark("diff")
    return first + _comment(diff, limit - len(first))


def diff_summary(diff: Diff) -> str:
    """The same with a heading and of more changes, for the file that GitHub Actions names in ``GITHUB_STEP_SUMMARY``.

    Args:
        diff: with the refs that were compared.
    """
    return "### dagster-lookml diff\n\n" + _comment(diff, SUMMARY_LIMIT)


def _comment(diff: Diff, limit: int) -> str:
    graph = _graph(diff)
    if _size(graph) * 2 > limit:
        graph = ""
    room = limit - _size(graph)
    sections: list[Section] = []
    for most in _TOLD:
        sections = [Section(_head(diff)), *_grave(diff, most, room), *_harmless(diff)]
        if sum(_size("\n".join((one.head, *one.lines, one.tail))) + 2 for one in sections) <= room:
            break
    everything = code(command(diff))
    return limited(sections, room, lambda number: f"… and {number:,} more; {everything} lists them all.") + graph


def _size(text: str) -> int:
    return len(text.encode())


def _head(diff: Diff) -> str:
    """What all of it means, what was compared, and which dashboards feel it."""
    nodes = (each.node for one in _of(diff, FELT) for each in one.affected)
    dashboards = sorted({node.id: node.label for node in nodes if node.kind == "dashboard"}.values())
    lines = [_verdict(diff), "", " ".join(_compared(diff))]
    if dashboards:
        more = len(dashboards) - _DASHBOARDS
        named = ", ".join(f"<b>{escaped(name, _LONGEST_NAME)}</b>" for name in dashboards[:_DASHBOARDS])
        lines[-1] += f" Felt by {count(len(dashboards), 'dashboard')}: {named}{f' and {more:,} more' if more > 0 else ''}."
    if diff.missing_imports:
        lines += ["", f"{prose(without_imports(diff), _LONGEST_REASON)}."]
    return "\n".join(lines)


def _compared(diff: Diff) -> Iterator[str]:
    if diff.base:
        base = code(diff.base, _LONGEST_NAME) + (f" ({code(diff.base_commit[:12])})" if diff.base_commit else "")
        yield f"{code(diff.head, _LONGEST_NAME)} compared with {base}." if diff.head is not None else f"Compared with {base}."
    if diff.dbt_base:
        yield f"dbt: {code(diff.dbt_head, _LONGEST_NAME)} compared with {code(diff.dbt_base, _LONGEST_NAME)}."


def _verdict(diff: Diff) -> str:
    """How many changes mean what, the worst first."""
    if diff.verdict is None:
        return f"**No change**: nothing in the {'LookML' if diff.base else 'dbt project'} differs"
    counts = Counter(one.verdict for one in diff.changes)
    parts = [f"{counts[one]:,} {_ARE[one][counts[one] > 1]}" for one in VERDICTS if counts[one]]
    first, _, rest = parts[0].partition(" ")
    noun = "change" if first == "1" else "changes"
    return f"**{diff.verdict.capitalize()}**: {', '.join((f'{first} {noun} {rest}', *parts[1:]))}"


def _of(diff: Diff, verdicts: Sequence[Verdict]) -> list[Change]:
    return [one for verdict in verdicts for one in diff.changes if one.verdict == verdict]


def _grave(diff: Diff, most: int, room: int) -> Iterator[Section]:
    for verdict in FELT:
        if changes := _of(diff, (verdict,)):
            yield Section(f"#### {verdict.capitalize()}\n", _entries(changes, most, room))


def _entries(changes: Sequence[Change], most: int, room: int) -> list[str]:
    """Changes, of which those behind the first that has no room are empty, since they will only be counted."""
    entries: list[str] = []
    for one in changes:
        entries.append(_entry(one, most) if room >= 0 else "")
        room -= _size(entries[-1])
    return entries


def _entry(one: Change, most: int) -> str:
    """A change as an item of a list, which holds who feels it."""
    models = f" (in {code(', '.join(one.models), _LONGEST_NAME)} alone)" if one.models else ""
    where = _where(one)
    lines = [f"- {_what(one)}: {prose(one.reason, _LONGEST_REASON)}{models}{f' ({where})' if where else ''}"]
    if one.affected:
        lines += [f"  <details><summary>felt by {felt(one.affected)}</summary>", ""]
        lines += [f"  {line}" for line in impact_tree(one.affected, most)]
        lines += ["", "  </details>"]
    return "\n".join(lines) + "\n"


def _what(one: Change) -> str:
    name = code(plain(one.id), _LONGEST_NAME)
    match one.kind:
        case "added" | "removed":
            return f"{name} {one.kind}"
        case "renamed":
            return f"{name} renamed from {code(one.old or '', _LONGEST_NAME)}"
        case "changed":
            old, new = values(one)
            return f"{name} {escaped(one.property, _LONGEST_NAME)} {_value(old)} → {_value(new)}"


def _value(value: str | None) -> str:
    if value is None or not value.strip():
        return "(none)" if value is None else "(empty)"
    return code(value)


def _where(one: Change) -> str:
    if one.span is None:
        return ""
    return ("was at " if one.side == "base" else "") + code(place(one.span), _LONGEST_NAME)


def _harmless(diff: Diff) -> Iterator[Section]:
    changes = _of(diff, HARMLESS)
    if not changes:
        return
    counts = Counter(one.verdict for one in changes)
    told = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in HARMLESS if counts[verdict])
    yield Section(
        f"<details><summary>{told}</summary>\n\n| | Change | Reason | Where |\n|---|---|---|---|",
        [f"| {one.verdict} | {_what(one)} | {prose(why(one), _LONGEST_REASON)} | {_where(one)} |" for one in changes],
        "\n</details>",
    )


def _graph(diff: Diff) -> str:
    """What is touched, drawn; empty where nobody feels more than other words."""
    drawing = diff_graph(_of(diff, FELT))
    if not drawing.text:
        return ""
    more = f"; {drawing.left_out:,} more not drawn" if drawing.left_out else ""
    caption = f"What is touched: what changes is yellow, dashboards that feel it are red{more}."
    return f"\n{caption}\n\n```mermaid\n{drawing.text}```\n"
