"""The journal: what a run wrote is found after it is gone, whatever else is in the directory."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_lookml.errors import BuildRequestError
from dagster_lookml.pdt.building.events import BuildEvent, EventKind, StartedBuild
from dagster_lookml.pdt.building.journal import KEPT, Journal, KnownBuild, find_build, journal_directory, known_builds
from dagster_lookml.pdt.building.status import BuildState
from dagster_lookml.pdt.request import PdtName
from dagster_lookml.pdt.sandbox import Alter, BuildScript, Fault, Respond
from tests.pdt.simulated import ORDERS, Scene, asked

HOST = "acme.looker.com"
USERS = PdtName("sales", "users")


class Warnings(list[str]):
    def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def written(directory: Path) -> Iterator[Journal]:
    warnings = Warnings()
    journal = Journal(directory, HOST, warnings)
    yield journal
    journal.close()
    assert warnings == []


def event(kind: EventKind, state: str, identity: str = "", pdt: PdtName = ORDERS, at: int = 0) -> BuildEvent:
    return BuildEvent(kind=kind, pdt=pdt, at=f"2026-01-01T00:00:{at:02}.000+00:00", build_id=identity, state=BuildState(state))


def run(directory: Path, *events: BuildEvent, host: str = HOST) -> None:
    """What one run writes."""
    journal = Journal(directory, host, Warnings())
    for one in events:
        journal(one)
    journal.close()


def facts(builds: tuple[KnownBuild, ...]) -> list[tuple[str, str, str]]:
    return [(str(one.pdt), one.build_id, one.state.value) for one in builds]


def test_a_build_is_known_by_what_the_run_last_heard(directory: Path, written: Journal) -> None:
    written(event("starting", "WAITING"))
    assert facts(known_builds(directory)) == [("sales/orders", "", "WAITING")]
    written(event("started", "QUEUED", "7", at=1))
    assert facts(known_builds(directory)) == [("sales/orders", "7", "QUEUED")]
    written(event("state", "RUNNING", "7", at=2))
    written(event("ended", "SUCCEEDED", "7", at=3))

    (one,) = known_builds(directory)
    assert (one.state, one.started_at[17:19], one.seen_at[17:19], one.host) == ("SUCCEEDED", "00", "03", HOST)


def test_an_id_is_on_disk_before_the_first_look(scene: Scene, directory: Path) -> None:
    sandbox = scene.sandbox()
    journal = Journal(directory, HOST, Warnings())
    found: list[tuple[int, list[tuple[str, str, str]]]] = []

    def tell(event: BuildEvent) -> None:
        journal(event)
        found.append((sandbox.calls["check"], facts(known_builds(directory))))

    with scene.client(sandbox) as client:
        list(scene.runner(client, tell=tell).run(asked(ORDERS), {}))
    journal.close()

    assert found[:2] == [(0, [("sales/orders", "", "WAITING")]), (0, [("sales/orders", "build-1", "QUEUED")])]
    assert facts(known_builds(directory)) == [("sales/orders", "build-1", "SUCCEEDED")]


@pytest.mark.parametrize("kept", range(1, 60, 7))
def test_a_torn_last_line_loses_nothing_before_it(directory: Path, kept: int) -> None:
    run(directory, event("starting", "WAITING"), event("started", "QUEUED", "7", at=1), event("state", "RUNNING", "7", at=2))
    (file,) = directory.iterdir()
    content = file.read_bytes()
    lines = content.splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:2]) + lines[2][:kept])

    assert facts(known_builds(directory)) == [("sales/orders", "7", "QUEUED")]


def test_garbage_is_looked_over(directory: Path) -> None:
    run(directory, event("started", "QUEUED", "7"))
    (file,) = directory.iterdir()
    with file.open("ab") as more:
        more.write(b'\x00\xff\n[]\n{}\n{"at": 1}\n\n"x"\n' + b"[" * 100_000 + b"\n")
        more.write(file.read_bytes().splitlines()[0].replace(b"orders", b"../..").replace(b'"7"', b'"8"') + b"\n")
        more.write(file.read_bytes().splitlines()[0].replace(b"QUEUED", b"LATER") + b"\n")
    (directory / "empty.jsonl").write_bytes(b"")
    (directory / "directory.jsonl").mkdir()
    (directory / "notes.txt").write_text("mine")

    assert facts(known_builds(directory)) == [("sales/orders", "7", "QUEUED")]


def test_a_directory_that_is_not_there_knows_nothing(directory: Path) -> None:
    assert known_builds(directory) == ()
    assert not directory.exists()


def test_a_build_that_two_runs_know_is_one_build(directory: Path) -> None:
    run(directory, event("starting", "WAITING"), event("started", "QUEUED", "7", at=1))
    run(directory, event("stopping", "QUEUED", "7", at=10), event("ended", "CANCELLED", "7", at=11))

    (one,) = known_builds(directory)
    assert (one.build_id, one.state, one.started_at[17:19], one.seen_at[17:19]) == ("7", "CANCELLED", "00", "11")


def test_one_run_that_attends_two_builds_of_a_pdt_knows_both(directory: Path) -> None:
    run(directory, event("started", "QUEUED", "7"))
    run(directory, event("started", "QUEUED", "8", at=1))
    run(
        directory,
        event("stopping", "QUEUED", "7", at=10),
        event("stopping", "QUEUED", "8", at=10),
        event("ended", "CANCELLED", "7", at=11),
        event("ended", "CANCELLED", "8", at=12),
    )

    assert facts(known_builds(directory)) == [("sales/orders", "8", "CANCELLED"), ("sales/orders", "7", "CANCELLED")]


def test_one_run_that_builds_a_pdt_twice_knows_both(directory: Path) -> None:
    run(
        directory,
        event("starting", "WAITING"),
        event("started", "QUEUED", "7", at=1),
        event("ended", "FAILED", "7", at=2),
        event("starting", "WAITING", at=3),
        event("started", "QUEUED", "8", at=4),
    )

    assert facts(known_builds(directory)) == [("sales/orders", "8", "QUEUED"), ("sales/orders", "7", "FAILED")]


def test_builds_of_other_instances_are_not_ours(directory: Path) -> None:
    run(directory, event("started", "QUEUED", "7"))
    run(directory, event("started", "RUNNING", "7", at=5), host="other.looker.com")

    assert facts(known_builds(directory, HOST)) == [("sales/orders", "7", "QUEUED")]
    assert len(known_builds(directory)) == 2


def test_skipped_pdts_and_retries_are_not_written(directory: Path, written: Journal) -> None:
    written(event("ended", "SKIPPED"))
    written(event("retry", "RUNNING", "7"))
    assert not directory.exists()


def test_nobody_else_may_read_it(directory: Path, written: Journal) -> None:
    before = os.umask(0)
    try:
        written(event("started", "QUEUED", "7"))
    finally:
        os.umask(before)
    (file,) = directory.iterdir()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_files_of_last_month_are_removed_and_others_are_not(directory: Path, written: Journal) -> None:
    directory.mkdir()
    old = time.time() - KEPT.total_seconds() - 60
    for name, modified in (("old.jsonl", old), ("young.jsonl", old + 120), ("old.txt", old)):
        (directory / name).write_text("")
        os.utime(directory / name, (modified, modified))
    written(event("started", "QUEUED", "7"))

    assert sorted(one.name for one in directory.iterdir() if not one.name.startswith("20")) == ["old.txt", "young.jsonl"]


def test_a_directory_that_cannot_be_written_is_warned_of_once_and_building_goes_on(scene: Scene, tmp_path: Path) -> None:
    in_the_way = tmp_path / "journal"
    in_the_way.write_text("a file")  # also for root, who may write anywhere, no directory
    warnings = Warnings()
    journal = Journal(in_the_way, HOST, warnings)
    sandbox = scene.sandbox()
    with scene.client(sandbox) as client:
        (result,) = scene.runner(client, tell=journal).run(asked(ORDERS), {})
    journal.close()

    assert result.state == "SUCCEEDED"
    assert len(warnings) == 1
    assert warnings[0].startswith(f"the ids of builds cannot be written to {in_the_way} (")


def test_a_full_disk_is_warned_of_once_and_building_goes_on(directory: Path) -> None:
    warnings = Warnings()
    journal = Journal(directory, HOST, warnings)
    journal(event("starting", "WAITING"))
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, journal._file or 0)
    os.close(full)
    for number in range(3):
        journal(event("state", "RUNNING", "7", at=number))
    journal.close()

    assert len(warnings) == 1
    assert "No space left" in warnings[0]


def test_where_it_is_kept() -> None:
    assert journal_directory({"DAGSTER_LOOKML_STATE_DIR": "here"}) == Path.cwd() / "here" / "pdt"
    assert journal_directory({}).parts[-2:] == ("dagster-lookml", "pdt")


# -- finding -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["8", "sales/orders", "pdt:sales/orders", "orders"])
def test_a_build_is_found_by_its_id_and_the_latest_by_name(directory: Path, name: str) -> None:
    run(directory, event("started", "QUEUED", "7"))
    run(directory, event("started", "QUEUED", "8", at=1))
    run(directory, event("started", "QUEUED", "9", pdt=USERS, at=2))

    assert find_build(known_builds(directory), name).build_id == "8"


def test_a_view_of_several_models_is_none_of_them(directory: Path) -> None:
    run(directory, event("started", "QUEUED", "7"), event("started", "QUEUED", "8", pdt=PdtName("hr", "orders"), at=1))

    with pytest.raises(BuildRequestError, match="several models have such a view; say hr/orders or sales/orders"):
        find_build(known_builds(directory), "orders")
    assert find_build(known_builds(directory), "hr/orders").build_id == "8"


def test_a_name_that_nobody_built_is_not_found_and_what_looks_like_it_is_offered(directory: Path) -> None:
    run(directory, event("started", "QUEUED", "7"))

    with pytest.raises(BuildRequestError, match="no build of that name or id was started from here; did you mean"):
        find_build(known_builds(directory), "sales/order")


def test_a_build_whose_id_never_arrived_is_said_to_be_one(scene: Scene, directory: Path) -> None:
    scene.may_go_on = True
    journal = Journal(directory, HOST, Warnings())
    sandbox = scene.sandbox(faults=(Fault("start", Alter(null=("materialization_id",))),), builds=(BuildScript(seconds=99),))
    with scene.client(sandbox) as client:
        list(scene.runner(client, tell=journal).run(asked(ORDERS), {}))
    journal.close()

    with pytest.raises(BuildRequestError, match="was sent, and its id never arrived"):
        find_build(known_builds(directory), "sales/orders")
    assert [one.may_be_running for one in known_builds(directory)] == [True]


def test_attempts_that_started_nothing_hide_no_build(directory: Path) -> None:
    run(directory, event("starting", "WAITING"), event("started", "QUEUED", "7", at=1))
    run(directory, event("starting", "WAITING", at=2), event("ended", "START_FAILED", at=3))
    run(directory, event("starting", "WAITING", at=4), event("ended", "CANCELLED", at=5))

    assert find_build(known_builds(directory), "sales/orders").build_id == "7"


def test_of_a_lost_id_the_earlier_build_is_named(directory: Path) -> None:
    run(directory, event("starting", "WAITING"), event("started", "QUEUED", "7", at=1))
    run(directory, event("starting", "WAITING", at=2))

    with pytest.raises(BuildRequestError, match="never arrived; an earlier build of it, 7, may be running too"):
        find_build(known_builds(directory), "sales/orders")


def test_what_was_never_started_is_said_to_be_so(directory: Path) -> None:
    run(directory, event("starting", "WAITING"), event("ended", "START_FAILED", at=1))

    with pytest.raises(BuildRequestError, match="it was never started from here: START_FAILED"):
        find_build(known_builds(directory), "sales/orders")


@pytest.mark.parametrize("status", [500, 403])
def test_a_build_that_nobody_saw_stopped_may_be_running(scene: Scene, directory: Path, status: int) -> None:
    scene.may_go_on = True
    sandbox = scene.sandbox(builds=(BuildScript(seconds=3600),), faults=(Fault("stop", Respond(status), nth="all"),))
    journal = Journal(directory, HOST, Warnings())
    with scene.client(sandbox) as client:
        build = client.start(asked(ORDERS)[0]).build_id
        started = StartedBuild(build_id=build, request=asked(ORDERS)[0])
        (result,) = scene.runner(client, tell=journal).attend([started], stop=True)

    assert (result.state, result.stopped) == ("CANCELLED", False)
    (known,) = known_builds(directory)
    assert (known.state, known.may_be_running) == ("CANCELLED", True)


def test_a_build_that_looker_does_not_know_any_more_is_not_taken_for_running(scene: Scene, directory: Path) -> None:
    sandbox = scene.sandbox()
    journal = Journal(directory, HOST, Warnings())
    with scene.client(sandbox) as client:
        started = StartedBuild(build_id="gone", request=asked(ORDERS)[0])
        (result,) = scene.runner(client, tell=journal).attend([started], stop=True)

    assert (result.state, result.stopped) == ("LOST", False)
    assert [one.may_be_running for one in known_builds(directory)] == [False]


def test_a_start_that_was_refused_has_ended(scene: Scene, directory: Path) -> None:
    journal = Journal(directory, HOST, Warnings())
    sandbox = scene.sandbox(faults=(Fault("start", Respond(404), nth="all"),))
    with scene.client(sandbox) as client:
        list(scene.runner(client, tell=journal).run(asked(ORDERS), {}))
    journal.close()

    (one,) = known_builds(directory)
    assert (one.state.has_ended, one.state) == (True, "START_FAILED")
