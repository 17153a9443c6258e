"""The whole fault menu (PDT-6.4): what becomes of one build, and what was sent for it, to the call.

After each test the scene makes sure that no build was started twice, and that none is left running but where nobody knows its id.
"""

from __future__ import annotations

from time import monotonic
from typing import Any

import pytest

from dagster_lookml.pdt.building.patience import Patience
from dagster_lookml.pdt.sandbox import (
    Alter,
    BuildScript,
    Drip,
    Drop,
    Fault,
    Hang,
    Reset,
    Respond,
    Revoke,
    Sandbox,
)
from dagster_lookml.pdt.sandbox.actions import Action
from tests.pdt.answering import ONE_BUILD, Answering, answer, closed_port
from tests.pdt.simulated import SECRET, Built, Scene

BODIES = ("json", "html", "empty")
BROKEN = (500, 502, 503, 504)
TOO_MANY: dict[str, tuple[Action, int, int]] = {
    "no Retry-After": (Respond(429), 2, 2),
    "seconds": (Respond(429, retry_after=7), 7, 7),
    "a date": (Respond(429, retry_after_date=30), 28, 30),
    "junk": (Respond(429, retry_after="soon"), 2, 2),
    "more than is waited": (Respond(429, retry_after=86400), 60, 60),
    "below zero": (Respond(429, retry_after=-5), 2, 2),
}
"""With the seconds that are waited, at least and at most."""
ERROR_PAGES = [
    pytest.param(Respond(status, body=body), id=f"{status} {body}")  # type: ignore[arg-type]
    for status in BROKEN
    for body in BODIES
]
BAD_BODIES: dict[str, Action] = {
    "html": Alter(body="html"),
    "empty": Alter(body="empty"),
    "truncated": Alter(body="truncated"),
    "cut": Alter(body="cut"),
    "a list": Alter(text="[]"),
    "null": Alter(text="null"),
    "a text": Alter(text='"complete"'),
    "deep": Alter(text="[" * 100_000),
    "deep inside": Alter(text='{"x":' + "[" * 990 + "]" * 990 + "}"),
    "megabytes": Alter(text='{"materialization_id":"build-1","resp_text":"' + "x" * 3_000_000 + '"}'),
    "not utf-8": Respond(200, body="not-utf8"),
}
NOT_UNDERSTOOD: dict[str, Action] = {
    "null": Alter(null=("resp_text",)),
    "not JSON": Alter(resp_text="it is complete"),
    "a Python repr": Alter(resp_text="{'status': 'complete', 'message': None}"),
    "no status": Alter(resp_text='{"state": "complete"}'),
    "status is no text": Alter(resp_text='{"status": true}'),
    "a list": Alter(resp_text='["complete"]'),
    "an unknown word": Alter(word="expired"),
    "the word unknown": Alter(word="unknown"),
    "deep": Alter(resp_text="[" * 100_000),
    "half a pair": Alter(text='{"materialization_id":"build-1","resp_text":"{\\"status\\": \\"\\\\ud800\\"}"}'),
}
QUICK = Patience(jitter=0.0, stop_call_seconds=0.3)


def outcome(built: Built, sandbox: Sandbox) -> str:
    """What became of the only build, and the calls that it took: of starts those that came, and those that were carried out."""
    one, calls = built.result, sandbox.calls
    end = f"{one.state} {one.failure or '-'} exit={built.code} stopped={one.stopped}"
    starts = f"{calls['start']}/{sandbox.starts.total()}"
    return f"{end} login={calls['login']} start={starts} check={calls['check']} stop={calls['stop']}"


def built_with(scene: Scene, *faults: Fault, builds: tuple[BuildScript, ...] = (), **options: Any) -> tuple[str, Built]:
    """The outcome with some faults."""
    sandbox = scene.sandbox(faults=faults, builds=builds)
    built = scene.build(sandbox, **options)
    return outcome(built, sandbox), built


FINE = "SUCCEEDED - exit=0 stopped=None login=1 start=1/1 check=3 stop=0"
ONE_MORE = "SUCCEEDED - exit=0 stopped=None login=1 start=1/1 check=4 stop=0"
AMBIGUOUS = "START_AMBIGUOUS {} exit=4 stopped=None login=1 start=1/{} check=0 stop=0"


def test_without_faults_a_build_takes_one_login_one_start_and_three_looks(scene: Scene) -> None:
    said, built = built_with(scene)

    assert said == FINE
    assert built.result.starts == 1
    assert [one.kind for one in built.events] == ["starting", "started", "state", "ended"]


