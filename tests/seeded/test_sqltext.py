"""What alters SQL alters it, what only rewrites it does not, and neither breaks it."""

from __future__ import annotations

from tests.seeded.includes import closure
from tests.seeded.sqltext import more_where, other_case, other_literal, other_operator, other_order, swapped


def test_a_literal_is_what_stands_in_quotes_and_not_what_stands_between_two() -> None:
    assert list(other_literal("CASE WHEN ${a} LIKE '%x%' THEN 'y' END")) == ["CASE WHEN ${a} LIKE '%x%' THEN 'yx' END"]


def test_a_date_stays_a_date_and_numbers_in_names_stay() -> None:
    assert list(other_literal("${a_1} > '2024-01-15' AND b = 3")) == [
        "${a_1} > '2025-01-15' AND b = 3",
        "${a_1} > '2024-01-15' AND b = 4",
    ]


def test_an_operator_in_a_string_a_type_or_a_path_is_none() -> None:
    assert not list(other_operator("CAST(x AS ARRAY<INT64>) || 'a = b' || d->>'k'"))
    assert list(other_operator("a = 1")) == ["a <> 1"]


def test_a_condition_goes_behind_the_tables_and_not_into_a_window() -> None:
    sql = "SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) FROM t"
    assert [text.split() for text in more_where(sql)] == [f"{sql} WHERE CURRENT_DATE > '2024-06-30'".split()]
    assert [text.index("AND") < text.index("x = 1") for text in more_where("SELECT a FROM t WHERE x = 1 GROUP BY a")] == [True]


def test_only_whole_equalities_change_sides() -> None:
    assert list(swapped("${a.x} = ${b.y}")) == ["${b.y} = ${a.x}"]
    assert not list(swapped("${a.x} = ${b.y} + 1"))
    assert not list(swapped("1 + ${a.x} = ${b.y}"))


def test_and_is_turned_only_where_nothing_binds_otherwise() -> None:
    assert list(other_order("${a.x} = 1 AND ${b.y} = 2")) == ["${b.y} = 2 AND ${a.x} = 1"]
    assert not list(other_order("${a.x} BETWEEN 1 AND 2"))
    assert not list(other_order("${a.x} = 1 AND ${b.y} = 2 OR ${c.z} = 3"))


def test_keywords_change_their_case_and_names_do_not() -> None:
    assert list(other_case("CASE WHEN ${TABLE}.end = 'IN' THEN 1 END")) == ["case when ${TABLE}.end = 'IN' then 1 end"]


def test_includes_are_followed_by_pattern_through_files_and_imports() -> None:
    paths = [
        "m.model.lkml",
        "views/a.view.lkml",
        "views/deep/b.view.lkml",
        "d/x.dashboard.lookml",
        "imported_projects/p/c.view.lkml",
    ]
    includes: dict[str, list[str]] = {path: [] for path in paths}
    includes["m.model.lkml"] = ["/views/*.view", "d/*.dashboard", "//p/*.view", "/none/*.view"]
    includes["views/a.view.lkml"] = ["deep/*"]
    assert closure("m.model.lkml", includes, {}) == (frozenset(paths), True)
    includes["m.model.lkml"] = ["/views/**/b.view", "//absent/c.view"]
    assert closure("m.model.lkml", includes, {}) == (frozenset({"m.model.lkml", "views/deep/b.view.lkml"}), False)
