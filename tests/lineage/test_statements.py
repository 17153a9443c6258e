"""Which columns a query puts out, and where each comes from: what databases understand, whatever the dialect (R5.3)."""

from __future__ import annotations

import pytest

from dagster_lookml.lineage.answer import ProjectLineage
from tests.lineage import filtered_by, speaking, tables
from tests.tracing import columns, gaps, traced


def query(sql: str, *names: str, dialect: str = "", before: str = "") -> ProjectLineage:
    """Trace a derived table with dimensions of its columns."""
    fields = " ".join(f"dimension: {name} {{}}" for name in names)
    return traced(f"{before} view: v {{ derived_table: {{ sql: {sql} ;; }} {fields} }}", config=speaking(dialect))


def outputs(sql: str, *names: str, dialect: str = "", before: str = "") -> dict[str, list[str]]:
    """The columns of the warehouse behind columns of a query."""
    found = query(sql, *names, dialect=dialect, before=before)
    assert {name: gaps(found, f"field:v.{name}") for name in names} == {name: [] for name in names}
    return {name: columns(found, f"field:v.{name}") for name in names}


# -- expressions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("t.a", ["s.t.a"]),
        ("1", []),
        ("t.a + t.b", ["s.t.a", "s.t.b"]),
        ("CASE WHEN t.a > 1 THEN t.b ELSE t.c END", ["s.t.a", "s.t.b", "s.t.c"]),
        ("SUM(t.a) OVER (PARTITION BY t.b ORDER BY t.c)", ["s.t.a", "s.t.b", "s.t.c"]),
        ("COUNT(*)", []),
        ("CAST(t.a AS VARCHAR)", ["s.t.a"]),
        ("COALESCE(t.a, t.b, 'x')", ["s.t.a", "s.t.b"]),
        ("EXTRACT(year FROM t.a)", ["s.t.a"]),
        ("t.a BETWEEN t.b AND t.c", ["s.t.a", "s.t.b", "s.t.c"]),
        ("CURRENT_TIMESTAMP", []),
        ("t.A", ["s.t.a"]),
    ],
)
def test_an_output_reads_the_columns_of_its_expression(expression: str, expected: list[str]) -> None:
    assert outputs(f"SELECT {expression} AS x FROM s.t AS t", "x") == {"x": expected}


@pytest.mark.parametrize("dialect", ["", "snowflake", "redshift", "postgres", "mysql", "presto", "tsql", "databricks"])
def test_a_subquery_reads_what_it_puts_out_and_what_it_is_correlated_by(dialect: str) -> None:
    sql = "SELECT o.id, (SELECT max(p.at) FROM s.p p WHERE p.order_id = o.id) AS last_paid, o.x FROM s.o o"

    assert outputs(sql, "id", "last_paid", "x", dialect=dialect) == {
        "id": ["s.o.id"],
        "last_paid": ["s.o.id", "s.p.at", "s.p.order_id"],
        "x": ["s.o.x"],
    }


def test_a_named_window_is_part_of_the_outputs_over_it() -> None:
    sql = "SELECT t.id, ROW_NUMBER() OVER w AS n FROM d.t AS t WINDOW w AS (PARTITION BY t.k ORDER BY t.at)"

    assert outputs(sql, "n", dialect="bigquery") == {"n": ["d.t.at", "d.t.k"]}


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("SELECT id FROM d.t FOR SYSTEM_TIME AS OF TIMESTAMP '2024-01-01'", "bigquery"),
        ("SELECT t.id FROM d.t AT(OFFSET => -60*5) AS t", "snowflake"),
        ("SELECT id FROM d.t SAMPLE (10)", "snowflake"),
        ("SELECT AS STRUCT id, x FROM d.t", "bigquery"),
        ("SELECT id FROM d.t START WITH id IS NULL CONNECT BY PRIOR id = id", "snowflake"),
        ("SELECT TOP 10 id FROM d.t WITH (NOLOCK)", "tsql"),
        ("SELECT DISTINCT ON (id) id FROM d.t", "postgres"),
        ("SELECT t.id FROM (d.t AS t JOIN d.u AS u ON t.k = u.k)", "postgres"),
    ],
)
def test_what_a_dialect_writes_about_a_table_is_no_trouble(sql: str, dialect: str) -> None:
    assert outputs(sql, "id", dialect=dialect) == {"id": ["d.t.id"]}


