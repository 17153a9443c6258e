"""Who may ask: credentials, and the tokens that they are exchanged for."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable

import msgspec


class Credentials(msgspec.Struct, frozen=True):
    """An API key of Looker.

    >>> Credentials("id", "secret")
    Credentials('id', ...)
    """

    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"Credentials({self.client_id!r}, ...)"


class Tokens:
    """The tokens that are good.

    Args:
        clock: the time in seconds.
        seconds: that a token is good for.
        credentials: the only ones to accept; any that are not empty if None.
    """

    def __init__(self, clock: Callable[[], float], seconds: int, credentials: Credentials | None = None) -> None:
        self._clock = clock
        self.seconds = seconds
        self._credentials = credentials
        self._ends: dict[str, float] = {}

    def issue(self, client_id: str, client_secret: str) -> str | None:
        """A new token; None for credentials that are not accepted."""
        if not self._accepts(client_id, client_secret):
            return None
        self._ends = {token: end for token, end in self._ends.items() if end > self._clock()}
        token = secrets.token_urlsafe(30)
        self._ends[token] = self._clock() + self.seconds
        return token

    def _accepts(self, client_id: str, client_secret: str) -> bool:
        if self._credentials is None:
            return bool(client_id and client_secret)
        wanted = f"{self._credentials.client_id}\0{self._credentials.client_secret}"
        return hmac.compare_digest(wanted.encode(), f"{client_id}\0{client_secret}".encode())

    def is_good(self, token: str) -> bool:
        """Tell whether a token was issued, and neither ran out nor was revoked."""
        return self._ends.get(token, float("-inf")) > self._clock()

    def revoke(self, token: str) -> None:
        """Let a token be good no more."""
        self._ends.pop(token, None)

    def revoke_all(self) -> None:
        """Let no token be good any more."""
        self._ends.clear()
