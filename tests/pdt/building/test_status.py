"""What the text of an answer means (PDT-R1 to R3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_lookml.pdt.building.status import WORDS, BuildState, parse_status


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("added", "QUEUED"),
        ("pending", "QUEUED"),
        ("running", "RUNNING"),
        ("complete", "SUCCEEDED"),
        ("error", "FAILED"),
        ("killed", "CANCELLED"),
    ],
)
@pytest.mark.parametrize("spelled", [str, str.upper, str.title, " {} ".format])
def test_words_mean_states_however_they_are_spelled(word: str, state: str, spelled: type[str]) -> None:
    found = parse_status(f'{{"status": "{spelled(word)}"}}')

    assert (found.state, found.word) == (state, spelled(word))


@pytest.mark.parametrize(
    "word", ["unknown", "expired", "missing", "completed", "success", "done", "complete!", "", "ok", "canceled"]
)
def test_any_other_word_is_not_understood(word: str) -> None:
    assert parse_status(f'{{"status": "{word}"}}').state is None


@pytest.mark.parametrize(
    "text",
    [None, "", "complete", "null", "[]", '["complete"]', '"complete"', "{}", "{'status': 'complete'}", '{"status": null}',
     '{"status": ["complete"]}', '{"status": "complete"', '{"status": "complete"} x', '{"Status": "complete"}', '{"status": 1}',
     "[" * 100_000, '{"status": "\\ud800"}', "\ud800"],
)  # fmt: skip
def test_what_is_no_object_with_a_status_is_not_understood(text: str | None) -> None:
    found = parse_status(text)

    assert (found.state, found.text) == (None, text)


@pytest.mark.parametrize(
    ("message", "shown"),
    [('"no schema"', "no schema"), ("null", ""), ("7", "7"), ('{"code": [1]}', '{"code":[1]}'), ('"ü"', "ü"), ("true", "true")],
)
def test_messages_are_shown_as_they_are(message: str, shown: str) -> None:
    assert parse_status(f'{{"status": "error", "message": {message}}}').message == shown


@given(st.text())
def test_no_text_breaks_it_and_only_one_word_is_a_success(text: str) -> None:
    found = parse_status(text)

    assert found.state is not BuildState.SUCCEEDED or (found.word or "").strip().lower() == "complete"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_no_status_that_is_no_word_is_understood(value: object) -> None:
    import json

    found = parse_status(json.dumps({"status": value}))

    assert found.state is None or str(value).strip().lower() in WORDS


def test_only_what_waits_or_runs_has_not_ended() -> None:
    assert [one.value for one in BuildState if not one.has_ended] == ["WAITING", "QUEUED", "RUNNING"]
