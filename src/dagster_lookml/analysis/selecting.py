"""Finding the object that a person names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagster_lookml.analysis.refined import models_of
from dagster_lookml.errors import SelectorError, near_names
from dagster_lookml.semantic.objects import Explore, Field, Project, View, field_names

KINDS = ("view", "explore", "field")


def find_field(view: View, selector: str) -> Field:
    """Find the field that ``field:orders.total`` names; ``field:orders.created_date`` means the group ``created``.

    Args:
        view: the view that the selector names.
        selector: as it was written.

    Raises:
        SelectorError: the view has no such field.
    """
    name = selector.rpartition(".")[2]
    names = {**{field.name: field for field in view.fields}, **field_names(view)}
    if name not in names:
        raise SelectorError(selector, f"{view.id} has no such field", near_names(name, names))
    return names[name]


def find_object(project: Project, selector: str, model: str | None = None) -> View | Explore:
    """Find the one view or explore that a selector names.

    Args:
        project: where to look.
        selector: an id such as ``view:orders`` or ``explore:ecommerce/orders``; ``view:ecommerce/orders`` is the view that the
            model sees; a model may be left out where the name decides; the view of a ``field:orders.total`` is meant by it. Where
            only refinements of it are here, those are meant, as by ``view:+orders``.
        model: the model to look in.

    Raises:
        SelectorError: it names nothing, or more than one object.
    """
    kind, _, name = selector.partition(":")
    if kind not in KINDS or not name:
        raise SelectorError(selector, f"expected one of {', '.join(f'{kind}:NAME' for kind in KINDS)}")
    if model is not None and all(one.name != model for one in project.models):
        raise SelectorError(selector, f"no model is called {model}", near_names(model, [one.name for one in project.models]))
    if kind == "field":
        kind, name = "view", name.rpartition(".")[0] or name
    found: list[View | Explore] = [*(_views(project, name, model) if kind == "view" else _explores(project, name, model))]
    refined = project.refined_views if kind == "view" else project.refined_explores
    found = found or list(_refined(refined, name, model))
    if len(found) == 1:
        return found[0]
    ids = [one.id for one in (*(project.views if kind == "view" else project.explores), *refined)]
    if not found:
        where = f" in model {model}" if model else ""
        raise SelectorError(selector, f"no such {kind}{where}", near_names(f"{kind}:{name}", ids))
    raise SelectorError(selector, f"{len(found)} {kind}s have this name", tuple(one.id for one in found))


def _views(project: Project, name: str, model: str | None) -> Iterable[View]:
    by_id = {view.id: view for view in project.views}
    if f"view:{name}" in by_id and model is None:
        return [by_id[f"view:{name}"]]
    named_model, _, bare = name.rpartition("/")
    for one in project.models:
        if one.name == (model or named_model):
            return [by_id[one.views[bare]]] if bare in one.views else []
    return [] if named_model else [view for view in project.views if view.name == name]


def _explores(project: Project, name: str, model: str | None) -> Iterable[Explore]:
    named_model, _, bare = name.rpartition("/")
    wanted = model or named_model
    return [one for one in project.explores if one.name == bare and (not wanted or one.model == wanted)]


def _refined(parts: Iterable[View | Explore], name: str, model: str | None) -> Iterator[View | Explore]:
    """Those of which only refinements are here, with or without the plus before the name."""
    named_model, _, bare = name.rpartition("/")
    wanted = model or named_model
    for one in parts:
        if one.name == bare.removeprefix("+") and (not wanted or wanted in models_of(one)):
            yield one