# -- HTTP --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", TOO_MANY)
def test_too_many_requests_on_a_check_are_waited_out(scene: Scene, what: str) -> None:
    action, least, most = TOO_MANY[what]
    said, built = built_with(scene, Fault("check", action, nth=2))

    assert said.startswith("SUCCEEDED - exit=0 stopped=None login=1 start=1/1")
    assert built.result.retries == 1
    (retry,) = (one for one in built.events if one.kind == "retry")
    waited = float(retry.message.rpartition("again in ")[2].removesuffix(" s"))
    assert least <= waited <= most


@pytest.mark.parametrize("what", TOO_MANY)
def test_too_many_requests_on_a_start_are_the_one_status_after_which_it_is_sent_again(scene: Scene, what: str) -> None:
    action, least, most = TOO_MANY[what]
    said, built = built_with(scene, Fault("start", action))

    assert said == "SUCCEEDED - exit=0 stopped=None login=1 start=2/1 check=3 stop=0"
    assert built.result.starts == 2
    assert least + 5 <= built.result.duration_s <= most + 5


@pytest.mark.parametrize("what", TOO_MANY)
def test_too_many_requests_on_a_login_are_waited_out(scene: Scene, what: str) -> None:
    action, least, most = TOO_MANY[what]
    said, built = built_with(scene, Fault("login", action))

    assert said == "SUCCEEDED - exit=0 stopped=None login=2 start=1/1 check=3 stop=0"
    assert built.result.starts == 1
    assert least + 5 <= built.result.duration_s <= most + 5


@pytest.mark.parametrize("what", TOO_MANY)
def test_too_many_requests_on_a_stop_do_not_keep_it_from_being_sent_again(scene: Scene, what: str) -> None:
    slow = BuildScript(seconds=1000)
    patience = Patience(jitter=0.0, build_timeout=10)
    said, built = built_with(scene, Fault("stop", TOO_MANY[what][0]), builds=(slow,), patience=patience)

    assert said == "TIMED_OUT - exit=5 stopped=True login=1 start=1/1 check=4 stop=2"
    assert built.result.duration_s <= 12  # whatever the server asks for, a stop does not wait longer than two seconds


@pytest.mark.parametrize("action", ERROR_PAGES)
def test_one_broken_answer_to_a_check_harms_nothing(scene: Scene, action: Respond) -> None:
    assert built_with(scene, Fault("check", action, nth=2))[0] == ONE_MORE


@pytest.mark.parametrize("action", ERROR_PAGES)
def test_one_broken_answer_to_a_login_harms_nothing(scene: Scene, action: Respond) -> None:
    said, built = built_with(scene, Fault("login", action))

    assert said == "SUCCEEDED - exit=0 stopped=None login=2 start=1/1 check=3 stop=0"
    assert built.result.starts == 1


@pytest.mark.parametrize("action", ERROR_PAGES)
def test_one_broken_answer_to_a_stop_harms_nothing(scene: Scene, action: Respond) -> None:
    patience = Patience(jitter=0.0, build_timeout=10)
    said, _ = built_with(scene, Fault("stop", action), builds=(BuildScript(seconds=1000),), patience=patience)

    assert said == "TIMED_OUT - exit=5 stopped=True login=1 start=1/1 check=4 stop=2"


@pytest.mark.parametrize("action", ERROR_PAGES)
def test_a_broken_answer_to_a_start_is_never_followed_by_another_start(scene: Scene, action: Respond) -> None:
    said, built = built_with(scene, Fault("start", action))

    if (action.status, action.body) == (500, "json"):  # Looker's own words, so that it has not started
        assert said == "START_FAILED status exit=1 stopped=None login=1 start=1/0 check=0 stop=0"
    else:
        assert said == AMBIGUOUS.format("status" if action.body == "json" else "unreadable", 0)
        assert "may be running" in built.result.message
    assert built.result.status == action.status


@pytest.mark.parametrize("body", BODIES)
def test_a_broken_answer_may_hide_a_build_that_runs(scene: Scene, body: Any) -> None:
    scene.may_go_on = True
    said, _ = built_with(scene, Fault("start", Respond(502, body=body, processed=True)))

    assert said == AMBIGUOUS.format("status" if body == "json" else "unreadable", 1)


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_start_that_is_refused_is_sent_once(scene: Scene, status: int) -> None:
    said, built = built_with(scene, Fault("start", Respond(status, message="no such view")))

    assert said == "START_FAILED status exit=1 stopped=None login=1 start=1/0 check=0 stop=0"
    hint = " (Looker has no such model or view in this workspace, or does not show it to this user)" if status == 404 else ""
    assert built.result.message == f"start: HTTP {status}: no such view{hint}"


def test_a_check_that_is_refused_ends_the_watching_and_stops_the_build(scene: Scene) -> None:
    said, _ = built_with(scene, Fault("check", Respond(400), nth=2))

    assert said == "LOST status exit=1 stopped=True login=1 start=1/1 check=2 stop=1"


