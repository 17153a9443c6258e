"""The answers of ``lineage`` and ``impact`` for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from dagster_lookml.analysis.impact import Affected, Impact
from dagster_lookml.lineage.coverage import Coverage
from dagster_lookml.lineage.graph import Edge, EdgeKind, Graph, Node
from dagster_lookml.lineage.trace import REASONS
from dagster_lookml.semantic.objects import GROUP
from dagster_lookml.sql.dialects import Dialect

_ROOTS: Final = ("dashboard", "tile", "explore", "view", "field", "table", "column", "dbt")
"""In which order what nothing else reads is printed."""
_UNREAD_SHOWN: Final = 10
_NOTES: Final[Mapping[str, str]] = {
    "joins_always": "always joined",
    "joins_on_demand": "joined on demand",
    "derives": "source of the derived table",
    "nested": "holds its rows",
    "extends": "extended",
    "trigger": "trigger",
    "filter": "filter",
    "listen": "dashboard filter",
    "sort": "sorted by",
    "join_condition": "join condition",
    "row_filter": "row filter",
    "liquid": "read by Liquid",
    "shown": "shown with it",
    "asked": "asked for by Liquid",
    "required": "required",
}
_SAYING_LITTLE: Final[frozenset[EdgeKind]] = frozenset(("filter", "listen", "sort", "liquid", "shown", "asked", "required"))
"""Beside the data that is read or shown."""
VERBS: Final[Mapping[EdgeKind, str]] = {
    "reads": "is read by",
    "joins_always": "is always part of",
    "joins_on_demand": "can be joined in",
    "derives": "is a source of",
    "nested": "holds the rows of",
    "extends": "is extended by",
    "trigger": "triggers the rebuild of",
    "tile": "is shown in",
    "filter": "filters",
    "listen": "is set by a dashboard filter in",
    "sort": "sorts",
    "join_condition": "is a join key for",
    "row_filter": "decides which rows are in",
    "liquid": "is read by the Liquid of",
    "shown": "is shown with",
    "asked": "is asked for by the Liquid of",
    "required": "is required by",
    "contains": "which has",
    "offers": "can be picked in",
    "caches": "decides how long answers are kept of",
}
"""What a hop is called, between what is read and its reader."""


def tree_text(graph: Graph) -> str:
    """A graph as trees: what people look at first, and below everything what it reads.

    What was shown before is not shown again and ends in ``…``.

    Args:
        graph: what was selected.
    """
    sources: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        sources.setdefault(edge.target, []).append(edge)
    read = {edge.source for edge in graph.edges if edge.source != edge.target}
    roots = sorted(
        (node for node in graph.nodes.values() if node.id not in read), key=lambda node: (_ROOTS.index(node.kind), node.id)
    )
    shown: set[str] = set()
    lines: list[tuple[str, str]] = []
    circles = (graph.nodes[circle[0]] for circle in graph.circles())  # nothing outside reads them
    for root in (*roots, *circles, *graph.nodes.values()):
        if root.id not in shown:
            lines += _branch(graph, sources, root.id, shown)
    width = min(max((len(left) for left, _ in lines), default=0), 100)
    return "".join(f"{left:<{width}}  {right}".rstrip() + "\n" for left, right in lines)


def _branch(graph: Graph, sources: Mapping[str, list[Edge]], root: str, shown: set[str]) -> Iterator[tuple[str, str]]:
    """The lines of one tree, without recursion: chains may be long."""
    yield root, place(graph.nodes[root].span)
    shown.add(root)
    stack = [(iter(_merged(sources.get(root, ()))), "")]
    while stack:
        edges, indent = stack[-1]
        entry = next(edges, None)
        if entry is None:
            stack.pop()
            continue
        (source, group), is_last = entry
        below = sources.get(source, ())
        again = "  …" if source in shown and below else ""
        yield f"{indent}{'└─ ' if is_last else '├─ '}{source}{_note(group)}{again}", place(group[0].span)
        if source not in shown and below:
            stack.append((iter(_merged(below)), indent + ("   " if is_last else "│  ")))
        shown.add(source)


def _merged(edges: Iterable[Edge]) -> list[tuple[tuple[str, list[Edge]], bool]]:
    """The edges to one node, those from the same source together; and whether they are the last."""
    groups: dict[str, list[Edge]] = {}
    for edge in edges:
        groups.setdefault(edge.source, []).append(edge)
    listed = list(groups.items())
    return [(group, at == len(listed) - 1) for at, group in enumerate(listed)]


def _note(edges: Iterable[Edge]) -> str:
    listed = list(edges)
    notes = list(dict.fromkeys(_NOTES[edge.kind] for edge in listed if edge.kind in _NOTES))
    if all(edge.source.startswith("dbt:") for edge in listed):
        notes = ["built by dbt"]
    if all(edge.kind in _SAYING_LITTLE or edge.kind not in _NOTES for edge in listed) and any(
        edge.kind not in _NOTES for edge in listed
    ):
        notes = []  # that a shown field is sorted by says little
    conditions = [edge.condition for edge in listed]
    if all(conditions) and conditions:
        notes.append(f"if {conditions[0]}")
    if all(not edge.exact for edge in listed):
        notes.append("inferred")
    return f"  ({', '.join(notes)})" if notes else ""


def place(span: object) -> str:
    """File and line of a place; empty where there is none."""
    return ":".join(str(span).split(":")[:-1]) if span is not None else ""


def coverage_text(coverage: Coverage, circles: Iterable[tuple[str, ...]], dialects: Mapping[str, Dialect]) -> str:
    """How far the lineage goes, and in which dialects the SQL was read.

    Args:
        coverage: of the whole project.
        circles: ids on each circle.
        dialects: by connection.
    """
    sql, fields, views = coverage.sql, coverage.fields, coverage.views
    lines = [
        f"sql       {sql.parameters} parameters: {sql.parameters - len(sql.unread)} read",
        (
            f"fields    {fields.fields} with SQL: {fields.traced_to_column} traced to their columns"
            f" ({fields.inferred} of them inferred), {fields.traced_to_table} to tables only,"
            f" {fields.no_column} read no column, {fields.unknown} unknown; {fields.percent:.1f} %"
        ),
        (
            f"views     {views.views}: {views.traced_to_table} traced to their tables, {views.no_table} have none,"
            f" {views.unknown} with something unknown"
        ),
    ]
    for reason in sorted({*fields.reasons, *views.reasons}):
        counts = [_number(fields.reasons[reason], "field")] if reason in fields.reasons else []
        counts += [_number(views.reasons[reason], "view")] if reason in views.reasons else []
        lines.append(f"unknown   {reason}, {' and '.join(counts)}: {REASONS[reason]}")
    lines += [f"unread    {place(one.span)} {one.parameter} of {one.owner}: {one.reason}" for one in sql.unread[:_UNREAD_SHOWN]]
    if len(sql.unread) > _UNREAD_SHOWN:
        lines.append(f"unread    and {len(sql.unread) - _UNREAD_SHOWN} more, all of which --format json lists")
    lines += [f"dialect   {name or '(no connection)'}: {dialect.shown}" for name, dialect in sorted(dialects.items())]
    lines += [f"circle    {' -> '.join(circle)}" for circle in circles]
    return "".join(line + "\n" for line in lines)


# -- impact ------------------------------------------------------------------------------------------------------------


def impact_text(impact: Impact, coverage: Coverage, removed: Impact | None = None, base: str = "") -> str:
    """What reads something, by dashboard, explore and view, each with its shortest way.

    Args:
        impact: the answer.
        coverage: of the whole project, as what could not be traced may be affected too.
        removed: at the ref that it is compared with, of what is there no more.
        base: that ref; empty if nothing is compared.
    """
    parts: list[str] = []
    if impact.source:
        nothing = "Nothing in this project reads" if len(impact.source) == 1 else "Nothing else in this project reads"
        parts.append(_reading(impact, "A change of", nothing))
    if removed is not None:
        parts.append(_reading(removed, f"At {base}, what is gone now,", f"Nothing at {base} reads what is gone now,"))
    if not parts:
        parts.append(f"Nothing in the LookML differs from {base}." if base else "Nothing was selected.")
    if coverage.fields.untraced or coverage.views.unknown:
        untraced = f"{_number(coverage.fields.untraced, 'field')} and {_number(coverage.views.unknown, 'view')}"
        parts.append(f"That may not be all: {untraced} of the project could not be traced whole; lineage says why.")
    return "\n\n".join(parts) + "\n"


def _reading(impact: Impact, some: str, none: str) -> str:
    names = ", ".join(_named(node) for node in impact.source[:5])
    more = f" and {len(impact.source) - 5} more" if len(impact.source) > 5 else ""
    counts = _counts(impact)
    if not counts:
        return f"{none} {names}{more}."
    among = " (what is selected itself not counted)" if len(impact.source) > 1 else ""
    lines = [f"{some} {names}{more} is felt by {counts}{among}.", ""]
    lines += _dashboards(impact)
    lines += _explores(impact)
    lines += _views(impact)
    return "\n".join(lines).rstrip()


def _number(count: int, what: str) -> str:
    """A number with its noun.

    >>> _number(1, "field"), _number(2, "view")
    ('1 field', '2 views')
    """
    return f"{count} {what}{'s' if count != 1 else ''}"


def _counts(impact: Impact) -> str:
    counts: dict[str, int] = {}
    for one in impact.affected:
        counts[one.node.kind] = counts.get(one.node.kind, 0) + 1
    views = {one.node.whole for one in impact.affected if one.node.kind == "field"} | {
        one.node.id for one in impact.affected if one.node.kind == "view"
    }
    if views:
        counts["view"] = len(views)
    order = ("dashboard", "tile", "explore", "view", "field")
    parts = [_number(counts[kind], kind) for kind in order if kind in counts]
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)


def _dashboards(impact: Impact) -> Iterator[str]:
    tiles: dict[str, list[Affected]] = {}
    for one in impact.affected:
        if one.node.kind == "tile" and one.node.whole is not None:
            tiles.setdefault(one.node.whole, []).append(one)
    dashboards = [one for one in impact.affected if one.node.kind == "dashboard"]
    for dashboard in dashboards:
        yield f'DASHBOARD "{dashboard.node.label}"  {dashboard.node.id}  {place(dashboard.node.span)}'
        for tile in tiles.get(dashboard.node.id, ()):
            yield f'  tile "{tile.node.label}"'
            yield from (f"    {line}" for line in way(tile.path, "this tile"))
        if dashboard.node.id not in tiles:
            yield from (f"    {line}" for line in way(dashboard.path))
        yield ""


def _explores(impact: Impact) -> Iterator[str]:
    """Each explore with the fields that it offers; the first with its way, the others by name."""
    for one in impact.affected:
        if one.node.kind == "explore":
            yield f"EXPLORE {one.node.id.removeprefix('explore:')}  {place(one.node.span)}"
            yield from (f"    {line}" for line in way(one.path))
            yield ""


def _views(impact: Impact) -> Iterator[str]:
    fields: dict[str, list[Affected]] = {}
    views: dict[str, Affected | None] = {}
    for one in impact.affected:
        if one.node.kind == "field" and one.node.whole is not None:
            fields.setdefault(one.node.whole, []).append(one)
            views.setdefault(one.node.whole, None)
        elif one.node.kind == "view":
            views[one.node.id] = one
    for identity, view in sorted(views.items()):
        own = [one for one in fields.get(identity, ()) if one.path[-1].kind != "contains"]
        yield f"VIEW {identity.removeprefix('view:')}"
        if view is not None:
            yield from (f"    {line}" for line in way(view.path))
        for one in own:
            yield f"  field {called(one.node).rpartition('.')[2]}"
            yield from (f"    {line}" for line in way(one.path))
        if view is not None and len(own) < len(fields.get(identity, ())):
            yield f"  and so by all of its {len(fields[identity])} fields"
        yield ""


def way(path: tuple[Edge, ...], end: str = "") -> list[str]:
    """A way as lines: what it starts from, then each hop with the place where it is written.

    Args:
        path: the hops.
        end: what to call that which it ends at; its id if empty.
    """
    lines = [(plain(path[0].source), "")]
    for edge in path:
        target = end if end and edge is path[-1] else plain(edge.target)
        note = "" if edge.exact else " (inferred)"
        condition = f" if {edge.condition}" if edge.condition else ""
        lines.append((f"  {VERBS[edge.kind]} {target}{condition}{note}", place(edge.span)))
    width = min(max(len(left) for left, _ in lines), 96)
    return [f"{left:<{width}}  {right}".rstrip() for left, right in lines]


def plain(identity: str) -> str:
    """An id as people write it: names of tiles and tables may have spaces, and a dimension group has its name alone.

    >>> plain("tile:sales/kpis/Net%20sales"), plain("field:pages.received~group")
    ('tile sales/kpis/Net sales', 'field pages.received')
    """
    written = identity.removesuffix(GROUP) if identity.startswith("field:") else identity
    return unquote(written.replace(":", " ", 1))


def called(node: Node) -> str:
    """What a node is called, likewise."""
    return node.label.removesuffix(GROUP) if node.kind == "field" else node.label


def _named(node: Node) -> str:
    return f"the {plain(node.id)}"
