"""Which tables Looker builds, from what, in which order, and when it does so by itself (R5.11-R5.20)."""

from __future__ import annotations

import pytest

from dagster_lookml.config import Config, Connection, RuleSettings
from dagster_lookml.pdt.planning.plan import make_plan
from dagster_lookml.pdt.planning.planned import Regeneration
from dagster_lookml.pdt.planning.regenerator import is_constant
from tests.pdt.projects import KEPT, NIGHTLY, of, order, pdt, plan_of
from tests.tracing import traced


@pytest.mark.rule("R5.11")
def test_persistence_alone_makes_a_pdt() -> None:
    plan = plan_of(
        NIGHTLY
        + pdt("a", "SELECT 1 AS id", "datagroup_trigger: nightly")
        + pdt("b", "SELECT 1 AS id", "sql_trigger_value: SELECT CURRENT_DATE ;;")
        + pdt("c", "SELECT 1 AS id", 'interval_trigger: "2 hours"')
        + pdt("d", "SELECT 1 AS id", 'persist_for: "2 hours"')
        + pdt("e", "SELECT 1 AS id", "materialized_view: yes")
        + pdt("f", "SELECT 1 AS id", "")
        + pdt("g", "SELECT 1 AS id", 'indexes: ["id"]')
        + "view: h { sql_table_name: s.h ;; }"
    )

    assert {one.view: one.persistence.kind for one in plan.pdts} == {
        "a": "datagroup_trigger",
        "b": "sql_trigger_value",
        "c": "interval_trigger",
        "d": "persist_for",
        "e": "materialized_view",
    }


@pytest.mark.rule("R5.15")
def test_what_is_read_stands_before_what_reads_it() -> None:
    plan = plan_of(
        pdt("a", "SELECT id FROM ${b.SQL_TABLE_NAME} JOIN raw.x ON true")
        + pdt("b", "SELECT id FROM ${c.SQL_TABLE_NAME}")
        + pdt("c", "SELECT id FROM raw.t")
    )

    assert order(plan) == ["c", "b", "a"]
    assert [one.position for one in plan.pdts] == [1, 2, 3]
    assert (of(plan, "a").upstream, of(plan, "a").tables) == (("pdt:m/b",), ("table:raw.x",))
    assert (of(plan, "c").upstream, of(plan, "c").tables) == ((), ("table:raw.t",))


def test_tables_that_do_not_read_each_other_stand_by_their_ids() -> None:
    plan = plan_of("".join(pdt(name, "SELECT id FROM raw.t") for name in "dbca"))

    assert order(plan) == ["a", "b", "c", "d"]


@pytest.mark.rule("R5.16")
def test_temporary_and_plain_views_are_seen_through() -> None:
    plan = plan_of(
        pdt("top", "SELECT id FROM ${between.SQL_TABLE_NAME}")
        + pdt("between", "SELECT id FROM ${renamed.SQL_TABLE_NAME} JOIN ${plain.SQL_TABLE_NAME} USING (id)", "")
        + "view: renamed { sql_table_name: ${bottom.SQL_TABLE_NAME} ;; }\n"
        + "view: plain { sql_table_name: raw.plain ;; }\n"
        + pdt("bottom", "SELECT id FROM raw.t")
    )

    assert (of(plan, "top").upstream, of(plan, "top").tables) == (("pdt:m/bottom",), ("table:raw.plain",))


@pytest.mark.rule("R5.10")
def test_a_native_table_reads_what_its_fields_and_their_joins_need() -> None:
    plan = plan_of(
        """
        explore: orders {
          join: users { sql_on: ${orders.user_id} = ${users.id} ;; }
          join: regions { sql_on: ${users.region} = ${regions.id} ;; }
          join: unused { sql_on: ${orders.id} = ${unused.id} ;; }
        }
        view: orders { sql_table_name: raw.orders ;; dimension: id {} dimension: user_id {} }
        """
        + pdt("users", "SELECT id, region FROM raw.users").replace("dimension: id {}", "dimension: id {} dimension: region {}")
        + pdt("regions", "SELECT id FROM raw.regions").replace(
            "dimension: id {}",
            "dimension: id {} dimension: best { sql: (SELECT max(x) FROM ${scores.SQL_TABLE_NAME} JOIN raw.marks ON true) ;; }",
        )
        + pdt("unused", "SELECT id FROM raw.unused")
        + pdt("scores", "SELECT x FROM raw.scores")
        + f"view: top {{ derived_table: {{ {KEPT} explore_source: orders {{ column: best {{ field: regions.best }} }} }} }}"
    )

    assert of(plan, "top").upstream == ("pdt:m/regions", "pdt:m/scores", "pdt:m/users")
    assert of(plan, "top").tables == ("table:raw.marks", "table:raw.orders")


