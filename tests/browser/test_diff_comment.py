"""The comment on a change as a browser shows it: what is closed, what a click opens, and that no text of LookML is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect

from dagster_lookml.outputs.diff_markdown import diff_markdown
from tests.analysis.diff.states import compared
from tests.browser.conftest import PICTURES
from tests.corpora import FIXTURES
from tests.outputs.pages import MARKDOWN

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]

STOREFRONT: Final = FIXTURES / "projects" / "storefront"
ITEMS: Final = "views/core/order_items.view.lkml"
TOTALS: Final = "views/facts/order_totals.view.lkml"
TITLE: Final = """<img src=x onerror="document.title='run'"> | @everyone </details> `x` **b** [l](http://a.b) 🙂"""
STYLE: Final = """
body { font: 14px/1.5 sans-serif; margin: 24px auto; max-width: 900px; color: #1f2328; }
code { background: #eff1f3; border-radius: 6px; font-size: 85%; padding: .2em .4em; }
pre { background: #f6f8fa; padding: 16px; } pre code { padding: 0; }
table { border-collapse: collapse; } th, td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: left; }
"""
"""As in a comment on GitHub, roughly."""


def changed(file: str, *replacements: tuple[str, str]) -> str:
    text = (STOREFRONT / file).read_text("utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return text


@pytest.fixture(scope="module")
def comment() -> str:
    """On a measure with another name, that dashboards show; a table that is built otherwise; and words."""
    paths = [path for path in sorted(STOREFRONT.rglob("*")) if path.suffix in (".lkml", ".lookml")]
    before = {path.relative_to(STOREFRONT).as_posix(): path.read_text("utf-8") for path in paths}
    tile = "title: Revenue and Returns"
    file = next(name for name, text in before.items() if tile in text)
    before[file] = before[file].replace(tile, "title: '" + TITLE.replace("'", "''") + "'")
    items = changed(
        ITEMS,
        ("  measure: total_revenue {", "  measure: net_revenue {"),
        ("${returned_revenue}, ${total_revenue}", "${returned_revenue}, ${net_revenue}"),
        ("${total_revenue}, ${orders.count}", "${net_revenue}, ${orders.count}"),
        ("Price paid for the line, after discounts", "Price paid | after <b>discounts</b>"),
    )
    totals = changed(TOTALS, ("WHERE o.status <> 'test'", "WHERE o.status NOT IN ('test', 'void')"))
    found = compared(before, {**before, ITEMS: items, TOTALS: totals})
    return diff_markdown(replace(found, base="origin/main", base_commit="0123456789abcdef"))


@pytest.fixture
def page(chromium: Browser, comment: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The comment; how it looks at the end is in `PICTURES`."""
    with chromium.new_context(viewport={"width": 1000, "height": 800}) as context:
        page = context.new_page()
        page.set_content(f"<style>{STYLE}</style>{MARKDOWN.render(comment)}")
        yield page
        PICTURES.mkdir(exist_ok=True)
        name = re.sub(r"\W+", "_", request.node.name.removeprefix("test_")).strip("_")
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def test_comment_shows_the_verdict_and_each_change_and_hides_who_feels_it(page: Page) -> None:
    first = page.locator("body > p").first
    expect(first).to_have_text("Breaking: 1 change breaks something, 1 may change numbers, 1 is metadata only")
    expect(first).to_be_visible()
    expect(page.get_by_text("Felt by 3 dashboards: Executive Overview, Fulfillment, KPI Base.")).to_be_visible()
    expect(page.locator("h4")).to_have_text(["Breaking", "Numbers may change"])
    expect(page.locator("body > ul > li")).to_have_count(2)
    expect(page.locator("summary")).to_have_count(3)
    for each in page.get_by_text("is shown in this tile").all():
        expect(each).to_be_hidden()
    expect(page.locator("table")).to_be_hidden()


def test_comment_opened_shows_every_way_and_no_text_is_markup(page: Page) -> None:
    for each in page.locator("summary").all():
        each.click()
    expect(page.locator("details > ul > li", has_text="dashboard KPI Base").first).to_be_visible()
    tile = page.locator("li li li", has_text=TITLE)
    expect(tile).to_be_visible()
    expect(tile.locator("code").first).to_have_text("field order_items.total_revenue")
    expect(page.locator("td").nth(1)).to_contain_text("Price paid | after <b>discounts</b>")
    expect(page.locator("td")).to_have_count(4)
    for tag in ("img", "a", "script", "em", "h1", "h2", "h3"):
        expect(page.locator(tag)).to_have_count(0)
    expect(page.locator("strong")).to_have_text(["Breaking"])
    assert page.title() == ""
    chart = page.locator("pre code.language-mermaid")
    expect(chart).to_contain_text("flowchart LR")
    expect(chart).to_contain_text("dashboard Executive Overview")
