"""The SQL that tells when a persistent table is built anew (R5.15, R11.2)."""

from __future__ import annotations

from collections.abc import Iterable

from dagster_lookml.lineage.worlds import World
from dagster_lookml.semantic.objects import Datagroup, Persistence, Text


def trigger_texts(persistence: Persistence, world: World) -> list[Text]:
    """The SQL of a trigger, or of the datagroup that it names in its model.

    Args:
        persistence: of the table that is built.
        world: of the model that it is built for.
    """
    if persistence.kind == "sql_trigger_value":
        return [Text("sql_trigger_value", persistence.value, persistence.span)]
    if persistence.kind != "datagroup_trigger":
        return []
    groups: Iterable[Datagroup] = world.model.datagroups if world.model is not None else ()
    named = (one.sql_trigger for one in groups if one.name == persistence.value.strip())
    return [text for text in named if text is not None]
