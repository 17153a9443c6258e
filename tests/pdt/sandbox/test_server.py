"""The server: who may ask, what it objects to, what it survives, what it shows."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
import requests

from dagster_lookml.pdt.sandbox import (
    ASSUMPTIONS,
    DISCLAIMER,
    BuildScript,
    Credentials,
    Request,
    Sandbox,
    SandboxPdt,
    Script,
    SteppedClock,
    request_line,
)
from tests.pdt.sandbox.client import Client

PDTS = (SandboxPdt("sales", "orders"), SandboxPdt("sales", "totals", (("sales", "orders"),)))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(PDTS, clock=SteppedClock()) as found:
        yield found


def raw(sandbox: Sandbox, sent: bytes) -> bytes:
    """What comes back over a plain connection until the server closes it."""
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


# -- who may ask -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["Bearer", "token"])
def test_both_schemes_of_authorization_are_accepted_and_logged(sandbox: Sandbox, scheme: str) -> None:
    with Client(sandbox) as client:
        token = str(client.session.headers["Authorization"]).split()[1]
        client.session.headers["Authorization"] = f"{scheme} {token}"

        assert client.get("versions").json()["current_version"]["version"] == "4.0"
        assert sandbox.requests[-1].scheme == scheme


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic x", "token"])
def test_without_a_good_token_everything_is_401(sandbox: Sandbox, authorization: str | None) -> None:
    with Client(sandbox, logged_in=False) as client:
        if authorization is not None:
            client.session.headers["Authorization"] = authorization
        paths = ("versions", "derived_table/sales/orders/start", "derived_table/x/status", "derived_table/x/stop")

        assert [client.get(path).status_code for path in paths] == [401] * 4
        assert client.get("versions").json()["message"] == "Requires authentication."
        assert sandbox.starts == {}


def test_a_token_runs_out_by_the_clock() -> None:
    clock = SteppedClock()
    with Sandbox(PDTS, clock=clock, token_seconds=60) as sandbox, Client(sandbox) as client:
        clock.advance(59)
        before = client.get("versions").status_code
        clock.advance(1)

        assert (before, client.get("versions").status_code) == (200, 401)
        assert client.login().json()["expires_in"] == 60


@pytest.mark.parametrize("path", ["/api/logout", "/api/4.0/logout"])
def test_logging_out_ends_the_token(sandbox: Sandbox, path: str) -> None:
    with Client(sandbox) as client:
        answer = client.session.delete(sandbox.url + path, timeout=10)

        assert (answer.status_code, answer.content) == (204, b"")
        assert client.get("versions").status_code == 401
        assert client.session.delete(sandbox.url + path, timeout=10).status_code == 401


def test_only_the_given_credentials_are_accepted_and_they_are_kept_out_of_the_log() -> None:
    with (
        Sandbox(credentials=Credentials("me", "hush")) as sandbox,
        Client(sandbox, logged_in=False) as client,
    ):
        statuses = [client.login(*key).status_code for key in (("me", "hush"), ("me", "hushh"), ("you", "hush"), ("me", ""))]
        in_query = client.session.post(f"{sandbox.url}/api/4.0/login?client_id=me&client_secret=hush", timeout=10)

        assert statuses == [200, 404, 404, 404]
        assert in_query.status_code == 200
        assert "hush" not in repr(sandbox.requests) + requests.get(f"{sandbox.url}/sandbox/state", timeout=10).text
        assert sandbox.violations == ()


# -- what it objects to ------------------------------------------------------------------------------------------------


def test_what_the_api_does_not_have_is_remembered(sandbox: Sandbox) -> None:
    with Client(sandbox) as client:
        statuses = [
            client.get("derived_table/sales/orders/begin").status_code,
            client.get("derived_table/sales/orders/start?rebuild=true").status_code,
            client.session.put(f"{sandbox.url}/api/4.0/versions", timeout=10).status_code,
            client.session.post(f"{sandbox.url}/api/4.0/login", json={"client_id": "a"}, timeout=10).status_code,
        ]

    assert statuses == [404, 400, 405, 400]
    assert [(one.method, one.raw_path) for one in sandbox.violations] == [
        ("GET", "/api/4.0/derived_table/sales/orders/begin"),
        ("GET", "/api/4.0/derived_table/sales/orders/start?rebuild=true"),
        ("PUT", "/api/4.0/versions"),
        ("POST", "/api/4.0/login"),
    ]
    assert sandbox.starts == {}


def test_slashes_at_the_start_of_a_path_are_seen(sandbox: Sandbox) -> None:
    assert raw(sandbox, b"GET //api/4.0/versions HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 404 ")
    assert sandbox.violations[0].raw_path == "//api/4.0/versions"


# -- what it survives --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\n\r\n", b"505"),
        (b"BREW /api/4.0/versions HTTP/1.1\r\n\r\n", b"501"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % number for number in range(200)) + b"\r\n", b"431"),
        (b"POST /api/4.0/login HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"411"),
        (b"POST /api/4.0/login HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"411"),
        (b"POST /api/4.0/login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"POST /api/4.0/login HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST /api/4.0/login HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n", b"413"),
        (b"\xff\xfe \x00 HTTP/1.1\r\n\r\n", b"501"),
    ],
)
def test_what_is_no_proper_http_is_refused_and_remembered(sandbox: Sandbox, sent: bytes, status: bytes) -> None:
    assert raw(sandbox, sent).split(b" ", 2)[1] == status
    assert len(sandbox.violations) == 1
    with Client(sandbox) as client:
        assert client.get("versions").status_code == 200


def test_a_login_of_a_million_bytes_that_are_no_text_is_only_a_wrong_login(sandbox: Sandbox) -> None:
    body = b"client_id=\xff\xfe&" + b"a" * 900_000
    head = (
        f"POST /api/4.0/login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )

    assert raw(sandbox, head.encode() + body).startswith(b"HTTP/1.1 404 ")


def test_a_caller_that_goes_away_is_no_objection(sandbox: Sandbox) -> None:
    assert raw(sandbox, b"") == b""
    assert raw(sandbox, b"POST /api/4.0/login HTTP/1.1\r\nContent-Length: 50\r\n\r\nclient_id=") == b""
    assert (sandbox.violations, sandbox.requests) == ((), ())
    with Client(sandbox) as client:
        assert client.get("versions").status_code == 200


def test_one_connection_serves_many_requests(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(sandbox.url.rpartition(":")[2]), timeout=10)
    connection.connect()
    first = connection.sock
    for path in ("/", "/api/4.0/versions", "/api/4.0/nothing", "/sandbox/state"):
        connection.request("GET", path)
        connection.getresponse().read()
        assert connection.sock is first
    connection.close()


def test_many_callers_at_once_start_each_build_once() -> None:
    pdts = [SandboxPdt("m", f"t{number}") for number in range(40)]
    with Sandbox(pdts, seconds=0) as sandbox:

        def build(names: list[str]) -> None:
            with Client(sandbox) as client:
                for name in names:
                    client.check(client.start(f"m/{name}"))

        threads = [threading.Thread(target=build, args=([f"t{one}" for one in range(first, 40, 8)],)) for first in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

        assert [table.built for table in sandbox.tables] == [1] * 40
        assert sandbox.starts == {("m", f"t{number}"): 1 for number in range(40)}
        assert sandbox.calls == {"login": 8, "start": 40, "check": 40}
        assert len({build.id for build in sandbox.builds}) == 40
        assert sandbox.violations == ()


def test_a_taken_port_is_told_and_a_closed_one_refuses(sandbox: Sandbox) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        Sandbox(port=port)
    sandbox.close()
    with pytest.raises(requests.exceptions.ConnectionError, match="refused"):
        requests.get(sandbox.url, timeout=10)


# -- what it tells -----------------------------------------------------------------------------------------------------


def test_the_log_has_every_request_before_its_answer_is_out() -> None:
    told: list[Request] = []
    with Sandbox(PDTS, clock=SteppedClock(), log=told.append) as sandbox, Client(sandbox) as client:
        client.stop(client.start("sales/totals", "?source=a+b"))
        client.get("nothing")

        assert sandbox.requests == tuple(told)
        assert [request_line(one) for one in told] == [
            "     0.0s login 200",
            "     0.0s start sales/totals build-1 200 added",
            "     0.0s stop sales/totals build-1 200 killed",
            "     0.0s GET /api/4.0/nothing 404",
        ]
        assert told[1].query == {"source": "a b"}
        assert told[1].raw_path == "/api/4.0/derived_table/sales/totals/start?source=a+b"


class _Page(HTMLParser):
    """The text of a page, and what it loads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data + " "


