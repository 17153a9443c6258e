"""``dagster-lookml sandbox``, run as a program."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from dagster_lookml.pdt.sandbox import DISCLAIMER


def derived(name: str, sql: str, persistence: str = 'persist_for: "1 hour"') -> str:
    return f"view: {name} {{\n  derived_table: {{ sql: {sql} ;; {persistence} }}\n  dimension: id {{}}\n}}\n"


REPO = {
    "sales.model.lkml": 'connection: "w"\ninclude: "*.view"\n',
    "orders.view.lkml": derived("orders", "SELECT 1 AS id"),
    "recent.view.lkml": derived("recent", "SELECT * FROM ${orders.SQL_TABLE_NAME}", ""),
    "totals.view.lkml": derived("totals", "SELECT id FROM ${recent.SQL_TABLE_NAME}"),
    "plain.view.lkml": "view: plain {\n  dimension: id {}\n}\n",
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    for name, text in REPO.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "dagster_lookml", "sandbox", *map(str, arguments)]


@contextmanager
def running(
    *arguments: str | Path, environment: dict[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """The process, the address that it printed, and the greeting."""
    process = subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    try:
        greeting = ""
        while "Ctrl-C" not in greeting and (line := process.stdout.readline()):
            greeting += line
        yield process, greeting.partition("\n")[0].rpartition(" ")[2], greeting
    finally:
        process.kill()
        process.communicate()


def login(url: str, client_id: str = "any", client_secret: str = "any") -> requests.Response:
    key = {"client_id": client_id, "client_secret": client_secret}
    return requests.post(f"{url}/api/4.0/login", data=key, timeout=10)


def start(url: str, pdt: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {login(url).json()['access_token']}"}
    return requests.get(f"{url}/api/4.0/derived_table/{pdt}/start", headers=headers, timeout=10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_interrupted(repo: Path, number: signal.Signals) -> None:
    with running(repo) as (process, url, greeting):
        assert f"Looker sandbox with 2 PDTs of {repo.name}" in greeting
        assert DISCLAIMER in greeting
        assert f"export LOOKERSDK_BASE_URL={url}\n" in greeting
        answers = [start(url, pdt) for pdt in ("sales/totals", "sales/recent", "sales/plain")]
        process.send_signal(number)
        asked = time.monotonic()

        assert [answer.status_code for answer in answers] == [200, 400, 404]
        assert process.wait(10) == 0
        assert time.monotonic() - asked < 5
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_one_pdt_is_one_pdt(tmp_path: Path) -> None:
    (tmp_path / "sales.model.lkml").write_text(REPO["sales.model.lkml"])
    (tmp_path / "orders.view.lkml").write_text(REPO["orders.view.lkml"])
    with running(tmp_path) as (_, _, greeting):
        assert f"Looker sandbox with 1 PDT of {tmp_path.name}" in greeting


def test_it_knows_what_reads_what(repo: Path) -> None:
    with running(repo) as (_, url, _):
        tables = requests.get(f"{url}/sandbox/state", timeout=10).json()["tables"]

    assert [(one["view"], one["persistent"], one["upstream"]) for one in tables] == [
        ("orders", True, []),
        ("recent", False, []),
        ("totals", True, [["sales", "orders"]]),
    ]


def test_it_obeys_its_options_and_tells_requests_if_asked(repo: Path) -> None:
    (repo / "faults.toml").write_text('[[faults]]\noperation = "start"\naction = {do = "respond", status = 429}\n')
    options = ("--seconds", "0", "--builders", "1", "--log", "--json", "--script", repo / "faults.toml")
    process = subprocess.Popen(command(repo, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        greeting = json.loads(process.stdout.readline())
        statuses = [start(greeting["url"], "sales/orders").status_code for _ in range(2)]
        state = requests.get(f"{greeting['url']}/sandbox/state", timeout=10).json()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()

    assert (greeting["project"], greeting["pdts"], greeting["pid"]) == (repo.name, 2, process.pid)
    assert statuses == [429, 200]
    assert [build["state"] for build in state["builds"]] == ["complete"]
    said = [line.split("s ", 1)[1] for line in errors.splitlines()]
    assert [re.sub("build-[0-9a-f]{4}-", "build-", line) for line in said] == [
        "login 200",
        "start sales/orders 429 (script: respond)",
        "login 200",
        "start sales/orders build-1 200 added",
    ]


def test_it_may_accept_one_key_only(repo: Path) -> None:
    with running(repo, "--client-id", "me", environment={"LOOKERSDK_CLIENT_SECRET": "hush"}) as (_, url, greeting):
        assert [login(url, *key).status_code for key in (("me", "hush"), ("me", "any"))] == [200, 404]
        assert "hush" not in greeting
        assert "LOOKERSDK_CLIENT_ID=me" in greeting


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--client-id", "me"), "needs the secret that goes with it in $LOOKERSDK_CLIENT_SECRET"),
        (("--script", "nothing.toml"), "nothing.toml: No such file"),
        (("--port", "99999"), "99999 is not in the range"),
        (("--builders", "0"), "0 is not in the range"),
    ],
)
def test_what_cannot_run_is_told(repo: Path, arguments: tuple[str, ...], message: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOOKERSDK_")}
    done = subprocess.run(command(repo, *arguments), capture_output=True, text=True, check=False, env=environment, timeout=60)

    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_a_taken_port_is_told(repo: Path) -> None:
    with running(repo) as (_, url, _):
        port = url.rpartition(":")[2]
        done = subprocess.run(command(repo, "--port", port), capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, f"port {port} of 127.0.0.1: Address already in use" in done.stderr) == (2, True)


def test_help_lists_what_is_assumed() -> None:
    done = subprocess.run(command("--help"), capture_output=True, text=True, check=True, timeout=60)

    assert all(f"\n  U{number} " in done.stdout for number in range(1, 17))
