"""The PDT assets on Dagster's Celery executor, which interrupts no step that runs."""

from __future__ import annotations

import pytest

from tests.on_celery.conftest import Deployment, until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("celery")]


def test_they_are_built_in_the_order_of_their_dependencies(deployment: Deployment) -> None:
    run = deployment.ended(deployment.launch("third", "first", "second"))

    assert run["status"] == "SUCCESS"
    by_time = sorted(run["assetMaterializations"], key=lambda one: float(one["timestamp"]))
    assert [one["assetKey"]["path"][-1] for one in by_time] == ["first", "second", "third"]
    assert [table.overlaps for table in deployment.sandbox.tables] == [0] * len(deployment.sandbox.tables)


def test_one_failure_keeps_nothing_else_from_being_built(deployment: Deployment) -> None:
    run = deployment.ended(deployment.launch("broken", "after_broken", "first"))

    assert run["status"] == "FAILURE"
    assert [one["assetKey"]["path"][-1] for one in run["assetMaterializations"]] == ["first"]
    steps = {step["stepKey"].split("_shop_")[1].rpartition("_")[0]: step["status"] for step in run["stepStats"]}
    assert steps["broken"] == "FAILURE"
    assert deployment.sandbox.starts["shop", "after_broken"] == 0


def test_terminate_stops_what_runs_in_looker(deployment: Deployment) -> None:
    run = deployment.launch("endless")
    until(lambda: any(one.operation == "check" and one.view == "endless" for one in deployment.sandbox.requests))
    stops = deployment.sandbox.calls["stop"]

    deployment.ask(
        "mutation($run: String!) { terminateRun(runId: $run, terminatePolicy: SAFE_TERMINATE) { __typename } }", run=run
    )

    assert deployment.ended(run)["status"] == "CANCELED"
    until(lambda: all(build.state == "killed" for build in deployment.sandbox.builds if build.view == "endless"))
    assert deployment.sandbox.calls["stop"] == stops + 1
    assert deployment.sandbox.starts["shop", "endless"] == 1
    assert deployment.sandbox.violations == ()