@pytest.mark.parametrize(
    "query",
    [
        'column: id {} expression_custom_filter: ${users.country} = "a" ;;',
        "column: id {} sorts: [users.country: desc]",
        "column: shown {}",
    ],
)
@pytest.mark.rule("R5.8")
@pytest.mark.rule("R10.5")
def test_fields_in_expressions_sorts_and_liquid_are_read_too(query: str) -> None:
    text = (
        pdt("users", "SELECT id, country FROM raw.users").replace("dimension: id {}", "dimension: id {} dimension: country {}")
        + f"""
        explore: orders {{
          join: users {{ sql_on: ${{orders.user_id}} = ${{users.id}} ;; }}
          aggregate_table: by_id {{
            query: {{ dimensions: [id] expression_custom_filter: ${{users.country}} = "a" ;; }}
            materialization: {{ {KEPT} }}
          }}
          aggregate_table: sorted {{ query: {{ dimensions: [id] sorts: [users.country: asc] }} materialization: {{ {KEPT} }} }}
        }}
        view: orders {{
          sql_table_name: raw.orders ;;
          dimension: id {{}} dimension: user_id {{}} dimension: shown {{ sql: {{{{ users.country._sql }}}} ;; }}
        }}
        view: facts {{ derived_table: {{ {KEPT} explore_source: orders {{ {query} }} }} }}
        """
    )
    plan = plan_of(text)

    assert (of(plan, "facts").upstream, of(plan, "facts").tables) == (("pdt:m/users",), ("table:raw.orders",))
    assert order(plan) == ["users", "facts"]
    assert [one.upstream for one in plan.aggregate_tables] == [("pdt:m/users",)] * 2


@pytest.mark.parametrize(
    "query", ['dev_filters: [users.country: "a"]', "bind_filters: { from_field: x.y to_field: users.country }"]
)
@pytest.mark.rule("R5.8")
def test_fields_of_filters_that_no_build_has_are_not_read(query: str) -> None:
    plan = plan_of(
        pdt("users", "SELECT id, country FROM raw.users").replace("dimension: id {}", "dimension: id {} dimension: country {}")
        + f"""
        explore: orders {{ join: users {{ sql_on: ${{orders.user_id}} = ${{users.id}} ;; }} }}
        view: orders {{ sql_table_name: raw.orders ;; dimension: id {{}} dimension: user_id {{}} }}
        view: facts {{ derived_table: {{ {KEPT} explore_source: orders {{ column: id {{}} {query} }} }} }}
        """
    )

    assert of(plan, "facts").upstream == ()


@pytest.mark.rule("R5.9")
def test_a_native_table_may_be_joined_into_its_own_explore() -> None:
    plan = plan_of(
        f"""
        explore: orders {{ join: facts {{ sql_on: ${{orders.id}} = ${{facts.id}} ;; }} }}
        view: orders {{ sql_table_name: raw.orders ;; dimension: id {{}} }}
        view: facts {{ derived_table: {{ {KEPT} explore_source: orders {{ column: id {{}} }} }} dimension: id {{}} }}
        """
    )

    assert (of(plan, "facts").upstream, of(plan, "facts").tables, plan.cycles) == ((), ("table:raw.orders",), ())


def test_a_table_that_an_explore_gives_a_view_stands_for_the_view_s_own() -> None:
    plan = plan_of(
        pdt("other", "SELECT id FROM raw.t")
        + f"""
        explore: orders {{ sql_table_name: ${{other.SQL_TABLE_NAME}} ;; }}
        view: orders {{ sql_table_name: raw.orders ;; dimension: id {{}} }}
        view: facts {{ derived_table: {{ {KEPT} explore_source: orders {{ column: id {{}} }} }} dimension: id {{}} }}
        """
    )

    assert (of(plan, "facts").upstream, of(plan, "facts").tables) == (("pdt:m/other",), ())


