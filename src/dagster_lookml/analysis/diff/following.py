"""Values with the names that fields, aliases and views have in the head."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from dagster_lookml.semantic.objects import FilterTerm, NativeColumn, Reference, Text
from dagster_lookml.semantic.references import SQL_TABLE_NAME

_One = TypeVar("_One", bound=msgspec.Struct)
_SUBSTITUTION: Final = re.compile(r"(\$\{\s*)(?:(\w+)\.)?(\w+)(?=\s*[:}])")
_NAME: Final = re.compile(r"(-?)(?:(\w+)\.)?(\w+)(\*?)")

Names = Mapping[str, str]
"""New names by old ones."""


class Called(NamedTuple):
    """What stands for an alias now.

    Attributes:
        alias: the new one; None for the view that a reference stands in.
        names: of its fields.
    """

    alias: str | None
    names: Names


class Scope(NamedTuple):
    """What names mean in one place.

    Attributes:
        called: by alias; None for the view that a reference stands in.
        tables: the new names of views, as in ``${view.SQL_TABLE_NAME}``.
    """

    called: Callable[[str | None], Called]
    tables: Names


def followed(one: _One, scope: Scope) -> _One:
    """An object with other names in all its SQL and lists.

    Args:
        one: of the base.
        scope: what names mean there.
    """
    found: _One = _in(one, scope)
    return found


def _in(value: Any, scope: Scope) -> Any:
    """A value of any attribute with other names in it; what holds no names comes back as it is."""
    if isinstance(value, Text):
        return msgspec.structs.replace(value, value=_in_sql(value.value, scope)) if "${" in value.value else value
    if isinstance(value, Reference):
        return msgspec.structs.replace(value, name=_in_name(value.name, scope))
    if isinstance(value, NativeColumn) and value.field is not None:
        return msgspec.structs.replace(value, field=_in_name(value.field, scope))
    if isinstance(value, FilterTerm):
        return msgspec.structs.replace(value, field=_in_name(value.field, scope))
    if isinstance(value, tuple):
        items = tuple(_in(item, scope) for item in value)
        return items if any(item is not other for item, other in zip(items, value, strict=True)) else value
    if isinstance(value, msgspec.Struct):
        names = {name: getattr(value, name) for name in value.__struct_fields__ if name != "span"}
        new = {name: _in(old, scope) for name, old in names.items()}
        changed = {name: one for name, one in new.items() if one is not names[name]}
        return msgspec.structs.replace(value, **changed) if changed else value
    return value


def _in_sql(text: str, scope: Scope) -> str:
    def other(found: re.Match[str]) -> str:
        before, alias, name = found.groups()
        return before + _written(*_new(alias, name, scope))

    return _SUBSTITUTION.sub(other, text)


def _in_name(name: str, scope: Scope) -> str:
    found = _NAME.fullmatch(name)
    if found is None:
        return name
    sign, alias, field, of_set = found.groups()
    called = scope.called(alias)
    return f"{sign}{_written(called.alias, field if of_set else called.names.get(field, field))}{of_set}"


def in_text(text: str, scope: Scope) -> str:
    """Any text that names fields with their aliases.

    Args:
        text: of the base.
        scope: what names mean there.
    """
    return re.sub(r"\b(\w+)\.(\w+)\b", lambda found: _written(*_new(found.group(1), found.group(2), scope)), text)


def _new(alias: str | None, name: str, scope: Scope) -> tuple[str | None, str]:
    if name == SQL_TABLE_NAME:
        return (scope.tables.get(alias, alias) if alias is not None else None), name
    called = scope.called(alias)
    return called.alias, called.names.get(name, name)


def _written(alias: str | None, name: str) -> str:
    return f"{alias}.{name}" if alias is not None else name