def test_status_503_is_followed_by_another_start_only_where_that_was_asked_for(scene: Scene) -> None:
    patience = Patience(jitter=0.0, retry_503=True)
    said, built = built_with(scene, Fault("start", Respond(503, body="empty")), patience=patience)

    assert said == "SUCCEEDED - exit=0 stopped=None login=1 start=2/1 check=3 stop=0"
    assert built.result.starts == 2


@pytest.mark.parametrize("operation", ["check", "login", "start"])
def test_what_never_passes_ends_after_ten_calls(scene: Scene, operation: Any) -> None:
    said, built = built_with(scene, Fault(operation, Respond(429), nth="all"), builds=(BuildScript(seconds=1000),))

    assert (
        said
        == {
            "check": "UNREACHABLE status exit=4 stopped=True login=1 start=1/1 check=10 stop=1",
            "login": "START_FAILED status exit=4 stopped=None login=10 start=0/0 check=0 stop=0",
            "start": "START_FAILED status exit=4 stopped=None login=1 start=10/0 check=0 stop=0",
        }[operation]
    )
    assert built.result.starts == {"check": 1, "login": 0, "start": 10}[operation]
    assert built.result.duration_s < 300


def test_what_never_passes_ends_after_five_minutes_where_a_server_asks_to_wait(scene: Scene) -> None:
    said, built = built_with(scene, Fault("start", Respond(429, retry_after=60), nth="all"))

    assert said == "START_FAILED status exit=4 stopped=None login=1 start=6/0 check=0 stop=0"
    assert built.result.duration_s == 300


def test_failures_count_only_in_a_row(scene: Scene) -> None:
    faults = (Fault("check", Respond(502), nth="2-9"), Fault("check", Respond(502), nth="11-18"))
    said, built = built_with(scene, *faults, builds=(BuildScript(seconds=400),))

    assert said.startswith("SUCCEEDED - exit=0 stopped=None login=1 start=1/1")
    assert built.result.retries == 16


# -- authentication ----------------------------------------------------------------------------------------------------


def test_a_revoked_token_costs_one_login_and_the_same_call_once_more(scene: Scene) -> None:
    assert built_with(scene, Fault("check", Revoke(), nth=2))[0] == (
        "SUCCEEDED - exit=0 stopped=None login=2 start=1/1 check=4 stop=0"
    )


def test_a_token_that_is_revoked_before_each_call_costs_a_login_each(scene: Scene) -> None:
    assert built_with(scene, Fault("check", Revoke(), nth=(1, 3, 5)))[0] == (
        "SUCCEEDED - exit=0 stopped=None login=4 start=1/1 check=6 stop=0"
    )


def test_status_401_for_ever_ends_after_one_login(scene: Scene) -> None:
    said, built = built_with(scene, Fault("check", Respond(401, message="Requires authentication."), nth="2-"))

    assert said == "LOST credentials exit=3 stopped=True login=2 start=1/1 check=3 stop=1"
    assert "Requires authentication." in built.result.message


def test_status_401_on_everything_tells_how_to_stop_the_build(scene: Scene) -> None:
    scene.may_go_on = True
    said, built = built_with(scene, Fault("check", Respond(401), nth="all"), Fault("stop", Respond(401), nth="all"))

    assert said == "LOST credentials exit=3 stopped=False login=4 start=1/1 check=4 stop=2"
    assert "dagster-lookml pdt stop build-1" in built.result.message


def test_a_start_that_needs_a_new_login_has_started_nothing_and_is_sent_again(scene: Scene) -> None:
    said, built = built_with(scene, Fault("start", Revoke()))

    assert said == "SUCCEEDED - exit=0 stopped=None login=2 start=2/1 check=3 stop=0"
    assert built.result.starts == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_start_that_is_not_permitted_ends_with_exit_code_3(scene: Scene, status: int) -> None:
    said, _ = built_with(scene, Fault("start", Respond(status), nth="all"))

    sent, logins = (2, 2) if status == 401 else (1, 1)
    assert said == f"START_FAILED credentials exit=3 stopped=None login={logins} start={sent}/0 check=0 stop=0"


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_login_that_is_refused_is_tried_once(scene: Scene, status: int, body: Any) -> None:
    said, built = built_with(scene, Fault("login", Respond(status, body=body), nth="all"))

    assert said == "START_FAILED credentials exit=3 stopped=None login=1 start=0/0 check=0 stop=0"
    assert (built.result.starts, built.result.started_at) == (0, None)


def test_tokens_that_run_out_at_once_cost_a_login_before_each_call(scene: Scene) -> None:
    assert built_with(scene, Fault("login", Alter(expires_in=5), nth="all"))[0] == (
        "SUCCEEDED - exit=0 stopped=None login=4 start=1/1 check=3 stop=0"
    )