def test_exists_reads_what_it_compares() -> None:
    sql = "SELECT o.id, EXISTS (SELECT 1 FROM s.p p WHERE p.order_id = o.id) AS paid FROM s.o o"

    assert outputs(sql, "paid") == {"paid": ["s.o.id", "s.p.order_id"]}


def test_a_subquery_in_a_condition_decides_the_rows() -> None:
    found = query("SELECT o.id FROM s.o o WHERE o.user_id IN (SELECT u.id FROM s.u u WHERE u.active = o.active)", "id")

    assert filtered_by(found, "view:v") == ["column:s.o.active", "column:s.o.user_id", "column:s.u.active", "column:s.u.id"]


@pytest.mark.parametrize("dialect", ["snowflake", "redshift"])
def test_an_output_may_be_used_by_name_in_those_after_it(dialect: str) -> None:
    sql = "SELECT amount * rate AS eur, eur + 1 AS more FROM s.t"

    assert outputs(sql, "eur", "more", dialect=dialect) == {
        "eur": ["s.t.amount", "s.t.rate"],
        "more": ["s.t.amount", "s.t.rate"],
    }


def test_an_output_may_be_used_by_name_in_a_condition() -> None:
    found = query("SELECT amount * rate AS eur FROM s.t WHERE eur > 1", "eur", dialect="snowflake")

    assert filtered_by(found, "view:v") == []
    assert "column:s.t.eur" not in found.lineage.graph.nodes


def test_elsewhere_a_name_in_the_list_means_a_column_of_the_table() -> None:
    sql = "SELECT amount * rate AS eur, eur + 1 AS more FROM d.t"

    assert outputs(sql, "more", dialect="bigquery") == {"more": ["d.t.eur"]}


def test_an_alias_that_hides_a_column_is_made_of_that_column() -> None:
    assert outputs("SELECT upper(name) AS name FROM s.t", "name", dialect="snowflake") == {"name": ["s.t.name"]}


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("SELECT date(at) AS day, count(*) AS n FROM s.t GROUP BY day ORDER BY n", "bigquery"),
        ("SELECT date(at) AS day, count(*) AS n FROM s.t GROUP BY 1 ORDER BY 2", "redshift"),
        ("SELECT date(at) AS day, count(*) AS n FROM s.t GROUP BY day HAVING n > 1", "bigquery"),
        ("SELECT date(at) AS day, count(*) AS n FROM s.t GROUP BY 1 QUALIFY row_number() OVER (ORDER BY n) = 1", "snowflake"),
    ],
)
def test_the_name_of_an_output_is_no_column_of_the_table(sql: str, dialect: str) -> None:
    found = query(sql, "day", "n", dialect=dialect)

    assert filtered_by(found, "view:v") == []
    assert sorted(one for one in found.lineage.graph.nodes if one.startswith("column:")) == ["column:s.t.at"]


# -- star --------------------------------------------------------------------------------------------------------------


def test_a_star_goes_through_any_number_of_queries() -> None:
    sql = """
        WITH a AS (SELECT id, nm AS name FROM s.u), b AS (SELECT * FROM a), c AS (SELECT b.*, 1 AS one FROM b)
        SELECT * FROM c
    """

    assert outputs(sql, "id", "name", "one") == {"id": ["s.u.id"], "name": ["s.u.nm"], "one": []}
    assert gaps(query(sql, "nm"), "field:v.nm") == ["missing-column nm"]


