"""What can go wrong with one call: the fault menu, as frozen values.

A TOML file names them by ``do``: ``{do = "respond", status = 503}``.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

DOCUMENTATION: Final = "https://docs.looker.com/"
"""Where the errors of the sandbox point; not under ``/r/err/``, as looker-sdk would look that up on a public host."""

Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Respond(msgspec.Struct, frozen=True, tag_field="do", tag="respond", forbid_unknown_fields=True):
    """Answer with a status of our choice.

    Attributes:
        status: of HTTP. It may be given by position.
        body: ``json`` is an ``Error`` of Looker, ``html`` a page of some proxy, ``not-utf8`` one that says it is JSON.
        message: of the ``Error``.
        documentation_url: of the ``Error``.
        null: the fields of the ``Error`` that are null.
        text: this body instead, as it is.
        content_type: of the body; what suits it if None.
        retry_after: the header's value: a number of seconds, or any text.
        retry_after_date: seconds from now on, which the header gives as an HTTP date.
        location: the header's value.
        headers: further ones.
        processed: the call has its effect before this answer hides it.
    """

    status: Annotated[int, msgspec.Meta(ge=200, le=599)]
    body: Literal["json", "html", "empty", "not-utf8"] = "json"
    message: str = "An error has occurred."
    documentation_url: str = DOCUMENTATION
    null: tuple[Literal["message", "documentation_url"], ...] = ()
    text: str | None = None
    content_type: str | None = None
    retry_after: float | str | None = None
    retry_after_date: float | None = None
    location: str | None = None
    headers: dict[str, str] = {}
    processed: bool = False


class Alter(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="alter", forbid_unknown_fields=True):
    """Process the call, and change its 200 answer. Answers of another status stay as they are.

    Attributes:
        body: ``html``; ``empty``; ``truncated``: the first half, said to be all; ``cut``: the first half of what was promised,
            then the connection closes.
        text: this body instead, as it is.
        materialization_id: this one instead.
        resp_text: this one instead; a table is sent as the object that it is, not as text.
        null: the fields that are null.
        word: the status inside ``resp_text``.
        upper_case: the status inside ``resp_text`` in capitals.
        expires_in: what login says; how long the token is good for stays as it is.
    """

    body: Literal["html", "empty", "truncated", "cut"] | None = None
    text: str | None = None
    materialization_id: str | int | UnsetType = UNSET
    resp_text: str | dict[str, Any] | UnsetType = UNSET
    null: tuple[Literal["materialization_id", "resp_text"], ...] = ()
    word: str | None = None
    upper_case: bool = False
    expires_in: int | None = None


class Reset(msgspec.Struct, frozen=True, tag_field="do", tag="reset", forbid_unknown_fields=True):
    """Reset the connection (RST). The call is not processed."""


class Drop(msgspec.Struct, frozen=True, tag_field="do", tag="drop", forbid_unknown_fields=True):
    """Process the call, and close the connection without an answer: a start has started, and nobody knows its id."""


class Hang(msgspec.Struct, frozen=True, tag_field="do", tag="hang", forbid_unknown_fields=True):
    """Say nothing for a while, so that the caller's read times out.

    Attributes:
        seconds: of real time, whatever the clock.
        processed: the call has its effect at once and is answered late; else it has none, and the connection closes.
    """

    seconds: Seconds
    processed: bool = False


class Drip(msgspec.Struct, frozen=True, tag_field="do", tag="drip", forbid_unknown_fields=True):
    """Process the call, and answer one byte at a time.

    Attributes:
        every: seconds of real time between two bytes.
    """

    every: Seconds = 1.0


class Revoke(msgspec.Struct, frozen=True, tag_field="do", tag="revoke", forbid_unknown_fields=True):
    """All tokens die just before this call: it gets 401, as everything does until somebody logs in again."""


Action = Respond | Alter | Reset | Drop | Hang | Drip | Revoke
