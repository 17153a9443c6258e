"""What differs between two compiled projects: ``state:modified``, ``state:new``, ``state:changed``, and what is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from dagster_lookml.lineage.ids import field_id
from dagster_lookml.semantic.objects import Dashboard, Explore, Lookup, Project, View, ViewKind

_Object = View | Explore | Dashboard


def states(base: Project, head: Project) -> dict[str, frozenset[str]]:
    """The ids, in `head`, of objects and fields that are not in `base` as they are.

    Objects are the same if model, kind and name are; where they stand, and in which order files are read, changes nothing.

    Args:
        base: what it is compared with.
        head: whose ids are given.

    Returns:
        ``new``: those that `base` does not have; ``changed``: those that it has otherwise; ``modified``: both.
    """
    new: set[str] = set()
    changed: set[str] = set()
    before = _objects(base)
    for key, one in _objects(head).items():
        other = before.get(key)
        if other is None:
            new.add(one.id)
        elif _content(other) != _content(one):
            changed.add(one.id)
        if isinstance(one, View):
            for identity, is_new in _fields(other if isinstance(other, View) else None, one):
                (new if is_new else changed).add(identity)
    return {"new": frozenset(new), "changed": frozenset(changed), "modified": frozenset(new | changed)}


def changed_in_fields_alone(base: Project, head: Project) -> frozenset[str]:
    """The ids, in `head`, of views that differ from those of `base` in nothing but fields that `head` has.

    Such a view is a change of those fields, and of no others.

    Args:
        base: what it is compared with.
        head: whose ids are given.
    """
    before = _objects(base)
    found: set[str] = set()
    for key, one in _objects(head).items():
        other = before.get(key)
        if isinstance(one, View) and isinstance(other, View) and _content(one) != _content(other):
            same_but_fields = _content(msgspec.structs.replace(one, fields=())) == _content(
                msgspec.structs.replace(other, fields=())
            )
            if same_but_fields and {field.own_name for field in other.fields} <= {field.own_name for field in one.fields}:
                found.add(one.id)
    return frozenset(found)


def removed(base: Project, head: Project) -> frozenset[str]:
    """The ids, in `base`, of views, explores, dashboards and fields that `head` does not have.

    Args:
        base: whose ids are given.
        head: what it is compared with.
    """
    after = _objects(head)
    found: set[str] = set()
    for key, one in _objects(base).items():
        other = after.get(key)
        if other is None:
            found.add(one.id)
        elif isinstance(one, View) and isinstance(other, View):
            left = {field.own_name for field in other.fields}
            found.update(field_id(one.id, field.own_name) for field in one.fields if field.own_name not in left)
    return frozenset(found)


def _objects(project: Project) -> Mapping[tuple[str, str, str], _Object]:
    """Every object by model, kind and name; a view once for each model that sees it."""
    lookup = Lookup(project)
    found: dict[tuple[str, str, str], _Object] = {}
    for model in project.models:
        for name, identity in model.views.items():
            found[model.name, "view", name] = lookup.views[identity]
    alone = [view for view in project.views if not view.models]
    names = Counter(view.name for view in alone)
    for view in alone:
        found[view.span.file if names[view.name] > 1 else "", "view", view.name] = view
    for explore in project.explores:
        found[explore.model, "explore", explore.name] = explore
    for dashboard in project.dashboards:
        found[dashboard.model or dashboard.span.file, "dashboard", dashboard.name] = dashboard
    return found


def _content(one: _Object) -> _Object:
    """An object without what other objects decide: which models see it, what its names mean there, what it is used as."""
    if isinstance(one, View):
        kind: ViewKind = "abstract" if one.kind == "abstract" else "table"
        return msgspec.structs.replace(
            one, id="", models=(), kind=kind, included=True, complete=True, missing_parents=(), origins=()
        )
    if isinstance(one, Explore):
        joins = tuple(msgspec.structs.replace(join, view=None) for join in one.joins)
        return msgspec.structs.replace(
            one, id="", base_view=None, joins=joins, field_count=0, complete=True, missing_parents=(), origins=()
        )
    elements = tuple(
        msgspec.structs.replace(element, queries=tuple(msgspec.structs.replace(query, explore=None) for query in element.queries))
        for element in one.elements
    )
    filters = tuple(msgspec.structs.replace(each, explore=None) for each in one.filters)
    return msgspec.structs.replace(one, id="", elements=elements, filters=filters, included=True, missing_parents=())


def _fields(before: View | None, after: View) -> Iterator[tuple[str, bool]]:
    """The ids of fields that are new or otherwise, and whether they are new."""
    known = {field.own_name: field for field in before.fields} if before is not None else {}
    for field in after.fields:
        if known.get(field.own_name) != field:
            yield field_id(after.id, field.own_name), field.own_name not in known
