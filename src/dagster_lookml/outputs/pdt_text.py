"""The answers of ``pdt list`` and ``pdt plan`` for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from dagster_lookml.outputs.text import count
from dagster_lookml.pdt.planning.obstacles import circle_of_views, no_model, said
from dagster_lookml.pdt.planning.plan import Plan
from dagster_lookml.pdt.planning.planned import PlannedAggregateTable, PlannedPdt
from dagster_lookml.pdt.planning.preflight import refusal

if TYPE_CHECKING:
    from dagster_lookml.pdt.planning.changed import Changes, Rebuild

_LONGEST_VALUE: Final = 48
_IDS_SHOWN: Final = 5
_WIDEST: Final = 60


def list_text(plan: Plan) -> str:
    """One line for each PDT, in the order of their ids.

    Args:
        plan: with what was selected.
    """
    rows = [
        (
            one.id,
            _persistence(one),
            "incremental" if one.incremental else "",
            one.connection or "-",
            f"{one.span.file}:{one.span.line}",
        )
        for one in sorted(plan.pdts, key=lambda one: one.id)
    ]
    return "".join(line + "\n" for line in (*_aligned(rows), *_sum(plan), *_no_model(plan)))


def plan_text(plan: Plan, whole: Plan, changes: Changes | None = None, base: str = "") -> str:
    """PDTs in the order of building, each with what it waits for and reads; then what somebody should know.

    Args:
        plan: with what was selected.
        whole: of the project.
        changes: since the ref that it is compared with; None if it is compared with none.
        base: that ref.
    """
    lines = [*_changed(changes, whole, base)] if changes is not None else []
    width = len(str(max((one.position for one in plan.pdts), default=0)))
    chosen = frozenset(one.id for one in plan.pdts)
    for one in plan.pdts:
        lines += _planned(one, whole, chosen, width)
    lines += ["", *_sum(plan)] if plan.pdts else _sum(plan)
    lines += [*_no_model(plan), *_cycles(plan), *_circles(plan), *_readers(plan), *_regenerated(plan), *_unknown_datagroups(plan)]
    lines += _silent_datagroups(plan)
    lines += [*_materialized(plan), *_aggregate_tables(plan.aggregate_tables), *_errors(plan)]
    return "".join(line + "\n" for line in lines)


# -- single PDTs -------------------------------------------------------------------------------------------------------


def _planned(one: PlannedPdt, whole: Plan, chosen: frozenset[str], width: int) -> Iterator[str]:
    incremental = ", incremental" if one.incremental else ""
    yield f"{one.position:>{width}}  {one.id}  ({_persistence(one)}{incremental})  {one.span.file}:{one.span.line}"
    indent = " " * (width + 4)
    for read in one.upstream:
        pdt = whole.pdt(read)
        number = f"{pdt.position} " if pdt is not None else ""
        yield f"{indent}after    {number}{read}{'' if read in chosen else ', which is not selected'}"
    for table in one.tables:
        yield f"{indent}reads    {table}"
    for trigger in (*one.triggered_by, *one.trigger_tables):
        yield f"{indent}trigger  {trigger}"
    refused = refusal(whole.lookup, one.model, one.view)
    if refused is not None:
        yield f"{indent}error    {refused}"
    for found in whole.obstacles.findings(one):
        yield f"{indent}{found.severity.value:<7}  {said(found)}"


def _persistence(one: PlannedPdt | PlannedAggregateTable) -> str:
    value = " ".join(one.persistence.value.split())
    shown = value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 2] + " …"
    return one.persistence.kind if one.persistence.kind == "materialized_view" else f"{one.persistence.kind} {shown}".rstrip()


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [min(max(map(len, column)), _WIDEST) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


# -- what somebody should know -----------------------------------------------------------------------------------------


def _sum(plan: Plan) -> list[str]:
    tables = len(plan.aggregate_tables)
    more = f"; {count(tables, 'aggregate table')} that only Looker can build" if tables else ""
    return [(count(len(plan.pdts), "PDT") if plan.pdts else "no PDTs") + more]


def _changed(changes: Changes, whole: Plan, base: str) -> Iterator[str]:
    total = len(whole.pdts)
    dropped = f", and drops {len(changes.dropped):,}" if changes.dropped else ""
    yield f"since {base} this change rebuilds {len(changes.rebuilds):,} of {count(total, 'PDT')}{dropped}"
    yield from (f"  {one.id}: {_reason(one)}" for one in changes.rebuilds)
    yield from (f"  {one}: dropped" for one in changes.dropped)
    yield from _changed_aggregate_tables(changes)
    yield ""


def _changed_aggregate_tables(changes: Changes) -> Iterator[str]:
    number = len(changes.aggregate_rebuilds) + len(changes.aggregate_dropped)
    if number:
        yield f"and changes {count(number, 'aggregate table')}, which only Looker can build:"
        yield from (f"  {one.id}: {_reason(one)}" for one in changes.aggregate_rebuilds)
        yield from (f"  {one}: dropped" for one in changes.aggregate_dropped)


def _reason(one: Rebuild) -> str:
    if one.new:
        return "new"
    own = ["its own definition"] if one.itself else []
    return "because of " + _listed([*own, *one.because])


def _cycles(plan: Plan) -> Iterator[str]:
    for cycle in plan.cycles:
        what = "it reads itself" if len(cycle) == 1 else "they read each other"
        yield f"error: cannot be built, because {what}: {_listed(cycle)}"


def _circles(plan: Plan) -> Iterator[str]:
    """Temporary tables that nothing can be built of, each with the PDTs whose queries they are in."""
    readers: dict[str, list[str]] = {}
    for one in sorted(plan.pdts, key=lambda one: one.id):
        for circle in one.circles:
            readers.setdefault(circle_of_views(circle), []).append(one.id)
    for what, ids in sorted(readers.items()):
        yield f"error: cannot be built, because {'it reads' if len(ids) == 1 else 'they read'} {what}: {_listed(ids)}"


def _readers(plan: Plan) -> Iterator[str]:
    """PDTs with nothing wrong in them but in what they read."""
    found: dict[str, list[str]] = {}
    for one in sorted(plan.pdts, key=lambda one: one.id):
        root = plan.obstacles.unbuildable_upstream(one.id)
        if root is not None:
            found.setdefault(root, []).append(one.id)
    for root, ids in sorted(found.items()):
        what = "it reads" if len(ids) == 1 else "they read"
        yield f"error: cannot be built, because {what} {root}, which cannot be: {_listed(ids)}"


def _no_model(plan: Plan) -> Iterator[str]:
    yield from (f"warning: {no_model(name)}" for name in plan.invented_models)


def _regenerated(plan: Plan) -> Iterator[str]:
    """Who else may build what: a line for each reason, not for each PDT."""
    reasons = _reasons(one for one in plan.pdts if one.regeneration.verdict == "builds")
    if reasons:
        number = sum(map(len, reasons.values()))
        these, them = (f"{number:,} of these", "them") if len(plan.pdts) > 1 else ("this PDT", "it")
        yield f"warning: Looker's regenerator builds {these} too, at times of its own:"
        yield from (f"  {reason}: {_listed(ids)}" for reason, ids in sorted(reasons.items()))
        yield f"  whoever wants to be the only one to build {them} gives {them} a trigger that never fires, such as SELECT 1"
    unknown = _reasons(one for one in plan.pdts if one.regeneration.verdict == "unknown")
    if unknown:
        number = sum(map(len, unknown.values()))
        these = f"{number:,} of these" if len(plan.pdts) > 1 else "this PDT"
        yield f"warning: whether Looker's regenerator builds {these} too is not known:"
        yield from (f"  {reason}: {_listed(ids)}" for reason, ids in sorted(unknown.items()))


def _reasons(pdts: Iterable[PlannedPdt]) -> dict[str, list[str]]:
    """The ids of what is regenerated, or may be, by the reason."""
    reasons: dict[str, list[str]] = {}
    for one in sorted(pdts, key=lambda one: one.id):
        if one.regeneration.reason is not None:
            reasons.setdefault(one.regeneration.reason, []).append(one.id)
    return reasons


def _unknown_datagroups(plan: Plan) -> Iterator[str]:
    triggered: dict[tuple[str, str], list[str]] = {}
    for one in sorted(plan.pdts, key=lambda one: one.id):
        if one.unknown_datagroup is not None:
            triggered.setdefault((one.unknown_datagroup, one.model), []).append(one.id)
    for (name, model), ids in sorted(triggered.items()):
        what = f"the model {model} has no datagroup {name}, so this trigger never fires, and Looker's validator refuses it"
        yield f"warning: {what}: {_listed(ids)}"


def _silent_datagroups(plan: Plan) -> Iterator[str]:
    """Datagroups that are there and never fire (R5.17)."""
    triggered: dict[tuple[str, str], list[str]] = {}
    for one in sorted(plan.pdts, key=lambda one: one.id):
        if one.persistence.kind == "datagroup_trigger":
            for datagroup in plan.lookup.models[one.model].datagroups:
                if datagroup.name == one.persistence.value.strip() and not (datagroup.sql_trigger or datagroup.interval_trigger):
                    triggered.setdefault((datagroup.name, one.model), []).append(one.id)
    for (name, model), ids in sorted(triggered.items()):
        yield f"warning: the datagroup {name} of the model {model} has no trigger, so it never rebuilds: {_listed(ids)}"


def _errors(plan: Plan) -> Iterator[str]:
    number = plan.obstacles.errors
    if number:
        lists = "lists it" if number == 1 else "lists them"
        yield f"note: {count(number, 'error')} in this project: dagster-lookml check {lists}"


def _materialized(plan: Plan) -> Iterator[str]:
    found = sorted(one.id for one in plan.pdts if one.persistence.kind == "materialized_view")
    if found:
        yield "warning: whether Looker's API can start the build of a materialized_view is written nowhere: " + _listed(found)


def _aggregate_tables(tables: Iterable[PlannedAggregateTable]) -> Iterator[str]:
    listed = list(tables)
    if listed:
        yield "note: Looker's API starts builds of views only, so these aggregate tables are built by nobody but Looker:"
        rows = [(f"  {one.id}", _persistence(one), f"{one.span.file}:{one.span.line}") for one in listed]
        yield from _aligned(rows)


def _listed(ids: Sequence[str]) -> str:
    more = len(ids) - _IDS_SHOWN
    return ", ".join(ids[:_IDS_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
