"""``rules`` and ``rule``, run as programs."""

from __future__ import annotations

import json
import subprocess
import sys

import jsonschema
import pytest

from dagster_lookml.rules import FAMILIES, RULES
from tests.test_cli import run, schema

NO_PAGES = "the pages of the rules are not here: Python was started with -OO, which leaves out what they are written in\n"


def run_without_docstrings(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-OO", "-m", "dagster_lookml", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


# -- rules -------------------------------------------------------------------------------------------------------------


def test_rules_lists_every_rule_below_the_title_of_its_family() -> None:
    done = run("rules")
    lines = done.stdout.splitlines()

    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0] == "What is wrong with the text of a file, whatever it means"
    assert lines[1].split(maxsplit=3) == ["LM101", "syntax-error", "error", "Text that is no LookML"]
    assert [line.split()[1] for line in lines if line.startswith("  LM")] == list(RULES)
    assert len([line for line in lines if line and not line.startswith("  ")]) == len(FAMILIES)


def test_rules_are_opt_in_where_nobody_hears_of_them_unasked() -> None:
    marked = {line.split()[1] for line in run("rules").stdout.splitlines() if line.split()[3:4] == ["opt-in"]}

    assert marked == {one.name for one in RULES.values() if not one.is_default}


@pytest.mark.parametrize("arguments", [["--json"], ["--format", "json"]])
def test_rules_json_keeps_to_the_contract(arguments: list[str]) -> None:
    done = run("rules", *arguments)
    answer = json.loads(done.stdout)

    jsonschema.validate(answer, schema("rules"))
    assert (done.returncode, done.stderr) == (0, "")
    assert [one["name"] for one in answer["rules"]] == list(RULES)
    assert {one["name"]: one["family"] for one in answer["rules"]}["unknown-field"] == "views"
    assert all(one["page"].startswith(one["summary"]) and one["summary"] for one in answer["rules"])


def test_rules_without_docstrings_say_why_they_say_so_little() -> None:
    done = run_without_docstrings("rules")
    answer = run_without_docstrings("rules", "--json")

    assert (done.returncode, done.stderr) == (0, NO_PAGES)
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("  LM")] == list(RULES)
    assert (answer.returncode, answer.stderr) == (0, NO_PAGES)
    jsonschema.validate(json.loads(answer.stdout), schema("rules"))


# -- rule --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["quoted-name", "LM110"])
def test_rule_prints_a_page_by_name_and_by_code(written: str) -> None:
    done = run("rule", written)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "LM110 quoted-name (error)\n"
        "\n"
        "A block whose name stands in quotes.\n"
        "\n"
        "Names of views, fields, joins and the like are words, which others refer to. Looker reports a syntax error. Here the "
        "name is\n"
        "read without its quotes. Remove them; what users shall read is said by ``label``.\n"
        "\n"
        "Wrong::\n"
        "\n"
        "    explore: orders {}\n"
        "    view: orders {\n"
        '      dimension: "id" {}\n'
        "    }\n"
        "\n"
        "Right::\n"
        "\n"
        "    explore: orders {}\n"
        "    view: orders {\n"
        "      dimension: id {}\n"
        "    }\n"
    )


def test_several_pages_stand_in_the_order_of_their_codes_and_each_once() -> None:
    done = run("rule", "unknown-field", "LM1", "LM310")
    headers = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("LM")]

    assert headers == [*(one.name for one in RULES.values() if one.code.startswith("LM1")), "unknown-field"]


def test_a_page_says_where_a_rule_is_opt_in() -> None:
    opt_in = [one for one in RULES.values() if not one.is_default]

    assert run("rule", opt_in[0].name).stdout.startswith(
        f"{opt_in[0].code} {opt_in[0].name} ({opt_in[0].severity.value}, opt-in)\n"
    )


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("unknown-feild", "; did you mean unknown-field or "),
        ("LM9999", "; dagster-lookml rules lists them all"),
        ("zzz", "; dagster-lookml rules lists them all"),
    ],
)
def test_a_rule_that_does_not_exist(written: str, hint: str) -> None:
    done = run("rule", "LM101", written)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"no such rule: {written}{hint}" in done.stderr


def test_rule_wants_to_know_which() -> None:
    done = run("rule")

    assert (done.returncode, done.stdout) == (2, "")
    assert "Missing argument 'RULE...'" in done.stderr


def test_a_page_without_docstrings_is_none_and_that_is_said() -> None:
    done = run_without_docstrings("rule", "quoted-name")

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"Error: {NO_PAGES}")


def test_check_and_the_first_help_tell_of_the_pages() -> None:
    assert "dagster-lookml rule NAME" in run("check", "--help").stdout
    assert "dagster-lookml rule unknown-field" in run("--help").stdout
