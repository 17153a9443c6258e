"""``dagster-lookml pdt build``, ``status``, ``wait`` and ``stop``, run as programs against a sandbox in this process."""

from __future__ import annotations

import json
import os
import pty
import select
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from time import monotonic
from typing import Any

import jsonschema
import pytest

from dagster_lookml.pdt.building.journal import known_builds
from dagster_lookml.pdt.sandbox import (
    BuildScript,
    Credentials,
    Drop,
    Fault,
    Hang,
    Reset,
    Respond,
    Sandbox,
    SandboxPdt,
    Script,
    SteppedClock,
)
from dagster_lookml.pdt.sandbox.records import Request
from tests.pdt.answering import closed_port
from tests.pdt.simulated import SECRET

REPO = {
    "sales.model.lkml": 'connection: "w"\ninclude: "*.view"\n',
    "orders.view.lkml": 'view: orders { derived_table: { sql: SELECT 1 AS id ;; persist_for: "1 hour" } dimension: id {} }\n',
    "totals.view.lkml": (
        "view: totals { derived_table: { sql: SELECT id FROM ${orders.SQL_TABLE_NAME} ;;"
        ' persist_for: "1 hour" } dimension: id {} }\n'
    ),
    "other.view.lkml": 'view: other { derived_table: { sql: SELECT 2 AS id ;; persist_for: "1 hour" } dimension: id {} }\n',
    "recent.view.lkml": "view: recent { derived_table: { sql: SELECT 3 AS id ;; } dimension: id {} }\n",
}
PDTS = (
    SandboxPdt("sales", "orders"),
    SandboxPdt("sales", "totals", (("sales", "orders"),)),
    SandboxPdt("sales", "other"),
    SandboxPdt("sales", "recent", persistent=False),
)
ENOUGH = 60.0
LONG = BuildScript(seconds=3600)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    directory = tmp_path / "repo"
    directory.mkdir()
    for name, text in REPO.items():
        (directory / name).write_text(text)
    return directory


class Watched:
    """A sandbox, and what it saw."""

    def __init__(self, sandbox: Sandbox, changed: threading.Condition) -> None:
        self.sandbox = sandbox
        self._changed = changed

    def wait_for(self, what: Callable[[Sandbox], bool]) -> None:
        """Wait until something is so; requests tell when to look."""
        with self._changed:
            assert self._changed.wait_for(lambda: what(self.sandbox), ENOUGH), self.sandbox.requests

    def wait_for_call(self, operation: Any, number: int = 1) -> None:
        self.wait_for(lambda sandbox: sandbox.calls[operation] >= number)


@contextmanager
def looker(*faults: Fault, builds: tuple[BuildScript, ...] = (), seconds: float = 0.0, **options: Any) -> Iterator[Watched]:
    """A sandbox in real time, whose tables take none unless said otherwise."""
    changed = threading.Condition()

    def log(request: Request) -> None:
        with changed:
            changed.notify_all()

    with Sandbox(PDTS, script=Script(faults=faults, builds=builds), seconds=seconds, log=log, **options) as sandbox:
        yield Watched(sandbox, changed)
        assert sandbox.violations == ()


def environment(url: str | None, **more: str) -> dict[str, str]:
    found = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200", "TERM": "xterm", **more}
    if url is not None:
        found |= {"LOOKERSDK_BASE_URL": url, "LOOKERSDK_CLIENT_ID": "the-id", "LOOKERSDK_CLIENT_SECRET": SECRET}
    return found


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "dagster_lookml", "pdt", *map(str, arguments)]


def run(url: str | None, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False, timeout=ENOUGH, env=environment(url, **more)
    )


