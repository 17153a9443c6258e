"""What can differ in a model, beside its views, explores and dashboards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from dagster_lookml.analysis.diff.aspect import (
    AGE,
    METADATA,
    Aspect,
    Aspects,
    by_property,
    plain,
    properties,
    references,
    sql_texts,
)
from dagster_lookml.analysis.diff.views import native_aspects
from dagster_lookml.semantic.objects import AccessGrant, Datagroup, Model, Test
from dagster_lookml.source import Span

_METADATA: Final = METADATA | {"include", "includes", "map_layer", "named_value_format"}


def model_aspects(model: Model) -> Aspects:
    """What a model is, beside its name and what it holds.

    Args:
        model: compiled.
    """
    return by_property(_of_model(model))


def _of_model(model: Model) -> Iterable[Aspect]:
    span = model.span or Span(model.file or "", 0, 0)
    if model.connection is not None:
        one = model.connection
        yield Aspect(name="connection", items=(one.value,), nature="numbers", span=one.span, meaning="which database is asked")
    if model.persist_with is not None:
        yield from references((model.persist_with,), "numbers", meaning=AGE)
    yield from properties(model.properties, span, _METADATA)
    for one_format in model.named_formats:
        strict = ("strict",) if one_format.strict_value_format else ()
        items = (one_format.value_format, *strict)
        yield Aspect(name=f"named_value_format {one_format.name}", items=items, nature="metadata", span=one_format.span)


def datagroup_aspects(one: Datagroup) -> Aspects:
    """What a datagroup is, beside its name.

    Args:
        one: the datagroup.
    """
    return by_property(_of_datagroup(one))


def _of_datagroup(one: Datagroup) -> Iterable[Aspect]:
    if one.sql_trigger is not None:
        yield from sql_texts((one.sql_trigger,), "query")
    yield from plain("interval_trigger", one.interval_trigger, "numbers", one.span, AGE)
    yield from plain("max_cache_age", one.max_cache_age, "numbers", one.span, AGE)


def grant_aspects(one: AccessGrant) -> Aspects:
    """What an access grant is, beside its name.

    Args:
        one: the grant.
    """
    return by_property(_of_grant(one))


def _of_grant(one: AccessGrant) -> Iterable[Aspect]:
    if one.user_attribute is not None:
        meaning = "who has it"
        yield Aspect(name="user_attribute", items=(one.user_attribute,), nature="numbers", span=one.span, meaning=meaning)
    yield Aspect(name="allowed_values", items=tuple(sorted(one.allowed_values)), nature="names", span=one.span)


def test_aspects(one: Test) -> Aspects:
    """What a data test is, beside its name: it tells something of the data, and changes none.

    Args:
        one: the test.
    """
    asked = native_aspects(one.query) if one.query is not None else ()
    assertions = (Aspect(name=text.parameter, items=(text.value,), nature="metadata", span=text.span) for text in one.assertions)
    told = (*asked, *assertions)
    return by_property(msgspec.structs.replace(each, nature="metadata", meaning="it changes no data") for each in told)
