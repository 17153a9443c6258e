"""Which SQL texts mean the same: what no database looks at is no difference, and nothing else is ever taken for none."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest

from dagster_lookml.sql.equivalence import MAX_WORLDS, Comparison, compare_sql
from dagster_lookml.sql.liquid_values import Known, Parameter
from dagster_lookml.sql.reading import MAX_DEPTH, Form
from tests.corpora import CORPORA, NAMES, needs_corpora
from tests.sql.reformatting import reformatted

SPACE = "only white space differs"
COMMENTS = "only white space and comments differ"
KEYWORDS = "the case of keywords differs"
PARENTHESES = "redundant parentheses differ"
NAMES_DIFFER = "the case or quotes of names differ"
CONNECTORS = "the order of AND or OR conditions differs"
OPERANDS = "the order of operands differs"
LISTS = "the order of an IN list differs"
GROUPS = "the order of GROUP BY differs"
SPELLING = "the same is written in another way"
LIQUID = "only the way in which the Liquid is written differs"


def sameness(old: str, new: str, form: Form = "field", dialect: str = "") -> str:
    return compare_sql(old, new, form, dialect).sameness


def test_identical_texts_are_the_same_whatever_they_say() -> None:
    assert sameness("SELECT ((( {% if", "SELECT ((( {% if") == "same"


# -- expressions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("${TABLE}.a", " ${TABLE}.a\n", SPACE),
        ("f( a,b )", "f(a, b)", SPACE),
        ("a = 'x  y'", "a='x  y'", SPACE),
        ("a -- one", "a -- two", COMMENTS),
        ("a /* why */ + b", "a + b", COMMENTS),
        ("case when a then b end", "CASE WHEN a THEN  b END", KEYWORDS),
        ("${ orders.id }", "${orders.id}", SPACE),
        ("(a)", "a", PARENTHESES),
        ("(a AND b) OR c", "a AND b OR c", PARENTHESES),
        ("((a * b)) + c", "a * b + c", PARENTHESES),
        ("(${a}) * 2", "${a} * 2", PARENTHESES),
        ("a AND b AND c", "c AND a AND b", CONNECTORS),
        ("a OR (b OR c)", "c OR a OR b", f"{PARENTHESES}; {CONNECTORS}"),
        ("a = b", "b = a", OPERANDS),
        ("a <> b", "b <> a", OPERANDS),
        ("a > b", "b < a", OPERANDS),
        ("a <= b", "b >= a", OPERANDS),
        ("a * b", "b * a", OPERANDS),
        ("a != b", "a <> b", SPELLING),
        ("NOT a = b", "a <> b", SPELLING),
        ("NOT (a <> b)", "a = b", SPELLING),
        ("NOT (a IN (1, 2))", "a NOT IN (1, 2)", PARENTHESES),
        ("NOT a IS NULL", "a IS NOT NULL", SPELLING),
        ("a IN (1, 2, 3)", "a IN (3, 1, 2)", LISTS),
        ("a IN ('x', 'y')", "a IN ('y', 'x')", LISTS),
        ("COALESCE(a, b)", "coalesce(A, b)", NAMES_DIFFER),
        ("my_function(a)", "MY_FUNCTION(a)", NAMES_DIFFER),
        ("count(*)", "COUNT(1)", SPELLING),
        ("sum(a)", "SUM(a)", "the case of functions differs"),
        ("a BETWEEN 1 AND 2 AND b", "b AND a BETWEEN 1 AND 2", CONNECTORS),
        ("CASE WHEN a = 1 THEN b END", "CASE WHEN 1 = a THEN b END", OPERANDS),
        ("${a.x} = ${b.x} AND ${a.y} = ${b.y}", "${b.y} = ${a.y} AND ${a.x} = ${b.x}", f"{CONNECTORS}; {OPERANDS}"),
    ],
)
def test_expressions_that_mean_the_same(old: str, new: str, reason: str) -> None:
    found = compare_sql(old, new, "field", "")

    assert (found.sameness, found.reason) == ("equivalent", reason)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a AND b OR c", "a AND (b OR c)"),
        ("a - b", "b - a"),
        ("a / b", "b / a"),
        ("a - (b - c)", "a - b - c"),
        ("a || b", "b || a"),
        ("'a  b'", "'a b'"),
        ("'a'", "'A'"),
        ("'--x'", "'--y'"),
        ("'a /* x */'", "'a '"),
        ("1", "1.0"),
        ("1", "'1'"),
        ("'a'", "a"),
        ("a", "b"),
        ("t.a", "u.a"),
        ("t.a", "a"),
        ("a = b", "a <> b"),
        ("a > b", "a >= b"),
        ("a > b", "b > a"),
        ("NOT a < b", "a >= b"),  # not a number is neither
        ("NOT (a AND b)", "NOT a AND b"),
        ("NOT (a AND b)", "NOT a OR NOT b"),
        ("a IN (1, 2)", "a IN (1, 2, 2)"),
        ("a IN (1, 2)", "a NOT IN (1, 2)"),
        ("a IS NULL", "a IS NOT NULL"),
        ("a LIKE b", "b LIKE a"),
        ("a || (b + c)", "a || b + c"),  # the dialects do not agree about these
        ("a = (b IS NULL)", "a = b IS NULL"),
        ("a = b IS NULL", "b IS NULL = a"),
        ("(a = b) = c", "a = b = c"),
        ("(a % b) || c", "a % b || c"),
        ("a BETWEEN b AND c", "a BETWEEN c AND b"),
        ("f(a, b)", "f(b, a)"),
        ("f(a)", "g(a)"),
        ("SUM(a)", "SUM(DISTINCT a)"),
        ("COUNT(a)", "COUNT(*)"),
        ("COUNT(DISTINCT 1)", "COUNT(*)"),
        ("COUNT(2)", "COUNT(*)"),
        ("CASE WHEN a THEN b ELSE c END", "CASE WHEN a THEN c ELSE b END"),
        ("CASE WHEN a THEN 1 WHEN b THEN 2 END", "CASE WHEN b THEN 2 WHEN a THEN 1 END"),
        ("CASE a WHEN 1 THEN 2 END", "CASE WHEN a THEN 2 END"),
        ("CASE WHEN a THEN b END", "CASE WHEN a THEN b ELSE 0 END"),
        ("CAST(a AS INT)", "CAST(a AS BIGINT)"),
        ("CAST(a AS DECIMAL(10, 2))", "CAST(a AS DECIMAL(10, 3))"),
        ("a + b + c", "c + b + a"),  # sums of floats depend on the order
        ("SUM(a) OVER (PARTITION BY b ORDER BY c)", "SUM(a) OVER (PARTITION BY b ORDER BY c DESC)"),
        ("SUM(a) OVER (PARTITION BY b, c)", "SUM(a) OVER (PARTITION BY b)"),
        ("COALESCE(a, b)", "COALESCE(b, a)"),
        ("${a}", "${b}"),
        ("${a.b}", "${a_b}"),
        ("${v.b} - ${b}", "${b} - ${v.b}"),
        ("${TABLE}.a", "${v}.a"),
        ("${a::date}", "${a}"),
        ('"A"', '"a"'),
        ('"a"', "a"),  # which case an unquoted name has is not known
        ("a", ""),
        ("x = '${a}'", "x = '${b}'"),
    ],
)
def test_expressions_that_differ(old: str, new: str) -> None:
    assert sameness(old, new) == sameness(new, old) == "different"


@pytest.mark.parametrize(
    ("dialect", "old", "new", "expected"),
    [
        ("snowflake", "a::INT", "CAST(a AS INT)", "equivalent"),
        ("redshift", "a::varchar(10)", "CAST(a AS VARCHAR(10))", "equivalent"),
        ("postgres", "-a::int", "(-a)::int", "different"),
        ("bigquery", "IF(a, b, c)", "CASE WHEN a THEN b ELSE c END", "equivalent"),
        ("snowflake", "IFF(a, b, c)", "CASE WHEN a THEN b ELSE c END", "equivalent"),
        ("snowflake", "IFF(a, b, c)", "CASE WHEN a THEN c ELSE b END", "different"),
        ("snowflake", '"ID"', "id", "equivalent"),
        ("snowflake", '"id"', "id", "different"),
        ("snowflake", '"Id"', '"ID"', "different"),
        ("snowflake", "a:B::int", "a:b::int", "different"),
        ("snowflake", "A:b::int", "a:b::INT", "equivalent"),
        ("postgres", '"id"', "ID", "equivalent"),
        ("postgres", '"ID"', "id", "different"),
        ("postgres", '"user"', "user", "different"),
        ("bigquery", "`Id`", "id", "equivalent"),
        ("bigquery", "${TABLE}.a.Key", "${TABLE}.a.key", "different"),
        ("bigquery", '"a"', "'a'", "equivalent"),
        ("bigquery", '"a"', "a", "different"),
        ("bigquery", "'a' # note", "'a'", "equivalent"),
        ("bigquery", r"'it\'s'", '"it\'s"', "equivalent"),
        ("bigquery", r"r'\n'", r"'\n'", "different"),
        ("bigquery", "SAFE_CAST(a AS INT64)", "CAST(a AS INT64)", "different"),
        ("bigquery", "DATE_TRUNC(a, MONTH)", "DATE_TRUNC(a, month)", "equivalent"),
        ("bigquery", "DATE_TRUNC(a, MONTH)", "DATE_TRUNC(a, WEEK)", "different"),
        ("bigquery", "a + b", "b + a", "equivalent"),
        ("bigquery", "`p.d.F`(a)", "`p.d.f`(a)", "different"),
        ("bigquery", "p.d.F(a)", "p.d.f(a)", "different"),
        ("bigquery", "SAFE.SUBSTR(a, 1)", "SUBSTR(a, 1)", "different"),
        ("bigquery", "ARRAY_AGG(a IGNORE NULLS)", "ARRAY_AGG(a)", "different"),
        ("bigquery", "a[OFFSET(0)]", "a[ORDINAL(0)]", "different"),
        ("snowflake", "DATEDIFF(day, a, b)", "DATEDIFF(day, b, a)", "different"),
        ("snowflake", "NVL(a, b)", "COALESCE(a, b)", "different"),
        ("postgres", "a -> 'b'", "a ->> 'b'", "different"),
        ("postgres", "E'a\\n'", "'a\\n'", "different"),
        ("tsql", "CONVERT(varchar, a, 101)", "CONVERT(varchar, a, 102)", "different"),
        ("oracle", "a = b(+)", "a = b", "different"),
        ("tsql", "a + b", "b + a", "different"),  # they may be strings
        ("redshift", "a + b", "b + a", "different"),
        ("", "a + b", "b + a", "different"),
        ("tsql", "a.id = b.id", "b.id = a.id", "equivalent"),
        ("tsql", "a.id = b.id", "c.id = b.id", "different"),
        ("tsql", "[a]", "A", "equivalent"),
        ("mysql", "a || b", "b || a", "different"),
        ("mysql", "a OR b", "b OR a", "equivalent"),
        ("mysql", "1 --1", "1 --2", "unknown"),
        ("mysql", "! a = b", "NOT a = b", "different"),
        ("duckdb", "a", '"A"', "equivalent"),
        ("clickhouse", "a", "A", "different"),
        ("clickhouse", "toDate(a)", "todate(a)", "different"),
        ("trino", '"A"', "a", "equivalent"),
    ],
)
def test_what_means_the_same_depends_on_the_dialect(dialect: str, old: str, new: str, expected: str) -> None:
    assert sameness(old, new, dialect=dialect) == sameness(new, old, dialect=dialect) == expected


@pytest.mark.parametrize("dialect", ["", "bigquery", "snowflake", "postgres", "mysql", "databricks", "trino"])
@pytest.mark.parametrize("many", ["ANY", "SOME", "ALL"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("NOT (a = {0} (b))", "a <> {0} (b)"),
        ("NOT a <> {0} (SELECT b FROM t)", "a = {0} (SELECT b FROM t)"),
        ("a = {0} (b)", "{0} (b) = a"),
        ("a < {0} (SELECT b FROM t)", "{0} (SELECT b FROM t) > a"),
        ("a IS DISTINCT FROM {0} (b)", "{0} (b) IS DISTINCT FROM a"),
        ("NOT (a LIKE {0} (b))", "a NOT LIKE {0} (b)"),
        ("NOT a LIKE {0} ('x', 'y')", "a NOT LIKE {0} ('x', 'y')"),
        ("NOT (a ILIKE {0} ('x', 'y'))", "a NOT ILIKE {0} ('x', 'y')"),
        ("NOT a SIMILAR TO {0} (b)", "a NOT SIMILAR TO {0} (b)"),
    ],
)
def test_a_comparison_with_many_values_is_neither_turned_nor_negated(dialect: str, many: str, old: str, new: str) -> None:
    """To be unequal to any of them is something else than to be equal to none."""
    assert sameness(old.format(many), new.format(many), dialect=dialect) not in ("same", "equivalent")


def test_a_row_is_not_turned() -> None:
    assert sameness("(a, b) = (SELECT c, d FROM t)", "(SELECT c, d FROM t) = (a, b)", dialect="postgres") == "different"


def test_a_comparison_with_many_values_may_be_written_in_another_case_and_place() -> None:
    assert sameness("a NOT LIKE ANY ('x', 'y')", "A not like any ('x','y')", dialect="snowflake") == "equivalent"
    assert sameness("b AND a = ANY (c)", "a = any (c) and (b)", dialect="postgres") == "equivalent"


@pytest.mark.parametrize(
    ("dialect", "form", "old", "new"),
    [
        ("bigquery", "field", "to_json_string(struct(a as Total))", "to_json_string(struct(a as total))"),
        ("bigquery", "field", "struct(${TABLE}.Total)", "struct(${TABLE}.total)"),
        ("bigquery", "field", "CAST(a AS STRUCT<A INT64>)", "CAST(a AS STRUCT<a INT64>)"),
        ("bigquery", "field", "j.Key", "j.key"),  # j may be JSON
        ("bigquery", "field", "${payload}.Key", "${payload}.key"),
        ("bigquery", "field", "(${payload}).Key", "(${payload}).key"),
        ("bigquery", "field", "my_function(a)", "My_Function(a)"),
        ("bigquery", "query", "SELECT AS STRUCT a AS Total FROM t", "SELECT AS STRUCT a AS total FROM t"),
        ("bigquery", "query", "SELECT TO_JSON(q) j FROM (SELECT A FROM t) q", "SELECT TO_JSON(q) j FROM (SELECT a FROM t) q"),
        ("bigquery", "query", "SELECT * FROM t UNPIVOT(x FOR y IN (A, b))", "SELECT * FROM t UNPIVOT(x FOR y IN (a, b))"),
        ("bigquery", "query", "SELECT i.A.b AS c FROM t, t.Items AS i", "SELECT i.a.b AS c FROM t, t.Items AS i"),
        ("databricks", "field", "to_json(struct(a AS A))", "to_json(struct(a AS a))"),
        ("databricks", "field", "struct(a AS End)", "struct(a AS end)"),
        ("databricks", "field", "${TABLE}.m.Key", "${TABLE}.m.key"),  # m may be a map
        ("databricks", "table", "delta.`/Data/X`", "delta.`/data/x`"),
        ("spark", "query", "SELECT a FROM json.`s3://B/X`", "SELECT a FROM json.`s3://b/x`"),
        ("trino", "field", "CAST(a AS ROW(A INT))", "CAST(a AS ROW(a INT))"),
        ("duckdb", "field", "struct_pack(A := 1)", "struct_pack(a := 1)"),
        ("duckdb", "field", "{A: 1}", "{a: 1}"),
        ("duckdb", "query", 'SELECT a FROM "Data.csv"', 'SELECT a FROM "data.csv"'),
        ("duckdb", "query", "SELECT q::TEXT j FROM (SELECT 1 AS A) q", "SELECT q::TEXT j FROM (SELECT 1 AS a) q"),
        ("duckdb", "query", "SELECT max(A) FROM t", "SELECT max(a) FROM t"),
        ("tsql", "query", "SELECT a AS Total FROM t FOR JSON PATH", "SELECT a AS total FROM t FOR JSON PATH"),
        ("fabric", "query", "SELECT A AS x FROM t", "SELECT a AS x FROM t"),
        ("snowflake", "query", "SELECT $1 AS a FROM @Stage/Path", "SELECT $1 AS a FROM @Stage/path"),
        ("snowflake", "field", "a:order::INT", "a:ORDER::INT"),
        ("snowflake", "field", "(a:b).C", "(a:b).c"),
        ("mysql", "field", "`utc_date`", "utc_date"),
    ],
)
def test_names_whose_case_reaches_a_value_or_a_file_are_told_by_it(dialect: str, form: Form, old: str, new: str) -> None:
    assert sameness(old, new, form, dialect) == sameness(new, old, form, dialect) == "different"


@pytest.mark.parametrize(
    ("dialect", "form", "old", "new"),
    [
        ("bigquery", "field", "${TABLE}.Id", "${TABLE}.id"),
        ("bigquery", "field", "struct(UPPER(A) AS x)", "struct(upper(a) AS x)"),
        ("bigquery", "query", "SELECT o.a FROM Orders AS o WHERE o.B = 1", "SELECT O.a FROM Orders AS O WHERE O.b = 1"),
        ("databricks", "query", "SELECT o.a FROM orders AS o WHERE o.B = 1", "SELECT O.a FROM Orders AS O WHERE O.b = 1"),
        ("tsql", "query", "SELECT a AS x FROM t ORDER BY B", "SELECT a AS x FROM T ORDER BY b"),
    ],
)
def test_names_that_are_only_read_are_found_in_any_case(dialect: str, form: Form, old: str, new: str) -> None:
    assert sameness(old, new, form, dialect) == sameness(new, old, form, dialect) == "equivalent"


@pytest.mark.parametrize(
    ("dialect", "old", "new"),
    [
        ("databricks", r"a RLIKE '\_'", r"a RLIKE '\\_'"),  # a backslash that means nothing is dropped by some, kept by others
        ("clickhouse", r"match(a, '\d+')", r"match(a, '\\d+')"),
        ("postgres", "'a' 'b'", "'a'\n'b'"),  # one string only if a line ends in it
        ("postgres", "current_date", "current_date()"),
        ("postgres", "ARRAY(1, 2)", "ARRAY[1, 2]"),
        ("postgres", "IF(a, b, c)", "CASE WHEN a THEN b ELSE c END"),  # no function of its
        ("bigquery", "IFF(a, b, c)", "CASE WHEN a THEN b ELSE c END"),
        ("trino", "TIMESTAMP '2020-01-01 10:00:00.123456'", "CAST('2020-01-01 10:00:00.123456' AS TIMESTAMP)"),  # milliseconds
        ("spark", "DATE '2020-13-01'", "DATE('2020-13-01')"),  # an error and NULL
        ("postgres", "a + '1 day'", "'1 day' + a"),
        ("mysql", "(@r := @r + 1) * @r", "@r * (@r := @r + 1)"),
        ("postgres", "nextval('s') * currval('s')", "currval('s') * nextval('s')"),
        ("postgres", "nextval('s') > 1 AND currval('s') > 1", "currval('s') > 1 AND nextval('s') > 1"),
        ("mysql", "COUNT(a)", "COUNT (a)"),  # no function then
    ],
)
def test_what_trees_or_tokens_do_not_tell_apart(dialect: str, old: str, new: str) -> None:
    assert sameness(old, new, dialect=dialect) == sameness(new, old, dialect=dialect) == "different"


@pytest.mark.parametrize(
    ("dialect", "old", "new"),
    [
        ("bigquery", "SELECT a FROM my-project.d.t", "SELECT a FROM my - project.d.t"),
        ("bigquery", "SELECT a FROM t JOIN my-own-project.d.t", "SELECT a FROM t JOIN my-own- project.d.t"),
        ("bigquery", "SELECT @a", "SELECT @ a"),
        ("mysql", "SELECT @@a", "SELECT @@ a"),
        ("tsql", "SELECT a FROM ##t", "SELECT a FROM #t"),
        ("clickhouse", "SELECT a /* x /* y */ + 1 -- */", "SELECT a /* x /* y */ + 2 -- */"),  # it ends at the first
        ("hive", "SELECT a /* x /* y */ + 1 -- */", "SELECT a /* x /* y */ + 2 -- */"),
        ("databricks", "CREATE FUNCTION f() RETURNS INT AS $$a\n  b$$", "CREATE FUNCTION f() RETURNS INT AS $$a\nb$$"),
    ],
)
def test_white_space_and_comments_that_mean_something(dialect: str, old: str, new: str) -> None:
    assert sameness(old, new, "query", dialect) in ("different", "unknown")
    assert sameness(new, old, "query", dialect) in ("different", "unknown")


def test_white_space_beside_a_minus_means_nothing() -> None:
    ours, theirs = (f"SELECT {minus} AS c FROM my-project.d.t" for minus in ("a-b", "a - b"))

    assert sameness(ours, theirs, "query", "bigquery") == "equivalent"


def test_white_space_before_a_bracket_means_nothing_where_it_is_none_of_these_functions() -> None:
    assert sameness("my_function(a)", "my_function (a)", dialect="mysql") == "equivalent"
    assert sameness("COUNT(a)", "COUNT (a)", dialect="postgres") == "equivalent"


@pytest.mark.parametrize("dialect", ["", "bigquery", "snowflake", "redshift", "databricks", "mysql"])
def test_a_statement_that_sqlglot_takes_for_a_string_is_cut_into_tokens(dialect: str) -> None:
    for old, new in (("CALL f(1)", "CALL f(2)"), ("SELECT 1; CALL f(a); SELECT 2", "SELECT 1; CALL f(b); SELECT 2")):
        assert sameness(old, new, "query", dialect) in ("different", "unknown")
    assert sameness("CALL f(1, 'a') ; SELECT 1", "CALL f( 1 ,'a');  SELECT 1", "query", dialect) == "equivalent"


@pytest.mark.parametrize("dialect", ["postgres", "redshift", "mysql", "trino", "tsql"])
def test_a_comma_too_many_is_an_error(dialect: str) -> None:
    assert sameness("SELECT a, b, FROM t", "SELECT a, b FROM t", "query", dialect) in ("different", "unknown")


# -- queries -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("SELECT a FROM t;", "SELECT a FROM t", SPELLING),
        ("SELECT a b FROM t u", "SELECT a AS b FROM t AS u", SPELLING),
        ("SELECT a FROM t INNER JOIN u ON t.a = u.a", "SELECT a FROM t JOIN u ON t.a = u.a", SPELLING),
        ("SELECT a FROM t LEFT OUTER JOIN u USING (a)", "SELECT a FROM t LEFT JOIN u USING (a)", SPELLING),
        ("SELECT a FROM t JOIN u ON t.a = u.a", "SELECT a FROM t JOIN u ON u.a = t.a", OPERANDS),
        ("SELECT a, b, COUNT(*) AS n FROM t GROUP BY a, b", "SELECT a, b, COUNT(*) AS n FROM t GROUP BY b, a", GROUPS),
        ("SELECT a FROM t GROUP BY 1, 2", "SELECT a FROM t GROUP BY 2, 1", GROUPS),
        ("SELECT a FROM t ORDER BY a ASC", "SELECT a FROM t ORDER BY a", SPELLING),
        ("SELECT a FROM t WHERE (a = 1) AND b", "SELECT a FROM t WHERE b AND a = 1", f"{PARENTHESES}; {CONNECTORS}"),
        ("(SELECT a FROM t)", "SELECT a FROM t", PARENTHESES),
        ("SELECT a FROM ((SELECT a FROM t)) AS q", "SELECT a FROM (SELECT a FROM t) AS q", PARENTHESES),
        ("SELECT count(*) AS n FROM t", "SELECT COUNT(1) AS n FROM t", SPELLING),
        ("WITH q AS (SELECT A FROM t) SELECT a FROM q", "WITH q AS (SELECT a FROM t) SELECT a FROM q", NAMES_DIFFER),
        ("SELECT a FROM ${v.SQL_TABLE_NAME}", "select a from ${ v.SQL_TABLE_NAME }", KEYWORDS),
    ],
)
def test_queries_that_mean_the_same(old: str, new: str, reason: str) -> None:
    found = compare_sql(old, new, "query", "")

    assert (found.sameness, found.reason) == ("equivalent", reason)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("SELECT a, b FROM t", "SELECT b, a FROM t", "`SELECT a, b FROM t` became `SELECT b, a FROM t`"),
        ("SELECT DISTINCT a FROM t", "SELECT a FROM t", "`SELECT DISTINCT a FROM t` became `SELECT a FROM t`"),
        (
            "SELECT a FROM t LEFT JOIN u USING (a)",
            "SELECT a FROM t JOIN u USING (a)",
            "`LEFT JOIN u USING (a)` became `JOIN u USING (a)`",
        ),
        ("SELECT a FROM t LEFT JOIN u USING (a)", "SELECT a FROM t RIGHT JOIN u USING (a)", None),
        ("SELECT a FROM t JOIN u ON t.a = u.a", "SELECT a FROM u JOIN t ON t.a = u.a", None),
        ("SELECT a FROM t, u", "SELECT a FROM t CROSS JOIN u", None),
        ("SELECT a FROM s.t", "SELECT a FROM s.u", "`s.t` became `s.u`"),
        ("SELECT a FROM t WHERE a = 1", "SELECT a FROM t WHERE a = 2", "`a = 1` became `a = 2`"),
        (
            "SELECT CASE WHEN a IS NOT NULL THEN 1 WHEN a IS NULL THEN 2 END FROM t",
            "SELECT CASE WHEN k IS NOT NULL THEN 1 WHEN a IS NULL THEN 2 END FROM t",
            "`a IS NOT NULL` became `k IS NOT NULL`",
        ),
        (
            "SELECT a FROM t WHERE NOT b LIKE 'x'",
            "SELECT a FROM t WHERE NOT b LIKE 'y'",
            "`NOT b LIKE 'x'` became `NOT b LIKE 'y'`",
        ),
        ("SELECT a FROM t WHERE a = 1", "SELECT a FROM t", None),
        ("SELECT a FROM t WHERE b = 1 AND c", "SELECT a FROM t WHERE c", None),
        ("SELECT a FROM t WHERE b AND c AND d", "SELECT a FROM t WHERE d AND b", "`c` left the conditions"),
        ("SELECT a FROM t WHERE b AND c", "SELECT a FROM t WHERE c AND d AND b", "`d` came to the conditions"),
        ("SELECT a FROM t WHERE b AND c > 1", "SELECT a FROM t WHERE c > 2 AND b", "`c > 1` became `c > 2`"),
        ("SELECT a FROM t WHERE a = 1", "SELECT a FROM t HAVING a = 1", None),
        ("SELECT a FROM t UNION ALL SELECT a FROM u", "SELECT a FROM u UNION ALL SELECT a FROM t", None),
        ("SELECT a FROM t UNION ALL SELECT a FROM u", "SELECT a FROM t UNION SELECT a FROM u", None),
        ("SELECT a FROM t ORDER BY a, b", "SELECT a FROM t ORDER BY b, a", None),
        ("SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a DESC", None),
        ("SELECT a FROM t LIMIT 10", "SELECT a FROM t LIMIT 100", None),
        ("SELECT a FROM t GROUP BY ROLLUP (a, b)", "SELECT a FROM t GROUP BY ROLLUP (b, a)", None),
        ("(SELECT a FROM t LIMIT 1) UNION ALL SELECT a FROM t", "SELECT a FROM t UNION ALL SELECT a FROM t LIMIT 1", None),
        ("SELECT a AS b FROM t", "SELECT a AS c FROM t", None),
        ("SELECT COUNT(*) FROM t", "SELECT COUNT(1) FROM t", None),  # the text may be the column's name
        ("SELECT a FROM t; SELECT b FROM t", "SELECT a FROM t", "2 statements became 1"),
        ("SELECT a FROM ${v.SQL_TABLE_NAME}", "SELECT a FROM ${w.SQL_TABLE_NAME}", None),
        ("UPDATE t SET a = b", "UPDATE t SET b = a", None),
    ],
)
def test_queries_that_differ(old: str, new: str, reason: str | None) -> None:
    found = compare_sql(old, new, "query", "")

    assert found.sameness == sameness(new, old, "query") == "different"
    assert reason in (None, found.reason)


@pytest.mark.parametrize(
    ("dialect", "old", "new", "expected"),
    [
        ("bigquery", "SELECT COUNT(*) FROM t", "SELECT COUNT(1) FROM t", "equivalent"),
        ("snowflake", "SELECT COUNT(*) FROM t", "SELECT COUNT(1) FROM t", "different"),
        (
            "snowflake",
            "SELECT a FROM t WHERE (SELECT COUNT(*) FROM u) > 1",
            "SELECT a FROM t WHERE (SELECT COUNT(1) FROM u) > 1",
            "equivalent",
        ),
        ("bigquery", "SELECT a FROM Orders", "SELECT a FROM orders", "different"),
        ("bigquery", "SELECT a FROM `p.d.t`", "SELECT a FROM p.d.t", "equivalent"),
        ("bigquery", "SELECT O.a FROM t AS O", "SELECT o.a FROM t AS o", "equivalent"),
        ("snowflake", "SELECT a FROM Orders", "SELECT a FROM ORDERS", "equivalent"),
        ("mysql", "SELECT a FROM Orders", "SELECT a FROM orders", "different"),
        ("mysql", "SELECT a FROM t GROUP BY a, b WITH ROLLUP", "SELECT a FROM t GROUP BY b, a WITH ROLLUP", "different"),
        ("tsql", "SELECT TOP 10 a FROM t", "SELECT TOP 20 a FROM t", "different"),
        ("bigquery", "SELECT a FROM t UNION SELECT b FROM t", "SELECT a FROM t UNION  SELECT b FROM t", "equivalent"),
        ("bigquery", "SELECT * EXCEPT (a) FROM t", "SELECT * FROM t", "different"),
        ("bigquery", "SELECT * FROM t UNPIVOT(x FOR y IN (a, b))", "SELECT * FROM t UNPIVOT(x FOR y IN (b, a))", "different"),
        ("tsql", "SELECT a FROM t WITH (NOLOCK)", "SELECT a FROM t", "different"),
        ("tsql", "SELECT a FROM t CROSS APPLY f(x) AS y", "SELECT a FROM t OUTER APPLY f(x) AS y", "different"),
        ("postgres", "SELECT DISTINCT ON (a) a FROM t", "SELECT DISTINCT ON (b) a FROM t", "different"),
        ("clickhouse", "SELECT a FROM t FINAL", "SELECT a FROM t", "different"),
        ("clickhouse", "SELECT a FROM t ANY LEFT JOIN u ON a = b", "SELECT a FROM t LEFT JOIN u ON a = b", "different"),
        ("bigquery", "SELECT a FROM [p:d.t]", "SELECT a FROM [p:d.u]", "different"),
    ],
)
def test_what_queries_mean_depends_on_the_dialect(dialect: str, old: str, new: str, expected: str) -> None:
    assert sameness(old, new, "query", dialect) == sameness(new, old, "query", dialect) == expected


@pytest.mark.parametrize(
    ("form", "old", "new", "expected"),
    [
        ("table", "s.t", "S.T", "equivalent"),
        ("table", "s.t", "s.u", "different"),
        ("table", "(SELECT a FROM t WHERE a = b)", "(SELECT a FROM t WHERE b = a)", "equivalent"),
        ("join", "LEFT JOIN u ON a = b", "LEFT OUTER JOIN u ON b = a", "equivalent"),
        ("join", "LEFT JOIN u ON a = b", "LEFT JOIN u ON a = c", "different"),
        ("join", "a = b", "b = a", "equivalent"),
    ],
)
def test_tables_and_joins(form: Form, old: str, new: str, expected: str) -> None:
    assert sameness(old, new, form) == sameness(new, old, form) == expected


@pytest.mark.parametrize("dialect", ["snowflake", "mysql", "databricks", "duckdb"])
@pytest.mark.parametrize(
    "around",
    [
        "CREATE TABLE x AS {}",
        "CREATE OR REPLACE VIEW x AS ({})",
        "CREATE TABLE x AS WITH q AS ({}) SELECT * FROM q",
        "INSERT INTO x {}",
        "MERGE INTO x USING ({}) AS q ON x.a = q.a WHEN MATCHED THEN UPDATE SET x.b = 1",
        "SELECT * FROM ({}) AS q",
        "SELECT 1 AS n UNION ALL ({})",
        "SELECT f(({})) AS n",
    ],
)
def test_an_output_without_a_name_gets_another_one_when_it_is_written_in_another_way(dialect: str, around: str) -> None:
    ours, theirs = (around.format(f"SELECT {count} FROM t") for count in ("COUNT(*)", "COUNT(1)"))

    assert sameness(ours, theirs, "query", dialect) == sameness(theirs, ours, "query", dialect) == "different"


@pytest.mark.parametrize(
    "around", ["SELECT a FROM t WHERE a = ({})", "SELECT ({}) AS n FROM t", "CREATE TABLE x AS SELECT ({}) AS n"]
)
def test_nobody_asks_for_the_name_of_a_value(around: str) -> None:
    ours, theirs = (around.format(f"SELECT {count} FROM t") for count in ("COUNT(*)", "COUNT(1)"))

    assert sameness(ours, theirs, "query", "snowflake") == "equivalent"


@pytest.mark.parametrize("dialect", ["bigquery", "snowflake", "redshift", "postgres", "mysql", "databricks", "duckdb", "trino"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SELECT a, MAX(c) AS c FROM t GROUP BY 1", "SELECT a, MAX(c) AS c FROM t GROUP BY a"),
        ("SELECT t.a AS x, b, MAX(c) AS c FROM t GROUP BY 1, 2", "SELECT t.a AS x, b, MAX(c) AS c FROM t GROUP BY b, t.a"),
        ("SELECT a FROM (SELECT a FROM t GROUP BY 1) AS q", "SELECT a FROM (SELECT a FROM t GROUP BY a) AS q"),
    ],
)
def test_a_number_in_group_by_means_the_column_at_that_place(dialect: str, old: str, new: str) -> None:
    found = compare_sql(old, new, "query", dialect)

    assert found.sameness == sameness(new, old, "query", dialect) == "equivalent"
    assert "GROUP BY has the number of a column instead of it" in found.reason


@pytest.mark.parametrize(
    ("dialect", "old", "new"),
    [
        ("bigquery", "SELECT a, b FROM t GROUP BY 1, 2", "SELECT a, b FROM t GROUP BY 1, a"),
        ("bigquery", "SELECT a, b FROM t GROUP BY 1", "SELECT a, b FROM t GROUP BY b"),
        ("bigquery", "SELECT UPPER(a) AS a FROM t GROUP BY 1", "SELECT UPPER(a) AS a FROM t GROUP BY a"),  # column or alias
        ("bigquery", "SELECT a AS x, b AS a FROM t GROUP BY 1", "SELECT a AS x, b AS a FROM t GROUP BY a"),
        ("bigquery", "SELECT s AS t, t.a FROM t GROUP BY 2", "SELECT s AS t, t.a FROM t GROUP BY t.a"),
        ("bigquery", "SELECT a AS x FROM t GROUP BY 1", "SELECT a AS x FROM t GROUP BY x"),
        ("bigquery", "SELECT *, a FROM t GROUP BY 2", "SELECT *, a FROM t GROUP BY a"),
        ("bigquery", "SELECT RAND() AS a FROM t GROUP BY 1", "SELECT RAND() AS a FROM t GROUP BY RAND()"),
        ("bigquery", "SELECT {{ x }}, a FROM t GROUP BY 2", "SELECT {{ x }}, a FROM t GROUP BY a"),  # it may be `b, c`
        ("bigquery", "SELECT {{ x }}.a, a FROM t GROUP BY 2", "SELECT {{ x }}.a, a FROM t GROUP BY a"),
        ("tsql", "SELECT a FROM t GROUP BY 1", "SELECT a FROM t GROUP BY a"),  # a number is none of an output there
        ("hive", "SELECT a FROM t GROUP BY 1", "SELECT a FROM t GROUP BY a"),
        ("", "SELECT a FROM t GROUP BY 1", "SELECT a FROM t GROUP BY a"),
        ("mysql", "SELECT a FROM t GROUP BY 1 WITH ROLLUP", "SELECT a FROM t GROUP BY a WITH ROLLUP"),
        ("snowflake", "SELECT a FROM t GROUP BY (1)", "SELECT a FROM t GROUP BY 1"),
    ],
)
def test_a_number_in_group_by_that_may_mean_something_else(dialect: str, old: str, new: str) -> None:
    assert sameness(old, new, "query", dialect) == sameness(new, old, "query", dialect) == "different"


@pytest.mark.parametrize("dialect", ["", "bigquery", "postgres", "tsql", "duckdb", "clickhouse"])
def test_the_order_of_a_derived_table_is_not_left_out(dialect: str) -> None:
    """PostgreSQL, DuckDB and ClickHouse aggregate in that order, and T-SQL takes it for an error."""
    old, new = "SELECT a FROM t ORDER BY a", "SELECT a FROM t"

    assert sameness(old, new, "query", dialect) == sameness(new, old, "query", dialect) == "different"


# -- Liquid ------------------------------------------------------------------------------------------------------------

IF = "{% if v.f._in_query %}"


@pytest.mark.rule("R10.10")
@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{% if x %}a{% endif %}", "{%if   x%}a{%  endif %}", None),
        ("{{ x|upcase }}", "{{x | upcase}}", None),
        ("{{ _user_attributes['x'] }}", '{{ _user_attributes["x"] }}', None),
        ("a + {%- if x -%} b {%- endif -%} + c", "a +{% if x %}b{% endif %}+ c", SPACE),
        (f"{IF}a{{% else %}}b{{% endif %}}", "{% unless v.f._in_query %}b{% else %}a{% endunless %}", LIQUID),
        (f"{IF}a = b{{% else %}}c{{% endif %}}", f"{IF}b = a{{% else %}}c{{% endif %}}", OPERANDS),
        (f"f({IF}a{{% else %}}b{{% endif %}})", f"{IF}f(a){{% else %}}f(b){{% endif %}}", LIQUID),
        ("{% if x == 'a' %}1{% else %}2{% endif %}", '{% if x != "a" %}2{% else %}1{% endif %}', LIQUID),
        (
            "{% if x == 'a' %}1{% elsif x == 'b' %}2{% else %}3{% endif %}",
            "{% case x %}{% when 'b' %}2{% when 'a' %}1{% else %}3{% endcase %}",
            LIQUID,
        ),
        ("{% if a %}'x{% else %}'y{% endif %}  z'", "{% if a %} 'x{% else %} 'y{% endif %}  z'", SPACE),
        ("{% if a or b %}1{% else %}2{% endif %}", "{% if b or a %}1{% else %}2{% endif %}", LIQUID),
        ("{% if a and b %}1{% else %}2{% endif %}", "{% if a %}{% if b %}1{% else %}2{% endif %}{% else %}2{% endif %}", LIQUID),
        ("a {% comment %} one {% endcomment %}", "a {% comment %} two {% endcomment %}", None),
        ("{% condition f %} a {% endcondition %} AND b", "b AND {% condition f %}a{% endcondition %}", CONNECTORS),
        ("{% date_start f %} < a AND b", "b AND a > {% date_start f %}", f"{CONNECTORS}; {OPERANDS}"),
        ("t.{% parameter p %} = a", "a = t.{% parameter p %}", OPERANDS),
        ("{% assign x = y %}{{ x }} -- one", "{% assign x = y %}{{ x }}", COMMENTS),
        ("a -- {% if x %}\n + b -- {% endif %}", "a {% if x %} + b {% endif %}", None),
    ],
)
def test_liquid_that_means_the_same(old: str, new: str, reason: str | None) -> None:
    found = compare_sql(old, new, "field", "")

    assert found.sameness == sameness(new, old) == "equivalent"
    assert reason in (None, found.reason)


@pytest.mark.rule("R10.10")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{{ a.b }}", "{{ a_b }}"),
        ("{{ a }} - {{ b }}", "{{ b }} - {{ a }}"),
        ("{{ a | upcase }}", "{{ a | downcase }}"),
        ("{{ a }}", "a"),
        ("'{{ a }}'", "'{{ b }}'"),
        ("'{{ a }} {{ b }}'", "'{{ b }} {{ a }}'"),
        ("{{ a }} AND b", "b AND {{ a }}"),  # it may be `x OR y`
        ("a AND ({{ x }} AND b)", "({{ x }} AND a) AND b"),
        ("a AND ({{ x }} AND b)", "a AND {{ x }} AND b"),
        ("({{ a }}) * 2", "{{ a }} * 2"),
        ("{{ a }} = b", "b = {{ a }}"),
        ("NOT {{ a }} = b", "{{ a }} <> b"),
        ("a = b {{ c }}", "b = a {{ c }}"),
        ("1{{ a }}", "1 {{ a }}"),
        ("a{{ b }}", "a {{ b }}"),
        ("{% condition f %} a {% endcondition %}", "{% condition g %} a {% endcondition %}"),
        ("{% condition f %} a {% endcondition %}", "{% condition f %} b {% endcondition %}"),
        ("{% condition f %} a OR b {% endcondition %}", "{% condition f %} b OR a {% endcondition %}"),
        ("{% condition f %} a = b {% endcondition %}", "{% condition f %} (a = b) {% endcondition %}"),
        ("{% condition f %} ${a} + 1 {% endcondition %}", "{% condition f %} (${a}) + 1 {% endcondition %}"),
        ("{% date_start f %}", "{% date_end f %}"),
        ("{% date_start f %}", "{% date_start g %}"),
        ("{% parameter p %}", "{% parameter q %}"),
        ("{% if x %}a{% else %}b{% endif %}", "{% if x %}b{% else %}a{% endif %}"),
        ("{% if x %}a{% else %}b{% endif %}", "{% if y %}a{% else %}b{% endif %}"),
        ("{% if x %}a{% else %}b{% endif %}", "a"),
        ("{% if x == 'a' %}1{% else %}2{% endif %}", "{% if x == 'b' %}1{% else %}2{% endif %}"),
        ("{% if x == 'a' %}1{% else %}2{% endif %}", "{% if x == \"'a'\" %}1{% else %}2{% endif %}"),
        ("{% if x > 1 %}1{% else %}2{% endif %}", "{% if x > 2 %}1{% else %}2{% endif %}"),
        ("{% if a or b %}1{% else %}2{% endif %}", "{% if a and b %}1{% else %}2{% endif %}"),
        ("{% if a or b %}x{% endif %} {% if a %}y{% endif %}", "{% if a %}x y{% endif %}"),
        ("a {%- if x -%} b {%- endif -%}", "a {% if x %} b {% endif %}"),
        ("{% case x %}{% when 'a' %}1{% when 'b' %}2{% endcase %}", "{% case x %}{% when 'b' %}1{% when 'a' %}2{% endcase %}"),
        ("{% assign x = 'a' %}{{ x }}", "{% assign x = 'b' %}{{ x }}"),
        ("{% assign x = 'a' %}{{ x }}", "{{ x }}{% assign x = 'a' %}"),
        (
            "{% assign x = 'a' %}{{ x }} {% assign x = 'b' %} > {{ x }}",
            "{% assign x = 'a' %}{{ x }} {% assign x = 'b' %} < {{ x }}",
        ),
        ("{% for x in y %} + a{% endfor %}", "{% for x in y %} + b{% endfor %}"),
        ("b {% for x in y %} + a{% endfor %}", "a {% for x in y %} + b{% endfor %}"),
        ("a -- {% if x %}\n + b -- {% endif %}", "a + b"),
        ("@{one}", "@{two}"),
        ("{% if a %}'x{% else %}'y{% endif %}  z'", "{% if a %}'x{% else %}'y{% endif %} z'"),
        ("a -- {% if x %}\n + b {% endif %}\n + c", "a -- {% if x %}\n + b {% endif %} + c"),
    ],
)
def test_liquid_that_differs(old: str, new: str) -> None:
    assert sameness(old, new, dialect="bigquery") == sameness(new, old, dialect="bigquery") == "different"


def test_branches_of_many_conditions_are_not_compared_in_two_worlds_only() -> None:
    """With every condition true or every one false, both say the same."""
    old = "{% if a %} x AND {% endif %}{% if b %} y AND {% endif %} z"
    new = "{% if a %} y AND {% endif %}{% if b %} x AND {% endif %} z"

    assert compare_sql(old, new, "field", "").reason == "`x AND z` became `y AND z`, where a and not b"


@pytest.mark.slow
def test_more_branches_than_can_be_compared_are_said_and_not_guessed() -> None:
    branches = " ".join(f"{{% if f{number} %}}a{number} = b AND {{% endif %}}" for number in range(MAX_WORLDS))
    found = compare_sql(f"{branches} c", branches.replace("a1 = b", "b = a1") + " c", "field", "")

    assert found.sameness == "unknown"
    assert found.reason == "the Liquid has too many branches to compare all that it may become"
    assert sameness(f"{branches} c", f"{branches} d") == "different"
    assert sameness(f"{branches} c", f"{branches}  c -- d") == "equivalent"


@pytest.mark.rule("R10.11")
def test_a_branch_that_a_known_value_excludes_is_no_difference() -> None:
    old = "{% if _model._name == 'sales' %}a{% else %}b{% endif %}"
    new = "{% if _model._name == 'sales' %}a{% else %}c{% endif %}"
    known = Known(values={"_model._name": "sales"})

    assert compare_sql(old, new, "field", "", known).sameness == "equivalent"
    assert compare_sql(old, new, "field", "", Known(values={"_model._name": "hr"})).sameness == "different"


@pytest.mark.rule("R10.12")
def test_what_a_parameter_may_be_excludes_no_branch() -> None:
    """Another value may be what the change allows."""
    old = "{% if p._parameter_value == 'day' %}a{% endif %}"
    new = "{% if p._parameter_value == 'day' %}a{% elsif p._parameter_value == 'week' %}b{% endif %}"

    assert compare_sql(old, new, "field", "", Known(parameters={"p": Parameter(values=("day",))})).sameness == "different"


@pytest.mark.rule("R10.20")
def test_only_lines_of_the_environment_count() -> None:
    old, new = "-- if prod -- s.t\n-- if dev -- d.t", "-- if prod -- s.t\n-- if dev -- d.u"

    assert compare_sql(old, new, "table", "").reason == "what differs does not count in prod"
    assert compare_sql(old, new, "table", "", environment="dev").sameness == "different"


# -- what cannot be read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("a", "{% if x %}a", "the Liquid cannot be read: if is never ended"),
        ("a", "a {% endif %}", "the Liquid cannot be read: endif ends nothing"),
        ("a", "{{ a", "the Liquid cannot be read: a tag or output is never ended"),
        ("{% if x %}a", "b {% endif %}", "the Liquid cannot be read: endif ends nothing"),
        ("{% if x %}a", "f(b", "the SQL cannot be read: "),
        ("f(a", "{% if x %}b", "the Liquid cannot be read: if is never ended"),
        ("{% if x %}a", "{% if x %}f({% else %}b{% endif %}", "the SQL cannot be read: "),
        ("f(a", "f(b", "the SQL cannot be read: "),
        ("b", "'a", "the SQL cannot be read: "),
        ("'a", "f(b", "the SQL cannot be read: "),
        ("f(a", "'b", "the SQL cannot be read: "),
        ("a", "(" * 200 + "a" + ")" * 200, f"the SQL cannot be read: more than {MAX_DEPTH} brackets inside each other"),
        ("f(", "(" * 200 + "a" + ")" * 200, f"the SQL cannot be read: more than {MAX_DEPTH} brackets inside each other"),
        ("{% if x %}f({% else %}b{% endif %}", "{% if x %}g({% else %}b{% endif %}", "the SQL cannot be read: "),
        ("{% if x %}f({% else %}b{% endif %}", "{% if x %}f(){% else %}g({% endif %}", "the SQL cannot be read: "),
    ],
)
def test_what_cannot_be_read_is_unknown(old: str, new: str, reason: str) -> None:
    found = compare_sql(old, new, "field", "")

    assert found.sameness == "unknown"
    assert found.reason.startswith(reason)
    assert "\n" not in found.reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{% if x %}a", "a", "the Liquid before could not be read: if is never ended"),
        ("a {% endif %}", "a {% if b %} + 1 {% endif %}", "the Liquid before could not be read: endif ends nothing"),
        ("{{ a", "{{ a }}", "the Liquid before could not be read: a tag or output is never ended"),
        ("{% if x %}a", "", "the Liquid before could not be read: if is never ended"),
        ("f(a", "f(a)", "the SQL before could not be read: "),
        ("'a", "'a'", "the SQL before could not be read: "),
        ("(" * 200 + "a" + ")" * 200, "a", f"the SQL before could not be read: more than {MAX_DEPTH} brackets inside each other"),
        ("{% if x %}f({% else %}b{% endif %}", "{% if x %}f(){% else %}b{% endif %}", "the SQL before could not be read: "),
    ],
)
def test_what_could_not_be_read_and_can_now_is_another_text(old: str, new: str, reason: str) -> None:
    found = compare_sql(old, new, "field", "")

    assert found.sameness == "different"
    assert found.reason.startswith(reason)
    assert "\n" not in found.reason
    assert sameness(new, old) in ("unknown", "different")  # what became nothing is gone, whatever else may be


def test_a_comment_that_a_database_runs_is_not_read() -> None:
    assert sameness("a", "a /*! + 1 */", dialect="mysql") == "unknown"
    assert sameness("a /*! + 1 */", "a", dialect="mysql") == "different"


def test_what_cannot_be_read_may_still_differ_in_white_space_only() -> None:
    assert sameness("f(a  ,", "f(a ,") == "equivalent"
    assert sameness("(" * 200 + "a" + ")" * 200, "( " * 200 + "a" + ")" * 200) == "equivalent"


def test_a_world_that_differs_counts_more_than_one_that_cannot_be_read() -> None:
    old = "{% if x %}f({% elsif y %}a{% else %}b{% endif %}"
    new = "{% if x %}g({% elsif y %}a{% else %}c{% endif %}"

    assert compare_sql(old, new, "field", "").reason == "`b` became `c`, where not x and not y"


@pytest.mark.slow
def test_long_chains_are_compared() -> None:
    conditions = [f"a{number} = {number}" for number in range(2_000)]

    assert sameness(" AND ".join(conditions), " AND ".join(reversed(conditions))) == "equivalent"
    assert sameness(" AND ".join(conditions), " AND ".join(conditions[1:])) == "different"
    assert sameness(" || ".join(conditions), "(" + " || ".join(conditions) + ")") == "equivalent"


@pytest.mark.slow
def test_much_is_compared_in_little_time() -> None:
    columns = ", ".join(f"CASE WHEN a{number} = 'x' THEN b{number} ELSE 0 END AS c{number}" for number in range(4_000))
    started = time.monotonic()

    assert sameness(f"SELECT {columns} FROM t WHERE a = b", f"SELECT {columns} FROM t WHERE b = a", "query") == "equivalent"
    assert time.monotonic() - started < 20


@pytest.mark.slow
def test_the_names_of_many_ctes_are_compared_in_little_time() -> None:
    numbers = range(1_600)
    ctes = ", ".join(f"a{one} AS (SELECT x FROM t{one})" for one in numbers)
    columns, tables = ", ".join(f"a{one}.x AS y{one}" for one in numbers), ", ".join(f"a{one}" for one in numbers)
    old = f"WITH {ctes} SELECT {columns} FROM {tables}"
    started = time.monotonic()

    assert sameness(old, re.sub(r"\ba(?=\d)", "b", old), "query", "bigquery") == "equivalent"
    assert time.monotonic() - started < 20


def test_tags_that_never_end_cost_no_time() -> None:
    started = time.monotonic()

    assert sameness("{{ " * 100_000, "{% " * 100_000) == "unknown"
    assert sameness("a" + "{{x}}" * 20_000, "b" + "{{x}}" * 20_000) in ("different", "unknown")
    assert time.monotonic() - started < 10


def test_texts_that_are_alike_need_no_parser() -> None:
    program = """import sys
