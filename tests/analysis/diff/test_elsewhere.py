"""What may come from a project that is not here, and what cannot: only what some include names brings anything (R2.18)."""

from __future__ import annotations

import pytest

from tests.analysis.diff.states import affected, compared, edited, lines

NAMED_BY_NOTHING = {
    "manifest.lkml": 'project_name: "shop"\nlocal_dependency: { project: "constants" }\n',
    "m.model.lkml": """connection: "c"
include: "*.view"
include: "*.dashboard"
explore: many { extension: required join: more { sql_on: ${p.id} = ${more.id} ;; } }
explore: p { extends: [many] }
""",
    "base.view.lkml": "view: base { dimension: id {} }\n",
    "p.view.lkml": "view: p { extends: [base] dimension: kind {} measure: rows { type: count } }\n",
    "more.view.lkml": "view: more { dimension: id {} dimension: city {} }\n",
    "d.dashboard.lookml": """
- dashboard: d
  elements:
  - {name: ids, explore: p, fields: [p.id]}
  - {name: kinds, explore: p, fields: [p.kind]}
  - {name: cities, explore: p, fields: [more.city]}
""",
}
"""A project that depends on another, which is not here, and whose files nothing includes."""
NAMED_BY_AN_INCLUDE = edited(
    ('include: "*.view"', 'include: "*.view"\ninclude: "//constants/*.view"'), files=NAMED_BY_NOTHING
)  # fmt: skip


def without_base(files: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in files.items() if name != "base.view.lkml"}


@pytest.mark.rule("R2.18")
def test_a_field_is_gone_whose_parent_no_project_can_hold() -> None:
    found = {one.id: one for one in compared(NAMED_BY_NOTHING, without_base(NAMED_BY_NOTHING)).changes}

    assert (found["view:base"].verdict, found["field:p.id"].verdict) == ("breaking", "breaking")
    assert affected(found["field:p.id"]) == ["dashboard:m/d", "explore:m/p", "tile:m/d/cities", "tile:m/d/ids"]


@pytest.mark.rule("R2.3")
def test_a_field_may_be_there_whose_parent_an_absent_project_can_hold() -> None:
    found = {one.id: one for one in compared(NAMED_BY_AN_INCLUDE, without_base(NAMED_BY_AN_INCLUDE)).changes}

    assert (found["field:p.id"].verdict, found["field:p.id"].reason) == (
        "unknown", "what it was inherited from may be in a project that is not here",
    )  # fmt: skip


@pytest.mark.parametrize(("files", "verdict"), [(NAMED_BY_NOTHING, "breaking"), (NAMED_BY_AN_INCLUDE, "unknown")])
def test_a_join_is_gone_if_no_project_can_hold_the_explore_that_it_was_inherited_from(
    files: dict[str, str], verdict: str
) -> None:
    after = edited(
        ("explore: many { extension: required join: more { sql_on: ${p.id} = ${more.id} ;; } }\n", ""), files=files
    )  # fmt: skip
    (one,) = [one for one in compared(files, after).changes if one.id == "join:m/p/more"]

    assert (one.verdict, affected(one)) == (verdict, ["dashboard:m/d", "tile:m/d/cities"])


@pytest.mark.parametrize(("files", "verdict"), [(NAMED_BY_NOTHING, "breaking"), (NAMED_BY_AN_INCLUDE, "numbers may change")])
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("dimension: kind {}", "dimension: kind { sql: ${idd} ;; }", "field:p.kind changed sql"),
        ("fields: [p.kind]", "fields: [p.idd]", "tile:m/d/kinds changed fields"),
    ],
)
def test_what_leads_nowhere_breaks_if_no_project_can_hold_it(
    files: dict[str, str], verdict: str, old: str, new: str, said: str
) -> None:
    before = without_base(files)

    assert f"{verdict}: {said}" in lines(compared(before, edited((old, new), files=before)))


@pytest.mark.parametrize(
    ("files", "said"), [(NAMED_BY_NOTHING, []), (NAMED_BY_AN_INCLUDE, ["unknown: explore:m/p changed fields"])]
)
def test_a_list_that_names_one_more_field_offers_it_only_if_some_project_can_hold_it(
    files: dict[str, str], said: list[str]
) -> None:
    before = without_base(edited(("explore: p { extends: [many] }", "explore: p { fields: [p.kind] }"), files=files))

    assert lines(compared(before, edited(("fields: [p.kind] }", "fields: [p.kind, p.id] }"), files=before))) == said
