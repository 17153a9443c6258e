"""How builds go: cascades, waiting, stops, limits; over HTTP, with a clock that the tests advance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise

import pytest

from dagster_lookml.pdt.sandbox import BuildScript, Sandbox, SandboxPdt, Script, SteppedClock
from tests.pdt.sandbox.client import Client

CHAIN = (
    SandboxPdt("sales", "orders"),
    SandboxPdt("sales", "recent", (("sales", "orders"),), persistent=False),
    SandboxPdt("sales", "totals", (("sales", "recent"),)),
    SandboxPdt("sales", "report", (("sales", "totals"), ("sales", "orders"))),
    SandboxPdt("ops", "stock"),
)


class World:
    """A sandbox, its clock, and a client of it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.clock = SteppedClock()

    def open(self, *builds: BuildScript, builders: int | None = None, pdts: tuple[SandboxPdt, ...] = CHAIN) -> None:
        self.sandbox = self._stack.enter_context(
            Sandbox(
                pdts, script=Script(builds=builds), clock=self.clock, seconds=10, builders=builders, token_seconds=1_000_000_000
            )
        )
        self.client = self._stack.enter_context(Client(self.sandbox))

    def words(self, *identities: str) -> list[str]:
        return [self.client.word(identity) for identity in identities]

    def built(self) -> dict[str, int]:
        return {table.view: table.built for table in self.sandbox.tables if table.built}


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        yield (found := World(stack))
        assert found.sandbox.violations == ()


def test_a_build_is_added_then_runs_then_is_complete(world: World) -> None:
    world.open()
    build = world.client.start("sales/orders")
    words = [world.client.word(build)]
    for seconds in (0.1, 9.8, 0.1, 1000):
        world.clock.advance(seconds)
        words.append(world.client.word(build))

    assert words == ["added", "running", "running", "complete", "complete"]


def test_a_start_builds_what_is_missing_upstream_first_through_tables_that_are_not_persistent(world: World) -> None:
    world.open()
    build = world.client.start("sales/report")
    seen = []
    for _ in range(4):
        world.clock.advance(9.9)
        seen.append((world.client.word(build), world.built()))
        world.clock.advance(0.1)

    assert seen == [
        ("pending", {}),
        ("pending", {"orders": 1}),
        ("running", {"orders": 1, "totals": 1}),
        ("complete", {"orders": 1, "totals": 1, "report": 1}),
    ]


def test_a_start_does_not_build_what_is_valid_upstream(world: World) -> None:
    world.open()
    world.client.start("sales/totals")
    world.clock.advance(20)
    world.client.start("sales/report")
    world.clock.advance(10)

    assert world.built() == {"orders": 1, "totals": 1, "report": 1}


def test_force_rebuild_builds_all_upstream_again(world: World) -> None:
    world.open()
    world.client.start("sales/report")
    world.clock.advance(30)
    build = world.client.start("sales/report", "?force_rebuild=true&force_full_incremental=false&workspace=dev&source=me")
    world.clock.advance(30)

    assert world.built() == {"orders": 2, "totals": 2, "report": 2}
    assert world.words(build) == ["complete"]
    assert (world.sandbox.builds[1].force_rebuild, world.sandbox.builds[1].workspace, world.sandbox.builds[1].source) == (
        True,
        "dev",
        "me",
    )


def test_a_table_that_is_built_again_fails_and_stays_valid(world: World) -> None:
    world.open(BuildScript(pdt="sales/orders", fails_first=1))
    world.client.start("sales/orders")
    world.clock.advance(10)
    assert world.built() == {}
    build = world.client.start("sales/totals")
    world.clock.advance(20)

    assert world.words(build) == ["complete"]
    assert world.built() == {"orders": 1, "totals": 1}


