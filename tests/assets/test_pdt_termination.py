"""Runs that are ended while PDTs are built: what still runs in Looker then, whatever ends them and whatever executes them."""

# Annotations stay objects here, without the import from __future__: dagster looks at that of a context.

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Final, NamedTuple

import dagster as dg
import pytest

from dagster_lookml import build_looker_pdt_assets_definitions
from dagster_lookml.pdt.building.journal import journal_directory, known_builds
from dagster_lookml.pdt.sandbox import BuildScript, Sandbox, SandboxPdt, Script
from tests.assets.pdt_runs import CLIENT_ID, SECRET, attempts, failure, requested, run
from tests.graphql import ask

SETTINGS: Final = """
telemetry: {enabled: false}
run_coordinator: {module: dagster.core.run_coordinator, class: DefaultRunCoordinator}
"""
"""Runs begin at once, without the daemon that else takes them from a queue."""
MODELS: Final = ("in_process", "in_process_retried", "multiprocess", "multiprocess_retried")
LOCATION: Final = '''
import logging
import os
import signal

import dagster as dg

from dagster_lookml import LookerResource, RequestStartPdtBuild, build_looker_pdt_assets_definitions


def job(name):
    keys = [["pdt", name, view] for view in "abc"]
    return dg.define_asset_job(
        name,
        selection=dg.AssetSelection.assets(*keys),
        executor_def=dg.in_process_executor if name.startswith("in_process") else dg.multiprocess_executor,
        op_retry_policy=dg.RetryPolicy(max_retries=2) if name.endswith("retried") else None,
    )


class Interrupting(logging.Handler):
    """Sends a signal to its own process while Dagster records the first materialization."""

    waits = True

    def emit(self, record):
        if self.waits and "ASSET_MATERIALIZATION" in record.getMessage():
            Interrupting.waits = False
            os.kill(os.getpid(), signal.SIGTERM)


@dg.logger
def interrupting(_):
    logger = logging.Logger("interrupting")
    logger.addHandler(Interrupting())
    return logger


MODELS = ("in_process", "in_process_retried", "multiprocess", "multiprocess_retried")
defs = dg.Definitions(
    assets=[
        asset
        for model in MODELS
        for asset in build_looker_pdt_assets_definitions(
            request_start_pdt_builds=[RequestStartPdtBuild(model, view) for view in "abc"]
        )
    ],
    jobs=[job(model) for model in MODELS],
    loggers={"interrupting": interrupting},
    resources={
        "looker": LookerResource(
            base_url=dg.EnvVar("LOOKERSDK_BASE_URL"),
            client_id=dg.EnvVar("LOOKERSDK_CLIENT_ID"),
            client_secret=dg.EnvVar("LOOKERSDK_CLIENT_SECRET"),
        )
    },
)
'''
PDTS: Final = [SandboxPdt(model, view) for model in MODELS for view in "abc"]
"""Jobs of three PDTs each, of which two are built at once, named for how they run."""

EXECUTE: Final = ("-m", "dagster", "job", "execute", "-f", "definitions.py", "-j")


