"""Which models do not have what an object names, in words, and why a view may not be there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dagster_lookml.analysis.checks.names import Names
from dagster_lookml.analysis.listing import listed
from dagster_lookml.errors import suggestion
from dagster_lookml.semantic.objects import Model


class Lacking(NamedTuple):
    """Some models that do not have a thing.

    Attributes:
        model: the first of them.
        ids: of all of them.
        has_no: the half sentence that the thing follows: ``the model `sales` has no``.
        without: the half sentence that follows the thing: ``which the model `sales` does not have``.
    """

    model: Model
    ids: tuple[str, ...]
    has_no: str
    without: str


def lacking(models: Sequence[Model], seeing: Sequence[Model]) -> Iterator[Lacking]:
    """Name the models that lack something, if there are any.

    Args:
        models: that do not have it.
        seeing: all that have the object which names it.
    """
    ids = tuple(f"model:{model.name}" for model in models)
    if len(models) == 1:
        name = f"the model `{models[0].name}`"
        yield Lacking(models[0], ids, f"{name} has no", f"which {name} does not have")
    elif models:
        names = "its models" if len(models) == len(seeing) else f"the models {listed([model.name for model in models])}"
        yield Lacking(models[0], ids, f"{names} have no", f"which {names} do not have")


def view_hint(names: Names, model: Model, view: str) -> str:
    """Why a model may not have a view: its file is not included, an include matches nothing, or its name is misspelt.

    Args:
        names: of the project.
        model: that does not have it.
        view: its name, as something calls it.
    """
    file = names.declaring.get(view)
    parts = [f"it stands in {file}, which the model does not include" if file is not None else suggestion(view, model.views)]
    broken = [one for path in model.files for one in names.unmatched_includes.get(path, ())]
    if broken and (file is not None or not parts[0]):
        parts.append(f"{broken[0].message} ({broken[0].file}:{broken[0].line})")
    return "; ".join(part for part in parts if part)