def test_credentials_that_are_refused_in_the_middle_of_a_build_are_asked_for_once_more_for_the_stop(scene: Scene) -> None:
    scene.may_go_on = True
    faults = (Fault("login", Alter(expires_in=5)), Fault("login", Respond(404), nth="2-"))
    said, built = built_with(scene, *faults)

    assert said == "LOST credentials exit=3 stopped=False login=4 start=1/1 check=0 stop=0"
    assert "pdt stop build-1" in built.result.message


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "null",
        "<html>sign in</html>",
        '{"access_token": null}',
        '{"access_token": ""}',
        '{"access_token": 7}',
        '{"access_token": "t", "expires_in": "soon"}',
        '{"access_token": "t", "expires_in": 1000000000000000}',
        '{"access_token": "t", "expires_in": [3600]}',
        '{"access_token": "to\\nken"}',
        '{"access_token": "tök€n"}',
    ],
)
def test_a_login_without_a_token_is_a_bad_answer_and_not_a_session(scene: Scene, text: str) -> None:
    said, _ = built_with(scene, Fault("login", Alter(text=text)))

    assert said == "SUCCEEDED - exit=0 stopped=None login=2 start=1/1 check=3 stop=0"


@pytest.mark.parametrize("more", ['"expires_in": null', '"expires_in": 3600, "token_type": null', '"expires_in": 3600.0'])
def test_what_else_a_login_says_is_not_needed(scene: Scene, more: str) -> None:
    login = answer(f'{{"access_token": "0123456789", {more}}}')
    logins = [login] if "null" in more and "3600" not in more else []  # what says nothing of its end may end at any time
    with Answering([login, ONE_BUILD[1], *logins, *ONE_BUILD[2:]]) as server:
        built = scene.build(server.url)

    assert built.states == {"sales/orders": "SUCCEEDED"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_login_sends_the_secret_nowhere(scene: Scene, status: int) -> None:
    with Answering(ONE_BUILD) as elsewhere:
        said, built = built_with(scene, Fault("login", Respond(status, location=f"{elsewhere.url}/api/4.0/login"), nth="all"))

        assert elsewhere.received == b""
    assert said == "START_FAILED status exit=4 stopped=None login=1 start=0/0 check=0 stop=0"
    assert "is the base URL right?" in built.result.message


@pytest.mark.parametrize("operation", ["start", "check"])
def test_a_redirected_call_is_not_followed(scene: Scene, operation: Any) -> None:
    with Answering(ONE_BUILD) as elsewhere:
        said, _ = built_with(scene, Fault(operation, Respond(302, location=elsewhere.url), nth="all"))

        assert elsewhere.received == b""
    assert (
        said
        == {
            "start": "START_FAILED status exit=1 stopped=None login=1 start=1/0 check=0 stop=0",
            "check": "LOST status exit=1 stopped=True login=1 start=1/1 check=1 stop=1",
        }[operation]
    )


# -- ids ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2])
def test_an_id_may_be_unknown_at_first(scene: Scene, times: int) -> None:
    said, _ = built_with(scene, Fault("check", Respond(404), nth=f"1-{times}"))

    assert said.startswith("SUCCEEDED - exit=0 stopped=None login=1 start=1/1")


def test_an_id_that_stays_unknown_is_lost(scene: Scene) -> None:
    said, _ = built_with(scene, Fault("check", Respond(404), nth="all"), builds=(BuildScript(seconds=1000),))

    assert said == "LOST status exit=1 stopped=True login=1 start=1/1 check=3 stop=1"


def test_an_id_that_was_known_and_is_no_more_is_lost_at_once(scene: Scene) -> None:
    said, _ = built_with(scene, Fault("check", Respond(404), nth=2))

    assert said == "LOST status exit=1 stopped=True login=1 start=1/1 check=2 stop=1"


@pytest.mark.parametrize("host", ["docs.looker.com", "cloud.google.com/looker/docs"])
def test_an_error_that_points_to_a_document_fetches_none(scene: Scene, host: str) -> None:
    url = f"https://{host}/r/err/4.0/404/get/derived_table/start"
    said, built = built_with(scene, Fault("start", Respond(404, message="Not found", documentation_url=url), nth="all"))

    assert said == "START_FAILED status exit=1 stopped=None login=1 start=1/0 check=0 stop=0"
    said = "start: HTTP 404: Not found (Looker has no such model or view"
    assert built.result.message.startswith(said)  # and the guard of connections saw none


def test_an_error_of_nulls_is_an_error(scene: Scene) -> None:
    said, built = built_with(scene, Fault("start", Respond(400, null=("message", "documentation_url"))))

    assert said == "START_FAILED status exit=1 stopped=None login=1 start=1/0 check=0 stop=0"
    assert "HTTP 400" in built.result.message


@pytest.mark.parametrize(
    "action",
    [
        Alter(null=("materialization_id",)),
        Alter(materialization_id=""),
        Alter(materialization_id=".."),
        Alter(materialization_id="a/b"),
        Alter(materialization_id="%2e"),
        Alter(text="{}"),
    ],
    ids=["null", "empty", "dots", "slash", "percent", "none"],
)
def test_a_start_without_an_id_that_can_be_asked_about_is_ambiguous(scene: Scene, action: Alter) -> None:
    scene.may_go_on = True
    said, built = built_with(scene, Fault("start", action))

    assert said == AMBIGUOUS.format("-", 1)
    assert "gave no id" in built.result.message


def test_an_id_that_is_a_number_is_an_id(scene: Scene) -> None:
    built_with(scene, Fault("start", Alter(materialization_id=7)))

    assert {one.path for one in scene.exchanges if one.operation == "check"} == {"/api/4.0/derived_table/7/status"}


@pytest.mark.parametrize("action", [Alter(null=("materialization_id",)), Alter(materialization_id="another")])
def test_the_id_that_a_check_repeats_does_not_matter(scene: Scene, action: Alter) -> None:
    assert built_with(scene, Fault("check", action, nth="all"))[0] == FINE


# -- bodies ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", BAD_BODIES)
def test_one_bad_body_of_a_check_harms_nothing(scene: Scene, what: str) -> None:
    assert built_with(scene, Fault("check", BAD_BODIES[what], nth=2))[0] == ONE_MORE


@pytest.mark.parametrize("what", ["html", "truncated"])
def test_bad_bodies_for_ever_end_in_a_stop(scene: Scene, what: str) -> None:
    said, _ = built_with(scene, Fault("check", BAD_BODIES[what], nth="all"), builds=(BuildScript(seconds=1000),))

    assert said == "UNREACHABLE unreadable exit=4 stopped=True login=1 start=1/1 check=10 stop=1"


@pytest.mark.parametrize("what", [one for one in BAD_BODIES if one not in ("not utf-8", "deep inside", "null")])
def test_a_bad_body_of_a_start_is_ambiguous(scene: Scene, what: str) -> None:
    scene.may_go_on = True
    said, _ = built_with(scene, Fault("start", BAD_BODIES[what]))

    assert said == AMBIGUOUS.format("unanswered" if what == "cut" else "unreadable", 1)


@pytest.mark.parametrize("what", BAD_BODIES)
def test_a_bad_body_of_a_stop_is_followed_by_another_stop(scene: Scene, what: str) -> None:
    patience = Patience(jitter=0.0, build_timeout=10)
    faults = (Fault("stop", BAD_BODIES[what]),)
    said, _ = built_with(scene, *faults, builds=(BuildScript(seconds=1000),), patience=patience)

    assert said == "TIMED_OUT - exit=5 stopped=True login=1 start=1/1 check=4 stop=2"


@pytest.mark.parametrize("depth", [100, 900, 940, 960, 970, 980, 985, 990, 995, 1000, 5000])
def test_no_depth_of_json_escapes(scene: Scene, depth: int) -> None:
    """What one reader takes may be too deep for the next."""
    text = '{"materialization_id": "build-1", "resp_text": null, "x": %s}' % ("[" * depth + "]" * depth)
    said, _ = built_with(scene, Fault("check", Alter(text=text), nth=2))

    assert said in (FINE, ONE_MORE)


@pytest.mark.parametrize("what", NOT_UNDERSTOOD)
def test_a_status_that_is_not_understood_may_pass(scene: Scene, what: str) -> None:
    assert built_with(scene, Fault("check", NOT_UNDERSTOOD[what], nth=2))[0] == FINE


@pytest.mark.slow
@pytest.mark.parametrize("what", NOT_UNDERSTOOD)
def test_a_status_that_is_never_understood_is_no_success_and_ends(scene: Scene, what: str) -> None:
    faults = (Fault("check", NOT_UNDERSTOOD[what], nth="all"), Fault("stop", NOT_UNDERSTOOD[what], nth="all"))
    said, built = built_with(scene, *faults, builds=(BuildScript(outcome="stuck"),))

    assert said.startswith("UNKNOWN - exit=1 stopped=False login=1 start=1/1")
    assert 300 <= built.result.duration_s <= 300 + 30 + 30 + 3  # the grace, a wait, the time for stopping, a wait
    assert sum(one.kind == "state" for one in built.events) <= 2


@pytest.mark.parametrize("what", NOT_UNDERSTOOD)
def test_a_start_may_say_nothing_that_is_understood(scene: Scene, what: str) -> None:
    assert built_with(scene, Fault("start", NOT_UNDERSTOOD[what]))[0] == FINE


def test_a_start_whose_text_is_an_object_has_an_id_all_the_same(scene: Scene) -> None:
    assert built_with(scene, Fault("start", Alter(resp_text={"status": "added"})))[0] == FINE


def test_a_check_whose_text_is_an_object_is_a_bad_answer(scene: Scene) -> None:
    assert built_with(scene, Fault("check", Alter(resp_text={"status": "complete"}), nth=2))[0] == ONE_MORE
    said, _ = built_with(
        scene, Fault("check", Alter(resp_text={"status": "complete"}), nth="all"), builds=(BuildScript(seconds=1000),)
    )
    assert said == "UNREACHABLE unreadable exit=4 stopped=True login=1 start=1/1 check=10 stop=1"


def test_the_words_of_a_status_may_be_in_capitals(scene: Scene) -> None:
    said, built = built_with(scene, Fault("check", Alter(upper_case=True), nth="all"))

    assert said == FINE
    assert built.result.raw_status == "COMPLETE"


def test_a_message_that_is_an_object_is_shown_as_it_is(scene: Scene) -> None:
    text = '{"status": "error", "message": {"code": 7}}'
    scene.may_go_on = True  # only the answer says that it failed
    said, built = built_with(scene, Fault("check", Alter(resp_text=text), nth=2))

    assert said == "FAILED - exit=1 stopped=None login=1 start=1/1 check=2 stop=0"
    assert built.result.message == '{"code":7}'


# -- sockets -----------------------------------------------------------------------------------------------------------


def test_where_nobody_listens_no_start_was_sent_and_it_ends(scene: Scene) -> None:
    built = scene.build(f"http://127.0.0.1:{closed_port()}")

    one = built.result
    assert (one.state, one.failure, built.code, one.starts, one.started_at) == ("START_FAILED", "unsent", 4, 0, None)
    assert one.retries == 9
    assert one.duration_s < 300
    assert "refused" in one.message


def test_a_name_that_no_host_has_is_not_reached(scene: Scene) -> None:
    built = scene.build("http://no-such-host.invalid:19999")

    one = built.result
    assert (one.state, one.failure, built.code, one.starts) == ("START_FAILED", "unsent", 4, 0)


@pytest.mark.parametrize(
    ("action", "failure"),
    [
        pytest.param(Reset(), "unanswered", id="reset"),
        pytest.param(Drop(), "unanswered", id="drop"),
        pytest.param(Hang(5), "unanswered", id="hang"),
        pytest.param(Hang(5, processed=True), "unanswered", id="hang, processed"),
        pytest.param(Drip(0.05), "unanswered", id="drip"),
    ],
)
@pytest.mark.parametrize("operation", ["login", "start", "check", "stop"])
def test_what_sockets_do(scene: Scene, operation: Any, action: Action, failure: str) -> None:
    patience = Patience(jitter=0.0, build_timeout=10, stop_call_seconds=0.2)
    seconds = 1000 if operation == "stop" else 5
    is_started = operation == "start" and not isinstance(action, Reset) and action != Hang(5)
    scene.may_go_on = is_started
    said, built = built_with(
        scene, Fault(operation, action, nth=2 if operation == "check" else 1), builds=(BuildScript(seconds=seconds),),
        patience=patience, timeout=0.2,
    )  # fmt: skip

    assert (
        said
        == {
            "login": "SUCCEEDED - exit=0 stopped=None login=2 start=1/1 check=3 stop=0",
            "start": AMBIGUOUS.format(failure, int(is_started)),
            "check": ONE_MORE,
            "stop": "TIMED_OUT - exit=5 stopped=True login=1 start=1/1 check=4 stop=2",
        }[operation]
    )
    assert built.result.starts == 1


def test_a_body_that_drips_is_cut_off_at_the_deadline(scene: Scene) -> None:
    """The headers come at once: no single read takes long, and the call all the same does not last."""
    whole = answer('{"materialization_id": "7", "resp_text": "{\\"status\\": \\"running\\"}"}')
    with Answering([*ONE_BUILD[:2], whole, *ONE_BUILD[2:]], drips={2: 0.05}) as server:
        begun = monotonic()
        built = scene.build(server.url, timeout=0.3)

        assert monotonic() - begun < 0.05 * len(whole) / 2
        assert built.states == {"sales/orders": "SUCCEEDED"}
        assert built.result.retries == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\x00",
        b"HTTP/1.1 banana\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ],
    ids=["nothing", "noise", "status", "two lengths", "length", "chunks", "gzip", "headers", "header", "204"],
)
def test_what_is_hardly_http_is_a_bad_answer(scene: Scene, raw: bytes) -> None:
    with Answering([*ONE_BUILD[:2], raw, *ONE_BUILD[2:]]) as server:
        built = scene.build(server.url, timeout=1.0)
    assert built.states == {"sales/orders": "SUCCEEDED"}
    assert built.result.retries in (1, 2)  # the second where the connection seemed whole, and was closed

    with Answering([ONE_BUILD[0], raw]) as server:
        built = scene.build(server.url, timeout=0.5)
    assert (built.states, built.code, built.result.starts) == ({"sales/orders": "START_AMBIGUOUS"}, 4, 1)


