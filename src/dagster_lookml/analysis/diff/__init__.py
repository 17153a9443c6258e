"""What a change of the files changes: two resolved states compared, each difference with what it means and who feels it."""

from __future__ import annotations

from collections.abc import Iterator

from dagster_lookml.analysis.diff.change import Change, Diff, in_order
from dagster_lookml.analysis.diff.dashboard_changes import dashboard_changes
from dagster_lookml.analysis.diff.explore_changes import explore_changes, with_renamed_explores
from dagster_lookml.analysis.diff.faults import judged_by_faults
from dagster_lookml.analysis.diff.field_lists import unknown_offers
from dagster_lookml.analysis.diff.matching import matched_dashboards, matched_explores, matched_models, matched_views
from dagster_lookml.analysis.diff.model_changes import model_changes
from dagster_lookml.analysis.diff.renames import with_renames
from dagster_lookml.analysis.diff.renaming import RenamedViews, Renaming
from dagster_lookml.analysis.diff.rows import Rows
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.diff.view_changes import view_changes, view_substance
from dagster_lookml.analysis.diff.without_base import judged_without_base


def diff(base: State, head: State) -> Diff:
    """Compare two states of a project: not their text, but what it means after includes, extends, refinements and constants.

    Args:
        base: before.
        head: after.
    """
    rows = Rows(base), Rows(head)
    judged = judged_by_faults(_changes(base, head, rows), base, head, rows[1])
    changes = in_order(judged_without_base(change, base, head) for change in judged)
    return Diff(changes=changes, missing_imports=tuple(sorted(base.missing_imports | head.missing_imports)))


def _changes(base: State, head: State, rows: tuple[Rows, Rows]) -> Iterator[Change]:
    models = matched_models(base.lookup, head.lookup)
    views = list(with_renames(matched_views(base.lookup, head.lookup, models), view_substance))
    renamed = RenamedViews(views)
    explores = list(with_renamed_explores(matched_explores(base.lookup, head.lookup, models), renamed))
    renaming = Renaming(base.lookup, renamed, explores)
    yield from model_changes(base, head, models, rows[1])
    yield from view_changes(base, head, views, renaming, rows)
    of_explores = list(explore_changes(base, head, explores, renaming, rows))
    yield from of_explores
    told = {one.id for one in of_explores if one.property == "fields"}
    yield from (one for one in unknown_offers(head, explores) if one.id not in told)
    yield from dashboard_changes(head, matched_dashboards(base.lookup, head.lookup, models), renaming)
