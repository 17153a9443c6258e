"""Many builds: order, cap, failures, and what interrupts them."""

from __future__ import annotations

import gc
import os
import signal
import tracemalloc
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from dagster_lookml.errors import BuildRequestError
from dagster_lookml.pdt.building.events import BuildEvent, StartedBuild
from dagster_lookml.pdt.building.patience import Patience
from dagster_lookml.pdt.building.runner import Runner
from dagster_lookml.pdt.looker.client import LookerClient
from dagster_lookml.pdt.request import BuildRequest, PdtName
from dagster_lookml.pdt.sandbox import (
    Alter,
    BuildScript,
    Drop,
    Fault,
    Hang,
    Reset,
    Respond,
    Sandbox,
    SandboxPdt,
    random_faults,
)
from dagster_lookml.pdt.sandbox.records import Request
from tests.pdt.answering import closed_port
from tests.pdt.simulated import EVEN, ORDERS, Scene, SimulatedClock, asked, settings_of

LONG = BuildScript(seconds=3600)


def name(text: str) -> PdtName:
    """Of model ``m``."""
    return PdtName("m", text)


def pdts(**upstream: str) -> list[SandboxPdt]:
    """Tables of model ``m``, with the names that they read."""
    return [SandboxPdt("m", one, tuple(("m", other) for other in reads.split())) for one, reads in upstream.items()]


def reading(**upstream: str) -> dict[PdtName, frozenset[PdtName]]:
    return {name(one): frozenset(map(name, reads.split())) for one, reads in upstream.items()}


def started(sandbox: Sandbox) -> list[str]:
    """The views whose start was accepted, in that order."""
    return [one.view or "" for one in sandbox.requests if one.operation == "start" and one.status == 200]


def most_at_once(requests: tuple[Request, ...]) -> int:
    """How many builds were between their start and the answer that they have ended."""
    open_ids: set[str] = set()
    most = 0
    for one in requests:
        if one.operation == "start" and one.status == 200 and one.id:
            open_ids.add(one.id)
        elif one.word in ("complete", "error", "killed") and one.id:
            open_ids.discard(one.id)
        most = max(most, len(open_ids))
    return most


# -- order and cap -----------------------------------------------------------------------------------------------------


def test_what_is_read_is_built_first(scene: Scene) -> None:
    sandbox = scene.sandbox(*pdts(a="b c", b="d", c="d", d=""))
    built = scene.build(sandbox, *asked("m/a", "m/b", "m/c", "m/d"), upstream=reading(a="b c d", b="d", c="d", d=""))

    assert set(built.states.values()) == {"SUCCEEDED"}
    order = started(sandbox)
    assert (order[0], order[-1]) == ("d", "a")
    assert [one.built for one in sandbox.tables] == [1, 1, 1, 1]
    assert [one.overlaps for one in sandbox.tables] == [0, 0, 0, 0]


def test_nothing_starts_before_what_it_reads_is_complete(scene: Scene) -> None:
    sandbox = scene.sandbox(*pdts(a="b", b=""))
    scene.build(sandbox, *asked("m/a", "m/b"), upstream=reading(a="b", b=""), concurrency=10)

    calls = [(one.operation, one.view, one.word) for one in sandbox.requests]
    assert calls.index(("start", "a", "added")) > calls.index(("check", "b", "complete"))


@pytest.mark.parametrize("cap", [1, 2, 5])
def test_the_cap_is_reached_and_never_passed(scene: Scene, cap: int) -> None:
    names = [f"t{number}" for number in range(12)]
    sandbox = scene.sandbox(*pdts(**dict.fromkeys(names, "")))
    built = scene.build(sandbox, *asked(*(f"m/{one}" for one in names)), concurrency=cap)

    assert set(built.states.values()) == {"SUCCEEDED"}
    assert most_at_once(sandbox.requests) == cap


