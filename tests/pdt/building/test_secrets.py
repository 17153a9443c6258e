"""No secret is in anything that a run writes, shows or tells, whatever goes wrong (PDT-R18)."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from dagster_lookml.pdt.sandbox import Alter, BuildScript, Credentials, Fault, Reset, Respond, Revoke, Sandbox, SandboxPdt, Script
from dagster_lookml.pdt.sandbox.tokens import Tokens
from tests.pdt.answering import ONE_BUILD, Answering, answer
from tests.pdt.test_build_cli import ENOUGH, environment

KEY = 's3cr3t/with %41+&="quotes"\'and-more'
PASSWORD = "pr0xy-p4ssw0rd"
PROGRAM = """
import logging, os, sys
logging.basicConfig(level=logging.DEBUG, filename=sys.argv.pop(1))
if "BREAKS" in os.environ:
    whole = sys.stderr.write
    def write(text):
        if " ended " in text:
            sys.stderr.write = whole
            raise ValueError("a stream that nobody expected")
        return whole(text)
    sys.stderr.write = write
from dagster_lookml.__main__ import main
main()
"""
"""The command line, with everything that any library logs written to a file."""


class RememberingTokens(Tokens):
    """Which remember what they gave."""

    given: list[str]

    def issue(self, client_id: str, client_secret: str) -> str | None:
        token = super().issue(client_id, client_secret)
        if token is not None:
            self.given.append(token)
        return token


def remembered(sandbox: Sandbox) -> list[str]:
    """The tokens that a sandbox gives from now on."""
    tokens = sandbox._service._tokens
    tokens.__class__ = RememberingTokens
    assert isinstance(tokens, RememberingTokens)
    tokens.given = []
    return tokens.given


class Processes:
    """What the list of processes shows of a program and its children while it runs: arguments, and no environment."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.shown = b""
        self._process = process
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while self._process.poll() is None:
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = file.read_bytes()
                except OSError:
                    continue
                if line not in self.shown:
                    self.shown += line
            threading.Event().wait(0.05)

    def join(self) -> bytes:
        self._thread.join()
        return self.shown


def run(tmp_path: Path, url: str, name: str, stdout: Any = subprocess.PIPE, **more: str) -> tuple[int, dict[str, bytes]]:
    """Build `sales/orders`; the exit code, and everything that came of it, by where it was found."""
    log, record = tmp_path / f"{name}.log", tmp_path / f"{name}.jsonl"
    arguments = ("pdt", "build", str(tmp_path / "repo"), "sales/orders", "--record", str(record), "--timeout", "8s")
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(log), *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment(url) | {"LOOKERSDK_CLIENT_SECRET": KEY, "DAGSTER_LOOKML_TRACEBACK": "1"} | more,
    )
    processes = Processes(process)
    out, err = process.communicate(timeout=ENOUGH)
    found = {"stdout": out or b"", "stderr": err, "processes": processes.join(), "log": log.read_bytes()}
    found |= {str(file): file.read_bytes() for file in (tmp_path / "state").rglob("*") if file.is_file()}
    if record.exists():
        found["record"] = record.read_bytes()
    return process.returncode, found


def leaks(found: dict[str, bytes], secrets: list[str]) -> list[tuple[str, str]]:
    spelled = {spelling for secret in secrets for spelling in (secret, quote(secret), quote(secret, safe=""), repr(secret)[1:-1])}
    return [(where, secret) for where, text in found.items() for secret in spelled if secret.encode() in text]


@pytest.mark.slow
def test_no_secret_is_in_anything_that_a_run_leaves(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "sales.model.lkml").write_text(
        'connection: "w"\nview: orders { derived_table: { sql: SELECT 1 AS id ;; persist_for: "1 hour" } dimension: id {} }\n'
    )
    echo = f'{{"message": "client_secret={KEY.replace(chr(34), "")}", "documentation_url": "https://me:{PASSWORD}@x/"}}'
    faults = (
        Fault("login", Respond(503, text=f"<html>{KEY}</html>", content_type="text/html")),
        Fault("start", Respond(429)),
        Fault("start", Revoke(), nth=2),
        Fault("check", Reset(), nth=2),
        Fault("check", Respond(500, text=f'{{"message": "https://me:{PASSWORD}@host and {KEY[:8]}"}}'), nth=3),
        Fault("check", Alter(resp_text=f"Authorization: Bearer abcdefghijklmnop {KEY} https://me:{PASSWORD}@host"), nth="4-"),
        Fault("stop", Respond(400, text=echo, content_type="application/json"), nth="all"),
    )
    script = Script(faults=faults, builds=(BuildScript(seconds=3600),))
    with Sandbox([SandboxPdt("sales", "orders")], script=script, credentials=Credentials("the-id", KEY)) as sandbox:
        tokens = remembered(sandbox)
        code, found = run(tmp_path, sandbox.url, "faults")

    assert (code, len(tokens)) == (5, 2)
    assert set(found) >= {"stdout", "stderr", "log", "record", "processes"}
    assert b"START" in found["log"].upper()
    assert b"/api/4.0/derived_table/sales/orders/start" in found["log"]  # so that it is the log of libraries
    assert b"dagster_lookml" in found["processes"] or b"pdt" in found["processes"]
    assert leaks(found, [KEY, PASSWORD, "abcdefghijklmnop", *tokens]) == []


@pytest.mark.slow
def test_no_secret_is_in_the_traceback_of_what_nobody_expected(tmp_path: Path) -> None:
    """A proxy with a password, a token that no header can hold, and a stream that fails as none should."""
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "sales.model.lkml").write_text(
        'connection: "w"\nview: orders { derived_table: { sql: SELECT 1 AS id ;; persist_for: "1 hour" } dimension: id {} }\n'
    )
    bad_token = answer('{"access_token": "t0k3n-that\\nbreaks-headers", "expires_in": 3600}')
    with Answering([bad_token, *ONE_BUILD]) as proxy:
        with_password = proxy.url.replace("//", f"//me:{PASSWORD}@")
        code, found = run(tmp_path, "http://looker.invalid", "proxy", HTTP_PROXY=with_password, BREAKS="yes")

    assert code not in (0, 2)
    assert b"Traceback" in found["stderr"]
    assert b"a stream that nobody expected" in found["stderr"]
    assert leaks(found, [KEY, PASSWORD, "breaks-headers", "t0k3n-t0k3n-t0k3n"]) == []


def test_no_secret_is_in_the_errors_of_settings(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "sales.model.lkml").write_text(
        'connection: "w"\nview: orders { derived_table: { sql: SELECT 1 AS id ;; persist_for: "1 hour" } dimension: id {} }\n'
    )
    code, found = run(tmp_path, f"https://me:{PASSWORD}/x@acme.looker.com", "settings")

    assert code == 2
    assert b"holds a user or a password" in found["stderr"]
    assert leaks({where: text for where, text in found.items() if where != "processes"}, [KEY, PASSWORD]) == []