def test_an_unanswered_start_is_sent_again_only_where_that_was_asked_for(scene: Scene) -> None:
    scene.may_start_twice = True
    patience = Patience(jitter=0.0, retry_ambiguous_start=True)
    said, built = built_with(scene, Fault("start", Drop()), patience=patience)

    assert said == "SUCCEEDED - exit=0 stopped=None login=1 start=2/2 check=3 stop=0"
    assert built.result.starts == 2


def test_a_start_that_is_never_answered_stays_ambiguous_however_often_it_is_sent(scene: Scene) -> None:
    scene.may_start_twice = scene.may_go_on = True
    patience = Patience(jitter=0.0, retry_ambiguous_start=True)
    said, built = built_with(scene, Fault("start", Drop(), nth="all"), patience=patience)

    assert said == "START_AMBIGUOUS unanswered exit=4 stopped=None login=1 start=10/10 check=0 stop=0"
    assert built.result.starts == 10


def test_a_start_that_is_sent_again_and_refused_leaves_the_first_one_ambiguous(scene: Scene) -> None:
    scene.may_go_on = True
    patience = Patience(jitter=0.0, retry_ambiguous_start=True)
    faults = (Fault("start", Drop()), Fault("start", Respond(404), nth=2))
    said, built = built_with(scene, *faults, patience=patience)

    assert said == "START_AMBIGUOUS status exit=4 stopped=None login=1 start=2/1 check=0 stop=0"
    assert "a build may be running" in built.result.message