def test_one_login_is_enough_for_many_builds(scene: Scene) -> None:
    names = [f"t{number}" for number in range(20)]
    sandbox = scene.sandbox(*pdts(**dict.fromkeys(names, "")))
    scene.build(sandbox, *asked(*(f"m/{one}" for one in names)), concurrency=4)

    assert (sandbox.calls["login"], sandbox.calls["logout"], sandbox.calls["start"]) == (1, 1, 20)


def test_the_same_pdt_is_built_once_in_the_most_thorough_way_that_was_asked_for(scene: Scene) -> None:
    sandbox = scene.sandbox()
    built = scene.build(sandbox, *asked(ORDERS), *asked(ORDERS, force_rebuild=True), *asked(ORDERS, force_full_incremental=True))

    assert len(built.results) == 1
    (start,) = (one for one in sandbox.requests if one.operation == "start")
    assert start.query == {"force_rebuild": "true", "force_full_incremental": "true", "workspace": "production"}


def test_one_pdt_in_two_workspaces_is_refused_before_any_call(scene: Scene) -> None:
    sandbox = scene.sandbox()
    with pytest.raises(BuildRequestError, match="two workspaces"):
        scene.build(sandbox, *asked(ORDERS), *asked(ORDERS, workspace="dev"))
    assert sandbox.requests == ()


def test_pdts_that_read_each_other_are_refused_before_any_call(scene: Scene) -> None:
    sandbox = scene.sandbox(*pdts(a="", b="", c=""))
    with pytest.raises(BuildRequestError, match=r"m/(a -> m/b -> m/a|b -> m/a -> m/b): these PDTs read each other"):
        scene.build(sandbox, *asked("m/c", "m/a", "m/b"), upstream=reading(a="b", b="a"))
    assert sandbox.requests == ()


def test_what_is_not_selected_is_left_to_looker_and_its_readers_still_wait_for_what_it_reads(scene: Scene) -> None:
    """a reads b reads c, and b is not selected."""
    sandbox = scene.sandbox(*pdts(a="b", b="c", c=""))
    built = scene.build(sandbox, *asked("m/a", "m/c"), upstream=reading(a="b c", b="c", c=""), concurrency=5)

    assert built.states == {"m/c": "SUCCEEDED", "m/a": "SUCCEEDED"}
    assert started(sandbox) == ["c", "a"]
    assert {one.view: one.built for one in sandbox.tables} == {"a": 1, "b": 1, "c": 1}


def test_nothing_to_build_is_no_call(scene: Scene) -> None:
    sandbox = scene.sandbox()
    with scene.client(sandbox) as client:
        assert list(scene.runner(client).run([], {})) == []
    assert sandbox.requests == ()


# -- failures ----------------------------------------------------------------------------------------------------------


def test_a_failure_skips_what_reads_it_directly_or_not_and_nothing_else(scene: Scene) -> None:
    sandbox = scene.sandbox(*pdts(a="", b="a", c="b", d="", e="d"), builds=(BuildScript(pdt="m/a", outcome="error"),))
    built = scene.build(sandbox, *asked("m/a", "m/b", "m/c", "m/d", "m/e"), upstream=reading(b="a", c="a b", e="d"))

    assert built.states == {"m/a": "FAILED", "m/b": "SKIPPED", "m/c": "SKIPPED", "m/d": "SUCCEEDED", "m/e": "SUCCEEDED"}
    assert {str(one.pdt): one.message for one in built.results if one.state == "SKIPPED"} == {
        "m/b": "it reads m/a, which ended as FAILED",
        "m/c": "it reads m/a, which ended as FAILED",
    }
    assert built.code == 1
    assert [one.kind for one in built.events if one.pdt == name("c")] == ["ended"]


