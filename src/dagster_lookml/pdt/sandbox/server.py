"""The sandbox: a server on loopback that plays Looker's PDT endpoints."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Final

from dagster_lookml.pdt.sandbox.contract import Operation
from dagster_lookml.pdt.sandbox.instance import Looker, SandboxBuild
from dagster_lookml.pdt.sandbox.limits import BUILDS_REMEMBERED
from dagster_lookml.pdt.sandbox.records import Request, SandboxState, Violation
from dagster_lookml.pdt.sandbox.script import Script
from dagster_lookml.pdt.sandbox.service import Service
from dagster_lookml.pdt.sandbox.tables import SandboxPdt, TableState
from dagster_lookml.pdt.sandbox.tokens import Credentials, Tokens
from dagster_lookml.pdt.sandbox.wire import SandboxServer

_SECONDS_TO_CLOSE: Final = 0.5


class Sandbox:
    """Serves while it is open, as a context manager or from `open` to `close`.

    Args:
        pdts: the derived tables that it knows.
        script: what goes wrong; nothing if None.
        clock: the time in seconds. Builds and tokens obey it; what hangs or drips does so in real time.
        seconds: that a build of one table takes where the script does not say.
        builders: how many builds run at the same time; None for any number.
        credentials: the only ones to accept; any that are not empty if None.
        token_seconds: that a token is good for, and that login says.
        port: of 127.0.0.1; 0 for one that is free.
        life: stands in the ids of builds, so that those of another sandbox at the same port are not taken for its own.
        remembered: so many builds that have ended are known, the last ones; an older one is answered as one that there never
            was. Those that have not ended are all known. Of requests the last 100,000 are kept.
        log: told of every request, before it is answered; from several threads.

    Raises:
        ValueError: a table is given twice, or reads one that is not given.
        OSError: the port is taken.

    >>> with Sandbox([SandboxPdt("sales", "orders")]) as sandbox:
    ...     sandbox.url.startswith("http://127.0.0.1:"), sandbox.violations
    (True, ())
    """

    def __init__(
        self,
        pdts: Iterable[SandboxPdt] = (),
        *,
        script: Script | None = None,
        clock: Callable[[], float] = time.monotonic,
        seconds: float = 5.0,
        builders: int | None = None,
        credentials: Credentials | None = None,
        token_seconds: int = 3600,
        port: int = 0,
        life: str = "",
        remembered: int = BUILDS_REMEMBERED,
        log: Callable[[Request], None] | None = None,
    ) -> None:
        opened = clock()
        script = script or Script()

        def since_opened() -> float:
            return clock() - opened

        looker = Looker(
            pdts,
            clock=since_opened,
            script=script,
            seconds=seconds,
            builders=builders,
            life=life,
            remembered=remembered,
        )
        self._service = Service(looker, Tokens(since_opened, token_seconds, credentials), script, since_opened, log)
        self._server = SandboxServer(port, self._service)
        self.url: Final = f"http://127.0.0.1:{self._server.server_port}"
        self._service.url = self.url
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="looker-sandbox", daemon=True)

    def open(self) -> None:
        """Begin to serve, in a thread."""
        self._thread.start()

    def close(self) -> None:
        """End all connections, and serve no more."""
        self._server.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up(_SECONDS_TO_CLOSE)
        self._thread.join(_SECONDS_TO_CLOSE)

    def __enter__(self) -> Sandbox:
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.close()

    @property
    def state(self) -> SandboxState:
        """Everything as it stands, at one moment."""
        return self._service.state()

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests of the API, in the order in which they came."""
        return self.state.requests

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Requests that Looker's specification does not have. A test that ends with some has found a defect."""
        return self.state.violations

    @property
    def calls(self) -> Counter[Operation]:
        """How many requests came, by operation, those that a script struck too."""
        return Counter(self.state.calls)

    @property
    def starts(self) -> Counter[tuple[str, str]]:
        """How many starts had their effect, by model and view, those that nobody was answered too."""
        return self._service.starts()

    @property
    def tables(self) -> tuple[TableState, ...]:
        """The derived tables, by model and view."""
        return self.state.tables

    @property
    def builds(self) -> tuple[SandboxBuild, ...]:
        """The builds, in the order of their starts."""
        return self.state.builds
