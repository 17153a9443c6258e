"""Views and explores of which only refinements are here: their base may be in an imported project that is not (R8.8, R8.9).

They are typed as whole ones are, so that everything which reads objects can read them. What they do not write has the defaults of
LookML; `written` tells which parameters are their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from dagster_lookml.semantic.explores import explore
from dagster_lookml.semantic.findings import Findings
from dagster_lookml.semantic.identity import view_ids
from dagster_lookml.semantic.merge import Block
from dagster_lookml.semantic.objects import Explore, View
from dagster_lookml.semantic.quoting import REFINED, refined_explore_id
from dagster_lookml.semantic.scope import Resolved, Scope
from dagster_lookml.semantic.views import view
from dagster_lookml.syntax.schema import FIELD_KINDS


def refined_views(scopes: Iterable[Scope]) -> list[tuple[View, Block]]:
    """What refinements say of views that are not here, once for all models that see the same, sorted by id.

    Args:
        scopes: of the models.

    Returns:
        Each with the block that it was made of, which is named as LookML names a refinement.
    """
    resolved: dict[int, Resolved] = {}
    seen_by: dict[int, list[str]] = {}
    for scope in scopes:
        for found in scope.refined_alone("view").values():
            resolved[found.key] = found
            seen_by.setdefault(found.key, []).append(scope.name)
    ids = view_ids(resolved, seen_by, REFINED)
    made = [(_view(one, ids[key], tuple(seen_by[key])), _marked(one.block)) for key, one in resolved.items()]
    return sorted(made, key=lambda one: one[0].id)


def refined_explores(scopes: Iterable[Scope], views: Mapping[str, Mapping[str, str]]) -> list[tuple[Explore, Block]]:
    """What refinements say of explores that are not here, sorted by id.

    Args:
        scopes: of the models.
        views: for each model the ids of its views by name.

    Returns:
        As `refined_views`.
    """
    made = [
        (_explore(found, scope.name, views[scope.name]), _marked(found.block))
        for scope in scopes
        for found in scope.refined_alone("explore").values()
    ]
    return sorted(made, key=lambda one: one[0].id)


def _view(resolved: Resolved, identity: str, models: tuple[str, ...]) -> View:
    block = resolved.block
    made = view(resolved, identity, models, nested=False, findings=Findings(), typed={})
    keys = {(one.key, one.name): _keys(one) for key in FIELD_KINDS for one in block.blocks(key)}
    fields = tuple(msgspec.structs.replace(one, written=keys[one.kind, one.name]) for one in made.fields)
    return msgspec.structs.replace(made, fields=fields, written=_keys(block))


def _explore(resolved: Resolved, model: str, views: Mapping[str, str]) -> Explore:
    block = resolved.block
    made = explore(resolved, model, views)
    keys = {one.name: _keys(one) for one in block.blocks("join")}
    joins = tuple(msgspec.structs.replace(one, written=keys[one.name]) for one in made.joins)
    identity = refined_explore_id(model, made.name)
    return msgspec.structs.replace(made, id=identity, joins=joins, written=_keys(block))


def _keys(block: Block) -> tuple[str, ...]:
    return tuple(sorted({member.key for member in block.members}))


def _marked(block: Block) -> Block:
    return Block(block.key, f"{REFINED}{block.name}", block.members, block.file, block.start)