def test_fail_fast_starts_nothing_more_and_lets_go_on_what_runs(scene: Scene) -> None:
    builds = (BuildScript(pdt="m/a", outcome="error", seconds=1), BuildScript(pdt="m/b", seconds=100))
    sandbox = scene.sandbox(*pdts(a="", b="", c=""), builds=builds)
    built = scene.build(sandbox, *asked("m/a", "m/b", "m/c"), fail_fast=True)

    assert built.states == {"m/a": "FAILED", "m/b": "SUCCEEDED", "m/c": "SKIPPED"}
    assert sandbox.calls["stop"] == 0


def test_a_start_that_is_not_answered_skips_its_readers_and_nothing_else(scene: Scene) -> None:
    scene.may_go_on = False  # what was started is complete long before the last build is
    sandbox = scene.sandbox(*pdts(a="", b="a", c=""), faults=(Fault("start", Drop(), pdt="m/a"),))
    built = scene.build(sandbox, *asked("m/a", "m/b", "m/c"), upstream=reading(b="a"), concurrency=1)

    assert built.states == {"m/a": "START_AMBIGUOUS", "m/b": "SKIPPED", "m/c": "SUCCEEDED"}
    assert built.code == 4


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_view_that_looker_does_not_build_is_a_failure_of_its_own(scene: Scene, status: int) -> None:
    sandbox = scene.sandbox(*pdts(a="", b=""), faults=(Fault("start", Respond(status), nth="all", pdt="m/a"),))
    built = scene.build(sandbox, *asked("m/a", "m/b"), concurrency=1)

    assert built.states == {"m/a": "START_FAILED", "m/b": "SUCCEEDED"}
    assert built.code == 1


@pytest.mark.parametrize(
    ("action", "logins", "code"),
    [(Respond(404), 1, 3), (Respond(302, location="/login"), 1, 4), (Respond(503), 20, 4), (Respond(429), 20, 4)],
)
def test_a_login_that_fails_ends_the_run(scene: Scene, action: Respond, logins: int, code: int) -> None:
    names = [f"m/t{number}" for number in range(30)]
    sandbox = scene.sandbox(*pdts(**dict.fromkeys((one[2:] for one in names), "")), faults=(Fault("login", action, nth="all"),))
    built = scene.build(sandbox, *asked(*names), concurrency=2)

    assert len(built.results) == 30
    assert {one.state.value for one in built.results} == {"START_FAILED", "SKIPPED"}
    assert sandbox.calls["start"] == 0
    assert sandbox.calls["login"] <= logins + 1
    assert built.code == code


def test_what_one_model_does_not_permit_another_may(scene: Scene) -> None:
    closed, open_ = PdtName("closed", "t"), PdtName("open", "t")
    sandbox = scene.sandbox(
        SandboxPdt("closed", "t"), SandboxPdt("open", "t"), faults=(Fault("start", Respond(403), nth="all", pdt="closed/*"),)
    )
    built = scene.build(sandbox, *asked(closed, open_), concurrency=1)

    assert [(one.pdt, one.state.value) for one in built.results] == [(closed, "START_FAILED"), (open_, "SUCCEEDED")]
    assert built.code == 3


def test_an_unreachable_looker_ends_the_run_in_bounded_time(scene: Scene) -> None:
    names = [f"m/t{number}" for number in range(50)]
    built = scene.build(f"http://127.0.0.1:{closed_port()}", *asked(*names), concurrency=3)

    assert len(built.results) == 50
    assert {one.state.value for one in built.results} == {"START_FAILED", "SKIPPED"}
    assert (built.code, scene.clock() < 300) == (4, True)


def test_a_looker_that_goes_away_ends_the_run(scene: Scene) -> None:
    scene.may_go_on = True
    faults = (
        Fault("check", Reset(), nth="5-"),
        Fault("stop", Reset(), nth="all"),
    )
    sandbox = scene.sandbox(*pdts(a="", b="", c="", d="c"), faults=faults, builds=(LONG,))
    built = scene.build(sandbox, *asked("m/a", "m/b", "m/c", "m/d"), upstream=reading(d="c"))

    assert built.states == {"m/a": "UNREACHABLE", "m/b": "UNREACHABLE", "m/c": "SKIPPED", "m/d": "SKIPPED"}
    assert [one.stopped for one in built.results if one.state == "UNREACHABLE"] == [False, False]
    assert built.code == 4
    assert scene.clock() < 300 + 60


