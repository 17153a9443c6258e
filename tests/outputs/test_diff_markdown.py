"""A comment on a change: its verdict first, all of LookML's text stays text, and it stays within what GitHub takes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping

import pytest
from msgspec.structs import replace

from dagster_lookml.analysis.diff.change import Change, Diff, Verdict
from dagster_lookml.analysis.impact import Affected
from dagster_lookml.config import Config, Connection
from dagster_lookml.lineage.graph import Edge, Node
from dagster_lookml.outputs.diff_github import diff_github
from dagster_lookml.outputs.diff_json import diff_json
from dagster_lookml.outputs.diff_markdown import diff_markdown, diff_summary
from dagster_lookml.outputs.diff_text import diff_text
from dagster_lookml.outputs.markdown_text import COMMENT_LIMIT
from dagster_lookml.outputs.plain_text import one_line
from dagster_lookml.source import Span
from tests.analysis.diff.states import MODEL, SHOP, compared, edited
from tests.outputs.flowcharts import Flowchart, flowchart
from tests.outputs.pages import ATTACKS, GITHUB_LIMIT, LINK, REFERENCE, Page, seen

MARK = "<!-- dagster-lookml diff -->"
TOTAL = "  measure: total { type: sum sql: ${price} ;; }\n"
STATUS = "dimension: status { sql: ${TABLE}.status ;; }"
OURS = {"p", "strong", "b", "code", "details", "summary", "ul", "li", "h4", "table", "thead", "tbody", "tr", "th", "td"}
PDT = {
    "m.model.lkml": MODEL + "explore: sums {}\nexplore: more {}\n",
    "v.view.lkml": """