from dagster_lookml.sql.equivalence import compare_sql
compare_sql("a", "a", "field", "")
print("sqlglot" in sys.modules)"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


# -- the corpora -------------------------------------------------------------------------------------------------------

_PARAMETER = re.compile(r"\b(sql\w*)\s*:(.*?);;", re.DOTALL)
_DIALECTS = {"aws_cost_and_usage": "presto", "GDX-Analytics-Looker-Snowplow-Web-Block": "redshift"}


def corpus_texts(name: str) -> list[tuple[str, Form]]:
    """Every SQL text of a repository once, with what it is."""
    found: dict[tuple[str, Form], None] = {}
    for path in sorted((CORPORA / name).rglob("*.lkml")):
        for key, text in _PARAMETER.findall(path.read_text("utf-8", "replace")):
            form: Form = "query" if re.match(r"\s*(?:select|with)\b", text, re.IGNORECASE) else "field"
            found[text, "table" if key == "sql_table_name" else form] = None
    return list(found)


@pytest.mark.slow
@needs_corpora
@pytest.mark.parametrize("name", NAMES)
def test_real_sql_reformatted_means_the_same(name: str) -> None:
    dialect = _DIALECTS.get(name, "bigquery")
    texts = corpus_texts(name)
    changed = [
        (text, found)
        for number, (text, form) in enumerate(texts)
        if (found := compare_sql(text, reformatted(text, number), form, dialect)).sameness not in ("same", "equivalent")
    ]

    assert texts
    assert changed == []


