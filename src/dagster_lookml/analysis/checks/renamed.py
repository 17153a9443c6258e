"""What a field or view that does not exist was probably renamed to, or is called where somebody names it."""

from __future__ import annotations

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.objects import Explore, Field, View


def alias_hint(names: Names, explore: Explore, alias: str, field: str = "") -> str:
    """Help for a name under which an explore has no view.

    Args:
        names: of the project.
        explore: that is asked for the view.
        alias: that it does not have.
        field: of the view, if one is named.

    Returns:
        The alias of the view in this explore (R6.3), names that look alike, or the one other view that has the field.
    """
    aliased = names.aliased(explore)
    called = [other for other, view in aliased.items() if view is not None and view.name == alias]
    if called:
        return f"in this explore the view `{alias}` is called `{called[0]}`"
    return suggestion(alias, aliased) or _elsewhere(aliased, field)


def field_hint(names: Names, explore: Explore, view: View, field: str) -> str:
    """Help for a field that a view does not have.

    Args:
        names: of the project.
        explore: in which it is asked for.
        view: that does not have it.
        field: its name.

    Returns:
        The timeframes of its group (R4.7), names that look alike, or the one other view of the explore that has it.
    """
    hint = names.group_hint(view, field)
    group = _group_of(view, field)
    if group is not None and group.name != field:
        return f"the dimension group `{group.name}` has {', '.join(group.generated[:6])}"
    return hint or _elsewhere({other: one for other, one in names.aliased(explore).items() if one is not view}, field)


def _group_of(view: View, name: str) -> Field | None:
    """The dimension group of which a name would be a timeframe, if it had that."""
    groups = [one for one in view.fields if one.kind == "dimension_group" and one.type != "duration"]
    return max((one for one in groups if name.startswith(f"{one.name}_")), key=lambda one: len(one.name), default=None)


def _elsewhere(aliased: dict[str, View | None], field: str) -> str:
    having = [alias for alias, view in aliased.items() if view is not None and any(field in one.names for one in view.fields)]
    return f"`{having[0]}.{field}` has that name" if len(having) == 1 else ""
