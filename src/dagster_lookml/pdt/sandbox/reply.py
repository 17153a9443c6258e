"""Answers as bytes: those of Looker, and those that a script puts in their place."""

from __future__ import annotations

import time
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final

import msgspec
from msgspec import UNSET

from dagster_lookml.pdt.sandbox.actions import DOCUMENTATION, Alter, Respond

JSON_TYPE: Final = "application/json"
HTML_TYPE: Final = "text/html; charset=utf-8"
_PAGE: Final = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n"


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of HTTP.

    Attributes:
        status: its code.
        body: its bytes; none with 204.
        content_type: None where there is no body.
        headers: further ones.
        sent: only so many bytes of the body are sent, and then the connection closes; None for all of them.
    """

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    sent: int | None = None


def json_reply(status: int, body: object) -> Reply:
    """An answer in JSON."""
    return Reply(status=status, body=msgspec.json.encode(body), content_type=JSON_TYPE)


def error_reply(status: int, message: str) -> Reply:
    """An ``Error`` of Looker.

    >>> error_reply(404, "Not found").body
    b'{"message":"Not found","documentation_url":"https://docs.looker.com/"}'
    """
    return json_reply(status, {"message": message, "documentation_url": DOCUMENTATION})


def scripted_reply(action: Respond) -> Reply:
    """The answer that a script gives instead of ours."""
    body, content_type = _scripted_body(action)
    return Reply(
        status=action.status,
        body=body,
        content_type=action.content_type or content_type,
        headers=tuple(_scripted_headers(action)),
    )


def _scripted_body(action: Respond) -> tuple[bytes, str | None]:
    if action.text is not None:
        return action.text.encode(), JSON_TYPE
    if action.body == "html":
        return _PAGE.format(f"{action.status} {_phrase(action.status)}").encode(), HTML_TYPE
    if action.body == "empty":
        return b"", None
    if action.body == "not-utf8":
        return '{"message": "Zugriff verweigert für"}'.encode("latin-1"), JSON_TYPE
    error = {"message": action.message, "documentation_url": action.documentation_url}
    return msgspec.json.encode({key: None if key in action.null else value for key, value in error.items()}), JSON_TYPE


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


def _scripted_headers(action: Respond) -> list[tuple[str, str]]:
    headers = list(action.headers.items())
    if action.retry_after is not None:
        value = action.retry_after
        headers.append(("Retry-After", value if isinstance(value, str) else f"{value:g}"))
    if action.retry_after_date is not None:
        headers.append(("Retry-After", formatdate(time.time() + action.retry_after_date, usegmt=True)))
    if action.location is not None:
        headers.append(("Location", action.location))
    return headers


def altered_reply(action: Alter, reply: Reply) -> Reply:
    """A 200 answer with what a script changes in it."""
    if reply.status != HTTPStatus.OK:
        return reply
    if action.text is not None:
        return Reply(status=200, body=action.text.encode(), content_type=JSON_TYPE)
    if action.body == "html":
        return Reply(status=200, body=_PAGE.format("Sign in").encode(), content_type=HTML_TYPE)
    if action.body == "empty":
        return Reply(status=200, content_type=JSON_TYPE)
    body = msgspec.json.encode(_altered(action, msgspec.json.decode(reply.body)))
    half = len(body) // 2
    if action.body == "truncated":
        return Reply(status=200, body=body[:half], content_type=JSON_TYPE)
    return Reply(status=200, body=body, content_type=JSON_TYPE, sent=half if action.body == "cut" else None)


def _altered(action: Alter, body: dict[str, Any]) -> dict[str, Any]:
    if "resp_text" in body and (action.word is not None or action.upper_case):
        text = msgspec.json.decode(body["resp_text"])
        word = text["status"] if action.word is None else action.word
        body["resp_text"] = msgspec.json.encode({**text, "status": word.upper() if action.upper_case else word}).decode()
    if action.materialization_id is not UNSET:
        body["materialization_id"] = action.materialization_id
    if action.resp_text is not UNSET:
        body["resp_text"] = action.resp_text
    if action.expires_in is not None:
        body["expires_in"] = action.expires_in
    return body | dict.fromkeys(action.null)
