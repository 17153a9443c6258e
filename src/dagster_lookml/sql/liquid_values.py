"""What Liquid expressions are worth: values that are known, values that are not, and filters on both (R10.7-R10.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from liquid.builtin.expressions import Path

from dagster_lookml.sql.liquid import looker_liquid
from dagster_lookml.sql.placeholders import unknown

LONGEST_VALUE: Final = 1_000_000
"""Characters of a value that Liquid makes, as of any SQL; `append` of a value to itself doubles it each time."""
PARAMETER_VALUE: Final = "._parameter_value"
"""The end of the path of a parameter's value."""
_MOST_ITEMS: Final = 10_000
_ITEM: Final = 4
_LONGEST_NUMBER: Final = 4096  # bits; Python writes none of more than 4,300 digits
_FIELD_SQL: Final = "._sql"


class Parameter(msgspec.Struct, frozen=True):
    """What a ``parameter`` field may be set to (R10.12).

    Attributes:
        values: its allowed values.
        default: its ``default_value``, used where there are no allowed values.
        quoted: its type is ``string``, so its value stands in quotes.
        unquoted: its type is ``unquoted``, so its value may be the name of a column or table.
    """

    values: tuple[str, ...] = ()
    default: str | None = None
    quoted: bool = False
    unquoted: bool = False


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about the world a template is used in.

    Attributes:
        parameters: by name, scoped and unscoped.
        values: of paths such as ``_model._name`` and ``_user_attributes.country``.
    """

    parameters: Mapping[str, Parameter] = {}
    values: Mapping[str, str] = {}


class Unknown(msgspec.Struct, frozen=True):
    """The value of a path that nothing is known about."""

    path: str


Value = object
"""What Python makes of a value; `Unknown` where there is nothing to make it of."""


def path_of(path: Path) -> str:
    """A path as it is written with dots."""
    return ".".join(str(part) for part in path.path)


def shown(value: Value) -> str:
    """What ``{{ value }}`` puts into the SQL."""
    if not isinstance(value, Unknown):
        return "" if value is None else str(value)
    if value.path.endswith(_FIELD_SQL):  # {{ v.f._sql }} renders the SQL of the field (R10.5)
        return f"${{{value.path.removesuffix(_FIELD_SQL)}}}"
    return unknown(value.path)


def quoted(value: str, parameter: Parameter) -> str:
    """The value of a parameter as it stands in the SQL."""
    return f"'{value}'" if parameter.quoted else value


def bare(value: Value) -> str:
    """A value without the quotes that Looker puts around strings (R10.7)."""
    text = "" if value is None else str(value)
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] == "'" else text


def filtered(value: Value, name: str, arguments: Sequence[Value]) -> Value:
    """A filter applied by python-liquid, where everything is known; what is unknown can still be appended to (R10.9).

    A filter that does not exist, or cannot be applied, changes nothing; nor does one that makes a text longer than any SQL.
    """
    length = _length(value)
    for argument in arguments:
        length *= max(_length(argument), 1) if name == "join" or name.startswith("replace") else 1
        length += _length(argument)
    if length > LONGEST_VALUE:
        return value
    if name in ("append", "prepend") and len(arguments) == 1:
        first, second = (value, arguments[0]) if name == "append" else (arguments[0], value)
        return f"{written(first)}{written(second)}"
    if isinstance(value, Unknown) or any(isinstance(one, Unknown) for one in arguments):
        return value
    liquid = looker_liquid()
    function = liquid.filters.get(name)
    needs = {"environment": liquid} if getattr(function, "with_environment", False) else {}
    try:
        found: Value = function(value, *arguments, **needs) if function is not None else value
        return value if _is_excessive(found) else found
    except Exception:  # filters raise what Python does: `'1e400' | ceil` overflows, `'x' | uniq: 9` has no such index
        return value


def _is_excessive(value: Value) -> bool:
    if isinstance(value, list | tuple):
        return len(value) > _MOST_ITEMS
    return isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER


def _length(value: Value) -> int:
    """About how many characters a value has when it is written; a list has commas and quotes too."""
    if isinstance(value, list | tuple):
        return sum(len(one) if isinstance(one, str) else _ITEM for one in value) + _ITEM * len(value)
    return len(value) if isinstance(value, str) else len(written(value))


def written(value: Value) -> str:
    """A value as a part of a longer one."""
    if isinstance(value, Unknown):
        return unknown(value.path)
    return "" if value is None else str(value)
