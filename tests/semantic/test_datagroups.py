"""Datagroups and caching (R11)."""

from __future__ import annotations

import pytest

from dagster_lookml.analysis.checks import check
from dagster_lookml.diagnostics import Severity
from dagster_lookml.semantic.objects import Datagroup, Model, Project
from tests.building import compiled, explore, model, rules, view

CONNECTED = 'connection: "c"\n'


def _datagroup(text: str) -> Datagroup:
    (found,) = compiled(text).models[0].datagroups
    return found


def _sql_trigger(of: Datagroup) -> str | None:
    return of.sql_trigger.value if of.sql_trigger else None


def _names(of: Model) -> list[str]:
    return [one.name for one in of.datagroups]


def _persist_with(project: Project, name: str, of: str | None = None) -> str | None:
    found = explore(project, name, of).persist_with
    return found.name if found else None


@pytest.mark.rule("R11.1")
@pytest.mark.parametrize(
    ("parameters", "sql_trigger", "interval_trigger", "max_cache_age"),
    [
        ("sql_trigger: select max(id) from etl ;;", "select max(id) from etl", None, None),
        ('interval_trigger: "24 hours"', None, "24 hours", None),
        ('max_cache_age: "12 hours"', None, None, "12 hours"),
        (
            'label: "Daily" description: "Once a day" sql_trigger: select current_date ;; max_cache_age: "25 hours"',
            "select current_date",
            None,
            "25 hours",
        ),
        ('interval_trigger: "1 hour" max_cache_age: "2 hours"', None, "1 hour", "2 hours"),
    ],
)
def test_a_datagroup_has_a_trigger_and_an_age(
    parameters: str, sql_trigger: str | None, interval_trigger: str | None, max_cache_age: str | None
) -> None:
    project = compiled(f"datagroup: daily {{ {parameters} }}\n")
    (daily,) = project.models[0].datagroups

    assert daily.name == "daily"
    assert (_sql_trigger(daily), daily.interval_trigger, daily.max_cache_age) == (sql_trigger, interval_trigger, max_cache_age)
    assert rules(project) == []


@pytest.mark.rule("R11.1")
@pytest.mark.parametrize(
    "triggers",
    [
        'sql_trigger: select 1 ;; interval_trigger: "24 hours"',
        'interval_trigger: "24 hours" sql_trigger: select 1 ;;',
    ],
)
def test_the_interval_trigger_of_a_datagroup_wins_over_its_sql_trigger(triggers: str) -> None:
    daily = _datagroup(f"datagroup: daily {{ {triggers} }}\n")

    assert daily.interval_trigger == "24 hours"
    assert _sql_trigger(daily) is None


@pytest.mark.rule("R11.1")
def test_the_sql_trigger_of_a_datagroup_is_kept_as_written() -> None:
    daily = _datagroup("datagroup: daily { sql_trigger: SELECT max(id) -- newest\n FROM `p.d.etl` ;; }\n")

    assert _sql_trigger(daily) == "SELECT max(id) -- newest\n FROM `p.d.etl`"


@pytest.mark.rule("R11.3")
def test_one_name_may_mean_different_datagroups_in_different_models() -> None:
    project = compiled(
        {
            "a.model.lkml": CONNECTED + 'datagroup: daily { max_cache_age: "1 hour" }\n',
            "b.model.lkml": CONNECTED + 'datagroup: daily { max_cache_age: "2 hours" }\n',
            "c.model.lkml": CONNECTED,
        }
    )

    assert [[one.max_cache_age for one in found.datagroups] for found in project.models] == [["1 hour"], ["2 hours"], []]


@pytest.mark.rule("R11.3")
@pytest.mark.rule("R3.8")
def test_models_share_a_datagroup_by_including_its_file() -> None:
    project = compiled(
        {
            "a.model.lkml": CONNECTED + 'include: "/daily.datagroup"\npersist_with: daily\n',
            "b.model.lkml": CONNECTED + 'include: "/daily.datagroup"\npersist_with: daily\n',
            "daily.datagroup.lkml": 'datagroup: daily { max_cache_age: "24 hours" }\n',
        }
    )

    assert [_names(one) for one in project.models] == [["daily"], ["daily"]]
    assert rules(project) == []


USES = {
    "persist_with of a model": "persist_with: daily",
    "persist_with of an explore": "explore: orders { persist_with: daily }",
    "trigger of a SQL derived table": "view: t { derived_table: { sql: select 1 ;; datagroup_trigger: daily } }",
    "trigger of a native derived table": (
        "view: t { derived_table: { explore_source: orders { column: id {} } datagroup_trigger: daily } }\nexplore: orders {}"
    ),
    "trigger of an aggregate table": (
        "explore: orders { aggregate_table: t { query: { dimensions: [id] } materialization: { datagroup_trigger: daily } } }"
    ),
}