def test_a_build_that_cannot_be_started_in_its_time_is_not_started(scene: Scene) -> None:
    patience = Patience(jitter=0.0, build_timeout=5)
    said, built = built_with(scene, Fault("start", Respond(429, retry_after=4), nth="1-2"), patience=patience)

    assert said == "TIMED_OUT - exit=5 stopped=None login=1 start=2/0 check=0 stop=0"
    assert built.result.message == "it took longer than 5 s before it was started"


@pytest.mark.parametrize("body", ["html", "json"])
def test_a_start_that_took_a_proxy_too_long_is_ambiguous(scene: Scene, body: Any) -> None:
    said, _ = built_with(scene, Fault("start", Respond(408, body=body)))

    assert said.startswith("START_AMBIGUOUS ")


def test_what_failed_before_and_passed_decided_nothing(scene: Scene) -> None:
    scene.may_go_on = True
    faults = (Fault("start", Respond(429)), Fault("start", Alter(null=("materialization_id",)), nth=2))
    said, _ = built_with(scene, *faults)

    assert said.startswith("START_AMBIGUOUS - exit=4")


# -- builds ------------------------------------------------------------------------------------------------------------


def test_a_slow_build_is_watched_to_its_end(scene: Scene) -> None:
    said, built = built_with(scene, builds=(BuildScript(seconds=6 * 3600),), patience=Patience(jitter=0.0, build_timeout=None))

    assert said == f"SUCCEEDED - exit=0 stopped=None login=7 start=1/1 check={built.result.polls + 6} stop=0"  # a token an hour
    assert 6 * 3600 <= built.result.duration_s <= 6 * 3600 + 30
    assert built.result.polls <= 6 * 3600 / 30 + 10


