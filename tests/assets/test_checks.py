"""Findings as asset checks, run by Dagster."""

from __future__ import annotations

import re
from pathlib import Path

import dagster as dg
import pytest

from dagster_lookml import LookerFilter, LookMLProject, build_looker_asset_checks, load_looker_asset_specs
from dagster_lookml.rules import RULES
from tests.assets.projects import written
from tests.assets.test_specs import SHOP, Prefixed
from tests.corpora import FIXTURES

BROKEN = LookMLProject(FIXTURES / "projects" / "broken")


def definitions(project: LookMLProject) -> dg.Definitions:
    return dg.Definitions(assets=load_looker_asset_specs(project), asset_checks=build_looker_asset_checks(project))


def results(project: LookMLProject, **options: object) -> dict[str, dg.AssetCheckEvaluation]:
    """What every check of a project finds, by the key of its asset, when Dagster runs them."""
    checks = build_looker_asset_checks(project, **options)  # type: ignore[arg-type]
    selection = dg.AssetSelection.checks(*checks)
    job = dg.define_asset_job("check", selection=selection)
    defined = dg.Definitions(assets=load_looker_asset_specs(project, **options), asset_checks=checks, jobs=[job])  # type: ignore[arg-type]
    done = defined.resolve_job_def("check").execute_in_process()
    assert done.success
    return {one.asset_key.to_user_string(): one for one in done.get_asset_check_evaluations()}


def test_what_is_broken_fails_and_says_where() -> None:
    found = results(BROKEN)
    explore = found["explore/shop/orders"]

    assert not explore.passed
    assert explore.severity == dg.AssetCheckSeverity.ERROR
    assert explore.description == "1 error"
    assert explore.metadata["findings"].value == (
        "- `explores.explore.lkml:4` **error** LM310 unknown-field: there is no field `user` in the view `orders`"
        " (did you mean user\\_id?)"
    )
    assert explore.metadata["errors"].value == 1


def test_a_fault_of_a_file_is_one_of_every_view_in_it() -> None:
    found = results(BROKEN)

    assert "LM105" in str(found["view/orders"].metadata["findings"].value)
    assert found["view/users"].passed
    assert found["view/users"].description == "nothing is wrong"
    assert set(found) == {"view/orders", "view/users", "explore/shop/orders", "dashboard/shop/sales"}


def test_a_warning_warns(tmp_path: Path) -> None:
    view = "view: orders { sql_table_name: s.t ;; dimension: id { sql: ${TABLE}.id ;; drill_fields: [nothing] } }"
    found = results(LookMLProject(written(tmp_path, {"orders.view.lkml": view})))["view/orders"]

    assert (found.passed, found.severity, found.description) == (False, dg.AssetCheckSeverity.WARN, "1 warning")


def test_rules_of_the_configuration_count(tmp_path: Path) -> None:
    view = "view: orders { sql_table_name: s.t ;; dimension: id { sql: ${TABLE}.id ;; drill_fields: [nothing] } }"
    config = '[rules]\nignore = ["unknown-drill-field"]\n'
    root = written(tmp_path, {"orders.view.lkml": view, "dagster-lookml.toml": config})

    assert results(LookMLProject(root))["view/orders"].passed


def test_what_the_lineage_shows_of_the_sql_is_found_too(tmp_path: Path) -> None:
    table = "derived_table: { sql: SELECT id FROM shop.orders ;; }"
    view = f"view: orders {{ {table} dimension: id {{ sql: ${{TABLE}}.id ;; }} dimension: at {{ sql: ${{TABLE}}.made_at ;; }} }}"
    root = written(
        tmp_path, {"orders.view.lkml": view, "shop.model.lkml": 'include: "*.view"\nconnection: "c"\nexplore: orders {}\n'}
    )

    assert failing(LookMLProject(root))["view/orders"] == RULES["unknown-column"].code


def test_keys_and_filter_are_those_of_the_specs(tmp_path: Path) -> None:
    project = LookMLProject(written(tmp_path, SHOP))
    found = results(project, dagster_looker_translator=Prefixed(), looker_filter=LookerFilter(explores=["orders"]))

    assert set(found) == {"looker/dashboard/m/kpis", "looker/explore/m/orders", "looker/view/orders"}


def test_one_check_can_be_run_by_itself() -> None:
    defined = definitions(BROKEN)
    key = dg.AssetCheckKey(dg.AssetKey(["view", "users"]), "lookml")
    job = dg.define_asset_job("one", selection=dg.AssetSelection.checks(key))
    done = dg.Definitions.merge(defined, dg.Definitions(jobs=[job])).resolve_job_def("one").execute_in_process()

    assert [one.asset_check_key for one in done.get_asset_check_evaluations()] == [key]