def test_a_star_of_a_table_passes_every_column_on() -> None:
    assert outputs("SELECT * FROM s.t", "anything") == {"anything": ["s.t.anything"]}
    assert outputs("SELECT t.* FROM s.t AS t JOIN s.u AS u ON u.id = t.id", "anything") == {"anything": ["s.t.anything"]}
    assert outputs("SELECT t.*, u.x FROM s.t AS t JOIN s.u AS u ON u.id = t.id", "x") == {"x": ["s.u.x"]}


def test_a_star_over_several_sources_takes_a_column_from_the_one_that_has_it() -> None:
    sql = "SELECT * FROM (SELECT id, a FROM s.t) AS t JOIN (SELECT k, b FROM s.u) AS u ON t.id = u.k"

    assert outputs(sql, "a", "b") == {"a": ["s.t.a"], "b": ["s.u.b"]}


@pytest.mark.parametrize(
    ("star", "dialect"),
    [
        ("* EXCEPT (secret)", "bigquery"),
        ("* EXCLUDE (secret)", "snowflake"),
        ("* EXCLUDE secret", "snowflake"),
        ("t.* EXCEPT (secret)", "bigquery"),
        ("t.* EXCEPT (secret)", "databricks"),
    ],
)
def test_a_star_may_leave_columns_out(star: str, dialect: str) -> None:
    found = query(f"SELECT {star} FROM s.t AS t", "id", "secret", dialect=dialect)

    assert columns(found, "field:v.id") == ["s.t.id"]
    assert columns(found, "field:v.secret") == []
    assert gaps(found, "field:v.secret") == ["missing-column secret"]


def test_a_star_may_replace_a_column() -> None:
    assert outputs("SELECT * REPLACE (lower(mail) AS name) FROM d.t", "name", "id", dialect="bigquery") == {
        "name": ["d.t.mail"],
        "id": ["d.t.id"],
    }


def test_a_star_may_rename_a_column() -> None:
    assert outputs("SELECT * RENAME (nm AS name) FROM s.t", "name", "id", dialect="snowflake") == {
        "name": ["s.t.nm"],
        "id": ["s.t.id"],
    }


# -- joins and names ---------------------------------------------------------------------------------------------------


def test_a_column_in_using_is_one_of_both_sides() -> None:
    sql = "SELECT id, a.x, b.y FROM s.a AS a JOIN s.b AS b USING (id)"

    assert outputs(sql, "id", "x", "y") == {"id": ["s.a.id", "s.b.id"], "x": ["s.a.x"], "y": ["s.b.y"]}


def test_columns_in_using_decide_the_rows() -> None:
    found = query("SELECT a.x FROM s.a AS a JOIN s.b AS b USING (id)", "x")

    assert filtered_by(found, "view:v") == ["column:s.a.id", "column:s.b.id"]


def test_a_table_is_meant_by_its_alias_or_by_its_name() -> None:
    assert outputs("SELECT orders.id, users.name FROM s.orders JOIN s.users ON users.id = orders.user_id", "id", "name") == {
        "id": ["s.orders.id"],
        "name": ["s.users.name"],
    }
    assert outputs("SELECT s.orders.id FROM s.orders", "id") == {"id": ["s.orders.id"]}
    assert outputs("SELECT O.id FROM s.orders AS o", "id") == {"id": ["s.orders.id"]}


def test_a_table_joined_to_itself_is_one_table() -> None:
    sql = "SELECT e.name AS who, b.name AS boss FROM s.staff AS e LEFT JOIN s.staff AS b ON b.id = e.boss_id"
    found = query(sql, "who", "boss")

    assert tables(found) == ["s.staff"]
    assert filtered_by(found, "view:v") == ["column:s.staff.boss_id", "column:s.staff.id"]


def test_columns_may_be_renamed_by_an_alias() -> None:
    assert outputs("WITH x(id, name) AS (SELECT uid, nm FROM s.u) SELECT name FROM x", "name", dialect="postgres") == {
        "name": ["s.u.nm"]
    }
    assert outputs("SELECT q.b FROM (SELECT uid, nm FROM s.u) AS q(a, b)", "b", dialect="postgres") == {"b": ["s.u.nm"]}