@pytest.mark.parametrize("sql", ["SELEC ((( id FROM ${b.SQL_TABLE_NAME} WHERE '", "SELECT id FROM ${b.SQL_TABLE_NAME} {% broken"])
def test_sql_that_cannot_be_read_waits_for_what_it_names(sql: str) -> None:
    trigger = f"sql_trigger_value: {sql} ;;"
    plan = plan_of(pdt("a", sql) + pdt("b", "SELECT 1 AS id") + pdt("aa", "SELECT 1 AS id", trigger))

    assert order(plan) == ["b", "a", "aa"]
    assert (of(plan, "a").upstream, of(plan, "aa").triggered_by) == (("pdt:m/b",), ("pdt:m/b",))


def test_a_derived_table_without_a_query_is_planned_all_the_same() -> None:
    plan = plan_of(
        f"view: a {{ derived_table: {{ {KEPT} }} }}\nview: b {{ derived_table: {{ {KEPT} explore_source: none {{}} }} }}"
    )

    assert [(one.view, one.upstream, one.tables) for one in plan.pdts] == [("a", (), ()), ("b", (), ())]


@pytest.mark.rule("R10.20")
def test_what_development_alone_reads_is_not_waited_for() -> None:
    sql = "SELECT id FROM\n-- if prod -- raw.t\n-- if dev -- ${b.SQL_TABLE_NAME}\n"
    plan = plan_of(pdt("a", sql) + pdt("b", "SELECT 1 AS id"))

    assert (of(plan, "a").upstream, of(plan, "a").tables) == ((), ("table:raw.t",))


# -- models ------------------------------------------------------------------------------------------------------------

SHARED = {
    "a.view.lkml": pdt("a", "SELECT id FROM ${temporary.SQL_TABLE_NAME}"),
    "temporary.view.lkml": pdt("temporary", "SELECT id FROM ${b.SQL_TABLE_NAME}", ""),
    "one/b.view.lkml": pdt("b", "SELECT id FROM raw.one"),
    "two/b.view.lkml": pdt("b", "SELECT id FROM raw.two", ""),
    "one.model.lkml": 'connection: "w"\ninclude: "/*.view.lkml"\ninclude: "/one/*.view.lkml"\n',
    "two.model.lkml": 'connection: "w"\ninclude: "/*.view.lkml"\ninclude: "/two/*.view.lkml"\n',
}


@pytest.mark.rule("R2.24")
def test_a_shared_view_reads_in_each_model_what_its_names_mean_there() -> None:
    plan = plan_of(SHARED)

    assert sorted(one.id for one in plan.pdts) == ["pdt:one/a", "pdt:one/b", "pdt:two/a"]
    assert (of(plan, "one/a").upstream, of(plan, "one/a").tables) == (("pdt:one/b",), ())
    assert (of(plan, "two/a").upstream, of(plan, "two/a").tables) == ((), ("table:raw.two",))


@pytest.mark.rule("R5.14")
def test_a_shared_view_reads_in_each_model_the_tables_of_its_connection() -> None:
    model = 'include: "/*.view.lkml"\n'
    files = {
        "a.view.lkml": pdt("a", "SELECT id FROM orders"),
        "one.model.lkml": 'connection: "w"\n' + model,
        "two.model.lkml": 'connection: "v"\n' + model,
    }
    plan = plan_of(files, config=Config(connections={"w": Connection(schema="east"), "v": Connection(schema="west")}))

    assert {one.model: (one.connection, one.tables) for one in plan.pdts} == {
        "one": ("w", ("table:east.orders",)),
        "two": ("v", ("table:west.orders",)),
    }


@pytest.mark.rule("R5.18")
def test_extending_a_pdt_makes_another_and_refining_does_not() -> None:
    plan = plan_of(
        pdt("a", "SELECT id FROM raw.t")
        + "view: copy { extends: [a] }\n"
        + "view: +a { dimension: more {} }\n"
        + f"view: template {{ extension: required derived_table: {{ {KEPT} sql: SELECT id FROM raw.u ;; }} }}\n"
        + "view: made { extends: [template] }\n"
    )

    assert order(plan) == ["a", "copy", "made"]