def test_the_page_says_what_it_is_and_what_goes_on(sandbox: Sandbox) -> None:
    with Client(sandbox) as client:
        client.start("sales/totals")
        client.get("nothing")
        answer = client.session.get(sandbox.url, timeout=10)
    page = _Page(answer.text)

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert DISCLAIMER in page.text
    assert all(number in page.text and what in page.text for number, what in ASSUMPTIONS)
    assert all(one in page.text for one in ("sales/orders", "sales/totals", "build-1", "running", "there is no GET"))
    assert (page.loads, "script" in page.tags) == (["#assumptions"], False)


def test_the_page_escapes_what_it_shows() -> None:
    evil = "<script>alert(1)</script>"
    script = Script(builds=(BuildScript(outcome="error", message=evil, words=(evil,), seconds=0),))
    with Sandbox([SandboxPdt(evil, '"&'), SandboxPdt("m", "v")], script=script) as sandbox, Client(sandbox) as client:
        client.check(client.start("m/v", f"?source={evil}"))
        client.get(f"{evil}?{evil}")
        html = client.session.get(sandbox.url, timeout=10).text

    assert "script" not in _Page(html).tags
    assert evil in _Page(html).text


def test_the_state_is_there_as_json(sandbox: Sandbox) -> None:
    with Client(sandbox) as client:
        client.start("sales/orders")
        state = json.loads(client.session.get(f"{sandbox.url}/sandbox/state", timeout=10).text)

    assert state["sandbox"] == DISCLAIMER
    assert [(one["id"], one["state"]) for one in state["builds"]] == [("build-1", "added")]
    assert [(one["view"], one["state"], one["built"]) for one in state["tables"]] == [
        ("orders", "running", 0),
        ("totals", "not built", 0),
    ]
    assert [one["operation"] for one in state["requests"]] == ["login", "start"]
    assert state["violations"] == []


def test_every_unknown_has_its_assumption() -> None:
    assert [number for number, _ in ASSUMPTIONS] == [f"U{number}" for number in range(1, 17)]


def test_it_needs_neither_dagster_nor_the_sdk_nor_the_compiler() -> None:
    foreign = ["click", "dagster", "looker_sdk", "lkml", "sqlglot", "dagster_lookml.workspace", "dagster_lookml.lineage"]
    program = f"import sys, dagster_lookml.pdt.sandbox; print([name for name in {foreign} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