def test_an_upstream_that_fails_makes_the_build_an_error_that_names_it(world: World) -> None:
    world.open(BuildScript(pdt="*/orders", outcome="error", message="permission denied"))
    build = world.client.start("sales/report")
    world.clock.advance(10)

    assert world.client.says(build)["status"] == "error"
    assert "sales/" in world.client.says(build)["message"]
    assert "upstream" in world.client.says(build)["message"]
    assert world.built() == {}


def test_a_second_start_while_it_is_being_built_waits_for_the_same_build(world: World) -> None:
    world.open()
    first = world.client.start("sales/orders")
    world.clock.advance(4)
    second = world.client.start("sales/orders")
    world.clock.advance(6)

    assert first != second
    assert world.words(first, second) == ["complete", "complete"]
    assert world.built() == {"orders": 1}
    assert [(table.view, table.overlaps) for table in world.sandbox.tables if table.overlaps] == [("orders", 1)]
    assert world.sandbox.starts == {("sales", "orders"): 2}


def test_a_build_waits_for_an_upstream_that_somebody_else_is_building(world: World) -> None:
    world.open()
    world.client.start("sales/orders")
    world.clock.advance(5)
    build = world.client.start("sales/totals")
    world.clock.advance(4)
    assert world.words(build) == ["pending"]
    world.clock.advance(1)
    assert world.words(build) == ["running"]


def test_builds_beyond_the_number_of_builders_are_pending(world: World) -> None:
    world.open(builders=1)
    builds = [world.client.start("sales/orders"), world.client.start("ops/stock")]
    world.clock.advance(1)
    assert world.words(*builds) == ["running", "pending"]
    world.clock.advance(9)
    assert world.words(*builds) == ["complete", "running"]
    world.clock.advance(10)
    assert world.words(*builds) == ["complete", "complete"]


def test_a_stop_frees_the_builder(world: World) -> None:
    world.open(builders=1)
    builds = [world.client.start("sales/orders"), world.client.start("ops/stock")]
    world.clock.advance(1)
    assert '"killed"' in world.client.stop(builds[0]).json()["resp_text"]
    world.clock.advance(1)

    assert world.words(*builds) == ["killed", "running"]


def test_a_stop_of_a_build_that_is_over_changes_nothing(world: World) -> None:
    world.open()
    build = world.client.start("sales/orders")
    world.clock.advance(10)
    answer = world.client.stop(build)

    assert (answer.status_code, answer.json()["resp_text"]) == (200, '{"status":"complete"}')
    assert world.words(build) == ["complete"]


def test_a_stop_kills_the_whole_cascade_of_its_start(world: World) -> None:
    world.open()
    build = world.client.start("sales/report")
    world.clock.advance(5)
    world.client.stop(build)
    world.clock.advance(100)

    assert world.words(build) == ["killed"]
    assert world.built() == {}


def test_a_stop_leaves_what_another_start_waits_for(world: World) -> None:
    world.open()
    first, second = world.client.start("sales/orders"), world.client.start("sales/totals")
    world.clock.advance(5)
    world.client.stop(first)
    world.clock.advance(15)

    assert world.words(first, second) == ["killed", "complete"]


def test_a_stop_may_take_its_time(world: World) -> None:
    world.open(BuildScript(stop_latency=3))
    build = world.client.start("sales/orders")
    world.clock.advance(1)
    answer = world.client.stop(build)
    world.clock.advance(2.9)
    words = world.words(build)
    world.clock.advance(0.1)

    assert answer.json()["resp_text"] == '{"status":"running"}'
    assert words + world.words(build) == ["running", "killed"]


def test_a_build_that_ends_before_its_stop_takes_effect_is_complete(world: World) -> None:
    world.open(BuildScript(stop_latency=30))
    build = world.client.start("sales/orders")
    world.client.stop(build)
    world.clock.advance(40)

    assert world.words(build) == ["complete"]


