"""What the bodies and headers of Looker's answers say, and whether they are what its API promises."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec

_TOKEN: Final = re.compile(r"[!-~]+")  # what may stand in a header
_LONGEST_TOKEN: Final = 10 * 365 * 86400


def seconds_to_wait(header: str | None, now: datetime | None = None) -> float | None:
    """What a ``Retry-After`` header asks for: seconds, or a date; None where it says nothing that can be understood.

    Args:
        header: its value.
        now: what a date is compared with.

    >>> seconds_to_wait("3"), seconds_to_wait("soon"), seconds_to_wait("-1"), seconds_to_wait(None)
    (3.0, None, None, None)
    >>> seconds_to_wait("Wed, 21 Oct 2026 07:28:10 GMT", datetime(2026, 10, 21, 7, 28, tzinfo=UTC))
    10.0
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) < 10 else None
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def text_of(body: bytes) -> str:
    """A body as text."""
    return body.decode("utf-8", "replace")


def message_of(body: bytes) -> str:
    """What an error's body says: its message if it is the API's, else all of it."""
    answer = json_of(body)
    message = answer.get("message") if isinstance(answer, dict) else None
    return message if isinstance(message, str) else text_of(body)


def json_of(body: bytes) -> Any:
    """The value of a JSON text; None for what is none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def what_is_wrong(operation: str, body: bytes) -> str | None:
    """Why an answer is not what the API promises; None if it is."""
    answer = json_of(body)
    if not isinstance(answer, dict):
        return "the answer is no JSON object" if body.strip() else "the answer is empty"
    if operation == "login":
        return _what_is_wrong_with_login(answer)
    identity = answer.get("materialization_id")
    if not (identity is None or (isinstance(identity, str | int) and not isinstance(identity, bool))):
        return "materialization_id is neither text nor number"
    if operation != "start" and not (answer.get("resp_text") is None or isinstance(answer["resp_text"], str)):
        return "resp_text is no text"  # of a start it does not matter: its id must not be lost
    return None


def tokens_of(body: bytes) -> list[str]:
    """The secrets in the answer to a login."""
    answer = json_of(body)
    found = [answer.get(name) for name in ("access_token", "refresh_token")] if isinstance(answer, dict) else []
    return [one for one in found if isinstance(one, str)]


def _what_is_wrong_with_login(answer: dict[str, Any]) -> str | None:
    token, seconds = answer.get("access_token"), answer.get("expires_in")
    if not (isinstance(token, str) and _TOKEN.fullmatch(token)):
        return "the answer holds no access_token"
    if not (seconds is None or (isinstance(seconds, int | float) and 0 <= seconds <= _LONGEST_TOKEN)):
        return "expires_in is no number of seconds"
    return None


def needed(operation: str, body: bytes) -> bytes:
    """Of a good answer what is used here: the SDK stumbles over the rest, or over what it expects elsewhere."""
    answer = json_of(body)
    if operation == "login":
        seconds = int(answer.get("expires_in") or 0)
        return msgspec.json.encode({"access_token": answer["access_token"], "token_type": "Bearer", "expires_in": seconds})
    text = answer.get("resp_text")
    if not (text is None or isinstance(text, str)):
        text = _as_text(text)
    return msgspec.json.encode({"materialization_id": answer.get("materialization_id"), "resp_text": text})


def _as_text(value: object) -> str | None:
    with suppress(RecursionError):
        return msgspec.json.encode(value).decode()
    return None
