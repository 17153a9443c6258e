"""The configuration: where it is found, what it may say, and what is said of a wrong one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlglot.dialects.dialect import Dialects

from dagster_lookml.config import DIALECTS, Config, Connection, PathRules, load_config, parse_config
from dagster_lookml.errors import ConfigError

FULL = """
project_name = "shop"
environment = "dev"

[connections.warehouse]
dialect = "bigquery"
database = "prod"
schema = "shop"

[imports]
hub = "../hub"

[constants]
DATASET = "shop_ci"

[user_attributes]
country = "de"

[limits]
max_file_bytes = 1000

[rules]
ignore = ["duplicate-parameter"]
severity = { LM205 = "error", old-lookml = "off" }
paths = [{ path = "legacy/**", ignore = ["unknown-field"] }]
"""


def test_every_key(tmp_path: Path) -> None:
    (tmp_path / "dagster-lookml.toml").write_text(FULL)
    config = load_config(tmp_path)

    assert config.project_name == "shop"
    assert config.environment == "dev"
    assert config.connections == {"warehouse": Connection(dialect="bigquery", database="prod", schema="shop")}
    assert config.imports == {"hub": "../hub"}
    assert config.constants == {"DATASET": "shop_ci"}
    assert config.user_attributes == {"country": "de"}
    assert config.limits.max_file_bytes == 1000
    assert config.rules.ignore == ("duplicate-parameter",)
    assert config.rules.severity == {"LM205": "error", "old-lookml": "off"}
    assert config.rules.paths == (PathRules(path="legacy/**", ignore=("unknown-field",)),)
    assert config.directory == str(tmp_path)


def test_without_a_file_everything_has_a_default(tmp_path: Path) -> None:
    assert load_config(tmp_path) == Config(directory=str(tmp_path))


def test_a_table_of_pyproject_will_do_and_the_own_file_wins(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.dagster-lookml]\nenvironment = "dev"\n')

    assert load_config(tmp_path).environment == "dev"

    (tmp_path / "dagster-lookml.toml").write_text("")

    assert load_config(tmp_path).environment == "prod"


def test_a_pyproject_without_the_table_is_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")

    assert load_config(tmp_path) == Config(directory=str(tmp_path))
    with pytest.raises(ConfigError, match="no such table"):
        load_config(tmp_path, tmp_path / "pyproject.toml")


@pytest.mark.parametrize(
    ("text", "key", "reason", "near"),
    [
        ("conections = {}", "conections", "no such key", ("connections",)),
        ("[connections.w]\ndialekt = 'x'", "connections.w.dialekt", "no such key", ("dialect",)),
        ("[rules]\npaths = [{pth = 'x', ignore = []}]", "rules.paths[0].pth", "no such key", ("path",)),
        ("directory = 'x'", "directory", "no such key", None),
        ("environment = 'production'", "environment", "invalid enum value 'production'", ()),
        ("[limits]\nmax_file_bytes = 'many'", "limits.max_file_bytes", "expected `int`, got `str`", ()),
        ("[rules]\nignore = ['surplus-bracee']", "rules.ignore", "no such rule: 'surplus-bracee'", ("surplus-brace",)),
        ("[rules]\nseverity = {LM999 = 'off'}", "rules.severity", "no such rule: 'LM999'", None),
        ("[rules.severity]\nLM101 = 'bad'", "rules.severity.LM101", "invalid enum value 'bad'", ()),
        ("[rules.severity]\nLM101 = 'off'\nLM102 = 1", "rules.severity.LM102", "expected `str`, got `int`", ()),
        ("[constants]\nA = 'x'\nB = 1", "constants.B", "expected `str`, got `int`", ()),
        ("[connections.dw]\ndatabase = 1", "connections.dw.database", "expected `str | null`, got `int`", ()),
        ("[rules]\nignore = ['LM1', 2]", "rules.ignore[1]", "expected `str`, got `int`", ()),
        ("[rules]\npaths = [{path = 'x'}]", "rules.paths[0]", "object missing required field `ignore`", ()),
        ("[limits]\nmax_file_bytes = 0", "limits.max_file_bytes", "expected `int` >= 1", ()),
        ("rules = 1", "rules", "expected `object`, got `int`", ()),
        ("x = ", "", "not TOML", None),
    ],
)
def test_a_wrong_configuration_names_file_key_and_near_names(
    tmp_path: Path, text: str, key: str, reason: str, near: tuple[str, ...] | None
) -> None:
    file = tmp_path / "dagster-lookml.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)
    error = caught.value

    assert (error.file, error.key) == (str(file), key)
    assert error.reason.startswith(reason)
    assert near is None or error.near == near
    assert str(file) in str(error)


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop", "dangling"])
def test_what_has_the_name_of_a_configuration_and_is_no_file_is_not_passed_over(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "dagster-lookml.toml"
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to(file if kind == "loop" else tmp_path / "none")

    with pytest.raises(ConfigError, match="not a regular file"):
        load_config(tmp_path)


def test_a_configuration_may_be_a_link_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("environment = 'dev'")
    (tmp_path / "dagster-lookml.toml").symlink_to(tmp_path / "x.toml")

    assert load_config(tmp_path).environment == "dev"


def test_a_file_that_is_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_config(tmp_path, tmp_path / "none.toml")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "dagster-lookml.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not TOML"):
        load_config(tmp_path)


def test_a_table_that_is_none() -> None:
    with pytest.raises(ConfigError):
        parse_config("text", "x.toml")


def test_dialects_are_those_of_sqlglot() -> None:
    """All but standard SQL and the languages that are no SQL; an older sqlglot may not have the newest yet."""
    known = {one.value for one in Dialects}

    assert known - set(DIALECTS) <= {"", "dax", "dune", "prql", "solr"}
    assert set(DIALECTS) <= known


def test_a_dialect_that_does_not_exist_is_refused_with_names_like_it() -> None:
    with pytest.raises(ConfigError, match=r"connections\.dw\.dialect: no such dialect: 'bigqueryy'.*bigquery"):
        parse_config({"connections": {"dw": {"dialect": "bigqueryy"}}}, "x.toml")


@pytest.mark.parametrize("text", ["tool = 1\n", 'tool = "x"\n', "[[tool]]\n", "[tool]\ndagster-lookml = 1\n"])
def test_a_pyproject_of_another_shape_is_no_configuration_or_a_wrong_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)

    if "dagster" in text:
        with pytest.raises(ConfigError, match="expected `object`"):
            load_config(tmp_path)
    else:
        assert load_config(tmp_path) == Config(directory=str(tmp_path))


@pytest.mark.parametrize(
    ("text", "message"), [("a = " + "[" * 5000, "nested too deep"), ("a = " + "1" * 5000, "not TOML"), ("a = \xff", "not TOML")]
)
def test_what_no_toml_reader_can_take_names_the_file(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "dagster-lookml.toml").write_bytes(text.encode("latin-1"))

    with pytest.raises(ConfigError, match=message) as raised:
        load_config(tmp_path)
    assert "dagster-lookml.toml" in str(raised.value)