class Served(NamedTuple):
    """A webserver of Dagster's with the jobs, as it answers."""

    url: str

    def ask(self, query: str, **variables: object) -> Mapping[str, Any]:
        return ask(self.url, query, **variables)

    def launch(self, job: str) -> str:
        selector = {"repositoryLocationName": "definitions.py", "repositoryName": "__repository__", "pipelineName": job}
        query = """mutation($of: ExecutionParams!) { launchRun(executionParams: $of) {
            __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
        answer = self.ask(query, of={"selector": selector, "runConfigData": {}, "mode": "default"})["launchRun"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        return str(answer["run"]["runId"])

    def terminate(self, run_id: str) -> None:
        query = "mutation($id: String!) { terminateRun(runId: $id, terminatePolicy: SAFE_TERMINATE) { __typename } }"
        assert self.ask(query, id=run_id)["terminateRun"]["__typename"] == "TerminateRunSuccess"

    def status(self, run_id: str) -> str:
        query = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
        return str(self.ask(query, id=run_id)["runOrError"]["status"])


def wait_for(what: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def slow_looker() -> Iterator[Sandbox]:
    """Builds that take longer than any test."""
    with Sandbox(PDTS, seconds=3600) as found:
        yield found
        assert found.violations == ()


@pytest.fixture(scope="module")
def environment(slow_looker: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What processes of Dagster's are given: a home, and where Looker is."""
    home = tmp_path_factory.mktemp("home")
    (home / "dagster.yaml").write_text(SETTINGS)
    (home / "definitions.py").write_text(LOCATION)
    plain = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {
        **plain,
        "DAGSTER_HOME": str(home),
        "DAGSTER_LOOKML_STATE_DIR": str(home / "state"),
        "LOOKERSDK_BASE_URL": slow_looker.url,
        "LOOKERSDK_CLIENT_ID": CLIENT_ID,
        "LOOKERSDK_CLIENT_SECRET": SECRET,
    }


