"""Comments that ignore findings: where they hold, and what is said of those that are of no use."""

from __future__ import annotations

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.semantic.compile import compile_project
from dagster_lookml.source import MemoryTree

MODEL = 'connection: "c"\ninclude: "*.view"\ninclude: "*.dashboard"\nexplore: v {}\n'


def found(view: str, dashboard: str = "") -> list[str]:
    """The rule and line of each finding in a view, or in a dashboard."""
    files = {"m.model.lkml": MODEL, "v.view.lkml": view, "d.dashboard.lookml": dashboard}
    return [f"{one.rule} {one.line}" for one in check(compile_project(MemoryTree(files)))]


BROKEN = "dimension: a { sql: ${gone} ;; }"


@pytest.mark.parametrize(
    "text",
    [
        f"view: v {{\n  {BROKEN} # lookml: ignore[unknown-field] made elsewhere\n}}\n",
        f"view: v {{\n  # lookml: ignore[unknown-field] made elsewhere\n  {BROKEN}\n}}\n",
        f"view: v {{\n  # lookml: ignore[LM310] made elsewhere\n\n  # and more\n  {BROKEN}\n}}\n",
        f"view: v {{\n  #lookml:ignore[empty-sql, unknown-field]: made elsewhere\n  {BROKEN}\n dimension: b {{ sql: ;; }}\n}}\n",
        f"# lookml: ignore[unknown-field] made elsewhere\nview: v {{\n\n  {BROKEN}\n}}\n",
        "view: v {\n  dimension: a {\n    sql:\n # lookml: ignore[unknown-field] made elsewhere\n      ${gone} ;;\n  }\n}\n",
        f"view: v {{\r\n  # lookml: ignore[unknown-field] made elsewhere\r\n  {BROKEN}\r\n}}\r\n",
        f"view: v {{\n  # LookML: IGNORE[unknown-field] made elsewhere\n  {BROKEN}\n}}\n",
        "view: v { dimension: a { sql: ${gone} || 'it''s' # lookml: ignore[unknown-field] isn't here\n ;; } }\n",
        "view: v { dimension: a { sql: -- don't\n ${gone} -- # lookml: ignore[unknown-field] it isn't here\n ;; } }\n",
        f'view: v {{ dimension: b {{ label: "#1" sql: 1 ;; }} {BROKEN} # lookml: ignore[unknown-field] in "it"\n}}\n',
    ],
    ids=(
        "behind above by-code one-of-two above-the-view inside-sql crlf capitals behind-sql in-a-comment-of-sql behind-a-label"
    ).split(),
)
def test_a_finding_is_ignored_where_a_comment_says_so(text: str) -> None:
    assert not any(one.startswith("unknown-field") for one in found(text))


def test_behind_something_it_holds_for_that_line_alone() -> None:
    text = f"view: v {{ # lookml: ignore[unknown-field] made elsewhere\n  {BROKEN}\n}}\n"

    assert found(text) == ["unused-ignore 1", "unknown-field 2"]


def test_above_a_block_it_holds_to_its_end_and_no_further() -> None:
    other = "dimension: b { sql: ${gone} ;; }"
    block = "dimension: a {\n    sql: ${gone} ;;\n  }"
    text = f"view: v {{\n  # lookml: ignore[unknown-field] made elsewhere\n  {block}\n  {other}\n}}\n"

    assert found(text) == ["unknown-field 6"]


def test_it_holds_for_the_rules_that_it_names_and_no_others() -> None:
    text = f"view: v {{\n  # lookml: ignore[unknown-view] made elsewhere\n  {BROKEN}\n}}\n"

    assert found(text) == ["unused-ignore 2", "unknown-field 3"]


def test_in_a_dashboard_it_holds_for_the_entry_that_follows() -> None:
    view = "view: v { dimension: id {} }\n"
    tile = "  - name: a\n    type: table\n    explore: v\n    fields: [v.gone]\n"
    ignored = "  # lookml: ignore[unknown-tile-field] comes with the next release\n" + tile
    dashboard = f"- dashboard: d\n  elements:\n{ignored}{tile.replace('name: a', 'name: b')}"

    assert found(view, dashboard) == ["unknown-tile-field 11"]