# -- triggers ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.15")
def test_a_trigger_reads_without_data_and_comes_first_all_the_same() -> None:
    trigger = "sql_trigger_value: SELECT max(id) FROM ${z.SQL_TABLE_NAME} JOIN ${temporary.SQL_TABLE_NAME} ON true ;;"
    plan = plan_of(
        pdt("a", "SELECT id FROM raw.t", trigger)
        + pdt("z", "SELECT id FROM raw.u")
        + pdt("temporary", "SELECT id FROM raw.v", "")
    )

    assert order(plan) == ["z", "a"]
    assert (of(plan, "a").upstream, of(plan, "a").tables) == ((), ("table:raw.t",))
    assert (of(plan, "a").triggered_by, of(plan, "a").trigger_tables) == (("pdt:m/z",), ("table:raw.v",))


@pytest.mark.rule("R5.15")
def test_a_circle_that_only_a_trigger_closes_is_none() -> None:
    trigger = "sql_trigger_value: SELECT max(id) FROM ${a.SQL_TABLE_NAME} ;;"
    plan = plan_of(pdt("a", "SELECT id FROM ${b.SQL_TABLE_NAME}") + pdt("b", "SELECT id FROM raw.t", trigger))

    assert (order(plan), plan.cycles) == (["b", "a"], ())


@pytest.mark.rule("R11.1")
def test_the_tables_of_a_datagroup_s_trigger_are_those_of_its_model() -> None:
    files = {
        "a.view.lkml": pdt("a", "SELECT id FROM raw.t", "datagroup_trigger: nightly"),
        "one.model.lkml": 'connection: "w"\ninclude: "/*.view.lkml"\n' + NIGHTLY,
        "two.model.lkml": 'connection: "w"\ninclude: "/*.view.lkml"\n' + NIGHTLY.replace("etl.runs", "etl.others"),
    }

    assert {one.model: one.trigger_tables for one in plan_of(files).pdts} == {
        "one": ("table:etl.runs",),
        "two": ("table:etl.others",),
    }


# -- circles and long chains -------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.15")
def test_circles_are_said_and_hide_nothing() -> None:
    plan = plan_of(
        pdt("a", "SELECT id FROM ${between.SQL_TABLE_NAME}")
        + pdt("between", "SELECT id FROM ${b.SQL_TABLE_NAME}", "")
        + pdt("b", "SELECT id FROM ${a.SQL_TABLE_NAME}")
        + pdt("itself", "SELECT id FROM ${itself.SQL_TABLE_NAME}")
        + pdt("after", "SELECT id FROM ${b.SQL_TABLE_NAME}")
        + pdt("sound", "SELECT id FROM raw.t")
    )

    assert plan.cycles == (("pdt:m/a", "pdt:m/b"), ("pdt:m/itself",))
    assert sorted(order(plan)) == ["a", "after", "b", "itself", "sound"]
    assert order(plan).index("after") > order(plan).index("b")
    assert plan.refusal("m", "a") == "m.model.lkml:2: pdt:m/a cannot be built: it and pdt:m/b read each other"
    assert plan.refusal("m", "itself") == "m.model.lkml:5: pdt:m/itself cannot be built: it reads itself"
    assert plan.refusal("m", "sound") is None


@pytest.mark.parametrize(
    ("temporary", "reason"),
    [
        (pdt("t", "SELECT id FROM ${t.SQL_TABLE_NAME}", ""), "view:t, which reads itself"),
        (
            pdt("t", "SELECT id FROM ${u.SQL_TABLE_NAME}", "") + pdt("u", "SELECT id FROM ${t.SQL_TABLE_NAME}", ""),
            "view:t and view:u, which read each other",
        ),
    ],
)
@pytest.mark.rule("R5.15")
def test_a_circle_of_temporary_tables_is_no_table_of_whoever_reads_it(temporary: str, reason: str) -> None:
    plan = plan_of(temporary + pdt("a", "SELECT id FROM ${t.SQL_TABLE_NAME}") + pdt("b", "SELECT id FROM ${a.SQL_TABLE_NAME}"))
    refusal = f"m.model.lkml:2: pdt:m/a cannot be built: it reads {reason}"

    assert (order(plan), plan.cycles) == (["a", "b"], ())
    assert plan.refusal("m", "a") == refusal
    assert plan.refusal("m", "b") == f"it reads pdt:m/a, and {refusal}"
    assert plan.refusal("m", "a", allow_errors=True) == refusal


