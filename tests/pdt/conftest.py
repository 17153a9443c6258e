"""Surroundings in which a test talks to loopback alone, whatever whoever runs it has set."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pdt.simulated import Scene

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a proxy, nor credentials, nor a looker.ini, nor builds of whoever runs this."""
    for name in list(os.environ):
        if name.startswith("LOOKERSDK_") or name.upper() in _PROXIES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("DAGSTER_LOOKML_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("DAGSTER_LOOKML_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def loopback_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections elsewhere are refused, and remembered: looker-sdk fetches documents about errors, and hides that it failed."""
    elsewhere: list[object] = []

    def guarded(name: str) -> Any:
        connect = getattr(socket.socket, name)

        def checked(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
                elsewhere.append(address)
                raise ConnectionRefusedError(f"{address} is not on loopback")
            return connect(self, address)

        return checked

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guarded(name))
    yield
    assert elsewhere == []


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Sandboxes in simulated time. None was asked twice for a build, and none builds any more, unless the test says so."""
    with Scene() as found:
        yield found
        found.check()