def test_exit_codes_name_the_gravest(scene: Scene) -> None:
    builds = (BuildScript(pdt="m/a", outcome="error"), BuildScript(pdt="m/b", seconds=1000))
    sandbox = scene.sandbox(*pdts(a="", b=""), builds=builds)
    built = scene.build(sandbox, *asked("m/a", "m/b"), patience=Patience(jitter=0.0, build_timeout=60))

    assert built.states == {"m/a": "FAILED", "m/b": "TIMED_OUT"}
    assert built.code == 5


# -- load --------------------------------------------------------------------------------------------------------------

_LEVELS, _WIDTH, _CAP, _SECONDS = 15, 20, 4, 5.0


def graph_of_300(random: Random) -> dict[str, list[str]]:
    """What each table reads: up to three of the level below."""
    levels = [[f"t{level}_{number}" for number in range(_WIDTH)] for level in range(_LEVELS)]
    return {
        one: random.sample(levels[level - 1], random.randint(1, 3)) if level else []
        for level, names in enumerate(levels)
        for one in names
    }


def closure(reads: dict[str, list[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one, others in reads.items():  # from the lowest level on
        found[one] = set(others).union(*(found[other] for other in others))
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_300_pdts_under_random_faults_are_all_accounted_for(scene: Scene, seed: int) -> None:
    random = Random(seed)
    reads = graph_of_300(random)
    upstream = closure(reads)
    failing = set(random.sample(sorted(reads), 30))
    sandbox = scene.sandbox(
        *pdts(**{one: " ".join(others) for one, others in reads.items()}),
        builds=[BuildScript(pdt=f"m/{one}", outcome="error") for one in failing],
        random=random_faults(seed=seed, rate=0.1),
        seconds=_SECONDS,
    )
    names = list(reads)
    random.shuffle(names)
    built = scene.build(
        sandbox,
        *asked(*(f"m/{one}" for one in names)),
        upstream={name(one): frozenset(map(name, others)) for one, others in upstream.items()},
        concurrency=_CAP,
    )

    skipped = {one for one, others in upstream.items() if others & failing}
    expected = {f"m/{one}": "SKIPPED" if one in skipped else "FAILED" if one in failing else "SUCCEEDED" for one in reads}
    assert built.states == expected
    assert len(built.results) == 300

    number = 300 - len(skipped)
    assert sandbox.starts.total() == number
    assert most_at_once(sandbox.requests) <= _CAP
    seen: set[str] = set()
    for one in sandbox.requests:
        if one.operation == "start" and one.status == 200:
            assert upstream[one.view or ""] <= seen, one
        if one.operation == "check" and one.word == "complete":
            seen.add(one.view or "")

    # A build of 5 s is looked at after 0, 2 and 5 s: three looks. One call in ten fails, so that 10/9 as many are made; twice
    # that many are far out of what chance does with so many calls.
    looks = sandbox.calls["check"]
    assert number * 3 <= looks <= number * 3 * 10 / 9 + 0.1 * number * 3
    assert number <= sandbox.calls["start"] <= number * 1.25
    assert sandbox.calls["stop"] == 0
    assert sandbox.calls["login"] <= 1 + sum(one.status == 401 for one in sandbox.requests) + 10

    # With four at once there are 75 turns of 5 s, and as many more as levels at which not four are ready. A fault costs a
    # wait of 2 s, or 3 s after a second one, and there are about 0.4 of them for each build.
    assert scene.clock() <= (number / _CAP + _LEVELS) * (_SECONDS + 0.5 * 5)


@pytest.mark.slow
def test_a_build_of_six_hours_needs_no_more_memory_at_its_end(scene: Scene) -> None:
    """Answers and events are let go of."""
    sandbox = scene.sandbox(builds=(BuildScript(seconds=6 * 3600),))
    clock = SimulatedClock(scene.clock)
    sizes: list[tuple[float, int]] = []

    def measure() -> None:
        if clock.now() >= 1800 * (len(sizes) + 1):
            gc.collect()
            sizes.append((clock.now(), sum(one.size for one in snapshot())))

    def snapshot() -> Any:
        ours = ("*/dagster_lookml/pdt/*", "*/looker_sdk/*", "*/requests/*", "*/urllib3/*", "*/cattrs/*", "*/http/client.py")
        filters = [tracemalloc.Filter(inclusive=True, filename_pattern=one) for one in ours]
        without_sandbox = tracemalloc.Filter(inclusive=False, filename_pattern="*/pdt/sandbox/*")
        return tracemalloc.take_snapshot().filter_traces([*filters, without_sandbox]).statistics("filename")

    tracemalloc.start()
    try:
        with LookerClient(settings_of(sandbox.url)) as client:
            patience = Patience(build_timeout=None)
            runner = Runner(client, patience, clock=clock, random=Random(7), watch=measure)
            (result,) = runner.run(asked(ORDERS), {})
    finally:
        tracemalloc.stop()

    assert (result.state, result.polls > 700) == ("SUCCEEDED", True)
    assert len(sizes) >= 11
    assert sizes[-1][1] - sizes[1][1] < 20_000


# -- what interrupts ---------------------------------------------------------------------------------------------------


class Stop(BaseException):
    """As Dagster interrupts: no Exception."""


def interrupted_by(scene: Scene, error: type[BaseException], **options: Any) -> tuple[Sandbox, Runner]:
    sandbox = scene.sandbox(*pdts(a="", b="", c="b"), builds=(LONG,))
    with scene.client(sandbox) as client:
        runner = scene.runner(client, **options)
        with pytest.raises(error):
            list(runner.run(asked("m/a", "m/b", "m/c"), reading(c="b")))
    return sandbox, runner


def all_is_stopped(sandbox: Sandbox, runner: Runner) -> None:
    assert {str(one.pdt): (one.state.value, one.stopped) for one in runner.results} == {
        "m/a": ("CANCELLED", True),
        "m/b": ("CANCELLED", True),
        "m/c": ("SKIPPED", None),
    }
    assert sandbox.calls["stop"] == 2
    assert {one.state for one in sandbox.builds} == {"killed"}
    assert sandbox.calls["logout"] == 1


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, Stop])
def test_what_watch_raises_stops_everything(scene: Scene, error: type[BaseException]) -> None:
    def watch() -> None:
        if scene.clock() > 100:
            raise error

    all_is_stopped(*interrupted_by(scene, error, watch=watch))


@pytest.mark.parametrize("error", [BrokenPipeError, Stop])
@pytest.mark.parametrize("kind", ["started", "state"])
def test_what_a_listener_raises_once_stops_everything(scene: Scene, error: type[BaseException], kind: str) -> None:
    told: list[BuildEvent] = []

    def tell(event: BuildEvent) -> None:
        told.append(event)
        if event.kind == kind and event.pdt == name("b") and sum(one.kind == kind for one in told) == 2:
            raise error

    all_is_stopped(*interrupted_by(scene, error, tell=tell))


def test_a_listener_that_goes_on_raising_keeps_nothing_from_being_stopped(scene: Scene) -> None:
    told: list[BuildEvent] = []

    def tell(event: BuildEvent) -> None:
        told.append(event)
        if len(told) > 5:
            raise BrokenPipeError

    all_is_stopped(*interrupted_by(scene, BrokenPipeError, tell=tell))


def test_a_listener_that_raises_before_the_start_is_sent_leaves_nothing(scene: Scene) -> None:
    def tell(event: BuildEvent) -> None:
        raise RuntimeError

    sandbox = scene.sandbox()
    with scene.client(sandbox) as client:
        runner = scene.runner(client, tell=tell)
        with pytest.raises(RuntimeError):
            list(runner.run(asked(ORDERS), {}))
    assert sandbox.requests == ()
    assert [(one.state.value, one.message) for one in runner.results] == [
        ("CANCELLED", "interrupted: RuntimeError before it was started")
    ]


@pytest.mark.parametrize("way", ["close", "raise"])
def test_a_consumer_that_goes_away_stops_everything(scene: Scene, way: str) -> None:
    sandbox = scene.sandbox(*pdts(a="", b="", c=""), builds=(BuildScript(pdt="m/a", seconds=1), LONG))
    with scene.client(sandbox) as client:
        runner = scene.runner(client)
        results = runner.run(asked("m/a", "m/b", "m/c"), {})
        assert next(results).state == "SUCCEEDED"
        if way == "close":
            results.close()
        else:
            with pytest.raises(ZeroDivisionError):
                results.throw(ZeroDivisionError())

    assert {str(one.pdt): one.state.value for one in runner.results} == {
        "m/a": "SUCCEEDED",
        "m/b": "CANCELLED",
        "m/c": "SKIPPED",
    }
    assert [one.state for one in sandbox.builds] == ["complete", "killed"]


def test_where_nothing_is_to_be_cancelled_builds_go_on(scene: Scene) -> None:
    scene.may_go_on = True

    def watch() -> None:
        if scene.clock() > 100:
            raise KeyboardInterrupt

    sandbox, runner = interrupted_by(scene, KeyboardInterrupt, watch=watch, cancel_on_interrupt=False)

    assert sandbox.calls["stop"] == 0
    assert [one.state.value for one in runner.results if one.build_id] == ["RUNNING", "RUNNING"]
    assert all(f"pdt wait {one.build_id}" in one.message for one in runner.results if one.build_id)


def test_what_interrupts_the_stopping_too_ends_it_and_names_all(scene: Scene) -> None:
    scene.may_go_on = True

    def tell(event: BuildEvent) -> None:
        if event.kind == "stopping":
            raise KeyboardInterrupt

    def watch() -> None:
        if scene.clock() > 100:
            raise Stop

    sandbox, runner = interrupted_by(scene, KeyboardInterrupt, tell=tell, watch=watch)

    assert sandbox.calls["stop"] == 0
    states = {str(one.pdt): (one.state.value, one.build_id) for one in runner.results}
    assert states == {"m/a": ("RUNNING", "build-1"), "m/b": ("RUNNING", "build-2"), "m/c": ("SKIPPED", None)}


def test_a_build_that_ended_before_its_stop_is_reported_as_what_it_is(scene: Scene) -> None:
    def watch() -> None:
        if scene.clock() >= 3:
            scene.clock.advance(60)  # it is complete by now, and nobody has looked
            raise KeyboardInterrupt

    sandbox = scene.sandbox(builds=(BuildScript(seconds=10),))
    with scene.client(sandbox) as client:
        runner = scene.runner(client, watch=watch)
        with pytest.raises(KeyboardInterrupt):
            list(runner.run(asked(ORDERS), {}))
    assert [one.state.value for one in runner.results] == ["SUCCEEDED"]


# -- signals -----------------------------------------------------------------------------------------------------------


class Signalled(KeyboardInterrupt):
    pass


@pytest.fixture
def signalling() -> Iterator[None]:
    def interrupt(number: int, frame: object) -> None:
        raise Signalled

    before = {one: signal.signal(one, interrupt) for one in (signal.SIGINT, signal.SIGTERM)}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


@pytest.mark.usefixtures("signalling")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_while_whoever_iterates_works(scene: Scene, number: signal.Signals) -> None:
    sandbox = scene.sandbox(*pdts(a="", b=""), builds=(BuildScript(pdt="m/a", seconds=1), LONG))
    worked: list[str] = []
    with scene.client(sandbox) as client:
        runner = scene.runner(client)
        with pytest.raises(Signalled):  # noqa: PT012 - when it comes is what is tested
            for result in runner.run(asked("m/a", "m/b"), {}):
                os.kill(os.getpid(), number)
                worked.append(str(result.pdt))  # as if nothing had come

    assert worked == ["m/a"]
    assert {str(one.pdt): (one.state.value, one.stopped) for one in runner.results} == {
        "m/a": ("SUCCEEDED", None),
        "m/b": ("CANCELLED", True),
    }


@pytest.mark.usefixtures("signalling")
def test_a_second_signal_while_whoever_iterates_works_comes_at_once(scene: Scene) -> None:
    sandbox = scene.sandbox(*pdts(a="", b=""), builds=(BuildScript(pdt="m/a", seconds=1), LONG))
    with scene.client(sandbox) as client:
        results = scene.runner(client).run(asked("m/a", "m/b"), {})
        next(results)
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Signalled):
            os.kill(os.getpid(), signal.SIGINT)
        results.close()
    assert [one.state for one in sandbox.builds] == ["complete", "killed"]


