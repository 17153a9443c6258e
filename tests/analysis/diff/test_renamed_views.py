"""Views, joins and explores under other names, and what follows them (R6.1-R6.5)."""

from __future__ import annotations

import re

import pytest

from tests.analysis.diff.states import affected, compared, edited, line, lines

FILES = {
    "m.model.lkml": """connection: "c"
include: "*.view"
include: "*.dashboard"
explore: o {
  sql_always_where: ${p.x} > 1 ;;
  fields: [ALL_FIELDS*, -p.x]
  always_filter: { filters: [p.kind: "a"] }
  join: p { sql_on: ${o.id} = ${p.id} ;; fields: [p.id, kind, p.x] }
  join: r { sql_on: ${p.id} = ${r.id} ;; }
}
""",
    "all.view.lkml": """view: p {
  sql_table_name: raw.facts ;;
  dimension: id { primary_key: yes sql: ${TABLE}.p_id ;; }
  dimension: kind { sql: ${TABLE}.p_kind ;; }
  dimension: x { type: number sql: ${id} + ${TABLE}.x ;; }
}
view: o {
  sql_table_name: raw.o ;;
  dimension: id { primary_key: yes sql: ${TABLE}.o_id ;; }
  dimension: t { sql: ${p.x} + 1 ;; drill_fields: [p.kind] }
}
view: r { extends: [p] }
view: t { derived_table: { sql: SELECT * FROM ${p.SQL_TABLE_NAME} ;; } dimension: id {} }
view: n { derived_table: { explore_source: o { column: x { field: p.x } column: id {} } } dimension: x {} }
""",
    "d.dashboard.lookml": """
- dashboard: d
  elements:
  - {name: kinds, explore: o, fields: [p.kind], filters: {p.x: "1"}}
  - {name: ids, explore: o, fields: [o.id, o.t]}
""",
}
"""A view that is used in every way: joined, extended, read as a table, named by SQL, lists, a native table and a tile."""
SAME = "whatever uses it here has followed; people and tiles call its fields by the aliases of explores"


def everywhere(files: dict[str, str], old: str, new: str) -> dict[str, str]:
    """The files with another name for a view and its alias."""
    return {name: re.sub(rf"\b{old}\b(?=[.\]]| \{{)", new, text) for name, text in files.items()}


def renamed_under_its_alias(files: dict[str, str]) -> dict[str, str]:
    """The files with a view that has another name, and that its join calls what it called it."""
    return edited(
        ("view: p {", "view: q {"),
        ("join: p {", "join: p { from: q"),
        ("extends: [p]", "extends: [q]"),
        ("${p.SQL_TABLE_NAME}", "${q.SQL_TABLE_NAME}"),
        files=files,
    )


@pytest.mark.rule("R6.2")
@pytest.mark.parametrize("own", ["${id}", "${p.id}"])
def test_what_follows_a_view_and_a_join_of_another_name_is_no_change_of_its_own(own: str) -> None:
    files = edited(("${id} + ${TABLE}", f"{own} + ${{TABLE}}"), files=FILES)
    found = compared(files, everywhere(files, "p", "q")).changes

    assert [(one.verdict, one.id, one.kind, one.old) for one in found] == [
        ("breaking", "join:m/o/q", "renamed", "p"),
        ("metadata only", "view:q", "renamed", "p"),
    ]
    assert found[0].reason == "all else of this join is the same, and whatever uses the old name breaks"
    assert affected(found[0]) == []


@pytest.mark.rule("R6.5")
def test_what_does_not_follow_a_view_and_a_join_of_another_name_feels_it() -> None:
    after = edited(("fields: [q.kind], filters: {q.x", "fields: [p.kind], filters: {q.x"), files=everywhere(FILES, "p", "q"))
    (join,) = [one for one in compared(FILES, after).changes if one.kind == "renamed" and one.id.startswith("join:")]

    assert (join.verdict, affected(join)) == ("breaking", ["dashboard:m/d", "tile:m/d/kinds"])


@pytest.mark.rule("R6.3")
def test_a_tile_feels_that_a_field_which_it_shows_names_a_join_by_its_old_name() -> None:
    after = edited(("sql: ${q.x} + 1", "sql: ${p.x} + 1"), files=everywhere(FILES, "p", "q"))
    (join,) = [one for one in compared(FILES, after).changes if one.kind == "renamed" and one.id.startswith("join:")]

    assert (join.verdict, affected(join)) == ("breaking", ["dashboard:m/d", "tile:m/d/ids"])


@pytest.mark.rule("R6.2")
def test_nobody_feels_another_name_of_a_view_that_its_join_calls_what_it_called_it() -> None:
    (change,) = compared(FILES, renamed_under_its_alias(FILES)).changes

    assert (change.verdict, change.id, change.kind, change.reason) == ("metadata only", "view:q", "renamed", SAME)