@pytest.mark.slow
@pytest.mark.parametrize("closed", [False, True])
def test_a_chain_of_thousands_is_no_trouble(closed: bool) -> None:
    count = 3_000
    first = f"SELECT id FROM ${{v{count - 1}.SQL_TABLE_NAME}}" if closed else "SELECT id FROM raw.t"
    text = pdt("v0", first) + "".join(
        pdt(f"v{number}", f"SELECT id FROM ${{v{number - 1}.SQL_TABLE_NAME}}") for number in range(1, count)
    )
    plan = plan_of(text)

    assert len(plan.pdts) == count
    if closed:
        assert [len(cycle) for cycle in plan.cycles] == [count]
    else:
        assert order(plan) == [f"v{number}" for number in range(count)]
        assert plan.cycles == ()


# -- the regenerator ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("persistence", "expected"),
    [
        ("datagroup_trigger: nightly", "datagroup nightly fires when its sql_trigger changes"),
        ("datagroup_trigger: hourly", "datagroup hourly fires every 1 hour"),
        ("datagroup_trigger: never", None),
        ("datagroup_trigger: cache_only", None),
        ("datagroup_trigger: absent", None),
        ("sql_trigger_value: SELECT max(id) FROM raw.t ;;", "the answer to its sql_trigger_value changes"),
        ("sql_trigger_value: SELECT 1 ;;", None),
        ('interval_trigger: "24 hours"', "its interval_trigger fires every 24 hours"),
        ('persist_for: "1 hour"', None),
        ("materialized_view: yes", None),
    ],
)
@pytest.mark.rule("R5.17")
def test_what_the_regenerator_builds_too(persistence: str, expected: str | None) -> None:
    plan = plan_of(
        NIGHTLY
        + 'datagroup: hourly { interval_trigger: "1 hour" sql_trigger: SELECT 1 ;; }\n'
        + 'datagroup: never { sql_trigger: SELECT 1 ;; max_cache_age: "1 hour" }\n'
        + 'datagroup: cache_only { max_cache_age: "1 hour" }\n'
        + pdt("a", "SELECT id FROM raw.t", persistence)
    )

    regeneration = Regeneration("builds", expected) if expected is not None else Regeneration("leaves")
    assert of(plan, "a").regeneration == regeneration


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 1", True),
        ("SELECT 'never' AS t, null -- by hand\n;", True),
        ("SELECT 1 FROM dual", True),
        ("SELECT CURRENT_DATE", False),
        ("SELECT 1 FROM t", False),
        ("SELECT now() /* 1 */", False),
        ("SELECT '{{ _user_attributes[\"day\"] }}'", False),
        ("SELECT 1 + hour", False),
    ],
)
def test_a_constant_trigger_is_told_from_others(sql: str, expected: bool) -> None:
    assert is_constant(sql) is expected


@pytest.mark.rule("R5.16")
def test_a_persist_for_table_is_built_with_what_is_triggered_above_it() -> None:
    plan = plan_of(
        NIGHTLY
        + pdt("a", "SELECT id FROM raw.t")
        + pdt("b", "SELECT id FROM ${a.SQL_TABLE_NAME}")
        + pdt("c", "SELECT id FROM ${b.SQL_TABLE_NAME}", "datagroup_trigger: nightly")
        + pdt("quiet", "SELECT id FROM raw.t")
        + pdt("never", "SELECT id FROM ${quiet.SQL_TABLE_NAME}", "sql_trigger_value: SELECT 1 ;;")
    )

    assert of(plan, "b").regeneration.reason == "it is built with pdt:m/c, which reads it"
    assert of(plan, "a").regeneration.reason == "it is built with pdt:m/b, which reads it"
    assert of(plan, "quiet").regeneration.reason is None