def test_a_lateral_subquery_sees_what_stands_before_it() -> None:
    sql = "SELECT o.id, l.top FROM s.o AS o CROSS JOIN LATERAL (SELECT max(p.at) AS top FROM s.p AS p WHERE p.oid = o.id) AS l"

    assert outputs(sql, "top", dialect="postgres") == {"top": ["s.p.at"]}


def test_values_are_no_table() -> None:
    found = query("SELECT x.id, x.name FROM (VALUES (1, 'a'), (2, 'b')) AS x(id, name)", "id", "name", dialect="postgres")

    assert tables(found) == []
    assert gaps(found, "field:v.id") == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS x",
        "SELECT current_date AS x",
        "SELECT x FROM UNNEST([1, 2]) AS x",
        "SELECT x FROM UNNEST(GENERATE_ARRAY(1, 9)) AS x",
    ],
)
def test_a_query_may_read_no_table(sql: str) -> None:
    found = query(sql, "x", dialect="bigquery")

    assert tables(found) == []
    assert gaps(found, "field:v.x") == []
    assert found.lineage.views["view:v"].gaps == ()


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("SELECT g.n FROM generate_series(1, 9) AS g(n)", "postgres"),
        ("SELECT seq4() AS n FROM TABLE(GENERATOR(ROWCOUNT => 10))", "snowflake"),
        ("SELECT n FROM UNNEST(SEQUENCE(1, 9)) AS t(n)", "presto"),
    ],
)
def test_a_function_that_makes_rows_is_no_table(sql: str, dialect: str) -> None:
    found = query(sql, "n", dialect=dialect)

    assert tables(found) == []
    assert found.lineage.views["view:v"].gaps == ()


# -- set operations ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "dialect"),
    [
        ("UNION ALL", ""),
        ("UNION", ""),
        ("UNION", "redshift"),
        ("UNION DISTINCT", "bigquery"),
        ("UNION", "snowflake"),
        ("UNION", "mysql"),
        ("EXCEPT", "postgres"),
        ("INTERSECT", "postgres"),
        ("MINUS", "snowflake"),
    ],
)
def test_set_operations_match_columns_by_position(operation: str, dialect: str) -> None:
    sql = f"SELECT id, total FROM s.a {operation} SELECT order_id, amount FROM s.b"

    assert outputs(sql, "id", "total", dialect=dialect) == {
        "id": ["s.a.id", "s.b.order_id"],
        "total": ["s.a.total", "s.b.amount"],
    }


def test_a_union_that_bigquery_refuses_names_its_tables_all_the_same() -> None:
    assert tables(query("SELECT id FROM s.a UNION SELECT id FROM s.b", "id", dialect="bigquery")) == ["s.a", "s.b"]


def test_the_names_of_a_set_operation_are_those_of_its_first_query() -> None:
    found = query("SELECT id FROM s.a UNION ALL SELECT order_id FROM s.b", "order_id")

    assert gaps(found, "field:v.order_id") == ["missing-column order_id"]


def test_three_queries_and_brackets() -> None:
    sql = "(SELECT a AS x, b AS y FROM s.a) UNION ALL (SELECT c, d FROM s.b UNION ALL SELECT e, f FROM s.c) ORDER BY x"

    assert outputs(sql, "x", "y") == {"x": ["s.a.a", "s.b.c", "s.c.e"], "y": ["s.a.b", "s.b.d", "s.c.f"]}


def test_a_set_operation_inside_a_common_table_expression() -> None:
    sql = "WITH u AS (SELECT id AS k FROM s.a UNION ALL SELECT NULL UNION ALL SELECT key FROM s.b) SELECT max(k) AS top FROM u"

    assert outputs(sql, "top") == {"top": ["s.a.id", "s.b.key"]}