def test_two_assets_that_dagster_would_name_alike_have_their_checks(tmp_path: Path) -> None:
    files = {
        "sales.model.lkml": 'connection: "c"\ninclude: "/one/*.view"\n',
        "other.model.lkml": 'connection: "c"\ninclude: "/two/*.view"\n',
        "one/orders.view.lkml": "view: orders { sql_table_name: a.t ;; dimension: x {} }",
        "two/orders.view.lkml": "view: orders { sql_table_name: b.t ;; dimension: x {} }",
        "one/more.view.lkml": "view: sales__orders { sql_table_name: c.t ;; dimension: x {} }",
    }
    found = results(LookMLProject(written(tmp_path, files)))

    assert {"view/sales/orders", "view/sales__orders", "view/other/orders"} == set(found)


def test_checks_of_two_projects_of_one_name_load_together(tmp_path: Path) -> None:
    one = LookMLProject(
        written(tmp_path / "one" / "lookml", {"a.view.lkml": "view: a { sql_table_name: s.t ;; dimension: x {} }"})
    )
    two = LookMLProject(
        written(tmp_path / "two" / "lookml", {"b.view.lkml": "view: b { sql_table_name: s.t ;; dimension: x {} }"})
    )
    graph = dg.Definitions.merge(definitions(one), definitions(two)).resolve_asset_graph()

    assert {key.asset_key.to_user_string() for key in graph.asset_check_keys} == {"view/a", "view/b"}


@pytest.mark.parametrize("count", [0, 1, 250, 251])
def test_however_many_there_are_each_has_one(tmp_path: Path, count: int) -> None:
    files = {f"v{number}.view.lkml": f"view: v{number} {{ sql_table_name: s.t ;; dimension: x {{}} }}" for number in range(count)}
    project = LookMLProject(written(tmp_path, files))

    assert len(definitions(project).resolve_asset_graph().asset_check_keys) == count


# -- on which asset --------------------------------------------------------------------------------------------------------

TWO_MODELS = {
    "aaa.model.lkml": 'connection: "c"\ninclude: "/views/orders.view"\nexplore: orders {}\n',
    "bbb.model.lkml": 'connection: "c"\ninclude: "/views/*.view"\ninclude: "/layers/*"\nexplore: orders {}\n',
    "views/orders.view.lkml": "view: orders {\n  sql_table_name: s.t ;;\n  measure: total { type: sum sql: ${nope} ;; }\n}\n",
    "layers/more.lkml": "view: +orders {\n  dimension: x { tpye: string sql: ${TABLE}.x ;; }\n}\n",
}


def failing(project: LookMLProject, **options: object) -> dict[str, str]:
    """The checks that do not pass, with the codes of what they find."""
    return {
        key: " ".join(sorted(set(re.findall(r"LM\d+", str(one.metadata["findings"].value)))))
        for key, one in results(project, **options).items()
        if not one.passed
    }


def test_an_error_of_a_view_is_on_the_view_whichever_explore_met_it(tmp_path: Path) -> None:
    found = failing(LookMLProject(written(tmp_path, TWO_MODELS)))

    assert found["view/aaa/orders"] == "LM310"
    assert failing(LookMLProject(tmp_path), looker_filter=LookerFilter(models=["bbb"]))["view/bbb/orders"] == "LM127 LM310"


def test_a_finding_in_a_refinement_is_on_the_views_that_it_refines(tmp_path: Path) -> None:
    found = failing(LookMLProject(written(tmp_path, TWO_MODELS)))

    assert "LM127" in found["view/bbb/orders"]
    assert "LM127" not in found["view/aaa/orders"]


def test_a_finding_is_on_the_view_in_which_it_stands_and_on_no_other_of_the_file(tmp_path: Path) -> None:
    views = "".join(
        f"view: {name} {{\n  sql_table_name: s.t ;;\n  dimension: x {{ {key}: string }}\n}}\n"
        for name, key in (("one", "tpye"), ("two", "type"), ("three", "type"))
    )

    assert failing(LookMLProject(written(tmp_path, {"many.view.lkml": views}))) == {"view/one": "LM127"}


def test_an_error_where_nothing_is_declared_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    view = "view: a { sql_table_name: s.t ;; dimension: x {} }"
    project = LookMLProject(written(tmp_path, {"a.view.lkml": view, "trash.view.lkml": "nothing but text\n"}))
    build_looker_asset_checks(project)

    assert "trash.view.lkml:1: LM101 syntax-error" in caplog.text
    assert "on no asset, for none is declared there" in caplog.text