def test_a_build_that_fails_says_why(scene: Scene) -> None:
    said, built = built_with(scene, builds=(BuildScript(outcome="error", message="no schema looker_scratch"),))

    assert said == "FAILED - exit=1 stopped=None login=1 start=1/1 check=3 stop=0"
    assert (built.result.message, built.result.raw_status) == ("no schema looker_scratch", "error")


def test_a_build_that_somebody_else_kills_is_cancelled(scene: Scene) -> None:
    said, built = built_with(scene, builds=(BuildScript(outcome="killed"),))

    assert said == "CANCELLED - exit=1 stopped=None login=1 start=1/1 check=3 stop=0"
    assert built.result.message == "it was killed, and not from here"


def test_a_build_that_takes_too_long_is_stopped(scene: Scene) -> None:
    said, built = built_with(scene, builds=(BuildScript(seconds=1000),), patience=Patience(jitter=0.0, build_timeout=60))

    assert said == "TIMED_OUT - exit=5 stopped=True login=1 start=1/1 check=7 stop=1"
    assert (built.result.duration_s, built.result.message) == (60, "it took longer than 60 s")


def test_a_build_that_fails_while_it_is_stopped_says_both_why_it_failed_and_why_it_was_stopped(scene: Scene) -> None:
    sandbox = scene.sandbox(builds=(BuildScript(seconds=12, outcome="error", message="disk full", stop_latency=60),))
    result = scene.build(sandbox, patience=Patience(jitter=0.0, build_timeout=10)).result

    assert (result.state, result.stopped) == ("FAILED", True)
    assert result.message == "disk full; that was when it was being stopped (it took longer than 10 s)"