@pytest.mark.rule("R11.3")
@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_a_datagroup_of_the_model_can_be_named(use: str) -> None:
    project = compiled(
        f'datagroup: daily {{ max_cache_age: "1 hour" sql_trigger: select 1 ;; }}\nview: orders {{ dimension: id {{}} }}\n{use}\n'
    )

    assert rules(project) == []


@pytest.mark.rule("R11.3")
@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_a_datagroup_that_the_model_does_not_have_is_an_error(use: str) -> None:
    project = compiled(
        {
            "m.model.lkml": f"{CONNECTED}view: orders {{ dimension: id {{}} }}\n{use}\n",
            "other.model.lkml": CONNECTED + 'datagroup: daily { max_cache_age: "1 hour" sql_trigger: select 1 ;; }\n',
        }
    )

    assert [(one.rule, one.severity, one.file, one.line) for one in check(project, asked=())] == [
        ("unknown-datagroup", Severity.ERROR, "m.model.lkml", 3)
    ]


@pytest.mark.rule("R11.3")
def test_a_persistent_table_names_the_datagroup_that_triggers_it() -> None:
    project = compiled("datagroup: daily { sql_trigger: select 1 ;; }\n" + USES["trigger of a SQL derived table"])
    table = view(project, "t").derived_table

    assert table is not None
    assert table.persistence is not None
    assert (table.persistence.kind, table.persistence.value) == ("datagroup_trigger", "daily")


@pytest.mark.rule("R11.4")
def test_an_explore_caches_as_it_says_itself() -> None:
    project = compiled(
        """persist_with: daily
        datagroup: daily { max_cache_age: "24 hours" }
        datagroup: hourly { max_cache_age: "1 hour" }
        view: a {}
        explore: own { view_name: a persist_with: hourly }
        explore: for_a_time { view_name: a persist_for: "5 minutes" }
        explore: silent { view_name: a }
        """
    )

    assert [_persist_with(project, name) for name in ("own", "for_a_time", "silent")] == ["hourly", None, None]
    assert explore(project, "for_a_time").properties == (("persist_for", "5 minutes"),)
    assert project.models[0].persist_with is not None
    assert project.models[0].persist_with.name == "daily"


CACHED = """datagroup: daily { max_cache_age: "24 hours" }
datagroup: hourly { max_cache_age: "1 hour" }
view: a {}
explore: base { view_name: a persist_with: daily }
"""


@pytest.mark.rule("R11.4")
@pytest.mark.parametrize(
    ("text", "persist_with"),
    [
        ("explore: kid { extends: [base] }", "daily"),
        ("explore: kid { extends: [base] persist_with: hourly }", "hourly"),
        ("explore: kid { extends: [base] }\nexplore: +kid { persist_with: hourly }", "hourly"),
        ("explore: kid { extends: [base] }\nexplore: +base { persist_with: hourly }", "hourly"),
    ],
)
def test_caching_is_inherited_and_refined_like_any_parameter(text: str, persist_with: str) -> None:
    project = compiled(CACHED + text)

    assert _persist_with(project, "kid") == persist_with
    assert rules(project) == []


@pytest.mark.rule("R11.4")
def test_a_refinement_of_caching_counts_in_its_own_model_alone() -> None:
    project = compiled(
        {
            "a.model.lkml": CONNECTED + 'include: "/base.lkml"\n',
            "b.model.lkml": CONNECTED + 'include: "/base.lkml"\nexplore: +base { persist_with: hourly }\n',
            "base.lkml": CACHED,
        }
    )

    assert [_persist_with(project, "base", of) for of in ("a", "b")] == ["daily", "hourly"]


@pytest.mark.rule("R11.5")
def test_a_view_file_may_bring_a_datagroup_into_a_model() -> None:
    project = compiled(
        {
            "a.model.lkml": CONNECTED + 'include: "/views/orders.view"\n',
            "b.model.lkml": CONNECTED,
            "views/orders.view.lkml": """include: "/datagroups/orders.datagroup.lkml"
                view: orders { derived_table: { sql: select 1 ;; datagroup_trigger: orders_changed } }
            """,
            "datagroups/orders.datagroup.lkml": "datagroup: orders_changed { sql_trigger: select max(id) from orders ;; }",
        }
    )

    assert _names(model(project, "a")) == ["orders_changed"]
    assert _names(model(project, "b")) == []
    assert rules(project) == []