@contextmanager
def started(environment: Mapping[str, str], *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process with all that it starts, as long as the block lasts."""
    folder = Path(environment["DAGSTER_HOME"])
    with (folder / "output").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", *command],
            cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, number)
                except ProcessLookupError:
                    break
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    continue
            process.wait(5)


@pytest.fixture(scope="module")
def served(environment: Mapping[str, str]) -> Iterator[Served]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    found = Served(f"http://127.0.0.1:{port}")
    command = ("-m", "dagster_webserver", "-f", "definitions.py", "-h", "127.0.0.1", "-p", str(port))
    with started(environment, *command) as process:

        def answers() -> bool:
            assert process.poll() is None, (Path(environment["DAGSTER_HOME"]) / "output").read_text()[-2000:]
            try:
                return bool(found.ask("{ version }"))
            except OSError:
                return False

        wait_for(answers, 60)
        yield found


def going_on(looker: Sandbox, model: str) -> list[str]:
    return [one.view for one in looker.builds if one.model == model and one.state in ("added", "pending", "running")]


def of(looker: Sandbox, operation: str, model: str) -> list[str]:
    return sorted(str(one.view) for one in looker.requests if one.operation == operation and one.model == model)


def is_under_way(looker: Sandbox, model: str) -> bool:
    """Two builds were started, and each was looked at."""
    return of(looker, "start", model) == ["a", "b"] and {*of(looker, "check", model)} == {"a", "b"}


@pytest.mark.parametrize(
    "model", [pytest.param(name, marks=() if name == "in_process_retried" else pytest.mark.slow) for name in MODELS]
)
@pytest.mark.xdist_group("webserver")
def test_terminate_stops_what_runs_and_nothing_is_started_again(served: Served, slow_looker: Sandbox, model: str) -> None:
    run_id = served.launch(model)
    wait_for(lambda: is_under_way(slow_looker, model))
    served.terminate(run_id)
    wait_for(lambda: served.status(run_id) in ("CANCELED", "FAILURE", "SUCCESS"))

    assert served.status(run_id) == "CANCELED"
    assert of(slow_looker, "stop", model) == ["a", "b"]
    assert of(slow_looker, "start", model) == ["a", "b"]
    assert going_on(slow_looker, model) == []


@pytest.mark.parametrize(
    "job", [pytest.param(name, marks=() if name == "in_process_retried" else pytest.mark.slow) for name in MODELS]
)
def test_an_interrupt_that_comes_while_dagster_records_a_result_stops_what_runs(environment: Mapping[str, str], job: str) -> None:
    at_once = BuildScript(pdt="*/a", seconds=0)
    with Sandbox(PDTS, seconds=3600, script=Script(builds=(at_once,))) as looker:
        its = {**environment, "LOOKERSDK_BASE_URL": looker.url}
        (Path(environment["DAGSTER_HOME"]) / "run.yaml").write_text("loggers: {interrupting: {config: {}}}\n")
        with started(its, *EXECUTE, job, "-c", "run.yaml") as process:
            process.wait(30)

        assert process.returncode != 0
        assert of(looker, "start", job) == ["a", "b"]
        assert going_on(looker, job) == []
        assert of(looker, "stop", job) == ["b"]


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_signal_stops_what_runs(environment: Mapping[str, str], number: signal.Signals) -> None:
    with Sandbox(PDTS, seconds=3600) as looker:
        its = {**environment, "LOOKERSDK_BASE_URL": looker.url}
        with started(its, *EXECUTE, "in_process_retried") as process:
            wait_for(lambda: is_under_way(looker, "in_process_retried"))
            process.send_signal(number)
            process.wait(30)

        assert process.returncode != 0
        assert of(looker, "start", "in_process_retried") == of(looker, "stop", "in_process_retried") == ["a", "b"]
        assert going_on(looker, "in_process_retried") == []


@pytest.mark.slow
def test_the_status_of_the_run_alone_ends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DAGSTER_LOOKML_STATE_DIR", str(tmp_path))
    assets = build_looker_pdt_assets_definitions(request_start_pdt_builds=requested("m/a", "m/b", "m/c"))
    ended: list[dg.ExecuteInProcessResult] = []
    with Sandbox([SandboxPdt("m", view) for view in "abc"], seconds=3600) as looker, dg.instance_for_test() as instance:
        # No signal reaches a thread, and none is sent: so it is where Celery executes a step.
        thread = Thread(target=lambda: ended.append(run(assets, looker, retries=2, instance=instance)))
        thread.start()
        wait_for(lambda: is_under_way(looker, "m"))
        (record,) = instance.get_runs()
        instance.report_run_canceling(record)
        thread.join(30)

        (result,) = ended
        assert not result.success
        assert attempts(result) == 1
        assert failure(result) == (
            "the run is CANCELING: m/c: SKIPPED: interrupted: the run is CANCELING; "
            "m/a: CANCELLED: interrupted: the run is CANCELING; m/b: CANCELLED: interrupted: the run is CANCELING"
        )
        assert of(looker, "start", "m") == of(looker, "stop", "m") == ["a", "b"]
        assert going_on(looker, "m") == []


def test_a_run_that_is_ended_before_the_step_begins_starts_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DAGSTER_LOOKML_STATE_DIR", str(tmp_path))

    @dg.asset
    def before(context: dg.AssetExecutionContext) -> None:
        context.instance.report_run_canceling(context.run)

    assets = build_looker_pdt_assets_definitions(request_start_pdt_builds=requested("m/a"))
    (pdts,) = assets
    after = pdts.map_asset_specs(lambda spec: spec.replace_attributes(deps=["before"]))
    with Sandbox([SandboxPdt("m", "a")]) as looker, dg.instance_for_test() as instance:
        result = run([before, after], looker, retries=2, instance=instance)

        assert not result.success
        assert attempts(result) == 2  # that of before, and one of the step
        assert looker.calls["start"] == 0


@pytest.mark.slow
def test_after_a_kill_the_ids_are_on_record(environment: Mapping[str, str]) -> None:
    with Sandbox(PDTS, seconds=3600) as looker:
        its = {**environment, "LOOKERSDK_BASE_URL": looker.url}
        with started(its, *EXECUTE, "in_process") as process:
            wait_for(lambda: is_under_way(looker, "in_process"))
            process.kill()
            process.wait(30)

        ids = {one.view: one.id for one in looker.builds}
        journal = known_builds(journal_directory(its), looker.url.removeprefix("http://"))
        assert {one.pdt.view: one.build_id for one in journal} == ids
        with dg.DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
            for view, identity in ids.items():
                newest, *_ = instance.fetch_observations(dg.AssetKey(["pdt", "in_process", view]), limit=1).records
                assert newest.asset_observation is not None
                assert newest.asset_observation.metadata["dagster-lookml/build_id"].value == identity
