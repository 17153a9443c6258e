"""A script read from a TOML file."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

import msgspec

from dagster_lookml.errors import ConfigError
from dagster_lookml.pdt.sandbox.actions import Action
from dagster_lookml.pdt.sandbox.contract import Operation
from dagster_lookml.pdt.sandbox.script import BuildScript, Script

_MESSAGE: Final = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<where>.*)`)?", re.DOTALL)

_CHOICES: Final[dict[str, tuple[object, ...]]] = {
    "do": tuple(kind.__struct_config__.tag for kind in get_args(Action)),
    "operation": get_args(Operation),
    "outcome": get_args(get_type_hints(BuildScript)["outcome"]),
}
"""What can stand under a key, as the error of msgspec does not tell."""


def load_script(file: Path) -> Script:
    """Read a script: ``[[faults]]``, ``[[builds]]`` and ``[random]``, with the names that `Script` has.

    Raises:
        ConfigError: there is no such file, it is not TOML, or it holds a wrong key or value.
    """
    try:
        table: Any = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(str(file), "", error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(str(file), "", f"not TOML: {error}") from error
    return parse_script(table, str(file))


def parse_script(table: object, file: str) -> Script:
    """Turn what a TOML file holds into a script.

    Args:
        table: as TOML gives it.
        file: named in errors.

    Raises:
        ConfigError: it holds a wrong key or value.

    >>> parse_script({"faults": [{"operation": "check", "nth": "2-", "action": {"do": "reset"}}]}, "x.toml").faults[0].nth
    '2-'
    """
    try:
        return msgspec.convert(table, Script)
    except msgspec.ValidationError as error:
        found = _MESSAGE.fullmatch(str(error))
        what, where = (found["what"], found["where"] or "") if found is not None else (str(error), "")
        choices = _CHOICES.get(where.rpartition(".")[2])
        offer = f"; there are {', '.join(map(str, choices))}" if choices is not None else ""
        raise ConfigError(file, where, what[:1].lower() + what[1:] + offer) from error