@pytest.mark.slow
@needs_corpora
@pytest.mark.parametrize("name", NAMES)
def test_real_sql_that_differs_in_a_literal_never_means_the_same(name: str) -> None:
    dialect = _DIALECTS.get(name, "bigquery")
    for text, form in corpus_texts(name):
        for literal in list(re.finditer(r"(?<![\w.'\"])\d+(?![\w.'\"])", re.sub(r"--.*|\#.*", "", text)))[:2]:
            plain = re.sub(r"--.*|\#.*", "", text)
            other = f"{plain[: literal.start()]}{int(literal.group()) + 7}{plain[literal.end() :]}"
            if "/*" not in plain and "{% comment" not in plain:
                assert compare_sql(plain, other, form, dialect).sameness in ("different", "unknown"), (plain, other)


# -- the names of the queries of WITH ----------------------------------------------------------------------------------

CTE_NAMES_DIFFER = "the names of the queries of WITH differ"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("WITH a AS (SELECT x FROM t) SELECT x FROM a", "WITH b AS (SELECT x FROM t) SELECT x FROM b", CTE_NAMES_DIFFER),
        (
            "WITH a AS (SELECT x FROM t) SELECT a.x, a.* FROM a",
            "WITH b AS (SELECT x FROM t) SELECT b.x, b.* FROM b",
            CTE_NAMES_DIFFER,
        ),
        (
            "WITH a AS (SELECT x FROM t), c AS (SELECT * FROM a) SELECT c.x FROM c JOIN a ON a.x = c.x",
            "WITH b AS (SELECT x FROM t), a AS (SELECT * FROM b) SELECT a.x FROM a JOIN b ON b.x = a.x",
            CTE_NAMES_DIFFER,
        ),
        (
            "WITH a AS (SELECT x FROM ${v.SQL_TABLE_NAME} WHERE x = 1 AND y = 2) SELECT x FROM a",
            "WITH b AS (SELECT x FROM ${v.SQL_TABLE_NAME} WHERE y = 2 AND x = 1) SELECT x FROM b",
            f"{CTE_NAMES_DIFFER}; the order of AND or OR conditions differs",
        ),
        (
            "CREATE TABLE r AS WITH a AS (SELECT x FROM t) SELECT x FROM a",
            "CREATE TABLE r AS WITH b AS (SELECT x FROM t) SELECT x FROM b",
            CTE_NAMES_DIFFER,
        ),
    ],
)
def test_a_query_of_with_may_have_another_name(old: str, new: str, reason: str) -> None:
    assert compare_sql(old, new, "query", "bigquery") == Comparison("equivalent", reason)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # the name is followed here, and not there
        ("WITH a AS (SELECT x FROM t) SELECT a.x FROM a", "WITH b AS (SELECT x FROM t) SELECT a.x FROM b"),
        ("WITH a AS (SELECT x FROM t) SELECT x FROM a, b", "WITH b AS (SELECT x FROM t) SELECT x FROM b, a"),
        # behind it there is a table of the database, or the query itself
        ("WITH a AS (SELECT x FROM a) SELECT x FROM a", "WITH b AS (SELECT x FROM b) SELECT x FROM b"),
        (
            "WITH c AS (SELECT x FROM a), a AS (SELECT x FROM t) SELECT x FROM a JOIN c USING (x)",
            "WITH c AS (SELECT x FROM b), b AS (SELECT x FROM t) SELECT x FROM b JOIN c USING (x)",
        ),
        ("WITH RECURSIVE a AS (SELECT 1 AS x) SELECT x FROM a", "WITH RECURSIVE b AS (SELECT 1 AS x) SELECT x FROM b"),
        ("WITH a AS (SELECT x FROM s.a) SELECT x FROM a", "WITH b AS (SELECT x FROM s.b) SELECT x FROM b"),
        # it is the name of an output, a column, an alias or a part of a path too
        ("WITH a AS (SELECT x FROM t) SELECT x AS a FROM a", "WITH b AS (SELECT x FROM t) SELECT x AS b FROM b"),
        ("WITH a AS (SELECT x FROM t) SELECT a FROM a", "WITH b AS (SELECT x FROM t) SELECT b FROM b"),
        ("WITH a AS (SELECT x FROM t) SELECT TO_JSON(a) FROM a", "WITH b AS (SELECT x FROM t) SELECT TO_JSON(b) FROM b"),
        ("WITH a AS (SELECT x FROM t) SELECT a.x FROM t", "WITH b AS (SELECT x FROM t) SELECT b.x FROM t"),
        (
            "WITH a AS (SELECT x FROM t) SELECT a.x FROM a JOIN u AS a",
            "WITH b AS (SELECT x FROM t) SELECT b.x FROM b JOIN u AS b",
        ),
        (
            "WITH a AS (SELECT x FROM t) SELECT (SELECT a.x FROM u) FROM a",
            "WITH b AS (SELECT x FROM t) SELECT (SELECT b.x FROM u) FROM b",
        ),
        ("WITH a AS (SELECT x FROM t) SELECT 'a' AS y FROM a", "WITH b AS (SELECT x FROM t) SELECT 'b' AS y FROM b"),
        ("WITH `a` AS (SELECT x FROM t) SELECT x FROM `a`", "WITH `b` AS (SELECT x FROM t) SELECT x FROM `b`"),
        ("WITH a AS (SELECT x FROM t) SELECT {{ f }} FROM a", "WITH b AS (SELECT x FROM t) SELECT {{ f }} FROM b"),
        (
            "CREATE TABLE a AS WITH a AS (SELECT 1 AS x) SELECT x FROM a",
            "CREATE TABLE b AS WITH b AS (SELECT 1 AS x) SELECT x FROM b",
        ),
        ("WITH a AS (SELECT x FROM t) DELETE FROM a WHERE x = 1", "WITH b AS (SELECT x FROM t) DELETE FROM b WHERE x = 1"),
    ],
)
def test_a_name_that_may_mean_something_else_too_is_no_name_alone(old: str, new: str) -> None:
    assert sameness(old, new, "query", "bigquery") == sameness(new, old, "query", "bigquery") != "equivalent"


@pytest.mark.parametrize("dialect", ["clickhouse", "tsql", ""])
def test_where_outputs_may_be_called_after_their_table_its_name_counts(dialect: str) -> None:
    old, new = (f"WITH {name} AS (SELECT x FROM t) SELECT {name}.x FROM {name}" for name in "ab")

    assert sameness(old, new, "query", dialect) == "different"