@pytest.mark.rule("R11.3")
def test_a_datagroup_of_a_project_that_is_not_here_is_not_known() -> None:
    plan = plan_of(
        {
            "manifest.lkml": 'project_name: "shop"\nlocal_dependency: { project: "hub" }\n',
            "m.model.lkml": 'connection: "w"\ninclude: "//hub/*.view.lkml"\ninclude: "/*.view.lkml"\n' + NIGHTLY,
            "v.view.lkml": pdt("a", "SELECT id FROM ${kept.SQL_TABLE_NAME}", "datagroup_trigger: weekly")
            + pdt("kept", "SELECT id FROM ${both.SQL_TABLE_NAME}")
            + pdt("b", "SELECT id FROM ${both.SQL_TABLE_NAME}", "datagroup_trigger: nightly")
            + pdt("both", "SELECT id FROM raw.t"),
        }
    )

    assert {one.view: (one.regeneration.verdict, one.regeneration.reason) for one in plan.pdts} == {
        "a": ("unknown", "datagroup weekly is declared in a project that is not here"),
        "b": ("builds", "datagroup nightly fires when its sql_trigger changes"),
        "kept": ("unknown", "it is built with pdt:m/a, which reads it"),
        "both": ("builds", "it is built with pdt:m/b, which reads it"),
    }
    assert not of(plan, "a").fires_by_sql
    assert (of(plan, "a").unknown_datagroup, plan.refusal("m", "a")) == (None, None)


@pytest.mark.rule("R5.17")
def test_a_datagroup_that_nothing_declares_never_fires() -> None:
    plan = plan_of(NIGHTLY + pdt("a", "SELECT id FROM raw.t", "datagroup_trigger: weekly"))

    assert (of(plan, "a").regeneration.reason, of(plan, "a").unknown_datagroup) == (None, "weekly")
    assert plan.refusal("m", "a") == "LM601 m.model.lkml:3: the model `m` has no datagroup `weekly`"


# -- aggregate tables --------------------------------------------------------------------------------------------------


@pytest.mark.rule("R5.20")
def test_aggregate_tables_are_listed_with_what_they_read() -> None:
    plan = plan_of(
        NIGHTLY
        + pdt("users", "SELECT id FROM raw.users")
        + """
        view: orders { sql_table_name: raw.orders ;; dimension: id {} dimension: user_id {} measure: n { type: count } }
        explore: orders {
          join: users { sql_on: ${orders.user_id} = ${users.id} ;; }
          aggregate_table: by_day {
            query: { dimensions: [id] measures: [n] }
            materialization: { datagroup_trigger: nightly increment_key: "id" }
          }
          aggregate_table: by_user { query: { dimensions: [users.id] } materialization: { persist_for: "1 hour" } }
          aggregate_table: unkept { query: { dimensions: [users.id] } }
        }
        """
    )

    assert [(one.id, one.upstream, one.tables) for one in plan.aggregate_tables] == [
        ("pdt:m/orders::by_day", (), ("table:raw.orders",)),
        ("pdt:m/orders::by_user", ("pdt:m/users",), ("table:raw.orders",)),
    ]
    assert [(one.incremental, one.regeneration.reason) for one in plan.aggregate_tables] == [
        (True, "datagroup nightly fires when its sql_trigger changes"),
        (False, None),
    ]
    assert order(plan) == ["users"]


# -- preflight ---------------------------------------------------------------------------------------------------------

REFUSED = {
    "m.model.lkml": (
        'connection: "w"\ninclude: "/*.view.lkml"\n'
        'explore: plain { aggregate_table: rollup { query: { dimensions: [id] } materialization: { persist_for: "1 hour" } } }\n'
    ),
    "n.model.lkml": 'connection: "w"\ninclude: "/far/*.view.lkml"\n',
    "kept.view.lkml": pdt("kept", "SELECT id FROM raw.t"),
    "loose.view.lkml": "view: loose {\n  derived_table: { sql: SELECT 1 AS id ;; }\n}\n",
    "plain.view.lkml": "view: plain { sql_table_name: raw.t ;; dimension: id {} }\n",
    "template.view.lkml": f"view: template {{ extension: required derived_table: {{ {KEPT} sql: SELECT 1 AS id ;; }} }}\n",
    "far/away.view.lkml": pdt("away", "SELECT id FROM raw.t"),
    "lost/lost.view.lkml": pdt("lost", "SELECT id FROM raw.t"),
}