def test_a_build_that_is_complete_before_its_stop_is_complete(scene: Scene) -> None:
    said, built = built_with(scene, builds=(BuildScript(seconds=3.5),), patience=Patience(jitter=0.0, build_timeout=4))

    assert said == "SUCCEEDED - exit=0 stopped=None login=1 start=1/1 check=2 stop=1"
    assert "complete before it could be stopped" in built.result.message


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_stop_that_fails_is_sent_again(scene: Scene, times: int) -> None:
    patience = Patience(jitter=0.0, build_timeout=10)
    faults = (Fault("stop", Respond(500), nth=f"1-{times}"),)
    said, _ = built_with(scene, *faults, builds=(BuildScript(seconds=1000),), patience=patience)

    assert said == f"TIMED_OUT - exit=5 stopped=True login=1 start=1/1 check=4 stop={times + 1}"


def test_a_stop_that_never_succeeds_ends_in_half_a_minute_and_says_so(scene: Scene) -> None:
    scene.may_go_on = True
    patience = Patience(jitter=0.0, build_timeout=10)
    said, built = built_with(
        scene, Fault("stop", Respond(500), nth="all"), builds=(BuildScript(seconds=1000),), patience=patience
    )

    assert said == "TIMED_OUT status exit=5 stopped=False login=1 start=1/1 check=5 stop=16"
    assert built.result.duration_s == 40
    assert "not confirmed" in built.result.message


def test_a_stop_that_is_refused_is_sent_once_and_looked_after(scene: Scene) -> None:
    scene.may_go_on = True
    patience = Patience(jitter=0.0, build_timeout=10)
    said, _ = built_with(scene, Fault("stop", Respond(404), nth="all"), builds=(BuildScript(seconds=1000),), patience=patience)

    assert said == "TIMED_OUT status exit=5 stopped=False login=1 start=1/1 check=5 stop=1"


def test_a_stop_that_is_ignored_at_first_is_sent_again(scene: Scene) -> None:
    patience = Patience(jitter=0.0, build_timeout=10)
    said, _ = built_with(scene, builds=(BuildScript(seconds=1000, stops_ignored=1),), patience=patience)

    assert said == "TIMED_OUT - exit=5 stopped=True login=1 start=1/1 check=8 stop=2"


def test_a_stop_that_is_always_ignored_is_given_up_after_half_a_minute(scene: Scene) -> None:
    scene.may_go_on = True
    patience = Patience(jitter=0.0, build_timeout=10)
    said, built = built_with(scene, builds=(BuildScript(seconds=1000, stops_ignored=99),), patience=patience)

    assert said.startswith("TIMED_OUT - exit=5 stopped=False login=1 start=1/1")
    assert built.result.duration_s <= 40 + 3


def test_a_stop_may_take_its_time(scene: Scene) -> None:
    patience = Patience(jitter=0.0, build_timeout=10)
    said, _ = built_with(scene, builds=(BuildScript(seconds=1000, stop_latency=20),), patience=patience)

    assert said.startswith("TIMED_OUT - exit=5 stopped=True login=1 start=1/1")


@pytest.mark.parametrize("word", ["expired", "missing", "unknown"])
def test_a_build_that_is_stuck_in_a_strange_word_is_stopped_after_five_minutes(scene: Scene, word: str) -> None:
    said, built = built_with(scene, builds=(BuildScript(outcome="stuck", words=("running", word)),))

    assert said.startswith("UNKNOWN - exit=1 stopped=True login=1 start=1/1")
    assert 300 <= built.result.duration_s <= 340
    assert built.result.raw_status == "killed"
    assert word in built.result.message


def test_a_strange_word_that_comes_and_goes_is_no_reason_to_stop(scene: Scene) -> None:
    words = ("expired", "running") * 40
    said, _ = built_with(scene, builds=(BuildScript(seconds=2000, words=words),))

    assert said.startswith("SUCCEEDED - exit=0 stopped=None login=1 start=1/1")


def test_no_secret_is_in_what_is_told_of_any_of_it(scene: Scene) -> None:
    echo = f'{{"message": "client_secret={SECRET} is wrong, Bearer abcdefghijkl", "documentation_url": "https://u:pw@x/"}}'
    _, built = built_with(scene, Fault("start", Respond(400, text=echo, content_type="application/json")))

    assert SECRET not in built.result.message
    assert "abcdefghijkl" not in built.result.message
    assert "client_secret=***" in built.result.message
