"""What Looker builds, as far as the LookML tells: PDTs, and the aggregate tables of explores."""

from __future__ import annotations

from typing import Literal

import msgspec

from dagster_lookml.semantic.objects import Persistence
from dagster_lookml.source.files import Span


class Regeneration(msgspec.Struct, frozen=True):
    """Whether Looker's regenerator builds a table by itself (R5.17, R11.1).

    Attributes:
        verdict: ``builds`` if it does, ``leaves`` if it does so for no query but one that finds the table missing, ``unknown`` if
            what decides it is in a project that is not here.
        reason: why it does, or why that is not known; None where it leaves the table.
    """

    verdict: Literal["builds", "leaves", "unknown"]
    reason: str | None = None


class PlannedPdt(msgspec.Struct, frozen=True, kw_only=True):
    """A persistent derived table as one model builds it (R2.24, R5.11).

    Attributes:
        id: ``pdt:model/view``.
        model: its name.
        view: the name of the view.
        view_id: the id of the view, which several models may share.
        connection: of the model; None if it names none.
        persistence: what makes Looker build it, and keep it.
        incremental: a build adds rows, and makes the table anew only if asked to.
        upstream: ids of the PDTs whose tables it reads, itself or through temporary derived tables; sorted, as all of these.
        tables: ids of the warehouse tables that it reads in the same way.
        triggered_by: ids of the PDTs whose tables the SQL of its trigger reads: no data comes from them (R5.15).
        trigger_tables: ids of the warehouse tables that this SQL reads.
        span: where the view is declared.
        position: 1-based place in the order of building.
        regeneration: whether Looker's regenerator builds it too.
        interval: how often its trigger fires, as written; None if that is no matter of time.
        fires_by_sql: its trigger fires when the answer of some SQL changes.
        unknown_datagroup: the name of its datagroup, if there is none of that name.
        through: ids of the temporary and plain views inside its query.
        circles: the groups of these that read each other, or one that reads itself.
    """

    id: str
    model: str
    view: str
    view_id: str
    connection: str | None
    persistence: Persistence
    incremental: bool
    upstream: tuple[str, ...]
    tables: tuple[str, ...]
    triggered_by: tuple[str, ...]
    trigger_tables: tuple[str, ...]
    span: Span
    position: int
    regeneration: Regeneration
    interval: str | None = None
    fires_by_sql: bool = False
    unknown_datagroup: str | None = None
    through: tuple[str, ...] = ()
    circles: tuple[tuple[str, ...], ...] = ()


class PlannedAggregateTable(msgspec.Struct, frozen=True, kw_only=True):
    """An aggregate table that is kept (R5.20). Looker's API starts builds of views only, so nobody but Looker builds it.

    Attributes:
        id: ``pdt:model/explore::name``.
        model: its name.
        explore: the name of the explore.
        name: its own.
        connection, persistence, incremental, upstream, tables, regeneration: as for a PDT.
        span: where it is declared.
    """

    id: str
    model: str
    explore: str
    name: str
    connection: str | None
    persistence: Persistence
    incremental: bool
    upstream: tuple[str, ...]
    tables: tuple[str, ...]
    span: Span
    regeneration: Regeneration
