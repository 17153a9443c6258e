"""Keeping secrets out of what is printed, logged and kept."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import category
from urllib.parse import quote, quote_plus

HIDDEN: Final = "***"

_USER_IN_URL: Final = re.compile(r"(?<=://)[^/@\s]+@")
_BEARER: Final = re.compile(r"(?i)\b(bearer|token) +[A-Za-z0-9._~+/=-]{8,}")
_FIELD: Final = re.compile(r"""(?i)(["']?(?:client_secret|access_token|refresh_token)["']?\s*[=:]\s*["']?)[^"'&\s,}]+""")
_COMMANDING: Final = ("Cc", "Cf", "Cs", "Co")
_SHORTEST: Final = 4  # what is shorter is found everywhere


class Redactor:
    """Replaces secrets in texts.

    >>> redactor = Redactor()
    >>> redactor.hide("s3cr3t")
    >>> redactor("client_secret=s3cr3t&x=1 https://user:pw@acme.looker.com said s3cr3t")
    'client_secret=***&x=1 https://***@acme.looker.com said ***'
    """

    def __init__(self) -> None:
        self._secrets: list[str] = []

    def hide(self, secret: str) -> None:
        """Hide a secret from now on, also as it stands in URLs and forms."""
        spellings = {secret, quote(secret, safe=""), quote_plus(secret)}
        new = [one for one in spellings if len(one) >= _SHORTEST and one not in self._secrets]
        self._secrets = sorted((*self._secrets, *new), key=len, reverse=True)

    def __call__(self, text: str, limit: int = 500) -> str:
        """A text without secrets, on one line, shortened.

        Args:
            text: anything.
            limit: characters that are left.
        """
        return shortened(printable(" ".join(self.hidden(text).split())), limit)

    def hidden(self, text: str) -> str:
        """A whole text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = _USER_IN_URL.sub(f"{HIDDEN}@", text)
        return _FIELD.sub(rf"\1{HIDDEN}", _BEARER.sub(rf"\1 {HIDDEN}", text))


def printable(text: str) -> str:
    r"""A text in which nothing commands a terminal: control characters, and those that turn the direction, are spelt out.

    >>> printable("\x1b]0;title\x07 done")
    '\\x1b]0;title\\x07 done'
    """
    return "".join(one if category(one) not in _COMMANDING else repr(one)[1:-1] for one in text)


def shortened(text: str, limit: int) -> str:
    """A text of so many characters at most.

    >>> shortened("enough", 10), shortened("more than that", 10)
    ('enough', 'more than…')
    """
    return text if len(text) <= limit else text[: limit - 1] + "…"