@pytest.mark.parametrize(
    ("model", "view", "reason"),
    [
        ("m", "kept", None),
        ("k", "kept", "there is no model k"),
        ("mm", "kept", "there is no model mm"),
        ("m", "kpt", "model m has no view kpt; did you mean kept?"),
        (
            "m",
            "loose",
            (
                "loose.view.lkml:2: view loose is not persistent: its derived_table has none of datagroup_trigger, "
                "sql_trigger_value, interval_trigger, persist_for, materialized_view, so Looker runs it inside each query"
            ),
        ),
        ("m", "plain", "plain.view.lkml:1: view plain is no derived table, so there is nothing to build"),
        (
            "m",
            "template",
            "template.view.lkml:1: view template is extension: required: it is there to be extended, and has no table",
        ),
        ("m", "away", "far/away.view.lkml:1: model m does not include view away; included by n"),
        ("m", "lost", "lost/lost.view.lkml:1: model m does not include view lost, and no model does"),
        (
            "m",
            "plain::rollup",
            "m.model.lkml:3: rollup is an aggregate table of the explore plain, and Looker's API starts builds of views only",
        ),
    ],
)
def test_a_refusal_says_why_and_where(model: str, view: str, reason: str | None) -> None:
    assert plan_of(REFUSED).refusal(model, view) == reason


NAMES = "the URL of a call takes names that begin with a letter from A to Z, a digit or _ and have none of / % \\ ? #"


@pytest.mark.parametrize(
    ("model", "view", "reason"),
    [
        ("odd name", "a", None),  # a space can be written in a URL
        ("odd name", "2_orders", None),
        ("50%", "a", f"50%.model.lkml: '50%' is no name of a model that Looker's API can be asked for: {NAMES}"),
        (".old", "a", f".old.model.lkml: '.old' is no name of a model that Looker's API can be asked for: {NAMES}"),
        ("odd name", "a/b", f"v.view.lkml:3: 'a/b' is no name of a view that Looker's API can be asked for: {NAMES}"),
        ("odd name", "é", f"v.view.lkml:4: 'é' is no name of a view that Looker's API can be asked for: {NAMES}"),
        ("odd name", "reader", None),  # Looker itself builds what it reads
    ],
)
def test_what_cannot_be_asked_for_by_its_name_is_refused(model: str, view: str, reason: str | None) -> None:
    texts = [pdt(name, "SELECT id FROM raw.t") for name in ("a", "2_orders", "a/b", "é")]
    views = "".join(texts) + pdt("reader", "SELECT id FROM ${a/b.SQL_TABLE_NAME}")
    models = dict.fromkeys(("odd name.model.lkml", "50%.model.lkml", ".old.model.lkml"), 'connection: "w"\ninclude: "/*.view"\n')

    assert plan_of({**models, "v.view.lkml": views}).refusal(model, view, allow_errors=True) == reason


def test_a_model_that_no_file_declares_is_refused_as_that_whatever_its_name() -> None:
    found = traced({"a.view.lkml": pdt("a", "SELECT 1 AS id")}, name="50%")
    plan = make_plan(found.project, found.lineage.builds)

    assert plan.refusal("50%", "a") == "no model file here: Looker has no model 50%; give the repository's root"


# -- errors ------------------------------------------------------------------------------------------------------------

