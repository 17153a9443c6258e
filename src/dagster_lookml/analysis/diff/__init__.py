"""What a change of the files changes: two resolved states compared, each difference with what it means and who feels it."""

from __future__ import annotations

from collections.abc import Iterator

from dagster_lookml.analysis.diff.change import Change, Diff, in_order
from dagster_lookml.analysis.diff.dashboard_changes import dashboard_changes
from dagster_lookml.analysis.diff.explore_changes import explore_changes
from dagster_lookml.analysis.diff.matching import matched_dashboards, matched_explores, matched_models, matched_views
from dagster_lookml.analysis.diff.model_changes import model_changes
from dagster_lookml.analysis.diff.renames import with_renames
from dagster_lookml.analysis.diff.renaming import Renaming
from dagster_lookml.analysis.diff.state import State
from dagster_lookml.analysis.diff.view_changes import view_changes, view_substance


def diff(base: State, head: State) -> Diff:
    """Compare two states of a project: not their text, but what it means after includes, extends, refinements and constants.

    Args:
        base: before.
        head: after.
    """
    return Diff(changes=in_order(_changes(base, head)))


def _changes(base: State, head: State) -> Iterator[Change]:
    models = matched_models(base.lookup, head.lookup)
    views = list(with_renames(matched_views(base.lookup, head.lookup, models), view_substance))
    renaming = Renaming(base.lookup, views)
    yield from model_changes(base, head, models)
    yield from view_changes(base, head, views, renaming)
    yield from explore_changes(base, head, matched_explores(base.lookup, head.lookup, models), renaming)
    yield from dashboard_changes(head, matched_dashboards(base.lookup, head.lookup, models), renaming)