@pytest.mark.parametrize(
    ("followed", "old"),
    [("extends: [q]", "extends: [p]"), ("${q.SQL_TABLE_NAME}", "${p.SQL_TABLE_NAME}"), ("join: p { from: q", "join: p {")],
)
def test_a_view_that_something_calls_by_its_old_name_breaks_it(followed: str, old: str) -> None:
    after = edited((followed, old), files=renamed_under_its_alias(FILES))
    (change,) = [one for one in compared(FILES, after).changes if one.id == "view:q"]

    assert (change.verdict, change.kind) == ("breaking", "renamed")


ALONE = {
    "m.model.lkml": 'include: "*.view"\nexplore: e { from: o }\n',
    "all.view.lkml": "view: p { sql_table_name: t ;; dimension: id {} }\n",
    "o.view.lkml": "view: o { sql_table_name: o ;; dimension: id {} }\n",
}
"""A view that no explore uses, nothing extends, reads or joins."""
UNUSED = "nothing here uses this view; another project that imports this one may"


@pytest.mark.rule("R3.10")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("view: p {", "view: q {", "view:q renamed"),
        ("view: p { sql_table_name: t ;; dimension: id {} }\n", "", "view:p removed"),
        ("t ;; dimension: id {}", "t ;;", "field:p.id removed"),
    ],
    ids=["renamed", "removed", "without a field"],
)
def test_nobody_misses_a_view_that_nothing_here_uses(old: str, new: str, said: str) -> None:
    (change,) = compared(ALONE, edited((old, new), files=ALONE)).changes

    assert (f"{change.id} {change.kind}", change.verdict, change.reason) == (said, "metadata only", UNUSED)


@pytest.mark.rule("R3.10")
def test_nobody_misses_unused_views_of_which_one_is_made_of_the_other() -> None:
    table = 'derived_table: { sql: SELECT id FROM ${p.SQL_TABLE_NAME} ;; persist_for: "1 hour" }'
    before = ALONE | {"t.view.lkml": f"view: t {{ {table} dimension: id {{}} }}\nview: x {{ extends: [p] }}\n"}
    after = {**before, "all.view.lkml": "", "t.view.lkml": ""}
    found = compared(before, after).changes

    assert {(one.verdict, one.reason.partition("; its table")[0]) for one in found} == {("metadata only", UNUSED)}
    assert next(one.reason for one in found if one.id == "view:t") == f"{UNUSED}; its table is built no more"
    left = compared(before, {**before, "all.view.lkml": ""}).changes
    assert "breaking: view:p removed" in [line(one) for one in left]


@pytest.mark.rule("R3.10")
def test_a_view_of_a_model_without_explores_is_there_for_who_imports_it() -> None:
    library = ALONE | {"m.model.lkml": 'include: "*.view"\n'}

    assert lines(compared(library, edited(("view: p {", "view: q {"), files=library))) == ["breaking: view:q renamed"]


PDT = ("sql_table_name: raw.facts ;;", 'derived_table: { sql: SELECT 1 AS p_id ;; persist_for: "1 hour" }')


@pytest.mark.rule("R5.13")
def test_a_pdt_of_another_name_is_built_anew() -> None:
    before = edited(PDT, files=FILES)
    (change,) = compared(before, renamed_under_its_alias(before)).changes

    assert (change.verdict, change.id, change.kind) == ("metadata only", "view:q", "renamed")
    assert (change.reason, affected(change)) == (f"{SAME}; its table is built anew under another name", ["pdt:m/q"])


@pytest.mark.rule("R5.13")
def test_a_pdt_that_something_calls_by_its_old_name_breaks_it() -> None:
    before = edited(PDT, files=FILES)
    after = edited(("${q.SQL_TABLE_NAME}", "${p.SQL_TABLE_NAME}"), files=renamed_under_its_alias(before))
    (change,) = [one for one in compared(before, after).changes if one.id == "view:q"]

    assert (change.verdict, change.kind) == ("breaking", "renamed")


@pytest.mark.rule("R5.13")
@pytest.mark.parametrize("is_renamed", [True, False])
def test_a_published_pdt_may_be_read_in_the_warehouse_by_its_name(is_renamed: bool) -> None:
    published = (PDT[0], PDT[1].replace("persist_for", "publish_as_db_view: yes persist_for"))
    before = (
        edited(published, files=FILES)
        if is_renamed
        else {**ALONE, "all.view.lkml": f"view: p {{ {published[1]} dimension: id {{}} }}\n"}
    )
    after = (
        renamed_under_its_alias(before)
        if is_renamed
        else {**before, "all.view.lkml": ALONE["all.view.lkml"].replace("p {", "w {")}
    )
    change = next(one for one in compared(before, after).changes if one.kind in ("renamed", "removed"))

    assert (change.verdict, change.id) == ("breaking", "view:q" if is_renamed else "view:p")


