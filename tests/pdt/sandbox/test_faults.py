"""Every action of a script, as it is seen on the wire."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import pytest
import requests

from dagster_lookml.pdt.sandbox import (
    Action,
    Alter,
    Drip,
    Drop,
    Fault,
    Hang,
    Reset,
    Respond,
    Revoke,
    Sandbox,
    SandboxPdt,
    Script,
    SteppedClock,
    random_faults,
)
from tests.pdt.sandbox.client import Client

PDTS = (SandboxPdt("sales", "orders"), SandboxPdt("ops", "stock"))


@contextmanager
def struck(*faults: Fault) -> Iterator[tuple[Sandbox, Client]]:
    with (
        Sandbox(PDTS, script=Script(faults=faults), clock=SteppedClock()) as sandbox,
        Client(sandbox) as client,
    ):
        yield sandbox, client
        assert sandbox.violations == ()


def answer_of_check(action: Action) -> requests.Response:
    with struck(Fault("check", action)) as (_, client):
        return client.check(client.start("sales/orders"))


# -- respond -----------------------------------------------------------------------------------------------------------


def test_a_status_with_an_error_of_looker() -> None:
    answer = answer_of_check(Respond(503))

    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/json")
    assert answer.json() == {"message": "An error has occurred.", "documentation_url": "https://docs.looker.com/"}


def test_a_status_with_a_message_and_nulls() -> None:
    assert answer_of_check(Respond(404, message="Gone")).json()["message"] == "Gone"
    nulls = answer_of_check(Respond(404, null=("message", "documentation_url"))).json()
    assert nulls == {"message": None, "documentation_url": None}
    url = "https://docs.cloud.google.com/looker/docs/r/err/4.0/404/get/x"
    assert answer_of_check(Respond(404, documentation_url=url)).json()["documentation_url"] == url


def test_a_status_with_html_or_nothing_or_bytes_that_are_no_text() -> None:
    page = answer_of_check(Respond(502, body="html"))
    assert (page.status_code, page.headers["Content-Type"].split(";")[0], page.text[:15]) == (502, "text/html", "<!DOCTYPE html>")
    nothing = answer_of_check(Respond(503, body="empty"))
    assert (nothing.status_code, nothing.content) == (503, b"")
    with pytest.raises(UnicodeDecodeError):
        answer_of_check(Respond(500, body="not-utf8")).content.decode()


def test_a_status_with_a_literal_body() -> None:
    answer = answer_of_check(Respond(500, text='["x"]', content_type="application/problem+json", headers={"X-One": "1"}))

    assert (answer.json(), answer.headers["Content-Type"], answer.headers["X-One"]) == (["x"], "application/problem+json", "1")


@pytest.mark.parametrize(("value", "sent"), [(2, "2"), (1.5, "1.5"), ("soon", "soon"), ("-1", "-1")])
def test_retry_after_is_seconds_or_junk(value: float | str, sent: str) -> None:
    answer = answer_of_check(Respond(429, retry_after=value))

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, sent)


def test_retry_after_is_a_date() -> None:
    before = time.time()
    date = parsedate_to_datetime(answer_of_check(Respond(503, retry_after_date=60)).headers["Retry-After"])

    assert before + 59 <= date.timestamp() <= time.time() + 60


def test_a_redirect_of_the_login() -> None:
    with struck(Fault("login", Respond(307, location="http://127.0.0.1:1/elsewhere"), nth=2)) as (_, client):
        answer = client.login()

    assert (answer.status_code, answer.headers["Location"]) == (307, "http://127.0.0.1:1/elsewhere")


def test_what_is_not_processed_has_no_effect_and_what_is_processed_has() -> None:
    with struck(Fault("start", Respond(503)), Fault("start", Respond(504, processed=True), nth=2)) as (sandbox, client):
        statuses = [client.get("derived_table/sales/orders/start").status_code for _ in range(2)]

        assert statuses == [503, 504]
        assert sandbox.starts == {("sales", "orders"): 1}
        assert [(one.status, one.id, one.fault) for one in sandbox.requests[1:]] == [
            (503, None, "respond"),
            (504, "build-1", "respond"),
        ]


# -- alter -------------------------------------------------------------------------------------------------------------


def test_an_ok_with_html_or_nothing_or_a_literal() -> None:
    page = answer_of_check(Alter(body="html"))
    assert (page.status_code, page.headers["Content-Type"].split(";")[0]) == (200, "text/html")
    nothing = answer_of_check(Alter(body="empty"))
    assert (nothing.status_code, nothing.content) == (200, b"")
    assert answer_of_check(Alter(text="{}")).json() == {}


def test_an_ok_that_is_half_of_its_json() -> None:
    answer = answer_of_check(Alter(body="truncated"))

    assert answer.text.startswith('{"materialization_id"')
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_an_ok_that_is_cut_off() -> None:
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        answer_of_check(Alter(body="cut"))


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        (Alter(materialization_id=""), ""),
        (Alter(materialization_id=7), 7),
        (Alter(null=("materialization_id",)), None),
    ],
)
def test_a_start_without_a_proper_id(action: Alter, wanted: object) -> None:
    with struck(Fault("start", action)) as (sandbox, client):
        body = client.get("derived_table/sales/orders/start").json()

        assert body == {"materialization_id": wanted, "resp_text": '{"status":"added"}'}
        assert sandbox.starts == {("sales", "orders"): 1}


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        (Alter(null=("resp_text",)), None),
        (Alter(resp_text="{'status': 'running'}"), "{'status': 'running'}"),
        (Alter(resp_text={"status": "running"}), {"status": "running"}),
        (Alter(word="expired"), '{"status":"expired"}'),
        (Alter(upper_case=True), '{"status":"ADDED"}'),
    ],
)
def test_a_check_without_a_proper_resp_text(action: Alter, wanted: object) -> None:
    assert answer_of_check(action).json() == {"materialization_id": "build-1", "resp_text": wanted}


def test_a_login_may_say_another_time_than_the_token_is_good_for() -> None:
    with struck(Fault("login", Alter(expires_in=5), nth="all")) as (_, client):
        assert client.login().json()["expires_in"] == 5
        assert client.get("versions").status_code == 200


def test_an_answer_that_is_no_ok_is_not_altered() -> None:
    with struck(Fault("check", Alter(body="html"))) as (_, client):
        assert client.check("nothing").status_code == 404


# -- sockets -----------------------------------------------------------------------------------------------------------


def test_a_reset_has_no_effect() -> None:
    with struck(Fault("start", Reset())) as (sandbox, client):
        with pytest.raises(requests.exceptions.ConnectionError) as error:
            client.get("derived_table/sales/orders/start")

        assert "Connection reset" in str(error.value)
        assert sandbox.starts == {}
        assert (sandbox.requests[-1].status, sandbox.requests[-1].fault) == (None, "reset")
        assert client.start("sales/orders") == "build-1"


def test_a_drop_has_its_effect_and_no_answer() -> None:
    with struck(Fault("start", Drop())) as (sandbox, client):
        with pytest.raises(requests.exceptions.ConnectionError) as error:
            client.get("derived_table/sales/orders/start")

        assert "without response" in str(error.value)
        assert sandbox.starts == {("sales", "orders"): 1}
        assert (sandbox.requests[-1].status, sandbox.requests[-1].id) == (None, "build-1")


@pytest.mark.parametrize("processed", [False, True])
def test_a_read_may_time_out(processed: bool) -> None:
    with struck(Fault("start", Hang(60, processed=processed))) as (sandbox, client):
        with pytest.raises(requests.exceptions.ReadTimeout):
            client.get("derived_table/sales/orders/start", timeout=0.2)

        assert sandbox.starts == ({("sales", "orders"): 1} if processed else {})


def test_what_hangs_is_answered_late_if_it_was_processed() -> None:
    with struck(Fault("start", Hang(0.1, processed=True)), Fault("start", Hang(0.1), nth=2)) as (_, client):
        assert client.start("sales/orders") == "build-1"
        with pytest.raises(requests.exceptions.ConnectionError):
            client.get("derived_table/sales/orders/start")


def test_closing_does_not_wait_for_what_hangs() -> None:
    started = time.monotonic()
    with struck(Fault("check", Hang(60))) as (_, client), pytest.raises(requests.exceptions.ReadTimeout):
        client.get("derived_table/x/status", timeout=0.1)

    assert time.monotonic() - started < 30


def test_an_answer_may_drip() -> None:
    with struck(Fault("check", Drip(0.002))) as (_, client):
        identity = client.start("sales/orders")
        started = time.monotonic()
        answer = client.check(identity)

        assert answer.json() == {"materialization_id": "build-1", "resp_text": '{"status":"added"}'}
        assert time.monotonic() - started >= 0.002 * len(answer.content)


# -- who may ask -------------------------------------------------------------------------------------------------------


def test_revoked_tokens_are_good_for_nothing_until_the_next_login() -> None:
    with struck(Fault("check", Revoke(), nth=2)) as (_, client):
        identity = client.start("sales/orders")
        statuses = [client.check(identity).status_code for _ in range(3)]
        client.session.headers["Authorization"] = f"Bearer {client.login().json()['access_token']}"

        assert statuses == [200, 401, 401]
        assert client.check(identity).status_code == 200


@pytest.mark.parametrize("status", [401, 403])
def test_a_login_may_be_refused(status: int) -> None:
    with struck(Fault("login", Respond(status), nth=2)) as (_, client):
        assert [client.login().status_code for _ in range(2)] == [status, 200]


# -- which calls -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nth", "struck_calls"), [(2, [2]), ((1, 3), [1, 3]), ("all", [1, 2, 3, 4]), ("2-3", [2, 3]), ("3-", [3, 4])]
)
def test_a_fault_strikes_the_calls_that_it_names(nth: int | tuple[int, ...] | str, struck_calls: list[int]) -> None:
    with struck(Fault("versions", Respond(500), nth=nth)) as (_, client):
        statuses = [client.get("versions").status_code for _ in range(4)]

    assert [number for number, status in enumerate(statuses, 1) if status == 500] == struck_calls


def test_a_fault_may_be_for_some_pdts_only() -> None:
    with struck(Fault("check", Respond(500), pdt="ops/*"), Fault("start", Respond(429), pdt="*/orders")) as (_, client):
        assert client.get("derived_table/sales/orders/start").status_code == 429
        builds = [client.start("sales/orders"), client.start("ops/stock")]

        assert [client.check(build).status_code for build in builds] == [200, 500]


def test_the_calls_about_each_pdt_may_be_counted_by_themselves() -> None:
    with struck(Fault("check", Respond(500), nth=2, per_pdt=True)) as (_, client):
        builds = [client.start("sales/orders"), client.start("ops/stock")] * 2

        assert [client.check(build).status_code for build in builds] == [200, 200, 500, 500]


def test_of_several_faults_the_first_strikes_and_all_count() -> None:
    faults = (Fault("versions", Respond(500), nth=1), Fault("versions", Respond(502), nth="1-2"))
    with struck(*faults) as (_, client):
        assert [client.get("versions").status_code for _ in range(3)] == [500, 502, 200]


# -- faults at random --------------------------------------------------------------------------------------------------


def test_random_faults_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    def drawn(seed: int) -> list[Action | None]:
        return [random_faults(seed, 0.3).action("check", number) for number in range(1, 1001)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert 200 < sum(action is not None for action in drawn(1)) < 400


def test_random_faults_never_make_it_unknown_whether_a_start_had_its_effect() -> None:
    found = {random_faults(3, 1.0).action("start", number) is None for number in range(1, 200)}
    statuses = {
        action.status for number in range(1, 200) if isinstance(action := random_faults(3, 1.0).action("start", number), Respond)
    }

    assert (found, statuses) == ({False}, {429})


def test_random_faults_reach_the_wire_as_the_seed_says() -> None:
    random = random_faults(7, 0.5)
    wanted = [random.action("versions", number) for number in range(1, 5)]
    stops = [random.action("stop", number) for number in range(1, 30)]
    with Sandbox(PDTS, script=Script(random=random), clock=SteppedClock()) as sandbox, Client(sandbox, logged_in=False) as client:
        for _ in stops:
            try:
                client.stop("x")
            except requests.exceptions.ConnectionError:
                continue
        names = [request.fault for request in sandbox.requests]

    assert wanted == [None] * 4
    assert names == [type(action).__name__.lower() if action is not None else None for action in stops]
    assert len(set(names)) > 2


def test_what_a_script_did_is_in_the_log() -> None:
    with struck(Fault("check", Alter(word="expired"))) as (sandbox, client):
        client.check(client.start("sales/orders"))

        assert [(one.operation, one.word, one.fault) for one in sandbox.requests] == [
            ("login", None, None),
            ("start", "added", None),
            ("check", "added", "alter"),
        ]
        assert json.loads(requests.get(f"{sandbox.url}/sandbox/state", timeout=10).text)["calls"] == {
            "login": 1,
            "start": 1,
            "check": 1,
        }