GONE = "SELECT id FROM ${gone.SQL_TABLE_NAME}"
HUB = 'project_name: "shop"\nlocal_dependency: { project: "hub" }\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (pdt("a", GONE), "LM302 m.model.lkml:2: `a` reads the table of the view `gone`, which the model `m` does not have"),
        (
            pdt("a", "SELECT id\n FROM\n ${gone.SQL_TABLE_NAME}"),
            "LM302 m.model.lkml:4: `a` reads the table of the view `gone`, which the model `m` does not have",
        ),
        (
            pdt("a", "SELECT id FROM ${t.SQL_TABLE_NAME}") + pdt("t", GONE, ""),
            "LM302 m.model.lkml:3: `t` reads the table of the view `gone`, which the model `m` does not have",
        ),
        (
            f"view: a {{ derived_table: {{ {KEPT} explore_source: none {{ column: id {{}} }} }} }}",
            "LM402 m.model.lkml:2: the model `m` has no explore `none`",
        ),
        (
            f"explore: e {{}} view: e {{}} view: a {{ derived_table: {{ {KEPT} explore_source: e {{\n column: gone {{}} }} }} }}",
            "LM310 m.model.lkml:3: there is no field `gone` in the view `e` of the explore `e`",
        ),
        (
            pdt("a", "SELECT '@{gone}' AS id"),
            "LM208 m.model.lkml:2: the manifest defines no constant `gone`",
        ),
        (
            pdt("a", "SELECT 1 AS id", "sql_trigger_value: SELECT max(id) FROM ${gone.SQL_TABLE_NAME} ;;"),
            "LM302 m.model.lkml:2: `a` reads the table of the view `gone`, which the model `m` does not have",
        ),
    ],
)
def test_a_definition_with_an_error_is_refused_with_it(text: str, reason: str) -> None:
    plan = plan_of(text)

    assert plan.refusal("m", "a") == reason
    assert plan.refusal("m", "a", allow_errors=True) is None
    assert plan.obstacles.errors == 1


@pytest.mark.parametrize(
    "text",
    [
        pdt("a", "SELECT 1 AS id").replace("id {}", "\nid { sql: (SELECT 1 FROM ${gone.SQL_TABLE_NAME}) ;; }"),
        pdt("a", "SELECT 1 AS id") + pdt("other", GONE, ""),
        pdt("a", "SELECT 1 AS id") + "explore: none {}\n",
    ],
)
def test_an_error_elsewhere_is_no_reason_to_refuse(text: str) -> None:
    plan = plan_of(text)

    assert plan.refusal("m", "a") is None
    assert plan.obstacles.errors == 1


def test_a_configuration_that_leaves_a_finding_out_does_so_here() -> None:
    found = traced(pdt("a", GONE))

    assert make_plan(found.project, found.lineage.builds, RuleSettings(ignore=("LM302",))).refusal("m", "a") is None


def test_a_view_of_two_models_is_refused_where_it_is_broken() -> None:
    plan = plan_of(
        {
            "one.model.lkml": 'connection: "w"\ninclude: "/*.view.lkml"\n',
            "two.model.lkml": 'connection: "w"\ninclude: "/a.view.lkml"\n',
            "a.view.lkml": pdt("a", "SELECT id FROM ${b.SQL_TABLE_NAME}"),
            "b.view.lkml": pdt("b", "SELECT 1 AS id"),
        }
    )

    assert plan.refusal("one", "a") is None
    assert plan.refusal("two", "a") is not None


def test_what_a_project_that_is_not_here_may_have_is_a_warning() -> None:
    plan = plan_of(
        {
            "manifest.lkml": HUB,
            "m.model.lkml": 'connection: "w"\ninclude: "//hub/*.view.lkml"\n'
            + pdt("a", GONE)
            + f"view: b {{ derived_table: {{ {KEPT} explore_source: none {{ column: id {{}} }} }} }}\n",
        }
    )

    assert (plan.refusal("m", "a"), plan.refusal("m", "b")) == (None, None)
    assert [
        (one.view, found.code, found.severity.value, found.hint) for one in plan.pdts for found in plan.obstacles.findings(one)
    ] == [
        ("a", "LM302", "warning", "it may be in hub, which is not here"),
        ("b", "LM402", "warning", "it may be in hub, which is not here"),
    ]


@pytest.mark.rule("R2.15")
def test_without_a_model_file_nothing_can_be_built() -> None:
    plan = plan_of({"a.view.lkml": pdt("a", "SELECT 1 AS id")})

    assert plan.invented_models == ("project",)
    assert plan.refusal("project", "a") == "no model file here: Looker has no model project; give the repository's root"
    assert plan.refusal("project", "a", allow_errors=True) is not None
