"""Builds in a sandbox whose clock moves only while somebody waits: hours of building take no time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from random import Random
from types import TracebackType
from typing import Any

import msgspec

from dagster_lookml.pdt.building.events import BuildEvent, BuildResult
from dagster_lookml.pdt.building.exit_codes import exit_code
from dagster_lookml.pdt.building.patience import Patience
from dagster_lookml.pdt.building.runner import Runner
from dagster_lookml.pdt.looker.client import LookerClient
from dagster_lookml.pdt.looker.recording import Exchange
from dagster_lookml.pdt.looker.settings import LookerSettings
from dagster_lookml.pdt.request import BuildRequest, PdtName
from dagster_lookml.pdt.sandbox import BuildScript, Fault, Sandbox, SandboxPdt, Script, SteppedClock
from dagster_lookml.pdt.sandbox.script import RandomFaults

SECRET = "s3cr3t-of-the-key"
ORDERS = PdtName("sales", "orders")
PLAIN = SandboxPdt("sales", "orders")
EVEN = Patience(jitter=0.0)
"""Looks at 0, 2, 5, 9.5 seconds, and so on: a build of 5 seconds is seen complete by the third."""

Upstream = Mapping[PdtName, frozenset[PdtName]]


class SimulatedClock:
    """The clock of a sandbox, which a wait moves on."""

    def __init__(self, stepped: SteppedClock) -> None:
        self._stepped = stepped
        self.waits = 0

    def now(self) -> float:
        return self._stepped()

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.waits += 1
        self._stepped.advance(seconds)

    def today(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self._stepped())


class Built(msgspec.Struct, frozen=True):
    """What became of some builds, and what was told meanwhile."""

    results: tuple[BuildResult, ...]
    events: tuple[BuildEvent, ...]

    @property
    def result(self) -> BuildResult:
        """The only one."""
        (only,) = self.results
        return only

    @property
    def code(self) -> int:
        return exit_code(self.results)

    @property
    def states(self) -> dict[str, str]:
        return {str(one.pdt): one.state.value for one in self.results}


def settings_of(url: str, timeout: float = 10.0) -> LookerSettings:
    return LookerSettings(base_url=url, client_id="the-id", client_secret=SECRET, timeout=timeout)


def asked(*names: str | PdtName, **how: Any) -> list[BuildRequest]:
    """Requests by ``model/view``."""
    return [BuildRequest(pdt=name if isinstance(name, PdtName) else PdtName(*name.split("/")), **how) for name in names]


class Scene:
    """Sandboxes on one stepped clock.

    Attributes:
        may_start_twice: a test of starts that are sent again although one may have been carried out.
        may_go_on: a test after which a build is left in the sandbox that nobody could stop.
    """

    def __init__(self) -> None:
        self.clock = SteppedClock()
        self.may_start_twice = False
        self.may_go_on = False
        self.exchanges: list[Exchange] = []
        self._sandboxes: list[Sandbox] = []
        self._open = ExitStack()

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._open.close()

    def sandbox(
        self,
        *pdts: SandboxPdt,
        faults: Iterable[Fault] = (),
        builds: Iterable[BuildScript] = (),
        random: RandomFaults | None = None,
        **options: Any,
    ) -> Sandbox:
        script = Script(faults=tuple(faults), builds=tuple(builds), random=random)
        options.setdefault("clock", self.clock)
        found = self._open.enter_context(Sandbox(pdts or (PLAIN,), script=script, **options))
        self._sandboxes.append(found)
        return found

    def client(self, sandbox: Sandbox | str, timeout: float = 10.0) -> LookerClient:
        url = sandbox if isinstance(sandbox, str) else sandbox.url
        return self._open.enter_context(LookerClient(settings_of(url, timeout), self.exchanges.append))

    def runner(self, client: LookerClient, patience: Patience = EVEN, **options: Any) -> Runner:
        return Runner(client, patience, clock=SimulatedClock(self.clock), random=Random(7), **options)

    def build(
        self,
        sandbox: Sandbox | str,
        *requests: BuildRequest,
        upstream: Upstream | None = None,
        patience: Patience = EVEN,
        timeout: float = 10.0,
        **options: Any,
    ) -> Built:
        """Build, and log out."""
        events: list[BuildEvent] = []
        with self.client(sandbox, timeout) as client:
            runner = self.runner(client, patience, tell=events.append, **options)
            results = tuple(runner.run(requests or asked(ORDERS), upstream or {}))
            assert results == runner.results
        return Built(results, tuple(events))

    def check(self) -> None:
        """What holds after every test (PDT-R7, PDT-R9)."""
        for sandbox in self._sandboxes:
            assert sandbox.violations == ()
            if not self.may_start_twice:
                assert {name: number for name, number in sandbox.starts.items() if number > 1} == {}
            going_on = [one for one in sandbox.builds if one.state in ("added", "pending", "running")]
            assert bool(going_on) == self.may_go_on, going_on


def sent(sandbox: Sandbox) -> dict[str, int]:
    """How many calls of each operation came."""
    return dict(Counter(sandbox.calls))
