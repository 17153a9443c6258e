"""What a user can say about a project that its repository does not: one frozen `Config`, from TOML, checked key by key."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

from dagster_lookml.errors import ConfigError, near_names
from dagster_lookml.rules import RULES, matching

FILE_NAME: Final = "dagster-lookml.toml"
TOOL_TABLE: Final = "dagster-lookml"

DIALECTS: Final = tuple(
    """athena bigquery clickhouse databricks doris dremio drill druid duckdb exasol fabric hive materialize mysql oracle postgres
    presto redshift risingwave snowflake spark spark2 sqlite starrocks tableau teradata trino tsql""".split()
)
"""What sqlglot calls the dialects of SQL, without the languages that are none."""

RuleLevel = Literal["error", "warning", "info", "off"]


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection of Looker is, which git does not hold (R3.2).

    Attributes:
        dialect: one of `DIALECTS`.
        database: put before tables that name none: project or catalog.
        schema: put before tables that name none: dataset or schema.
    """

    dialect: str | None = None
    database: str | None = None
    schema: str | None = None


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Where reading stops.

    Attributes:
        max_file_bytes: a larger LookML file is refused, with a finding.
    """

    max_file_bytes: Annotated[int, msgspec.Meta(ge=1)] = 50_000_000


class PathRules(msgspec.Struct, frozen=True, kw_only=True):
    """Rules for the files that match a glob.

    Attributes:
        path: a glob over paths from the root, such as ``views/legacy/**``.
        ignore: rules, as `RuleSettings` names them, that are not reported there.
    """

    path: str
    ignore: tuple[str, ...]


class RuleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings are reported, and how bad they are. Rules are named by name, code, the beginning of codes, or ``all``.

    Attributes:
        select: only these rules; those that are default if empty.
        extend_select: these too.
        ignore: not these.
        severity: another severity, or ``off``; a rule that is not default is reported where it has one.
        paths: exceptions for parts of the repository.
    """

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: dict[str, RuleLevel] = {}
    paths: tuple[PathRules, ...] = ()


class PathAssets(msgspec.Struct, frozen=True, kw_only=True):
    """What the Dagster assets of the files that match a glob get, where no tag of LookML says otherwise.

    Attributes:
        path: a glob over paths from the root, such as ``views/finance/**``.
        group: an asset group; parts of nested ones are joined by ``/``.
        owners: e-mail addresses, and names of teams.
    """

    path: str
    group: str | None = None
    owners: tuple[str, ...] | None = None


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be configured. Nothing has to be.

    Attributes:
        project_name: what ``/name/...`` and ``//name/...`` call this project, if the manifest does not say.
        environment: which of ``-- if prod --`` and ``-- if dev --`` counts.
        connections: by the name that models use.
        imports: where imported projects are checked out: directory by project, relative to the configuration file.
        constants: values that win over the manifest's (R9.7); of an imported project by ``"project.NAME"`` (R9.4).
        user_attributes: values for ``_user_attributes[...]``.
        assets: groups and owners of Dagster assets by path; of several entries that match, the last counts.
        directory: what relative paths are relative to; set by `load_config`.
    """

    project_name: str | None = None
    environment: Literal["prod", "dev"] = "prod"
    connections: dict[str, Connection] = {}
    imports: dict[str, str] = {}
    constants: dict[str, str] = {}
    user_attributes: dict[str, str] = {}
    limits: Limits = Limits()
    rules: RuleSettings = RuleSettings()
    assets: tuple[PathAssets, ...] = ()
    directory: str = "."


def load_config(repository: Path, file: Path | None = None) -> Config:
    """Find and read the configuration of a project.

    Args:
        repository: where ``dagster-lookml.toml``, or a ``pyproject.toml`` with ``[tool.dagster-lookml]``, is looked for.
        file: this file instead, of either kind.

    Returns:
        The configuration; the default one where there is none.

    Raises:
        ConfigError: a file that is named does not exist, is not TOML, or holds a wrong key or value; or what is called
            ``dagster-lookml.toml`` is no file.
    """
    if file is not None:
        return _read(file, required=True) or Config()
    for candidate in (repository / FILE_NAME, repository / "pyproject.toml"):
        if not os.path.isfile(candidate):  # noqa: PTH113 - as pathlib's it would fail where a folder above cannot be entered
            if candidate.name == FILE_NAME and os.path.lexists(candidate):
                raise ConfigError(str(candidate), "", "not a regular file, nor a link to one")
        else:
            config = _read(candidate, required=candidate.name == FILE_NAME)
            if config is not None:
                return config
    return Config(directory=str(repository))


def _read(file: Path, *, required: bool) -> Config | None:
    try:
        table: Any = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(str(file), "", error.strerror or str(error)) from error
    except RecursionError as error:
        raise ConfigError(str(file), "", "nested too deep") from error
    except ValueError as error:  # no TOML, no UTF-8, or a number of thousands of digits
        raise ConfigError(str(file), "", f"not TOML: {error}") from error
    if file.name == "pyproject.toml":
        tools = table.get("tool")
        table = tools.get(TOOL_TABLE) if isinstance(tools, dict) else None
        if table is None:
            if required:
                raise ConfigError(str(file), f"tool.{TOOL_TABLE}", "this file has no such table")
            return None
    return parse_config(table, str(file), str(file.parent))


def parse_config(table: object, file: str, directory: str = ".") -> Config:
    """Turn the table of a configuration file into a `Config`.

    Args:
        table: as TOML gives it.
        file: named in errors.
        directory: what relative paths in it are relative to.

    Raises:
        ConfigError: a key that does not exist, a value of the wrong type, or a rule that does not exist.

    >>> parse_config({"environment": "dev"}, "x.toml").environment
    'dev'
    """
    _check_keys(table, Config, file, "")
    try:
        config = msgspec.convert(table, Config)
    except msgspec.ValidationError as error:
        where, message = _first_wrong(table, Config, "") or ("", str(error))
        raise ConfigError(file, where, message[0].lower() + message[1:]) from error
    _check_rules(config.rules, file)
    for name, connection in config.connections.items():
        if connection.dialect and connection.dialect not in DIALECTS:
            near = near_names(connection.dialect, DIALECTS) or DIALECTS
            raise ConfigError(file, f"connections.{name}.dialect", f"no such dialect: {connection.dialect!r}", near)
    return msgspec.structs.replace(config, directory=directory)


def _check_keys(table: object, kind: type, file: str, path: str) -> None:
    """Report the first key that does not exist, with names that look like it."""
    if not isinstance(table, dict):
        return
    hints = {name: hint for name, hint in get_type_hints(kind).items() if not (kind is Config and name == "directory")}
    for key, value in table.items():
        where = f"{path}.{key}" if path else str(key)
        if key not in hints:
            raise ConfigError(file, where, "no such key", near_names(str(key), list(hints)) or tuple(sorted(hints)))
        _check_value_keys(value, hints[key], file, where)


def _check_value_keys(value: object, hint: Any, file: str, where: str) -> None:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        _check_keys(value, hint, file, where)
    elif get_origin(hint) is dict and isinstance(value, dict):
        for name, entry in value.items():
            _check_value_keys(entry, get_args(hint)[1], file, f"{where}.{name}")
    elif get_origin(hint) is tuple and isinstance(value, list):
        for number, entry in enumerate(value):
            _check_value_keys(entry, get_args(hint)[0], file, f"{where}[{number}]")


def _first_wrong(value: object, hint: Any, where: str) -> tuple[str, str] | None:
    """The key of the first value that is not of its type, and what is wrong with it."""
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        for part, kind, place in _parts(value, hint, where):
            if (found := _first_wrong(part, kind, place)) is not None:
                return found
        return where, str(error).partition(" - at `$")[0]
    return None


def _parts(value: object, hint: Any, where: str) -> Iterator[tuple[object, Any, str]]:
    """The values in a value, each with its type and its key."""
    if isinstance(value, dict) and isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        hints = get_type_hints(hint, include_extras=True)
        yield from ((part, hints[name], f"{where}.{name}" if where else name) for name, part in value.items())
    elif isinstance(value, dict) and get_origin(hint) is dict:
        yield from ((part, get_args(hint)[1], f"{where}.{name}") for name, part in value.items())
    elif isinstance(value, list) and get_origin(hint) is tuple:
        yield from ((part, get_args(hint)[0], f"{where}[{number}]") for number, part in enumerate(value))


def _check_rules(settings: RuleSettings, file: str) -> None:
    named = [("rules.select", name) for name in settings.select]
    named += [("rules.extend_select", name) for name in settings.extend_select]
    named += [("rules.ignore", name) for name in settings.ignore]
    named += [("rules.severity", name) for name in settings.severity]
    named += [(f"rules.paths[{number}].ignore", name) for number, entry in enumerate(settings.paths) for name in entry.ignore]
    for where, name in named:
        if not matching(name):
            raise ConfigError(file, where, f"no such rule: {name!r}", near_names(name, list(RULES)))