def test_the_first_stops_may_have_no_effect(world: World) -> None:
    world.open(BuildScript(stops_ignored=2))
    build = world.client.start("sales/orders")
    world.clock.advance(1)
    words = []
    for _ in range(3):
        world.client.stop(build)
        words += world.words(build)

    assert words == ["running", "running", "killed"]


def test_a_build_may_be_killed_from_outside(world: World) -> None:
    world.open(BuildScript(outcome="killed", seconds=3))
    build = world.client.start("sales/orders")
    world.clock.advance(3)

    assert world.words(build) == ["killed"]


def test_a_build_may_never_end_but_can_be_stopped(world: World) -> None:
    world.open(BuildScript(outcome="stuck"))
    build = world.client.start("sales/orders")
    world.clock.advance(1_000_000)
    assert world.words(build) == ["running"]
    world.client.stop(build)
    assert world.words(build) == ["killed"]


def test_checks_may_say_other_words_before_the_truth(world: World) -> None:
    world.open(BuildScript(words=("expired", "RUNNING")))
    build = world.client.start("sales/orders")
    world.clock.advance(10)

    assert world.words(build, build, build) == ["expired", "RUNNING", "complete"]


def test_a_stuck_build_says_its_last_word_until_it_is_stopped(world: World) -> None:
    world.open(BuildScript(words=("missing",), outcome="stuck"))
    build = world.client.start("sales/orders")
    assert world.words(build, build, build) == ["missing"] * 3
    world.client.stop(build)
    assert world.words(build) == ["killed"]


def test_the_first_script_that_fits_a_pdt_counts(world: World) -> None:
    world.open(BuildScript(pdt="ops/*", seconds=1), BuildScript(seconds=2))
    builds = [world.client.start("ops/stock"), world.client.start("sales/orders")]
    world.clock.advance(1)

    assert world.words(*builds) == ["complete", "running"]


def test_a_build_may_fail_with_a_message(world: World) -> None:
    world.open(BuildScript(outcome="error", message='no "such" table'))
    build = world.client.start("ops/stock")
    world.clock.advance(10)

    assert world.client.says(build) == {"status": "error", "message": 'no "such" table'}


def test_tables_that_read_each_other_in_a_circle_are_an_error(world: World) -> None:
    world.open(
        pdts=(SandboxPdt("m", "a", (("m", "b"),)), SandboxPdt("m", "b", (("m", "a"),)), SandboxPdt("m", "c", (("m", "c"),)))
    )

    for name in ("m/a", "m/c"):
        said = world.client.says(world.client.start(name))
        assert (said["status"], "circle" in said["message"]) == ("error", True)


def test_a_chain_of_thousands_is_built_from_its_far_end(world: World) -> None:
    count = 3_000
    names = [f"t{number}" for number in range(count)]
    chain = [SandboxPdt("m", name, (("m", before),)) for before, name in pairwise(names)]
    world.open(pdts=(SandboxPdt("m", names[0]), *chain))
    build = world.client.start(f"m/{names[-1]}")
    world.clock.advance(10 * count - 0.5)
    assert world.words(build) == ["running"]
    world.clock.advance(0.5)
    assert world.words(build) == ["complete"]


def test_a_chain_of_thousands_fails_from_its_far_end(world: World) -> None:
    names = [f"t{number}" for number in range(3_000)]
    chain = [SandboxPdt("m", name, (("m", before),)) for before, name in pairwise(names)]
    world.open(BuildScript(pdt="m/t0", outcome="error"), pdts=(SandboxPdt("m", names[0]), *chain))
    build = world.client.start(f"m/{names[-1]}")
    world.clock.advance(10)

    assert world.words(build) == ["error"]


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("derived_table/sales/nothing/start", 404, "Not found"),
        ("derived_table/nothing/orders/start", 404, "Not found"),
        ("derived_table/build-99/status", 404, "Not found"),
        ("derived_table/build-99/stop", 404, "Not found"),
        ("derived_table/sales/recent/start", 400, "An error has occurred."),
        ("derived_table/graph/model/nothing", 404, "Not found"),
    ],
)
def test_what_does_not_exist_is_refused(world: World, path: str, status: int, message: str) -> None:
    world.open()
    answer = world.client.get(path)

    assert (answer.status_code, answer.json()) == (status, {"message": message, "documentation_url": "https://docs.looker.com/"})
    assert world.sandbox.builds == ()


