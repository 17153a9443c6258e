"""The few calls of the Looker API that PDT builds need: login, start, check, stop, logout, and versions on request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from dagster_lookml.errors import CallError
from dagster_lookml.pdt.looker.secrecy import Redactor
from dagster_lookml.pdt.looker.settings import LookerSettings
from dagster_lookml.pdt.request import BuildRequest, build_id

if TYPE_CHECKING:
    from looker_sdk.rtl.transport import TransportOptions
    from looker_sdk.sdk.api40.methods import Looker40SDK

    from dagster_lookml.pdt.looker.recording import Recorder
    from dagster_lookml.pdt.looker.transport import LookerTransport

_T = TypeVar("_T")


class Answer(msgspec.Struct, frozen=True):
    """What Looker says of a build.

    Attributes:
        build_id: the id that it gives it, or repeats; empty if it gives none.
        text: its detailed response, of which the API promises nothing; None if there is none.
    """

    build_id: str
    text: str | None


class LookerClient:
    """A session with a Looker instance: it logs in when it must, and once again where a token was revoked.

    For one thread at a time. Nothing is sent twice here but after a 401, which says that nothing was done (PDT-R8).

    Args:
        settings: where Looker is, and who asks.
        record: told of each call, without secrets.

    Attributes:
        repeated: calls that were sent again after a new login.
    """

    def __init__(self, settings: LookerSettings, record: Recorder | None = None) -> None:
        self.settings = settings
        self.redact = Redactor()
        self.redact.hide(settings.client_secret)
        self._record = record
        self._has_logged_in = False
        self.repeated = 0

    def __repr__(self) -> str:
        return f"LookerClient({self.settings.base_url!r})"

    def start(self, request: BuildRequest) -> Answer:
        """Ask for a build. That is a GET, and still no call to be repeated: each starts a build (PDT-R7).

        Raises:
            CallError: it failed.
        """
        options = {
            "force_rebuild": "true" if request.force_rebuild else None,
            "force_full_incremental": "true" if request.force_full_incremental else None,
            "workspace": request.workspace,
            "source": request.source or None,
        }
        seconds = 2 * self.settings.timeout
        return self._asked(
            lambda: self._sdk.start_pdt_build(
                request.pdt.model, request.pdt.view, **options, transport_options=self._within(seconds)
            )
        )

    def check(self, build: str, seconds: float | None = None) -> Answer:
        """Ask how a build is.

        Args:
            build: its id.
            seconds: that the call may take; those of the settings if None.

        Raises:
            CallError: it failed.
            BuildRequestError: this is no id.
        """
        name = build_id(build)
        return self._asked(lambda: self._sdk.check_pdt_build(name, transport_options=self._within(seconds)))

    def stop(self, build: str, source: str = "", seconds: float | None = None) -> Answer:
        """Ask to stop a build.

        Args:
            build: its id.
            source: a label of who asks.
            seconds: that the call may take; those of the settings if None.

        Raises:
            CallError: it failed.
            BuildRequestError: this is no id.
        """
        name = build_id(build)
        return self._asked(lambda: self._sdk.stop_pdt_build(name, source or None, transport_options=self._within(seconds)))

    def release(self) -> str:
        """The release of Looker, such as ``25.20.1``; empty if it does not say.

        Raises:
            CallError: the call failed.
        """
        try:
            versions = self._logged_in(lambda: self._sdk.versions(transport_options=self._within()))
        except CallError:
            raise
        except Exception as error:  # whatever the SDK makes of an answer that is none
            raise CallError("versions", "unreadable", type(error).__name__) from None
        return str(getattr(versions, "looker_release_version", None) or "")

    def close(self, seconds: float = 2.0) -> None:
        """Log out, if ever logged in, and close the connections. Nothing is raised: it is over (PDT-R17)."""
        if not self._has_logged_in:
            return
        with suppress(Exception):
            self._sdk.auth.logout(transport_options=self._within(seconds))
        self._transport.close()

    def __enter__(self) -> LookerClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _asked(self, call: Callable[[], Any]) -> Answer:
        answer = self._logged_in(call)
        identity = answer.materialization_id
        return Answer("" if identity is None else str(identity), answer.resp_text)

    def _logged_in(self, call: Callable[[], _T]) -> _T:
        """The result of a call, once again after a new login where the token was not accepted: it may have been revoked."""
        self._has_logged_in = True
        try:
            return call()
        except CallError as error:
            if error.operation == "login" or error.status != 401:
                raise
        self._forget_token()
        self.repeated += 1
        return call()

    def _forget_token(self) -> None:
        from looker_sdk.rtl.auth_token import AuthToken

        self._sdk.auth.token = AuthToken()

    def _within(self, seconds: float | None = None) -> TransportOptions:
        """Options of one call; new ones each time, for the SDK writes into them."""
        return {"timeout": self.settings.timeout if seconds is None else seconds}  # type: ignore[typeddict-item]

    @cached_property
    def _transport(self) -> LookerTransport:
        from dagster_lookml.pdt.looker.sdk import sdk_settings
        from dagster_lookml.pdt.looker.transport import LookerTransport

        return LookerTransport(sdk_settings(self.settings), self.redact, self._record)

    @cached_property
    def _sdk(self) -> Looker40SDK:
        from dagster_lookml.pdt.looker.sdk import connected

        return connected(self.settings, self._transport)