def test_stars_in_a_set_operation_match_by_position_where_the_columns_are_known() -> None:
    sql = """
        WITH a AS (SELECT id, nm FROM s.a), b AS (SELECT key, title FROM s.b)
        SELECT * FROM a UNION ALL SELECT * FROM b
    """

    assert outputs(sql, "nm") == {"nm": ["s.a.nm", "s.b.title"]}


def test_stars_of_tables_in_a_set_operation_match_by_name() -> None:
    assert outputs("SELECT * FROM s.a UNION ALL SELECT * FROM s.b", "id") == {"id": ["s.a.id", "s.b.id"]}


# -- recursion ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["", "bigquery", "snowflake", "redshift", "postgres"])
def test_a_recursive_query_reads_what_its_first_part_reads(dialect: str) -> None:
    sql = """
        WITH RECURSIVE tree AS (
          SELECT id, parent_id, name AS path FROM s.nodes
          UNION ALL
          SELECT n.id, n.parent_id, concat(t.path, n.label) FROM s.nodes AS n JOIN tree AS t ON n.parent_id = t.id
        )
        SELECT id, path FROM tree
    """

    assert outputs(sql, "id", "path", dialect=dialect) == {"id": ["s.nodes.id"], "path": ["s.nodes.label", "s.nodes.name"]}
    assert tables(query(sql, "id", dialect=dialect)) == ["s.nodes"]


def test_a_recursive_query_that_names_its_columns() -> None:
    sql = """
        WITH RECURSIVE days(day, n) AS (SELECT start_at, 1 FROM s.x UNION ALL SELECT day + 1, n + 1 FROM days WHERE n < 10)
        SELECT day, n FROM days
    """

    assert outputs(sql, "day", "n", dialect="postgres") == {"day": ["s.x.start_at"], "n": []}


# -- pivots ------------------------------------------------------------------------------------------------------------


def test_a_pivot_turns_rows_into_columns() -> None:
    sql = "SELECT * FROM (SELECT region, quarter, sales FROM d.t) PIVOT(SUM(sales) FOR quarter IN ('Q1' AS q1, 'Q2' AS q2))"

    assert outputs(sql, "region", "q1", dialect="bigquery") == {"region": ["d.t.region"], "q1": ["d.t.quarter", "d.t.sales"]}
    assert gaps(query(sql, "sales", dialect="bigquery"), "field:v.sales") == ["missing-column sales"]


def test_a_pivot_with_names_of_its_own() -> None:
    sql = """
        SELECT p.r, p.a FROM (SELECT region, quarter, sales FROM s.t)
        PIVOT(SUM(sales) FOR quarter IN ('Q1', 'Q2')) AS p (r, a, b)
    """

    assert outputs(sql, "r", "a", dialect="snowflake") == {"r": ["s.t.region"], "a": ["s.t.quarter", "s.t.sales"]}


def test_an_unpivot_turns_columns_into_rows() -> None:
    sql = "SELECT * FROM (SELECT region, q1, q2 FROM d.t) UNPIVOT(sales FOR quarter IN (q1, q2))"

    assert outputs(sql, "region", "sales", dialect="bigquery") == {"region": ["d.t.region"], "sales": ["d.t.q1", "d.t.q2"]}


# -- structs and arrays ------------------------------------------------------------------------------------------------


def test_a_struct_field_stays_in_the_column() -> None:
    sql = "SELECT payload.user.id AS a, e.payload.user.name AS b, e.payload AS payload FROM d.events AS e"
    found = traced(
        f"""
        view: v {{
          derived_table: {{ sql: {sql} ;; }}
          dimension: a {{}} dimension: b {{}} dimension: c {{ sql: ${{TABLE}}.payload.device.kind ;; }}
        }}
        """,
        config=speaking("bigquery"),
    )

    assert [columns(found, f"field:v.{name}") for name in "abc"] == [
        ["d.events.payload.user.id"],
        ["d.events.payload.user.name"],
        ["d.events.payload.device.kind"],
    ]