def test_the_graph_is_coloured_by_state(world: World) -> None:
    world.open(BuildScript(pdt="sales/totals", outcome="error"))
    world.client.start("sales/totals")
    world.clock.advance(20)
    world.client.start("ops/stock")
    world.clock.advance(1)
    colours = {
        line.split('"')[1]: line.split('"')[-2]
        for path in ("model/sales", "view/stock?models=ops&workspace=production")
        for line in world.client.get(f"derived_table/graph/{path}").json()["graph_text"].splitlines()
        if "fillcolor" in line
    }

    assert colours == {
        "sales::orders": "green",
        "sales::recent": "grey",
        "sales::report": "grey",
        "sales::totals": "red",
        "ops::stock": "yellow",
    }


def test_a_table_that_is_given_twice_or_reads_an_unknown_one_is_refused() -> None:
    with pytest.raises(ValueError, match="m/a is given twice"):
        Sandbox([SandboxPdt("m", "a"), SandboxPdt("m", "a")])
    with pytest.raises(ValueError, match="m/a reads m/b, which is not given"):
        Sandbox([SandboxPdt("m", "a", (("m", "b"),))])


def test_of_builds_that_have_ended_the_last_ones_are_remembered_and_of_others_all() -> None:
    clock = SteppedClock()
    script = Script(builds=(BuildScript(pdt="m/stuck", outcome="stuck"),))
    pdts = [SandboxPdt("m", "stuck"), SandboxPdt("m", "a")]
    with Sandbox(pdts, script=script, clock=clock, remembered=2) as sandbox, Client(sandbox) as client:
        waiting = client.start("m/stuck")
        ended = []
        for _ in range(5):
            ended.append(client.start("m/a"))
            clock.advance(5)
        latest = client.start("m/a")

        assert len({waiting, *ended, latest}) == 7
        assert [build.id for build in sandbox.builds] == [waiting, *ended[-2:], latest]
        assert [client.check(identity).status_code for identity in ended] == [404, 404, 404, 200, 200]
        assert client.check(ended[0]).json() == client.check("build-99").json()
        assert client.stop(ended[0]).status_code == 404
        assert (client.word(waiting), client.word(ended[-1])) == ("running", "complete")
        assert (sandbox.starts["m", "a"], [table.built for table in sandbox.tables]) == (6, [5, 0])


def test_what_is_forgotten_is_what_ended_first_and_not_what_was_started_first() -> None:
    clock = SteppedClock()
    script = Script(builds=(BuildScript(pdt="m/slow", seconds=30),))
    pdts = [SandboxPdt("m", "slow"), SandboxPdt("m", "a")]
    with Sandbox(pdts, script=script, clock=clock, remembered=1) as sandbox, Client(sandbox) as client:
        slow = client.start("m/slow")
        quick = client.start("m/a")
        clock.advance(30)
        client.start("m/a")

        assert [client.check(identity).status_code for identity in (slow, quick)] == [200, 404]


def test_a_table_stays_built_when_its_build_is_forgotten() -> None:
    clock = SteppedClock()
    pdts = [SandboxPdt("m", "a"), SandboxPdt("m", "b", (("m", "a"),))]
    with Sandbox(pdts, clock=clock, remembered=0) as sandbox, Client(sandbox) as client:
        client.start("m/a")
        clock.advance(5)
        reader = client.start("m/b")
        clock.advance(5)

        assert client.word(reader) == "complete"
        assert [table.built for table in sandbox.tables] == [1, 1]
