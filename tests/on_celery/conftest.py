"""A deployment of Dagster on Celery: redis, two workers and a webserver, all on loopback, and a Looker that a sandbox plays."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from dagster_lookml.pdt.sandbox import BuildScript, Sandbox, SandboxPdt, Script
from tests.assets.projects import written
from tests.graphql import ask

BIN: Final = Path(sys.executable).parent
SECONDS: Final = 90

LOOKML: Final = {
    "shop.model.lkml": 'connection: "warehouse"\ninclude: "/*.view.lkml"\n',
    **{
        f"{name}.view.lkml": (
            f"view: {name} {{\n  derived_table: {{ sql: SELECT 1 AS one FROM {source} ;;"
            " sql_trigger_value: SELECT CURRENT_DATE ;; }\n"
            "  dimension: one {}\n}\n"
        )
        for name, source in {
            "first": "raw.orders",
            "second": "${first.SQL_TABLE_NAME}",
            "third": "${second.SQL_TABLE_NAME}",
            "broken": "raw.users",
            "after_broken": "${broken.SQL_TABLE_NAME}",
            "endless": "raw.items",
        }.items()
    },
}
PDTS: Final = (
    SandboxPdt("shop", "first"),
    SandboxPdt("shop", "second", (("shop", "first"),)),
    SandboxPdt("shop", "third", (("shop", "second"),)),
    SandboxPdt("shop", "broken"),
    SandboxPdt("shop", "after_broken", (("shop", "broken"),)),
    SandboxPdt("shop", "endless"),
)
DEFINITIONS: Final = """
import os

import dagster as dg
from dagster_celery import celery_executor

from dagster_lookml import LookerResource, LookMLProject, build_looker_pdt_assets_definitions

redis = os.environ["REDIS_URL"]
defs = dg.Definitions(
    assets=build_looker_pdt_assets_definitions(project=LookMLProject(os.environ["LOOKML"]), granularity="pdt"),
    resources={
        "looker": LookerResource(
            base_url=dg.EnvVar("LOOKERSDK_BASE_URL"),
            client_id=dg.EnvVar("LOOKERSDK_CLIENT_ID"),
            client_secret=dg.EnvVar("LOOKERSDK_CLIENT_SECRET"),
        )
    },
    executor=celery_executor.configured({"broker": redis, "backend": redis}),
)
"""
SETTINGS: Final = """
telemetry: {enabled: false}
run_coordinator: {module: dagster._core.run_coordinator, class: DefaultRunCoordinator}
"""  # which needs no daemon
QUEUE: Final = "broker_url = result_backend = {url!r}\n"


class Deployment(NamedTuple):
    """Dagster as it answers, and the Looker that it calls."""

    url: str
    sandbox: Sandbox

    def ask(self, query: str, **variables: object) -> Mapping[str, Any]:
        return ask(self.url, query, **variables)

    def launch(self, *views: str) -> str:
        """Start to build some PDTs; the id of the run."""
        names = self.ask("{ repositoriesOrError { ... on RepositoryConnection { nodes { name location { name } } } } }")
        repository = names["repositoriesOrError"]["nodes"][0]
        chosen = {
            "selector": {
                "repositoryName": repository["name"],
                "repositoryLocationName": repository["location"]["name"],
                "pipelineName": "__ASSET_JOB",
                "assetSelection": [{"path": ["pdt", "shop", view]} for view in views],
            },
            "mode": "default",
        }
        launched = self.ask(
            "mutation($chosen: ExecutionParams!) { launchRun(executionParams: $chosen) { __typename"
            " ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }",
            chosen=chosen,
        )["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def run(self, run: str) -> Mapping[str, Any]:
        """Status, steps and materialized assets of a run."""
        found: Mapping[str, Any] = self.ask(
            "query($run: ID!) { runOrError(runId: $run) { ... on Run { status stepStats { stepKey status }"
            " assetMaterializations { assetKey { path } timestamp } } } }",
            run=run,
        )["runOrError"]
        return found

    def ended(self, run: str) -> Mapping[str, Any]:
        """A run when it has ended."""
        until(lambda: self.run(run)["status"] in ("SUCCESS", "FAILURE", "CANCELED"))
        return self.run(run)


def until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.2)


@pytest.fixture(scope="package")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    missing = [name for name in ("redis-server",) if shutil.which(name) is None] + [
        name for name in ("dagster_celery", "redis") if find_spec(name) is None
    ]
    if missing:
        reason = f"there is no {', no '.join(missing)}: make celery installs it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("celery")
    script = Script(
        builds=(
            BuildScript(pdt="shop/broken", outcome="error", message="no such column"),
            BuildScript(pdt="shop/endless", outcome="stuck", words=("running",)),
        )
    )
    with ExitStack() as running:
        sandbox = running.enter_context(Sandbox(PDTS, script=script, seconds=1.0))
        url = running.enter_context(_dagster_on_celery(folder, sandbox))
        yield Deployment(url, sandbox)


@contextmanager
def _dagster_on_celery(folder: Path, sandbox: Sandbox) -> Iterator[str]:
    redis, dagster = _free_port(), _free_port()
    broker = f"redis://127.0.0.1:{redis}/0"
    home = folder / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text(SETTINGS)
    (folder / "definitions.py").write_text(DEFINITIONS)
    (folder / "dagster_celery_config.py").write_text(QUEUE.format(url=broker))
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "DAGSTER_LOOKML_STATE_DIR": str(folder / "state"),
        "LOOKML": str(written(folder / "lookml", LOOKML)),
        "LOOKERSDK_BASE_URL": sandbox.url,
        "LOOKERSDK_CLIENT_ID": "id",
        "LOOKERSDK_CLIENT_SECRET": "secret-of-the-test",
        "PYTHONPATH": str(folder),
        "PYTHONWARNINGS": "ignore",
        "REDIS_URL": broker,
    }
    worker = [str(BIN / "celery"), "-A", "dagster_celery.app", "worker", "--concurrency=1", "--prefetch-multiplier=1"]
    commands = [
        ["redis-server", "--bind", "127.0.0.1", "--port", str(redis), "--save", "", "--appendonly", "no"],
        *([*worker, "-Q", "dagster", "-n", f"worker{number}@localhost"] for number in (1, 2)),
        [str(BIN / "dagster-webserver"), "-f", "definitions.py", "-h", "127.0.0.1", "-p", str(dagster)],
    ]
    with ExitStack() as running:
        for number, command in enumerate(commands):
            running.enter_context(_started(command, folder, environment, folder / f"{number}.log"))
            if number == 0:
                until(lambda: _listens(redis))
        until(lambda: _listens(dagster))
        yield f"http://127.0.0.1:{dagster}"


@contextmanager
def _started(command: list[str], folder: Path, environment: Mapping[str, str], log: Path) -> Iterator[None]:
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        ) as process,
    ):
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
