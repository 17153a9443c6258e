"""SQL to statements: what is too much for the parser is said, and costs no time (R14.11)."""

from __future__ import annotations

import pytest

from dagster_lookml.sql.reading import MAX_BARE_JOINS, MAX_CHARACTERS, MAX_DEPTH, read_sql


def joins(join: str, count: int) -> str:
    """A query of so many joins; ``#`` is the number of each."""
    return "SELECT 1 FROM t " + " ".join(join.replace("#", str(number)) for number in range(count))


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("", "empty"),
        ("SELECT " + "a, " * MAX_CHARACTERS, f"longer than {MAX_CHARACTERS:,} characters"),
        ("SELECT " + "(" * 200 + "a" + ")" * 200, f"more than {MAX_DEPTH} brackets inside each other"),
        ("SELECT " + "[" * 200 + "a" + "]" * 200, f"more than {MAX_DEPTH} brackets inside each other"),
        ("SELECT " + "case when a then " * 200 + "b" + " end" * 200, f"more than {MAX_DEPTH} brackets inside each other"),
        (joins("JOIN t#", 40), f"more than {MAX_BARE_JOINS} joins without a condition"),
        (joins("LEFT JOIN (SELECT 1 FROM u) AS t#", 40), f"more than {MAX_BARE_JOINS} joins without a condition"),
        (joins("JOIN t# JOIN u# ON u#.a = t#.a", 40), f"more than {MAX_BARE_JOINS} joins without a condition"),
    ],
)
def test_what_would_take_the_parser_minutes_is_not_given_to_it(sql: str, fault: str) -> None:
    assert read_sql(sql, "query", "").fault == fault


@pytest.mark.parametrize(
    "join",
    [
        "JOIN t# ON t#.a = t.a",
        "LEFT JOIN t# USING (a)",
        "CROSS JOIN t#",
        "NATURAL LEFT JOIN t#",
        "LEFT JOIN UNNEST(t.a) AS t#",
        "JOIN (SELECT a FROM u JOIN w ON u.a = w.a) AS t# ON t#.a = t.a",
        ", t#",
    ],
)
def test_any_number_of_joins_with_a_condition_or_that_want_none_is_read(join: str) -> None:
    reading = read_sql(joins(join, 40), "query", "bigquery")

    assert reading.fault is None
    assert max(len(select.sources) for select in reading.statements[0].selects) == 41


def test_some_joins_without_a_condition_are_read() -> None:
    reading = read_sql(joins("JOIN t#", MAX_BARE_JOINS), "query", "")

    assert [table.written for table in reading.statements[0].tables] == ["t", *(f"t{number}" for number in range(MAX_BARE_JOINS))]


def test_joins_are_counted_in_each_from_of_its_own() -> None:
    """Each branch and each subquery has some, and none has many."""
    sql = " UNION ALL ".join([joins("JOIN t#", 10)] * 5)

    assert read_sql(sql, "query", "").fault is None
