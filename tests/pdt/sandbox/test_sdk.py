"""The real looker-sdk against the sandbox."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from looker_sdk import error
from looker_sdk.rtl import auth_session, requests_transport, serialize
from looker_sdk.rtl.api_settings import ApiSettings, SettingsConfig
from looker_sdk.sdk.api40.methods import Looker40SDK

from dagster_lookml.pdt.sandbox import Fault, Respond, Sandbox, SandboxPdt, Script, SteppedClock

PDTS = (SandboxPdt("sales", "orders"), SandboxPdt("sales", "recent", persistent=False))


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a proxy nor a looker.ini of whoever runs this."""
    for name in list(os.environ):
        if name.startswith("LOOKERSDK_") or name.upper() in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


class Settings(ApiSettings):
    """Of one sandbox."""

    def __init__(self, url: str) -> None:
        self._url = url
        super().__init__()

    def read_config(self) -> SettingsConfig:
        return {"base_url": self._url, "client_id": "any", "client_secret": "any", "timeout": "10"}


def sdk_for(sandbox: Sandbox) -> Looker40SDK:
    settings = Settings(sandbox.url)
    transport = requests_transport.RequestsTransport.configure(settings)
    session = auth_session.AuthSession(settings, transport, serialize.deserialize40, "4.0")
    return Looker40SDK(session, serialize.deserialize40, serialize.serialize40, transport, "4.0")


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def sandbox(clock: SteppedClock) -> Iterator[Sandbox]:
    with Sandbox(PDTS, clock=clock) as found:
        yield found
        assert found.violations == ()


def test_the_sdk_starts_checks_stops_and_leaves(sandbox: Sandbox, clock: SteppedClock) -> None:
    sdk = sdk_for(sandbox)
    with sdk:
        build = sdk.start_pdt_build("sales", "orders", force_rebuild="true", workspace="production", source="a test")
        clock.advance(1)
        running = sdk.check_pdt_build(build.materialization_id or "")
        stopped = sdk.stop_pdt_build(build.materialization_id or "", source="a test")

    assert (build.materialization_id, build.resp_text) == ("build-1", '{"status":"added"}')
    assert (running.resp_text, stopped.resp_text) == ('{"status":"running"}', '{"status":"killed"}')
    assert [(one.operation, one.scheme, one.status) for one in sandbox.requests] == [
        ("login", None, 200),
        ("start", "Bearer", 200),
        ("check", "Bearer", 200),
        ("stop", "Bearer", 200),
        ("logout", "Bearer", 204),
    ]


def test_the_sdk_reads_versions_and_graphs(sandbox: Sandbox) -> None:
    sdk = sdk_for(sandbox)
    versions = sdk.versions()

    assert versions.current_version is not None
    assert (versions.current_version.version, versions.api_server_url) == ("4.0", sandbox.url)
    assert '"sales::orders"' in (sdk.graph_derived_tables_for_model("sales", format="dot", color="x").graph_text or "")
    sdk.logout()


def test_the_sdk_gets_the_errors_of_looker(sandbox: Sandbox) -> None:
    sdk = sdk_for(sandbox)
    calls: tuple[tuple[Callable[[], object], str], ...] = (
        (lambda: sdk.start_pdt_build("sales", "recent"), "An error has occurred."),
        (lambda: sdk.start_pdt_build("sales", "nothing"), "Not found"),
        (lambda: sdk.check_pdt_build("nothing"), "Not found"),
    )
    for call, message in calls:
        with pytest.raises(error.SDKError) as caught:
            call()
        assert caught.value.message == message


def test_the_sdk_sees_what_a_script_does(clock: SteppedClock) -> None:
    script = Script(faults=(Fault("check", Respond(502, body="html")),))
    with Sandbox(PDTS, clock=clock, script=script) as sandbox:
        sdk = sdk_for(sandbox)
        identity = sdk.start_pdt_build("sales", "orders").materialization_id or ""
        with pytest.raises(error.SDKError, match="502 Bad Gateway"):
            sdk.check_pdt_build(identity)
        clock.advance(5)

        assert sdk.check_pdt_build(identity).resp_text == '{"status":"complete"}'
