"""A record of what Looker answered, word for word but for secrets.

What the API promises of builds is little, so that a record is the best way to see what an instance really says.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from dagster_lookml.errors import SettingsError

Recorder = Callable[["Exchange"], None]
"""Told what was asked and answered."""


class Exchange(msgspec.Struct, frozen=True):
    """One call as it went over the wire, without secrets.

    Attributes:
        at: when it ended, in ISO 8601.
        operation: such as ``check``.
        method: of HTTP.
        path: and query.
        status: of the response; None if there was none.
        content_type: of the response.
        retry_after: that header of the response.
        body: of the response; what went wrong if there was none.
    """

    at: str
    operation: str
    method: str
    path: str
    status: int | None
    content_type: str | None
    retry_after: str | None
    body: str


class Recording:
    """Writes each call to a file, one JSON object a line.

    Args:
        file: made new, or made longer.
        warn: told once if it cannot be written any more.

    Raises:
        SettingsError: the file cannot be written.
    """

    def __init__(self, file: Path, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._is_whole = True
        try:
            self._file = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        except OSError as error:
            raise SettingsError(str(file), f"cannot be written: {error.strerror}") from None

    def __call__(self, exchange: Exchange) -> None:
        """Write a call."""
        try:
            os.write(self._file, msgspec.json.encode(exchange) + b"\n")
        except OSError as error:
            if self._is_whole:
                self._is_whole = False
                self._warn(f"the record of answers is not whole: {error.strerror}")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