@pytest.mark.parametrize(
    "join",
    [
        ", UNNEST(e.items) AS item",
        "CROSS JOIN UNNEST(e.items) AS item",
        "LEFT JOIN UNNEST(e.items) AS item",
        "LEFT JOIN UNNEST(e.items) AS item WITH OFFSET AS pos",
        ", e.items AS item",
        ", UNNEST(items) AS item",
    ],
)
def test_the_elements_of_an_array_are_below_its_column(join: str) -> None:
    found = query(f"SELECT e.id, item.sku AS sku FROM d.events AS e {join}", "id", "sku", dialect="bigquery")

    assert tables(found) == ["d.events"]
    assert columns(found, "field:v.id") == ["d.events.id"]
    assert columns(found, "field:v.sku") == ["d.events.items.sku"]


def test_an_array_in_an_array() -> None:
    sql = "SELECT d.code AS code FROM d.events AS e, UNNEST(e.items) AS i, UNNEST(i.discounts) AS d"

    assert outputs(sql, "code", dialect="bigquery") == {"code": ["d.events.items.discounts.code"]}


def test_an_array_in_a_subquery() -> None:
    sql = "SELECT (SELECT value.string_value FROM UNNEST(event_params) WHERE key = 'page') AS page FROM d.events"
    found = query(sql, "page", dialect="bigquery")

    assert tables(found) == ["d.events"]
    assert columns(found, "field:v.page") == ["d.events.event_params.key", "d.events.event_params.value.string_value"]


def test_flatten() -> None:
    sql = "SELECT t.id, f.value AS item, f.index AS at FROM s.t AS t, LATERAL FLATTEN(input => t.items) AS f"
    found = query(sql, "id", "item", dialect="snowflake")

    assert tables(found) == ["s.t"]
    assert columns(found, "field:v.id") == ["s.t.id"]
    assert [one.startswith("s.t.items") for one in columns(found, "field:v.item")] == [True]


def test_unnest_with_columns() -> None:
    sql = "SELECT t.id, x.k, x.v FROM s.t AS t CROSS JOIN UNNEST(t.tags) AS x(k, v)"

    assert {name: [one[:8] for one in found] for name, found in outputs(sql, "id", "k", "v", dialect="presto").items()} == {
        "id": ["s.t.id"],
        "k": ["s.t.tags"],
        "v": ["s.t.tags"],
    }


def test_lateral_view() -> None:
    sql = "SELECT t.id, item FROM s.t AS t LATERAL VIEW explode(t.items) e AS item"
    found = query(sql, "id", "item", dialect="databricks")

    assert tables(found) == ["s.t"]
    assert columns(found, "field:v.item") == ["s.t.items"]


# -- names of tables ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "dialect", "expected"),
    [
        ("[p:d.t]", "bigquery", "p.d.t"),
        ("[my-project:d.t]", "bigquery", "my-project.d.t"),
        ("`p.d.t_*`", "bigquery", "p.d.t_*"),
        ("p.d.INFORMATION_SCHEMA.TABLES", "bigquery", "p.d.INFORMATION_SCHEMA.TABLES"),
        ("d.INFORMATION_SCHEMA.TABLES", "bigquery", "d.INFORMATION_SCHEMA.TABLES"),
        ("INFORMATION_SCHEMA.TABLES", "snowflake", "information_schema.tables"),
        ('db."Sc".T', "snowflake", "db.Sc.t"),
    ],
)
def test_tables_in_a_query_are_named_like_those_of_views(table: str, dialect: str, expected: str) -> None:
    found = query(f"SELECT x.id FROM {table} AS x", "id", dialect=dialect)

    assert tables(found) == [expected]
    assert columns(found, "field:v.id") == [f"{expected}.id"]


def test_the_suffix_of_a_wildcard_is_no_column_that_is_put_out() -> None:
    found = query(
        "SELECT e.id FROM `p.d.events_*` AS e WHERE _TABLE_SUFFIX BETWEEN '20240101' AND '20240131'", "id", dialect="bigquery"
    )

    assert tables(found) == ["p.d.events_*"]
    assert columns(found, "field:v.id") == ["p.d.events_*.id"]


