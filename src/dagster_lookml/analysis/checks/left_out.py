"""Fields that are made of fields which their explore leaves out (R4.38, R4.40, R13 V08)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dagster_lookml.analysis.checks.uses import Uses
from dagster_lookml.semantic.field_lists import available_fields
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.objects import Explore


def check_left_out(uses: Uses, findings: Findings) -> None:
    """Check every explore that chooses its fields.

    What joins leave out, and what conditions name, is let pass: the documentation itself joins by fields that a join leaves out.
    """
    for explore in uses.explores:
        if explore.fields is not None:
            _check(uses, findings, explore)


def _check(uses: Uses, findings: Findings, explore: Explore) -> None:
    names, aliased, chosen = uses.names, uses.aliased(explore), _chosen(uses, explore)
    offered = names.available(explore)
    for alias, view in aliased.items():
        for use in names.field_sql(view) if view is not None else ():
            other = alias if use.scope is None else use.scope
            target = aliased.get(other)
            if target is None or use.reference.is_table or use.name not in names.names_by_view[target.id]:
                continue
            is_offered = any(name in offered.get(alias, ()) for name in use.field.names)
            if is_offered and use.name not in chosen.get(other, ()):
                span, length = use.written
                message = f"`{alias}.{use.field.name}` needs `{other}.{use.name}`, which the explore `{explore.name}` leaves out"
                findings.add("field-excluded", message, span, object=explore.id, length=length)


def _chosen(uses: Uses, explore: Explore) -> Mapping[str, frozenset[str]]:
    """What the list of the explore leaves, as if no join had one."""
    joins = tuple(msgspec.structs.replace(join, fields=None) for join in explore.joins)
    names = uses.names
    return available_fields(msgspec.structs.replace(explore, joins=joins), names.views, names.names_by_view)