@contextmanager
def running(url: str, *arguments: str | Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    # What runs the tests may ignore SIGHUP, as nohup does; this process does not.
    pipes["preexec_fn"] = lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)
    with subprocess.Popen(command(*arguments), text=True, env=environment(url), **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def answer(done: subprocess.CompletedProcess[str] | str, schema: str = "builds") -> list[dict[str, Any]]:
    """What was printed, which is as the schema promises."""
    said = json.loads(done if isinstance(done, str) else done.stdout)
    text = (files("dagster_lookml") / "schemas" / f"{schema}.schema.json").read_text("utf-8")
    jsonschema.validate(said, json.loads(text), format_checker=jsonschema.FormatChecker())
    found: list[dict[str, Any]] = said["starts" if schema == "dry-run" else "builds"]
    return found


def states(done: subprocess.CompletedProcess[str] | str) -> dict[str, str]:
    return {f"{one['model']}/{one['view']}": one["state"] for one in answer(done)}


# -- exit codes --------------------------------------------------------------------------------------------------------


def test_everything_built_is_0(repo: Path) -> None:
    with looker() as watched:
        done = run(watched.sandbox.url, "build", repo, "pdt:*", "--json")

        assert (done.returncode, states(done)) == (
            0,
            {"sales/orders": "SUCCEEDED", "sales/totals": "SUCCEEDED", "sales/other": "SUCCEEDED"},
        )
        started = [one.view for one in watched.sandbox.requests if one.operation == "start"]
        assert started.index("orders") < started.index("totals")
        assert all(one.source == "dagster-lookml" for one in watched.sandbox.builds)
    assert "started sales/orders state=QUEUED id=build-" in done.stderr
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.slow
def test_text_for_people_sums_up(repo: Path) -> None:
    with looker(builds=(BuildScript(pdt="sales/orders", outcome="error", message="no schema"),)) as watched:
        done = run(watched.sandbox.url, "build", repo, "pdt:*")

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert any(line.startswith("FAILED           sales/orders") and line.endswith("no schema") for line in lines)
    assert any(line.startswith("SKIPPED          sales/totals") and "it reads sales/orders" in line for line in lines)
    assert lines[-1] == "built 1 of 3 PDTs, 1 failed, 1 skipped"


@pytest.mark.parametrize(
    ("code", "state", "faults", "script", "options"),
    [
        pytest.param(1, "FAILED", (), BuildScript(outcome="error"), (), id="failed"),
        pytest.param(1, "CANCELLED", (), BuildScript(outcome="killed"), (), id="killed", marks=pytest.mark.slow),
        pytest.param(
            3, "START_FAILED", (Fault("start", Respond(403)),), BuildScript(), (), id="not permitted", marks=pytest.mark.slow
        ),
        pytest.param(3, "START_FAILED", (Fault("login", Respond(404)),), BuildScript(), (), id="no such key"),
        pytest.param(4, "START_AMBIGUOUS", (Fault("start", Reset()),), BuildScript(), (), id="ambiguous"),
        pytest.param(5, "TIMED_OUT", (), LONG, ("--timeout", "1s"), id="too long"),
    ],
)
def test_what_became_of_builds_is_told_by_the_exit_code(
    repo: Path, code: int, state: str, faults: tuple[Fault, ...], script: BuildScript, options: tuple[str, ...]
) -> None:
    with looker(*faults, builds=(script,)) as watched:
        done = run(watched.sandbox.url, "build", repo, "sales/other", "--format", "json", *options)

        assert (done.returncode, states(done)) == (code, {"sales/other": state})
        assert all(one.state not in ("added", "pending", "running") for one in watched.sandbox.builds)


@pytest.mark.slow
def test_a_looker_that_is_not_there_is_4(repo: Path) -> None:
    done = run(f"http://127.0.0.1:{closed_port()}", "stop", "build-1", "--json")
    assert done.returncode == 4
    assert answer(done)[0]["stopped"] is False


def test_an_ephemeral_view_is_refused_before_any_call(repo: Path) -> None:
    with looker() as watched:
        done = run(watched.sandbox.url, "build", repo, "sales/recent")

        assert watched.sandbox.requests == ()
    assert (done.returncode, done.stdout) == (2, "")
    assert "recent.view.lkml:1" in done.stderr
    assert "not persistent" in done.stderr


@pytest.mark.parametrize("selector", ["sales/order", "nothing/orders"])
def test_a_name_that_is_none_is_refused_before_any_call(repo: Path, selector: str) -> None:
    with looker() as watched:
        done = run(watched.sandbox.url, "build", repo, selector)

        assert watched.sandbox.requests == ()
    assert (done.returncode, done.stdout) == (2, "")
    assert selector.partition("/")[2] in done.stderr


def test_without_credentials_nothing_can_run(repo: Path) -> None:
    done = run(None, "build", repo, "sales/orders")

    assert (done.returncode, done.stdout) == (2, "")
    assert "LOOKERSDK_BASE_URL, LOOKERSDK_CLIENT_ID, LOOKERSDK_CLIENT_SECRET: not set" in done.stderr


def test_nothing_selected_is_asked_back(repo: Path) -> None:
    done = run("http://127.0.0.1:1", "build", repo)

    assert done.returncode == 2
    assert "say what to build" in done.stderr


@pytest.mark.slow
def test_wrong_credentials_are_3_and_not_shown(repo: Path) -> None:
    with looker(credentials=Credentials("another", "key")) as watched:
        done = run(watched.sandbox.url, "build", repo, "pdt:*", "--json")

        assert watched.sandbox.calls["login"] <= 2
    assert done.returncode == 3
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.slow
def test_an_ini_file_is_enough(repo: Path, tmp_path: Path) -> None:
    with looker(credentials=Credentials("the-id", "50%-" + SECRET)) as watched:
        ini = tmp_path / "my.ini"
        ini.write_text(f"[Prod]\nbase_url={watched.sandbox.url}\nclient_id=the-id\nclient_secret=50%-{SECRET}\n")
        done = run(None, "build", repo, "sales/other", "--ini", ini, "--ini-section", "Prod")

    assert done.returncode == 0


def test_a_dry_run_needs_no_looker_and_asks_for_nothing(repo: Path) -> None:
    with looker() as watched:
        done = run(watched.sandbox.url, "build", repo, "+sales/totals", "--force-rebuild", "--dry-run", "--json")
        text = run(None, "build", repo, "+sales/totals", "--dry-run")

        assert watched.sandbox.requests == ()
    starts = answer(done, "dry-run")
    assert (done.returncode, [(one["view"], one["force_rebuild"], one["after"]) for one in starts]) == (
        0,
        [("orders", True, []), ("totals", False, ["sales/orders"])],
    )
    assert text.stdout.splitlines() == [
        "  1  start sales/orders",
        "  2  start sales/totals  after sales/orders",
        "would ask Looker for 2 builds; nothing was asked for",
    ]


@pytest.mark.slow
def test_answers_are_recorded_without_secrets(repo: Path, tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    with looker() as watched:
        done = run(watched.sandbox.url, "build", repo, "sales/other", "--record", record)

    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert done.returncode == 0
    assert [one["operation"] for one in lines][:3] == ["login", "start", "check"]
    assert lines[1]["body"] == '{"materialization_id":"build-1","resp_text":"{\\"status\\":\\"added\\"}"}'
    assert lines[0]["body"] == ""
    assert SECRET not in record.read_text()
    assert record.stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_a_record_that_cannot_be_written_stops_before_any_call(repo: Path, tmp_path: Path) -> None:
    with looker() as watched:
        done = run(watched.sandbox.url, "build", repo, "sales/other", "--record", tmp_path / "no" / "record")

        assert watched.sandbox.requests == ()
    assert done.returncode == 2


@pytest.mark.slow
def test_the_release_is_asked_for_only_on_request(repo: Path) -> None:
    with looker() as watched:
        done = run(watched.sandbox.url, "build", repo, "sales/other", "--check-release", "--quiet")

        assert (watched.sandbox.calls["versions"], watched.sandbox.calls["login"]) == (1, 1)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_quiet_says_nothing_but_the_end(repo: Path) -> None:
    with looker() as watched:
        done = run(watched.sandbox.url, "build", repo, "sales/other", "--quiet")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "built 1 of 1 PDT"


@pytest.mark.slow
def test_an_answer_that_cannot_be_written_changes_nothing_of_the_exit_code(repo: Path) -> None:
    with looker() as watched, Path("/dev/full").open("w") as full:
        pipes = {"stdout": full, "stderr": subprocess.PIPE}
        with running(watched.sandbox.url, "build", repo, "sales/other", "--quiet", **pipes) as process:
            _, said = process.communicate(timeout=ENOUGH)

        assert (process.returncode, watched.sandbox.starts["sales", "other"]) == (0, 1)
    assert "what became of the builds cannot be written: No space left on device" in said


@pytest.mark.slow
def test_closed_streams_change_nothing_of_the_exit_code(repo: Path) -> None:
    with looker() as watched:
        shell = " ".join(map(shlex.quote, command("build", repo, "sales/other"))) + " >&- 2>&-"
        done = subprocess.run(shell, shell=True, env=environment(watched.sandbox.url), timeout=ENOUGH, check=False)

        assert (done.returncode, watched.sandbox.starts["sales", "other"]) == (0, 1)


@pytest.mark.slow
def test_what_a_server_says_commands_no_terminal(repo: Path) -> None:
    script = BuildScript(pdt="sales/other", outcome="error", message="\x1b]0;title\x07\x00 \u202e gone")
    with looker(builds=(script,)) as watched:
        done = run(watched.sandbox.url, "build", repo, "sales/other")

    assert done.returncode == 1
    assert "\\x1b]0;title\\x07\\x00 \\u202e gone" in done.stdout
    assert [one for one in done.stdout + done.stderr if ord(one) < 32 and one != "\n"] == []


# -- interrupts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_stops_what_runs(repo: Path, number: signal.Signals, code: int) -> None:
    with looker(builds=(LONG,)) as watched, running(watched.sandbox.url, "build", repo, "pdt:*", "--json") as process:
        watched.wait_for_call("check", 2)
        process.send_signal(number)
        out, err = process.communicate(timeout=ENOUGH)

        assert (process.returncode, states(out)) == (
            code,
            {"sales/orders": "CANCELLED", "sales/other": "CANCELLED", "sales/totals": "SKIPPED"},
        )
        assert {one["stopped"] for one in answer(out) if one["state"] == "CANCELLED"} == {True}
        assert {one.state for one in watched.sandbox.builds} == {"killed"}
        assert watched.sandbox.calls["logout"] == 1
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_signal_while_the_start_is_under_way_does_not_lose_the_id(repo: Path) -> None:
    faults = (Fault("start", Hang(1.0, processed=True)),)
    with (
        looker(*faults, builds=(LONG,)) as watched,
        running(watched.sandbox.url, "build", repo, "sales/other", "--json") as process,
    ):
        watched.wait_for_call("start")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=ENOUGH)

        assert (process.returncode, [(one["id"], one["state"], one["stopped"]) for one in answer(out)]) == (
            130,
            [("build-1", "CANCELLED", True)],
        )
        assert [one.state for one in watched.sandbox.builds] == ["killed"]


@pytest.mark.slow
def test_a_second_signal_ends_at_once_and_names_what_runs(repo: Path) -> None:
    faults = (Fault("stop", Hang(30)),)
    with (
        looker(*faults, builds=(LONG,)) as watched,
        running(watched.sandbox.url, "build", repo, "sales/other", "--json") as process,
    ):
        watched.wait_for_call("check", 2)
        process.send_signal(signal.SIGINT)
        watched.wait_for_call("stop")
        begun = monotonic()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=ENOUGH)

        assert monotonic() - begun < 8  # the logout may take five
        (one,) = answer(out)
        assert (process.returncode, one["id"], one["stopped"], one["message"]) == (
            130,
            "build-1",
            False,
            "not stopped: interrupted again",
        )
        assert [one.state for one in watched.sandbox.builds] == ["running"]

        done = run(watched.sandbox.url, "stop", "other")  # which the journal knows
        assert done.returncode == 0
        assert [one.state for one in watched.sandbox.builds] == ["killed"]