@pytest.mark.rule("R4.1")
def test_a_view_whose_name_is_that_of_its_table_is_another_one_under_another_name() -> None:
    before = edited(("  sql_table_name: raw.facts ;;\n", ""), files=FILES)
    found = lines(compared(before, renamed_under_its_alias(before)))

    assert {"breaking: view:p removed", "metadata only: view:q added"} <= set(found)


@pytest.mark.rule("R6.1")
def test_an_explore_and_its_view_may_have_another_name_together() -> None:
    after = everywhere(FILES, "o", "s")
    after["d.dashboard.lookml"] = after["d.dashboard.lookml"].replace("explore: o", "explore: s")
    found = lines(compared(FILES, after))

    assert found == ["breaking: explore:m/s renamed", "metadata only: view:s renamed"]


@pytest.mark.rule("R6.1")
def test_a_base_view_under_another_name_is_followed_in_its_explore() -> None:
    before = edited(("explore: o {", "explore: e { view_name: o"), files=FILES)
    before["d.dashboard.lookml"] = before["d.dashboard.lookml"].replace("explore: o", "explore: e")
    before["all.view.lkml"] = before["all.view.lkml"].replace("explore_source: o", "explore_source: e")
    after = everywhere(before, "o", "s")
    after["m.model.lkml"] = after["m.model.lkml"].replace("view_name: o", "view_name: s")

    assert lines(compared(before, after)) == ["breaking: explore:m/e changed view_name", "metadata only: view:s renamed"]


ASKED = {
    "m.model.lkml": """connection: "c"
include: "*.view"
include: "*.dashboard"
explore: e { view_name: o }
explore: n {}
explore: t {}
""",
    "all.view.lkml": """view: o { sql_table_name: raw.o ;; dimension: id {} measure: rows { type: count } }
view: n {
  derived_table: { explore_source: e { column: id {} column: rows {} } persist_for: "1 hour" }
  dimension: id {}
}
view: t { derived_table: { sql: SELECT id FROM ${n.SQL_TABLE_NAME} ;; } dimension: id {} }
""",
    "d.dashboard.lookml": """
- dashboard: asking
  elements:
  - {name: asking, explore: e, fields: [o.id, o.rows]}
- dashboard: of_tables
  elements:
  - {name: of_native, explore: n, fields: [n.id]}
  - {name: of_sql, explore: t, fields: [t.id]}
""",
}
"""An explore that a tile and a native table ask, and a table whose SQL reads that one."""
ANOTHER_NAME = ("explore: e {", "explore: f {")
TILE = ("explore: e, fields", "explore: f, fields")
TABLE = ("explore_source: e", "explore_source: f")


@pytest.mark.rule("R6.1")
@pytest.mark.parametrize(
    ("followed", "felt"),
    [
        ((TILE, TABLE), []),
        ((TABLE,), ["dashboard:m/asking", "tile:m/asking/asking"]),
        ((TILE,), ["dashboard:m/of_tables", "explore:m/n", "explore:m/t", "pdt:m/n", "tile:m/of_tables/of_native"]),
    ],
    ids=["by both", "by the table", "by the tile"],
)
def test_an_explore_of_another_name_is_felt_by_what_asks_it_by_the_old_one(
    followed: tuple[tuple[str, str], ...], felt: list[str]
) -> None:
    (change,) = [one for one in compared(ASKED, edited(ANOTHER_NAME, *followed, files=ASKED)).changes if one.id == "explore:m/f"]

    assert (change.verdict, change.kind) == ("breaking", "renamed")
    assert set(felt) <= set(affected(change))
    assert bool(felt) == bool(affected(change))
    assert ("what people saved" in change.reason) == (not felt)


@pytest.mark.rule("R6.1")
def test_a_tile_that_asks_the_new_name_of_an_explore_for_fields_of_its_old_one_breaks() -> None:
    before = edited(("explore: e { view_name: o }", "explore: o {}"), files=ASKED)
    before = {name: text.replace("explore: e,", "explore: o,").replace("source: e", "source: o") for name, text in before.items()}
    after = edited(("explore: o {}", "explore: f { from: o }"), ("explore: o, fields", "explore: f, fields"), files=before)
    (change,) = [one for one in compared(before, after).changes if one.id == "explore:m/f"]

    assert "tile:m/asking/asking" in affected(change)


@pytest.mark.rule("R6.1")
def test_what_asks_another_explore_does_not_feel_that_one_is_gone() -> None:
    before = edited(("explore: n {}", 'explore: n {}\nexplore: f { from: o view_name: o label: "F" }'), files=ASKED)
    after = edited(("explore: e { view_name: o }\n", ""), TILE, TABLE, files=before)
    (change,) = [one for one in compared(before, after).changes if one.id == "explore:m/e"]

    assert (change.verdict, change.kind, affected(change)) == ("breaking", "removed", [])
