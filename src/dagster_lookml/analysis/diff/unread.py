"""What stood in a file that cannot be read now is not known to be gone."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from dagster_lookml.analysis.diff.change import Change, Diff
from dagster_lookml.source import Refusal


def not_read(found: Diff, refused: Iterable[Refusal]) -> Diff:
    """A diff in which what stood in files that are not read is unknown.

    Args:
        found: as if these files were not there.
        refused: the files of the head that are there and are not read.
    """
    reasons = {one.path: f"its file is not read: {one.message}" for one in refused}
    return msgspec.structs.replace(found, changes=tuple(_unknown(one, reasons) for one in found.changes)) if reasons else found


def _unknown(change: Change, reasons: dict[str, str]) -> Change:
    reason = reasons.get(change.span.file) if change.span is not None else None
    if reason is None or change.side != "base" or change.kind != "removed":
        return change
    return msgspec.structs.replace(change, verdict="unknown", reason=reason)
