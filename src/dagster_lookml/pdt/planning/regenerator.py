"""What Looker's regenerator builds by itself: it looks at the triggers of every connection on a schedule of its own.

Whoever builds PDTs from outside, and wants to be the only one, gives them a trigger that never fires.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from dagster_lookml.pdt.planning.planned import PlannedAggregateTable, PlannedPdt, Regeneration
from dagster_lookml.semantic.objects import Datagroup, Model, Persistence

_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_LITERAL: Final = r"(?:[-+]?\d+(?:\.\d+)?|'(?:[^'{]|'')*'|null|true|false)"
_OUTPUT: Final = rf"{_LITERAL}(?:\s+(?:as\s+)?(?!from\b)[`\"\[]?\w+[`\"\]]?)?"
_CONSTANT: Final = re.compile(rf"\s*(?:select\s+{_OUTPUT}(?:\s*,\s*{_OUTPUT})*(?:\s+from\s+dual)?)?\s*;?\s*", re.IGNORECASE)


def is_constant(sql: str) -> bool:
    """Tell whether a query gives the same answer always, so that a trigger made of it never fires.

    >>> is_constant("SELECT 1"), is_constant("select 'never' as t -- by hand"), is_constant("SELECT CURRENT_DATE")
    (True, True, False)
    """
    return _CONSTANT.fullmatch(_COMMENT.sub(" ", sql)) is not None


def firing(persistence: Persistence, datagroups: Iterable[Datagroup]) -> str | None:
    """Why the regenerator builds a table by itself; None if it never does (R5.17, R11.1).

    Args:
        persistence: of the table.
        datagroups: of its model.
    """
    value = persistence.value.strip()
    if persistence.kind == "datagroup_trigger":
        found = (_of_datagroup(one) for one in datagroups if one.name == value)
        return next((reason for reason in found if reason is not None), None)
    if persistence.kind == "sql_trigger_value":
        return None if is_constant(value) else "the answer to its sql_trigger_value changes"
    if persistence.kind == "interval_trigger":
        return f"its interval_trigger fires every {value}"
    return None


def regeneration(persistence: Persistence, model: Model) -> Regeneration:
    """Whether the regenerator builds a table by itself, as far as its own persistence says.

    Args:
        persistence: of the table.
        model: that keeps it.
    """
    name = _unknown(persistence, model)
    if name and model.missing_projects:
        return Regeneration("unknown", f"datagroup {name} is declared in a project that is not here")
    reason = firing(persistence, model.datagroups)
    return Regeneration("builds", reason) if reason is not None else Regeneration("leaves")


def unknown_datagroup(persistence: Persistence, model: Model) -> str | None:
    """The datagroup of a table, if there is none of that name anywhere; arguments as for `regeneration`."""
    return _unknown(persistence, model) if not model.missing_projects else None


def _unknown(persistence: Persistence, model: Model) -> str | None:
    name = persistence.value.strip()
    is_known = persistence.kind != "datagroup_trigger" or any(one.name == name for one in model.datagroups)
    return None if is_known else name


def interval(persistence: Persistence, datagroups: Iterable[Datagroup]) -> str | None:
    """How often the trigger of a table fires, as written; None if that is no matter of time. Arguments as for `firing`."""
    value = persistence.value.strip()
    if persistence.kind == "datagroup_trigger":
        return next((one.interval_trigger for one in datagroups if one.name == value and one.interval_trigger), None)
    return value if persistence.kind == "interval_trigger" else None


def fires_by_sql(persistence: Persistence, datagroups: Iterable[Datagroup]) -> bool:
    """Whether the trigger of a table fires when the answer of some SQL changes. Arguments as for `firing`."""
    return firing(persistence, datagroups) is not None and interval(persistence, datagroups) is None


def _of_datagroup(datagroup: Datagroup) -> str | None:
    if datagroup.interval_trigger:
        return f"datagroup {datagroup.name} fires every {datagroup.interval_trigger}"
    if datagroup.sql_trigger is not None and not is_constant(datagroup.sql_trigger.value):
        return f"datagroup {datagroup.name} fires when its sql_trigger changes"
    return None


def rebuilt_with_readers(pdts: Sequence[PlannedPdt], tables: Iterable[PlannedAggregateTable]) -> list[PlannedPdt]:
    """PDTs, where the ``persist_for`` tables that the regenerator builds for one that reads them have this reason (R5.16).

    Args:
        pdts: in the order of building, each with what its own persistence says.
        tables: likewise, in any order.
    """
    listed = list(tables)
    surely = _readers([one for one in pdts if _is_known(one)], [one for one in listed if _is_known(one)])
    found = {one: Regeneration("unknown", reason) for one, reason in _readers(pdts, listed).items()}
    found |= {one: Regeneration("builds", reason) for one, reason in surely.items()}
    return [msgspec.structs.replace(one, regeneration=found.get(one.id, one.regeneration)) for one in pdts]


def _is_known(one: PlannedPdt | PlannedAggregateTable) -> bool:
    return one.regeneration.verdict != "unknown"


def _readers(pdts: Sequence[PlannedPdt], tables: Sequence[PlannedAggregateTable]) -> dict[str, str]:
    kept_for = {one.id for one in pdts if one.persistence.kind == "persist_for"}
    readers: dict[str, str] = {}
    in_order: list[PlannedPdt | PlannedAggregateTable] = [*tables, *reversed(pdts)]
    for reader in in_order:
        if reader.regeneration.verdict != "leaves" or reader.id in readers:
            for read in reader.upstream:
                if read in kept_for and read != reader.id:
                    readers[read] = min(reader.id, readers.get(read, reader.id))
    return {read: f"it is built with {reader}, which reads it" for read, reader in readers.items()}