def test_a_star_puts_out_once_and_first_what_using_joins() -> None:
    joined = "SELECT * FROM (SELECT x, id FROM s.a) AS a JOIN (SELECT id, y FROM s.b) AS b USING (id)"

    assert outputs(f"{joined} UNION ALL SELECT p, q, r FROM s.c", "id", "x", "y") == {
        "id": ["s.a.id", "s.b.id", "s.c.p"],
        "x": ["s.a.x", "s.c.q"],
        "y": ["s.b.y", "s.c.r"],
    }


def test_columns_that_double_with_every_step_end_somewhere() -> None:
    """A trillion of them at last."""
    steps = ["c0 AS (SELECT a FROM s.t)"]
    steps += [f"c{at} AS (SELECT * FROM c{at - 1} AS x CROSS JOIN c{at - 1} AS y)" for at in range(1, 40)]

    assert outputs(f"WITH {', '.join(steps)} SELECT x.a FROM c39 AS x", "a") == {"a": ["s.t.a"]}


# -- aliases of outputs that other outputs name ------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["snowflake", "redshift", "databricks", "duckdb", "bigquery"])
def test_columns_may_swap_their_names(dialect: str) -> None:
    """No output is made of one that stands behind it."""
    assert outputs("SELECT t.x, a AS b, b AS a FROM s.t AS t", "x", "b", dialect=dialect) == {"x": ["s.t.x"], "b": ["s.t.a"]}
    assert outputs("SELECT a AS b, b AS a FROM (SELECT a, b FROM s.t) AS t", "a", "b", dialect=dialect) == {
        "a": ["s.t.b"],
        "b": ["s.t.a"],
    }


@pytest.mark.parametrize("dialect", ["snowflake", "redshift", "databricks", "duckdb"])
def test_an_output_may_be_made_of_those_before_it(dialect: str) -> None:
    sql = "SELECT t.price * t.amount AS total, total * t.rate AS tax, total + tax AS gross FROM (SELECT * FROM s.t) AS t"

    assert outputs(sql, "tax", "gross", dialect=dialect) == {
        "tax": ["s.t.amount", "s.t.price", "s.t.rate"],
        "gross": ["s.t.amount", "s.t.price", "s.t.rate"],
    }


def test_outputs_that_double_those_before_them_are_each_traced_once() -> None:
    """The last is a trillion of the first."""
    doubled = ", ".join(f"x{at - 1} + x{at - 1} AS x{at}" for at in range(1, 40))

    assert outputs(f"SELECT t.a AS x0, {doubled} FROM s.t AS t", "x39", dialect="snowflake") == {"x39": ["s.t.a"]}


def test_subqueries_over_subqueries_are_each_traced_once() -> None:
    """Each step reads the one before it three times, in its rows and in its outputs."""
    steps = ["c0 AS (SELECT * FROM s.t)"]
    steps += [
        f"c{at} AS (SELECT *, (SELECT max(z) FROM c{at - 1} WHERE q = 1) AS w{at} FROM c{at - 1}"
        f" WHERE EXISTS (SELECT 1 FROM c{at - 1} AS k WHERE k.id = r))"
        for at in range(1, 30)
    ]
    found = query(f"WITH {', '.join(steps)} SELECT a, w29 FROM c29", "a", "w29")

    assert columns(found, "field:v.a") == ["s.t.a"]
    assert "s.t.z" in columns(found, "field:v.w29")


def test_branches_of_different_width_say_which_column_is_missing() -> None:
    found = query("SELECT a, b FROM s.t UNION ALL (SELECT a, b FROM s.u INTERSECT SELECT b FROM s.v)", "a", "b")

    assert (columns(found, "field:v.a"), gaps(found, "field:v.a")) == (["s.t.a", "s.u.a", "s.v.b"], [])
    assert (columns(found, "field:v.b"), gaps(found, "field:v.b")) == (["s.t.b", "s.u.b"], ["missing-column column 2"])
