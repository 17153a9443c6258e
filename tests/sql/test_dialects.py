"""Which dialect the SQL of a connection is written in."""

from __future__ import annotations

import pytest

from dagster_lookml.sql.dialects import infer_dialect
from dagster_lookml.sql.reading import read_sql

QUOTED = "SELECT `a`, COUNT(*) AS n FROM `proj`.`ds`.`t` GROUP BY 1"


def dialect(*statements: str) -> str:
    """The dialect of a connection whose name tells nothing."""
    return infer_dialect("c", statements, lambda sql, name: read_sql(sql, "query", name).fault is None).name


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT *, FORMAT_TIMESTAMP('%F', t) AS f FROM `proj`.`ds`.`t`",
        "SELECT job_id FROM `my-proj`.`region-us`.INFORMATION_SCHEMA.JOBS_BY_PROJECT",
        "SELECT job_id FROM `region-eu`.INFORMATION_SCHEMA.JOBS",
        "SELECT id FROM `my-proj`.`ds`.`t`",
    ],
)
def test_what_only_bigquery_has_tells_more_than_names_in_backticks(statement: str) -> None:
    assert dialect(statement) == "bigquery"
    assert dialect(*(QUOTED.replace("`t`", f"`t{number}`") for number in range(9)), statement) == "bigquery"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT DATE_FORMAT(`a`, '%Y') AS y, GROUP_CONCAT(`b`) AS b FROM `shop`.`orders` GROUP BY 1", "mysql"),
        ("SELECT table_name FROM information_schema.tables", ""),
        ("SELECT id FROM `my-shop`.`orders`", "mysql"),
        ("SELECT region-us.n FROM t AS region", ""),
    ],
)
def test_what_is_near_to_that_tells_nothing_of_bigquery(statement: str, expected: str) -> None:
    assert dialect(statement) == expected
