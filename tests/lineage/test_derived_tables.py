"""Where the rows of derived tables come from: queries, statements that build a table, and what sets off a build (R5)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from dagster_lookml.lineage.answer import ProjectLineage
from tests.lineage import filtered_by, rows_from, speaking, tables
from tests.tracing import columns, edges, gaps, traced

MADE = "CREATE TABLE ${SQL_TABLE_NAME} (id INT64, name STRING)"


def process(steps: Iterable[str], *names: str, dialect: str = "bigquery") -> ProjectLineage:
    """Trace a view ``v`` that statements build, with dimensions of its columns."""
    written = " ".join(f"sql_step: {step} ;;" for step in steps)
    fields = " ".join(f"dimension: {name} {{}}" for name in names)
    return traced(
        f'view: v {{ derived_table: {{ create_process: {{ {written} }} persist_for: "1 hour" }} {fields} }}',
        config=speaking(dialect),
    )


# -- queries -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4.26")
def test_tables_beside_the_table_of_a_view_are_read_too() -> None:
    found = traced(
        """
        view: a { sql_table_name: raw.a ;; dimension: id {} }
        view: v {
          derived_table: { sql: SELECT a.id, t.name FROM ${a.SQL_TABLE_NAME} AS a JOIN s.t AS t ON t.k = a.k ;; }
          dimension: id {}
          dimension: name {}
        }
        """
    )

    assert rows_from(found, "view:v") == ["table:s.t reads", "view:a derives"]
    assert filtered_by(found, "view:v") == ["column:raw.a.k", "column:s.t.k"]
    assert columns(found, "field:v.id") == ["raw.a.id"]
    assert columns(found, "field:v.name") == ["s.t.name"]


@pytest.mark.rule("R5.3")
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("WITH x AS (SELECT id FROM s.t) SELECT id FROM x", ["s.t"]),
        ("WITH x AS (SELECT id FROM s.t), y AS (SELECT id FROM x) SELECT y.id FROM y JOIN x ON x.id = y.id", ["s.t"]),
        ("WITH orders AS (SELECT id FROM orders WHERE id > 1) SELECT id FROM orders", ["orders"]),
        ("WITH t AS (SELECT id FROM s.t) SELECT id FROM t", ["s.t"]),
        ("WITH t AS (SELECT 1 AS id) SELECT id FROM s.t", ["s.t"]),
        ("SELECT id FROM (WITH x AS (SELECT id FROM s.t) SELECT id FROM x) AS q", ["s.t"]),
        ("SELECT q.id FROM (WITH x AS (SELECT id FROM s.t) SELECT id FROM x) AS q JOIN x ON x.id = q.id", ["s.t", "x"]),
        ("WITH x AS (SELECT id FROM s.t) SELECT id FROM s.u WHERE id IN (SELECT id FROM x)", ["s.t", "s.u"]),
        ("WITH X AS (SELECT id FROM s.t) SELECT id FROM x", ["s.t"]),
        ("WITH unused AS (SELECT id FROM s.gone) SELECT id FROM s.t", ["s.gone", "s.t"]),
    ],
)
def test_the_name_of_a_common_table_expression_is_no_table(sql: str, expected: list[str]) -> None:
    found = traced(f"view: v {{ derived_table: {{ sql: {sql} ;; }} dimension: id {{}} }}")

    assert tables(found) == expected


@pytest.mark.rule("R5.3")
@pytest.mark.rule("R14.2")
def test_a_dimension_means_what_the_query_puts_out_under_its_column() -> None:
    found = traced(
        """
        view: v {
          derived_table: { sql: SELECT u.nm AS who, o.id AS nm FROM s.o AS o JOIN s.u AS u ON u.id = o.user_id ;; }
          dimension: d { sql: ${TABLE}.who ;; }
          dimension: nm {}
        }
        """
    )

    assert columns(found, "field:v.d") == ["s.u.nm"]
    assert columns(found, "field:v.nm") == ["s.o.id"]


@pytest.mark.rule("R5.3")
def test_a_column_that_the_query_does_not_put_out_is_said_to_be_missing() -> None:
    found = traced(
        "view: v { derived_table: { sql: SELECT id FROM s.t ;; } dimension: id {} dimension: nam { sql: ${TABLE}.nam ;; } }"
    )

    assert columns(found, "field:v.nam") == []
    assert gaps(found, "field:v.nam") == ["missing-column nam"]
    assert gaps(found, "field:v.id") == []


@pytest.mark.rule("R5.15")
def test_columns_are_followed_through_derived_tables_of_derived_tables() -> None:
    found = traced(
        """
        view: base { sql_table_name: raw.base ;; dimension: id {} }
        view: one { derived_table: { sql: SELECT b.key AS id FROM ${base.SQL_TABLE_NAME} b ;; } dimension: id {} }
        view: two { derived_table: { sql: SELECT max(o.id) AS top FROM ${one.SQL_TABLE_NAME} o ;; } dimension: top {} }
        view: three { derived_table: { sql: SELECT * FROM ${two.SQL_TABLE_NAME} ;; } dimension: top {} dimension: id {} }
        """
    )

    assert [edges(found, f"view:{name}") for name in ("one", "two", "three")] == [
        ["view:base derives"],
        ["view:one derives"],
        ["view:two derives"],
    ]
    assert columns(found, "field:three.top") == ["raw.base.key"]
    assert gaps(found, "field:three.id") == ["missing-column id"]


def test_columns_that_decide_which_rows_there_are_are_read_by_the_view() -> None:
    found = traced(
        """
        view: v {
          derived_table: { sql:
            SELECT status, count(*) AS n
            FROM s.t
            WHERE deleted = 0 AND EXISTS (SELECT 1 FROM s.u AS u WHERE u.t_id = s.t.id)
            GROUP BY status
            HAVING max(amount) > 10
            ORDER BY status
          ;; }
          dimension: status {}
          measure: n { type: sum }
        }
        """
    )

    assert rows_from(found, "view:v") == ["table:s.t reads", "table:s.u reads"]
    assert filtered_by(found, "view:v") == ["column:s.t.amount", "column:s.t.deleted", "column:s.t.id", "column:s.u.t_id"]
    assert columns(found, "field:v.status") == ["s.t.status"]
    assert columns(found, "field:v.n") == []
    assert gaps(found, "field:v.n") == []


@pytest.mark.rule("R5.2")
def test_a_field_in_the_condition_of_a_derived_table_decides_its_rows() -> None:
    found = traced(
        """
        view: orders { sql_table_name: s.orders ;; dimension: status { sql: ${TABLE}.state ;; } }
        view: v {
          derived_table: { sql: SELECT o.id FROM s.orders o WHERE {% condition f %} ${orders.status} {% endcondition %} ;; }
          filter: f { type: string }
          dimension: id {}
        }
        """
    )

    assert [one.split()[0] for one in filtered_by(found, "view:v")] == ["column:s.orders.state"]


@pytest.mark.rule("R4.36")
def test_the_column_in_a_condition_tag_decides_the_rows() -> None:
    found = traced(
        """
        view: v {
          derived_table: { sql: SELECT id FROM s.t WHERE {% condition since %} created_at {% endcondition %} ;; }
          filter: since { type: date }
          dimension: id {}
        }
        """
    )

    assert rows_from(found, "view:v") == ["table:s.t reads"]
    assert filtered_by(found, "view:v") == ["column:s.t.created_at"]


@pytest.mark.rule("R5.12")
def test_the_column_of_an_increment_decides_the_rows() -> None:
    found = traced(
        """
        view: v {
          derived_table: {
            sql: SELECT id, at FROM s.t WHERE {% incrementcondition %} loaded_at {% endincrementcondition %} ;;
            sql_trigger_value: SELECT 1 ;;
            increment_key: "at"
          }
          dimension: id {}
        }
        """
    )

    assert filtered_by(found, "view:v") == ["column:s.t.loaded_at"]


def test_unreadable_sql_in_one_view_hurts_no_other() -> None:
    found = traced(
        """
        view: bad { derived_table: { sql: SELECT FROM WHERE ((( ;; } dimension: id {} measure: n { type: count } }
        view: good { derived_table: { sql: SELECT id FROM s.t ;; } dimension: id {} }
        view: above { derived_table: { sql: SELECT b.id, t.x FROM ${bad.SQL_TABLE_NAME} b JOIN s.u t ON t.id = b.id ;; }
          dimension: id {} dimension: x {} }
        explore: bad {}
        """
    )

    assert edges(found, "view:bad") == []
    assert [gap.reason for gap in found.lineage.views["view:bad"].gaps] == ["unread-sql"]
    assert [gap.split()[0] for gap in gaps(found, "field:bad.id")] == ["unread-sql"]
    assert columns(found, "field:good.id") == ["s.t.id"]
    assert rows_from(found, "view:above") == ["table:s.u reads", "view:bad derives"]
    assert columns(found, "field:above.x") == ["s.u.x"]
    assert [gap.split()[0] for gap in gaps(found, "field:above.id")] == ["unread-sql"]


@pytest.mark.parametrize("sql", ["", "   ", "-- nothing", "see the wiki", ")", "SELECT 'open"])
def test_no_query_at_all_is_unknown_and_not_empty(sql: str) -> None:
    found = traced(f"view: v {{ derived_table: {{ sql: {sql}\n;; }} dimension: id {{}} }} view: w {{ dimension: id {{}} }}")

    assert edges(found, "view:v") == []
    assert found.lineage.views["view:v"].gaps != ()
    assert gaps(found, "field:v.id") != []
    assert columns(found, "field:w.id") == ["w.id"]


def test_a_derived_table_of_a_view_that_is_not_there_says_so() -> None:
    found = traced(
        """
        view: v {
          derived_table: { sql: SELECT g.id, t.x FROM ${gone.SQL_TABLE_NAME} g, s.t t ;; }
          dimension: id {}
          dimension: x {}
        }
        """
    )

    assert edges(found, "view:v") == ["table:s.t reads"]
    assert gaps(found, "field:v.id") == ["unknown-view gone"]
    assert columns(found, "field:v.x") == ["s.t.x"]


# -- statements --------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.4")
def test_sql_create_reads_what_its_select_reads() -> None:
    found = traced(
        """
        view: v {
          derived_table: {
            sql_create: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT o.id AS order_id FROM raw.o AS o ;;
            persist_for: "1 hour"
          }
          dimension: order_id {}
        }
        """
    )

    assert edges(found, "view:v") == ["table:raw.o reads"]
    assert tables(found) == ["raw.o"]
    assert columns(found, "field:v.order_id") == ["raw.o.id"]


@pytest.mark.rule("R5.4")
def test_a_process_reads_what_its_steps_read_and_none_of_what_they_make() -> None:
    found = traced(
        """
        view: v {
          derived_table: {
            create_process: {
              sql_step: CREATE TEMP TABLE stage AS SELECT id, amount FROM raw.orders WHERE state = 'paid' ;;
              sql_step: CREATE TABLE ${SQL_TABLE_NAME} (id INT64, total INT64) ;;
              sql_step: MERGE INTO ${SQL_TABLE_NAME} AS t USING stage AS s ON t.id = s.id
                WHEN MATCHED THEN UPDATE SET total = s.amount
                WHEN NOT MATCHED THEN INSERT (id, total) VALUES (s.id, s.amount) ;;
            }
            persist_for: "1 hour"
          }
          dimension: id {}
          dimension: total {}
        }
        """,
        config=speaking("bigquery"),
    )

    assert tables(found) == ["raw.orders"]
    assert rows_from(found, "view:v") == ["table:raw.orders reads"]
    assert "column:raw.orders.state" in filtered_by(found, "view:v")
    assert columns(found, "field:v.id") == ["raw.orders.id"]
    assert columns(found, "field:v.total") == ["raw.orders.amount"]


@pytest.mark.rule("R5.4")
@pytest.mark.parametrize(
    "steps",
    [
        ("CREATE TABLE ${SQL_TABLE_NAME} AS SELECT uid AS id, nm AS name FROM s.u",),
        ("CREATE TABLE ${SQL_TABLE_NAME} (id, name) AS SELECT uid, nm FROM s.u",),
        ("CREATE OR REPLACE TABLE ${SQL_TABLE_NAME} PARTITION BY d AS SELECT uid AS id, nm AS name FROM s.u",),
        ("CREATE TABLE ${SQL_TABLE_NAME} AS SELECT uid AS id, nm AS name FROM s.u; SELECT 1",),
        (MADE, "INSERT INTO ${SQL_TABLE_NAME} (name, id) SELECT nm, uid FROM s.u"),
        pytest.param((MADE, "INSERT INTO ${SQL_TABLE_NAME} SELECT uid, nm FROM s.u")),
        pytest.param((MADE, "INSERT INTO ${SQL_TABLE_NAME} WITH x AS (SELECT uid, nm FROM s.u) SELECT uid, nm FROM x")),
        ("CREATE TABLE ${SQL_TABLE_NAME} AS SELECT uid AS id, nm AS name FROM s.u", "DELETE FROM ${SQL_TABLE_NAME} WHERE id = 0"),
    ],
)
def test_the_columns_of_a_process_are_what_goes_into_its_table(steps: tuple[str, ...]) -> None:
    found = process(steps, "id", "name")

    assert tables(found) == ["s.u"]
    assert columns(found, "field:v.id") == ["s.u.uid"]
    assert columns(found, "field:v.name") == ["s.u.nm"]


@pytest.mark.rule("R5.4")
def test_everything_that_is_inserted_is_in_the_table() -> None:
    found = traced(
        """
        view: other { sql_table_name: s.b ;; dimension: id {} }
        view: v {
          derived_table: {
            create_process: {
              sql_step: CREATE TABLE ${SQL_TABLE_NAME} (id INT64) ;;
              sql_step: INSERT INTO ${SQL_TABLE_NAME} SELECT a_id FROM s.a ;;
              sql_step: INSERT INTO ${SQL_TABLE_NAME} SELECT b_id FROM ${other.SQL_TABLE_NAME} ;;
              sql_step: UPDATE ${SQL_TABLE_NAME} SET id = 0 WHERE id IN (SELECT c_id FROM s.c) ;;
            }
            persist_for: "1 hour"
          }
          dimension: id {}
        }
        """,
        config=speaking("bigquery"),
    )

    assert rows_from(found, "view:v") == ["table:s.a reads", "table:s.c reads", "view:other derives"]
    assert columns(found, "field:v.id") == ["s.a.a_id", "s.b.b_id"]


@pytest.mark.rule("R5.4")
def test_a_machine_learning_model_reads_what_it_learns_from_and_a_prediction_reads_both() -> None:
    found = traced(
        """
        view: training { derived_table: { sql: SELECT uid AS client_id, hits FROM d.sessions ;; } dimension: client_id {} }
        view: model {
          derived_table: {
            sql_create:
              CREATE OR REPLACE MODEL ${SQL_TABLE_NAME}
              OPTIONS(model_type='logistic_reg', labels=['will_buy'], min_rel_progress=0.005, max_iterations=40) AS
              SELECT * EXCEPT(client_id) FROM ${training.SQL_TABLE_NAME} ;;
            sql_trigger_value: SELECT 1 ;;
          }
        }
        view: predictions {
          derived_table: { sql:
            SELECT * FROM ML.PREDICT(MODEL ${model.SQL_TABLE_NAME}, (SELECT * FROM ${training.SQL_TABLE_NAME}))
          ;; }
          dimension: client_id {}
          dimension: hits {}
        }
        view: quality { derived_table: { sql: SELECT * FROM ML.EVALUATE(MODEL ${model.SQL_TABLE_NAME}) ;; } dimension: recall {} }
        """,
        config=speaking("bigquery"),
    )

    assert rows_from(found, "view:model") == ["view:training derives"]
    assert rows_from(found, "view:predictions") == ["view:model derives", "view:training derives"]
    assert rows_from(found, "view:quality") == ["view:model derives"]
    assert columns(found, "field:predictions.client_id") == ["d.sessions.uid"]
    assert columns(found, "field:predictions.hits") == ["d.sessions.hits"]
    assert tables(found) == ["d.sessions"]


@pytest.mark.rule("R5.4")
def test_a_step_that_cannot_be_read_leaves_the_others() -> None:
    found = traced(
        """
        view: v {
          derived_table: {
            create_process: {
              sql_step: CALL d.prepare('x') ;;
              sql_step: SELEKT nonsense ((( ;;
              sql_step: CREATE TABLE ${SQL_TABLE_NAME} AS SELECT uid AS id FROM s.u ;;
            }
            persist_for: "1 hour"
          }
          dimension: id {}
        }
        """,
        config=speaking("bigquery"),
    )

    assert edges(found, "view:v") == ["table:s.u reads"]
    assert columns(found, "field:v.id") == ["s.u.uid"]
    assert "unread-sql" in {gap.reason for gap in found.lineage.views["view:v"].gaps}


@pytest.mark.rule("R5.4")
@pytest.mark.parametrize(
    "step",
    [
        "INSERT INTO s.audit SELECT 1",
        pytest.param("DROP TABLE IF EXISTS s.old"),
        pytest.param("TRUNCATE TABLE s.old"),
        pytest.param("DELETE FROM s.old WHERE TRUE"),
    ],
)
def test_a_step_that_only_writes_another_table_reads_nothing(step: str) -> None:
    found = process((step, "CREATE TABLE ${SQL_TABLE_NAME} AS SELECT id FROM s.u"), "id")

    assert edges(found, "view:v") == ["table:s.u reads"]


@pytest.mark.rule("R5.4")
@pytest.mark.parametrize(("verb", "dialect"), [("CLONE", "snowflake"), ("CLONE", "bigquery"), ("COPY", "bigquery")])
def test_a_copy_of_a_table_reads_it(verb: str, dialect: str) -> None:
    found = process((f"CREATE TABLE ${{SQL_TABLE_NAME}} {verb} s.u",), "id", dialect=dialect)

    assert edges(found, "view:v") == ["table:s.u reads"]
    assert columns(found, "field:v.id") == ["s.u.id"]


@pytest.mark.rule("R5.4")
def test_a_variable_of_a_script_is_no_column() -> None:
    found = process(
        (
            "DECLARE top INT64 DEFAULT (SELECT max(id) FROM s.p)",
            "CREATE TABLE ${SQL_TABLE_NAME} AS SELECT uid AS id FROM s.u WHERE uid > top",
        ),
        "id",
    )

    assert rows_from(found, "view:v") == ["table:s.p reads", "table:s.u reads"]
    assert filtered_by(found, "view:v") == []
    assert columns(found, "field:v.id") == ["s.u.uid"]


@pytest.mark.rule("R5.4")
@pytest.mark.parametrize(
    ("step", "dialect"),
    [
        ("CREATE TABLE ${SQL_TABLE_NAME} DISTKEY(id) SORTKEY(at) AS SELECT uid AS id, at FROM s.u", "redshift"),
        ("CREATE TABLE ${SQL_TABLE_NAME} (id, at) AS SELECT uid, at FROM s.u", "redshift"),
        ("SELECT uid AS id INTO ${SQL_TABLE_NAME} FROM s.u", "tsql"),
        ("CREATE OR REPLACE VIEW ${SQL_TABLE_NAME} AS WITH a AS (SELECT uid AS id FROM s.u) SELECT * FROM a", "snowflake"),
        ("CREATE TABLE ${SQL_TABLE_NAME} (`id` INT64 OPTIONS(description='x')) AS (SELECT uid FROM s.u)", "bigquery"),
    ],
)
def test_every_dialect_creates_tables_in_its_own_way(step: str, dialect: str) -> None:
    found = process((step,), "id", dialect=dialect)

    assert edges(found, "view:v") == ["table:s.u reads"]
    assert columns(found, "field:v.id") == ["s.u.uid"]


def test_of_several_queries_in_one_text_the_last_gives_the_columns() -> None:
    found = traced(
        """
        view: v {
          derived_table: { sql: CREATE TEMP TABLE x AS SELECT uid FROM s.u; SELECT uid AS id FROM x; ;; }
          dimension: id {}
        }
        """,
        config=speaking("bigquery"),
    )

    assert tables(found) == ["s.u"]
    assert columns(found, "field:v.id") == ["s.u.uid"]


# -- triggers ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.15")
def test_what_sets_off_a_build_gives_no_data() -> None:
    found = traced(
        """
        view: b { sql_table_name: s.b ;; dimension: id {} }
        view: v {
          derived_table: {
            sql: SELECT id FROM s.t ;;
            sql_trigger_value: SELECT max(l.at) FROM s.log AS l JOIN ${b.SQL_TABLE_NAME} AS b ON b.id = l.id ;;
          }
          dimension: id {}
        }
        """
    )

    assert edges(found, "view:v") == ["table:s.log trigger", "table:s.t reads", "view:b trigger"]
    assert columns(found, "field:v.id") == ["s.t.id"]
    assert found.lineage.views["view:v"].tables == ("table:s.t",)


@pytest.mark.rule("R14.8")
def test_the_tables_of_a_datagroup_set_off_the_builds_that_wait_for_it() -> None:
    found = traced(
        """
        datagroup: nightly { sql_trigger: SELECT max(at) FROM s.log ;; }
        view: v { derived_table: { sql: SELECT id FROM s.t ;; datagroup_trigger: nightly } dimension: id {} }
        """
    )

    assert edges(found, "view:v") == ["table:s.log trigger", "table:s.t reads"]


def test_a_query_that_would_be_ambiguous_tells_which_columns_a_table_has_not() -> None:
    """Bare ``action`` beside a subquery that puts it out: if ``events`` had one too, that query would be refused."""
    witness = """
        view: health {
          derived_table: { sql:
            WITH h AS (SELECT id, action FROM a.health) SELECT action FROM h LEFT JOIN a.events AS e ON h.id = e.id ;; }
          dimension: action {}
        }
    """
    bare = """
        view: parks {
          derived_table: { sql: SELECT action FROM a.parks AS p LEFT JOIN a.events AS e ON p.id = e.id ;; }
          dimension: action {}
        }
    """

    assert edges(traced(bare + witness), "field:parks.action") == ["column:a.parks.action reads inferred"]
    assert gaps(traced(bare), "field:parks.action") == ["ambiguous-column action"]
    declared = "view: events { sql_table_name: a.events ;; dimension: action {} }"
    assert edges(traced(bare + witness + declared), "field:parks.action") == ["column:a.events.action reads inferred"]


@pytest.mark.rule("R5.3")
def test_a_view_in_from_without_an_alias_is_called_by_its_name() -> None:
    """Not a struct of that name in the table around it."""
    found = traced("""
        view: sessions { derived_table: { sql: SELECT sid, n FROM s.sessions ;; } dimension: sid {} }
        view: v {
          derived_table: { sql: SELECT e.id FROM s.events AS e
            WHERE sid IN (SELECT sid FROM ${sessions.SQL_TABLE_NAME} WHERE sessions.n > 0) ;; }
          dimension: id {}
        }
    """)

    assert filtered_by(found, "view:v") == ["column:s.events.sid", "column:s.sessions.n", "column:s.sessions.sid"]
