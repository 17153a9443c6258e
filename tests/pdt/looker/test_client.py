"""The client, over real HTTP with the real SDK: what goes over the wire."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import certifi
import msgspec
import pytest
import requests

from dagster_lookml.errors import BuildRequestError, CallError
from dagster_lookml.pdt.building.events import BuildResult
from dagster_lookml.pdt.looker.client import Answer, LookerClient
from dagster_lookml.pdt.request import BuildRequest, PdtName
from dagster_lookml.pdt.sandbox import Drop, Fault, Hang, Reset, Respond, SandboxPdt
from dagster_lookml.pdt.sandbox.actions import Action
from tests.pdt.answering import ONE_BUILD, Answering, answer, closed_port
from tests.pdt.simulated import ORDERS, SECRET, Scene, asked, settings_of

START = BuildRequest(pdt=ORDERS)


def test_many_looks_share_one_connection(scene: Scene) -> None:
    """The login has one, and the start begins another: on one that was left open it might be lost (PDT-R7)."""
    with Answering([*ONE_BUILD[:2], *[ONE_BUILD[2]] * 50, ONE_BUILD[3]]) as server:
        client = scene.client(server.url)
        build = client.start(START).build_id
        assert {client.check(build).build_id for _ in range(50)} == {"7"}
        client.close()

        assert server.connections == 2


def test_a_connection_that_the_server_closed_meanwhile_is_no_failure_of_a_start(scene: Scene) -> None:
    login = ONE_BUILD[0].replace(b"Content-Type", b"X-Type")  # after which the server hangs up
    with Answering([login, *ONE_BUILD[1:]]) as server:
        assert scene.client(server.url).start(START) == Answer("7", '{"status": "added"}')


def test_names_are_encoded_in_paths(scene: Scene) -> None:
    sandbox = scene.sandbox(SandboxPdt("sales & more", "café+1: [x];=~"))
    built = scene.build(sandbox, BuildRequest(pdt=PdtName("sales & more", "café+1: [x];=~")))

    assert built.result.state == "SUCCEEDED"
    (start,) = (one for one in sandbox.requests if one.operation == "start")
    path = start.raw_path.partition("?")[0]
    assert path == "/api/4.0/derived_table/sales%20%26%20more/caf%C3%A9%2B1%3A%20%5Bx%5D%3B%3D~/start"


def test_what_is_not_asked_for_is_left_out(scene: Scene) -> None:
    sandbox = scene.sandbox()
    scene.build(sandbox)

    (start,) = (one for one in sandbox.requests if one.operation == "start")
    assert start.query == {"workspace": "production"}


def test_options_go_out_as_the_api_spells_them(scene: Scene) -> None:
    sandbox = scene.sandbox()
    how = {"force_rebuild": True, "force_full_incremental": True, "workspace": "dev", "source": "CI & night/1"}
    scene.build(sandbox, *asked(ORDERS, **how))

    (start,) = (one for one in sandbox.requests if one.operation == "start")
    assert start.query == {
        "force_rebuild": "true",
        "force_full_incremental": "true",
        "workspace": "dev",
        "source": "CI & night/1",
    }
    assert {one.scheme for one in sandbox.requests if one.operation != "login"} == {"Bearer"}


@pytest.mark.parametrize("identity", ["", "..", ".", "a/b", "a%2fb", "a?b", "a#b", "-x", " ", "x\n", "x" * 501, None, 7])
def test_what_is_no_id_is_asked_about_nowhere(scene: Scene, identity: str) -> None:
    sandbox = scene.sandbox()
    client = scene.client(sandbox)
    for call in (client.check, client.stop):
        with pytest.raises(BuildRequestError):
            call(identity)
    assert sandbox.requests == ()


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "a%2fb", "a\\b", "a?b", "a\tb", "x" * 501])
def test_what_is_no_name_cannot_be_asked_for(name: str) -> None:
    for model, view in ((name, "v"), ("m", name)):
        with pytest.raises(BuildRequestError):
            PdtName(model, view)
    with pytest.raises(BuildRequestError):
        BuildRequest(pdt=ORDERS, workspace="staging")  # type: ignore[arg-type]


def test_a_client_that_asked_for_nothing_sends_nothing(scene: Scene) -> None:
    sandbox = scene.sandbox()
    with LookerClient(settings_of(sandbox.url)):
        pass
    assert sandbox.requests == ()


def test_it_logs_out_at_the_end(scene: Scene) -> None:
    sandbox = scene.sandbox()
    with LookerClient(settings_of(sandbox.url)) as client:
        client.start(START)
    scene.may_go_on = True

    last = sandbox.requests[-1]
    assert (last.operation, last.raw_path, last.status) == ("logout", "/api/logout", 204)


@pytest.mark.parametrize(
    "action",
    [
        Respond(500),
        Respond(404, body="html"),
        Respond(302, location="/"),
        Reset(),
        Drop(),
        pytest.param(Hang(9), marks=pytest.mark.slow),
    ],
)
def test_a_logout_that_fails_hides_nothing(scene: Scene, action: Action) -> None:
    scene.may_go_on = True
    sandbox = scene.sandbox(faults=(Fault("logout", action, nth="all"),))
    begun = monotonic()
    with pytest.raises(ZeroDivisionError), LookerClient(settings_of(sandbox.url)) as client:  # noqa: PT012 - it is left by an error
        client.start(START)
        raise ZeroDivisionError

    assert sandbox.calls["logout"] == 1
    assert monotonic() - begun < 7


def test_nothing_is_needed_of_a_thread(scene: Scene) -> None:
    sandbox = scene.sandbox()
    found: list[BuildResult] = []
    thread = threading.Thread(target=lambda: found.append(scene.build(sandbox).result))
    thread.start()
    thread.join(30)

    assert [one.state.value for one in found] == ["SUCCEEDED"]


def test_a_token_that_ran_out_at_the_server_costs_a_login(scene: Scene) -> None:
    """Here the clock of the server went on, and ours did not."""
    sandbox = scene.sandbox(token_seconds=60)
    client = scene.client(sandbox)
    build = client.start(START).build_id
    scene.clock.advance(61)

    assert client.check(build).text == '{"status":"complete"}'
    assert sandbox.calls["login"] == 2


def test_what_the_caller_is_handling_says_nothing_of_a_start(scene: Scene) -> None:
    """That it could not connect elsewhere does not mean that the start was not sent."""
    scene.may_go_on = True
    sandbox = scene.sandbox(faults=(Fault("start", Drop(), nth="all"),))
    try:
        requests.get(f"http://127.0.0.1:{closed_port()}", timeout=1)
    except requests.ConnectionError:
        built = scene.build(sandbox)

    assert (built.result.state, built.result.failure) == ("START_AMBIGUOUS", "unanswered")
    assert sandbox.starts.total() == 1


def test_the_release_is_read(scene: Scene) -> None:
    assert scene.client(scene.sandbox()).release() == "26.12.3"


@pytest.mark.parametrize("body", ['{"looker_release_version": null}', '{"x": {"y": [1]}}'])
def test_a_release_that_is_not_said_is_empty(scene: Scene, body: str) -> None:
    with Answering([ONE_BUILD[0], answer(body)]) as server:
        assert scene.client(server.url).release() == ""


@pytest.mark.parametrize("body", ["[]", "null", "<html>", "[" * 100_000])
def test_versions_that_are_none_are_a_bad_answer(scene: Scene, body: str) -> None:
    with Answering([ONE_BUILD[0], answer(body)]) as server, pytest.raises(CallError) as caught:
        scene.client(server.url).release()
    assert (caught.value.operation, caught.value.failure) == ("versions", "unreadable")


def test_its_text_shows_no_secret(scene: Scene) -> None:
    client = scene.client("http://127.0.0.1:1")
    shown = f"{client!r} {client.settings!r} {client.settings!s}"

    assert SECRET not in shown
    assert "the-id" not in shown


def test_what_is_recorded_holds_every_call_and_no_secret(scene: Scene) -> None:
    sandbox = scene.sandbox(faults=(Fault("check", Respond(429, retry_after=3)), Fault("check", Reset(), nth=2)))
    scene.build(sandbox)

    assert [(one.operation, one.status) for one in scene.exchanges] == [
        ("login", 200),
        ("start", 200),
        ("check", 429),
        ("check", None),
        ("check", 200),
        ("logout", 204),
    ]
    assert scene.exchanges[2].retry_after == "3"
    assert scene.exchanges[1].body == '{"materialization_id":"build-1","resp_text":"{\\"status\\":\\"added\\"}"}'
    written = msgspec.json.encode(scene.exchanges).decode()
    assert SECRET not in written
    assert "access_token" not in written


# -- proxies -----------------------------------------------------------------------------------------------------------


def test_a_proxy_of_the_environment_is_used(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with Answering(ONE_BUILD) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("//", "//me:pr0xy-p4ss@"))
        built = scene.build("http://looker.invalid:19999")

        assert built.states == {"sales/orders": "SUCCEEDED"}
        assert proxy.received.startswith(b"POST http://looker.invalid:19999/api/4.0/login HTTP/1.1\r\n")
    assert "pr0xy-p4ss" not in repr((built, scene.exchanges))


def test_no_proxy_is_used_for_a_host_that_is_excepted(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with Answering(ONE_BUILD) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        built = scene.build(scene.sandbox())

        assert built.states == {"sales/orders": "SUCCEEDED"}
        assert proxy.received == b""


def test_a_proxy_that_is_not_there_has_passed_nothing_on(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://me:pr0xy-p4ss@127.0.0.1:{closed_port()}")
    built = scene.build("http://looker.invalid:19999")

    assert (built.result.state, built.result.failure, built.code) == ("START_FAILED", "unsent", 4)
    assert "pr0xy-p4ss" not in repr(built)


def test_a_page_of_a_proxy_is_no_answer_of_looker(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    page = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
    with Answering([ONE_BUILD[0], page]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        built = scene.build("http://looker.invalid:19999")

    assert (built.result.state, built.result.failure, built.result.starts) == ("START_AMBIGUOUS", "unreadable", 1)


# -- certificates ------------------------------------------------------------------------------------------------------


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a server with a certificate that nobody has signed, and the certificate."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Answering(ONE_BUILD, secure=context) as server:
        yield server.url, certificate


def state_with(scene: Scene, url: str, *, verify: bool) -> tuple[str, str | None, int, int]:
    settings = msgspec.structs.replace(settings_of(url), verify_ssl=verify)
    with LookerClient(settings) as client:
        (result,) = scene.runner(client).run([START], {})
    return result.state.value, result.failure, result.starts, result.retries


def test_a_certificate_that_nobody_signed_is_not_trusted(scene: Scene, secure: tuple[str, Path]) -> None:
    assert state_with(scene, secure[0], verify=True) == ("START_FAILED", "untrusted", 0, 0)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_certificates_are_not_checked_where_that_was_asked_for(scene: Scene, secure: tuple[str, Path]) -> None:
    assert state_with(scene, secure[0], verify=False) == ("SUCCEEDED", None, 1, 0)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_bundle_of_the_environment_does_not_change_that(
    scene: Scene, secure: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())

    assert state_with(scene, secure[0], verify=False) == ("SUCCEEDED", None, 1, 0)


def test_a_bundle_of_the_environment_is_trusted(scene: Scene, secure: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure[1]))

    assert state_with(scene, secure[0], verify=True) == ("SUCCEEDED", None, 1, 0)


def test_a_bundle_that_is_not_there_is_no_reason_to_try_again(
    scene: Scene, secure: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))

    assert state_with(scene, secure[0], verify=True) == ("START_FAILED", "misconfigured", 0, 0)


def test_a_bundle_without_a_certificate_is_no_reason_to_try_again(
    scene: Scene, secure: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("no certificate\n")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))

    assert state_with(scene, secure[0], verify=True) == ("START_FAILED", "misconfigured", 0, 0)


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:port", "http://", "ftp://127.0.0.1:21", "socks9://127.0.0.1:1080"])
def test_a_proxy_that_is_none_is_no_reason_to_try_again(scene: Scene, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    built = scene.build("http://looker.invalid:19999")

    result = built.result
    assert (result.state, result.failure, result.starts, result.retries, built.code) == (
        "START_FAILED", "misconfigured", 0, 0, 4,
    )  # fmt: skip