def signal_at(sandboxes: list[Sandbox], operation: str, *numbers: signal.Signals) -> Any:
    """A log of a sandbox that sends signals when a call came, before it is answered."""

    def log(request: Request) -> None:
        if request.operation == operation and sum(one.operation == operation for one in sandboxes[0].requests) == 1:
            for number in numbers:
                os.kill(os.getpid(), number)

    return log


@pytest.mark.usefixtures("signalling")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_start_is_under_way_does_not_lose_the_id(scene: Scene, number: signal.Signals) -> None:
    sandboxes: list[Sandbox] = []
    sandbox = scene.sandbox(
        builds=(LONG,), faults=(Fault("start", Hang(0.3, processed=True)),), log=signal_at(sandboxes, "start", number)
    )
    sandboxes.append(sandbox)
    with scene.client(sandbox) as client:
        runner = scene.runner(client)
        with pytest.raises(Signalled):
            list(runner.run(asked(ORDERS), {}))

    (one,) = runner.results
    assert (one.state, one.build_id, one.stopped) == ("CANCELLED", "build-1", True)


@pytest.mark.usefixtures("signalling")
@pytest.mark.parametrize("cancel", [True, False])
def test_a_second_signal_while_the_start_is_under_way_ends_it_and_says_that_a_build_may_run(scene: Scene, cancel: bool) -> None:
    """The second goes to the main thread when the first was handled: so it is sent by the handler's side, in real order."""
    scene.may_go_on = True
    sandboxes: list[Sandbox] = []
    sandbox = scene.sandbox(
        builds=(LONG,),
        faults=(Fault("start", Hang(1.5, processed=True)),),
        log=signal_at(sandboxes, "start", signal.SIGINT, signal.SIGTERM),
    )
    sandboxes.append(sandbox)
    with scene.client(sandbox) as client:
        runner = scene.runner(client, cancel_on_interrupt=cancel)
        with pytest.raises(Signalled):
            list(runner.run(asked(ORDERS), {}))

    (one,) = runner.results
    assert (one.state, one.build_id) == ("START_AMBIGUOUS", None)
    assert "may be running" in one.message
    assert sandbox.calls["stop"] == 0


