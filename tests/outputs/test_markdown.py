"""Markdown: what a repository says stays text, and a comment stays within what GitHub takes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dagster_lookml.diagnostics import Diagnostic
from dagster_lookml.outputs.markdown import check_markdown, step_summary
from dagster_lookml.outputs.markdown_text import COMMENT_LIMIT, Section, code, escaped, limited, prose
from dagster_lookml.outputs.plain_text import one_line, said
from dagster_lookml.rules import Severity
from tests.outputs.broken import ODD_PATH, five_thousand, hostile, none_at_all, of_the_repository, shop
from tests.outputs.pages import ATTACKS, GITHUB_LIMIT, LINK, REFERENCE, Page, seen

MARK = "<!-- dagster-lookml check -->\n"


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("written", [escaped, prose, code])
def test_text_stays_text_in_a_paragraph_a_cell_and_a_summary(written: Callable[[str], str], attack: str) -> None:
    expected = one_line(attack)
    if written is prose:
        expected = re.sub("`([^`]+)`", r"\1", expected)
    assert not LINK.search(written(attack))  # in code too, since links are made before there is any HTML
    allowed = set() if written is escaped else {"code"}
    pages = {
        Page(written(attack)): ({"p"}, expected),
        Page(f"| a | b |\n|---|---|\n| {written(attack)} | end |\n"): (
            {"table", "thead", "tbody", "tr", "th", "td"},
            f"{expected}end",
        ),
        Page(f"<details><summary>{written(attack)}</summary>\n\nend\n\n</details>"): (
            {"details", "summary", "p"},
            f"{expected}end",
        ),
    }
    for page, (tags, text) in pages.items():
        assert set(page.tags) - allowed == tags
        assert page.tags.count("td") in (0, 2)
        assert not LINK.search(page.outside)
        assert not REFERENCE.search(page.outside)
        assert seen(text) in seen(page.text)


@given(st.text(max_size=60))
@example("-")
@example("12)")
def test_any_text_is_one_cell_of_plain_text(text: str) -> None:
    page = Page(f"| a | b |\n|---|---|\n| x {escaped(text)} | {code(text)} |\n")
    assert page.tags.count("td") == 2
    assert set(page.tags) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert seen(page.text) == "abx" + seen(one_line(text)) * 2


def test_a_plain_name_is_left_as_it_is() -> None:
    assert escaped("view order_items of the model shop-2") == "view order_items of the model shop-2"
    assert code("order_items.user_id") == "<code>order_items.user_id</code>"


def test_no_findings_are_one_line() -> None:
    assert check_markdown(none_at_all()) == f"{MARK}**No findings**\n"
    assert check_markdown(none_at_all(), introduced=True) == f"{MARK}**No findings** that this change introduces\n"


def test_the_verdict_comes_first_and_then_every_finding_in_its_file() -> None:
    text = check_markdown(shop(), introduced=True)
    assert text.splitlines()[:2] == [MARK.strip(), "**3 errors, 2 warnings** that this change introduces"]
    assert MARK.strip() not in Page(text).text
    page = Page(text)
    assert page.tags.count("details") == page.tags.count("summary") == page.tags.count("table") == 3
    assert page.tags.count("tr") == 3 + len(shop())
    assert page.tags.count("td") == 4 * len(shop())
    for found in shop():
        assert seen(said(found)).replace("`", "") in seen(page.text).replace("`", "")
    assert seen(ODD_PATH) in seen(page.text)
    assert "everyone" in page.text
    assert not REFERENCE.search(page.outside)


def test_errors_come_before_warnings_and_files_with_errors_before_others() -> None:
    warnings_first = sorted(shop(), key=lambda found: -found.severity.rank)
    rows = re.findall(r"^\| (\S+) \|", check_markdown(warnings_first), re.MULTILINE)
    words = [row.strip("*") for row in rows if row != "|"]
    assert words == ["error", "error", "warning", "error", "warning"]


def test_a_finding_about_the_repository_has_no_file() -> None:
    assert "<summary>the repository: 1 note</summary>" in check_markdown(of_the_repository())


@pytest.mark.slow
@pytest.mark.parametrize("letter", ["x", "|", "🙂", "'", "`"])
def test_a_comment_stays_within_the_limit_whatever_is_in_it(letter: str) -> None:
    found = [*(hostile(severity, letter * 5_000) for severity in Severity for _ in range(300)), *five_thousand()]
    start = time.process_time()
    text = check_markdown(found)
    assert time.process_time() - start < 2
    assert len(text) <= len(text.encode()) <= COMMENT_LIMIT < GITHUB_LIMIT
    page = Page(text)
    told = page.tags.count("td") // 4
    assert told > 10
    assert text.splitlines()[-1] == f"… and {5_900 - told:,} more findings; `dagster-lookml check` lists them all."
    assert text.count("<details") == text.count("</details>")


@pytest.mark.slow
def test_a_summary_of_a_step_tells_more() -> None:
    text = step_summary(five_thousand())
    assert text.startswith("### dagster-lookml check\n\n**5,000 errors**\n")
    assert COMMENT_LIMIT < len(text.encode()) < 1024 * 1024
    assert Page(text).tags.count("td") > 4 * 2_000


LINES = st.lists(st.text("bü", min_size=1, max_size=9), max_size=6)


@given(
    st.lists(st.builds(Section, st.text("h", min_size=1, max_size=5), LINES, st.text("t", max_size=5)), max_size=6),
    st.integers(12, 150),
)
def test_what_is_written_and_what_is_left_out_is_all_and_within_the_limit(sections: list[Section], limit: int) -> None:
    text = limited(sections, limit, lambda number: f"{number} more")
    assert len(text.encode()) <= limit
    left = int(found[1]) if (found := re.search(r"(\d+) more\n\Z", text)) else 0
    heads = re.findall(r"^h+$", text, re.MULTILINE)
    lines = re.findall(r"^[bü]+$", text, re.MULTILINE)
    assert heads == [one.head for one in sections][: len(heads)]
    assert lines == [line for one in sections for line in one.lines][: len(lines)]
    assert len(lines) + sum(not one.lines for one in sections[: len(heads)]) + left == sum(
        max(len(one.lines), 1) for one in sections
    )
    assert re.findall(r"^t+$", text, re.MULTILINE) == [one.tail for one in sections[: len(heads)] if one.tail]


def test_a_severity_of_each_kind_is_named() -> None:
    text = check_markdown([hostile(severity, "x") for severity in Severity])
    assert [word in text for word in ("| **error** |", "| warning |", "| note |")] == [True, True, True]


def test_findings_with_hostile_texts_make_no_table_of_another_shape() -> None:
    found: list[Diagnostic] = [hostile(), hostile(Severity.WARNING), *shop()]
    page = Page(check_markdown(found))
    assert page.tags.count("td") == 4 * len(found)
    assert "script" not in page.tags
    assert not LINK.search(page.outside)
    assert not REFERENCE.search(page.outside)
