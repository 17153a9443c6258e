"""What differs between two compiled projects, as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from dagster_lookml.analysis.impact import Affected
from dagster_lookml.source import Span

ChangeKind = Literal["added", "removed", "renamed", "changed"]

Verdict = Literal["breaking", "unknown", "numbers may change", "metadata only", "equivalent"]
"""Something that worked does so no more; nobody can tell offline; the same question may get another answer; people read or see
something else, and all answers stay; nothing changes but the text."""

VERDICTS: Final[tuple[Verdict, ...]] = ("breaking", "unknown", "numbers may change", "metadata only", "equivalent")
"""The worst first."""

FELT: Final = VERDICTS[:3]
"""What somebody feels, the worst first."""
HARMLESS: Final = VERDICTS[3:]
"""What changes no answer to any question."""
BLOCKING: Final = VERDICTS[:2]
"""What stops a change where something has to be decided."""

Side = Literal["base", "head"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference.

    Attributes:
        id: of the object: in the head, or in the base where the head has it no more. Of a file where only its text is wrong.
        kind: how it differs.
        property: the parameter that differs, or the rule by which something is wrong in one of the two; empty where the whole
            object was added, removed or renamed.
        old: its value in the base, as text; None where there was none. Of a renamed object its name.
        new: likewise in the head.
        verdict: what that means for whoever uses it.
        reason: why.
        span: where it is written; None where no file says it.
        side: in which of the two `id` and `span` are.
        models: that have it, where it differs in them alone and not in others that have it too.
        affected: dashboards, tiles, explores and PDTs that feel it, each with its shortest way; of what changes no answer the
            PDTs that are built anew.
    """

    id: str
    kind: ChangeKind
    verdict: Verdict
    reason: str
    span: Span | None
    side: Side = "head"
    property: str = ""
    old: str | None = None
    new: str | None = None
    models: tuple[str, ...] = ()
    affected: tuple[Affected, ...] = ()


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to what a change of the files changes.

    Attributes:
        changes: sorted by id, and within it by property.
        base: the ref that was compared with; empty where only dbt's manifests are compared.
        base_commit: the commit that was compared with: where the two parted, or the ref's own.
        head: the other ref; None for the files on disk.
        dbt_base: dbt's manifest that was compared with; empty where dbt's are not compared.
        dbt_head: the other manifest.
        dbt_base_catalog: dbt's catalog beside `dbt_base`; empty where none is given.
        dbt_head_catalog: likewise beside `dbt_head`.
        missing_imports: the imported projects that are not here in one of the two, sorted; what follows from them is unknown.
    """

    changes: tuple[Change, ...]
    base: str = ""
    base_commit: str = ""
    head: str | None = None
    dbt_base: str = ""
    dbt_head: str = ""
    dbt_base_catalog: str = ""
    dbt_head_catalog: str = ""
    missing_imports: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict | None:
        """The worst of all; None where nothing differs."""
        found = {change.verdict for change in self.changes}
        return next((verdict for verdict in VERDICTS if verdict in found), None)

    @property
    def is_blocking(self) -> bool:
        """Something breaks, or may do so for all that can be told."""
        return self.verdict in BLOCKING


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes as every answer lists them."""
    return tuple(sorted(changes, key=_order))


def _order(change: Change) -> tuple[str, str, str, str, str]:
    return change.id, change.property, change.kind, change.old or "", change.new or ""