@pytest.mark.parametrize(
    "text",
    [
        'label: "see # lookml: ignore[unknown-field] x" sql: ${gone} ;;',
        'tags: ["# lookml: ignore[unknown-field] x"] sql: ${gone} ;;',
        'description: "\n # lookml: ignore[unknown-field] x\n " sql: ${gone} ;;',
        "sql: ${gone} || '# lookml: ignore[unknown-field] x' ;;",
        "sql: ${gone} || 'a\n # lookml: ignore[unknown-field] x\n' ;;",
        'sql: # it isn\'t\n ${gone} || "# lookml: ignore[unknown-field] x" ;;',
        "html: <b># lookml: ignore[unknown-field] x</b> ;; sql: ${gone} ;;",
        "html: <b>\n # lookml: ignore[unknown-field] x\n</b> ;; sql: ${gone} ;;",
    ],
    ids="label tag description literal literal-of-lines behind-a-comment html html-of-lines".split(),
)
@pytest.mark.rule("15.7")
def test_text_that_looks_like_such_a_comment_is_none(text: str) -> None:
    assert [one.split()[0] for one in found(f"view: v {{ dimension: a {{ {text} }} }}\n")] == ["unknown-field"]


@pytest.mark.parametrize(
    "text",
    [
        'title: "a # lookml: ignore[all] x"\n    fields: [v.gone]',
        "title: a#lookml:ignore[all]\n    fields: [v.gone]",
        'filters: {v.id: "# lookml: ignore[all] x", v.gone: "1"}',
        "note_text: |\n      # lookml: ignore[all] x\n    fields: [v.gone]",
        "note_text: >-\n\n      a\n      # lookml: ignore[all] x\n\n    fields: [v.gone]",
    ],
    ids="title plain flow block folded".split(),
)
def test_text_of_a_dashboard_that_looks_like_such_a_comment_is_none(text: str) -> None:
    dashboard = f"- dashboard: d\n  elements:\n  - name: a\n    explore: v\n    type: table\n    {text}\n"
    broken = f"- dashboard: e\n  title: [\n- dashboard: f\n{dashboard.partition(chr(10))[2]}"
    view = "view: v { dimension: id {} }\n"

    assert [one.split()[0] for one in found(view, dashboard)] == ["unknown-tile-field"]
    assert "unknown-tile-field" in [one.split()[0] for one in found(view, broken)]
    assert "unused-ignore" not in [one.split()[0] for one in found(view, broken)]


@pytest.mark.parametrize(
    "text",
    [
        "fields: [v.gone] # lookml: ignore[unknown-tile-field] x",
        "note_text: | # lookml: ignore[LM9] x\n      text\n\n    # lookml: ignore[unknown-tile-field] x\n    fields: [v.gone]",
        "title: a b\n    # lookml: ignore[unknown-tile-field] x\n    fields: [v.gone]",
        "\tfields: [v.gone] # lookml: ignore[unknown-tile-field] x",
    ],
    ids="behind below-a-block below-plain-text behind-a-tab".split(),
)
def test_comments_of_a_dashboard_are_comments_as_yaml_has_them(text: str) -> None:
    dashboard = f"- dashboard: d\n  elements:\n  - name: a\n    explore: v\n    type: table\n    {text}\n"

    assert "unknown-tile-field" not in [one.split()[0] for one in found("view: v { dimension: id {} }\n", dashboard)]


def test_a_reason_is_wanted() -> None:
    text = f"view: v {{\n  # lookml: ignore[unknown-field]\n  {BROKEN}\n}}\n"

    assert found(text) == ["ignore-without-reason 2"]


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("# lookml: ignore[unknown-feild] made elsewhere", "there is no rule `unknown-feild` to ignore"),
        ("# lookml: ignore", "this comment says no rule: write `# lookml: ignore[rule] reason`"),
        ("# lookml: ignore[] made elsewhere", "this comment says no rule: write `# lookml: ignore[rule] reason`"),
    ],
)
def test_a_comment_that_names_no_rule_is_said_to_name_none(comment: str, said: str) -> None:
    files = {"m.model.lkml": MODEL, "v.view.lkml": f"view: v {{\n  {comment}\n  dimension: id {{}}\n}}\n"}
    messages = [one.message for one in check(compile_project(MemoryTree(files))) if one.rule == "unknown-ignore"]

    assert messages == [said]


def test_of_rules_that_nobody_asked_for_nobody_can_tell_whether_a_comment_is_of_use() -> None:
    text = "view: v {\n  # lookml: ignore[unused-field] told of in a talk\n  dimension: a { hidden: yes }\n}\n"

    assert found(text) == []


@pytest.mark.parametrize("text", ["# this is about lookml: ignore it", "# see lookml: the manual", "# ignore[unknown-field] x"])
def test_other_comments_mean_nothing(text: str) -> None:
    assert found(f"view: v {{\n  {text}\n  {BROKEN}\n}}\n") == ["unknown-field 3"]