view: sums { derived_table: { sql: SELECT a, SUM(b) AS b FROM s.t GROUP BY 1 ;; persist_for: "1 hour" } dimension: a {} }
view: more { derived_table: { sql: SELECT a FROM ${sums.SQL_TABLE_NAME} ;; persist_for: "1 hour" } dimension: a {} }
""",
}


def shop(*replacements: tuple[str, str]) -> Diff:
    return replace(compared(SHOP, edited(*replacements)), base="main", base_commit="0123456789abcdef0123")


def parted(text: str) -> tuple[str, str]:
    """A comment without its flowchart, and that."""
    found = re.search(r"^```mermaid\n(.*?)^```\n", text, re.MULTILINE | re.DOTALL)
    return (text, "") if found is None else (text[: found.start()] + text[found.end() :], found[1])


def drawn(text: str) -> Flowchart:
    return flowchart(parted(text)[1])


def page_of(text: str) -> Page:
    return Page(parted(text)[0])


# -- what it says ------------------------------------------------------------------------------------------------------


def test_the_mark_and_the_verdict_come_first() -> None:
    text = diff_markdown(shop((TOTAL, ""), (STATUS, STATUS.replace(".status", ".state")), ("title: Sales", "title: Sold")))

    assert text.splitlines()[:4] == [
        MARK,
        "**Breaking**: 1 change breaks something, 1 may change numbers, 1 is metadata only",
        "",
        "Compared with <code>main</code> (<code>0123456789ab</code>). Felt by 1 dashboard: <b>KPIs</b>.",
    ]
    assert page_of(text).text.lstrip().startswith("Breaking: 1 change breaks something")


@pytest.mark.parametrize(
    ("replacements", "verdict"),
    [
        ([(TOTAL, ""), ("  measure: rows { type: count }\n", "")], "**Breaking**: 2 changes break something"),
        ([("sql: ${price} ;;", "sql: ( ${price} ;;")], "**Unknown**: 1 change may break something"),
        ([("type: sum", "type: max")], "**Numbers may change**: 1 change may change numbers"),
        ([("title: Sales", "title: Sold"), ("title: KPIs", "title: K")], "**Metadata only**: 2 changes are metadata only"),
        ([("sql: ${price} ;;", "sql: (${price}) ;;")], "**Equivalent**: 1 change is equivalent"),
        ([], "**No change**: nothing in the LookML differs"),
    ],
)
def test_each_verdict_has_its_words(replacements: list[tuple[str, str]], verdict: str) -> None:
    assert diff_markdown(shop(*replacements)).splitlines()[1] == verdict


def test_two_refs_are_both_named() -> None:
    text = diff_markdown(replace(shop((TOTAL, "")), head="my branch"))

    assert "<code>my branch</code> compared with <code>main</code>" in text


def test_what_differs_is_told_with_its_reason_its_place_and_who_feels_it() -> None:
    lines = page_of(diff_markdown(shop((TOTAL, "")))).text.splitlines()

    assert "field orders.total removed: whatever uses it breaks (was at orders.view.lkml:7)" in [line.strip() for line in lines]
    assert "felt by 1 dashboard, 1 tile and 1 explore" in lines
    way = "tile Sales, from field orders.total → is shown in this tile (kpis.dashboard.lookml:15)"
    assert [line for line in lines if "→ is shown" in line] == [way]
    assert "explore orders, from field orders.total → can be picked in this explore (m.model.lkml:4)" in lines


def test_tiles_are_below_their_dashboard_and_a_click_opens_all_of_them() -> None:
    text = diff_markdown(shop((TOTAL, "")))

    assert re.search(r"^  - dashboard <b>KPIs</b>\n    - tile <b>Sales</b>, from ", text, re.MULTILINE)
    assert page_of(text).tags.count("details") == page_of(text).tags.count("summary") == 1
    assert "<details open" not in text


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("type: sum", "type: max", "field orders.total type sum → max: "),
        ("title: Sales", 'title: ""', "tile m/kpis/sales title Sales → (empty)"),
        ("    title: Sales\n", "", "tile m/kpis/sales title Sales → (none)"),
        ("measure: rows {", "measure: lines {", "field orders.lines renamed from rows: "),
        (TOTAL, TOTAL + "  measure: other { type: count_distinct sql: ${id} ;; }\n", "field orders.other added"),
    ],
)
def test_old_and_new_are_shown(before: str, after: str, told: str) -> None:
    assert told in page_of(diff_markdown(shop((before, after)))).text


LONG = "CASE " + "".join(f"WHEN ${{TABLE}}.a = {number} THEN {number} " for number in range(100))


def status(sql: str) -> dict[str, str]:
    """The shop with other SQL of a dimension."""
    return {**SHOP, "orders.view.lkml": SHOP["orders.view.lkml"].replace("${TABLE}.status ;;", f"{sql} ;;")}


def test_long_values_are_shown_from_where_they_differ() -> None:
    found = compared(status(LONG + "ELSE 1 END"), status(LONG + "ELSE 2 END"))
    (told,) = re.findall(r"sql (….*?) → (….*?): ", page_of(diff_markdown(found)).text)
    (in_text,) = re.findall(r"field orders.status sql: (….*?) -> (….*?)  orders", diff_text(found))
    (on_github,) = re.findall(r"field orders.status sql: (….*?) -> (….*?): ", diff_github(found))

    assert [one[-10:] for one in told] == ["ELSE 1 END", "ELSE 2 END"]
    assert max(map(len, told)) < 60
    assert in_text == on_github == told


def test_long_values_that_are_the_same_to_a_database_are_not_shown_as_the_same_text_twice() -> None:
    found = compared(status(LONG + "ELSE (1) END"), status(LONG + "ELSE 1 END"))

    assert re.findall(r"ELSE \S+ END", diff_text(found)) == ["ELSE (1) END", "ELSE 1 END"]


def test_white_space_that_differs_inside_a_text_is_shown() -> None:
    found = compared(status("'a  b'"), status("'a b'"))

    assert "sql 'a··b' → 'a·b': " in page_of(diff_markdown(found)).text
    assert "sql: 'a··b' -> 'a·b'  " in diff_text(found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("`b c`", "`b d`", "`b c` became `b d`"),
        ("IF(`b c` > 1, 2, 3)", "IF(`b c` > 1, 2, 4)", "“IF(`b c` > 1, 2, 3)” became “IF(`b c` > 1, 2, 4)”"),
    ],
)
def test_names_in_backticks_are_told_apart_from_what_is_around_them(old: str, new: str, said: str) -> None:
    dialect = Config(connections={"c": Connection(dialect="bigquery")})
    found = compared(status(old), status(new), dialect)

    assert said in diff_text(found)
    assert "``" not in diff_text(found)
    told = re.findall(r"`[^`]+`|“[^”]+”", said) if "“" not in said else re.findall(r"“([^”]+)”", said)
    shown = " became ".join(one.strip("`") for one in told)
    assert shown in page_of(diff_markdown(found)).text


def test_what_changes_no_answer_is_one_table_that_a_click_opens() -> None:
    text = diff_markdown(shop(("title: Sales", "title: Sold"), ("sql: ${price} ;;", "sql: (${price}) ;;")))
    page = page_of(text)

    assert "<details><summary>1 metadata only, 1 equivalent</summary>" in text
    assert [page.tags.count(tag) for tag in ("table", "tr", "td", "details", "h4")] == [1, 3, 8, 1, 0]
    assert parted(text)[1] == ""


@pytest.mark.rule("R4.6")
def test_a_group_that_shares_its_name_is_called_by_it_alone() -> None:
    """In ids it is told from the field of its name, and people know it by no such name."""
    both = "dimension: seen {}\n  dimension_group: seen { type: time timeframes: [date] sql: ${TABLE}.seen ;; }\n  measure: rows"
    more = "dimension: day { sql: ${seen_date} ;; }\n  measure: rows"
    before = edited(("measure: rows", both.replace("measure: rows", more)), ("fields: [orders.rows]", "fields: [orders.day]"))
    changes = ("sql: ${TABLE}.seen ;;", "sql: ${TABLE}.seen_at ;;"), ("dimension_group: seen {", "dimension_group: met {")
    for change, kind in zip(changes, ("numbers may change", "breaking"), strict=True):
        found = compared(before, edited(change, files=before))

        assert kind in [one.verdict for one in found.changes]
        assert "~group" in str(diff_json(found))
        for said in (diff_text(found), diff_markdown(found), diff_github(found)):
            assert re.search(r"\bseen\b", said)
            assert "~group" not in said


def test_nothing_that_differs_is_two_lines() -> None:
    text = diff_markdown(replace(shop(), base_commit=""))

    assert text == f"{MARK}\n**No change**: nothing in the LookML differs\n\nCompared with <code>main</code>.\n"


def test_persistent_tables_that_are_built_anew_are_told() -> None:
    after = {**PDT, "v.view.lkml": PDT["v.view.lkml"].replace("SUM(b)", "MAX(b)")}
    text = diff_markdown(compared(PDT, after))

    assert "PDT m/more, from view sums → is a source of view more (v.view.lkml:3)" in page_of(text).text
    assert ("view more", "-->", "PDT m/more") in drawn(text).lines


def test_persistent_tables_that_are_built_anew_with_the_same_rows_are_told_where_the_harmless_is() -> None:
    before, after = (
        {**PDT, "v.view.lkml": PDT["v.view.lkml"].replace("GROUP BY 1 ;;", f"GROUP BY 1 ;; indexes: [{column}]")}
        for column in "ab"
    )
    text = diff_markdown(compared(before, after))

    assert "the table is built anew, with the same rows in it: pdt m/more, pdt m/sums" in page_of(text).text
    assert parted(text)[1] == ""


# -- the flowchart -----------------------------------------------------------------------------------------------------


def test_the_flowchart_leads_from_what_differs_to_what_feels_it() -> None:
    chart = drawn(diff_markdown(shop((TOTAL, ""), ("title: Sales", "title: Sold"))))

    assert set(chart.labels) == {"removed field orders.total", "tile Sales", "dashboard KPIs", "explore orders"}
    assert set(chart.lines) == {
        ("removed field orders.total", "-->", "tile Sales"),
        ("tile Sales", "-->", "dashboard KPIs"),
        ("removed field orders.total", "-->", "explore orders"),
    }
    assert chart.classes == {"changed": {"removed field orders.total"}, "felt": {"dashboard KPIs"}}


def test_what_has_another_name_is_drawn_before_what_used_the_old_one() -> None:
    chart = drawn(diff_markdown(shop(("measure: rows {", "measure: lines {"))))

    assert ("renamed field orders.lines", "-.->", "field orders.rows") in chart.lines
    assert ("field orders.rows", "-->", "tile count") in chart.lines


def test_where_nobody_feels_anything_nothing_is_drawn() -> None:
    after = {**SHOP, "spare.view.lkml": "view: spare { dimension: a {} }\n"}

    assert "mermaid" not in diff_markdown(compared(after, SHOP))
    assert "mermaid" not in diff_markdown(shop(("title: Sales", "title: Sold")))


def test_of_many_changes_some_of_each_are_drawn_and_the_rest_is_counted() -> None:
    first, second = (measures(100, kind) for kind in ("sum", "max"))
    text = diff_markdown(compared(first, second))
    chart = drawn(text)

    assert len(chart.labels) == 40
    assert {label.split(" ")[0] for label in chart.labels} == {"field", "tile", "dashboard"}
    # A dashboard and an explore, two tiles, and a hundred fields.
    assert "; 64 more not drawn." in text


@pytest.mark.parametrize("number", [1, 2])
def test_one_change_that_much_feels_leaves_room_for_another(number: int) -> None:
    felt = tuple(tile(each) for each in range(200))
    changes = [change("field:a.b", felt), change("field:c.d", (tile(900),))][:number]
    chart = drawn(diff_markdown(Diff(changes=tuple(changes))))

    assert chart.classes["changed"] == {"field a.b", "field c.d"} if number == 2 else {"field a.b"}
    assert 38 <= len(chart.labels) <= 40


# -- texts that try to be more -----------------------------------------------------------------------------------------

ODD = [attack for attack in ATTACKS if attack not in ("\x00\x1b", "\udcff")]  # no YAML has the one, no file the other
ODD += ['"', "]]", '"]; click n0 href "http://evil.example"', "%%{init: {}}%%", "style a:b#", "fa:fa-ban", "-->", "<img src=x>"]
FILE = "100% odd, näme:1|<b>\n`@x`.view.lkml"


def odd(kind: str) -> Mapping[str, str]:
    """A measure for each odd text, which is its label, and a tile that shows it, of which it is the name and the title."""
    texts = [one.replace("\\", "\\ ").replace('"', '\\"') for one in ODD]
    fields = [f'  measure: m{at} {{ type: {kind} sql: ${{TABLE}}.x ;; label: "{kind}{one} " }}\n' for at, one in enumerate(texts)]
    tiles = [{"name": f"{at}{one}", "title": one, "explore": "orders", "fields": [f"orders.m{at}"]} for at, one in enumerate(ODD)]
    dashboards = [
        {"dashboard": f"d{at}", "title": ODD[at], "elements": [one]} for at, one in enumerate(tiles) if len(ODD[at].strip()) > 0
    ]
    return {
        "m.model.lkml": 'connection: "c"\ninclude: "*"\nexplore: orders {}\n',
        FILE: "view: orders {\n  dimension: id { primary_key: yes }\n" + "".join(fields) + "}\n",
        "d.dashboard.lookml": json.dumps(dashboards, ensure_ascii=False),
    }


def test_odd_texts_stay_text_and_make_no_page_of_another_shape() -> None:
    found = replace(compared(odd("sum"), odd("max")), base="ma|in`@x`", head="<img src=x>\n# @everyone #1")
    assert len(found.changes) == 2 * len(ODD)
    text = diff_summary(found)
    page = page_of(text)

    assert set(page.tags) == OURS | {"h3"}
    assert [page.tags.count(tag) for tag in ("h3", "h4", "table", "details")] == [1, 1, 1, 1 + len(ODD)]
    assert page.tags.count("td") == 4 * len(ODD)
    assert not LINK.search(page.outside)
    assert not REFERENCE.search(page.outside)
    for title in ODD:
        assert seen(f"tile {one_line(title)}, from field") in seen(page.text)
    assert seen(one_line(FILE)) in seen(page.text)
    chart = drawn(text)
    assert len(chart.labels) == 40
    assert {one for one in chart.labels if one.startswith("tile ")} <= {f"tile {one_line(title)}".strip() for title in ODD}


@pytest.mark.parametrize("text", ODD)
def test_any_text_is_one_label_of_the_flowchart(text: str) -> None:
    affected = Affected(Node("tile:m/d/x", "tile", text, None, "dashboard:m/d"), (Edge("field:a.b", "tile:m/d/x", "tile"),))
    chart = drawn(diff_markdown(Diff(changes=(change("field:a.b", (affected,)),))))

    assert chart.labels == ("dashboard m/d", "field a.b", one_line(f"tile {text}"))


# -- its size ----------------------------------------------------------------------------------------------------------


def measures(number: int, kind: str) -> dict[str, str]:
    """Measures, and tiles that show fifty of them each."""
    fields = "".join(f"  measure: m{at:04} {{ type: {kind} sql: ${{TABLE}}.c{at} ;; }}\n" for at in range(number))
    tiles = "".join(
        f"  - {{name: t{at}, explore: orders, fields: [{', '.join(f'orders.m{one:04}' for one in range(at, at + 50))}]}}\n"
        for at in range(0, number, 50)
    )
    return {
        "m.model.lkml": MODEL + "explore: orders {}\n",
        "orders.view.lkml": f"view: orders {{\n  dimension: id {{ primary_key: yes }}\n{fields}}}\n",
        "d.dashboard.lookml": f"- dashboard: d\n  elements:\n{tiles}",
    }


def change(identity: str, affected: Iterable[Affected] = (), verdict: Verdict = "breaking", text: str = "x") -> Change:
    span = Span(f"{text}.view.lkml", 3, 1)
    return Change(
        id=identity, kind="changed", property=text, old=text, new=f"{text}!", verdict=verdict, reason=text, span=span,
        affected=tuple(affected),
    )  # fmt: skip


def tile(number: int, text: str = "t") -> Affected:
    identity = f"tile:m/d{number // 10}/{text}{number}"
    hop = Edge("field:a.b", identity, "tile", Span(f"{text}.dashboard.lookml", 4, 1))
    return Affected(Node(identity, "tile", text, None, f"dashboard:m/d{number // 10}"), (hop,))


@pytest.mark.slow
def test_three_thousand_changes_are_cut_and_the_last_line_says_how_many_are_missing() -> None:
    found = replace(compared(measures(3_000, "sum"), measures(3_000, "max")), base="main")
    start = time.process_time()
    text = diff_markdown(found)
    assert time.process_time() - start < 5
    page = page_of(text)
    told = [line for line in page.text.splitlines() if " type sum → max" in line]

    assert text.splitlines()[1] == "**Numbers may change**: 3,000 changes may change numbers"
    assert len(text) <= len(text.encode()) <= COMMENT_LIMIT < GITHUB_LIMIT
    assert len(told) > 50
    more = f"… and {3_000 - len(told):,} more; dagster-lookml diff --base main lists them all."
    assert more in page.text.splitlines()
    assert page.tags.count("details") == len(told)
    assert text.count("<details") == text.count("</details>")


@pytest.mark.slow
@pytest.mark.parametrize("letter", ["x", "|", "🙂", "`", "a b "])
def test_a_comment_stays_within_the_limit_whatever_is_in_it(letter: str) -> None:
    text = letter * 3_000
    felt = [tile(number, text) for number in range(30)]
    verdicts: tuple[Verdict, ...] = ("breaking", "unknown", "numbers may change", "metadata only", "equivalent")
    changes = tuple(change(f"field:v.{at}{text}", felt, verdicts[at % 5], text) for at in range(500))
    comment = diff_markdown(Diff(changes=changes, base="main"))

    assert len(comment) <= len(comment.encode()) <= COMMENT_LIMIT
    told = len(re.findall("^- ", comment, re.MULTILINE))
    assert told >= 5
    assert f"… and {500 - told:,} more; <code>dagster-lookml diff" in comment
    assert comment.count("<details") == comment.count("</details>") == told
    drawn(comment)


def test_the_fewer_changes_the_more_is_told_of_who_feels_them() -> None:
    felt = [tile(number) for number in range(50)]
    few, many = (diff_markdown(Diff(changes=(change("field:a.b", felt),) * number)) for number in (1, 20))

    assert len(re.findall("- tile ", few)) == 40
    assert "  - and 10 more\n" in few
    assert len(re.findall("^- ", many, re.MULTILINE)) == 20
    assert len(re.findall("- tile ", many)) == 20 * 12
    assert many.count("  - and 38 more\n") == 20


@pytest.mark.slow
def test_a_summary_of_a_step_tells_more() -> None:
    text = diff_summary(compared(measures(3_000, "sum"), measures(3_000, "max")))

    assert text.startswith("### dagster-lookml diff\n\n**Numbers may change**: ")
    assert MARK not in text
    assert COMMENT_LIMIT < len(text.encode()) < 1024 * 1024
