"""Which access grants a query needs (R13.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.semantic.objects import Explore, Reference


def restrictions(names: Names, explore: Explore, fields: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The access grants that a query of an explore needs, each with what needs it.

    Args:
        names: of the project.
        explore: that is queried.
        fields: as ``alias.field``.

    Yields:
        A grant for people, with the user attribute that it asks for; and the explore, join, view or field that needs it.
    """
    attributes = {one.name: one.user_attribute for one in names.models[explore.model].access_grants}

    def shown(grants: Iterable[Reference], what: str) -> Iterator[tuple[str, str]]:
        for grant in grants:
            attribute = attributes.get(grant.name)
            yield f"the access grant `{grant.name}`" + (f" (user attribute `{attribute}`)" if attribute else ""), what

    yield from shown(explore.access_grants, f"the explore `{explore.name}`")
    joins = {join.name: join for join in explore.joins}
    aliased = names.aliased(explore)
    for name in dict.fromkeys(fields):
        alias, _, field = name.partition(".")
        view = aliased.get(alias)
        if alias in joins:
            yield from shown(joins[alias].access_grants, f"the join `{alias}`")
        if view is None:
            continue
        yield from shown(view.access_grants, f"the view `{alias}`")
        declared = names.field(view, field)
        if declared is not None:
            yield from shown(declared.access_grants, f"`{name}`")