@pytest.mark.usefixtures("signalling")
def test_a_signal_during_a_check_stops_the_build(scene: Scene) -> None:
    sandboxes: list[Sandbox] = []
    sandbox = scene.sandbox(builds=(LONG,), faults=(Fault("check", Hang(5)),), log=signal_at(sandboxes, "check", signal.SIGINT))
    sandboxes.append(sandbox)
    with scene.client(sandbox) as client:
        runner = scene.runner(client)
        with pytest.raises(Signalled):
            list(runner.run(asked(ORDERS), {}))

    (one,) = runner.results
    assert (one.state, one.stopped) == ("CANCELLED", True)


# -- builds of others --------------------------------------------------------------------------------------------------


def start_one(scene: Scene, sandbox: Sandbox) -> str:
    with scene.client(sandbox) as client:
        return client.start(BuildRequest(pdt=ORDERS)).build_id


def test_a_build_of_another_is_watched_to_its_end_by_its_id(scene: Scene) -> None:
    sandbox = scene.sandbox()
    build = start_one(scene, sandbox)
    with scene.client(sandbox) as client:
        (result,) = scene.runner(client).attend([StartedBuild(build_id=build)])

    assert (result.state, result.pdt, result.build_id, result.starts) == ("SUCCEEDED", None, build, 0)


