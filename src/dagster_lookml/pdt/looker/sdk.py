"""Looker's SDK, wired up by hand: with our transport, and with settings that come from nowhere else.

The SDK's own settings read ``./looker.ini`` even where nobody names it, so that a stray file could turn the check of certificates
off. Only parts are used that releases 24.16 to 26 have alike (PDT-R22).
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
from looker_sdk.rtl.api_settings import PApiSettings, SettingsConfig
from looker_sdk.rtl.auth_session import AuthSession
from looker_sdk.rtl.serialize import serialize40
from looker_sdk.sdk.api40.methods import Looker40SDK

from dagster_lookml.pdt.looker.settings import LookerSettings

if TYPE_CHECKING:
    from looker_sdk.rtl.transport import Transport

_API: Final = "4.0"


class _Settings(PApiSettings):
    def __init__(self, settings: LookerSettings) -> None:
        self._settings = settings
        self.base_url = settings.base_url
        self.verify_ssl = settings.verify_ssl
        self.timeout = settings.timeout  # type: ignore[assignment]  # passed on to requests, which takes fractions
        self.agent_tag = "dagster-lookml"
        self.headers: MutableMapping[str, str] | None = None

    def read_config(self) -> SettingsConfig:
        """The credentials, which the SDK asks for at each login."""
        return {"client_id": self._settings.client_id, "client_secret": self._settings.client_secret}


def sdk_settings(settings: LookerSettings) -> PApiSettings:
    """Settings as the SDK wants them."""
    return _Settings(settings)


def connected(settings: LookerSettings, transport: Transport) -> Looker40SDK:
    """The SDK's methods on a transport. Nothing is sent yet."""
    auth = AuthSession(sdk_settings(settings), transport, _read, _API)  # type: ignore[arg-type]  # it is called by keywords
    return Looker40SDK(auth, _read, serialize40, transport, _API)  # type: ignore[arg-type]


def _read(*, data: str, structure: Any) -> Any:
    """An answer as an object of the SDK's. Its own reader, in release 26, takes longer and more memory with each call.

    What is nested stays as it is: of that nothing is used here.
    """
    answer = msgspec.json.decode(data, type=dict[str, Any])
    return structure(**{name: value for name, value in answer.items() if name in structure.__annotations__})