def test_with_no_cancel_a_signal_leaves_builds_to_looker(repo: Path) -> None:
    with looker(builds=(LONG,)) as watched:
        with running(watched.sandbox.url, "build", repo, "sales/other", "--no-cancel", "--json") as process:
            watched.wait_for_call("check", 2)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=ENOUGH)
        (one,) = answer(out)
        assert (process.returncode, one["state"], one["stopped"]) == (130, "RUNNING", None)
        assert "dagster-lookml pdt wait build-1" in one["message"]
        assert watched.sandbox.calls["stop"] == 0
        listed = answer(run(None, "status", "--json"), "known-builds")
        assert [(one["id"], one["state"]) for one in listed] == [("build-1", "RUNNING")]


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_builds_that_can_be_found_and_stopped(repo: Path, tmp_path: Path) -> None:
    with looker(builds=(LONG,)) as watched:
        with running(watched.sandbox.url, "build", repo, "sales/other") as process:
            watched.wait_for_call("check", 2)
            process.kill()
            process.wait()
        listed = answer(run(None, "status", "--format", "json"), "known-builds")
        assert [(one["view"], one["id"], one["instance"]) for one in listed] == [
            ("other", "build-1", watched.sandbox.url.removeprefix("http://"))
        ]
        assert "build-1" in run(None, "status").stdout

        for name in ("sales/other", "build-1"):  # by the view alone, too: see the tests of the journal
            done = run(watched.sandbox.url, "status", name, "--json")
            assert (done.returncode, [(one["id"], one["state"]) for one in answer(done)]) == (0, [("build-1", "RUNNING")])

        done = run(watched.sandbox.url, "stop", "sales/other", "--json")
        assert (done.returncode, [(one["state"], one["stopped"]) for one in answer(done)]) == (0, [("CANCELLED", True)])
        assert [one.state for one in watched.sandbox.builds] == ["killed"]
    assert run(None, "status").stdout.startswith("no build that was started from here is known to be running")
    assert known_builds(tmp_path / "state" / "pdt")[0].state == "CANCELLED"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stream", "script", "code"),
    [
        ("stdout", BuildScript(), 0),
        ("stdout", BuildScript(outcome="error"), 1),
        ("stderr", LONG, 141),
    ],
)
def test_nobody_who_reads_changes_nothing_of_the_exit_code(repo: Path, stream: str, script: BuildScript, code: int) -> None:
    """As in ``pdt build | head -1``."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        with looker(builds=(script,)) as watched:
            with running(watched.sandbox.url, "build", repo, "sales/other", **{stream: writer}) as process:
                process.communicate(timeout=ENOUGH)
            assert process.returncode == code
            assert [one.state for one in watched.sandbox.builds] in (["complete"], ["error"], ["killed"], [])
    finally:
        os.close(writer)


# -- attending ---------------------------------------------------------------------------------------------------------


@contextmanager
def left_running(repo: Path, **options: Any) -> Iterator[Watched]:
    """A sandbox with a build of sales/other that a run left there."""
    with looker(**options) as watched:
        with running(watched.sandbox.url, "build", repo, "sales/other", "--no-cancel") as process:
            watched.wait_for_call("check")
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=ENOUGH)
        assert process.returncode == 130
        yield watched


@pytest.mark.parametrize(
    ("outcome", "code", "state"),
    [("complete", 0, "SUCCEEDED"), pytest.param("error", 1, "FAILED", marks=pytest.mark.slow)],
)
def test_waiting_ends_as_the_build_does(repo: Path, tmp_path: Path, outcome: Any, code: int, state: str) -> None:
    with left_running(repo, builds=(BuildScript(seconds=1, outcome=outcome),)) as watched:
        done = run(watched.sandbox.url, "wait", "sales/other", "--json")

        assert (done.returncode, states(done)) == (code, {"sales/other": state})
        assert watched.sandbox.calls["start"] == 1
        (known,) = known_builds(tmp_path / "state" / "pdt")
        assert json.loads(done.stdout)["builds"][0]["started_at"] == known.started_at < known.seen_at
    assert run(None, "status").stdout.startswith("no build")
    assert state in run(None, "status", "--all").stdout


@pytest.mark.slow
def test_a_build_that_was_seen_to_have_ended_is_not_listed_as_running_any_more(repo: Path, tmp_path: Path) -> None:
    clock = SteppedClock()
    with left_running(repo, builds=(LONG,), clock=clock) as watched:
        before = known_builds(tmp_path / "state" / "pdt")
        assert states(run(watched.sandbox.url, "status", "sales/other", "--json")) == {"sales/other": "QUEUED"}
        assert known_builds(tmp_path / "state" / "pdt") == before  # nothing new was seen

        clock.advance(3600)
        assert states(run(watched.sandbox.url, "status", "build-1", "--json")) == {"sales/other": "SUCCEEDED"}
    assert run(None, "status").stdout.startswith("no build that was started from here is known to be running")
    (known,) = known_builds(tmp_path / "state" / "pdt")
    assert (known.state, known.started_at, known.seen_at > before[0].seen_at) == ("SUCCEEDED", before[0].started_at, True)


@pytest.mark.slow
def test_a_word_that_nobody_understands_is_no_end(repo: Path) -> None:
    builds = (BuildScript(seconds=3600, words=("running", *["expired"] * 100)),)
    with left_running(repo, builds=builds) as watched:
        done = run(watched.sandbox.url, "status", "other", "--json")
        assert [(one["state"], one["raw_status"]) for one in answer(done)] == [("UNKNOWN", "expired")]
    assert "sales/other  build-1" in run(None, "status").stdout


@pytest.mark.slow
def test_a_build_that_is_named_twice_is_looked_at_once(repo: Path) -> None:
    with left_running(repo, builds=(LONG,)) as watched:
        before = watched.sandbox.calls["check"]
        done = run(watched.sandbox.url, "status", "other", "sales/other", "build-1", "build-9", "build-9", "--json")

        assert ([one["id"] for one in answer(done)], watched.sandbox.calls["check"] - before) == (["build-1"], 2)
    assert (done.returncode, done.stderr.count("build-9: check: ")) == (1, 1)


@pytest.mark.slow
def test_waiting_by_an_id_that_was_started_elsewhere_says_so(repo: Path, tmp_path: Path) -> None:
    with left_running(repo, builds=(BuildScript(seconds=2),)) as watched:
        done = run(watched.sandbox.url, "wait", "build-1", "--json", "--journal", tmp_path / "another")

        assert (done.returncode, [(one["model"], one["id"], one["state"]) for one in answer(done)]) == (
            0,
            [(None, "build-1", "SUCCEEDED")],
        )
    assert "is taken for an id" in done.stderr


@pytest.mark.slow
def test_a_wait_that_takes_too_long_stops_the_build(repo: Path) -> None:
    with left_running(repo, builds=(LONG,)) as watched:
        done = run(watched.sandbox.url, "wait", "other", "--timeout", "1s", "--json")

        assert (done.returncode, states(done)) == (5, {"sales/other": "TIMED_OUT"})
        assert [one.state for one in watched.sandbox.builds] == ["killed"]


@pytest.mark.slow
def test_a_stop_of_what_has_ended_is_no_failure(repo: Path) -> None:
    with looker() as watched:
        assert run(watched.sandbox.url, "build", repo, "sales/other").returncode == 0
        done = run(watched.sandbox.url, "stop", "sales/other", "--json")

        assert (done.returncode, states(done)) == (0, {"sales/other": "SUCCEEDED"})


@pytest.mark.slow
def test_a_stop_that_is_not_permitted_is_3_and_one_that_is_not_known_is_4(repo: Path) -> None:
    with looker(Fault("stop", Respond(403), nth="all"), Fault("check", Respond(403), nth="all")) as watched:
        assert run(watched.sandbox.url, "stop", "build-9").returncode == 3
    with looker() as watched:
        assert run(watched.sandbox.url, "stop", "build-9").returncode == 4


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Respond(404), 1),
        pytest.param(Respond(403), 3, marks=pytest.mark.slow),
        pytest.param(Respond(503), 4, marks=pytest.mark.slow),
        pytest.param(Drop(), 4, marks=pytest.mark.slow),
        pytest.param(Respond(200, body="html"), 4, marks=pytest.mark.slow),
    ],
)
def test_a_look_that_fails_says_why_in_its_exit_code(repo: Path, fault: Any, code: int) -> None:
    with looker(Fault("check", fault, nth="all")) as watched:
        done = run(watched.sandbox.url, "status", "build-1", "--json")

    assert (done.returncode, answer(done)) == (code, [])
    assert "build-1: check: " in done.stderr


@pytest.mark.parametrize("name", ["sales/unbuilt", ".."])
def test_a_name_that_nobody_built_is_refused(repo: Path, name: str) -> None:
    with looker() as watched:
        done = run(watched.sandbox.url, "status", name)

        assert watched.sandbox.requests == ()
    assert done.returncode == 2


# -- on a terminal -----------------------------------------------------------------------------------------------------


@contextmanager
def terminal() -> Iterator[tuple[int, list[bytes]]]:
    """The end of a terminal that a program gets, and what it wrote there."""
    ours, theirs = pty.openpty()
    written: list[bytes] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            if select.select([ours], [], [], 0.05)[0]:
                try:
                    written.append(os.read(ours, 65536))
                except OSError:
                    return

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield theirs, written
    finally:
        with suppress(OSError):
            os.close(theirs)
        reader.join(0.5)
        ended.set()
        reader.join()
        os.close(ours)


@pytest.mark.slow
def test_a_terminal_shows_a_line_for_each_pdt_and_is_left_whole(repo: Path) -> None:
    with terminal() as (theirs, written), looker(seconds=1.0) as watched:
        done = subprocess.run(
            command("build", repo, "pdt:*"), stdout=theirs, stderr=theirs, stdin=theirs, timeout=ENOUGH, check=False,
            env=environment(watched.sandbox.url),
        )  # fmt: skip
    shown = b"".join(written).decode()

    assert done.returncode == 0
    for name in ("sales/orders", "sales/totals", "sales/other"):
        assert f"{name} started, id build-" in shown
        assert f"SUCCEEDED       \x1b[0m {name}" in shown or f"SUCCEEDED        {name}" in shown
    assert "RUNNING" in shown or "QUEUED" in shown
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l")  # the cursor is shown again
    last = shown.replace("\r", "").rstrip("\n").split("\n")
    assert last[-1] == "built 3 of 3 PDTs"
    assert all(line.startswith("SUCCEEDED") for line in last[-3:-1])


@pytest.mark.slow
def test_the_answer_goes_where_it_is_sent_while_a_terminal_shows_what_happens(repo: Path) -> None:
    with terminal() as (theirs, written), looker() as watched:
        done = subprocess.run(
            command("build", repo, "pdt:*", "--json"), stdout=subprocess.PIPE, stderr=theirs, text=True, timeout=ENOUGH,
            check=False, env=environment(watched.sandbox.url),
        )  # fmt: skip
    shown = b"".join(written).decode()

    assert (done.returncode, set(states(done).values())) == (0, {"SUCCEEDED"})
    assert "schema_version" not in shown


@pytest.mark.slow
def test_an_interrupt_on_a_terminal_leaves_it_whole(repo: Path) -> None:
    with (
        terminal() as (theirs, written),
        looker(builds=(LONG,)) as watched,
        running(watched.sandbox.url, "build", repo, "sales/other", stdout=theirs, stderr=theirs) as process,
    ):
        watched.wait_for_call("check", 2)
        process.send_signal(signal.SIGINT)
        process.wait(ENOUGH)
        assert [one.state for one in watched.sandbox.builds] == ["killed"]
    shown = b"".join(written).decode()

    assert process.returncode == 130
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l")
    assert "CANCELLED" in shown