def test_a_build_of_another_is_stopped_by_its_id(scene: Scene) -> None:
    sandbox = scene.sandbox(builds=(LONG,))
    build = start_one(scene, sandbox)
    with scene.client(sandbox) as client:
        (result,) = scene.runner(client).attend([StartedBuild(build_id=build)], stop=True)

    assert (result.state, result.stopped) == ("CANCELLED", True)
    assert (sandbox.calls["check"], sandbox.calls["stop"]) == (0, 1)


def test_a_build_that_is_named_twice_is_watched_once(scene: Scene) -> None:
    sandbox = scene.sandbox()
    build = start_one(scene, sandbox)
    with scene.client(sandbox) as client:
        named = [StartedBuild(build_id=build), StartedBuild(build_id=build)]
        (result,) = scene.runner(client).attend(named)

    assert (result.state, result.build_id) == ("SUCCEEDED", build)


def test_nothing_is_stopped_before_somebody_iterates(scene: Scene) -> None:
    sandbox = scene.sandbox(builds=(LONG,))
    build = start_one(scene, sandbox)
    events: list[BuildEvent] = []
    with scene.client(sandbox) as client:
        results = scene.runner(client, tell=events.append).attend([StartedBuild(build_id=build)], stop=True)
        assert events == []
        scene.clock.advance(60)  # longer than a stop may take
        (result,) = results

    assert (result.state, result.stopped, result.duration_s) == ("CANCELLED", True, 60.0)
    assert [one.kind for one in events] == ["stopping", "ended"]


