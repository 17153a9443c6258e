"""Why a view cannot be built: Looker's own answer to such a request names no reason, or the request itself cannot be made."""

from __future__ import annotations

from dagster_lookml.errors import did_you_mean, near_names
from dagster_lookml.pdt.request import NAMES_ALLOWED, is_name
from dagster_lookml.semantic.objects import Lookup, Model, View
from dagster_lookml.source.files import Span

_MODELS_SHOWN = 3


def refusal(lookup: Lookup, model: str, view: str) -> str | None:
    """Why one model builds no table for a view, with the place that decides it; None if it does.

    Args:
        lookup: finds the objects of the project.
        model: the name of the model.
        view: the name of the view.
    """
    if model not in lookup.models:
        return f"there is no model {model}{did_you_mean(near_names(model, lookup.models))}"
    found = lookup.view(model, view)
    if found is None:
        return _aggregate_table(lookup, model, view) or _elsewhere(lookup, model, view)
    return _of_view(found) or _of_names(lookup.models[model], found)


def _of_view(view: View) -> str | None:
    derived = view.derived_table
    if view.kind == "abstract":
        return f"{_at(view.span)}: view {view.name} is extension: required: it is there to be extended, and has no table"
    if derived is None:
        return f"{_at(view.span)}: view {view.name} is no derived table, so there is nothing to build"
    if derived.persistence is None:
        return (
            f"{_at(derived.span)}: view {view.name} is not persistent: its derived_table has none of datagroup_trigger, "
            "sql_trigger_value, interval_trigger, persist_for, materialized_view, so Looker runs it inside each query"
        )
    return None


def _of_names(model: Model, view: View) -> str | None:
    """Why Looker's API cannot be asked by these names. A model that no file declares is refused for that elsewhere."""
    if model.file is not None and not is_name(model.name):
        return f"{model.file}: {_no_name(model.name, 'model')}"
    return f"{_at(view.span)}: {_no_name(view.name, 'view')}" if not is_name(view.name) else None


def _no_name(name: str, what: str) -> str:
    return f"{name!r} is no name of a {what} that Looker's API can be asked for: the URL of a call takes {NAMES_ALLOWED}"


def _aggregate_table(lookup: Lookup, model: str, name: str) -> str | None:
    for identity in lookup.models[model].explores:
        explore = lookup.explores[identity]
        for table in explore.aggregate_tables:
            if name in (table.name, f"{explore.name}::{table.name}"):
                what = f"{table.name} is an aggregate table of the explore {explore.name}"
                return f"{_at(table.span)}: {what}, and Looker's API starts builds of views only"
    return None


def _elsewhere(lookup: Lookup, model: str, name: str) -> str:
    others = [view for view in lookup.project.views if view.name == name]
    if not others:
        near = near_names(name, lookup.models[model].views)
        return f"model {model} has no view {name}{did_you_mean(near)}"
    models = sorted({other for view in others for other in view.models})
    shown = ", ".join(models[:_MODELS_SHOWN]) + (f" and {len(models) - _MODELS_SHOWN} more" if models[_MODELS_SHOWN:] else "")
    who = f"; included by {shown}" if models else ", and no model does"
    return f"{_at(others[0].span)}: model {model} does not include view {name}{who}"


def _at(span: Span) -> str:
    return f"{span.file}:{span.line}"
