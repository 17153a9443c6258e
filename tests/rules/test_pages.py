"""Every rule has its manual page, and what the page shows is so."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import pytest

from dagster_lookml.diagnostics import Severity
from dagster_lookml.rules import FAMILIES, RULES, Rule
from tests.corpora import ROOT
from tests.rules.pages import files_of, findings_of, page, shown

WITHOUT_EXAMPLES: Final = {
    "too-deep": "tests/syntax/test_scanner.py",  # it takes a hundred levels
    "tab-indent": "lookml_fixtures/syntax/tabs.dashboard.lookml.expected.txt",  # docstrings hold no tabs
    "invalid-utf8": "tests/source/test_files.py",
    "nul-character": "tests/source/test_files.py",
    "file-too-large": "tests/source/test_trees.py",
    "link-outside": "tests/source/test_trees.py",
    "unreadable-file": "tests/source/test_trees.py",
    "unknown-catalog-column": "tests/analysis/test_rules_sql.py",  # what is wrong is known from dbt
    "unknown-catalog-table": "tests/analysis/test_rules_sql.py",
    "undocumented-column": "tests/analysis/test_rules_sql.py",
}
"""Rules that no text of a page can show, each with the file in which it is tested."""

SHOWN: Final = [one for name, one in RULES.items() if name not in WITHOUT_EXAMPLES]
FORBIDDEN: Final = re.compile(
    r"\b(?:session|issue|helper|util)s?\b|\.\./shared|/work/|/tmp/|\bR\d+\.\d+\b|\bV\d\d\b|\bTODO\b", re.IGNORECASE
)

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
every_shown_rule = pytest.mark.parametrize("rule", SHOWN, ids=[one.name for one in SHOWN])


@every_rule
def test_the_first_line_says_in_a_sentence_what_is_wrong(rule: Rule) -> None:
    summary = page(rule).summary

    assert re.fullmatch(r"[A-Z`][^\n]{10,90}\.", summary)
    assert rule.summary == summary.rstrip(".")


@every_rule
def test_prose_says_what_it_means_and_what_to_do(rule: Rule) -> None:
    prose = page(rule).prose

    assert 60 <= len(prose) <= 900
    assert prose.endswith((".", "``"))
    assert prose.count(". ") + prose.count(".\n") >= 1  # more than one sentence


@every_rule
def test_no_page_uses_words_that_its_readers_do_not_know(rule: Rule) -> None:
    assert FORBIDDEN.findall(rule.page) == []


@every_shown_rule
def test_there_is_an_example_that_is_wrong_and_then_one_that_is_right(rule: Rule) -> None:
    assert list(page(rule).examples) == ["Wrong", "Right"]
    assert page(rule).examples["Wrong"] != page(rule).examples["Right"]


@pytest.mark.parametrize("name", WITHOUT_EXAMPLES)
def test_a_rule_that_no_text_can_show_is_tested_elsewhere(name: str) -> None:
    assert page(RULES[name]).examples == {}
    assert name in (ROOT / WITHOUT_EXAMPLES[name]).read_text("utf-8")


@every_shown_rule
def test_the_wrong_example_is_found(rule: Rule) -> None:
    found = [one for one in findings_of(page(rule).examples["Wrong"]) if one.rule == rule.name]

    assert found


@every_shown_rule
def test_the_wrong_example_has_no_other_fault_of_default_rules(rule: Rule) -> None:
    """But for what the same fault brings with it, which is no more than one other finding."""
    found = {one.rule for one in findings_of(page(rule).examples["Wrong"]) if RULES[one.rule].is_default}

    assert len(found - {rule.name}) <= 1


@every_shown_rule
def test_a_finding_lies_within_the_line_that_it_names(rule: Rule) -> None:
    example = page(rule).examples["Wrong"]
    files = files_of(example)
    for one in findings_of(example):
        if one.rule == rule.name and one.line:
            line = files[one.file].splitlines()[one.line - 1]
            assert 1 <= one.column <= one.column + one.length - 1 <= len(line), "\n".join(shown(one, files))


@every_shown_rule
def test_the_right_example_is_right(rule: Rule) -> None:
    example = page(rule).examples["Right"]
    found = [
        "\n".join(shown(one, files_of(example)))
        for one in findings_of(example)
        if one.rule == rule.name or (RULES[one.rule].is_default and one.severity is not Severity.INFO)
    ]

    assert found == []


def test_an_example_without_a_file_name_is_included_by_a_model_with_a_connection() -> None:
    assert files_of("view: v {}\n# file: manifest.lkml\nconstant: A {}\n# file: d.dashboard.lookml\n- dashboard: d\n") == {
        "example.lkml": "view: v {}\n",
        "manifest.lkml": "constant: A {}\n",
        "d.dashboard.lookml": "- dashboard: d\n",
        "example.model.lkml": 'connection: "warehouse"\ninclude: "/example.lkml"\ninclude: "/d.dashboard.lookml"\n',
    }
    assert files_of("# file: a.view.lkml\nview: a {}\n") == {"a.view.lkml": "view: a {}\n"}


# -- codes and names ---------------------------------------------------------------------------------------------------


def test_no_code_and_no_name_is_given_twice() -> None:
    declared = [one for family in FAMILIES for one in vars(family).values() if isinstance(one, Rule)]

    assert [code for code, times in Counter(one.code for one in declared).items() if times > 1] == []
    assert [name for name, times in Counter(one.name for one in declared).items() if times > 1] == []
    assert len(RULES) == len(declared)


@pytest.mark.parametrize("family", FAMILIES, ids=[one.__name__.rpartition(".")[2] for one in FAMILIES])
def test_the_codes_of_a_family_begin_alike_and_stand_in_order(family: object) -> None:
    codes = [one.code for one in vars(family).values() if isinstance(one, Rule)]

    assert codes == sorted(codes)
    assert len({code[:3] for code in codes}) == 1
    assert all(re.fullmatch(r"LM[1-9]\d\d", code) for code in codes)


def test_each_rule_is_called_like_the_function_that_declares_it() -> None:
    declared = {name: one for family in FAMILIES for name, one in vars(family).items() if isinstance(one, Rule)}

    assert {name: one.name for name, one in declared.items()} == {name: name.replace("_", "-") for name in declared}