def test_when_it_was_started_is_what_is_known_of_it(scene: Scene) -> None:
    scene.may_start_twice = True
    sandbox = scene.sandbox()
    build, other = start_one(scene, sandbox), start_one(scene, sandbox)
    with scene.client(sandbox) as client:
        known = StartedBuild(build_id=build, started_at="2026-03-01T07:00:00.000+00:00")
        results = scene.runner(client).attend([known, StartedBuild(build_id=other)])
        started_at = {one.build_id: one.started_at for one in results}

    assert started_at == {build: "2026-03-01T07:00:00.000+00:00", other: None}


def test_a_build_that_nobody_knows_can_neither_be_watched_nor_stopped(scene: Scene) -> None:
    sandbox = scene.sandbox()
    with scene.client(sandbox) as client:
        (watched,) = scene.runner(client).attend([StartedBuild(build_id="nothing")])
        (stopped,) = scene.runner(client).attend([StartedBuild(build_id="nothing")], stop=True)

    assert (watched.state, watched.failure, watched.stopped) == ("LOST", "status", False)
    assert (stopped.state, stopped.failure, stopped.stopped) == ("LOST", "status", False)


def test_an_id_that_a_start_does_not_give_is_not_made_up(scene: Scene) -> None:
    scene.may_go_on = True
    sandbox = scene.sandbox(faults=(Fault("start", Alter(materialization_id="")),))
    built = scene.build(sandbox, patience=EVEN)

    assert built.result.build_id is None
